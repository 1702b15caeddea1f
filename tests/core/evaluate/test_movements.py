"""Movements and lines that were counted, against a truth written by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.errors import VidtrailError
from core.evaluate.movements import _crossed, movement_figures, movement_lines, movements_of
from core.evaluate.truth import Boxes, World
from core.explore.movements import movements
from core.library.library import Library
from core.tracks import FrameSize
from tests.core.explore.crossing import over, traffic

TRUTH: dict[str, Any] = {
    "arms": [[-90.0, 0.0], [90.0, 0.0], [0.0, 90.0]],
    "objects": [
        {"object": 11, "source": 0, "target": 1, "from": 0, "to": 1},
        {"object": 12, "source": 1, "target": 0, "from": 1, "to": 0},
        {"object": 13, "source": 0, "target": 2, "from": 0, "to": 2},
        {"object": 14, "source": -1, "target": 1, "from": 0, "to": 1},
    ],
}


def counted(*ways: Any) -> Any:
    columns, paths = traffic(ways)
    return SimpleNamespace(movements=movements(columns, paths, np.arange(len(ways))))


def test_arms_are_taken_for_those_that_most_came_from() -> None:
    ours = counted(over("left", "right"), over("right", "left"), over("left", "top"))
    figures = movements_of(ours, TRUTH, {0: 11, 1: 12, 2: 13})
    assert (figures.true, figures.counted, figures.right, figures.error) == (3, 3, 3, 0)
    assert (figures.arms, figures.true_arms, figures.true_unknown) == (3, 3, 1)


def test_a_wrong_way_counts_twice_and_a_missed_one_once() -> None:
    ours = counted(over("left", "right"), over("right", "left"), over("left", "right"))
    figures = movements_of(ours, TRUTH, {0: 11, 1: 12, 2: 13})
    assert (figures.counted, figures.right, figures.error) == (3, 2, 2)
    fewer = movements_of(counted(over("left", "right")), TRUTH, {0: 11})
    assert (fewer.counted, fewer.error) == (1, 2)


def test_an_arm_told_before_it_was_seen_is_judged_by_the_script() -> None:
    ways = (over("left", "right"), over("right", "left"), over("left", "right"))
    figures = movements_of(counted(*ways), TRUTH, {0: 11, 1: 12, 2: 14})
    assert (figures.counted, figures.right, figures.foretold) == (3, 2, 1)
    wrong = movements_of(counted(*ways[:2], over("left", "top")), TRUTH, {0: 11, 1: 12, 2: 14})
    assert (wrong.counted, wrong.right, wrong.foretold) == (3, 2, 0)


def test_what_is_no_true_object_is_one_too_many() -> None:
    ours = counted(over("left", "right"), over("bottom", "top"))
    figures = movements_of(ours, TRUTH, {0: 11})
    assert (figures.counted, figures.right) == (2, 1)
    assert figures.error == 3


def test_a_true_crossing_gets_clear_of_the_line() -> None:
    line = np.array([[100.0, 0.0], [100.0, 200.0]])  # downwards: its right is the left

    def boxes(x: list[float]) -> Any:
        return np.array([[v - 10.0, 80.0, v + 10.0, 100.0] for v in x])

    assert _crossed(boxes([50.0, 90.0, 110.0, 150.0]), line).tolist() == [0, 1]
    assert _crossed(boxes([150.0, 90.0, 50.0]), line).tolist() == [1, 0]
    assert _crossed(boxes([97.0, 103.0, 98.0]), line).tolist() == [0, 0]
    assert _crossed(boxes([50.0, 150.0, 50.0]), line).tolist() == [1, 1]
    far = line + np.array([0.0, 300.0])
    assert _crossed(boxes([50.0, 150.0]), far).tolist() == [0, 0]


def test_worlds_without_a_truth_of_movements_are_refused(tmp_path) -> None:
    boxes = Boxes(np.zeros(0, np.int32), np.zeros((0, 4), np.float32))
    world = World("w", tmp_path / "w.mp4", {1: boxes}, (), size=FrameSize(960, 540))
    with Library.open(tmp_path / "lib") as library, pytest.raises(VidtrailError, match="movements"):
        movement_figures(library, [world])


def test_figures_are_told_as_lines() -> None:
    one = {"movements": {"true": 3, "counted": 3, "right": 2, "foretold": 1, "error": 1,
                         "unknown": 0, "true_unknown": 0, "arms": 3, "true_arms": 3},
           "lines": {"true": 5, "counted": 4, "error": 1}}  # fmt: skip
    lines = movement_lines({"worlds": {"w": one}, "left_out": ["x"], **one})
    assert lines[1].split() == ["w", "3", "3", "2", "1", "1", "0", "3/3"]
    assert "5 true crossings" in lines[-2]
    assert lines[-1] == "Left out: x."
