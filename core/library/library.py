"""The library: a folder with a catalog, one shard a video, work in progress and derived indexes.

catalog.sqlite   videos, states, people's notes        videos/<video_id>/   shards, immutable
work/<video_id>/ segments of a video being added       index/<encoder>/     derived, can be deleted
bin/<video_id>/  shards of videos that were removed    copies/<id>.mp4      what browsers can play
jobs.sqlite      the queue of videos                   uploads/             files sent by browsers
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from core.errors import LibraryError
from core.library.arm_names import ArmNames
from core.library.bin import Bin
from core.library.catalog import CATALOG_NAME, Catalog, VideoRecord
from core.library.cluster_names import ClusterNames
from core.library.exclusions import Exclusions
from core.library.files import writing_to
from core.library.lock import BusyError, WriterLock
from core.library.notes import FIRST_NEW_TRACK, Notes
from core.library.place import folder_of, meant
from core.library.recovery import (
    REMOVED,
    REPLACED,
    adopt_complete,
    mark,
    mark_states,
    problem_with,
    record_of,
    settle,
)
from core.library.selections import Selections
from core.library.shard import Shard
from core.library.zones import Zones

_log = logging.getLogger(__name__)
JOBS_NAME = "jobs.sqlite"
UPLOADS, COPIES = "uploads", "copies"
_KNOWN = {CATALOG_NAME, "videos", "work", "index", "bin", "jobs", JOBS_NAME, UPLOADS, COPIES}

Stamp = tuple[tuple[str, str, tuple[int, ...]], ...]


class Library:
    """An open library; safe to share between threads, closed with `close` or `with`."""

    def __init__(self, root: Path, catalog: Catalog) -> None:
        self.path = root
        self.catalog = catalog
        self.notes = Notes(catalog)
        self.zones = Zones(catalog)
        self.arm_names = ArmNames(catalog)
        self.bin = Bin(root, catalog)
        self.selections = Selections(catalog)
        self.exclusions = Exclusions(catalog)
        self.cluster_names = ClusterNames(catalog)
        self._shards: dict[str, Shard] = {}
        self._edited: dict[str, Shard] = {}
        self._stamp: tuple[tuple[int, int], Stamp] | None = None
        self._lock = threading.Lock()
        self._writing = threading.RLock()
        self._write_depth = 0

    # --- opening -----------------------------------------------------------------------------

    @staticmethod
    def open(root: Path | str, create: bool = True, *, read_only: bool | None = None) -> Library:
        """Open the library in `root`, making it when `create`; finishes what a kill interrupted.

        read_only: None decides by whether the folder can be written to.
        Raises LibraryError when there is none, it is newer than this code, damaged, or something
        else.
        """
        folder, inside = folder_of(root, _KNOWN, create=create and not read_only)
        closed = not is_writable(folder) if read_only is None else read_only
        if closed and CATALOG_NAME not in inside:
            raise LibraryError(
                f"There is no library at {folder}, and it cannot be made: no permission to write "
                f"there."
            )
        with writing_to(folder):
            library = Library(folder, Catalog(folder / CATALOG_NAME, read_only=closed))
        try:
            if not closed:
                library._reconcile_if_idle()
        except BaseException:
            library.close()
            raise
        return library

    @property
    def read_only(self) -> bool:
        return self.catalog.read_only

    def close(self) -> None:
        self.catalog.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- places ------------------------------------------------------------------------------

    def shard_folder(self, video_id: str) -> Path:
        return self.path / "videos" / video_id

    def work_folder(self, video_id: str) -> Path:
        return self.path / "work" / video_id

    @property
    def index_folder(self) -> Path:
        return self.path / "index"

    @property
    def uploads_folder(self) -> Path:
        """Media files that browsers sent; they belong to the library and leave with their video."""
        return self.path / UPLOADS

    def copy_path(self, video_id: str) -> Path:
        """Where the copy of a video lies that browsers can play, if there is one."""
        return self.path / COPIES / f"{video_id}.mp4"

    # --- reading -----------------------------------------------------------------------------

    def videos(self) -> list[VideoRecord]:
        """All videos in the order they were added, whatever their state."""
        return self.catalog.videos()

    def ready(self) -> list[VideoRecord]:
        """The videos that can be searched."""
        return [record for record in self.videos() if record.state == "ready"]

    def video(self, video_id: str) -> VideoRecord:
        """One video by its id; raises LibraryError when there is none."""
        record = self.catalog.video(video_id)
        if record is None:
            raise LibraryError(f"There is no video {video_id} in the library {self.path}.")
        return record

    def find(self, words: str) -> VideoRecord:
        """A video by id, start of the id (4 signs or more), name, name without suffix, or path.

        Raises LibraryError when none or several fit, naming them.
        """
        return meant(words, self.videos(), self.path)

    def shard(self, video_id: str) -> Shard:
        """A ready video as people have corrected it, kept open; raises LibraryError otherwise."""
        record = self.video(video_id)
        if record.state == "damaged":
            raise LibraryError(record.error)
        if record.state != "ready":
            raise LibraryError(
                f"{record.name} is not indexed to the end yet: run `vidtrail add` with it again."
            )
        edits = self.notes.track_edits(video_id)
        with self._lock:
            shard = self._shards.get(video_id)
            if shard is None or shard.checksum != record.shard_checksum:
                shard = Shard(self.shard_folder(video_id))
                self._shards[video_id] = shard
            if not edits:
                self._edited.pop(video_id, None)
                return shard
            numbers = tuple(edit.edit_id for edit in edits)
            edited = self._edited.get(video_id)
            if edited is None or (edited.checksum, edited.edits) != (shard.checksum, numbers):
                # Most libraries have no edits, and describing tracks takes SciPy and OpenCV.
                from core.library.edited import EditedShard

                edited = EditedShard(shard, edits)
                self._edited[video_id] = edited
            return edited

    def stamp(self) -> Stamp:
        """(video id, checksum, numbers of its edits) of every ready video: what answers rest on.

        Asked before every question, so it is read anew only where the catalog has changed.
        """
        version = self.catalog.version()
        with self._lock:
            if self._stamp is None or self._stamp[0] != version:
                edits = self.notes.track_edit_ids()
                stamp = tuple(
                    (record.video_id, record.shard_checksum, edits.get(record.video_id, ()))
                    for record in self.ready()
                )
                self._stamp = (version, stamp)
            return self._stamp[1]

    def resolve(self, video_id: str, track_id: int) -> int:
        """The track that is now what `track_id` was when somebody wrote it down.

        A track that was merged into another is found there; one that was split off, and the split
        undone, in the track it came from.
        Raises LibraryError for an unknown track or a video that is not ready.
        """
        if track_id >= FIRST_NEW_TRACK:
            for edit in self.notes.identity_edits(undone=True):
                made = edit.kind == "split" and (edit.a_video, edit.new_track)
                if edit.undone and made == (video_id, track_id):
                    return self.resolve(video_id, edit.a_track)
        return self.shard(video_id).resolve(track_id)

    def verify(self) -> dict[str, str]:
        """Read every byte of the library: video id -> sentence, for each video with damage.

        Marks those videos as damaged (and mends the mark of those that are well again) where it
        may.
        Raises LibraryError when the catalog itself is damaged.
        """
        self.catalog.check()
        found: dict[str, str] = {}
        for record in self.videos():
            if record.state in ("ready", "damaged"):
                problem = problem_with(self.shard_folder(record.video_id), record, thorough=True)
                if problem:
                    found[record.video_id] = problem
                mark(self.catalog, record, problem)
        return found

    def check(self, video_id: str) -> VideoRecord:
        """Read every byte of one video and mark it as `verify` does; the record as it is then."""
        record = self.video(video_id)
        if record.state in ("ready", "damaged"):
            problem = problem_with(self.shard_folder(video_id), record, thorough=True)
            mark(self.catalog, record, problem)
        return self.video(video_id)

    # --- writing -----------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one writer; raises LibraryError when another is, or the folder is read-only."""
        if self.read_only:
            raise LibraryError(
                f"The library {self.path} cannot be changed here: no permission to write to the "
                f"folder."
            )
        if not self._writing.acquire(blocking=False):
            raise BusyError(
                f"The library {self.path} is being changed by another task of this program: wait "
                f"until "
                "it is done or stop it, then try again."
            )
        try:
            with contextlib.ExitStack() as stack:
                if self._write_depth == 0:
                    stack.enter_context(writing_to(self.path))
                    stack.enter_context(WriterLock(self.path))
                    self._reconcile()
                self._write_depth += 1
                try:
                    yield
                finally:
                    self._write_depth -= 1
        finally:
            self._writing.release()

    def adopt(self, video_id: str) -> VideoRecord:
        """Enter a complete shard folder into the catalog and drop its segments."""
        shard = Shard(self.shard_folder(video_id))
        known = self.catalog.video(video_id)
        record = record_of(shard, known)
        self.catalog.put_video(record)
        shutil.rmtree(self.work_folder(video_id), ignore_errors=True)
        return record

    def remove(self, video_id: str) -> VideoRecord:
        """Take a video out for good, with its data and the notes about it; the media file stays.

        `bin.put` is the way with a way back.
        Raises LibraryError when there is no such video or another process is writing.
        """
        with self.writing():
            record = self.video(video_id)
            folder = self.shard_folder(video_id)
            # From this rename on, a kill ends in "removed": the next open completes it.
            gone = folder.with_name(f"{REMOVED}{video_id}")
            shutil.rmtree(gone, ignore_errors=True)
            if folder.exists():
                folder.rename(gone)
            self.catalog.forget_video(video_id)
            shutil.rmtree(gone, ignore_errors=True)
            shutil.rmtree(self.work_folder(video_id), ignore_errors=True)
            with self._lock:
                self._shards.pop(video_id, None)
                self._edited.pop(video_id, None)
            return record

    def replace(self, video_id: str, fresh: Path) -> VideoRecord:
        """Put a complete shard folder in the place of the one of a ready video.

        fresh: beside that folder; it is renamed. A kill leaves one of the two, which the next open
        finds. Raises LibraryError when there is no such video or another process is writing.
        """
        with self.writing():
            self.video(video_id)
            folder = self.shard_folder(video_id)
            old = folder.with_name(f"{REPLACED}{video_id}")
            shutil.rmtree(old, ignore_errors=True)
            self.catalog.set_state(video_id, "ingesting")  # whichever is found is adopted
            folder.rename(old)
            fresh.rename(folder)
            record = self.adopt(video_id)
            shutil.rmtree(old, ignore_errors=True)
            return record

    # --- after a kill ------------------------------------------------------------------------

    def _reconcile_if_idle(self) -> None:
        lock = WriterLock(self.path, patience_s=0.0)
        try:
            with writing_to(self.path):
                lock.acquire()
        except LibraryError:
            return  # another process is writing: what looks unfinished is its work
        try:
            with writing_to(self.path):
                self._reconcile()
        finally:
            lock.release()

    def _reconcile(self) -> None:
        """Bring catalog and folders into line; runs only while the writer lock is held."""
        settle(self.path / "videos", self.catalog)
        self.bin.settle()
        adopt_complete(self.path / "videos", self.videos(), self.adopt)
        mark_states(self.path / "videos", self.catalog)


def is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder, by the system's own answer."""
    return os.access(folder, os.W_OK | os.X_OK)
