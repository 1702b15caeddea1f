const boards = new WeakMap(); // Streamlit calls again with the same element whenever the data changes
const STEP = 0.02, FINE = 0.004; // of the picture, an arrow key and one with Shift
const NEAR_PX = 12; // a click this close to the first corner of a zone closes it
const DRAGGED_PX = 8;
const SVG = "http://www.w3.org/2000/svg";

class Board {
  constructor(root) {
    this.$ = (name) => root.querySelector(name);
    [this.stage, this.image, this.svg, this.cursor] = [".stage", "img", "svg", ".cursor"].map(this.$);
    this.points = [];
    this.counted = 0;
    this.at = [0.5, 0.5];
    const on = (node, event, act) => node.addEventListener(event, act);
    on(this.image, "load", () => {
      this.stage.style.setProperty("--ratio", this.image.naturalWidth / this.image.naturalHeight);
      this.$(".trouble").hidden = true;
      this.draw();
    });
    on(this.image, "error", () => { this.$(".trouble").hidden = false; });
    on(this.stage, "pointerdown", (event) => this.press(event));
    on(this.stage, "pointermove", (event) => this.move(event));
    on(this.stage, "pointerup", (event) => this.release(event));
    on(this.stage, "pointercancel", () => { this.pulled = undefined; this.draw(); });
    on(this.stage, "pointerleave", () => { if (!this.pulled) { this.hover = undefined; this.draw(); } });
    on(this.stage, "dblclick", () => this.done());
    on(this.stage, "keydown", (event) => this.key(event));
    on(this.stage, "blur", () => { this.cursor.hidden = true; this.draw(); });
    on(this.$(".undo"), "click", () => this.undo());
    on(this.$(".clear"), "click", () => this.clear());
    on(this.$(".done"), "click", () => this.done());
    new ResizeObserver(() => this.draw()).observe(this.stage);
  }

  update({ data, setTriggerValue }) {
    this.trigger = setTriggerValue;
    if (this.shape && this.shape !== data.shape) this.points = [];
    this.shape = data.shape;
    this.rule = SHAPES[data.shape];
    this.shapes = data.shapes;
    if (this.image.getAttribute("src") !== data.still) this.image.src = data.still; // what is drawn stays
    this.stage.setAttribute("aria-label", `The picture to draw ${this.rule.words} on. Arrow keys move the cursor, Enter sets a point, Backspace takes it back, Escape clears.`);
    this.$(".help").textContent = this.rule.help;
    this.draw();
  }

  place(event) {
    const { left, top, width, height } = this.stage.getBoundingClientRect();
    return rounded([(event.clientX - left) / width, (event.clientY - top) / height]);
  }

  distance([ax, ay], [bx, by]) {
    const { width, height } = this.stage.getBoundingClientRect();
    return Math.hypot((ax - bx) * width, (ay - by) * height);
  }

  press(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.stage.focus({ preventScroll: true });
    this.cursor.hidden = true;
    this.stage.setPointerCapture(event.pointerId);
    this.pulled = [this.place(event)];
  }

  move(event) {
    this.hover = this.place(event);
    if (this.pulled) this.pulled.push(this.hover);
    this.draw();
  }

  release(event) {
    if (!this.pulled) return;
    const pulled = [...this.pulled, this.place(event)], [first, last] = [pulled[0], pulled.at(-1)];
    this.pulled = undefined;
    const far = Math.max(...pulled.map((point) => this.distance(point, first)));
    if (far < DRAGGED_PX) this.set(first);
    else if (this.rule.most === 2) this.points = [first, last];
    else { // a stroke goes on from where the last one ended
      const more = stroke(pulled, this.rule.most);
      if (this.shape === "zone" && this.distance(more[0], more.at(-1)) < 3 * NEAR_PX) more.pop();
      this.points = [...this.points, ...more].slice(0, this.rule.most);
    }
    this.draw();
    this.tell();
  }

  set(point) {
    if (this.shape === "zone" && this.points.length >= 3 && this.distance(point, this.points[0]) < NEAR_PX) { this.done(); return; }
    if (this.points.length && this.distance(point, this.points.at(-1)) < 2) return; // the second half of a double click
    if (this.points.length >= this.rule.most) this.points = this.rule.most === 2 ? [] : this.points.slice(0, -1);
    this.points.push(rounded(point));
    this.draw();
    this.tell();
  }

  undo() { this.points.pop(); this.draw(); this.tell(); }
  clear() { this.points = []; this.draw(); this.tell(); }

  get whole() { return this.points.length >= this.rule.least && !(this.shape === "zone" && crossing(this.points)); }

  done() {
    if (!this.whole) { this.tell(); return; }
    const points = this.shape === "box" ? corners(this.points) : this.points;
    this.counted = Math.max(this.counted + 1, Date.now()); // also after a reload, another one
    this.points = [];
    this.draw();
    this.say(`Done: ${this.rule.words}.`);
    this.trigger("drawn", { n: this.counted, shape: this.shape, points });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? FINE : STEP;
    const ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const acts = {
      Enter: () => this.set(this.at), " ": () => this.set(this.at), Backspace: () => this.undo(), Delete: () => this.undo(),
      Escape: () => this.clear(), d: () => this.done(),
    };
    const way = ways[event.key], act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!way && !act) return;
    if (event.key === "Escape" && !this.points.length) return; // a dialog around it may want it
    event.preventDefault();
    event.stopPropagation(); // else Streamlit's own keys fire
    if (way) {
      this.at = rounded([this.at[0] + way[0], this.at[1] + way[1]]);
      this.cursor.hidden = false;
      this.hover = this.at;
      this.draw();
      this.say(`${Math.round(100 * this.at[0])} % from the left, ${Math.round(100 * this.at[1])} % from the top.`);
    } else act();
  }

  say(text) { this.$(".said").textContent = text; }

  tell() {
    const count = this.points.length, { least, words } = this.rule;
    if (!count) this.say("");
    else if (count < least) this.say(`${count} of ${least} points for ${words}.`);
    else if (!this.whole) this.say("The sides of this zone cross one another: take a point back.");
    else this.say(this.rule.most === 2 ? "Press Done, or draw it anew." : `${count} points. Press Done, or go on.`);
  }

  add(name, className, attributes) {
    const node = document.createElementNS(SVG, name);
    node.setAttribute("class", className);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    this.svg.append(node);
  }

  put(className, [x, y], text = "", degrees = undefined) {
    const node = document.createElement("span");
    node.className = className;
    node.textContent = text;
    node.style.left = `${100 * x}%`;
    node.style.top = `${100 * y}%`;
    if (degrees !== undefined) node.style.rotate = `${degrees}deg`;
    this.stage.append(node);
  }

  // Degrees of a step on screen, where the picture is not square.
  turned([dx, dy]) {
    const { width, height } = this.stage.getBoundingClientRect();
    return (Math.atan2(dy * height, dx * width) * 180) / Math.PI;
  }

  one(shape, points, mine, name) {
    const around = outline(shape, points), told = around.map((point) => point.join(",")).join(" ");
    const kind = closed(shape, points.length) ? "polygon" : "polyline";
    if (kind === "polygon") this.add("polygon", mine ? "fill" : "storedfill", { points: told });
    for (const className of ["edge", mine ? "mine" : "stored"]) this.add(kind, className, { points: told });
    const head = mine ? "head" : "head storedhead";
    if (shape === "path" && points.length > 1) {
      const [before, last] = [points.at(-2), points.at(-1)];
      this.put(head, last, "", this.turned([last[0] - before[0], last[1] - before[1]]));
    }
    if (shape === "line" && points.length === 2) this.gate(points, head, mine);
    if (name) {
      const middle = [0, 1].map((axis) => around.reduce((sum, point) => sum + point[axis], 0) / around.length);
      this.put("name", middle, name);
    }
  }

  // From the line's left to its right, seen along it: which way across it counts.
  gate([[ax, ay], [bx, by]], head, mine) {
    const { width, height } = this.stage.getBoundingClientRect();
    const along = [(bx - ax) * width, (by - ay) * height], length = Math.hypot(...along) || 1;
    const reach = [(-along[1] / length) * 34 / width, (along[0] / length) * 34 / height];
    const middle = [(ax + bx) / 2, (ay + by) / 2], tip = [middle[0] + reach[0], middle[1] + reach[1]];
    for (const className of ["edge", mine ? "mine" : "stored"]) this.add("polyline", className, { points: `${middle.join(",")} ${tip.join(",")}` });
    this.put(head, tip, "", this.turned(reach));
  }

  draw() {
    if (!this.rule) return;
    this.svg.replaceChildren();
    for (const node of this.stage.querySelectorAll(".name, .point, .head")) node.remove();
    for (const { shape, points, name } of this.shapes) this.one(shape, points, false, name);
    const pulling = this.pulled && this.distance(this.pulled[0], this.pulled.at(-1)) >= DRAGGED_PX;
    const shown = pulling ? (this.rule.most === 2 ? [this.pulled[0], this.pulled.at(-1)] : [...this.points, ...this.pulled]) : this.points;
    if (shown.length > 1) this.one(this.shape, shown, true);
    if (!pulling) this.points.forEach((point, k) => this.put(k ? "point" : "point first", point));
    const full = this.points.length >= this.rule.most, last = this.points.at(-1);
    if (!pulling && this.hover && last && !full) {
      if (this.shape === "box") this.add("polygon", "next", { points: outline("box", [last, this.hover]).map((p) => p.join(",")).join(" ") });
      else this.add("polyline", "next", { points: `${last.join(",")} ${this.hover.join(",")}` });
    }
    this.cursor.style.left = `${100 * this.at[0]}%`;
    this.cursor.style.top = `${100 * this.at[1]}%`;
    this.$(".undo").disabled = this.$(".clear").disabled = !this.points.length;
    this.$(".done").disabled = !this.whole;
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  if (!boards.has(parentElement)) boards.set(parentElement, new Board(parentElement));
  boards.get(parentElement).update({ data, setTriggerValue });
}
