"""Towards and away from the camera, and across the border of the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.detections import Float64
from core.motion.chance import Emit, above
from core.motion.path import Motion
from core.tracks import FrameSize

_GROWTH = np.log(1.25)


def depth(motion: Motion, emit: Emit) -> None:
    """Approach and recede: the stretch along which the box grows or shrinks most.

    Only whole boxes count; growth is the smaller of that of the height and that of the root of
    the area, because a turning object changes its width.
    """
    rows = np.flatnonzero(motion.whole)
    if len(rows) < 8:
        return
    by_area, by_height = np.log(motion.size[rows]), np.log(motion.wh[rows, 1])
    foot, t_s = motion.xy[rows, 1], motion.t_s[rows]
    for kind, sign in (("approach", 1.0), ("recede", -1.0)):
        a, b = _largest_rise(sign * by_area)
        if b - a < 5:
            continue
        area = float(sign * (by_area[b] - by_area[a]))
        high = float(sign * (by_height[b] - by_height[a]))
        rise = min(area, high)
        if rise <= 0.0:
            continue
        part = sign * by_area[a : b + 1]
        rank = np.argsort(np.argsort(part)).astype(np.float64)
        rank -= rank.mean()
        order = np.arange(len(part)) - (len(part) - 1) / 2.0
        steady = float((rank * order).sum() / np.square(order).sum())  # Spearman's rho
        lower = float(sign * (foot[b] - foot[a]) / np.median(motion.size[rows]))
        p = above(rise, _GROWTH, 0.05) * above(steady, 0.65, 0.07) * above(lower, -0.05, 0.06)
        emit(
            kind,
            float(t_s[a]),
            float(t_s[b]),
            p,
            growth=float(np.exp(sign * rise)),
            seconds=float(t_s[b] - t_s[a]),
        )


def _largest_rise(values: Float64) -> tuple[int, int]:
    """Indices (from, to) of the largest rise of a series."""
    lowest = np.minimum.accumulate(values)
    b = int(np.argmax(values - lowest))
    return int(np.argmin(values[: b + 1])), b


def border_motion(
    motion: Motion, frame_size: FrameSize, *, at_end: bool
) -> tuple[float, float, float]:
    """How an object crosses the border at one end of a motion: (speed, t0_s, t1_s).

    speed: box lengths per second outward at the end, inward at the start; 0 where the box does
    not lie at the border (within 3 % of the picture). The interval is the second beside it.
    """
    rows = slice(-10, None) if at_end else slice(0, 10)
    edge = -1 if at_end else 0
    centre, wh = motion.centre[edge], motion.wh[edge]
    low, high = centre - wh / 2.0, centre + wh / 2.0
    margin = 0.03 * np.array([frame_size.width, frame_size.height])
    extent = np.array([frame_size.width, frame_size.height], np.float64)
    touches = np.concatenate([low <= margin, high >= extent - margin])
    step = motion.velocity[rows].mean(axis=0) / max(float(motion.size[edge]), 1.0)
    outward = np.concatenate([-step, step]) * (1.0 if at_end else -1.0)
    speed = float((touches * np.maximum(outward, 0.0)).max())
    return speed, float(motion.t_s[rows][0]), float(motion.t_s[rows][-1])


def border(motions: Sequence[Motion], frame_size: FrameSize, emit: Emit) -> None:
    """Enter and exit of a whole track."""
    for kind, motion, at_end in (("enter", motions[0], False), ("exit", motions[-1], True)):
        speed, t0_s, t1_s = border_motion(motion, frame_size, at_end=at_end)
        if speed > 0.0:
            emit(kind, t0_s, t1_s, above(speed, 0.15, 0.04), speed=speed)
