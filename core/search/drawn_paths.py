"""How well a track's path follows one drawn on the picture: in place, shape and direction.

The drawing is resampled by arc length, and every sample is given a point of the track, later ones
later points, so that the sum of costs is least: dynamic time warping in which both ends of the
track are free and its points may be passed over, so that a piece of a longer track may match
(Müller, "Information retrieval for music and motion", 2007, chapter 4.4). A sample costs the
distance in tolerances and the angle between the headings; what lies far off costs no more than a
bound, so that a track that was seen for most of the way still counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64
from core.language.sketches import PathPart
from core.search.columns import Columns
from core.search.paths import CELL, GRID, Paths
from core.search.places import areas_of
from core.search.scoring import PartScore
from core.search.tracing import Traced

Rows = npt.NDArray[np.int64]

ABSENT = 0.03
_SAMPLES = 16  # of the drawing
_POINTS = 40  # of a track, by arc length
_TOLERANCE = 0.12  # of the drawing's length
_LEAST_TOLERANCE, _MOST_TOLERANCE = 0.025, 0.07  # of the picture
_FAR = 3.0  # tolerances: farther costs no more
_TURNED = 1.5  # cost of the opposite heading
_HALF, _SLOPE = 0.95, 5.0  # cost at which a match is as likely as not, and how fast that changes
_REACHED = 0.7  # share of the samples that a track must come near to be compared at all
_BATCH = 8192


@dataclass(frozen=True, slots=True)
class _Aligned:
    """(K,) cost of the best alignment of each candidate, and the piece of its path.

    first, last: points of `_Tracks`. away: mean distance, in the unit of the paths.
    """

    cost: Float64
    first: Rows
    last: Rows
    away: Float64


def path_scores(
    columns: Columns, paths: Paths, drawn: Sequence[PathPart], keep: Bool
) -> list[PartScore]:
    """One part for every drawn path of a question. keep: (N,) the tracks that are searched."""
    return [_path_score(columns, paths, part, keep) for part in drawn]


def _path_score(columns: Columns, paths: Paths, part: PathPart, keep: Bool) -> PartScore:
    n = len(columns)
    p = np.full(n, ABSENT, np.float32)
    t0_s, t1_s = np.full(n, np.nan), np.full(n, np.nan)
    away = np.full(n, np.nan, np.float32)
    asked = np.array([part.video_id in ("", v.video_id) for v in columns.videos], np.bool_)
    for area in areas_of(columns, part.points, asked):
        samples, headings = resampled(area.points, _SAMPLES)
        length = float(np.hypot(*np.diff(area.points, axis=0).T).sum())
        within = float(np.clip(_TOLERANCE * length, _LEAST_TOLERANCE, _MOST_TOLERANCE))
        rows = np.flatnonzero(area.videos[columns.video] & paths.told & keep)
        rows = _near(paths, rows, samples, within)
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            track = _tracks(paths, batch)
            found = _aligned(track, samples, headings, within)
            p[batch] = np.clip(_probability(found.cost), ABSENT, 0.99)
            fits = found.cost < _FAR
            at = np.arange(len(batch))
            t0_s[batch] = np.where(fits, track.t_s[at, found.first], np.nan)
            t1_s[batch] = np.where(fits, track.t_s[at, found.last], np.nan)
            away[batch] = found.away
    known = paths.told | ~asked[columns.video]
    usual = float(np.clip(p[known].mean(), 0.05, 0.4)) if known.any() else 0.1
    p = np.where(known, p, usual).astype(np.float32)
    detail = Traced(
        paths,
        t0_s,
        t1_s,
        {"distance": away},
        "follows it, {distance:.1%} of the picture beside it on average",
        "does not come along there in this direction",
    )
    return PartScore(str(part), "path", p, known, detail)


def _probability(cost: Float64) -> Float64:
    return np.asarray(1.0 / (1.0 + np.exp(_SLOPE * (cost - _HALF))), np.float64)


def resampled(line: Float64, count: int) -> tuple[Float64, Float64]:
    """(count, 2) points of a polyline at equal steps of arc length, and its unit headings there."""
    step = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(step)])
    at = np.linspace(0.0, along[-1], count)
    points = np.stack([np.interp(at, along, line[:, k]) for k in (0, 1)], axis=1)
    heading = np.gradient(points, axis=0)
    norm = np.maximum(np.hypot(heading[:, 0], heading[:, 1]), 1e-9)
    return points, np.asarray(heading / norm[:, None], np.float64)


# --- which tracks to compare ------------------------------------------------------------------


def _near(paths: Paths, rows: npt.NDArray[np.intp], samples: Float64, within: float) -> Rows:
    """Tracks that come near enough samples, told by bounds first and then by a coarse grid."""
    reach = _FAR * within
    low, high = samples.min(axis=0), samples.max(axis=0)
    bounds = paths.bounds[rows]
    # a track that covers most of the way is about as wide and as high as the drawing
    least = np.maximum((high - low) * 0.5 - 2.0 * within, 0.0)
    fits = np.ones(len(rows), np.bool_)
    for side in (0, 1):
        first, last = bounds[:, side], bounds[:, 2 + side]
        fits &= (first <= high[side] + reach) & (last >= low[side] - reach)
        fits &= last - first >= least[side]
    rows = rows[fits]
    missed, most = np.zeros(len(rows), np.int32), (1.0 - _REACHED) * len(samples)
    centres = (np.arange(GRID) + 0.5) * CELL
    wide = 1.5 * within + 0.71 * CELL
    # far apart first: most tracks have missed too many after a few
    for x, y in samples[np.argsort(np.arange(len(samples)) * 7 % len(samples))]:
        near = np.hypot(centres[None, :] - x, centres[:, None] - y) <= wide
        missed += ~paths.through(near, rows)
        left = missed <= most
        rows, missed = rows[left], missed[left]
    return np.asarray(rows, np.int64)


@dataclass(frozen=True, slots=True)
class _Tracks:
    """Some tracks at equal steps of their own arc length.

    xy: (K, M, 2). heading: (K, M, 2) unit. t_s: (K, M) seconds.
    """

    xy: Float32
    heading: Float32
    t_s: Float64


def _tracks(paths: Paths, rows: Rows) -> _Tracks:
    """Points of tracks by arc length, all tracks at once."""
    starts, stops = paths.starts[rows], paths.starts[rows + 1]
    step = paths.travelled
    begin, end = step[starts], step[np.maximum(stops - 1, starts)]
    share = np.linspace(0.0, 1.0, _POINTS)
    wanted = begin[:, None] + (end - begin)[:, None] * share
    after = np.searchsorted(step, wanted.ravel()).reshape(wanted.shape)
    after = np.clip(after, starts[:, None], (stops - 1)[:, None])
    before = np.clip(after - 1, starts[:, None], None)
    gap = step[after] - step[before]
    part = np.where(gap > 1e-9, (wanted - step[before]) / np.maximum(gap, 1e-9), 1.0)
    part = np.clip(part, 0.0, 1.0)
    xy = paths.xy[before] * (1.0 - part)[..., None] + paths.xy[after] * part[..., None]
    t_s = paths.t_s[before] * (1.0 - part) + paths.t_s[after] * part
    heading = np.empty_like(xy)
    heading[:, 1:-1] = xy[:, 2:] - xy[:, :-2]
    heading[:, 0], heading[:, -1] = xy[:, 1] - xy[:, 0], xy[:, -1] - xy[:, -2]
    norm = np.maximum(np.hypot(heading[..., 0], heading[..., 1]), 1e-9)
    return _Tracks(xy.astype(np.float32), (heading / norm[..., None]).astype(np.float32), t_s)


# --- alignment ---------------------------------------------------------------------------------


def _aligned(track: _Tracks, samples: Float64, headings: Float64, within: float) -> _Aligned:
    """The best alignment of a drawing with a piece of each track.

    D[k, j] = c[k, j] + min over i <= j of D[k-1, i]; the first row leaves the start free, the
    least of the last row the end. What a track costs is the mean over the samples, half of it that
    of the worst third: one that leaves the drawing before its end went another way.
    """
    many, points = track.t_s.shape
    rows, places = np.arange(many), np.arange(points)
    total = np.zeros((many, points), np.float32)
    costs: list[Float32] = []
    came_from: list[npt.NDArray[np.int64]] = []
    for k, (sample, heading) in enumerate(zip(samples, headings, strict=True)):
        turned = (0.5 * _TURNED) * (1.0 - track.heading @ heading.astype(np.float32))
        far = _far(track, sample) / np.float32(within)
        costs.append(np.minimum(far + turned, np.float32(_FAR)))
        if k:
            least = np.minimum.accumulate(total, axis=1)
            came_from.append(np.maximum.accumulate(np.where(total <= least, places, 0), axis=1))
            total = least
        total = total + costs[k]
    last = total.argmin(axis=1)
    at = last
    paid, away = np.zeros((len(samples), many)), np.zeros(many)
    for k in range(len(samples) - 1, -1, -1):
        paid[k] = costs[k][rows, at]
        away += np.hypot(*(track.xy[rows, at] - samples[k]).T)
        if k:
            at = came_from[k - 1][rows, at]
    thirds = np.stack([part.mean(axis=0) for part in np.array_split(paid, 3)])
    cost = np.asarray((paid.mean(axis=0) + thirds.max(axis=0)) / 2.0, np.float64)
    return _Aligned(cost, at.astype(np.int64), last.astype(np.int64), away / len(samples))


def _far(track: _Tracks, sample: Float64) -> Float32:
    """(K, M) distance of every point from one sample."""
    x, y = (track.xy[..., k] - np.float32(sample[k]) for k in (0, 1))
    return np.asarray(np.sqrt(x * x + y * y), np.float32)
