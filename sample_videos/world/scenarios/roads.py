"""Scenarios on open roads: driving past, a bend, a bus stop, overtaking, stop and go, U-turns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sample_videos.world.layout import Layout
from sample_videos.world.layout_roads import Road, bend_axis, open_road, straight_axis
from sample_videos.world.layout_views import ViewLimits
from sample_videos.world.scenarios.casting import Casting
from sample_videos.world.scenarios.compose import Script, Wanted
from sample_videos.world.scenarios.junctions import daylight
from sample_videos.world.scenarios.streets import kerb_bays, parked, people, style
from sample_videos.world.traffic.vehicle import Halt, LaneChange

ROAD_VIEW = ViewLimits(
    height_m=(5.0, 10.0),
    distance_m=(14.0, 30.0),
    fov=(1.0, 1.45),
    car_px=(76.0, 180.0),
    off_road_m=2.4,
)
MIDDLE_M = 150.0


def flow(
    casting: Casting,
    seconds: float,
    every_s: float,
    *,
    ways: tuple[str, ...] = ("fwd", "back"),
    bicycles: float = 0.1,
    inner: bool = False,
) -> None:
    """Traffic along a road in both directions, in any lane (inner: only the leftmost)."""
    rng = casting.rng
    for way in ways:
        strip = casting.strips[way]
        for offset in strip.lanes[:1] if inner else strip.lanes:
            t = float(rng.uniform(-5.0, every_s))
            while t < seconds - 1.5:
                outer = offset == strip.lanes[-1]
                slim = outer and rng.random() < bicycles
                body = casting.body("bicycle" if slim else casting.kind())
                at = offset
                if slim:
                    at = strip.cycle if strip.cycle is not None else offset - 0.9
                casting.trip(
                    body, _way(casting, way, at, offset), reach_s=t, reach_q=_middle(casting, way),
                    pace=float(rng.uniform(0.85, 1.0)),
                )  # fmt: skip
                t += float(rng.uniform(0.6, 1.5)) * every_s


def _way(
    casting: Casting, way: str, at: float, lane: float
) -> list[tuple[str, float, float, float]]:
    if casting.strips[way].node:
        return [
            (name, s0, s1, at if name in ("fwd", "fwd2", "back", "back2") else offset)
            for name, s0, s1, offset in _straight_on(casting, way, lane if at == lane else at)
        ]
    return casting.along(way, at)


def _straight_on(
    casting: Casting, way: str, offset: float
) -> list[tuple[str, float, float, float]]:
    link = next(
        k for k in casting.layout.links
        if k.source == way
        and casting.strips[k.strip_id].turn == "straight"
        and abs(k.source_offset - offset) < 1.2
    )  # fmt: skip
    return [
        (way, 0.0, casting.strips[way].length_m, link.source_offset),
        (link.strip_id, 0.0, casting.strips[link.strip_id].length_m, 0.0),
        (link.target, 0.0, casting.strips[link.target].length_m, link.target_offset),
    ]


def _middle(casting: Casting, way: str) -> float:
    return min(MIDDLE_M, casting.strips[way].length_m)


def _road(rng: np.random.Generator, road: Road, name: str = "straight-road") -> Layout:
    axis = straight_axis()
    turned = float(rng.uniform(-np.pi, np.pi))
    c, s = np.cos(turned), np.sin(turned)
    axis = axis @ np.array([[c, s], [-s, c]])
    return open_road(name, axis, road, style(rng), int(rng.integers(1 << 30)))


def straight_road(rng: np.random.Generator, seconds: float) -> Script:
    """Through traffic; a car leaves the kerb, another pulls in; people cross the zebra."""
    layout = _road(rng, Road(parking=True, zebra_at=MIDDLE_M))
    casting = Casting(layout, rng)
    near = kerb_bays(layout, 40.0, 10.0)
    ahead = [k for k in near if layout.bays[k].strip == "fwd" and layout.bays[k].s > MIDDLE_M + 8]
    other = [k for k in near if layout.bays[k].strip == "back" and layout.bays[k].s > MIDDLE_M + 8]
    taken = set()
    leaver = casting.body("car")
    spot = ahead[1]
    casting.leave_kerb(leaver, spot, float(rng.uniform(4.0, 8.0)), casting.along("fwd", 0.0))
    taken |= {spot - 1, spot, spot + 1}
    comer = casting.body("car")
    into = other[1]
    casting.stop_at_kerb(comer, into, float(rng.uniform(6.0, max(seconds - 9.0, 7.0))))
    taken |= {into - 2, into - 1, into, into + 1}
    parked(casting, [k for k in near if k not in taken], 0.6)
    flow(casting, seconds, 7.0)
    people(casting, seconds, 6)
    wanted = (Wanted(leaver.object_id, "start"), Wanted(comer.object_id, "stop"))
    return Script(layout, casting.cast(), daylight(rng), wanted, ROAD_VIEW)


def road_bend(rng: np.random.Generator, seconds: float) -> Script:
    """Everybody follows the bend: nobody turns."""
    degrees = float(rng.choice([-1, 1]) * rng.uniform(50, 85))
    axis = bend_axis(degrees, float(rng.uniform(30, 42)))
    cycle = bool(rng.random() < 0.5)
    layout = open_road(
        "road-bend", axis, Road(cycle=cycle, lane_width=3.4), style(rng), int(rng.integers(1 << 30))
    )
    casting = Casting(layout, rng)
    flow(casting, seconds, 5.0, bicycles=0.2)
    people(casting, seconds, 5)
    limits = replace(ROAD_VIEW, distance_m=(18.0, 34.0), car_px=(68.0, 150.0))
    return Script(layout, casting.cast(), daylight(rng), (), limits)


def bus_stop(rng: np.random.Generator, seconds: float) -> Script:
    """A bus stops at the shelter and drives on; others pass it; people wait."""
    layout = _road(rng, Road(lanes=2, zebra_at=MIDDLE_M - 28.0, stop_at=MIDDLE_M + 4.0), "bus-stop")
    casting = Casting(layout, rng)
    strip = casting.strips["fwd"]
    lane = strip.lanes[-1]
    wanted: list[Wanted] = []
    for at in (5.0, 5.0 + 0.55 * seconds):
        if at > seconds - 13.0 and wanted:
            break
        bus = casting.body("bus", variant="city")
        stop = casting.layout.stops[0].s
        halts = (Halt(stop, float(rng.uniform(5.0, 7.0))),)
        casting.trip(
            bus, casting.along("fwd", lane), reach_s=at, reach_q=stop, halts=halts, planned=True
        )
        wanted += [Wanted(bus.object_id, "stop"), Wanted(bus.object_id, "start")]
    flow(casting, seconds, 9.0)
    _waiting_people(casting, 3)
    people(casting, seconds, 5)
    limits = replace(ROAD_VIEW, distance_m=(18.0, 34.0), height_m=(5.0, 9.0))
    return Script(layout, casting.cast(), daylight(rng), tuple(wanted), limits)


def _waiting_people(casting: Casting, count: int) -> None:
    """People who stand at the shelter all the time."""
    rng = casting.rng
    stop = casting.layout.stops[0]
    right = stop.heading - np.pi / 2
    c, s = np.cos(stop.heading), np.sin(stop.heading)
    out = casting.strips["fwd"].lane_width / 2 + 0.9
    for k in range(count):
        along = 3.2 + 1.2 * k
        x = stop.x + along * c + out * np.cos(right)
        y = stop.y + along * s + out * np.sin(right)
        facing = stop.heading + np.pi / 2 + float(rng.normal(0, 0.4))
        points = np.array([[x, y], [x + 3 * np.cos(facing), y + 3 * np.sin(facing)]])
        casting.roam(points, start_s=-26.0, pauses=((0.0, 1e6),))


def overtaking(rng: np.random.Generator, seconds: float) -> Script:
    """Fast vehicles change lane to pass slow ones and go back; one follows another."""
    layout = _road(rng, Road(lanes=2, speed=12.5), "two-lane-road")
    casting = Casting(layout, rng)
    wanted: list[Wanted] = []
    at = 5.5
    heavy = str(rng.choice(["truck", "bus"]))
    light = str(rng.choice(["car", "motorcycle", "car"]))
    for way, slow_kind, fast_kind in (("fwd", heavy, "car"), ("back", "bicycle", light)):
        if at > seconds - 6.0:
            break
        lane = casting.strips[way].lanes[-1]
        pace = {"truck": 0.42, "bicycle": 0.85, "bus": 0.45}[slow_kind]
        slow = casting.body(slow_kind)
        fast = casting.body(fast_kind)
        side = lane - 0.7 if slow_kind == "bicycle" else lane
        casting.trip(
            slow,
            casting.along(way, side),
            reach_s=at,
            reach_q=MIDDLE_M - 30.0,
            pace=pace,
            planned=True,
        )
        casting.trip(
            fast, casting.along(way, lane), reach_s=at, reach_q=MIDDLE_M - 62.0, pace=0.95,
            overtake=slow.object_id, planned=True, factor=1.0,
        )  # fmt: skip
        wanted.append(Wanted(fast.object_id, "lane_change"))
        at += 8.5
    changer = casting.body("car")
    lanes = casting.strips["back"].lanes
    casting.trip(
        changer, casting.along("back", lanes[0]), reach_s=seconds * 0.55, reach_q=MIDDLE_M,
        lane_changes=(LaneChange(MIDDLE_M - 16.0, lanes[1] - lanes[0]),), planned=True,
    )  # fmt: skip
    flow(casting, seconds, 11.0, ways=("back",), bicycles=0.0, inner=True)
    people(casting, seconds, 4)
    limits = replace(ROAD_VIEW, distance_m=(18.0, 34.0), fov=(1.15, 1.48), car_px=(60.0, 130.0))
    return Script(layout, casting.cast(), daylight(rng), tuple(wanted), limits)


def stop_and_go(rng: np.random.Generator, seconds: float) -> Script:
    """A van halts in its lane and drives on; cars queue behind it and stop for the zebra."""
    layout = _road(rng, Road(zebra_at=MIDDLE_M))
    casting = Casting(layout, rng)
    van = casting.body("van", "white")
    wanted = [Wanted(van.object_id, "wait"), Wanted(van.object_id, "start")]
    casting.trip(
        van, casting.along("fwd", 0.0), reach_s=6.0, reach_q=MIDDLE_M - 14.0,
        halts=(Halt(MIDDLE_M - 12.0, float(rng.uniform(3.6, 5.5))),), planned=True,
    )  # fmt: skip
    second = casting.body(str(rng.choice(["car", "truck"])))
    casting.trip(
        second, casting.along("back", 0.0), reach_s=0.55 * seconds, reach_q=MIDDLE_M - 8.0,
        halts=(Halt(MIDDLE_M + 12.0, float(rng.uniform(3.4, 4.5))),), planned=True,
    )  # fmt: skip
    flow(casting, seconds, 7.5)
    people(casting, seconds, 5)
    return Script(layout, casting.cast(), daylight(rng), tuple(wanted), ROAD_VIEW)


def u_turns(rng: np.random.Generator, seconds: float) -> Script:
    """Cars turn round at the gap of an avenue while others drive straight on."""
    layout = _road(rng, Road(lanes=2, lane_width=3.4, u_turn_at=MIDDLE_M), "avenue")
    casting = Casting(layout, rng)
    wanted: list[Wanted] = []
    at = 4.0
    for way in ("fwd", "back", "fwd"):
        if at > seconds - 9.0:
            break
        body = casting.body(str(rng.choice(["car", "car", "motorcycle"])))
        casting.trip(body, casting.through(way, "u_turn"), reach_s=at, planned=True)
        wanted.append(Wanted(body.object_id, "u_turn"))
        at += float(rng.uniform(7.0, 9.0))
    flow(casting, seconds, 11.0, bicycles=0.0)
    people(casting, seconds, 4)
    limits = replace(ROAD_VIEW, distance_m=(20.0, 36.0), car_px=(64.0, 150.0))
    return Script(layout, casting.cast(), daylight(rng), tuple(wanted), limits)


def shaking(rng: np.random.Generator, seconds: float) -> Script:
    return replace(straight_road(rng, seconds), shake=0.0045)
