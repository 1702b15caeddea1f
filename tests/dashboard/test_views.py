from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.links import moment_url
from dashboard.views import clock, counted, level, names


@pytest.mark.parametrize(
    ("seconds", "decimals", "shown"),
    [
        (0, 0, "0:00"),
        (59.6, 0, "1:00"),  # rounds up over the minute
        (75.25, 1, "1:15.2"),
        (59.96, 1, "1:00.0"),
        (3661, 0, "1:01:01"),
        (3600.04, 1, "1:00:00.0"),
        (-1, 0, "0:00"),
    ],
)
def test_clock(seconds, decimals, shown):
    assert clock(seconds, decimals) == shown


@given(st.floats(0, 1e6), st.sampled_from([0, 1]))
def test_clock_reads_back(seconds, decimals):
    total = 0.0
    for piece in clock(seconds, decimals).split(":"):
        total = 60 * total + float(piece)
        assert float(piece) < 60 or total == float(piece)
    assert total == pytest.approx(seconds, abs=0.51 if decimals == 0 else 0.051)


def test_counted():
    assert [counted(n, "car") for n in (0, 1, 1204)] == ["0 cars", "1 car", "1,204 cars"]


def test_level_has_three_words():
    assert [level(p) for p in (0.0, 0.29, 0.3, 0.59, 0.6, 1.0)] == [
        "no", "no", "unsure", "unsure", "yes", "yes",
    ]  # fmt: skip


def test_names_joins_as_in_a_sentence():
    assert names(["a"]) == "“a”"
    assert names(["a", "b", "c"]) == "“a”, “b” and “c”"


def test_a_moment_at_the_start_does_not_begin_before_it():
    assert moment_url("v", -0.5, 2.0) == "/api/videos/v#t=0.000,2.000"
