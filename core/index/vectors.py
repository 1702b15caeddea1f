"""Exact nearest vectors over all videos of a library that were indexed with one encoder.

Rows are numbered over the videos in the order they were added. Most rows lie in the stored index;
those of videos added since are appended in memory, and the stored index is written anew when a
quarter of it is out of date. Exact search over float16 is faster than any graph or quantised index
once a filter keeps a tenth of the rows, and text queries cost the others most of their recall.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Int32
from core.errors import LibraryError
from core.index.gpu import GpuVectors
from core.index.store import (
    Block,
    IndexStore,
    Stored,
    What,
    append,
    faiss_module,
    fits_shards,
    new_index,
    one_thread,
)
from core.library.catalog import VideoRecord
from core.library.files import is_disk_full
from core.library.library import Library
from core.library.shard import Shard
from core.library.vectors import Vectors

_log = logging.getLogger(__name__)
_REWRITE_SHARE = 0.25
_ALWAYS_REWRITE_BYTES = 32 << 20
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
        encoder: str,
        dim: int,
        what: What,
        shards: tuple[Shard, ...],
        blocks: tuple[Block, ...],
        parts: tuple[_Part, ...],
        not_searchable: tuple[VideoRecord, ...],
        gpu: GpuVectors | None,
    ) -> None:
        self.encoder = encoder
        self.dim = dim
        self.what = what
        self.video_ids = tuple(block.video_id for block in blocks)
        self.not_searchable = not_searchable
        self._shards = shards
        self._blocks = blocks
        self._parts = parts
        self._gpu = gpu
        self._starts = np.cumsum([0, *(block.rows for block in blocks)])

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
        shards, others = _shards_of(library, encoder, what)
        dim = shards[0].meta.encoder_dim if shards else 0
        blocks = tuple(
            Block(shard.video_id, shard.checksum, shard.meta.counts[what]) for shard in shards
        )
        store = IndexStore(library.index_folder, encoder, what)
        parts: tuple[_Part, ...] = ()
        if shards:
            parts = _parts(store, dim, encoder, what, shards, blocks, save=not library.read_only)
        total = sum(block.rows for block in blocks)
        found = GpuVectors.of_parts(dim, total, gpu)
        if found is not None:
            for shard in shards:
                found.add(_vectors(shard, encoder, what))
        return VectorIndex(encoder, dim, what, shards, blocks, parts, others, found)

    def is_current(self, library: Library) -> bool:
        """Whether the library still holds exactly the videos of this index, edited the same way."""
        left_out = {(r.video_id, r.shard_checksum) for r in self.not_searchable}
        encoders = {record.video_id: record.encoder for record in library.ready()}
        now = {
            (video_id, checksum, edits)
            for video_id, checksum, edits in library.stamp()
            if encoders.get(video_id) == self.encoder and (video_id, checksum) not in left_out
        }
        return now == {(shard.video_id, shard.checksum, shard.edits) for shard in self._shards}

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
        if video_id not in self.video_ids:
            return slice(0, 0)
        place = self.video_ids.index(video_id)
        return slice(int(self._starts[place]), int(self._starts[place + 1]))

    def video_of(self, rows: Rows) -> Int32:
        """(N,) position in `video_ids` of each row."""
        places = np.searchsorted(self._starts, np.asarray(rows), side="right") - 1
        return places.astype(np.int32)

    def locate(self, row: int) -> tuple[str, int, int]:
        """(video_id, crop_id or scene_id, track_id) of a row; track_id is -1 for scenes."""
        if not 0 <= row < len(self):
            raise IndexError(row)
        place = int(self.video_of(np.asarray([row]))[0])
        within = row - int(self._starts[place])
        track = int(self._shards[place].crops().track_id[within]) if self.what == "crops" else -1
        return self.video_ids[place], within, track

    def mask(self, video_ids: set[str] | frozenset[str]) -> Bool:
        """(N,) bitmap that keeps the rows of some videos."""
        keep = np.zeros(len(self), np.bool_)
        for video_id in video_ids:
            keep[self.rows_of(video_id)] = True
        return keep

    # --- searching ---------------------------------------------------------------------------

    def search(self, vector: Float32, k: int, keep: Bool | None = None) -> tuple[Rows, Float32]:
        """The k rows with the largest inner product, best first; equal ones in row order.

        vector: (D,) float32. keep: (N,) bitmap of the rows that count. Fewer than k where fewer are
        kept. Exact: the scores are float32 products with the stored float16 vectors.
        """
        query = self._query(vector)[None, :]
        if keep is not None and keep.shape != (len(self),):
            raise ValueError(f"expected a bitmap of {len(self)} rows; got shape {keep.shape}")
        k = min(k, len(self) if keep is None else int(np.count_nonzero(keep)))
        if k <= 0:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        rows = self._gpu.search(query, k, keep) if self._gpu is not None else None
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
            return self.vectors(rows) @ query
        result = np.empty(len(self), np.float32)
        for shard, start in zip(self._shards, self._starts, strict=False):
            vectors = _vectors(shard, self.encoder, self.what)
            for at in range(0, len(vectors), _CHUNK_ROWS):
                chunk = vectors[at : at + _CHUNK_ROWS].astype(np.float32)
                result[start + at : start + at + len(chunk)] = chunk @ query
        return result

    def vectors(self, rows: Rows) -> Float32:
        """(N, D) float32 vectors of some rows, in the order asked."""
        result = np.empty((len(rows), self.dim), np.float32)
        places = self.video_of(rows)
        for place in np.unique(places):
            mine = places == place
            within = rows[mine] - self._starts[place]
            result[mine] = _vectors(self._shards[place], self.encoder, self.what)[within]
        return result

    def _query(self, vector: Float32) -> Float32:
        query = np.ascontiguousarray(vector, np.float32)
        if len(self) and query.shape != (self.dim,):
            raise ValueError(f"expected a vector of {self.dim} numbers; got shape {query.shape}")
        return query


def _shards_of(
    library: Library, encoder: str, what: What
) -> tuple[tuple[Shard, ...], tuple[VideoRecord, ...]]:
    """The shards that hold this encoder's vectors, and the videos that have none to offer."""
    shards: list[Shard] = []
    others: list[VideoRecord] = []
    for record in library.videos():
        if record.state not in ("ready", "damaged"):
            continue
        if record.state == "damaged" or record.encoder != encoder:
            others.append(record)
            continue
        try:
            shard = library.shard(record.video_id)
            _vectors(shard, encoder, what)
        except LibraryError as error:
            _log.warning("%s", error)
            others.append(record)
            continue
        shards.append(shard)
    return tuple(shards), tuple(others)


def _vectors(shard: Shard, encoder: str, what: What) -> Vectors:
    return shard.crop_vectors(encoder) if what == "crops" else shard.scene_vectors(encoder)


def _parts(
    store: IndexStore,
    dim: int,
    encoder: str,
    what: What,
    shards: tuple[Shard, ...],
    blocks: tuple[Block, ...],
    *,
    save: bool,
) -> tuple[_Part, ...]:
    """The stored index as far as it is right, and one in memory for the rest."""
    starts = np.cumsum([0, *(block.rows for block in blocks)])
    place_of = {block: place for place, block in enumerate(blocks)}
    stored = store.load(dim)
    parts: list[_Part] = []
    missing = set(range(len(blocks)))
    if stored is not None:
        live = np.full(stored.index.ntotal, -1, np.int64)
        start = 0
        for block in stored.blocks:
            place = place_of.get(block)
            if place is not None:
                vectors = _vectors(shards[place], encoder, what)
                if not fits_shards(stored, block, start, vectors):
                    _log.warning("the index in %s is damaged and will be rebuilt", store.folder)
                    stored = None
                    break
                live[start : start + block.rows] = np.arange(starts[place], starts[place + 1])
                missing.discard(place)
            start += block.rows
        if stored is not None:
            parts.append(_Part(stored, live))
    if stored is None:
        missing = set(range(len(blocks)))
    if not missing and stored is not None and len(stored.blocks) == len(blocks):
        return tuple(parts)

    stale = sum(int(np.count_nonzero(part.live < 0)) for part in parts)
    stale += sum(blocks[place].rows for place in missing)
    whole = stored is None or stale * dim * 2 <= _ALWAYS_REWRITE_BYTES
    if whole or stale > _REWRITE_SHARE * int(starts[-1]):
        fresh = _filled(dim, encoder, what, shards, blocks)
        if save:
            _save(store, fresh)
        return (_Part(fresh, np.arange(starts[-1], dtype=np.int64)),)
    late = sorted(missing)
    tail = _filled(
        dim, encoder, what, tuple(shards[p] for p in late), tuple(blocks[p] for p in late)
    )
    rows = [np.arange(starts[p], starts[p + 1]) for p in late]
    parts.append(_Part(tail, np.concatenate([*rows, np.zeros(0, np.int64)])))
    return tuple(parts)


def _filled(
    dim: int, encoder: str, what: What, shards: tuple[Shard, ...], blocks: tuple[Block, ...]
) -> Stored:
    index = new_index(dim)
    for shard in shards:
        append(index, _vectors(shard, encoder, what))
    return Stored(index, blocks)


def _save(store: IndexStore, stored: Stored) -> None:
    try:
        store.save(stored)
    except OSError as error:
        reason = "the disk is full" if is_disk_full(error) else str(error)
        _log.warning("the index in %s is kept in memory only: %s", store.folder, reason)
