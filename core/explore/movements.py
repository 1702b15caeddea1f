"""Turning movements: how many came from which arm of the picture and went to which.

A track whose beginning, or end, lies inside the picture (it was there when the video began, came
out of a parking place, was lost) has no arm there and is counted as unknown, unless all that passed
the same spot in the same direction came from, or went to, one arm, or a single arm lies straight
ahead of it, on the ground and in the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float64, Int32
from core.explore.arms import (
    Arms,
    Ends,
    ahead,
    arms_of,
    border_arms,
    ends_of,
    renamed,
    with_far_arms,
)
from core.explore.counts import Intervals, kinds_of
from core.explore.tally import Tally, tally
from core.motion.ground import GroundPlane
from core.search.columns import Columns
from core.search.paths import Paths

Rows = npt.NDArray[np.int64]
Kept = tuple[tuple[str, tuple[float, float]], ...]

UNKNOWN = -1
_NEAR = 0.5  # of the object's size, for others to have passed the same spot
_LEAST_NEAR = 0.03
_SAME_WAY = np.radians(25.0)
_FEWEST = 2
_AGREE = 0.9
_NAME_WITHIN = 0.35
_THROUGH, _BACK = np.radians(38.0), np.radians(145.0)


@dataclass(frozen=True, slots=True)
class Movements:
    """What some tracks of one camera's picture did between its arms.

    row: (M,) tracks that lead somewhere. source, target: (M,) arm, -1 unknown. followed: (M,)
    whether one of them is told from what others did there, or from what lies ahead. t_s: (M,)
    middle of the track, seconds.
    staying: (S,) tracks that lead nowhere: they stood, or were seen too briefly.
    """

    arms: Arms
    row: Rows
    source: Int32
    target: Int32
    followed: Bool
    t_s: Float64
    staying: Rows

    @property
    def known(self) -> Bool:
        """(M,) whether both arms are known."""
        return np.asarray((self.source >= 0) & (self.target >= 0), np.bool_)

    def table(self, columns: Columns, intervals: Intervals | None = None) -> Tally:
        """(A + 1, A + 1, C, B) from, to, class, interval; the last arm stands for unknown.

        B is 1 without intervals.
        """
        many = len(self.arms)
        source = np.where(self.source < 0, many, self.source)
        target = np.where(self.target < 0, many, self.target)
        when = np.zeros(len(self.row), np.int32)
        if intervals is not None:
            when = intervals.at(columns.video[self.row], self.t_s)
        shape = (
            many + 1, many + 1, len(columns.class_names), 1 if intervals is None else len(intervals)
        )  # fmt: skip
        return tally(shape, (source, target, kinds_of(columns)[self.row], when), self.row)


def turn_of(arms: Arms, source: int, target: int) -> str:
    """What going from one arm to another is called: left, right, through, back."""
    if source == target:
        return "back"
    turned = float(np.angle(np.exp(1j * (arms.angle[target] - arms.angle[source] - np.pi))))
    if abs(turned) <= _THROUGH:
        return "through"
    if abs(turned) >= _BACK:
        return "back"
    return "left" if turned > 0.0 else "right"


def shape_of(columns: Columns, video: int) -> tuple[tuple[float, float], float]:
    """Width and height of a video's picture in units of the paths, and pixels of one unit."""
    record = columns.videos[video]
    unit = float(np.sqrt(max(record.width, 1) * max(record.height, 1)))
    return (record.width / unit, record.height / unit), unit


def ground_of(columns: Columns, video: int) -> GroundPlane | None:
    """The ground plane of a video, None where none was found; raises LibraryError."""
    numbers = columns.shards[video].meta.ground
    return None if numbers is None else GroundPlane.from_numbers(numbers)


def movements(
    columns: Columns, paths: Paths, among: npt.NDArray[np.integer], names: Kept = ()
) -> Movements:
    """What tracks did between the arms of one camera's picture.

    among: tracks of videos with one and the same view. names: arms that a person named, and where
    they lay, in the unit of the paths. Raises LibraryError where a video cannot be read.
    """
    rows: Rows = np.unique(np.asarray(among, np.int64))
    if not len(rows):
        none = Arms((), np.zeros((0, 2)), np.zeros(0), np.zeros(0, np.int32))
        whole = np.zeros(0, np.int32)
        return Movements(none, rows, whole, whole, np.zeros(0, np.bool_), np.zeros(0), rows)
    video = int(columns.video[rows[0]])
    shape, unit = shape_of(columns, video)
    ends = ends_of(paths, rows, shape, ground_of(columns, video), unit)
    arm = border_arms(ends)
    told = _told_by_others(paths, ends, arm)
    arm = with_far_arms(ends, np.where(told >= 0, told, arm).astype(np.int32))
    more = _told_by_others(paths, ends, arm)
    more = np.where(more >= 0, more, ahead(ends, arm))
    followed = (told >= 0) | (more >= 0)
    arms, arm = arms_of(ends, np.where(more >= 0, more, arm).astype(np.int32), shape)
    row = ends.row[::2]
    return Movements(
        renamed(arms, names, _NAME_WITHIN),
        row,
        arm[::2],
        arm[1::2],
        followed[::2] | followed[1::2],
        (columns.t0_s[row] + columns.t1_s[row]) / 2.0,
        np.setdiff1d(rows, row),
    )


def _told_by_others(paths: Paths, ends: Ends, arm: Int32) -> Int32:
    """(K,) the arm of ends inside the picture: the one of all that passed there the same way."""
    told = np.full(len(ends), UNKNOWN, np.int32)
    open_ = np.flatnonzero(arm < 0)
    if not len(open_) or len(open_) == len(ends):
        return told
    of_track = np.full((len(paths), 2), UNKNOWN, np.int32)
    of_track[ends.row, ends.last.astype(int)] = arm
    points = np.concatenate([np.arange(*_bounds(paths, int(row))) for row in ends.row[::2]])
    xy, way, track = paths.xy[points], _ways(paths, points), paths.track[points]
    for k in open_:
        side = int(ends.last[k])
        rows = slice(*_bounds(paths, int(ends.row[k])))
        at = rows.stop - 1 if side else rows.start
        near = max(_NEAR * float(paths.size[at]), _LEAST_NEAR)
        own = _way_at(paths, rows, side)
        away = np.hypot(xy[:, 0] - ends.xy[k, 0], xy[:, 1] - ends.xy[k, 1])
        same = np.abs(np.angle(np.exp(1j * (way - own)))) <= _SAME_WAY
        others = np.unique(track[(away <= near) & same])
        known = of_track[others[others != ends.row[k]], side]
        known = known[known >= 0]
        if len(known) >= _FEWEST:
            counts = np.bincount(known)
            if counts.max() >= _AGREE * len(known):
                told[k] = int(counts.argmax())
    return told


def _bounds(paths: Paths, row: int) -> tuple[int, int]:
    return int(paths.starts[row]), int(paths.starts[row + 1])


def _ways(paths: Paths, points: Rows) -> Float64:
    """(P,) direction in the picture at each point, over half a second; NaN while standing."""
    low = np.maximum(points - 2, paths.starts[:-1][paths.track[points]])
    high = np.minimum(points + 2, paths.starts[1:][paths.track[points]] - 1)
    step = (paths.xy[high] - paths.xy[low]).astype(np.float64)
    moves = np.hypot(step[:, 0], step[:, 1]) >= 0.08 * paths.size[points]
    return np.where(moves, np.arctan2(step[:, 1], step[:, 0]), np.nan)


def _way_at(paths: Paths, rows: slice, side: int) -> float:
    """The direction in which a path begins, or ends, once it moves."""
    way = _ways(paths, np.arange(rows.start, rows.stop))
    moving = way[np.isfinite(way)]
    return float(moving[-1 if side else 0]) if len(moving) else float("nan")
