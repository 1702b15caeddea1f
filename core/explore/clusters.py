"""Clusters of what looks or moves alike, coarse to fine, in the space itself and not in its map.

Ward's tree over all tracks, or, where they are many, over k-means centres that each stand for the
tracks nearest to them; every level is a cut through the one tree, so that what is apart on a coarse
level stays apart on the finer ones. Measured on development worlds against graphs (Leiden over
shared neighbours) and density (HDBSCAN): it is nearest both to the true kinds, when coarse, and to
the true kind and colour, when fine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.detections import Float32, Int32
from core.explore.features import Features
from core.explore.ward import ward_tree
from core.index.store import faiss_module

Tell = Callable[[float], None]

MOST_POINTS = 2048
"""The most points of a tree: beyond, centres stand for the tracks near them."""
_CENTRES = 1024
_SAMPLES_A_CENTRE = 64
_ROUNDS = 12
_LEVELS = (3, 5, 8, 12, 18, 28, 42, 65, 100, 150, 225, 340)
_FEWEST_EACH = 3  # tracks a cluster, in the mean over a level
_A_SCREEN = 18
_USUAL_EACH = 8  # tracks a cluster, where there are too few for a screen of them
_CHUNK_ROWS = 16384


@dataclass(frozen=True, slots=True)
class Clusters:
    """Clusters of N tracks, in the order of the columns.

    finest: (N,) cluster on the finest level, -1 for none. within: (L, K) the cluster of each level,
    coarse to fine, in which each of the K finest lies. centres: (K, D) means of the finest.
    Clusters of a level are numbered from 0, by size when they were made.
    """

    finest: Int32
    within: Int32
    centres: Float32

    def __len__(self) -> int:
        return len(self.finest)

    @property
    def levels(self) -> tuple[Int32, ...]:
        """(N,) cluster of each track on each level, coarse to fine, -1 for none."""
        return tuple(self.level(number) for number in range(len(self.within)))

    def level(self, number: int) -> Int32:
        """(N,) cluster of each track on one level, -1 for none."""
        of = np.append(self.within[number], np.int32(-1))
        return np.asarray(of[self.finest], np.int32)

    def count(self, number: int) -> int:
        """How many clusters a level has."""
        return int(self.within[number].max(initial=-1)) + 1

    @property
    def usual_level(self) -> int:
        """The level to begin with: about as many clusters as one looks through at once, of some
        size each.
        """
        wanted = np.clip(np.count_nonzero(self.finest >= 0) / _USUAL_EACH, 1, _A_SCREEN)
        counts = [self.count(number) for number in range(len(self.within))]
        return int(np.argmin([abs(np.log(max(count, 1) / wanted)) for count in counts]))


def make_clusters(features: Features, *, progress: Tell = lambda _: None) -> Clusters:
    """The clusters of all tracks that are known in a space; the same ones for the same features.

    progress: called now and then with the share done; what it raises ends the work.
    """
    known = np.flatnonzero(features.known)
    finest = np.full(len(features), -1, np.int32)
    dim = features.vectors.shape[1]
    if not len(known):
        return Clusters(finest, np.zeros((1, 0), np.int32), np.zeros((0, dim), np.float32))
    rows = np.ascontiguousarray(features.vectors[known], np.float32)
    point = np.arange(len(rows), dtype=np.int32)
    points, weights = rows, np.ones(len(rows), np.float32)
    if len(rows) > MOST_POINTS:
        centres = _centres(rows)
        point = nearest_centre(rows, centres)
        _, point, weights = _present(point)
        points = _means(rows, point, len(weights))
    progress(0.5)
    tree = ward_tree(points, weights, tell=lambda share: progress(0.5 + share / 2.0))
    most = min(max(len(rows) // _FEWEST_EACH, 1), len(points))
    counts = [count for count in _LEVELS if count <= most] or [most]
    cuts = [_by_size(group[point]) for group in tree.cut(counts)]
    last = cuts[-1]
    finest[known] = last
    _, first = np.unique(last, return_index=True)
    within = np.stack([cut[first] for cut in cuts])
    progress(1.0)
    return Clusters(finest, within, _means(rows, last, len(first)))


def with_joined(clusters: Clusters, features: Features) -> Clusters:
    """The same clusters, with tracks in none in the one they are nearest to.

    features: of the same tracks in the same space. Nothing that is in a cluster changes it.
    """
    new = np.flatnonzero((clusters.finest < 0) & features.known)
    if not len(new) or not len(clusters.centres):
        return clusters
    finest = clusters.finest.copy()
    finest[new] = nearest_centre(features.vectors[new], clusters.centres)
    return replace(clusters, finest=finest)


def nearest_centre(rows: Float32, centres: Float32) -> Int32:
    """(R,) the nearest of (K, D) centres for each of (R, D) rows; the lower one where equal."""
    half = np.square(centres).sum(axis=1) / 2.0
    found = np.empty(len(rows), np.int32)
    for start in range(0, len(rows), _CHUNK_ROWS):
        some = slice(start, start + _CHUNK_ROWS)
        found[some] = (rows[some] @ centres.T - half).argmax(axis=1)
    return found


def _centres(rows: Float32) -> Float32:
    """(C, D) k-means centres of a sample of the rows; on a GPU where FAISS has one."""
    faiss = faiss_module()
    rng = np.random.default_rng(0)
    count = min(len(rows), _CENTRES * _SAMPLES_A_CENTRE)
    sample = rows[np.sort(rng.choice(len(rows), count, replace=False))]
    gpu = hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus() > 0
    kmeans = faiss.Kmeans(
        rows.shape[1],
        _CENTRES,
        niter=_ROUNDS,
        seed=1,
        verbose=False,
        gpu=gpu,
        min_points_per_centroid=1,
        max_points_per_centroid=_SAMPLES_A_CENTRE,
    )
    kmeans.train(np.ascontiguousarray(sample))
    return np.asarray(kmeans.centroids, np.float32).reshape(_CENTRES, -1)


def _present(point: Int32) -> tuple[Int32, Int32, Float32]:
    """Numbers that occur, each number's place among them, and how often it occurs."""
    which, place, count = np.unique(point, return_inverse=True, return_counts=True)
    return which, place.astype(np.int32), count.astype(np.float32)


def _means(rows: Float32, group: Int32, count: int) -> Float32:
    order = np.argsort(group, kind="stable")
    first = np.searchsorted(group[order], np.arange(count))
    sums = np.add.reduceat(rows[order], first, axis=0)
    sizes = np.bincount(group, minlength=count)[:, None]
    return np.asarray(sums / sizes, np.float32)


def _by_size(group: npt.NDArray[np.int32]) -> Int32:
    """The same groups, the largest numbered 0; equal ones by their first row."""
    _, first, size = np.unique(group, return_index=True, return_counts=True)
    order = np.lexsort((first, -size))
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return np.asarray(rank[group], np.int32)
