"""Objects over time: every object counts once where it comes, and as long as it is there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.explore.counts import counts_over_time, interval_for, intervals_of, length_of
from core.explore.tally import tally
from tests.core.explore.crossing import over, traffic

ALL = np.ones(1, np.bool_)
STARTS = st.lists(st.floats(0.0, 50.0), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(STARTS, st.sampled_from([1.0, 5.0, 7.0, 60.0]))
def test_who_came_adds_up_and_who_is_there_is_as_often_as_it_lasts(starts, step_s) -> None:
    columns, _ = traffic([over("left", "right")] * len(starts), starts_s=starts)
    counts = counts_over_time(
        columns, np.ones(len(starts), np.bool_), intervals_of(columns, ALL, step_s)
    )
    came, there = counts.came.counts, counts.there.counts
    assert came.sum() == len(starts)
    assert (there >= came).all()
    for row, t0_s in enumerate(starts):
        in_view = [b for b in range(len(there)) if row in counts.there.rows_at(b, slice(None))]
        ends = t0_s + 5.0
        touched = {
            b for b in range(len(there))
            if counts.intervals.t0_s[b] <= ends + 1e-6 and t0_s < counts.intervals.t1_s[b] - 1e-6
        }  # fmt: skip
        assert touched <= set(in_view)
        assert len(in_view) <= len(touched) + 1


def test_a_number_carries_the_objects_behind_it() -> None:
    columns, _ = traffic(
        [over("left", "right")] * 3, kinds=[0, 1, 0], starts_s=[1.0, 1.5, 12.0]
    )  # fmt: skip
    counts = counts_over_time(columns, np.ones(3, np.bool_), intervals_of(columns, ALL, 10.0))
    assert counts.came.rows_at(0, 0).tolist() == [0]
    assert counts.came.rows_at(slice(None), 0).tolist() == [0, 2]
    assert counts.came.rows_at(0, slice(None)).tolist() == [0, 1]
    assert counts.came.counts[1].tolist() == [1, 0, 0]


def test_intervals_begin_anew_in_every_video_and_end_with_it() -> None:
    columns, _ = traffic([over("left", "right")] * 2, videos=[0, 1], duration_s=25.0)
    intervals = intervals_of(columns, np.ones(2, np.bool_), 10.0)
    assert intervals.video.tolist() == [0, 0, 0, 1, 1, 1]
    assert intervals.t0_s.tolist() == [0.0, 10.0, 20.0] * 2
    assert intervals.t1_s[[2, 5]].tolist() == [25.0, 25.0]
    at = intervals.at(np.array([0, 1, 1, 0]), np.array([9.99, 10.0, 25.0, 26.0]))
    assert at.tolist() == [0, 4, 5, -1]


def test_a_span_limits_what_is_counted() -> None:
    columns, _ = traffic([over("left", "right")] * 2, starts_s=[2.0, 30.0])
    span = (20.0, 50.0)
    intervals = intervals_of(columns, ALL, 10.0, span)
    assert (intervals.t0_s.tolist(), intervals.t1_s.tolist()) == ([20, 30, 40], [30, 40, 50])
    assert length_of(columns, ALL, span) == 30.0
    counts = counts_over_time(columns, np.ones(2, np.bool_), intervals)
    assert counts.came.counts.sum() == 1


def test_the_interval_that_is_chosen_is_a_usual_one() -> None:
    assert interval_for(24.0) == 1.0
    assert interval_for(3600.0) == 120.0
    assert interval_for(1e9) == 86400.0
    assert interval_for(7200.0, 8) == 900.0


def test_an_interval_lasts() -> None:
    columns, _ = traffic([over("left", "right")])
    with pytest.raises(ValueError, match="longer than nothing"):
        intervals_of(columns, ALL, 0.0)


@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 2), st.integers(0, 9)), max_size=40))
def test_a_table_counts_each_object_once_a_cell(said) -> None:
    places = np.array(said, np.int64).reshape(-1, 3)
    table = tally((4, 3), (places[:, 0], places[:, 1]), places[:, 2])
    wanted: dict[tuple[int, int], set[int]] = {}
    for a, b, row in said:
        if a >= 0 and b >= 0:
            wanted.setdefault((a, b), set()).add(row)
    for a in range(4):
        for b in range(3):
            rows = sorted(wanted.get((a, b), set()))
            assert table.counts[a, b] == len(rows)
            assert table.rows_at(a, b).tolist() == rows
    every = sorted(set().union(*wanted.values())) if wanted else []
    assert table.rows_at(slice(None), slice(None)).tolist() == every
