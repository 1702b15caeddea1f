"""Random settings: a place in some light with a camera and spots where things may stand.

This is what training pictures are made from; `random_setting(rng)` draws from every layout with
random lane counts and widths, materials, furniture, light, weather and camera. Vehicle spots lie
on lanes (with the heading of the lane) and in parking bays; walk spots on pavements, crossings
and open areas. Several spots overlap: the caller chooses some and drops what collides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sample_videos.world.layout import Layout, arc_length, headings
from sample_videos.world.layout_junctions import Arm, RoadStyle, junction
from sample_videos.world.layout_places import car_park, square
from sample_videos.world.layout_props import Dressing
from sample_videos.world.layout_roads import (
    Road,
    bend_axis,
    open_road,
    roundabout,
    straight_axis,
)
from sample_videos.world.layout_views import ViewLimits, camera_views
from sample_videos.world.scene import Camera, Light, Stage

SpotXYH = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Setting:
    """A stage, a camera, and spots (x, y, heading) in metres and radians."""

    name: str
    stage: Stage
    camera: Camera
    vehicle_spots: list[SpotXYH]
    walk_spots: list[SpotXYH]


def random_setting(rng: np.random.Generator) -> Setting:
    """A place, light and camera drawn at random; spots up to 75 m from the camera's focus."""
    name = str(rng.choice(list(LAYOUTS), p=_SHARES))
    layout = LAYOUTS[name](rng)
    light = random_light(rng)
    near = rng.random() < 0.35
    limits = ViewLimits(
        height_m=(2.6, 9.0) if near else (4.0, 12.5),
        distance_m=(7.0, 26.0) if near else (13.0, 46.0),
        car_px=(70.0, 420.0) if near else (55.0, 230.0),
        tilt=(0.12, 0.9),
    )
    camera = camera_views(layout, rng, 1, limits)[0]
    stage = layout.stage(light, int(rng.integers(1 << 30)))
    focus = np.mean(np.array(layout.focus), axis=0)
    return Setting(
        name, stage, camera, _vehicle_spots(layout, rng, focus), _walk_spots(layout, rng, focus)
    )


def random_light(rng: np.random.Generator) -> Light:
    """Day, overcast, dusk or night, sometimes with rain or fog."""
    time = str(rng.choice(["day", "overcast", "dusk", "night"], p=[0.4, 0.22, 0.18, 0.2]))
    rain = float(rng.uniform(0.3, 1.0)) if time != "day" and rng.random() < 0.35 else 0.0
    fog = float(rng.uniform(0.1, 0.6)) if rng.random() < 0.12 else 0.0
    elevation = rng.uniform(0.12, 0.3) if time == "dusk" else rng.uniform(0.4, 1.15)
    return Light(time, rain, fog, float(rng.uniform(-np.pi, np.pi)), float(elevation))


def random_style(rng: np.random.Generator) -> RoadStyle:
    dressing = Dressing(
        setback_m=(float(rng.uniform(6, 10)), float(rng.uniform(11, 20))),
        buildings=float(rng.uniform(0.3, 0.95)),
        trees=float(rng.uniform(0.1, 0.75)),
        lamps=bool(rng.random() < 0.85),
        hedges=float(rng.uniform(0.0, 0.5)),
        furniture=float(rng.uniform(0.1, 0.9)),
    )
    return RoadStyle(
        asphalt=str(rng.choice(["asphalt", "asphalt_old"])),
        walk=str(rng.choice(["pavement", "pavement", "plaza"])),
        verge=str(rng.choice(["grass", "grass", "pavement", "dirt"], p=[0.4, 0.25, 0.25, 0.1])),
        pavement_m=float(rng.uniform(2.4, 4.0)),
        kerb_radius=float(rng.uniform(5.0, 8.5)),
        arrows=bool(rng.random() < 0.7),
        yellow=bool(rng.random() < 0.3),
        dressing=dressing,
    )


def _arms(rng: np.random.Generator, count: int) -> list[Arm]:
    width = float(rng.uniform(3.0, 3.6))
    turned = float(rng.uniform(-np.pi, np.pi))
    lanes = [int(rng.choice([1, 1, 2])), int(rng.choice([1, 1, 1, 2]))]
    cycle = bool(rng.random() < 0.3)
    kerb = [bool(rng.random() < 0.3) for _ in range(2)]
    out = []
    for k in range(count):
        main = k % 2 == 0
        wobble = float(rng.uniform(-0.16, 0.16))
        n = lanes[k % 2]
        out.append(
            Arm(
                turned + k * np.pi / 2 + (wobble if count == 4 or not main else 0.0),
                n,
                n,
                width,
                cycle and main,
                kerb[k % 2] and not (cycle and main),
                kerb[(k + 1) % 2] and not (cycle and main),
                main,
                bool(rng.random() < 0.75),
            )
        )
    return out


def _crossroads(rng: np.random.Generator) -> Layout:
    control = str(rng.choice(["signals", "priority", "all_way"]))
    return junction("crossroads", _arms(rng, 4), control, random_style(rng), _seed(rng))


def _t_junction(rng: np.random.Generator) -> Layout:
    control = str(rng.choice(["signals", "priority"]))
    return junction("t-junction", _arms(rng, 3), control, random_style(rng), _seed(rng))


def _road(rng: np.random.Generator) -> Road:
    cycle = bool(rng.random() < 0.3)
    return Road(
        int(rng.choice([1, 1, 2])),
        float(rng.uniform(3.0, 3.6)),
        cycle,
        not cycle and bool(rng.random() < 0.4),
        zebra_at=150.0 if rng.random() < 0.6 else None,
        stop_at=165.0 if rng.random() < 0.3 else None,
    )


def _straight(rng: np.random.Generator) -> Layout:
    return open_road("straight-road", straight_axis(), _road(rng), random_style(rng), _seed(rng))


def _bend(rng: np.random.Generator) -> Layout:
    degrees = float(rng.choice([-1, 1]) * rng.uniform(40, 95))
    axis = bend_axis(degrees, float(rng.uniform(28, 50)))
    road = replace(_road(rng), zebra_at=None, stop_at=None)
    return open_road("road-bend", axis, road, random_style(rng), _seed(rng))


def _roundabout(rng: np.random.Generator) -> Layout:
    turned = float(rng.uniform(-np.pi, np.pi))
    count = int(rng.choice([3, 4]))
    arms = [Arm(turned + k * np.pi / 2) for k in range(count)]
    return roundabout("roundabout", arms, random_style(rng), _seed(rng))


def _car_park(rng: np.random.Generator) -> Layout:
    return car_park("car-park", random_style(rng), _seed(rng), int(rng.integers(9, 15)))


def _square(rng: np.random.Generator) -> Layout:
    return square("square", random_style(rng), _seed(rng))


LAYOUTS: dict[str, Callable[[np.random.Generator], Layout]] = {
    "crossroads": _crossroads,
    "t-junction": _t_junction,
    "straight-road": _straight,
    "road-bend": _bend,
    "roundabout": _roundabout,
    "car-park": _car_park,
    "square": _square,
}
"""Name -> a function that builds a random layout of that kind."""
_SHARES = (0.25, 0.15, 0.16, 0.11, 0.1, 0.11, 0.12)


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(1 << 30))


def _vehicle_spots(
    layout: Layout, rng: np.random.Generator, focus: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> list[SpotXYH]:
    out: list[SpotXYH] = []
    for strip in layout.strips.values():
        lines = [*strip.lanes] if not strip.bicycles_only else []
        lines += [strip.parking] if strip.parking is not None else []
        along = arc_length(strip.points)
        turned = headings(strip.points)
        for offset in lines:
            s = float(rng.uniform(0.0, 5.0))
            while s < along[-1]:
                k = int(np.searchsorted(along, s))
                h = float(turned[min(k, len(turned) - 1)])
                t = offset + float(rng.normal(0.0, 0.15))
                x = float(np.interp(s, along, strip.points[:, 0]) - t * np.sin(h))
                y = float(np.interp(s, along, strip.points[:, 1]) + t * np.cos(h))
                if np.hypot(x - focus[0], y - focus[1]) < 75.0:
                    out.append((x, y, h + float(rng.normal(0.0, 0.03))))
                s += float(rng.uniform(4.0, 8.0))
    for bay in layout.bays:
        back = np.pi if bay.name == "bay" and rng.random() < 0.4 else 0.0
        out.append((bay.x, bay.y, bay.heading + back + float(rng.normal(0.0, 0.02))))
    return out


def _walk_spots(
    layout: Layout, rng: np.random.Generator, focus: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> list[SpotXYH]:
    out: list[SpotXYH] = []
    for walk in layout.walks:
        along = arc_length(walk.points)
        turned = headings(walk.points)
        s = float(rng.uniform(0.0, 2.0))
        while s < along[-1]:
            k = min(int(np.searchsorted(along, s)), len(turned) - 1)
            h = float(turned[k])
            t = float(rng.uniform(-walk.half_width, walk.half_width))
            x = float(walk.points[k, 0] - t * np.sin(h))
            y = float(walk.points[k, 1] + t * np.cos(h))
            if np.hypot(x - focus[0], y - focus[1]) < 60.0:
                back = np.pi if rng.random() < 0.5 else 0.0
                out.append((x, y, h + back + float(rng.normal(0.0, 0.2))))
            s += float(rng.uniform(1.5, 5.0))
    if layout.open_area is not None:
        low, high = layout.open_area.min(axis=0), layout.open_area.max(axis=0)
        for _ in range(70):
            x, y = rng.uniform(low, high)
            out.append((float(x), float(y), float(rng.uniform(-np.pi, np.pi))))
    return out
