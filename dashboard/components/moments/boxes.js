// Where objects are at each frame: the file of dashboard/boxes.py, read.
const MAGIC = 0x314f5456; // "VTO1"
const SLACK_S = 5e-4;

export function readBoxes(buffer) {
  const view = new DataView(buffer);
  const whole = (at) => view.getUint32(at, true), real = (at) => view.getFloat64(at, true);
  if (buffer.byteLength < 64 || whole(0) !== MAGIC) throw new Error("This is not a file of boxes.");
  const [frames, samples, rows] = [whole(4), whole(8), whole(12)];
  let at = 64;
  const take = (Kind, count) => {
    const taken = new Kind(buffer, at, count);
    at += count * Kind.BYTES_PER_ELEMENT;
    return taken;
  };
  const read = {
    origin: real(16), gap: real(40), first: view.getInt32(48, true), exact: whole(52) === 1,
    frames: take(Float64Array, frames), times: take(Float64Array, samples), numbers: take(Int32Array, samples),
    offsets: take(Uint32Array, samples + 1), ids: take(Int32Array, rows),
  };
  at += 4 * rows; // confidences
  read.corners = take(Float32Array, 4 * rows);
  read.paths = new Map(); // track -> its rows and their times, in order
  for (let sample = 0; sample < samples; sample += 1) {
    for (let row = read.offsets[sample]; row < read.offsets[sample + 1]; row += 1) {
      const id = read.ids[row];
      if (!read.paths.has(id)) read.paths.set(id, { times: [], rows: [] });
      read.paths.get(id).times.push(read.times[sample]);
      read.paths.get(id).rows.push(row);
    }
  }
  return read;
}

// Place of the last of ascending times that is not after `now`; -1 where all are.
export function lastUntil(times, now) {
  let low = 0, high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= now + SLACK_S) low = middle + 1; else high = middle;
  }
  return low - 1;
}

// The time of the frame on screen at `now`, as the file tells it.
export function frameTime(read, now) {
  const at = lastUntil(read.frames, now);
  return at < 0 ? now : read.frames[at];
}

function cornersOf(read, row) {
  return Array.from(read.corners.subarray(4 * row, 4 * row + 4));
}

// [x0, y0, x1, y1] of a track at a time, as shares of the picture; undefined where it is not seen.
export function boxAt(read, id, now) {
  const path = read.paths.get(id);
  if (!path) return undefined;
  const before = lastUntil(path.times, now);
  if (before < 0) return undefined;
  const start = cornersOf(read, path.rows[before]);
  if (now - path.times[before] <= SLACK_S) return start;
  if (before + 1 >= path.times.length) return undefined;
  const gap = path.times[before + 1] - path.times[before];
  if (gap > read.gap) return undefined;
  const share = (now - path.times[before]) / gap, stop = cornersOf(read, path.rows[before + 1]);
  return start.map((edge, k) => edge + share * (stop[k] - edge));
}

// Unbroken pieces of where the middle of a track was in [from, until], each a list of [x, y].
export function trailOf(read, id, from, until) {
  const path = read.paths.get(id), pieces = [];
  if (!path) return pieces;
  let earlier;
  for (let k = Math.max(0, lastUntil(path.times, from)); k <= lastUntil(path.times, until); k += 1) {
    const [x0, y0, x1, y1] = cornersOf(read, path.rows[k]);
    if (earlier === undefined || path.times[k] - earlier > read.gap) pieces.push([]);
    pieces.at(-1).push([(x0 + x1) / 2, (y0 + y1) / 2]);
    earlier = path.times[k];
  }
  return pieces;
}
