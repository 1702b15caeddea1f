
class Bar {
  constructor(parent) {
    this.root = parent.querySelector(".root");
    this.said = this.root.querySelector(".said");
    this.said.querySelector(".undo").addEventListener("click", () => this.send("undo"));
    this.said.querySelector(".done").addEventListener("click", () => this.send("dismiss"));
    this.open = {}; // name of a panel -> what brings it up to date
  }

  update(data, send) {
    this.send = send;
    this.data = data;
    const $ = (found) => this.root.querySelector(found);
    $("h2").textContent = data.title;
    $("h2").hidden = !data.title;
    $(".took").textContent = data.took;
    this.said.hidden = !data.said;
    this.said.querySelector("span").textContent = data.said ?? "";
    this.said.classList.toggle("wrong", data.wrong);
    this.said.querySelector(".undo").hidden = !data.undo;
    const focused = [...$(".right").children].indexOf(this.root.getRootNode().activeElement);
    const open = Object.keys(this.open).length > 0;
    if (!open) { // a panel stands beside its button: both stay while it is open
      $(".right").replaceChildren(...this.buttons());
      if (focused >= 0) $(".right").children[focused]?.focus();
    }
    $(".active").replaceChildren(...this.active());
    for (const refresh of Object.values(this.open)) refresh();
  }

  button(label, value, opens) {
    const button = make("button", { type: "button", className: "plain opens" },
      make("span", { className: value ? "quiet" : "", textContent: label }), value ? make("b", { textContent: value }) : null);
    button.setAttribute("aria-haspopup", "dialog");
    button.addEventListener("click", () => opens(button));
    return button;
  }

  buttons() {
    const { data } = this, made = [];
    const filters = this.button("Filters", "", (anchor) => this.filters(anchor));
    if (data.filters.active.length) filters.append(make("span", { className: "badge", textContent: data.filters.active.length }));
    made.push(filters);
    const one = (label, kind, options) => {
      const now = options.find((option) => option.now);
      made.push(this.button(label, now.label, (anchor) => popover(this.root, anchor, label,
        chooser(options, (item) => item.now || this.send(kind, { value: item.value })))));
    };
    if (data.sorts.length) one("Sort", "sort", data.sorts);
    if (data.groups.length) one("Group", "group", data.groups);
    const kept = this.button("Saved", "", (anchor) => this.kept(anchor));
    const news = data.kept.reduce((sum, each) => sum + each.new, 0);
    if (news) kept.append(make("span", { className: "badge", textContent: `${news} new` }));
    made.push(kept);
    if (data.files.length) {
      made.push(this.button("Export", "", (anchor) => popover(this.root, anchor, "Export", (menu) => {
        for (const [label, address] of data.files) {
          menu.append(make("a", { className: "item", href: address, download: "", textContent: label }));
        }
      })));
    }
    return made;
  }

  active() {
    const items = this.data.filters.active.map((filter) => {
      const button = make("button", { type: "button" }, make("span", { textContent: filter.label }), make("span", { textContent: "×" }));
      button.setAttribute("aria-label", `Take out the filter ${filter.label}`);
      button.addEventListener("click", () => this.send("filter", { key: filter.key, value: filter.value, on: false }));
      return make("li", {}, button);
    });
    if (items.length > 1) {
      const all = make("button", { type: "button", className: "clear", textContent: "Clear all" });
      all.addEventListener("click", () => this.send("clear"));
      items.push(make("li", {}, all));
    }
    return items;
  }

  filters(anchor) {
    const { menu } = popover(this.root, anchor, "Filters", (inside) => {
      inside.classList.add("filters");
      this.lists(inside);
      const limits = make("div", { className: "limits" });
      for (const limit of this.data.filters.limits) limits.append(this.limit(limit));
      const clear = make("button", { type: "button", className: "plain", textContent: "Clear all" });
      clear.addEventListener("click", () => this.send("clear"));
      const done = make("button", { type: "button", className: "plain", textContent: "Done" });
      done.addEventListener("click", () => inside.hidePopover());
      inside.append(limits, make("div", { className: "foot" }, clear, done));
    }, () => { delete this.open.filters; this.update(this.data, this.send); });
    this.open.filters = () => this.sync(menu);
  }

  lists(inside) {
    const { videos, classes, labels } = this.data.filters;
    for (const [title, key, values] of [["Kind", "class", classes], ["Label", "label", labels], ["Video", "in", videos]]) {
      if (!values.length) continue;
      const list = make("div", { className: "values" }, ...values.map((value) => this.value(key, value)));
      const set = make("fieldset", {}, make("legend", { textContent: title }));
      if (values.length > 12) {
        const find = make("input", { type: "search", className: "find", placeholder: `Find among ${values.length}` });
        find.setAttribute("aria-label", `Find a ${title.toLowerCase()}`);
        find.addEventListener("input", () => {
          for (const node of list.children) node.hidden = !node.textContent.toLowerCase().includes(find.value.trim().toLowerCase());
        });
        set.append(find);
      }
      set.append(list);
      inside.append(set);
    }
  }

  value(key, value) {
    const check = make("input", { type: "checkbox", checked: value.chosen });
    check.dataset.key = key;
    check.dataset.value = value.value;
    check.addEventListener("change", () => this.send("filter", { key, value: value.value, on: check.checked }));
    return make("label", { className: "value", title: value.label }, check, make("span", { textContent: value.label }),
      make("span", { className: "count", textContent: value.count.toLocaleString("en") }));
  }

  limit(limit) {
    const field = (key, text, hint) => {
      const input = make("input", { value: text, placeholder: hint, inputMode: "decimal" });
      input.dataset.limit = key;
      input.setAttribute("aria-label", `${limit.label}, ${hint}, ${limit.unit}`);
      input.addEventListener("change", () => this.send("limit", { key, text: input.value }));
      return input;
    };
    return make("div", { className: "limit" },
      make("b", {}, `${limit.label} `, make("small", { textContent: limit.unit })),
      field(limit.least_key, limit.least, "from"), make("span", { className: "quiet", textContent: "–" }),
      field(limit.most_key, limit.most, "to"));
  }

  sync(menu) {
    const { videos, classes, labels, limits } = this.data.filters;
    const chosen = new Set();
    for (const [key, values] of [["class", classes], ["label", labels], ["in", videos]]) {
      for (const value of values) if (value.chosen) chosen.add(`${key}:${value.value}`);
    }
    for (const check of menu.querySelectorAll("[type=checkbox]")) check.checked = chosen.has(`${check.dataset.key}:${check.dataset.value}`);
    const texts = Object.fromEntries(limits.flatMap((limit) => [[limit.least_key, limit.least], [limit.most_key, limit.most]]));
    const focused = this.root.getRootNode().activeElement;
    for (const input of menu.querySelectorAll("[data-limit]")) if (input !== focused) input.value = texts[input.dataset.limit];
  }

  kept(anchor) {
    const { menu, close } = popover(this.root, anchor, "Saved questions", (inside) => {
      inside.classList.add("kept");
      if (this.data.name) {
        const input = make("input", { value: this.data.name, maxLength: 80 });
        input.setAttribute("aria-label", "Name");
        const form = make("form", {}, input, make("button", { className: "plain", textContent: "Save this question" }));
        form.addEventListener("submit", (event) => { event.preventDefault(); this.send("keep", { name: input.value }); });
        inside.append(form);
      }
      inside.append(make("ul"));
    }, () => { delete this.open.kept; this.update(this.data, this.send); });
    this.open.kept = () => menu.querySelector("ul").replaceChildren(...this.rows(close));
    this.open.kept();
  }

  rows(close) {
    const rows = this.data.kept.map((each) => {
      const item = make("button", { type: "button", className: "item" }, make("span", { textContent: each.name }),
        each.new ? make("span", { className: "new", textContent: `${each.new} new` }) : make("span"),
        each.text === each.name ? null : make("span", { className: "text", textContent: each.text }));
      item.addEventListener("click", () => { close(); this.send("open", { id: each.id }); });
      const drop = make("button", { type: "button", className: "drop", textContent: "×" });
      drop.setAttribute("aria-label", `Forget ${each.name}`);
      drop.addEventListener("click", () => this.send("forget", { id: each.id }));
      return make("li", {}, item, drop);
    });
    return rows.length ? rows : [make("li", { className: "none" }, make("p", { className: "none", textContent: "No question has been saved yet." }))];
  }
}

const bars = new WeakMap(); // Streamlit calls again with the same element whenever the data changes

export default function (component) {
  const { parentElement, data } = component;
  if (!bars.has(parentElement)) bars.set(parentElement, new Bar(parentElement));
  bars.get(parentElement).update(data, sender(component));
  return () => bars.delete(parentElement);
}
