"""Zones and lines drawn afterwards: in, through, out, from one to another, and across."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import QueryError
from core.library.library import Library
from core.search.answer import Answer
from core.search.borders import so_far
from core.search.engine import Engine
from core.search.zones import _in_a_row
from tests.core.search.collection import Obj, WordEncoder, collection, drawn_query, put

GATE = "[0.4,0.4 0.6,0.4 0.6,0.9 0.4,0.9]"
YARD = "[0.7,0.4 0.95,0.4 0.95,0.9 0.7,0.9]"
RIGHT = ((0.1, 0.6), (0.9, 0.6))
LEFT = ((0.9, 0.6), (0.1, 0.6))


@pytest.fixture
def street(tmp_path: Path) -> Library:
    return collection(
        tmp_path / "library",
        one=[
            Obj(way=RIGHT),  # 1: through the gate, to the yard
            Obj(way=((0.1, 0.6), (0.5, 0.6))),  # 2: into the gate
            Obj(way=((0.5, 0.6), (0.1, 0.6))),  # 3: out of the gate
            Obj(way=((0.1, 0.2), (0.9, 0.2))),  # 4: past it
            Obj(way=LEFT),  # 5: from the yard through the gate
            Obj(way=((0.5, 0.7), (0.5, 0.7)), events=(("parked", 0.0, 9.0, 0.95),)),  # 6
        ],
    )


def ask(library: Library, text: str) -> Answer:
    return Engine(library, WordEncoder()).search(drawn_query(text))


def found(answer: Answer) -> set[int]:
    return {m.track_ids[0] for m in answer.results if m.matches}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"car in zone{GATE}", {1, 2, 3, 5, 6}),
        (f"car enters zone{GATE}", {1, 2, 5}),
        (f"car leaves zone{GATE}", {1, 3, 5}),
        (f"car stops in zone{GATE}", {6}),
        (f"car from zone{GATE} to zone{YARD}", {1}),
        (f"car from zone{YARD} to zone{GATE}", {5}),
        ("car crossing line[0.5,0.9 0.5,0.4]", {1}),
        ("car crossing line[0.5,0.4 0.5,0.9]", {5}),
        ("car crossing line<>[0.5,0.4 0.5,0.9]", {1, 5}),
        ("car crossing line[0.5,0.0 0.5,0.1]", set()),
    ],
)
def test_what_is_done_with_a_zone(street: Library, text: str, expected: set[int]) -> None:
    assert found(ask(street, text)) == expected


def test_the_evidence_is_the_stay_with_its_seconds(street: Library) -> None:
    best = next(m for m in ask(street, f"car enters zone{GATE}").results if m.track_ids == (1,))
    told = best.parts[-1]
    assert told.kind == "zone"
    # 0.8 of the picture in 9 s: the zone, 0.2 wide, takes 2.25 s, from 3.4 s on
    assert told.proof["dwell_s"] == pytest.approx(2.25, abs=0.3)
    assert told.proof["t0_s"] == pytest.approx(3.4, abs=0.3)
    assert told.proof["t1_s"] == pytest.approx(5.6, abs=0.3)
    assert told.proof["frame0"] < told.proof["frame1"]
    assert best.t0_s == pytest.approx(told.proof["t0_s"] - 1.0, abs=0.01)


def test_a_crossing_is_a_moment(street: Library) -> None:
    (best,) = [m for m in ask(street, "car crossing line[0.5,0.9 0.5,0.4]").results if m.matches]
    assert best.t0_s < 4.5 < best.t1_s
    assert best.t1_s - best.t0_s < 3.0


def test_trembling_at_the_border_is_no_visit(tmp_path: Path) -> None:
    way = tuple((0.39 + 0.015 * (k % 2), 0.6) for k in range(60))
    library = collection(tmp_path / "library", one=[Obj(way=way), Obj(way=RIGHT)])
    assert found(ask(library, f"car enters zone{GATE}")) == {2}
    assert found(ask(library, "car crossing line<>[0.4,0.4 0.4,0.9]")) == {2}


def test_nothing_is_found_with_the_funnel_and_who_came_close(street: Library) -> None:
    answer = ask(street, "red car stops in zone[0.7,0.0 0.9,0.0 0.9,0.3 0.7,0.3]")
    assert answer.nothing_found
    assert answer.funnel[-1].count == 0
    assert answer.near_misses
    assert "does not stop there" in answer.near_misses[0].parts[-1].text


def test_a_stored_zone_is_meant_by_its_name(street: Library) -> None:
    points = [(0.4, 0.4), (0.6, 0.4), (0.6, 0.9), (0.4, 0.9)]
    street.zones.add("Gate", points, street.video("one"))
    assert found(ask(street, "car enters zone[gate]")) == {1, 2, 5}
    with pytest.raises(QueryError, match="no zone called “door”: there are gate"):
        ask(street, "car enters zone[door]")
    with pytest.raises(QueryError, match="no line called"):
        ask(street, "car crosses line[gate]")


def test_a_word_of_place_that_names_a_zone_is_tested_with_it(street: Library) -> None:
    before = ask(street, "red car at the crosswalk")
    assert before.untested == ("crosswalk",)
    points = [(0.4, 0.4), (0.6, 0.4), (0.6, 0.9), (0.4, 0.9)]
    street.zones.add("crosswalk", points, street.video("one"))
    after = ask(street, "red car at the crosswalk")
    assert after.untested == ()
    assert found(after) == {1, 2, 3, 5, 6}


def test_a_word_that_names_a_zone_is_no_unknown_word(street: Library) -> None:
    before = ask(street, "red car near the harbour")
    assert (before.untested, before.unknown_words) == (("harbour",), ("harbour",))
    points = [(0.4, 0.4), (0.6, 0.4), (0.6, 0.9), (0.4, 0.9)]
    street.zones.add("harbour", points, street.video("one"))
    after = ask(street, "red car near the harbour")
    assert (after.untested, after.unknown_words) == ((), ())


@pytest.mark.parametrize(
    ("text", "expected", "parts"),
    [
        ("car entering the gate", {1, 2, 5}, ["car", "enters zone[gate]"]),
        ("car leaving the gate", {1, 3, 5}, ["car", "leaves zone[gate]"]),
        ("car parked at the gate", {6}, ["car", "parked", "stops in zone[gate]"]),
        ("car at the gate", {1, 2, 3, 5, 6}, ["car", "in zone[gate]"]),
    ],
)
def test_what_is_done_at_a_named_place_is_done_with_the_zone(
    street: Library, text: str, expected: set[int], parts: list[str]
) -> None:
    points = [(0.4, 0.4), (0.6, 0.4), (0.6, 0.9), (0.4, 0.9)]
    street.zones.add("gate", points, street.video("one"))
    answer = ask(street, text)
    assert found(answer) == expected
    assert [words for _, words in answer.query.parts()] == parts


def test_a_zone_of_one_camera_says_nothing_of_another(street: Library) -> None:
    put(street, "two", [Obj(way=RIGHT)])
    points = [(0.4, 0.4), (0.6, 0.4), (0.6, 0.9), (0.4, 0.9)]
    street.zones.add("gate", points, street.video("one"), only_this_video=True)
    answer = ask(street, "car enters zone[gate]")
    assert {m.video_id for m in answer.results if m.matches} == {"one"}
    drawn = ask(street, f"car enters zone@two{GATE}")
    assert {m.video_id for m in drawn.results if m.matches} == {"two"}


def test_values_in_a_row_and_so_far_stay_within_their_track() -> None:
    track = np.array([0, 0, 0, 0, 1, 1, 2], np.int32)
    value = np.array([0.1, 0.9, 0.8, 0.7, 0.6, 0.5, 1.0], np.float32)
    assert _in_a_row(value, track) == pytest.approx([0.1, 0.7, 0.7, 0.7, 0.5, 0.5, 1.0])
    assert so_far(value, track) == pytest.approx([0.0, 0.1, 0.9, 0.9, 0.0, 0.6, 0.0])
