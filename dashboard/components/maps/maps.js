// Both maps and what they share: points, colours, what is lit, what the pointer is over.

const rooms = new WeakMap();
const dark = matchMedia("(prefers-color-scheme: dark)");
const FACT_MS = 70, TOP_CODE = 150, UNKNOWN_CODE = 255;
const UNKNOWN = ["#d3d0c8", "#363d43"];
let loading;
const plotlyOf = (url) => loading ??= new Promise((done, failed) => {
  if (window.Plotly) { done(window.Plotly); return; }
  const script = document.createElement("script");
  script.src = url; script.onload = () => done(window.Plotly);
  script.onerror = () => { loading = undefined; failed(new Error("What draws the maps cannot be loaded: reload the page.")); };
  document.head.append(script);
});

async function fetched(url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (answer.status === 409) throw Object.assign(new Error(await answer.text()), { stale: true });
  if (!answer.ok) throw new Error(`The maps cannot be had: the server answers ${answer.status}.`);
  return answer;
}

class Maps {
  constructor(parent) {
    this.root = parent.querySelector(".vm"); this.tip = this.root.querySelector(".vm-tip"); this.note = this.root.querySelector(".vm-note");
    this.planes = [...this.root.querySelectorAll(".vm-map")].map((node) => new Plane(this, node));
    this.mode = "lasso"; this.lit = null; this.top = []; this.facts = new Map(); this.over = null;
    for (const button of this.root.querySelectorAll("[data-mode]")) button.addEventListener("click", () => this.use(button.dataset.mode));
    for (const button of this.root.querySelectorAll("[data-act]")) {
      button.addEventListener("click", (event) => {
        const plane = this.planes.find((each) => each.root.contains(button)), act = button.dataset.act;
        if (act === "all") plane.inView(event);
        else if (act === "fit") plane.fit();
        else plane.zoom(act === "in" ? ZOOM : 1 / ZOOM);
      });
    }
    this.themed = () => setTimeout(() => this.repaint(), 250);
    dark.addEventListener("change", this.themed);
    this.use(this.mode);
  }

  async update(component) {
    const { data } = component;
    this.trigger = sender(component);
    const old = this.data;
    this.data = data;
    try {
      if (old?.points !== data.points) await this.load(data);
      if (this.data !== data || !this.points) return;
      if (old?.points !== data.points || old?.paint.url !== data.paint.url || old?.lit !== data.lit) await this.refresh(old);
    } catch (problem) {
      if (problem.stale) this.send("stale"); else this.say(String(problem.message ?? problem));
    }
  }

  async load(data) {
    const [P, answer] = await Promise.all([plotlyOf(data.plotly), fetched(data.points)]);
    const points = readPoints(await answer.arrayBuffer());
    if (this.data !== data) return;
    this.P = P; this.points = points; this.lit = null; this.codes = null; this.paintedUrl = ""; this.litUrl = "";
    this.root.classList.add("ready");
    await Promise.all(this.planes.map((plane) => plane.draw(P)));
    const drawn = points.many < points.total ? `${points.many.toLocaleString("en")} of ${points.total.toLocaleString("en")} objects are drawn; selecting counts all of them. ` : "";
    this.sampled = drawn; this.say("");
  }

  // What changed of colours and of what is lit, fetched and drawn.
  async refresh() {
    const { data } = this, { paint } = data;
    if (this.paintedUrl !== paint.url || !this.codes) {
      const codes = paint.url ? new Uint8Array(await (await fetched(paint.url)).arrayBuffer()) : new Uint8Array(this.points.many).fill(UNKNOWN_CODE);
      if (this.data !== data) return;
      this.codes = codes; this.paintedUrl = paint.url; this.scaled = paint; this.fresh = true;
    }
    if (this.litUrl !== data.lit) {
      const lit = data.lit ? readBits(await (await fetched(data.lit)).arrayBuffer(), this.points.many) : null;
      if (this.data !== data) return;
      this.litUrl = data.lit; this.changed = !same(lit, this.lit); this.lit = lit;
    }
    if (this.fresh) await this.repaint();
    else if (this.changed) await Promise.all(this.planes.map((plane) => plane.light()));
    this.fresh = this.changed = false;
    this.root.dataset.ready = `${data.paint.url} ${data.lit}`;
  }

  async repaint() {
    if (!this.codes) return;
    this.scale = this.scaleOf(this.scaled);
    this.top = [];
    if (this.scaled.scale_light.length && this.scaled.low !== "0:00") this.codes.forEach((code, k) => { if (code >= TOP_CODE && code < UNKNOWN_CODE) this.top.push(k); });
    for (const plane of this.planes) { plane.dim = Boolean(this.lit); await plane.paint(); }
  }

  // A Plotly scale of codes: steps of plain colours, or a run of colours with a step for the unknown.
  scaleOf(paint) {
    const shade = this.isDark() ? 1 : 0, unknown = UNKNOWN[shade];
    const run = shade ? paint.scale_dark : paint.scale_light;
    if (run.length) {
      const most = 255, stop = (k) => k / (run.length - 1) * 254 / most;
      return { most, steps: [...run.map((colour, k) => [stop(k), colour]), [254.001 / most, unknown], [1, unknown]] };
    }
    const steps = [], most = 256, legend = new Map(paint.legend.map((each) => [each.code, shade ? each.dark : each.light]));
    const last = Math.max(-1, ...legend.keys());
    for (let code = 0; code <= last; code += 1) {
      const colour = legend.get(code) ?? unknown;
      steps.push([Math.max(0, (code - 0.5) / most), colour], [(code + 0.5) / most, colour]);
    }
    steps.push([steps.length ? (last + 0.5) / most : 0, unknown], [1, unknown]);
    return { most, steps };
  }
  isDark() {
    const parts = /(\d+)\D+(\d+)\D+(\d+)/.exec(getComputedStyle(this.root).color);
    return parts ? Number(parts[1]) + Number(parts[2]) + Number(parts[3]) > 384 : dark.matches;
  }

  // --- selecting --------------------------------------------------------------------------------
  use(mode) {
    this.mode = mode; this.root.dataset.mode = mode;
    for (const button of this.root.querySelectorAll("[data-mode]")) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  }
  async preview(found, mode) {
    if (this.before === undefined) this.before = this.lit;
    this.lit = joined(this.before, found, mode);
    await Promise.all(this.planes.map((plane) => plane.light()));
  }
  restore() { if (this.before !== undefined) { this.lit = this.before; this.before = undefined; for (const plane of this.planes) plane.light(); } }
  select(space, outline, found, mode) {
    const before = this.before === undefined ? this.lit : this.before;
    this.before = undefined;
    const lit = joined(before, found, mode);
    this.lit = lit.length ? lit : null; this.litUrl = null;
    for (const plane of this.planes) plane.light();
    this.say(lit.length ? "" : "Nothing is inside: draw around some points.");
    this.send("select", { space, mode, ...outline });
  }
  clear() { this.lit = null; this.litUrl = null; for (const plane of this.planes) plane.light(); this.send("clear"); }
  open(k) { this.point(null); this.send("open", { row: this.points.row[k] }); }
  send(kind, more = {}) {
    this.trigger(kind, { edition: this.data.edition, ...more });
  }
  say(text) { this.note.textContent = `${this.sampled ?? ""}${text}`; this.note.hidden = !this.note.textContent; }

  // --- what the pointer is over -----------------------------------------------------------------
  point(k, plane = null) {
    if (k === this.over) return;
    this.over = k;
    clearTimeout(this.waiting);
    const places = this.planes.map((each) => each.mark(k));
    this.tip.hidden = true;
    for (const each of this.planes) each.root.classList.toggle("over", k !== null && each === plane);
    if (k === null) return;
    const at = places[this.planes.indexOf(plane)];
    this.waiting = setTimeout(() => this.tell(k, plane, at), FACT_MS);
  }
  async tell(k, plane, at) {
    const row = this.points.row[k], image = this.tip.querySelector("img");
    image.src = `${this.data.objects}/${row}.jpg`;
    this.tip.dataset.row = row;
    if (!this.facts.has(row)) this.facts.set(row, fetched(`${this.data.objects}/${row}.json`).then((answer) => answer.json()));
    let fact;
    try { fact = await this.facts.get(row); } catch (problem) { this.facts.delete(row); if (problem.stale) this.send("stale"); return; }
    if (this.over !== k) return;
    this.tip.querySelector("b").textContent = fact.name;
    this.tip.querySelector(".does").textContent = fact.does; this.tip.querySelector(".does").hidden = !fact.does;
    this.tip.querySelector(".where").textContent = `${fact.where} · ${fact.when}`;
    const map = plane.root.getBoundingClientRect(), whole = this.root.getBoundingClientRect();
    this.tip.hidden = false;
    const wide = this.tip.offsetWidth, tall = this.tip.offsetHeight, x = map.left - whole.left + at.x, y = plane.plot.getBoundingClientRect().top - whole.top + at.y;
    this.tip.style.left = `${x + 18 + wide > whole.width ? Math.max(0, x - 18 - wide) : x + 18}px`;
    this.tip.style.top = `${Math.max(0, Math.min(y - tall / 2, whole.height - tall))}px`;
  }
  close() { dark.removeEventListener("change", this.themed); for (const plane of this.planes) plane.close(); }
}

function same(a, b) { return a === b || Boolean(a && b && a.length === b.length && a.every((k, at) => k === b[at])); }

export default function (component) {
  const { parentElement } = component;
  if (!rooms.has(parentElement)) rooms.set(parentElement, new Maps(parentElement));
  rooms.get(parentElement).update(component);
  return () => { rooms.get(parentElement)?.close(); rooms.delete(parentElement); };
}
