"""Derived files that appear whole or not at all, however many processes write at the same time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from core.library.files import TEMPORARY, sync_folder


@contextmanager
def fresh_file(path: Path) -> Iterator[Path]:
    """A temporary name beside `path` to write to; when the body ends well, it becomes `path`.

    The name carries the number of this process, so that no two write to the same file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def clear_left_overs(folder: Path) -> None:
    """Delete what processes that were killed while writing here have left."""
    for left in folder.glob(f"{TEMPORARY}*-*"):
        number = left.name.removeprefix(TEMPORARY).partition("-")[0]
        if number.isdigit() and not psutil.pid_exists(int(number)):
            left.unlink(missing_ok=True)
