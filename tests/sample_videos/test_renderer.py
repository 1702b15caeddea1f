"""The renderer against plain geometry: where things are, what hides what, what colour they are."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sample_videos.world.camera import View
from sample_videos.world.renderer import Look, Renderer, mesh_of
from sample_videos.world.scene import (
    COLOURS,
    KINDS,
    VARIANTS,
    Body,
    Camera,
    Light,
    Moment,
    Pose,
    Prop,
    Stage,
    Surface,
)

SIZE = (320, 180)
CAMERA = Camera(0.0, -20.0, 6.0, math.pi / 2, 0.28, 1.0)
GROUND = (Surface("asphalt", np.array([(-60, -60), (60, -60), (60, 60), (-60, 60)], float)),)
CLEAN = Look(blur=0.0, noise=0.0)


def stage(*props: Prop, light: Light | None = None) -> Stage:
    return Stage(GROUND, props, light or Light("overcast"), seed=3)


def test_a_point_ahead_lands_in_the_middle_and_left_is_left():
    view = View.of(Camera(0, 0, 5, 0.0, 0.0, 1.0), SIZE)
    pixels, depth = view.project(np.array([(10.0, 0, 5), (10.0, 2, 5), (10.0, 0, 3)]))
    assert np.allclose(pixels[0], (160, 90))
    assert pixels[1, 0] < 160  # y grows to the left of a camera looking east
    assert pixels[2, 1] > 90  # lower things are lower in the picture
    assert np.allclose(depth, 10.0)


def test_turning_a_picture_agrees_with_projecting_anew():
    first = View.of(CAMERA, SIZE)
    second = View.of(Camera(0.0, -20.0, 6.0, math.pi / 2 + 0.1, 0.33, 1.0, roll=0.02), SIZE)
    points = np.array([(2.0, 5.0, 0.0), (-3.0, 12.0, 1.0)])
    before = np.column_stack([first.project(points)[0], np.ones(2)])
    turned = before @ first.rotation_to(second).T
    assert np.allclose(turned[:, :2] / turned[:, 2:], second.project(points)[0], atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_every_variant_is_drawn_inside_its_box(kind: str):
    for variant in VARIANTS[kind]:
        body = Body(1, kind, variant, "red", "blue", 5)
        still = Renderer(stage(), [body], SIZE, look=CLEAN)
        moment = Moment(0.0, CAMERA, {1: Pose(0.0, 0.0, 0.7)})
        empty = still.render(Moment(0.0, CAMERA, {})).image.astype(int)
        drawn = still.render(moment)
        x, y, w, h = drawn.boxes[1]
        changed = np.abs(drawn.image.astype(int) - empty).max(axis=2) > 60
        rows, columns = np.nonzero(changed)
        # Shadows fall outside of the box, but only softly: strong change lies within it.
        assert columns.min() >= x - 3
        assert columns.max() <= x + w + 3
        assert rows.min() >= y - 3
        assert rows.max() <= y + h + 6
        assert drawn.visibility[1] == pytest.approx(1.0, abs=0.12)


def test_the_body_in_front_hides_the_one_behind():
    bodies = [Body(1, "car", "sedan", "red", "red", 1), Body(2, "bus", "city", "blue", "blue", 2)]
    poses = {1: Pose(0.0, 4.0, 0.0), 2: Pose(0.0, 0.0, 0.0)}
    seen = Renderer(stage(), bodies, SIZE, look=CLEAN).render(Moment(0.0, CAMERA, poses))
    assert seen.visibility[1] < 0.35
    assert seen.visibility[2] > 0.9


def test_a_building_hides_and_gives_back_its_own_pixels():
    house = Prop("building", 0.0, 4.0, 0.0, 14.0, 3.0, 8.0, seed=1)
    body = Body(1, "car", "suv", "yellow", "yellow", 1)
    renderer = Renderer(stage(house), [body], SIZE, look=CLEAN)
    behind = renderer.render(Moment(0.0, CAMERA, {1: Pose(0.0, 9.0, 0.0)}))
    before = renderer.render(Moment(0.0, CAMERA, {1: Pose(0.0, -4.0, 0.0)}))
    assert behind.visibility.get(1, 0.0) < 0.05
    assert before.visibility[1] > 0.9


def test_the_air_between_a_lamp_and_its_arm_hides_nothing():
    lamp = Prop("lamp", -0.8, -12.0, 0.0, 0.2, 0.2, 7.0)
    body = Body(1, "car", "sedan", "red", "red", 1)
    camera = Camera(0.0, -20.0, 3.0, math.pi / 2, 0.0, 1.2)
    pose = Pose(0.6, 4.0, 0.0)
    alone = Renderer(stage(), [body], SIZE, look=CLEAN).render(Moment(0.0, camera, {1: pose}))
    behind = Renderer(stage(lamp), [body], SIZE, look=CLEAN).render(Moment(0.0, camera, {1: pose}))
    assert behind.visibility[1] > alone.visibility[1] - 0.12


def test_what_leaves_the_frame_is_less_visible_and_its_box_is_cut():
    body = Body(1, "bus", "city", "green", "green", 1)
    renderer = Renderer(stage(), [body], SIZE, look=CLEAN)
    at_edge = renderer.render(Moment(0.0, CAMERA, {1: Pose(11.0, 0.0, 0.0)}))
    x, _, w, _ = at_edge.boxes[1]
    assert x + w <= SIZE[0]
    assert at_edge.visibility[1] < 0.8


def test_same_seed_same_picture_and_other_seed_other_grain():
    body = Body(1, "car", "sedan", "red", "red", 1)
    moment = Moment(0.4, CAMERA, {1: Pose(0.0, 0.0, 0.0)})
    first = Renderer(stage(), [body], SIZE, seed=1).render(moment).image
    again = Renderer(stage(), [body], SIZE, seed=1).render(moment).image
    other = Renderer(stage(), [body], SIZE, seed=2).render(moment).image
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("name", ["red", "blue", "green", "yellow"])
def test_paint_keeps_its_hue_in_daylight(name: str):
    body = Body(1, "van", "panel", name, name, 4)
    seen = Renderer(stage(light=Light("day")), [body], SIZE, look=CLEAN).render(
        Moment(0.0, CAMERA, {1: Pose(0.0, -6.0, 0.0)})
    )
    x, y, w, h = (int(v) for v in seen.boxes[1])
    inner = seen.image[y + h // 3 : y + 2 * h // 3, x + w // 3 : x + 2 * w // 3]
    mean = inner.reshape(-1, 3).mean(axis=0)
    wanted = np.array(COLOURS[name], float)
    cosine = (mean - mean.mean()) @ (wanted - wanted.mean())
    cosine /= np.linalg.norm(mean - mean.mean()) * np.linalg.norm(wanted - wanted.mean())
    assert cosine > 0.85


def test_night_is_darker_than_day():
    pictures = {
        time: Renderer(stage(light=Light(time)), [], SIZE).render(Moment(0.0, CAMERA, {})).image
        for time in ("day", "night")
    }
    assert pictures["night"].mean() < 0.6 * pictures["day"].mean()


def test_a_panning_camera_keeps_boxes_on_their_bodies():
    body = Body(1, "car", "sedan", "red", "red", 1)
    renderer = Renderer(stage(light=Light("day")), [body], SIZE, look=CLEAN)
    for yaw in (0.0, 0.05, 0.25, -0.4):
        camera = Camera(0.0, -20.0, 6.0, math.pi / 2 + yaw, 0.28, 1.0)
        seen = renderer.render(Moment(0.0, camera, {1: Pose(0.0, 0.0, 0.5)}))
        x, y, w, h = (int(v) for v in seen.boxes[1])
        red = seen.image[y : y + h, x : x + w].astype(int)
        assert (red[..., 0] - red[..., 1] > 60).mean() > 0.2


def test_a_mesh_swings_its_legs():
    mesh = mesh_of(Body(1, "person", "walker", "red", "blue", 1))
    standing, _ = mesh.posed(0.0)
    striding, _ = mesh.posed(math.pi / 2)
    assert np.abs(striding - standing).max() > 0.2
