"""What is missed when not every vector is compared: recall and time of indexes beyond a million.

    vidtrail --library SMALL add sample_videos/*.mp4
    python -m benchmarks.approximate --like SMALL [--rows 1000000] [--hnsw]

Rows are crops of the small library, each moved a little (as strangers of a kind differ), so that
they lie as pictures do; queries are phrases in the vectors of the library's own text encoder,
which lie apart from all pictures. Recall is the share of the exact best k that is found. Times
are those of the processor for single queries on one thread, medians, so that a busy machine does
not change them much. `ours` is `core.index.clusters`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.copies import JITTER, sources_of
from core.detections import Bool, Float32
from core.index.clusters import GROUPS, Centres, Clusters
from core.index.store import Block, decoded, faiss_module, filled, one_thread
from core.library.library import Library
from core.library.vectors import Vectors
from core.search.opening import open_engine
from core.search.prompts import Prompts

KEPT = (1.0, 0.1, 0.01)
DEPTHS = (10, 50, 4096)
COLOURS = ("red", "blue", "white", "black", "yellow", "green")
NOUNS = ("car", "van", "truck", "bus", "person", "motorcycle", "bicycle", "object")
FREE = ("van with a ladder on the roof", "person in a red jacket", "sedan", "taxi", "dog")

Found = npt.NDArray[np.int64]
Search = Callable[[Float32, int, Bool | None], Found]


def phrases() -> list[str]:
    return [f"{colour} {noun}" for colour, noun in product(COLOURS, NOUNS)] + list(FREE)


def rows_like(vectors: Float32, rows: int, seed: int = 0) -> Iterator[Float32]:
    """Many rows made of few: each moved by a random vector of the length that strangers differ."""
    rng = np.random.default_rng(seed)
    for start in range(0, rows, 65536):
        count = min(65536, rows - start)
        noise = rng.standard_normal((count, vectors.shape[1]), dtype=np.float32)
        noise *= JITTER / np.linalg.norm(noise, axis=1, keepdims=True)
        moved = vectors[rng.integers(0, len(vectors), count)] + noise
        yield moved / np.linalg.norm(moved, axis=1, keepdims=True)


def selector(keep: Bool | None) -> Any:
    if keep is None:
        return None
    return faiss_module().IDSelectorBitmap(np.packbits(keep, bitorder="little"))


def of_index(index: Any, **settings: Any) -> Search:
    """Search with a FAISS index; settings: of its search parameters, by the name of its kind."""
    faiss = faiss_module()
    kind = {"nprobe": "SearchParametersIVF", "efSearch": "SearchParametersHNSW"}
    name = next((kind[key] for key in settings if key in kind), "SearchParameters")

    def search(query: Float32, k: int, keep: Bool | None) -> Found:
        params = getattr(faiss, name)(sel=selector(keep), **settings)
        found: Found = index.search(query[None], k, params=params)[1][0]
        return found

    return search


def refined(index: Any, exact: Any, nprobe: int, times: int) -> Search:
    """The best `times` k by an approximate index, compared again with the exact rows."""
    approximate = of_index(index, nprobe=nprobe)

    def search(query: Float32, k: int, keep: Bool | None) -> Found:
        found = approximate(query, times * k, keep)
        found = found[found >= 0]
        scores = decoded(exact.codes[found]) @ query
        return np.asarray(found[np.argsort(-scores, kind="stable")[:k]], np.int64)

    return search


def ours(clusters: Clusters, share: float) -> Search:
    def search(query: Float32, k: int, keep: Bool | None) -> Found:
        return clusters.best(query, k, keep, share)

    return search


def measured(
    lead: str,
    search: Search,
    queries: Float32,
    truth: dict[tuple[float, int], list[Found]],
    keeps: dict[float, Bool | None],
) -> None:
    for kept in KEPT:
        cells = []
        for k in DEPTHS:
            times, shares = [], []
            for query, best in zip(queries, truth[kept, k], strict=True):
                start = time.thread_time()
                with one_thread():
                    found = search(query, k, keeps[kept])
                times.append(1000 * (time.thread_time() - start))
                shares.append(len(np.intersect1d(found, best)) / max(len(best), 1))
            cells.append(f"{statistics.median(times):.2f} | {np.mean(shares):.3f}")
        print(f"{lead} {100 * kept:g} % | " + " | ".join(cells) + " |", flush=True)


def measure(vectors: Float32, queries: Float32, rows: int, *, hnsw: bool) -> None:
    faiss = faiss_module()
    dim = vectors.shape[1]
    start = time.perf_counter()
    stored = filled(
        dim,
        [Block("all", "", rows)],
        iter([np.concatenate([part.astype(np.float16) for part in rows_like(vectors, rows)])]),
    )
    print(f"\n{rows} rows of {dim} dimensions, made in {time.perf_counter() - start:.0f} s\n")

    def rows_of(some: Found) -> Vectors:
        return np.asarray(stored.codes[some])

    rng = np.random.default_rng(1)
    keeps = {kept: None if kept == 1.0 else rng.random(rows) < kept for kept in KEPT}
    exact = of_index(stored.index)
    truth = {
        (kept, k): [found[found >= 0] for found in (exact(q, k, keeps[kept]) for q in queries)]
        for kept in KEPT
        for k in DEPTHS
    }
    print(
        "| index | B a row | build s | kept | " + " | ".join(f"ms | R@{k}" for k in DEPTHS) + " |"
    )
    print("|---" * (4 + 2 * len(DEPTHS)) + "|")

    def row(name: str, each: float, build_s: float, search: Search) -> None:
        measured(f"| {name} | {each:.0f} | {build_s:.0f} |", search, queries, truth, keeps)

    row("exact float16", 2 * dim, 0.0, exact)
    start = time.perf_counter()
    chunks = [slice(at, min(at + 32768, rows)) for at in range(0, rows, 32768)]
    centres = Centres.trained(rows, lambda some: decoded(rows_of(some)))
    group = np.concatenate([centres.group_of(decoded(stored.codes[some])) for some in chunks])
    clusters = Clusters(centres, group, rows_of)
    clusters.best(queries[0], 1, None)
    took = time.perf_counter() - start
    for share in (1 / 64, 1 / 32, 1 / 16):
        name = f"ours, {round(GROUPS * share)} of {GROUPS} groups"
        row(name, 4 * dim + 10, took, ours(clusters, share))

    def built(name: str) -> tuple[Any, float]:
        start = time.perf_counter()
        index = faiss.index_factory(dim, name, faiss.METRIC_INNER_PRODUCT)
        if not index.is_trained:
            sample = np.sort(rng.choice(rows, min(rows, 131072), replace=False))
            index.train(decoded(stored.codes[sample]))
        for some in chunks:
            index.add(decoded(stored.codes[some]))
        return index, time.perf_counter() - start

    index, took = built(f"IVF{GROUPS},SQfp16")
    for probes in (32, 128):
        row(
            f"IVF{GROUPS},SQfp16 nprobe {probes}", 2 * dim + 8, took, of_index(index, nprobe=probes)
        )
    index, took = built(f"IVF{GROUPS},SQ8")
    row(f"IVF{GROUPS},SQ8 nprobe 128", dim + 8, took, of_index(index, nprobe=128))
    index, took = built(f"IVF{GROUPS},PQ{dim // 4}x8")
    row("IVF,PQ nprobe 128", dim / 4 + 8, took, of_index(index, nprobe=128))
    each = dim / 4 + 8 + 2 * dim
    row("IVF,PQ nprobe 128, 4 k refined", each, took, refined(index, stored, 128, 4))
    if hnsw:
        index, took = built("HNSW16,SQfp16")
        for reach in (64, 256):
            name = f"HNSW16,SQfp16 ef {reach}"
            row(name, 2 * dim + 16 * 8, took, of_index(index, efSearch=reach))


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    words.add_argument("--like", type=Path, required=True, help="the small library")
    words.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    words.add_argument("--hnsw", action="store_true", help="takes minutes to build")
    options = words.parse_args()
    with Library.open(options.like, create=False) as library:
        vectors = np.concatenate([source.vectors for source in sources_of(library, 8)])
        queries = Prompts(open_engine(library).encoder, None).ensemble(phrases())
    print(f"{os.cpu_count()} cores, {len(queries)} phrases, rows like {len(vectors)} crops")
    for rows in options.rows:
        measure(vectors, queries, rows, hnsw=options.hnsw)


if __name__ == "__main__":
    main()
