"""What is said of a piece of a path: its numbers, its frames, and when nobody can tell."""

from __future__ import annotations

import numpy as np

from core.detections import Bool
from core.search.paths import Paths
from core.search.tracing import Traced


def traced(told: Bool, moved: Bool) -> Traced:
    """Two tracks of five points each, a second apart; the second one has no piece."""
    paths = Paths(
        starts=np.array([0, 5, 10]),
        xy=np.zeros((10, 2), np.float32),
        t_s=np.tile(np.arange(5.0), 2),
        frame=np.tile(np.arange(5, dtype=np.int32) * 25, 2),
        size=np.ones(10, np.float32),
        told=told,
        moved=moved,
        largest_px=np.ones(2, np.float32),
    )
    return Traced(
        paths,
        np.array([1.0, np.nan]),
        np.array([3.0, np.nan]),
        {"dwell_s": np.array([2.0, 0.0], np.float32)},
        "inside for {dwell_s:.1f} s",
        "never inside",
    )


def test_a_piece_has_its_time_frames_and_numbers() -> None:
    text, proof = traced(np.ones(2, np.bool_), np.zeros(2, np.bool_)).told(0)
    assert text == "inside for 2.0 s"
    assert proof == {"dwell_s": 2.0, "t0_s": 1.0, "t1_s": 3.0, "frame0": 25, "frame1": 75}


def test_without_a_piece_it_is_said_what_did_not_happen() -> None:
    detail = traced(np.ones(2, np.bool_), np.zeros(2, np.bool_))
    assert not detail.has(1)
    assert detail.told(1) == ("never inside", {"dwell_s": 0.0})


def test_a_moving_camera_is_mentioned_and_one_that_was_elsewhere_cannot_tell() -> None:
    detail = traced(np.array([True, False]), np.ones(2, np.bool_))
    assert "the camera's own motion is taken out" in detail.told(0)[0]
    assert detail.told(1) == ("cannot tell: the camera looked elsewhere", {})
