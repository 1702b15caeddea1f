"""Verdicts: the judged part becomes what was said, others move a little, and all can be undone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language.parser import parse
from core.library.library import Library
from core.search.answer import Answer, Evidence
from core.search.engine import Engine
from core.search.feedback import RIGHT_P, WRONG_P, all_said, refit
from tests.core.search.collection import Obj, WordEncoder, collection

LEFT = ("turn_left", 2.0, 4.0, 0.8)
SURE = ("turn_left", 2.0, 4.0, 0.95)
LIKELY = ("turn_left", 2.0, 4.0, 0.7)
RIGHT = ("turn_right", 2.0, 4.0, 0.95)
QUERY = "red car turning left"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return collection(
        tmp_path / "library",
        gate=[
            Obj("car", "red", (SURE,)),
            Obj("car", "red", (LEFT,)),
            Obj("car", "red", (LIKELY,)),
            Obj("car", "blue", (SURE,)),
            Obj("car", "red", (RIGHT,)),
            Obj("van", "red", (LEFT,)),
        ],
    )


def ask(library: Library, text: str = QUERY) -> Answer:
    return Engine(library, WordEncoder()).search(text)


def judge(
    library: Library, track: int, *, relevant: bool = False, text: str = QUERY, **parts: bool
) -> None:
    named = {words.replace("_", " "): right for words, right in parts.items()}
    query = parse(text)
    said = all_said(query, relevant=relevant, parts=named)
    library.notes.judge(str(query), "gate", track, 0.0, 9.0, relevant=relevant, parts=said)


def part(answer: Answer, track: int, words: str) -> Evidence:
    moments = (*answer.results, *answer.near_misses)
    moment = next(m for m in moments if m.track_ids[0] == track)
    return next(e for e in moment.parts if e.part == words)


def order(answer: Answer) -> list[int]:
    return [moment.track_ids[0] for moment in answer.results]


def test_right_car_wrong_turn(library: Library) -> None:
    before = ask(library)
    assert order(before)[:3] == [1, 2, 3]
    judge(library, 1, car=True, red=True, turning_left=False)
    after = ask(library)

    assert order(after)[0] == 2
    assert 1 not in [m.track_ids[0] for m in after.results if m.matches]
    turn = part(after, 1, "turning left")
    assert (turn.p, turn.said, turn.known) == (pytest.approx(WRONG_P), False, True)
    assert turn.before == pytest.approx(0.95)
    assert "you said" in turn.text
    assert part(after, 1, "red").said is True
    assert part(after, 1, "red").p == pytest.approx(RIGHT_P)


def test_what_is_withdrawn_leaves_no_trace(library: Library) -> None:
    before = ask(library)
    judge(library, 1, turning_left=False)
    judge(library, 5, relevant=True)
    assert ask(library) != before
    library.notes.withdraw_judgement(QUERY, "gate", 1)
    library.notes.withdraw_judgement(QUERY, "gate", 5)
    assert ask(library) == before


def test_the_same_verdicts_give_the_same_answer(library: Library) -> None:
    judge(library, 1, red=False)
    judge(library, 2, relevant=True)
    assert ask(library) == ask(library)


def test_a_person_overrules_what_was_measured(library: Library) -> None:
    judge(library, 5, relevant=True)
    answer = ask(library)
    assert 5 in [m.track_ids[0] for m in answer.results if m.matches]
    assert part(answer, 5, "turning left").said is True


def test_others_move_with_the_part_that_was_judged(library: Library) -> None:
    plain = part(ask(library), 3, "turning left").p
    judge(library, 1, turning_left=False)
    judge(library, 2, turning_left=False)
    moved = part(ask(library), 3, "turning left")
    assert WRONG_P < moved.p < plain - 0.02
    assert moved.said is None
    assert moved.before == pytest.approx(plain)


def test_a_verdict_on_a_part_serves_other_questions(library: Library) -> None:
    judge(library, 4, text="blue car turning left", turning_left=False)
    turn = part(ask(library, "car turning left"), 4, "turning left")
    assert turn.said is False
    assert part(ask(library, "car turning left"), 4, "car").said is None


def test_not_red_is_what_red_is_not(library: Library) -> None:
    judge(library, 4, text="blue car", blue=False)
    answer = ask(library, "car not blue")
    told = part(answer, 4, "not blue")
    assert (told.said, told.p) == (True, pytest.approx(RIGHT_P))


def test_left_on_screen_is_another_left(library: Library) -> None:
    judge(library, 1, turning_left=False)
    answer = ask(library, "red car turning left on screen")
    said = [e.said for m in (*answer.results, *answer.near_misses) for e in m.parts]
    assert set(said) == {None}


def test_a_wrong_result_blames_the_part_in_doubt(library: Library) -> None:
    judge(library, 3)
    answer = ask(library)
    assert part(answer, 3, "turning left").said is False
    assert part(answer, 3, "red").said is None
    assert order(answer).index(3) > order(answer).index(2)
    # The blame is a guess, so another question does not hear of it.
    assert part(ask(library, "car turning left"), 3, "turning left").said is None


def test_right_results_alone_move_no_others(library: Library) -> None:
    before = part(ask(library), 3, "turning left")
    judge(library, 1, relevant=True)
    judge(library, 2, relevant=True)
    assert part(ask(library), 3, "turning left") == before


def test_a_wrong_result_goes_below_all_that_may_be_right(library: Library) -> None:
    judge(library, 1, car=True, red=True, turning_left=True)
    answer = ask(library)
    assert 1 not in [m.track_ids[0] for m in answer.results if m.matches]
    assert order(answer)[-1] == 1


def test_a_person_may_judge_what_nothing_measures(tmp_path: Path) -> None:
    library = collection(tmp_path / "library", gate=[Obj(), Obj()])
    text = "car, overtaking a car"
    before = ask(library, text)
    judge(library, 1, text=text, car=True, overtaking_a_car=False)
    told = part(ask(library, text), 1, "overtaking a car")
    assert (told.said, told.known, told.holds) == (False, True, False)
    library.notes.withdraw_judgement(text, "gate", 1)
    assert ask(library, text) == before


def test_what_resembles_a_wrong_example_moves_away(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        gate=[
            Obj("car", "red", words=("ladder",)),
            Obj("car", "red", words=("taxi",)),
            Obj("car", "red", words=("ladder",)),
            Obj("car", "red", words=("taxi",)),
            Obj("van", "red", words=("ladder",)),
        ],
    )
    judge(library, 1, text="red car", red=False)
    judge(library, 2, text="red car", red=True)
    answer = ask(library, "red car")
    ladder, taxi = part(answer, 3, "red"), part(answer, 4, "red")
    assert ladder.p < taxi.p - 0.05
    assert ladder.said is None
    van = part(ask(library, "red van"), 5, "red")
    assert van.p > ladder.p


def test_a_verdict_on_a_video_that_is_gone_is_left_out(library: Library) -> None:
    before = ask(library)
    library.notes.judge(QUERY, "elsewhere", 1, 0.0, 1.0, relevant=False, parts={"red": False})
    library.notes.judge(QUERY, "gate", 99, 0.0, 1.0, relevant=False, parts={"red": False})
    assert ask(library) == before


odds = st.floats(-4, 4, allow_nan=False)


@given(st.lists(st.tuples(odds, st.floats(0, 1)), min_size=1, max_size=30))
def test_a_refit_keeps_the_order_and_stays_in_bounds(told: list[tuple[float, float]]) -> None:
    slope, shift = refit(np.array([o for o, _ in told]), np.array([y for _, y in told]))
    assert 0.5 <= slope <= 2.0
    assert abs(shift) <= 1.5


@given(st.lists(odds, min_size=1, max_size=30))
def test_a_refit_to_what_was_known_changes_nothing(given_odds: list[float]) -> None:
    values = np.array(given_odds)
    slope, shift = refit(values, 1.0 / (1.0 + np.exp(-values)))
    assert slope == pytest.approx(1.0, abs=1e-6)
    assert shift == pytest.approx(0.0, abs=1e-6)


def test_a_refit_follows_what_was_said() -> None:
    assert refit(np.full(5, 2.0), np.zeros(5))[1] < -0.3
    assert refit(np.full(5, -2.0), np.ones(5))[1] > 0.3
