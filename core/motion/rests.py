"""When an object rests and how fast it is otherwise.

Speed is displacement over a second in box lengths, with what trembling alone would give taken
out; rest begins below one threshold and ends above a higher one, so that it does not flicker.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.detections import Bool, Float64
from core.motion.ground import GroundPlane
from core.motion.path import RATE_HZ, Motion

REST = 0.06  # box lengths per second
MOVING = 0.16
_LAG = round(RATE_HZ / 2)
_SHORTEST_S = 0.8


@dataclass(frozen=True, slots=True)
class Rest:
    """An interval without motion.

    before, after: distance covered before and after it within the piece, in box lengths.
    speed: median speed while resting, box lengths per second. blind: the share of the interval's
    speed that trembling could hide, box lengths per second.
    """

    t0_s: float
    t1_s: float
    before: float
    after: float
    speed: float
    blind: float

    @property
    def duration_s(self) -> float:
        return self.t1_s - self.t0_s


@dataclass(frozen=True, slots=True)
class Pace:
    """Speed over time.

    t_s: (M,). speed: (M,) box lengths per second, trembling taken out. blind: (M,) speeds below
    this cannot be told from rest. whole: (M,) False where the box is cut off, so that its speed is
    not the object's. on_ground: whether perspective is taken out.
    """

    t_s: Float64
    speed: Float64
    blind: Float64
    whole: Bool
    on_ground: bool

    @property
    def distance(self) -> Float64:
        """(M,) box lengths covered since the start, without creeping, which may be trembling."""
        return np.asarray(np.cumsum(np.where(self.speed > MOVING, self.speed, 0.0)) / RATE_HZ)


def pace(motion: Motion, ground: GroundPlane | None) -> Pace:
    """Speed at every row of a motion."""
    m = len(motion)
    low = np.maximum(np.arange(m) - _LAG, 0)
    high = np.minimum(np.arange(m) + _LAG, m - 1)
    dt = np.maximum((high - low) / RATE_HZ, 1.0 / RATE_HZ)
    step = (motion.centre[high] - motion.centre[low]) / motion.size[:, None]
    speed = np.hypot(step[:, 0], step[:, 1]) / dt
    # A box that comes in over the border moves with its free edges only, its centre half as fast.
    free = np.hypot(*(np.abs(_edges(motion)[high] - _edges(motion)[low]).max(axis=1)).T)
    speed = np.where(motion.whole, speed, np.maximum(speed, free / motion.size / dt))
    blind = 2.2 * motion.noise / dt
    seen = np.sqrt(np.maximum(np.square(speed) - np.square(blind), 0.0))
    if ground is not None and motion.whole.any():
        below = np.maximum(motion.centre[:, 1] - ground.horizon_y, 0.02 * ground.focal_px)
        along = np.abs(step[:, 1]) * ground.stretch(
            np.stack([motion.centre[:, 0], ground.horizon_y + below], axis=1)
        )
        hidden = blind * ground.stretch(motion.centre)
        far = np.sqrt(np.maximum(np.square(along / dt) - np.square(hidden), 0.0))
        seen = np.where(motion.whole, np.hypot(seen, far), seen)
        blind = np.where(motion.whole, np.maximum(blind, 0.3 * hidden), blind)
    return Pace(motion.t_s, _median5(seen), blind, motion.whole, ground is not None)


def _edges(motion: Motion) -> Float64:
    """(M, 2, 2) low and high edge by axis, pixels."""
    half = motion.wh / 2.0
    return np.stack([motion.centre - half, motion.centre + half], axis=1)


def _median5(values: Float64) -> Float64:
    padded = np.pad(values, 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 5)
    return np.asarray(np.median(windows, axis=1), np.float64)


def resting(speed: Float64) -> Bool:
    """(M,) hysteresis: rest starts below `REST` and lasts until `MOVING` is passed.

    The slow beginning and end of a rest (between the thresholds) belong to it where it is
    contiguous with a time below `REST`.
    """
    slow = speed < MOVING
    edges = np.flatnonzero(np.diff(np.concatenate([[False], slow, [False]]).astype(np.int8)))
    state = np.zeros(len(speed), np.bool_)
    for start, stop in zip(edges[0::2], edges[1::2], strict=True):
        if (speed[start:stop] < REST).any():
            state[start:stop] = True
    return state


def rests(of: Pace) -> list[Rest]:
    """All rests of a piece of path that last long enough to be seen."""
    state = resting(of.speed)
    distance = of.distance
    edges = np.flatnonzero(np.diff(np.concatenate([[False], state, [False]]).astype(np.int8)))
    found: list[Rest] = []
    for start, stop in zip(edges[0::2], edges[1::2], strict=True):
        last = stop - 1
        if of.t_s[last] - of.t_s[start] < _SHORTEST_S:
            continue
        found.append(
            Rest(
                t0_s=float(of.t_s[start]),
                t1_s=float(of.t_s[last]),
                before=float(distance[start]),
                after=float(distance[-1] - distance[last]),
                speed=float(np.median(of.speed[start:stop])),
                blind=float(np.median(of.blind[start:stop])),
            )
        )
    return found
