from __future__ import annotations

import numpy as np
import pytest

from sample_videos.world.layout import arc_length, headings, turn_line
from sample_videos.world.layout_views import ViewLimits, camera_views
from sample_videos.world.scene import MATERIALS, PROPS
from sample_videos.world.settings import LAYOUTS, random_setting


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_is_made_of_known_materials_and_joined_lines(name: str) -> None:
    layout = LAYOUTS[name](np.random.default_rng(3))
    assert {s.material for s in layout.surfaces} <= set(MATERIALS)
    assert {p.kind for p in layout.props} <= set(PROPS)
    for link in layout.links:
        strip = layout.strips[link.strip_id]
        for end, road, offset in (
            (0, layout.strips[link.source].points[-2:], link.source_offset),
            (-1, layout.strips[link.target].points[:2], link.target_offset),
        ):
            d = road[1] - road[0]
            left = np.array([-d[1], d[0]]) / np.hypot(*d)
            joint = road[1 if end == 0 else 0] + offset * left
            assert np.hypot(*(strip.points[end] - joint)) < 0.05, link.strip_id


@pytest.mark.parametrize("name", LAYOUTS)
def test_ways_turn_the_way_they_say(name: str) -> None:
    layout = LAYOUTS[name](np.random.default_rng(4))
    signs = {"left": 1, "right": -1, "u_turn": 1}
    for strip in layout.strips.values():
        if strip.turn in signs and not strip.strip_id.startswith(("enter", "leave")):
            h = headings(strip.points)
            assert np.sign(h[-1] - h[0]) == signs[strip.turn], strip.strip_id


def test_buildings_stand_off_the_roads() -> None:
    for name in ("crossroads", "roundabout", "road-bend"):
        layout = LAYOUTS[name](np.random.default_rng(5))
        lanes = np.concatenate([s.points for s in layout.strips.values()])
        for prop in layout.props:
            if prop.kind != "building":
                continue
            c, s = np.cos(prop.heading), np.sin(prop.heading)
            d = lanes - [prop.x, prop.y]
            along = np.abs(d[:, 0] * c + d[:, 1] * s) - prop.length / 2
            across = np.abs(-d[:, 0] * s + d[:, 1] * c) - prop.width / 2
            assert np.maximum(along, across).min() > 3.0


def test_a_turn_line_joins_two_poses_without_a_kink() -> None:
    line = turn_line((0.0, 0.0), 0.0, (12.0, 12.0), np.pi / 2, 8.0)
    assert np.allclose(line[0], (0, 0))
    assert np.allclose(line[-1], (12, 12))
    steps = np.diff(headings(line)) / np.diff(arc_length(line))
    assert np.abs(steps).max() < 1 / 5.0


def test_cameras_stay_inside_their_limits() -> None:
    rng = np.random.default_rng(1)
    layout = LAYOUTS["crossroads"](rng)
    limits = ViewLimits()
    cameras = camera_views(layout, rng, 8, limits)
    assert len(cameras) == 8
    for camera in cameras:
        assert limits.height_m[0] <= camera.z <= limits.height_m[1]
        assert limits.tilt[0] <= camera.pitch <= limits.tilt[1]


def test_a_setting_depends_on_its_seed_alone() -> None:
    a = random_setting(np.random.default_rng(11))
    b = random_setting(np.random.default_rng(11))
    c = random_setting(np.random.default_rng(12))
    assert a.camera == b.camera
    assert a.vehicle_spots == b.vehicle_spots
    assert a.camera != c.camera
    assert len(a.vehicle_spots) > 5
    assert len(a.walk_spots) > 5
