"""Filters intersect, and what they leave is where counting starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.errors import QueryError
from core.identity.identities import Identities
from core.library.library import Library
from core.search.engine import Engine
from core.search.filters import Filters
from tests.core.search.collection import Obj, WordEncoder, collection

FAST = ((0.05, 0.5), (0.95, 0.5))
SLOW = ((0.1, 0.5), (0.3, 0.5))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return collection(
        tmp_path / "library",
        one=[
            Obj(t1_s=2.0, way=FAST),
            Obj(t0_s=5.0, t1_s=20.0, way=SLOW),
            Obj("van", t1_s=20.0, way=((0.5, 0.5), (0.5, 0.5))),
        ],
        two=[Obj(t1_s=8.0, way=FAST)],
    )


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), {("one", 1), ("one", 2), ("one", 3), ("two", 1)}),
        (Filters(videos=frozenset({"two"})), {("two", 1)}),
        (Filters(classes=("van",)), {("one", 3)}),
        (
            Filters(classes=("car", "van"), videos=frozenset({"one"})),
            {("one", k) for k in (1, 2, 3)},
        ),
        (Filters(after_s=10.0), {("one", 2), ("one", 3)}),
        (Filters(before_s=3.0), {("one", 1), ("one", 3), ("two", 1)}),
        (Filters(after_s=3.0, before_s=4.0), {("one", 3), ("two", 1)}),
        (Filters(min_duration_s=10.0), {("one", 2), ("one", 3)}),
        (Filters(max_duration_s=9.0), {("one", 1), ("two", 1)}),
        (Filters(min_size_px=41.0), set()),
        (Filters(max_size_px=40.0), {("one", 1), ("one", 2), ("one", 3), ("two", 1)}),
        # 0.9 of 640 px in 2 s, in boxes of 35 px: 8.3 box lengths a second
        (Filters(min_speed=5.0), {("one", 1)}),
        (Filters(max_speed=0.05), {("one", 3)}),
        (Filters(min_speed=1.0, max_speed=5.0), {("two", 1)}),
        (Filters(labels=("taxi",)), {("one", 2)}),
        (Filters(labels=("taxi",), classes=("van",)), set()),
    ],
)
def test_what_each_filter_leaves(
    library: Library, filters: Filters, expected: set[tuple[str, int]]
) -> None:
    library.notes.add_label("one", 2, "taxi")
    library.notes.add_label("one", 1, "other")
    engine = Engine(library, WordEncoder())
    assert set(engine.scores("red vehicle", filters=filters)) == expected
    answer = engine.search("red vehicle", filters=filters)
    assert answer.funnel[0].count == len(expected)
    assert {(m.video_id, m.track_ids[0]) for m in answer.results} == expected


def test_videos_are_a_short_form_and_intersect(library: Library) -> None:
    engine = Engine(library, WordEncoder())
    both = Filters(videos=frozenset({"one"}))
    assert engine.scores("car", videos=["two"], filters=both) == {}
    assert set(engine.scores("car", videos=["two"])) == {("two", 1)}


def test_filters_go_with_the_time_in_the_question(library: Library) -> None:
    engine = Engine(library, WordEncoder())
    late = engine.scores("vehicle after 0:10", filters=Filters(max_duration_s=16.0))
    assert set(late) == {("one", 2)}


@pytest.mark.parametrize(
    "limits",
    [
        {"after_s": 5.0, "before_s": 4.0},
        {"min_duration_s": 3.0, "max_duration_s": 1.0},
        {"min_size_px": 30.0, "max_size_px": 10.0},
        {"min_speed": 2.0, "max_speed": 1.0},
    ],
)
def test_limits_that_contradict_each_other_are_refused(limits: dict[str, Any]) -> None:
    with pytest.raises(QueryError, match="swap the two limits"):
        Filters(**limits)


def test_an_unknown_class_is_said(library: Library) -> None:
    with pytest.raises(QueryError, match="has a class 'dragon': the classes are"):
        Engine(library, WordEncoder()).search("car", filters=Filters(classes=("dragon",)))


def test_a_scene_is_filtered_by_video_and_time_and_says_what_it_cannot_be(library: Library) -> None:
    engine = Engine(library, WordEncoder())
    filters = Filters(videos=frozenset({"two"}), after_s=16.0, classes=("car",))
    answer = engine.search("empty street", filters=filters)
    assert answer.untested == ("class",)
    shown = (*answer.results, *answer.near_misses)
    assert {m.video_id for m in shown} == {"two"}
    assert all(m.t1_s >= 16.0 for m in shown)


def test_a_filtered_video_keeps_its_pictures_however_many_others_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest pictures of all come from another video: those of this one still count."""
    monkeypatch.setattr("core.search.likeness._MOST_CANDIDATES", 8)
    monkeypatch.setattr("core.search.likeness._BANK", 8)
    vans = [Obj("van", "white") for _ in range(12)]
    library = collection(
        tmp_path / "library",
        many=[Obj("van", "white", words=("ladder",)) for _ in range(12)],
        one=[*vans, Obj("van", "white", words=("ladder", "night"))],
    )
    engine = Engine(library, WordEncoder())
    every = engine.search("van with a ladder", limit=50)
    assert {m.video_id for m in every.results if m.matches} <= {"many"}
    answer = engine.search("van with a ladder", filters=Filters(videos=frozenset({"one"})))
    assert answer.results[0].track_ids == (13,)
    told = next(e for e in answer.results[0].parts if e.kind == "appearance")
    assert told.proof["crop_id"] in (24, 25)


def test_a_selection_limits_a_question_and_is_listed_where_nothing_is_asked(
    library: Library,
) -> None:
    engine = Engine(library, WordEncoder())
    key = library.selections.keep({"two": [1], "one": [3, 1, 99], "gone": [1]})
    asked = engine.search("car", filters=Filters(selection=key))
    assert {(m.video_id, m.track_ids[0]) for m in asked.results} == {("one", 1), ("two", 1)}
    listed = engine.search("", filters=Filters(selection=key))
    assert [(m.video_id, m.track_ids[0]) for m in listed.results] == [
        ("one", 1), ("one", 3), ("two", 1),
    ]  # fmt: skip
    assert [(step.text, step.count) for step in listed.funnel] == [("objects", 3)]
    assert not listed.nothing_found
    with pytest.raises(QueryError, match="not kept any more"):
        engine.search("car", filters=Filters(selection="0" * 16))


def test_what_is_left_out_is_in_no_answer_unless_asked_for(library: Library) -> None:
    engine = Engine(library, WordEncoder())
    out = library.exclusions.add({"one": [2], "two": [1]})
    assert engine.search("car").funnel[0].count == 2
    assert {m.track_ids[0] for m in engine.search("car").results if m.matches} == {1}
    assert ("two", 1) not in engine.scores("car")
    assert engine.search("car", filters=Filters(excluded=True)).funnel[0].count == 4
    library.exclusions.remove(out)
    assert engine.search("car").funnel[0].count == 4


def test_a_selection_finds_what_was_merged_since(library: Library) -> None:
    key = library.selections.keep({"one": [2, 3]})
    Identities(library).merge("one", 1, 2)
    listed = Engine(library, WordEncoder()).search("", filters=Filters(selection=key))
    assert [m.track_ids[0] for m in listed.results] == [1, 3]
