
function cell(data, row, head, send) {
  if (!data.opens) return make("td", {}, make("span", { textContent: data.text }));
  const button = make("button", { type: "button", textContent: data.text });
  button.style.setProperty("--share", Math.sqrt(data.share));
  button.setAttribute("aria-pressed", String(data.chosen));
  button.title = `${data.text}: ${row.label}, ${head} – show the objects`;
  button.append(make("span", { className: "hidden", textContent: ` ${row.label}, ${head}: show the objects` }));
  button.addEventListener("click", () => send("open", { opens: data.chosen ? "" : data.opens }));
  return make("td", {}, button);
}

function line(row, head, send) {
  const label = make("th", { scope: "row" });
  if (row.swatch) {
    const swatch = make("span", { className: "swatch" });
    swatch.style.background = row.swatch;
    label.append(swatch);
  }
  label.append(row.label);
  if (row.note) label.append(make("span", { className: "quiet", textContent: row.note }));
  return make("tr", { className: row.last ? "last" : "" }, label, ...row.cells.map((each, k) => cell(each, row, head[k], send)));
}

export default function (component) {
  const { parentElement, data } = component, send = sender(component);
  const table = parentElement.querySelector("table");
  const focused = parentElement.querySelector("button:focus")?.title;
  table.caption.textContent = data.caption;
  table.tHead.replaceChildren(make("tr", {}, make("th", { scope: "col", textContent: data.corner }),
    ...data.head.map((name) => make("th", { scope: "col", textContent: name }))));
  table.tBodies[0].replaceChildren(...data.rows.map((row) => line(row, data.head, send)));
  if (focused) [...table.querySelectorAll("button")].find((each) => each.title === focused)?.focus();
}
