"""Who gets past whom: overtaking, passing what stands, meeting what comes the other way."""

from __future__ import annotations

import numpy as np

from core.detections import Float64
from core.motion.chance import Relate, above, below
from core.motion.clock import TICK_HZ, Clocked, along, runs
from core.motion.rests import MOVING

_FAR = 8.0  # box lengths along the way within which two have to do with each other
_PAST = 0.4  # box lengths in front at which one is past the other


def overtake(subject: Clocked, other: Clocked, first: int, stop: int, relate: Relate) -> None:
    """From behind the other to in front of it, both going one way."""
    ahead, aside, cosine = along(subject, other, first, stop)
    with np.errstate(invalid="ignore"):
        state = (cosine > 0.7) & (np.abs(aside) < 3.0) & (np.abs(ahead) < _FAR)
    for start, end in runs(state, round(0.6 * TICK_HZ)):
        passed = _crossing(ahead[start:end])
        if passed is None:
            continue
        lead, past, gained = passed
        p, q = subject.rows(first, stop), other.rows(first, stop)
        mine = float(np.nanmedian(subject.speed[p][start:end]))
        theirs = float(np.nanmedian(other.speed[q][start:end]))
        off = float(np.nanmedian(np.abs(aside[start + lead : start + past + 1])))
        went = np.hypot(*(subject.at[p][end - 1] - subject.at[p][start]))
        other_went = np.hypot(*(other.at[q][end - 1] - other.at[q][start]))
        faster = float(went / max(float(other_went), 1e-6))
        chance = above(gained, 1.3, 0.2) * below(off, 2.6, 0.25)
        chance *= above(faster, 1.2, 0.06)  # walkers side by side change places, too
        # past one at rest: passing, rather
        chance *= 0.3 + 0.7 * above(theirs, 2.0 * MOVING, 0.06)
        relate(
            "overtake",
            subject,
            other,
            first + start + lead,
            first + start + past + 1,
            chance,
            gained_box_lengths=gained,
            aside=off,
            times_as_fast=min(faster, 99.0),
            speed=mine,
            other_speed=theirs,
        )


def _crossing(ahead: Float64) -> tuple[int, int, float] | None:
    """(last row behind, first row in front after it, box lengths gained) of one run."""
    back, front = np.flatnonzero(ahead < -_PAST), np.flatnonzero(ahead > _PAST)
    if not len(back) or not len(front) or front[-1] <= back[0]:
        return None
    lead = int(back[back < front[-1]][-1])  # the last time behind before being in front
    past = lead + int(np.argmax(ahead[lead:] > _PAST))
    return lead, past, float(np.nanmax(ahead[past:]) - np.nanmin(ahead[: lead + 1]))


def go_past(subject: Clocked, other: Clocked, first: int, stop: int, relate: Relate) -> None:
    """pass: the subject moves past another that rests.

    meet: they go opposite ways and come past each other; told once of each pair.
    """
    # where the other is in the subject's own frame: it comes from ahead and ends up behind
    ahead, aside, cosine = along(other, subject, first, stop)
    own, their = subject.speed[subject.rows(first, stop)], other.speed[other.rows(first, stop)]
    with np.errstate(invalid="ignore"):
        level = (np.abs(ahead) < _FAR) & (np.abs(aside) < 3.0)
        by_one = level & (own > MOVING)
        opposite = by_one & (cosine < -0.7) & (their > MOVING)
    for kind, state in (("pass", by_one), ("meet", opposite)):
        if kind == "meet" and subject.track_id > other.track_id:
            continue
        for start, end in runs(state, round(0.6 * TICK_HZ)):
            passed = _crossing(-ahead[start:end])
            if passed is None:
                continue
            lead, past, gained = passed
            # What rests seems to move while it is covered: most of the time decides.
            rests = other.stands or float(np.nanmedian(their[start:end])) < MOVING
            if rests != (kind == "pass"):
                continue
            off = float(np.nanmedian(np.abs(aside[start + lead : start + past + 1])))
            swept = float(np.nanmean(np.where(state[start:end], 1.0, 0.0)))
            chance = above(gained, 1.3, 0.2) * below(off, 2.6, 0.25) * above(swept, 0.7, 0.1)
            relate(
                kind,
                subject,
                other,
                first + start + lead,
                first + start + past + 1,
                chance,
                gained_box_lengths=gained,
                aside=off,
                speed=float(np.nanmedian(own[start:end])),
                other_speed=float(np.nanmedian(their[start:end])),
            )
