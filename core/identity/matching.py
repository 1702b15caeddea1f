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

_ROUNDS = 12
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
    base = np.where(allowed, ratio / np.maximum(one.kin[:, None], other.kin), 0).astype(np.float32)
    partners = float((allowed / np.maximum(one.kin[:, None], other.kin)).sum())
    rows, columns = _Meeting(other), _Meeting(one)
    share, p = usual, np.zeros_like(base)
    to_row = to_column = share * base
    for _ in range(_ROUNDS):
        odds = np.float32(share / (1.0 - share)) * base
        of_row = 1.0 + rows.sums(to_column)
        of_column = 1.0 + columns.sums(to_row.T).T
        to_row, to_column = odds / of_row, odds / of_column
        p = to_row / of_column
        p /= 1.0 + p
        share = min((float(p.sum()) + _DOUBT * usual) / (partners + _DOUBT), _ALL)
    return p


class _Meeting:
    """Sums over the tracks of a stretch that were seen together with each of them."""

    def __init__(self, stretch: Stretch) -> None:
        self._by_start = np.argsort(stretch.t0_s, kind="stable")
        self._by_end = np.argsort(stretch.t1_s, kind="stable")
        starts, ends = stretch.t0_s[self._by_start], stretch.t1_s[self._by_end]
        self._begun = np.searchsorted(starts, stretch.t1_s, side="right")
        self._over = np.searchsorted(ends, stretch.t0_s, side="left")

    def sums(self, values: Float32) -> Float32:
        """(P, N) of (P, N): for each track what the others add up to that it met."""
        begun = _running(values[:, self._by_start])[:, self._begun]
        over = _running(values[:, self._by_end])[:, self._over]
        return np.asarray(np.maximum(begun - over - values, 0.0), np.float32)


def _running(values: Float32) -> Float32:
    padded = np.zeros((values.shape[0], values.shape[1] + 1), np.float32)
    np.cumsum(values, axis=1, out=padded[:, 1:])
    return padded
