"""Files that survive a power cut: written whole, hashed while written, named by one rename.

Every byte of a shard or of an ingest segment goes through `FileWriter`, so that what a full disk
or a kill leaves behind is always a folder with a temporary name, never half of a finished one.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from core.errors import LibraryError

TEMPORARY = ".tmp-"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What a finished file must look like: its size, and the blake2b (16 bytes, hex) of it."""

    size_bytes: int
    blake2b: str


class FileWriter(io.RawIOBase):
    """A new file that is hashed while it is written and flushed to the disk when it closes."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("xb")
        self._hash = hashlib.blake2b(digest_size=16)
        self._size = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size

    def write(self, data: object) -> int:
        view = memoryview(data).cast("B")  # type: ignore[arg-type]
        self._file.write(view)
        self._hash.update(view)
        self._size += len(view)
        return len(view)

    def close(self) -> None:
        if self._file.closed:
            return
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        finally:
            self._file.close()
            super().close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def stamp(self) -> FileStamp:
        return FileStamp(self._size, self._hash.hexdigest())


def write_bytes(path: Path, data: bytes) -> FileStamp:
    """Write a new file whole; it is on the disk when this returns."""
    with FileWriter(path) as file:
        file.write(data)
    return file.stamp


def replace_bytes(path: Path, data: bytes) -> None:
    """Write a file beside `path`, then put it in its place: readers see the old or the new."""
    temporary = path.with_name(f"{TEMPORARY}{path.name}")
    temporary.unlink(missing_ok=True)
    try:
        write_bytes(temporary, data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def stamp_of(path: Path) -> FileStamp:
    """Read a file and return its stamp."""
    digest = hashlib.blake2b(digest_size=16)
    size = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return FileStamp(size, digest.hexdigest())


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable; systems that cannot open a folder need no such call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def commit_folder(folder: Path, fill: Callable[[Path], None]) -> None:
    """Make `folder` appear complete or not at all.

    `fill` writes into a folder with a temporary name beside it; after it returns, one rename gives
    the final name. When `fill` raises, what it wrote is deleted. An existing `folder` is replaced.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.with_name(f"{TEMPORARY}{folder.name}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        fill(temporary)
        sync_folder(temporary)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    if folder.exists():
        shutil.rmtree(folder)
    temporary.rename(folder)
    sync_folder(folder.parent)


def is_disk_full(error: BaseException) -> bool:
    """Whether an error of the system, of Arrow or of SQLite says that there is no room left."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return True
    return isinstance(error, (sqlite3.OperationalError, OSError)) and (
        "disk is full" in str(error) or "No space left" in str(error)
    )


_REFUSALS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ENOTDIR)


def _is_about(root: Path, error: OSError) -> bool:
    """Whether a system error is a refusal to write below `root`, and not one about other files."""
    named = error.filename
    elsewhere = (
        isinstance(named, (str, os.PathLike)) and named and not Path(named).is_relative_to(root)
    )
    return error.errno in _REFUSALS and not elsewhere


@contextmanager
def writing_to(root: Path) -> Iterator[None]:
    """Turn a full disk or a refused write under `root` into a sentence for people."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        if is_disk_full(error):
            raise LibraryError(
                f"The disk that holds the library {root} is full: free some space, then run the "
                f"same "
                "command again; what was finished is kept."
            ) from error
        if isinstance(error, OSError) and _is_about(root, error):
            reason = error.strerror or str(error)
            raise LibraryError(f"Cannot write to the library {root}: {reason}.") from error
        raise
