"""Runs the queue: one thread of the server, one worker process at a time.

Of several servers over one library a single one runs jobs; another takes over when it is gone.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

from core.errors import LibraryError
from core.ingest.jobs import Job, Jobs
from core.ingest.worker import LOCK
from core.library.bin import KEPT_DAYS
from core.library.library import Library
from core.library.lock import Exclusive

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parents[2]  # where workers find this package
_TURN_S = 0.3
_AFTER_TROUBLE_S = 5.0
_DAY_S = 86_400.0


class Runner:
    """Starts the jobs of the library in `place` as they come; `start` it once, `stop` it at last.

    grace_s: how long a worker may take to stop when it is asked to, before it is ended.
    worker: the module that is run for a job.
    """

    def __init__(
        self, place: Path, *, grace_s: float = 10.0, worker: str = "core.ingest.worker"
    ) -> None:
        self._place = place
        self._grace_s = grace_s
        self._worker = worker
        self._jobs = Jobs(place)
        self._stop = threading.Event()
        self._lock: Exclusive | None = None
        self._emptied = 0.0
        self._thread = threading.Thread(target=self._loop, name="jobs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the worker; its job goes on with the next runner of this library."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _loop(self) -> None:
        pause_s = _TURN_S
        try:
            while not self._stop.wait(pause_s):
                try:
                    self._turn()
                    pause_s = _TURN_S
                except (LibraryError, OSError, sqlite3.Error):
                    _log.exception("the queue of %s", self._place)
                    pause_s = _AFTER_TROUBLE_S
        finally:
            if self._lock is not None:
                self._lock.release()

    def _turn(self) -> None:
        if not self._jobs.path.exists() or not os.access(self._place, os.W_OK):
            return  # nothing was ever put there, or nobody can work there
        if self._lock is None:
            lock = Exclusive(self._jobs.log_path(0).with_name("runner.lock"))
            if not lock.take():
                return  # another server runs the jobs of this library
            self._lock = lock
            self._settle()
        if time.monotonic() - self._emptied > _DAY_S or not self._emptied:
            self._empty_bin()
        if any(job.state == "queued" for job in self._jobs.active()):
            job = self._jobs.claim()
            if job is not None:
                self._run(job)

    def _settle(self) -> None:
        """Take over from a server that was killed: its worker leaves, its jobs are queued again."""
        left = Exclusive(self._jobs.log_path(0).with_name(LOCK))
        deadline = time.monotonic() + self._grace_s
        while not left.take():
            if time.monotonic() > deadline:
                for job in self._jobs.active():
                    if job.state == "running" and job.pid:
                        _kill(job.pid)  # the lock says that it is alive, and still this worker
            if self._stop.wait(_TURN_S):
                return
        left.release()
        for job in self._jobs.active():
            if job.state == "running":
                self._jobs.interrupted(job.job_id)

    def _empty_bin(self) -> None:
        self._emptied = time.monotonic()
        with Library.open(self._place) as library:
            library.bin.empty(KEPT_DAYS * _DAY_S)

    def _run(self, job: Job) -> None:
        paths = [str(_ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        with self._jobs.log_path(job.job_id).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", self._worker, str(self._place), str(job.job_id)],
                stdin=subprocess.PIPE,  # closes when this server ends, however it ends
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in our terminal is for us; we tell the worker
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
                    "PYTHONSAFEPATH": "1",
                },
            )
        self._jobs.began(job.job_id, process.pid)
        ended_by_us = self._await(process, job.job_id)
        if (now := self._jobs.get(job.job_id)) is None or now.state != "running":
            return
        # It ended without a word: what it was reading is no longer being read.
        self._jobs.interrupted(job.job_id, None if ended_by_us else _death(process.returncode, job))
        Library.open(self._place).close()

    def _await(self, process: subprocess.Popen[bytes], job_id: int) -> bool:
        """Wait for the end of a worker; whether it had to be ended."""
        asked: float | None = None
        try:
            while process.poll() is None:
                if self._stop.is_set() and process.stdin is not None:
                    process.stdin.close()
                job = self._jobs.get(job_id)
                if not (self._stop.is_set() or job is None or job.wanted):
                    asked = None
                elif asked is None:
                    asked = time.monotonic()
                elif time.monotonic() - asked > self._grace_s:
                    process.kill()
                    process.wait()
                    return True
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_TURN_S / 2)
            return False
        finally:
            if process.poll() is None:  # trouble with the table: nobody would watch over it
                process.kill()
                process.wait()
            if process.stdin is not None:
                process.stdin.close()


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def _death(status: int, job: Job) -> str:
    """How a worker ended that said nothing, for people."""
    more = f"The file jobs/{job.job_id}.log in the library says more."
    if status == -9:
        return (
            f"The system ended the reading of {job.name} again and again, most likely for lack of "
            f"memory: close other programs or choose a smaller profile, then try again. {more}"
        )
    return f"The reading of {job.name} broke down again and again (status {status}). {more}"
