
class MapBar {
  constructor(parent) {
    this.root = parent.querySelector(".root");
    const form = this.root.querySelector(".ask"), input = form.querySelector("input");
    form.addEventListener("submit", (event) => { event.preventDefault(); this.send("ask", { text: input.value }); });
    form.addEventListener("keydown", (event) => event.stopPropagation()); // else Streamlit's own keys fire
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTimeout(() => this.key(), 250));
  }

  update(data, send) {
    const asked = this.data?.question !== data.question || this.data?.by !== data.by;
    this.send = send; this.data = data;
    const $ = (found) => this.root.querySelector(found);
    $("h2").textContent = data.title; $(".note").textContent = data.note;
    $(".said").hidden = !data.said; $(".said").textContent = data.said;
    const focused = this.root.getRootNode().activeElement?.dataset?.by;
    $(".by").replaceChildren(make("span", { className: "quiet", textContent: "Colour by" }), ...data.choices.map(([value, label]) => {
      const button = make("button", { type: "button", textContent: label });
      button.dataset.by = value;
      button.setAttribute("aria-pressed", String(value === data.by));
      button.addEventListener("click", () => send("by", { value }));
      return button;
    }));
    if (focused) $(`.by [data-by="${focused}"]`)?.focus();
    $(".ask").hidden = data.by !== "question";
    const input = $(".ask input");
    if (asked) { input.value = data.question; if (data.by === "question" && !data.question) input.focus(); }
    this.key();
  }

  dark() {
    const [r, g, b] = (getComputedStyle(this.root).color.match(/\d+/g) ?? [0, 0, 0]).map(Number);
    return r + g + b > 384;
  }

  key() {
    const { data } = this, node = this.root.querySelector(".key");
    if (!data) return;
    const shown = [], { paint } = data, dark = this.dark();
    if (data.space) {
      const spaces = make("span", { className: "spaces" }, ...[["looks", "of looks"], ["moves", "of moves"]].map(([value, label]) => {
        const button = make("button", { type: "button", textContent: label });
        button.setAttribute("aria-pressed", String(value === data.space));
        button.addEventListener("click", () => this.send("space", { value }));
        return button;
      }));
      shown.push(spaces);
    }
    if (paint?.error) shown.push(make("span", { className: "quiet", textContent: paint.error }));
    else if (paint?.scale_light.length) {
      const band = make("i");
      band.style.background = `linear-gradient(90deg, ${(dark ? paint.scale_dark : paint.scale_light).join(", ")})`;
      const most = make("button", { type: "button", className: "plain" }, make("span", { textContent: "Select the highest" }));
      most.addEventListener("click", (event) => this.send("legend", { edition: data.edition, low: 150, high: 254, mode: how(event) }));
      shown.push(make("span", { className: "run" }, make("span", { textContent: paint.low }), band, make("span", { textContent: paint.high })), most);
    } else if (paint) shown.push(...paint.legend.map((each) => this.value(each, dark)));
    node.replaceChildren(...shown);
  }

  value(each, dark) {
    const told = this.data.selecting ? `${each.lit.toLocaleString("en")} of ${each.count.toLocaleString("en")}` : each.count.toLocaleString("en");
    const button = make("button", { type: "button", title: `Select ${each.name}: Shift adds, Alt takes away` },
      swatch(dark ? each.dark : each.light), make("span", { textContent: each.name }), make("span", { className: "count", textContent: told }));
    button.classList.toggle("off", this.data.selecting && !each.lit);
    button.addEventListener("click", (event) => this.send("legend", { edition: this.data.edition, code: each.code, mode: how(event) }));
    return button;
  }
}

const how = (event) => (event.altKey ? "take" : event.shiftKey ? "add" : "new");
const bars = new WeakMap(); // Streamlit calls again with the same element whenever the data changes

export default function (component) {
  const { parentElement, data } = component;
  if (!bars.has(parentElement)) bars.set(parentElement, new MapBar(parentElement));
  bars.get(parentElement).update(data, sender(component));
  return () => bars.delete(parentElement);
}
