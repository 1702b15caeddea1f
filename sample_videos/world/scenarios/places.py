"""Scenarios off the road: a car park and a square."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sample_videos.world.layout import Layout, Strip, arc_length, at, smoothed, turn_line
from sample_videos.world.layout_places import car_park, square
from sample_videos.world.layout_views import ViewLimits
from sample_videos.world.scenarios.casting import Casting
from sample_videos.world.scenarios.compose import Script, Wanted
from sample_videos.world.scenarios.junctions import daylight
from sample_videos.world.scenarios.streets import filler, parked, people, style
from sample_videos.world.scene import Body, Points
from sample_videos.world.traffic.course import Course
from sample_videos.world.traffic.vehicle import FOREVER, Halt, Trip

_SWING_M = 7.2


def parking(rng: np.random.Generator, seconds: float) -> Script:
    """Cars arrive and park, back out and leave; people walk a dog past them."""
    layout = car_park("car-park", style(rng), int(rng.integers(1 << 30)))
    casting = Casting(layout, rng)
    n = len(layout.bays) // 4
    red = casting.body("car", "red")
    # Bays in the middle of the rows, neighbours kept free so that doors and bumpers have room.
    into = int(rng.integers(3, n - 3)) + (0 if rng.random() < 0.5 else n)
    into_2 = int(rng.integers(3, n - 3)) + 2 * n
    out = 3 * n + int(rng.integers(3, n - 4))
    out_2 = (n if into < n else 0) + int(rng.integers(4, n - 2))
    free = {k + d for k in (into, into_2, out, out_2) for d in (-1, 0, 1)}
    wanted = []
    comer = casting.body("car")
    _enter(casting, comer, into, float(rng.uniform(3.0, 5.0)))
    late = casting.body(str(rng.choice(["car", "van"])))
    _enter(casting, late, into_2, float(rng.uniform(7.0, 9.0)))
    leaver = casting.body("car")
    _leave(casting, leaver, out, float(rng.uniform(2.0, 4.0)))
    second = casting.body("car", "silver")
    _leave(casting, second, out_2, 0.5 * seconds + float(rng.uniform(0.0, 3.0)))
    wanted += [Wanted(comer.object_id, "stop"), Wanted(leaver.object_id, "start")]
    spots = [k for k in range(len(layout.bays)) if k not in free]
    red_at = spots[int(rng.integers(len(spots)))]
    casting.park(red_at, red)
    parked(casting, [k for k in spots if k != red_at], 0.5)
    wanted.append(Wanted(red.object_id, "parked"))
    filler(casting, seconds, 10.0, ["in0", "in2"], straight=1.0)
    for walk, dog in (("s", True), ("n", False), ("s", False)):
        nodes = [f"lot{walk}a", f"lot{walk}b"]
        if rng.random() < 0.5:
            nodes.reverse()
        plan = casting.stroll(nodes, reach_s=float(rng.uniform(2.0, seconds * 0.7)))
        if dog:
            casting.dog(plan)
    limits = ViewLimits(
        height_m=(6.5, 12.0), distance_m=(20.0, 38.0), fov=(1.0, 1.4), car_px=(64.0, 150.0)
    )
    return Script(layout, casting.cast(), daylight(rng), tuple(wanted), limits)


def _enter(casting: Casting, body: Body, bay: int, at_s: float) -> None:
    """Drive in from the lot's entrance and park forwards in a bay."""
    spot = casting.layout.bays[bay]
    lot = casting.strips["lot"]
    x, y, h = at(lot.points, spot.s - _SWING_M)
    name = f"bay_in{bay}"
    line = turn_line((x, y), h, (spot.x, spot.y), spot.heading, 5.4)
    casting.strips[name] = Strip(name, line, speed=2.6)
    source = "in0" if casting.rng.random() < 0.5 else "in2"
    way = "right" if source == "in0" else "left"
    first = casting.through(source, way, body.kind)
    route = [
        *first[:2],
        ("lot", 0.0, spot.s - _SWING_M, 0.0),
        (name, 0.0, casting.strips[name].length_m, 0.0),
    ]
    end = sum(s1 - s0 for _, s0, s1, _ in route)
    casting.trip(
        body, route, reach_s=at_s + 6.0, reach_q=end - 12.0, halts=(Halt(end - 0.02, FOREVER),),
        planned=True,
    )  # fmt: skip


def _leave(casting: Casting, body: Body, bay: int, at_s: float) -> None:
    """Back out of a bay and drive to the street."""
    spot = casting.layout.bays[bay]
    lot = casting.strips["lot"]
    s = spot.s - _SWING_M
    x, y, h = at(lot.points, s)
    name = f"bay_out{bay}"
    line = turn_line((spot.x, spot.y), spot.heading + np.pi, (x, y), h + np.pi, 5.4)
    casting.strips[name] = Strip(name, line, speed=1.8)
    back = Course(
        casting.layout, casting.strips, [(name, 0.0, casting.strips[name].length_m, 0.0)], gear=-1
    )
    away = casting.through("lot", str(casting.rng.choice(["left", "right"])), body.kind)
    away[0] = ("lot", s, away[0][2], 0.0)
    onward = casting.course(body, away)
    casting.trips.append(
        Trip(
            body,
            (back, onward),
            -60.0,
            0.0,
            0.0,
            wait_until_s=at_s,
            leave_backward=True,
            blocks=(("lot", s - 3.5, spot.s + 3.0),),
            planned=True,
        )
    )


def plaza(rng: np.random.Generator, seconds: float) -> Script:
    """People, dogs and cyclists on a square; some traffic on the street beside it."""
    layout = square("square", style(rng), int(rng.integers(1 << 30)))
    casting = Casting(layout, rng)
    wanted = []
    for k in range(12):
        line = _across(layout, rng)
        total = float(arc_length(line)[-1])
        start = float(rng.uniform(-20.0, seconds - 8.0))
        pauses = ((0.5 * total, float(rng.uniform(3.0, 7.0))),) if k % 5 == 4 else ()
        speed = float(rng.uniform(1.1, 1.6)) if k != 7 else 3.0
        plan = casting.roam(line, start_s=start, speed=speed, pauses=pauses)
        if k in (0, 3):
            casting.dog(plan)
        elif k in (1, 6):
            casting.companion(plan)
    for start in (2.0, 0.5 * seconds):
        dog = casting.body("dog", variant="large")
        line = _across(layout, rng, bends=3)
        casting.roam(line, body=dog, start_s=start, speed=float(rng.uniform(3.4, 4.6)))
        wanted.append(Wanted(dog.object_id, "run"))
    for way in ("path", "path_back"):
        t = float(rng.uniform(1.0, 4.0))
        while t < seconds - 4.0:
            body = casting.body("bicycle")
            middle = casting.strips[way].length_m / 2
            casting.trip(body, casting.along(way, 0.0), reach_s=t, reach_q=middle)
            t += float(rng.uniform(5.0, 9.0))
    for way in ("fwd", "back"):
        t = float(rng.uniform(0.0, 6.0))
        while t < seconds - 2.0:
            casting.trip(
                casting.body(casting.kind()), casting.along(way, 0.0), reach_s=t, reach_q=150.0
            )
            t += float(rng.uniform(6.0, 11.0))
    people(casting, seconds, 4, dogs=0)
    limits = ViewLimits(
        height_m=(4.5, 8.0), distance_m=(11.0, 21.0), fov=(1.0, 1.4), car_px=(115.0, 260.0)
    )
    return Script(layout, casting.cast(), daylight(rng), tuple(wanted), limits)


def _across(layout: Layout, rng: np.random.Generator, bends: int = 1) -> Points:
    """A line over the open area, from edge to edge, clear of everything that stands there."""
    area = layout.open_area if layout.open_area is not None else np.zeros((1, 2))
    low, high = area.min(axis=0), area.max(axis=0)
    for attempt in range(400):
        sides = rng.permutation(4)
        ends = [_edge(int(side), low, high, rng) for side in sides[:2]]
        inner = np.array(layout.focus[0]) + rng.uniform(-1.0, 1.0, (bends, 2)) * (13.0, 9.0)
        line = smoothed(np.array([ends[0], *inner, ends[1]]), 3.0)
        if _free(line, layout, 1.0 if attempt < 300 else 0.6):
            return line
    return smoothed(np.array([_edge(2, low, high, rng), _edge(3, low, high, rng)]), 1.0)


def _edge(side: int, low: Points, high: Points, rng: np.random.Generator) -> Points:
    f = rng.uniform(0.1, 0.9)
    x = low[0] + f * (high[0] - low[0])
    y = low[1] + f * (high[1] - low[1])
    return np.array([(x, low[1]), (x, high[1]), (low[0], y), (high[0], y)][side])


def _free(line: Points, layout: Layout, gap: float) -> bool:
    for prop in layout.props:
        if prop.kind == "building":
            reach = 0.5 * min(prop.length, prop.width)
        elif prop.kind == "tree":
            reach = 0.5
        else:
            reach = 0.5 * prop.width
        half = 0.0 if prop.kind in ("tree", "lamp", "bin") else max(0.0, prop.length / 2 - reach)
        c, s = np.cos(prop.heading), np.sin(prop.heading)
        along = np.clip((line[:, 0] - prop.x) * c + (line[:, 1] - prop.y) * s, -half, half)
        far = np.hypot(line[:, 0] - prop.x - along * c, line[:, 1] - prop.y - along * s)
        if far.min() < reach + gap:
            return False
    return True


def evening_plaza(rng: np.random.Generator, seconds: float) -> Script:
    script = plaza(rng, seconds)
    return replace(script, light=replace(script.light, time="dusk", sun_elevation=0.22))
