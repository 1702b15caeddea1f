"""Following a video in one go, or going on where an earlier run stopped, is the same."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from core.detections import Detections
from core.tracking.following import Follower
from tests.core.tracking.panorama import SIZE, look, turn, wall
from tests.core.tracking.scenes import box, frame, unit

NAMES = ["person"]
COLOURS = np.random.default_rng(2).integers(0, 255, (7, 3))


@cache
def background() -> np.ndarray:
    return wall(4)


class MeanColour:
    """Describes pictures by their mean colour, and counts them."""

    def __init__(self) -> None:
        self.pictures = 0

    def __call__(self, pictures) -> np.ndarray:
        self.pictures += len(pictures)
        return unit(np.stack([p.reshape(-1, 3).mean(axis=0) - 128.0 for p in pictures]))


@cache
def scene(seed: int, frames: int = 26, pan: float = 0.0):
    """Coloured persons who walk about and pass each other, seen 4 times a second.

    Boxes tremble, some are missed, some are doubtful. pan: px a frame that the camera turns.
    """
    rng = np.random.default_rng(seed)
    place, speed = rng.uniform([60, 120], [580, 240], (7, 2)), rng.normal(0, [60, 8], (7, 2))
    out = []
    for k in range(frames):
        image = look(background(), turn(pan * k), noise=1.0, seed=k)
        boxes = []
        for (x, y), colour in zip(place + speed * k / 4 - [pan * k, 0], COLOURS, strict=True):
            x0, y0, x1, y1 = np.rint(box(x, y, 40, 90)).astype(int).clip(0)
            image[y0:y1, x0:x1] = colour
            boxes.append(np.array(box(x, y, 40, 90)) + rng.normal(0, 2, 4))
        seen = rng.random(7) < 0.85
        detections = frame(k / 4, np.array(boxes)[seen], rng.uniform(0.25, 1.0, 7)[seen])
        out.append((image, detections))
    return out


def contents(crops):
    return [
        (c.tracklet_id, c.frame, c.quality, None if c.vector is None else c.vector.tobytes())
        for c in crops
    ]


@dataclass(frozen=True)
class Run:
    """What following all frames gave, and what was kept at the stop to go on from."""

    ids: list
    steps: list
    looks: list
    memory: dict
    late_crops: list


def whole(frames, stop: int, describe) -> Run:
    follower = Follower(NAMES, describe=describe)
    ids, memory = [], {}
    for k, (image, detections) in enumerate(frames):
        if k == stop:
            follower.take_crops()
            memory = follower.camera_memory()
        ids.append(follower.follow(image, detections))
    return Run(ids, follower.take_steps(), follower.take_looks(), memory, follower.take_crops())


def resumed(frames, stop: int, run: Run, describe) -> Follower:
    follower = Follower(NAMES, describe=describe)
    for (_, detections), step, looked in list(zip(frames, run.steps, run.looks, strict=True))[
        :stop
    ]:
        follower.replay(detections, step, looked)
    follower.recall(run.memory)
    return follower


@pytest.mark.parametrize(
    ("seed", "pan", "stop"), [(0, 0.0, 9), (0, 0.0, 20), (2, 25.0, 1), (2, 25.0, 14)]
)
def test_going_on_gives_what_never_stopping_gives(seed, pan, stop):
    frames = scene(seed, pan=pan)
    run = whole(frames, stop, MeanColour())
    describe = MeanColour()
    later = resumed(frames, stop, run, describe)
    assert describe.pictures == 0  # what was described is not described again
    for k, (image, detections) in enumerate(frames[stop:], stop):
        np.testing.assert_array_equal(later.follow(image, detections), run.ids[k])
    assert describe.pictures > 0
    for again, step in zip(later.take_steps(), run.steps[stop:], strict=True):
        np.testing.assert_array_equal(again.matrix, step.matrix)
    for again, looked in zip(later.take_looks(), run.looks[stop:], strict=True):
        np.testing.assert_array_equal(again.rows, looked.rows)
        np.testing.assert_array_equal(again.vectors, looked.vectors)
    assert contents(later.take_crops()) == contents(run.late_crops)


def test_the_scene_is_one_in_which_looks_and_camera_matter():
    """Otherwise what is above would say nothing."""
    frames = scene(2, pan=25.0)
    run = whole(frames, 13, MeanColour())
    blind = whole(frames, 13, None)
    assert any((a != b).any() for a, b in zip(run.ids, blind.ids, strict=True))
    assert sum(step.moves for step in run.steps) > 15
    assert any(looked.rows.size for looked in run.looks[:13])


def test_looks_are_kept_as_precisely_as_association_saw_them():
    """Half precision is what an interrupted run keeps, so nothing finer may ever count."""
    frames = scene(0)
    follower = Follower(NAMES, describe=MeanColour())
    for image, detections in frames[:12]:
        follower.follow(image, detections)
    looks = follower.take_looks()
    assert len(looks) == 12
    described = [looked for looked in looks if len(looked.rows)]
    assert described
    for looked in described:
        assert looked.vectors.dtype == np.float16
        assert (np.diff(looked.rows) > 0).all()
        np.testing.assert_allclose(np.linalg.norm(looked.vectors, axis=1), 1.0, atol=2e-3)
    kept = {
        (float(detections.t_s[0]), row): vector.astype(np.float32).tobytes()
        for (_, detections), looked in zip(frames[:12], looks, strict=True)
        for row, vector in zip(looked.rows.tolist(), looked.vectors, strict=True)
    }
    carried = [c for c in follower.take_crops() if c.vector is not None]
    assert carried
    assert {c.vector.tobytes() for c in carried} <= set(kept.values())


def test_what_was_taken_is_not_given_twice():
    frames = scene(0)
    follower = Follower(NAMES, describe=MeanColour())
    for image, detections in frames[:8]:
        follower.follow(image, detections)
    assert [len(follower.take_steps()), len(follower.take_looks())] == [8, 8]
    assert follower.take_crops()
    assert (follower.take_steps(), follower.take_looks(), follower.take_crops()) == ([], [], [])


def test_without_an_encoder_nothing_is_described():
    follower = Follower(NAMES)
    for image, detections in scene(0)[:8]:
        follower.follow(image, detections)
    assert all(len(looked.rows) == 0 for looked in follower.take_looks())
    assert all(crop.vector is None for crop in follower.take_crops())


def test_boxes_outside_the_picture_have_no_looks():
    describe = MeanColour()
    follower = Follower(NAMES, describe=describe)
    image = scene(0)[0][0]
    outside = box(SIZE[0] + 100, 100, 40, 90)
    both = [outside, box(200, 200, 40, 90)]
    for k in range(4):
        assert follower.follow(image, frame(0.6 * k, both)).tolist() == [0, 1]
    assert describe.pictures == 4
    assert follower.follow(image, frame(2.4, [outside])).tolist() == [0]
    assert follower.follow(image, frame(3.0, both)).tolist() == [0, 1]
    assert describe.pictures == 5
    *looks, alone, _ = follower.take_looks()
    assert (alone.rows.tolist(), alone.vectors.any()) == ([0], False)
    for looked in looks:
        assert looked.rows.tolist() == [0, 1]
        assert not looked.vectors[0].any()
        assert looked.vectors[1].any()


def test_single_boxes_give_no_crops():
    """A tracklet that was never seen again is no object."""
    follower = Follower(NAMES)
    image = scene(0)[0][0]
    for k in range(4):
        boxes = [box(200, 200, 40, 90), *([box(500, 200, 40, 90)] if k == 2 else [])]
        follower.follow(image, frame(k / 4, boxes))
    assert {crop.tracklet_id for crop in follower.take_crops()} == {0}


def test_frames_without_boxes_are_followed():
    describe = MeanColour()
    follower = Follower(NAMES, describe=describe)
    ids = follower.follow(scene(0)[0][0], Detections.empty())
    assert len(ids) == 0
    assert len(follower.take_steps()) == 1
    assert [len(looked.rows) for looked in follower.take_looks()] == [0]
    assert describe.pictures == 0
