"""kill -9 at any point of `add`, then `add` again: the result equals an uninterrupted run."""

import os
import random
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.index.vectors import VectorIndex
from core.library.library import Library
from tests.fakes import clip
from tests.faults.kills import run

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 is for Unix"),
    pytest.mark.slow,
]
REPOSITORY = Path(__file__).parents[2]


def kills(video: Path, out: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.kills", str(video), str(out), *words],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def state(root: Path) -> dict[str, object]:
    """All that must be equal: every file of every shard, and the catalog without times of day."""
    with Library.open(root) as library:
        assert library.verify() == {}
        records = [replace(record, added_at=0.0) for record in library.videos()]
    found: dict[str, object] = {"records": records}
    for path in sorted(root.rglob("*")):
        place = path.relative_to(root)
        if path.is_file() and place.parts[0] in ("videos", "work", "index"):
            # every writing of an index file has a name and place of its own, which its stamp knows
            name = re.sub(r"-[0-9a-f]{8}[.]faiss", ".faiss", str(place))
            data = path.read_bytes()
            if path.suffix == ".json":
                data = re.sub(rb"-[0-9a-f]{8}[.]faiss", b".faiss", data)
                data = re.sub(rb'"(mtime_ns|inode)": [0-9]+', rb'"\1": 0', data)
            found[name] = data
        elif path.is_dir() and place.parts[0] == "work" and len(place.parts) > 1:
            found[str(place)] = "folder"
    return found


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    return clip(tmp_path_factory.mktemp("videos") / "traffic.mp4", seconds=3.0)


@pytest.fixture(scope="module")
def expected(video, tmp_path_factory) -> dict[str, object]:
    root = tmp_path_factory.mktemp("whole") / "library"
    run(video, root)
    return state(root)


def check(video: Path, root: Path, expected: dict[str, object]) -> None:
    with Library.open(root) as library:  # what is left opens, and holds no half video
        assert all(record.state in ("interrupted", "ready") for record in library.videos())
        ready = bool(library.ready())
        if ready:  # the index is derived: whoever opens it first writes it
            for what in ("crops", "scenes"):
                VectorIndex.open(library, "fake/encoder", what)
    if not ready:
        run(video, root)
    found = state(root)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == value, name


def test_at_durable_steps(video, expected, tmp_path):
    steps = int(kills(video, tmp_path, "count"))
    assert steps > 100
    chosen = random.Random(2).sample(range(1, steps - 12), 6)
    # The last steps are those in which a video becomes part of the library.
    chosen += range(steps - 12, steps, 4)
    points = sorted(chosen)
    kills(video, tmp_path, "steps", *map(str, points))
    for point in points:
        check(video, tmp_path / f"step-{point}", expected)


def test_by_the_clock(video, expected, tmp_path):
    moments = [f"{random.Random(seed).uniform(0.05, 0.9):.2f}" for seed in range(3)]
    kills(video, tmp_path, "seconds", *moments)
    for moment in moments:
        check(video, tmp_path / f"after-{moment}", expected)


def test_killed_again_and_again(video, expected, tmp_path):
    for _ in range(3):
        kills(video, tmp_path, "seconds", "0.45")
    check(video, tmp_path / "after-0.45", expected)
