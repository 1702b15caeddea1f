"""A person's word on what is one object, and taking it back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import IdentityError, LibraryError
from core.identity.identities import Identities
from core.library.library import Library
from core.library.notes import FIRST_NEW_TRACK, TrackRef
from core.library.shard import Shard
from core.search.engine import Engine
from tests.core.library.moving import Thing, put_moving
from tests.fakes import FakeEncoder

A = (
    Thing((10, 100), (30, 0), ((0.0, 3.0),)),
    Thing((130, 100), (30, 0), ((4.0, 8.0),)),  # goes on where 1 was lost
    Thing((400, 200), (-20, 2), ((0.0, 3.0), (3.8, 7.0)), kind="van"),
    Thing((10, 250), (25, 0), ((9.0, 14.0),), kind="person", size=(20, 50)),
    Thing((132, 101), (30, 0), ((4.0, 8.0),)),  # is 2, found twice
)
B = (
    Thing((10, 100), (30, 0)),
    Thing((10, 200), (30, 0)),
    Thing((10, 300), (30, 0), ((8.0, 12.0),)),
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as library:
        for name, things in (("a", A), ("b", B), ("c", B)):
            put_moving(library, name, things)
        yield library


@pytest.fixture
def identities(library: Library) -> Identities:
    return Identities(library)


def ref(words: str) -> TrackRef:
    video, track = words.split(":")
    return TrackRef(video, int(track))


def members(identities: Identities, words: str) -> list[str]:
    return [str(member) for member in identities.identity_of(ref(words)).members]


# --- across videos ----------------------------------------------------------------------------


def test_a_track_is_an_object_by_itself(identities):
    identity = identities.identity_of(ref("a:3"))
    assert (identity.id, identity.members, identity.name) == ("a:3", (ref("a:3"),), "")
    assert identities.identities() == ()


def test_the_same_object_in_three_videos_is_one_identity(identities):
    change = identities.accept(ref("c:1"), ref("b:1"))
    assert change.sentence == "track 1 of c.mp4 and track 1 of b.mp4 are the same object"
    identities.accept(ref("a:1"), ref("b:1"))
    assert members(identities, "c:1") == ["a:1", "b:1", "c:1"]
    assert [i.id for i in identities.identities()] == ["a:1"]
    with pytest.raises(IdentityError, match="already"):
        identities.accept(ref("a:1"), ref("c:1"))


def test_an_identity_cannot_be_in_two_places_at_once(identities):
    identities.accept(ref("a:1"), ref("b:1"))
    with pytest.raises(
        IdentityError, match=r"^Tracks 1 and 2 of b\.mp4 cannot be one object: both"
    ):
        identities.accept(ref("a:1"), ref("b:2"))
    identities.accept(ref("a:1"), ref("b:3"))  # at another time
    assert members(identities, "a:1") == ["a:1", "b:1", "b:3"]


def test_what_was_told_apart_is_not_joined_even_by_way_of_others(identities):
    identities.reject(ref("a:1"), ref("c:1"))
    identities.accept(ref("a:1"), ref("b:1"))
    with pytest.raises(IdentityError, match="different objects by edit 1: undo that first"):
        identities.accept(ref("b:1"), ref("c:1"))
    with pytest.raises(IdentityError, match="told apart already, by edit 1"):
        identities.reject(ref("b:1"), ref("c:1"))
    identities.undo(1)
    identities.accept(ref("b:1"), ref("c:1"))
    with pytest.raises(IdentityError, match="taken to be the same object"):
        identities.reject(ref("a:1"), ref("c:1"))


# --- in one video -----------------------------------------------------------------------------


def test_accepting_two_tracks_of_one_video_makes_them_one(library, identities):
    change = identities.accept(ref("a:2"), ref("a:1"))
    assert change.sentence == "tracks 1 and 2 of a.mp4 are one track, 1"
    assert identities.resolve(ref("a:2")) == ref("a:1")
    assert library.shard("a").path_of(1).frame[-1] == 79
    with pytest.raises(IdentityError, match="It takes two tracks"):
        identities.accept(ref("a:1"), ref("a:2"))
    with pytest.raises(IdentityError, match="one track: split it"):
        identities.reject(ref("a:1"), ref("a:2"))


def test_tracks_seen_at_one_time_in_two_places_are_not_merged(library, identities):
    with pytest.raises(IdentityError, match=r"both are seen at 0\.0 s, in different places"):
        identities.merge("a", 1, 3)
    assert type(library.shard("a")) is Shard
    identities.merge("a", 2, 5)  # one object found twice
    identities.merge("a", 1, 5)
    assert library.shard("a").tracks().track_id.tolist() == [1, 3, 4]


def test_merging_joins_the_identities_and_respects_what_was_told_apart(identities):
    identities.accept(ref("a:1"), ref("b:1"))
    identities.accept(ref("a:2"), ref("c:1"))
    identities.reject(ref("b:1"), ref("c:1"))
    with pytest.raises(IdentityError, match="different objects by edit 3"):
        identities.merge("a", 1, 2)
    identities.undo(3)
    identities.merge("a", 1, 2)
    assert members(identities, "c:1") == ["a:1", "b:1", "c:1"]
    identities.undo_last()
    assert members(identities, "c:1") == ["a:2", "c:1"]


@pytest.mark.parametrize("tracks", [(), (1,), (1, 1)])
def test_one_track_is_not_merged_with_itself(identities, tracks):
    with pytest.raises(IdentityError, match="takes two tracks"):
        identities.merge("a", *tracks)


def test_a_split_and_its_new_track(library, identities):
    change = identities.split("a", 3, at_s=3.0)
    new = change.edit.new_track
    assert change.sentence == f"track 3 of a.mp4 is split at 3.00 s; the new track is {new}"
    early, late = (library.shard("a").tracklet_ids(t)[0] for t in (3, new))
    identities.merge("a", 3, new)
    change = identities.split("a", 3, tracklets=[late])
    assert change.sentence.startswith(f"track 3 of a.mp4 is split by tracklets {late}; ")
    assert library.shard("a").tracklet_ids(3) == (early,)


def test_splits_that_cut_nothing_are_refused(library, identities):
    for at_s in (-1.0, 0.0, 7.5):
        with pytest.raises(IdentityError, match=r"seen from 0\.0 to 6\.9 s"):
            identities.split("a", 3, at_s=at_s)
    pieces = library.shard("a").tracklet_ids(3)
    with pytest.raises(IdentityError, match="all of it would be on one side"):
        identities.split("a", 3, tracklets=pieces)
    with pytest.raises(IdentityError, match="has no tracklet 99"):
        identities.split("a", 3, tracklets=[99])
    for where in ({}, {"at_s": 1.0, "tracklets": [1]}):
        with pytest.raises(IdentityError, match="either a time or tracklets"):
            identities.split("a", 3, **where)
    assert identities.history() == ()


def test_a_class_must_be_one_that_the_video_has(library, identities):
    change = identities.relabel(ref("a:1"), " Van ")
    assert change.sentence == "track 1 of a.mp4 is called van"
    assert library.shard("a").votes(1) == {"van": 1.0}
    with pytest.raises(IdentityError, match="bicycle, car, person, van"):
        identities.relabel(ref("a:1"), "zeppelin")


def test_unknown_tracks_and_videos_are_refused(identities):
    for call in (
        lambda: identities.accept(ref("a:99"), ref("b:1")),
        lambda: identities.reject(ref("a:1"), ref("zz:1")),
        lambda: identities.merge("a", 1, 99),
        lambda: identities.split("a", 99, at_s=1.0),
        lambda: identities.relabel(ref("a:99"), "van"),
        lambda: identities.identity_of(ref("a:99")),
    ):
        with pytest.raises(LibraryError, match=r"no (track 99|video zz)"):
            call()


# --- names ------------------------------------------------------------------------------------


def test_names_belong_to_the_object_and_survive_edits(identities):
    identities.accept(ref("a:1"), ref("b:1"))
    assert identities.name(ref("b:1"), "  the blue one ").name == "the blue one"
    assert identities.identity_of(ref("a:1")).name == "the blue one"
    identities.name(ref("a:1"), "Otto")
    assert identities.identity_of(ref("b:1")).name == "Otto"
    identities.undo_last()
    assert [(i.id, i.name) for i in identities.identities()] == [("a:1", "Otto")]
    identities.merge("a", 1, 2)
    assert identities.identity_of(ref("a:2")).name == "Otto"
    assert identities.name(ref("a:2"), "").name == ""
    assert identities.identities() == ()


# --- taking back ------------------------------------------------------------------------------


def test_an_edit_that_others_build_on_is_undone_after_them(identities):
    identities.merge("a", 1, 2)
    piece = identities.split("a", 1, at_s=2.0).edit.new_track
    identities.accept(TrackRef("a", piece), ref("b:1"))
    identities.relabel(ref("a:3"), "van")
    assert [c.blocked_by for c in identities.history()] == [(2,), (3,), (), ()]
    with pytest.raises(IdentityError, match=r"edit 3 builds on it .*undo edit 3 first"):
        identities.undo(2)
    identities.undo(3)
    assert identities.undo(2).edit.edit_id == 2
    with pytest.raises(IdentityError, match="undone already"):
        identities.undo(2)
    identities.undo(1)
    identities.undo_last()
    with pytest.raises(IdentityError, match="no edit to undo"):
        identities.undo_last()
    with pytest.raises(IdentityError, match="no edit 77"):
        identities.undo(77)
    assert [c.edit.undone for c in identities.history()] == [True] * 4


def test_two_people_do_not_change_the_same_thing_unseen(library, identities, monkeypatch):
    other = Identities(library)
    check = identities._check

    def meanwhile(*arguments):
        check(*arguments)
        if not library.notes.identity_edits():
            other.reject(ref("a:1"), ref("b:1"))

    monkeypatch.setattr(identities, "_check", meanwhile)
    with pytest.raises(LibraryError, match="just changed"):
        identities.accept(ref("a:1"), ref("b:1"))
    assert [e.kind for e in library.notes.identity_edits()] == ["different"]


def test_a_removed_video_takes_its_edits_along(library, identities):
    identities.accept(ref("a:1"), ref("b:1"))
    identities.accept(ref("b:1"), ref("c:1"))
    identities.name(ref("b:1"), "Otto")
    identities.merge("a", 1, 2)
    library.remove("b")
    assert identities.identities() == ()
    assert members(identities, "a:2") == ["a:1"]
    assert [c.edit.kind for c in identities.history()] == ["merge"]


def test_answers_change_at_once(library, identities):
    engine = Engine(library, FakeEncoder(dim=16))
    assert engine.scores("van").keys() >= {("a", 1), ("a", 2)}
    before = engine.scores("van")[("a", 1)]
    identities.relabel(ref("a:1"), "van")
    assert engine.scores("van")[("a", 1)] > max(before, 0.9)
    identities.merge("a", 1, 2)
    assert ("a", 2) not in engine.scores("van")
    identities.undo_last()
    identities.undo_last()
    assert engine.scores("van")[("a", 1)] == before


# --- any sequence of edits --------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library.open(tmp_path_factory.mktemp("shared") / "library") as library:
        rider = Thing((10, 300), (25, 0), ((9.0, 14.0),), kind="bicycle", with_rider=True)
        put_moving(library, "a", [*A, rider])
        put_moving(library, "b", B)
        yield library


def edit(identities: Identities, library: Library, step: tuple[int, int, int, float]) -> bool:
    """One edit by numbers; False where it was refused with a sentence."""
    kind, first, second, share = step
    alive = library.shard("a").tracks().track_id.tolist()
    one, other = alive[first % len(alive)], alive[second % len(alive)]
    shard = library.shard("a")
    try:
        if kind == 0:
            identities.merge("a", one, other)
        elif kind == 1:
            path = shard.path_of(one)
            span = path.t_s[-1] - path.t_s[0]
            identities.split("a", one, at_s=float(path.t_s[0] + share * span))
        elif kind == 2:
            pieces = shard.tracklet_ids(one)
            identities.split("a", one, tracklets=pieces[: max(1, second % (len(pieces) + 1))])
        elif kind == 3:
            identities.relabel(TrackRef("a", one), shard.meta.class_names[second % 4])
        elif kind == 4:
            identities.reject(TrackRef("a", one), TrackRef("a", other))
        else:
            identities.accept(TrackRef("a", one), TrackRef("b", 1 + second % 3))
    except IdentityError:
        return False
    return True


def assert_sound(library: Library, base: Shard) -> None:
    """What must be true of the tracks of a video after any edits."""
    shard = library.shard("a")
    alive = shard.tracks().track_id
    assert (np.diff(alive) > 0).all()
    for track in base.tracks().track_id.tolist():
        assert library.resolve("a", track) in alive
    for track in alive.tolist():
        path = shard.path_of(track)
        assert (np.diff(path.frame) > 0).all()
        assert (np.diff(path.t_s) > 0).all()
        assert not path.interpolated[[0, -1]].any()
        assert sum(shard.votes(track).values()) == pytest.approx(1)
        assert library.resolve("a", track) == track
    boxes, was = shard.detections().track_id, base.detections().track_id
    assert np.array_equal(boxes >= 0, was >= 0)
    assert set(boxes[boxes >= 0].tolist()) == set(alive.tolist())
    assert np.isin(shard.crops().track_id, alive).all()
    for table, columns in (
        (shard.events(), ("track_id",)),
        (shard.relations(), ("subject_id", "object_id")),
    ):
        assert all(np.isin(getattr(table, column), alive).all() for column in columns)
    best = shard.tracks().best_crop
    assert np.array_equal(shard.crops().track_id[best[best >= 0]], alive[best >= 0])


STEPS = st.tuples(st.integers(0, 5), st.integers(0, 20), st.integers(0, 20), st.floats(-0.1, 1.1))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(STEPS, max_size=8))
def test_edits_undone_in_reverse_order_leave_what_there_was(shared, steps):
    identities = Identities(shared)
    base = shared.shard("a")
    assert type(base) is Shard
    made = sum(edit(identities, shared, step) and assert_sound(shared, base) is None
               for step in steps)  # fmt: skip
    new = [
        c.edit.new_track for c in identities.history()[-made or None :] if c.edit.kind == "split"
    ]
    for _ in range(made):
        identities.undo_last()
        assert_sound(shared, base)
    assert shared.shard("a") is base
    with Library.open(shared.path) as fresh:
        again = fresh.shard("a")
        for name in ("tracks", "events", "relations", "crops", "links"):
            one, other = getattr(base, name)(), getattr(again, name)()
            for column in fields(one):
                a, b = getattr(one, column.name), getattr(other, column.name)
                assert a == b if isinstance(a, tuple) else np.array_equal(a, b)
    for track in new:
        assert track >= FIRST_NEW_TRACK
        assert shared.resolve("a", track) in base.tracks().track_id


def test_the_stored_files_are_never_written(shared):
    folder = shared.shard_folder("a")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    identities = Identities(shared)
    identities.merge("a", 1, 2)
    identities.split("a", 3, at_s=1.0)
    shared.shard("a").relations()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    identities.undo_last()
    identities.undo_last()
