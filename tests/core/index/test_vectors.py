import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.index import store as store_module
from core.index import vectors as vectors_module
from core.index.vectors import VectorIndex
from core.library.library import Library
from tests.fakes import add_shard

ENCODER = "fake/encoder"


@pytest.fixture
def library(tmp_path):
    with Library.open(tmp_path / "library") as opened:
        yield opened


def fill(library: Library, count: int = 3, tracks: int = 10, **more) -> None:
    for number in range(count):
        add_shard(library, f"v{number}", tracks=tracks, seed=number, **more)


def all_vectors(library: Library) -> np.ndarray:
    parts = [library.shard(r.video_id).crop_vectors(ENCODER) for r in library.ready()]
    return np.concatenate(parts).astype(np.float32)


def unit(seed: int, dim: int = 8) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=dim).astype(np.float32)
    return vector / np.linalg.norm(vector)


def expect(library: Library, index: VectorIndex, query, k, keep=None) -> None:
    """Compare with plain numpy."""
    scores = all_vectors(library) @ query
    rows = np.arange(len(scores)) if keep is None else np.flatnonzero(keep)
    best = rows[np.lexsort((rows, -scores[rows]))][:k]
    found, got = index.search(query, k, keep)
    np.testing.assert_array_equal(found, best)
    np.testing.assert_allclose(got, scores[best], rtol=1e-5)


def test_search_is_exact_over_all_videos(library):
    fill(library)
    index = VectorIndex.open(library, ENCODER)
    assert len(index) == 60
    for seed in range(5):
        expect(library, index, unit(seed), 7)
    expect(library, index, unit(9), 1000)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_filter_gives_the_exact_best_of_what_is_kept(tmp_path_factory, data):
    with Library.open(tmp_path_factory.mktemp("lib") / "library") as library:
        fill(library, count=data.draw(st.integers(1, 3)), tracks=data.draw(st.integers(0, 6)))
        index = VectorIndex.open(library, ENCODER)
        bits = data.draw(st.lists(st.booleans(), min_size=len(index), max_size=len(index)))
        keep = np.array(bits, np.bool_)
        expect(library, index, unit(1), data.draw(st.integers(0, 20)), keep)


def test_rows_are_located_and_grouped_by_video(library):
    fill(library, crops_a_track=3)
    index = VectorIndex.open(library, ENCODER)
    assert index.video_ids == ("v0", "v1", "v2")
    assert index.rows_of("v1") == slice(30, 60)
    assert index.rows_of("unknown") == slice(0, 0)
    assert index.locate(30) == ("v1", 0, 1)
    assert index.locate(89) == ("v2", 29, 10)
    assert index.video_of(np.array([0, 29, 30, 89])).tolist() == [0, 0, 1, 2]
    with pytest.raises(IndexError):
        index.locate(90)
    mask = index.mask({"v2", "v0"})
    assert mask.sum() == 60
    assert not mask[index.rows_of("v1")].any()


def test_scores_of_all_and_of_some_rows(library):
    fill(library)
    index = VectorIndex.open(library, ENCODER)
    query = unit(3)
    np.testing.assert_allclose(index.scores(query), all_vectors(library) @ query, rtol=1e-5)
    rows = np.array([59, 3, 3, 20])
    np.testing.assert_array_equal(index.vectors(rows), all_vectors(library)[rows])
    np.testing.assert_allclose(
        index.scores(query, rows), all_vectors(library)[rows] @ query, rtol=1e-5
    )


def test_scenes_have_an_index_of_their_own(library):
    fill(library)
    index = VectorIndex.open(library, ENCODER, "scenes")
    assert len(index) == 6
    assert index.locate(3) == ("v1", 1, -1)


def test_an_empty_library_finds_nothing(library):
    index = VectorIndex.open(library, ENCODER)
    rows, scores = index.search(unit(0), 5)
    assert len(rows) == len(scores) == len(index) == 0


def test_a_wrong_query_or_bitmap_is_refused(library):
    fill(library)
    index = VectorIndex.open(library, ENCODER)
    with pytest.raises(ValueError, match="vector of 8 numbers"):
        index.search(unit(0, 9), 3)
    with pytest.raises(ValueError, match="bitmap of 60 rows"):
        index.search(unit(0), 3, np.ones(59, np.bool_))


def test_videos_of_another_encoder_are_named_and_never_mixed_in(library):
    fill(library, count=2)
    add_shard(library, "other", encoder="another", dim=5)
    index = VectorIndex.open(library, ENCODER)
    assert len(index) == 40
    assert [r.video_id for r in index.not_searchable] == ["other"]
    assert VectorIndex.open(library, "another").video_ids == ("other",)
    assert index.is_current(library)


# --- keeping up -------------------------------------------------------------------------------


def test_the_stored_index_is_used_again(library, monkeypatch):
    fill(library)
    VectorIndex.open(library, ENCODER)
    monkeypatch.setattr(vectors_module, "_filled", None)  # nothing may be built anew
    expect(library, VectorIndex.open(library, ENCODER), unit(0), 5)


@pytest.mark.parametrize("rewrite", [True, False])
def test_added_and_removed_videos(library, monkeypatch, rewrite):
    if not rewrite:
        monkeypatch.setattr(vectors_module, "_ALWAYS_REWRITE_BYTES", -1)
        monkeypatch.setattr(vectors_module, "_REWRITE_SHARE", 2.0)
    fill(library)
    before = VectorIndex.open(library, ENCODER)
    stored = {p.name for p in library.index_folder.rglob("*.faiss")}
    add_shard(library, "v9", tracks=4, seed=9)
    library.remove("v1")
    assert not before.is_current(library)
    index = before.refreshed(library)
    assert index.video_ids == ("v0", "v2", "v9")
    assert len(index) == 48
    for seed in range(4):
        expect(library, index, unit(seed), 9)
        expect(library, index, unit(seed), 9, np.arange(48) % 3 == 0)
    assert ({p.name for p in library.index_folder.rglob("*.faiss")} == stored) is not rewrite
    assert index.refreshed(library) is index
    assert len(before) == 60  # a search under way keeps what it had
    expect_rows = before.search(unit(0), 60)[0]
    assert sorted(expect_rows) == list(range(60))


def test_a_video_indexed_again_is_not_served_from_the_old_rows(library):
    fill(library)
    VectorIndex.open(library, ENCODER)
    library.remove("v1")
    add_shard(library, "v1", tracks=10, seed=77)
    expect(library, VectorIndex.open(library, ENCODER), unit(0), 12)


@pytest.mark.parametrize("damage", ["truncate", "garbage", "stamp", "swap", "gone", "stamp words"])
def test_a_damaged_index_is_noticed_and_rebuilt(library, caplog, damage):
    fill(library)
    VectorIndex.open(library, ENCODER)
    (path,) = library.index_folder.rglob("*.faiss")
    stamp = path.parent / "crops.json"
    if damage == "truncate":
        path.write_bytes(path.read_bytes()[:200])
    elif damage == "garbage":
        path.write_bytes(b"\xff" * path.stat().st_size)
    elif damage == "stamp":
        stamp.write_bytes(stamp.read_bytes()[:30])
    elif damage == "stamp words":
        stamp.write_text('{"format": 1, "blocks": 3}')
    elif damage == "swap":  # same size, the rows of two videos exchanged
        said = json.loads(stamp.read_text())
        said["blocks"][0], said["blocks"][1] = said["blocks"][1], said["blocks"][0]
        stamp.write_text(json.dumps(said))
    else:
        path.unlink()
    index = VectorIndex.open(library, ENCODER)
    expect(library, index, unit(0), 12)
    if damage != "gone":
        assert "rebuilt" in caplog.text
    caplog.clear()
    expect(library, VectorIndex.open(library, ENCODER), unit(0), 12)
    assert caplog.text == ""


def test_rebuild_from_nothing(library):
    fill(library)
    VectorIndex.open(library, ENCODER)
    expect(library, VectorIndex.rebuild(library, ENCODER), unit(0), 12)
    assert len(list(library.index_folder.rglob("*.faiss"))) == 1


def test_a_full_disk_only_means_that_the_index_stays_in_memory(library, monkeypatch, caplog):
    fill(library)

    def full(self, stored):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module.IndexStore, "save", full)
    expect(library, VectorIndex.open(library, ENCODER), unit(0), 12)
    assert "the disk is full" in caplog.text
    assert list(library.path.rglob("*.faiss")) == []


def test_a_read_only_library_is_searched_without_writing(tmp_path):
    with Library.open(tmp_path / "library") as library:
        fill(library)
    with Library.open(tmp_path / "library", read_only=True) as library:
        expect(library, VectorIndex.open(library, ENCODER), unit(0), 5)
        assert not library.index_folder.exists()


def test_a_damaged_shard_is_left_out_and_named(library, caplog):
    fill(library)
    (path,) = library.shard_folder("v1").glob("crops.*.npy")
    path.write_bytes(path.read_bytes()[:100])
    index = VectorIndex.open(library, ENCODER)
    assert index.video_ids == ("v0", "v2")
    assert [r.video_id for r in index.not_searchable] == ["v1"]
    assert path.name in caplog.text
    assert index.is_current(library)


@pytest.mark.gpu
def test_the_gpu_finds_the_same_rows(library):
    if not store_module.faiss_module().get_num_gpus():
        pytest.skip("no GPU that FAISS can use")
    fill(library, tracks=200, dim=64)
    cpu = VectorIndex.open(library, ENCODER, gpu=False)
    gpu = VectorIndex.open(library, ENCODER, gpu=True)
    for seed in range(5):
        for keep in (None, np.arange(len(cpu)) % 7 == 0, np.arange(len(cpu)) < 40):
            rows, scores = cpu.search(unit(seed, 64), 10, keep)
            again, also = gpu.search(unit(seed, 64), 10, keep)
            np.testing.assert_array_equal(rows, again)
            np.testing.assert_array_equal(scores, also)
