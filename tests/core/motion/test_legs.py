from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.motion.legs import legs


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 1, 2, 3], [(0, 3)]),
        ([3, 2, 1, 0], [(0, 3)]),
        ([0, 3, 2.5, 6], [(0, 3)]),  # wavering by less than the reversal
        ([0, 5, 1, 6], [(0, 1), (1, 2), (2, 3)]),
        ([0, 0.2, 0.1, 0.0], [(0, 3)]),  # nothing happens
        ([1.0], []),
    ],
)
def test_known_signals(values, expected):
    assert legs(np.array(values, float), 1.0) == expected


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=30))
@settings(deadline=None)
def test_legs_are_a_chain_over_the_whole_signal(values):
    found = legs(np.array(values, float), 2.0)
    assert found[0][0] == 0
    assert found[-1][1] == len(values) - 1
    assert all(a[1] == b[0] for a, b in pairwise(found))
