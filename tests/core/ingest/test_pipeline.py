import itertools
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.attributes.colour import COLOURS
from core.errors import Cancelled, LibraryError
from core.ingest import pipeline
from core.ingest.pipeline import ingest_video
from core.ingest.reading import ReadingSettings
from core.library.library import Library
from tests.fakes import PROFILE, FakeDetector, FakeEncoder, clip

SETTINGS = ReadingSettings(segment_s=1.0, detect_batch=4)


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    return clip(tmp_path_factory.mktemp("videos") / "traffic.mp4", seconds=8.0, fps=10.0)


@pytest.fixture
def library(tmp_path):
    with Library.open(tmp_path / "library") as opened:
        yield opened


def ingest(library, video, detector=None, encoder=None, **more):
    return ingest_video(
        library, video, detector or FakeDetector(), encoder or FakeEncoder(), PROFILE,
        settings=more.pop("settings", SETTINGS), **more,
    )  # fmt: skip


def content(library: Library, video_id: str) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in library.shard_folder(video_id).iterdir()}


def test_a_video_becomes_a_shard_that_tells_what_is_in_it(library, video):
    report = ingest(library, video)
    (record,) = library.videos()
    shard = library.shard(record.video_id)
    tracks = shard.tracks()

    assert record.state == "ready"
    assert report.frames == shard.meta.frames == 40
    assert tracks.class_name.tolist() == ["car", "car", "person", "car"]
    assert len(shard.detections()) == report.detections
    assert record.n_tracks == report.tracks == 4
    assert abs(tracks.t0_s[3] - 3.0) < 0.21
    assert abs(tracks.t1_s[3] - 6.0) < 0.41
    path = shard.path_of(1)
    assert np.diff(path.xyxy[:, 0]).min() > 0  # the first red one drives to the right
    assert set(shard.detections().track_id.tolist()) == {1, 2, 3, 4}

    crops = shard.crops()
    assert set(crops.track_id.tolist()) == {1, 2, 3, 4}
    assert np.bincount(crops.track_id).max() <= 8
    assert (np.diff(crops.track_id) >= 0).all()
    vectors = np.asarray(shard.crop_vectors("fake/encoder"), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=2e-3)
    words = FakeEncoder().encode_texts(["red", "blue", "green"])
    best = (vectors @ words.T).argmax(axis=1)
    expected = {1: 0, 2: 1, 3: 2, 4: 0}
    assert [expected[t] for t in crops.track_id.tolist()] == best.tolist()
    for row, track in enumerate(tracks.best_crop.tolist()):
        assert crops.track_id[track] == row + 1
    assert shard.crop_jpeg(0)[:2] == b"\xff\xd8"

    scenes = shard.scenes()
    assert scenes.t0_s[0] == 0.0
    np.testing.assert_array_equal(scenes.t0_s[1:], scenes.t1_s[:-1])
    assert abs(scenes.t1_s[-1] - 8.0) < 0.21
    assert [COLOURS[c] for c in tracks.colour.argmax(axis=1)] == ["red", "blue", "green", "red"]
    kinds = set(shard.events().kind[shard.events().track_id == 4].tolist())
    assert {"screen_right", "moving"} <= kinds
    assert not kinds & {"turn_left", "turn_right", "stop", "parked"}
    assert not library.work_folder(record.video_id).exists()
    assert report.speed > 0
    assert {"decode", "detect", "track", "encode", "write", "link"} <= report.busy_s.keys()


def test_two_runs_are_equal_byte_for_byte(tmp_path, video):
    seen = []
    for place in ("a", "b"):
        with Library.open(tmp_path / place) as library:
            seen.append(content(library, ingest(library, video).video_id))
    assert seen[0] == seen[1]


def test_a_run_stopped_anywhere_goes_on_to_the_same_bytes(tmp_path, video):
    with Library.open(tmp_path / "whole") as library:
        expected = content(library, ingest(library, video).video_id)
    for calls in range(1, 16, 3):
        left = [calls]

        def count(pictures: int, left=left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise RuntimeError("the detector broke")

        with Library.open(tmp_path / f"stopped{calls}") as library:
            with pytest.raises(RuntimeError, match="broke"):
                ingest(library, video, FakeDetector(on_call=count))
            (record,) = library.videos()
            assert record.state == "interrupted"
            assert not library.shard_folder(record.video_id).exists()
            resumed: list[int] = []
            report = ingest(library, video, FakeDetector(on_call=resumed.append))
            assert content(library, report.video_id) == expected, calls
            assert sum(resumed) + round(report.resumed_s * 5) == 40


def test_cancelling_keeps_whole_segments_and_says_so(library, video):
    calls: list[int] = []
    with pytest.raises(Cancelled, match="goes on"):
        ingest(library, video, FakeDetector(on_call=calls.append),
               cancelled=lambda: len(calls) > 8)  # fmt: skip
    (record,) = library.videos()
    assert record.state == "interrupted"
    report = ingest(library, video)
    assert report.resumed_s >= 2.0


def test_other_models_start_the_video_anew(library, video, caplog):
    calls: list[int] = []
    with pytest.raises(Cancelled):
        ingest(library, video, FakeDetector(on_call=calls.append),
               cancelled=lambda: len(calls) > 8)  # fmt: skip
    report = ingest(library, video, encoder=FakeEncoder(name="other", dim=6))
    assert report.resumed_s == 0.0
    assert "encoder" in caplog.text
    assert library.videos()[0].encoder == "other"


def test_a_damaged_segment_is_read_again(tmp_path, video, caplog):
    with Library.open(tmp_path / "whole") as library:
        expected = content(library, ingest(library, video).video_id)
    with Library.open(tmp_path / "library") as library:
        calls: list[int] = []
        with pytest.raises(Cancelled):
            ingest(library, video, FakeDetector(on_call=calls.append),
                   cancelled=lambda: len(calls) > 12)  # fmt: skip
        (record,) = library.videos()
        work = library.work_folder(record.video_id)
        (work / "000002" / "detections.parquet").write_bytes(b"PAR1 and nothing else")
        report = ingest(library, video)
        assert report.resumed_s == 2.0
        assert "read again from there" in caplog.text
        assert content(library, record.video_id) == expected


def test_a_missing_segment_is_read_again(tmp_path, video):
    with Library.open(tmp_path / "whole") as library:
        expected = content(library, ingest(library, video).video_id)
    with Library.open(tmp_path / "library") as library:
        calls: list[int] = []
        with pytest.raises(Cancelled):
            ingest(library, video, FakeDetector(on_call=calls.append),
                   cancelled=lambda: len(calls) > 12)  # fmt: skip
        (record,) = library.videos()
        shutil.rmtree(library.work_folder(record.video_id) / "000001")
        assert ingest(library, video).resumed_s == 1.0
        assert content(library, record.video_id) == expected


def test_progress_goes_up_to_the_end(library, video, monkeypatch):
    told = []
    ingest(library, video, progress=told.append)
    assert told[0].done_s == 0.0
    assert [p.stage for p in told][-2:] == ["linking", "writing"]
    assert all(a.done_s <= b.done_s for a, b in itertools.pairwise(told))
    assert told[-1].share == 1.0
    assert told[-1].speed > 0


def test_the_same_video_twice_is_refused(library, video):
    video_id = ingest(library, video).video_id
    with pytest.raises(LibraryError, match=f"vidtrail remove {video_id}"):
        ingest(library, video)


def test_nothing_to_see_is_a_video_all_the_same(library, tmp_path):
    empty = clip(tmp_path / "empty.mp4", seconds=2.0, movers=())
    report = ingest(library, empty)
    assert (report.tracks, report.crops, report.detections) == (0, 0, 0)
    assert report.scenes == 2
    assert library.ready()[0].n_tracks == 0


def test_every_frame_of_a_tiny_odd_video(library, tmp_path):
    tiny = clip(tmp_path / "tiny.mp4", seconds=0.5, size=(17, 13), movers=())
    report = ingest_video(
        library, tiny, FakeDetector(), FakeEncoder(), replace(PROFILE, sample_fps=0.0)
    )
    assert report.frames == 5


def test_a_cut_off_file_is_read_as_far_as_it_goes_and_noted(library, video, tmp_path):
    long = clip(tmp_path / "long.mkv", seconds=8.0)
    data = long.read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(data[: len(data) // 2])
    report = ingest(library, cut)
    assert 0 < report.frames < 40
    assert library.ready()[0].video_id == report.video_id


def test_batches_do_not_reach_over_segments(library, video):
    sizes: list[int] = []
    ingest(library, video, FakeDetector(on_call=sizes.append))
    assert sizes == [4, 1] * 8


def test_large_frames_are_detected_few_at_a_time(library, video, monkeypatch):
    from core.ingest import reading

    monkeypatch.setattr(reading, "_BATCH_BYTES", 2 * 320 * 192 * 3)
    sizes: list[int] = []
    ingest(library, video, FakeDetector(on_call=sizes.append))
    assert max(sizes) == 2


def test_the_profile_is_remembered(library, video):
    ingest(library, video)
    (record,) = library.videos()
    name, settings = library.catalog.profiles()[record.profile_fingerprint]
    assert name == "fake"
    assert '"sample_fps": 5.0' in settings
    assert pipeline.peak_memory_mb() > 10
