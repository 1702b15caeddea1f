"""The queue of videos: one table in SQLite that servers, workers and pages share.

A job goes on through closed browsers and restarted servers, everybody sees the same list, and what
a killed process left behind can be told from the table. Who runs them is `core.ingest.runner`.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.errors import LibraryError
from core.library.catalog import now
from core.library.files import writing_to
from core.library.library import JOBS_NAME, is_writable

JobKind = Literal["add", "copy", "map"]
JobState = Literal["queued", "running", "paused", "done", "failed", "cancelled"]
Wanted = Literal["", "pause", "cancel"]

ANEW = "anew:"
ACTIVE = ("queued", "running")
ENDED = ("done", "failed", "cancelled")
STAGES = {
    "waiting": "waiting for another process",
    "starting": "starting",
    "loading": "loading the models",
    "fetching": "fetching the models",
    "reading": "reading",
    "linking": "joining what was seen",
    "writing": "writing",
    "copying": "making a copy that browsers play",
    "comparing": "comparing objects",
    "mapping": "laying out the maps",
    "grouping": "grouping what is alike",
}
"""Words for what a running job is at."""

_MOST_DEATHS = 3  # a job that brings its worker down so often is not begun by itself again
_KEPT_DONE = 200
_BUSY_S = 10.0
_LOGS = "jobs"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs(
    job_id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, subject BLOB NOT NULL,
    profile TEXT NOT NULL, state TEXT NOT NULL, wanted TEXT NOT NULL DEFAULT '',
    stage TEXT NOT NULL DEFAULT '', share REAL NOT NULL DEFAULT 0, speed REAL NOT NULL DEFAULT 0,
    left_s REAL, reason TEXT NOT NULL DEFAULT '', video_id TEXT NOT NULL DEFAULT '',
    deaths INTEGER NOT NULL DEFAULT 0, pid INTEGER NOT NULL DEFAULT 0,
    put_at REAL NOT NULL, moved_at REAL NOT NULL, ended_at REAL) STRICT
"""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work.

    subject: the path of a file to add, the id of a video to copy, or the encoder whose maps to
    bring up to date, behind `ANEW` to make them again. wanted: what somebody asked of a running
    job. stage: a key of STAGES, "" before the first. share: part done, in [0, 1]. speed: seconds of
    video a second, 0 while unknown. left_s: None while unknown. reason: one sentence on how it
    ended. video_id: "" until known. deaths: how many workers it has brought down since a person
    last asked. pid: of its worker, 0 without one. moved_at: when its progress last changed, seconds
    since 1970.
    """

    job_id: int
    kind: JobKind
    subject: str
    profile: str
    state: JobState
    wanted: Wanted
    stage: str
    share: float
    speed: float
    left_s: float | None
    reason: str
    video_id: str
    deaths: int
    pid: int
    put_at: float
    moved_at: float
    ended_at: float | None

    @property
    def name(self) -> str:
        """The file's name, the video's id, or "maps"."""
        return "maps" if self.kind == "map" else Path(self.subject).name

    @property
    def active(self) -> bool:
        return self.state in ACTIVE


_COLUMNS = ",".join(Job.__dataclass_fields__)


class Jobs:
    """Reads and changes the queue of the library in `place`; from any thread and process.

    Nothing is made in the folder before the first job is put. Methods that change a job return
    whether they had an effect: somebody else may have been quicker.
    Raises LibraryError where the folder cannot be written to or its disk is full.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.path = place / JOBS_NAME

    def log_path(self, job_id: int) -> Path:
        """Where the worker of a job writes what a developer wants to know."""
        return self.place / _LOGS / f"{job_id}.log"

    # --- reading -----------------------------------------------------------------------------

    def all(self) -> list[Job]:
        """Every job in the order of the queue."""
        return self._select("ORDER BY put_at, job_id")

    def active(self) -> list[Job]:
        """Those that wait or run."""
        return self._select("WHERE state IN ('queued', 'running') ORDER BY put_at, job_id")

    def get(self, job_id: int) -> Job | None:
        found = self._select("WHERE job_id = ?", job_id)
        return found[0] if found else None

    def _select(self, condition: str, *values: Any) -> list[Job]:
        if not self.path.exists():
            return []
        with self._open() as read:
            rows = read.execute(f"SELECT {_COLUMNS} FROM jobs {condition}", values).fetchall()
        return [_job(row) for row in rows]

    # --- what people ask ---------------------------------------------------------------------

    def put(self, kind: JobKind, subject: Path | str, profile: str) -> int:
        """Ask for one piece of work; the number of the job.

        subject: as in `Job`; a file as a whole path. What is queued, running or paused already is
        not put a second time: its number is returned.
        """
        return self.put_all(kind, [subject], profile)[0]

    def put_all(self, kind: JobKind, subjects: Sequence[Path | str], profile: str) -> list[int]:
        """`put` for many at once, in their order."""
        self._make()
        numbers, at = [], now()
        with self._write() as write:
            open_jobs = "kind = ? AND subject = ? AND state IN ('queued', 'running', 'paused')"
            for subject in subjects:
                key = os.fsencode(subject)
                known = write.execute(
                    f"SELECT job_id FROM jobs WHERE {open_jobs}", (kind, key)
                ).fetchone()
                if known is None:
                    known = write.execute(
                        "INSERT INTO jobs(kind, subject, profile, state, put_at, moved_at) "
                        "VALUES (?, ?, ?, 'queued', ?, ?) RETURNING job_id",
                        (kind, key, profile, at, at),
                    ).fetchone()
                numbers.append(int(known[0]))
            write.execute(
                "DELETE FROM jobs WHERE state = 'done' AND job_id NOT IN "
                "(SELECT job_id FROM jobs WHERE state = 'done' ORDER BY ended_at DESC LIMIT ?)",
                (_KEPT_DONE,),
            )
        return numbers

    def pause(self, job_id: int) -> bool:
        """Stop for now; whole segments are kept, and `resume` goes on after them."""
        return self._set(job_id, "state = 'paused', stage = ''", "state = 'queued'") or self._set(
            job_id, "wanted = 'pause'", "state = 'running' AND wanted = ''"
        )

    def resume(self, job_id: int) -> bool:
        fresh = "state = 'queued', wanted = '', deaths = 0"
        return self._set(job_id, fresh, "state = 'paused'") or self._set(
            job_id, "wanted = ''", "state = 'running' AND wanted = 'pause'"
        )

    def cancel(self, job_id: int) -> bool:
        """Stop for good; whole segments are kept for whoever adds the video again."""
        said = "state = 'cancelled', reason = 'Cancelled.', stage = '', ended_at = ?"
        return self._set(job_id, said, "state IN ('queued', 'paused')", now()) or self._set(
            job_id, "wanted = 'cancel'", "state = 'running'"
        )

    def retry(self, job_id: int) -> bool:
        """Put a job that failed or was cancelled at the end of the queue again."""
        fresh = "state = 'queued', wanted = '', reason = '', stage = '', share = 0, speed = 0"
        return self._set(
            job_id,
            f"{fresh}, left_s = NULL, deaths = 0, ended_at = NULL, put_at = ?",
            "state IN ('failed', 'cancelled')",
            now(),
        )

    def dismiss(self, job_id: int) -> bool:
        """Take an ended job off the list."""
        with self._write() as write:
            gone = write.execute(
                "DELETE FROM jobs WHERE job_id = ? AND state IN ('done', 'failed', 'cancelled')",
                (job_id,),
            )
        if gone.rowcount:
            self.log_path(job_id).unlink(missing_ok=True)
        return gone.rowcount > 0

    # --- what runner and worker say ----------------------------------------------------------

    def claim(self) -> Job | None:
        """The oldest queued job, running from now on."""
        if not self.path.exists():
            return None
        with self._write() as write:
            row = write.execute(
                "UPDATE jobs SET state = 'running', wanted = '', stage = 'starting', reason = '', "
                "speed = 0, left_s = NULL, pid = 0, moved_at = ? WHERE job_id = "
                "(SELECT job_id FROM jobs WHERE state = 'queued' ORDER BY put_at, job_id LIMIT 1) "
                "RETURNING job_id",
                (now(),),
            ).fetchone()
        return None if row is None else self.get(int(row[0]))

    def began(self, job_id: int, pid: int) -> None:
        """The worker of a job is the process `pid`."""
        self._set(job_id, "pid = ?", "state = 'running'", pid)

    def tell(
        self,
        job_id: int,
        *,
        stage: str,
        share: float,
        speed: float = 0.0,
        left_s: float | None = None,
        video_id: str = "",
    ) -> None:
        """Note the progress of a running job; a video_id of "" leaves what is known."""
        self._set(
            job_id,
            "stage = ?, share = ?, speed = ?, left_s = ?, moved_at = ?, "
            "video_id = coalesce(nullif(?, ''), video_id)",
            "state = 'running'",
            *(stage, min(max(share, 0.0), 1.0), speed, left_s, now(), video_id),
        )

    def end(self, job_id: int, state: JobState, reason: str = "", video_id: str = "") -> bool:
        """A running job has come to `state`; "queued" lets it begin again by itself."""
        ended_at = now() if state in ENDED else None
        share = ", share = 1.0" if state == "done" else ""
        return self._set(
            job_id,
            "state = ?, wanted = '', reason = ?, stage = '', speed = 0, left_s = NULL, pid = 0, "
            f"video_id = coalesce(nullif(?, ''), video_id), ended_at = ?{share}",
            "state = 'running'",
            *(state, reason, video_id, ended_at),
        )

    def interrupted(self, job_id: int, why: str | None = None) -> None:
        """The worker of a running job is gone without a word: the job goes on by itself.

        why: a sentence where the job may have brought it down; one that does so always has failed.
        """
        job = self.get(job_id)
        if job is None or job.state != "running":
            return
        if job.wanted == "cancel":
            self.end(job_id, "cancelled", "Cancelled.")
        elif job.wanted == "pause":
            self.end(job_id, "paused")
        elif why is not None and job.deaths + 1 >= _MOST_DEATHS:
            self.end(job_id, "failed", why)
        else:
            if why is not None:
                self._set(job_id, "deaths = deaths + 1", "state = 'running'")
            self.end(job_id, "queued")

    # --- the file ----------------------------------------------------------------------------

    def _make(self) -> None:
        with writing_to(self.place):
            self.place.mkdir(parents=True, exist_ok=True)
            if not is_writable(self.place):
                raise LibraryError(
                    f"The library {self.place} cannot be changed here: no permission to write to "
                    "the folder."
                )
            (self.place / _LOGS).mkdir(exist_ok=True)
            with self._open() as write:
                write.execute("PRAGMA journal_mode = WAL")
                write.execute(_SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None)
        try:
            # Losing the last progress with the power is fine; the table itself stays whole.
            connection.execute("PRAGMA synchronous = NORMAL")
            yield connection
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and "malformed" not in str(error):
                raise
            raise LibraryError(
                f"The queue {self.path} is damaged: stop the server and delete this file; videos "
                "are not affected, and those half read go on when they are added again."
            ) from error
        finally:
            connection.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with writing_to(self.place), self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _set(self, job_id: int, what: str, where: str, *values: Any) -> bool:
        if not self.path.exists():
            return False
        with self._write() as write:
            done = write.execute(
                f"UPDATE jobs SET {what} WHERE job_id = ? AND {where}", (*values, job_id)
            )
        return done.rowcount > 0


def _job(row: tuple[Any, ...]) -> Job:
    job_id, kind, subject, *rest = row
    return Job(job_id, kind, os.fsdecode(subject), *rest)
