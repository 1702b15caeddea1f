"""Where traffic comes into a camera's picture and where it leaves it: the arms of a junction.

Learned from the paths alone. An *end* is the beginning or the last of a path that leads somewhere.
Ends at the border of the picture that point the same way, near each other, are one arm; ends inside
the picture make an arm where several agree, as they do where a road leads out of the detector's
reach. Directions are compared on the ground where the video has a ground plane: from above, the
two sides of a road that perspective spreads are parallel again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage

from core.detections import Bool, Float64, Int32
from core.motion.ground import GroundPlane
from core.search.paths import Paths

Rows = npt.NDArray[np.int64]

_TRAVELS = 1.2  # of its own size, between the two ends: less goes nowhere
_LEAST_WAY = 0.05  # of the picture
_REACH = 1.5  # of its size over which the direction of an end is told
_LEAST_REACH = 0.06
_MARGIN = 0.025  # of the picture beside its border
_HALF = 0.7  # half the width of a box, of its size: what is longer than wide is still at the border
_ANGLE = np.radians(65.0)
_APART = 0.7  # units of the picture between ends of one arm, in place of _ANGLE
_MOST_COMPARED = 1500
_FEWEST_INSIDE = 3
_INSIDE_ANGLE = np.radians(30.0)
_INSIDE_APART = 0.14
_AHEAD = np.radians(20.0)
_THERE = 0.1  # of the picture: at the arm, whichever way it lies
_STEPS = ("right", "bottom right", "bottom", "bottom left", "left", "top left", "top", "top right")


@dataclass(frozen=True, slots=True)
class Ends:
    """Both ends of the paths of some tracks.

    row: (K,) row of the track, (K = 2 M). last: (K,) False for where it began. xy: (K, 2) foot
    point, unit of `core.search.paths`. angle: (K,) outward direction, radians on the ground seen
    from above (counter-clockwise, x right), or of the picture turned upside up where there is no
    plane. at_border: (K,) whether it came in, or went out, over the border there.
    """

    row: Rows
    last: Bool
    xy: Float64
    angle: Float64
    seen: Float64
    at_border: Bool

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True, slots=True)
class Arms:
    """The ways into and out of a picture.

    names: by where in the picture they lie, or as a person called them. xy: (A, 2) middle of the
    ends, unit of `core.search.paths`. angle: (A,) outward, as `Ends.angle`. size: (A,) ends.
    """

    names: tuple[str, ...]
    xy: Float64
    angle: Float64
    size: Int32

    def __len__(self) -> int:
        return len(self.names)


def ends_of(
    paths: Paths, rows: npt.NDArray[np.integer], shape: tuple[float, float],
    ground: GroundPlane | None = None, unit_px: float = 1.0,
) -> Ends:  # fmt: skip
    """The ends of the tracks among `rows` that lead somewhere.

    shape: width and height of the picture, unit of `core.search.paths`. ground: in pixels; unit_px:
    pixels of one unit.
    """
    going = leading(paths, rows).tolist()
    row = np.repeat(np.asarray(going, np.int64), 2)
    last = np.tile(np.array([False, True]), len(going))
    xy, inner, size = np.zeros((len(row), 2)), np.zeros((len(row), 2)), np.zeros(len(row))
    for k, track in enumerate(going):
        points = paths.points_of(track)
        way, sizes = paths.xy[points].astype(np.float64), paths.size[points]
        for side, (path, own) in enumerate(((way, sizes), (way[::-1], sizes[::-1]))):
            reach = max(_REACH * float(np.median(own[:5])), _LEAST_REACH)
            far = np.hypot(*(path - path[0]).T) >= reach
            xy[2 * k + side] = path[0]
            inner[2 * k + side] = path[int(far.argmax())] if far.any() else path[-1]
            size[2 * k + side] = float(np.median(own[:3]))
    out = xy - inner
    return Ends(
        row,
        last,
        xy,
        _angles(xy, inner, ground, unit_px),
        np.arctan2(out[:, 1], out[:, 0]),
        _border(xy, inner, size, shape),
    )


def leading(paths: Paths, rows: npt.NDArray[np.integer]) -> Rows:
    """Those of the tracks among `rows` that lead somewhere."""
    return np.array([int(row) for row in rows if _leads(paths, int(row))], np.int64)


def _leads(paths: Paths, row: int) -> bool:
    points = paths.points_of(row)
    way = paths.xy[points]
    if len(way) < 3 or not paths.told[row]:
        return False
    far = float(np.hypot(*(way - way[0]).T).max())
    return far >= max(_TRAVELS * float(np.median(paths.size[points])), _LEAST_WAY)


def _border(xy: Float64, inner: Float64, size: Float64, shape: tuple[float, float]) -> Bool:
    """Whether the box touches a side of the picture that the object moves away from, or towards."""
    width, height = shape
    out = xy - inner
    half = _HALF * size
    near = np.stack(
        [
            xy[:, 0] - half <= _MARGIN * width,
            xy[:, 1] - size <= _MARGIN * height,
            xy[:, 0] + half >= (1.0 - _MARGIN) * width,
            xy[:, 1] >= (1.0 - _MARGIN) * height,
        ],
        axis=1,
    )
    towards = np.stack([-out[:, 0], -out[:, 1], out[:, 0], out[:, 1]], axis=1)
    length = np.maximum(np.hypot(out[:, 0], out[:, 1]), 1e-9)
    return np.asarray((near & (towards > 0.25 * length[:, None])).any(axis=1), np.bool_)


def _angles(xy: Float64, inner: Float64, ground: GroundPlane | None, unit_px: float) -> Float64:
    a, b = _seen_from_above(inner, ground, unit_px), _seen_from_above(xy, ground, unit_px)
    out = b - a
    return np.asarray(np.arctan2(out[:, 1], out[:, 0]), np.float64)


def _seen_from_above(xy: Float64, ground: GroundPlane | None, unit_px: float) -> Float64:
    if ground is None:
        return xy * [1.0, -1.0]
    below = np.maximum(xy[:, 1] * unit_px - ground.horizon_y, 0.01 * ground.focal_px)
    tilted = np.hypot(ground.focal_px, ground.centre_y - ground.horizon_y)
    return np.stack([(xy[:, 0] * unit_px - ground.centre_x) / below, tilted / below], axis=1)


def border_arms(ends: Ends) -> Int32:
    """(K,) group of each end at the border, -1 for those inside the picture."""
    arm = np.full(len(ends), -1, np.int32)
    border = np.flatnonzero(ends.at_border)
    arm[border] = _grouped(ends, border, _ANGLE, _APART, fewest=1)
    return arm


def with_far_arms(ends: Ends, arm: Int32) -> Int32:
    """(K,) the groups, and those of ends inside the picture that have none and agree."""
    arm = arm.copy()
    inside = np.flatnonzero(arm < 0)
    far = _grouped(ends, inside, _INSIDE_ANGLE, _INSIDE_APART, fewest=_FEWEST_INSIDE)
    arm[inside] = np.where(far >= 0, far + int(arm.max(initial=-1)) + 1, -1)
    return _joined(ends, arm)


def ahead(ends: Ends, arm: Int32) -> Int32:
    """(K,) for ends inside the picture, the arm that lies straight ahead of them, else -1.

    It has to point the same way on the ground, and to lie in that direction in the picture; of an
    object that was just turning neither is so as a rule.
    """
    told = np.full(len(ends), -1, np.int32)
    groups = np.unique(arm[arm >= 0])
    open_ = np.flatnonzero(arm < 0)
    if not len(groups) or not len(open_):
        return told
    angle = np.array([_mean_angle(ends.angle[arm == a]) for a in groups])
    middle = np.array([np.median(ends.xy[arm == a], axis=0) for a in groups])
    turned = np.abs(np.angle(np.exp(1j * (ends.angle[open_, None] - angle[None, :]))))
    way = middle[None, :] - ends.xy[open_, None]
    seen = np.arctan2(way[..., 1], way[..., 0])
    off = np.abs(np.angle(np.exp(1j * (seen - ends.seen[open_, None]))))
    fits = (turned <= _AHEAD) & ((off <= _AHEAD) | (np.hypot(way[..., 0], way[..., 1]) <= _THERE))
    single = fits.sum(axis=1) == 1
    told[open_[single]] = groups[fits[single].argmax(axis=1)]
    return told


def arms_of(ends: Ends, arm: Int32, shape: tuple[float, float]) -> tuple[Arms, Int32]:
    """The arms that groups of ends are, largest first, and (K,) the arm of each end, or -1."""
    counts = np.bincount(arm[arm >= 0])
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0]
    place = np.full(len(counts) + 1, -1, np.int32)
    place[order] = np.arange(len(order))
    arm = place[arm]
    middle = np.array([np.median(ends.xy[arm == a], axis=0) for a in range(len(order))])
    out = np.array([_mean_angle(ends.angle[arm == a]) for a in range(len(order))])
    names = _names(middle.reshape(-1, 2), shape)
    return Arms(names, middle.reshape(-1, 2), out, counts[order].astype(np.int32)), arm


def _grouped(ends: Ends, which: Rows, angle: float, apart: float, *, fewest: int) -> Int32:
    """(len(which),) group of each of some ends, -1 for those in groups that are too small.

    Average linkage; where there are very many, of an even choice, which the others then join.
    """
    if not len(which):
        return np.zeros(0, np.int32)
    chosen = which[np.linspace(0, len(which) - 1, min(len(which), _MOST_COMPARED)).astype(int)]
    group = np.ones(len(chosen), np.int64)
    if len(chosen) > 1:
        pairs = np.triu_indices(len(chosen), 1)
        far = _distance(ends, chosen[pairs[0]], chosen[pairs[1]], angle, apart)
        group = fcluster(linkage(far, "average"), 1.0, "distance")
    large = np.bincount(group)[group] >= fewest
    nearest = np.arange(len(chosen))
    if len(chosen) < len(which):
        cost = [_distance(ends, np.full(len(chosen), e), chosen, angle, apart) for e in which]
        far_off = np.array([float(each.min()) for each in cost])
        nearest = np.array([int(each.argmin()) for each in cost])
        joins = far_off <= 1.0
        return np.where(joins & large[nearest], group[nearest] - 1, -1).astype(np.int32)
    return np.where(large, group - 1, -1).astype(np.int32)


def _distance(ends: Ends, a: Rows, b: Rows, angle: float, apart: float) -> Float64:
    turned = np.abs(np.angle(np.exp(1j * (ends.angle[a] - ends.angle[b]))))
    return np.asarray(
        np.hypot(turned / angle, np.hypot(*(ends.xy[a] - ends.xy[b]).T) / apart), np.float64
    )


def _joined(ends: Ends, arm: Int32) -> Int32:
    """Groups that point the same way, near each other, made one: the nearest pair first."""
    arm = arm.copy()
    while True:
        groups = np.unique(arm[arm >= 0])
        angle = np.array([_mean_angle(ends.angle[arm == a]) for a in groups])
        xy = np.array([np.median(ends.xy[arm == a], axis=0) for a in groups]).reshape(-1, 2)
        turned = np.abs(np.angle(np.exp(1j * (angle[:, None] - angle[None, :]))))
        apart = np.hypot(*(xy[:, None] - xy[None, :]).transpose(2, 0, 1))
        cost = np.hypot(turned / _ANGLE, apart / _APART)
        np.fill_diagonal(cost, np.inf)
        if not cost.size or cost.min() > 1.0:
            return arm
        a, b = np.unravel_index(int(cost.argmin()), cost.shape)
        arm[arm == groups[b]] = groups[a]


def _mean_angle(angle: Float64) -> float:
    return float(np.angle(np.exp(1j * angle).mean()))


def _names(xy: Float64, shape: tuple[float, float]) -> tuple[str, ...]:
    """Where in the picture each arm lies, in words; equal ones are numbered."""
    names: list[str] = []
    for x, y in xy:
        across, down = x / shape[0] - 0.5, y / shape[1] - 0.5
        eighth = round(float(np.arctan2(down, across)) / (np.pi / 4.0)) % 8
        name = _STEPS[eighth]
        same = sum(each == name or each.startswith(f"{name} (") for each in names)
        names.append(f"{name} ({same + 1})" if same else name)
    return tuple(names)


def renamed(arms: Arms, kept: Sequence[tuple[str, tuple[float, float]]], within: float) -> Arms:
    """The arms with the names that a person gave.

    kept: (name, (x, y) where it lay), the latest first. Each names the nearest arm within a
    distance, once.
    """
    names = list(arms.names)
    free = set(range(len(arms)))
    for name, at in kept:
        away = {a: float(np.hypot(*(arms.xy[a] - at))) for a in free}
        if away and min(away.values()) <= within and name not in names:
            arm = min(away, key=lambda a: away[a])
            names[arm] = name
            free.discard(arm)
    return Arms(tuple(names), arms.xy, arms.angle, arms.size)
