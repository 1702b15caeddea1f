"""Order and overlap of what one object did."""

import numpy as np
import pytest

from core.language.query import EventPart, Query
from core.library.library import Library
from core.search.columns import read_columns
from core.search.happenings import event_scores
from tests.core.search.collection import Obj, put


def order_of(tmp_path, objects, query):
    """(p of the order, for each event part the (first, last second) of what was chosen)."""
    with Library.open(tmp_path) as library:
        put(library, "v", objects)
        scores = event_scores(read_columns(library), query)
    spans = [
        [
            (float(s.detail.events.t0_s[row]), float(s.detail.events.t1_s[row]))
            if row >= 0
            else None
            for row in s.detail.row
        ]
        for s in scores[:-1]
    ]
    return scores[-1].p, spans


STOP_START = Query(events=(EventPart("stop"), EventPart("start")), order="then")


def test_of_several_the_pair_that_is_in_order_is_chosen(tmp_path):
    events = (("start", 1.0, 2.0, 0.95), ("stop", 4.0, 6.0, 0.7), ("start", 6.0, 7.0, 0.8))
    swapped = (("start", 1.0, 2.0, 0.9), ("stop", 4.0, 6.0, 0.9))
    p, (stop, start) = order_of(tmp_path, [Obj(events=events), Obj(events=swapped)], STOP_START)
    assert p[0] > 0.9
    assert (stop[0], start[0]) == ((4.0, 6.0), (6.0, 7.0))
    assert p[1] < 0.1


@pytest.mark.parametrize(
    ("gap_s", "low", "high"), [(None, 0.5, 0.9), (3.0, 0.0, 0.2), (9.0, 0.9, 1.0)]
)
def test_a_gap_that_was_asked_for_is_a_limit(tmp_path, gap_s, low, high):
    events = (("stop", 0.0, 1.0, 0.9), ("start", 8.0, 8.5, 0.9))
    query = Query(STOP_START.target, STOP_START.events, "then", gap_s=gap_s)
    p, _ = order_of(tmp_path, [Obj(events=events)], query)
    assert low <= p[0] <= high


def test_while_takes_the_two_that_overlap(tmp_path):
    query = Query(events=(EventPart("turn_left"), EventPart("slow_down")), order="while")
    events = (
        ("slow_down", 1.0, 2.0, 0.99),
        ("slow_down", 5.0, 6.5, 0.8),
        ("turn_left", 5.0, 7.0, 0.9),
    )
    apart = (("slow_down", 1.0, 2.0, 0.99), ("turn_left", 5.0, 7.0, 0.9))
    p, (turn, slow) = order_of(tmp_path, [Obj(events=events), Obj(events=apart)], query)
    assert p[0] > 0.9
    assert (turn[0], slow[0]) == ((5.0, 7.0), (5.0, 6.5))
    assert p[1] < 0.1
    assert slow[1] == (1.0, 2.0)  # shown although it does not fit


def test_a_chain_of_three(tmp_path):
    query = Query(
        events=(EventPart("turn_left"), EventPart("stop"), EventPart("start")), order="then"
    )
    events = (("turn_left", 0.0, 2.0, 0.9), ("stop", 3.0, 5.0, 0.9), ("start", 5.0, 6.0, 0.9))
    p, spans = order_of(tmp_path, [Obj(events=events), Obj(events=events[1:])], query)
    assert p[0] > 0.7
    assert [span[0] for span in spans] == [(0.0, 2.0), (3.0, 5.0), (5.0, 6.0)]
    assert p[1] < 0.1
    assert np.isfinite(p).all()
