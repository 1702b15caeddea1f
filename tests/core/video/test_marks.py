from __future__ import annotations

import numpy as np
import pytest

from core.video import marks
from core.video.overlay import GOOD, MAIN


@pytest.fixture
def canvas():
    return np.full((540, 960, 3), 90, np.uint8)


def coloured(image, colour):
    """(N, 2) x, y of the pixels of a colour."""
    y, x = np.nonzero(np.abs(image.astype(int) - colour).max(axis=2) < 30)
    return np.stack([x, y], axis=1)


def test_a_box_is_an_outline_where_the_box_is(canvas):
    marks.box(canvas, np.array([100.0, 50.0, 300.0, 200.0]), MAIN)
    found = coloured(canvas, MAIN)
    assert np.abs(found.min(axis=0) - [100, 50]).max() <= 3
    assert np.abs(found.max(axis=0) - [300, 200]).max() <= 3
    assert (canvas[120, 200] == 90).all()


def test_an_arrow_ends_in_a_head_that_points_on(canvas):
    marks.arrow(canvas, np.array([[100.0, 300.0], [500.0, 300.0]]), MAIN)
    found = coloured(canvas, MAIN)
    head = found[(found[:, 0] > 485) & (found[:, 0] < 495)]
    stem = found[(found[:, 0] > 300) & (found[:, 0] < 310)]
    assert np.ptp(head[:, 1]) > np.ptp(stem[:, 1])
    assert 496 <= found[:, 0].max() <= 502


def test_a_path_that_leads_nowhere_is_a_dot(canvas):
    marks.arrow(canvas, np.array([[100.0, 300.0], [102.0, 301.0]]), MAIN)
    assert np.ptp(coloured(canvas, MAIN), axis=0).max() < 14
    before = canvas.copy()
    marks.arrow(canvas, np.zeros((0, 2)), MAIN)
    assert (before == canvas).all()


def test_an_area_is_tinted_within(canvas):
    marks.area(canvas, np.array([[100.0, 100], [300, 100], [300, 300], [100, 300]]), GOOD)
    assert canvas[200, 200, 1] > 100
    assert (canvas[400, 400] == 90).all()


@pytest.mark.parametrize(("way", "side"), [(1, 1), (-1, -1)])
def test_a_gate_points_to_the_right_of_its_direction(canvas, way, side):
    """Upwards on screen the right hand is at the greater x, downwards at the smaller."""
    points = np.array([[480.0, 400.0], [480.0, 100.0]])[::way]
    marks.gate(canvas, points, GOOD)
    off = (coloured(canvas, GOOD)[:, 0] - 480) * side
    assert off.max() > 20
    assert off.min() > -8


def test_a_gate_of_both_ways_points_to_both(canvas):
    marks.gate(canvas, np.array([[480.0, 400.0], [480.0, 100.0]]), GOOD, either_way=True)
    off = coloured(canvas, GOOD)[:, 0] - 480
    assert off.max() > 20
    assert off.min() < -20


@pytest.mark.parametrize("at", [[-50.0, -50.0], [480.0, 270.0], [2000.0, 2000.0]])
def test_words_lie_within_the_picture(canvas, at):
    x0, y0, x1, y1 = marks.tag(canvas, "turning left 84°", np.array(at))
    assert min(x0, y0) >= 0
    assert x1 < 960
    assert y1 < 540
    marks.words(canvas, "turning left 84°", np.array(at), MAIN)
    found = coloured(canvas, MAIN)
    assert np.abs(found.min(axis=0) - [x0, y0]).max() < 4
    assert np.abs(found.max(axis=0) - [x1, y1]).max() < 4


def test_dashes_leave_gaps(canvas):
    marks.dashes(canvas, np.array([100.0, 200.0]), np.array([400.0, 200.0]), MAIN)
    on = np.abs(canvas[200, 100:400].astype(int) - MAIN).max(axis=1) < 30
    assert np.count_nonzero(np.diff(on.astype(int)) == 1) > 5
