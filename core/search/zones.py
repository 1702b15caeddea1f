"""What tracks do with a zone or a line drawn on the picture, told from their foot points.

How surely a point is inside is a sigmoid of its distance to the border in tolerances, a share of
the object's own size: boxes tremble with it. A stay counts when it lasts over three points in a
row (0.6 s), so that one trembling box at the border is no visit.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.detections import Float32, Float64
from core.search.columns import Columns
from core.search.paths import RATE_HZ, Paths
from core.search.places import Place
from core.search.scoring import PartScore
from core.search.tracing import Traced

Rows = npt.NDArray[np.int64]

ABSENT = 0.03
_SLOPE = 4.0
_TOLERANCE = 0.2  # of the object's size
_LEAST_TOLERANCE, _MOST_TOLERANCE = 0.006, 0.03
_CLEAR = 1.0  # tolerances beyond a line at which it is as likely crossed as not
_LASTS = 3  # points in a row
_STOPS = ("stop", "wait", "parked", "stationary")
_SAID = {
    "in": "inside for {dwell_s:.1f} s",
    "enters": "comes in, inside for {dwell_s:.1f} s",
    "leaves": "goes out after {dwell_s:.1f} s inside",
    "from": "comes from there after {dwell_s:.1f} s inside",
    "to": "gets there, inside for {dwell_s:.1f} s",
    "stops in": "stands there, inside for {dwell_s:.1f} s",
    "crosses": "crosses it",
}
_OTHERWISE = {
    "in": "never inside",
    "enters": "does not come in",
    "leaves": "does not go out of it",
    "from": "does not come from there",
    "to": "does not get there",
    "stops in": "does not stop there",
    "crosses": "does not cross it this way",
}


@dataclass(frozen=True, slots=True)
class _Visit:
    """What one zone has to do with the points of some tracks, all (M,) but the last.

    point: rows of the points. track: of each. sure: how surely it is inside. stays, away: how
    surely it is inside (outside) for three points in a row from here. dwell_s: (N,) seconds inside.
    """

    point: Rows
    track: npt.NDArray[np.int32]
    sure: Float32
    stays: Float32
    away: Float32
    dwell_s: Float32


def zone_scores(columns: Columns, paths: Paths, places: Sequence[Place]) -> list[PartScore]:
    """One part for every zone or line of a question, on all tracks.

    A "to" that comes after a "from" must be reached later than that one was left.
    """
    scores = []
    came_from: _Visit | None = None
    for place in places:
        if place.part.is_line:
            scores.append(_crossing(columns, paths, place))
            continue
        visit = _visited(columns, paths, place)
        if place.part.how == "to" and came_from is not None:
            scores.append(_reached(columns, paths, place, visit, came_from))
        else:
            scores.append(_visiting(columns, paths, place, visit))
        if place.part.how == "from":
            came_from = visit
    return scores


def _candidates(columns: Columns, paths: Paths, place: Place) -> list[tuple[Float64, Rows]]:
    """(points of an area, points of tracks that come near it), area by area."""
    found = []
    for area in place.areas:
        low = area.points.min(axis=0) - _MOST_TOLERANCE
        high = area.points.max(axis=0) + _MOST_TOLERANCE
        near = area.videos[columns.video] & paths.told
        near &= (paths.bounds[:, :2] <= high).all(axis=1) & (paths.bounds[:, 2:] >= low).all(axis=1)
        found.append((area.points, ranges(paths.starts, np.flatnonzero(near))))
    return found


def ranges(starts: npt.NDArray[np.int64], rows: npt.NDArray[np.intp]) -> Rows:
    """All points of some tracks, in order."""
    counts = np.diff(starts)[rows]
    first = np.repeat(starts[rows] - (np.cumsum(counts) - counts), counts)
    return np.asarray(first + np.arange(int(counts.sum())), np.int64)


# --- zones -------------------------------------------------------------------------------------


def _visited(columns: Columns, paths: Paths, place: Place) -> _Visit:
    points, sure = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
    for drawn, near in _candidates(columns, paths, place):
        points.append(near)
        sure.append(_inside(drawn, paths.xy[near], tolerance(paths.size[near])))
    point = np.concatenate(points)
    order = np.argsort(point, kind="stable")
    point, value = point[order], np.concatenate(sure)[order]
    track = paths.track[point]
    spent = np.zeros(len(paths), np.float64)
    np.add.at(spent, track, _lasting(paths, point, track) * (value >= 0.5))
    return _Visit(
        point,
        track,
        value,
        _in_a_row(value, track),
        _in_a_row(1.0 - value, track),
        spent.astype(np.float32),
    )


def tolerance(size: Float32) -> Float32:
    """(M,) how far from a border a point must be to be on one side of it."""
    bounded = np.clip(_TOLERANCE * size, _LEAST_TOLERANCE, _MOST_TOLERANCE)
    return np.asarray(bounded, np.float32)


def _sigmoid(x: npt.NDArray[np.floating]) -> Float32:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -30.0, 30.0))), np.float32)


def _inside(polygon: Float64, xy: Float32, within: Float32) -> Float32:
    """(M,) how surely each point is inside a polygon (even-odd rule)."""
    inside = np.zeros(len(xy), np.bool_)
    nearest = np.full(len(xy), np.inf, np.float32)
    x, y = xy[:, 0], xy[:, 1]
    for (ax, ay), (bx, by) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        crosses = (ay > y) != (by > y)
        if by != ay:
            inside ^= crosses & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
        nearest = np.minimum(nearest, segment_distance(xy, (ax, ay), (bx, by)))
    return _sigmoid(_SLOPE * np.where(inside, nearest, -nearest) / within)


def segment_distance(
    xy: Float32, a: tuple[float, float], b: tuple[float, float]
) -> npt.NDArray[np.float32]:
    """(M,) distance of points to a line segment."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    along = ((xy[:, 0] - a[0]) * dx + (xy[:, 1] - a[1]) * dy) / max(dx * dx + dy * dy, 1e-12)
    along = np.clip(along, 0.0, 1.0)
    away = np.hypot(xy[:, 0] - (a[0] + along * dx), xy[:, 1] - (a[1] + along * dy))
    return np.asarray(away, np.float32)


def _lasting(paths: Paths, point: Rows, track: npt.NDArray[np.int32]) -> Float64:
    """(M,) seconds that each point stands for: until the next of its track, a second at most."""
    after = np.minimum(point + 1, len(paths.xy) - 1)
    same = (after > point) & (paths.track[after] == track)
    step = np.where(same, paths.t_s[after] - paths.t_s[point], 1.0 / RATE_HZ)
    return np.clip(step, 0.0, 1.0)


def _in_a_row(value: Float32, track: npt.NDArray[np.int32]) -> Float32:
    """(M,) the least of as many values in a row as count as a stay, from each point on.

    At the end of a track, where fewer are left, the last ones that are as many.
    """
    if not len(value):
        return value
    least = value.copy()
    for ahead in range(1, min(_LASTS, len(value))):
        same = track[ahead:] == track[:-ahead]
        least[:-ahead] = np.where(same, np.minimum(least[:-ahead], value[ahead:]), least[:-ahead])
    changes = np.flatnonzero(np.diff(track, prepend=-1) != 0)
    counts = np.diff(np.append(changes, len(track)))
    first = np.repeat(changes, counts)
    latest = np.repeat(np.maximum(changes + counts - _LASTS, changes), counts)
    return least[np.clip(np.arange(len(track)), first, latest)]


def _so_far(value: Float32, track: npt.NDArray[np.int32]) -> Float32:
    """(M,) the largest value of the same track before each point, 0 where there is none."""
    if not len(value):
        return value
    number = np.cumsum(np.diff(track, prepend=track[0]) != 0).astype(np.float64) * 2.0
    running = np.maximum.accumulate(value.astype(np.float64) + number) - number
    before = np.concatenate([[0.0], running[:-1]])
    first = np.diff(track, prepend=-1) != 0
    return np.where(first, 0.0, np.clip(before, 0.0, 1.0)).astype(np.float32)


def _best_at(value: Float32, track: npt.NDArray[np.int32], n: int) -> tuple[Float32, Rows]:
    """(N,) largest value of each track, and the place of it, -1 where the track has no points."""
    p, at = np.zeros(n, np.float32), np.full(n, -1, np.int64)
    order = np.argsort(value, kind="stable")
    p[track[order]] = value[order]
    at[track[order]] = order
    return p, at


def _visiting(columns: Columns, paths: Paths, place: Place, visit: _Visit) -> PartScore:
    if place.part.how == "stops in":
        return _stopping(columns, paths, place, visit)
    if place.part.how == "in":
        value = visit.stays
    elif place.part.how in ("enters", "to"):
        value = np.minimum(_so_far(visit.away, visit.track), visit.stays)
    else:
        value = np.minimum(_so_far(visit.stays, visit.track), visit.away)
    p, at = _best_at(value, visit.track, len(paths))
    t0_s, t1_s = _stay(paths, visit, at, p, left=place.part.how in ("leaves", "from"))
    return _part(columns, paths, place, p, t0_s, t1_s, visit.dwell_s)


def _reached(
    columns: Columns, paths: Paths, place: Place, visit: _Visit, left: _Visit
) -> PartScore:
    """Whether a zone was reached after another one was left."""
    n = len(paths)
    was = np.zeros(len(paths.xy), np.float32)
    was[left.point] = left.stays
    before = np.zeros(len(paths.xy), np.float32)
    both = np.union1d(left.point, visit.point)
    before[both] = _so_far(was[both], paths.track[both])
    value = np.minimum(before[visit.point], visit.stays)
    p, at = _best_at(value, visit.track, n)
    t0_s, t1_s = _stay(paths, visit, at, p, left=False)
    return _part(columns, paths, place, p, t0_s, t1_s, visit.dwell_s)


def _stay(
    paths: Paths, visit: _Visit, at: Rows, p: Float32, *, left: bool
) -> tuple[Float64, Float64]:
    """(N,) the stay in the zone that begins (or, when `left`, has ended) at a point."""
    t0_s, t1_s = np.full(len(paths), np.nan), np.full(len(paths), np.nan)
    if not len(visit.point):
        return t0_s, t1_s
    inside = visit.sure >= 0.5
    change = np.diff(visit.track, prepend=-1) != 0
    change |= np.diff(inside.astype(np.int8), prepend=-1) != 0
    run = np.cumsum(change) - 1
    first = np.flatnonzero(change)
    last = np.append(first[1:], len(run)) - 1
    rows = np.flatnonzero((p >= 0.3) & (at >= 0))
    mine = run[at[rows]]
    if left:  # the run before is the stay
        back = np.maximum(mine - 1, 0)
        mine = np.where(visit.track[first[back]] == rows, back, mine)
    t0_s[rows] = paths.t_s[visit.point[first[mine]]]
    t1_s[rows] = paths.t_s[visit.point[last[mine]]]
    return t0_s, t1_s


def _stopping(columns: Columns, paths: Paths, place: Place, visit: _Visit) -> PartScore:
    """A stop, wait or rest whose points are inside on average."""
    n = len(paths)
    events = [columns.events_of(kind) for kind in _STOPS]
    track = np.concatenate([each.track for each in events])
    start = np.concatenate([each.t0_s for each in events])
    stop = np.concatenate([each.t1_s for each in events])
    running = np.zeros(len(paths.xy) + 1)
    sure = np.zeros(len(paths.xy))
    sure[visit.point] = visit.sure
    np.cumsum(sure, out=running[1:])
    first = _point_at(paths, track, start)
    last = np.maximum(_point_at(paths, track, stop), first + 1)
    last = np.minimum(last, paths.starts[1:][track])
    share = (running[last] - running[np.minimum(first, last)]) / np.maximum(last - first, 1)
    value = (np.concatenate([each.p for each in events]) * share).astype(np.float32)
    p, at = _best_at(value, track, n)
    t0_s, t1_s = np.full(n, np.nan), np.full(n, np.nan)
    has = (at >= 0) & (p >= 0.3)
    t0_s[has], t1_s[has] = start[at[has]], stop[at[has]]
    score = _part(columns, paths, place, p, t0_s, t1_s, visit.dwell_s)
    return replace(score, known=score.known & (columns.motion_known | (p > 0.5)))


def _point_at(paths: Paths, track: npt.NDArray[np.int32], t_s: Float64) -> Rows:
    """First point of each track at or after a time, by bisection of all at once."""
    low, high = paths.starts[:-1][track].copy(), paths.starts[1:][track].copy()
    while (open_ := low < high).any():
        middle = (low + high) // 2
        before = open_ & (paths.t_s[np.minimum(middle, len(paths.t_s) - 1)] < t_s - 1e-6)
        low = np.where(before, middle + 1, low)
        high = np.where(open_ & ~before, middle, high)
    return np.asarray(low, np.int64)


def _part(
    columns: Columns,
    paths: Paths,
    place: Place,
    p: Float32,
    t0_s: Float64,
    t1_s: Float64,
    dwell_s: Float32 | None,
) -> PartScore:
    known = paths.told | ~place.covers(columns)
    usual = float(np.clip(p[known].mean(), 0.05, 0.4)) if known.any() else 0.1
    p = np.where(known, np.clip(p, ABSENT, 0.99), usual).astype(np.float32)
    numbers = {} if dwell_s is None else {"dwell_s": dwell_s}
    detail = Traced(paths, t0_s, t1_s, numbers, _SAID[place.part.how], _OTHERWISE[place.part.how])
    return PartScore(str(place.part), "zone", p, known, detail)


# --- lines -------------------------------------------------------------------------------------


def _crossing(columns: Columns, paths: Paths, place: Place) -> PartScore:
    """Whether a path goes over a line, deep enough on both sides to be no trembling."""
    n = len(paths)
    p, t0_s, t1_s = np.zeros(n, np.float32), np.full(n, np.nan), np.full(n, np.nan)
    for drawn, near in _candidates(columns, paths, place):
        if len(near) < 2:
            continue
        for a, b in itertools.pairwise(drawn):
            for one, other in ((a, b), (b, a)) if place.part.either_way else ((a, b),):
                _cross(paths, near, one, other, p, t0_s, t1_s)
    return _part(columns, paths, place, p, t0_s, t1_s, None)


def _cross(
    paths: Paths,
    near: Rows,
    a: Float64,
    b: Float64,
    p: Float32,
    t0_s: Float64,
    t1_s: Float64,
) -> None:
    """Better crossings of one piece of a line, from its left to its right, written into p."""
    xy, track = paths.xy[near], paths.track[near]
    along, length = b - a, float(np.hypot(*(b - a)))
    if length < 1e-9:
        return
    side = (along[0] * (xy[:, 1] - a[1]) - along[1] * (xy[:, 0] - a[0])) / length
    passes = (side[:-1] < 0.0) & (side[1:] >= 0.0) & (track[:-1] == track[1:])
    here = np.flatnonzero(passes)
    if not len(here):
        return
    part = side[here] / (side[here] - side[here + 1])
    where = xy[here] + part[:, None] * (xy[here + 1] - xy[here])
    on = ((where - a) @ along) / length
    here = here[(on >= 0.0) & (on <= length)]
    within = tolerance(paths.size[near])
    depth = (side / within).astype(np.float32)
    left = _so_far(_sigmoid(_SLOPE * (-depth - _CLEAR)), track)
    right = _so_far(_sigmoid(_SLOPE * (depth - _CLEAR))[::-1], track[::-1])[::-1]
    value = np.minimum(left[here + 1], right[here])
    rows = track[here]
    order = np.argsort(value, kind="stable")
    order = order[value[order] > p[rows[order]]]
    p[rows[order]] = value[order]
    t0_s[rows[order]] = paths.t_s[near[here[order]]]
    t1_s[rows[order]] = paths.t_s[near[here[order] + 1]]
