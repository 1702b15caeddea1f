"""Calibration errors worked out by hand."""

from __future__ import annotations

import pytest

from core.evaluate.calibration import Said, calibration, reliability


def test_who_says_what_is_so_has_no_error() -> None:
    said = [Said("class", 0.75, k < 3) for k in range(4)]
    assert calibration(said)["ECE"] == 0.0


def test_the_error_is_weighted_by_how_much_was_said() -> None:
    said = [Said("event", 0.95, False)] + [Said("class", 0.05, False)] * 3
    found = calibration(said)
    assert found["ECE"] == pytest.approx((0.95 + 3 * 0.05) / 4)
    assert found["by_kind"]["event"] == {"n": 1, "ECE": 0.95}
    assert found["by_kind"]["class"]["n"] == 3


def test_the_table_has_the_bins_that_hold_anything() -> None:
    rows = reliability([Said("class", 1.0, True), Said("class", 0.0, False)])
    assert [(row["from"], row["n"], row["true"]) for row in rows] == [(0.0, 1, 0.0), (0.9, 1, 1.0)]


def test_nothing_said_is_no_error() -> None:
    assert calibration([]) == {"n": 0, "ECE": 0.0, "by_kind": {}, "reliability": []}
