"""Who is behind whom: behind, following in the other's track, stopping behind it."""

from __future__ import annotations

import numpy as np

from core.detections import Bool, Float64
from core.motion.chance import Relate, above, below
from core.motion.clock import LEAST_S, TICK_HZ, Clocked, along, runs
from core.motion.rests import MOVING, REST

_LAGS = np.arange(2, 31)  # ticks: 0.4 to 6 seconds
_MISS = 1.0  # box lengths beside the other's track at which following is in doubt
_FOLLOW_S = 2.0
_HEADWAY_S = 4.2  # farther behind than this, one hardly speaks of following
_REST_S = 1.0
_QUEUE = 4.0  # box lengths: what stands closer behind another waits behind it


def behind(subject: Clocked, other: Clocked, first: int, stop: int, relate: Relate) -> None:
    """behind, in the other's direction of travel; of two that never moved, as the camera sees it.

    stop_behind: the subject comes to rest while it is behind the other and close.
    """
    ahead, aside, cosine = along(subject, other, first, stop)
    if not np.isfinite(cosine).any():
        _hidden(subject, other, first, stop, relate)
        return
    with np.errstate(invalid="ignore"):
        state = (cosine > 0.8) & (ahead < -0.6) & (ahead > -6.0) & (np.abs(aside) < 1.0)
    for start, end in runs(state, round(LEAST_S * TICK_HZ)):
        seconds = (end - start) / TICK_HZ
        distance = -float(np.nanmedian(ahead[start:end]))
        off = float(np.nanmedian(np.abs(aside[start:end])))
        chance = above(seconds, 1.2, 0.2) * below(off, 0.8, 0.12)
        relate(
            "behind",
            subject,
            other,
            first + start,
            first + end,
            chance * below(distance, 5.0, 0.5),
            box_lengths=distance,
            aside=off,
            seconds=seconds,
        )
    _stopping(subject, other, first, state, (ahead, aside), relate)


def _stopping(
    subject: Clocked,
    other: Clocked,
    first: int,
    state: Bool,
    place: tuple[Float64, Float64],
    relate: Relate,
) -> None:
    rows = subject.rows(first, first + len(state))
    with np.errstate(invalid="ignore"):
        still = subject.speed[rows] < (REST + MOVING) / 2.0
        queued = still & state & (place[0] > -_QUEUE)
    for start, end in runs(queued, round(_REST_S * TICK_HZ)):
        before = subject.speed[: rows.start + start + 1]
        came = float(np.nansum(before[before > MOVING])) / TICK_HZ
        if came <= 0.4:
            continue
        seconds = (end - start) / TICK_HZ
        off = float(np.nanmedian(np.abs(place[1][start:end])))
        theirs = other.speed[other.rows(first + start, first + end)]
        slow = float(np.nanmedian(theirs))
        chance = above(seconds, 1.0, 0.15) * above(came, 0.6, 0.1) * below(off, 0.8, 0.12)
        relate(
            "stop_behind",
            subject,
            other,
            first + start,
            first + end,
            chance * (0.4 + 0.6 * below(slow, 0.5, 0.1)),
            box_lengths=-float(np.nanmedian(place[0][start:end])),
            aside=off,
            seconds=seconds,
        )


def _hidden(subject: Clocked, other: Clocked, first: int, stop: int, relate: Relate) -> None:
    """behind, of two that stand: farther from the camera and close to each other."""
    one, two = subject.box[subject.rows(first, stop)], other.box[other.rows(first, stop)]
    wide = np.minimum(one[:, 2] - one[:, 0], two[:, 2] - two[:, 0])
    shared = np.minimum(one[:, 2], two[:, 2]) - np.maximum(one[:, 0], two[:, 0])
    high = np.minimum(one[:, 3] - one[:, 1], two[:, 3] - two[:, 1])
    farther = (two[:, 3] - one[:, 3]) / np.maximum(high, 1.0)
    with np.errstate(invalid="ignore"):
        state = (shared > 0.3 * wide) & (farther > 0.1) & (farther < 1.0)
    for start, end in runs(state, round(LEAST_S * TICK_HZ)):
        share = float(np.nanmedian(shared[start:end] / np.maximum(wide[start:end], 1.0)))
        depth = float(np.nanmedian(farther[start:end]))
        chance = 0.75 * above(share, 0.35, 0.06) * above(depth, 0.15, 0.03)
        relate(
            "behind",
            subject,
            other,
            first + start,
            first + end,
            chance * below(depth, 0.8, 0.08),
            overlap=share,
            heights_behind=depth,
            seconds=(end - start) / TICK_HZ,
        )


def follow(subject: Clocked, other: Clocked, first: int, stop: int, relate: Relate) -> None:
    """The subject moves where the other was some seconds before, or close behind it in its lane.

    The first needs to see both at one place, which takes time and follows any bend; the second is
    told at once, but only on a straight. Both must move for two seconds while both are in view.
    """
    ahead, aside, cosine = along(other, subject, first, stop)
    own, their = subject.speed[subject.rows(first, stop)], other.speed[other.rows(first, stop)]
    with np.errstate(invalid="ignore"):
        moving = (own > MOVING) & (their > MOVING)
        pace = subject.pace[subject.rows(first, stop)]
        headway = ahead / np.maximum(pace, MOVING)
        lane = moving & (cosine > 0.85) & (ahead > 0.6) & (headway < _HEADWAY_S)
    if moving.sum() < _FOLLOW_S * TICK_HZ:
        return
    miss = np.where(lane, np.abs(aside) / 0.8, np.inf)
    lag = _best_lag(subject, other, first, stop)
    if lag is not None:
        miss = np.where(moving, np.fmin(miss, lag[1] / _MISS), np.inf)
    for start, end in runs(moving & (miss < 1.6), round(_FOLLOW_S * TICK_HZ)):
        within = moving[start:end]
        seconds = (end - start) / TICK_HZ
        off = float(np.mean(np.fmin(miss[start:end][within], 1.6)))
        travelled = float(np.nansum(np.fmax(own, pace)[start:end])) / TICK_HZ
        straight = lane[start:end] & (miss[start:end] < 1.6)
        late = lag[0] / TICK_HZ if lag is not None else np.inf
        if straight.any():
            late = min(late, float(np.nanmedian(headway[start:end][straight])))
        chance = below(off, 1.0, 0.15) * above(seconds, _FOLLOW_S, 0.25)
        chance *= above(travelled, 3.0, 0.5) * below(late, _HEADWAY_S, 0.35)
        relate(
            "follow",
            subject,
            other,
            first + start,
            first + end,
            chance,
            lag_s=late,
            aside=off,
            seconds=seconds,
        )


def _best_lag(
    subject: Clocked, other: Clocked, first: int, stop: int
) -> tuple[int, Float64] | None:
    """The lag (ticks) at which the subject is most often where the other was, and how far off.

    The distances, (stop - first,) in box lengths, are infinite where the other was not in view.
    """
    p = subject.rows(first, stop)
    at, size, speed = subject.at[p], subject.size[p], subject.speed[p]
    then = np.arange(first, stop)[None, :] - _LAGS[:, None] - other.first
    inside = (then >= 0) & (then < len(other.at))
    then = np.clip(then, 0, len(other.at) - 1)
    off = np.hypot(*np.moveaxis(at[None] - other.at[then], 2, 0))
    with np.errstate(invalid="ignore"):
        miss = off / np.sqrt(size[None] * other.size[then])
        moved = inside & (speed > MOVING)[None] & (other.speed[then] > MOVING)
        good = moved & (miss < _MISS)
    count = good.sum(axis=1)
    best = int(np.argmax(count))
    if count[best] < TICK_HZ:
        return None
    return int(_LAGS[best]), np.where(moved[best], miss[best], np.inf)
