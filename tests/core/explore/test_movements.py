"""Arms are where traffic comes in and goes out; what begins inside the picture is unknown."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.explore.counts import intervals_of
from core.explore.movements import Movements, movements, turn_of
from tests.core.explore.crossing import SHAPE, SIDES, Way, over, traffic

PAIRS = [pair for pair in itertools.product(SIDES, SIDES) if pair[0] != pair[1]]
EVERY = [over(a, b) for a, b in PAIRS]


def counted(ways: list[Way], **more) -> Movements:
    columns, paths = traffic(ways)
    return movements(columns, paths, np.arange(len(ways)), **more)


def arm(found: Movements, name: str) -> int:
    return found.arms.names.index(name)


def test_four_arms_are_named_by_where_they_lie() -> None:
    found = counted(EVERY)
    assert sorted(found.arms.names) == ["bottom", "left", "right", "top"]
    assert found.known.all()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(PAIRS), max_size=20))
def test_every_movement_is_counted_where_it_belongs(more) -> None:
    taken = [*PAIRS, *more]
    columns, paths = traffic([over(a, b) for a, b in taken])
    found = movements(columns, paths, np.arange(len(taken)))
    table = found.table(columns)
    assert table.counts.sum() == len(taken)
    for source, target in PAIRS:
        rows = table.rows_at(arm(found, source), arm(found, target), slice(None), slice(None))
        assert rows.tolist() == [k for k, pair in enumerate(taken) if pair == (source, target)]


def test_turns_are_told_by_the_angle_between_arms() -> None:
    found = counted(EVERY)

    def turn(source: str, target: str) -> str:
        return turn_of(found.arms, arm(found, source), arm(found, target))

    assert turn("left", "right") == "through"
    assert turn("left", "top") == "left"  # it drives to the right and bends upwards
    assert turn("left", "bottom") == "right"
    assert turn("bottom", "left") == "left"
    assert turn("left", "left") == "back"


def test_what_begins_or_ends_inside_is_unknown() -> None:
    bend = over("left", "top")
    found = counted([*EVERY[:1] * 0, over("right", "left"), bend[10:], bend[:13]])
    assert found.source[0] >= 0
    assert found.target[0] >= 0
    assert found.source[1] == -1
    assert found.target[2] == -1


def test_what_others_did_on_the_same_spot_tells_where_one_came_from() -> None:
    bend = over("left", "top")
    found = counted([*[over("left", "top")] * 4, bend[12:], bend[:12]])
    assert found.source[4] == arm(found, "left")
    assert found.followed.tolist() == [False] * 4 + [True, True]
    assert found.target[5] == arm(found, "top")


def test_who_stays_in_place_takes_no_movement() -> None:
    standing = np.full((30, 2), 0.5) + np.random.default_rng(0).normal(0, 0.002, (30, 2))
    found = counted([over("left", "right"), standing])
    assert found.row.tolist() == [0]
    assert found.staying.tolist() == [1]


def test_names_given_by_a_person_are_found_by_place() -> None:
    width, height = SHAPE
    found = counted(EVERY, names=(("Mill Road", (0.03 * width, 0.45 * height)),))
    assert sorted(found.arms.names) == ["Mill Road", "bottom", "right", "top"]
    far = counted(EVERY, names=(("Elsewhere", (0.5 * width, 0.5 * height)),))
    assert "Elsewhere" not in far.arms.names


def test_movements_are_counted_by_interval_and_class() -> None:
    columns, paths = traffic(
        [over("left", "right")] * 3, kinds=[0, 2, 0], starts_s=[0.0, 1.0, 30.0]
    )
    found = movements(columns, paths, np.arange(3))
    intervals = intervals_of(columns, np.ones(1, np.bool_), 30.0)
    counts = found.table(columns, intervals).counts
    a, b = arm(found, "left"), arm(found, "right")
    assert counts[a, b, 0].tolist() == [1, 1]
    assert counts[a, b, 2].tolist() == [1, 0]


def test_nothing_makes_no_arms() -> None:
    found = counted([])
    assert len(found.arms) == 0
    assert len(found.row) == 0


@pytest.mark.parametrize("many", [1600])
def test_very_many_ends_join_the_arms_of_some(many: int) -> None:
    shifts = np.random.default_rng(1).normal(0.0, 0.01, many)
    ways = [over(*PAIRS[k % len(PAIRS)], shift=float(s)) for k, s in enumerate(shifts)]
    found = counted(ways)
    assert sorted(found.arms.names) == ["bottom", "left", "right", "top"]
    assert found.known.mean() > 0.99
