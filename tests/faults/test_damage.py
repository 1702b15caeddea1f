"""Files of a library that went bad: found, named, and mended by what the sentence says."""

import logging
from pathlib import Path

import pytest

from core.errors import LibraryError
from core.index.vectors import VectorIndex
from core.ingest.batch import Models, add_paths
from core.library.library import Library
from tests.fakes import PROFILE, FakeDetector, FakeEncoder, clip


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    return clip(tmp_path_factory.mktemp("videos") / "traffic.mp4", seconds=3.0)


def add(library: Library, video: Path):
    return add_paths(
        library,
        [video],
        PROFILE,
        load=lambda profile, runtimes: Models(FakeDetector(), FakeEncoder()),
    )[0]


NAMES = (
    "detections.parquet", "tracks.parquet", "paths.parquet", "links.parquet", "events.parquet",
    "relations.parquet", "crops.parquet", "scenes.parquet", "crops.*.npy", "scenes.*.npy",
    "cameras.parquet", "meta.json",
)  # fmt: skip


@pytest.mark.parametrize("how", ["cut", "zeros"])
def test_every_file_of_a_shard(video, tmp_path, how):
    root = tmp_path / "library"
    with Library.open(root) as library:
        video_id = add(library, video).video_id
        folder = library.shard_folder(video_id)
    for name in NAMES:
        (path,) = folder.glob(name)
        good = path.read_bytes()
        path.write_bytes(good[:-5] if how == "cut" else b"\0" * len(good))
        with Library.open(root) as library:
            found = library.verify()
            assert list(found) == [video_id], name
            assert path.name in found[video_id]
            assert f"vidtrail remove {video_id}" in found[video_id] or name == "meta.json"
            with pytest.raises(LibraryError):
                library.shard(video_id)
            again = add(library, video)
            assert not again.ok
            assert again.message.endswith((".", ")."))
        path.write_bytes(good)
        with Library.open(root) as library:
            assert library.verify() == {}
            assert library.video(video_id).state == "ready"


def test_what_the_sentence_says_helps(video, tmp_path):
    with Library.open(tmp_path / "library") as library:
        video_id = add(library, video).video_id
        (path,) = library.shard_folder(video_id).glob("crops.*.npy")
        path.unlink()
        assert library.verify()
        library.remove(video_id)
        assert add(library, video).status == "added"
        assert library.verify() == {}


def test_index_and_work_folder_may_be_deleted_or_hold_rubbish(video, tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    with Library.open(tmp_path / "library") as library:
        video_id = add(library, video).video_id
        for path in list(library.index_folder.rglob("*")):
            if path.is_file():
                path.write_bytes(b"rubbish")
        work = library.work_folder("some-other-video")
        work.mkdir(parents=True)
        (work / "manifest.json").write_text("{")
    with Library.open(tmp_path / "library") as library:
        index = VectorIndex.open(library, "fake/encoder")
        assert index.video_ids == (video_id,)
        assert "rebuilt" in caplog.text
        _, scores = index.search(FakeEncoder().encode_texts(["red"])[0], 1)
        assert scores[0] > 0.9
