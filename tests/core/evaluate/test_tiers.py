"""The tiers without pictures, the ladder, and what is printed, on a clip that is all known."""

from __future__ import annotations

import pytest

from core.evaluate.ladder import STEPS
from core.evaluate.noise import Noise
from core.evaluate.report import Report, report_lines
from core.evaluate.retrieval import evaluate_oracle
from tests.core.evaluate.small_world import LEFT, PARKED, RIGHT, TURN, question, small_world

ASKED = question(
    "red car turning left",
    LEFT,
    wrong=((RIGHT, "N4"), (PARKED, "N5")),
    wordings=(("person", "red car hanging a left"), ("caption", "a red car makes a left")),
    judged=("class", "colour", "motion"),
    verdicts={1: "+++", 2: "++-", 3: "++-", 4: "---"},
)
GONE = question("blue bus", missing="colour", stratum="nothing", parts=2)


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluate_oracle([small_world(ASKED, GONE)], "T0", Noise())


def test_true_tracks_are_answered_rightly(report: Report) -> None:
    data = report.data()
    assert data["tier"] == "T0"
    assert data["by_wording"]["canonical"]["MRR"] == 1.0
    assert data["mirrored_pairs"] == {"n": 1, "rate": 1.0}
    assert data["strata"]["N5"]["rate"] == 1.0
    assert data["turn_sign"] == 1.0
    assert data["predicates"]["turn_left"]["F1"] == 1.0
    assert data["nothing"]["by_what_is_missing"]["colour"]["answered_with_nothing"] == 1.0
    assert data["reachable"] == 1.0


def test_every_wording_is_asked_and_counted(report: Report) -> None:
    data = report.data()
    assert data["full"]["n"] == 3
    assert {q["wording"] for q in data["queries"]} == {"canonical", "person", "caption"}
    assert data["two_and_three_parts"]["n"] == 3


def test_the_ladder_has_every_step_and_motion_is_what_tells_turns(report: Report) -> None:
    ladder = report.data()["ladder"]
    assert tuple(ladder) == STEPS
    assert all(row["n"] == 1 for row in ladder.values())
    assert ladder["class filter"]["MRR"] < 1.0
    assert ladder["random"]["MRR"] < 1.0
    assert ladder["+ motion"]["MRR"] == ladder["full"]["MRR"] == 1.0


def test_parts_that_are_shown_are_held_against_the_truth(report: Report) -> None:
    found = report.data()["calibration"]
    assert found["n"] > 4
    assert set(found["by_kind"]) == {"class", "colour", "event"}
    assert found["ECE"] < 0.2


def test_noise_does_not_change_who_is_asked_for() -> None:
    data = evaluate_oracle([small_world(ASKED)], "T1", Noise(jitter=0.05)).data()
    assert data["tier"] == "T1"
    assert data["by_wording"]["canonical"]["R@1"] == 1.0


def test_the_table_says_all_that_the_data_say(report: Report) -> None:
    text = "\n".join(report_lines(report.data()))
    for words in ("what each part brings", "mirrored turns", "turn_left", "nothing is there",
                  "calibration error", "sides of turns told rightly: 1.000"):  # fmt: skip
        assert words in text
    assert "95 %" not in text  # one scene says nothing about others
    assert TURN == (3.0, 5.0)


def test_only_so_many_failures_are_listed() -> None:
    wrong = [question(f"blue bus {k}", LEFT) for k in range(3)]
    data = evaluate_oracle([small_world(*wrong)], "T0", Noise()).data()
    listed = list(report_lines(data, failures=1))
    assert sum("Nothing found" in line for line in listed) == 1
