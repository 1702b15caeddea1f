import json
import threading
from dataclasses import replace

import numpy as np
import pytest

from core.errors import LibraryError
from core.library.library import Library
from core.library.meta import ShardMeta, encoder_slug
from core.library.shard import Shard
from core.library.shard_writer import write_shard
from tests.fakes import add_shard, made_up


@pytest.fixture
def library(tmp_path):
    with Library.open(tmp_path / "library") as opened:
        yield opened


def test_all_tables_come_back_as_they_were_written(library):
    meta, content = made_up("v1", 20, 3, 8, "fake/encoder", 7, "v1.mp4")
    add_shard(library, "v1", tracks=20, crops_a_track=3, seed=7)
    shard = library.shard("v1")

    assert shard.meta.counts == {
        "detections": 0, "tracks": 20, "links": 0, "events": 20, "relations": 1, "crops": 60,
        "scenes": 2,
    }  # fmt: skip
    for name in ("track_id", "class_name", "t1_s", "colour", "motion_known", "best_crop"):
        np.testing.assert_array_equal(
            getattr(shard.tracks(), name), getattr(content.table, name), err_msg=name
        )
    assert shard.votes(5) == {"car": 0.75, "van": 0.25}
    assert shard.tracklet_ids(5) == (4,)
    path = shard.path_of(20)
    np.testing.assert_array_equal(path.xyxy, content.tracks[19].path.xyxy)
    assert shard.track(20).class_name == "car"
    assert shard.events().kind.tolist() == ["stop"] * 20
    assert shard.events().numbers[3] == {"speed": 3.0}
    assert shard.relations().object_id.tolist() == [2]
    np.testing.assert_array_equal(shard.crops().xyxy, content.crops.xyxy)
    np.testing.assert_array_equal(shard.crop_vectors("fake/encoder"), content.crop_vectors)
    np.testing.assert_array_equal(shard.scene_vectors("fake/encoder"), content.scene_vectors)
    assert [shard.crop_jpeg(i) for i in (0, 59, 17)] == [b"crop 0", b"crop 59", b"crop 17"]
    assert shard.scene_jpeg(1) == b"scene 1"
    assert shard.meta.frame_size.width == meta.width


def test_an_unknown_track_crop_or_encoder_is_refused(library):
    add_shard(library, "v1")
    shard = library.shard("v1")
    for ask in (shard.path_of, shard.votes, shard.track):
        with pytest.raises(KeyError):
            ask(99)
    for crop_id in (-1, 6):
        with pytest.raises(KeyError):
            shard.crop_jpeg(crop_id)
    with pytest.raises(LibraryError, match="was indexed with the encoder fake/encoder"):
        shard.crop_vectors("another")


def test_a_video_without_anything_in_it(library):
    add_shard(library, "empty", tracks=0)
    shard = library.shard("empty")
    assert len(shard.tracks()) == len(shard.crops()) == len(shard.events()) == 0
    assert shard.crops().colour.shape == (0, 12)
    assert shard.crop_vectors("fake/encoder").shape == (0, 8)


def test_the_same_content_is_the_same_bytes(tmp_path):
    folders = []
    for place in ("a", "b"):
        meta, content = made_up("v", 4, 2, 8, "e", 3, "v.mp4")
        write_shard(tmp_path / place, meta, content)
        folders.append({f.name: f.read_bytes() for f in (tmp_path / place).iterdir()})
    assert folders[0] == folders[1]
    assert len(folders[0]) == 14


def test_a_writer_that_fails_leaves_nothing(tmp_path):
    meta, content = made_up("v", 4, 2, 8, "e", 3, "v.mp4")

    def broken():
        yield b"one"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_shard(tmp_path / "v", meta, replace(content, crop_jpegs=broken()))
    assert list(tmp_path.iterdir()) == []


def test_vectors_must_have_one_row_a_crop(tmp_path):
    meta, content = made_up("v", 4, 2, 8, "e", 3, "v.mp4")
    with pytest.raises(ValueError, match="expected 8 vectors"):
        write_shard(tmp_path / "v", meta, replace(content, crop_vectors=content.crop_vectors[:5]))


@pytest.mark.parametrize(
    "name", ["tracks.parquet", "paths.parquet", "crops.parquet", "crops.fake_encoder-*.npy"]
)
@pytest.mark.parametrize("how", ["truncate", "flip", "delete"])
def test_damage_is_found_and_the_sentence_names_the_file(library, name, how):
    add_shard(library, "v1", tracks=20)
    folder = library.shard_folder("v1")
    (path,) = folder.glob(name)
    data = path.read_bytes()
    if how == "truncate":
        path.write_bytes(data[: len(data) // 2])
    elif how == "flip":
        path.write_bytes(data[:40] + bytes([data[40] ^ 0xFF]) + data[41:])
    else:
        path.unlink()
    with pytest.raises(LibraryError, match="vidtrail remove v1") as caught:
        Shard(folder).verify()
    assert path.name in str(caught.value)
    assert library.verify().keys() == {"v1"}
    assert library.video("v1").state == "damaged"
    with pytest.raises(LibraryError, match=path.name.replace(".", r"\.")):
        library.shard("v1")


def test_a_flipped_bit_in_a_table_is_noticed_while_reading(library):
    add_shard(library, "v1", tracks=50)
    path = library.shard_folder("v1") / "crops.parquet"
    data = bytearray(path.read_bytes())
    data[data.index(b"crop 3")] ^= 0x01
    path.write_bytes(bytes(data))
    with pytest.raises(LibraryError, match=r"crops\.parquet is damaged"):
        Shard(library.shard_folder("v1")).crop_jpeg(3)


def test_threads_may_share_a_shard(library):
    add_shard(library, "v1", tracks=60, crops_a_track=5)
    shard = library.shard("v1")
    wrong: list[int] = []

    def read(start: int) -> None:
        rows = range(start, 300, 7)
        wrong.extend(i for i in rows if shard.crop_jpeg(i) != f"crop {i}".encode())
        wrong.extend(i for i in rows if len(shard.path_of(i % 60 + 1)) != 10)

    threads = [threading.Thread(target=read, args=(k,)) for k in range(7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_newer_shard_is_refused_and_an_older_one_is_to_be_added_again():
    meta, _ = made_up("v", 1, 1, 8, "e", 0, "v.mp4")
    text = meta.to_json().decode()
    with pytest.raises(LibraryError, match="newer Vidtrail"):
        ShardMeta.from_json(text.replace('"format": 3', '"format": 9').encode(), "meta.json")
    with pytest.raises(LibraryError, match="index this video again"):
        ShardMeta.from_json(text.replace('"format": 3', '"format": 0').encode(), "meta.json")
    with pytest.raises(LibraryError, match="damaged"):
        ShardMeta.from_json(b"{}", "meta.json")
    with pytest.raises(LibraryError, match="damaged"):
        ShardMeta.from_json(text[:50].encode(), "meta.json")
    assert ShardMeta.from_json(meta.to_json(), "meta.json") == meta


def test_encoder_file_names_are_safe_and_different():
    names = ["ViT-B-16", "ViT/B-16", "ViT_B-16", "a" * 300, "a" * 301, "../x", "é", "è", ""]
    slugs = [encoder_slug(name) for name in names]
    assert len(set(slugs)) == len(names)
    assert all(len(s) <= 64 and "/" not in s and not s.startswith(".") for s in slugs)
    assert slugs[0] == "ViT-B-16"


def test_a_shard_of_the_first_format_is_read_as_having_no_cuts_and_a_standing_camera(tmp_path):
    meta, content = made_up("v", 4, 2, 8, "e", 3, "v.mp4")
    write_shard(tmp_path / "v", meta, content)
    about = json.loads((tmp_path / "v" / "meta.json").read_bytes())
    about["format"] = 1
    del about["looks"], about["measures"]
    for name in ("cameras.parquet", "splits.parquet", "rides.parquet"):
        del about["files"][name]
        (tmp_path / "v" / name).unlink()
    (tmp_path / "v" / "meta.json").write_text(json.dumps(about))
    shard = Shard(tmp_path / "v")
    assert not shard.camera().moves
    assert len(shard.splits()) == len(shard.rides()) == 0
    assert shard.meta.looks == ""
    assert "turn_left" in shard.meta.measures
    assert "cross" not in shard.meta.measures
    assert len(shard.tracks()) == 4
