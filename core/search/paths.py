"""The paths of all tracks as columns, so that anything drawn is compared with all of them at once.

Foot points are as a camera that stood still would have seen them, a fifth of a second apart, in
units of the square root of the picture's area: distances mean the same along both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64, Int32
from core.index.pack_file import Key
from core.index.packs import Block, Packs, gathered
from core.library.library import Library
from core.library.shard import Shard
from core.search.columns import Columns
from core.tracks import Path

RATE_HZ = 5.0
_VERSION = "1"
_PACE_S = 0.8  # between the two points whose distance is a speed
_MOVES = 0.15  # box lengths a second; less is trembling

_NET_POINTS = 3  # on either side
_GRID_TRACKS = 16384  # looked at together
GRID = 32
CELL = 2.0 / GRID
"""The grid covers twice the unit, wider than any usual picture; what lies beyond is in its rim."""

Starts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Paths:
    """Foot points of N tracks, one track after another, each ordered by time.

    starts: (N + 1,) first point of each track. xy: (P, 2) foot points, see above. t_s: (P,)
    seconds. frame: (P,) nearest frame before. size: (P,) square root of the box's area, same unit.
    told: (N,) False where the camera moved and the track was never seen in the view of the first
    picture, in which a drawing is taken to be. moved: (N,) whether the camera of its video moves.
    largest_px: (N,) longer side of the largest box, pixels.
    """

    starts: Starts
    xy: Float32
    t_s: Float64
    frame: Int32
    size: Float32
    told: Bool
    moved: Bool
    largest_px: Float32

    def __len__(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def track(self) -> Int32:
        """(P,) row of the track of each point."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))

    @cached_property
    def bounds(self) -> Float32:
        """(N, 4) x0, y0, x1, y1 of the points of each track; inverted where there are none."""
        bounds = np.tile(np.array([np.inf, np.inf, -np.inf, -np.inf], np.float32), (len(self), 1))
        has = np.diff(self.starts) > 0
        if has.any():
            at = self.starts[:-1][has]
            bounds[has, :2] = np.minimum.reduceat(self.xy, at, axis=0)
            bounds[has, 2:] = np.maximum.reduceat(self.xy, at, axis=0)
        return bounds

    @cached_property
    def speed(self) -> Float32:
        """(N,) box lengths a second, median while the track moves, 0 where it never does."""
        step = round(_PACE_S * RATE_HZ)
        speed = np.zeros(len(self), np.float32)
        if len(self.xy) <= step:
            return speed
        ahead, here = slice(step, None), slice(None, -step)
        same = self.track[ahead] == self.track[here]
        far = np.hypot(*(self.xy[ahead] - self.xy[here]).T)
        lasted = np.maximum(self.t_s[ahead] - self.t_s[here], 1e-3)
        pace = far / lasted / np.maximum(self.size[here], 1e-6)
        moving = same & (pace >= _MOVES)
        track, pace = self.track[here][moving], pace[moving]
        order = np.lexsort((pace, track))
        rows, first, count = np.unique(track[order], return_index=True, return_counts=True)
        speed[rows] = pace[order][first + count // 2]
        return speed

    @cached_property
    def travelled(self) -> Float64:
        """(P,) length of the way so far, over all tracks one after another.

        Of net displacements over a second, so that trembling on the spot leads nowhere.
        """
        if not len(self.xy):
            return np.zeros(0)
        at = np.arange(len(self.xy))
        low = np.maximum(at - _NET_POINTS, self.starts[:-1][self.track])
        high = np.minimum(at + _NET_POINTS, self.starts[1:][self.track] - 1)
        net = np.hypot(*(self.xy[high] - self.xy[low]).T).astype(np.float64)
        step = net / np.maximum(high - low, 1)
        step[np.diff(self.track, prepend=-1) != 0] = 0.0
        return np.cumsum(step)

    @cached_property
    def cells(self) -> npt.NDArray[np.uint8]:
        """(GRID * GRID / 8, N) which cells of a coarse grid each track goes through, as bits."""
        bits = np.zeros((GRID * GRID // 8, len(self)), np.uint8)
        for start in range(0, len(self), _GRID_TRACKS):
            stop = min(start + _GRID_TRACKS, len(self))
            points = slice(int(self.starts[start]), int(self.starts[stop]))
            track = self.track[points] - start
            bits[:, start:stop] = _crossed(self.xy[points], track, stop - start).T
        return bits

    def through(self, cells: Bool, rows: npt.NDArray[np.intp]) -> Bool:
        """(K,) which of some tracks go through any of the cells. cells: (GRID, GRID), y first."""
        wanted = np.packbits(cells.ravel())
        places = np.flatnonzero(wanted)
        crossed = np.zeros(len(rows), np.bool_)
        for place in places:
            crossed |= (self.cells[place, rows] & wanted[place]) != 0
        return crossed

    def points_of(self, row: int) -> slice:
        return slice(int(self.starts[row]), int(self.starts[row + 1]))


def _crossed(xy: Float32, track: Int32, n: int) -> npt.NDArray[np.uint8]:
    """(n, GRID * GRID / 8) the cells of some tracks; between two points the way is straight."""
    crossed = np.zeros((n, GRID * GRID), np.bool_)
    same = np.append(track[1:] == track[:-1], np.zeros(min(len(xy), 1), np.bool_))
    step = np.where(same[:, None], np.roll(xy, -1, axis=0) - xy, 0.0)
    for part in (0.0, 0.25, 0.5, 0.75):
        place = np.clip(((xy + part * step) / CELL).astype(np.int64), 0, GRID - 1)
        crossed[track, place[:, 1] * GRID + place[:, 0]] = True
    return np.packbits(crossed, axis=1)


def read_paths(library: Library, columns: Columns) -> Paths:
    """The paths of every track of the columns, in their order.

    Kept in `index/columns/`: only videos that are new there are read. Raises LibraryError when the
    boxes of a video cannot be read.
    """
    wanted = {record.video_id for record in columns.videos}
    keys = [key for key in columns.stamp if key[0] in wanted]

    def derive(key: Key) -> Block:
        # Apart from the shards that the library keeps open: all their boxes would fill memory.
        unedited = Shard(library.shard_folder(key[0]))
        return described_paths(library.shard(key[0]) if key[2] else unedited)

    folder = library.index_folder / "columns"
    found = Packs(folder, "paths", _VERSION, writable=not library.read_only).gather(keys, derive)
    for problem in found.left_out.values():
        raise problem
    return _paths(found.arrays)


def paths_of(shards: Sequence[Shard]) -> Paths:
    """The paths of all tracks of some videos, one after another, read now."""
    blocks = [described_paths(shard) for shard in shards]
    keys = [(shard.video_id, shard.checksum, shard.edits) for shard in shards]
    return _paths(gathered(keys, blocks).arrays)


def _paths(arrays: Mapping[str, npt.NDArray[Any]]) -> Paths:
    nothing: dict[str, npt.NDArray[Any]] = {
        "points": np.zeros(0, np.int64),
        "xy": np.zeros((0, 2), np.float32),
        "t_s": np.zeros(0),
        "frame": np.zeros(0, np.int32),
        "size": np.zeros(0, np.float32),
        "moved": np.zeros(0, np.bool_),
        "largest_px": np.zeros(0, np.float32),
    }
    all_of = arrays or nothing
    points = all_of["points"]
    return Paths(
        starts=np.concatenate([[0], np.cumsum(points)]).astype(np.int64),
        xy=all_of["xy"],
        t_s=all_of["t_s"],
        frame=all_of["frame"],
        size=all_of["size"],
        told=points > 0,
        moved=all_of["moved"],
        largest_px=all_of["largest_px"],
    )


def described_paths(shard: Shard) -> Block:
    """The paths of one video as arrays: those of `Paths`, and the number of each track's points."""
    paths = [shard.path_of(int(track_id)) for track_id in shard.tracks().track_id]
    counts = np.array([len(path) for path in paths], np.int64)
    whole = Path(
        np.concatenate([np.zeros(0, np.int32), *(path.frame for path in paths)]),
        np.concatenate([np.zeros(0), *(path.t_s for path in paths)]),
        np.concatenate([np.zeros((0, 4), np.float32), *(path.xyxy for path in paths)]),
        np.zeros(0, np.float32),
        np.zeros(0, np.bool_),
    )
    n = len(paths)
    track = np.repeat(np.arange(n), counts)
    largest = np.zeros(n, np.float32)
    np.maximum.at(largest, track, (whole.xyxy[:, 2:] - whole.xyxy[:, :2]).max(axis=1, initial=0.0))
    camera = shard.camera()
    boxes = camera.stabilise(whole.frame, whole.xyxy.astype(np.float64))
    seen = np.ones(len(track), np.bool_)
    if camera.moves:
        seen = (camera.shot(whole.frame) == 0) & ~camera.lost(whole.frame)
    unit = float(np.sqrt(shard.meta.width * shard.meta.height))
    track, t_s, frame, boxes = track[seen], whole.t_s[seen], whole.frame[seen], boxes[seen] / unit
    first, xy, size, mean_t_s = _thinned(track, t_s, boxes)
    return {
        "points": np.bincount(track[first], minlength=n).astype(np.int64),
        "xy": xy,
        "t_s": mean_t_s,
        "frame": frame[first],
        "size": size,
        "moved": np.full(n, camera.moves, np.bool_),
        "largest_px": largest.round(1),
    }


def _thinned(
    track: npt.NDArray[np.int64], t_s: Float64, boxes: Float64
) -> tuple[npt.NDArray[np.int64], Float32, Float32, Float64]:
    """Means over spans of a fifth of a second, which also takes some trembling away.

    The first row of each span, and the mean foot point, size and time of the span.
    """
    span = np.floor(t_s * RATE_HZ + 1e-6).astype(np.int64)
    first = np.flatnonzero((np.diff(track, prepend=-1) != 0) | (np.diff(span, prepend=-1) != 0))
    foot = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2.0, boxes[:, 3]], axis=1)
    wh = np.clip(boxes[:, 2:] - boxes[:, :2], 0.0, None)
    values = np.column_stack([foot, np.sqrt(wh[:, 0] * wh[:, 1]), t_s])
    if len(first):
        many = np.diff(np.append(first, len(track)))
        values = np.add.reduceat(values, first, axis=0) / many[:, None]
    return first, values[:, :2].astype(np.float32), values[:, 2].astype(np.float32), values[:, 3]
