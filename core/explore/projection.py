"""Laying out a map: points near each other where what they stand for is alike.

t-SNE over given neighbours, by openTSNE: of the libraries measured (`benchmarks/projection.py`) it
keeps most neighbours together, needs no compilation at first use, and gives the same map for the
same rows to the last bit. Interpolation by FFT (Linderman et al. 2019, "Fast interpolation-based
t-SNE") makes it linear in the number of points; few points are summed over a tree. It begins from
the two main axes of the rows (Kobak and Berens 2019, "The art of using t-SNE"), or from an older
map, so that what was left stays left.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Protocol

import numpy as np

from core.detections import Float32, Float64
from core.explore.neighbours import Rows, has_gpu

Tell = Callable[[float], None]

PERPLEXITY = 15.0
NEIGHBOURS = 45
"""Of each row that a layout is given, where there are as many."""
_FEW = 6  # rows: too few for neighbourhoods
_BY_TREE = 3000  # rows up to which the tree is quicker than the FFT
_TOGETHER, _APART = 150, 250  # rounds
EXAGGERATION = 12.0  # how much stronger neighbours pull at first
_GPU_ROWS = 5000  # below, the CPU is as quick
_TOLD_EVERY = 10
_START, _CONTINUED = 1e-4, 1.0  # spread at the beginning


class Layout(Protocol):
    """Places rows on a plane."""

    def __call__(
        self, start: Float64, near: Rows, far: Float32, continued: bool, tell: Tell
    ) -> Float64:
        """(N, 2) places of N rows.

        start: (N, 2) to begin from; its scale does not count. near, far: (N, K) other rows, nearest
        first, and how far they are (1 - cosine). continued: whether `start` is an older map, which
        is mended and not made anew. tell: called with the share done; what it raises ends the work.
        """


def laid_out(
    vectors: Float32,
    near: Rows,
    far: Float32,
    *,
    start: Float32 | None = None,
    tell: Tell = lambda _: None,
    layout: Layout | None = None,
) -> Float32:
    """(N, 2) places of rows within [-1, 1]; the same ones for the same rows.

    vectors: (N, D) float32, unit length. near, far: (N, K) from `neighbours.nearest`. start: (N, 2)
    where they were in an older map, NaN for new ones. tell: as in `Layout`.
    """
    if not len(vectors):
        return np.zeros((0, 2), np.float32)
    begin = main_axes(vectors) if start is None else _continued(start, near)
    if len(vectors) > _FEW:
        begin = (layout or usual_layout(len(vectors)))(begin, near, far, start is not None, tell)
    tell(1.0)
    begin = begin - begin.mean(axis=0)
    return np.asarray(begin / max(float(np.abs(begin).max()), 1e-12), np.float32)


def main_axes(vectors: Float32) -> Float64:
    """(N, 2) along the two directions in which the rows differ most; signs are made the same."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    two = axes[:, ::-1][:, :2]
    if two.shape[1] < 2:
        two = np.pad(two, ((0, 0), (0, 2 - two.shape[1])))
    # An axis has no direction of its own: its largest part points to the positive.
    largest = np.take_along_axis(two, np.abs(two).argmax(axis=0)[None], axis=0)
    places: Float64 = centred @ (two * np.where(largest < 0, -1.0, 1.0))
    return places


def open_tsne(start: Float64, near: Rows, far: Float32, continued: bool, tell: Tell) -> Float64:
    """t-SNE on the CPU, see `Layout`."""
    if "openTSNE" not in sys.modules:
        # Its idle threads are to sleep: others work on the same cores.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    k = min(NEIGHBOURS, near.shape[1], len(near) - 1)
    # Lengths of the differences of unit vectors.
    lengths = np.sqrt(np.maximum(2.0 * far[:, :k].astype(np.float64), 1e-12))
    affinities = PerplexityBasedNN(
        perplexity=min(PERPLEXITY, k / 3.0),
        n_jobs=1,
        knn_index=PrecomputedNeighbors(near[:, :k], lengths),
    )
    # Threads that wait for each other's few points would take longer than one that does them all.
    method, jobs = ("bh", 1) if len(near) <= _BY_TREE else ("fft", os.cpu_count() or 1)
    embedding = TSNEEmbedding(
        begun(start, continued),
        affinities,
        negative_gradient_method=method,
        n_jobs=jobs,
        random_state=0,
    )
    phases = phases_of(continued)
    whole, done = sum(rounds for rounds, _, _ in phases), 0
    for rounds, exaggeration, momentum in phases:

        def told(iteration: int, *_: object, before: int = done) -> None:
            tell((before + iteration) / whole)

        embedding.optimize(
            rounds,
            inplace=True,
            exaggeration=exaggeration,
            momentum=momentum,
            callbacks=[told],
            callbacks_every_iters=_TOLD_EVERY,
        )
        done += rounds
    return np.asarray(embedding, np.float64)


def begun(start: Float64, continued: bool) -> Float64:
    """(N, 2) where a layout begins: `start`, scaled and shaken a little."""
    spread = _CONTINUED if continued else _START
    scaled = start / max(float(start[:, 0].std()), 1e-12) * spread
    # What is equal must not begin in one place: nothing would ever part it.
    shaken = scaled + np.random.default_rng(0).normal(0.0, spread / 100.0, scaled.shape)
    return np.ascontiguousarray(shaken, np.float64)


def phases_of(continued: bool) -> list[tuple[int, float, float]]:
    """The phases of a layout: rounds, how much stronger neighbours pull, and momentum."""
    last = (_APART, 1.0, 0.8)
    return [last] if continued else [(_TOGETHER, EXAGGERATION, 0.5), last]


def usual_layout(rows: int) -> Layout:
    """On a GPU where there is one and it pays, else on the CPU."""
    if rows >= _GPU_ROWS and has_gpu():
        from core.explore.gpu_layout import gpu_tsne

        return gpu_tsne
    return open_tsne


def _continued(start: Float32, near: Rows) -> Float64:
    """Old places, and for new rows the middle of where their neighbours were."""
    places = start.astype(np.float64)
    new = np.flatnonzero(np.isnan(places[:, 0]))
    if len(new) == len(places):
        raise ValueError("an older map that holds none of the rows is no beginning")
    around = places[near[new]]
    around[near[new] < 0] = np.nan
    has = ~np.isnan(around[..., 0])
    total = np.where(has[..., None], around, 0.0).sum(axis=1)
    middle = np.nanmean(places, axis=0)
    count = has.sum(axis=1)[:, None]
    places[new] = np.where(count > 0, total / np.maximum(count, 1), middle)
    return places
