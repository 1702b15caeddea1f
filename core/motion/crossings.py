"""Across the traffic and from one lane to another."""

from __future__ import annotations

import numpy as np

from core.detections import Bool, Float64
from core.motion.chance import Emit, above, below
from core.motion.path import RATE_HZ, Motion
from core.motion.rests import MOVING
from core.motion.surroundings import Surroundings
from core.motion.turns import BOX_METRES, Walk
from core.tracking.classes import group_of

_LEAST_CROSSED = 0.8  # box lengths of a vehicle across the way of others
_DOUBT = 0.4  # that one single vehicle does not show where the road is
_LANE_M = (2.2, 5.2)
_SWAY_M = 6.0  # straight driving before and after a change of lanes
_LENGTHS_M = (3.0, 5.0, 8.0)  # steepness of a change: a quarter of its length
_LANE_CEILING = 0.85


def cross(motion: Motion, class_name: str, around: Surroundings | None, emit: Emit) -> None:
    """cross: over a road, at 60 to 120 degrees to what most vehicles do there."""
    if around is None or not len(around.keys) or len(motion) < RATE_HZ:
        return
    at = around.place(motion.xy)
    lag = round(RATE_HZ / 2)
    padded = np.pad(at, ((lag, lag), (0, 0)), mode="edge")
    step = padded[2 * lag :] - padded[: -2 * lag]
    across, along = around.traffic(at, np.arctan2(step[:, 1], step[:, 0]))
    own = float(group_of(class_name) in ("vehicle", "two-wheeler"))  # its own vote
    over = (motion.speed > MOVING) & (across > np.maximum(along - own, 0.0)) & (across >= 1.0)
    for start, stop in _stretches(over, lag):
        crossed = float(np.hypot(*(at[stop - 1] - at[start])))
        vehicles = float(across[start:stop].max())
        seconds = (stop - start) / RATE_HZ
        emit(
            "cross",
            float(motion.t_s[start]),
            float(motion.t_s[stop - 1]),
            above(crossed, _LEAST_CROSSED, 0.15)
            * above(seconds, 0.7, 0.1)
            * (1.0 - _DOUBT**vehicles)
            * (1.0 if around.ground is not None else 0.8),
            box_lengths=crossed,
            vehicles=vehicles,
            seconds=seconds,
        )


def _stretches(state: Bool, bridge: int) -> list[tuple[int, int]]:
    """Half-open runs of True, gaps of up to `bridge` closed."""
    on = np.flatnonzero(state)
    if not len(on):
        return []
    parts = np.split(on, np.flatnonzero(np.diff(on) > bridge + 1) + 1)
    return [(int(part[0]), int(part[-1]) + 1) for part in parts]


def lane_change(steps: Walk, class_name: str, bends: Float64, emit: Emit) -> None:
    """lane_change: a step to the side between two straight stretches that are parallel.

    Fitted on the walk: a line with one smooth step explains it better than a bend does.
    bends: (T, 2) times of turns, which are no changes of lane.
    """
    if group_of(class_name) not in ("vehicle", "two-wheeler") or len(steps.heading) < 8:
        return
    metres = BOX_METRES.get(class_name, BOX_METRES["car"])
    xy, way = steps.xy * metres, np.concatenate([[0.0], np.cumsum(steps.length)]) * metres
    found: list[tuple[float, float, float, dict[str, float]]] = []
    for width in _LENGTHS_M:
        reach = 2.5 * width + _SWAY_M
        for centre in np.arange(way[0] + 0.7 * reach, way[-1] - 0.7 * reach, 2.0):
            rows = np.flatnonzero(np.abs(way - centre) <= reach)
            if len(rows) < 8:
                continue
            t0_s, t1_s = (
                float(np.interp(centre + side * 2.0 * width, way, steps.t_s)) for side in (-1, 1)
            )
            if (np.minimum(t1_s, bends[:, 1]) > np.maximum(t0_s, bends[:, 0])).any():
                continue
            p, numbers = _step_aside(xy[rows], (way[rows] - centre) / width)
            if p > 0.05:
                found.append((p, t0_s, t1_s, numbers))
    taken: list[tuple[float, float]] = []
    trust = _LANE_CEILING if steps.on_ground else 0.6 * _LANE_CEILING
    for p, t0_s, t1_s, numbers in sorted(found, key=lambda one: -one[0]):
        if all(t1_s <= a or t0_s >= b for a, b in taken):
            taken.append((t0_s, t1_s))
            emit("lane_change", t0_s, t1_s, trust * p, **numbers)


def _step_aside(xy: Float64, at: Float64) -> tuple[float, dict[str, float]]:
    """Probability and numbers of a step to the side at 0, `at` in quarters of its length."""
    chord = xy[-1] - xy[0]
    length = float(np.hypot(*chord))
    if length < 1e-6:
        return 0.0, {}
    offset = ((xy - xy[0]) @ np.array([-chord[1], chord[0]])) / length
    along = ((xy - xy[0]) @ chord) / length
    even = np.stack([np.ones_like(at), along], axis=1)
    step = np.concatenate([even, (1.0 / (1.0 + np.exp(-2.0 * at)))[:, None]], axis=1)
    bend = np.concatenate([even, np.square(along - along.mean())[:, None] / length], axis=1)
    shape, *_ = np.linalg.lstsq(step, offset, rcond=None)
    curve, *_ = np.linalg.lstsq(bend, offset, rcond=None)
    rest = float(np.sqrt(np.mean(np.square(offset - step @ shape))))
    rest_of_bend = float(np.sqrt(np.mean(np.square(offset - bend @ curve))))
    aside = abs(float(shape[2]))
    better = rest_of_bend / max(rest, 0.08)
    p = above(aside, _LANE_M[0], 0.2) * below(aside, _LANE_M[1], 0.3)
    p *= above(better, 2.2, 0.3) * below(rest, 0.35, 0.06)
    p *= above(float((at < -1.5).mean()), 0.15, 0.03)
    p *= above(float((at > 1.5).mean()), 0.15, 0.03)
    return p, {
        "metres": aside,
        "to_right": float(shape[2] > 0.0),
        "times_better_than_a_bend": min(better, 99.0),
    }
