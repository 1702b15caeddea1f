"""A library of two sample videos, read by the demo models once for all tests of a run."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
VIDEOS = ("crossroads-red-11", "bus-stop-1")
"""Two red cars turn left in the first (`red car turning left` is answered), people wait for and
board a bus in the second."""
COMMAND = (sys.executable, str(ROOT / "dashboard" / "launcher.py"))


def sample_library(factory: pytest.TempPathFactory) -> Path:
    """The library's folder; whoever comes first makes it. Copy it before changing anything."""
    base = factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base  # workers have one each
    made = shared / "sample-library"
    with (shared / "sample-library.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            partial = shared / "sample-library.partial"
            shutil.rmtree(partial, ignore_errors=True)
            files = [str(ROOT / "sample_videos" / name) for name in VIDEOS]
            done = subprocess.run(
                [*COMMAND, "add", *files, "--library", str(partial)],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            partial.rename(made)
    return made
