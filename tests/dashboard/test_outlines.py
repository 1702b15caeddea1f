"""Points inside what a person drew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import QueryError
from dashboard.outlines import inside, outline_of

SQUARE = outline_of([0, 1, 1, 0], [0, 0, 1, 1])


def test_a_hollow_is_outside_and_so_is_what_has_no_place():
    bay = outline_of([0, 4, 4, 0, 0, 3, 3, 0], [0, 0, 4, 4, 3, 3, 1, 1])
    xy = np.array([[0.5, 0.5], [1.0, 2.0], [3.5, 2.0], [0.5, 3.5], [np.nan, 1.0], [9, 9]])
    assert inside(bay, xy.astype(np.float32)).tolist() == [0, 2, 3]


@given(st.lists(st.tuples(st.floats(-2, 2, width=32), st.floats(-2, 2, width=32)), max_size=30))
def test_a_box_holds_what_lies_between_its_sides(points: list[tuple[float, float]]):
    xy = np.array(points, np.float32).reshape(-1, 2)
    strictly = ((xy > 0) & (xy < 1)).all(axis=1)
    outside = ((xy < 0) | (xy > 1)).any(axis=1)
    found = np.zeros(len(xy), bool)
    found[inside(SQUARE, xy)] = True
    assert (found[strictly]).all()
    assert not found[outside].any()


@pytest.mark.parametrize(
    ("x", "y"),
    [([0, 1], [0, 1]), (["a", 1, 2], [0, 1, 2]), ([0, 1, float("nan")], [0, 1, 2]), (3, 4),
     ([0, 1, 2], [0, 1]), ([0] * 1001, [0] * 1001)],
)  # fmt: skip
def test_what_is_no_outline_is_refused(x, y):
    with pytest.raises(QueryError):
        outline_of(x, y)
