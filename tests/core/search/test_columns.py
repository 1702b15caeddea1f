from dataclasses import fields

import numpy as np
import pytest

from core.errors import LibraryError
from core.library.library import Library
from core.search import columns as columns_module
from core.search.columns import Columns, columns_of, read_columns, stamp_of
from tests.core.search.collection import Obj, Rel, put

EVENTS = (("stop", 1.0, 2.0, 0.9), ("turn_left", 3.0, 5.0, 0.8), ("moving", 0.0, 9.0, 0.7))


@pytest.fixture
def library(tmp_path):
    with Library.open(tmp_path / "library") as opened:
        for number in range(3):
            add(opened, number)
        yield opened


def add(library: Library, number: int) -> None:
    objects = [
        Obj("car", "red", EVENTS[: number + 1], numbers={"degrees": 80.0 + number}),
        Obj("person", "blue", votes={"person": 0.6, "bicycle": 0.4}),
        Obj("van", "white", EVENTS[1:], t0_s=2.0),
    ]
    put(library, f"v{number}", objects, [Rel("follow", 1, 3, 2.0, 6.0)])


@pytest.fixture
def described(monkeypatch) -> list[str]:
    """The videos whose tables are read."""
    read: list[str] = []
    plain = columns_module.described
    monkeypatch.setattr(
        columns_module, "described", lambda shard: read.append(shard.video_id) or plain(shard)
    )
    return read


def assert_as_read_anew(library: Library, columns: Columns) -> None:
    ready = library.ready()
    fresh = columns_of(ready, [library.shard(record.video_id) for record in ready])
    for column in fields(Columns):
        mine, theirs = getattr(columns, column.name), getattr(fresh, column.name)
        if isinstance(mine, np.ndarray):
            np.testing.assert_array_equal(mine, theirs, column.name)
        elif column.name in ("events", "relations"):
            assert mine.keys() == theirs.keys()
            for kind, table in mine.items():
                for part in fields(table):
                    a, b = getattr(table, part.name), getattr(theirs[kind], part.name)
                    np.testing.assert_array_equal(a, b, f"{kind} {part.name}")
        elif column.name in ("videos", "class_names", "stamp"):
            assert mine == theirs


def test_a_new_video_is_the_only_one_that_is_read(library, described):
    read_columns(library)
    assert sorted(described) == ["v0", "v1", "v2"]
    described.clear()
    add(library, 3)
    library.remove("v1")
    columns = read_columns(library)
    assert described == ["v3"]
    assert [record.video_id for record in columns.videos] == ["v0", "v2", "v3"]
    assert columns.stamp == stamp_of(library)
    assert_as_read_anew(library, columns)


def test_what_is_shown_of_a_video_is_what_its_shard_says(library):
    columns = read_columns(library)
    for place, record in enumerate(library.ready()):
        plain, shown = library.shard(record.video_id), columns.shards[place]
        assert columns.by_video()[record.video_id] is shown
        for name in ("crops", "events", "relations", "tracks"):
            one, other = getattr(plain, name)(), getattr(shown, name)()
            for column in fields(one):
                a, b = getattr(one, column.name), getattr(other, column.name)
                same = np.array_equal(a, b) if isinstance(a, np.ndarray) else tuple(a) == tuple(b)
                assert same, (name, column.name)
        for table, of in (("events", "event_numbers"), ("relations", "relation_numbers")):
            rows = range(len(getattr(plain, table)()))
            assert [getattr(plain, of)(k) for k in rows] == [getattr(shown, of)(k) for k in rows]
        for track in plain.tracks().track_id.tolist():
            assert plain.motion_reason(track) == shown.motion_reason(track)
            one, other = plain.path_of(track), shown.path_of(track)
            for column in fields(one):
                np.testing.assert_array_equal(
                    getattr(one, column.name), getattr(other, column.name)
                )
        with pytest.raises(KeyError):
            shown.path_of(99)


def test_no_table_is_read_for_what_is_shown(library):
    columns = read_columns(library)
    for record in library.ready():
        for table in library.shard_folder(record.video_id).glob("*.parquet"):
            table.unlink()
    shard = columns.shards[2]
    assert len(shard.path_of(1)) > 0
    assert len(shard.crops()) > 0
    assert shard.event_numbers(0)["degrees"] == 82.0
    assert shard.relation_numbers(0) is not None


def test_events_of_several_kinds_are_ordered_by_track_and_time(library):
    columns = read_columns(library)
    events, kind = columns.events_of_any(("turn_left", "stop"))
    assert len(events) == len(columns.events_of("turn_left")) + len(columns.events_of("stop"))
    assert (np.diff(events.track) >= 0).all()
    assert all(
        np.diff(events.t0_s[events.track == track]).min(initial=0.0) >= 0.0
        for track in np.unique(events.track)
    )
    assert np.bincount(kind).tolist() == [5, 3]
    assert columns.events_of_any(("turn_left", "stop"))[0] is events


def test_a_damaged_video_is_left_out_and_not_looked_for_at_every_question(library, caplog):
    (library.shard_folder("v1") / "events.parquet").write_bytes(b"")
    columns = read_columns(library)
    assert [record.video_id for record in columns.videos] == ["v0", "v2"]
    assert "events.parquet" in caplog.text
    assert columns.stamp == stamp_of(library)


def test_a_video_that_was_indexed_anew_is_not_shown_with_the_old_numbers(library):
    columns = read_columns(library)
    library.remove("v1")
    put(library, "v1", [Obj("bus", "green")])
    with pytest.raises(LibraryError, match="ask again"):
        columns.shards[1].tracks()


def test_an_empty_library(tmp_path):
    with Library.open(tmp_path / "empty") as library:
        columns = read_columns(library)
        assert len(columns) == len(columns.videos) == len(columns.by_video()) == 0
        assert columns.events_of_any(("stop",))[0].track.tolist() == []
