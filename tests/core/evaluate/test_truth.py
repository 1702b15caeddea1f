"""Truth files: what is read, and sentences for those that cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import VidtrailError
from core.evaluate.truth import Boxes, mean_overlap, read_boxes, worlds_in

TRUTH = {
    "version": 1,
    "video": "clip.mp4",
    "queries": [
        {
            "text": "red car turning left",
            "parts": 3,
            "stratum": "colour+motion",
            "relevant": [{"object": 1, "t0_s": 1.0, "t1_s": 2.0}],
            "negatives": [
                {"object": 2, "why": "parked", "stratum": "N5"},
                {"object": 3, "why": "x"},
            ],
            "unjudged": [4],
            "nothing": False,
        },
        {"text": "purple bus", "relevant": [], "negatives": [], "nothing": True},
    ],
}


def write(folder: Path, truth: object = TRUTH) -> Path:
    (folder / "gt").mkdir(parents=True)
    (folder / "clip.mp4").write_bytes(b"")
    (folder / "truth.json").write_text(json.dumps(truth))
    (folder / "gt" / "gt.txt").write_text("1,1,10,20,30,40,1,1,1.0\n2,1,11,20,30,40,1,1,1.0\n")
    return folder


def test_a_world_is_read(tmp_path: Path) -> None:
    [world] = worlds_in([write(tmp_path / "w")])
    first, second = world.questions
    assert first.objects == {1}
    assert first.negatives == ((2, "N5"), (3, "x"))
    assert first.unjudged == {4}
    assert second.nothing
    assert world.boxes[1].frame.tolist() == [0, 1]
    assert world.boxes[1].xyxy[0].tolist() == [10, 20, 40, 60]


def test_a_folder_of_worlds(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name)
    assert len(worlds_in([tmp_path])) == 2


@pytest.mark.parametrize("truth", [{"video": "clip.mp4"}, [], {"video": "gone.mp4", "queries": []}])
def test_a_damaged_truth_says_which(tmp_path: Path, truth: object) -> None:
    with pytest.raises(VidtrailError, match=r"truth\.json cannot be read"):
        worlds_in([write(tmp_path / "w", truth)])


def test_a_folder_without_truth_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(VidtrailError, match="render a world"):
        worlds_in([tmp_path])


def test_boxes_of_an_empty_scene(tmp_path: Path) -> None:
    path = tmp_path / "gt.txt"
    path.write_text("1,1,10,20,30,40,1,1,1.0\n")
    assert set(read_boxes(path)) == {1}


def test_overlap_is_over_shared_frames() -> None:
    frames = np.arange(4, dtype=np.int32)
    box = np.tile(np.array([0, 0, 10, 10], np.float32), (4, 1))
    truth = Boxes(frames, box)
    assert mean_overlap(frames, box, truth) == pytest.approx(1.0)
    half = box + np.array([5, 0, 5, 0], np.float32)
    assert mean_overlap(frames, half, truth) == pytest.approx(1 / 3)
    assert mean_overlap(frames + 2, box, truth) == 0.0  # two frames are too few
    assert mean_overlap(frames + 9, box, truth) == 0.0
