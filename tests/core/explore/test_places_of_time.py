"""Where objects spend their time, how long they stay, and what they cross."""

from __future__ import annotations

import numpy as np
import pytest

from core.explore.counts import intervals_of
from core.explore.dwell import in_view, in_zone
from core.explore.heat import drawn_heat
from core.explore.line_counts import line_counts
from core.explore.occupancy import occupancy
from core.language.sketches import ZonePart
from core.search.places import Place, areas_of
from tests.core.explore.crossing import SHAPE, over, traffic

ALL = np.ones(1, np.bool_)


def placed(columns, points, *, line: bool) -> Place:
    part = ZonePart(points=points, how="crosses" if line else "in")
    return Place(part, areas_of(columns, points, ALL))


def test_all_of_the_time_is_somewhere() -> None:
    _, paths = traffic([over("left", "right"), over("top", "bottom")])
    found = occupancy(paths, np.arange(2), SHAPE)
    assert found.seconds.sum() == pytest.approx(2 * 26 / 5.0, abs=0.05)
    assert found.tracks.rows_at(slice(None), slice(None)).tolist() == [0, 1]
    down, across = found.seconds.shape
    assert found.tracks.rows_at(down // 2, 0).tolist() == [0]
    assert found.tracks.rows_at(0, across // 2).tolist() == [1]
    assert found.seconds[0, 0] == 0.0


def test_only_the_time_asked_for_counts() -> None:
    _, paths = traffic([over("left", "right")], starts_s=[10.0])
    assert occupancy(paths, np.arange(1), SHAPE, (0.0, 9.0)).seconds.sum() == 0.0
    half = occupancy(paths, np.arange(1), SHAPE, (None, 12.6)).seconds.sum()
    assert half == pytest.approx(2.6, abs=0.11)


def test_the_map_is_brightest_where_most_time_was_spent() -> None:
    seconds = np.zeros((9, 16), np.float32)
    seconds[4, 3] = 50.0
    drawn = drawn_heat(np.full((270, 480, 3), 90, np.uint8), seconds).sum(axis=2)
    y, x = np.unravel_index(int(drawn.argmax()), drawn.shape)
    assert abs(y - 135) < 20
    assert abs(x - 105) < 20
    assert drawn_heat(np.full((27, 48, 3), 90, np.uint8), np.zeros((9, 16), np.float32)).max() < 90


def test_the_longest_stay_comes_first() -> None:
    columns, _ = traffic([over("left", "right"), over("left", "right")[:11], over("top", "bottom")])
    stays = in_view(columns, np.array([True, True, False]))
    assert stays.row.tolist() == [0, 1]
    assert stays.seconds.tolist() == pytest.approx([5.0, 2.0])
    assert stays.quantile(1.0) == pytest.approx(5.0)
    assert stays.lasting().counts.sum() == 2
    assert np.isnan(in_view(columns, np.zeros(3, np.bool_)).quantile(0.5))


def test_a_stay_in_a_zone_lasts_as_long_as_it_is_inside() -> None:
    columns, paths = traffic([over("left", "right"), over("top", "bottom")[:6]])
    left_half = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    stays = in_zone(columns, paths, placed(columns, left_half, line=False), np.ones(2, np.bool_))
    assert stays.row[0] == 0
    assert stays.seconds[0] == pytest.approx(2.6, abs=0.4)


def test_a_line_counts_both_ways() -> None:
    ways = [over("left", "right")] * 3 + [over("right", "left"), over("top", "bottom")[:10]]
    columns, paths = traffic(ways, kinds=[0, 0, 2, 0, 0], starts_s=[0.0, 30.0, 1.0, 2.0, 3.0])
    line = placed(columns, ((0.3, 1.0), (0.3, 0.0)), line=True)  # upwards: its right is the right
    crossed = line_counts(columns, paths, line, np.ones(5, np.bool_))
    table = crossed.table(columns, intervals_of(columns, ALL, 20.0))
    assert table.counts.sum(axis=(1, 2)).tolist() == [3, 1]
    assert table.rows_at(0, 0, 1).tolist() == [1]
    assert table.rows_at(1, slice(None), slice(None)).tolist() == [3]


def test_a_line_turned_round_counts_the_other_way_round() -> None:
    columns, paths = traffic([over("left", "right"), over("right", "left"), over("right", "left")])
    keep = np.ones(3, np.bool_)
    points = ((0.6, 0.1), (0.6, 0.9))
    one = line_counts(columns, paths, placed(columns, points, line=True), keep).table(columns)
    other = line_counts(columns, paths, placed(columns, points[::-1], line=True), keep)
    assert one.counts.tolist() == other.table(columns).counts[::-1].tolist()
    assert sorted(one.counts.sum(axis=(1, 2)).tolist()) == [1, 2]


def test_what_is_not_kept_is_not_counted() -> None:
    columns, paths = traffic([over("left", "right")] * 2)
    line = placed(columns, ((0.5, 0.0), (0.5, 1.0)), line=True)
    assert line_counts(columns, paths, line, np.array([False, True])).row.tolist() == [1]
