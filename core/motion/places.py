"""Towards and away from the camera, and across the border of the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.motion.chance import Emit, above
from core.motion.legs import legs
from core.motion.path import Motion
from core.tracks import FrameSize

_GROWTH = float(np.log(1.25))
_STANDING = 1e-3  # px/s by which a standing camera shifts what it shows
_BLURRED = 5  # rows beside the border into which smoothing carries the cut box
_WAVER = 0.08  # log size that may come back within one approach


def depth(motion: Motion, emit: Emit) -> None:
    """Approach and recede: stretches along which the box grows or shrinks by a quarter.

    Only whole boxes count; growth is the smaller of that of the height and that of the root of
    the area, because a turning object changes its width.
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
        emit(
            "approach" if sign > 0.0 else "recede",
            float(t_s[a]),
            float(t_s[b]),
            above(sign * growth, _GROWTH, 0.05) * above(lower, -0.1, 0.06),
            growth=float(np.exp(growth)),
            seconds=float(t_s[b] - t_s[a]),
        )


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
