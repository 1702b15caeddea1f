
const WAYS = [
  { label: "A picture of it", way: "picture" },
  { label: "A path drawn on a frame", way: "path" },
  { label: "A zone drawn on a frame", way: "zone" },
  { label: "A line that is crossed", way: "line" },
  { label: "First here, then there", way: "boxes" },
];

class Question {
  constructor(parent) {
    this.root = parent.querySelector(".root");
    this.form = this.root.querySelector(".box");
    this.input = this.root.querySelector("input");
    this.list = this.root.querySelector(".chips");
    this.given = undefined;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.say("ask", { text: this.input.value });
    });
    this.input.addEventListener("keydown", (event) => {
      event.stopPropagation(); // else Streamlit's own keys fire
      if (event.key === "Escape") this.input.blur();
      if (event.key === "ArrowDown") { event.preventDefault(); this.list.querySelector("button")?.focus(); }
    });
    this.input.addEventListener("search", () => { if (!this.input.value) this.say("ask", { text: "" }); });
    const ways = this.root.querySelector(".ways");
    ways.setAttribute("aria-haspopup", "dialog");
    ways.addEventListener("click", () => popover(this.root, ways, "Other ways to ask",
      chooser(WAYS, (item) => this.say("way", { way: item.way }))));
    this.list.addEventListener("keydown", (event) => this.keys(event));
    this.hotkey = (event) => {
      const at = event.composedPath()[0];
      const typing = at.matches?.("input, textarea, select, [contenteditable=true]");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      this.input.focus();
      this.input.select();
    };
    addEventListener("keydown", this.hotkey, true);
  }

  say(kind, more = {}) {
    this.form.classList.add("busy");
    this.send(kind, { of: this.data.of, ...more });
  }

  update(data, send) {
    this.send = send;
    this.data = data;
    this.form.classList.remove("busy");
    this.input.placeholder = data.placeholder;
    if (this.given !== data.text || data.done !== this.done) this.input.value = data.text;
    this.given = data.text;
    this.done = data.done;
    this.root.querySelector(".row").hidden = !data.chips.length && !data.notes.length;
    this.root.querySelector(".notes").textContent = data.notes.join(" ");
    const shown = JSON.stringify([data.chips, data.choices.length]);
    if (shown === this.shown) return;
    this.shown = shown;
    const focused = this.list.contains(this.root.getRootNode().activeElement);
    this.list.replaceChildren(...this.items());
    if (focused) (this.list.querySelector(".what:not(:disabled)") ?? this.input).focus();
  }

  items() {
    const items = [];
    let step = 0;
    for (const chip of this.data.chips) {
      if (chip.step > step) items.push(make("li", { className: "then", textContent: this.data.joint }));
      step = chip.step;
      items.push(make("li", {}, this.chip(chip)));
    }
    const add = make("button", { type: "button", className: "add", textContent: "+ add" });
    add.setAttribute("aria-haspopup", "dialog");
    add.setAttribute("aria-label", "+ add to the question");
    add.addEventListener("click", () => popover(this.root, add, "Add to the question",
      chooser(this.data.choices, (item) => this.say("add", { words: item.words }), {
        find: "Find or write something",
        free: (typed) => ({ label: `Look for “${typed}” as well`, words: typed }),
      })));
    if (this.data.chips.length) items.push(make("li", {}, add));
    return items;
  }

  chip(chip) {
    const not = chip.label.startsWith("not ") ? " not" : "";
    const box = make("span", { className: `chip ${chip.state}${not}`, title: chip.note });
    const what = make("button", { type: "button", className: "what" },
      chip.picture ? make("img", { src: chip.picture, alt: "" }) : null,
      chip.swatch ? swatch(chip.swatch) : null,
      make("span", { className: "label", textContent: chip.label }),
      chip.state === "used" ? null : make("span", { className: "hidden", textContent: `, ${chip.note}` }));
    if (chip.choices.length) {
      what.classList.add("opens");
      what.setAttribute("aria-haspopup", "dialog");
      what.addEventListener("click", () => popover(this.root, what, `Change “${chip.label}”`,
        chooser(chip.choices, (item) => item.now || this.say("change", { chip: chip.index, words: item.words }),
          { find: `In place of “${chip.label}”` })));
    }
    const off = make("button", { type: "button", className: "off", textContent: "×" });
    off.setAttribute("aria-label", `Take out “${chip.label}”`);
    const drop = () => this.say("drop", { chip: chip.index });
    off.addEventListener("click", drop);
    what.addEventListener("keydown", (event) => { if (event.key === "Delete" || event.key === "Backspace") drop(); });
    box.append(what, off);
    return box;
  }

  keys(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Delete" || event.key === "Backspace" || step) event.stopPropagation();
    if (!step) return;
    event.preventDefault();
    const stops = [...this.list.querySelectorAll(".what, .add")];
    const now = this.root.getRootNode().activeElement;
    const at = stops.findIndex((node) => node === now || node.parentElement === now?.parentElement);
    stops[Math.min(stops.length - 1, Math.max(0, at + step))]?.focus();
  }

  end() { removeEventListener("keydown", this.hotkey, true); }
}

const questions = new WeakMap(); // Streamlit calls again with the same element whenever the data changes

export default function (component) {
  const { parentElement, data } = component;
  if (!questions.has(parentElement)) questions.set(parentElement, new Question(parentElement));
  const question = questions.get(parentElement);
  question.update(data, sender(component));
  return () => { question.end(); questions.delete(parentElement); };
}
