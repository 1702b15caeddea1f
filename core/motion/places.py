"""Towards and away from the camera, across the border of the picture, in and out of sight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.detections import Float64
from core.motion.chance import Emit, above
from core.motion.ground import GroundPlane
from core.motion.legs import legs
from core.motion.path import Motion
from core.motion.surroundings import Surroundings
from core.tracks import FrameSize

_GROWTH = float(np.log(1.25))
_STANDING = 1e-3  # px/s by which a standing camera shifts what it shows
_BLURRED = 5  # rows beside the border into which smoothing carries the cut box
_WAVER = 0.08  # log size that may come back within one approach
_LONGEST_TAU_S = 99.0
_INSIDE = 0.06  # of the picture: farther from its border, nothing comes in or goes out there
_SIGHT_CEILING = 0.9
_DETECTED_PX = 26.0  # what is smaller comes into a detector's reach rather than into sight


def depth(motion: Motion, ground: GroundPlane | None, emit: Emit) -> None:
    """Approach and recede: stretches along which the box grows or shrinks by a quarter.

    Only whole boxes count; growth is the smaller of that of the height and that of the root of
    the area, because a turning object changes its width. It must be steady, and the foot must come
    nearer on the ground, too: what comes out from behind something grows at its own place.
    """
    rows = np.flatnonzero(motion.whole)
    if len(rows) < 8:
        return
    by_area, by_height = np.log(motion.size[rows]), np.log(motion.wh[rows, 1])
    foot, t_s = motion.xy[rows, 1], motion.t_s[rows]
    for a, b in legs(by_area, _WAVER + 3.0 * motion.noise):
        area, high = float(by_area[b] - by_area[a]), float(by_height[b] - by_height[a])
        sign = 1.0 if area > 0.0 else -1.0
        growth = sign * min(sign * area, sign * high)
        if sign * growth <= 0.0 or b - a < 5:
            continue
        lower = float(sign * (foot[b] - foot[a]) / np.median(motion.size[rows]))
        seconds = float(t_s[b] - t_s[a])
        p = above(sign * growth, _GROWTH, 0.05) * above(lower, 0.04, 0.025)
        p *= above(seconds, 1.0, 0.08) * above(sign * _order(by_area[a : b + 1]), 0.6, 0.06)
        if ground is not None:
            ends = np.maximum(foot[[a, b]] - ground.horizon_y, 0.01 * ground.focal_px)
            p *= above(float(np.log(ends[1] / ends[0])) / growth, 0.3, 0.06)
        emit(
            "approach" if sign > 0.0 else "recede",
            float(t_s[a]),
            float(t_s[b]),
            p,
            growth=float(np.exp(growth)),
            seconds=seconds,
            **(_contact(by_area[a : b + 1], t_s[a : b + 1]) if sign > 0.0 else {}),
        )


def _order(values: Float64) -> float:
    """Rank correlation of values with time (Spearman), in [-1, 1]."""
    rank = np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(np.float64)
    at = np.arange(len(values)) - (len(values) - 1) / 2.0
    return float((rank - rank.mean()) @ at / (at @ at))


def _contact(log_size: Float64, t_s: Float64) -> dict[str, float]:
    """Seconds until an approaching object would reach the camera, told from how fast it grows.

    Time to contact is 1 / (d ln s / dt), whatever the distance (Lee, "A theory of visual control of
    braking based on information about time-to-collision", 1976). Of the last second and a half.
    """
    last = t_s >= t_s[-1] - 1.5
    if last.sum() < 4:
        return {}
    at = t_s[last] - t_s[last].mean()
    rate = float((at @ log_size[last]) / (at @ at))
    if rate <= 1.0 / _LONGEST_TAU_S:
        return {}
    return {"time_to_contact_s": 1.0 / rate}


def border_motion(
    motion: Motion, frame_size: FrameSize, *, at_end: bool
) -> tuple[float, float, float]:
    """How an object crosses the border at one end of a motion: (speed, t0_s, t1_s).

    speed: box lengths per second outward at the end, inward at the start, and no more than the
    object's own: what a turning camera leaves behind does not go away. 0 where the box does not
    lie at the border of the picture (within 3 % of it). The interval is the second beside it.
    """
    rows = slice(-10, None) if at_end else slice(0, 10)
    edge = -1 if at_end else 0
    low, high = motion.seen[edge, :2], motion.seen[edge, 2:]
    margin = 0.03 * np.array([frame_size.width, frame_size.height])
    extent = np.array([frame_size.width, frame_size.height], np.float64)
    touches = np.concatenate([low <= margin, high >= extent - margin])
    size = max(float(np.sqrt(np.maximum(high - low, 1.0).prod())), 1.0)
    step = motion.seen_velocity[rows].mean(axis=0) / size
    outward = np.concatenate([-step, step]) * (1.0 if at_end else -1.0)
    speed = min(
        float((touches * np.maximum(outward, 0.0)).max()), _own_speed(motion, at_end=at_end)
    )
    return speed, float(motion.t_s[rows][0]), float(motion.t_s[rows][-1])


def _own_speed(motion: Motion, *, at_end: bool) -> float:
    """Box lengths per second in the last (or first) second in which the box was whole.

    Infinite where the camera stood still: nothing but the object itself moves its box then.
    """
    if np.abs(motion.velocity - motion.seen_velocity).max() < _STANDING:
        return float("inf")
    rows = np.flatnonzero(motion.whole)
    near = rows[:-_BLURRED][-10:] if at_end else rows[_BLURRED:][:10]
    if not len(near):
        near = np.arange(len(motion))
    step = motion.velocity[near].mean(axis=0) / max(float(motion.size[near].mean()), 1.0)
    return float(np.hypot(step[0], step[1]))


def border(motions: Sequence[Motion], frame_size: FrameSize, emit: Emit) -> None:
    """Enter and exit of a whole track."""
    for kind, motion, at_end in (("enter", motions[0], False), ("exit", motions[-1], True)):
        speed, t0_s, t1_s = border_motion(motion, frame_size, at_end=at_end)
        if speed > 0.0:
            emit(kind, t0_s, t1_s, above(speed, 0.15, 0.04), speed=speed)


def sight(
    motions: Sequence[Motion], frame_size: FrameSize, around: Surroundings | None, emit: Emit
) -> None:
    """Appear and disappear: seen first, or last, away from the border and within the video."""
    if around is None:
        return
    extent = np.array([frame_size.width, frame_size.height], np.float64)
    for kind, motion, edge, apart_s in (
        ("appear", motions[0], 0, float(motions[0].t_s[0]) - around.t0_s),
        ("disappear", motions[-1], -1, around.t1_s - float(motions[-1].t_s[-1])),
    ):
        box = motion.seen[edge]
        inside = float(np.min(np.concatenate([box[:2], extent - box[2:]]) / np.tile(extent, 2)))
        t_s = float(motion.t_s[edge])
        size = float(np.sqrt(np.maximum(box[2:] - box[:2], 1.0).prod()))
        emit(
            kind,
            t_s if edge == 0 else max(t_s - 0.5, float(motion.t_s[0])),
            min(t_s + 0.5, float(motion.t_s[-1])) if edge == 0 else t_s,
            _SIGHT_CEILING
            * above(inside, _INSIDE, 0.012)
            * above(apart_s, 0.8, 0.12)
            * above(size, _DETECTED_PX, 2.5),
            from_border=inside,
        )
