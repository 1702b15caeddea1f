"""The catalog: one SQLite file (WAL) with videos, profiles and what people noted.

The schema is a list of steps; `PRAGMA user_version` says how many were taken. A catalog with more
steps than this code knows is refused, one with fewer is brought up to date in one transaction.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from core.errors import LibraryError

CATALOG_NAME = "catalog.sqlite"
State = Literal["ingesting", "interrupted", "ready", "damaged"]
_BUSY_S = 10.0
_ESCAPED = "\x1bbytes:"

_STEPS = (
    """
    CREATE TABLE videos(
        video_id TEXT PRIMARY KEY, name TEXT NOT NULL, path TEXT NOT NULL,
        duration_s REAL NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
        fps REAL NOT NULL,
        size_bytes INTEGER NOT NULL, state TEXT NOT NULL, error TEXT NOT NULL DEFAULT '',
        profile_name TEXT NOT NULL, profile_fingerprint TEXT NOT NULL, encoder TEXT NOT NULL,
        n_tracks INTEGER NOT NULL DEFAULT 0, done_s REAL NOT NULL DEFAULT 0,
        shard_checksum TEXT NOT NULL DEFAULT '', added_at REAL NOT NULL) STRICT;
    CREATE TABLE profiles(
        fingerprint TEXT PRIMARY KEY, name TEXT NOT NULL, settings TEXT NOT NULL) STRICT;
    """,
    """
    CREATE TABLE saved_queries(
        query_id INTEGER PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL, at REAL NOT NULL)
        STRICT;
    CREATE TABLE judgements(
        query TEXT NOT NULL, video_id TEXT NOT NULL, track_id INTEGER NOT NULL,
        t0_s REAL NOT NULL, t1_s REAL NOT NULL, relevant INTEGER NOT NULL, at REAL NOT NULL,
        PRIMARY KEY(query, video_id, track_id)) STRICT;
    CREATE TABLE labels(
        video_id TEXT NOT NULL, track_id INTEGER NOT NULL, label TEXT NOT NULL, at REAL NOT NULL,
        PRIMARY KEY(video_id, track_id, label)) STRICT;
    CREATE TABLE identity_edits(
        edit_id INTEGER PRIMARY KEY, kind TEXT NOT NULL,
        a_video TEXT NOT NULL, a_track INTEGER NOT NULL, b_video TEXT NOT NULL, b_track INTEGER NOT
        NULL, detail TEXT NOT NULL, at REAL NOT NULL, undone INTEGER NOT NULL DEFAULT 0) STRICT;
    """,
    # The number of an edit names the track it makes: it must never be given out again, even after
    # the edit is deleted with its video.
    """
    CREATE TABLE edits_numbered_once(
        edit_id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,
        a_video TEXT NOT NULL, a_track INTEGER NOT NULL, b_video TEXT NOT NULL, b_track INTEGER NOT
        NULL, detail TEXT NOT NULL, at REAL NOT NULL, undone INTEGER NOT NULL DEFAULT 0) STRICT;
    INSERT INTO edits_numbered_once SELECT * FROM identity_edits;
    DROP TABLE identity_edits;
    ALTER TABLE edits_numbered_once RENAME TO identity_edits;
    """,
    # JSON: canonical words of a part -> whether it was judged right. A verdict from before that is
    # one on the whole.
    """
    ALTER TABLE judgements ADD COLUMN parts TEXT NOT NULL DEFAULT '{}';
    """,
    """
    CREATE TABLE zones(
        zone_id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, points TEXT NOT NULL,
        video_id TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, at REAL NOT NULL)
        STRICT;
    """,
    # JSON: table -> the rows of a removed video.
    """
    CREATE TABLE bin(
        video_id TEXT PRIMARY KEY, name TEXT NOT NULL, rows TEXT NOT NULL, at REAL NOT NULL)
        STRICT;
    """,
    # excluded: tracks that a person wants left out everywhere. selections: JSON, video -> tracks,
    # under a key made of them. cluster_names: JSON, the cluster's size and some of its tracks, by
    # which the name finds its cluster again when clusters are made anew.
    """
    CREATE TABLE excluded(
        video_id TEXT NOT NULL, track_id INTEGER NOT NULL, at REAL NOT NULL,
        PRIMARY KEY(video_id, track_id)) STRICT;
    CREATE TABLE selections(key TEXT PRIMARY KEY, tracks TEXT NOT NULL, at REAL NOT NULL) STRICT;
    CREATE TABLE cluster_names(
        name_id INTEGER PRIMARY KEY, space TEXT NOT NULL, encoder TEXT NOT NULL,
        name TEXT NOT NULL, exemplars TEXT NOT NULL, at REAL NOT NULL) STRICT;
    """,
    # What people call the arms of a junction; x, y: where one lies, shares of the picture.
    """
    CREATE TABLE arm_names(
        arm_id INTEGER PRIMARY KEY, video_id TEXT NOT NULL, name TEXT NOT NULL, x REAL NOT NULL,
        y REAL NOT NULL, at REAL NOT NULL) STRICT;
    """,
)
SCHEMA_VERSION = len(_STEPS)

ABOUT_A_VIDEO = {
    "videos": "video_id = :video",
    "judgements": "video_id = :video",
    "labels": "video_id = :video",
    "zones": "video_id = :video",
    "excluded": "video_id = :video",
    "arm_names": "video_id = :video",
    "identity_edits": "a_video = :video OR b_video = :video",
}
"""Table -> which of its rows are about a video."""


@dataclass(frozen=True, slots=True)
class VideoRecord:
    """One video as the catalog knows it.

    path: where the file was when it was added. state: `ready` can be searched; `ingesting` is being
    read now; `interrupted` continues with the next `add`; `damaged` must be removed and added
    again.
    error: the sentence that goes with the last two. encoder: whose vectors it has. done_s: seconds
    of it that are safe on disk. added_at: seconds since 1970.
    """

    video_id: str
    name: str
    path: str
    duration_s: float
    width: int
    height: int
    fps: float
    size_bytes: int
    state: State
    error: str
    profile_name: str
    profile_fingerprint: str
    encoder: str
    n_tracks: int
    done_s: float
    shard_checksum: str
    added_at: float


_COLUMNS = tuple(VideoRecord.__dataclass_fields__)


class Catalog:
    """The SQLite file of a library; every method may be called from any thread.

    Raises LibraryError when the file is damaged, of a newer version, or busy for 10 s.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.read_only = read_only
        self._lock = threading.RLock()
        with self._explained():
            self._connection = _connect(path, read_only=read_only)
            try:
                self._bring_up_to_date()
            except BaseException:
                self._connection.close()
                raise

    def _bring_up_to_date(self) -> None:
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version > SCHEMA_VERSION:
            raise LibraryError(
                f"The library {self.path.parent} was made by a newer Vidtrail (catalog version "
                f"{version}; "
                f"this one knows {SCHEMA_VERSION}): update Vidtrail, or use another library folder."
            )
        if version == SCHEMA_VERSION:
            self._connection.execute("SELECT count(*) FROM videos").fetchone()
            return
        if self.read_only:
            raise LibraryError(
                f"The library {self.path.parent} is of an older version and cannot be changed "
                f"here: open "
                "it once with write permission, to bring it up to date."
            )
        with self.transaction() as write:
            for step in _STEPS[int(write.execute("PRAGMA user_version").fetchone()[0]) :]:
                for statement in step.split(";"):
                    write.execute(statement)
            write.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """SQLite's errors as sentences; a full disk passes through to `files.writing_to`."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise LibraryError(
                    f"The catalog {self.path} is in use by another process: try again in a moment."
                ) from error
            if "malformed" in str(error) or "no such table" in str(error):
                raise self._damaged() from error
            raise
        except sqlite3.DatabaseError as error:
            raise self._damaged() from error

    def _damaged(self) -> LibraryError:
        return LibraryError(
            f"The catalog {self.path} is damaged. Move this file away and run the command again: "
            f"the list "
            "of videos is rebuilt from the folder; labels, judgements and saved queries in it "
            "are lost."
        )

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All statements inside become visible together, or none."""
        with self._lock, self._explained():
            if self.read_only:
                raise LibraryError(f"The library {self.path.parent} is read-only here.")
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Read; `statement` is ours, never a person's text."""
        with self._lock, self._explained():
            return self._connection.execute(statement, values).fetchall()

    def version(self) -> tuple[int, int]:
        """Another one whenever anything here has changed, by this connection or by another."""
        with self._lock, self._explained():
            (others,) = self._connection.execute("PRAGMA data_version").fetchone()
            return int(others), self._connection.total_changes

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def check(self) -> None:
        """Let SQLite look at every page; raises LibraryError when it finds damage."""
        found = self.rows("PRAGMA quick_check(1)")
        if found != [("ok",)]:
            raise self._damaged()

    # --- videos ------------------------------------------------------------------------------

    def videos(self) -> list[VideoRecord]:
        """All videos, in the order they were added."""
        return [_record(row) for row in self.rows(f"{_SELECT} ORDER BY added_at, video_id")]

    def video(self, video_id: str) -> VideoRecord | None:
        rows = self.rows(f"{_SELECT} WHERE video_id = ?", (video_id,))
        return _record(rows[0]) if rows else None

    def put_video(self, record: VideoRecord) -> None:
        """Add a video or replace what is known of it."""
        with self.transaction() as write:
            write.execute(
                f"INSERT OR REPLACE INTO videos({','.join(_COLUMNS)}) "
                f"VALUES ({','.join('?' * len(_COLUMNS))})",
                tuple(_stored(getattr(record, name)) for name in _COLUMNS),
            )

    def set_state(self, video_id: str, state: State, error: str = "") -> None:
        with self.transaction() as write:
            write.execute(
                "UPDATE videos SET state = ?, error = ? WHERE video_id = ?",
                (state, error, video_id),
            )

    def set_done(self, video_id: str, done_s: float) -> None:
        with self.transaction() as write:
            write.execute("UPDATE videos SET done_s = ? WHERE video_id = ?", (done_s, video_id))

    def set_path(self, video_id: str, name: str, path: str) -> None:
        """The same content was found in another place."""
        with self.transaction() as write:
            write.execute(
                "UPDATE videos SET name = ?, path = ? WHERE video_id = ?",
                (_stored(name), _stored(path), video_id),
            )

    def forget_video(self, video_id: str) -> None:
        """Delete a video and all that people noted about its tracks."""
        with self.transaction() as write:
            for table, where in ABOUT_A_VIDEO.items():
                write.execute(f"DELETE FROM {table} WHERE {where}", {"video": video_id})

    # --- profiles ----------------------------------------------------------------------------

    def put_profile(self, fingerprint: str, name: str, settings: str) -> None:
        """Remember what a fingerprint stands for; settings: JSON."""
        with self.transaction() as write:
            write.execute(
                "INSERT OR REPLACE INTO profiles(fingerprint, name, settings) VALUES (?, ?, ?)",
                (fingerprint, name, settings),
            )

    def profiles(self) -> dict[str, tuple[str, str]]:
        """Fingerprint -> (name, settings as JSON)."""
        rows = self.rows("SELECT fingerprint, name, settings FROM profiles ORDER BY fingerprint")
        return {fingerprint: (name, settings) for fingerprint, name, settings in rows}


_SELECT = f"SELECT {','.join(_COLUMNS)} FROM videos"


def _record(row: tuple[Any, ...]) -> VideoRecord:
    record = VideoRecord(*(_restored(value) for value in row))
    if record.state not in get_args(State):
        raise LibraryError(f"The catalog holds a video in an unknown state: {record.state}.")
    return record


def _stored(value: Any) -> Any:
    """A path may hold bytes that are no text, which SQLite refuses: they are kept escaped."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return _ESCAPED + value.encode("utf-8", "surrogateescape").hex()
    return value


def _restored(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_ESCAPED):
        return bytes.fromhex(value.removeprefix(_ESCAPED)).decode("utf-8", "surrogateescape")
    return value


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    if not read_only:
        connection = _opened(path.as_uri() + "?mode=rwc")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        return connection
    connection = _opened(path.as_uri() + "?mode=ro")
    try:
        connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.OperationalError:
        # A folder that cannot be written has no room for WAL's shared memory; nobody else can be
        # writing there either, so the file may be read as it is.
        connection.close()
        connection = _opened(path.as_uri() + "?immutable=1")
    return connection


def _opened(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(
        uri, uri=True, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
    )


def now() -> float:
    """Seconds since 1970, for the columns that say when."""
    return time.time()
