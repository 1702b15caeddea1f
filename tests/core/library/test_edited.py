"""Edits of a person over a shard that never changes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from core.errors import LibraryError
from core.index.vectors import VectorIndex
from core.library import catalog
from core.library.description import relation_table
from core.library.edited import EditedShard, problem_with
from core.library.library import Library
from core.library.notes import FIRST_NEW_TRACK
from core.library.shard import Shard
from core.motion.ground import GroundPlane
from core.search.columns import read_columns, stamp_of
from tests.core.library.moving import ENCODER, Thing, put_moving

VIDEO = "v1"
THINGS = (
    Thing((10, 100), (30, 0), ((0.0, 3.0),)),
    Thing((130, 100), (30, 0), ((4.0, 8.0),), kind="van", looks=1),  # goes on where 1 was lost
    Thing((600, 200), (-40, 2), ((0.0, 3.0), (3.8, 7.0)), looks=2),
    Thing((100, 300), (20, 0), ((1.0, 6.0),), kind="bicycle", with_rider=True, looks=3),
    Thing((300, 50), (0, 20), ((0.0, 5.0),), kind="person", size=(20, 50), twin=True, looks=4),
    Thing((150, 101), (30, 0), ((5.0, 9.0),), looks=5),  # lies half on 2
    Thing((540, 203), (-40, 2), ((0.0, 7.0),), looks=6),  # followed by 3
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as library:
        put_moving(library, VIDEO, THINGS)
        yield library


def merge(library: Library, *tracks: int) -> int:
    a, b = (VIDEO, tracks[0]), (VIDEO, tracks[1])
    return library.notes.edit_identity("merge", a, b, json.dumps({"tracks": tracks}))


def split(library: Library, track: int, **where) -> int:
    """The id of the new track."""
    a = (VIDEO, track)
    return FIRST_NEW_TRACK + library.notes.edit_identity("split", a, a, json.dumps(where))


def relabel(library: Library, track: int, name: str) -> int:
    a = (VIDEO, track)
    return library.notes.edit_identity("relabel", a, a, json.dumps({"class_name": name}))


def same_path(a, b) -> bool:
    return all(np.array_equal(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))


def assert_equal_tables(one, other) -> None:
    for column in fields(one):
        a, b = getattr(one, column.name), getattr(other, column.name)
        same = np.array_equal(a, b) if isinstance(a, np.ndarray) else tuple(a) == tuple(b)
        assert same, column.name


def rows_without(table, ids, *columns):
    return ~np.any([np.isin(getattr(table, name), ids) for name in columns], axis=0)


# --- merges -----------------------------------------------------------------------------------


def test_without_edits_there_is_no_overlay(library):
    assert type(library.shard(VIDEO)) is Shard
    edit = merge(library, 1, 2)
    assert isinstance(library.shard(VIDEO), EditedShard)
    assert library.shard(VIDEO) is library.shard(VIDEO)
    library.notes.undo_identity_edit(edit)
    assert type(library.shard(VIDEO)) is Shard


def test_merged_tracks_have_one_path_with_the_gap_filled_and_flagged(library):
    before = library.shard(VIDEO)
    merge(library, 1, 2)
    shard = library.shard(VIDEO)
    assert shard.tracks().track_id.tolist() == [1, 3, 4, 5, 6, 7]
    path, one, two = shard.path_of(1), before.path_of(1), before.path_of(2)
    assert path.frame.tolist() == list(range(80))
    assert path.frame[path.interpolated].tolist() == list(range(30, 40))
    assert np.array_equal(path.xyxy[:30], one.xyxy)
    assert np.array_equal(path.xyxy[40:], two.xyxy)
    row = shard.tracks().row_of(1)
    table = shard.tracks()
    assert (table.t0_s[row], table.t1_s[row]) == (0.0, 7.9)
    assert (table.n_boxes[row], table.n_interpolated[row]) == (70, 10)
    assert set(shard.votes(1)) == {"car", "van"}
    assert shard.votes(1)["van"] > 0.5
    assert sum(shard.votes(1).values()) == pytest.approx(1)
    assert shard.tracklet_ids(1) == (*before.tracklet_ids(1), *before.tracklet_ids(2))
    assert shard.track(1).class_name == "van"
    with pytest.raises(KeyError):
        shard.path_of(2)
    with pytest.raises(KeyError):
        shard.votes(2)


def test_what_edits_do_not_touch_is_copied(library):
    before = library.shard(VIDEO)
    merge(library, 1, 2)
    shard = library.shard(VIDEO)
    for table, old, columns in (
        (shard.tracks(), before.tracks(), ("track_id",)),
        (shard.events(), before.events(), ("track_id",)),
        (shard.relations(), before.relations(), ("subject_id", "object_id")),
    ):
        mine, theirs = (rows_without(t, [1, 2], *columns) for t in (table, old))
        assert mine.sum() == theirs.sum() > 0
        for column in fields(table):
            a, b = getattr(table, column.name), getattr(old, column.name)
            if isinstance(a, np.ndarray):
                assert np.array_equal(a[mine], b[theirs]), column.name
    assert same_path(shard.path_of(3), before.path_of(3))
    assert shard.crop_jpeg(3) == before.crop_jpeg(3)
    assert np.array_equal(shard.crop_vectors(ENCODER), before.crop_vectors(ENCODER))
    assert np.array_equal(shard.scenes().t0_s, before.scenes().t0_s)


def test_relations_are_those_of_the_tracks_as_they_are_now(library):
    merge(library, 1, 2)
    split(library, 3, at_s=2.0)
    shard = library.shard(VIDEO)
    ground = shard.meta.ground
    whole = relation_table(
        [shard.track(int(t)) for t in shard.tracks().track_id],
        shard.meta.frame_size,
        None if ground is None else GroundPlane.from_numbers(ground),
    )
    assert len(whole)
    assert {1, 3} & set(whole.subject_id.tolist())
    assert_equal_tables(shard.relations(), whole)


def test_crops_and_detections_follow_their_boxes(library):
    before = library.shard(VIDEO)
    merge(library, 1, 2)
    shard = library.shard(VIDEO)
    crops, old = shard.crops(), before.crops()
    assert np.array_equal(crops.crop_id, old.crop_id)
    assert np.array_equal(crops.track_id, np.where(old.track_id == 2, 1, old.track_id))
    boxes, was = shard.detections().track_id, before.detections().track_id
    assert np.array_equal(boxes, np.where(was == 2, 1, was))
    best = shard.tracks().best_crop[shard.tracks().row_of(1)]
    assert crops.quality[best] == crops.quality[crops.track_id == 1].max()


def test_one_object_found_twice_keeps_the_surer_box_of_a_frame(library):
    before = library.shard(VIDEO)
    merge(library, 2, 6)
    path, a, b = (s.path_of(t) for s, t in ((library.shard(VIDEO), 2), (before, 2), (before, 6)))
    assert path.frame.tolist() == list(range(40, 90))
    for frame in range(50, 80):
        one, other = a.confidence[a.frame == frame][0], b.confidence[b.frame == frame][0]
        assert path.confidence[path.frame == frame][0] == max(one, other)


# --- splits -----------------------------------------------------------------------------------


def test_a_split_in_time_makes_a_track_with_a_new_id(library):
    before = library.shard(VIDEO)
    new = split(library, 3, at_s=3.0)
    shard = library.shard(VIDEO)
    assert new > FIRST_NEW_TRACK
    assert shard.tracks().track_id.tolist() == [1, 2, 3, 4, 5, 6, 7, new]
    first, second = shard.path_of(3), shard.path_of(new)
    assert first.frame.tolist() == list(range(30))
    assert second.frame.tolist() == list(range(38, 70))  # boxes made up across the cut are gone
    old = before.path_of(3)
    assert np.array_equal(second.xyxy, old.xyxy[38:])
    assert (shard.tracklet_ids(3), shard.tracklet_ids(new)) == ((2,), (3,))
    crops = shard.crops()
    assert (crops.track_id[crops.t_s >= 3.8] != 3).all()
    assert set(crops.track_id[before.crops().track_id == 3].tolist()) == {3, new}
    assert len(before.links()) == len(shard.links()) + 1


def test_a_split_by_tracklets_takes_their_boxes_and_crops(library):
    before = library.shard(VIDEO)
    early, late = before.tracklet_ids(3)
    new = split(library, 3, tracklets=[early])
    shard = library.shard(VIDEO)
    assert shard.tracklet_ids(new) == (early,)
    assert shard.tracklet_ids(3) == (late,)
    boxes = shard.detections()
    assert (boxes.track_id[boxes.tracklet_id == early] == new).all()
    crops, mine = shard.crops(), before.crops().track_id == 3
    assert np.array_equal(crops.track_id[mine], np.where(crops.t_s[mine] < 3.0, new, 3))


def test_a_split_inside_a_tracklet_leaves_it_to_both(library):
    new = split(library, 1, at_s=1.5)
    shard = library.shard(VIDEO)
    assert shard.tracklet_ids(1) == shard.tracklet_ids(new)
    assert shard.path_of(1).frame.tolist() == list(range(15))
    assert shard.path_of(new).frame.tolist() == list(range(15, 30))


def test_boxes_on_top_of_a_track_go_with_what_they_lay_on(library):
    new = split(library, 5, at_s=2.0)
    boxes = library.shard(VIDEO).detections()
    twin = boxes.tracklet_id == max(boxes.tracklet_id[boxes.track_id == 5])
    late = boxes.detections.t_s[twin] >= 2.0
    assert np.array_equal(boxes.track_id[twin], np.where(late, new, 5))


def test_a_rider_is_taken_off_what_they_ride(library):
    before = library.shard(VIDEO)
    wheels, rider = before.tracklet_ids(4)
    assert before.path_of(4).xyxy[0, 1] < 300  # the union of both boxes
    new = split(library, 4, tracklets=[rider])
    shard = library.shard(VIDEO)
    assert shard.votes(4) == {"bicycle": 1.0}
    assert shard.votes(new) == {"person": 1.0}
    assert (shard.path_of(4).xyxy[:, 1] == 300).all()
    assert (shard.path_of(new).xyxy[:, 3] < 320).all()
    assert (shard.tracklet_ids(4), shard.tracklet_ids(new)) == ((wheels,), (rider,))
    boxes = shard.detections()
    assert (boxes.track_id[boxes.tracklet_id == rider] == new).all()
    assert (boxes.track_id[boxes.tracklet_id == wheels] == 4).all()


def test_a_joint_track_cut_in_time_keeps_joint_boxes_and_votes(library):
    before = library.shard(VIDEO)
    new = split(library, 4, at_s=3.0)
    shard = library.shard(VIDEO)
    assert np.array_equal(shard.path_of(new).xyxy, before.path_of(4).xyxy[20:])
    assert shard.votes(new) == {"bicycle": 1.0}
    assert shard.tracklet_ids(new) == before.tracklet_ids(4)


def test_pieces_that_are_put_together_again_are_the_track_there_was(library):
    before = library.shard(VIDEO)
    new = split(library, 3, at_s=3.0)
    merge(library, 3, new)
    shard = library.shard(VIDEO)
    assert_equal_tables(shard.tracks(), before.tracks())
    assert_equal_tables(shard.events(), before.events())
    assert_equal_tables(shard.relations(), before.relations())
    assert same_path(shard.path_of(3), before.path_of(3))
    assert shard.votes(3) == before.votes(3)
    assert np.array_equal(shard.crops().track_id, before.crops().track_id)
    assert np.array_equal(shard.detections().track_id, before.detections().track_id)


# --- classes ----------------------------------------------------------------------------------


def test_a_relabelled_track_has_one_vote_and_passes_it_on(library):
    relabel(library, 1, "person")
    shard = library.shard(VIDEO)
    assert shard.votes(1) == {"person": 1.0}
    assert shard.tracks().class_name[0] == "person"
    assert shard.tracks().class_confidence[0] == 1.0
    new = split(library, 1, at_s=1.0)
    assert library.shard(VIDEO).votes(new) == {"person": 1.0}
    merge(library, 1, 2)
    assert library.shard(VIDEO).votes(1) == {"person": 1.0}


# --- ids --------------------------------------------------------------------------------------


def test_old_ids_lead_to_the_track_that_has_most_of_their_boxes(library):
    assert library.resolve(VIDEO, 2) == 2
    merged = merge(library, 1, 2)
    assert library.resolve(VIDEO, 2) == 1
    new = split(library, 1, at_s=3.5)  # all that was 2 leaves
    assert library.resolve(VIDEO, 2) == new
    assert library.resolve(VIDEO, 1) == 1
    library.notes.undo_identity_edit(new - FIRST_NEW_TRACK)
    assert library.resolve(VIDEO, new) == 1  # a link to the piece still leads somewhere
    library.notes.undo_identity_edit(merged)
    assert library.resolve(VIDEO, 2) == 2


@pytest.mark.parametrize("unknown", [0, 8, FIRST_NEW_TRACK + 999])
def test_unknown_ids_are_refused(library, unknown):
    with pytest.raises(LibraryError, match=f"no track {unknown}"):
        library.resolve(VIDEO, unknown)
    merge(library, 1, 2)
    with pytest.raises(LibraryError, match=f"no track {unknown}"):
        library.resolve(VIDEO, unknown)


def test_ids_of_new_tracks_are_never_given_out_again(library):
    first = split(library, 1, at_s=1.0)
    library.remove(VIDEO)
    put_moving(library, VIDEO, THINGS)
    assert library.shard(VIDEO).edits == ()
    assert split(library, 1, at_s=1.0) > first
    with pytest.raises(LibraryError):
        library.resolve(VIDEO, first)


def test_edits_of_an_older_library_are_kept_and_numbered_on(tmp_path):
    root = tmp_path / "old"
    root.mkdir()
    with sqlite3.connect(root / catalog.CATALOG_NAME) as old:
        for step in catalog._STEPS[:2]:
            old.executescript(step)
        old.execute("PRAGMA user_version = 2")
        old.execute(
            "INSERT INTO identity_edits(kind, a_video, a_track, b_video, b_track, detail, at) "
            "VALUES ('same', 'v', 1, 'w', 2, '{}', 5.0)"
        )
    old.close()
    with Library.open(root) as library:
        assert [(e.kind, str(e.a), str(e.b)) for e in library.notes.identity_edits()] == [
            ("same", "v:1", "w:2")
        ]
        library.catalog.forget_video("w")
        assert library.notes.edit_identity("different", ("v", 1), ("x", 1)) == 2


def test_edits_that_do_not_fit_are_left_out_with_a_warning(library, caplog):
    merge(library, 1, 77)
    split(library, 2, at_s=1000.0)
    relabel(library, 3, "van")
    shard = library.shard(VIDEO)
    assert shard.tracks().track_id.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert shard.votes(3) == {"van": 1.0}
    assert "no track 77" in caplog.text
    assert "without boxes" in caplog.text


def test_an_edit_can_be_tried_before_it_is_made(library):
    merge(library, 1, 2)
    merge(library, 1, 2)
    first, second = library.notes.track_edits(VIDEO)
    base = Shard(library.shard_folder(VIDEO))
    assert problem_with(base, first) == ""
    assert "no track 2" in problem_with(EditedShard(base, [first]), second)


# --- what rests on it -------------------------------------------------------------------------


def test_searches_and_indexes_see_edits_at_once(library):
    columns, index = read_columns(library), VectorIndex.open(library, ENCODER)
    row = int(np.flatnonzero(library.shard(VIDEO).crops().track_id == 2)[0])
    assert index.locate(row) == (VIDEO, row, 2)
    assert columns.stamp == stamp_of(library)
    edit = merge(library, 1, 2)
    assert columns.stamp != stamp_of(library)
    assert not index.is_current(library)
    edited, fresh = index.refreshed(library), read_columns(library)
    assert edited.locate(row) == (VIDEO, row, 1)
    assert edited.is_current(library)
    assert fresh.stamp == stamp_of(library)
    assert len(fresh) == len(columns) - 1
    library.notes.undo_identity_edit(edit)
    assert stamp_of(library) == columns.stamp


def test_edits_survive_closing_and_are_seen_by_readers(library, tmp_path):
    merge(library, 1, 2)
    with Library.open(tmp_path / "library", read_only=True) as reader:
        assert reader.resolve(VIDEO, 2) == 1
        assert reader.shard(VIDEO).path_of(1).frame[-1] == 79
