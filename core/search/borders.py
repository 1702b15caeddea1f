"""How surely points of tracks lie inside a zone or beyond a line, and which tracks come near.

How surely a point is inside is a sigmoid of its distance to the border in tolerances, a share of
the object's own size: boxes tremble with it.
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64
from core.search.columns import Columns
from core.search.paths import CELL, GRID, Paths
from core.search.places import Place
from core.search.scoring import PartScore
from core.search.tracing import Traced

Rows = npt.NDArray[np.int64]

ABSENT = 0.03
SLOPE = 4.0
_TOLERANCE = 0.2  # of the object's size
_LEAST_TOLERANCE, _MOST_TOLERANCE = 0.006, 0.03
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


def near_points(
    columns: Columns, paths: Paths, place: Place, keep: Bool
) -> list[tuple[Float64, Rows]]:
    """(points of an area, points of tracks that come near it), area by area.

    keep: (N,) the tracks to look among.
    """
    found = []
    for area in place.areas:
        low = area.points.min(axis=0) - _MOST_TOLERANCE
        high = area.points.max(axis=0) + _MOST_TOLERANCE
        near = area.videos[columns.video] & paths.told & keep
        for side in (0, 1):
            near &= (paths.bounds[:, side] <= high[side]) & (paths.bounds[:, 2 + side] >= low[side])
        rows = np.flatnonzero(near)
        rows = rows[paths.through(_cells(area.points, closed=not place.part.is_line), rows)]
        found.append((area.points, ranges(paths.starts, rows)))
    return found


def _cells(points: Float64, *, closed: bool) -> Bool:
    """(GRID, GRID) the cells of the coarse grid that a zone or line touches."""
    at = ((np.arange(GRID) + 0.5) * CELL).astype(np.float32)
    centres = np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 2)
    held, away = _border(points, centres, closed=closed)
    touched = held | (away <= 0.71 * CELL + _MOST_TOLERANCE)
    # what lies beyond the grid is in its rim, wherever it is
    rim = ((centres < CELL) | (centres >= (GRID - 1) * CELL)).any(axis=1)
    return np.asarray((touched | rim).reshape(GRID, GRID), np.bool_)


def ranges(starts: npt.NDArray[np.int64], rows: npt.NDArray[np.intp]) -> Rows:
    """All points of some tracks, in order."""
    counts = np.diff(starts)[rows]
    first = np.repeat(starts[rows] - (np.cumsum(counts) - counts), counts)
    return np.asarray(first + np.arange(int(counts.sum())), np.int64)


def tolerance(size: Float32) -> Float32:
    """(M,) how far from a border a point must be to be on one side of it."""
    bounded = np.clip(_TOLERANCE * size, _LEAST_TOLERANCE, _MOST_TOLERANCE)
    return np.asarray(bounded, np.float32)


def sigmoid(x: npt.NDArray[np.floating]) -> Float32:
    bounded = np.clip(np.asarray(x, np.float32), -30.0, 30.0)
    return np.asarray(1.0 / (1.0 + np.exp(-bounded)), np.float32)


def inside(polygon: Float64, xy: Float32, within: Float32) -> Float32:
    """(M,) how surely each point is inside a polygon."""
    sure = np.zeros(len(xy), np.float32)
    low = polygon.min(axis=0) - _MOST_TOLERANCE
    high = polygon.max(axis=0) + _MOST_TOLERANCE
    x, y = xy[:, 0], xy[:, 1]
    near = np.flatnonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]))
    held, away = _border(polygon, xy[near], closed=True)
    sure[near] = sigmoid(SLOPE * np.where(held, away, -away) / within[near])
    return sure


def _border(points: Float64, xy: Float32, *, closed: bool) -> tuple[Bool, Float32]:
    """(M,) whether each point is inside (even-odd rule), and how far it is from the border.

    points: a polygon where `closed`, else a line, which nothing is inside of.
    """
    held = np.zeros(len(xy), np.bool_)
    nearest = np.full(len(xy), np.inf, np.float32)
    corners = np.vstack([points, points[:1]]) if closed else points
    x, y = xy[:, 0], xy[:, 1]
    for (ax, ay), (bx, by) in itertools.pairwise(corners.astype(np.float32)):
        if closed and by != ay:
            crosses = (ay > y) != (by > y)
            held ^= crosses & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
        nearest = np.minimum(nearest, segment_distance(xy, (ax, ay), (bx, by)))
    return held, nearest


def segment_distance(
    xy: Float32, a: tuple[float, float], b: tuple[float, float]
) -> npt.NDArray[np.float32]:
    """(M,) distance of points to a line segment."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    along = ((xy[:, 0] - a[0]) * dx + (xy[:, 1] - a[1]) * dy) / max(dx * dx + dy * dy, 1e-12)
    along = np.clip(along, 0.0, 1.0)
    away = np.hypot(xy[:, 0] - (a[0] + along * dx), xy[:, 1] - (a[1] + along * dy))
    return np.asarray(away, np.float32)


def so_far(value: Float32, track: npt.NDArray[np.int32]) -> Float32:
    """(M,) the largest value of the same track before each point, 0 where there is none."""
    if not len(value):
        return value
    number = np.cumsum(np.diff(track, prepend=track[0]) != 0).astype(np.float64) * 2.0
    running = np.maximum.accumulate(value.astype(np.float64) + number) - number
    before = np.concatenate([[0.0], running[:-1]])
    first = np.diff(track, prepend=-1) != 0
    return np.where(first, 0.0, np.clip(before, 0.0, 1.0)).astype(np.float32)


def zone_part(
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
