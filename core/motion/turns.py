"""Turns: stretches of a path along which the heading keeps changing.

A path is walked in steps of about half a box length, so that an object at rest adds nothing
however long it waits and however much its box trembles. Along the walk, stretches are found whose
heading change outweighs their length (maximal scoring subsequences, Ruzzo and Tompa 1999): one
long path may hold several manoeuvres, and a gentle bend of the road outweighs little.

Sign: image y points down and the ground is seen from above, so a growing heading is a RIGHT turn;
this holds for every camera above the ground, whatever its pose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.detections import Float64
from core.motion.ground import GroundPlane
from core.motion.path import Motion
from core.tracking.classes import group_of

_STEP = 0.5  # box lengths
_NOISE_STEP = 4.0  # a step is at least this many standard deviations of trembling
_GENTLE = np.deg2rad(1.4)  # heading change per metre below which a bend is no manoeuvre
_LEAST = np.deg2rad(10.0)
_QUIET_M = 3.0  # a straight this long between two bends to one side makes them two turns
_SHUNT_M = 2.5  # vehicles that turn about on less have changed gear, not direction

BOX_METRES: Mapping[str, float] = {
    "car": 2.2,
    "van": 2.8,
    "truck": 3.8,
    "bus": 4.6,
    "motorcycle": 1.5,
    "bicycle": 1.4,
    "motorcyclist": 1.5,
    "cyclist": 1.4,
    "person": 1.0,
    "dog": 0.6,
}
"""Class -> usual square root of its box's area in metres, seen from the front or the side."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A path as a chain of steps.

    xy: (V, 2) vertices, in box lengths. t_s: (V,) when each was passed. length: (V-1,) of each
    step. heading: (V-1,) radians, unwrapped, smoothed over neighbours. blur: (V-1,) standard
    deviation of each heading, radians. on_ground: whether angles are those of the ground.
    """

    xy: Float64
    t_s: Float64
    length: Float64
    heading: Float64
    blur: Float64
    on_ground: bool

    @property
    def total(self) -> float:
        """Length of the walk in box lengths."""
        return float(self.length.sum())

    @property
    def net(self) -> float:
        """Distance from start to end in box lengths."""
        return float(np.hypot(*(self.xy[-1] - self.xy[0]))) if len(self.xy) else 0.0

    def part(self, t0_s: float, t1_s: float) -> Walk:
        """The steps that lie within an interval of time."""
        inside = np.flatnonzero((self.t_s >= t0_s - 1e-6) & (self.t_s <= t1_s + 1e-6))
        if len(inside) < 2:
            return _standing(self.xy[:0], self.t_s[:0], self.on_ground)
        a, b = int(inside[0]), int(inside[-1])
        return Walk(
            self.xy[a : b + 1],
            self.t_s[a : b + 1],
            self.length[a:b],
            self.heading[a:b],
            self.blur[a:b],
            self.on_ground,
        )


def _standing(xy: Float64, t_s: Float64, on_ground: bool) -> Walk:
    """A walk without a step."""
    none = np.zeros(0)
    return Walk(xy, t_s, none, none, none, on_ground)


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of sustained heading change.

    radians: signed, positive is right. length: box lengths along it. blur: standard deviation of
    `radians`. first, last: steps of the walk it spans.
    """

    t0_s: float
    t1_s: float
    radians: float
    length: float
    blur: float
    first: int
    last: int

    @property
    def radius(self) -> float:
        """Box lengths; how wide the turn is."""
        return self.length / max(abs(self.radians), 1e-6)


def walk(motion: Motion, ground: GroundPlane | None) -> Walk:
    """Steps along the whole (not cut off) part of a motion, on the ground where there is one.

    Without a ground plane lengths are pixels over the box size at the place.
    """
    rows = np.flatnonzero(motion.whole)
    if len(rows) < 2:
        return _standing(motion.centre[rows], motion.t_s[rows], ground is not None)
    t_s, size = motion.t_s[rows], motion.size[rows]
    if ground is None:
        middle = (size[1:] + size[:-1]) / 2.0
        steps = np.diff(motion.centre[rows], axis=0) / middle[:, None]
        xy = np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])
        shake = np.full(len(rows), motion.noise)
    else:
        below = motion.xy[rows, 1] - ground.horizon_y
        middle = motion.centre[rows, 1] - ground.horizon_y
        ratio = float(np.median(below / np.maximum(middle, 1.0)))
        contact = np.stack([motion.centre[rows, 0], ground.horizon_y + ratio * middle], axis=1)
        xy = ground.to_ground(contact, size) * np.array([1.0, -1.0])  # y down, as on screen
        shake = motion.noise * ground.stretch(contact)
    need = np.maximum(_STEP, np.minimum(_NOISE_STEP * shake, 3.0))
    kept = strides(xy, need)
    points, when = xy[kept], t_s[kept]
    if len(kept) < 2:
        return _standing(points, when, ground is not None)
    edge = np.diff(points, axis=0)
    length = np.hypot(edge[:, 0], edge[:, 1])
    padded = np.concatenate([edge[:1] * 0, edge, edge[-1:] * 0])
    even = padded[:-2] + 2.0 * padded[1:-1] + padded[2:]
    heading = np.unwrap(np.arctan2(even[:, 1], even[:, 0]))
    trembling = (shake[kept][1:] + shake[kept][:-1]) / 2.0
    blur = np.minimum(1.2 * trembling / np.maximum(length, 1e-6), 2.0)
    return Walk(points, when, length, heading, blur, ground is not None)


def strides(xy: Float64, need: Float64) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Rows of the points kept: each at least its `need` away from the one before."""
    kept = [0]
    x, y = xy[:, 0], xy[:, 1]
    i = 0
    while True:
        ahead = slice(i + 1, i + 400)
        far = np.flatnonzero(
            np.hypot(x[ahead] - x[i], y[ahead] - y[i]) >= np.maximum(need[ahead], need[i])
        )
        if len(far):
            i = i + 1 + int(far[0])
            kept.append(i)
        elif i + 400 < len(x):
            step = np.hypot(x[i + 400 :] - x[i], y[i + 400 :] - y[i]) >= need[i + 400 :]
            later = np.flatnonzero(step)
            if not len(later):
                break
            i = i + 400 + int(later[0])
            kept.append(i)
        else:
            break
    return np.array(kept, np.intp)


def turns(path: Walk, class_name: str = "car") -> list[Turn]:
    """All turns along a walk, in order of time.

    class_name: how long a box length is in metres, because roads bend in metres.
    """
    if len(path.heading) < 2:
        return []
    metres = BOX_METRES.get(class_name, BOX_METRES["car"])
    change = np.diff(path.heading)
    between = (path.length[1:] + path.length[:-1]) / 2.0
    gentle = _GENTLE * metres
    found = [
        _turn(path, a, b, sign)
        for sign in (1.0, -1.0)
        for start, stop in _maximal_stretches(sign * change - gentle * between, float(_LEAST))
        for a, b in _apart(sign * change, between, (start, stop), gentle, _QUIET_M / metres)
    ]
    if group_of(class_name) == "vehicle":
        found = [
            turn
            for turn in found
            if abs(turn.radians) < np.deg2rad(100.0) or turn.radius * metres > _SHUNT_M
        ]
    return sorted(found, key=lambda turn: turn.t0_s)


def _apart(
    change: Float64, between: Float64, stretch: tuple[int, int], gentle: float, quiet: float
) -> list[tuple[int, int]]:
    """A stretch cut where the path runs straight for a length of `quiet` box lengths."""
    start, stop = stretch
    calm = np.zeros(stop - start, np.bool_)
    length = np.concatenate([[0.0], np.cumsum(between[start:stop])])
    turned = np.concatenate([[0.0], np.cumsum(change[start:stop])])
    for i in range(stop - start):
        j = int(np.searchsorted(length, length[i] + quiet))
        if j > stop - start:
            break
        if turned[j] - turned[i] < 0.8 * gentle * (length[j] - length[i]):
            calm[i:j] = True
    edges = np.flatnonzero(np.diff(np.concatenate([[True], calm, [True]]).astype(np.int8)))
    return [
        (start + int(a), start + int(b))
        for a, b in zip(edges[0::2], edges[1::2], strict=True)
        if turned[b] - turned[a] - gentle * (length[b] - length[a]) >= _LEAST
    ]


def _turn(path: Walk, a: int, b: int, sign: float) -> Turn:
    """The turn made of heading changes a..b-1 (between steps a and b)."""
    change = sign * (path.heading[a : b + 1] - path.heading[a])
    total = float(change[-1])
    first = a + int(np.searchsorted(np.maximum.accumulate(change), 0.1 * total))
    last = a + int(np.searchsorted(np.maximum.accumulate(change), 0.9 * total))
    middle = (path.t_s[1:] + path.t_s[:-1]) / 2.0
    return Turn(
        t0_s=float(middle[max(first - 1, a)]),
        t1_s=float(middle[min(last, b)]),
        radians=sign * total,
        length=float(path.length[a : b + 1].sum() - (path.length[a] + path.length[b]) / 2.0),
        blur=float(np.hypot(path.blur[a], path.blur[b])),
        first=a,
        last=b,
    )


def _maximal_stretches(score: Float64, least: float) -> list[tuple[int, int]]:
    """Half-open index ranges of all maximal scoring subsequences that score at least `least`.

    Ruzzo and Tompa, "A linear time algorithm for finding all maximal scoring subsequences", 1999.
    """
    # of each candidate: first index, end index, total before it, total at its end
    stack: list[tuple[int, int, float, float]] = []
    total = 0.0
    for i, value in enumerate(score.tolist()):
        before, total = total, total + value
        if value <= 0.0:
            continue
        start, stop, low, high = i, i + 1, before, total
        while True:
            j = next((k for k in range(len(stack) - 1, -1, -1) if stack[k][2] < low), None)
            if j is None or stack[j][3] >= high:
                stack.append((start, stop, low, high))
                break
            start, low = stack[j][0], stack[j][2]
            del stack[j:]
    return [(a, b) for a, b, low, high in stack if high - low >= least]
