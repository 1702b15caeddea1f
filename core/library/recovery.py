"""After a kill: what was half done is undone or completed, what is damaged is told so.

Runs only while the writer lock is held.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from core.errors import LibraryError
from core.library.catalog import Catalog, VideoRecord, now
from core.library.files import TEMPORARY
from core.library.meta import META_NAME
from core.library.shard import Shard

REMOVED = ".removed-"
REPLACED = ".replaced-"
"""How the names of folders begin that are on their way out."""

_log = logging.getLogger(__name__)


def settle(videos: Path, catalog: Catalog) -> None:
    """Complete what was being removed, and put back what was not replaced in the end."""
    videos.mkdir(exist_ok=True)
    for entry in list(videos.iterdir()):
        if entry.name.startswith(REMOVED):
            catalog.forget_video(entry.name.removeprefix(REMOVED))
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.name.startswith(REPLACED):
            place = entry.with_name(entry.name.removeprefix(REPLACED))
            if place.exists():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.rename(place)
        elif entry.name.startswith(TEMPORARY):
            shutil.rmtree(entry, ignore_errors=True)


def adopt_complete(
    videos: Path, records: Iterable[VideoRecord], adopt: Callable[[str], VideoRecord]
) -> None:
    """Enter the shards that are whole and that the catalog does not know to be ready."""
    known = {record.video_id: record for record in records}
    for entry in sorted(videos.iterdir()):
        found = known.get(entry.name)
        if entry.is_dir() and (found is None or found.state in ("ingesting", "interrupted")):
            _adopt_if_sound(entry, adopt)


def _adopt_if_sound(folder: Path, adopt: Callable[[str], VideoRecord]) -> None:
    try:
        shard = Shard(folder)
        problem = shard.problem()
    except LibraryError as error:
        problem = str(error)
    if problem or shard.video_id != folder.name:
        _log.warning("left out of the library: %s %s", folder, problem)
        return
    adopt(folder.name)
    _log.info("%s was complete and is now in the catalog", folder)


def record_of(shard: Shard, known: VideoRecord | None) -> VideoRecord:
    """What the catalog is to say of a complete shard; known: what it says now."""
    meta = shard.meta
    return VideoRecord(
        video_id=shard.video_id,
        name=known.name if known else meta.name,
        path=known.path if known else meta.path,
        duration_s=meta.duration_s,
        width=meta.width,
        height=meta.height,
        fps=meta.fps,
        size_bytes=meta.size_bytes,
        state="ready",
        error="",
        profile_name=meta.profile_name,
        profile_fingerprint=meta.profile_fingerprint,
        encoder=meta.encoder,
        n_tracks=meta.counts["tracks"],
        done_s=meta.duration_s,
        shard_checksum=shard.checksum,
        added_at=known.added_at if known else now(),
    )


def mark_states(videos: Path, catalog: Catalog) -> None:
    """Mark what is damaged, what is well again, and what was being read."""
    for record in catalog.videos():
        if record.state in ("ready", "damaged"):
            # Only a thorough look may say that what was found damaged is well again.
            thorough = record.state == "damaged"
            folder = videos / record.video_id
            mark(catalog, record, problem_with(folder, record, thorough=thorough))
        elif record.state == "ingesting":
            catalog.set_state(
                record.video_id,
                "interrupted",
                f"Reading {record.name} was interrupted: run `vidtrail add` with it again to "
                "continue.",
            )


def problem_with(folder: Path, record: VideoRecord, *, thorough: bool = False) -> str:
    """A sentence on what is wrong with the data of a video, "" where all is well.

    thorough: read every byte, rather than look at sizes.
    """
    if not (folder / META_NAME).exists():
        return (
            f"The data of {record.name} is missing from the library ({folder}): remove it and add "
            f"it again (`vidtrail remove {record.video_id}`, then `vidtrail add FILE`)."
        )
    try:
        shard = Shard(folder)
    except LibraryError as error:
        return str(error)
    if shard.checksum != record.shard_checksum:
        return (
            f"{folder / META_NAME} is not what was written: remove {record.name} and add it again "
            f"(`vidtrail remove {record.video_id}`, then `vidtrail add FILE`)."
        )
    return shard.problem(thorough=thorough)


def mark(catalog: Catalog, record: VideoRecord, problem: str) -> None:
    """Mark a video as damaged, or as ready where there is no problem, in a catalog to write to."""
    state = "damaged" if problem else "ready"
    if (record.state, record.error) == (state, problem):
        return
    if problem:
        _log.warning("%s", problem)
    if not catalog.read_only:
        catalog.set_state(record.video_id, "damaged" if problem else "ready", problem)
