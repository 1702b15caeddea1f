from functools import cache
from itertools import pairwise

import cv2
import numpy as np
import pytest

from core.errors import LibraryError
from core.tracking.camera import CameraPath, CameraStep
from core.tracking.camera_motion import CameraMotion
from tests.core.tracking.panorama import SIZE, apart, look, turn, wall, yaw

NONE = np.zeros((0, 4), np.float32)
EYE = np.eye(3)


@cache
def scene(seed: int = 1) -> np.ndarray:
    return wall(seed)


def watch(poses, noise=0.0, change=None, boxes=NONE, motion=None) -> list[CameraStep]:
    """The steps of a camera that looks at the wall from one pose after another."""
    motion = motion or CameraMotion()
    steps = []
    for k, pose in enumerate(poses):
        image = look(scene(), pose, noise, k)
        if change is not None:
            image = change(k, image)
        steps.append(motion.step(image, boxes(k) if callable(boxes) else boxes))
    return steps


def off(steps, poses) -> list[float]:
    """How far each view is from the true one, pixels of the reference."""
    return [
        apart(step.view, np.linalg.inv(poses[0]) @ pose)
        for step, pose in zip(steps, poses, strict=True)
    ]


def exactly_still(steps) -> bool:
    return all(
        np.array_equal(s.view, EYE) and np.array_equal(s.matrix, np.eye(2, 3)) and s.known
        and not s.cut and s.reference == 0
        for s in steps
    )  # fmt: skip


@pytest.mark.parametrize("noise", [0.0, 8.0, 20.0])
def test_a_standing_camera_is_exactly_still(noise):
    assert exactly_still(watch([turn()] * 30, noise))


def test_less_than_a_third_of_a_pixel_is_rest():
    assert exactly_still(watch([turn(0.1 * (k % 2), 0.08 * (k % 3)) for k in range(12)]))


def test_a_bare_wall_is_a_standing_camera():
    def bare(k, image):
        image = np.full_like(image, 96)
        cv2.rectangle(image, (20 * k, 100), (20 * k + 60, 140), (200, 30, 30), -1)
        return image

    assert exactly_still(watch([turn()] * 12, change=bare))


def test_behind_one_large_box_the_camera_stands_still():
    def lorry(k, image):
        return image if k < 4 or k > 9 else np.ascontiguousarray(look(scene(4), turn(9.0 * k)))

    def box(k):
        return np.array([[0, 0, *SIZE]], np.float32) if 4 <= k <= 9 else NONE

    assert exactly_still(watch([turn()] * 14, change=lorry, boxes=box))


MOVES = {
    "pan": [turn(4.0 * k, 1.0 * k) for k in range(60)],
    "rotation": [turn(degrees=0.5 * k) for k in range(40)],
    "slow zoom in": [turn(zoom=1.0 + 0.005 * k) for k in range(60)],
    "slow zoom out": [turn(zoom=1.5 - 0.006 * k) for k in range(60)],
    "tremble": [turn(4 * np.sin(1.3 * k), 3 * np.cos(0.9 * k), 1, np.sin(k)) for k in range(30)],
    "pan at 3 fps": [turn(160 * np.sin(k / 3)) for k in range(30)],
}


@pytest.mark.parametrize("name", MOVES)
def test_known_motion_is_found(name):
    poses = MOVES[name]
    steps = watch(poses, noise=3.0)
    assert all(step.known and not step.cut and step.reference == 0 for step in steps)
    assert np.median(off(steps, poses)) < 1.0
    assert max(off(steps, poses)) < 2.5
    true = [np.linalg.inv(b) @ a for a, b in pairwise(poses)]
    wrong = [apart(step.matrix, was) for step, was in zip(steps[1:], true, strict=True)]
    assert np.median(wrong) < 0.5


def test_a_camera_that_turns_about_itself_comes_back_to_where_it_was():
    poses = [yaw(0.45 * np.sin(2 * np.pi * k / 80)) for k in range(161)]
    errors = off(watch(poses, noise=3.0), poses)
    assert max(errors) < 6.0  # of pixels that are stretched up to four times at the border
    assert errors[-1] < 1.0


def test_what_moves_by_itself_does_not_disturb():
    def with_truck(k, image):
        image = image.copy()
        image[60:300, 22 * k : 22 * k + 260] = look(scene(4), turn())[60:300, :260][
            :, : max(0, min(260, SIZE[0] - 22 * k))
        ]
        return image

    def box(k):
        return np.array([[22 * k, 60, 22 * k + 260, 300]], np.float32)

    poses = [turn(3.0 * k) for k in range(24)]
    assert max(off(watch(poses, change=with_truck, boxes=box), poses)) < 1.0
    assert exactly_still(watch([turn()] * 24, change=with_truck, boxes=box))
    assert exactly_still(watch([turn()] * 24, change=with_truck))  # a detector that missed it


def test_a_cut_begins_another_reference():
    def cut(k, image):
        return look(np.roll(255 - scene(9), 1, 2), turn(2.0 * k)) if k >= 8 else image

    steps = watch([turn(2.0 * k) for k in range(16)], change=cut)
    assert [k for k, step in enumerate(steps) if step.cut] == [8]
    assert [step.reference for step in steps] == [0] * 8 + [1] * 8
    assert all(step.known for step in steps)
    assert np.array_equal(steps[8].view, EYE)
    assert not steps[8].moves
    assert apart(steps[12].view, turn(8.0) @ np.linalg.inv(turn())) < 0.5


LIGHT = {
    "flash": lambda k, image: np.clip(image.astype(int) + 150 * (k == 8), 0, 255).astype(np.uint8),
    "white frame": lambda k, image: np.full_like(image, 255) if k == 8 else image,
    "exposure": lambda k, image: np.clip(image * (1 + 0.03 * k), 0, 255).astype(np.uint8),
    "lights off": lambda k, image: (image * (0.35 if k >= 8 else 1.0)).astype(np.uint8),
}


@pytest.mark.parametrize("name", LIGHT)
@pytest.mark.parametrize("speed", [0.0, 3.0])
def test_light_is_no_cut(name, speed):
    poses = [turn(speed * k) for k in range(20)]
    steps = watch(poses, change=LIGHT[name])
    assert not any(step.cut for step in steps)
    assert {step.reference for step in steps} == {0}
    assert sum(not step.known for step in steps) <= 1
    assert off(steps, poses)[-1] < 1.0
    if not speed:
        assert all(np.array_equal(step.view, EYE) for step in steps)


def test_a_lost_camera_says_so_and_begins_anew():
    def covered(k, image):
        grain = np.random.default_rng(k).normal(image.mean(axis=(0, 1)), 25, image.shape)
        return grain.clip(0, 255).astype(np.uint8) if 6 <= k < 14 else image

    poses = [turn(3.0 * k) if k < 14 else turn(900.0 + 3.0 * k, 400.0) for k in range(24)]
    steps = watch(poses, change=covered)
    assert all(step.known for step in steps[:6] + steps[-4:])
    assert not any(step.known for step in steps[6:14])
    assert not any(step.cut for step in steps)
    assert [step.reference for step in steps[:14]] == [0] * 14
    assert {step.reference for step in steps[-4:]} == {1}
    assert all(np.array_equal(s.matrix, np.eye(2, 3)) for s in steps if not s.known)


def test_another_frame_size_is_another_scene():
    motion = CameraMotion()
    motion.step(look(scene(), turn()), NONE)
    step = motion.step(look(scene(), turn())[:, :400], NONE)
    assert step.cut
    assert step.reference == 1


@pytest.mark.parametrize("at", [1, 7, 23])
def test_memory_goes_on_to_the_same_steps(at):
    poses = [turn(14.0 * k) for k in range(20)] + [turn(280.0 - 20.0 * k) for k in range(20)]
    whole = watch(poses, noise=2.0)
    first, second = CameraMotion(), CameraMotion()
    watch(poses[:at], noise=2.0, motion=first)
    second.recall(first.memory())
    for k, pose in enumerate(poses[at:], at):
        step = second.step(look(scene(), pose, 2.0, k), NONE)
        np.testing.assert_array_equal(step.view, whole[k].view)
        np.testing.assert_array_equal(step.matrix, whole[k].matrix)


def test_a_damaged_memory_is_refused():
    motion = CameraMotion()
    motion.step(look(scene(), turn()), NONE)
    memory = dict(motion.memory())
    del memory["found"]
    with pytest.raises(LibraryError, match="camera"):
        CameraMotion().recall(memory)


def test_threads_of_opencv_stay_as_they_were():
    threads = cv2.getNumThreads()
    watch([turn(5.0 * k) for k in range(3)])
    assert cv2.getNumThreads() == threads


def test_large_pictures_are_measured_in_their_own_pixels():
    motion = CameraMotion()
    big = [cv2.resize(look(scene(), turn(3.0 * k)), (1920, 1080)) for k in range(4)]
    steps = [motion.step(image, NONE) for image in big]
    assert steps[-1].view[0, 2] == pytest.approx(27.0, abs=0.5)


# --- the path over a whole video --------------------------------------------------------------


def path_of(views, known=None, reference=None, fps=10.0) -> CameraPath:
    n = len(views)
    return CameraPath(
        frame=np.arange(n, dtype=np.int32),
        t_s=np.arange(n) / fps,
        view=np.array(views, np.float64),
        reference=np.zeros(n, np.int32) if reference is None else np.array(reference, np.int32),
        known=np.ones(n, np.bool_) if known is None else np.array(known, np.bool_),
        cut=np.zeros(n, np.bool_),
    )


def shift(x: float, y: float = 0.0, scale: float = 1.0) -> np.ndarray:
    return np.array([[scale, 0, x], [0, scale, y], [0, 0, 1.0]])


def test_boxes_are_moved_and_scaled_into_the_reference():
    camera = path_of([shift(0), shift(10, 5), shift(0, 0, 2.0)])
    boxes = np.array([[0, 0, 10, 20]] * 3, np.float64)
    assert camera.moves
    np.testing.assert_allclose(
        camera.stabilise(np.arange(3, dtype=np.int32), boxes),
        [[0, 0, 10, 20], [10, 5, 20, 25], [0, 0, 20, 40]],
    )


def test_sides_are_scaled_as_the_picture_is_there():
    turned = np.linalg.inv(yaw(0.0)) @ yaw(0.3)
    box = np.array([[500.0, 170, 520, 190]])
    placed = path_of([turned]).stabilise(np.zeros(1, np.int32), box)
    corner = np.array([[500.0, 170], [520, 170], [520, 190], [500, 190]])
    h = np.concatenate([corner, np.ones((4, 1))], axis=1) @ turned.T
    x, y = (h[:, :2] / h[:, 2:]).T
    true_area = 0.5 * abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
    wh = placed[0, 2:] - placed[0, :2]
    assert wh.prod() == pytest.approx(true_area, rel=0.01)


def test_a_standing_camera_changes_nothing():
    boxes = np.array([[1.0, 2, 3, 4]])
    frame = np.array([7], np.int32)
    for camera in (CameraPath.standing(), path_of([EYE] * 9)):
        assert not camera.moves
        np.testing.assert_array_equal(camera.stabilise(frame, boxes), boxes)
        assert camera.shot(frame).tolist() == [0]
        assert camera.lost(frame).tolist() == [False]


def test_a_short_unknown_stretch_is_bridged_and_a_long_one_is_lost():
    views = [shift(10.0 * k) for k in range(12)]
    known = [True, False, True, True, True] + [False] * 5 + [True, True]
    for k in (1, *range(5, 10)):  # what was not measured was carried on
        views[k] = views[max(j for j in range(k) if known[j])]
    camera = path_of(views, known)
    frame = np.arange(12, dtype=np.int32)
    placed = camera.stabilise(frame, np.tile([0.0, 0, 10, 10], (12, 1)))
    np.testing.assert_allclose(placed[:, 0], 10.0 * frame)
    assert camera.lost(frame).tolist() == [5 <= k < 10 for k in range(12)]


def test_nothing_is_bridged_between_references():
    views = [EYE, EYE, shift(100), EYE]
    camera = path_of(views, [True, False, False, True], [0, 0, 1, 1])
    placed = camera.stabilise(np.arange(4, dtype=np.int32), np.tile([0.0, 0, 10, 10], (4, 1)))
    assert placed[:, 0].tolist() == [0, 0, 100, 0]
    assert camera.shot(np.arange(4, dtype=np.int32)).tolist() == [0, 0, 1, 1]


def test_frames_between_two_looked_at_take_the_view_before():
    camera = CameraPath.of(
        np.array([0, 5], np.int32),
        np.array([0.0, 0.5]),
        [CameraStep.still(), CameraStep(np.eye(2, 3), view=shift(50))],
    )
    placed = camera.stabilise(np.array([3, 5, 9], np.int32), np.tile([0.0, 0, 10, 10], (3, 1)))
    assert placed[:, 0].tolist() == [0, 50, 50]
    with pytest.raises(ValueError, match="2 frames"):
        CameraPath.of(np.zeros(2, np.int32), np.zeros(2), [CameraStep.still()])


def test_parts_are_put_together():
    camera = CameraPath.concatenate([path_of([EYE]), path_of([shift(3)])])
    assert len(camera) == 2
    assert camera.view[1, 0, 2] == 3.0
    assert len(CameraPath.concatenate([])) == 0
