"""What it means that two tracks look alike, learned from labels that every collection has for free.

Two halves of one track show the same object; two tracks of one video that are seen at one time,
and whose boxes never touch (what touches shows in each other's crops), show different ones.
Cosines are bounded and pile up near 1, so they are compared as Fisher's z, which spreads them
evenly. The log-likelihood ratio of same against different is that of two kernel densities: among
strangers there are always some of one make and colour, a heavy tail that no straight line follows.
Another camera sees an object from another side, so the halves are taken to be a little less alike
there than they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.detections import Float32, Float64
from core.geometry import iou_pairs
from core.identity.gallery import Gallery, unit
from core.library.shard import Shard

_FEWEST = 6
_LEAST_D_PRIME = 1.0
_MOST_VIDEOS, _MOST_TRACKS, _MOST_PAIRS = 40, 200, 3000
_TOUCHING = 0.1
_LARGEST_COSINE = 0.98  # encoders and JPEG tremble: what is more alike is not more the same
_FARTHER = 0.15  # of the way from same to different that another camera makes of an object
_WIDER = 0.5  # standard deviations of the halves that another camera adds
_COSINES = np.tanh(np.linspace(-1.0, np.arctanh(_LARGEST_COSINE), 400))


@dataclass(frozen=True, slots=True)
class Likeness:
    """The worth of looks in one collection.

    d_prime: distance of same and different in standard deviations; NaN with too few labels.
    same, different: numbers of free labels. typical: cosine of the median pair of strangers.
    curve: (400,) log-likelihood ratio over `_COSINES`, rising; empty with too few labels.
    """

    d_prime: float
    same: int
    different: int
    typical: float = 0.0
    curve: Float64 = field(default_factory=lambda: np.zeros(0), repr=False)

    @property
    def usable(self) -> bool:
        """False means "cannot tell by looks"; the ratio is 1 then."""
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

    def ratio(self, cosine: Float32) -> Float32:
        """Likelihood ratio of same against different for cosines of any shape."""
        if not self.usable:
            return np.ones_like(cosine)
        return np.interp(cosine, _COSINES, np.exp(self.curve)).astype(np.float32)


def learn_likeness(gallery: Gallery) -> Likeness:
    """Learn from the free labels of a collection; the same collection gives the same answer."""
    same, different = _halves(gallery), _strangers(gallery)
    if min(len(same), len(different)) < _FEWEST:
        return Likeness(float("nan"), len(same), len(different))
    one, other = _z(same), _z(different)
    spread = float(np.sqrt((one.var() + other.var()) / 2.0)) + 1e-6
    return Likeness(
        d_prime=float(one.mean() - other.mean()) / spread,
        same=len(same),
        different=len(different),
        typical=float(np.median(different)),
        curve=likeness_curve(one, other),
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
        earlier, later = unit(crops[:half].mean(axis=0)), unit(crops[half:].mean(axis=0))
        found.append(float(earlier @ later))
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
            found.append((gallery.means[apart] @ gallery.means[row]).astype(np.float64))
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


def likeness_curve(same: Float64, different: Float64) -> Float64:
    """(400,) log-likelihood ratio over a grid of cosines, of labels in Fisher's z; it never falls.

    One more label of each kind is taken to lie where the other kind lies: so the ratio stays within
    what so few labels can say.
    """
    at = _z(_COSINES)
    across = same - _FARTHER * (same.mean() - different.mean())
    one, other = _density(at, across, _WIDER * float(same.std())), _density(at, different, 0.0)
    raw = np.log(
        (len(same) * one + other) / (len(same) + 1) * (len(different) + 1)
        / (len(different) * other + one)
    )  # fmt: skip
    middle = int(np.searchsorted(at, np.median(different)))
    below = np.minimum.accumulate(raw[:middle][::-1])[::-1]
    return np.asarray(np.concatenate([below, np.maximum.accumulate(raw[middle:])]), np.float64)


def _density(at: Float64, values: Float64, blur: float) -> Float64:
    """Kernel density with Scott's width and more; nowhere 0."""
    width = np.hypot(float(values.std()) * len(values) ** -0.2, blur) + 1e-3
    bumps = np.exp(-0.5 * ((at[:, None] - values) / width) ** 2) / (width * np.sqrt(2.0 * np.pi))
    return np.asarray(bumps.mean(axis=1) + 1e-9, np.float64)
