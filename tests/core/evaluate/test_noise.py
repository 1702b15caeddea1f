"""Noise does what it says, as much as it says, and the same each time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluate.noise import Noise, worsened
from core.evaluate.truth import mean_overlap
from tests.core.evaluate.small_world import (
    FPS,
    FRAMES,
    LEFT,
    RIGHT,
    SIZE,
    boxes_at,
    small_world,
)

BOXES = small_world().boxes


def test_without_noise_only_frames_are_left_out() -> None:
    made = worsened(BOXES, Noise(), FPS, SIZE, "a")
    assert made[LEFT].frame.tolist() == list(range(0, FRAMES, 2))
    assert np.array_equal(made[LEFT].xyxy, BOXES[LEFT].xyxy[::2])


def test_jitter_is_a_share_of_the_sides() -> None:
    made = worsened(BOXES, Noise(jitter=0.05, fps=FPS), FPS, SIZE, "a")
    moved = (made[LEFT].xyxy - BOXES[LEFT].xyxy)[:, :2]
    assert 0.04 < float(moved.std()) / 44.0 < 0.08
    assert 0.7 < mean_overlap(made[LEFT].frame, made[LEFT].xyxy, BOXES[LEFT]) < 0.95


def test_the_same_name_gives_the_same_noise() -> None:
    one, same, other = (
        worsened(BOXES, Noise(jitter=0.1), FPS, SIZE, name)[LEFT].xyxy for name in "aab"
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_of_half_tracks_one_half_is_there() -> None:
    made = worsened(BOXES, Noise(halves=True, fps=FPS), FPS, SIZE, "a")
    for boxes in made.values():
        assert len(boxes.frame) == FRAMES // 2
        assert boxes.frame[0] in (0, FRAMES // 2)


def test_identities_are_swapped_where_two_come_close() -> None:
    t = np.linspace(0.0, 1.0, 100)[:, None]
    down = boxes_at(np.array([[100.0, 100.0]]) + t * np.array([[600.0, 300.0]]))
    up = boxes_at(np.array([[100.0, 400.0]]) + t * np.array([[600.0, -300.0]]))
    made = worsened({1: down, 2: up}, Noise(fps=FPS, switches=1), FPS, SIZE, "a")
    assert np.array_equal(made[1].xyxy[:40], down.xyxy[:40])
    assert np.array_equal(made[1].xyxy[60:], up.xyxy[60:])
    assert np.array_equal(made[2].xyxy[60:], down.xyxy[60:])


def test_who_never_meets_keeps_his_name() -> None:
    made = worsened(BOXES, Noise(fps=FPS, switches=3), FPS, SIZE, "a")
    assert np.array_equal(made[RIGHT].xyxy, BOXES[RIGHT].xyxy)


@given(st.floats(0.0, 0.5), st.sampled_from((5.0, 12.5, 25.0)))
def test_boxes_stay_in_the_picture(jitter: float, fps: float) -> None:
    for boxes in worsened(BOXES, Noise(jitter, fps), FPS, SIZE, "a").values():
        assert (boxes.xyxy >= 0.0).all()
        assert (boxes.xyxy[:, 2] <= SIZE.width).all()
        assert (boxes.xyxy[:, 2:] > boxes.xyxy[:, :2]).all()


@pytest.mark.parametrize(
    ("noise", "says"),
    [
        (Noise(), "12.5 frames/s"),
        (Noise(0.05, 5.0, True, 2), "5% jitter, 5 frames/s, half tracks, 2 switches a clip"),
    ],
)
def test_noise_says_what_it_is(noise: Noise, says: str) -> None:
    assert str(noise) == says
