"""The same exact search on a GPU through FAISS, where one is present and rows are many.

FAISS on the GPU knows no row filter: with one, more rows are asked for until enough of them are
kept, and when the GPU's limit does not reach, the caller searches on the CPU. So the result is
always exact.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32
from core.index.store import faiss_module

_log = logging.getLogger(__name__)
_WORTH_IT_ROWS = 50_000
_LIMIT = 2048  # the most neighbours FAISS hands out on a GPU
_SPARE = 8  # asked for beyond k, since float16 sums on the GPU may swap rows of nearly equal score


class GpuVectors:
    """A flat float16 index in GPU memory; one query at a time, whatever the number of threads."""

    def __init__(self, dim: int) -> None:
        faiss = faiss_module()
        self._resources: Any = faiss.StandardGpuResources()
        config = faiss.GpuIndexFlatConfig()
        config.useFloat16 = True
        self._index: Any = faiss.GpuIndexFlatIP(self._resources, dim, config)
        self._lock = threading.Lock()

    @staticmethod
    def of_parts(dim: int, rows: int, wanted: bool | None) -> GpuVectors | None:
        """An empty one, or None: no GPU, not wanted, or too few rows to gain from it."""
        if wanted is False or not rows or (wanted is None and rows < _WORTH_IT_ROWS):
            return None
        faiss = faiss_module()
        if not hasattr(faiss, "StandardGpuResources") or faiss.get_num_gpus() == 0:
            if wanted:
                _log.warning("no GPU that FAISS can use: searching on the CPU")
            return None
        return GpuVectors(dim)

    def add(self, vectors: Float32) -> None:
        """Append (N, D) float32 rows that are float16 exactly, as the index keeps them."""
        self._index.add(np.ascontiguousarray(vectors, np.float32))

    def search(self, query: Float32, k: int, keep: Bool | None) -> npt.NDArray[np.int64] | None:
        """At least the k best rows that `keep` allows, in any order; None when out of reach."""
        share = 1.0 if keep is None else max(float(np.mean(keep)), 1e-9)
        asked = min(int(np.ceil(1.5 * k / share)) + _SPARE, int(self._index.ntotal))
        if asked > _LIMIT:
            return None
        with self._lock:
            _, found = self._index.search(query, asked)
        rows = np.asarray(found[0], np.int64)
        rows = rows[rows >= 0]
        if keep is not None:
            rows = rows[keep[rows]]
        enough = len(rows) >= k + _SPARE or asked == self._index.ntotal
        return rows if enough else None
