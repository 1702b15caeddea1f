"""Between two moments of doubt a tracklet shows one object."""

from __future__ import annotations

from itertools import dropwhile

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.tracking.occlusion import overlapped
from core.tracking.stretches import HIDDEN, Stretches
from tests.core.tracking.scenes import box


def ids(*values: int) -> np.ndarray:
    return np.array(values, np.int32)


def numbers(overlaps, step_s: float = 0.1) -> list[int]:
    """Stretches of one tracklet, frame after frame; None where it is unseen."""
    stretches, out = Stretches(), []
    for k, overlap in enumerate(overlaps):
        if overlap is not None:
            out += stretches.number(ids(4), np.array([overlap]), k * step_s).tolist()
    return out


def shares(boxes, confidence=None) -> list[float]:
    sure = np.full(len(boxes), 0.9) if confidence is None else np.array(confidence)
    return overlapped(np.array(boxes, np.float32).reshape(-1, 4), sure).round(3).tolist()


def test_overlap_is_the_share_of_a_box_that_lies_in_another():
    assert shares([box(100, 100), box(130, 100), box(400, 100)]) == [0.5, 0.5, 0.0]
    assert shares([box(100, 100), box(100, 100, 600, 400)]) == [1.0, 0.01]
    assert shares([box(100, 100), box(145, 100), box(55, 100), box(100, 110)])[0] == 0.75
    assert shares([]) == []


def test_weak_boxes_and_the_same_object_found_twice_overlap_nothing():
    assert shares([box(100, 100), box(130, 100)], [0.9, 0.2]) == [0.0, 0.5]
    assert shares([box(100, 100), box(101, 101)]) == [0.0, 0.0]


def test_a_tracklet_in_the_open_is_one_stretch():
    assert numbers([0.0, 0.1, 0.39, 0.3, 0.0]) == [0] * 5


def test_an_overlap_ends_a_stretch_and_its_boxes_belong_to_none():
    assert numbers([0.0, 0.0, 0.5, 0.9, 0.0, 0.0]) == [0, 0, -1, -1, 1, 1]
    assert numbers([HIDDEN]) == [-1]


def test_doubt_ends_only_in_the_open():
    assert numbers([0.0, 0.5, 0.3, 0.38, 0.3, 0.2, 0.3]) == [0, -1, -1, -1, -1, 1, 1]


def test_being_unseen_for_long_ends_a_stretch():
    assert numbers([0.0, None, None, None, 0.0]) == [0, 0]
    assert numbers([0.0, *[None] * 5, 0.0]) == [0, 1]
    assert numbers([0.0, 0.0, 0.0], step_s=0.5) == [0, 0, 0]


def test_born_under_others():
    assert numbers([0.9, 0.0]) == [-1, 1]


def test_tracklets_do_not_influence_each_other_and_strangers_count_nothing():
    stretches = Stretches()
    assert stretches.number(ids(1, 2, -1), np.array([0.0, 0.0, 0.0]), 0.0).tolist() == [0, 0, -1]
    assert stretches.number(ids(2, -1, 1), np.array([0.0, 0.0, 0.9]), 0.1).tolist() == [0, -1, -1]
    assert stretches.number(ids(1, 2), np.array([0.0, 0.0]), 0.2).tolist() == [1, 0]
    assert stretches.number(ids(), np.zeros(0), 0.3).tolist() == []


@given(st.lists(st.one_of(st.none(), st.floats(0.0, 1.0)), max_size=60))
@settings(max_examples=60, deadline=None)
def test_a_number_goes_up_by_one_after_doubt_and_only_then(overlaps):
    found = iter(numbers(overlaps, step_s=0.11))
    last, doubt, unseen = 0, False, 0
    for overlap in dropwhile(lambda x: x is None, overlaps):
        if overlap is None:
            unseen += 1
            continue
        number = next(found)
        doubt |= overlap >= HIDDEN
        if number < 0:
            assert doubt
        else:
            assert overlap < HIDDEN
            assert number - last == (doubt or unseen >= 4)  # five steps are more than half a second
            last, doubt = number, False
        unseen = 0
