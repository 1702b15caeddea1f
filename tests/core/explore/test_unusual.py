"""What is unusual: by place and direction, by shape, never against itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.explore.features import Features, moves_of
from core.explore.flow import flow_of
from core.explore.precedents import precedent
from core.explore.reasons import reason_of
from core.explore.unusual import RARE, Distances, Unusual, nearest_normal, unusual_of
from core.search.columns import Columns
from tests.core.explore.street import Mover, lane, street


def _compared(movers: Sequence[Mover], normal: np.ndarray | None = None) -> tuple[Columns, Unusual]:
    columns, paths = street(movers)
    n = len(columns)
    rows = np.ones(n, np.bool_) if normal is None else normal
    looks = Features(np.zeros((n, 1), np.float32), np.zeros(n, np.bool_))
    view = np.zeros(len(columns.videos), np.int32)
    return columns, unusual_of(columns, looks, moves_of(columns, paths), paths, view, rows)


ODD = {
    "against": (Mover((10.0, 2.0), (0.0, 2.0), 3.0, 7.0), "drives against the way of 20 others"),
    "stands": (Mover((5.0, 2.0), (5.0, 2.0), 3.0, 13.0), "stands for 10 s where 20 others passed"),
    "across": (Mover((5.0, 1.2), (5.0, 2.8), 3.0, 5.0), "crosses the way of"),
    "elsewhere": (Mover((0.0, 9.0), (10.0, 9.0), 3.0, 7.0), "is where nobody else"),
}


@pytest.mark.parametrize("kind", list(ODD))
def test_who_does_what_nobody_does_there_comes_first_with_the_reason(kind: str) -> None:
    mover, reason = ODD[kind]
    columns, unusual = _compared([mover, *lane(20)])
    assert int(np.argmax(unusual.excess("moves"))) == 0
    assert unusual.place.p[0] <= 1.0 / 20.0 + 1e-6
    assert not unusual.ranked("moves", np.arange(len(columns)) > 0).size
    assert unusual.ranked("moves").tolist() == [0]
    assert reason_of(columns, unusual, "moves", 0).startswith(reason)


def test_a_person_among_cars_is_compared_with_people() -> None:
    people = [Mover((0.0, 6.0), (10.0, 6.0), 6.0 * k, 6.0 * k + 4.0, kind=1) for k in range(10)]
    walker = Mover((0.0, 2.0), (10.0, 2.0), 3.0, 7.0, kind=1)  # where and as the cars drive
    columns, unusual = _compared([walker, *people, *lane(20)])
    assert unusual.place.excess[0] > 1.0
    said = reason_of(columns, unusual, "moves", 0)
    assert said == "is where nobody else was on foot, and 20 others passed"


def test_with_too_few_normal_objects_nothing_is_said() -> None:
    _, unusual = _compared([ODD["against"][0], *lane(5)])
    assert not unusual.place.known.any()
    assert not unusual.ranked("moves").size
    assert unusual.level("moves").max() == 0.0


def test_parts_of_one_object_are_not_each_others_precedent() -> None:
    pieces = [Mover((5.0, 2.0), (5.0, 2.0), 10.0 * k, 10.0 * k + 9.0) for k in range(4)]
    columns, unusual = _compared([*pieces, *lane(20)])
    assert len(set(unusual.flow.family[:4].tolist())) == 1
    said = precedent(unusual.flow, 1)
    assert said is not None
    assert said.standing == 0
    assert set(np.argsort(-unusual.excess("moves"))[:4].tolist()) == {0, 1, 2, 3}
    assert "where 20 others passed" in reason_of(columns, unusual, "moves", 2)


def test_what_is_usual_in_another_view_is_no_precedent() -> None:
    here, there = lane(20), lane(20, y=6.0, video=1)
    columns, paths = street([*here, Mover((0.0, 6.0), (10.0, 6.0), 3.0, 7.0), *there])
    normal = np.ones(len(columns), np.bool_)
    apart = flow_of(columns, paths, np.array([0, 1], np.int32), normal)
    together = flow_of(columns, paths, np.array([0, 0], np.int32), normal)
    assert apart.scores()[0][20] > 3.0 * together.scores()[0][20]


def test_only_the_chosen_normal_counts() -> None:
    movers = [
        *lane(20),
        *(Mover((10.0, 2.0), (0.0, 2.0), 7.0 * k, 7.0 * k + 4.0) for k in range(9)),
    ]
    normal = np.arange(len(movers)) < 20
    _, chosen = _compared(movers, normal)
    _, everything = _compared(movers)
    assert (chosen.place.excess[20:] > 1.0).all()
    assert (everything.place.excess[20:] < 1.0).all()


def test_nearest_normal_leaves_out_itself_and_its_own_pieces() -> None:
    vectors = np.eye(12, dtype=np.float32)
    vectors[1] = vectors[0]  # the same object, followed in two pieces
    columns, _ = street(
        [Mover((0, 0), (1, 0), 5.0 * k, 5.0 * k + (9.0 if k else 4.0)) for k in range(12)]
    )
    features = Features(vectors, np.ones(12, np.bool_))
    found = nearest_normal(columns, features, np.ones(12, np.bool_), 0, 3)
    assert len(found) == 3
    assert not {0, 1} & set(found)


@given(
    far=st.lists(st.floats(0.0, 10.0, width=32), min_size=8, max_size=60),
    asked=st.floats(0.0, 20.0, width=32),
)
def test_the_share_of_the_normal_that_is_as_far(far: list[float], asked: float) -> None:
    values = np.array([*far, asked], np.float32)
    normal = np.arange(len(values)) < len(far)
    told = Distances.of(
        values, np.ones(len(values), np.bool_), normal, np.zeros(len(values), np.int32)
    )
    expected = (sum(each >= values[-1] for each in values[:-1]) + 1) / (len(far) + 1)
    assert told.p[-1] == pytest.approx(expected, abs=1e-6)
    assert ((told.p > 0.0) & (told.p <= 1.0)).all()
    order = np.argsort(values[:-1])
    assert (np.diff(told.p[:-1][order]) <= 1e-6).all()


@given(far=st.lists(st.floats(0.0, 10.0, width=32), min_size=8, max_size=200))
def test_of_the_normal_hardly_any_are_listed(far: list[float]) -> None:
    values, all_of = np.array(far, np.float32), np.ones(len(far), np.bool_)
    told = Distances.of(values, all_of, all_of, np.zeros(len(far), np.int32))
    assert told.listed.sum() <= max(RARE * len(far), 1.0)
    assert (told.excess[told.listed] > 1.0).all()


def test_of_equal_ones_none_is_listed_and_one_far_from_few_is() -> None:
    even, one_kind = np.ones(20, np.float32), np.zeros(20, np.int32)
    all_of = np.ones(20, np.bool_)
    assert not Distances.of(even, all_of, all_of, one_kind).listed.any()
    even[3] = 2.0
    assert np.flatnonzero(Distances.of(even, all_of, all_of, one_kind).listed).tolist() == [3]
