"""Reasons in words: each says what was counted or measured, and is true of the object."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from core.explore.features import Features, moves_of
from core.explore.flow import DEPTH
from core.explore.manner import manner_of
from core.explore.precedents import Precedent, precedent
from core.explore.reasons import _by_place, reason_of
from core.explore.unusual import Unusual, unusual_of
from core.search.columns import Columns, Events
from tests.core.explore.street import Mover, lane, street

PLAIN = Precedent(0.0, 1.0, False, 0, 0, 0, 0, 0, 0, float("nan"), float("nan"))


def _compared(movers: Sequence[Mover], events: Events | None = None) -> tuple[Columns, Unusual]:
    columns, paths = street(movers)
    if events is not None:
        columns = replace(columns, events={"u_turn": events})
    n = len(columns)
    looks = Features(np.zeros((n, 1), np.float32), np.zeros(n, np.bool_))
    view = np.zeros(len(columns.videos), np.int32)
    moves = moves_of(columns, paths)
    return columns, unusual_of(columns, looks, moves, paths, view, np.ones(n, np.bool_))


def test_who_turned_round_is_told_with_degrees_and_how_many_others_did() -> None:
    one = np.array([0], np.int32)
    turned = Events(
        one, np.array([1.0]), np.array([3.0]), np.array([0.9], np.float32), one,
        np.array([-178.0], np.float32),
    )  # fmt: skip
    columns, unusual = _compared(lane(20), turned)
    said = reason_of(columns, unusual, "moves", 0)
    assert said == "turns round by 178 degrees, as none of 19 others here"
    assert unusual.when(0) == (1.0, 3.0, 2.0)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"kin": 0}, "is where nobody else was on wheels"),
        ({"kin": 0, "others": 5}, "is where nobody else was on wheels, and 5 others passed"),
        ({"kin": 2, "across": 2, "others": 5}, "is where hardly anybody else drives"),
        ({"kin": 1, "standing": 1}, "is where hardly anybody else drives"),
        ({"kin": 9, "against": 9}, "drives against the way of 9 others here"),
        ({"kin": 9, "across": 9}, "crosses the way of 9 others here"),
        ({"kin": 9, "against": 2, "across": 2, "standing": 5}, "drives as none of 9 others"),
        ({"kin": 9, "along": 9, "times_pace": 2.4}, "drives 2.4 times as fast as the 9 others"),
        ({"kin": 9, "along": 9, "times_pace": 0.3}, "drives at 30 % of the pace of the 9 others"),
        ({"kin": 9, "along": 9, "times_pace": 1.0, "beside": 0.9}, "keeps beside the way of the 9"),
        ({"kin": 9, "along": 9, "times_pace": 1.0, "beside": 0.1}, ""),
        ({"kin": 9, "along": 9, "stood": True}, "stands where 9 others drove on"),
        ({"kin": 9, "along": 4, "standing": 5, "stood": True}, ""),
    ],
)
def test_what_others_did_there_in_words(told: dict[str, float], said: str) -> None:
    _, unusual = _compared(lane(9))
    found = _by_place(unusual, 0, replace(PLAIN, **told))  # type: ignore[arg-type]
    assert found.startswith(said)
    assert bool(found) == bool(said)


def test_pace_and_line_are_measured_beside_those_who_went_the_same_way() -> None:
    racer = Mover((0.0, 2.3), (10.0, 2.3), 1.0, 2.6)  # 2.5 times as fast
    _, unusual = _compared([racer, *lane(20)])
    said = precedent(unusual.flow, 0)
    assert said is not None
    assert said.along >= 8
    assert said.times_pace == pytest.approx(2.5, rel=0.25)
    assert said.beside == pytest.approx(0.3 / DEPTH, abs=0.35)


@pytest.mark.parametrize(
    ("mover", "said"),
    [
        (Mover((0.0, 2.0), (10.0, 2.0), 1.0, 2.4), r"moves 2\.\d times as fast as is usual here"),
        (Mover((0.0, 2.0), (10.0, 2.0), 1.0, 11.0), r"moves at 4\d % of the pace that is usual"),
        (Mover((5.0, 2.0), (5.0, 2.0), 1.0, 5.0), "never moves, while 20 of 20 others here do"),
        (Mover((0.0, 2.0), (10.0, 2.0), 1.0, 5.0), "^$"),
    ],
)  # fmt: skip
def test_the_number_that_stands_out(mover: Mover, said: str) -> None:
    columns, unusual = _compared([mover, *lane(20)])
    assert re.search(said, manner_of(columns, unusual, 0))


@pytest.mark.parametrize(
    ("people", "said"),
    [(1, ", and no other is a person"), (2, ", and only 1 other is a person"), (9, "")],
)
def test_looks_say_what_they_were_compared_with_and_whether_the_kind_is_rare(
    people: int, said: str
) -> None:
    walkers = [replace(mover, kind=1) for mover in lane(people, y=6.0)]
    columns, unusual = _compared([*walkers, *lane(60)])
    assert reason_of(columns, unusual, "looks", 0) == (
        f"looks unlike the {60 + people} objects it was compared with{said}"
    )
