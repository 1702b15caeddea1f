"""Lines drawn on the picture: whether a track's path goes over one, and in which direction."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64
from core.search.borders import SLOPE, near_points, sigmoid, so_far, tolerance, zone_part
from core.search.columns import Columns
from core.search.paths import Paths
from core.search.places import Place
from core.search.scoring import PartScore

Rows = npt.NDArray[np.int64]

_CLEAR = 1.0  # tolerances beyond a line at which it is as likely crossed as not


def crossing_score(columns: Columns, paths: Paths, place: Place, keep: Bool) -> PartScore:
    """Whether a path goes over a line, deep enough on both sides to be no trembling."""
    n = len(paths)
    p, t0_s, t1_s = np.zeros(n, np.float32), np.full(n, np.nan), np.full(n, np.nan)
    for drawn, near in near_points(columns, paths, place, keep):
        if len(near) < 2:
            continue
        for a, b in itertools.pairwise(drawn):
            for one, other in ((a, b), (b, a)) if place.part.either_way else ((a, b),):
                _cross(paths, near, one, other, p, t0_s, t1_s)
    return zone_part(columns, paths, place, p, t0_s, t1_s, None)


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
    left = so_far(sigmoid(SLOPE * (-depth - _CLEAR)), track)
    right = so_far(sigmoid(SLOPE * (depth - _CLEAR))[::-1], track[::-1])[::-1]
    value = np.minimum(left[here + 1], right[here])
    rows = track[here]
    order = np.argsort(value, kind="stable")
    order = order[value[order] > p[rows[order]]]
    p[rows[order]] = value[order]
    t0_s[rows[order]] = paths.t_s[near[here[order]]]
    t1_s[rows[order]] = paths.t_s[near[here[order] + 1]]
