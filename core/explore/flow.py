"""How others moved at each place of one view: where, which way and how fast.

Every point of a path is compared with the points of normal paths near it in place and motion at
once; how far the nearest few objects are is how unusual it is there. So a car that drives against
all others is far from them although it drives where they drove, and one that stands on a lane is
although many passed there. Places are measured in box sizes, which takes perspective away.

A nonparametric form of learning what is usual in surveillance scenes from trajectories (Stauffer
and Grimson, "Learning patterns of activity using real-time tracking", 2000), with distances to
nearest neighbours as in Ramaswamy, Rastogi and Shim, "Efficient algorithms for mining outliers
from large data sets", 2000.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64, Int32
from core.search.columns import Columns
from core.search.paths import Paths
from core.tracking.classes import group_of

Rows = npt.NDArray[np.intp]

FEWEST = 8
"""Normal objects of one kind in a view, below which nothing is said about its places."""
FAR = 4.0
_PACE_POINTS = 3  # on either side: a little over a second
HALF_WAY = 0.5
"""Box lengths a second, in the middle of the scale of pace between standing and racing."""
STANDS = 0.25
"""Share of the scale of pace below which an object stands."""
DEPTH = 0.4
"""Box sizes up and down the picture are as far as one across it."""
_MOVE_WEIGHT = 2.0  # of the difference of motion beside that of place, in box sizes
_SLIM = 1.7  # times its own size is the ruler of what is narrower than a lane
_THIN = 2  # points
_STANDING_THIN = 10
_BAND = 1.35  # ratio of sizes that are measured with one ruler
_NEIGHBOURS = 40  # points looked at for each
_OBJECTS_OF = 100  # with so many normal objects the nearest counts, with twice as many two, ...
_MOST_OBJECTS = 5
NEAR = 1.2
"""Box sizes within which others were at the same place."""
_KIN_S, _KIN_SIZES = 6.0, 1.5  # a track that goes on where another ended may be the same object
_WORST = 0.4  # share of a path that counts
_LEAST_WEIGHT, _HALF_THERE = 0.3, 2.0  # of what is far where nobody came by; so many make half
_CELL = 0.5  # box sizes: of one object, one point in each is asked for who was there
_ASKED = 32  # points
_KINDS = {"vehicle": 0, "two-wheeler": 0, "person": 1, "animal": 1}


@dataclass(frozen=True)
class Flow:
    """Points of the paths of N tracks, thinned, with how far each is from normal ones.

    track: (P,) row. xy: (P, 2), size: (P,) in the unit of `core.search.paths`; two-wheelers
    count as larger than they are. t_s: (P,). move:
    (P, 2) direction times pace on a scale from 0 (stands) to 1. far: (P,) distance from the nearest
    normal objects, NaN where there are too few. there: (P,) normal objects of any kind near that
    place, as far as some of its nearest tell. kind: (N,) 0 on wheels, 1 on foot, more for others.
    view: (N,). family: (N,) tracks of one number may be parts of one object. normal: (N,).
    """

    track: Int32
    xy: Float32
    size: Float32
    t_s: Float64
    move: Float32
    far: Float32
    there: Int32
    kind: Int32
    view: Int32
    family: Int32
    normal: Bool

    def scores(self) -> tuple[Float32, Bool]:
        """(N,) mean distance over the most unusual part of each path, and where that is known.

        What is far where others came by counts more: of a place to which hardly anybody came in the
        time that is known, nobody can say what is usual there.
        """
        n = len(self.kind)
        seen = self.there / (self.there + _HALF_THERE)
        far = self.far * (_LEAST_WEIGHT + (1.0 - _LEAST_WEIGHT) * seen)
        score = np.zeros(n, np.float32)
        known = np.zeros(n, np.bool_)
        told = np.flatnonzero(np.isfinite(far))
        order = told[np.lexsort((-far[told], self.track[told]))]
        rows, first, many = np.unique(self.track[order], return_index=True, return_counts=True)
        rank = np.arange(len(order)) - np.repeat(first, many)
        counted = rank < np.repeat(np.maximum(np.ceil(_WORST * many), 1), many)
        total = np.bincount(self.track[order][counted], far[order][counted], minlength=n)
        each = np.bincount(self.track[order][counted], minlength=n)
        score[rows] = (total / np.maximum(each, 1))[rows]
        known[rows] = many >= 3
        return score, known

    def stretch(self, row: int) -> tuple[float, float, int]:
        """When a track was most unusual, seconds from and to, and the point at its worst."""
        mine = np.flatnonzero(self.track == row)
        far = np.nan_to_num(self.far[mine])
        if not len(mine):
            return 0.0, 0.0, -1
        worst = int(np.argmax(_eased(far)))
        above = far >= 0.5 * far[worst]
        low = high = worst
        while low > 0 and above[low - 1]:
            low -= 1
        while high + 1 < len(mine) and above[high + 1]:
            high += 1
        return float(self.t_s[mine[low]]), float(self.t_s[mine[high]]), int(mine[worst])


def _eased(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.convolve(values, np.ones(3) / 3.0, "same") if len(values) >= 3 else values


def flow_of(columns: Columns, paths: Paths, view: Int32, normal: Bool) -> Flow:
    """Compare every path with the normal ones of its view.

    view: (V,) number of the view of each video. normal: (N,) the tracks to compare with. Where a
    camera moves, and for tracks whose motion is unknown, nothing is said.
    """
    kind = kinds_of(columns)
    of_track = view[columns.video].astype(np.int32)
    usable = paths.told & ~paths.moved & columns.motion_known
    kept, move = _points(paths, usable)
    flow = Flow(
        track=paths.track[kept],
        xy=paths.xy[kept],
        size=(paths.size * _rulers(columns)[paths.track])[kept],
        t_s=paths.t_s[kept],
        move=move,
        far=np.full(len(kept), np.nan, np.float32),
        there=np.zeros(len(kept), np.int32),
        kind=kind,
        view=of_track,
        family=_families(columns, paths),
        normal=normal & usable,
    )
    of_point = of_track[flow.track].astype(np.int64) * 64 + kind[flow.track]
    for group in np.unique(of_point):
        mine = np.flatnonzero(of_point == group)
        base = mine[flow.normal[flow.track[mine]]]
        if len(np.unique(flow.track[base])) >= FEWEST:
            flow.far[mine] = _distances(flow, mine, base)
    for number in np.unique(of_track):
        mine = np.flatnonzero(of_track[flow.track] == number)
        flow.there[mine] = _those_there(flow, mine, mine[flow.normal[flow.track[mine]]])
    return flow


def _rulers(columns: Columns) -> Float32:
    """(N,) what box sizes are multiplied with before places are measured by them."""
    each = [_SLIM if group_of(name) == "two-wheeler" else 1.0 for name in columns.class_names]
    if not each or not len(columns):
        return np.ones(len(columns), np.float32)
    return np.asarray(np.array(each, np.float32)[np.argmax(columns.votes, axis=1)], np.float32)


def kinds_of(columns: Columns) -> Int32:
    """(N,) 0 for what has wheels, 1 for people and animals, a number of its own for the rest."""
    numbers = dict(_KINDS)
    each = [
        numbers.setdefault(group_of(name), len(set(numbers.values())))
        for name in columns.class_names
    ]
    if not each or not len(columns):
        return np.zeros(len(columns), np.int32)
    return np.asarray(np.array(each, np.int32)[np.argmax(columns.votes, axis=1)], np.int32)


def _points(paths: Paths, usable: Bool) -> tuple[Rows, Float32]:
    """Points kept of usable tracks, fewer of what stands, and how each moved there."""
    at = np.arange(len(paths.xy))
    track = paths.track
    low = np.maximum(at - _PACE_POINTS, paths.starts[:-1][track])
    high = np.minimum(at + _PACE_POINTS, paths.starts[1:][track] - 1)
    step = (paths.xy[high] - paths.xy[low]).astype(np.float64)
    lasted = np.maximum(paths.t_s[high] - paths.t_s[low], 1e-3)
    pace = np.hypot(*step.T) / lasted / np.maximum(paths.size, 1e-6)
    scaled = pace**2 / (pace**2 + HALF_WAY**2)
    move = step / np.maximum(np.hypot(*step.T), 1e-9)[:, None] * scaled[:, None]
    number = at - paths.starts[:-1][track]
    every = np.where(scaled < STANDS, _STANDING_THIN, _THIN)
    kept = np.flatnonzero(usable[track] & (number % every == 0) & (high > low))
    return kept, move[kept].astype(np.float32)


def _distances(flow: Flow, mine: Rows, base: Rows) -> Float32:
    """(K,) how far points are from the nearest few normal objects of another family."""
    from scipy.spatial import cKDTree

    far = np.full(len(mine), FAR, np.float32)
    known = len(np.unique(flow.family[flow.track[base]]))
    objects = min(max(known // _OBJECTS_OF, 1), _MOST_OBJECTS)
    for here, ruler in _bands(flow.size[mine]):
        tree = cKDTree(_state(flow, base, ruler))
        k = min(_NEIGHBOURS, len(base))
        apart, found = tree.query(_state(flow, mine[here], ruler), k=k, distance_upper_bound=FAR)
        apart, found = apart.reshape(len(here), k), found.reshape(len(here), k)
        there = found < len(base)
        family = np.where(there, flow.family[flow.track[base[np.where(there, found, 0)]]], -1)
        own = flow.family[flow.track[mine[here]]]
        apart = np.where(there & (family != own[:, None]), np.minimum(apart, FAR), FAR)
        far[here] = _nearest_few(apart, family, objects)
    return far


def _those_there(flow: Flow, mine: Rows, base: Rows) -> Int32:
    """(K,) how many normal families of any kind came near each point."""
    from scipy.spatial import cKDTree

    there = np.zeros(len(mine), np.int32)
    if not len(base):
        return there
    for here, ruler in _bands(flow.size[mine]):
        few = base[_one_a_cell(_place(flow, base, ruler), flow.family[flow.track[base]])]
        k = min(_ASKED, len(few))
        tree = cKDTree(_place(flow, few, ruler))
        apart, found = tree.query(_place(flow, mine[here], ruler), k=k, distance_upper_bound=NEAR)
        found = found.reshape(len(here), k)
        near = np.isfinite(apart.reshape(len(here), k))
        family = np.where(near, flow.family[flow.track[few[np.where(near, found, 0)]]], -1)
        family[family == flow.family[flow.track[mine[here]]][:, None]] = -1
        family = np.sort(family, axis=1)
        new = (np.diff(family, axis=1, prepend=-1) != 0) & (family >= 0)
        there[here] = new.sum(axis=1)
    return there


def _one_a_cell(place: Float64, family: Int32) -> Rows:
    """Of the points of each family one in each cell, which are enough to say that it was there."""
    cell = np.floor(place / _CELL).astype(np.int64)
    cell -= cell.min(axis=0)
    wide, high = cell.max(axis=0) + 1
    number = (family.astype(np.int64) * wide + cell[:, 0]) * high + cell[:, 1]
    return np.unique(number, return_index=True)[1]


def _bands(size: Float32) -> Iterator[tuple[Rows, float]]:
    """Points of about one size, and the size that their places are measured in."""
    band = np.round(np.log(np.maximum(size, 1e-4)) / np.log(_BAND)).astype(int)
    for number in np.unique(band):
        yield np.flatnonzero(band == number), float(_BAND**number)


def _place(flow: Flow, rows: Rows, ruler: float) -> Float64:
    place = flow.xy[rows].astype(np.float64) / ruler
    place[:, 1] /= DEPTH
    return place


def _state(flow: Flow, rows: Rows, ruler: float) -> Float64:
    return np.hstack([_place(flow, rows, ruler), _MOVE_WEIGHT * flow.move[rows]])


def _nearest_few(apart: Float64, family: npt.NDArray[np.int32], objects: int) -> Float64:
    """Mean distance of the nearest few families in each row."""
    rows = np.arange(len(apart))
    total = np.zeros(len(apart))
    left = apart.copy()
    for _ in range(objects):
        best = np.argmin(left, axis=1)
        value = left[rows, best]
        total += value
        left = np.where(family == family[rows, best][:, None], FAR, left)
    return total / objects


def _families(columns: Columns, paths: Paths) -> Int32:
    """(N,) tracks of one video that go on where another ended shortly before share a number."""
    n = len(columns)
    family = np.arange(n, dtype=np.int32)
    has = np.diff(paths.starts) > 0
    first = np.where(has, paths.starts[:-1], 0)
    last = np.where(has, paths.starts[1:] - 1, 0)
    reach = np.minimum(np.diff(paths.starts) - 1, _PACE_POINTS).clip(0)
    arriving = paths.xy[last] - paths.xy[last - reach]
    leaving = paths.xy[first + reach] - paths.xy[first]
    for video in range(len(columns.videos)):
        rows = np.arange(*columns.rows_of(video).indices(n))
        rows = rows[has[rows]]
        rows = rows[np.argsort(columns.t0_s[rows], kind="stable")]
        begun = columns.t0_s[rows]
        for row in rows.tolist():
            low, high = np.searchsorted(begun, [columns.t1_s[row], columns.t1_s[row] + _KIN_S])
            after = rows[low:high]
            if not len(after):
                continue
            end = paths.xy[last[row]]
            apart = np.hypot(*(paths.xy[first[after]] - end).T)
            size = np.maximum(paths.size[last[row]], paths.size[first[after]])
            onward = (
                leaving[after] @ arriving[row] >= 0.0
            )  # two that pass a border go opposite ways
            for other in after[onward & (apart < _KIN_SIZES * size)].tolist():
                family[other] = family[row]
    return family
