// The video of a moment: it plays the span in a loop, with its objects drawn on the shown frame.
const TRAIL_S = 3;
const COLOURS = ["#ffc400", "#40c4ff"]; // the object, those it stands in relation to: as on the stills
const EDGE = "#0e1216c0";

// A trail shows the way; the trembling of its boxes would hide it. Its ends stay where they are.
function smoothed(points) {
  const reach = 3;
  return points.map((_, k) => {
    const near = Math.min(reach, k, points.length - 1 - k), around = points.slice(k - near, k + near + 1);
    return [0, 1].map((axis) => around.reduce((sum, point) => sum + point[axis], 0) / around.length);
  });
}

class Stage {
  constructor(root, onTime) {
    this.video = root.querySelector("video");
    this.canvas = root.querySelector("canvas");
    this.stage = root.querySelector(".stage");
    this.trouble = root.querySelector(".trouble");
    this.onTime = onTime;
    this.marks = true;
    this.video.addEventListener("loadedmetadata", () => this.begin());
    this.video.addEventListener("error", () => {
      if (!this.video.getAttribute("src")) return;
      this.say("This browser cannot play the file: it was moved, or its format needs an H.264 copy.");
    });
    // Where frames cannot be watched, the time of the player is the best that is known.
    if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback((_, frame) => this.framed(frame.mediaTime));
    else this.video.addEventListener("timeupdate", () => this.shown(this.video.currentTime));
    new ResizeObserver(() => this.draw()).observe(this.stage);
  }

  say(text) {
    this.trouble.textContent = text;
    this.trouble.hidden = !text;
  }

  async show(moment, span) {
    this.close();
    this.moment = moment;
    this.span = span ?? [moment.t0_s, moment.t1_s];
    this.media = undefined;
    this.video.src = moment.source.split("#")[0];
    if (!moment.boxes) return;
    const asked = this.stopped = new AbortController();
    try {
      const answer = await fetch(moment.boxes, { signal: asked.signal });
      if (!answer.ok) throw new Error(`The boxes cannot be shown: ${answer.status}.`);
      const read = readBoxes(await answer.arrayBuffer());
      if (this.stopped !== asked) return; // another moment, or closed; verdicts on this one change nothing
      this.read = read;
      if (read.origin) this.begin();
      this.draw();
    } catch (problem) {
      if (problem.name !== "AbortError") this.say(String(problem.message));
    }
  }

  get origin() { return this.read?.origin ?? 0; }
  get now() { return (this.media ?? this.video.currentTime) - this.origin; }

  begin() {
    this.stage.style.setProperty("--ratio", this.video.videoWidth / this.video.videoHeight || 16 / 9);
    if (this.video.readyState >= 1) this.seek(this.span[0]);
    this.play();
  }

  play() { if (this.video.getAttribute("src")) this.video.play().catch(() => {}); } // autoplay may be forbidden: there is a button
  toggle() { if (this.video.paused) this.play(); else this.video.pause(); }

  // A time on the edge of a frame may show the one before: a little after it.
  seek(t) { this.video.currentTime = Math.max(0, t + this.origin + 1e-3); }

  step(by) {
    this.video.pause();
    const times = this.read?.frames;
    if (!times?.length) { this.seek(this.now + by / 25); return; }
    const from = this.video.seeking && this.aimed !== undefined ? this.aimed : lastUntil(times, this.now);
    this.aimed = Math.min(times.length - 1, Math.max(0, from + by));
    const next = times[this.aimed + 1] ?? times[this.aimed] + 0.02;
    this.video.currentTime = this.origin + (times[this.aimed] + next) / 2;
  }

  framed(media) {
    this.shown(media);
    this.video.requestVideoFrameCallback((_, frame) => this.framed(frame.mediaTime));
  }

  shown(media) {
    this.media = media;
    if (!this.moment) return;
    const left = this.span[1] - this.now;
    if (!this.video.paused && !this.video.seeking && (left <= 0.02 || this.now < this.span[0] - 0.5)) this.seek(this.span[0]);
    this.draw();
    this.onTime(this.now);
  }

  draw() {
    const { canvas } = this, ratio = devicePixelRatio || 1;
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, width, height);
    delete canvas.dataset.drawn;
    if (!this.read || !this.moment || this.media === undefined || !this.marks) return;
    const now = frameTime(this.read, this.now), drawn = {};
    pen.lineJoin = pen.lineCap = "round";
    const stroke = (path) => {
      for (const [style, line] of [[EDGE, 4.5], [pen.fillStyle, 2.5]]) {
        Object.assign(pen, { strokeStyle: style, lineWidth: line * ratio });
        pen.beginPath();
        path();
        pen.stroke();
      }
    };
    [...this.moment.track_ids.entries()].reverse().forEach(([place, id]) => {
      const box = boxAt(this.read, id, now);
      pen.fillStyle = COLOURS[Math.min(place, 1)];
      for (const piece of trailOf(this.read, id, now - TRAIL_S, now).map(smoothed)) {
        stroke(() => piece.forEach(([x, y], k) => pen[k ? "lineTo" : "moveTo"](x * width, y * height)));
      }
      if (!box) return;
      drawn[id] = box;
      stroke(() => pen.rect(box[0] * width, box[1] * height, (box[2] - box[0]) * width, (box[3] - box[1]) * height));
      if (this.moment.track_ids.length > 1) this.name(pen, this.moment.objects[place]?.name ?? `#${id}`, box, ratio);
    });
    canvas.dataset.drawn = JSON.stringify({ t_s: now, boxes: drawn }); // what is drawn, for those who cannot see it
  }

  name(pen, text, [x0, y0, x1, y1], ratio) {
    const { width } = this.canvas, size = 12 * ratio, colour = pen.fillStyle;
    pen.font = `600 ${size}px sans-serif`;
    const wide = pen.measureText(text).width + size, high = 1.5 * size;
    const left = Math.min(Math.max(0, ((x0 + x1) / 2) * width - wide / 2), width - wide);
    const above = y0 * this.canvas.height - high - 3 * ratio;
    const top = above > 0 ? above : y1 * this.canvas.height + 3 * ratio;
    pen.fillRect(left, top, wide, high);
    pen.fillStyle = "#101214";
    pen.fillText(text, left + size / 2, top + 1.08 * size);
    pen.fillStyle = colour;
  }

  close() {
    this.stopped?.abort();
    this.moment = this.read = this.media = this.aimed = undefined;
    this.say("");
    this.video.removeAttribute("src");
    this.video.load(); // lets go of the connection
    this.draw();
  }
}
