"""Agreement of groupings, and what an object's motion is called."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluate.clusters import (
    adjusted_rand,
    cluster_figures,
    cluster_lines,
    motion_of,
    mutual_information,
)
from core.evaluate.truth import TrueObject
from core.explore.clusters import Clusters


def test_known_values():
    one, other = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 2])
    assert adjusted_rand(one, other) == pytest.approx(4.0 / 7.0)
    assert mutual_information(one, other) == pytest.approx(0.8)
    assert adjusted_rand(np.array([0, 1, 0, 1]), one) == pytest.approx(-0.5)


@given(st.lists(st.integers(0, 4), min_size=2, max_size=30))
def test_numbers_of_groups_do_not_matter(labels: list[int]):
    one = np.array(labels)
    assert adjusted_rand(one, 9 - one) == pytest.approx(1.0)
    assert mutual_information(one, 9 - one) == pytest.approx(1.0)


def test_motion_is_one_word_or_none():
    span = ((0.0, 1.0),)
    moving = {"moving": span}
    assert motion_of(TrueObject("car", did={**moving, "turn_left": span})) == "turn_left"
    assert motion_of(TrueObject("car", did={"turn_left": span, "turn_right": span})) == ""
    assert motion_of(TrueObject("car", did={**moving, "stop": span, "straight": span})) == "stop"
    assert motion_of(TrueObject("car", did={})) == "standing"
    assert motion_of(TrueObject("car", unsure=frozenset({"moving"}))) == ""


def test_figures_leave_out_what_nobody_can_say():
    finest = np.array([0, 0, 1, 1, -1, 0], np.int32)
    clusters = Clusters(finest, np.array([[0, 0], [0, 1]], np.int32), np.zeros((2, 3), np.float32))
    figures = cluster_figures(clusters, {"type": ["car", "car", "van", "van", "car", ""]})
    assert figures["levels"][1]["type"] == {"tracks": 4, "ari": 1.0, "nmi": 1.0}
    assert figures["best"]["type"]["clusters"] == 2
    assert any("1.000 / 1.000" in line for line in cluster_lines("looks", figures))
