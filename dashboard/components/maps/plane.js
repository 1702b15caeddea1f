// One map: Plotly draws the points, zooms and moves; outlines, hovering and clicks are found here.

const REACH_PX = 9, CLICK_PX = 4, STROKE_PX = 3, MOST_CORNERS = 240, ZOOM = 1.35, LIVE = 20000;

class Plane {
  constructor(room, root) {
    this.room = room; this.root = root; this.space = root.dataset.space;
    this.plot = root.querySelector(".vm-plot"); this.glass = root.querySelector(".vm-glass");
    this.stroke = root.querySelector(".vm-stroke"); this.ring = root.querySelector(".vm-ring");
    const on = (name, act, how) => root.addEventListener(name, act, how);
    on("pointerdown", (e) => this.down(e)); on("pointermove", (e) => this.move(e));
    on("pointerup", (e) => this.up(e)); on("pointercancel", () => this.drop());
    on("pointerleave", () => { if (!this.path) this.room.point(null); });
    on("dblclick", (e) => { if (this.near(e) < 0) this.fit(); });
    on("keydown", (e) => this.key(e));
    this.glass.addEventListener("wheel", (e) => this.wheel(e), { passive: false });
  }

  get points() { return this.room.points[this.space]; }
  get axes() { return this.plot._fullLayout; }
  size(many) { return many > 60000 ? 3 : many > 20000 ? 3.5 : many > 5000 ? 4.5 : many > 800 ? 6 : 8.5; }

  async draw(P) {
    this.P = P;
    const { x, y } = this.points, size = this.size(x.length);
    const trace = (more) => ({ type: "scattergl", mode: "markers", hoverinfo: "skip", marker: { size, opacity: 0.85, line: { width: 0 } }, ...more });
    const axis = { visible: false, showgrid: false, zeroline: false, fixedrange: false, autorange: false };
    const [rx, ry] = this.whole();
    await P.newPlot(this.plot, [trace({ x, y }), trace({ x: [], y: [] }), trace({ x: [], y: [] })], {
      margin: { l: 0, r: 0, t: 0, b: 0 }, showlegend: false, dragmode: "pan", hovermode: false, autosize: true,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      xaxis: { ...axis, range: rx }, yaxis: { ...axis, range: ry, scaleanchor: "x" },
    }, { scrollZoom: true, displayModeBar: false, displaylogo: false, responsive: true, showSendToCloud: false, doubleClick: false, showTips: false });
    this.plot.on("plotly_relayout", () => this.room.point(null));
    this.plot.on("plotly_relayouting", () => this.room.point(null));
  }

  whole() {
    const { x, y } = this.points, span = (v) => {
      let low = Infinity, high = -Infinity;
      for (const each of v) { if (each < low) low = each; if (each > high) high = each; }
      if (!(high >= low)) return [-1, 1];
      const room = 0.06 * (high - low || 1);
      return [low - room, high + room];
    };
    return [span(x), span(y)];
  }

  // --- colours ----------------------------------------------------------------------------------
  marker(codes, scale, opacity, size) {
    return { color: codes, colorscale: scale.steps, cmin: 0, cmax: scale.most, showscale: false, size, opacity, line: { width: 0 } };
  }

  // Everything in the colours of the room; what is lit stands out, the rest recedes.
  async paint() {
    const { codes, scale, lit, points, top } = this.room;
    if (!this.P || !codes) return;
    const { x, y } = this.points, size = this.size(x.length);
    const part = (which) => ({ x: which.map((k) => x[k]), y: which.map((k) => y[k]), codes: which.map((k) => codes[k]) });
    const over = part(lit ? [] : top), chosen = part(lit ?? []);
    const marks = [
      this.marker(codes, scale, lit ? 0.13 : 0.85, size), this.marker(over.codes, scale, 1, size * 1.25),
      this.marker(chosen.codes, scale, 1, size * 1.2),
    ];
    await this.P.restyle(this.plot, { x: [x, over.x, chosen.x], y: [y, over.y, chosen.y], marker: marks }, [0, 1, 2]);
    this.root.dataset.lit = String((lit ?? []).filter((k) => !Number.isNaN(x[k])).length);
    this.root.dataset.painted = this.room.paintedUrl;
  }

  // Only what is lit has changed: one call, as each makes Plotly look through all points again.
  async light() {
    const { codes, scale, lit } = this.room;
    if (!this.P || !codes) return;
    const { x, y } = this.points, which = lit ?? [], dim = lit ? 0.13 : 0.85;
    const chosen = { x: which.map((k) => x[k]), y: which.map((k) => y[k]), marker: this.marker(which.map((k) => codes[k]), scale, 1, this.size(x.length) * 1.2) };
    if (this.dim === Boolean(lit)) await this.P.restyle(this.plot, { x: [chosen.x], y: [chosen.y], marker: [chosen.marker] }, [2]);
    else {
      this.dim = Boolean(lit);
      const [base, over] = this.plot.data;
      const marks = [{ ...base.marker, opacity: dim }, { ...over.marker, opacity: lit ? 0.13 : 1 }, chosen.marker];
      await this.P.restyle(this.plot, { x: [base.x, over.x, chosen.x], y: [base.y, over.y, chosen.y], marker: marks }, [0, 1, 2]);
    }
    this.root.dataset.lit = String(which.filter((k) => !Number.isNaN(x[k])).length);
  }

  // --- places -----------------------------------------------------------------------------------
  at(event) {
    const box = this.plot.getBoundingClientRect(), { xaxis, yaxis } = this.axes;
    const px = event.clientX - box.left - xaxis._offset, py = event.clientY - box.top - yaxis._offset;
    return { x: xaxis.p2d(px), y: yaxis.p2d(py) };
  }
  pixel(k) {
    const { xaxis, yaxis } = this.axes;
    return { x: xaxis.d2p(this.points.x[k]) + xaxis._offset, y: yaxis.d2p(this.points.y[k]) + yaxis._offset };
  }
  // How long a pixel is on the map; both axes have one scale.
  get grain() { const { xaxis } = this.axes; return Math.abs(xaxis.range[1] - xaxis.range[0]) / xaxis._length; }
  near(event) { return this.axes ? nearest(this.points, this.at(event), REACH_PX * this.grain) : -1; }

  mark(k) {
    const off = k === null || !this.axes || Number.isNaN(this.points.x[k]);
    this.ring.hidden = off;
    if (off) return null;
    const at = this.pixel(k), { width, height } = this.plot.getBoundingClientRect();
    this.ring.hidden = at.x < 0 || at.y < 0 || at.x > width || at.y > height;
    this.ring.style.left = `${at.x}px`; this.ring.style.top = `${at.y}px`;
    return at;
  }

  // --- the pointer ------------------------------------------------------------------------------
  down(event) {
    if (event.button !== 0 || !this.axes || event.target.closest("button")) return;
    this.from = [event.clientX, event.clientY];
    this.root.classList.add("pointed"); // no ring for those who do not use keys
    this.root.focus({ preventScroll: true });
    if (this.room.mode === "move") return;
    event.preventDefault();
    this.glass.setPointerCapture(event.pointerId);
    this.path = [this.from];
    this.room.point(null);
  }
  move(event) {
    if (!this.path) {
      if (event.buttons === 0) { const k = this.near(event); this.room.point(k < 0 ? null : k, this); }
      return;
    }
    const last = this.path[this.path.length - 1];
    if (Math.hypot(event.clientX - last[0], event.clientY - last[1]) < STROKE_PX) return;
    this.path.push([event.clientX, event.clientY]);
    this.show();
    if (this.points.x.length <= LIVE && !this.busy) {
      this.busy = true;
      const outline = this.outline(), mode = this.how(event);
      requestAnimationFrame(async () => { if (this.path) await this.room.preview(within(this.points, outline), mode); this.busy = false; });
    }
  }
  async up(event) {
    const { path, from } = this;
    this.path = null; this.from = null; this.stroke.setAttribute("d", "");
    if (!from) return;
    if (Math.hypot(event.clientX - from[0], event.clientY - from[1]) <= CLICK_PX && (!path || path.length < 4)) {
      const k = this.near(event);
      if (k >= 0) this.room.open(k); else if (path && this.room.lit) this.room.clear();
      return;
    }
    if (!path) return;
    this.path = path;
    const outline = this.outline();
    this.path = null;
    this.room.select(this.space, outline, within(this.points, outline), this.how(event));
  }
  drop() { this.path = null; this.from = null; this.stroke.setAttribute("d", ""); this.room.restore(); }
  how(event) { return event.altKey ? "take" : event.shiftKey ? "add" : "new"; }

  corners() {
    const first = this.path[0], last = this.path[this.path.length - 1];
    if (this.room.mode === "box") return [first, [last[0], first[1]], last, [first[0], last[1]]];
    return thinned(this.path, STROKE_PX, MOST_CORNERS);
  }
  outline() {
    const places = this.corners().map(([clientX, clientY]) => this.at({ clientX, clientY }));
    const short = (v) => Number(v.toPrecision(6));
    return { x: places.map((p) => short(p.x)), y: places.map((p) => short(p.y)) };
  }
  show() {
    const box = this.plot.getBoundingClientRect();
    this.stroke.setAttribute("d", `M${this.corners().map(([x, y]) => `${(x - box.left).toFixed(1)} ${(y - box.top).toFixed(1)}`).join("L")}Z`);
  }
  wheel(event) { // the glass lies above Plotly, which knows what to do with a wheel
    event.preventDefault();
    this.plot.querySelector(".nsewdrag")?.dispatchEvent(new WheelEvent("wheel", event));
  }

  // --- keys -------------------------------------------------------------------------------------
  view(rx, ry) { return this.P.relayout(this.plot, { "xaxis.range": rx, "yaxis.range": ry }); }
  fit() { if (this.P) { const [rx, ry] = this.whole(); this.view(rx, ry); } }
  zoom(by, dx = 0, dy = 0) {
    const moved = (range, shift) => { const middle = (range[0] + range[1]) / 2, half = (range[1] - range[0]) / 2; return [middle - half / by + 2 * half * shift, middle + half / by + 2 * half * shift]; };
    return this.view(moved(this.axes.xaxis.range, dx), moved(this.axes.yaxis.range, dy));
  }
  inView(event) {
    const [x0, x1] = this.axes.xaxis.range, [y0, y1] = this.axes.yaxis.range, outline = { x: [x0, x1, x1, x0], y: [y0, y0, y1, y1] };
    this.room.select(this.space, outline, within(this.points, outline), this.how(event));
  }
  key(event) {
    this.root.classList.remove("pointed");
    if (event.ctrlKey || event.metaKey || !this.axes || event.target.closest("button")) return;
    const acts = {
      ArrowLeft: () => this.zoom(1, -0.15), ArrowRight: () => this.zoom(1, 0.15), ArrowUp: () => this.zoom(1, 0, 0.15), ArrowDown: () => this.zoom(1, 0, -0.15),
      "+": () => this.zoom(ZOOM), "=": () => this.zoom(ZOOM), "-": () => this.zoom(1 / ZOOM), 0: () => this.fit(),
      Enter: () => this.inView(event), Escape: () => this.room.clear(),
      l: () => this.room.use("lasso"), b: () => this.room.use("box"), m: () => this.room.use("move"),
    };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault(); event.stopPropagation(); // else Streamlit's own keys fire
    act();
  }
  close() { if (this.P) this.P.purge(this.plot); }
}
