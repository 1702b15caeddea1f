// Texts come from questions and files: they reach the document as text, never as markup.
function make(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children.filter((child) => child != null && child !== ""));
  return node;
}

const GAP = 6;
function place(menu, anchor) {
  const at = anchor.getBoundingClientRect(), size = menu.getBoundingClientRect();
  const below = innerHeight - at.bottom - GAP, above = at.top - GAP;
  const up = size.height > below && above > below;
  menu.style.maxHeight = `${Math.max(160, Math.min(720, (up ? above : below) - GAP))}px`;
  menu.style.left = `${Math.max(GAP, Math.min(at.left, innerWidth - size.width - GAP))}px`;
  menu.style.top = up ? "auto" : `${at.bottom + GAP}px`;
  menu.style.bottom = up ? `${innerHeight - at.top + GAP}px` : "auto";
}

// A popover beside `anchor` with whatever `fill` puts into it; clicking beside it or Escape closes it.
function popover(root, anchor, label, fill, onClose = () => {}) {
  const menu = make("div", { className: "menu" });
  menu.setAttribute("popover", "auto");
  menu.setAttribute("role", "dialog");
  menu.setAttribute("aria-label", label);
  root.append(menu);
  const close = () => { if (menu.matches(":popover-open")) menu.hidePopover(); };
  const moved = () => place(menu, anchor);
  const shifted = new ResizeObserver(moved); // something above the anchor came or went
  menu.addEventListener("toggle", (event) => {
    anchor.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState === "open") return;
    removeEventListener("scroll", moved, true);
    removeEventListener("resize", moved);
    shifted.disconnect();
    const inside = menu.contains(root.getRootNode().activeElement);
    menu.remove();
    if (inside) anchor.focus();
    onClose();
  });
  menu.addEventListener("keydown", (event) => {
    event.stopPropagation(); // else Streamlit's own keys fire
    walk(menu, event);
  });
  fill(menu, close);
  menu.showPopover({ source: anchor });
  moved();
  addEventListener("scroll", moved, true);
  addEventListener("resize", moved);
  shifted.observe(root);
  shifted.observe(menu);
  menu.querySelector("[aria-current=true]")?.scrollIntoView({ block: "center" });
  (menu.querySelector(".find, [aria-current=true]") ?? menu.querySelector("input, button, a"))?.focus({ preventScroll: true });
  return { menu, close };
}

function walk(menu, event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const stops = [...menu.querySelectorAll(".find, .item")].filter((node) => node.offsetParent !== null);
  const at = stops.indexOf(menu.getRootNode().activeElement);
  const next = stops[Math.min(stops.length - 1, Math.max(0, at + step))];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

const MANY = 9; // from so many on a list can be searched
// A list of {label, group, swatch, now, count, ...}; `free` makes a row of what is typed.
function chooser(items, pick, { find = "", free = null, empty = "Nothing to choose from." } = {}) {
  return (menu, close) => {
    const list = make("div");
    const chosen = (item) => { close(); pick(item); };
    const draw = (typed) => {
      const wanted = typed.trim().toLowerCase();
      const shown = items.filter((item) => item.label.toLowerCase().includes(wanted));
      list.replaceChildren();
      let heading;
      for (const item of shown) {
        if (item.group && item.group !== heading) {
          heading = item.group;
          list.append(make("h3", { textContent: heading }));
        }
        const button = make("button", { type: "button", className: "item" },
          item.swatch ? swatch(item.swatch) : null, make("span", { textContent: item.label }),
          item.count == null ? null : make("span", { className: "count", textContent: item.count.toLocaleString("en") }));
        if (item.now) button.setAttribute("aria-current", "true");
        button.addEventListener("click", () => chosen(item));
        list.append(button);
      }
      if (wanted && free) {
        const button = make("button", { type: "button", className: "item", textContent: free(typed.trim()).label });
        button.addEventListener("click", () => chosen(free(typed.trim())));
        list.append(button);
      } else if (!shown.length) list.append(make("p", { className: "none", textContent: empty }));
    };
    if (items.length >= MANY || free) {
      const input = make("input", { type: "search", className: "find", placeholder: find, autocomplete: "off" });
      input.setAttribute("aria-label", find || "Find");
      input.addEventListener("input", () => draw(input.value));
      input.addEventListener("keydown", (event) => {
        if (event.key === "Enter") list.querySelector(".item")?.click();
      });
      menu.append(input);
    }
    draw("");
    menu.append(list);
  };
}

function swatch(colour) {
  const dot = make("span", { className: "swatch" });
  dot.style.background = colour;
  return dot;
}
