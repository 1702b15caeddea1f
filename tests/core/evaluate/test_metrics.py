"""Figures of rankings against values worked out by hand."""

from __future__ import annotations

import pytest

from core.evaluate.metrics import Ranked, intervals, percentiles, summary, temporal_iou, wins


def test_one_right_answer_at_rank_two() -> None:
    figures = summary([Ranked((False, True, False), 1, 0.4)])
    assert (figures["R@1"], figures["R@5"], figures["MRR"]) == (0.0, 1.0, 0.5)
    assert (figures["mAP"], figures["tIoU"]) == (0.5, 0.4)
    assert figures["nDCG@10"] == pytest.approx(0.6309, abs=1e-4)


def test_average_precision_counts_what_was_not_found() -> None:
    # ranks 1 and 3 of three right ones: (1/1 + 2/3) / 3
    assert Ranked((True, False, True), 3).average_precision() == pytest.approx(5 / 9)


def test_nothing_returned_is_zero_everywhere() -> None:
    figures = summary([Ranked((), 2)])
    assert figures["MRR"] == figures["R@10"] == figures["mAP"] == figures["nDCG@10"] == 0.0


def test_the_mean_is_over_questions() -> None:
    figures = summary([Ranked((True,), 1), Ranked((), 1)])
    assert (figures["n"], figures["MRR"], figures["R@1"]) == (2, 0.5, 0.5)
    assert summary([])["MRR"] == 0.0


def test_wins_and_draws() -> None:
    pairs = [("N4", 0.9, 0.1), ("N4", 0.2, 0.2), ("N5", 0.1, 0.3)]
    assert wins(pairs) == {"N4": {"n": 2, "rate": 0.75}, "N5": {"n": 1, "rate": 0.0}}


def test_temporal_iou() -> None:
    assert temporal_iou((0, 2), (1, 3)) == pytest.approx(1 / 3)
    assert temporal_iou((0, 1), (2, 3)) == 0.0


def test_percentiles_of_nothing() -> None:
    assert percentiles([]) == {"p50": 0.0, "p95": 0.0}


def test_precision_counts_empty_places() -> None:
    assert Ranked((True, False, True), 3).precision() == 0.2


def test_a_moment_must_be_right_and_in_time() -> None:
    figures = summary([Ranked((True,), 1, 0.55), Ranked((False, True), 1, 0.9), Ranked((), 1)])
    assert figures["R1@tIoU0.3"] == figures["R1@tIoU0.5"] == pytest.approx(1 / 3, abs=1e-4)
    assert figures["R1@tIoU0.7"] == 0.0


def test_intervals_are_drawn_by_scene() -> None:
    good, bad = [Ranked((True,), 1)] * 5, [Ranked((), 1)] * 5
    spans = intervals([good, bad, good, bad])
    assert spans["MRR"] == (0.0, 1.0)
    assert intervals([good, good])["R@1"] == (1.0, 1.0)
    assert intervals([good, []]) == {}
