"""What others did at the place where an object was most unusual, counted and measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32
from core.explore.flow import DEPTH, HALF_WAY, NEAR, STANDS, Flow

Rows = npt.NDArray[np.intp]

_ALONG, _AGAINST = 0.5, -0.5  # cosine of two ways


@dataclass(frozen=True, slots=True)
class Precedent:
    """What normal objects did at the place where an object was most unusual.

    stood: whether it stands there itself. along, against, across: how many of its kind went there
    in its direction, in the opposite one, in another. standing: how many of its kind stood.
    kin: how many of its kind were there at all. others: how many of other kinds were there.
    times_pace: its pace as a multiple of the median of those who went along, NaN without any.
    beside: how far its way is from the nearest of theirs, in its own size across the picture, NaN
    without any.
    """

    t0_s: float
    t1_s: float
    stood: bool
    along: int
    against: int
    across: int
    standing: int
    kin: int
    others: int
    times_pace: float
    beside: float

    @property
    def moving(self) -> int:
        return self.along + self.against + self.across


def precedent(flow: Flow, row: int) -> Precedent | None:
    """None for an object of which nothing is known by place."""
    t0_s, t1_s, worst = flow.stretch(row)
    if worst < 0 or not np.isfinite(flow.far[worst]):
        return None
    near = np.flatnonzero(
        flow.normal[flow.track]
        & (flow.view[flow.track] == flow.view[row])
        & (flow.family[flow.track] != flow.family[row])
    )
    apart = (flow.xy[near] - flow.xy[worst]) / max(float(flow.size[worst]), 1e-6)
    apart = apart / np.array([1.0, DEPTH], np.float32)
    close = np.hypot(*apart.T) <= NEAR
    near, apart = near[close], apart[close]
    mine = flow.kind[flow.track[near]] == flow.kind[row]
    scaled = np.hypot(*flow.move[near].T)
    own = float(np.hypot(*flow.move[worst]))
    cosine = (flow.move[near] @ flow.move[worst]) / np.maximum(scaled * own, 1e-9)
    moves = mine & (scaled >= STANDS)
    along = moves & (cosine >= _ALONG)

    def many(which: Bool) -> int:
        return len(np.unique(flow.family[flow.track[near[which]]]))

    times = beside = float("nan")
    if along.any() and own >= STANDS:
        times = float(_pace(np.float32(own)) / np.median(_pace(scaled[along])))
        ahead = flow.move[worst] / np.array([1.0, DEPTH], np.float32)
        ahead /= np.hypot(*ahead)
        aside = apart[along] @ np.array([-ahead[1], ahead[0]], np.float32)
        beside = float(np.abs(aside).min())
    return Precedent(
        t0_s,
        t1_s,
        own < STANDS,
        along=many(along),
        against=many(moves & (cosine <= _AGAINST)),
        across=many(moves & (cosine > _AGAINST) & (cosine < _ALONG)),
        standing=many(mine & (scaled < STANDS)),
        kin=many(mine),
        others=many(~mine),
        times_pace=times,
        beside=beside,
    )


def _pace(scaled: Float32 | np.float32) -> Float32:
    """Box lengths a second, from the scale of pace."""
    share = np.clip(scaled, 0.0, 0.99)
    return np.asarray(HALF_WAY * np.sqrt(share / (1.0 - share)), np.float32)
