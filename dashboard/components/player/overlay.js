// Boxes of a video by time. The file's layout stands in dashboard/boxes.py.

const MAGIC = 0x314f5456;
const SAME_S = 5e-4;            // two times that are one: stamps are rounded on their way here

/** Index of the last value of a rising array that is at or below x, -1 before the first. */
function lastAtOrBelow(values, x, low = 0, high = values.length - 1) {
  let found = low - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= x) { found = middle; low = middle + 1; } else high = middle - 1;
  }
  return found;
}

class Boxes {
  constructor(buffer) {
    const view = new DataView(buffer);
    if (buffer.byteLength < 64 || view.getUint32(0, true) !== MAGIC) throw new Error("The boxes of this video cannot be read.");
    const frames = view.getUint32(4, true), samples = view.getUint32(8, true), n = view.getUint32(12, true);
    [this.origin, this.t0, this.t1, this.longestGap] = [16, 24, 32, 40].map((at) => view.getFloat64(at, true));
    this.firstFrame = view.getInt32(48, true);
    this.exact = view.getUint32(52, true) === 1;
    this.fps = view.getFloat64(56, true);
    let at = 64;
    const take = (Type, count) => { const part = new Type(buffer, at, count); at += part.byteLength; return part; };
    this.times = take(Float64Array, frames);
    this.sampleT = take(Float64Array, samples);
    this.sampleFrame = take(Int32Array, samples);
    this.offsets = take(Uint32Array, samples + 1);
    this.id = take(Int32Array, n);
    this.confidence = take(Float32Array, n);
    this.xyxy = take(Float32Array, 4 * n);
    this.cls = take(Uint16Array, n);
    this.flags = take(Uint8Array, n);
    this.rows = new Map();      // track -> its rows, in order of time
    this.rowT = new Map();      // track -> their times
    const counts = new Map();
    for (const id of this.id) counts.set(id, (counts.get(id) ?? 0) + 1);
    for (const [id, count] of counts) { this.rows.set(id, new Uint32Array(count)); this.rowT.set(id, new Float64Array(count)); }
    const filled = new Map();
    for (let s = 0; s < samples; s++)
      for (let row = this.offsets[s]; row < this.offsets[s + 1]; row++) {
        const id = this.id[row], k = filled.get(id) ?? 0;
        this.rows.get(id)[k] = row; this.rowT.get(id)[k] = this.sampleT[s]; filled.set(id, k + 1);
      }
  }

  /** Index in `times` of the frame on screen at t. */
  indexAt(t) { return Math.max(0, lastAtOrBelow(this.times, t + SAME_S)); }
  frameAt(t) { return this.firstFrame + (this.times.length ? this.indexAt(t) : Math.round((t - this.t0) * this.fps)); }

  /** The box of a track at t: between two looks in proportion to time, null where it is not seen. */
  boxOf(id, t) {
    const times = this.rowT.get(id);
    if (!times) return null;
    const k = lastAtOrBelow(times, t + SAME_S);
    if (k < 0) return null;
    const rows = this.rows.get(id), a = rows[k], q = this.xyxy;
    const told = { id, cls: this.cls[a], confidence: this.confidence[a], guessed: this.flags[a] === 1 };
    if (Math.abs(times[k] - t) <= SAME_S) return { ...told, x0: q[4 * a], y0: q[4 * a + 1], x1: q[4 * a + 2], y1: q[4 * a + 3] };
    if (k + 1 >= rows.length || times[k + 1] - times[k] > this.longestGap) return null;
    const b = rows[k + 1], s = (t - times[k]) / (times[k + 1] - times[k]), mix = (c) => q[4 * a + c] + s * (q[4 * b + c] - q[4 * a + c]);
    return { ...told, guessed: told.guessed && this.flags[b] === 1, x0: mix(0), y0: mix(1), x1: mix(2), y1: mix(3) };
  }

  /** All boxes at t, ordered by track. */
  boxesAt(t) {
    const found = [];
    for (const id of this.rows.keys()) { const box = this.boxOf(id, t); if (box) found.push(box); }
    return found.sort((a, b) => a.id - b.id);
  }

  /** Middles of the boxes of a track in [from, to], as pieces [[x, y], ...] that gaps part. */
  trail(id, from, to) {
    const times = this.rowT.get(id), pieces = [];
    if (!times) return pieces;
    const rows = this.rows.get(id), q = this.xyxy;
    for (let k = Math.max(0, lastAtOrBelow(times, from)), before = -Infinity; k < times.length && times[k] <= to + SAME_S; k++) {
      if (times[k] < from) continue;
      if (times[k] - before > this.longestGap) pieces.push([]);
      pieces.at(-1).push([(q[4 * rows[k]] + q[4 * rows[k] + 2]) / 2, (q[4 * rows[k] + 1] + q[4 * rows[k] + 3]) / 2]);
      before = times[k];
    }
    return pieces;
  }
}

/** The windows of a long video, fetched as they are needed; a few are kept. */
class Windows {
  constructor(onLoad, onTrouble) {
    this.onLoad = onLoad; this.onTrouble = onTrouble; this.list = []; this.parts = new Map(); this.asked = new Map();
  }

  /** The old boxes stay until the new ones are there: a person's edit does not make them blink. */
  use(list) { this.list = list; this.asked.clear(); this.stale = new Map(this.parts); this.parts.clear(); }
  place(t) {
    const last = this.list.length - 1;
    return Math.min(last, Math.max(0, lastAtOrBelow(this.list.map((w) => w.t0), t + SAME_S)));
  }
  at(t) { const k = this.place(t); return this.parts.get(k) ?? this.stale?.get(k) ?? null; }
  get any() { return this.parts.values().next().value ?? this.stale?.values().next().value ?? null; }

  load(t) {
    const k = this.place(t);
    if (!this.list.length) return Promise.resolve(null);
    if (this.asked.has(k)) return this.asked.get(k);
    const list = this.list;
    const job = (async () => {
      try {
        const answer = await fetch(list[k].url, { credentials: "same-origin" });
        if (!answer.ok) throw new Error((await answer.text()) || `The boxes are not there (${answer.status}).`);
        const part = new Boxes(await answer.arrayBuffer());
        if (list !== this.list) return null;
        this.parts.set(k, part);
        for (const old of [...this.parts.keys()].filter((j) => Math.abs(j - k) > 1).slice(0, Math.max(0, this.parts.size - 4))) { this.parts.delete(old); this.asked.delete(old); }
        this.onLoad(part);
        return part;
      } catch (problem) {
        if (list === this.list) { this.asked.delete(k); this.onTrouble(String(problem.message ?? problem)); }
        return null;
      }
    })();
    this.asked.set(k, job);
    return job;
  }

  /** Have the window of t, and the next one before it is needed. */
  keepUp(t) {
    const k = this.place(t), now = this.list[k];
    if (!now) return;
    this.load(t);
    if (k + 1 < this.list.length && t > now.t0 + 0.6 * (now.t1 - now.t0)) this.load(this.list[k + 1].t0);
  }

  /** Time of the frame `d` frames from the one shown at t, at the windows' borders too. */
  step(t, d) {
    const part = this.at(t);
    if (!part || !part.times.length) return t + d / (part?.fps || this.fps || 25);
    const k = part.indexAt(t) + d;
    if (k >= 0 && k < part.times.length) return part.times[k];
    const next = this.parts.get(this.place(t) + Math.sign(d));
    if (!next?.times.length) return k < 0 ? part.times[0] + k / part.fps : part.times.at(-1) + (k - part.times.length + 1) / part.fps;
    return next.times[Math.min(next.times.length - 1, Math.max(0, k < 0 ? next.times.length + k : k - part.times.length))];
  }
  /** The shown time and the next frame's. */
  frame(t) {
    const part = this.at(t);
    const from = part?.times.length ? part.times[part.indexAt(t)] : t;
    return [from, Math.max(from + 1e-3, this.step(from, 1))];
  }
}
