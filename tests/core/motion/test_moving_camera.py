"""Paths seen by a camera that turns: what is told of them must be as if it had stood still."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.motion.events import KINDS, events_of, motion_known
from core.motion.ground import GroundPlane
from core.motion.path import smooth_all
from core.motion.relations import relations_of
from core.tracking.camera import CameraPath
from core.tracks import FrameSize, Path, Track
from tests.core.motion.simulator import View
from tests.core.motion.test_ground import seen as seen_on_ground
from tests.core.motion.test_path import box_path
from tests.core.motion.test_turns import arc_path

SIZE = FrameSize(1920, 1080)
SECONDS = 20.0


def camera_of(views, known=None, reference=None) -> CameraPath:
    """A camera that looks at a frame every 80 ms."""
    n = len(views)
    return CameraPath(
        frame=np.arange(n, dtype=np.int32) * 80,
        t_s=np.arange(n) * 0.08,
        view=np.array(views, np.float64),
        reference=np.zeros(n, np.int32) if reference is None else np.array(reference, np.int32),
        known=np.ones(n, np.bool_) if known is None else np.array(known, np.bool_),
        cut=np.zeros(n, np.bool_),
    )


def panning(amplitude_px=250.0, period_s=9.0, zoom=0.0) -> CameraPath:
    t = np.arange(0, SECONDS, 0.08)
    views = np.tile(np.eye(3), (len(t), 1, 1))
    views[:, 0, 2] = amplitude_px * np.sin(2 * np.pi * t / period_s)
    views[:, 0, 0] = views[:, 1, 1] = 1.0 / (1.0 + zoom * t)
    return camera_of(views)


def turning(radians=0.25, period_s=9.0, focal=1700.0) -> CameraPath:
    """A camera that turns about itself to and fro."""
    k = np.array([[focal, 0, SIZE.width / 2], [0, focal, SIZE.height / 2], [0, 0, 1.0]])
    views = []
    for t in np.arange(0, SECONDS, 0.08):
        a = radians * np.sin(2 * np.pi * t / period_s)
        about = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
        views.append(k @ about @ np.linalg.inv(k))
    return camera_of([view / view[2, 2] for view in views])


def seen_by(camera: CameraPath, path: Path) -> Path:
    """The path as this camera's pictures show it, cut off at the border of the picture."""
    back = replace(camera, view=np.linalg.inv(camera.view))
    boxes = back.stabilise(path.frame, path.xyxy.astype(np.float64))
    low, high = np.zeros(4), [SIZE.width, SIZE.height] * 2
    return replace(path, xyxy=np.clip(boxes, low, high).astype(np.float32))


def chances(path, camera=None, class_name="car"):
    best = dict.fromkeys(KINDS, 0.0)
    for event in events_of(path, class_name, SIZE, None, camera):
        best[event.kind] = max(best[event.kind], event.p)
    return best


def clock(seconds=SECONDS):
    return np.arange(0, seconds, 0.08)


CAMERAS = {"pan": panning(), "zoom": panning(0.0, zoom=0.03), "turn": turning()}


@pytest.mark.parametrize("name", CAMERAS)
def test_a_parked_car_is_parked(name):
    camera = CAMERAS[name]
    path = seen_by(camera, box_path(clock(), 960.0, 540.0))
    assert chances(path)["moving"] + chances(path)["approach"] + chances(path)["recede"] > 0.5
    p = chances(path, camera)
    assert p["parked"] > 0.9
    assert max(p[k] for k in ("moving", "turn_left", "turn_right", "u_turn", "straight")) < 0.05
    assert max(p[k] for k in ("approach", "recede", "screen_left", "screen_right")) < 0.05


def test_boxes_that_creep_with_the_picture_neither_stop_nor_turn():
    camera, t = CAMERAS["turn"], clock()
    x = 960.0 + 9.0 * np.sign(np.sin(t)) * np.minimum(1.0, 3.0 * np.abs(np.sin(t)))
    path = seen_by(camera, box_path(t, x, 540.0 + 6.0 * np.cos(0.7 * t)))
    p = chances(path, camera)
    assert p["parked"] > 0.5
    others = set(KINDS) - {"parked", "stationary"}
    assert {kind: p[kind] for kind in others if p[kind] > 0.3} == {}


@pytest.mark.parametrize("name", CAMERAS)
@pytest.mark.parametrize("degrees", [-90, 0, 90])
def test_turns_are_the_objects_own(name, degrees):
    true = arc_path(degrees) if degrees else box_path(clock(8.0), 500 + 100 * clock(8.0), 600.0)
    path = seen_by(CAMERAS[name], true)
    p, still = chances(path, CAMERAS[name]), chances(true)
    for kind in ("turn_left", "turn_right", "straight", "moving", "screen_right", "u_turn"):
        assert p[kind] == pytest.approx(still[kind], abs=0.05), kind


def test_a_stop_is_found_while_the_camera_turns():
    t = clock(16.0)
    x = np.interp(t, [0, 5, 11, 16], [500, 1000, 1000, 1500])
    path = seen_by(CAMERAS["turn"], box_path(t, x, 540.0))
    stops = [e for e in events_of(path, "car", SIZE, None, CAMERAS["turn"]) if e.kind == "stop"]
    assert [e.t0_s for e in stops if e.p > 0.8] == [pytest.approx(5.0, abs=0.7)]
    assert [e.t1_s for e in stops if e.p > 0.8] == [pytest.approx(11.0, abs=0.7)]


@given(
    x=st.floats(-80, 80), y=st.floats(-80, 80), speed=st.floats(20, 120), turn=st.floats(-120, 120)
)
@settings(max_examples=25, deadline=None)
def test_a_shifted_picture_changes_nothing(x, y, speed, turn):
    true = arc_path(turn, speed=speed)
    n = round(true.t_s[-1] / 0.08) + 1
    views = np.tile(np.eye(3), (n, 1, 1))
    views[1:, :2, 2] = x, y  # all but the first frame, which is the reference
    camera = camera_of(views)
    back = replace(camera, view=np.linalg.inv(views))
    boxes = back.stabilise(true.frame, true.xyxy.astype(np.float64))
    shifted = replace(true, xyxy=boxes.astype(np.float32))
    for one, other in zip(smooth_all(true, SIZE), smooth_all(shifted, SIZE, camera), strict=True):
        np.testing.assert_allclose(one.centre, other.centre, atol=0.01)
        np.testing.assert_allclose(one.velocity, other.velocity, atol=0.05)
        np.testing.assert_allclose(other.seen[20:, 0], one.seen[20:, 0] - x, atol=0.01)


def test_no_camera_and_a_standing_one_are_the_same():
    path = arc_path(90, noise=2.0)
    standing = camera_of(np.tile(np.eye(3), (300, 1, 1)))
    for camera in (CameraPath.standing(), standing):
        assert events_of(path, "car", SIZE, None, camera) == events_of(path, "car", SIZE, None)
        assert motion_known(path, SIZE, camera) == motion_known(path, SIZE)


# --- the border is that of the picture ---------------------------------------------------------


def away(x_per_s: float) -> CameraPath:
    t = clock()
    views = np.tile(np.eye(3), (len(t), 1, 1))
    views[:, 0, 2] = -x_per_s * t
    return camera_of(views)


def until_gone(path: Path) -> Path:
    rows = np.flatnonzero(path.xyxy[:, 2] - path.xyxy[:, 0] > 20.0)
    columns = (path.frame, path.t_s, path.xyxy, path.confidence, path.interpolated)
    return Path(*(column[rows] for column in columns))


def test_what_the_camera_leaves_behind_has_not_driven_away():
    camera = away(200.0)
    parked = until_gone(seen_by(camera, box_path(clock(), 960.0, 540.0)))
    assert len(parked) < len(clock())
    assert chances(parked)["exit"] > 0.9
    assert chances(parked, camera)["exit"] < 0.05
    assert chances(parked, camera)["parked"] > 0.5


def test_what_drives_out_of_the_picture_exits_also_while_the_camera_turns():
    t = clock()
    camera = away(80.0)
    path = until_gone(seen_by(camera, box_path(t, 900 + 120 * t, 540.0)))
    assert chances(path, camera)["exit"] > 0.9


def test_boxes_at_the_border_of_the_picture_are_not_whole():
    camera = away(200.0)
    path = until_gone(seen_by(camera, box_path(clock(), 960.0, 540.0)))
    (motion,) = smooth_all(path, SIZE, camera)
    assert motion.whole[:30].all()
    assert not motion.whole[-1]
    assert motion.seen[-1, 2] == pytest.approx(SIZE.width, abs=10.0)


# --- where the camera is not known -------------------------------------------------------------


def with_gap(first: int, stop: int, count=250) -> CameraPath:
    known = np.ones(count, np.bool_)
    known[first:stop] = False
    return camera_of(np.tile(np.eye(3), (count, 1, 1)), known)


def test_a_path_is_cut_where_the_camera_was_lost_for_long():
    path = box_path(clock(10.0), 300 + 50 * clock(10.0), 540.0)
    assert len(smooth_all(path, SIZE, with_gap(50, 52))) == 1
    before, after = smooth_all(path, SIZE, with_gap(50, 75))
    assert before.t_s[-1] == pytest.approx(3.92, abs=0.1)
    assert after.t_s[0] == pytest.approx(6.0, abs=0.1)
    assert motion_known(path, SIZE, with_gap(50, 75)) == (True, "")


def test_too_little_left_says_why():
    path = box_path(clock(4.0), 300 + 50 * clock(4.0), 540.0)
    for gap in ((0, 50), (5, 45)):
        assert motion_known(path, SIZE, with_gap(*gap)) == (
            False, "the camera moved too much to tell",
        )  # fmt: skip
    assert events_of(path, "car", SIZE, None, with_gap(0, 50)) == []
    short = box_path(clock(0.4), 300.0, 540.0)
    assert motion_known(short, SIZE, with_gap(0, 50))[1].startswith("seen for")


def test_nothing_is_told_across_a_change_of_reference():
    t = clock(8.0)
    path = box_path(t, np.where(t < 4.0, 300.0, 420.0), 540.0)
    reference = (np.arange(250) * 0.08 >= 4.0 - 1e-6).astype(np.int32)
    camera = camera_of(np.tile(np.eye(3), (250, 1, 1)), reference=reference)
    assert [m.shot for m in smooth_all(path, SIZE, camera)] == [0, 1]
    assert chances(path)["moving"] > 0.9
    p = chances(path, camera)
    assert p["parked"] > 0.9
    assert p["moving"] < 0.05


# --- what is measured over all tracks ----------------------------------------------------------


def test_the_ground_plane_is_that_of_the_reference():
    size = FrameSize(960, 540)
    view = View((-17.0, -8.0, 10.0), 0.3, np.deg2rad(25), np.deg2rad(60), size)
    paths = [path for _, path, _ in seen_on_ground(np.random.default_rng(0), view)]
    shift = np.tile(np.eye(3), (200, 1, 1))
    shift[:, 1, 2] = 60.0 * np.sin(np.arange(200) / 20.0)
    camera = replace(camera_of(shift), frame=np.arange(200, dtype=np.int32))
    back = replace(camera, view=np.linalg.inv(shift))
    moved = [
        replace(p, xyxy=back.stabilise(p.frame, p.xyxy.astype(np.float64)).astype(np.float32))
        for p in paths
    ]
    still, steadied = GroundPlane.fit(paths, size), GroundPlane.fit(moved, size, camera=camera)
    assert still is not None
    assert steadied is not None
    assert steadied.horizon_y == pytest.approx(still.horizon_y, abs=25.0)
    apart = replace(camera, reference=(np.arange(200) > 100).astype(np.int32))
    assert GroundPlane.fit(moved, size, camera=apart) is None


def test_one_follows_the_other_while_the_camera_turns():
    t = clock(10.0)
    camera = CAMERAS["turn"]
    tracks = [
        Track(number, "car", {"car": 1.0}, seen_by(camera, box_path(t, x0 + 90 * t, 540.0)), ())
        for number, x0 in ((1, 500.0), (2, 350.0))
    ]
    told = {(r.kind, r.subject_id) for r in relations_of(tracks, SIZE, None, camera) if r.p > 0.5}
    assert {("follow", 2), ("behind", 2)} <= told
    assert ("follow", 1) not in told
