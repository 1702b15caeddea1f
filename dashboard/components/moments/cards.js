const HOVER_MS = 220; // a pointer that only passes by should not start a video
const LINES = 4; // parts shown on a card; the others are counted
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const TOOLS = [ // kind, sign, words, key
  ["like", "like", "More like this", "l"],
  ["watch", "watch", "Watch it in its video", "w"],
  ["link", "link", "Copy a link to it", "c"],
  ["save", "save", "Download the clip", "d"],
  ["right", "right", "Right", "y"],
  ["wrong", "wrong", "Wrong", "n"],
  ["drop", "drop", "Take off this list", "x"],
];

// Plays the moment in the card's picture while the pointer or the focus is on the card.
function previewed(card, frame, data) {
  let timer, video;
  const stop = () => {
    clearTimeout(timer);
    if (!video) return;
    const gone = video;
    video = undefined;
    gone.removeAttribute("src");
    gone.load(); // lets go of the connection
    gone.remove();
    frame.style.removeProperty("--done");
  };
  const start = () => {
    clearTimeout(timer);
    if (calm.matches || video) return;
    timer = setTimeout(() => {
      video = make("video", { muted: true, playsInline: true, preload: "auto", src: data.source });
      video.addEventListener("timeupdate", () => {
        const share = (video?.currentTime - data.t0_s) / (data.t1_s - data.t0_s);
        frame.style.setProperty("--done", Math.min(1, Math.max(0, share || 0)));
      });
      video.addEventListener("pause", () => {
        if (!video || video.currentTime < data.t1_s - 0.1) return;
        video.currentTime = data.t0_s;
        video.play().catch(stop);
      });
      video.addEventListener("error", stop);
      video.addEventListener("loadeddata", () => video?.classList.add("seen"));
      frame.insertBefore(video, frame.querySelector(".shade"));
      video.play().catch(stop);
    }, HOVER_MS);
  };
  card.addEventListener("pointerenter", start);
  card.addEventListener("pointerleave", () => { if (!card.matches(":focus-within")) stop(); });
  card.addEventListener("focusin", start);
  card.addEventListener("focusout", (event) => { if (!card.contains(event.relatedTarget)) stop(); });
  return stop;
}

function pictured(data) {
  const frame = make("div", { className: "pic" });
  if (data.still) {
    const still = make("img", { className: "still", src: data.still, alt: "", loading: "lazy" });
    still.addEventListener("error", () => { // the video's file has gone: the library still has a picture
      if (data.picture) still.replaceWith(make("img", { className: "crop", src: data.picture, alt: "" }));
    }, { once: true });
    frame.append(still);
  }
  frame.append(make("span", { className: "shade" },
    make("span", { className: "name", textContent: data.video, title: data.video }),
    make("span", { className: "span", textContent: data.span })));
  if (data.score !== null) frame.append(make("span", { className: "score", textContent: percent(data.score), title: "All parts together" }));
  return frame;
}

// does: {open, like, watch, link, save, judge, drop}; those that are missing have no button.
function card(data, does) {
  const frame = pictured(data);
  const open = make("button", { type: "button", className: "open" });
  open.setAttribute("aria-label", [data.video, data.span, data.score === null ? data.parts[0]?.label : percent(data.score)].filter(Boolean).join(", "));
  const tools = make("div", { className: "tools" });
  const act = (kind) => {
    if (kind === "right" || kind === "wrong") {
      const relevant = kind === "right";
      does.judge(data, data.said === relevant ? null : relevant);
    } else does[kind](data);
  };
  for (const [kind, name, words, key] of TOOLS) {
    const judging = kind === "right" || kind === "wrong";
    if (judging ? !does.judge : !does[kind]) continue;
    if (kind === "like" && !data.track_ids.length) continue;
    const tool = kind === "watch" ? make("a", { href: data.watch }) : make("button", { type: "button" });
    iconed(tool, name, words, key.toUpperCase());
    tool.classList.add(kind);
    if (judging) tool.setAttribute("aria-pressed", String(data.said === (kind === "right")));
    tool.addEventListener("click", (event) => {
      if (kind === "watch" && (event.ctrlKey || event.metaKey || event.shiftKey || !does.sends)) return;
      event.preventDefault();
      act(kind);
    });
    tools.append(tool);
  }
  const shown = data.parts.slice(0, data.parts.length > LINES ? LINES - 1 : LINES);
  const rows = shown.map(line), left = data.parts.length - shown.length;
  if (left) rows.push(make("div", { className: "row rest", textContent: `and ${left} more` }));
  const item = make("li", { className: "card" }, frame, make("div", { className: "text" }, ...rows), open, tools);
  item.dataset.id = data.id;
  const stop = previewed(item, frame, data);
  open.addEventListener("click", () => { stop(); does.open(data.id); });
  item.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const named = TOOLS.find(([kind, , , key]) => key === event.key.toLowerCase() && tools.querySelector(`.${kind}`));
    if (named) act(named[0]);
    else if (!moved(item, event.key)) return;
    event.preventDefault();
    event.stopPropagation(); // else Streamlit's own keys fire
  });
  return item;
}

// Arrow keys walk over the cards as they lie on the page.
function moved(item, key) {
  const cards = [...item.parentElement.children], at = cards.indexOf(item);
  const top = item.offsetTop, across = cards.filter((one) => one.offsetTop === top).length || 1;
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across };
  const next = key === "Home" ? cards[0] : key === "End" ? cards.at(-1) : cards[at + steps[key]];
  if (!(key in steps) && key !== "Home" && key !== "End") return false;
  next?.querySelector(".open").focus();
  return true;
}
