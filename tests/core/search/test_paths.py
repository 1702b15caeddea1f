"""Paths as columns: steady, thinned, in one unit, and found again by a coarse grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.detections import Float64
from core.search.columns import read_columns
from core.search.paths import CELL, GRID, Paths, _paths, described_paths, read_paths
from core.tracking.camera import CameraPath
from core.tracks import Path
from tests.core.search.collection import Obj, collection, put

UNIT = np.sqrt(640 * 360)


@dataclass
class FakeShard:
    """The boxes of some tracks and where the camera looked; as much of a shard as is asked for."""

    paths: Sequence[Path]
    view: CameraPath

    meta = SimpleNamespace(width=640, height=360)

    def tracks(self) -> Any:
        return SimpleNamespace(track_id=np.arange(len(self.paths), dtype=np.int32))

    def path_of(self, track_id: int) -> Path:
        return self.paths[track_id]

    def camera(self) -> CameraPath:
        return self.view


def boxes(foot_px: Float64, fps: float = 25.0, side: float = 40.0) -> Path:
    n = len(foot_px)
    corners = [foot_px - np.array([side / 2, side]), foot_px + np.array([side / 2, 0.0])]
    return Path(
        np.arange(n, dtype=np.int32),
        np.arange(n) / fps,
        np.concatenate(corners, axis=1).astype(np.float32),
        np.ones(n, np.float32),
        np.zeros(n, np.bool_),
    )


def line(n: int, start: tuple[float, float], step: tuple[float, float]) -> Float64:
    return np.asarray(np.array(start) + np.arange(n)[:, None] * np.array(step), np.float64)


def paths_of(*paths: Path, view: CameraPath | None = None) -> Paths:
    shard: Any = FakeShard(paths, view or CameraPath.standing())
    return _paths(described_paths(shard))


def panning(n: int, step_px: float, *, references: Sequence[int] | None = None) -> CameraPath:
    """A camera that turns: pixels of frame k lie k steps further right in the reference."""
    view = np.tile(np.eye(3), (n, 1, 1))
    view[:, 0, 2] = np.arange(n) * step_px
    return CameraPath(
        np.arange(n, dtype=np.int32),
        np.arange(n) / 25.0,
        view,
        np.asarray(references if references is not None else np.zeros(n), np.int32),
        np.ones(n, np.bool_),
        np.zeros(n, np.bool_),
    )


def test_points_are_means_over_a_fifth_of_a_second() -> None:
    paths = paths_of(boxes(line(100, (100.0, 200.0), (2.0, 0.0))), boxes(np.zeros((0, 2))))
    assert np.diff(paths.starts).tolist() == [20, 0]
    assert paths.told.tolist() == [True, False]
    assert paths.frame[:3].tolist() == [0, 5, 10]
    assert paths.t_s[:2] == pytest.approx([0.08, 0.28])
    assert paths.xy[0] * UNIT == pytest.approx([104.0, 200.0], abs=1e-3)
    assert paths.size * UNIT == pytest.approx(np.full(20, 40.0), abs=1e-3)
    assert paths.largest_px.tolist() == [40.0, 0.0]
    assert paths.bounds[0] * UNIT == pytest.approx([104.0, 200.0, 294.0, 200.0], abs=1e-3)
    assert (paths.bounds[1, :2] > paths.bounds[1, 2:]).all()


def test_speed_is_that_of_moving_in_box_lengths() -> None:
    moving = line(100, (100.0, 200.0), (1.6, 0.0))  # 40 px a second: one box
    waits = np.concatenate([moving, np.tile(moving[-1], (300, 1))])
    trembles = np.array([300.0, 200.0]) + np.random.default_rng(0).normal(0, 1.0, (300, 2))
    paths = paths_of(boxes(moving), boxes(waits), boxes(trembles))
    assert paths.speed == pytest.approx([1.0, 1.0, 0.0], abs=0.02)


def test_trembling_on_the_spot_leads_nowhere() -> None:
    rng = np.random.default_rng(1)
    way = line(100, (100.0, 200.0), (3.0, 0.0))
    waits = np.concatenate([way, np.tile(way[-1], (1000, 1))]) + rng.normal(0, 1.0, (1100, 2))
    paths = paths_of(boxes(waits))
    assert paths.travelled[-1] * UNIT < 2.0 * 300.0


def test_what_the_camera_did_is_taken_out() -> None:
    """The object stands; the camera turns past it."""
    seen = line(100, (500.0, 200.0), (-3.0, 0.0))
    steady = paths_of(boxes(seen), view=panning(100, 3.0))
    assert steady.moved.all()
    assert steady.told.all()
    assert np.ptp(steady.xy[:, 0]) < 1e-5
    assert paths_of(boxes(seen)).bounds[0, 0] < 0.5


def test_a_view_that_shares_nothing_with_the_first_picture_cannot_be_told() -> None:
    references = [0] * 50 + [1] * 50
    early, late = boxes(line(50, (100.0, 200.0), (1.0, 0.0))), boxes(np.full((50, 2), 200.0))
    late = Path(late.frame + 50, late.t_s + 2.0, late.xyxy, late.confidence, late.interpolated)
    paths = paths_of(early, late, view=panning(100, 0.0, references=references))
    assert paths.told.tolist() == [True, False]
    assert paths.moved.all()


def test_they_are_read_once_and_kept(tmp_path: FilePath, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counted(shard: Any) -> Any:
        read.append(shard.video_id)
        return described_paths(shard)

    monkeypatch.setattr("core.search.paths.described_paths", counted)
    way = ((0.1, 0.5), (0.9, 0.5))
    library = collection(tmp_path / "library", one=[Obj(way=way), Obj()], two=[Obj(way=way)])
    first = read_paths(library, read_columns(library))
    assert len(first) == 3
    put(library, "three", [Obj(way=way[::-1])])
    again = read_paths(library, read_columns(library))
    assert len(again) == 4
    assert sorted(read) == ["one", "three", "two"]
    assert np.array_equal(again.xy[: len(first.xy)], first.xy)
    library.remove("one")
    assert len(read_paths(library, read_columns(library))) == 2


def test_no_tracks_no_paths(tmp_path: FilePath) -> None:
    library = collection(tmp_path / "library")
    paths = read_paths(library, read_columns(library))
    assert (len(paths), len(paths.speed), len(paths.travelled)) == (0, 0, 0)
    assert paths.cells.shape == (GRID * GRID // 8, 0)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31 - 1))
def test_every_point_lies_in_a_cell_of_its_track(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ways = [np.cumsum(rng.normal(0, 20, (int(rng.integers(2, 60)), 2)), axis=0) for _ in range(5)]
    paths = paths_of(*(boxes(way + np.array([320.0, 180.0])) for way in ways))
    rows = np.arange(5)
    at = int(rng.integers(len(paths.xy)))
    wanted = np.zeros((GRID, GRID), np.bool_)
    x, y = np.clip(paths.xy[at] / CELL, 0, GRID - 1).astype(int)
    wanted[y, x] = True
    assert paths.through(wanted, rows)[paths.track[at]]
    assert not paths.through(np.zeros((GRID, GRID), np.bool_), rows).any()
