"""Who is close to whom: near, with (a person and an animal), walking together, between."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from core.detections import Float64
from core.motion.chance import Relate, above, below
from core.motion.clock import LEAST_S, TICK_HZ, Clocked, runs
from core.motion.rests import MOVING

_LEAD = 2.6  # a person's box sizes, which are metres: farther away than this is on no lead
_TOGETHER_S = 3.0
_BETWEEN_REACH = 4.0  # box lengths to either side
_MOST_BESIDE = 6  # neighbours among which one may stand between two


def near(a: Clocked, b: Clocked, first: int, stop: int, relate: Relate) -> None:
    """Less than a box apart in the picture, and about as far from the camera."""
    one, two = a.box[a.rows(first, stop)], b.box[b.rows(first, stop)]
    gap = np.maximum(one[:, :2], two[:, :2]) - np.minimum(one[:, 2:], two[:, 2:])
    apart = np.hypot(*np.maximum(gap, 0.0).T)
    mean = np.sqrt((one[:, 2:] - one[:, :2]).prod(axis=1) * (two[:, 2:] - two[:, :2]).prod(axis=1))
    mean = np.sqrt(np.maximum(mean, 1.0))
    depth = np.abs(one[:, 3] - two[:, 3])
    height = np.minimum(one[:, 3] - one[:, 1], two[:, 3] - two[:, 1])
    with np.errstate(invalid="ignore"):
        close = (apart < mean) & (depth < 0.5 * height)
    for start, end in runs(close, round(LEAST_S * TICK_HZ)):
        seconds = (end - start) / TICK_HZ
        typical = float(np.nanmedian(apart[start:end] / mean[start:end]))
        chance = above(seconds, 1.2, 0.2) * below(typical, 0.9, 0.15)
        numbers = {"gap_box_lengths": typical, "seconds": seconds}
        relate("near", a, b, first + start, first + end, chance, **numbers)


def accompany(person: Clocked, animal: Clocked, first: int, stop: int, relate: Relate) -> None:
    """with: close to each other for most of the time that the one seen more briefly is seen.

    Whoever stays close to something that moves moves with it. Where neither does, they may just
    happen to be at one place.
    """
    p, q = person.rows(first, stop), animal.rows(first, stop)
    apart = np.hypot(*(person.at[p] - animal.at[q]).T) / person.size[p]
    with np.errstate(invalid="ignore"):
        close = apart < _LEAD
    least = round(LEAST_S * TICK_HZ)
    stretches = list(runs(close, least, bridge=round(TICK_HZ)))
    if not stretches:
        return
    start, end = stretches[0][0], stretches[-1][1]
    together = sum(b - a for a, b in stretches)
    life = min(int(np.isfinite(one.speed).sum()) for one in (person, animal))
    seconds, share = together / TICK_HZ, min(together / life, 1.0)
    way = person.at[p][start:end]
    came = float(np.hypot(*(np.nanmax(way, axis=0) - np.nanmin(way, axis=0))))
    came /= float(np.nanmedian(person.size[p][start:end]))
    chance = above(share, 0.65, 0.07) * above(seconds, 1.8, 0.25)
    relate(
        "with",
        person,
        animal,
        first + start,
        first + end,
        chance * (0.55 + 0.45 * above(came, 1.2, 0.2)),
        seconds=seconds,
        share=share,
        apart=float(np.nanmedian(apart[start:end])),
        way_together=came,
    )


def walk_together(a: Clocked, b: Clocked, first: int, stop: int, relate: Relate) -> None:
    """group: two people less than a height apart who move alike for three seconds or more."""
    p, q = a.rows(first, stop), b.rows(first, stop)
    height = np.minimum(
        a.box[p][:, 3] - a.box[p][:, 1],
        b.box[q][:, 3] - b.box[q][:, 1],
    )
    middle = [(one[:, :2] + one[:, 2:]) / 2.0 for one in (a.box[p], b.box[q])]
    apart = np.hypot(*(middle[0] - middle[1]).T) / np.maximum(height, 1.0)
    depth = np.abs(a.box[p][:, 3] - b.box[q][:, 3]) / np.maximum(height, 1.0)
    drift = _drift(middle[0] - middle[1]) / np.maximum(height, 1.0)
    with np.errstate(invalid="ignore"):
        alike = (apart < 1.2) & (depth < 0.4) & (drift < 0.35)
        moves = (a.speed[p] > MOVING) & (b.speed[q] > MOVING)
    for start, end in runs(alike, round(_TOGETHER_S * TICK_HZ)):
        seconds = (end - start) / TICK_HZ
        share = float(moves[start:end].mean())
        distance = float(np.nanmedian(apart[start:end]))
        chance = above(seconds, _TOGETHER_S, 0.3) * below(distance, 1.0, 0.08)
        relate(
            "group",
            a,
            b,
            first + start,
            first + end,
            chance * above(share, 0.4, 0.08),
            seconds=seconds,
            apart_heights=distance,
        )


def _drift(offset: Float64) -> Float64:
    """(K,) how fast two move relative to each other, pixels a second, over 0.8 s."""
    lag = 2
    padded = np.pad(offset, ((lag, lag), (0, 0)), mode="edge")
    step = padded[2 * lag :] - padded[: -2 * lag]
    return np.asarray(np.hypot(step[:, 0], step[:, 1]) * TICK_HZ / (2 * lag), np.float64)


def between(subject: Clocked, beside: Sequence[Clocked], relate: Relate) -> None:
    """The subject is between two of those beside it, on the line from one to the other."""
    nearest = sorted(beside, key=lambda one: (_closest(subject, one), one.track_id))
    chosen = sorted(nearest[:_MOST_BESIDE], key=lambda one: one.track_id)
    for a, b in combinations(chosen, 2):
        first = max(subject.first, a.first, b.first)
        stop = min(subject.stop, a.stop, b.stop)
        if stop - first < LEAST_S * TICK_HZ:
            continue
        me = subject.rows(first, stop)
        one, two = a.at[a.rows(first, stop)], b.at[b.rows(first, stop)]
        line = two - one
        length = np.maximum(np.hypot(line[:, 0], line[:, 1]), 1e-6)
        mine = subject.at[me] - one
        along = (mine * line).sum(axis=1) / length**2
        off = np.abs(mine[:, 0] * line[:, 1] - mine[:, 1] * line[:, 0]) / length
        size = subject.size[me]
        with np.errstate(invalid="ignore"):
            inside = (along > 0.2) & (along < 0.8) & (off < 0.9 * size)
            inside &= (length < 2.0 * _BETWEEN_REACH * size) & (length > 1.2 * size)
        for start, end in runs(inside, round(LEAST_S * TICK_HZ)):
            seconds = (end - start) / TICK_HZ
            aside = float(np.nanmedian(off[start:end] / size[start:end]))
            middle = float(np.nanmedian(np.abs(along[start:end] - 0.5)))
            chance = above(seconds, 1.2, 0.2) * below(aside, 0.7, 0.1) * below(middle, 0.28, 0.04)
            relate(
                "between",
                subject,
                a,
                first + start,
                first + end,
                chance,
                third_id=float(b.track_id),
                aside=aside,
                seconds=seconds,
            )


def _closest(a: Clocked, b: Clocked) -> float:
    """Least distance of two while both are in view, in box lengths of the first."""
    first, stop = max(a.first, b.first), min(a.stop, b.stop)
    p = a.rows(first, stop)
    off = np.hypot(*(a.at[p] - b.at[b.rows(first, stop)]).T) / a.size[p]
    return float(np.nanmin(off, initial=np.inf))


def beside(a: Clocked, b: Clocked) -> bool:
    """Whether two come close enough for one of them to stand between the other and a third."""
    return _closest(a, b) < _BETWEEN_REACH
