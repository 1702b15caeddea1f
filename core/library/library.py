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
from core.library.bin import Bin
from core.library.catalog import CATALOG_NAME, Catalog, VideoRecord, now
from core.library.files import TEMPORARY, writing_to
from core.library.lock import BusyError, WriterLock
from core.library.meta import META_NAME
from core.library.notes import FIRST_NEW_TRACK, Notes
from core.library.shard import Shard
from core.library.zones import Zones

_log = logging.getLogger(__name__)
_REMOVED = ".removed-"
_REPLACED = ".replaced-"
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
        self.bin = Bin(root, catalog)
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
        folder = Path(root).expanduser().absolute()
        if not folder.exists() and (not create or read_only):
            raise LibraryError(
                f"There is no library at {folder}: add a video first (`vidtrail add FILE`)."
            )
        if folder.exists() and not folder.is_dir():
            raise LibraryError(f"{folder} is a file; a library is a folder: name another path.")
        with writing_to(folder):
            folder.mkdir(parents=True, exist_ok=True)
            inside = {entry.name for entry in folder.iterdir()}
        if inside and not inside & _KNOWN and not all(name.startswith(".") for name in inside):
            raise LibraryError(
                f"{folder} holds other files and is no library: name an empty or a new folder."
            )
        if not inside & _KNOWN and not create:
            raise LibraryError(
                f"There is no library at {folder}: add a video first (`vidtrail add FILE`)."
            )
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
        everything = self.videos()
        path = str(Path(words).expanduser().absolute())
        for fits in (
            [r for r in everything if r.video_id == words],
            [r for r in everything if r.path == path],
            [r for r in everything if r.name == words],
            [r for r in everything if Path(r.name).stem == words],
            [r for r in everything if len(words) >= 4 and r.video_id.startswith(words)],
        ):
            if len(fits) == 1:
                return fits[0]
            if fits:
                which = ", ".join(f"{r.name} ({r.video_id[:8]})" for r in fits)
                raise LibraryError(f"{words!r} fits several videos: {which}. Use the id.")
        raise LibraryError(
            f"There is no video {words!r} in the library {self.path}: `vidtrail status` lists them."
        )

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
                problem = self._problem(record, thorough=True)
                if problem:
                    found[record.video_id] = problem
                self._mark(record, problem)
        return found

    def check(self, video_id: str) -> VideoRecord:
        """Read every byte of one video and mark it as `verify` does; the record as it is then."""
        record = self.video(video_id)
        if record.state in ("ready", "damaged"):
            self._mark(record, self._problem(record, thorough=True))
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
        meta, known = shard.meta, self.catalog.video(video_id)
        record = VideoRecord(
            video_id=video_id,
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
            gone = folder.with_name(f"{_REMOVED}{video_id}")
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
            old = folder.with_name(f"{_REPLACED}{video_id}")
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
        videos = self.path / "videos"
        videos.mkdir(exist_ok=True)
        for entry in list(videos.iterdir()):
            if entry.name.startswith(_REMOVED):
                self.catalog.forget_video(entry.name.removeprefix(_REMOVED))
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name.startswith(_REPLACED):
                place = entry.with_name(entry.name.removeprefix(_REPLACED))
                if place.exists():
                    shutil.rmtree(entry, ignore_errors=True)
                else:
                    entry.rename(place)
            elif entry.name.startswith(TEMPORARY):
                shutil.rmtree(entry, ignore_errors=True)
        self.bin.settle()
        known = {record.video_id: record for record in self.videos()}
        for entry in sorted(videos.iterdir()):
            found = known.get(entry.name)
            if entry.is_dir() and (found is None or found.state in ("ingesting", "interrupted")):
                self._adopt_if_sound(entry)
        for record in self.videos():
            if record.state in ("ready", "damaged"):
                # Only a thorough look may say that what was found damaged is well again.
                thorough = record.state == "damaged"
                self._mark(record, self._problem(record, thorough=thorough))
            elif record.state == "ingesting":
                self.catalog.set_state(
                    record.video_id,
                    "interrupted",
                    f"Reading {record.name} was interrupted: run `vidtrail add` with it again to "
                    f"continue.",
                )

    def _adopt_if_sound(self, folder: Path) -> None:
        try:
            shard = Shard(folder)
            problem = shard.problem()
        except LibraryError as error:
            problem = str(error)
        if problem or shard.video_id != folder.name:
            _log.warning("left out of the library: %s %s", folder, problem)
            return
        self.adopt(folder.name)
        _log.info("%s was complete and is now in the catalog", folder)

    def _problem(self, record: VideoRecord, *, thorough: bool = False) -> str:
        folder = self.shard_folder(record.video_id)
        if not (folder / META_NAME).exists():
            return (
                f"The data of {record.name} is missing from the library ({folder}): remove it "
                f"and add "
                f"it again (`vidtrail remove {record.video_id}`, then `vidtrail add FILE`)."
            )
        try:
            shard = Shard(folder)
        except LibraryError as error:
            return str(error)
        if shard.checksum != record.shard_checksum:
            return (
                f"{folder / META_NAME} is not what was written: remove {record.name} and add it "
                f"again "
                f"(`vidtrail remove {record.video_id}`, then `vidtrail add FILE`)."
            )
        return shard.problem(thorough=thorough)

    def _mark(self, record: VideoRecord, problem: str) -> None:
        state = "damaged" if problem else "ready"
        if (record.state, record.error) == (state, problem):
            return
        if problem:
            _log.warning("%s", problem)
        if not self.read_only:
            self.catalog.set_state(record.video_id, "damaged" if problem else "ready", problem)


def is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder, by the system's own answer."""
    return os.access(folder, os.W_OK | os.X_OK)
