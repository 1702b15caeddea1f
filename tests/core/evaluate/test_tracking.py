"""Trackers over a little traffic whose boxes are known from how it was drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.detections import Detections, Float32, Image
from core.errors import VidtrailError
from core.evaluate.following import OwnTracker
from core.evaluate.observations import Looking
from core.evaluate.rivals import RIVALS, UltralyticsTracker
from core.evaluate.scores import METRICS, TrackedBoxes
from core.evaluate.sequences import read_sequence
from core.evaluate.tracking import (
    TRACKERS,
    Run,
    evaluate_tracking,
    report_data,
    report_lines,
)
from core.tracking.camera import CameraStep
from core.tracking.camera_motion import CameraMotion
from core.tracking.linking import LinkSettings
from core.tracking.offline import LinkedTracks, link
from core.tracking.online import TrackerSettings
from core.tracks import FrameSize
from core.video.decode import Frame
from tests.core.evaluate.hand_made import PersonDetector, mot15, world, write_info
from tests.fakes import FakeEncoder


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("sequences")
    return mot15(folder / "walkers"), world(folder / "square-1")


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize("encoder", [None, FakeEncoder()])
def test_easy_traffic_is_followed(
    places: tuple[Path, Path], tracker: str, encoder: FakeEncoder | None
):
    sequences = [read_sequence(place) for place in places]
    [run] = evaluate_tracking(sequences, Looking(PersonDetector()), encoder, trackers=[tracker])
    assert list(run.sequences) == ["walkers", "square-1"]
    for figures in run.sequences.values():
        assert set(figures) == set(METRICS)
        assert figures["AssA"] > 80
        assert figures["MOTA"] > 80
        assert figures["IDSW"] == 0


def test_strides_give_every_nth_frame_with_its_own_time(
    places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
):
    offered: dict[int, list[tuple[int, float]]] = {}

    class Recorder:
        def __init__(self) -> None:
            self.frames: list[tuple[int, float]] = []

        def offer(self, frame: Frame, detections: Detections, vectors: object) -> None:
            assert set(detections.frame.tolist()) <= {frame.index}
            assert set(detections.t_s.tolist()) <= {frame.t_s}
            self.frames.append((frame.index, frame.t_s))

        def tracked(self) -> TrackedBoxes:
            offered[len(self.frames)] = self.frames
            return TrackedBoxes.empty()

    monkeypatch.setattr("core.evaluate.tracking._tracker", lambda *_: Recorder())
    sequence = read_sequence(places[0])
    evaluate_tracking([sequence], Looking(PersonDetector()), None, strides=(1, 3, 10))
    assert {len(frames) for frames in offered.values()} == {40, 14, 4}
    assert [index for index, _ in offered[4]] == [0, 10, 20, 30]
    assert [t_s for _, t_s in offered[4]] == [0.0, 1.0, 2.0, 3.0]


def test_only_frames_of_the_stride_are_judged(places: tuple[Path, Path]):
    """At stride 4 the truth of the 30 frames between is not missed."""
    runs = evaluate_tracking(
        [read_sequence(places[0])], Looking(PersonDetector()), None, strides=(4,)
    )
    assert runs[0].sequences["walkers"]["MOTA"] > 80


def test_one_reading_serves_all_runs(places: tuple[Path, Path], tmp_path: Path):
    detector = PersonDetector()
    runs = evaluate_tracking(
        [read_sequence(places[0])],
        Looking(detector),
        FakeEncoder(),
        trackers=("vidtrail", "bytetrack"),
        strides=(1, 2),
        cache=tmp_path,
    )
    assert [(run.tracker, run.stride) for run in runs] == [
        ("vidtrail", 1), ("vidtrail", 2), ("bytetrack", 1), ("bytetrack", 2),
    ]  # fmt: skip
    assert detector.calls == 40
    assert len(list(tmp_path.iterdir())) == 2  # boxes; vectors


def test_an_unknown_tracker_is_refused(places: tuple[Path, Path]):
    with pytest.raises(VidtrailError, match="There is no tracker 'sort'"):
        evaluate_tracking(
            [read_sequence(places[0])], Looking(PersonDetector()), None, trackers=["sort"]
        )


@pytest.mark.parametrize("stated", [0, 8])
def test_missing_frames_are_said(tmp_path: Path, stated: int):
    folder = mot15(tmp_path / "walkers", frames=8)
    write_info(folder, fps=10, length=stated)
    (folder / "img1" / "000008.png").unlink()
    with pytest.raises(VidtrailError, match="has 7 frames, and 8 belong to it"):
        evaluate_tracking([read_sequence(folder)], Looking(PersonDetector()), None)


class TestReports:
    a = dict.fromkeys(METRICS, 10.0)
    b = dict.fromkeys(METRICS, 20.0)

    def test_one_run(self):
        assert report_data([Run("vidtrail", 1, {"x": self.a, "y": self.b})]) == {
            "sequences": {"x": self.a, "y": self.b},
            "mean": dict.fromkeys(METRICS, 15.0),
        }

    def test_several_runs(self):
        data = report_data([Run("vidtrail", 1, {"x": self.a}), Run("botsort", 5, {"x": self.b})])
        assert set(data) == {"sequences", "mean", "runs"}
        assert (data["sequences"], data["mean"]) == ({"x": self.a}, self.a)
        assert data["runs"] == [
            {"tracker": "vidtrail", "stride": 1, "sequences": {"x": self.a}, "mean": self.a},
            {"tracker": "botsort", "stride": 5, "sequences": {"x": self.b}, "mean": self.b},
        ]

    def test_table(self):
        lines = list(report_lines([Run("vidtrail", 3, {"x": self.a, "y": self.b})]))
        assert [line.split()[:3] for line in lines] == [
            ["tracker", "stride", "sequence"],
            ["vidtrail", "3", "x"],
            ["vidtrail", "3", "y"],
            ["vidtrail", "3", "mean"],
        ]
        assert lines[1].split()[3:] == ["10.0"] * 5 + ["10"] * 2


class TestRivals:
    @pytest.mark.parametrize("name", RIVALS)
    def test_frames_without_boxes_are_taken(self, name: str, tmp_path: Path):
        tracker = UltralyticsTracker(name, tmp_path, with_vectors=True)
        image = np.zeros((64, 64, 3), np.uint8)
        for k in range(3):
            tracker.offer(Frame(k, k / 10, image), Detections.empty(), np.zeros((0, 4), np.float32))
        assert len(tracker.tracked()) == 0

    @pytest.mark.parametrize("name", RIVALS)
    def test_boxes_end_where_the_picture_ends(self, name: str, tmp_path: Path):
        tracker = UltralyticsTracker(name, tmp_path, with_vectors=False)
        rng = np.random.default_rng(0)
        image = rng.integers(0, 255, (96, 96, 3), np.uint8)
        for k in range(12):  # it leaves to the right
            box = np.array([[20 + 6 * k, 10, min(60 + 6 * k, 96), 70]], np.float32)
            found = Detections.of_frame(
                k, k / 10, box, np.ones(1, np.float32), np.zeros(1, np.int32)
            )
            tracker.offer(Frame(k, k / 10, image), found, None)
        boxes = tracker.tracked()
        assert boxes.frame.tolist() == list(range(12))
        assert set(boxes.track_id.tolist()) == {1}
        assert boxes.xyxy.min() >= 0
        assert boxes.xyxy.max() <= 96

    def test_botsort_looks_at_its_vectors(self, tmp_path: Path):
        """Two overlapping boxes change places; only their vectors say so."""
        image = np.zeros((200, 300, 3), np.uint8)
        boxes = np.array([[100, 50, 150, 150], [114, 50, 164, 150]], np.float32)
        looks = np.eye(2, dtype=np.float32)
        ids = {}
        for with_vectors in (False, True):
            tracker = UltralyticsTracker("botsort", tmp_path, with_vectors=with_vectors)
            for k in range(8):
                found = Detections.of_frame(
                    k, k / 10, boxes, np.full(2, 0.9, np.float32), np.zeros(2, np.int32)
                )
                vectors = looks if k < 6 else looks[::-1].copy()
                tracker.offer(Frame(k, k / 10, image), found, vectors if with_vectors else None)
            tracked = tracker.tracked()
            last = tracked.take(tracked.frame == 7)
            ids[with_vectors] = last.track_id[np.argsort(last.xyxy[:, 0])].tolist()
        assert ids == {False: [1, 2], True: [2, 1]}


class CountingEncoder(FakeEncoder):
    """Notes how many pictures it is asked for."""

    asked = 0

    def encode_images(self, crops: Sequence[Image]) -> Float32:
        self.asked += len(crops)
        return super().encode_images(crops)


class CuttingCamera(CameraMotion):
    """Says that another scene begins with the eleventh frame."""

    frames = 0

    def step(self, image: Image, xyxy: Float32) -> CameraStep:
        self.frames += 1
        return CameraStep(np.eye(2, 3), cut=self.frames == 11, reference=int(self.frames > 10))


class TestOwnTracker:
    def followed(self, tracker: OwnTracker) -> OwnTracker:
        """One thing stands for two seconds and is not found for half of one."""
        rng = np.random.default_rng(0)
        image = rng.integers(0, 255, (120, 160, 3), np.uint8)
        box = np.array([[20, 20, 60, 90]], np.float32)
        for k in range(20):
            found = Detections.empty()
            if not 4 <= k < 9:
                found = Detections.of_frame(
                    k, k / 10, box, np.full(1, 0.9, np.float32), np.zeros(1, np.int32)
                )
            tracker.offer(Frame(k, k / 10, image), found, None)
        return tracker

    def own(self, encoder: FakeEncoder | None = None, **options: Any) -> OwnTracker:
        return OwnTracker(("person",), FrameSize(160, 120), encoder, 10.0, **options)

    def test_gaps_are_filled_unless_the_links_say_otherwise(self):
        tracker = self.followed(self.own())
        assert len(tracker.tracked(LinkSettings(interpolate_s=0.0))) == 15
        assert len(tracker.tracked()) == 20

    def test_its_settings_are_those_given(self):
        tracker = self.followed(self.own(tracker=TrackerSettings(strong=0.95)))
        assert len(tracker.tracked()) == 0

    def test_the_camera_given_is_asked(self):
        tracker = self.followed(self.own(camera=CuttingCamera()))
        assert len(np.unique(tracker.tracked().track_id)) == 2

    @pytest.mark.parametrize("looks", [True, False])
    def test_looks_can_be_left_out_of_association(self, looks: bool):
        encoder = CountingEncoder()
        tracker = self.followed(self.own(encoder, looks=looks))
        assert (encoder.asked > 0) is looks
        assert len(np.unique(tracker.tracked().track_id)) == 1
        assert encoder.asked > 0  # tracks have crops all the same

    @pytest.mark.parametrize("looks", [True, False])
    def test_looks_can_be_left_out_of_linking(self, looks: bool, monkeypatch: pytest.MonkeyPatch):
        given: list[int] = []

        def counting(*parts: Any) -> LinkedTracks:
            given.append(len(parts[2]))
            return link(*parts)

        monkeypatch.setattr("core.evaluate.following.link", counting)
        self.followed(self.own(FakeEncoder())).tracked(looks=looks)
        assert (given[0] > 0) is looks
