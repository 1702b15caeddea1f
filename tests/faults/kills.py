"""Runs the pipeline in forked children that are killed with SIGKILL; used by test_kill.

    python -m tests.faults.kills CLIP OUT count               -> how many durable steps a run takes
    python -m tests.faults.kills CLIP OUT steps 3 17 40       -> OUT/step-3 ... each killed there
    python -m tests.faults.kills CLIP OUT seconds 0.2 0.9     -> OUT/after-0.2 ... killed by the
    clock

A durable step is a write, a rename, a sync or a transaction: between any two of them the disk looks
different, so killing at each is killing at every point that matters.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.index.store import faiss_module
from core.ingest.batch import Models, add_paths
from core.ingest.reading import ReadingSettings
from core.library import files
from core.library.catalog import Catalog
from core.library.library import Library
from tests.fakes import PROFILE, FakeDetector, FakeEncoder

SETTINGS = ReadingSettings(segment_s=1.0, detect_batch=4)


class SlowDetector(FakeDetector):
    """Takes a moment, so that a run lasts long enough to be killed by the clock."""

    def detect(self, images: Any) -> Any:
        time.sleep(0.04)
        return super().detect(images)


def run(clip: Path, root: Path, *, slow: bool = False) -> None:
    detector = SlowDetector() if slow else FakeDetector()
    with Library.open(root) as library:
        outcomes = add_paths(
            library,
            [clip],
            PROFILE,
            load=lambda profile, runtimes: Models(detector, FakeEncoder()),
            settings=SETTINGS,
        )
        assert [outcome.status for outcome in outcomes] == ["added"], outcomes


class Steps:
    """Counts durable steps, and dies before the one named."""

    def __init__(self, die_at: int | None) -> None:
        self.count = 0
        self._die_at = die_at

    def take(self) -> None:
        self.count += 1
        if self.count == self._die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        for owner, name in (
            (files.FileWriter, "write"),
            (files.FileWriter, "close"),
            (Path, "rename"),
            (Path, "replace"),
            (Path, "mkdir"),
            (shutil, "rmtree"),
            (files, "sync_folder"),
            (Catalog, "transaction"),
        ):
            setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **more: Any) -> Any:
            self.take()
            return call(*args, **more)

        return counted


def forked(work: Callable[[], None], kill_after_s: float | None = None) -> int:
    """Run `work` in a child; returns its exit status as `os.waitpid` gives it."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def main(clip: Path, out: Path, how: str, points: list[str]) -> None:
    if how == "count":
        steps = Steps(None)
        steps.watch()
        run(clip, out / "counted")
        sys.stdout.write(f"{steps.count}\n")
    for point in points:
        if how == "steps":

            def die(at: int = int(point)) -> None:
                Steps(at).watch()
                run(clip, out / f"step-{at}")

            status = forked(die)
            assert os.WIFSIGNALED(status), (point, status)
        elif how == "seconds":
            forked(lambda p=point: run(clip, out / f"after-{p}", slow=True), float(point))


if __name__ == "__main__":
    faiss_module()  # loaded once, before the forks
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:])
