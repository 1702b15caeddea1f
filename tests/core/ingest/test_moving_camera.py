import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.ingest.pipeline import ingest_video
from core.ingest.reading import ReadingSettings
from core.library.cameras import CAMERAS_NAME
from core.library.library import Library
from core.library.meta import META_NAME, ShardMeta
from core.library.shard import Shard
from core.video.clips import ClipWriter
from tests.core.tracking.panorama import SIZE, look, turn, wall
from tests.fakes import PALETTE, PROFILE, FakeDetector, FakeEncoder, clip

SETTINGS = ReadingSettings(segment_s=1.0, detect_batch=4)
FPS = 10.0


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    """Eight seconds of a pan to and fro past a red rectangle on a grey wall."""
    grey = np.repeat(wall(2).mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    cv2.rectangle(grey, (1240, 560), (1300, 600), PALETTE["red"], -1)
    path = tmp_path_factory.mktemp("videos") / "pan.mp4"
    with ClipWriter(path, *SIZE, FPS) as writer:
        for k in range(80):
            writer.write(look(grey, turn(120 * np.sin(k / 12))))
    return path


@pytest.fixture(scope="module")
def whole(video, tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("whole") / "library"
    with Library.open(root) as library:
        ingest(library, video)
    return root


def ingest(library, video, detector=None):
    return ingest_video(
        library, video, detector or FakeDetector(), FakeEncoder(), PROFILE, settings=SETTINGS
    )


def content(library: Library) -> dict[str, bytes]:
    (record,) = library.videos()
    return {p.name: p.read_bytes() for p in library.shard_folder(record.video_id).iterdir()}


def shard_of(root: Path) -> Shard:
    with Library.open(root) as library:
        (record,) = library.videos()
        return library.shard(record.video_id)


def test_the_shard_says_where_the_camera_looked(whole):
    shard = shard_of(whole)
    camera = shard.camera()
    assert len(camera) == shard.meta.frames
    assert camera.moves
    assert camera.known.all()
    assert not camera.cut.any()
    true = 120 * np.sin(camera.t_s * FPS / 12)
    np.testing.assert_allclose(camera.view[:, 0, 2], true, atol=1.5)


def test_what_the_camera_passes_is_parked(whole):
    shard = shard_of(whole)
    assert shard.tracks().class_name.tolist() == ["car"]
    path = shard.path_of(1)
    assert np.ptp(path.xyxy[:, 0]) > 150
    assert np.ptp(shard.camera().stabilise(path.frame, path.xyxy)[:, 0]) < 4
    kinds = set(shard.events().kind[shard.events().p > 0.5].tolist())
    assert "parked" in kinds
    assert not kinds & {"moving", "turn_left", "turn_right", "screen_left", "screen_right"}


@pytest.mark.parametrize("calls", [3, 8, 13])
def test_a_run_stopped_anywhere_goes_on_to_the_same_bytes(whole, video, tmp_path, calls):
    left = [calls]

    def count(pictures: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError("the detector broke")

    with Library.open(whole) as library:
        expected = content(library)
    with Library.open(tmp_path / "library") as library:
        with pytest.raises(RuntimeError, match="broke"):
            ingest(library, video, FakeDetector(on_call=count))
        assert ingest(library, video).resumed_s > 0 or calls == 3
        assert content(library) == expected


def test_a_standing_camera_is_exactly_still(tmp_path):
    path = clip(tmp_path / "traffic.mp4", seconds=3.0)
    with Library.open(tmp_path / "library") as library:
        camera = library.shard(ingest(library, path).video_id).camera()
    assert len(camera) == 15
    assert not camera.moves


def test_a_video_indexed_before_cameras_were_measured_stands_still(whole, tmp_path):
    old = tmp_path / "old"
    shutil.copytree(shard_of(whole).folder, old)
    (old / CAMERAS_NAME).unlink()
    meta = ShardMeta.from_json((old / META_NAME).read_bytes(), "meta.json")
    files = {name: stamp for name, stamp in meta.files.items() if name != CAMERAS_NAME}
    (old / META_NAME).write_bytes(replace(meta, files=files).to_json())
    shard = Shard(old)
    assert shard.problem(thorough=True) == ""
    assert not shard.camera().moves
    assert len(shard.camera()) == 0
