"""What embeddings of crops say about two tracklets being one object, calibrated on the video.

Image-text encoders place all crops of one street close together, and the cosine of two cars says
more about the encoder than about the cars. So vectors are centred on the video's own mean, and
what a cosine is worth is learned from labels that every video gives for free: two halves of one
tracklet show the same object; two tracklets seen at one time show different ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.detections import Bool, Float32, Float64, Int32

_FEWEST = 6
_D_PRIME = 1.0
_TRUST = 0.7  # halves of one tracklet look more alike than the two sides of an occlusion do
_LIMIT = 4.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """How well this video's embeddings tell objects apart.

    d_prime: distance of the two cosine distributions in standard deviations; NaN where unmeasured.
    usable: False means "cannot tell": too few labels, or d' below 1; `llr` then gives 0.
    same, different: numbers of free labels. same_mean, different_mean, deviation: of cosines.
    """

    d_prime: float
    usable: bool
    same: int
    different: int
    same_mean: float = 0.0
    different_mean: float = 0.0
    deviation: float = 1.0

    @property
    def reason(self) -> str:
        """One clause for people."""
        if self.usable:
            return f"looks tell objects apart (d' {self.d_prime:.1f})"
        if min(self.same, self.different) < _FEWEST:
            return f"cannot tell by looks: only {self.same} same and {self.different} other pairs"
        return f"cannot tell by looks (d' {self.d_prime:.1f})"

    def llr(self, cosine: Float64) -> Float64:
        """(N,) log-likelihood ratio of same against different, in [-4, 4]; 0 for NaN cosines."""
        if not self.usable:
            return np.zeros_like(cosine)
        middle = (self.same_mean + self.different_mean) / 2.0
        slope = (self.same_mean - self.different_mean) / self.deviation**2
        raw = np.nan_to_num(_TRUST * slope * (cosine - middle), nan=0.0)
        return np.asarray(np.clip(raw, -_LIMIT, _LIMIT), np.float64)


CANNOT_TELL = Calibration(d_prime=float("nan"), usable=False, same=0, different=0)


def centred(vectors: Float32, owner: Int32) -> Float32:
    """(N, D) vectors minus the video's mean, unit length; zero where nothing is left.

    owner: (N,) tracklet of each crop: every tracklet counts once in the mean, however many crops
    it has.
    """
    if not len(vectors):
        return vectors.astype(np.float32)
    _, inverse, counts = np.unique(owner, return_inverse=True, return_counts=True)
    weight = 1.0 / counts[inverse].astype(np.float64)
    mean = (vectors * weight[:, None]).sum(axis=0) / weight.sum()
    rest = vectors - mean[None, :]
    length = np.sqrt(np.square(rest).sum(axis=1, keepdims=True))
    return np.asarray(rest / np.where(length > 1e-9, length, np.inf), np.float32)


def group_means(vectors: Float32, group: Int32, n: int) -> Float32:
    """(n, D) unit mean vectors of the rows of each group 0..n-1; NaN for a group without rows."""
    sums = np.zeros((n, vectors.shape[1]), np.float64)
    np.add.at(sums, group, vectors)
    return unit_rows(sums)


def unit_rows(sums: Float64) -> Float32:
    """(N, D) rows of length 1; NaN where nothing is left of a row."""
    length = np.sqrt(np.square(sums).sum(axis=1, keepdims=True))
    with np.errstate(invalid="ignore"):
        return np.asarray(sums / np.where(length > 1e-9, length, np.nan), np.float32)


def cosines(a: Float32, b: Float32) -> Float64:
    """(N,) cosine of row i of `a` with row i of `b`, both unit length; NaN stays NaN."""
    return np.asarray(np.einsum("nd,nd->n", a, b, dtype=np.float64), np.float64)


def calibrate(
    vectors: Float32,
    owner: Int32,
    order: Float64,
    group: Int32,
    together: Bool,
    stretch: Int32 | None = None,
) -> Calibration:
    """Learn what a cosine is worth in this video.

    vectors: (N, D) centred crops. owner: (N,) tracklet row 0..T-1 of each crop. order: (N,) time
    of each crop. group: (T,) class group. together: (T, T) True where two tracklets were seen at
    the same time. stretch: (N,) number of the stretch each crop was taken in: of a tracklet that
    may have changed its object, only the halves of its longest stretch count as one object.
    """
    n = len(group)
    half = np.zeros(len(vectors), np.int32)
    paired = np.zeros(n, np.bool_)
    order_rows = np.lexsort((order, owner))
    edges = np.flatnonzero(np.diff(owner[order_rows], prepend=-1, append=-1))
    for a, b in pairwise(edges):
        rows = order_rows[a:b]
        if stretch is not None:
            numbers, counts = np.unique(stretch[rows], return_counts=True)
            same_stretch = stretch[rows] == numbers[np.argmax(counts)]
            half[rows[~same_stretch]] = -1
            rows = rows[same_stretch]
        if len(rows) >= 2:
            paired[owner[rows[0]]] = True
            half[rows[len(rows) // 2 :]] = 1
    used = half >= 0
    halves = group_means(vectors[used], np.asarray(2 * owner + half, np.int32)[used], 2 * n)
    same = cosines(halves[0::2][paired], halves[1::2][paired])
    i, j = np.nonzero(np.triu(together & (group[:, None] == group[None, :]), 1))
    # a half against a half: averages of as many crops as on the other side of the comparison
    different = cosines(halves[0::2][i], halves[1::2][j])
    same, different = same[np.isfinite(same)], different[np.isfinite(different)]
    if len(same) < _FEWEST or len(different) < _FEWEST:
        return Calibration(float("nan"), False, len(same), len(different))
    deviation = float(np.sqrt((same.var() + different.var()) / 2.0)) + 0.02
    distance = float(same.mean() - different.mean())
    d_prime = distance / deviation
    return Calibration(
        d_prime=d_prime,
        usable=d_prime >= _D_PRIME,
        same=len(same),
        different=len(different),
        same_mean=float(same.mean()),
        different_mean=float(different.mean()),
        deviation=deviation,
    )
