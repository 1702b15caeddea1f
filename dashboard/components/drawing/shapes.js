// What is drawn: rules of the shapes, without anything of the page.
export const SHAPES = {
  path: { least: 2, most: 64, words: "a path", help: "Click along the way, or draw it in one stroke. It counts in the direction that it is drawn." },
  zone: { least: 3, most: 64, words: "a zone", help: "Click the corners of the area, or draw around it." },
  line: { least: 2, most: 2, words: "a line", help: "Click where the line begins and where it ends, or pull it. The arrow shows which way across it counts." },
  box: { least: 2, most: 2, words: "a box", help: "Pull a box over it, or click two opposite corners." },
};
const DIGITS = 4;

export function rounded([x, y]) {
  const within = (value) => Number(Math.min(1, Math.max(0, value)).toFixed(DIGITS));
  return [within(x), within(y)];
}

// The points of a stroke that keep its shape; all others lie within `tolerance` (Ramer, 1972).
export function simplified(points, tolerance) {
  if (points.length < 3) return points.slice();
  const [first, last] = [points[0], points.at(-1)];
  const along = [last[0] - first[0], last[1] - first[1]], length = Math.hypot(...along);
  let far = 0, at = 0;
  points.forEach(([x, y], k) => {
    const [dx, dy] = [x - first[0], y - first[1]];
    const share = length ? Math.min(1, Math.max(0, (dx * along[0] + dy * along[1]) / length ** 2)) : 0;
    const away = Math.hypot(dx - share * along[0], dy - share * along[1]);
    if (away > far) [far, at] = [away, k];
  });
  if (far <= tolerance) return [first, last];
  return [...simplified(points.slice(0, at + 1), tolerance).slice(0, -1), ...simplified(points.slice(at), tolerance)];
}

// At most `most` points of a stroke.
export function stroke(points, most) {
  let tolerance = 0.006, kept = simplified(points, tolerance);
  while (kept.length > most) {
    tolerance *= 1.5;
    kept = simplified(points, tolerance);
  }
  return kept.map(rounded);
}

// Corners of a box as the contract has them: upper left, lower right.
export function corners([[ax, ay], [bx, by]]) {
  return [[Math.min(ax, bx), Math.min(ay, by)], [Math.max(ax, bx), Math.max(ay, by)]];
}

export function outline(shape, points) {
  if (shape !== "box" || points.length < 2) return points;
  const [[x0, y0], [x1, y1]] = corners(points);
  return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
}

export function closed(shape, count) {
  return shape === "box" ? count >= 2 : shape === "zone" && count >= 3;
}

// Whether the edges of a polygon cross one another, so that it is not clear what is inside.
export function crossing(points) {
  const side = ([ax, ay], [bx, by], [cx, cy]) => Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
  const edges = points.map((point, k) => [point, points[(k + 1) % points.length]]);
  return edges.some(([a, b], i) => edges.some(([c, d], j) => {
    if (j <= i + 1 || (i === 0 && j === edges.length - 1)) return false;
    return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
  }));
}
