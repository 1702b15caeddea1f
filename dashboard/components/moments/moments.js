const rooms = new WeakMap(); // Streamlit calls again with the same element whenever the data changes
const SAID_MS = 5000;

class Room {
  constructor(root) {
    this.root = root;
    this.list = root.querySelector(".cards");
    this.shown = new Map(); // id -> {told, node, moment}
    this.does = {
      open: (id) => this.dialog.open(this.shown.get(id).moment),
      order: () => [...this.list.children].map((node) => this.shown.get(node.dataset.id).moment),
      link: (moment) => this.copy(new URL(moment.watch, location.href).href),
      save: (moment, address) => this.save(moment, address ?? moment.clip),
      shown: (id) => { if (this.does.sends) this.send("open", { id }); },
      closed: (id) => {
        this.shown.get(id)?.node.querySelector(".open").focus();
        if (this.does.sends) this.send("close", { id });
      },
    };
    this.dialog = new Dialog(root, this.does);
  }

  update(data, trigger) {
    this.trigger = trigger;
    this.does.sends = data.acts;
    this.does.judge = data.acts && data.judged ? (moment, relevant, part = null) => this.judge(moment, relevant, part) : undefined;
    this.does.like = data.acts ? (moment) => this.act("like", moment) : undefined;
    this.does.drop = data.acts ? (moment) => this.act("drop", moment) : undefined;
    this.does.watch = (moment) => { if (data.acts) this.act("watch", moment); };
    const before = this.shown;
    this.shown = new Map();
    for (const moment of data.cards) {
      const told = JSON.stringify([moment, data.acts]), old = before.get(moment.id);
      const node = old?.told === told ? old.node : card(moment, this.does);
      this.shown.set(moment.id, { told, node, moment });
    }
    const focused = this.root.getRootNode().activeElement, held = focused?.closest?.(".card")?.dataset.id;
    const nodes = [...this.shown.values()].map(({ node }) => node);
    if (nodes.length !== this.list.children.length || nodes.some((node, k) => node !== this.list.children[k])) {
      this.list.replaceChildren(...nodes);
      if (held && !this.list.contains(this.root.getRootNode().activeElement)) this.shown.get(held)?.node.querySelector(".open").focus();
    }
    const { moment } = this.dialog;
    if (moment) {
      const now = this.shown.get(moment.id)?.moment;
      if (now) this.dialog.update(now);
    } else if (!before.size && data.chosen && this.shown.has(data.chosen)) this.does.open(data.chosen);
  }

  send(kind, { id, part = null, relevant = null, track = null }) {
    this.trigger(kind, { moment: id, part, relevant, track });
  }

  act(kind, moment) {
    if (this.dialog.isOpen) this.dialog.box.close();
    this.send(kind, { id: moment.id, track: moment.track_ids[0] ?? null });
  }

  // Shown at once as it was said; the answer that comes back has the new numbers.
  judge(moment, relevant, part) {
    const parts = moment.parts.map((one) => {
      if (part === null) return relevant === true && one.kind !== "count" && one.kind !== "scene" ? { ...one, said: true } : one;
      return one.label === part ? { ...one, said: relevant } : one;
    });
    const now = { ...moment, parts, said: part === null ? relevant : moment.said };
    const kept = this.shown.get(moment.id);
    if (kept) {
      const node = card(now, this.does), focused = this.root.getRootNode().activeElement;
      const tool = kept.node.contains(focused) ? `.${[...focused.classList].join(".")}` : "";
      kept.node.replaceWith(node);
      this.shown.set(moment.id, { told: "", node, moment: now });
      if (tool) node.querySelector(tool)?.focus();
    }
    if (this.dialog.moment?.id === moment.id) this.dialog.update(now);
    const about = part ? `“${part}”` : "the result";
    this.say(relevant === null ? `Taken back: ${about}.` : `Noted: ${about} is ${relevant ? "right" : "wrong"}.`);
    this.send("judge", { id: moment.id, part, relevant, track: moment.track_ids[0] ?? null });
  }

  say(text) {
    clearTimeout(this.silence);
    const notes = this.root.querySelectorAll(".note"), note = notes[this.dialog.isOpen ? 1 : 0];
    for (const one of notes) one.textContent = "";
    note.textContent = text;
    this.silence = setTimeout(() => { note.textContent = ""; }, SAID_MS);
  }

  async copy(text) {
    if (navigator.clipboard) {
      try {
        await navigator.clipboard.writeText(text);
        this.say("The link is copied.");
        return;
      } catch (problem) {
        if (problem.name !== "NotAllowedError") throw problem;
      }
    }
    this.say(text); // pages that are not served safely may not copy: it can be selected
  }

  async save(moment, address) {
    if (this.saving) { this.say("A clip is being cut already."); return; }
    this.saving = true;
    this.say("Cutting the clip …");
    clearTimeout(this.silence);
    try {
      const answer = await fetch(address);
      if (!answer.ok) { this.say(await answer.text() || `The clip cannot be cut: ${answer.status}.`); return; }
      const named = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "");
      const link = make("a", { href: URL.createObjectURL(await answer.blob()), download: named ? named[1] : "moment.mp4" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      this.say("The clip is saved.");
    } catch (problem) {
      this.say(`The clip cannot be had: ${problem.message}.`);
    } finally {
      this.saving = false;
    }
  }
}

export default function (component) {
  const { parentElement, data } = component;
  if (!rooms.has(parentElement)) rooms.set(parentElement, new Room(parentElement));
  rooms.get(parentElement).update(data, sender(component));
}
