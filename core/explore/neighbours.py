"""The nearest rows of many rows at once: what maps, groups and the unusual are made from.

Every pair is compared as long as that is a matter of seconds, or where there is a GPU; beyond, only
rows in the groups nearest to each (an inverted file over k-means centres). Ties go to the lower
row, so that the same rows give the same answer.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32
from core.index.store import faiss_module

_log = logging.getLogger(__name__)

Rows = npt.NDArray[np.int64]

EXACT_WORK = 4e11
"""The most products (rows asked x rows compared x numbers in each) of an exact search on a CPU."""
_GPU_WORK = 2e10  # below, the way to the GPU takes longer than the search
_GPU_BLOCK = 1 << 28  # scores at once
_SAMPLES_A_GROUP = 48
_LOOKED_AT = 24  # groups a row
_SPARE = 4  # asked for beyond k, so that ties at the end are settled by row as well


def nearest(
    vectors: Float32,
    k: int,
    *,
    among: Bool | None = None,
    of: Rows | None = None,
    gpu: bool | None = None,
) -> tuple[Rows, Float32]:
    """The k nearest rows of each row, itself left out, nearest first.

    vectors: (N, D) float32, unit length. among: (N,) rows that may be found, None for all. of: (M,)
    rows that are asked for, None for all. gpu: None uses one where it is present and pays.
    Returns (M, k) int64 rows and (M, k) float32 distances, 1 - cosine; -1 and infinity where there
    are fewer than k. Raises ValueError when `gpu` is asked for and there is none.
    """
    asked = np.arange(len(vectors)) if of is None else np.asarray(of, np.int64)
    base = np.arange(len(vectors)) if among is None else np.flatnonzero(among)
    rows = np.full((len(asked), k), -1, np.int64)
    distance = np.full((len(asked), k), np.inf, np.float32)
    count = min(k + 1 + _SPARE, len(base))
    if not len(asked) or not count or k < 1:
        return rows, distance
    work = float(len(asked)) * len(base) * vectors.shape[1]
    stored = np.ascontiguousarray(vectors[base], np.float32)
    queries = np.ascontiguousarray(vectors[asked], np.float32)
    if _on_gpu(gpu, work):
        found, cosine = _by_gpu(stored, queries, count)
    elif work <= EXACT_WORK:
        found, cosine = _by_all(stored, queries, count)
    else:
        found, cosine = _by_groups(stored, queries, count)
    here = np.where(found >= 0, base[found], len(vectors))
    # 24 bits are more than the sums are good for: rounded, equal vectors are equally far.
    apart = np.round(np.clip(1.0 - cosine, 0.0, 2.0), 6)
    apart = np.where((here == len(vectors)) | (here == asked[:, None]), np.inf, apart)
    order = np.lexsort((here, apart), axis=1)[:, : min(k, count)]
    apart, here = np.take_along_axis(apart, order, 1), np.take_along_axis(here, order, 1)
    distance[:, : order.shape[1]] = apart
    rows[:, : order.shape[1]] = np.where(np.isinf(apart), -1, here)
    return rows, distance


def has_gpu() -> bool:
    """Whether there is a GPU that PyTorch can use."""
    import torch

    return bool(torch.cuda.is_available())


@cache
def _gpu_here() -> bool:
    return has_gpu()


def _on_gpu(wanted: bool | None, work: float) -> bool:
    if wanted is None:
        return work >= _GPU_WORK and _gpu_here()
    if wanted and not _gpu_here():
        raise ValueError("There is no GPU that PyTorch can use.")
    return wanted


def _by_all(stored: Float32, queries: Float32, count: int) -> tuple[Rows, Float32]:
    cosine, found = faiss_module().knn(
        queries, stored, count, metric=faiss_module().METRIC_INNER_PRODUCT
    )
    return np.asarray(found, np.int64), np.asarray(cosine, np.float32)


def _by_groups(stored: Float32, queries: Float32, count: int) -> tuple[Rows, Float32]:
    faiss = faiss_module()
    groups = int(2 * np.sqrt(len(stored)))
    rng = np.random.default_rng(0)
    sample = rng.choice(len(stored), min(len(stored), groups * _SAMPLES_A_GROUP), replace=False)
    kmeans = faiss.Kmeans(
        stored.shape[1], groups, niter=6, spherical=True, seed=1, verbose=False,
        max_points_per_centroid=_SAMPLES_A_GROUP,
    )  # fmt: skip
    kmeans.train(stored[np.sort(sample)])
    quantizer: Any = faiss.IndexFlatIP(stored.shape[1])
    quantizer.add(np.asarray(kmeans.centroids, np.float32).reshape(groups, -1))
    index = faiss.IndexIVFFlat(quantizer, stored.shape[1], groups, faiss.METRIC_INNER_PRODUCT)
    index.is_trained = True
    index.add(stored)
    index.nprobe = min(_LOOKED_AT, groups)
    cosine, found = index.search(queries, count)
    return np.asarray(found, np.int64), np.asarray(cosine, np.float32)


def _by_gpu(stored: Float32, queries: Float32, count: int) -> tuple[Rows, Float32]:
    import torch

    base = torch.from_numpy(stored).to("cuda")
    block = max(1, _GPU_BLOCK // len(stored))
    found, cosine = [], []
    for at in range(0, len(queries), block):
        scores = torch.from_numpy(queries[at : at + block]).to("cuda") @ base.T
        best = scores.topk(count, dim=1)
        found.append(best.indices.cpu().numpy())
        cosine.append(best.values.cpu().numpy())
    return np.concatenate(found).astype(np.int64), np.concatenate(cosine).astype(np.float32)
