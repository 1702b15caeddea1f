"""Figures of tiny sequences, computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import VidtrailError
from core.evaluate.scores import METRICS, TrackedBoxes, mean, score
from tests.core.evaluate.hand_made import Row, tracked, true, walk

TEN = np.arange(10, dtype=np.int32)


def test_perfect_tracking_is_100():
    rows = walk(1, range(10)) + walk(2, range(2, 8), left=200)
    assert score(true(rows), tracked(rows), TEN) == {
        "HOTA": 100.0, "DetA": 100.0, "AssA": 100.0, "IDF1": 100.0, "MOTA": 100.0,
        "IDSW": 0.0, "Frag": 0.0,
    }  # fmt: skip


def test_one_switch_at_half():
    """10 true boxes, all found, by one id for 5 frames and another for 5.

    Each id agrees with the truth on 5 of 10 + 5 - 5 = 10 boxes: AssA 0.5, HOTA sqrt(0.5).
    IDF1: one id counts, so IDTP 5, IDFN 5, IDFP 5. MOTA: one switch of 10.
    """
    found = walk(7, range(5)) + walk(8, range(5, 10))
    assert score(true(walk(1, range(10))), tracked(found), TEN) == {
        "HOTA": pytest.approx(100 * np.sqrt(0.5), abs=1e-3),
        "DetA": 100.0, "AssA": 50.0, "IDF1": 50.0, "MOTA": 90.0, "IDSW": 1.0, "Frag": 0.0,
    }  # fmt: skip


def test_a_gap_of_two_frames_is_a_fragment_and_two_misses():
    """18 of 20 found; one object whole, the other 8 of 10 under one id.

    DetA 18 / 20, AssA (10 * 1 + 8 * 0.8) / 18, IDF1 2 * 18 / (2 * 18 + 2).
    """
    other = walk(2, range(10), left=200)
    found = walk(7, [0, 1, 2, 3, 6, 7, 8, 9]) + other
    assert score(true(walk(1, range(10)) + other), tracked(found), TEN) == {
        "HOTA": pytest.approx(100 * np.sqrt(0.9 * 16.4 / 18), abs=1e-3),
        "DetA": 90.0,
        "AssA": pytest.approx(100 * 16.4 / 18, abs=1e-3),
        "IDF1": pytest.approx(3600 / 38, abs=1e-3),
        "MOTA": 90.0, "IDSW": 0.0, "Frag": 1.0,
    }  # fmt: skip


def test_what_lies_on_nothing_is_wrong():
    """10 right, 5 wrong under an id of their own: DetA 10 / 15, IDF1 20 / 25, MOTA 1 - 5 / 10."""
    found = walk(7, range(10)) + walk(8, range(5), left=300)
    got = score(true(walk(1, range(10))), tracked(found), TEN)
    assert got["DetA"] == pytest.approx(200 / 3, abs=1e-3)
    assert (got["AssA"], got["IDF1"], got["MOTA"]) == (100.0, 80.0, 50.0)


def test_loose_boxes_count_up_to_their_overlap():
    """Boxes with IoU 0.6 are right for the 12 of 19 thresholds 0.05 ... 0.60."""
    found = [(f, i, x, y, x2, y + 0.6 * (y2 - y)) for f, i, x, y, x2, y2 in walk(1, range(10))]
    got = score(true(walk(1, range(10))), tracked(found), TEN)
    assert got["DetA"] == pytest.approx(100 * 12 / 19, abs=1e-3)
    assert got["MOTA"] == 100.0


def test_nothing_found_and_nothing_to_find():
    nothing, rows = TrackedBoxes.empty(), walk(1, range(10))
    assert set(score(true(rows), nothing, TEN).values()) == {0.0}
    assert set(score(true([]), tracked(rows), TEN).values()) == {0.0}
    assert set(score(true([]), nothing, TEN).values()) == {0.0}


def test_frames_not_judged_count_on_neither_side():
    rows = walk(1, range(0, 10, 2)) + walk(2, range(1, 10, 2))
    found = walk(1, range(0, 10, 2)) + walk(1, range(1, 10, 2), left=500)
    assert score(true(rows), tracked(found), TEN[::2])["HOTA"] == 100.0


def test_two_boxes_of_a_track_in_a_frame_are_refused():
    found = walk(1, range(3)) + walk(1, [2], left=100)
    with pytest.raises(VidtrailError, match="two boxes in frame 3"):
        score(true(walk(1, range(3))), tracked(found), TEN)


class TestDontCare:
    hidden = walk(2, range(10), left=200)

    def test_neither_a_miss_nor_a_hit(self):
        truth = true(walk(1, range(10)), drops=self.hidden)
        seen, unseen = walk(1, range(10)) + self.hidden, walk(1, range(10))
        assert score(truth, tracked(seen), TEN) == score(truth, tracked(unseen), TEN)
        assert score(truth, tracked(seen), TEN)["MOTA"] == 100.0

    def test_a_result_beside_it_is_wrong(self):
        truth = true(walk(1, range(10)), drops=self.hidden)
        beside = walk(1, range(10)) + walk(2, range(10), left=225)  # IoU 15 / 65
        assert score(truth, tracked(beside), TEN)["MOTA"] == 0.0

    def test_what_counts_is_served_first(self):
        """One result on a hidden box (IoU 1) and on a true one (IoU 30 / 50): it is a hit."""
        truth = true(walk(1, range(10)), drops=walk(2, range(10), left=10))
        assert score(truth, tracked(walk(5, range(10), left=10)), TEN)["MOTA"] == 100.0

    def test_mot_challenge_assigns_to_all_boxes_at_once(self):
        """There the same result goes to the distractor, and the pedestrian is missed."""
        truth = true(walk(1, range(10)), drops=walk(2, range(10), left=10), counting_first=False)
        got = score(truth, tracked(walk(5, range(10), left=10)), TEN)
        assert (got["MOTA"], got["DetA"]) == (0.0, 0.0)

    def test_only_one_result_is_taken_out_by_one_box(self):
        truth = true(walk(1, range(10)), drops=self.hidden)
        twice = walk(1, range(10)) + self.hidden + walk(3, range(10), left=200)
        assert score(truth, tracked(twice), TEN)["MOTA"] == 0.0  # ten right, ten wrong


@given(st.permutations(range(1, 6)), st.permutations(range(30)))
def test_names_and_order_do_not_matter(names: list[int], order: list[int]):
    rows = [row for n in range(5) for row in walk(n + 1, range(n, n + 6), left=100 * n)]
    renamed: list[Row] = [(f, names[i - 1] * 10, *box) for f, i, *box in rows]
    found = tracked(renamed).take(np.array(order))
    assert score(true(rows), found, TEN)["HOTA"] == 100.0


def test_means_are_plain():
    one = dict.fromkeys(METRICS, 10.0)
    other = dict.fromkeys(METRICS, 25.0)
    assert mean({"a": one, "b": other}) == dict.fromkeys(METRICS, 17.5)
