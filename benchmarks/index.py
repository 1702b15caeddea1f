"""How long a search takes, by number of vectors and by filter, and that it is exact.

    python -m benchmarks.index [--rows 10000 100000] [--dim 512] [--videos 20]

Beside it the plain way: all scores by NumPy in float32, sorted, the rows of a filter picked out of
them. Below, what one video more and one less cost, beside building the index anew.

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
from typing import Any

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
    centres = np.random.default_rng(0).normal(size=(200, dim))
    vectors = centres[rng.integers(0, 200, rows)] + 0.7 * rng.normal(size=(rows, dim))
    vectors += 0.5 * np.random.default_rng(1).normal(size=dim)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(unit, np.float32)


def filled(library: Library, rows: int, dim: int, videos: int) -> None:
    for number in range(videos):
        add(library, rows // videos, dim, number)


def add(library: Library, rows: int, dim: int, number: int) -> None:
    """Add a video of so many crops."""
    video_id = f"video{number:04d}"
    meta, content = made_up(video_id, rows, 1, dim, ENCODER, number, f"{number}.mp4")
    # The same centres for all videos, as all show the same kinds of things.
    vectors = clustered(np.random.default_rng([0, number]), rows, dim).astype(np.float16)
    with library.writing():
        folder = library.shard_folder(video_id)
        write_shard(folder, meta, replace(content, crop_vectors=vectors))
        library.adopt(video_id)


def median_ms(
    work: Callable[[npt.NDArray[np.float32]], object], queries: list[npt.NDArray[np.float32]]
) -> float:
    times = []
    for query in queries:
        start = time.perf_counter()
        work(query)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def plain(
    whole: npt.NDArray[np.float32], keep: npt.NDArray[np.bool_] | None, query: npt.NDArray[Any]
) -> npt.NDArray[np.intp]:
    """The best 50 as one would write it down first."""
    scores = whole @ query
    order = np.argsort(-scores, kind="stable")
    return (order if keep is None else order[keep[order]])[:50]


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
                plain_ms = median_ms(partial(plain, whole, keep), queries[:5])
                best = plain(whole, keep, queries[0])[: len(found)]
                exact = len(set(found) & set(best)) / len(best) if len(best) else 1.0
                print(
                    f"| {rows} | {'GPU' if gpu else 'CPU'} | {100 * kept:g} % | {ms:.2f} | "
                    f"{plain_ms:.2f} | {plain_ms / ms:.1f} | {exact:.3f} | {build_s:.2f} "
                    f"| {1000 * open_s:.0f} |",
                    flush=True,
                )
            ms = median_ms(index.scores, queries[: max(3, count // 10)])
            print(
                f"| {rows} | {'GPU' if gpu else 'CPU'} | all scores | {ms:.2f} | | | | | |",
                flush=True,
            )
        add(library, rows // videos, dim, videos)
        more_s = timed(lambda: VectorIndex.open(library, ENCODER, gpu=False))
        library.remove(library.ready()[0].video_id)
        less_s = timed(lambda: VectorIndex.open(library, ENCODER, gpu=False))
        print(
            f"| {rows} | CPU | one video more {1000 * more_s:.0f} ms, one less "
            f"{1000 * less_s:.0f} ms | | {1000 * build_s:.0f} | {build_s / more_s:.1f} | | | |",
            flush=True,
        )


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    words.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    words.add_argument("--dim", type=int, default=512)
    words.add_argument("--videos", type=int, default=20)
    words.add_argument("--queries", type=int, default=50)
    options = words.parse_args()
    print(f"{options.dim} dimensions, {options.videos} videos, {os.cpu_count()} cores, best 50")
    print(
        "| rows | on | kept | ms a query | plain ms | ratio | found of the exact best | build s "
        "| open ms |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    faiss_module()  # its import is no part of the times
    for rows in options.rows:
        measure(rows, options.dim, options.videos, options.queries)


if __name__ == "__main__":
    main()
