"""Keeps the files of an index in step with the library: reads what is new, joins what is small."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Sequence

from core.errors import LibraryError
from core.index.store import Block, IndexStore, Stored, What, filled
from core.library.catalog import VideoRecord
from core.library.files import is_disk_full
from core.library.library import Library, Stamp
from core.library.shard import Shard
from core.library.vectors import Vectors

_log = logging.getLogger(__name__)
_MOST_FILES = 6
_ALWAYS_JOINED_BYTES = 32 << 20
_LARGE_BYTES = 512 << 20


def brought_up(
    library: Library, store: IndexStore, encoder: str, what: What
) -> tuple[Stamp, tuple[Stored, ...], tuple[VideoRecord, ...], int]:
    """The stored files that are right, and what is missing read from its shards.

    Returns the videos in row order, the parts that hold them, those left out, and the dimension.
    """
    records = {r.video_id: r for r in library.videos() if r.state in ("ready", "damaged")}
    others = [r for r in records.values() if r.state == "damaged" or r.encoder != encoder]
    edits = {video_id: edited for video_id, _, edited in library.stamp()}
    mine = [r for r in records.values() if r.state == "ready" and r.encoder == encoder]
    dim = _dim_of(library, mine)
    parts = store.load(dim) if dim else ()
    held = {
        block.key
        for stored in parts
        for block, sound in zip(stored.blocks, stored.sound, strict=True)
        if sound
    }
    missing: list[tuple[Block, Shard]] = []
    stamp: list[tuple[str, str, tuple[int, ...]]] = []
    for record in mine:
        if (record.video_id, record.shard_checksum) not in held:
            try:
                shard = Shard(library.shard_folder(record.video_id))
                rows = len(_vectors(shard, encoder, what))
            except LibraryError as error:
                _log.warning("%s", error)
                others.append(record)
                continue
            missing.append((Block(record.video_id, record.shard_checksum, rows), shard))
        stamp.append((record.video_id, record.shard_checksum, edits.get(record.video_id, ())))
    wanted = frozenset((video_id, checksum) for video_id, checksum, _ in stamp)
    writable = not library.read_only
    for piece in _pieces(missing, 2 * dim):
        read = (_vectors(shard, encoder, what) for _, shard in piece)
        parts = (*parts, filled(dim, [block for block, _ in piece], read))
        if writable:
            parts = _kept(store, parts, wanted, dim)
    if writable and dim and not missing:
        parts = _kept(store, parts, wanted, dim)
    return tuple(stamp), parts, tuple(others), dim


def _pieces(
    missing: Sequence[tuple[Block, Shard]], row_bytes: int
) -> Iterator[list[tuple[Block, Shard]]]:
    """What is missing, in pieces that fit into memory and that a kill may cost."""
    piece: list[tuple[Block, Shard]] = []
    size = 0
    for block, shard in missing:
        if piece and size + block.rows * row_bytes > _LARGE_BYTES:
            yield piece
            piece, size = [], 0
        piece.append((block, shard))
        size += block.rows * row_bytes
    if piece:
        yield piece


def _dim_of(library: Library, records: Sequence[VideoRecord]) -> int:
    """The length of an encoder's vectors: that of the first video that can be read."""
    for record in records:
        with contextlib.suppress(LibraryError):  # damage is told where the video is read
            return Shard(library.shard_folder(record.video_id)).meta.encoder_dim
    return 0


def _vectors(shard: Shard, encoder: str, what: What) -> Vectors:
    return shard.crop_vectors(encoder) if what == "crops" else shard.scene_vectors(encoder)


def _kept(
    store: IndexStore, parts: Sequence[Stored], wanted: frozenset[tuple[str, str]], dim: int
) -> tuple[Stored, ...]:
    """The parts as they are kept from now on: what is new written, small and stale files joined.

    Rows are taken from the parts, so that no shard is read again.
    """
    join = _to_join(parts, wanted, 2 * dim)
    if not join and all(stored.file for stored in parts):
        return tuple(parts)
    try:
        kept = [stored for n, stored in enumerate(parts) if n not in join]
        if join:
            one = _together([parts[n] for n in join], kept, wanted, dim)
            if one.blocks or not kept:
                kept.append(one)
        kept = [stored if stored.file else store.write(stored) for stored in kept]
        store.commit(kept)
    except OSError as error:
        reason = "the disk is full" if is_disk_full(error) else str(error)
        _log.warning("the index in %s is kept in memory only: %s", store.folder, reason)
        return tuple(parts)
    return tuple(kept)


def _to_join(
    parts: Sequence[Stored], wanted: frozenset[tuple[str, str]], row_bytes: int
) -> list[int]:
    """The parts that are to be written as one: none where all is well as it is.

    Those of which more than half is of no use any more; all, where that is little to write; the
    smallest, where there are many. A file beyond `_LARGE_BYTES` is left alone otherwise, so that
    neither memory nor what is written for one more video grows with the library.
    """
    live = [_live_rows(stored, wanted) for stored in parts]
    rows = [int(stored.index.ntotal) for stored in parts]
    stale = [n for n in range(len(parts)) if 2 * live[n] < rows[n] or not rows[n]]
    as_it_is = len(parts) == 1 and parts[0].file and live == rows
    if row_bytes * sum(live) <= _ALWAYS_JOINED_BYTES:
        return [] if as_it_is else list(range(len(parts)))
    rest = [n for n in range(len(parts)) if n not in stale and row_bytes * live[n] < _LARGE_BYTES]
    if len(rest) > _MOST_FILES:
        rest.sort(key=lambda n: live[n])
        return stale + rest[: len(rest) - _MOST_FILES // 2]
    return stale


def _live_rows(stored: Stored, wanted: frozenset[tuple[str, str]]) -> int:
    pairs = zip(stored.blocks, stored.sound, strict=True)
    return sum(block.rows for block, sound in pairs if sound and block.key in wanted)


def _together(
    parts: Sequence[Stored],
    others: Sequence[Stored],
    wanted: frozenset[tuple[str, str]],
    dim: int,
) -> Stored:
    """One index in memory of what is wanted of some parts and not in the others."""
    done = {block.key for stored in others for block in stored.blocks}
    blocks: list[Block] = []
    rows: list[Vectors] = []
    for stored in parts:
        codes, starts = stored.codes, stored.starts
        for block, start, sound in zip(stored.blocks, starts, stored.sound, strict=False):
            if sound and block.key in wanted and block.key not in done:
                done.add(block.key)
                blocks.append(block)
                rows.append(codes[start : start + block.rows])
    return filled(dim, blocks, iter(rows))
