
const clockOf = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;

function row(each, send, dark) {
  const only = make("button", { type: "button", className: "only", title: `Only ${each.name}` },
    each.light ? swatch(dark ? each.dark : each.light) : null, make("span", { textContent: each.name }));
  only.setAttribute("aria-label", `Only ${each.name}, ${each.count}`);
  only.addEventListener("click", () => send("only", { value: each.value }));
  const drop = make("button", { type: "button", className: "drop", textContent: "×", title: `Without ${each.name}` });
  drop.setAttribute("aria-label", `Without ${each.name}`);
  drop.addEventListener("click", () => send("without", { value: each.value }));
  const share = Math.round(100 * each.share), fill = make("i");
  fill.style.width = `${100 * each.share}%`;
  return make("div", { className: "row" }, only,
    make("span", { className: "number", title: `${share} % of all there are` }, each.count.toLocaleString("en"), make("small", { textContent: `  ${share || "<1"} %` })),
    drop, make("span", { className: "bar" }, fill));
}

function lane(each) {
  const most = Math.max(1, ...each.bars), bars = make("div", { className: "bars" });
  each.bars.forEach((count, k) => {
    const at = each.starts[k], fill = make("i");
    fill.style.height = `${100 * count / most}%`;
    const link = make("a", { href: `${each.watch}&t=${at}`, title: `${clockOf(at)}: ${count}`, tabIndex: -1 }, fill);
    link.setAttribute("aria-hidden", "true");
    bars.append(link);
  });
  const open = make("a", { href: each.watch, textContent: each.name, title: `Watch ${each.name}` });
  open.style.color = "inherit"; open.style.textDecoration = "none";
  return make("div", { className: "lane" },
    make("div", { className: "head" }, make("b", {}, open), make("span", { textContent: `up to ${most} at once · ${each.length}` })), bars);
}

export default function (component) {
  const { parentElement, data } = component, send = sender(component);
  const root = parentElement.querySelector(".root");
  const [r, g, b] = (getComputedStyle(root).color.match(/\d+/g) ?? [0, 0, 0]).map(Number);
  root.querySelector(".counts").replaceChildren(...data.counts.filter(([, rows]) => rows.length).map(([title, rows]) =>
    make("section", {}, make("h3", { textContent: title }), ...rows.map((each) => row(each, send, r + g + b > 384)))));
  const lanes = data.lanes.map(lane);
  if (data.more) lanes.push(make("span", { className: "quiet", textContent: `and ${data.more} more ${data.more === 1 ? "video" : "videos"}` }));
  root.querySelector(".lanes").replaceChildren(...lanes);
}
