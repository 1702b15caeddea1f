import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import geometry

coordinate = st.floats(-500, 500, allow_nan=False, width=32)
side = st.floats(0.5, 300, allow_nan=False, width=32)
box = st.tuples(coordinate, coordinate, side, side).map(
    lambda b: [b[0], b[1], b[0] + b[2], b[1] + b[3]]
)
boxes = st.lists(box, min_size=0, max_size=6).map(lambda b: np.array(b, np.float64).reshape(-1, 4))
margin = st.floats(0.0, 1.0)


def slow_iou(a, b):
    w = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    h = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h
    return w * h / union


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([0, 0, 10, 10], [0, 0, 10, 10], 1.0),
        ([0, 0, 20, 20], [5, 5, 15, 15], 0.25),  # contained: 100 / 400
        ([0, 0, 10, 10], [10, 0, 20, 10], 0.0),  # touching
        ([0, 0, 10, 10], [5, 0, 15, 10], 1 / 3),  # 50 / 150
        ([0, 0, 0, 0], [0, 0, 0, 0], 0.0),  # no area meets nothing
    ],
)
def test_iou_of_known_boxes(a, b, expected):
    a, b = np.array([a], np.float32), np.array([b], np.float32)
    assert geometry.iou(a, b)[0, 0] == pytest.approx(expected)
    assert geometry.iou_pairs(a, b)[0] == pytest.approx(expected)


@given(boxes, boxes)
@settings(deadline=None)
def test_iou_matrix_equals_the_plain_formula(a, b):
    found = geometry.iou(a, b)
    assert found.shape == (len(a), len(b))
    for i in range(len(a)):
        for j in range(len(b)):
            assert found[i, j] == pytest.approx(slow_iou(a[i], b[j]), abs=1e-9)


@given(boxes, boxes, margin)
@settings(deadline=None)
def test_buffered_iou_is_iou_of_grown_boxes(a, b, m):
    np.testing.assert_allclose(
        geometry.buffered_iou(a, b, m),
        geometry.iou(geometry.grow(a, m), geometry.grow(b, m)),
        atol=1e-9,
    )


@given(boxes, boxes)
@settings(deadline=None)
def test_buffered_iou_takes_one_margin_per_box(a, b):
    margins = np.linspace(0.0, 0.5, len(a))
    found = geometry.buffered_iou(a, b, margins)
    for i, m in enumerate(margins):
        np.testing.assert_allclose(
            found[i], geometry.buffered_iou(a[i : i + 1], b, float(m))[0], atol=1e-12
        )


@given(boxes)
@settings(deadline=None)
def test_centre_size_and_corners_are_inverse(a):
    np.testing.assert_allclose(geometry.corners(geometry.centre_size(a)), a, atol=1e-4)


@given(boxes, boxes)
@settings(deadline=None)
def test_cover_is_at_least_iou_and_at_most_one(a, b):
    share = geometry.cover(a, b)
    assert (share >= geometry.iou(a, b) - 1e-9).all()
    assert (share <= 1.0 + 1e-9).all()


@given(boxes)
@settings(deadline=None)
def test_clipped_boxes_lie_in_the_picture(a):
    cut = geometry.clip(a, 200, 100)
    assert (cut[:, [0, 2]] >= 0).all()
    assert (cut[:, [0, 2]] <= 200).all()
    assert (cut[:, [1, 3]] >= 0).all()
    assert (cut[:, [1, 3]] <= 100).all()


def test_border_sides():
    found = geometry.at_border(np.array([[0, 5, 50, 100], [60, 30, 80, 60]], np.float32), 100, 100)
    assert found.tolist() == [[True, False, False, True], [False, False, False, False]]
