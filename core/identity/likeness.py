"""What it means that two tracks look alike, learned from labels that every collection has for free.

Two halves of one track show the same object; two tracks of one video that are seen at one time,
and whose boxes never touch (what touches shows in each other's crops), show different ones.
Cosines are bounded and pile up near 1, so they are compared as Fisher's z, which spreads them
evenly; a logistic regression gives the log-likelihood ratio of same against different.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.detections import Float64
from core.geometry import iou_pairs
from core.identity.gallery import Gallery, best_three
from core.library.shard import Shard

_FEWEST = 6
_LEAST_D_PRIME = 1.0
_MOST_VIDEOS, _MOST_TRACKS, _MOST_PAIRS = 40, 200, 3000
_TOUCHING = 0.1
_LARGEST_COSINE = 0.98  # encoders and JPEG tremble: what is more alike is not more the same


@dataclass(frozen=True, slots=True)
class Likeness:
    """The worth of looks in one collection.

    d_prime: distance of same and different in standard deviations; NaN with too few labels.
    same, different: numbers of free labels. typical: cosine of the median pair of strangers.
    slope, offset: of the log-likelihood ratio over Fisher's z.
    """

    d_prime: float
    same: int
    different: int
    typical: float = 0.0
    slope: float = 0.0
    offset: float = 0.0

    @property
    def usable(self) -> bool:
        """False means "cannot tell by looks"; `llr` is 0 then."""
        return self.d_prime >= _LEAST_D_PRIME

    @property
    def reason(self) -> str:
        """One clause for people."""
        if self.usable:
            return f"looks tell objects apart here (d' {self.d_prime:.1f})"
        if min(self.same, self.different) < _FEWEST:
            return (
                f"cannot tell by looks: only {self.same} known same and {self.different} known "
                "different pairs to learn from"
            )
        return f"cannot tell by looks (d' {self.d_prime:.1f})"

    def llr(self, cosine: Float64) -> Float64:
        """(P,) log-likelihood ratio of same against different.

        Never beyond the logarithm of the number of labels of the rarer kind: so many strangers
        were looked at, and no more rarely than once among them can anything be said to happen.
        """
        if not self.usable:
            return np.zeros_like(cosine)
        limit = np.log(min(self.same, self.different))
        return np.asarray(np.clip(self.offset + self.slope * _z(cosine), -limit, limit), np.float64)


def learn_likeness(gallery: Gallery) -> Likeness:
    """Learn from the free labels of a collection; the same collection gives the same answer."""
    same, different = _halves(gallery), _strangers(gallery)
    if min(len(same), len(different)) < _FEWEST:
        return Likeness(float("nan"), len(same), len(different))
    one, other = _z(same), _z(different)
    spread = float(np.sqrt((one.var() + other.var()) / 2.0)) + 1e-6
    slope, offset = _logistic(one, other)
    return Likeness(
        d_prime=float(one.mean() - other.mean()) / spread,
        same=len(same),
        different=len(different),
        typical=float(np.median(different)),
        slope=slope,
        offset=offset,
    )


def _z(cosine: Float64) -> Float64:
    return np.asarray(np.arctanh(np.clip(cosine, -_LARGEST_COSINE, _LARGEST_COSINE)), np.float64)


def _halves(gallery: Gallery) -> Float64:
    """How alike the earlier and the later crops of a track are, for a sample of tracks."""
    tracks = np.flatnonzero(gallery.count >= 2)
    found = []
    for row in _some(len(tracks), _MOST_TRACKS * 5):
        crops = gallery.crops(int(tracks[row]))
        half = len(crops) // 2
        found.append(best_three((crops[:half] @ crops[half:].T).reshape(1, -1))[0])
    return np.asarray(found, np.float64)


def _strangers(gallery: Gallery) -> Float64:
    """How alike tracks are that were seen at one time apart from each other, for a sample."""
    found: list[Float64] = []
    videos = _some(len(gallery.shards), _MOST_VIDEOS)
    for video in videos:
        mine = np.flatnonzero(gallery.video == video)
        mine = mine[_some(len(mine), _MOST_TRACKS)]
        t0_s, t1_s, group = gallery.t0_s[mine], gallery.t1_s[mine], gallery.group[mine]
        met = (t0_s[:, None] <= t1_s) & (t1_s[:, None] >= t0_s) & (group[:, None] == group)
        a, b = np.nonzero(np.triu(met, 1))
        some = _some(len(a), _MOST_PAIRS // len(videos))
        a, b = mine[a[some]], mine[b[some]]
        for row in np.unique(a):
            apart = [k for k in b[a == row] if _never_touched(gallery, int(row), int(k))]
            found.append(gallery.likeness(int(row), apart))
    return np.concatenate([*found, np.zeros(0)])


def _never_touched(gallery: Gallery, a: int, b: int) -> bool:
    """Whether two tracks of one video are seen in one frame, and never closely together."""
    shard: Shard = gallery.shard(a)
    one, two = shard.path_of(int(gallery.track_id[a])), shard.path_of(int(gallery.track_id[b]))
    shared, i, j = np.intersect1d(one.frame, two.frame, return_indices=True)
    return bool(len(shared)) and float(iou_pairs(one.xyxy[i], two.xyxy[j]).max()) <= _TOUCHING


def _some(count: int, most: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """At most `most` of `count` places, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.intp))


def _logistic(same: Float64, different: Float64) -> tuple[float, float]:
    """Slope and offset of the log-likelihood ratio, both kinds weighted the same.

    Newton's method on the regularised logistic loss; the slope is never negative.
    """
    x = np.concatenate([same, different])
    y = np.repeat([1.0, 0.0], [len(same), len(different)])
    weight = np.repeat([0.5 / len(same), 0.5 / len(different)], [len(same), len(different)])
    design = np.stack([x, np.ones_like(x)], axis=1)
    ridge = np.diag([1e-3, 1e-9])
    parameters = np.zeros(2)
    for _ in range(30):
        p = 1.0 / (1.0 + np.exp(-np.clip(design @ parameters, -30.0, 30.0)))
        gradient = design.T @ (weight * (y - p)) - ridge @ parameters
        hessian = (design * (weight * p * (1.0 - p))[:, None]).T @ design + ridge
        parameters = parameters + np.linalg.solve(hessian, gradient)
    return max(float(parameters[0]), 0.0), float(parameters[1])
