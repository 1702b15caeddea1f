const TYPING = new Set(["TEXTAREA", "SELECT"]);

export function clock(seconds) {
  const tenths = Math.round(Math.max(0, seconds) * 10);
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}

// The dialog of one moment. does: as for cards, and {order() -> moments, closed(id), shown(id)}
class Dialog {
  constructor(root, does) {
    this.does = does;
    this.box = root.querySelector("dialog");
    this.$ = (name) => this.box.querySelector(name);
    this.stage = new Stage(this.box, (now) => this.timed(now));
    for (const node of this.box.querySelectorAll("[data-sign]")) iconed(node, node.dataset.sign, node.dataset.name, node.dataset.key);
    const on = (name, event, act) => this.$(name).addEventListener(event, act);
    on(".before", "click", () => this.go(-1));
    on(".after", "click", () => this.go(1));
    on(".close", "click", () => this.box.close());
    on(".play", "click", () => { this.small(); this.stage.toggle(); });
    on(".back", "click", () => this.stage.step(-1));
    on(".forth", "click", () => this.stage.step(1));
    on(".boxes", "click", () => this.marks());
    on(".large", "click", () => this.small());
    on(".scrub", "input", (event) => { this.stage.video.pause(); this.stage.seek(Number(event.target.value)); });
    on("canvas", "click", () => this.stage.toggle());
    for (const event of ["play", "pause"]) {
      this.stage.video.addEventListener(event, () => {
        const paused = this.stage.video.paused;
        iconed(this.$(".play"), paused ? "play" : "pause", paused ? "Play" : "Pause", "Space");
      });
    }
    this.box.addEventListener("click", (event) => { if (event.target === this.box) this.box.close(); });
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("cancel", (event) => {
      if (this.$(".large").hidden) return;
      event.preventDefault(); // Escape leaves the still first
      this.small();
    });
    this.box.addEventListener("close", () => {
      const id = this.moment?.id;
      this.moment = undefined;
      this.stage.close();
      does.closed(id);
    });
  }

  get isOpen() { return this.box.open; }

  open(moment, span) {
    const anew = moment.id !== this.moment?.id;
    this.moment = moment;
    this.small();
    this.$("h2").textContent = `${moment.video} · ${moment.span}`;
    this.write();
    if (anew) {
      const telling = ["event", "relation", "zone", "path", "colour"].map((kind) => moment.parts.findIndex((p) => p.kind === kind));
      const first = telling.find((at) => at >= 0) ?? 0;
      this.box.querySelectorAll(".proof > li > details")[first]?.setAttribute("open", "");
    }
    if (!this.box.open) this.box.showModal();
    this.play(span ?? [moment.t0_s, moment.t1_s], anew);
    this.does.shown(moment.id);
  }

  // The same moment with other verdicts: what is open stays open, what plays goes on.
  update(moment) {
    this.moment = moment;
    if (this.stage.moment) this.stage.moment = moment;
    this.write();
  }

  write() {
    const { moment } = this, { does } = this;
    const was = new Set([...this.box.querySelectorAll(".part[open]")].map((node) => node.dataset.part));
    const focused = this.box.getRootNode().activeElement, home = focused?.closest?.(".part")?.dataset.part;
    const judge = does.judge && ((part, relevant) => does.judge(moment, relevant, part.label));
    const proofs = { judge, piece: (span) => this.play([span.t0_s, span.t1_s]), large: (part) => this.large(part) };
    this.$(".proof").replaceChildren(...moment.parts.map((part) => proven(part, proofs)));
    for (const node of this.box.querySelectorAll(".part")) node.open = was.has(node.dataset.part);
    const cards = does.order(), at = cards.findIndex((card) => card.id === moment.id);
    this.$(".under").textContent = `${moment.score === null ? "" : `${percent(moment.score)} · `}${at + 1} of ${cards.length}${moment.matches ? "" : " · a near miss"}`;
    this.$(".before").disabled = at <= 0;
    this.$(".after").disabled = at < 0 || at + 1 >= cards.length;
    this.doings();
    this.objects();
    this.whole();
    if (home !== undefined && !focused.isConnected) [...this.box.querySelectorAll(".part")].find((node) => node.dataset.part === home)?.querySelector("summary").focus();
    else if (focused && !focused.isConnected) this.$(".close").focus();
  }

  doings() {
    const { moment, does } = this, doings = [];
    const watch = make("a", { className: "plain", href: moment.watch }, sign("watch"), "Watch");
    watch.addEventListener("click", (event) => {
      if (!does.sends || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      does.watch(moment);
    });
    doings.push(watch);
    const button = (name, words, act) => {
      const node = make("button", { type: "button", className: "plain" }, sign(name), words);
      node.addEventListener("click", act);
      doings.push(node);
    };
    if (does.like && moment.track_ids.length) button("like", "More like this", () => does.like(moment));
    button("link", "Copy link", () => does.link(moment));
    if (moment.clip) button("save", "Clip", () => does.save(moment));
    if (moment.clip_drawn) button("save", "Clip with boxes", () => does.save(moment, moment.clip_drawn));
    this.$(".doings").replaceChildren(...doings);
  }

  objects() {
    const { moment } = this, groups = [];
    const group = (words, nodes) => { if (nodes.length) groups.push(make("div", { className: "group" }, make("span", { className: "words", textContent: words }), ...nodes)); };
    const link = (object) => make("a", { className: "plain", href: object.watch, textContent: object.name });
    group("In it", moment.objects.map((object, place) => {
      const node = link(object);
      node.classList.add("marked", place ? "second" : "first");
      return node;
    }));
    group("Also seen as", moment.also.map(link));
    group("Again at", moment.again.map((span) => {
      const node = make("button", { type: "button", className: "plain", textContent: span.text });
      node.addEventListener("click", () => this.play([span.t0_s, span.t1_s], true));
      return node;
    }));
    this.$(".objects").replaceChildren(...groups);
  }

  whole() {
    const { moment, does } = this, box = this.$(".whole");
    box.replaceChildren();
    if (!does.judge) return;
    box.append(make("span", { className: "words", textContent: "Is this what was asked for?" }),
      verdict(moment.said, "the whole result", (relevant) => does.judge(moment, relevant)));
  }

  play(span, anew = false) {
    this.small();
    const scrub = this.$(".scrub");
    [scrub.min, scrub.max] = span;
    const within = span[0] >= this.moment.t0_s - 1 && span[1] <= this.moment.t1_s + 1;
    if (anew && within) this.stage.show(this.moment, span);
    else if (anew) { // another span of the video: its boxes are not at hand yet
      const boxes = this.moment.boxes?.replace(/t0=[^&]*&t1=[^&]*/, `t0=${Math.max(0, span[0] - 1).toFixed(3)}&t1=${(span[1] + 1).toFixed(3)}`);
      this.stage.show({ ...this.moment, boxes }, span);
    } else {
      this.stage.span = span;
      this.stage.seek(span[0]);
      this.stage.play();
    }
  }

  timed(now) {
    const scrub = this.$(".scrub");
    scrub.value = now;
    scrub.setAttribute("aria-valuetext", clock(now));
    this.$(".time").textContent = `${clock(now)} / ${clock(Number(scrub.max))}`;
  }

  marks() {
    this.stage.marks = !this.stage.marks;
    this.$(".boxes").setAttribute("aria-pressed", String(this.stage.marks));
    this.stage.draw();
  }

  large(part) {
    const still = this.$(".large");
    this.stage.video.pause();
    Object.assign(still.firstElementChild, { src: part.proof, alt: part.proof_alt });
    still.hidden = false;
    still.focus();
  }

  small() {
    const still = this.$(".large");
    if (still.hidden) return;
    still.hidden = true;
    still.firstElementChild.removeAttribute("src");
    this.$(".play").focus();
  }

  go(by) {
    const cards = this.does.order(), next = cards[cards.findIndex((card) => card.id === this.moment.id) + by];
    if (next) this.open(next);
  }

  key(event) {
    event.stopPropagation(); // else Streamlit's own keys fire
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || TYPING.has(target.tagName)) return;
    const ranged = target.tagName === "INPUT", pressed = ["BUTTON", "SUMMARY", "A"].includes(target.tagName);
    const acts = {
      ArrowLeft: () => this.go(-1), ArrowRight: () => this.go(1), ",": () => this.stage.step(-1), ".": () => this.stage.step(1),
      b: () => this.marks(), " ": () => { this.small(); this.stage.toggle(); },
    };
    if ((ranged && event.key.startsWith("Arrow")) || (pressed && event.key === " ")) return;
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}
