from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import VidtrailError
from core.evaluate.observations import Looking, observe
from core.evaluate.sequences import read_sequence
from tests.core.evaluate.hand_made import PersonDetector, mot15, traffic_rows, walk, world
from tests.fakes import FakeDetector, FakeEncoder


def test_boxes_and_vectors_of_every_frame(tmp_path: Path):
    sequence = read_sequence(mot15(tmp_path / "a", frames=6))
    seen = observe(sequence, Looking(PersonDetector()), FakeEncoder(), tmp_path / "cache")
    assert seen.frame.tolist() == list(range(6))
    assert (seen.size.width, seen.size.height) == (320, 192)
    assert len(seen.detections) == len(traffic_rows(6))
    boxes, vectors = seen.of(4)
    assert boxes.frame.tolist() == [4] * len(boxes)
    assert vectors is not None
    assert vectors.shape == (len(boxes), 8)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=2e-3)
    reddest = int(vectors[:, 0].argmax())
    assert boxes.xyxy[reddest, 0] == pytest.approx(10 + int(22 * 0.4), abs=1)  # the red car


def test_looks_once_and_remembers(tmp_path: Path):
    sequence = read_sequence(mot15(tmp_path / "a", frames=6))
    first, second = PersonDetector(), PersonDetector()
    one = observe(sequence, Looking(first), FakeEncoder(), tmp_path / "cache")
    two = observe(sequence, Looking(second), FakeEncoder(), tmp_path / "cache")
    assert (first.calls, second.calls) == (6, 0)
    assert np.array_equal(one.detections.xyxy, two.detections.xyxy)
    assert one.vectors is not None
    assert two.vectors is not None
    assert np.array_equal(one.vectors, two.vectors)
    other = PersonDetector()
    observe(sequence, Looking(other, "other settings"), None, tmp_path / "cache")
    assert other.calls == 6


def test_pedestrians_only_where_the_truth_asks_for_them(tmp_path: Path):
    detector = FakeDetector()  # wide ones are cars, tall ones persons
    asked = observe(read_sequence(mot15(tmp_path / "a", 6)), Looking(detector), None, tmp_path)
    everything = observe(read_sequence(world(tmp_path / "b", 6)), Looking(detector), None, tmp_path)
    assert set(asked.detections.class_id.tolist()) == {1}
    assert set(everything.detections.class_id.tolist()) == {0, 1}
    cars = Looking(FakeDetector(name="cars", class_names=("car", "van")))
    with pytest.raises(VidtrailError, match="knows no class person"):
        observe(read_sequence(tmp_path / "a"), cars, None, tmp_path)


class TestBoxesOfAFile:
    def boxes(self, folder: Path, confidence: float, frames: int = 3) -> Looking:
        rows = walk(-1, range(frames), left=4)
        lines = [
            f"{f + 1},-1,{x},{y},{x2 - x},{y2 - y},{confidence}" for f, _, x, y, x2, y2 in rows
        ]
        (folder / "det").mkdir(exist_ok=True)
        (folder / "det" / "det.txt").write_text("\n".join(lines), encoding="utf-8")
        return Looking(boxes_file="det/det.txt")

    def test_are_read_instead_of_looking(self, tmp_path: Path):
        sequence = read_sequence(mot15(tmp_path / "a", frames=3))
        seen = observe(sequence, self.boxes(sequence.folder, 0.5), FakeEncoder(), tmp_path)
        assert seen.class_names == ("person",)
        assert seen.detections.frame.tolist() == [0, 1, 2]
        assert seen.detections.t_s.tolist() == [0.0, 0.1, 0.2]
        assert seen.detections.xyxy[0].tolist() == [4, 0, 44, 80]
        assert seen.detections.confidence.tolist() == [0.5] * 3

    def test_unknown_confidence_is_1(self, tmp_path: Path):
        sequence = read_sequence(mot15(tmp_path / "a", frames=3))
        seen = observe(sequence, self.boxes(sequence.folder, -1), None, tmp_path)
        assert seen.detections.confidence.tolist() == [1.0] * 3

    def test_confidences_must_be_shares(self, tmp_path: Path):
        sequence = read_sequence(mot15(tmp_path / "a", frames=3))
        with pytest.raises(VidtrailError, match="between 64 and 64"):
            observe(sequence, self.boxes(sequence.folder, 64), None, tmp_path)

    def test_frames_must_be_there(self, tmp_path: Path):
        sequence = read_sequence(mot15(tmp_path / "a", frames=3))
        with pytest.raises(VidtrailError, match="boxes in frame 5, and the video has 3 frames"):
            observe(sequence, self.boxes(sequence.folder, 1, frames=5), None, tmp_path)

    def test_a_missing_file_is_named(self, tmp_path: Path):
        sequence = read_sequence(mot15(tmp_path / "a", frames=3))
        with pytest.raises(VidtrailError, match="no detections for a in"):
            observe(sequence, Looking(boxes_file="det/none.txt"), None, tmp_path)
