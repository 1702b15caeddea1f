"""What laying out a map costs and keeps, by library and by number of objects.

    python -m benchmarks.projection [--rows 10000 50000] [--dim 512] [--with tsne umap pacmap ...]

Every method gets the same neighbours (`core.explore.neighbours`, timed apart) where it can take
them, and runs twice in a process of its own: the first run holds imports and compilation. `kept`:
share of the 15 nearest in full space that are among the 15 nearest in the map; `pure`: share of the
10 nearest in the map that are of the same make (kind x colour), beside the same in full space;
`same`: whether both runs gave the same map to the last bit. Libraries other than ours are needed
for their rows only: umap-learn, pacmap, torchdr, openTSNE.

Measured with 512 numbers a row, seconds without neighbours (openTSNE is `tsne_short`):

                      first  10 k   50 k  kept 10 k / 50 k  same
    openTSNE           10.5   8.8   15.9    .373 / .162     yes   12 MB (scikit-learn 33 MB more)
    PaCMAP             17.7   2.2   12.7    .206 / .043     yes   numba, llvmlite: 190 MB
    umap-learn         22.4   3.5   25.5    .199 / .044     yes   numba, llvmlite: 190 MB
    TorchDR UMAP       13.0   6.0      -    .197 / -        yes   1 MB (scikit-learn)
    TorchDR InfoTSNE   20.0  75.2      -    .178 / -        no
    PCA                 0.1   0.0    0.2    .059 / .014     yes

two cores that others used as well; `first` is the first call of a process, with 10 k rows for
openTSNE and 2 k for the others, which compile. Purity is 1 for all but PCA (.30). Neighbours: 3.3 s
and 11.3 s. On one H200 (`benchmarks.projection_gpu`) neighbours and layout take 0.07 + 0.7 s for
10 k, 0.4 + 1.7 s for 50 k and 2.8 + 4.3 s for 200 k, with as much kept (.375, .158, .060), where
openTSNE on 16 cores takes 14.7 s and 22.0 s for 10 k and 50 k.

Vectors are made up: kinds, colours within kinds, individuals within those, seen with noise.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from core.explore.neighbours import nearest

Vectors = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Method = Callable[[Vectors, Rows, Vectors], Vectors]
_ASKED = 1500


def made_up(rows: int, dim: int, seed: int = 0) -> tuple[Vectors, npt.NDArray[np.int64]]:
    """(N, D) unit vectors and (N,) the make of each: twelve kinds in eight colours."""
    rng = np.random.default_rng(seed)
    same = np.random.default_rng(0)
    kind, colour = rng.integers(0, 12, rows), rng.integers(0, 8, rows)
    basis = same.normal(size=(48, dim)) / np.sqrt(dim)
    kinds, colours = same.normal(size=(12, 48)), 0.6 * same.normal(size=(8, 48))
    seen = kinds[kind] + colours[colour] + 0.45 * rng.normal(size=(rows, 48))
    vectors = (seen @ basis).astype(np.float32)
    vectors += 0.25 * rng.normal(size=vectors.shape).astype(np.float32) / np.sqrt(dim)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors, kind * 8 + colour


def pca(vectors: Vectors, _rows: Rows, _far: Vectors) -> Vectors:
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    return np.asarray(centred @ axes[:, [-1, -2]], np.float32)


def umap(vectors: Vectors, rows: Rows, far: Vectors) -> Vectors:
    from umap import UMAP

    own = np.arange(len(rows))[:, None]
    known = (np.hstack([own, rows])[:, :15], np.hstack([0.0 * far[:, :1], far])[:, :15])
    start = pca(vectors, rows, far)
    reducer = UMAP(
        n_neighbors=15, init=10 * start / start.std(), random_state=0, n_jobs=1,
        n_epochs=200, precomputed_knn=(*known, None),
    )  # fmt: skip
    return np.asarray(reducer.fit_transform(vectors), np.float32)


def pacmap(vectors: Vectors, rows: Rows, _far: Vectors) -> Vectors:
    from pacmap import PaCMAP

    pairs = np.stack([np.repeat(np.arange(len(rows)), 10), rows[:, :10].ravel()], axis=1)
    reducer = PaCMAP(pair_neighbors=pairs.astype(np.int32), n_neighbors=10, random_state=0)
    return np.asarray(reducer.fit_transform(vectors, init="pca"), np.float32)


def torchdr_umap(vectors: Vectors, _rows: Rows, _far: Vectors) -> Vectors:
    from torchdr import UMAP

    reducer = UMAP(n_neighbors=15, max_iter=300, random_state=0, device=_device())
    return np.asarray(reducer.fit_transform(vectors), np.float32)


def torchdr_infotsne(vectors: Vectors, _rows: Rows, _far: Vectors) -> Vectors:
    from torchdr import InfoTSNE

    reducer = InfoTSNE(perplexity=15, max_iter=500, random_state=0, device=_device())
    return np.asarray(reducer.fit_transform(vectors), np.float32)


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def tsne(vectors: Vectors, rows: Rows, far: Vectors) -> Vectors:
    return _tsne(vectors, rows, far, 15, 500)


def tsne_wide(vectors: Vectors, rows: Rows, far: Vectors) -> Vectors:
    return _tsne(vectors, rows, far, 30, 500)


def tsne_short(vectors: Vectors, rows: Rows, far: Vectors) -> Vectors:
    return _tsne(vectors, rows, far, 15, 250)


def _tsne(vectors: Vectors, rows: Rows, far: Vectors, perplexity: float, n_iter: int) -> Vectors:
    from openTSNE import TSNE, affinity
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    k = int(3 * perplexity)
    affinities = affinity.PerplexityBasedNN(
        perplexity=perplexity,
        n_jobs=2,
        knn_index=PrecomputedNeighbors(rows[:, :k], np.sqrt(2 * far[:, :k])),
    )
    start = pca(vectors, rows, far).astype(np.float64)
    embedding = TSNE(n_jobs=2, random_state=0, n_iter=n_iter, early_exaggeration_iter=150).fit(
        affinities=affinities, initialization=start / start[:, 0].std() * 1e-4
    )
    return np.asarray(embedding, np.float32)


METHODS: dict[str, Method] = {
    each.__name__: each
    for each in (pca, tsne, tsne_short, tsne_wide, umap, pacmap, torchdr_umap, torchdr_infotsne)
}


def _run(name: str, sent: Any, rows: int, dim: int, near: Rows, far: Vectors) -> None:
    warnings.simplefilter("ignore")
    vectors, make = made_up(rows, dim)
    spent, maps = [], []
    for _ in range(2 if rows <= 20_000 else 1):
        began = time.perf_counter()
        try:
            maps.append(METHODS[name](vectors, near, far))
        except ImportError as error:
            sent.send(f"{name:<17} not here: {error}")
            return
        spent.append(time.perf_counter() - began)
    asked = np.random.default_rng(1).choice(rows, min(_ASKED, rows), replace=False)
    here = np.stack([_nearest_on(maps[-1], row, 15) for row in asked])
    kept = np.mean([np.isin(a, b).mean() for a, b in zip(near[asked, :15], here, strict=True)])
    pure = (make[here[:, :10]] == make[asked][:, None]).mean()
    full = (make[near[asked, :10]] == make[asked][:, None]).mean()
    same = str(np.array_equal(maps[0], maps[-1])) if len(maps) > 1 else "-"
    later = f"{spent[1]:7.1f}" if len(spent) > 1 else "      -"
    sent.send(
        f"{name:<17} {rows:>7} {spent[0]:7.1f} {later} {kept:6.3f} {pure:6.3f} {full:6.3f} {same}"
    )


def _nearest_on(xy: Vectors, row: int, k: int) -> Rows:
    apart = ((xy - xy[row]) ** 2).sum(axis=1)
    apart[row] = np.inf
    return np.argpartition(apart, k)[:k][np.argsort(apart[np.argpartition(apart, k)[:k]])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 50_000])
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--with", dest="names", nargs="+", choices=METHODS, default=list(METHODS))
    given = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    for rows in given.rows:
        vectors, _ = made_up(rows, given.dim)
        began = time.perf_counter()
        near, far = nearest(vectors, 90)
        print(f"neighbours of {rows}: {time.perf_counter() - began:.1f} s", flush=True)
        print(f"{'':<17} {'rows':>7} {'first s':>7} {'then s':>7} {'kept':>6} {'pure':>6} "
              f"{'(full)':>6} same", flush=True)  # fmt: skip
        for name in given.names:
            ours, theirs = context.Pipe(duplex=False)
            child = context.Process(target=_run, args=(name, theirs, rows, given.dim, near, far))
            child.start()
            theirs.close()
            try:
                print(ours.recv(), flush=True)
            except EOFError:
                print(f"{name:<17} failed", flush=True)
            child.join()


if __name__ == "__main__":
    main()
