// What is known of the points, without any drawing: read, found inside an outline, found near a place.

const SPACES = ["looks", "moves"];

// See dashboard/map_files.py for the file.
export function readPoints(buffer) {
  const [many, total] = new Uint32Array(buffer, 0, 2);
  if (buffer.byteLength !== 8 + 20 * many) throw new Error("This is not a file of points.");
  const part = (k) => new Float32Array(buffer, 8 + 4 * many * (k + 1), many);
  return {
    many, total, row: new Uint32Array(buffer, 8, many),
    looks: { x: part(0), y: part(1) }, moves: { x: part(2), y: part(3) },
  };
}

export function readBits(buffer, many) {
  const bytes = new Uint8Array(buffer), found = [];
  for (let k = 0; k < many; k += 1) if (bytes[k >> 3] >> (k & 7) & 1) found.push(k);
  return found;
}

// Points inside the outline, even-odd rule; a point without a place is outside.
export function within({ x, y }, outline) {
  const ox = outline.x, oy = outline.y, corners = ox.length, found = [];
  const x0 = Math.min(...ox), x1 = Math.max(...ox), y0 = Math.min(...oy), y1 = Math.max(...oy);
  for (let k = 0; k < x.length; k += 1) {
    const px = x[k], py = y[k];
    if (!(px >= x0 && px <= x1 && py >= y0 && py <= y1)) continue;
    let odd = false;
    for (let a = 0, b = corners - 1; a < corners; b = a, a += 1) {
      if ((oy[a] > py) !== (oy[b] > py) && px < (ox[b] - ox[a]) * (py - oy[a]) / (oy[b] - oy[a]) + ox[a]) odd = !odd;
    }
    if (odd) found.push(k);
  }
  return found;
}

// The point nearest to a place on the map, -1 where none is within `reach`; lengths as on the map.
export function nearest({ x, y }, at, reach) {
  let best = -1, least = reach * reach;
  for (let k = 0; k < x.length; k += 1) {
    const dx = x[k] - at.x, dy = y[k] - at.y, far = dx * dx + dy * dy;
    if (far < least) { least = far; best = k; }
  }
  return best;
}

// A stroke of the pointer with fewer corners: none nearer than `least` to the one before.
export function thinned(stroke, least, most) {
  let kept = stroke;
  for (let gap = least; ; gap *= 1.6) {
    kept = stroke.filter(() => true);
    const out = [kept[0]];
    for (const point of kept) {
      const last = out[out.length - 1];
      if (Math.hypot(point[0] - last[0], point[1] - last[1]) >= gap) out.push(point);
    }
    if (out.length <= most) return out;
  }
}

export function joined(before, now, mode) {
  if (mode === "new" || !before) return now;
  const have = new Set(before);
  if (mode === "take") { const gone = new Set(now); return before.filter((k) => !gone.has(k)); }
  for (const k of now) have.add(k);
  return [...have].sort((a, b) => a - b);
}
