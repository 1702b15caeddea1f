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


class WriterLock:
    """Held while videos are added or removed; use as a context manager.

    Raises LibraryError when another process (or another thread of this one) holds it.
    """

    def __init__(self, root: Path, patience_s: float = 2.0) -> None:
        """patience_s: how long to wait for one who only looks for leftovers while opening."""
        self._root = root
        self._patience_s = patience_s
        self._connection: sqlite3.Connection | None = None

    def acquire(self) -> None:
        connection = sqlite3.connect(
            self._root / LOCK_NAME,
            timeout=self._patience_s,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            connection.close()
            if "locked" not in str(error):
                raise LibraryError(
                    f"Cannot lock the library {self._root} for writing: {error}."
                ) from error
            raise LibraryError(
                f"Another vidtrail process{self._owner()} is changing the library {self._root}: "
                "wait until it is done or stop it, then try again."
            ) from error
        self._connection = connection
        (self._root / _OWNER_NAME).write_text(str(os.getpid()), encoding="ascii")

    def release(self) -> None:
        if self._connection is None:
            return
        with contextlib.suppress(OSError):  # the pid is a courtesy; the transaction is the lock
            (self._root / _OWNER_NAME).unlink(missing_ok=True)
        self._connection.close()
        self._connection = None

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
