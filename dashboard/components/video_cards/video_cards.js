const PAUSE_MS = 280; // after the last letter typed
const FEW = 6; // so few videos need no filter
const plainClick = (event) => !(event.metaKey || event.ctrlKey || event.shiftKey || event.button);
const MARKS = { damaged: "Damaged", interrupted: "Half read" };

function linked(tag, props, card, send, ...children) {
  const node = make(card.state === "ready" ? "a" : "span", props, ...children);
  if (card.state !== "ready") return node;
  node.href = card.watch;
  node.addEventListener("click", (event) => {
    if (!plainClick(event)) return; // another tab opens the address itself
    event.preventDefault();
    send("watch", { video: card.id });
  });
  return node;
}

function picture(card, send) {
  const pic = linked("a", { className: "pic" }, card, send);
  pic.tabIndex = -1; // the name below is the same link
  pic.setAttribute("aria-hidden", "true");
  if (card.poster) {
    const image = make("img", { src: card.poster, alt: "", loading: "lazy", decoding: "async" });
    image.addEventListener("error", () => image.remove());
    pic.append(image);
  }
  const mark = MARKS[card.state] ?? (card.missing ? "File is gone" : "");
  if (mark) pic.append(make("span", { className: "mark", textContent: mark }));
  pic.append(make("span", { className: "length", textContent: card.length }));
  if (card.state === "interrupted" && card.done) {
    const done = make("span", { className: "done" }, make("i"));
    done.firstChild.style.width = `${100 * card.done}%`;
    pic.append(done);
  }
  return pic;
}

function found(card) {
  const list = make("ul", { className: "found" });
  list.setAttribute("role", "list");
  for (const [words, light, dark] of card.found) {
    const dot = make("span", { className: "dot" });
    dot.style.setProperty("--on-light", light);
    dot.style.setProperty("--on-dark", dark);
    list.append(make("li", {}, dot, make("span", { textContent: words })));
  }
  if (card.more) list.append(make("li", { className: "quiet", textContent: `+ ${card.more.toLocaleString("en")} more` }));
  if (card.nothing) list.append(make("li", { className: "quiet", textContent: card.nothing }));
  return list;
}

function drawn(card, root, send) {
  const dots = make("button", { type: "button", className: "x dots", textContent: "⋯" });
  dots.setAttribute("aria-label", `What can be done with ${card.name}`);
  dots.setAttribute("aria-haspopup", "dialog");
  const items = card.acts.map(([kind, label]) => ({ kind, label }));
  dots.addEventListener("click", () => popover(root, dots, card.name, chooser(items, (item) => send(item.kind, { video: card.id }))));
  const node = make("li", { className: `card ${card.state}` },
    picture(card, send),
    make("div", { className: "head" }, linked("a", { className: "name", textContent: card.name, title: card.name }, card, send), dots));
  if (card.state === "ready") node.append(found(card));
  node.append(make("p", { className: "about", textContent: card.about }));
  if (card.error && card.state !== "ready") node.append(make("p", { className: "why", textContent: card.error }));
  if (card.state === "ready" && card.missing) node.append(make("p", { className: "why", textContent: "Its file was moved or deleted: it can be searched, but not played." }));
  const [kind, words] = card.state !== "ready" && card.acts.length > 1 ? card.acts[0] : [];
  if (kind) {
    const act = make("button", { type: "button", className: "plain act", textContent: words });
    act.setAttribute("aria-label", `${words}: ${card.name}`);
    act.addEventListener("click", () => send(kind, { video: card.id }));
    node.append(act);
  }
  return node;
}

function pager(shelf, send) {
  if (shelf.pages < 2) return [];
  const near = [...new Set([1, shelf.page - 1, shelf.page, shelf.page + 1, shelf.pages])].filter((n) => n >= 1 && n <= shelf.pages);
  const turn = (page, words, label) => {
    const button = make("button", { type: "button", className: "plain", textContent: words });
    button.setAttribute("aria-label", label);
    button.disabled = page < 1 || page > shelf.pages;
    if (words === String(shelf.page)) button.setAttribute("aria-current", "page");
    button.addEventListener("click", () => send("page", { page }));
    return button;
  };
  return [turn(shelf.page - 1, "‹", "Page before"), ...near.map((n) => turn(n, String(n), `Page ${n}`)), turn(shelf.page + 1, "›", "Next page")];
}

const shelves = new WeakMap();

export default function (component) {
  const { parentElement, data } = component, { shelf, said } = data;
  const root = parentElement.querySelector(".root"), send = sender(component);
  const find = root.querySelector(".find"), sort = root.querySelector(".sort");
  if (!shelves.has(parentElement)) {
    const held = { timer: 0 };
    shelves.set(parentElement, held);
    find.addEventListener("input", () => {
      clearTimeout(held.timer);
      held.timer = setTimeout(() => held.send("filter", { text: find.value }), PAUSE_MS);
    });
    find.addEventListener("keydown", (event) => event.stopPropagation()); // else Streamlit's own keys fire
    root.querySelector(".undo").addEventListener("click", () => held.send("undo", { video: held.data.said.undo }));
    root.querySelector(".hush").addEventListener("click", () => held.send("hush"));
    sort.addEventListener("click", () => {
      const items = held.data.shelf.sorts.map(([value, label, now]) => ({ value, label, now }));
      popover(root, sort, "Order", chooser(items, (item) => held.send("sort", { value: item.value })));
    });
  }
  const held = shelves.get(parentElement);
  Object.assign(held, { send, data });
  const note = root.querySelector(".note");
  note.hidden = !said;
  note.classList.toggle("wrong", Boolean(said?.wrong));
  note.querySelector("span").textContent = said?.text ?? "";
  note.querySelector(".undo").hidden = !said?.undo;
  const fewer = shelf.fitting !== shelf.total;
  root.querySelector("h2").replaceChildren("Videos", make("small", { textContent: fewer ? `${shelf.fitting} of ${shelf.total}` : data.summary }));
  root.querySelector(".line").hidden = !shelf.total;
  find.hidden = shelf.total <= FEW && !shelf.text;
  sort.hidden = shelf.total < 2;
  if (find.getRootNode().activeElement !== find) find.value = shelf.text;
  sort.replaceChildren(make("span", { textContent: (shelf.sorts.find(([, , now]) => now) ?? ["", "", ""])[1] }));
  const list = root.querySelector(".cards"), now = JSON.stringify(shelf.cards);
  if (list.dataset.shown !== now) {
    list.dataset.shown = now;
    list.replaceChildren(...shelf.cards.map((card) => drawn(card, root, (...all) => held.send(...all))));
  }
  root.querySelector(".none").hidden = shelf.fitting > 0 || !shelf.total;
  root.querySelector(".pages").replaceChildren(...pager(shelf, send));
}
