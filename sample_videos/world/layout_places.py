"""Places off the road: a car park behind a T junction, and a square with a cycle path."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sample_videos.world.layout import (
    Layout,
    Spot,
    Strip,
    Walk,
    arc_length,
    line,
    resample,
    smoothed,
)
from sample_videos.world.layout_junctions import Arm, RoadStyle, junction
from sample_videos.world.layout_paint import band, rectangle, stripe
from sample_videos.world.layout_roads import Road, open_road, straight_axis
from sample_videos.world.scene import Points, Prop, Surface

BAY_WIDTH_M = 2.7
BAY_DEPTH_M = 5.2
AISLE_M = 6.6


def car_park(name: str, style: RoadStyle, seed: int, bays: int = 13) -> Layout:
    """A one-way loop of two aisles with four rows of bays, entered from a street.

    The loop is one strip, "lot", from the street's junction round and back to it; bays carry
    the s on it at which a car stands abreast of them.
    """
    rng = np.random.default_rng([seed, 5])
    arms = [
        Arm(0.0, main=True, zebra=False, speed=11.0),
        Arm(np.pi / 2, length=14.0, beyond=2.0, zebra=False, speed=6.0),
        Arm(np.pi, main=True, zebra=False, speed=11.0),
    ]
    centre = (21.0, 37.0)
    keep = [(float(x), float(y), 6.0) for x in range(-8, 54, 6) for y in range(8, 64, 6)]
    base = junction(name, arms, "priority", style, seed, keep)
    w = arms[1].lane_width / 2
    out1, in1 = base.strips["out1"], base.strips["in1"]
    y_a, y_b = centre[1] - 10.0, centre[1] + 10.0
    x0, x1 = 2.0, centre[0] + bays * BAY_WIDTH_M / 2 + 4.5
    loop = _rounded(
        [
            out1.points[0], (w, y_a), (x1, y_a), (x1, y_b), (-w - 0.3, y_b),
            (-w, in1.points[0][1] + 4.0), in1.points[-1],
        ],
        5.0,
    )  # fmt: skip
    strips = dict(base.strips)
    del strips["in1"], strips["out1"]
    strips["lot"] = Strip("lot", loop, speed=5.0, node="j")
    links = tuple(
        replace(
            link,
            source="lot" if link.source == "in1" else link.source,
            target="lot" if link.target == "out1" else link.target,
        )
        for link in base.links
    )
    surfaces = list(base.surfaces)
    surfaces += _lot_ground(centre, style, x0, x1, y_a, y_b)
    first = centre[0] - bays * BAY_WIDTH_M / 2 + BAY_WIDTH_M / 2
    spots: list[Spot] = []
    for y_aisle, side, heading in (
        (y_a, -1.0, -np.pi / 2),
        (y_a, 1.0, np.pi / 2),
        (y_b, -1.0, -np.pi / 2),
        (y_b, 1.0, np.pi / 2),
    ):
        for k in range(bays):
            x = first + k * BAY_WIDTH_M
            y = y_aisle + side * (AISLE_M / 2 + BAY_DEPTH_M / 2)
            for edge in (x - BAY_WIDTH_M / 2, x + BAY_WIDTH_M / 2):
                surfaces.append(rectangle("paint_white", edge, y, np.pi / 2, BAY_DEPTH_M, 0.1))
            s = _s_near(loop, x, y_aisle)
            spots.append(Spot(x, y, heading, "lot", s, "bay"))
    walks = list(base.walks)
    for y_row, tag in ((y_a - 10.1, "s"), (y_b + 10.1, "n")):
        walks.append(Walk(f"lot{tag}a", f"lot{tag}b", line((6.0, y_row), (x1 + 5.0, y_row)), 0.4))
    props = [*base.props]
    props += [
        Prop("lamp", x, centre[1], np.pi / 2, 0.3, 0.3, 8.0, int(x))
        for x in (first, first + bays * BAY_WIDTH_M / 2, first + bays * BAY_WIDTH_M)
    ]
    top = y_b + AISLE_M / 2 + BAY_DEPTH_M
    props += [
        Prop("building", centre[0] + 4, top + 17.0, 0.0, 52.0, 14.0, 9.5, seed),
        Prop("building", x1 + 24.0, centre[1], np.pi / 2, 36.0, 14.0, 12.5, seed + 1),
    ]
    for k, x in enumerate(np.arange(4.0, x1, 8.0)):
        crown = float(rng.uniform(2.8, 4.2))
        props.append(Prop("tree", float(x), top + 5.5, 0.0, crown, crown, crown * 1.6, seed + k))
    return replace(
        base,
        strips=strips,
        links=links,
        surfaces=tuple(surfaces),
        props=tuple(props),
        walks=tuple(walks),
        bays=tuple(spots),
        focus=((centre[0] - 2.0, y_a), (centre[0], centre[1]), (centre[0], y_b)),
        clear_m=16.0,
    )


def _lot_ground(
    centre: tuple[float, float], style: RoadStyle, x0: float, x1: float, y_a: float, y_b: float
) -> list[Surface]:
    south = y_a - AISLE_M / 2 - BAY_DEPTH_M
    north = y_b + AISLE_M / 2 + BAY_DEPTH_M
    left, right = -3.7, x1 + 4.0
    x, y = (left + right) / 2, (south + north) / 2
    wide, tall = right - left, north - south
    lot = "asphalt_old" if style.asphalt == "asphalt" else "asphalt"
    return [
        rectangle(style.walk, x, y, 0.0, wide + 5.0, tall + 5.0),
        rectangle("kerb", x, y, 0.0, wide + 0.5, tall + 0.5),
        rectangle(lot, x, y, 0.0, wide, tall),
        rectangle(style.asphalt, 0.0, south - 4.0, 0.0, 6.6, 14.0),
        rectangle("kerb", (x0 + 2.6 + x1 - 4.5) / 2, centre[1], 0.0, x1 - 4.5 - x0 - 2.6, 3.0),
        rectangle("grass", (x0 + 2.6 + x1 - 4.5) / 2, centre[1], 0.0, x1 - 5.1 - x0 - 2.6, 2.5),
    ]


def _rounded(corners: list[object], radius: float) -> Points:
    """A polyline through corners, each cut by an arc."""
    points = np.array([np.asarray(c, dtype=np.float64) for c in corners])
    out = [points[0]]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        u, v = before - corner, after - corner
        lu, lv = np.hypot(*u), np.hypot(*v)
        u, v = u / lu, v / lv
        angle = np.arccos(np.clip(u @ v, -1, 1))
        if angle > np.pi - 0.1:
            continue
        reach = min(radius / np.tan(angle / 2), 0.45 * lu, 0.45 * lv)
        r = reach * np.tan(angle / 2)
        middle = corner + (u + v) / np.hypot(*(u + v)) * r / np.sin(angle / 2)
        a0 = np.arctan2(*(corner + reach * u - middle)[::-1])
        a1 = np.arctan2(*(corner + reach * v - middle)[::-1])
        sweep = np.angle(np.exp(1j * (a1 - a0)))
        a = a0 + np.linspace(0, sweep, 16)
        out += list(middle + r * np.stack([np.cos(a), np.sin(a)], axis=1))
    out.append(points[-1])
    return smoothed(resample(np.array(out), 0.25), 1.2)


def _s_near(points: Points, x: float, y: float) -> float:
    k = int(np.argmin(np.hypot(points[:, 0] - x, points[:, 1] - y)))
    return float(arc_length(points)[k])


def square(name: str, style: RoadStyle, seed: int) -> Layout:
    """A paved square with benches, trees and a cycle path, a street along its south side."""
    rng = np.random.default_rng([seed, 6])
    road = Road(lane_width=3.2, zebra_at=150.0)
    style = replace(style, dressing=replace(style.dressing, hedges=0.0))
    keep = [(float(x), float(y), 8.0) for x in range(-46, 47, 8) for y in range(10, 68, 8)]
    base = open_road(name, straight_axis(), road, style, seed, keep)
    south = road.half + style.pavement_m
    north = south + 48.0
    half = 38.0
    area = np.array([[-half, south], [half, south], [half, north], [-half, north]])
    surfaces = list(base.surfaces)
    material = "plaza" if style.walk == "pavement" else "pavement"
    surfaces.append(Surface(material, area))
    for x, y in ((-21.0, south + 32.0), (21.0, south + 32.0), (-21.0, south + 13.0)):
        surfaces.append(rectangle("kerb", x, y, 0.0, 15.6, 9.6))
        surfaces.append(rectangle("grass", x, y, 0.0, 15.0, 9.0))
    y_path = south + 23.0
    path = smoothed(
        np.array(
            [[-half - 60, y_path + 4], [-20.0, y_path], [20.0, y_path], [half + 60, y_path + 4]]
        ),
        6.0,
    )
    surfaces.append(band("cycle_lane", path, 1.7, -1.7))
    surfaces.append(stripe(path, 0.0, 0.1))
    strips = dict(base.strips)
    for name_, points in (
        ("path", path + np.array([0.0, -0.85])),
        ("path_back", (path + np.array([0.0, 0.85]))[::-1]),
    ):
        strips[name_] = Strip(name_, resample(points), speed=4.2, bicycles_only=True)
    props = list(base.props)
    for k, (x, y) in enumerate(((-26.0, 32.5), (-16.0, 31.0), (17.0, 32.0), (26.0, 33.0))):
        crown = float(rng.uniform(3.0, 4.4))
        props.append(Prop("tree", x, south + y, 0.0, crown, crown, crown * 1.5, seed + k))
    props.append(Prop("hedge", -21.0, south + 13.0, 0.0, 12.0, 1.4, 0.9, seed + 9))
    for k, (x, y, h) in enumerate(
        ((-6.0, 33.0, -1.57), (6.0, 33.0, -1.57), (24.0, 12.0, 1.57), (14.0, 12.0, 1.57))
    ):
        props.append(Prop("bench", x, south + y, h, 1.7, 0.6, 0.85, seed + 20 + k))
    for k, (x, y) in enumerate(((-31.0, 20.0), (0.0, 38.0), (31.0, 20.0), (0.0, 4.0))):
        props.append(Prop("lamp", x, south + y, -1.57, 0.3, 0.3, 5.5, seed + 40 + k))
    props += [
        Prop("building", -17.0, north + 12.0, 0.0, 36.0, 14.0, 12.5, seed + 50),
        Prop("building", 22.0, north + 13.0, 0.0, 34.0, 15.0, 16.0, seed + 51),
        Prop("building", -half - 12.0, south + 11.5, np.pi / 2, 20.0, 13.0, 9.5, seed + 52),
        Prop("building", half + 12.0, south + 11.0, np.pi / 2, 20.0, 13.0, 12.5, seed + 53),
    ]
    return replace(
        base,
        strips=strips,
        surfaces=tuple(surfaces),
        props=tuple(props),
        open_area=np.array(
            [
                [-half + 1, south],
                [half - 1, south],
                [half - 1, north - 1.5],
                [-half + 1, north - 1.5],
            ]
        ),
        focus=((0.0, south + 20.0), (-8.0, south + 16.0), (9.0, south + 16.0)),
        clear_m=18.0,
    )
