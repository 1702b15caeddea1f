"""Vectors in groups of near ones, so that a search in millions need not look at all of them.

k-means over a sample gives the centres; every video's rows are told apart once and the numbers of
their groups kept. A search looks at the rows of the groups whose centres are nearest to the query:
a bitmap over the rows, like any other filter, on the same index that exact search uses.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32
from core.index.fresh import fresh_file
from core.index.packs import Key, Packs
from core.index.store import faiss_module
from core.library.files import write_bytes

_log = logging.getLogger(__name__)

GROUPS = 2048
_SAMPLES_A_GROUP = 64
_ROUNDS = 10
_GROWN = 4  # centres are made anew when there are this many times more rows than they were made for
_CHUNK_ROWS = 32768

Sample = Callable[[npt.NDArray[np.int64]], Float32]


@dataclass(frozen=True, slots=True)
class Centres:
    """(G, D) float32 centres, and how many rows there were when they were made."""

    vectors: Float32
    rows: int

    @staticmethod
    def trained(rows: int, vectors: Sample) -> Centres:
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


@dataclass(frozen=True, slots=True)
class Clusters:
    """The group of each row of an index. group: (N,) number of its centre."""

    centres: Centres
    group: npt.NDArray[np.int16]

    @staticmethod
    def open(
        folder: Path,
        name: str,
        keys: Sequence[Key],
        starts: npt.NDArray[np.int64],
        vectors: Sample,
        dim: int,
        *,
        writable: bool,
    ) -> Clusters:
        """The groups of all rows; only those of new videos are worked out.

        keys: the videos in row order; starts: (V + 1,) their first rows.
        """
        path = folder / f"{name}-centres.npz"
        rows = int(starts[-1])
        centres = Centres.read(path)
        if centres is None or not centres.fits(rows, dim):
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
        return Clusters(centres, packs.gather(keys, derive).arrays["group"])

    def near(self, query: Float32, least: int, keep: Bool | None, share: float) -> Bool:
        """(N,) bitmap of the rows of the groups nearest to a (D,) query.

        As many groups as it takes to hold `share` of all groups and `least` rows that `keep` lets
        through.
        """
        order = np.argsort(-(self.centres.vectors @ query), kind="stable")
        kept = self.group if keep is None else self.group[keep]
        size = np.bincount(kept, minlength=GROUPS)[order]
        enough = int(np.searchsorted(np.cumsum(size), least)) + 1
        wanted = np.zeros(GROUPS, np.bool_)
        wanted[order[: max(enough, round(share * GROUPS))]] = True
        near = wanted[self.group]
        return near if keep is None else near & keep
