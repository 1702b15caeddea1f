from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.search.answer import Evidence, Moment
from dashboard.links import moment_url
from dashboard.moment_words import moment_view
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
    assert [level(p) for p in (0.0, 0.19, 0.2, 0.49, 0.5, 1.0)] == [
        "no", "no", "unsure", "unsure", "yes", "yes",
    ]  # fmt: skip


def test_names_joins_as_in_a_sentence():
    assert names(["a"]) == "“a”"
    assert names(["a", "b", "c"]) == "“a”, “b” and “c”"


def test_a_moment_at_the_start_does_not_begin_before_it():
    assert moment_url("v", -0.5, 2.0) == "/api/videos/v#t=0.000,2.000"


def evidence(p: float, **more) -> Evidence:
    return Evidence("red", "colour", p, "seen in 6 crops", **more)


def test_a_part_that_was_hardly_seen_is_not_called_wrong():
    moment = Moment("v", "v.mp4", (3,), 1.0, 2.0, 0.1, (evidence(0.1, known=False),), False)
    assert [p.level for p in moment_view(moment, lambda *_: None).parts] == ["unknown"]


def test_a_proof_may_lie_in_another_video():
    proof = {"crop_id": 7, "video_id": "other"}
    moment = Moment("v", "v.mp4", (3,), 1.0, 2.0, 0.9, (evidence(0.9, proof=proof),), True)
    view = moment_view(moment, lambda *_: 5)
    assert view.parts[0].picture == "/api/crops/other/7.jpg"
    assert view.picture == "/api/crops/v/5.jpg"


def test_a_scene_has_no_object_to_show():
    moment = Moment("v", "v.mp4", (), 1.0, 1.0, 0.9, (), True)
    view = moment_view(moment, lambda *_: 5)
    assert view.picture is None
    assert view.t1_s > view.t0_s
