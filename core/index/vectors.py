"""Nearest vectors over all videos of a library that were indexed with one encoder.

Rows are numbered over the videos in the order they were added. They lie in one or a few stored
files; a video that was added is the only one that is read, and a removed one is left out by a
bitmap until its file is joined with others.

Up to a million rows, and wherever a filter leaves no more than that, search is exact: over float16
it is faster than any graph or quantised index once a filter keeps a tenth of the rows, and text
queries cost the others most of their recall. Beyond, only the rows of the groups nearest to the
query are looked at (`core.index.clusters`), by the same scores; `benchmarks/approximate.py`
measures what that misses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Int32
from core.errors import LibraryError
from core.index.clusters import Clusters
from core.index.gpu import GpuVectors
from core.index.store import IndexStore, Stored, What, decoded, faiss_module, one_thread
from core.index.upkeep import brought_up
from core.library.catalog import VideoRecord
from core.library.library import Library, Stamp
from core.library.shard import Shard
from core.library.vectors import Vectors

EXACT_ROWS = 1 << 20
"""The most rows of which every one is compared."""
_CHUNK_ROWS = 16384

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Part:
    """One FAISS index and where its rows are: live[i] = row of the whole, -1 where removed."""

    stored: Stored
    live: Rows


class VectorIndex:
    """The vectors of one encoder at one moment; never changes, any thread may ask.

    encoder: whose vectors. dim: their length. video_ids: the videos, in row order.
    not_searchable: ready videos that another encoder has seen, and videos whose shard is damaged.
    """

    def __init__(
        self,
        library: Library,
        encoder: str,
        dim: int,
        what: What,
        stamp: Stamp,
        parts: Sequence[Stored],
        not_searchable: tuple[VideoRecord, ...],
    ) -> None:
        """stamp: the videos, each of which must be in one of `parts`."""
        self.encoder = encoder
        self.dim = dim
        self.what = what
        self.video_ids = tuple(video_id for video_id, _, _ in stamp)
        self.not_searchable = not_searchable
        self._library = library
        self._stamp = stamp
        self._place = {video_id: place for place, video_id in enumerate(self.video_ids)}
        # What a person edits changes whose crop is whose: as it is now, not when it is asked.
        self._shards = {k: library.shard(v) for k, (v, _, edits) in enumerate(stamp) if edits}
        keys = {(video_id, checksum): k for k, (video_id, checksum, _) in enumerate(stamp)}
        where = _where(parts, keys)
        sizes = [parts[n].blocks[at].rows for n, at in where]
        self._starts = np.cumsum([0, *sizes], dtype=np.int64)
        self._part_of = np.array([n for n, _ in where], np.int64)
        starts = [stored.starts for stored in parts]
        self._start_in = np.array([starts[n][at] for n, at in where], np.int64)
        self._parts = tuple(
            _Part(stored, self._live(n, int(stored.index.ntotal))) for n, stored in enumerate(parts)
        )
        self._gpu: GpuVectors | None = None
        self._clusters: Clusters | None = None

    def _live(self, part: int, rows: int) -> Rows:
        live = np.full(rows, -1, np.int64)
        for place in np.flatnonzero(self._part_of == part):
            first, last = self._starts[place], self._starts[place + 1]
            begin = self._start_in[place]
            live[begin : begin + last - first] = np.arange(first, last)
        return live

    # --- opening -----------------------------------------------------------------------------

    @staticmethod
    def open(
        library: Library, encoder: str, what: What = "crops", *, gpu: bool | None = None
    ) -> VectorIndex:
        """Open the index of an encoder; brings it up to date with the library first.

        gpu: None uses one where it is present and there are enough rows to gain from it.
        A stored index that is stale or damaged is mended with a warning; a full disk only means
        that it is kept in memory. A damaged shard is left out, and listed in `not_searchable`.
        """
        store = IndexStore(library.index_folder, encoder, what)
        stamp, parts, others, dim = brought_up(library, store, encoder, what)
        index = VectorIndex(library, encoder, dim, what, stamp, parts, others)
        index._gpu = GpuVectors.of_parts(dim, len(index), gpu)
        if index._gpu is not None:
            for at in range(0, len(index), _CHUNK_ROWS):
                index._gpu.add(index.vectors(np.arange(at, min(at + _CHUNK_ROWS, len(index)))))
        elif len(index) > EXACT_ROWS:
            index._clusters = Clusters.open(
                store.folder,
                what,
                stamp,
                index._starts,
                index.vectors,
                index.codes,
                writable=not library.read_only,
            )
        return index

    def is_current(self, library: Library) -> bool:
        """Whether the library still holds exactly the videos of this index, edited the same way."""
        left_out = {(r.video_id, r.shard_checksum) for r in self.not_searchable}
        encoders = {record.video_id: record.encoder for record in library.ready()}
        now = {
            (video_id, checksum, edits)
            for video_id, checksum, edits in library.stamp()
            if encoders.get(video_id) == self.encoder and (video_id, checksum) not in left_out
        }
        return now == set(self._stamp)

    def refreshed(self, library: Library) -> VectorIndex:
        """The same index when it is current, else a new one that takes over what is stored."""
        if self.is_current(library):
            return self
        return VectorIndex.open(library, self.encoder, self.what)

    @staticmethod
    def rebuild(library: Library, encoder: str, what: What = "crops") -> VectorIndex:
        """Throw the stored index away and build it from the shards."""
        IndexStore(library.index_folder, encoder, what).delete()
        return VectorIndex.open(library, encoder, what)

    # --- rows --------------------------------------------------------------------------------

    def __len__(self) -> int:
        return int(self._starts[-1])

    def rows_of(self, video_id: str) -> slice:
        """The rows of one video, in the order of its crops or scenes; empty for an unknown one."""
        place = self._place.get(video_id)
        if place is None:
            return slice(0, 0)
        return slice(int(self._starts[place]), int(self._starts[place + 1]))

    def video_of(self, rows: Rows) -> Int32:
        """(N,) position in `video_ids` of each row."""
        places = np.searchsorted(self._starts, np.asarray(rows), side="right") - 1
        return places.astype(np.int32)

    def locate(self, row: int) -> tuple[str, int, int]:
        """(video_id, crop_id or scene_id, track_id) of a row; track_id is -1 for scenes.

        Raises LibraryError for a crop of a video that has gone since.
        """
        if not 0 <= row < len(self):
            raise IndexError(row)
        place = int(self.video_of(np.asarray([row]))[0])
        within = row - int(self._starts[place])
        track = -1
        if self.what == "crops":
            track = int(self._shard(place).crops().track_id[within])
        return self.video_ids[place], within, track

    def _shard(self, place: int) -> Shard:
        shard = self._shards.get(place)
        if shard is None:
            video_id, checksum, _ = self._stamp[place]
            shard = Shard(self._library.shard_folder(video_id))
            if shard.checksum != checksum:
                raise LibraryError(f"{shard.meta.name} has been indexed anew: ask again.")
            self._shards[place] = shard
        return shard

    def mask(self, video_ids: set[str] | frozenset[str]) -> Bool:
        """(N,) bitmap that keeps the rows of some videos."""
        keep = np.zeros(len(self), np.bool_)
        for video_id in video_ids:
            keep[self.rows_of(video_id)] = True
        return keep

    # --- searching ---------------------------------------------------------------------------

    def search(
        self, vector: Float32, k: int, keep: Bool | None = None, *, exact: bool = False
    ) -> tuple[Rows, Float32]:
        """The k rows with the largest inner product, best first; equal ones in row order.

        vector: (D,) float32. keep: (N,) bitmap of the rows that count. Fewer than k where fewer are
        kept. The scores are float32 products with the stored float16 vectors. No better row is
        missed where no more than `EXACT_ROWS` are kept, on a GPU, or when `exact`.
        """
        query = self._query(vector)[None, :]
        if keep is not None and keep.shape != (len(self),):
            raise ValueError(f"expected a bitmap of {len(self)} rows; got shape {keep.shape}")
        kept = len(self) if keep is None else int(np.count_nonzero(keep))
        k = min(k, kept)
        if k <= 0:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        rows = self._gpu.search(query, k, keep) if self._gpu is not None else None
        if rows is None and self._clusters is not None and kept > EXACT_ROWS and not exact:
            rows = self._clusters.best(query[0], k, keep)
        if rows is None:
            rows = self._search_parts(query, k, keep)
        scores = self.scores(query[0], rows)
        order = np.lexsort((rows, -scores))[:k]
        return rows[order], scores[order]

    def _search_parts(self, query: Float32, k: int, keep: Bool | None) -> Rows:
        found: list[Rows] = []
        for part in self._parts:
            wanted = part.live >= 0
            if keep is not None:
                wanted[wanted] = keep[part.live[wanted]]
            count = int(np.count_nonzero(wanted))
            if not count:
                continue
            params = None
            if count < len(wanted):
                bits = np.packbits(wanted, bitorder="little")
                faiss = faiss_module()
                params = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
            with one_thread():
                _, ids = part.stored.index.search(query, min(k, count), params=params)
            found.append(part.live[ids[0][ids[0] >= 0]])
        return np.concatenate(found) if found else np.zeros(0, np.int64)

    def scores(self, vector: Float32, rows: Rows | None = None) -> Float32:
        """(N,) inner product of a (D,) vector with every row, or with `rows`, exact in float32."""
        query = self._query(vector)
        if rows is not None:
            # Row by row, so that a score does not depend on which other rows are asked for.
            return np.asarray(np.einsum("nd,d->n", self.vectors(rows), query), np.float32)
        result = np.empty(len(self), np.float32)
        for part in self._parts:
            codes, live = part.stored.codes, part.live
            for at in range(0, len(live), _CHUNK_ROWS):
                rows = live[at : at + _CHUNK_ROWS]
                here = decoded(codes[at : at + _CHUNK_ROWS]) @ query
                result[rows[rows >= 0]] = here[rows >= 0]
        return result

    def vectors(self, rows: Rows) -> Float32:
        """(N, D) float32 vectors of some rows, in the order asked."""
        return decoded(self.codes(rows))

    def codes(self, rows: Rows) -> Vectors:
        """(N, D) float16 vectors of some rows, in the order asked."""
        result = np.empty((len(rows), self.dim), np.float16)
        places = self.video_of(rows)
        within = rows - self._starts[places] + self._start_in[places]
        parts = self._part_of[places]
        for part in np.unique(parts):
            mine = parts == part
            result[mine] = self._parts[part].stored.codes[within[mine]]
        return result

    def _query(self, vector: Float32) -> Float32:
        query = np.ascontiguousarray(vector, np.float32)
        if len(self) and query.shape != (self.dim,):
            raise ValueError(f"expected a vector of {self.dim} numbers; got shape {query.shape}")
        return query


def _where(parts: Sequence[Stored], keys: Mapping[tuple[str, str], int]) -> list[tuple[int, int]]:
    """For each video, the part and the place in it where its rows are."""
    where: dict[int, tuple[int, int]] = {}
    for n, stored in enumerate(parts):
        for at, block in enumerate(stored.blocks):
            if block.key in keys and stored.sound[at]:
                where.setdefault(keys[block.key], (n, at))
    return [where[place] for place in range(len(keys))]
