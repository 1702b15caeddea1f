"""One writer a library: a lock that a killed process cannot leave behind.

An exclusive SQLite transaction on a file of its own: the system drops it with the process, and it
works on every platform that SQLite works on.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from types import TracebackType

from core.errors import LibraryError

LOCK_NAME = "writer.lock"
_OWNER_NAME = "writer.pid"


class BusyError(LibraryError):
    """Somebody else is changing the library: waiting helps."""


class Exclusive:
    """A file that one process at a time holds, until it lets go or dies.

    Raises sqlite3.OperationalError where the file cannot be made or locked at all.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None

    def take(self, patience_s: float = 0.0) -> bool:
        """Whether it is ours now; waits for another holder for at most `patience_s`."""
        connection = sqlite3.connect(
            self.path, timeout=patience_s, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            connection.close()
            if "locked" in str(error):
                return False
            raise
        self._connection = connection
        return True

    def release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def held(self) -> bool:
        return self._connection is not None


class WriterLock:
    """Held while videos are added or removed; use as a context manager.

    Raises LibraryError when another process (or another thread of this one) holds it.
    """

    def __init__(self, root: Path, patience_s: float = 2.0) -> None:
        """patience_s: how long to wait for one who only looks for leftovers while opening."""
        self._root = root
        self._patience_s = patience_s
        self._lock = Exclusive(root / LOCK_NAME)

    def acquire(self) -> None:
        try:
            ours = self._lock.take(self._patience_s)
        except sqlite3.OperationalError as error:
            raise LibraryError(
                f"Cannot lock the library {self._root} for writing: {error}."
            ) from error
        if not ours:
            raise BusyError(
                f"Another vidtrail process{self._owner()} is changing the library {self._root}: "
                "wait until it is done or stop it, then try again."
            )
        (self._root / _OWNER_NAME).write_text(str(os.getpid()), encoding="ascii")

    def release(self) -> None:
        if not self._lock.held:
            return
        with contextlib.suppress(OSError):  # the pid is a courtesy; the transaction is the lock
            (self._root / _OWNER_NAME).unlink(missing_ok=True)
        self._lock.release()

    def _owner(self) -> str:
        try:
            pid = (self._root / _OWNER_NAME).read_text(encoding="ascii").strip()
        except OSError:
            return ""
        return f" (number {pid})" if pid.isdigit() else ""

    def __enter__(self) -> WriterLock:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
