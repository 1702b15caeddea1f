
const LEAST = 0.05; // a step that leaves one of thousands is still to be seen
const height = (share) => (share > 0 ? Math.max(LEAST, Math.sqrt(share)) : 0.015);

function step(data, before, say) {
  const shape = make("span", { className: "shape" });
  shape.style.setProperty("--from", height(before));
  shape.style.setProperty("--to", height(data.share));
  const words = make("span", { className: "words" },
    make("b", { textContent: data.count.toLocaleString("en") }), make("span", { className: "label", textContent: data.label }));
  const inner = make(data.chip < 0 ? "div" : "button", {}, shape, words);
  if (data.chip >= 0) {
    inner.type = "button";
    inner.title = `Leave out “${data.label}”`;
    inner.append(make("span", { className: "hidden", textContent: `: leave out “${data.label}”` }));
    inner.addEventListener("click", () => say("drop", { chip: data.chip }));
  }
  return make("li", { className: data.count ? "step" : "step empty" }, inner);
}

function relaxed(data, more, say) {
  const button = make("button", { type: "button" }, `Without “${data.label}”: `,
    make("b", { textContent: `${data.count.toLocaleString("en")}${more ? " more" : ""}` }));
  button.addEventListener("click", () => say("drop", { chip: data.chip }));
  const line = make("div", { className: "line" }, button);
  if (data.instead.length) line.append(make("span", { className: "quiet", textContent: "they are" }));
  for (const each of data.instead) {
    const text = `${each.label} ${each.count.toLocaleString("en")}`;
    if (!each.words) { line.append(make("span", { className: "quiet", textContent: text })); continue; }
    const other = make("button", { type: "button", className: "instead", textContent: text });
    other.title = `Ask for “${each.words}” in place of “${data.label}”`;
    other.addEventListener("click", () => say("change", { chip: data.chip, words: each.words }));
    line.append(other);
  }
  return line;
}

export default function (component) {
  const { parentElement, data } = component, send = sender(component);
  const say = (kind, more) => send(kind, { of: data.of, ...more });
  const root = parentElement.querySelector(".root");
  root.querySelector(".steps").replaceChildren(
    ...data.steps.map((each, k) => step(each, k ? data.steps[k - 1].share : each.share, say)));
  root.querySelector(".relax").replaceChildren(...data.relax.map((each) => relaxed(each, data.more, say)));
}
