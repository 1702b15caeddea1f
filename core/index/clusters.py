"""Vectors in groups of near ones, so that a search in millions need not look at all of them.

k-means over a sample gives the centres; every video's rows are told apart once and the numbers of
their groups kept. A search looks at the rows of the groups whose centres are nearest to the query,
which lie side by side in memory, as float16 like everywhere: what is found has exact scores, and
only what lies in other groups can be missed. How many groups are looked at follows what is asked
for: more where a filter leaves few of their rows, or where many rows are wanted.
"""

from __future__ import annotations

import hashlib
import io
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32
from core.index.fresh import fresh_file
from core.index.pack_file import Key
from core.index.packs import Packs
from core.index.store import faiss_module, one_thread
from core.library.files import write_bytes
from core.library.vectors import Vectors

_log = logging.getLogger(__name__)

GROUPS = 2048
_SAMPLES_A_GROUP = 64
_ROUNDS = 10
_GROWN = 4  # centres are made anew when there are this many times more rows than they were made for
SHARE = 1 / 16
"""Of all groups, looked at: chosen by `benchmarks/approximate.py`."""
_PLENTY = 8
_CHUNK_ROWS = 16384

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Centres:
    """(G, D) float32 centres, and how many rows there were when they were made."""

    vectors: Float32
    rows: int

    @staticmethod
    def trained(rows: int, vectors: Callable[[Rows], Float32]) -> Centres:
        """Centres of `rows` rows; vectors: gives some rows as (R, D) float32."""
        rng = np.random.default_rng(0)
        count = min(rows, GROUPS * _SAMPLES_A_GROUP)
        some = np.sort(rng.choice(rows, count, replace=False)).astype(np.int64)
        sample = vectors(some)
        kmeans = faiss_module().Kmeans(
            sample.shape[1], GROUPS, niter=_ROUNDS, spherical=True, seed=1, verbose=False
        )
        kmeans.train(sample)
        return Centres(np.asarray(kmeans.centroids, np.float32).reshape(GROUPS, -1), rows)

    def fits(self, rows: int, dim: int) -> bool:
        return self.vectors.shape[1] == dim and rows <= _GROWN * self.rows

    def group_of(self, vectors: Float32) -> npt.NDArray[np.int16]:
        """(N,) number of the nearest centre of each row."""
        if not len(vectors):
            return np.zeros(0, np.int16)
        return np.asarray((vectors @ self.vectors.T).argmax(axis=1), np.int16)

    @property
    def version(self) -> str:
        return hashlib.blake2b(self.vectors.tobytes(), digest_size=8).hexdigest()

    def write(self, path: Path) -> None:
        """Raises OSError."""
        data = io.BytesIO()
        np.savez(data, vectors=self.vectors, rows=np.array(self.rows), version=self.version)
        with fresh_file(path) as temporary:
            write_bytes(temporary, data.getvalue())

    @staticmethod
    def read(path: Path) -> Centres | None:
        """None where there are none, or they are damaged."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                found = Centres(
                    np.asarray(stored["vectors"], np.float32).reshape(GROUPS, -1),
                    int(stored["rows"]),
                )
                if str(stored["version"]) == found.version:
                    return found
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            _log.warning("%s is damaged and will be made anew: %s", path, error)
            return None
        _log.warning("%s is damaged and will be made anew", path)
        return None


class Clusters:
    """The rows of an index, group by group in memory; never changes, any thread may ask."""

    def __init__(
        self, centres: Centres, group: npt.NDArray[np.int16], codes: Callable[[Rows], Vectors]
    ) -> None:
        """group: (N,) number of the nearest centre of each row. codes: gives rows, (R, D) float16.

        The rows are copied when they are first searched: 2 D + 8 bytes each.
        """
        self.centres = centres
        self.group = group
        self._codes = codes
        self._sizes = np.bincount(group, minlength=GROUPS)
        self._lock = threading.Lock()
        self._quantizer: Any = None
        self._index: Any = None

    @staticmethod
    def open(
        folder: Path,
        name: str,
        keys: Sequence[Key],
        starts: npt.NDArray[np.int64],
        vectors: Callable[[Rows], Float32],
        codes: Callable[[Rows], Vectors],
        *,
        writable: bool,
    ) -> Clusters:
        """The groups of all rows; only those of new videos are worked out.

        keys: the videos in row order; starts: (V + 1,) their first rows.
        """
        path = folder / f"{name}-centres.npz"
        rows = int(starts[-1])
        centres = Centres.read(path)
        if centres is None or not centres.fits(rows, vectors(np.zeros(1, np.int64)).shape[1]):
            centres = Centres.trained(rows, vectors)
            if writable:
                try:
                    centres.write(path)
                except OSError as error:
                    _log.warning("what was derived in %s is not kept: %s", folder, error)
        place = {key: k for k, key in enumerate(keys)}

        def derive(key: Key) -> dict[str, npt.NDArray[np.int16]]:
            first, last = int(starts[place[key]]), int(starts[place[key] + 1])
            parts = [
                centres.group_of(vectors(np.arange(at, min(at + _CHUNK_ROWS, last))))
                for at in range(first, last, _CHUNK_ROWS)
            ]
            return {"group": np.concatenate([*parts, np.zeros(0, np.int16)])}

        packs = Packs(folder, f"{name}-groups", centres.version, writable=writable)
        return Clusters(centres, packs.gather(keys, derive).arrays["group"], codes)

    def best(
        self, query: Float32, k: int, keep: Bool | None, share: float = SHARE
    ) -> npt.NDArray[np.int64]:
        """The k best rows for a (D,) query of those in the groups nearest to it, in any order.

        As many groups as make up `share` of all and hold about `_PLENTY` times k rows that `keep`,
        (N,), lets through. Fewer than k only where fewer are kept.
        """
        faiss = faiss_module()
        index = self._filled()
        near = np.argsort(-(self.centres.vectors @ query), kind="stable")
        kept = 1.0 if keep is None else max(float(np.mean(keep)), 1e-9)
        enough = int(np.searchsorted(np.cumsum(self._sizes[near]), _PLENTY * k / kept)) + 1
        count = min(max(enough, round(share * GROUPS)), GROUPS)
        bits = None if keep is None else np.packbits(keep, bitorder="little")
        while True:
            selector = None if bits is None else faiss.IDSelectorBitmap(bits)
            params = faiss.SearchParametersIVF(nprobe=count, sel=selector)
            with one_thread():
                _, found = index.search(query[None], k, params=params)
            rows = np.asarray(found[0][found[0] >= 0], np.int64)
            if len(rows) >= k or count >= GROUPS:
                return rows
            count = min(4 * count, GROUPS)

    def _filled(self) -> Any:
        """The inverted lists, filled with the rows as they are: nothing is computed."""
        with self._lock:
            if self._index is None:
                faiss = faiss_module()
                dim = self.centres.vectors.shape[1]
                self._quantizer = faiss.IndexFlatIP(dim)  # FAISS does not keep it alive itself
                self._quantizer.add(np.ascontiguousarray(self.centres.vectors))
                half, metric = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
                index = faiss.IndexIVFScalarQuantizer(
                    self._quantizer, dim, GROUPS, half, metric, False
                )
                rows = np.argsort(self.group, kind="stable")
                last = np.cumsum(self._sizes)
                for group in np.flatnonzero(self._sizes).tolist():
                    mine = rows[last[group] - self._sizes[group] : last[group]]
                    codes = np.ascontiguousarray(self._codes(mine)).view(np.uint8)
                    index.invlists.add_entries(
                        group, len(mine), faiss.swig_ptr(mine), faiss.swig_ptr(codes)
                    )
                index.ntotal = len(rows)
                index.is_trained = True
                self._index = index
            return self._index
