"""Which results are right, worked out by hand."""

from __future__ import annotations

from core.evaluate.judging import rank_tracks
from tests.core.evaluate.small_world import question

OBJECTS = {1: (1,), 2: (2,), 3: (1,), 4: ()}


def test_an_object_counts_once() -> None:
    assert rank_tracks([1, 3, 2], question("car", 1), OBJECTS).hits == (True, False)


def test_what_nobody_can_judge_is_skipped() -> None:
    asked = question("car", 1, unjudged=frozenset({2}))
    assert rank_tracks([2, 1], asked, OBJECTS).hits == (True,)


def test_what_lies_on_no_object_is_wrong_where_the_truth_is_complete() -> None:
    asked = question("car", 1)
    assert rank_tracks([4, 1], asked, OBJECTS).hits == (False, True)
    assert rank_tracks([4, 1], asked, OBJECTS, complete=False).hits == (True,)
