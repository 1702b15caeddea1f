// The timeline: a strip of the whole video, and below it a lane for each object, by class.

const LANE = 15, BAR = 11, HEAD = 20, RULER = 20;
const PACKED_FROM = 60;         // from so many objects on, those of a class share lanes

const clockOf = (s, digits = 1) => {
  const whole = Math.max(0, s), h = Math.floor(whole / 3600), m = Math.floor((whole % 3600) / 60), rest = (whole % 60).toFixed(digits);
  const tail = rest.padStart(digits ? 3 + digits : 2, "0");
  return h ? `${h}:${String(m).padStart(2, "0")}:${tail}` : `${m}:${tail}`;
};

class Lanes {
  constructor(find, act) {
    this.scroller = find(".lanes"); this.spacer = find(".lanes-space"); this.canvas = find(".lanes canvas");
    this.strip = find(".strip canvas"); this.frame = find(".strip .window"); this.head = find(".lanes-head"); this.stripHead = find(".strip .now");
    this.tip = find(".tip"); this.act = act; this.data = null; this.v0 = 0; this.v1 = 1; this.hidden = new Set(); this.selected = null; this.t = 0;
    this.drawn = 0;
  }

  listen(on) {
    on(this.scroller, "wheel", (e) => this.onWheel(e), { passive: false });
    on(this.scroller, "scroll", () => this.later());
    on(this.canvas, "pointerdown", (e) => this.onDown(e));
    on(this.canvas, "pointermove", (e) => this.onMove(e));
    on(this.canvas, "pointerup", (e) => this.onUp(e));
    on(this.canvas, "pointerleave", () => this.say(null));
    on(this.canvas, "dblclick", (e) => { const hit = this.hit(e); if (hit?.track >= 0) this.zoomTo(this.data.tracks.t0[hit.track], this.data.tracks.t1[hit.track]); });
  }

  use(data) {
    const first = !this.data; this.data = data; this.duration = Math.max(data.duration, 0.1);
    this.rowOf = new Map(data.tracks.id.map((id, row) => [id, row]));
    this.eventsOf = new Map();
    data.events.track.forEach((id, k) => { if (!this.eventsOf.has(id)) this.eventsOf.set(id, []); this.eventsOf.get(id).push(k); });
    if (first) { this.v0 = 0; this.v1 = this.duration; }
    this.arrange();
  }

  /** Which object lies in which lane; those of one class stand together. */
  arrange() {
    const { tracks, classes } = this.data, packed = tracks.id.length > PACKED_FROM;
    this.lanes = []; let y = 0;
    classes.forEach((cls, c) => {
      if (this.hidden.has(c)) return;
      const rows = tracks.id.map((_, row) => row).filter((row) => tracks.class[row] === c).sort((a, b) => tracks.t0[a] - tracks.t0[b]);
      if (!rows.length) return;
      const group = { y, cls: c, title: `${cls.name} · ${rows.length}`, lanes: [] }; y += HEAD;
      const ends = [];
      for (const row of rows) {
        let k = packed ? ends.findIndex((end) => end < tracks.t0[row]) : -1;
        if (k < 0) { k = ends.length; group.lanes.push({ y: y + LANE * k, rows: [], t0: [] }); }
        ends[k] = tracks.t1[row]; group.lanes[k].rows.push(row); group.lanes[k].t0.push(tracks.t0[row]);
      }
      y += LANE * ends.length + 4; this.lanes.push(group);
    });
    this.height = y + RULER;
    this.spacer.style.height = `${this.height}px`;
    this.later();
  }

  select(id, reveal = true) {
    if (this.selected === id) return;
    this.selected = id;
    if (reveal) this.reveal();
    this.later();
  }
  reveal() {
    const place = this.selected === null ? null : this.placeOf(this.selected);
    if (place) {
      const view = this.scroller.clientHeight, top = this.scroller.scrollTop;
      if (place.y + RULER < top + RULER || place.y + LANE + RULER > top + view) this.scroller.scrollTop = Math.max(0, place.y - view / 2);
    }
  }
  placeOf(id) {
    const row = this.rowOf?.get(id);
    for (const group of this.lanes ?? []) for (const lane of group.lanes) if (lane.rows.includes(row)) return lane;
    return null;
  }

  // --- what is seen ---------------------------------------------------------------------------
  get width() { return this.canvas.clientWidth || 1; }
  x(t) { return (t - this.v0) / (this.v1 - this.v0) * this.width; }
  time(x) { return this.v0 + x / this.width * (this.v1 - this.v0); }
  see(v0, v1) {
    const length = Math.min(this.duration, Math.max(0.4, v1 - v0));
    this.v0 = Math.min(Math.max(0, v0), this.duration - length); this.v1 = this.v0 + length;
    this.later(); this.now(this.t);
  }
  zoom(factor, at = this.t >= this.v0 && this.t <= this.v1 ? this.t : (this.v0 + this.v1) / 2) { this.see(at - (at - this.v0) * factor, at + (this.v1 - at) * factor); }
  zoomTo(t0, t1) { const margin = Math.max(0.3, 0.15 * (t1 - t0)); this.see(t0 - margin, t1 + margin); }
  pan(share) { const d = share * (this.v1 - this.v0); this.see(this.v0 + d, this.v1 + d); }

  /** Move the playhead; while it runs, what is seen goes with it. */
  now(t, follow = false) {
    this.t = t;
    if (!this.data) return;
    if (follow && !this.dragging && (t > this.v1 || t < this.v0)) { const d = this.v1 - this.v0; return this.see(t - 0.1 * d, t + 0.9 * d); }
    const x = this.x(t);
    this.head.style.transform = `translateX(${x}px)`; this.head.hidden = x < -1 || x > this.width + 1;
    this.stripHead.style.left = `${100 * Math.min(1, t / this.duration)}%`;
  }

  // --- pointer --------------------------------------------------------------------------------
  onWheel(e) {
    if (!this.data) return;
    const x = e.clientX - this.canvas.getBoundingClientRect().left;
    if (e.ctrlKey || e.metaKey) this.zoom(Math.exp(Math.max(-60, Math.min(60, e.deltaY)) * 0.008), this.time(x));
    else if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) this.pan((e.deltaX || e.deltaY) / this.width);
    else return;                // up and down scrolls the lanes, then the page
    e.preventDefault();
  }
  onDown(e) { if (e.button === 0) { this.dragging = { x: e.clientX, v0: this.v0, v1: this.v1, moved: false }; this.canvas.setPointerCapture(e.pointerId); } }
  onMove(e) {
    if (this.dragging) {
      const d = e.clientX - this.dragging.x;
      if (Math.abs(d) > 4) this.dragging.moved = true;
      if (this.dragging.moved) { const s = -d / this.width * (this.dragging.v1 - this.dragging.v0); this.see(this.dragging.v0 + s, this.dragging.v1 + s); }
      return;
    }
    const hit = this.hit(e); this.canvas.style.cursor = hit?.track >= 0 ? "pointer" : "default"; this.say(hit, e);
  }
  onUp(e) {
    const moved = this.dragging?.moved; this.dragging = null;
    if (moved || !this.data) return;
    const hit = this.hit(e);
    if (hit?.track >= 0) this.act.choose(this.data.tracks.id[hit.track]);
    this.act.seek(hit?.event >= 0 ? this.data.events.t0[hit.event] : hit.t);
  }
  hit(e) {
    if (!this.data) return null;
    const box = this.canvas.getBoundingClientRect(), x = e.clientX - box.left, y = e.clientY - box.top - RULER + this.scroller.scrollTop;
    const hit = { t: Math.min(this.duration, Math.max(0, this.time(x))), track: -1, event: -1 };
    if (e.clientY - box.top < RULER) return hit;
    for (const group of this.lanes) for (const lane of group.lanes) {
      if (y < lane.y || y >= lane.y + LANE) continue;
      const { tracks, events } = this.data, slack = 3 / this.width * (this.v1 - this.v0);
      const k = lastAtOrBelow(lane.t0, hit.t + slack);
      if (k < 0 || tracks.t1[lane.rows[k]] < hit.t - slack) return hit;
      hit.track = lane.rows[k];
      let near = slack * 1.5;
      for (const j of this.eventsOf.get(tracks.id[hit.track]) ?? []) {
        const away = Math.abs(events.t0[j] - hit.t);
        if (away < near) { near = away; hit.event = j; }
      }
      if (hit.event < 0) hit.during = (this.eventsOf.get(tracks.id[hit.track]) ?? []).filter((j) => events.t0[j] <= hit.t && hit.t <= events.t1[j]);
      return hit;
    }
    return hit;
  }
  say(hit, e) {
    this.tip.hidden = !(hit?.track >= 0);
    if (this.tip.hidden) return;
    const { events, kinds } = this.data, box = this.scroller.parentElement.getBoundingClientRect();
    const told = (k) => `${kinds[events.kind[k]]}${events.other[k] >= 0 ? ` ${this.act.title(events.other[k])}` : ""} ${clockOf(events.t0[k])}–${clockOf(events.t1[k])} · ${Math.round(100 * events.p[k])} %`;
    const lines = hit.event >= 0 ? [told(hit.event)] : (hit.during ?? []).slice(0, 4).map(told);
    this.tip.replaceChildren(...[this.act.title(this.data.tracks.id[hit.track]), ...lines].map((text, k) => { const line = document.createElement(k ? "span" : "b"); line.textContent = text; return line; }));
    const left = e.clientX - box.left, width = this.tip.offsetWidth;
    this.tip.style.left = `${Math.max(0, Math.min(box.width - width, left + 12))}px`;
    const below = e.clientY - box.top + 16;
    this.tip.style.top = `${below + this.tip.offsetHeight > box.height ? e.clientY - box.top - this.tip.offsetHeight - 10 : below}px`;
  }

  // --- drawing --------------------------------------------------------------------------------
  later() { if (!this.asked) this.asked = requestAnimationFrame(() => { this.asked = 0; this.draw(); }); }
  look() {
    const style = getComputedStyle(this.scroller), mix = style.getPropertyValue("--st-background-color").trim();
    const text = style.color, channels = (text.match(/[\d.]+/g) ?? [0, 0, 0]).slice(0, 3).map(Number);
    return { text, back: mix, dark: channels.reduce((a, b) => a + b, 0) > 382, font: style.fontFamily };
  }
  surface(canvas, width, height) {
    const k = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * k) || canvas.height !== Math.round(height * k)) { canvas.width = Math.round(width * k); canvas.height = Math.round(height * k); }
    const g = canvas.getContext("2d"); g.setTransform(k, 0, 0, k, 0, 0); g.clearRect(0, 0, width, height); return g;
  }

  draw() {
    if (!this.data || !this.scroller.clientWidth) return;
    const look = this.theme = this.look(), W = this.width, H = this.canvas.clientHeight, top = this.scroller.scrollTop - RULER;
    const g = this.surface(this.canvas, W, H), { tracks, classes } = this.data; this.drawn = 0;
    const colour = (c) => classes[c][look.dark ? "dark" : "light"];
    this.ruler(g, W, H, look);
    g.save(); g.beginPath(); g.rect(0, RULER, W, H - RULER); g.clip();
    for (const group of this.lanes) {
      const headY = group.y - top;
      if (headY > -HEAD && headY < H) {
        g.font = `600 11px ${look.font}`; g.fillStyle = colour(group.cls); g.fillRect(2, headY + 6, 8, 8);
        g.fillStyle = look.text; g.globalAlpha = 0.85; g.fillText(group.title, 15, headY + 14); g.globalAlpha = 1;
      }
      for (const lane of group.lanes) {
        const y = lane.y - top;
        if (y < -LANE || y > H) continue;
        let after = -1;
        for (let k = Math.max(0, lastAtOrBelow(lane.t0, this.v0)); k < lane.rows.length && lane.t0[k] <= this.v1; k++) {
          const row = lane.rows[k], x1 = this.x(tracks.t1[row]);
          if (x1 < 0 || (x1 <= after && tracks.id[row] !== this.selected)) continue;   // nothing of it would be seen
          const x0 = Math.max(-4, this.x(tracks.t0[row])), w = Math.max(1.5, Math.min(W + 4, x1) - x0);
          this.bar(g, row, x0, y + 2, w, colour(tracks.class[row]), look); after = x0 + w; this.drawn++;
        }
      }
    }
    g.restore();
    this.density(look, colour); this.now(this.t);
    this.scroller.dataset.drawn = String(this.drawn);
  }

  bar(g, row, x, y, w, colour, look) {
    const { tracks, events } = this.data, id = tracks.id[row], chosen = id === this.selected, other = this.selected !== null && !chosen;
    g.fillStyle = colour; g.globalAlpha = chosen ? 0.55 : other ? 0.2 : 0.34;
    g.beginPath(); g.roundRect(x, y, w, BAR, 2.5); g.fill();
    g.globalAlpha = other ? 0.5 : 1; g.fillRect(x, y, Math.min(2, w), BAR);
    if (chosen) { g.strokeStyle = look.text; g.lineWidth = 1.25; g.stroke(); }
    const done = this.eventsOf.get(id) ?? [], roomy = chosen || w > 9 * done.length;   // else the marks would hide each other
    if (w > 10) for (const k of done) {
      const a = this.x(events.t0[k]), b = this.x(events.t1[k]);
      if (b < 0 || a > this.width) continue;
      g.fillRect(Math.max(x, a), y + BAR - 2.5, Math.max(1.5, Math.min(x + w, b) - Math.max(x, a)), 2.5);
      if (!roomy) continue;
      g.beginPath(); g.moveTo(a, y + 1.5); g.lineTo(a + 3.5, y + 5); g.lineTo(a, y + 8.5); g.lineTo(a - 3.5, y + 5); g.fill();
    }
    g.globalAlpha = 1;
    const words = this.data.tracks.name[row] || `#${id}`;
    if (w > 34 && (chosen || !other)) {
      g.font = `500 9.5px ${look.font}`; const wide = g.measureText(words).width, left = Math.max(x, 0) + 6;
      if (wide < w - 12) { g.fillStyle = look.back; g.globalAlpha = 0.72; g.fillRect(left - 2, y + 0.5, wide + 4, BAR - 1); g.globalAlpha = 1; g.fillStyle = look.text; g.fillText(words, left, y + 8.8); }
    }
  }

  ruler(g, W, H, look) {
    const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200], span = this.v1 - this.v0;
    const step = steps.find((s) => s / span * W >= 74) ?? 14400, digits = step < 1 ? 1 : 0;
    g.font = `10.5px ${look.font}`; g.fillStyle = g.strokeStyle = look.text; g.lineWidth = 1;
    for (let t = Math.ceil(this.v0 / step - 1e-6) * step; t <= this.v1; t += step) {
      const x = Math.round(this.x(t)) + 0.5;
      g.globalAlpha = 0.1; g.beginPath(); g.moveTo(x, RULER - 4); g.lineTo(x, H); g.stroke();
      g.globalAlpha = 0.75; g.fillText(clockOf(t, digits), Math.min(x + 3, W - 34), 12);
    }
    g.globalAlpha = 1;
  }

  /** How many objects there are at each moment of the whole video, by class. */
  density(look, colour) {
    const W = this.strip.clientWidth, H = this.strip.clientHeight, { tracks, classes } = this.data;
    const key = [W, H, look.dark, [...this.hidden].join(), this.selected, window.devicePixelRatio].join("|");
    this.frame.style.left = `${100 * this.v0 / this.duration}%`; this.frame.style.width = `${100 * (this.v1 - this.v0) / this.duration}%`;
    this.frame.hidden = this.v1 - this.v0 >= this.duration - 1e-6;
    if (!W || (key === this.densityKey && this.data === this.densityOf)) return;
    this.densityKey = key; this.densityOf = this.data;
    const g = this.surface(this.strip, W, H), bins = Math.max(1, Math.floor(W / 2)), per = classes.map(() => new Float32Array(bins + 1));
    tracks.id.forEach((_, row) => {
      const c = tracks.class[row]; if (this.hidden.has(c)) return;
      per[c][Math.min(bins, Math.floor(tracks.t0[row] / this.duration * bins))]++;
      per[c][Math.min(bins, Math.floor(tracks.t1[row] / this.duration * bins) + 1)]--;
    });
    const total = new Float32Array(bins); let most = 1;
    for (const line of per) for (let b = 0, sum = 0; b < bins; b++) { sum += line[b]; line[b] = sum; total[b] += sum; most = Math.max(most, total[b]); }
    const floor = new Float32Array(bins);
    g.globalAlpha = this.selected === null ? 0.75 : 0.35;
    per.forEach((line, c) => {
      g.fillStyle = colour(c);
      for (let b = 0; b < bins; b++) if (line[b] > 0) { const h = line[b] / most * (H - 4); const x = Math.round(b * W / bins); g.fillRect(x, H - floor[b] - h, Math.round((b + 1) * W / bins) - x, h); floor[b] += h; }
    });
    g.globalAlpha = 1;
    const row = this.rowOf.get(this.selected);
    if (row !== undefined) { g.fillStyle = colour(tracks.class[row]); const x = tracks.t0[row] / this.duration * W; g.fillRect(x, H - 4, Math.max(2, (tracks.t1[row] - tracks.t0[row]) / this.duration * W), 4); }
  }
}
