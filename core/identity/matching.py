"""Which tracks of two stretches of video are one object, when all of them are weighed together.

An object of one stretch is in the other one with some chance, which is learned from the two: the
share of tracks whose best counterpart is more alike than strangers explain. Of tracks that were
seen at one time at most one can be a given object, so they compete; tracks at different times do
not, because an object may be found in pieces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64, Int32

_ROUNDS = 12  # few on purpose: what needs more rests on very little
_STILL = 0.01  # a share that moves by less of itself has been found
_DOUBT = 2.0  # expected matches that must be seen before a stretch overrules what is usual
_ALL = 0.9  # no more than that share is ever taken to be in the other stretch


@dataclass(frozen=True, slots=True)
class Stretch:
    """Tracks of one video, and what is around them.

    rows: (N,) of the gallery. t0_s, t1_s: (N,) when each was seen first and last. group: (N,)
    number of its kind. kin: (N,) tracks of its kind in the whole video, itself included.
    """

    rows: npt.NDArray[np.intp]
    t0_s: Float64
    t1_s: Float64
    group: Int32
    kin: Int32


def match(ratio: Float32, allowed: Bool, one: Stretch, other: Stretch, usual: float) -> Float32:
    """(N, M) probability that a track of one stretch is a track of the other.

    ratio: (N, M) likelihood ratio of same against different. allowed: (N, M) False where two
    tracks cannot be one. usual: share of objects that is in the other stretch where nothing is
    known about it.

    Sum-product message passing on the matching (Williams and Lau 2014, "Approximate evaluation of
    marginal association probabilities with belief propagation"), the share by expectation
    maximisation with the usual one as pseudo-counts; both in the same rounds.
    """
    compete = np.maximum(one.kin[:, None], other.kin)
    base = np.where(allowed, ratio / compete, 0.0).astype(np.float32)
    partners = float((allowed / compete).sum())
    met_one, met_other = _met(one), _met(other)
    share = usual
    p: Float32 = np.zeros_like(base)
    to_row = to_column = np.float32(share) * base
    for _ in range(_ROUNDS):
        odds = np.float32(share / (1.0 - share)) * base
        of_row = np.float32(1.0) + to_column @ met_other
        of_column = np.float32(1.0) + met_one @ to_row
        to_row, to_column = odds / of_row, odds / of_column
        in_all = to_row / of_column
        p = np.asarray(in_all / (1.0 + in_all), np.float32)
        before = share
        share = min((float(p.sum()) + _DOUBT * usual) / (partners + _DOUBT), _ALL)
        if abs(share - before) < _STILL * before:
            break
    return p


def _met(stretch: Stretch) -> Float32:
    """(N, N) 1 where two tracks were seen at one time, 0 on the diagonal."""
    met = (stretch.t0_s[:, None] <= stretch.t1_s) & (stretch.t1_s[:, None] >= stretch.t0_s)
    np.fill_diagonal(met, val=False)
    return met.astype(np.float32)
