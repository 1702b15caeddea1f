"""Tells anew what moved in a video that was indexed by an earlier version, without reading it.

Tracks, crops and vectors stay as they are; only events and relations are made again, from the
paths that the shard holds.
"""

from __future__ import annotations

import logging
import os
import shutil
from dataclasses import replace
from pathlib import Path

from core.library.description import MEASURES, describe
from core.library.files import TEMPORARY, sync_folder, write_bytes
from core.library.library import Library
from core.library.meta import META_NAME, SHARD_FORMAT
from core.library.shard import Shard
from core.library.shard_writer import write_events, write_relations

_log = logging.getLogger(__name__)
_EVENTS, _RELATIONS = "events.parquet", "relations.parquet"


def renew(library: Library, video_id: str) -> bool:
    """Describe a ready video by every kind of event and relation known today.

    Returns False, and does nothing, where it was already. What people noted and corrected stays.
    Raises LibraryError when the library cannot be written to or the video is damaged.
    """
    shard = Shard(library.shard_folder(video_id))
    if set(MEASURES) <= set(shard.meta.measures):
        return False
    with library.writing():
        fresh = shard.folder.with_name(f"{TEMPORARY}{video_id}")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        try:
            _fill(fresh, shard)
            library.replace(video_id, fresh)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    _log.info("%s was described anew", shard.meta.name)
    return True


def _fill(fresh: Path, shard: Shard) -> None:
    tracks = [shard.track(int(track)) for track in shard.tracks().track_id]
    said = describe(tracks, shard.crops(), shard.meta.frame_size, camera=shard.camera())
    for name in shard.meta.files:
        if name not in (_EVENTS, _RELATIONS):
            _same(shard.folder / name, fresh / name)
    meta = shard.meta
    files = {
        **meta.files,
        _EVENTS: write_events(fresh / _EVENTS, said.events),
        _RELATIONS: write_relations(fresh / _RELATIONS, said.relations),
    }
    counts = {**meta.counts, "events": len(said.events), "relations": len(said.relations)}
    renewed = replace(
        meta,
        files=files,
        counts=counts,
        ground=said.ground,
        measures=MEASURES,
        format=SHARD_FORMAT,
    )
    write_bytes(fresh / META_NAME, renewed.to_json())
    sync_folder(fresh)


def _same(there: Path, here: Path) -> None:
    """The same file in two folders; a copy where the file system knows no second name for it."""
    try:
        os.link(there, here)
    except OSError as error:
        _log.debug("%s is copied: %s", there, error)
        shutil.copy2(there, here)
