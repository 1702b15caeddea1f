"""Reversing and loitering: motion that comes back on itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from core.detections import Float64
from core.motion.chance import Emit, above, below
from core.motion.ground import GroundPlane
from core.motion.path import RATE_HZ, Motion
from core.motion.rests import MOVING, Pace
from core.tracking.classes import group_of

_CEILING = 0.55  # nothing here sees which end of a vehicle is its front
_LEG = 0.35  # box lengths of a leg that has a direction
_LOITER_S = 15.0
_RADIUS = 2.0  # heights of a person


def reverse(
    motion: Motion, of: Pace, class_name: str, ground: GroundPlane | None, emit: Emit
) -> None:
    """Reverse (experimental): a vehicle's velocity flips without an arc, and slowly.

    Which of the two legs is the one driven backwards is told by what it is for: into a place to
    stay in, or out of one; otherwise by which is slower.
    """
    if group_of(class_name) != "vehicle" or not motion.whole.any():
        return
    legs = _legs(of)
    for k, ((a, b), (c, d)) in enumerate(pairwise(legs)):
        before, after = (
            _direction(motion, ground, a, b, True),
            _direction(motion, ground, c, d, False),
        )
        if before is None or after is None:
            continue
        angle = float(np.rad2deg(np.arccos(np.clip(before @ after, -1.0, 1.0))))
        speeds = [float(np.median(of.speed[leg])) for leg in (slice(a, b), slice(c, d))]
        left_a_place = k == 0 and a > RATE_HZ and of.t_s[a] - of.t_s[0] > 1.0
        back_first = left_a_place or speeds[0] < speeds[1]
        if k + 2 == len(legs) and of.t_s[-1] - of.t_s[d - 1] > 2.0 and not left_a_place:
            back_first = False
        start, stop = (a, b) if back_first else (c, d)
        speed = speeds[0] if back_first else speeds[1]
        emit(
            "reverse",
            float(of.t_s[start]),
            float(of.t_s[stop - 1]),
            _CEILING
            * above(angle, 145.0, 6.0)
            * below(speed, 1.5, 0.15)
            * below(float(np.median(of.blind[start:stop])), 0.25, 0.04),
            degrees=angle,
            speed=speed,
        )


def _legs(of: Pace) -> list[tuple[int, int]]:
    """Half-open stretches of motion of at least a third of a box length, parted by slow moments."""
    quick = of.speed > 1.2 * MOVING
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quick, [False]]).astype(np.int8)))
    return [
        (int(a), int(b))
        for a, b in zip(edges[0::2], edges[1::2], strict=True)
        if float(of.speed[a:b].sum()) / RATE_HZ >= _LEG
    ]


def _direction(
    motion: Motion, ground: GroundPlane | None, a: int, b: int, at_end: bool
) -> Float64 | None:
    """Unit direction of the last (or first) second of a leg, None where it has none."""
    rows = np.arange(a, b)
    rows = rows[-round(RATE_HZ) :] if at_end else rows[: round(RATE_HZ)]
    rows = rows[motion.whole[rows]]
    if len(rows) < 4:
        return None
    if ground is None:
        way = (motion.centre[rows[-1]] - motion.centre[rows[0]]) / float(np.median(motion.size))
    else:
        flat = ground.to_ground(motion.xy[rows], motion.size[rows])
        way = flat[-1] - flat[0]
    length = float(np.hypot(*way))
    return np.asarray(way / length, np.float64) if length > 0.1 else None


def loiter(motions: Sequence[Motion], class_name: str, emit: Emit) -> None:
    """loiter: a person walks about within two heights of one spot for fifteen seconds or more."""
    if group_of(class_name) != "person":
        return
    for motion in motions:
        if motion.duration_s < 0.7 * _LOITER_S:
            continue
        height = float(np.median(motion.wh[:, 1]))
        at = motion.centre / height
        second = round(RATE_HZ)
        first, stop = (second * row for row in _longest_stay(at[::second]))
        stop = min(stop, len(at))
        seconds = (stop - first) / RATE_HZ
        spot = at[first:stop].mean(axis=0)
        radius = float(np.hypot(*(at[first:stop] - spot).T).max())
        coarse = at[first:stop:second]
        walked = float(np.hypot(*np.diff(coarse, axis=0).T).sum())
        walked -= 2.0 * motion.noise * len(coarse)
        emit(
            "loiter",
            float(motion.t_s[first]),
            float(motion.t_s[stop - 1]),
            above(seconds, _LOITER_S, 1.0)
            * above(walked / max(radius, 0.2), 2.6, 0.3)
            * above(walked, 1.0, 0.15),
            seconds=seconds,
            radius_heights=radius,
            heights_walked=max(walked, 0.0),
        )


def _longest_stay(at: Float64) -> tuple[int, int]:
    """Longest half-open stretch whose extent, in both directions, is at most two radii."""
    best = (0, 1)
    first = 0
    low, high = at[0].copy(), at[0].copy()
    for stop in range(1, len(at) + 1):
        point = at[stop - 1]
        low, high = np.minimum(low, point), np.maximum(high, point)
        while (high - low).max() > 2.0 * _RADIUS:
            first += 1
            low, high = at[first:stop].min(axis=0), at[first:stop].max(axis=0)
        if stop - first > best[1] - best[0]:
            best = (first, stop)
    return best
