
class SelectionBar {
  constructor(parent) {
    this.root = parent.querySelector(".root");
    this.said = this.root.querySelector(".said");
    this.acts = this.root.querySelector(".acts");
    this.said.querySelector(".undo").addEventListener("click", () => this.send("undo"));
    this.said.querySelector(".done").addEventListener("click", () => this.send("dismiss"));
    this.open = 0;
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    this.said.hidden = !data.said;
    this.said.querySelector("span").textContent = data.said ?? "";
    this.said.classList.toggle("wrong", data.wrong);
    this.said.querySelector(".undo").hidden = !data.undo;
    if (this.open) return; // a menu stands beside its button: both stay while it is open
    const focused = [...this.acts.children].indexOf(this.root.getRootNode().activeElement);
    this.acts.replaceChildren(...(data.many ? this.buttons() : []));
    if (focused >= 0) this.acts.children[focused]?.focus();
  }

  button(label, opens, props = {}) {
    const button = make("button", { type: "button", className: `plain ${opens ? "opens" : ""}`, textContent: label, ...props });
    if (opens) button.setAttribute("aria-haspopup", "dialog");
    return button;
  }

  menu(label, fill) {
    const button = this.button(label, true);
    button.addEventListener("click", () => {
      this.open += 1;
      popover(this.root, button, label, fill, () => { this.open -= 1; this.update(this.data, this.send); });
    });
    return button;
  }

  act(label, kind, props = {}) {
    const button = this.button(label, false, props);
    button.addEventListener("click", () => this.send(kind));
    return button;
  }

  buttons() {
    const { data } = this;
    const results = make("a", { className: "plain main", href: data.results, textContent: "Open as results", title: `${data.many} on the page Search` });
    results.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.send("results");
    });
    const one = this.act("Make one object", "join", data.joinable ? { title: "These tracks all show the same object" }
      : { disabled: true, title: "Select 2 to 50 objects that are the same one" });
    return [
      results,
      this.menu("Label", (menu, close) => this.label(menu, close)),
      this.menu("Find the rest", (menu, close) => this.rest(menu, close)),
      this.menu("Ask for more", (menu, close) => this.ask(menu, close)),
      one,
      this.menu("Export", (menu) => {
        for (const [label, address] of data.files) menu.append(make("a", { className: "item", href: address, download: "", textContent: label }));
      }),
      this.menu("Leave out", (menu, close) => this.exclude(menu, close)),
    ];
  }

  form(menu, close, kind, word) {
    const input = make("input", { maxLength: 60, placeholder: "A name", required: true, autocomplete: "off" });
    input.setAttribute("aria-label", "Label");
    const form = make("form", {}, input, make("button", { className: "plain", textContent: word }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!input.value.trim()) return;
      this.send(kind, { text: input.value.trim() });
      close();
    });
    menu.append(form);
  }

  label(menu, close) {
    this.form(menu, close, "label", `Label ${this.data.many}`);
    for (const each of this.data.labels) {
      const whole = `${each.name}`, row = make("div", { className: "row" });
      const give = make("button", { type: "button", className: "item" }, make("span", { textContent: whole }),
        make("span", { className: "count", textContent: each.here ? `${each.here} of ${each.count} here` : `${each.count}` }));
      give.addEventListener("click", () => { this.send("label", { text: each.name }); close(); });
      row.append(give);
      if (each.here) {
        const off = make("button", { type: "button", className: "off", textContent: "×", title: `Take “${each.name}” off these` });
        off.setAttribute("aria-label", `Take the label ${each.name} off these objects`);
        off.addEventListener("click", () => { this.send("unlabel", { text: each.name }); close(); });
        row.append(off);
      }
      menu.append(row);
    }
  }

  rest(menu, close) {
    menu.append(make("p", { className: "why", textContent: "Names these objects, then looks for others that look like them." }));
    this.form(menu, close, "rest", "Find the rest");
    const known = this.data.labels.filter((each) => each.count >= 3);
    if (known.length) menu.append(make("h3", { textContent: "Or the rest of a label" }));
    for (const each of known) {
      const item = make("button", { type: "button", className: "item" }, make("span", { textContent: each.name }),
        make("span", { className: "count", textContent: each.count.toLocaleString("en") }));
      item.addEventListener("click", () => { this.send("review", { text: each.name }); close(); });
      menu.append(item);
    }
  }

  ask(menu, close) {
    for (const [kind, label] of [["like", "What looks like these"], ["moves", "What takes the path of these"], ["unusual", "What is unusual beside these"]]) {
      const item = make("button", { type: "button", className: "item", textContent: label });
      item.addEventListener("click", () => { this.send(kind); close(); });
      menu.append(item);
    }
  }

  exclude(menu, close) {
    const item = make("button", { type: "button", className: "item", textContent: `Leave out ${this.data.many}` });
    item.addEventListener("click", () => { this.send("exclude"); close(); });
    menu.append(make("p", { className: "why", textContent: "They are in no answer, map or count any more, until they are let in again." }), item);
    if (this.data.out) {
      const back = make("button", { type: "button", className: "item", textContent: `Let in all ${this.data.out.toLocaleString("en")} that were left out` });
      back.addEventListener("click", () => { this.send("include"); close(); });
      menu.append(back);
    }
  }
}

const selectionBars = new WeakMap();
export default function (component) {
  const { parentElement, data } = component;
  if (!selectionBars.has(parentElement)) selectionBars.set(parentElement, new SelectionBar(parentElement));
  selectionBars.get(parentElement).update(data, sender(component));
}
