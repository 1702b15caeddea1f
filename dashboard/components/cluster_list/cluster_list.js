
const TITLES = { looks: "Groups that look alike", moves: "Groups that move alike" };

function field(data, act, done) {
  const input = make("input", { className: "new", value: data.name, maxLength: 60 });
  input.setAttribute("aria-label", `New name for ${data.name}; empty for the name it had by itself`);
  let over = false;
  const end = (keep) => {
    if (over) return;
    over = true;
    const name = input.value.trim();
    if (keep && name !== data.name) act("rename", { cluster: data.cluster, name });
    done();
  };
  input.addEventListener("keydown", (event) => {
    event.stopPropagation(); // else Streamlit's own keys fire
    if (event.key === "Enter") end(true);
    if (event.key === "Escape") end(false);
  });
  input.addEventListener("blur", () => end(true));
  return input;
}

function group(data, chosen, act) {
  const name = make("button", { type: "button", className: "name", textContent: data.name, title: data.name });
  name.setAttribute("aria-pressed", String(chosen));
  name.addEventListener("click", () => act("choose", { cluster: data.cluster }));
  const pen = make("button", { type: "button", className: "pen", textContent: "✎", title: "Rename" });
  pen.setAttribute("aria-label", `Rename ${data.name}`);
  const size = make("span", { className: "size", textContent: data.size.toLocaleString("en") });
  const head = make("div", { className: "head" }, name, size, pen);
  pen.addEventListener("click", () => {
    const input = field(data, act, () => { head.replaceChildren(name, size, pen); pen.focus(); });
    head.replaceChildren(input);
    input.focus();
    input.select();
  });
  const pictures = make("div", { className: "pictures" });
  for (const src of data.pictures) pictures.append(make("img", { src, alt: "", loading: "lazy", decoding: "async" }));
  const bar = make("div", { className: "bar", title: data.bar.map((each) => each.words).join(", ") });
  bar.setAttribute("role", "img");
  bar.setAttribute("aria-label", bar.title);
  for (const each of data.bar) {
    const part = make("i");
    part.style.width = `${100 * each.share}%`;
    part.style.setProperty("--on-light", each.light);
    part.style.setProperty("--on-dark", each.dark);
    bar.append(part);
  }
  const node = make("li", { className: chosen ? "group chosen" : "group" }, head, pictures, bar,
    make("p", { className: "about", textContent: data.about }));
  node.dataset.cluster = data.cluster;
  return node;
}

const lists = new WeakMap();

export default function (component) {
  const { parentElement, data } = component, send = sender(component);
  const root = parentElement.querySelector(".root"), slide = root.querySelector(".fine input");
  if (!lists.has(parentElement)) {
    const held = {};
    lists.set(parentElement, held);
    slide.addEventListener("keydown", (event) => event.stopPropagation());
    slide.addEventListener("change", () => held.send("level", { level: Number(slide.value), cluster: -1, name: null }));
  }
  const held = lists.get(parentElement);
  held.send = send;
  const act = (kind, more) => held.send(kind, { level: data.level, name: null, ...more });
  root.querySelector("h3").textContent = `${TITLES[data.space]}: ${data.clusters.length}`;
  root.querySelector(".fine").hidden = data.counts.length < 2;
  slide.max = data.counts.length - 1;
  slide.value = data.level;
  slide.setAttribute("aria-label", "How fine the groups are");
  slide.setAttribute("aria-valuetext", `${data.counts[data.level]} groups`);
  const list = root.querySelector(".groups"), now = JSON.stringify([data.level, data.space, data.clusters]);
  if (list.dataset.shown !== now) {
    const top = list.dataset.of === `${data.space} ${data.level}` ? list.scrollTop : 0;
    list.dataset.shown = now;
    list.dataset.of = `${data.space} ${data.level}`;
    list.replaceChildren(...data.clusters.map((each) => group(each, each.cluster === data.chosen, act)));
    list.scrollTop = top;
  }
  for (const node of list.children) {
    const chosen = Number(node.dataset.cluster) === data.chosen;
    node.classList.toggle("chosen", chosen);
    node.querySelector(".name")?.setAttribute("aria-pressed", String(chosen));
  }
  const none = root.querySelector(".none");
  none.textContent = data.none;
  none.hidden = !data.none;
}
