// Names and proofs come from files and questions: they reach the document as text, never as markup.
const HOVER_MS = 220; // a pointer that only passes by should not start a video
const calm = matchMedia("(prefers-reduced-motion: reduce)");

function make(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}

export function percent(p) {
  return `${Math.round(100 * p)} %`;
}

function part(data, tag, proof) {
  const row = make(tag, { className: `row ${data.level}` });
  if (proof && data.picture) row.append(make("img", { src: data.picture, alt: `Proof of “${data.label}”` }));
  const bar = make("span", { className: "bar" }, make("i"));
  bar.setAttribute("aria-hidden", "true");
  bar.firstChild.style.width = `${Math.round(100 * data.p)}%`;
  row.append(
    make("span", { className: "label", textContent: data.label }),
    make("span", { className: "p", textContent: percent(data.p) }),
    bar,
  );
  if (data.text) row.append(make("span", { className: "why", textContent: data.text }));
  return row;
}

function previewed(button, frame, data) {
  let timer, video;
  const start = () => {
    clearTimeout(timer);
    if (calm.matches || video) return;
    timer = setTimeout(() => {
      video = make("video", { muted: true, playsInline: true, preload: "auto", src: data.source });
      video.addEventListener("pause", () => {
        if (!video || video.currentTime < data.t1_s - 0.1) return;
        video.currentTime = data.t0_s;
        video.play().catch(stop);
      });
      video.addEventListener("error", stop);
      frame.insertBefore(video, frame.querySelector(".span"));
      video.play().catch(stop);
    }, HOVER_MS);
  };
  const stop = () => {
    clearTimeout(timer);
    if (!video) return;
    const gone = video;
    video = undefined;
    gone.removeAttribute("src");
    gone.load(); // lets go of the connection
    gone.remove();
  };
  button.addEventListener("pointerenter", start);
  button.addEventListener("pointerleave", stop);
  return stop;
}

function card(data, open) {
  const frame = make("span", { className: "pic" });
  if (data.picture) {
    frame.append(
      make("img", { className: "blur", src: data.picture, alt: "", loading: "lazy" }),
      make("img", { className: "crop", src: data.picture, alt: "", loading: "lazy" }),
    );
  }
  frame.append(make("span", { className: "span", textContent: data.span }));
  const title = make("span", { className: "title" },
    make("b", { textContent: data.video, title: data.video }),
    make("span", { className: "score", textContent: percent(data.score), title: "All parts together" }));
  const parts = make("span", { className: "parts" }, ...data.parts.map((p) => part(p, "span", false)));
  const button = make("button", { type: "button", className: "card" }, frame,
    make("span", { className: "text" }, title, parts));
  const stop = previewed(button, frame, data);
  button.addEventListener("click", () => { stop(); open(data); });
  return make("li", {}, button);
}

// Box of the object at a moment of the video, between the two sampled ones around it.
export function boxAt(path, now) {
  const after = path.t_s.findIndex((t) => t >= now);
  if (after < 0 || (after === 0 && path.t_s[0] - now > 0.2)) return undefined;
  if (after === 0) return path.boxes[0];
  const [t0, t1] = [path.t_s[after - 1], path.t_s[after]], share = (now - t0) / (t1 - t0);
  return path.boxes[after].map((edge, i) => path.boxes[after - 1][i] * (1 - share) + edge * share);
}

function overlay(svg, video) {
  const rect = svg.querySelector("rect");
  let path;
  const draw = (_now, frame) => {
    const box = path && boxAt(path, frame ? frame.mediaTime : video.currentTime);
    rect.style.display = box ? "" : "none";
    if (box) {
      const [x0, y0, x1, y1] = box;
      for (const [name, value] of Object.entries({ x: x0, y: y0, width: x1 - x0, height: y1 - y0 })) rect.setAttribute(name, value);
    }
    if (frame) video.requestVideoFrameCallback(draw);
  };
  video.requestVideoFrameCallback?.(draw);
  return async (address) => {
    path = undefined;
    for (const line of svg.querySelectorAll("polyline")) line.setAttribute("points", "");
    draw();
    if (!address) return;
    const answer = await fetch(address);
    if (!answer.ok) return; // the video plays without its trail
    path = await answer.json();
    const points = path.boxes.map(([x0, , x1, y1]) => `${(x0 + x1) / 2},${y1}`).join(" ");
    for (const line of svg.querySelectorAll("polyline")) line.setAttribute("points", points);
    draw();
  };
}

function player(root) {
  const dialog = root.querySelector("dialog"), video = dialog.querySelector("video");
  const trouble = dialog.querySelector(".trouble");
  const trail = overlay(dialog.querySelector("svg"), video);
  let shown;
  const play = () => { video.play().catch(() => video.focus()); };
  dialog.querySelector(".again").addEventListener("click", () => {
    video.src = shown.source; // the fragment is honoured once a load: loading again plays the span again
    play();
  });
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("keydown", (event) => event.stopPropagation()); // else Streamlit's own keys fire
  dialog.addEventListener("close", () => { video.removeAttribute("src"); video.load(); });
  video.addEventListener("loadedmetadata", () => {
    video.parentElement.style.setProperty("--ratio", video.videoWidth / video.videoHeight);
  });
  video.addEventListener("error", () => {
    if (!video.getAttribute("src")) return;
    trouble.textContent = "This browser cannot play the file: it was moved, or its format needs an H.264 copy.";
    trouble.hidden = false;
  });
  return (data) => {
    shown = data;
    trouble.hidden = true;
    dialog.querySelector("h2").textContent = `${data.video} · ${data.span}`;
    dialog.querySelector(".proof").replaceChildren(...data.parts.map((p) => part(p, "li", true)));
    video.src = data.source;
    trail(data.path);
    dialog.showModal();
    play();
  };
}

const players = new WeakMap(); // Streamlit calls again with the same element whenever the data changes

export default function ({ parentElement, data }) {
  if (!players.has(parentElement)) players.set(parentElement, player(parentElement));
  const list = parentElement.querySelector(".cards"), now = JSON.stringify(data.cards);
  if (list.dataset.shown === now) return;
  list.dataset.shown = now;
  list.replaceChildren(...data.cards.map((c) => card(c, players.get(parentElement))));
}
