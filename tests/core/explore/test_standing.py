"""Stops beside those of others at the same place, and turning round where nobody else did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from core.explore.flow import flow_of
from core.explore.standing import Stands, stands_of
from core.explore.turning import turns_of
from core.search.columns import Events
from tests.core.explore.street import Mover, lane, street


def _stands(movers: Sequence[Mover]) -> Stands:
    columns, paths = street(movers)
    normal = np.ones(len(columns), np.bool_)
    return stands_of(flow_of(columns, paths, np.zeros(1, np.int32), normal))


def _stop(seconds: float, at: float = 0.0, y: float = 2.0) -> Mover:
    return Mover((5.0, y), (5.0, y), at, at + seconds)


def test_a_stop_is_compared_with_how_long_others_stood_there() -> None:
    stands = _stands([_stop(12.0), *lane(20)])
    assert stands.lasted_s[0] == pytest.approx(12.0, abs=2.5)
    assert (stands.passed[0], stands.stayed[0]) == (20, 0)
    assert stands.far[0] > 0.5
    assert not stands.far[1:].any()


def test_a_stop_where_others_wait_as_long_is_nothing() -> None:
    waiting = [_stop(12.0, 100.0 * k + 50.0) for k in range(6)]
    stands = _stands([_stop(12.0), *waiting, *lane(12)])
    assert stands.passed[0] == 18
    assert stands.stayed[0] == 6
    assert stands.far[0] == 0.0


def test_who_stands_beside_the_lane_is_in_nobodys_way() -> None:
    stands = _stands([_stop(12.0, y=3.0), *lane(20)])
    assert stands.passed[0] == 0
    assert stands.far[0] == 0.0


def test_a_longer_stop_is_farther_and_a_short_one_is_none() -> None:
    far = [float(_stands([_stop(seconds), *lane(20)]).far[0]) for seconds in (1.0, 6.0, 20.0)]
    assert far[0] == 0.0
    assert 0.0 < far[1] < far[2] < 1.0


@pytest.mark.parametrize(("others", "least", "most"), [(0, 0.5, 1.0), (2, 0.1, 0.7), (8, 0.0, 0.0)])
def test_turning_round_is_unusual_where_few_do(others: int, least: float, most: float) -> None:
    columns, paths = street(lane(20))
    track = np.arange(others + 1, dtype=np.int32)
    p, degrees = np.full((2, len(track)), [[0.9], [-178.0]], np.float32)
    t0_s = 6.0 * track.astype(np.float64) + 1.0
    turned = Events(track, t0_s, t0_s + 2.0, p, track, degrees)
    columns = replace(columns, events={"u_turn": turned})
    flow = flow_of(columns, paths, np.zeros(1, np.int32), np.ones(20, np.bool_))
    turns = turns_of(columns, flow)
    assert (turns.others[0], turns.as_well[0], turns.as_well[19]) == (19, others, others + 1)
    assert turns.degrees[0] == pytest.approx(178.0)
    assert (turns.t0_s[0], turns.t1_s[0]) == (1.0, 3.0)
    assert least <= turns.far[0] <= most
    assert turns.far[19] == 0.0
