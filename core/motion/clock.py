"""All tracks of a video on one common clock, so that any two can be compared row by row.

Positions are on the pseudo ground plane where there is one, in box lengths of the kind of thing
seen most; otherwise foot points in pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.detections import Bool, Float64
from core.motion.ground import GroundPlane
from core.motion.path import Motion, smooth_all
from core.motion.turns import strides
from core.tracking.camera import CameraPath
from core.tracking.classes import group_of
from core.tracks import FrameSize, Track

TICK_HZ = 5.0
LEAST_S = 1.0
REACH = 8.0  # box lengths: farther apart than this at all times, nothing is said
_STEP, _LONGEST_STEP = 0.5, 3.0  # box lengths that show where something is heading
_TREMBLING = 4.0  # a step is at least this many standard deviations long
_STANDS = 0.35  # box lengths: what never gets farther than this from its place stands


@dataclass(frozen=True, slots=True)
class Clocked:
    """One track on the common clock; row 0 is tick `first`; NaN where it is not in view.

    group: what kind of thing (`core.tracking.classes`). at: (K, 2) position, box lengths, y growing
    downwards or away. size: (K,) box size in the same units. forward: (K, 2) unit heading, kept
    while the object rests; NaN where it never moves. speed: (K,) box lengths per second in the
    picture, which tells motion from rest. pace: (K,) the same on the ground, over a second, which
    tells how fast. box: (K, 4) corners, pixels. stands: whether it never leaves its place.
    """

    track_id: int
    group: str
    first: int
    at: Float64
    size: Float64
    forward: Float64
    speed: Float64
    pace: Float64
    box: Float64
    stands: bool

    @property
    def stop(self) -> int:
        return self.first + len(self.at)

    def rows(self, first: int, stop: int) -> slice:
        return slice(first - self.first, stop - self.first)


def on_clock(
    tracks: Sequence[Track],
    frame_size: FrameSize,
    ground: GroundPlane | None,
    camera: CameraPath | None = None,
) -> list[Clocked]:
    """The tracks that are seen long enough, in the order given.

    camera: where it looked, None where it stood still; `ground` was fitted with the same.
    """
    each = (_clocked(t, smooth_all(t.path, frame_size, camera), ground) for t in tracks)
    return [clocked for clocked in each if clocked is not None]


def _clocked(track: Track, found: Sequence[Motion], ground: GroundPlane | None) -> Clocked | None:
    motions = [m for m in found if len(m) >= 5]
    if not motions:
        return None
    first = int(np.ceil(motions[0].t_s[0] * TICK_HZ))
    stop = int(np.floor(motions[-1].t_s[-1] * TICK_HZ)) + 1
    if stop <= first:
        return None
    shape = (stop - first, 2)
    at, speed = np.full(shape, np.nan), np.full(shape[0], np.nan)
    shake, size = np.full(shape[0], np.nan), np.full(shape[0], np.nan)
    box = np.full((shape[0], 4), np.nan)
    for motion in motions:
        a = int(np.ceil(motion.t_s[0] * TICK_HZ))
        b = int(np.floor(motion.t_s[-1] * TICK_HZ)) + 1
        ticks, rows = np.arange(a, b) / TICK_HZ, slice(a - first, b - first)
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
        stretch = 1.0 if ground is None else ground.stretch(foot)
        shake[rows] = motion.noise * stretch
        speed[rows] = np.interp(ticks, motion.t_s, motion.speed)
    return Clocked(
        track_id=track.track_id,
        group=group_of(track.class_name),
        first=first,
        at=at,
        size=size,
        forward=_headings(at, size, shake),
        speed=speed,
        pace=_pace(at, size),
        box=box,
        stands=_stands(motions),
    )


def _stands(motions: Sequence[Motion]) -> bool:
    """Whether an object never leaves its place, in the picture of any one shot."""
    for shot in {m.shot for m in motions}:
        centre = np.concatenate([m.centre for m in motions if m.shot == shot])
        size = np.concatenate([m.size for m in motions if m.shot == shot])
        noise = max(m.noise for m in motions if m.shot == shot)
        off = np.hypot(*(centre - np.median(centre, axis=0)).T) / np.median(size)
        if float(off.max()) - 2.5 * noise > _STANDS:
            return False
    return True


def _headings(at: Float64, size: Float64, shake: Float64) -> Float64:
    """(K, 2) unit headings along steps of half a box length, which trembling does not turn.

    Kept from the last step while the object rests, and from the first one before it.
    shake: (K,) standard deviation of the position, in box sizes.
    """
    known = np.flatnonzero(np.isfinite(size))
    need = size[known] * np.clip(_TREMBLING * shake[known], _STEP, _LONGEST_STEP)
    kept = strides(at[known], need)
    out = np.full_like(at, np.nan)
    if len(kept) < 2:
        return out
    step = np.diff(at[known][kept], axis=0)
    step /= np.hypot(step[:, 0], step[:, 1])[:, None]
    which = np.searchsorted(known[kept], np.arange(len(at)), side="right") - 1
    return np.asarray(step[np.clip(which, 0, len(step) - 1)], np.float64)


def _pace(at: Float64, size: Float64) -> Float64:
    """(K,) box lengths per second over the ticks around, NaN where out of view."""
    lag = 2
    padded = np.pad(at, ((lag, lag), (0, 0)), mode="edge")
    step = padded[2 * lag :] - padded[: -2 * lag]
    k = np.arange(len(at))
    lasted = np.minimum(k + lag, len(at) - 1) - np.maximum(k - lag, 0)
    return np.asarray(np.hypot(step[:, 0], step[:, 1]) / size * TICK_HZ / np.maximum(lasted, 1))


def co_visible(clocked: Sequence[Clocked]) -> Iterator[tuple[Clocked, Clocked]]:
    """Pairs in view together for a second and at some time within reach of each other."""
    order = sorted(clocked, key=lambda c: (c.first, c.track_id))
    for i, a in enumerate(order):
        for b in order[i + 1 :]:
            if b.first >= a.stop:
                break
            stop = min(a.stop, b.stop)
            if stop - b.first < LEAST_S * TICK_HZ:
                continue
            p, q = a.rows(b.first, stop), b.rows(b.first, stop)
            apart = np.abs(a.at[p] - b.at[q]).max(axis=1) / np.maximum(a.size[p], b.size[q])
            if np.nanmin(apart, initial=np.inf) < REACH:
                yield a, b


def along(subject: Clocked, other: Clocked, first: int, stop: int) -> tuple[Float64, ...]:
    """Where the subject is in the other's own frame: (ahead, aside), cosine of their headings.

    In mean box lengths of the two: the foot of a large box lies off its middle on the ground.
    """
    p, q = subject.rows(first, stop), other.rows(first, stop)
    unit = (subject.size[p] + other.size[q]) / 2.0
    offset = (subject.at[p] - other.at[q]) / unit[:, None]
    forward = other.forward[q]
    ahead = (offset * forward).sum(axis=1)
    aside = offset[:, 1] * forward[:, 0] - offset[:, 0] * forward[:, 1]
    cosine = (subject.forward[p] * forward).sum(axis=1)
    return ahead, aside, cosine


def runs(state: Bool, least: int, bridge: int = 2) -> Iterator[tuple[int, int]]:
    """Half-open runs of True of at least `least`, gaps of up to `bridge` closed."""
    on = np.flatnonzero(state)
    if not len(on):
        return
    for run in np.split(on, np.flatnonzero(np.diff(on) > bridge + 1) + 1):
        if run[-1] - run[0] + 1 >= least:
            yield int(run[0]), int(run[-1]) + 1
