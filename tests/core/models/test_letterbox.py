from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.models.letterbox import DETECTOR_GREY, ENCODER_GREY, Letterbox, square

SIDES = st.integers(1, 4000)


def test_wide_picture_keeps_a_wide_input() -> None:
    box = Letterbox.rectangular((1280, 720), 640)

    assert box.inner == (640, 360)
    assert box.outer == (640, 384)
    assert (box.left, box.top) == (0, 12)


def test_picture_lies_in_the_middle_of_grey() -> None:
    image = np.full((10, 40, 3), 200, np.uint8)
    batch = Letterbox.rectangular((40, 10), 64).batch([image, image])

    assert batch.shape == (2, 32, 64, 3)
    assert (batch[1, 8:24] == 200).all()
    assert (batch[1, :8] == DETECTOR_GREY).all()
    assert (batch[1, 24:] == DETECTOR_GREY).all()


@given(width=SIDES, height=SIDES, side=st.sampled_from([32, 320, 640, 1280]))
def test_boxes_come_back_where_they_were(width: int, height: int, side: int) -> None:
    box = Letterbox.rectangular((width, height), side)
    assert max(box.outer) <= max(side, 32)
    assert box.outer[0] % 32 == box.outer[1] % 32 == 0
    whole = np.array(
        [[box.left, box.top, box.left + box.inner[0], box.top + box.inner[1]]], np.float32
    )

    np.testing.assert_allclose(box.to_picture(whole), [[0, 0, width, height]], rtol=1e-4)


def test_boxes_end_at_the_edge_of_the_picture() -> None:
    box = Letterbox.rectangular((1280, 720), 640)
    found = box.to_picture(np.array([[-5, 0, 700, 20], [100, 112, 200, 212]], np.float32))

    np.testing.assert_allclose(found, [[0, 0, 1280, 16], [200, 200, 400, 400]])


@given(width=SIDES, height=SIDES)
def test_fixed_input_is_never_left(width: int, height: int) -> None:
    box = Letterbox.fixed((width, height), (640, 320))

    assert box.left >= 0
    assert box.top >= 0
    assert box.inner[0] <= 640
    assert box.inner[1] <= 320


def test_square_shows_the_whole_crop() -> None:
    bus = np.zeros((20, 100, 3), np.uint8)
    bus[:, :10] = (255, 0, 0)
    bus[:, 90:] = (0, 0, 255)
    seen = square(bus, (50, 50))

    assert seen.shape == (50, 50, 3)
    np.testing.assert_array_equal(seen[25, 1], [255, 0, 0])
    np.testing.assert_array_equal(seen[25, 48], [0, 0, 255])
    assert (seen[:15] == ENCODER_GREY).all()


@given(width=st.integers(1, 300), height=st.integers(1, 300))
def test_square_takes_any_shape(width: int, height: int) -> None:
    assert square(np.zeros((height, width, 3), np.uint8), (32, 32)).shape == (32, 32, 3)
