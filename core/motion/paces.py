"""How fast an object is: stops, waits, starts, changes of speed, rest and motion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.motion.chance import Emit, above, below
from core.motion.path import RATE_HZ, Motion
from core.motion.rests import MOVING, REST, Pace, Rest
from core.motion.turns import BOX_METRES
from core.tracking.classes import group_of

_USUAL_M_S: Mapping[str, tuple[float, float]] = {
    "vehicle": (2.5, 12.0),
    "two-wheeler": (2.0, 7.5),
    "person": (0.7, 2.2),
    "animal": (0.5, 2.5),
}
"""Group -> metres per second below which it is slow, above which it is fast."""
_MOST_M_S2: Mapping[str, float] = {"slow_down": 5.5, "speed_up": 3.2}
_DEEPER = float(np.log(1.5))  # growth that speaks for motion along the line of sight
_MOVED = 0.4  # box lengths that make something moving before or after a rest


def stops(of: Pace, still: Sequence[Rest], entered: bool, emit: Emit) -> None:
    """stop, wait, start and (come to rest for good) parked.

    entered: the object was moving in across the border at the start of the piece.
    """
    for k, rest in enumerate(still):
        moved = rest.before + (0.3 if entered and k == 0 else 0.0)
        if k:  # since the rest before
            moved = rest.before - still[k - 1].before
        goes = above(rest.after, _MOVED, 0.08)
        sure = below(rest.speed, (REST + MOVING) / 2.0, 0.015) * below(rest.blind, 0.3, 0.08)
        numbers = {
            "seconds": rest.duration_s,
            "speed": rest.speed,
            "box_lengths_before": rest.before,
            "box_lengths_after": rest.after,
        }
        came = above(moved, _MOVED, 0.08)
        emit(
            "stop", rest.t0_s, rest.t1_s, sure * came * above(rest.duration_s, 0.9, 0.1), **numbers
        )
        waited = sure * max(came, goes) * above(rest.duration_s, 2.7, 0.25)
        emit("wait", rest.t0_s, rest.t1_s, waited, **numbers)
        _start(of, rest, sure, emit)


def _start(of: Pace, rest: Rest, sure: float, emit: Emit) -> None:
    """start: a box length covered within three seconds after a rest."""
    end = int(np.searchsorted(of.t_s, rest.t1_s))
    window = slice(end, min(end + round(3.0 * RATE_HZ) + 1, len(of.t_s)))
    covered = of.distance[window] - of.distance[end]
    if not len(covered):
        return
    enough = np.flatnonzero(covered >= 0.8)
    until = of.t_s[window][enough[0] if len(enough) else -1]
    p = sure * above(float(covered[-1]), 0.7, 0.1) * above(rest.duration_s, 0.9, 0.1)
    emit(
        "start",
        rest.t1_s,
        max(float(until), rest.t1_s + 1.0 / RATE_HZ),
        p,
        seconds_rested=rest.duration_s,
        box_lengths=float(covered[-1]),
    )


def changes(of: Pace, class_name: str, emit: Emit) -> None:
    """slow_down and speed_up: a change by a factor of 0.6 or 1.6 within two seconds.

    Not more than tyres can do: what is covered or uncovered seems to leap.
    """
    metres = BOX_METRES.get(class_name, BOX_METRES["car"])
    lag = round(RATE_HZ)
    if len(of.t_s) < 2 * lag + 1:
        return
    even = np.convolve(np.pad(of.speed, 2, mode="edge"), np.full(5, 0.2), mode="valid")
    floor = np.maximum(np.maximum(even, 0.08), 0.5 * of.blind)
    before, after = floor[: -2 * lag], floor[2 * lag :]
    t_s = of.t_s[lag:-lag]
    ratio = np.log(after / before)
    whole = of.whole[: -2 * lag] & of.whole[lag:-lag] & of.whole[2 * lag :]
    trust = 1.0 if of.on_ground else 0.6
    for kind, gain, threshold, fast in (
        ("slow_down", -ratio, -np.log(0.6), before),
        ("speed_up", ratio, np.log(1.6), after),
    ):
        strong = (gain > threshold) & (fast > 0.5) & whole
        edges = np.flatnonzero(np.diff(np.concatenate([[False], strong, [False]]).astype(np.int8)))
        for start, stop in zip(edges[0::2], edges[1::2], strict=True):
            peak = start + int(np.argmax(gain[start:stop]))
            certain = below(float(of.blind[peak + lag]) / float(fast[peak]), 0.5, 0.1)
            rate = abs(float(after[peak] - before[peak])) * metres / 2.0
            certain *= below(rate, _MOST_M_S2[kind], 0.12 * _MOST_M_S2[kind])
            emit(
                kind,
                float(max(t_s[start] - 0.5, of.t_s[0])),
                float(min(t_s[stop - 1] + 0.5, of.t_s[-1])),
                trust * certain * above(float(gain[peak]), threshold, 0.12),
                factor=float(np.exp(ratio[peak])),
                speed_before=float(before[peak]),
                speed_after=float(after[peak]),
            )


def level(of: Pace, class_name: str, emit: Emit) -> None:
    """Fast and slow for a thing of its kind, while moving.

    Speeds are judged in metres by the usual size of the class; comparing objects of one camera
    with each other is the search's work, which finds the speed among the numbers.
    """
    moving = of.speed > MOVING
    if moving.sum() < RATE_HZ:
        return
    speed = float(np.median(of.speed[moving]))
    metres = speed * BOX_METRES.get(class_name, BOX_METRES["car"])
    slow_m_s, fast_m_s = _USUAL_M_S.get(group_of(class_name), _USUAL_M_S["vehicle"])
    t_s = of.t_s[moving]
    trust = 0.9 if of.on_ground else 0.6
    blind = float(np.median(of.blind[moving]))
    for kind, p in (
        ("fast", above(metres / fast_m_s, 1.0, 0.1)),
        ("slow", below(metres / slow_m_s, 1.0, 0.12) * below(blind, 0.3, 0.1)),
    ):
        emit(kind, float(t_s[0]), float(t_s[-1]), trust * p, speed=speed, metres_per_s=metres)


def rest_or_motion(
    motions: Sequence[Motion], pauses: Sequence[Sequence[Rest]], class_name: str, emit: Emit
) -> None:
    """moving, stationary and parked: the whole life of a track."""
    t_s = np.concatenate([m.t_s for m in motions])
    farthest = _farthest(motions)
    lasted = float(t_s[-1] - t_s[0])
    numbers = {"box_lengths": farthest, "seconds": lasted}
    seen = above(lasted, 0.8, 0.1)
    still = below(farthest, 0.36, 0.045) * seen
    emit("moving", t_s[0], t_s[-1], above(farthest, 0.45, 0.05) * seen, **numbers)
    emit("stationary", t_s[0], t_s[-1], still, **numbers)
    if group_of(class_name) not in ("vehicle", "two-wheeler"):
        return
    emit("parked", t_s[0], t_s[-1], still * (0.55 + 0.45 * above(lasted, 4.0, 0.5)), **numbers)
    last = pauses[-1][-1] if pauses and pauses[-1] else None
    if last is not None and last.after < 0.2 and last.before > _MOVED:
        p = 0.6 * above(last.duration_s, 8.0, 1.0) * below(last.speed, REST, 0.02)
        emit("parked", last.t0_s, last.t1_s, p, seconds=last.duration_s, box_lengths=last.before)


def roams(motions: Sequence[Motion]) -> float:
    """Probability that a thing left its place at all, on the ground or in depth.

    Boxes tremble, and while the camera turns, a detector's boxes are wrong in a way that wanders
    with the picture: what stands still seems to creep, to stop and to turn within its own length.
    """
    growth = max(
        (float(np.ptp(np.log(m.size[m.whole]))) for m in motions if m.whole.any()), default=0.0
    )
    return max(above(_farthest(motions), 0.4, 0.045), above(growth, _DEEPER, 0.06))


def _farthest(motions: Sequence[Motion]) -> float:
    """Most box lengths from the start, trembling taken out; from the first box of each shot."""
    away = 0.0
    for shot in {m.shot for m in motions}:
        centre = np.concatenate([m.centre for m in motions if m.shot == shot])
        size = np.concatenate([m.size for m in motions if m.shot == shot])
        off = np.hypot(*(centre - centre[0]).T) / np.maximum(size, size[0])
        away = max(away, float(off.max()))
    return max(0.0, away - 2.5 * max(m.noise for m in motions))
