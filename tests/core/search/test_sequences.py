"""Two objects one after the other, or at the same time: exact, fast, and explained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.language.parser import parse
from core.language.query import Joint
from core.library.library import Library
from core.search.answer import Answer
from core.search.engine import Engine
from core.search.pairs import Spans, paired, worth
from tests.core.search.collection import Obj, WordEncoder, collection

LEFT = ("turn_left", 2.0, 4.0, 0.95)


def ask(
    library: Library, first: str, then: str, joint: Joint = "then", gap_s: float | None = None
) -> Answer:
    query = replace(parse(first), then=parse(then), joint=joint, gap_s=gap_s)
    return Engine(library, WordEncoder()).search(query)


def found(answer: Answer) -> list[tuple[int, ...]]:
    return [m.track_ids for m in answer.results if m.matches]


def stop(t0_s: float, t1_s: float) -> tuple[str, float, float, float]:
    return ("stop", t0_s, t1_s, 0.95)


def test_the_second_must_come_later_and_soon(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[Obj("car", "red", (LEFT,)), Obj("bus", "white", (stop(5.0, 7.0),))],
        two=[Obj("car", "red", (LEFT,)), Obj("bus", "white", (stop(0.5, 1.5),))],
        three=[Obj("car", "red", (LEFT,)), Obj("bus", "white", (stop(24.0, 28.0),), 20.0, 30.0)],
    )
    answer = ask(library, "red car turning left", "bus stopping")
    assert [(m.video_id, m.track_ids) for m in answer.results if m.matches] == [("one", (1, 2))]
    best = answer.results[0]
    assert (best.t0_s, best.t1_s) == (1.0, 8.0)
    told = next(e for e in best.parts if e.kind == "order")
    assert told.text == "#2 follows 1.0 s later"
    assert told.proof["gap_s"] == pytest.approx(1.0)
    assert told.p == pytest.approx(np.exp(-0.1), abs=1e-3)
    assert [(s.text, s.count) for s in answer.funnel][-1] == ("in this order", 2)


def test_what_was_there_all_the_time_does_not_follow(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[Obj("car", "red", (LEFT,)), Obj("bus", t0_s=0.0, t1_s=30.0)],
        two=[Obj("car", "red", (LEFT,)), Obj("bus", t0_s=3.0, t1_s=30.0)],
    )
    answer = ask(library, "red car turning left", "bus")
    assert [m.video_id for m in answer.results if m.matches] == ["two"]
    told = next(e for e in answer.results[0].parts if e.kind == "order")
    assert told.text == "#2 follows, 1.0 s before it is over"
    assert answer.funnel[-1].count == 1


def test_a_third_sentence_is_said_to_be_untested(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[Obj("car", "red", (LEFT,)), Obj("bus", "white", (stop(5.0, 7.0),))],
    )
    second = replace(parse("bus stopping"), then=parse("a person"))
    query = replace(parse("red car turning left"), then=second)
    answer = Engine(library, WordEncoder()).search(query)
    assert found(answer) == [(1, 2)]
    assert answer.untested == ("person",)


def test_a_gap_that_was_asked_for(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[
            Obj("car", "red", (LEFT,)),
            Obj("bus", "white", (stop(12.0, 14.0),), t1_s=20.0),
        ],
    )
    assert ask(library, "red car turning left", "bus stopping", gap_s=5.0).nothing_found
    assert found(ask(library, "red car turning left", "bus stopping", gap_s=9.0)) == [(1, 2)]


def test_every_event_counts_not_only_the_best_of_a_track(tmp_path: Path) -> None:
    early, late = ("stop", 0.2, 1.0, 0.99), ("stop", 5.0, 6.0, 0.9)
    library = collection(
        tmp_path / "library", one=[Obj("car", "red", (LEFT,)), Obj("bus", "white", (early, late))]
    )
    answer = ask(library, "red car turning left", "bus stopping")
    assert found(answer) == [(1, 2)]
    assert answer.results[0].t1_s == 7.0


def test_a_track_may_follow_itself_when_it_is_over(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[Obj("car", "red", (LEFT, stop(5.0, 7.0)))],
        two=[Obj("car", "red", (stop(0.5, 1.5), LEFT))],
    )
    answer = ask(library, "red car turning left", "red car stopping")
    assert [(m.video_id, m.track_ids) for m in answer.results if m.matches] == [("one", (1,))]
    assert ask(library, "red car", "red car").nothing_found


def test_at_the_same_time(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[Obj("car", "red", (LEFT,)), Obj("bus", "white", (stop(3.0, 7.0),))],
        two=[Obj("car", "red", (LEFT,)), Obj("bus", "white", (stop(5.0, 7.0),))],
    )
    answer = ask(library, "red car turning left", "bus stopping", joint="while")
    assert [m.video_id for m in answer.results if m.matches] == ["one"]
    told = next(e for e in answer.results[0].parts if e.kind == "order")
    assert told.text == "both for 1.0 s, with #2"
    assert answer.funnel[-1].text == "at the same time"
    assert answer.funnel[-1].count == 1


def test_nothing_found_shows_what_came_close(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[Obj("car", "red", (LEFT,)), Obj("bus", "white", (("wait", 5.0, 7.0, 0.1),))],
    )
    answer = ask(library, "red car turning left", "bus stopping")
    assert answer.nothing_found
    assert answer.results == ()
    (near,) = answer.near_misses
    assert (near.track_ids, near.matches) == ((1,), False)
    assert near.failing[0].text == "nothing that answers the second sentence follows"
    assert ask(library, "blue car turning left", "van stopping").near_misses == ()


def test_pairs_too_far_apart_come_close(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[Obj("car", "red", (LEFT,)), Obj("bus", "white", (stop(18.0, 20.0),), t1_s=25.0)],
    )
    answer = ask(library, "red car turning left", "bus stopping")
    assert answer.nothing_found
    assert [m.track_ids for m in answer.near_misses] == [(1, 2)]
    assert answer.near_misses[0].failing[0].text == "#2 follows 14.0 s later"


def test_none_of_many_is_lost(tmp_path: Path) -> None:
    """The only pair that fits lies behind hundreds of objects that score as well."""
    cars = [Obj("car", "red", t0_s=0.0, t1_s=1.0) for _ in range(150)]
    buses = [Obj("bus", "white", t0_s=0.0, t1_s=0.9) for _ in range(150)]
    library = collection(
        tmp_path / "library",
        one=[*cars, *buses],
        two=[Obj("car", "red", t1_s=2.0), Obj("bus", "white", t0_s=3.0, t1_s=5.0)],
    )
    answer = ask(library, "red car", "bus")
    assert [(m.video_id, m.track_ids) for m in answer.results if m.matches] == [("two", (1, 2))]


class Videos:
    """As much of `Columns` as pairing asks for: which video each track is of."""

    def __init__(self, video: np.ndarray) -> None:
        self.video = video


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31 - 1), st.integers(1, 12), st.sampled_from(["then", "while"]))
def test_the_best_pairs_are_those_of_trying_all(seed: int, most: int, joint: Joint) -> None:
    rng = np.random.default_rng(seed)
    tracks = 40
    columns = Videos(np.sort(rng.integers(0, 4, tracks)))

    def spans(count: int) -> Spans:
        start = rng.uniform(0.0, 30.0, count).round(1)
        score = np.sort(rng.uniform(0.13, 1.0, count).astype(np.float32))[::-1]
        return Spans(
            rng.integers(0, tracks, count),
            start,
            start + rng.uniform(0.5, 5.0, count).round(1),
            score,
            score > 0.5,
        )

    first, second = spans(int(rng.integers(1, 700))), spans(int(rng.integers(1, 60)))
    pairs = paired(columns, first, second, joint=joint, gap_s=None, most=most)  # type: ignore[arg-type]
    value, _ = worth(first, second, joint, None)
    value *= columns.video[first.row][:, None] == columns.video[second.row][None, :]
    best = np.zeros(tracks)
    np.maximum.at(best, first.row, value.max(axis=1))
    expected = np.sort(best[best > 0.12])[::-1][:most]
    assert pairs.value == pytest.approx(expected)
    assert len(set(first.row[pairs.first])) == len(pairs)
    assert value[pairs.first, pairs.second] == pytest.approx(pairs.value)
