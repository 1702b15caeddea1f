// The player: a video with what was found drawn on the very frame that is shown, and its timeline.
//
// Streamlit calls the default export on every change of `data` with the same parentElement, and
// runs only the last returned clean-up: one Player a parentElement, `update` for each call.

const players = new WeakMap();
const TRAIL_S = 3, REPORT_MS = 350, SETTLE_MS = 200, CLOSE_SHARE = 0.3, MOST_ZOOM = 6;
const clamp = (x, low, high) => Math.min(high, Math.max(low, x));
const KEYS = [
  ["Space", "play or pause"], [", .", "one frame back, on"], ["← →", "one second (Shift: five)"], ["[ ]", "previous, next event"],
  ["n p", "next, previous object on the frame"], ["Esc", "choose nothing"], ["i o", "loop from here, to here"], ["l", "loop the event or stay; again: no loop"],
  ["< >", "slower, faster"], ["b m t e", "boxes, names, trails, event marks"], ["z", "stay close to the chosen object"],
  ["+ − 0", "timeline: in, out, whole video"], ["Home End", "first, last frame"], ["f", "full screen"], ["s", "sound"], ["?", "these keys"],
];

class Player {
  constructor(parent) {
    const find = this.$ = (s) => parent.querySelector(s);
    this.root = find(".vp"); this.video = find("video"); this.canvas = find(".stage > canvas"); this.ctx = this.canvas.getContext("2d");
    this.t = 0; this.selected = null; this.hover = null; this.loop = null; this.data = null; this.aim = null; this.view = { k: 1, x: 0, y: 0 };
    this.show = { boxes: true, names: true, trails: true, events: true, close: false };
    this.calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.windows = new Windows(() => this.onBoxes(), (said) => this.hint(said));
    this.lanes = new Lanes(find, { choose: (id) => this.choose(id), seek: (t) => this.seek(t), title: (id) => this.title(id) });
    this.abort = new AbortController();
    const on = (el, name, act, how = {}) => el.addEventListener(name, act, { signal: this.abort.signal, ...how });
    this.lanes.listen(on);
    const { video, canvas, root } = this;
    on(video, "loadedmetadata", () => this.onReady());
    on(video, "play", () => this.onPlay(true)); on(video, "pause", () => this.onPlay(false)); on(video, "seeked", () => this.onSeeked());
    on(video, "ended", () => { if (this.loop) this.seek(this.loop.t0, true); });
    on(video, "error", () => this.onError());
    on(canvas, "pointermove", (e) => { const id = this.hit(e)?.id ?? null; canvas.style.cursor = id === null ? "default" : "pointer"; if (id !== this.hover) { this.hover = id; this.draw(); } });
    on(canvas, "pointerleave", () => { this.hover = null; this.draw(); });
    on(canvas, "click", (e) => { root.focus({ preventScroll: true }); this.choose(this.hit(e)?.id ?? null); });
    on(canvas, "dblclick", (e) => { if (!this.hit(e)) this.toggle(); });
    on(find(".strip input"), "input", (e) => this.seek(Number(e.target.value)));
    on(root, "click", (e) => this.onButton(e));
    on(root, "keydown", (e) => this.onKey(e));
    on(document, "keydown", (e) => { if (e.target === document.body) this.onKey(e); });
    on(find(".rate"), "change", (e) => { video.playbackRate = Number(e.target.value); });
    on(matchMedia("(prefers-color-scheme: dark)"), "change", () => setTimeout(() => this.lanes.later(), 200));
    this.resize = new ResizeObserver(() => { this.fitLanes(); this.draw(); }); this.resize.observe(canvas); this.resize.observe(find(".lanes"));
    for (const [keys, words] of KEYS) {
      const row = document.createElement("div"), dt = document.createElement("dt"), dd = document.createElement("dd"); dd.textContent = words;
      dt.append(...keys.split(" ").flatMap((key) => { const k = document.createElement("kbd"); k.textContent = key; return [k, " "]; })); row.append(dt, dd); find(".help dl").append(row);
    }
    this.tick = (_, meta) => {
      const t = meta.mediaTime - this.origin;
      if (this.aim !== null && (!video.paused || Math.abs(t - this.aim) < 2e-3)) this.aim = null;
      this.onFrame(t); this.waiting = video.requestVideoFrameCallback(this.tick);
    };
    this.waiting = video.requestVideoFrameCallback(this.tick);
  }

  get origin() { return this.windows.any?.origin ?? 0; }

  update(component) {
    const old = this.data, { data } = component; this.data = data; this.send = sender(component); this.keep = component.setStateValue;
    if (old?.src !== data.src) {
      sentBefore.delete(component.parentElement); // said of another video
      this.ready = false; this.pending = null; this.setLoop(null); this.told = null; this.aim = null; this.windows.parts.clear(); this.windows.stale = null; this.lanes.data = null; this.t = 0;
      this.$(".stage").style.setProperty("--ratio", `${data.width} / ${data.height}`);
      this.trouble(data.trouble, false);
      if (data.src) { this.video.poster = data.poster; this.video.src = data.src; } else { this.video.removeAttribute("src"); this.video.load(); }
    }
    if (old?.src !== data.src || JSON.stringify(old?.windows) !== JSON.stringify(data.windows)) { this.windows.fps = data.fps; this.windows.use(data.windows); this.windows.load(data.seek?.t ?? this.t).then(() => this.goOn()); }
    if (old?.timeline !== data.timeline) this.loadTimeline(data.timeline);
    if (old?.selected.n !== data.selected.n) this.mark(data.selected.id);
    if (data.loop && old?.loop?.n !== data.loop.n) this.setLoop(data.loop);
    if (data.seek && old?.seek?.n !== data.seek.n) this.seek(data.seek.t, data.seek.play);
    this.files(); this.draw();
  }

  async loadTimeline(url) {
    try {
      const answer = await fetch(url, { credentials: "same-origin", signal: this.abort.signal });
      if (!answer.ok) throw new Error(await answer.text());
      const told = await answer.json();
      if (url !== this.data.timeline) return;
      this.told = told; this.names = new Map(told.tracks.id.map((id, row) => [id, row])); this.chips(); this.lanes.use(told);
      this.lanes.select(this.selected, false); this.fitLanes(); this.lanes.reveal(); this.list(); this.draw();
    } catch (problem) { if (problem.name !== "AbortError") this.hint(String(problem.message ?? problem)); }
  }
  fitLanes() { const { scroller, canvas, height } = this.lanes; const shown = Math.min(height ?? 80, 248); canvas.style.height = `${shown - 2}px`; scroller.style.height = `${shown}px`; this.lanes.later(); }

  // --- what happens to the video --------------------------------------------------------------
  onReady() { this.ready = true; this.$(".strip input").max = String(this.duration); this.goOn(); }
  get duration() { return Math.max(0.1, this.data?.duration || (this.video.duration - this.origin) || 1); }
  onBoxes() { this.root.dataset.boxes = "ready"; this.onFrame(this.t); }
  onPlay(playing) {
    this.root.classList.toggle("playing", playing); this.$(".play").setAttribute("aria-label", playing ? "Pause" : "Play");
    if (!playing) { this.report(); this.list(); }
  }
  /** A browser may show the frame of a seek without telling of it: then it is the one aimed at. */
  onSeeked() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      if (this.aim === null || this.pending || this.video.seeking || !this.video.paused) return;
      const t = this.aim; this.aim = null; this.onFrame(t);
    }, SETTLE_MS);
    this.report();
  }
  onError() {
    if (!this.data?.src || !this.video.getAttribute("src")) return;
    const gone = this.video.error?.code === 2;
    this.trouble(gone ? "The video stopped arriving. Reload the page to go on." : this.data.unplayable, !gone && this.data.can_copy);
  }
  trouble(said, copy) { const box = this.$(".trouble"); box.hidden = !said; box.firstElementChild.textContent = said ?? ""; this.$("[data-act=copy]").hidden = !copy; }
  hint(said) { const box = this.$(".hint"); box.hidden = !said; box.textContent = said ?? ""; clearTimeout(this.hinting); this.hinting = setTimeout(() => { box.hidden = true; }, 6000); }

  /** t: when the frame on screen is shown, seconds from the first one; exact, unlike currentTime. */
  onFrame(t) {
    this.t = Math.max(0, t); this.windows.keepUp(this.t);
    const part = this.windows.at(this.t), frame = part ? part.frameAt(this.t) : Math.round(this.t * (this.data?.fps || 25));
    this.$(".time b").textContent = clockOf(this.t, 2); this.$(".time span").textContent = `/ ${clockOf(this.duration, 0)} · frame ${frame}`;
    const range = this.$(".strip input"); range.value = String(this.t); range.setAttribute("aria-valuetext", clockOf(this.t, 1));
    this.lanes.now(this.t, !this.video.paused);
    const { loop } = this;
    if (loop && !this.video.paused && !this.video.seeking && (this.t >= loop.t1 - 1e-3 || this.windows.step(this.t, 1) >= loop.t1 || this.t < loop.t0 - 0.05)) this.seek(loop.t0);
    const boxes = this.draw(); if (this.video.paused) this.list();
    this.root.dispatchEvent(new CustomEvent("vt-frame", { bubbles: true, composed: true, detail: { t: this.t, frame, boxes } }));
  }

  /** Aim at the middle of a frame: a stamp on the edge may round to its neighbour. */
  seek(t, play = false) {
    t = clamp(t, 0, Math.max(0, this.duration - 1e-3));
    this.pending = { t, play }; this.aim = t; this.goOn();
  }
  goOn() {
    const to = this.pending;
    if (!to || !this.ready) return;
    if (this.windows.list.length && !this.windows.at(to.t)) { this.windows.load(to.t).then((part) => { if (this.pending === to && part) this.goOn(); else if (this.pending === to) this.land(to); }); return; }
    this.land(to);
  }
  land(to) {
    this.pending = null;
    const [from, next] = this.windows.frame(to.t); this.aim = to.play ? null : from;
    this.video.currentTime = this.origin + (from + next) / 2;
    if (to.play) this.video.play().catch(() => {});
  }
  step(d) { this.video.pause(); this.seek(this.windows.step(this.from(), d)); }
  toggle() { if (this.video.paused) { if (this.loop && (this.t < this.loop.t0 || this.t >= this.loop.t1)) this.seek(this.loop.t0, true); else this.video.play().catch(() => {}); } else this.video.pause(); }
  rate(d) { const select = this.$(".rate"); select.selectedIndex = clamp(select.selectedIndex + d, 0, select.options.length - 1); this.video.playbackRate = Number(select.value); this.say(`speed ${select.selectedOptions[0].text}`); }
  setLoop(loop) {
    this.loop = loop && loop.t1 > loop.t0 + 0.02 ? loop : null;
    const mark = this.$(".strip .loop"); mark.hidden = !this.loop; this.$("[data-act=loop]").setAttribute("aria-pressed", String(!!this.loop));
    if (this.loop) { mark.style.left = `${100 * this.loop.t0 / this.duration}%`; mark.style.width = `${100 * (this.loop.t1 - this.loop.t0) / this.duration}%`; }
  }
  userLoop(loop) { this.setLoop(loop); this.act("loop", { t0: this.loop?.t0 ?? null, t1: this.loop?.t1 ?? null }); this.say(this.loop ? `loop ${clockOf(loop.t0)} to ${clockOf(loop.t1)}` : "no loop"); }
  loopHere() {
    if (this.loop) return this.userLoop(null);
    const now = this.eventsOf(this.selected).filter((e) => e.t0 <= this.t + 0.05 && this.t <= e.t1 + 0.05).sort((a, b) => (a.t1 - a.t0) - (b.t1 - b.t0))[0];
    const row = this.names?.get(this.selected);
    if (now) return this.userLoop({ t0: Math.max(0, now.t0 - 0.3), t1: Math.min(this.duration, now.t1 + 0.3) });
    if (row !== undefined) return this.userLoop({ t0: this.told.tracks.t0[row], t1: this.told.tracks.t1[row] });
    return this.userLoop({ t0: this.t, t1: Math.min(this.duration, this.t + 2) });
  }

  // --- what a person does ---------------------------------------------------------------------
  act(kind, more = {}) { this.send(kind, { t: this.t, ...more }); }
  report() {
    clearTimeout(this.reporting);
    this.reporting = setTimeout(() => { if (this.video.paused && !this.video.seeking && Math.abs((this.reported ?? -1) - this.t) > 5e-3) { this.reported = this.t; this.keep("cursor", Math.round(this.t * 1000) / 1000); } }, REPORT_MS);
  }
  mark(id) { this.selected = id; this.lanes.select(id); this.list(); this.draw(); }
  choose(id) {
    if (id === this.selected) return;
    this.mark(id); this.say(id === null ? "nothing chosen" : `${this.title(id)} chosen`); this.act("pick", { track: id });
  }
  say(words) { this.$(".said").textContent = words; }
  title(id) { const row = this.names?.get(id); if (row === undefined) return `#${id}`; const { tracks, classes } = this.told; return `${tracks.name[row] || classes[tracks.class[row]].name} #${id}`; }
  eventsOf(id) {
    if (!this.told || id === null) return [];
    const { events, kinds } = this.told;
    return (this.lanes.eventsOf?.get(id) ?? []).map((k) => ({ k, t0: events.t0[k], t1: events.t1[k], other: events.other[k], words: events.other[k] >= 0 ? `${kinds[events.kind[k]]} ${this.title(events.other[k])}` : kinds[events.kind[k]] }));
  }
  /** To the next event of the chosen object, or of any that is shown. */
  jump(d) {
    if (!this.told) return;
    const { events, tracks, kinds } = this.told; let best = -1;
    for (let k = 0; k < events.t0.length; k++) {
      const row = this.names.get(events.track[k]);
      if (this.selected !== null ? events.track[k] !== this.selected : row === undefined || this.lanes.hidden.has(tracks.class[row])) continue;
      if (d > 0 && events.t0[k] > this.t + 0.03 && (best < 0 || events.t0[k] < events.t0[best])) best = k;
      if (d < 0 && events.t0[k] < this.t - 0.03 && (best < 0 || events.t0[k] > events.t0[best])) best = k;
    }
    if (best < 0) return this.hint(d > 0 ? "No later event." : "No earlier event.");
    const said = `${kinds[events.kind[best]]}, ${this.title(events.track[best])}`; this.say(said); this.hint(said); this.seek(events.t0[best]);
  }
  walk(d) {
    const ids = this.here().map((box) => box.id); if (!ids.length) return;
    const k = ids.indexOf(this.selected); this.choose(ids[k < 0 ? (d > 0 ? 0 : ids.length - 1) : (k + d + ids.length) % ids.length]);
  }
  flip(name) {
    this.show[name] = !this.show[name]; this.$(`[data-act=${name}]`).setAttribute("aria-pressed", String(this.show[name]));
    if (name === "close" && this.show.close && this.selected === null) this.hint("Choose an object to stay close to.");
    this.draw();
  }
  help(open = this.$(".help").hidden) { const box = this.$(".help"), from = !box.hidden; box.hidden = !open; if (open) box.querySelector("button").focus(); else if (from) this.root.focus({ preventScroll: true }); }
  sheet(open) { this.$(".sheet").hidden = !open; this.$("[data-act=export]").setAttribute("aria-expanded", String(open)); }

  onButton(e) {
    const button = e.composedPath()[0].closest?.("button"), name = button?.dataset.act;
    if (!e.composedPath()[0].closest?.(".menu")) this.sheet(false);
    const acts = {
      before: () => this.jump(-1), after: () => this.jump(1), back: () => this.step(-1), on: () => this.step(1), play: () => this.toggle(), loop: () => this.loopHere(),
      export: () => this.sheet(this.$(".sheet").hidden), full: () => this.full(), help: () => this.help(), in: () => this.lanes.zoom(0.5), out: () => this.lanes.zoom(2), fit: () => this.lanes.see(0, this.duration),
      copy: () => { button.disabled = true; this.act("copy"); },
    };
    if (name in this.show) this.flip(name); else acts[name]?.();
  }
  full() { if (document.fullscreenElement) document.exitFullscreen(); else this.root.requestFullscreen?.().catch(() => {}); }

  onKey(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return;
    const at = e.composedPath()[0], control = at.closest?.("button, select, input, a"), acts = {
      " ": () => this.toggle(), k: () => this.toggle(), ",": () => this.step(-1), ".": () => this.step(1), "[": () => this.jump(-1), "]": () => this.jump(1),
      ArrowLeft: () => this.seek(this.from() - (e.shiftKey ? 5 : 1)), ArrowRight: () => this.seek(this.from() + (e.shiftKey ? 5 : 1)), Home: () => this.seek(0), End: () => this.seek(this.duration),
      n: () => this.walk(1), p: () => this.walk(-1), l: () => this.loopHere(), "<": () => this.rate(-1), ">": () => this.rate(1), "\\": () => this.userLoop(null),
      i: () => { this.loopFrom = this.t; this.hint(`Loop from ${clockOf(this.t)}; press o at its end.`); }, o: () => this.userLoop({ t0: Math.min(this.loopFrom ?? 0, this.t), t1: Math.max(this.loopFrom ?? 0, this.t) }),
      b: () => this.flip("boxes"), m: () => this.flip("names"), t: () => this.flip("trails"), e: () => this.flip("events"), z: () => this.flip("close"),
      "+": () => this.lanes.zoom(0.5), "=": () => this.lanes.zoom(0.5), "-": () => this.lanes.zoom(2), 0: () => this.lanes.see(0, this.duration), f: () => this.full(), "?": () => this.help(),
      s: () => { this.video.muted = !this.video.muted; this.hint(this.video.muted ? "Sound off." : "Sound on."); },
      Escape: () => { if (!this.$(".help").hidden) this.help(false); else if (!this.$(".sheet").hidden) this.sheet(false); else this.choose(null); },
    };
    const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
    if (!(key in acts) || (control && [" ", "ArrowLeft", "ArrowRight", "Home", "End"].includes(key))) return;
    e.preventDefault(); e.stopPropagation();            // or Streamlit's own keys and scrolling take it
    acts[key]();
  }
  /** Where a person takes it to be: a held key outruns seeking, and seeking the frame on screen. */
  from() { return this.aim ?? this.t; }

  // --- lists: the same things for keyboards and screen readers ----------------------------------
  button(words, act, small = "") {
    const b = document.createElement("button"); b.type = "button";
    if (small) { const s = document.createElement("small"); s.textContent = small; b.append(s); }
    b.append(words); b.addEventListener("click", act); return b;
  }
  list() {
    if (!this.told) return;
    const items = this.$(".items"), chosen = this.selected !== null && this.names.has(this.selected);
    const entries = chosen ? this.eventsOf(this.selected).map((e) => [`e${e.k}`, e.words, clockOf(e.t0), () => { this.seek(e.t0); }, e.t0 <= this.t + 1e-3 && this.t <= e.t1]) : this.here().slice(0, 60).map((box) => [`o${box.id}`, this.title(box.id), "", () => this.choose(box.id), false]);
    const title = this.$(".list-title"); title.textContent = chosen ? (entries.length ? `Events of ${this.title(this.selected)}` : `${this.title(this.selected)}: no events`) : entries.length ? "On this frame" : "Nothing on this frame";
    const key = entries.map((entry) => entry[0] + entry[1]).join();
    if (key !== this.listed) { this.listed = key; items.replaceChildren(...entries.map(([, words, small, act]) => this.button(words, act, small))); }
    entries.forEach((entry, k) => items.children[k]?.classList.toggle("holds", entry[4]));
  }
  chips() {
    const { classes, tracks } = this.told, dark = this.lanes.look().dark, counts = classes.map((_, c) => tracks.class.filter((k) => k === c).length);
    this.$(".chips").replaceChildren(...classes.map((cls, c) => {
      const b = this.button(`${cls.name} ${counts[c]}`, () => { const { hidden } = this.lanes; if (!hidden.delete(c)) hidden.add(c); b.setAttribute("aria-pressed", String(!hidden.has(c))); this.lanes.arrange(); this.fitLanes(); this.list(); this.draw(); });
      b.setAttribute("aria-pressed", String(!this.lanes.hidden.has(c))); b.title = `Show or hide: ${cls.name}`; b.style.setProperty("--c", cls[dark ? "dark" : "light"]); b.prepend(document.createElement("i")); return b;
    }));
  }

  // --- files ------------------------------------------------------------------------------------
  files() {
    const key = JSON.stringify([this.data.files, this.data.clips]); if (key === this.filed) return; this.filed = key;
    const line = (el, words, small) => { const s = document.createElement("small"); s.textContent = small; el.replaceChildren(words, s); return el; };
    const links = this.data.files.map((f) => { const a = document.createElement("a"); a.href = f.url; a.download = ""; return line(a, f.label, f.note); });
    const clips = this.data.clips.map((c) => { const b = document.createElement("button"); b.type = "button"; b.addEventListener("click", () => this.clip(c)); return line(b, c.label, c.note); });
    this.note = document.createElement("p"); this.note.setAttribute("aria-live", "polite"); this.note.hidden = true; this.progress = document.createElement("progress"); this.progress.hidden = true; this.progress.setAttribute("aria-label", "Clip"); this.progress.max = 1;
    this.$(".sheet").replaceChildren(...links, document.createElement("hr"), ...clips, this.note, this.progress);
  }
  async clip(c) {
    const tell = (words, share = null) => { this.note.hidden = !words; this.note.textContent = words; this.progress.hidden = share === null; if (share !== null) this.progress.value = share; };
    try {
      for (;;) {
        const answer = await fetch(c.state, { credentials: "same-origin", signal: this.abort.signal }), told = await answer.json();
        if (told.error) return tell(told.error);
        if (told.ready) { tell("Ready."); const a = document.createElement("a"); a.href = c.url; a.download = ""; a.click(); return; }
        tell("Drawing and encoding the clip…", told.done); await new Promise((go) => setTimeout(go, 400));
      }
    } catch (problem) { if (problem.name !== "AbortError") tell("The clip cannot be made now: the server does not answer."); }
  }

  // --- drawing ----------------------------------------------------------------------------------
  fit() {                       // the picture inside the stage, CSS pixels, before closing in
    const W = this.canvas.clientWidth, H = this.canvas.clientHeight, w = this.video.videoWidth || this.data?.width || 16, h = this.video.videoHeight || this.data?.height || 9, k = Math.min(W / w, H / h);
    return { x: (W - w * k) / 2, y: (H - h * k) / 2, w: w * k, h: h * k, W, H };
  }
  here() { const part = this.windows.at(this.t); return part ? part.boxesAt(this.t).filter((box) => !this.lanes.hidden.has(this.classOf(box))) : []; }
  classOf(box) { const row = this.names?.get(box.id); return row === undefined ? box.cls : this.told.tracks.class[row]; }
  hit(e) {
    const r = this.canvas.getBoundingClientRect(), f = this.fit(), { k, x, y } = this.view;
    const u = ((e.clientX - r.left - x) / k - f.x) / f.w, v = ((e.clientY - r.top - y) / k - f.y) / f.h; let best = null, least = Infinity;
    if (this.show.boxes) for (const box of this.here()) { const area = (box.x1 - box.x0) * (box.y1 - box.y0); if (u >= box.x0 && u <= box.x1 && v >= box.y0 && v <= box.y1 && area < least) { best = box; least = area; } }
    return best;
  }
  closeIn(f, box) {
    let want = { k: 1, x: 0, y: 0 };
    if (this.show.close && box) {
      const k = clamp(CLOSE_SHARE / Math.max(box.x1 - box.x0, box.y1 - box.y0), 1, MOST_ZOOM), cx = f.x + (box.x0 + box.x1) / 2 * f.w, cy = f.y + (box.y0 + box.y1) / 2 * f.h;
      want = { k, x: clamp(f.W / 2 - k * cx, f.W - k * f.W, 0), y: clamp(f.H / 2 - k * cy, f.H - k * f.H, 0) };
    } else if (this.show.close && this.selected !== null) want = this.view;
    const s = this.calm || this.video.paused ? 1 : 0.16; for (const c of ["k", "x", "y"]) this.view[c] += s * (want[c] - this.view[c]);
    const still = Math.abs(this.view.k - 1) < 1e-3; if (still) this.view = { k: 1, x: 0, y: 0 };
    this.video.style.transform = still ? "" : `translate(${this.view.x}px, ${this.view.y}px) scale(${this.view.k})`;
  }

  /** Draw what belongs to the frame at `this.t`; the boxes drawn. */
  draw() {
    const c = this.canvas, r = window.devicePixelRatio || 1, f = this.fit(), g = this.ctx;
    if (!f.W || !f.H || !this.data) return [];
    if (c.width !== Math.round(f.W * r) || c.height !== Math.round(f.H * r)) { c.width = Math.round(f.W * r); c.height = Math.round(f.H * r); }
    g.setTransform(r, 0, 0, r, 0, 0); g.clearRect(0, 0, f.W, f.H);
    const part = this.windows.at(this.t), boxes = this.here(), chosen = boxes.find((box) => box.id === this.selected);
    this.closeIn(f, chosen);
    if (!part) return boxes;
    const { k, x, y } = this.view, X = (u) => x + k * (f.x + u * f.w), Y = (v) => y + k * (f.y + v * f.h);
    const colour = (box) => this.told?.classes[this.classOf(box)]?.dark ?? "#56b4e9", font = getComputedStyle(this.root).fontFamily;
    const dim = this.selected !== null && this.names?.has(this.selected); this.tags = [];
    if (this.selected !== null && this.show.trails && !this.lanes.hidden.has(this.classOf({ id: this.selected }))) this.path(g, part.trail(this.selected, -Infinity, Infinity), X, Y, "#fff", 1.2, 0.4);
    for (const box of boxes.sort((a, b) => (a.id === this.selected) - (b.id === this.selected))) {
      const own = box.id === this.selected, hover = box.id === this.hover, faint = dim && !own && !hover; g.strokeStyle = g.fillStyle = colour(box);
      if (this.show.trails) this.path(g, part.trail(box.id, this.t - TRAIL_S, this.t), X, Y, colour(box), own ? 3 : 1.75, faint ? 0.25 : own ? 1 : 0.7);
      g.globalAlpha = faint ? 0.4 : 1;
      const a = X(box.x0), b = Y(box.y0), w = X(box.x1) - a, h = Y(box.y1) - b;
      if (this.show.boxes) {
        g.setLineDash(box.guessed ? [5, 4] : []); g.lineJoin = "round";
        if (!faint) { g.lineWidth = own ? 5 : 3.2; g.strokeStyle = "#0009"; g.strokeRect(a, b, w, h); }
        g.lineWidth = own ? 2.75 : hover ? 2.4 : 1.6; g.strokeStyle = own ? "#fff" : colour(box); g.strokeRect(a, b, w, h); g.setLineDash([]);
      }
      if (this.show.names && !(faint && boxes.length > 8) && (w > 16 || own || hover)) this.tag(g, this.title(box.id), a, b, own ? "#fff" : colour(box), font, f, own || hover);
      if (this.show.events && !faint && (own || hover || boxes.length <= 14)) this.doing(g, box, a, b + h, font, f, own || hover);
    }
    g.globalAlpha = 1;
    return boxes;
  }
  path(g, pieces, X, Y, colour, width, alpha) {
    g.strokeStyle = colour; g.lineWidth = width; g.globalAlpha = alpha; g.lineJoin = g.lineCap = "round"; g.beginPath();
    for (const piece of pieces) piece.forEach(([u, v], k) => (k ? g.lineTo(X(u), Y(v)) : g.moveTo(X(u), Y(v))));
    g.stroke(); g.globalAlpha = 1;
  }
  /** Whether there is room for a tag that no other one takes already; then it is taken. */
  room(x, y, w, h) {
    const free = !this.tags.some((r) => x < r[0] + r[2] && r[0] < x + w && y < r[1] + r[3] && r[1] < y + h);
    if (free) this.tags.push([x, y, w, h]);
    return free;
  }
  tag(g, words, a, b, colour, font, f, always) {
    g.font = `600 11px ${font}`; const wide = g.measureText(words).width + 10, left = clamp(a - 1, 0, Math.max(0, f.W - wide)), top = b - 17 < 0 ? b + 2 : b - 17;
    if (!this.room(left, top, wide, 16) && !always) return;
    g.fillStyle = colour; g.beginPath(); g.roundRect(left, top, wide, 16, 3); g.fill(); g.fillStyle = "#0d1114"; g.fillText(words, left + 5, top + 11.8);
  }
  doing(g, box, a, bottom, font, f, all) {
    const now = this.eventsOf(box.id).filter((e) => e.t0 <= this.t + SAME_S && this.t <= e.t1 + SAME_S).sort((p, q) => (p.t1 - p.t0) - (q.t1 - q.t0)).slice(0, all ? 3 : 1);
    now.forEach((e, k) => {
      g.font = `500 10.5px ${font}`; const wide = g.measureText(e.words).width + 20, left = clamp(a - 1, 0, Math.max(0, f.W - wide)), top = Math.min(bottom + 3, f.H - 17 * now.length) + 17 * k;
      if (!this.room(left, top, wide, 15) && !all) return;
      g.fillStyle = "#0d1114cc"; g.beginPath(); g.roundRect(left, top, wide, 15, 3); g.fill(); g.fillStyle = "#ffd54a"; g.beginPath(); g.moveTo(left + 8, top + 3.5); g.lineTo(left + 12, top + 7.5); g.lineTo(left + 8, top + 11.5); g.lineTo(left + 4, top + 7.5); g.fill();
      g.fillStyle = "#fff"; g.fillText(e.words, left + 15, top + 11);
    });
  }

  close() { this.abort.abort(); this.resize.disconnect(); clearTimeout(this.reporting); clearTimeout(this.settling); clearTimeout(this.hinting); this.video.cancelVideoFrameCallback(this.waiting); this.video.removeAttribute("src"); this.video.load(); }
}

export default function (component) {
  const parent = component.parentElement;
  if (!players.has(parent)) players.set(parent, new Player(parent));
  players.get(parent).update(component);
  return () => { players.get(parent)?.close(); players.delete(parent); };
}
