"""How long a search takes, by number of vectors and by filter, and that it is exact.

    python -m benchmarks.index [--rows 10000 100000] [--dim 512] [--videos 20]

Vectors are made up: clustered, unit length, with a constant gap between queries and rows as between
texts and pictures. Medians over the queries, single queries, wall time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.index.store import faiss_module
from core.index.vectors import VectorIndex
from core.library.library import Library
from core.library.shard_writer import write_shard
from tests.fakes import made_up

ENCODER = "made-up"
KEPT = (1.0, 0.5, 0.1, 0.01, 0.001)


def clustered(rng: np.random.Generator, rows: int, dim: int) -> npt.NDArray[np.float32]:
    centres = rng.normal(size=(200, dim))
    vectors = centres[rng.integers(0, 200, rows)] + 0.7 * rng.normal(size=(rows, dim))
    vectors += 0.5 * rng.normal(size=dim)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def filled(library: Library, rows: int, dim: int, videos: int) -> None:
    rng = np.random.default_rng(0)
    each = rows // videos
    for number in range(videos):
        meta, content = made_up(
            f"video{number:04d}", each, 1, dim, ENCODER, number, f"{number}.mp4"
        )
        vectors = clustered(rng, each, dim).astype(np.float16)
        with library.writing():
            folder = library.shard_folder(meta.video_id)
            write_shard(folder, meta, replace(content, crop_vectors=vectors))
            library.adopt(meta.video_id)


def median_ms(
    work: Callable[[npt.NDArray[np.float32]], object], queries: list[npt.NDArray[np.float32]]
) -> float:
    times = []
    for query in queries:
        start = time.perf_counter()
        work(query)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def _search(
    index: VectorIndex, keep: npt.NDArray[np.bool_] | None, query: npt.NDArray[np.float32]
) -> object:
    return index.search(query, 50, keep)


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(rows: int, dim: int, videos: int, count: int) -> None:
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder) / "library") as library:
        filled(library, rows, dim, videos)
        build_s = timed(lambda: VectorIndex.open(library, ENCODER, gpu=False))
        open_s = timed(lambda: VectorIndex.open(library, ENCODER, gpu=False))
        rng = np.random.default_rng(1)
        queries = list(clustered(rng, count, dim))
        whole = np.concatenate(
            [library.shard(r.video_id).crop_vectors(ENCODER) for r in library.ready()]
        ).astype(np.float32)
        gpus = [False, True] if faiss_module().get_num_gpus() else [False]
        for gpu in gpus:
            index = VectorIndex.open(library, ENCODER, gpu=gpu)
            index.search(queries[0], 50)
            for kept in KEPT:
                keep = None if kept == 1.0 else rng.random(len(index)) < kept
                ms = median_ms(partial(_search, index, keep), queries)
                found, _ = index.search(queries[0], 50, keep)
                scores = whole @ queries[0]
                if keep is not None:
                    scores[~keep] = -np.inf
                best = np.argsort(-scores, kind="stable")[: len(found)]
                exact = len(set(found) & set(best)) / len(best) if len(best) else 1.0
                print(
                    f"| {rows} | {'GPU' if gpu else 'CPU'} | {100 * kept:g} % | {ms:.2f} | "
                    f"{exact:.3f} | {build_s:.2f} | {1000 * open_s:.0f} |",
                    flush=True,
                )
            ms = median_ms(index.scores, queries[: max(3, count // 10)])
            print(
                f"| {rows} | {'GPU' if gpu else 'CPU'} | all scores | {ms:.2f} | | | |", flush=True
            )


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    words.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    words.add_argument("--dim", type=int, default=512)
    words.add_argument("--videos", type=int, default=20)
    words.add_argument("--queries", type=int, default=50)
    options = words.parse_args()
    print(f"{options.dim} dimensions, {options.videos} videos, {os.cpu_count()} cores, best 50")
    print("| rows | on | kept | ms a query | found of the exact best | build s | open ms |")
    print("|---|---|---|---|---|---|---|")
    faiss_module()  # its import is no part of the times
    for rows in options.rows:
        measure(rows, options.dim, options.videos, options.queries)


if __name__ == "__main__":
    main()
