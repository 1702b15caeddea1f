import numpy as np
import pytest

from core.motion.ground import GroundPlane
from core.tracks import FrameSize
from tests.core.motion.simulator import View, drive, observe
from tests.core.motion.test_path import box_path


def seen(rng, view, jitter=0.0):
    out = []
    for lane in (-6, -2, 2, 6):
        for turn in (-90, 0, 90):
            script = [("go", 12), ("arc", 10, turn), ("go", 12)] if turn else [("go", 40)]
            driven = drive(rng, script, 8, (-15, lane), 0.0)
            found = observe(rng, view, driven, jitter=jitter)
            if found:
                out.append((driven, *found))
    return out


@pytest.mark.parametrize(("pitch", "height"), [(15, 7), (25, 10), (35, 12)])
def test_horizon_is_found_and_angles_come_out(pitch, height):
    rng = np.random.default_rng(0)
    tilt, fov = np.deg2rad(pitch), np.deg2rad(60)
    view = View((-height / np.tan(tilt), -8.0, height), 0.3, tilt, fov)
    objects = seen(rng, view, jitter=0.02)
    plane = GroundPlane.fit([path for _, path, _ in objects], view.size)
    assert plane is not None
    f = view.size.width / 2 / np.tan(fov / 2)
    true = view.size.height / 2 - f * np.tan(tilt)
    assert plane.horizon_y == pytest.approx(true, abs=0.35 * f * np.tan(tilt) + 25)
    assert plane.r2 > 0.6
    # a right angle on the ground is a right angle in ground coordinates, roughly
    corners = np.array([[5.0, 0, 0], [10, 0, 0], [10, 5, 0]])
    foot, _ = view.project(corners)
    at = plane.to_ground(foot, plane.slope * (foot[:, 1] - plane.horizon_y))
    a, b = at[1] - at[0], at[2] - at[1]
    angle = np.rad2deg(np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))
    assert 60 < angle < 120


def test_no_plane_from_too_little_or_from_nonsense():
    size = FrameSize(960, 540)
    t = np.arange(0, 2, 0.1)
    assert GroundPlane.fit([], size) is None
    assert GroundPlane.fit([box_path(t, 100 + 10 * t, 300)], size) is None
    rng = np.random.default_rng(0)
    random = [
        box_path(t, 400, rng.uniform(100, 400), w=rng.uniform(20, 100), h=rng.uniform(20, 100))
        for _ in range(30)
    ]
    assert GroundPlane.fit(random, size) is None


def test_numbers_round_trip():
    plane = GroundPlane(10.0, 0.3, 0.9, 480.0, 270.0, 864.0)
    assert GroundPlane.from_numbers(plane.numbers()) == plane
