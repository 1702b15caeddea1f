"""One view watched for long: every seed brings other traffic, some what nobody else does there.

Ten seeds share a place, its light and its camera: 40 to 49 are one view, 50 to 59 the next. So a
clip with something unusual has footage of what is usual in the same picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sample_videos.world.camera import View
from sample_videos.world.layout import Layout, arc_length, at, headings
from sample_videos.world.layout_roads import Road, bend_axis, open_road, straight_axis
from sample_videos.world.layout_views import ViewLimits, camera_views
from sample_videos.world.scenarios import misdeeds
from sample_videos.world.scenarios.casting import Casting
from sample_videos.world.scenarios.compose import PICTURE, Script, silhouette
from sample_videos.world.scenarios.junctions import daylight
from sample_videos.world.scenarios.roads import flow
from sample_videos.world.scenarios.streets import (
    crossroads,
    filler,
    good_arrival,
    kerb_bays,
    lights,
    parked,
    people,
    style,
)
from sample_videos.world.scene import Camera, Light, Pose
from sample_videos.world.traffic.junctions import Signals
from sample_videos.world.truth_anomalies import PlannedAnomaly

Rng = np.random.Generator
_PAIRS = (("wrong_way", "person_on_road"), ("u_turn", "stopped_car"))
_CAR_M = (4.4, 1.8, 1.5)
_NEAR_M = 26.0
_VIEW = ViewLimits(
    height_m=(6.5, 12.0),
    distance_m=(18.0, 34.0),
    fov=(1.15, 1.48),
    car_px=(62.0, 140.0),
    off_road_m=2.6,
)


@dataclass(frozen=True, slots=True)
class Place:
    """What the seeds of one view share. seed: of what the renderer draws by chance."""

    layout: Layout
    camera: Camera
    light: Light
    seed: int


def usual_road(view: Rng, rng: Rng, seconds: float) -> Script:
    """Through traffic on two lanes each way; people cross at the zebra."""
    return _on_road(view, rng, seconds, ())


def unusual_road(view: Rng, rng: Rng, seconds: float) -> Script:
    """The same, with two things that nobody else does there."""
    return _on_road(view, rng, seconds, _PAIRS[int(rng.integers(2))])


def usual_junction(view: Rng, rng: Rng, seconds: float) -> Script:
    """Traffic at a crossroads with lights; people cross at the zebras."""
    return _at_junction(view, rng, seconds, ())


def unusual_junction(view: Rng, rng: Rng, seconds: float) -> Script:
    """The same, with two things that nobody else does there."""
    return _at_junction(view, rng, seconds, _PAIRS[int(rng.integers(2))])


def _on_road(view: Rng, rng: Rng, seconds: float, kinds: Sequence[str]) -> Script:
    axis = straight_axis()
    bends = bool(view.random() < 0.4)
    if bends:
        axis = bend_axis(float(view.choice([-1, 1]) * view.uniform(35, 60)), 45.0, 150.0)
    road = Road(lanes=2, lane_width=3.4, zebra_at=float(arc_length(axis)[-1]) / 2)
    name = "watched-bend" if bends else "watched-road"
    layout = open_road(name, axis, road, style(view), int(view.integers(1 << 30)))
    place = _placed(layout, view)
    casting = Casting(layout, rng)
    ahead, back = layout.strips["fwd"], layout.strips["back"]
    middle = misdeeds.beside(back, back.length_m / 2, ahead)
    side = max((-1.0, 1.0), key=lambda way: _large(place, "fwd", middle + 12.0 * way))
    flow(casting, seconds, 8.0, bicycles=0.08)
    people(casting, seconds, 6)
    planned = []
    for k, kind in enumerate(kinds):
        t = _when(rng, seconds, k)
        s = middle + side * float(rng.uniform(7.0, 13.0))
        if kind == "wrong_way":
            planned.append(misdeeds.wrong_way(casting, "back", back.length_m / 2, t))
        elif kind == "u_turn":
            planned.append(misdeeds.turn_round(casting, "fwd", s - 3.0, "back", t))
        elif kind == "stopped_car":
            pieces = casting.along("fwd", ahead.lanes[-1])
            planned.append(misdeeds.stop_in_lane(casting, pieces, s, t))
        else:
            planned.append(misdeeds.walk_on_road(casting, "fwd", s, "back", t - 4.0))
    return _script(place, casting, None, planned)


def _at_junction(view: Rng, rng: Rng, seconds: float, kinds: Sequence[str]) -> Script:
    layout = crossroads(view, "signals", lanes=(2, 2 if view.random() < 0.5 else 1))
    stop_line = layout.strips["in0"].points[-1] + layout.strips["out0"].points[0]
    layout = replace(layout, focus=((float(stop_line[0]) / 2, float(stop_line[1]) / 2),))
    place = _placed(layout, view)
    signals = lights(layout, rng)
    casting = Casting(layout, rng)
    parked(casting, kerb_bays(layout, 50.0), 0.5)
    filler(casting, seconds, 8.0, straight=0.6, bicycles=0.06)
    people(casting, seconds, 7)
    length = layout.strips["in0"].length_m
    planned = []
    for k, kind in enumerate(kinds):
        t = _when(rng, seconds, k)
        away = float(rng.uniform(3.0, 9.0))
        if kind == "wrong_way":
            t = good_arrival(signals, "in2", rng, seconds)
            planned.append(misdeeds.wrong_exit(casting, "in2", "in0", t))
        elif kind == "u_turn":
            planned.append(misdeeds.turn_round(casting, "in0", length - away - 5.0, "out0", t))
        elif kind == "stopped_car":
            t = good_arrival(signals, "in2", rng, seconds - 8.0)
            pieces = casting.through("in2", "straight")
            planned.append(misdeeds.stop_in_lane(casting, pieces, away, t + 4.0))
        else:
            planned.append(misdeeds.walk_on_road(casting, "in0", length - away, "out0", t))
    return _script(place, casting, signals, planned)


def _when(rng: Rng, seconds: float, k: int) -> float:
    """The k-th of two things happens in the first or in the second half."""
    return seconds * (0.22 + 0.4 * k) + float(rng.uniform(-1.0, 1.5))


def _script(
    place: Place,
    casting: Casting,
    signals: dict[str, Signals] | None,
    planned: Sequence[PlannedAnomaly],
) -> Script:
    return Script(
        place.layout,
        casting.cast(signals),
        place.light,
        camera=place.camera,
        anomalies=tuple(planned),
        stage_seed=place.seed,
    )


def _placed(layout: Layout, view: Rng) -> Place:
    """A place with the camera that shows most of its traffic."""
    light = daylight(view)
    cameras = camera_views(layout, view, 20, _VIEW)
    best = max(cameras, key=lambda camera: _coverage(layout, camera))
    return Place(layout, best, light, int(view.integers(1 << 30)))


def _coverage(layout: Layout, camera: Camera) -> float:
    """Share of the places near the focus at which a car would show whole."""
    view = View.of(camera, PICTURE)
    x, y = layout.focus[0]
    marks = []
    for strip in layout.strips.values():
        if strip.turn:
            continue
        turned = headings(strip.points)
        near = np.hypot(strip.points[:, 0] - x, strip.points[:, 1] - y) < _NEAR_M
        for k in np.flatnonzero(near)[::6]:
            pose = Pose(float(strip.points[k, 0]), float(strip.points[k, 1]), float(turned[k]))
            marks.append(_whole(view, pose))
    return float(np.mean(marks)) if marks else 0.0


def _whole(view: View, pose: Pose) -> bool:
    box = silhouette(view, pose, _CAR_M)
    if box is None:
        return False
    width, height = PICTURE
    return box[0] > 4 and box[1] > 4 and box[2] < width - 4 and box[3] < height - 4


def _shown(place: Place, strip: str, s: float) -> float:
    """Share of a stretch of 10 metres round `s` in which a car shows whole."""
    line = place.layout.strips[strip]
    along, turned = arc_length(line.points), headings(line.points)
    view = View.of(place.camera, PICTURE)
    rows = np.flatnonzero(np.abs(along - s) < 5.0)[::3]
    x, y = line.points.T
    poses = (Pose(float(x[k]), float(y[k]), float(turned[k])) for k in rows)
    shown = [_whole(view, pose) for pose in poses]
    return float(np.mean(shown)) if shown else 0.0


def _large(place: Place, strip: str, s: float) -> float:
    """How large things show at `s` metres along a strip: 0 where they are out of the picture."""
    x, y, _ = at(place.layout.strips[strip].points, s)
    away = float(np.hypot(x - place.camera.x, y - place.camera.y))
    return _shown(place, strip, s) / max(away, 1.0)
