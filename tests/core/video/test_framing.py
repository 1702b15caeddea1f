from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tracks import FrameSize
from core.video.framing import cut_out, view_around

shares = st.floats(0.0, 1.0)


@given(
    st.tuples(shares, shares, shares, shares),
    st.sampled_from([(1920, 1080), (640, 480), (480, 800)]),
    st.sampled_from([(480, 300), (960, 540), (300, 300)]),
)
def test_a_view_lies_in_the_picture_and_has_its_proportions(box, size, sides):
    whole = np.array(size, np.float64)
    low, high = np.minimum(box[:2], box[2:]) * whole, np.maximum(box[:2], box[2:]) * whole
    boxes = np.concatenate([low, high])[None]
    view = view_around(boxes, FrameSize(*size), np.array(sides, np.float64), 0.5, 0.2)
    assert (view[:2] >= -1e-6).all()
    assert (view[2:] <= whole + 1e-6).all()
    wide, tall = view[2:] - view[:2]
    assert wide / tall == pytest.approx(sides[0] / sides[1])
    middle = (low + high) / 2
    assert (view[:2] - 1e-6 <= middle).all()
    assert (middle <= view[2:] + 1e-6).all()


def test_a_small_object_takes_its_share_of_the_view():
    box = np.array([[900.0, 500, 1100, 600]])
    view = view_around(box, FrameSize(1920, 1080), np.array([480.0, 300]), 0.5, 0.05)
    assert view[2] - view[0] == pytest.approx(400.0)


def test_a_tiny_one_is_not_shown_without_its_surroundings():
    box = np.array([[900.0, 500, 904, 503]])
    view = view_around(box, FrameSize(1920, 1080), np.array([480.0, 300]), 0.5, 0.2)
    assert view[2] - view[0] == pytest.approx(0.2 * 1920)


def test_nothing_to_show_is_the_whole_picture():
    nothing = np.zeros((0, 4))
    view = view_around(nothing, FrameSize(960, 540), np.array([960.0, 540]), 0.5, 0.2)
    assert view.tolist() == [0, 0, 960, 540]


@pytest.mark.parametrize("sides", [(480, 300), (120, 75)])
def test_what_is_cut_out_is_that_part(sides):
    image = np.zeros((540, 960, 3), np.uint8)
    image[200:300, 400:560] = [250, 10, 10]
    cut = cut_out(image, np.array([400.0, 200, 560, 300]), FrameSize(960, 540), sides)
    assert cut.shape == (sides[1], sides[0], 3)
    assert np.abs(cut[6:-6, 6:-6].astype(int) - [250, 10, 10]).max() <= 2


def test_a_frame_of_another_size_is_cut_by_the_pixels_of_the_video():
    image = np.zeros((270, 480, 3), np.uint8)  # half of what the boxes are measured in
    image[100:150, 200:280] = 255
    cut = cut_out(image, np.array([400.0, 200, 560, 300]), FrameSize(960, 540), (160, 100))
    assert cut[8:-8, 8:-8].min() == 255
