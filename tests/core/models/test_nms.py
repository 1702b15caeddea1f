from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.nms import boxes_of, group_ids, suppress

NAMES = ("person", "car", "truck", "bicycle", "motorcycle", "bench")


def head(*rows: tuple[float, float, float, float, int, float], classes: int = 6) -> np.ndarray:
    """YOLO output (4 + C, A) of places with cx, cy, w, h, class, score; one empty place more."""
    output = np.zeros((4 + classes, len(rows) + 1), np.float32)
    for column, (cx, cy, w, h, class_id, score) in enumerate(rows):
        output[:4, column] = cx, cy, w, h
        output[4 + class_id, column] = score
    return output


def test_groups() -> None:
    groups = group_ids(NAMES)

    assert groups[1] == groups[2]
    assert groups[3] == groups[4]
    assert len(set(groups.tolist())) == 4


def test_a_van_seen_as_car_and_truck_is_one_box() -> None:
    boxes = boxes_of(
        head((50, 50, 20, 10, 1, 0.6), (51, 50, 20, 10, 2, 0.7)), group_ids(NAMES), 0.1
    )

    assert boxes.class_id.tolist() == [2]
    np.testing.assert_allclose(boxes.xyxy, [[41, 45, 61, 55]])


def test_rider_and_bicycle_stay_two() -> None:
    boxes = boxes_of(
        head((50, 50, 10, 20, 0, 0.6), (50, 50, 10, 20, 3, 0.7)), group_ids(NAMES), 0.1
    )

    assert boxes.class_id.tolist() == [3, 0]


def test_neighbours_stay_two_and_faint_ones_go() -> None:
    rows = [(50, 50, 20, 10, 1, 0.6), (57, 50, 20, 10, 1, 0.7), (200, 50, 20, 10, 1, 0.09)]
    boxes = boxes_of(head(*rows), group_ids(NAMES), 0.1)

    np.testing.assert_allclose(boxes.confidence, [0.7, 0.6])


def test_output_of_a_head_without_suppression() -> None:
    output = np.zeros((300, 6), np.float32)
    output[0] = [10, 20, 30, 40, 0.8, 1]
    output[1] = [10, 20, 30, 41, 0.5, 2]
    boxes = boxes_of(output, group_ids(NAMES), 0.1)

    np.testing.assert_allclose(boxes.xyxy, [[10, 20, 30, 40]])
    assert boxes.class_id.tolist() == [1]


def test_nothing_found() -> None:
    assert len(boxes_of(head(), group_ids(NAMES), 0.1)) == 0


def test_foreign_output_is_refused() -> None:
    with pytest.raises(ValueError, match="no YOLO output"):
        boxes_of(np.zeros((85, 100), np.float32), group_ids(NAMES), 0.1)


BOX = st.tuples(*[st.floats(0, 90, width=32)] * 2, *[st.floats(1, 30, width=32)] * 2)


@given(st.lists(st.tuples(BOX, st.integers(0, 2)), max_size=25), st.floats(0.3, 0.9))
def test_what_is_kept_does_not_overlap_and_what_goes_does(
    rows: list[tuple[tuple[float, float, float, float], int]], limit: float
) -> None:
    corners = [(x, y, x + w, y + h) for (x, y, w, h), _ in rows]
    xyxy = np.array(corners, np.float32).reshape(-1, 4)
    group = np.array([g for _, g in rows], np.int32)
    kept = suppress(xyxy, group, limit).tolist()

    def iou(i: int, j: int) -> float:
        low, high = np.maximum(xyxy[i, :2], xyxy[j, :2]), np.minimum(xyxy[i, 2:], xyxy[j, 2:])
        shared = float(np.prod(np.clip(high - low, 0, None)))
        areas = [float(np.prod(xyxy[k, 2:] - xyxy[k, :2])) for k in (i, j)]
        return shared / (sum(areas) - shared)

    for place, row in enumerate(kept):
        for other in kept[:place]:
            assert group[row] != group[other] or iou(row, other) <= limit + 1e-4
    for row in set(range(len(rows))) - set(kept):
        rivals = [k for k in kept if k < row and group[k] == group[row]]
        assert any(iou(row, k) > limit - 1e-4 for k in rivals)
