from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.detections import Detections
from core.errors import VideoError, VidtrailError
from core.models.detector import FrameDetector, boxes_in
from core.models.profile import profile
from core.tracking.crops import CropTable
from core.tracking.given import AS_GIVEN, GivenBoxes, GivenTracks
from core.tracking.offline import link
from core.tracks import FrameSize
from core.video.decode import Frame
from tests.fakes import FakeDetector


def frame(index: int) -> Frame:
    return Frame(index, index / 10, np.zeros((100, 200, 3), np.uint8))


def written(folder: Path, *lines: str) -> Path:
    path = folder / "boxes.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


class TestBoxes:
    def test_take_the_place_of_a_detector(self, tmp_path: Path):
        path = written(
            tmp_path, "3,-1,10,20,30,40,0.5", "1,-1,0,0,10,10,0.25", "1,-1,50,50,10,10,0.75"
        )
        given = GivenBoxes(path, "person")
        assert isinstance(given, FrameDetector)
        assert not isinstance(FakeDetector(), FrameDetector)
        first, second, third = boxes_in([frame(0), frame(1), frame(2)], given)
        assert first.xyxy.tolist() == [[0, 0, 10, 10], [50, 50, 60, 60]]
        assert first.confidence.tolist() == [0.25, 0.75]
        assert len(second) == 0
        assert third.xyxy.tolist() == [[10, 20, 40, 60]]
        assert given.class_names == ("person",)

    def test_are_cut_to_the_picture(self, tmp_path: Path):
        path = written(
            tmp_path, "1,-1,-10,-10,30,40,1", "1,-1,500,0,10,10,1", "1,-1,190,90,50,50,1"
        )
        [boxes] = GivenBoxes(path, "car").detect_frames([frame(0)])
        assert boxes.xyxy.tolist() == [[0, 0, 20, 30], [190, 90, 200, 100]]

    def test_what_was_filled_in_is_left_out_and_so_is_what_is_too_unsure(self, tmp_path: Path):
        path = written(tmp_path, "1,1,0,0,9,9,0", "1,2,9,0,9,9,0.05", "1,3,20,0,9,9,0.1")
        [boxes] = GivenBoxes(path, "car", min_confidence=0.1).detect_frames([frame(0)])
        assert boxes.xyxy[:, 0].tolist() == [20]
        [boxes] = GivenBoxes(path, "car").detect_frames([frame(0)])
        assert boxes.xyxy[:, 0].tolist() == [9, 20]

    def test_unknown_confidences_are_sure(self, tmp_path: Path):
        [boxes] = GivenBoxes(written(tmp_path, "1,1,0,0,9,9,-1"), "car").detect_frames([frame(0)])
        assert boxes.confidence.tolist() == [1.0]

    @pytest.mark.parametrize(
        ("lines", "said"),
        [(["1,1,0,0,9,9,64"], "lie between 64 and 64"), ([""], "holds no boxes")],
    )
    def test_what_cannot_be_used_is_said(self, tmp_path: Path, lines: list[str], said: str):
        with pytest.raises(VidtrailError, match=said):
            GivenBoxes(written(tmp_path, *lines), "car")

    def test_a_file_longer_than_the_video_belongs_to_another(self, tmp_path: Path):
        given = GivenBoxes(written(tmp_path, "7,1,0,0,9,9,1"), "car")
        given.check_length(7)
        given.check_length(None)
        with pytest.raises(VideoError, match="boxes in frame 7, and the video has 6 frames"):
            given.check_length(6)

    def test_names_and_profiles_tell_readings_apart(self, tmp_path: Path):
        path = written(tmp_path, "1,1,0,0,9,9,1")
        readings = [
            GivenBoxes(path, "car"),
            GivenBoxes(path, "person"),
            GivenTracks(path, "car"),
        ]
        base = profile("demo")
        assert len({given.name for given in readings}) == 3
        prints = {given.profile(base).fingerprint() for given in readings}
        assert len(prints | {base.fingerprint()}) == 4
        assert readings[0].profile(base).fingerprint() in prints
        assert readings[0].profile(base).sample_fps == 0.0
        written(tmp_path, "1,1,0,0,8,9,1")
        changed = GivenBoxes(path, "car")
        assert changed.name != readings[0].name
        assert changed.profile(base).fingerprint() not in prints


class TestTracks:
    def test_ids_stay_together_and_count_from_0(self, tmp_path: Path):
        path = written(
            tmp_path, "1,70,0,0,9,9,1", "2,4,50,0,9,9,1", "2,70,-50,0,9,9,1", "3,70,9,0,9,9,1",
            "3,4,50,0,9,9,1",
        )  # fmt: skip
        given = GivenTracks(path, "person")
        found = given.detect_frames([frame(0), frame(1), frame(2)])
        ids = [
            given.update(
                Detections.of_frame(k, k / 10, boxes.xyxy, boxes.confidence, boxes.class_id)
            ).tolist()
            for k, boxes in enumerate(found)
        ]
        assert ids == [[0], [1], [0, 1]]  # the box outside the picture is gone
        assert given.confirmed([0, 1, 2, -1]).tolist() == [True, True, False, False]

    def test_frames_of_an_earlier_run_are_passed_over(self, tmp_path: Path):
        given = GivenTracks(written(tmp_path, "1,1,0,0,9,9,1"), "person")
        [boxes] = GivenBoxes(tmp_path / "boxes.txt", "person").detect_frames([frame(0)])
        seen = Detections.of_frame(0, 0.0, boxes.xyxy, boxes.confidence, boxes.class_id)
        assert given.update(seen).tolist() == [-1]

    @pytest.mark.parametrize(
        ("lines", "said"),
        [
            (["1,-1,0,0,9,9,1"], "boxes without an id"),
            (["4,2,0,0,9,9,1", "4,2,9,9,9,9,1"], "two boxes of track 2 in frame 4"),
        ],
    )
    def test_what_are_no_tracks_is_said(self, tmp_path: Path, lines: list[str], said: str):
        with pytest.raises(VidtrailError, match=said):
            GivenTracks(written(tmp_path, *lines), "person")


def test_as_given_links_nothing_and_drops_nothing():
    """Two unsure tracks on top of each other, and one that goes on where another ended."""
    box = np.array([20, 20, 60, 80], np.float32)
    spans = {0: range(10), 1: range(10), 2: range(11, 13)}
    rows = sorted((k, track) for track, frames in spans.items() for k in frames)
    detections = Detections(
        frame=np.array([k for k, _ in rows], np.int32),
        t_s=np.array([k / 10 for k, _ in rows]),
        xyxy=np.tile(box, (len(rows), 1)),
        confidence=np.full(len(rows), 0.05, np.float32),
        class_id=np.zeros(len(rows), np.int32),
    )
    ids = np.array([track for _, track in rows], np.int32)
    linked = link(detections, ids, CropTable.empty(), ("person",), FrameSize(200, 100), AS_GIVEN)
    assert sorted(track.tracklet_ids for track in linked.tracks) == [(0,), (1,), (2,)]
    assert linked.links == []
