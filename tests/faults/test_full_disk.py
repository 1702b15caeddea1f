"""A full disk: one clear sentence, nothing half-written, and going on when there is room again."""

import contextlib
import errno
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import LibraryError
from core.ingest.batch import Models, Outcome, add_paths
from core.ingest.reading import ReadingSettings
from core.library import files
from core.library.library import Library
from tests.fakes import PROFILE, FakeDetector, FakeEncoder, clip

SETTINGS = ReadingSettings(segment_s=1.0, detect_batch=4)


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    return clip(tmp_path_factory.mktemp("videos") / "traffic.mp4", seconds=3.0)


def add(root: Path, video: Path) -> list[Outcome]:
    with Library.open(root) as library:
        return add_paths(
            library, [video], PROFILE, settings=SETTINGS,
            load=lambda profile, runtimes: Models(FakeDetector(), FakeEncoder()),
        )  # fmt: skip


def shards(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.glob("videos/*/*")}


@pytest.fixture(scope="module")
def expected(video, tmp_path_factory) -> dict[str, bytes]:
    root = tmp_path_factory.mktemp("whole") / "library"
    assert add(root, video)[0].ok
    return shards(root)


class Disk:
    """Lets `room` writes through, then says that the disk is full."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.writes = 0
        self.full = False

    def write(self, real, writer, data):
        self.writes += 1
        if self.writes > self.room:
            self.full = True
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(writer, data)


def test_full_at_any_write(video, expected, tmp_path, monkeypatch):
    real = files.FileWriter.write
    disk = Disk(10**9)
    monkeypatch.setattr(files.FileWriter, "write", lambda w, d: disk.write(real, w, d))
    add(tmp_path / "counted", video)
    writes = disk.writes
    for room in [0, writes - 1, *random.Random(1).sample(range(1, writes - 1), 5)]:
        root = tmp_path / f"library{room}"
        disk = Disk(room)
        (outcome,) = add(root, video)
        assert disk.full
        if outcome.status == "added":  # only the stamp of the index had no room: it is derived
            assert shards(root) == expected
            continue
        assert outcome.status == "failed"
        assert "is full" in outcome.message
        assert str(root) in outcome.message
        assert "\n" not in outcome.message
        assert list(root.glob("videos/*")) == []
        assert list(root.rglob(".tmp-*")) == []
        with Library.open(root) as library:
            (record,) = library.videos()
            assert record.state == "interrupted"
        disk = Disk(10**9)
        assert add(root, video)[0].status == "added"
        assert shards(root) == expected


@contextlib.contextmanager
def small_disk(folder: Path, size_kib: int) -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_kib}k", "vidtrail-test", str(folder)],
        capture_output=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip("no permission to mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("size_kib", [40, 150, 220, 300])
def test_a_disk_that_is_really_full(video, expected, tmp_path, size_kib):
    folder = tmp_path / "disk"
    with small_disk(folder, size_kib):
        root = folder / "library"
        said = ""
        try:
            (outcome,) = add(root, video)
            said = outcome.message
            assert not outcome.ok
        except LibraryError as error:  # not even the catalog has room
            said = str(error)
        assert "is full" in said
        assert list(root.glob("videos/*/*")) == []
        subprocess.run(
            ["mount", "-o", "remount,size=20000k", str(folder)], check=True, capture_output=True
        )
        (outcome,) = add(root, video)
        assert outcome.status == "added"
        assert shards(root) == expected
