"""Objects that left and came back: chains of tracklets joined by looks alone, after any time.

Where and how fast somebody comes back says nothing, so looks have the only say and must be
strict: the two must be alike as one object is with itself, and nobody else in the video may look
nearly as much like either. Twins and uniforms are therefore left apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Float32, Float64, Int32
from core.tracking.appearance import Calibration, group_means
from core.tracking.linking import LinkSettings
from core.tracking.tracklets import Tracklets

Intp = npt.NDArray[np.intp]

_MOST = 2000  # chains compared with each other; beyond, only the longest


@dataclass(frozen=True, slots=True)
class Chains:
    """Tracklets in the order in which they follow each other.

    number: (T,) of the chain of every tracklet. members: rows of the tracklets, in order.
    """

    number: Int32
    members: tuple[tuple[int, ...], ...]

    @staticmethod
    def of_members(members: Sequence[tuple[int, ...]], n: int) -> Chains:
        """members: every one of n tracklets in one of the chains."""
        number = np.full(n, -1, np.int32)
        for k, chain in enumerate(members):
            number[list(chain)] = k
        return Chains(number, tuple(members))

    @staticmethod
    def of(n: int, earlier: Intp, later: Intp) -> Chains:
        """From links in which every tracklet has at most one successor and one predecessor."""
        following = dict(zip(earlier.tolist(), later.tolist(), strict=True))
        preceded = set(following.values())
        members = []
        for start in range(n):
            if start not in preceded:
                chain = [start]
                while chain[-1] in following:
                    chain.append(following[chain[-1]])
                members.append(tuple(chain))
        return Chains.of_members(members, n)

    def joined(self, links: Iterable[tuple[int, int, float]]) -> Chains:
        """The same with the last tracklet of one chain followed by the first of another."""
        parts = list(self.members)
        at = self.number.copy()
        for a, b, _ in links:
            first, second = int(at[a]), int(at[b])
            parts[first] = (*parts[first], *parts[second])
            parts[second] = ()
            at[list(parts[first])] = first
        return Chains.of_members([part for part in parts if part], len(self.number))

    def ordered(self) -> list[tuple[int, ...]]:
        """Chains by their first tracklet."""
        return sorted(self.members)


def returns(
    chains: Chains,
    tracklets: Tracklets,
    means: Float32,
    calibration: Calibration,
    s: LinkSettings,
) -> list[tuple[int, int, float]]:
    """(last tracklet of one chain, first of another, llr) for objects that came back.

    means: (T, D) centred unit vectors of the tracklets, NaN where unknown. Empty where looks cannot
    tell objects apart in this video.
    """
    n = len(chains.members)
    if not calibration.usable or n < 2:
        return []
    there = np.isfinite(means).all(axis=1)
    if not there.any():
        return []
    weight = np.where(there, np.sqrt(tracklets.count), 0.0)[:, None]
    vectors = group_means(np.asarray(np.nan_to_num(means) * weight, np.float32), chains.number, n)
    first = np.array([chain[0] for chain in chains.members])
    last = np.array([chain[-1] for chain in chains.members])
    count = np.bincount(chains.number, tracklets.count, minlength=n)
    known = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    known = known[np.argsort(-count[known], kind="stable")][:_MOST]
    known.sort()
    alike = _alike(vectors[known], tracklets.group[first[known]])
    t0_s, t1_s = tracklets.t0_s[first[known]], tracklets.t1_s[last[known]]
    found: list[tuple[int, int, float]] = []
    apart = t0_s[None, :] > t1_s[:, None]
    llr = calibration.llr(np.where(apart, alike, np.nan))
    i, j = np.nonzero(apart & (llr >= s.reentry_llr))
    lead = alike[i, j] - _rivals(alike, i, j)
    for k in np.argsort(-lead, kind="stable"):
        if lead[k] >= s.reentry_margin:
            a, b = int(known[i[k]]), int(known[j[k]])
            found.append((int(last[a]), int(first[b]), float(llr[i[k], j[k]])))
    return found


def _alike(vectors: Float32, group: Int32) -> Float64:
    """(C, C) cosines, -1 for chains of different kinds and for a chain with itself."""
    alike = (vectors @ vectors.T).astype(np.float64)
    alike[group[:, None] != group[None, :]] = -1.0
    np.fill_diagonal(alike, -1.0)
    return np.asarray(alike, np.float64)


def _rivals(alike: Float64, i: Intp, j: Intp) -> Float64:
    """(P,) how much the most similar third chain looks like either of a pair."""
    best = np.empty(len(i))
    for k, (a, b) in enumerate(zip(i.tolist(), j.tolist(), strict=True)):
        row, column = alike[a].copy(), alike[b].copy()
        row[b] = column[a] = -1.0
        best[k] = max(row.max(), column.max())
    return best
