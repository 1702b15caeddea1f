
const SVG = "http://www.w3.org/2000/svg";
const WIDE = 1000;

// Where an arm's label stands: never over the edge of the picture.
export const inside = (value, margin) => Math.min(Math.max(value, margin), 1 - margin);

// A bend from one arm to another, drawn to the right of the way so that both directions show.
export function bend(from, to, high) {
  const [ax, ay, bx, by] = [from.x * WIDE, from.y * high, to.x * WIDE, to.y * high];
  if (from === to) {
    const inX = WIDE / 2 - ax, inY = high / 2 - ay, far = Math.hypot(inX, inY) || 1;
    const ux = (inX / far) * 150, uy = (inY / far) * 150;
    return `M ${ax} ${ay} C ${ax + ux - uy * 0.6} ${ay + uy + ux * 0.6} ${ax + ux + uy * 0.6} ${ay + uy - ux * 0.6} ${ax} ${ay}`;
  }
  const mx = (ax + bx) / 2, my = (ay + by) / 2;
  const far = Math.hypot(bx - ax, by - ay) || 1;
  const pull = 0.35, side = 26;
  const cx = mx + (WIDE / 2 - mx) * pull - ((by - ay) / far) * side;
  const cy = my + (high / 2 - my) * pull + ((bx - ax) / far) * side;
  return `M ${ax} ${ay} Q ${cx} ${cy} ${bx} ${by}`;
}

function drawn(tag, props) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) node.setAttribute(name, value);
  return node;
}

function flow(data, arms, high, send) {
  const wide = 3 + 15 * Math.sqrt(data.share), way = bend(arms[data.source], arms[data.target], high);
  const colour = arms[data.source].colour;
  const line = drawn("path", { d: way, stroke: colour, "stroke-width": wide, class: data.chosen ? "flow chosen" : "flow", "marker-end": `url(#head${data.source})` });
  const title = drawn("title", {});
  title.textContent = data.said;
  line.append(title);
  line.addEventListener("click", () => send("open", { opens: data.chosen ? "" : data.opens }));
  return [drawn("path", { d: way, "stroke-width": wide + 3, class: "under" }), line];
}

function head(arm, k) {
  const marker = drawn("marker", { id: `head${k}`, viewBox: "0 0 10 10", refX: 7, refY: 5, markerUnits: "userSpaceOnUse", markerWidth: 30, markerHeight: 30, orient: "auto-start-reverse" });
  marker.append(drawn("path", { d: "M 0 0 L 10 5 L 0 10 z", style: `fill: ${arm.colour}` }));
  return marker;
}

function arm(data, send) {
  const swatch = make("span", { className: "swatch" });
  swatch.style.background = data.colour;
  const number = (text, opens, said) => {
    const button = make("button", { type: "button", textContent: text, title: said });
    button.setAttribute("aria-label", `${data.name}: ${said}`);
    button.addEventListener("click", () => send("open", { opens }));
    return button;
  };
  const label = make("div", {}, swatch, make("b", { textContent: data.name }),
    number(`${data.came} in`, data.came_opens, `${data.came} came from here: show the objects`),
    number(`${data.went} out`, data.went_opens, `${data.went} went there: show the objects`));
  label.style.left = `${inside(data.x, 0.13) * 100}%`;
  label.style.top = `${inside(data.y, 0.05) * 100}%`;
  return label;
}

// Labels that would lie on each other move down, the upper ones first.
export function apart(boxes, gap = 2) {
  const placed = [];
  for (const box of [...boxes].sort((a, b) => a.top - b.top)) {
    let top = box.top;
    for (const other of placed) {
      const beside = box.left + box.width <= other.left || other.left + other.width <= box.left;
      if (!beside && top < other.top + other.height + gap && top + box.height > other.top) top = other.top + other.height + gap;
    }
    placed.push({ ...box, top });
  }
  return placed;
}

function spread(labels) {
  const boxes = [...labels.children].map((node, k) => ({ k, left: node.offsetLeft - node.offsetWidth / 2,
    top: node.offsetTop - node.offsetHeight / 2, width: node.offsetWidth, height: node.offsetHeight }));
  for (const box of apart(boxes)) labels.children[box.k].style.marginTop = `${box.top - boxes[box.k].top}px`;
}

export default function (component) {
  const { parentElement, data } = component, send = sender(component);
  const picture = parentElement.querySelector(".picture"), svg = parentElement.querySelector("svg");
  const high = WIDE / data.ratio;
  picture.style.aspectRatio = data.ratio;
  const image = picture.querySelector("img");
  if (image.getAttribute("src") !== data.still) image.src = data.still;
  image.alt = data.said;
  svg.setAttribute("viewBox", `0 0 ${WIDE} ${high}`);
  svg.setAttribute("preserveAspectRatio", "none");
  const arms = data.arms.map((each) => ({ ...each, x: inside(each.x, 0.04), y: inside(each.y, 0.06) }));
  const defs = drawn("defs", {});
  defs.append(...arms.map(head));
  svg.replaceChildren(defs, ...data.flows.flatMap((each) => flow(each, arms, high, send)));
  const labels = picture.querySelector(".arms");
  labels.replaceChildren(...data.arms.map((each) => arm(each, send)));
  requestAnimationFrame(() => spread(labels));
}
