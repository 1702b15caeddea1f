"""What tracks do with a zone or a line drawn on the picture, told from their foot points.

A stay counts when it lasts over three points in a row (0.6 s), so that one trembling box at the
border is no visit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64
from core.search.borders import inside, near_points, so_far, tolerance, zone_part
from core.search.columns import Columns
from core.search.crossings import crossing_score
from core.search.paths import RATE_HZ, Paths
from core.search.places import Place
from core.search.scoring import PartScore

Rows = npt.NDArray[np.int64]

_LASTS = 3  # points in a row
_STOPS = ("stop", "wait", "parked", "stationary")


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


def zone_scores(
    columns: Columns, paths: Paths, places: Sequence[Place], keep: Bool
) -> list[PartScore]:
    """One part for every zone or line of a question. keep: (N,) the tracks that are searched.

    A "to" that comes after a "from" must be reached later than that one was left.
    """
    scores = []
    came_from: _Visit | None = None
    for place in places:
        if place.part.is_line:
            scores.append(crossing_score(columns, paths, place, keep))
            continue
        visit = _visited(columns, paths, place, keep)
        if place.part.how == "to" and came_from is not None:
            scores.append(_reached(columns, paths, place, visit, came_from))
        else:
            scores.append(_visiting(columns, paths, place, visit))
        if place.part.how == "from":
            came_from = visit
    return scores


# --- zones -------------------------------------------------------------------------------------


def _visited(columns: Columns, paths: Paths, place: Place, keep: Bool) -> _Visit:
    points, sure = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
    for drawn, near in near_points(columns, paths, place, keep):
        points.append(near)
        sure.append(inside(drawn, paths.xy[near], tolerance(paths.size[near])))
    point, value = np.concatenate(points), np.concatenate(sure)
    if len(points) > 2:  # areas of different videos: back into the order of the tracks
        order = np.argsort(point, kind="stable")
        point, value = point[order], value[order]
    track = paths.track[point]
    held = np.flatnonzero(value >= 0.5)
    lasted = _lasting(paths, point[held], track[held])
    spent = np.bincount(track[held], lasted, minlength=len(paths))
    return _Visit(
        point,
        track,
        value,
        _in_a_row(value, track),
        _in_a_row(1.0 - value, track),
        spent.astype(np.float32),
    )


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


def _best_at(value: Float32, track: npt.NDArray[np.int32], n: int) -> tuple[Float32, Rows]:
    """(N,) largest value of each track, and the first place of it, -1 for a track without points.

    track: (M,) ascending.
    """
    p, at = np.zeros(n, np.float32), np.full(n, -1, np.int64)
    first = np.flatnonzero(np.diff(track, prepend=-1) != 0)
    if len(first):
        p[track[first]] = np.maximum.reduceat(value, first)
        best = np.flatnonzero(value == p[track])[::-1]
        at[track[best]] = best
    return p, at


def _visiting(columns: Columns, paths: Paths, place: Place, visit: _Visit) -> PartScore:
    if place.part.how == "stops in":
        return _stopping(columns, paths, place, visit)
    if place.part.how == "in":
        value = visit.stays
    elif place.part.how in ("enters", "to"):
        value = np.minimum(so_far(visit.away, visit.track), visit.stays)
    else:
        value = np.minimum(so_far(visit.stays, visit.track), visit.away)
    p, at = _best_at(value, visit.track, len(paths))
    t0_s, t1_s = _stay(paths, visit, at, p, left=place.part.how in ("leaves", "from"))
    return zone_part(columns, paths, place, p, t0_s, t1_s, visit.dwell_s)


def _reached(
    columns: Columns, paths: Paths, place: Place, visit: _Visit, left: _Visit
) -> PartScore:
    """Whether a zone was reached after another one was left."""
    n = len(paths)
    was = np.zeros(len(paths.xy), np.float32)
    was[left.point] = left.stays
    before = so_far(was[visit.point], visit.track)
    p, at = _best_at(np.minimum(before, visit.stays), visit.track, n)
    t0_s, t1_s = _stay(paths, visit, at, p, left=False)
    return zone_part(columns, paths, place, p, t0_s, t1_s, visit.dwell_s)


def _stay(
    paths: Paths, visit: _Visit, at: Rows, p: Float32, *, left: bool
) -> tuple[Float64, Float64]:
    """(N,) the stay in the zone that begins (or, when `left`, has ended) at a point."""
    t0_s, t1_s = np.full(len(paths), np.nan), np.full(len(paths), np.nan)
    if not len(visit.point):
        return t0_s, t1_s
    held = visit.sure >= 0.5
    change = np.diff(visit.track, prepend=-1) != 0
    change |= np.diff(held.astype(np.int8), prepend=-1) != 0
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
    order = np.argsort(track, kind="stable")
    p, at = _best_at(value[order], track[order], n)
    start, stop = start[order], stop[order]
    t0_s, t1_s = np.full(n, np.nan), np.full(n, np.nan)
    has = (at >= 0) & (p >= 0.3)
    t0_s[has], t1_s[has] = start[at[has]], stop[at[has]]
    score = zone_part(columns, paths, place, p, t0_s, t1_s, visit.dwell_s)
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
