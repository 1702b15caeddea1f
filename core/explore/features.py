"""What is compared in each space of the explorer: how objects look, and how they move.

One unit vector a track. Looks are the mean of what the encoder said of its pictures. Moves are a
description of the path and its pace that does not depend on where in the picture it was, how large
the object was seen or how long it took: the way is told by its course at equal parts of its length
relative to the course at its beginning, so that all left turns are alike wherever they lead. How
far it turned on the ground is told as well, since a camera that looks along a road shows every bend
flat; and how fast it went at equal parts of the time, in order and sorted, since two that stopped
are alike whenever they did. What counts how much was tried on development worlds (`vidtrail
evaluate maps`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64, Int32
from core.search.columns import Columns
from core.search.likeness import Vectors, crops_of
from core.search.paths import RATE_HZ, Paths

Space = Literal["looks", "moves"]
SPACES: tuple[Space, ...] = get_args(Space)

_READ_AT_ONCE = 16384

_PARTS = 12  # of the way, and of the time
_LEAST_POINTS = 4  # fifths of a second
_SMOOTH = 3  # points on either side that are averaged: a little over a second in all
_TREMBLING = 0.01  # box lengths a fifth of a second
_STEADY_WAY = 1.5  # box lengths: half of a course is believed after so much way
_USUAL_PACE = 1.0  # box lengths a second, in the middle of the scale between standing and racing
_LONG_S = 8.0
_TURNED = 0.5  # probability from which on a turn counts
_MOST_TURNED = np.deg2rad(270.0)
_WEIGHTS = {
    "bend": 1.0,
    "turned": 3.0,
    "pace": 0.75,
    "sorted pace": 1.0,
    "course": 0.05,
    "growth": 0.3,
    "stay": 0.25,
}
"""How much of the squared length of a vector each part of the description makes up."""


@dataclass(frozen=True, slots=True)
class Features:
    """What N tracks are compared by, in the order of the columns.

    vectors: (N, D) float32, unit length, zeros where unknown. known: (N,) False where there is
    nothing to compare.
    """

    vectors: Float32
    known: Bool

    def __len__(self) -> int:
        return len(self.known)


def features_of(space: Space, columns: Columns, index: Vectors, paths: Paths) -> Features:
    """The features of all tracks in one space."""
    return looks_of(columns, index) if space == "looks" else moves_of(columns, paths)


def looks_of(columns: Columns, index: Vectors) -> Features:
    """The mean of the vectors of each track's crops; unknown without a crop in this index."""
    owner = crops_of(columns, index).track
    n = len(columns)
    known = np.zeros(n, np.bool_)
    known[owner[owner >= 0]] = True
    sums: Float32 | None = None
    rows = np.flatnonzero(owner >= 0).astype(np.int64)
    rows = rows[np.argsort(owner[rows], kind="stable")]
    for start in range(0, len(rows), _READ_AT_ONCE):
        some = rows[start : start + _READ_AT_ONCE]
        vectors = index.vectors(some)
        if sums is None:
            sums = np.zeros((n, vectors.shape[1]), np.float32)
        mine = owner[some]
        first = np.flatnonzero(np.diff(mine, prepend=-1))
        sums[mine[first]] += np.add.reduceat(vectors, first, axis=0)
    if sums is None:
        return Features(np.zeros((n, 1), np.float32), known)
    return Features(_unit(sums), known)


def moves_of(columns: Columns, paths: Paths) -> Features:
    """The way and the pace of each track; unknown where it was seen too briefly to speak of it.

    A track that stood still is known: what it has instead of a way is that it has none, so that
    everything that stands lies together.
    """
    n = len(columns)
    points = np.diff(paths.starts)
    known = paths.told & columns.motion_known & (points >= _LEAST_POINTS)
    rows = np.flatnonzero(known)
    if not len(rows):
        return Features(np.zeros((n, 1), np.float32), known)
    ways = _Ways.of(paths, rows)
    parts = {
        "bend": _spread(ways.bend / 2.0, ways.sure[:, None]),
        "turned": _spread(_turned(columns)[rows][:, None] / 1.5, np.ones((len(rows), 1))),
        "course": _spread(ways.ends, ways.sure[:, None]),
        "pace": _arc(ways.pace),
        "sorted pace": _arc(np.sort(ways.pace, axis=1)),
        "growth": _arc(ways.growth[:, None]),
        "stay": _arc(ways.stay[:, None]),
    }
    vectors = np.zeros((n, sum(part.shape[1] for part in parts.values())), np.float32)
    weighted = [
        np.sqrt(_WEIGHTS[name]) * part / np.linalg.norm(part, axis=1, keepdims=True)
        for name, part in parts.items()
    ]
    vectors[rows] = np.hstack(weighted)
    return Features(_unit(vectors), known)


@dataclass(frozen=True, slots=True)
class _Ways:
    """What is told of R tracks.

    sure: (R,) in [0, 1), how far they went at all. bend: (R, K) radians by which the course has
    turned since the beginning, at equal parts of the way. ends: (R, 2) the course at either end,
    radians in the picture. pace: (R, K) in [0, 1), at equal parts of the time. growth: (R,) in
    [0, 1], 0.5 where the object is seen as large at its end as at its beginning. stay: (R,) in
    [0, 1), how long it was seen.
    """

    sure: Float64
    bend: Float64
    ends: Float64
    pace: Float64
    growth: Float64
    stay: Float64

    @staticmethod
    def of(paths: Paths, rows: npt.NDArray[np.intp]) -> _Ways:
        first, many = paths.starts[:-1][rows], np.diff(paths.starts)[rows]
        starts = np.concatenate([[0], np.cumsum(many)])
        at = np.repeat(first - starts[:-1], many) + np.arange(starts[-1])
        track = np.repeat(np.arange(len(rows), dtype=np.int32), many)
        # Sizes as one number a track: lengths then mean the same from its beginning to its end.
        size = np.log(np.maximum(paths.size[at].astype(np.float64), 1e-6))
        usual = np.exp(np.add.reduceat(size, starts[:-1]) / many)
        xy = _smoothed(paths.xy[at].astype(np.float64), starts, track) / usual[track][:, None]
        t_s = paths.t_s[at]
        way = _walked(xy, starts, track)
        whole = way[starts[1:] - 1]
        seen_s = t_s[starts[1:] - 1] - t_s[starts[:-1]]
        shares = (np.arange(_PARTS + 1)) / _PARTS
        vertices = _sampled(xy, way, starts, whole[:, None] * shares)
        legs = np.diff(vertices, axis=1)
        course = np.unwrap(np.arctan2(legs[..., 1], legs[..., 0]), axis=1)
        bend = np.clip(course - course[:, :1], -2.0 * np.pi, 2.0 * np.pi)
        moments = t_s[starts[:-1]][:, None] + seen_s[:, None] * shares
        been = _sampled(way[:, None], t_s, starts, moments)[..., 0]
        pace = np.diff(been, axis=1) / np.maximum(seen_s / _PARTS, 1.0 / RATE_HZ)[:, None]
        third = np.maximum(many // 3, 1)
        growth = _mean_of(size, starts[1:] - third, third) - _mean_of(size, starts[:-1], third)
        return _Ways(
            sure=whole**2 / (whole**2 + _STEADY_WAY**2),
            bend=bend,
            ends=course[:, [0, -1]],
            pace=pace / (pace + _USUAL_PACE),
            growth=0.5 + np.arctan(growth) / np.pi,
            stay=seen_s / (seen_s + _LONG_S),
        )


def _turned(columns: Columns) -> Float64:
    """(N,) radians by which each track surely turned on the ground, to the right where positive."""
    total = np.zeros(len(columns))
    for kind, sign in (("turn_left", -1.0), ("turn_right", 1.0)):
        turns = columns.events_of(kind)
        sure = turns.p >= _TURNED
        np.add.at(total, turns.track[sure], sign * np.deg2rad(turns.degrees[sure]))
    return np.clip(total, -_MOST_TURNED, _MOST_TURNED)


def _smoothed(xy: Float64, starts: npt.NDArray[np.int64], track: Int32) -> Float64:
    """Means over points on either side, fewer at the ends and as many on both."""
    at = np.arange(len(xy))
    room = np.minimum(at - starts[:-1][track], starts[1:][track] - 1 - at)
    half = np.minimum(room, _SMOOTH)
    total = np.vstack([np.zeros((1, 2)), np.cumsum(xy, axis=0)])
    mean: Float64 = (total[at + half + 1] - total[at - half]) / (2 * half + 1)[:, None]
    return mean


def _walked(xy: Float64, starts: npt.NDArray[np.int64], track: Int32) -> Float64:
    """(P,) length of the way so far; trembling on the spot leads nowhere."""
    at = np.arange(len(xy))
    low = np.maximum(at - _SMOOTH, starts[:-1][track])
    high = np.minimum(at + _SMOOTH, starts[1:][track] - 1)
    net = np.hypot(*(xy[high] - xy[low]).T)
    step = np.clip(net / np.maximum(high - low, 1) - _TREMBLING, 0.0, None)
    step[starts[:-1]] = 0.0
    way = np.cumsum(step)
    gone: Float64 = way - way[starts[:-1]][track]
    return gone


def _sampled(
    values: Float64, along: Float64, starts: npt.NDArray[np.int64], wanted: Float64
) -> Float64:
    """(R, K, C) values between the points of each track where `along` reaches what is wanted.

    along: (P,) never falls within a track. wanted: (R, K), within what the track covers.
    """
    # One rising line over all tracks, so that one search finds all places.
    low, high = along[starts[:-1]], along[starts[1:] - 1]
    offset = np.concatenate([[0.0], np.cumsum(high - low + 1.0)])[:-1] - low
    line = along + np.repeat(offset, np.diff(starts))
    goal = wanted + offset[:, None]
    right = np.searchsorted(line, goal)
    right = np.clip(right, starts[:-1][:, None] + 1, starts[1:][:, None] - 1)
    gap = line[right] - line[right - 1]
    share = np.clip((goal - line[right - 1]) / np.maximum(gap, 1e-9), 0.0, 1.0)[..., None]
    found: Float64 = values[right - 1] * (1.0 - share) + values[right] * share
    return found


def _mean_of(values: Float64, first: npt.NDArray[np.int64], many: npt.NDArray[np.int64]) -> Float64:
    total = np.concatenate([[0.0], np.cumsum(values)])
    mean: Float64 = (total[first + many] - total[first]) / many
    return mean


def _spread(angles: Float64, sure: Float64) -> Float32:
    """Angles as points on circles; the less sure, the nearer to a pole that all circles share."""
    on = np.broadcast_to(np.sqrt(sure), angles.shape)
    pole = np.sqrt(np.maximum(1.0 - on**2, 0.0))
    return np.hstack([on * np.cos(angles), on * np.sin(angles), pole]).astype(np.float32)


def _arc(share: Float64) -> Float32:
    """Numbers in [0, 1] as points on quarter circles: no length is told, only difference."""
    angle = share * np.pi / 2.0
    return np.hstack([np.cos(angle), np.sin(angle)]).astype(np.float32)


def _unit(vectors: Float32) -> Float32:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12), np.float32)
