"""What the bytes of a coloured map mean."""

from __future__ import annotations

import numpy as np

from dashboard.map_colours import TOP, UNKNOWN, by_group, by_score


def test_the_most_frequent_values_get_a_name_and_the_others_are_one():
    groups = np.repeat(np.arange(30), np.arange(30, 0, -1)).astype(np.int32)
    made = by_group(np.append(groups, -1), [f"g{k}" for k in range(30)])
    assert [each.name for each in made.categories[:2]] == ["g0", "g1"]
    assert made.categories[-1].name == "6 others"
    assert sum(each.count for each in made.categories) == len(groups)
    assert made.codes[-1] == UNKNOWN
    assert made.unknown == 1
    for each in made.categories:
        assert int((made.codes == each.code).sum()) == each.count


def test_one_value_more_than_fits_is_named_too():
    made = by_group(np.arange(25, dtype=np.int32), [f"g{k}" for k in range(25)])
    assert len(made.categories) == 25
    assert not any("others" in each.name for each in made.categories)


def test_scores_keep_their_order_and_what_is_not_known_is_apart():
    made = by_score(np.array([0.0, 0.5, 1.0, np.nan, 7.0], np.float32), "no", "yes")
    assert made.codes.tolist() == [0, TOP // 2, TOP, UNKNOWN, TOP]
    assert made.unknown == 1
