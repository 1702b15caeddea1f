// Names and proofs come from files and questions: they reach the document as text, never as markup.
const SIGNS = { yes: "✓", unsure: "?", no: "✕", unknown: "–" };
const TOLD = { yes: "holds", unsure: "unsure", no: "does not hold", unknown: "cannot be told" };

function make(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

function sign(name) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("aria-hidden", "true");
  picture.append(document.createElementNS(space, "use"));
  picture.firstChild.setAttribute("href", `#s-${name}`);
  return picture;
}

// A button or link that is a sign only; its name and key are said and shown on hover.
function iconed(node, name, words, key = "") {
  node.classList.add("icon");
  node.replaceChildren(sign(name));
  node.setAttribute("aria-label", words);
  node.title = key ? `${words} (${key})` : words;
  return node;
}

export function percent(p) {
  return `${Math.round(100 * p)} %`;
}

// The short reason beside a part's name: what it is instead, why it is not known, or what was seen.
export function why(part) {
  if (part.said !== null && part.said !== undefined) return part.said ? "you said so" : "you said not";
  if (part.level === "unknown") return part.reason || "cannot tell";
  if (part.level !== "yes" && part.instead) return part.instead;
  if (part.level === "yes" && part.kind === "colour" && part.standing) return part.standing.split(" of ")[0];
  const text = part.text.startsWith(part.label) ? part.text.slice(part.label.length).replace(/^[ ,]+/, "") : part.text;
  return text.replace(/^seen as \S+ 100% in /, "in ").replace(/, \d+:[\d:.]+ to [\d:.]+/, "");
}

function bar(part) {
  const full = make("span", { className: "meter" }, make("i"));
  full.setAttribute("aria-hidden", "true");
  full.firstChild.style.width = percent(part.p).replace(" ", "");
  return full;
}

function signOf(part) {
  const node = make("span", { className: "sign", textContent: SIGNS[part.level], title: TOLD[part.level] });
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", TOLD[part.level]);
  return node;
}

// A part in one line, for a card.
function line(part) {
  return make("div", { className: `row ${part.level}`, title: part.text },
    signOf(part),
    make("span", { className: "label", textContent: part.words || part.label }),
    make("span", { className: "why", textContent: why(part) }),
    bar(part),
    make("span", { className: "p", textContent: part.level === "unknown" ? "?" : percent(part.p) }));
}

// Two buttons for a verdict, or what was said and the way back. judge(relevant or null)
function verdict(said, about, judge) {
  if (said !== null && said !== undefined) {
    const undo = make("button", { type: "button", className: "plain undo", textContent: "Undo" });
    undo.setAttribute("aria-label", `Undo: ${about}`);
    undo.addEventListener("click", () => judge(null));
    return make("span", { className: "verdict" },
      make("span", { className: "said", textContent: said ? "You: right" : "You: wrong" }), undo);
  }
  const choice = (relevant, name) => {
    const button = make("button", { type: "button", className: name });
    iconed(button, name, `${relevant ? "Right" : "Wrong"}: ${about}`);
    button.addEventListener("click", () => judge(relevant));
    return button;
  };
  return make("span", { className: "verdict" }, choice(true, "right"), choice(false, "wrong"));
}

// A part with its proof, for the dialog. does: {judge(part, relevant), piece(span), large(part)}
function proven(part, does, depth = 0) {
  const head = make("summary", {},
    signOf(part),
    make("span", { className: "label", textContent: part.words || part.label }),
    make("span", { className: "why", textContent: why(part) }),
    make("span", { className: "p", textContent: part.level === "unknown" ? "?" : percent(part.p) }),
    bar(part));
  const body = make("div", { className: "told" });
  if (part.proof) {
    const still = make("img", { src: part.proof, alt: part.proof_alt, loading: "lazy" });
    const button = make("button", { type: "button", className: "still", title: "Show it large" }, still);
    button.addEventListener("click", () => does.large(part));
    still.addEventListener("error", () => button.remove()); // the file has gone: the words remain
    body.append(button);
  }
  const facts = make("div", { className: "facts" });
  if (part.picture) facts.append(make("img", { className: "crop", src: part.picture, alt: `The picture that “${part.words || part.label}” was read from`, loading: "lazy" }));
  const lines = [part.text, part.standing, part.before === null || part.before === undefined ? "" : `${percent(part.before)} without what was said of other results`];
  facts.append(make("div", {}, ...lines.filter(Boolean).map((text) => make("p", { textContent: text }))));
  body.append(facts);
  const foot = make("div", { className: "foot" });
  if (part.span) {
    const piece = make("button", { type: "button", className: "plain piece" }, sign("play"), part.span.text);
    piece.setAttribute("aria-label", `Play ${part.span.text}`);
    piece.addEventListener("click", () => does.piece(part.span));
    foot.append(piece);
  }
  if (does.judge && depth === 0 && part.kind !== "scene" && part.kind !== "count") {
    foot.append(verdict(part.said, part.words || part.label, (relevant) => does.judge(part, relevant)));
  }
  if (foot.childElementCount) body.append(foot);
  if (part.other.length) {
    body.append(make("ul", { className: "other" }, ...part.other.map((p) => proven(p, does, depth + 1))));
  }
  const details = make("details", { className: "part" }, head, body);
  details.dataset.part = part.label;
  return make("li", { className: part.level }, details);
}
