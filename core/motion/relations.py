"""What two tracks do to each other while both are in view: follow, overtake, near, behind, with.

All tests run on one common clock of five ticks a second, on the pseudo ground plane where there
is one, in box lengths.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.detections import Bool, Float64
from core.motion.chance import above, below
from core.motion.ground import GroundPlane
from core.motion.path import Motion, smooth_all
from core.motion.rests import MOVING
from core.tracking.camera import CameraPath
from core.tracking.classes import group_of
from core.tracks import FrameSize, Track

KINDS = ("follow", "overtake", "near", "behind", "with")
LEAST_P = 0.2

_TICK_HZ = 5.0
_REACH = 8.0  # box lengths: farther apart than this at all times, nothing is said
_LAGS_S = np.arange(0.4, 6.01, 0.2)
_FOLLOW_MISS = 1.0
_LEAST_S = 1.0
_LEAD = 2.6  # a person's box sizes, which are metres: farther away than this is on no lead


@dataclass(frozen=True, slots=True)
class Relation:
    """`subject` does `kind` to `object` over an interval: subject follows, overtakes, is near to
    or behind the object, or is a person with an animal. p: probability in [0, 1]. numbers: its
    proof.
    """

    kind: str
    subject_id: int
    object_id: int
    t0_s: float
    t1_s: float
    p: float
    numbers: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Clocked:
    """One track on the common clock; row 0 is tick `first`; NaN where it is not in view.

    group: what kind of thing (`core.tracking.classes`). at: (K, 2) position, box lengths, y growing
    downwards or away. size: (K,) box size in the same units. forward: (K, 2) unit heading, kept
    while the object rests; NaN before it first moves. speed: (K,) box lengths per second.
    box: (K, 4) corners, pixels.
    """

    track_id: int
    group: str
    first: int
    at: Float64
    size: Float64
    forward: Float64
    speed: Float64
    box: Float64

    def rows(self, first: int, stop: int) -> slice:
        return slice(first - self.first, stop - self.first)


def relations_of(
    tracks: Sequence[Track],
    frame_size: FrameSize,
    ground: GroundPlane | None,
    camera: CameraPath | None = None,
) -> list[Relation]:
    """All relations of one video with p of at least 0.2, ordered by kind, subject, object.

    camera: where it looked, None where it stood still; `ground` was fitted with the same.
    """
    each = (_clocked(t, smooth_all(t.path, frame_size, camera), ground) for t in tracks)
    clocked = [c for c in each if c is not None]
    found: list[Relation] = []
    for a, b in _co_visible(clocked):
        found.extend(_between(a, b))
    order = {kind: k for k, kind in enumerate(KINDS)}
    return sorted(
        _nearest_owners(found), key=lambda r: (order[r.kind], r.subject_id, r.object_id, r.t0_s)
    )


def _clocked(track: Track, found: Sequence[Motion], ground: GroundPlane | None) -> _Clocked | None:
    motions = [m for m in found if len(m) >= 5]
    if not motions:
        return None
    first = int(np.ceil(motions[0].t_s[0] * _TICK_HZ))
    stop = int(np.floor(motions[-1].t_s[-1] * _TICK_HZ)) + 1
    if stop <= first:
        return None
    shape = (stop - first, 2)
    at, speed = np.full(shape, np.nan), np.full(shape[0], np.nan)
    velocity, size = np.full(shape, np.nan), np.full(shape[0], np.nan)
    box = np.full((shape[0], 4), np.nan)
    for motion in motions:
        a = int(np.ceil(motion.t_s[0] * _TICK_HZ))
        b = int(np.floor(motion.t_s[-1] * _TICK_HZ)) + 1
        ticks, rows = np.arange(a, b) / _TICK_HZ, slice(a - first, b - first)
        if b <= a:
            continue

        def sample(values: Float64, ticks: Float64 = ticks, t_s: Float64 = motion.t_s) -> Float64:
            return np.stack([np.interp(ticks, t_s, values[:, c]) for c in range(2)], axis=1)

        foot, wh = sample(motion.xy), sample(motion.wh)
        px = np.interp(ticks, motion.t_s, motion.size)
        middle = foot - np.array([0.0, 0.5]) * wh
        box[rows] = np.concatenate([middle - wh / 2.0, middle + wh / 2.0], axis=1)
        if ground is None:
            at[rows], size[rows] = foot, px
        else:
            below_horizon = np.maximum(foot[:, 1] - ground.horizon_y, 0.01 * ground.focal_px)
            unit = ground.slope * below_horizon
            at[rows] = ground.to_ground(foot, unit) * np.array([1.0, -1.0])
            size[rows] = px / unit
        velocity[rows] = np.gradient(at[rows], axis=0) * _TICK_HZ if b - a > 1 else 0.0
        speed[rows] = np.interp(ticks, motion.t_s, motion.speed)
    forward, group = _headings(velocity, speed), group_of(track.class_name)
    return _Clocked(track.track_id, group, first, at, size, forward, speed, box)


def _headings(velocity: Float64, speed: Float64) -> Float64:
    """Unit headings while moving; kept from the last (or, at first, the next) time it moved."""
    length = np.hypot(velocity[:, 0], velocity[:, 1])
    moving = np.flatnonzero((speed > 1.5 * MOVING) & (length > 0.0))
    out = np.full_like(velocity, np.nan)
    if len(moving):
        last = np.clip(np.searchsorted(moving, np.arange(len(speed)), side="right") - 1, 0, None)
        out = velocity[moving[last]] / length[moving[last]][:, None]
    return out


def _co_visible(clocked: Sequence[_Clocked]) -> Iterator[tuple[_Clocked, _Clocked]]:
    """Pairs in view together for a second and at some time within reach of each other."""
    order = sorted(clocked, key=lambda c: (c.first, c.track_id))
    for i, a in enumerate(order):
        for b in order[i + 1 :]:
            if b.first >= a.first + len(a.at):
                break
            stop = min(a.first + len(a.at), b.first + len(b.at))
            if stop - b.first < _LEAST_S * _TICK_HZ:
                continue
            p, q = a.rows(b.first, stop), b.rows(b.first, stop)
            apart = np.abs(a.at[p] - b.at[q]).max(axis=1) / np.maximum(a.size[p], b.size[q])
            if np.nanmin(apart, initial=np.inf) < _REACH:
                yield a, b


def _between(a: _Clocked, b: _Clocked) -> Iterator[Relation]:
    first = max(a.first, b.first)
    stop = min(a.first + len(a.at), b.first + len(b.at))
    yield from _near(a, b, first, stop)
    for subject, other in ((a, b), (b, a)):
        yield from _behind(subject, other, first, stop)
        yield from _overtake(subject, other, first, stop)
        yield from _follow(subject, other)
        if (subject.group, other.group) == ("person", "animal"):
            yield from _with(subject, other, first, stop)


def _runs(state: Bool, least: int, bridge: int = 2) -> Iterator[tuple[int, int]]:
    """Half-open runs of True of at least `least`, gaps of up to `bridge` closed."""
    on = np.flatnonzero(state)
    if not len(on):
        return
    for run in np.split(on, np.flatnonzero(np.diff(on) > bridge + 1) + 1):
        if run[-1] - run[0] + 1 >= least:
            yield int(run[0]), int(run[-1]) + 1


def _near(a: _Clocked, b: _Clocked, first: int, stop: int) -> Iterator[Relation]:
    p, q = a.rows(first, stop), b.rows(first, stop)
    one, two = a.box[p], b.box[q]
    gap = np.maximum(one[:, :2], two[:, :2]) - np.minimum(one[:, 2:], two[:, 2:])
    apart = np.hypot(*np.maximum(gap, 0.0).T)
    mean = np.sqrt((one[:, 2:] - one[:, :2]).prod(axis=1) * (two[:, 2:] - two[:, :2]).prod(axis=1))
    mean = np.sqrt(np.maximum(mean, 1.0))
    depth = np.abs(one[:, 3] - two[:, 3])
    height = np.minimum(one[:, 3] - one[:, 1], two[:, 3] - two[:, 1])
    with np.errstate(invalid="ignore"):
        close = (apart < mean) & (depth < 0.5 * height)
    for start, end in _runs(close, round(_LEAST_S * _TICK_HZ)):
        seconds = (end - start) / _TICK_HZ
        typical = float(np.nanmedian(apart[start:end] / mean[start:end]))
        chance = above(seconds, 1.2, 0.2) * below(typical, 0.9, 0.15)
        if chance >= LEAST_P:
            numbers = {"gap_box_lengths": typical, "seconds": seconds}
            yield _relation("near", a, b, first + start, first + end, chance, numbers)


def _along(subject: _Clocked, other: _Clocked, first: int, stop: int) -> tuple[Float64, ...]:
    """Where the subject is in the other's own frame: (ahead, aside) in its box lengths, cosine."""
    p, q = subject.rows(first, stop), other.rows(first, stop)
    offset = (subject.at[p] - other.at[q]) / other.size[q][:, None]
    forward = other.forward[q]
    ahead = (offset * forward).sum(axis=1)
    aside = offset[:, 1] * forward[:, 0] - offset[:, 0] * forward[:, 1]
    cosine = (subject.forward[p] * forward).sum(axis=1)
    return ahead, aside, cosine


def _behind(subject: _Clocked, other: _Clocked, first: int, stop: int) -> Iterator[Relation]:
    ahead, aside, cosine = _along(subject, other, first, stop)
    with np.errstate(invalid="ignore"):
        state = (cosine > 0.8) & (ahead < -0.6) & (ahead > -6.0) & (np.abs(aside) < 1.0)
    for start, end in _runs(state, round(_LEAST_S * _TICK_HZ)):
        seconds = (end - start) / _TICK_HZ
        distance = -float(np.nanmedian(ahead[start:end]))
        off = float(np.nanmedian(np.abs(aside[start:end])))
        chance = above(seconds, 1.2, 0.2) * below(off, 0.8, 0.12) * below(distance, 5.0, 0.5)
        if chance >= LEAST_P:
            numbers = {"box_lengths": distance, "aside": off, "seconds": seconds}
            yield _relation("behind", subject, other, first + start, first + end, chance, numbers)


def _overtake(subject: _Clocked, other: _Clocked, first: int, stop: int) -> Iterator[Relation]:
    ahead, aside, cosine = _along(subject, other, first, stop)
    with np.errstate(invalid="ignore"):
        state = (cosine > 0.7) & (np.abs(aside) < 3.0) & (np.abs(ahead) < 8.0)
    for start, end in _runs(state, round(0.6 * _TICK_HZ)):
        along = ahead[start:end]
        back = np.flatnonzero(along < -0.4)
        front = np.flatnonzero(along > 0.4)
        if not len(back) or not len(front) or front[-1] <= back[0]:
            continue
        lead = back[back < front[-1]][-1]  # the last time behind before being in front
        passed = lead + int(np.argmax(along[lead:] > 0.4))
        if along[passed] <= 0.4:
            continue
        gained = float(np.nanmax(along[passed:]) - np.nanmin(along[: lead + 1]))
        p, q = subject.rows(first, stop), other.rows(first, stop)
        mine = float(np.nanmedian(subject.speed[p][start:end]))
        theirs = float(np.nanmedian(other.speed[q][start:end]))
        off = float(np.nanmedian(np.abs(aside[start + lead : start + passed + 1])))
        chance = above(gained, 1.3, 0.2) * below(off, 2.6, 0.25)
        went = np.hypot(*(subject.at[p][end - 1] - subject.at[p][start]))
        other_went = np.hypot(*(other.at[q][end - 1] - other.at[q][start]))
        faster = float(went / max(float(other_went), 1e-6))
        chance *= above(faster, 1.2, 0.06)  # walkers side by side change places, too
        chance *= 0.3 + 0.7 * above(theirs, 2.0 * MOVING, 0.06)  # past one at rest: passing, rather
        if chance >= LEAST_P:
            numbers = {
                "gained_box_lengths": gained,
                "aside": off,
                "times_as_fast": min(faster, 99.0),
                "speed": mine,
                "other_speed": theirs,
            }
            a, b = first + start + int(lead), first + start + passed + 1
            yield _relation("overtake", subject, other, a, b, chance, numbers)


def _follow(subject: _Clocked, other: _Clocked) -> Iterator[Relation]:
    """The subject is where the other was some seconds before, for two seconds or more."""
    best: tuple[float, float, int, int] | None = None
    for lag_s in _LAGS_S:
        lag = round(float(lag_s) * _TICK_HZ)
        first = max(subject.first, other.first + lag)
        stop = min(subject.first + len(subject.at), other.first + len(other.at) + lag)
        if stop - first < 2.0 * _TICK_HZ:
            continue
        p, q = subject.rows(first, stop), other.rows(first - lag, stop - lag)
        unit = np.sqrt(subject.size[p] * other.size[q])
        miss = np.hypot(*(subject.at[p] - other.at[q]).T) / unit
        moving = (subject.speed[p] > MOVING) & (other.speed[q] > MOVING)
        with np.errstate(invalid="ignore"):
            good = moving & (miss < 1.6 * _FOLLOW_MISS)
        for start, end in _runs(good, round(2.0 * _TICK_HZ)):
            mean = float(np.nanmean(miss[start:end][moving[start:end]]))
            seconds = (end - start) / _TICK_HZ
            travelled = float(np.nansum(subject.speed[p][start:end])) / _TICK_HZ
            chance = below(mean, _FOLLOW_MISS, 0.15) * above(seconds, 2.0, 0.25)
            chance *= above(travelled, 3.0, 0.5)
            if best is None or chance > best[0]:
                best = (chance, float(lag_s), first + start, first + end)
    if best is not None and best[0] >= LEAST_P:
        chance, lag_s, start, end = best
        # only while both are in view
        start = max(start, other.first)
        end = min(end, other.first + len(other.at))
        if (end - start) / _TICK_HZ >= _LEAST_S:
            yield _relation("follow", subject, other, start, end, chance, {"lag_s": lag_s})


def _with(person: _Clocked, animal: _Clocked, first: int, stop: int) -> Iterator[Relation]:
    """Close to each other for most of the time that the one seen more briefly is seen.

    Whoever stays close to something that moves moves with it. Where neither does, they may just
    happen to be at one place.
    """
    p, q = person.rows(first, stop), animal.rows(first, stop)
    apart = np.hypot(*(person.at[p] - animal.at[q]).T) / person.size[p]
    with np.errstate(invalid="ignore"):
        close = apart < _LEAD
    least = round(_LEAST_S * _TICK_HZ)
    stretches = list(_runs(close, least, bridge=round(_TICK_HZ)))
    if not stretches:
        return
    start, end = stretches[0][0], stretches[-1][1]
    together = sum(b - a for a, b in stretches)
    life = min(int(np.isfinite(one.speed).sum()) for one in (person, animal))
    seconds, share = together / _TICK_HZ, min(together / life, 1.0)
    way = person.at[p][start:end]
    came = float(np.hypot(*(np.nanmax(way, axis=0) - np.nanmin(way, axis=0))))
    came /= float(np.nanmedian(person.size[p][start:end]))
    chance = above(share, 0.65, 0.07) * above(seconds, 1.8, 0.25)
    chance *= 0.55 + 0.45 * above(came, 1.2, 0.2)
    if chance >= LEAST_P:
        numbers = {
            "seconds": seconds,
            "share": share,
            "apart": float(np.nanmedian(apart[start:end])),
            "way_together": came,
        }
        yield _relation("with", person, animal, first + start, first + end, chance, numbers)


def _nearest_owners(found: Sequence[Relation]) -> Iterator[Relation]:
    """Of all people with one animal, those much farther from it than the nearest are doubted."""
    nearest: dict[int, float] = {}
    for r in found:
        if r.kind == "with":
            nearest[r.object_id] = min(r.numbers["apart"], nearest.get(r.object_id, np.inf))
    for r in found:
        p = r.p
        if r.kind == "with":
            farther = r.numbers["apart"] / max(nearest[r.object_id], 0.3)
            p *= 0.3 + 0.7 * below(farther, 1.4, 0.1)
        if p >= LEAST_P:
            yield replace(r, p=p)


def _relation(
    kind: str,
    subject: _Clocked,
    other: _Clocked,
    start: int,
    end: int,
    chance: float,
    numbers: Mapping[str, float],
) -> Relation:
    return Relation(
        kind=kind,
        subject_id=subject.track_id,
        object_id=other.track_id,
        t0_s=start / _TICK_HZ,
        t1_s=end / _TICK_HZ,
        p=min(chance, 0.99),
        numbers={name: round(float(value), 3) for name, value in numbers.items()},
    )
