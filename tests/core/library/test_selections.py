"""Selections under keys of their own, and what is left out: kept, read, taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import LibraryError
from core.library import selections
from core.library.catalog import Catalog
from core.library.library import Library
from core.library.selections import Selections, Tracks, count_of


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.open(tmp_path / "library")


def plain(tracks: Tracks) -> dict[str, list[int]]:
    return {video: ids.tolist() for video, ids in tracks.items()}


def test_the_same_tracks_have_the_same_key(library: Library) -> None:
    key = library.selections.keep({"v": [3, 1, 3], "w": [7], "x": []})
    assert key == library.selections.keep({"w": (7,), "v": [1, 3]})
    assert key != library.selections.keep({"w": [7]})
    library.close()
    with Library.open(library.path) as again:
        assert plain(again.selections.read(key)) == {"v": [1, 3], "w": [7]}
        assert count_of(again.selections.read(key)) == 3


def test_the_latest_come_first(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = []
    for k, track in enumerate((1, 2, 3, 1)):
        monkeypatch.setattr(selections, "now", lambda at=100.0 + k: at)
        keys.append(library.selections.keep({"v": [track]}))
    assert library.selections.latest(2) == [(keys[3], 103.0), (keys[2], 102.0)]
    assert [key for key, _ in library.selections.latest(9)] == [keys[3], keys[2], keys[1]]


def test_nothing_and_an_unknown_key_are_said(library: Library) -> None:
    with pytest.raises(LibraryError, match="Nothing is selected"):
        library.selections.keep({"v": []})
    with pytest.raises(LibraryError, match="not kept any more"):
        library.selections.read("0" * 16)


@given(
    tracks=st.dictionaries(
        st.text("abc123", min_size=1, max_size=4),
        st.sets(st.integers(0, 2**40), max_size=20),
        max_size=4,
    ).filter(lambda tracks: any(tracks.values()))
)
def test_what_was_kept_is_read_from_the_file(
    tmp_path_factory: pytest.TempPathFactory, tracks: dict[str, set[int]]
) -> None:
    catalog = Catalog(tmp_path_factory.mktemp("kept") / "catalog.sqlite")
    key = Selections(catalog).keep({video: sorted(ids) for video, ids in tracks.items()})
    read = Selections(catalog).read(key)  # another one: nothing of it is in memory
    assert plain(read) == {video: sorted(ids) for video, ids in tracks.items() if ids}
    catalog.close()


def test_old_ones_go_unless_a_saved_question_names_them(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selections, "MOST_KEPT", 2)
    keys = [library.selections.keep({"v": [1]})]
    library.notes.save_query("mine", f"?sel={keys[0]}")
    keys += [library.selections.keep({"v": [track]}) for track in (2, 3, 4)]
    fresh = Selections(library.catalog)
    assert [plain(fresh.read(keys[k])) for k in (0, 2, 3)] == [{"v": [1]}, {"v": [3]}, {"v": [4]}]
    with pytest.raises(LibraryError, match="not kept any more"):
        fresh.read(keys[1])


def test_what_is_left_out_is_told_once_and_taken_back(library: Library) -> None:
    assert plain(library.exclusions.add({"v": [1, 2]})) == {"v": [1, 2]}
    assert plain(library.exclusions.add({"v": [2, 3], "w": [1]})) == {"v": [3], "w": [1]}
    assert plain(library.exclusions.all()) == {"v": [1, 2, 3], "w": [1]}
    assert plain(library.exclusions.remove({"v": [3, 9], "w": [1]})) == {"v": [3], "w": [1]}
    assert plain(library.exclusions.all()) == {"v": [1, 2]}
    library.close()
    with Library.open(library.path) as again:
        assert plain(again.exclusions.all()) == {"v": [1, 2]}
