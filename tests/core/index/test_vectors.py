import json
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.index import clusters as clusters_module
from core.index import gpu as gpu_module
from core.index import store as store_module
from core.index import upkeep as upkeep_module
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
    np.testing.assert_allclose(got, scores[best], rtol=1e-5, atol=1e-6)


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
    np.testing.assert_allclose(
        index.scores(query), all_vectors(library) @ query, rtol=1e-5, atol=1e-6
    )
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


@pytest.fixture
def reads(monkeypatch) -> list[str]:
    """The videos whose vectors are read from their shards."""
    read: list[str] = []
    plain = upkeep_module._vectors

    def noted(shard, encoder, what):
        read.append(shard.video_id)
        return plain(shard, encoder, what)

    monkeypatch.setattr(upkeep_module, "_vectors", noted)
    return read


def test_the_stored_index_is_used_again(library, reads):
    fill(library)
    VectorIndex.open(library, ENCODER)
    reads.clear()
    expect(library, VectorIndex.open(library, ENCODER), unit(0), 5)
    assert reads == []


@pytest.mark.parametrize("joined", [True, False])
def test_added_and_removed_videos(library, monkeypatch, reads, joined):
    if not joined:
        monkeypatch.setattr(upkeep_module, "_ALWAYS_JOINED_BYTES", -1)
    fill(library)
    before = VectorIndex.open(library, ENCODER)
    stored = {p.name for p in library.index_folder.rglob("*.faiss")}
    reads.clear()
    add_shard(library, "v9", tracks=4, seed=9)
    library.remove("v1")
    assert not before.is_current(library)
    index = before.refreshed(library)
    assert set(reads) == {"v9"}
    assert index.video_ids == ("v0", "v2", "v9")
    assert len(index) == 48
    for seed in range(4):
        expect(library, index, unit(seed), 9)
        expect(library, index, unit(seed), 9, np.arange(48) % 3 == 0)
    assert (stored <= {p.name for p in library.index_folder.rglob("*.faiss")}) is not joined
    assert index.refreshed(library) is index
    assert len(before) == 60  # a search under way keeps what it had
    expect_rows = before.search(unit(0), 60)[0]
    assert sorted(expect_rows) == list(range(60))


@settings(max_examples=15, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=10))
def test_any_order_of_adding_and_removing_reads_each_video_once(tmp_path_factory, steps):
    read: list[str] = []
    plain = upkeep_module._vectors
    with (
        pytest.MonkeyPatch.context() as patch,
        Library.open(tmp_path_factory.mktemp("lib") / "library") as library,
    ):
        patch.setattr(upkeep_module, "_ALWAYS_JOINED_BYTES", -1)
        patch.setattr(upkeep_module, "_MOST_FILES", 2)
        patch.setattr(
            upkeep_module,
            "_vectors",
            lambda shard, *more: read.append(shard.checksum) or plain(shard, *more),
        )
        for number, (video, tracks) in enumerate(steps):
            if library.catalog.video(f"v{video}") is None:
                add_shard(library, f"v{video}", tracks=tracks, seed=number)
            else:
                library.remove(f"v{video}")
            index = VectorIndex.open(library, ENCODER)
            assert index.video_ids == tuple(r.video_id for r in library.ready())
            if len(index):
                expect(library, index, unit(number), 5)
            assert len(list(library.index_folder.rglob("*.faiss"))) <= 4
        # each once to tell how many rows there are, and once to take them
        assert all(read.count(one) == 2 for one in set(read))


def test_a_large_library_is_built_in_pieces_that_a_kill_does_not_cost(library, monkeypatch, reads):
    fill(library, count=5)
    monkeypatch.setattr(upkeep_module, "_ALWAYS_JOINED_BYTES", -1)
    monkeypatch.setattr(upkeep_module, "_LARGE_BYTES", 2 * 20 * 8 * 2)  # two videos
    plain, pieces = upkeep_module._kept, []

    def killed(*given):
        if len(pieces) == 2:
            raise KeyboardInterrupt
        pieces.append(given)
        return plain(*given)

    with monkeypatch.context() as patch:
        patch.setattr(upkeep_module, "_kept", killed)
        with pytest.raises(KeyboardInterrupt):
            VectorIndex.open(library, ENCODER)
    reads.clear()
    expect(library, VectorIndex.open(library, ENCODER), unit(0), 12)
    assert set(reads) == {"v4"}


def test_a_video_indexed_again_is_not_served_from_the_old_rows(library):
    fill(library)
    VectorIndex.open(library, ENCODER)
    library.remove("v1")
    add_shard(library, "v1", tracks=10, seed=77)
    expect(library, VectorIndex.open(library, ENCODER), unit(0), 12)


@pytest.mark.parametrize("damage", [
    "truncate", "garbage", "stamp", "swap", "gone", "stamp words", "old stamp", "bit",
])  # fmt: skip
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
        stamp.write_text('{"format": 2, "encoder": "fake/encoder", "files": 3}')
    elif damage == "old stamp":
        stamp.write_text('{"format": 1, "blocks": []}')
    elif damage == "swap":  # same size, the rows of two videos exchanged
        said = json.loads(stamp.read_text())
        blocks = said["files"][0]["blocks"]
        blocks[0], blocks[1] = blocks[1], blocks[0]
        stamp.write_text(json.dumps(said))
    elif damage == "bit":
        content = bytearray(path.read_bytes())
        content[-2 * 8 * 30] ^= 16  # in the second of three videos
        path.write_bytes(content)
    else:
        path.unlink()
    index = VectorIndex.open(library, ENCODER)
    expect(library, index, unit(0), 12)
    assert "rebuilt" in caplog.text
    caplog.clear()
    expect(library, VectorIndex.open(library, ENCODER), unit(0), 12)
    assert caplog.text == ""


@pytest.mark.parametrize("large", [True, False])
def test_one_bit_costs_one_video(library, monkeypatch, reads, large):
    if large:  # a large file is looked through where something has written to it
        monkeypatch.setattr(store_module, "_ALWAYS_CHECKED_BYTES", -1)
    fill(library)
    VectorIndex.open(library, ENCODER)
    (path,) = library.index_folder.rglob("*.faiss")
    content = bytearray(path.read_bytes())
    content[-2 * 8 * 30] ^= 16
    path.write_bytes(content)
    reads.clear()
    expect(library, VectorIndex.open(library, ENCODER), unit(0), 12)
    assert set(reads) == {"v1"}


def test_a_large_file_that_nobody_wrote_to_is_not_looked_through(library, monkeypatch):
    fill(library)
    VectorIndex.open(library, ENCODER)
    monkeypatch.setattr(store_module, "_ALWAYS_CHECKED_BYTES", -1)
    monkeypatch.setattr(store_module.zlib, "crc32", None)
    expect(library, VectorIndex.open(library, ENCODER), unit(0), 12)


def test_what_a_killed_process_left_is_cleared_away(library):
    fill(library)
    VectorIndex.open(library, ENCODER)
    (folder,) = {path.parent for path in library.index_folder.rglob("*.faiss")}
    left, busy = folder / ".tmp-999999999-crops-x.faiss", folder / f".tmp-{os.getpid()}-y.faiss"
    left.write_bytes(b"half of it")
    busy.write_bytes(b"being written")
    add_shard(library, "v9", seed=9)
    expect(library, VectorIndex.open(library, ENCODER), unit(0), 12)
    assert not left.exists()
    assert busy.exists()


def test_two_processes_that_write_at_the_same_time(library, monkeypatch, caplog):
    """The other one commits between our reading and our writing."""
    fill(library)
    plain = store_module.IndexStore.commit
    others = []

    def late(self, files):
        if not others:
            others.append(None)
            others[0] = VectorIndex.open(library, ENCODER)
        plain(self, files)

    monkeypatch.setattr(store_module.IndexStore, "commit", late)
    mine = VectorIndex.open(library, ENCODER)
    expect(library, mine, unit(0), 12)
    expect(library, others[0], unit(0), 12)  # its file is deleted, and mapped
    expect(library, VectorIndex.open(library, ENCODER), unit(0), 12)
    assert caplog.text == ""


def test_rebuild_from_nothing(library):
    fill(library)
    VectorIndex.open(library, ENCODER)
    expect(library, VectorIndex.rebuild(library, ENCODER), unit(0), 12)
    assert len(list(library.index_folder.rglob("*.faiss"))) == 1


def test_a_full_disk_only_means_that_the_index_stays_in_memory(library, monkeypatch, caplog):
    fill(library)

    def full(index, path):
        raise RuntimeError("write error: No space left on device")

    monkeypatch.setattr(store_module.faiss_module(), "write_index", full)
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


# --- beyond a million --------------------------------------------------------------------------


@pytest.fixture
def many(library, monkeypatch) -> Library:
    """A library of 600 rows where as many as 100 are searched one by one."""
    monkeypatch.setattr(vectors_module, "EXACT_ROWS", 100)
    monkeypatch.setattr(clusters_module, "GROUPS", 16)
    fill(library, tracks=100)
    return library


def recall(library: Library, index: VectorIndex, keep=None) -> float:
    shares = []
    for seed in range(30):
        best, _ = index.search(unit(seed), 5, keep, exact=True)
        found, _ = index.search(unit(seed), 5, keep)
        assert len(found) == len(best)
        shares.append(len(set(found) & set(best)) / len(best))
    return float(np.mean(shares))


def test_beyond_the_limit_only_near_groups_are_looked_at(many, monkeypatch):
    index = VectorIndex.open(many, ENCODER)
    assert 0.6 < recall(many, index) <= 1.0
    expect(many, index, unit(0), 500)  # when most are asked for, most are looked at
    scores = index.search(unit(1), 5)[1]
    assert (np.diff(scores) <= 0).all()


def test_with_a_filter_that_leaves_few_the_search_stays_exact(many):
    index = VectorIndex.open(many, ENCODER)
    for seed in range(10):
        expect(many, index, unit(seed), 7, np.arange(600) % 6 == seed % 6)
    assert recall(many, index, np.arange(600) % 2 == 0) > 0.6


def test_groups_of_a_new_video_are_the_only_ones_worked_out(many, monkeypatch):
    VectorIndex.open(many, ENCODER)
    worked_out: list[int] = []
    plain = clusters_module.Centres.group_of

    def counted(self, vectors):
        worked_out.append(len(vectors))
        return plain(self, vectors)

    monkeypatch.setattr(clusters_module.Centres, "group_of", counted)
    monkeypatch.setattr(clusters_module.Centres, "trained", None)
    VectorIndex.open(many, ENCODER)
    assert worked_out == []
    add_shard(many, "v9", tracks=7, seed=9)
    index = VectorIndex.open(many, ENCODER)
    assert worked_out == [14]
    assert len(index._clusters.group) == len(index) == 614
    np.testing.assert_array_equal(
        index._clusters.group, plain(index._clusters.centres, all_vectors(many))
    )


@pytest.mark.parametrize("damage", ["cut", "garbage", "gone"])
def test_damaged_centres_are_made_anew(many, damage):
    VectorIndex.open(many, ENCODER)
    (path,) = many.index_folder.rglob("*centres.npz")
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(content[:100] if damage == "cut" else b"x" * len(content))
    assert recall(many, VectorIndex.open(many, ENCODER)) > 0.6


# --- on a GPU ----------------------------------------------------------------------------------


class FakeGpu:
    """What is asked of FAISS on a GPU, done by NumPy in half precision, without a row filter."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def get_num_gpus(self) -> int:
        return 1

    def StandardGpuResources(self):  # noqa: N802
        return object()

    def GpuIndexFlatConfig(self):  # noqa: N802
        return type("Config", (), {})()

    def GpuIndexFlatIP(self, resources, dim, config):  # noqa: N802
        assert config.useFloat16
        return FakeFlat(self, dim)


class FakeFlat:
    def __init__(self, module: FakeGpu, dim: int) -> None:
        self._module = module
        self._rows = np.zeros((0, dim), np.float16)

    @property
    def ntotal(self) -> int:
        return len(self._rows)

    def add(self, rows) -> None:
        assert rows.dtype == np.float32
        self._rows = np.concatenate([self._rows, rows.astype(np.float16)])

    def search(self, query, k):
        self._module.asked.append(k)
        scores = (self._rows @ query[0].astype(np.float16)).astype(np.float32)
        best = np.argsort(-scores, kind="stable")[:k]
        return scores[best][None], best[None]


@pytest.mark.parametrize("limit", [2048, 30])
def test_a_gpu_gives_what_the_cpu_gives(library, monkeypatch, limit):
    fake = FakeGpu()
    fill(library, tracks=40)
    cpu = VectorIndex.open(library, ENCODER, gpu=False)
    monkeypatch.setattr(gpu_module, "faiss_module", lambda: fake)
    monkeypatch.setattr(gpu_module, "_LIMIT", limit)
    gpu = VectorIndex.open(library, ENCODER, gpu=True)
    rng = np.random.default_rng(0)
    for seed in range(10):
        for kept in (None, 0.5, 0.1, 0.01, 0.0):
            keep = None if kept is None else rng.random(len(cpu)) < kept
            for k in (1, 10, 1000):
                rows, scores = cpu.search(unit(seed), k, keep)
                again, also = gpu.search(unit(seed), k, keep)
                np.testing.assert_array_equal(rows, again)
                np.testing.assert_array_equal(scores, also)
    assert max(fake.asked) <= limit


def test_no_gpu_is_used_for_few_rows_or_where_there_is_none(library, monkeypatch, caplog):
    fill(library)
    fake = FakeGpu()
    monkeypatch.setattr(gpu_module, "faiss_module", lambda: fake)
    assert VectorIndex.open(library, ENCODER)._gpu is None
    assert VectorIndex.open(library, ENCODER, gpu=False)._gpu is None
    monkeypatch.setattr(fake, "get_num_gpus", lambda: 0)
    expect(library, VectorIndex.open(library, ENCODER, gpu=True), unit(0), 5)
    assert "no GPU" in caplog.text


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
