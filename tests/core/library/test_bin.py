from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import LibraryError
from core.ingest.batch import Models, add_paths
from core.library import catalog
from core.library.bin import Bin
from core.library.catalog import ABOUT_A_VIDEO, Catalog
from core.library.library import Library
from tests.fakes import PROFILE, FakeDetector, FakeEncoder, add_shard, clip


@pytest.fixture
def library(tmp_path: Path):
    with Library.open(tmp_path / "library") as opened:
        for name in ("one", "two", "three"):
            add_shard(opened, name)
        yield opened


def rows(library: Library) -> dict[str, list[tuple]]:
    return {table: library.catalog.rows(f"SELECT * FROM {table}") for table in ABOUT_A_VIDEO}


def files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def noted(library: Library) -> None:
    notes = library.notes
    notes.judge("car", "one", 1, 0.0, 1.0, relevant=True, parts={"red": False})
    notes.judge("car", "two", 1, 0.0, 1.0, relevant=False)
    notes.add_label("one", 2, "ours")
    library.zones.add("gate", [(0, 0), (1, 0), (1, 1)], library.video("one"), only_this_video=True)
    notes.edit_identity("merge", ("one", 1), ("one", 2), '{"tracks": [1, 2]}')
    notes.edit_identity("same", ("one", 3), ("two", 1))
    notes.edit_identity("different", ("three", 1), ("one", 1))


def test_a_removed_video_is_gone_and_comes_back_exactly(library: Library):
    noted(library)
    before, data = rows(library), files(library.shard_folder("one"))
    stamp, vectors = library.stamp(), library.shard("one").crop_vectors("fake/encoder").tolist()
    library.bin.put("one")
    assert [r.video_id for r in library.ready()] == ["two", "three"]
    assert [key[0] for key in library.stamp()] == ["two", "three"]
    assert library.notes.identity_edits() == []
    assert [j.video_id for j in library.notes.judgements()] == ["two"]
    assert not library.shard_folder("one").exists()
    with pytest.raises(LibraryError, match="no video one"):
        library.shard("one")
    assert [(r.video_id, r.name) for r in library.bin.all()] == [("one", "one.mp4")]

    library.bin.restore("one")
    after = rows(library)
    assert {t: sorted(after[t]) for t in after} == {t: sorted(before[t]) for t in before}
    assert files(library.shard_folder("one")) == data
    assert library.stamp() == stamp
    assert library.shard("one").crop_vectors("fake/encoder").tolist() == vectors
    assert library.bin.all() == []


def test_an_edit_waits_for_the_other_video(library: Library):
    noted(library)
    library.bin.put("one")
    library.bin.put("two")
    library.bin.restore("one")
    assert [e.kind for e in library.notes.identity_edits()] == ["merge", "different"]
    library.bin.restore("two")
    assert [e.kind for e in library.notes.identity_edits()] == ["merge", "same", "different"]


def test_an_edit_goes_with_a_video_that_is_gone_for_good(library: Library):
    noted(library)
    library.bin.put("one")
    library.bin.put("two")
    assert library.bin.empty() == 2
    library.bin.put("three")
    library.bin.restore("three")
    assert library.notes.identity_edits() == []
    with pytest.raises(LibraryError, match="not in the bin"):
        library.bin.restore("one")


def test_a_zone_keeps_its_name_where_its_number_was_given_away(library: Library):
    noted(library)
    library.bin.put("one")
    library.zones.add("door", [(0, 0), (1, 0), (1, 1)], library.video("two"))
    library.bin.restore("one")
    assert sorted(zone.name for zone in library.zones.all()) == ["door", "gate"]


def test_removing_works_while_another_process_adds(library: Library):
    with Library.open(library.path) as other, other.writing():
        library.bin.put("one")
        library.bin.restore("one")
    assert len(library.ready()) == 3


def test_a_video_that_is_being_read_stays(library: Library):
    library.catalog.set_state("one", "ingesting")
    with pytest.raises(LibraryError, match="being read"):
        library.bin.put("one")


@pytest.mark.parametrize("removing", [True, False])
def test_a_folder_that_a_kill_left_in_the_wrong_place_follows_the_catalog(
    library: Library, monkeypatch, removing: bool
):
    if not removing:
        library.bin.put("one")
    with monkeypatch.context() as patch:
        patch.setattr(Bin, "_move", lambda *_, **__: None)
        (library.bin.put if removing else library.bin.restore)("one")
    with Library.open(library.path) as opened:
        assert (opened.path / "bin" / "one").exists() is removing
        assert opened.shard_folder("one").exists() is not removing
        assert len(opened.ready()) == (2 if removing else 3)


def test_a_move_whose_transaction_was_lost_is_taken_back(library: Library):
    library.shard_folder("one").rename(library.path / "one")
    (library.path / "bin").mkdir()
    (library.path / "one").rename(library.path / "bin" / "one")
    with Library.open(library.path) as opened:
        assert len(opened.ready()) == 3
        assert opened.shard("one").tracks() is not None


def test_emptying_deletes_what_a_browser_sent_and_nothing_else(library: Library, tmp_path: Path):
    library.uploads_folder.mkdir()
    sent, own = library.uploads_folder / "one.mp4", tmp_path / "two.mp4"
    for video, path in (("one", sent), ("two", own)):
        path.write_bytes(b"x")
        library.catalog.set_path(video, path.name, str(path))
        library.bin.put(video)
    assert library.bin.empty(older_than_s=60.0) == 0
    assert sent.exists()
    gone = []
    assert library.bin.empty(on_gone=lambda removed: gone.append(removed.name)) == 2
    assert sorted(gone) == ["one.mp4", "two.mp4"]
    assert (sent.exists(), own.exists()) == (False, True)
    assert not any((library.path / "bin").iterdir())


def test_adding_what_was_removed_puts_it_back(tmp_path: Path):
    video = clip(tmp_path / "traffic.mp4", seconds=1.0)
    loaded = []

    def load(profile, runtimes):
        loaded.append(profile)
        return Models(FakeDetector(), FakeEncoder())

    with Library.open(tmp_path / "library") as library:
        (added,) = add_paths(library, [video], PROFILE, load=load)
        library.notes.add_label(added.video_id, 1, "ours")
        library.bin.put(added.video_id)
        (again,) = add_paths(library, [video], PROFILE, load=load)
        assert (again.status, len(loaded)) == ("duplicate", 1)
        assert "put back" in again.message
        assert [label.label for label in library.notes.labels()] == ["ours"]


def test_a_catalog_from_before_there_was_a_bin_gets_one(tmp_path: Path):
    path = tmp_path / "catalog.sqlite"
    with closing(sqlite3.connect(path)) as old:
        for step in catalog._STEPS[:5]:
            old.executescript(step)
        old.execute("PRAGMA user_version = 5")
        old.commit()
    assert Bin(tmp_path, Catalog(path)).all() == []
