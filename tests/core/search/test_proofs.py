"""Proof as plain data: boxes and paths as shares of the picture, paths without spare points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.search.proofs import crop_proof, path_piece, simplified
from tests.core.search.collection import Obj, collection


def test_a_crop_has_its_place_in_the_video(tmp_path: Path) -> None:
    shard = collection(tmp_path / "library", gate=[Obj("car", "red")]).shard("gate")
    proof = crop_proof(shard, 1)
    assert (proof["video_id"], proof["crop_id"], proof["frame"], proof["t_s"]) == ("gate", 1, 1, 0)
    assert proof["box"] == pytest.approx([0, 0, 40 / 640, 30 / 360], abs=1e-4)
    assert proof["crop_colours"] == {"red": 0.9}
    assert crop_proof(shard, -1) == {}


def test_a_piece_of_a_path_has_frames_and_points(tmp_path: Path) -> None:
    shard = collection(tmp_path / "library", gate=[Obj()]).shard("gate")
    path = shard.path_of(1)
    piece = path_piece(shard, 1, float(path.t_s[4]), float(path.t_s[9]))
    assert (piece["frame0"], piece["frame1"]) == (path.frame[4], path.frame[9])
    assert piece["seconds"] == pytest.approx(path.t_s[9] - path.t_s[4], abs=1e-3)
    assert piece["points"][0] == pytest.approx([20 / 640, 15 / 360], abs=1e-4)
    assert len(piece["points"]) <= 2  # it does not move


def test_a_piece_beyond_the_path_is_its_end(tmp_path: Path) -> None:
    shard = collection(tmp_path / "library", gate=[Obj()]).shard("gate")
    piece = path_piece(shard, 1, 50.0, 60.0)
    assert piece["frame0"] == piece["frame1"] == shard.path_of(1).frame[-1]


def test_corners_are_kept_and_straight_lines_are_not() -> None:
    leg = np.linspace(0.0, 1.0, 40)
    points = np.concatenate([np.stack([leg, 0 * leg], 1), np.stack([1 + 0 * leg, leg], 1)])
    kept = simplified(points, 0.01, 48)
    assert len(kept) <= 4
    assert (kept[0] == [0, 0]).all()
    assert (kept[-1] == [1, 1]).all()
    assert (kept == [1, 0]).all(axis=1).any()


def test_a_long_way_has_few_points() -> None:
    t = np.linspace(0, 60, 2000)
    assert len(simplified(np.stack([0.5 + 0.4 * np.sin(t), t / 60], 1), 0.0001, 48)) <= 48


@given(arrays(np.float64, st.tuples(st.integers(0, 40), st.just(2)), elements=st.floats(0, 1)))
def test_no_point_is_farther_than_allowed(points: np.ndarray) -> None:
    kept = simplified(points, 0.05, 48)
    if not len(points):
        assert not len(kept)
        return
    assert kept[[0, -1]] == pytest.approx(points[[0, -1]], abs=1e-4)
    if len(kept) < 2:
        return
    a, along = kept[:-1], np.diff(kept, axis=0)
    for point in points:
        share = ((point - a) * along).sum(1) / np.maximum((along**2).sum(1), 1e-12)
        nearest = a + np.clip(share, 0, 1)[:, None] * along
        assert np.linalg.norm(point - nearest, axis=1).min() <= 0.05 + 1e-3
