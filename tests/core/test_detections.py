import numpy as np
import pytest

from core.detections import Detections


def one(frame, n=2):
    return Detections.of_frame(
        frame,
        frame / 10,
        np.arange(4 * n, dtype=np.float32).reshape(n, 4),
        np.full(n, 0.5, np.float32),
        np.zeros(n, np.int32),
    )


def test_rows_must_have_one_length():
    with pytest.raises(ValueError, match="expected 1 rows"):
        Detections(
            np.zeros(1, np.int32),
            np.zeros(2),
            np.zeros((1, 4), np.float32),
            np.zeros(1, np.float32),
            np.zeros(1, np.int32),
        )


def test_concatenate_and_take_are_inverse():
    joined = Detections.concatenate([one(0), one(3), Detections.empty()])
    assert joined.frame.tolist() == [0, 0, 3, 3]
    back = joined.take(joined.frame == 3)
    np.testing.assert_array_equal(back.xyxy, one(3).xyxy)
    assert back.t_s.tolist() == [0.3, 0.3]


def test_nothing_concatenates_to_nothing():
    assert len(Detections.concatenate([])) == 0
    assert Detections.empty().xyxy.shape == (0, 4)


def test_a_frame_without_boxes():
    empty = Detections.of_frame(
        1, 0.1, np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int32)
    )
    assert len(empty) == 0
