"""Scenarios that are hard to follow: objects that look alike, that are hidden, that come back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sample_videos.world.layout import Strip, smoothed
from sample_videos.world.layout_roads import Road, open_road, straight_axis
from sample_videos.world.scenarios.casting import Casting
from sample_videos.world.scenarios.compose import Script, Wanted
from sample_videos.world.scenarios.junctions import daylight
from sample_videos.world.scenarios.lookout import Lookout
from sample_videos.world.scenarios.roads import MIDDLE_M, ROAD_VIEW, flow
from sample_videos.world.scenarios.streets import people, style
from sample_videos.world.scene import Body, Camera, Points, Prop
from sample_videos.world.traffic.run import Still
from sample_videos.world.traffic.vehicle import Halt

_ROW_S = 1.7


def twins(rng: np.random.Generator, seconds: float) -> Script:
    """Cars, vans and people of one look in rows, side by side and face to face."""
    axis = _axis(rng)
    road = Road(lanes=2, speed=10.5)
    layout = open_road("two-lane-road", axis, road, style(rng), int(rng.integers(1 << 30)))
    casting = Casting(layout, rng)
    inner, outer = layout.strips["fwd"].lanes[0], layout.strips["fwd"].lanes[-1]

    def drive(body: Body, way: str, lane: float, reach_s: float, pace: float = 0.85) -> None:
        casting.trip(
            body, casting.along(way, lane), reach_s=reach_s, reach_q=MIDDLE_M, pace=pace,
            planned=True, factor=0.95,
        )  # fmt: skip

    slow = casting.body("car")
    fast = casting.twin(slow)
    casting.trip(
        slow, casting.along("fwd", outer), reach_s=5.0, reach_q=MIDDLE_M - 22.0, pace=0.36,
        planned=True,
    )  # fmt: skip
    casting.trip(
        fast, casting.along("fwd", outer), reach_s=5.0, reach_q=MIDDLE_M - 50.0, pace=0.95,
        overtake=slow.object_id, planned=True, factor=1.0,
    )  # fmt: skip
    first = casting.body("car")
    for k in range(3):  # a row, its middle one of another look
        drive(casting.twin(first), "back", outer, 4.0 + _ROW_S * k)
    drive(casting.body("car"), "back", outer, 4.0 + 3 * _ROW_S)
    drive(casting.twin(first), "back", outer, 4.0 + 4 * _ROW_S)
    bike = casting.body("motorcycle")
    for lane, late in ((inner, 0.0), (outer, 0.5)):
        drive(casting.twin(bike), "back", lane, 0.56 * seconds + late)
    van = casting.body("van")
    drive(casting.twin(van), "fwd", inner, 0.55 * seconds)
    drive(casting.twin(van), "back", inner, 0.55 * seconds + float(rng.uniform(1.2, 1.8)))
    drive(casting.twin(slow), "fwd", outer, 0.66 * seconds)
    drive(casting.twin(slow), "fwd", inner, 0.66 * seconds + float(rng.uniform(0.4, 0.8)), 0.95)
    drive(casting.twin(first), "fwd", outer, 0.78 * seconds)
    drive(casting.twin(first), "back", outer, 0.78 * seconds + 0.6)
    flow(casting, seconds, 13.0, ways=("back",), bicycles=0.0, inner=True)
    for late in np.arange(11.0, seconds - 2.0, 4.0):
        lane = outer if rng.random() < 0.6 else inner
        drive(casting.body(casting.kind()), "fwd", lane, float(late + rng.uniform(0.0, 2.0)))
    _dressed_alike(casting, seconds)
    people(casting, seconds, 3)
    limits = replace(ROAD_VIEW, distance_m=(18.0, 34.0), fov=(1.15, 1.48), car_px=(64.0, 140.0))
    wanted = (Wanted(fast.object_id, "lane_change"),)
    return Script(layout, casting.cast(), daylight(rng), wanted, limits)


def _dressed_alike(casting: Casting, seconds: float) -> None:
    """Two groups of people of one look who walk together and meet on the pavements."""
    rng = casting.rng
    there, back = ["ar", "mr", "br"], ["br", "mr", "ar"]
    for at_s, ways in (
        (0.25 * seconds, (there, there, back)),
        (0.6 * seconds, (["al", "ml", "bl"], ["bl", "ml", "al"], there, back)),
    ):
        look = casting.body("person")
        for k, nodes in enumerate(ways):
            late = 1.1 * k + float(rng.uniform(0.0, 0.5))
            casting.stroll(nodes, body=casting.twin(look), reach_s=at_s + late)


def behind_buildings(rng: np.random.Generator, seconds: float) -> Script:
    """Traffic passes behind a house, a wall of posters or a coach; people behind a kiosk."""
    axis = _axis(rng)
    middle = Lookout.on(axis, MIDDLE_M)
    hider = str(rng.choice(["house", "board", "coach"]))
    road = Road(lane_width=3.4, speed=6.2, parking=hider == "coach")
    keep = middle.clear(range(-24, 25, 8), (-12.0, -20.0, -28.0, -36.0))
    layout = open_road(
        "straight-road", axis, road, style(rng, verge="pavement"), int(rng.integers(1 << 30)), keep
    )
    side = int(rng.choice([-1, 1]))
    away = float(rng.uniform(24.0, 26.0))
    aim = side * float(rng.uniform(-1.0, 1.0))
    camera = middle.camera(aim, away, float(rng.uniform(4.6, 5.1)), rng.uniform(1.38, 1.46), aim)
    casting = Casting(layout, rng)
    centre = side * float(rng.uniform(4.0, 6.0))
    small = -side * float(rng.uniform(11.0, 12.5))
    props = [_before(middle, camera, away, small, 3.2, -road.half - 4.6, "kiosk", 1.6, 2.9, rng)]
    if hider == "coach":
        coach = casting.body("bus", variant="coach")
        x, y = middle.xy(centre * 0.88, -road.half + 1.3)
        casting.stills.append(Still(coach, x, y, middle.heading))
    elif hider == "house":
        t = -road.half - 8.5
        props.append(_before(middle, camera, away, centre, 13.5, t, "kiosk", 4.5, 6.5, rng))
    else:
        t = -road.half - 5.5
        props.append(_before(middle, camera, away, centre, 14.0, t, "board", 0.3, 3.9, rng))
    casting.layout = layout = replace(layout, props=(*layout.props, *props))
    wanted = [
        *_passing_behind(casting, seconds, MIDDLE_M + centre),
        *_walking_behind(casting, seconds, middle, road.half, props[0], side),
    ]
    return Script(
        layout, casting.cast(), daylight(rng), tuple(wanted), ROAD_VIEW, camera=camera
    )  # fmt: skip


def _before(
    middle: Lookout, camera: Camera, away: float, u: float, hides: float, t: float,
    kind: str, deep: float, high: float, rng: np.random.Generator,
) -> Prop:  # fmt: skip
    """Something that hides `hides` metres of the road's axis round u from a camera `away` off."""
    eye = middle.local(camera.x, camera.y)[0]
    nearest = (away + t - deep / 2) / away
    at = (away + t) / away
    size = (hides * nearest, deep, high)
    return middle.prop(kind, eye + (u - eye) * at, t, size, int(rng.integers(1 << 30)))


def _passing_behind(casting: Casting, seconds: float, spot: float) -> list[Wanted]:
    """Vehicles both ways, some two at once behind the thing at `spot`, some that halt there."""
    rng = casting.rng
    total = casting.strips["fwd"].length_m
    spots = {"fwd": spot, "back": total - spot}
    wanted = []
    look = casting.body("car")
    at = float(rng.uniform(1.0, 2.0))
    number = 0
    while at < seconds - 3.5:
        twin = number == 2
        for way, late in (("fwd", 0.0), ("back", float(rng.uniform(-0.4, 0.4)))):
            kind = "car" if number < 3 else str(rng.choice(["car", "van", "motorcycle"]))
            body = casting.twin(look) if twin else casting.body(kind)
            halt = (number == 1 and way == "fwd") or (number == 3 and way == "back")
            casting.trip(
                body, casting.along(way, 0.0), reach_s=at + late, reach_q=spots[way],
                halts=(Halt(spots[way] + 1.0, 0.1),) if halt else (), planned=True,
                pace=float(rng.uniform(0.33, 0.38)), factor=1.0,
            )  # fmt: skip
            if 4.0 < at < seconds - 7.0 and not halt:
                wanted.append(Wanted(body.object_id, "hidden"))
        slim = str(rng.choice(["bicycle", "motorcycle"]))
        for way in ("fwd", "back"):
            if rng.random() < 0.5:
                casting.trip(
                    casting.body(slim), casting.along(way, -0.6), reach_s=at + 2.6,
                    reach_q=spots[way], pace=1.0,
                )  # fmt: skip
        at += float(rng.uniform(4.6, 5.6))
        number += 1
    return wanted


def _walking_behind(
    casting: Casting, seconds: float, middle: Lookout, half: float, kiosk: Prop, side: int
) -> list[Wanted]:
    """People who pass behind the kiosk and come out again; joggers who pass everything."""
    rng = casting.rng
    near = -half - 1.5
    at = middle.local(kiosk.x, kiosk.y)[0]
    look = casting.body("person")
    wanted = []
    for k, start_s in enumerate(np.arange(0.0, seconds - 12.0, 3.1)):
        t = near + float(rng.uniform(-0.6, 0.6))
        route = [
            (at - side * 14.0, t),
            (at + side * 2.6, t),
            (at + side * 4.2, t - 2.0),
            (at + side * 4.4, t - 24.0),
        ]
        line = smoothed(middle.line(route if k % 2 == 0 else route[::-1]), 1.2)
        body = casting.twin(look) if k in (1, 2) else casting.body("person")
        late = float(start_s) - (14.0 if k % 2 else 5.0)
        speed = float(rng.uniform(1.2, 1.5))
        plan = casting.roam(line, body=body, start_s=late, speed=speed)
        wanted.append(Wanted(plan.body.object_id, "hidden"))
    for t, start_s, way in ((near, 1.0, 1), (-near, 5.0, -1), (-near + 0.8, 9.0, 1)):
        line = middle.line([(-32.0 * way, t), (32.0 * way, t)])
        casting.roam(line, start_s=start_s, speed=float(rng.uniform(2.9, 3.4)))
    return wanted[1:4]


def re_entry(rng: np.random.Generator, seconds: float) -> Script:
    """Cars and a cyclist turn round outside of the picture and come back; so do people on foot."""
    axis = _axis(rng)
    middle = Lookout.on(axis, MIDDLE_M)
    back_m = float(rng.uniform(25.0, 28.0))
    camera = middle.camera(
        0.0, back_m, float(rng.uniform(5.2, 6.6)), float(rng.uniform(1.2, 1.3)),
        float(rng.uniform(-1.5, 1.5)),
    )  # fmt: skip
    lane = 3.3
    gap = middle.edge(camera, 1.5 * lane, 1) + 10.0
    road = Road(lanes=2, lane_width=lane, speed=9.0, u_turn_at=MIDDLE_M + gap)
    keep = middle.clear(range(-20, 21, 8), (-14.0, -22.0, -30.0))
    layout = open_road(
        "avenue", axis, road, style(rng, verge="pavement"), int(rng.integers(1 << 30)), keep
    )
    casting = Casting(layout, rng)
    wanted = _turning_round(casting, seconds)
    wanted += _cycling_back(casting, middle, camera, -road.half - 5.6)
    wanted += _walking_back(casting, seconds, middle, camera, road.half)
    return Script(layout, casting.cast(), daylight(rng), tuple(wanted), ROAD_VIEW, camera=camera)


def _turning_round(casting: Casting, seconds: float) -> list[Wanted]:
    """Two vehicles that turn round beyond the picture; who looks like them comes or goes for good.

    A turn needs a gap of ten seconds in what comes towards it, so nothing else comes meanwhile.
    """
    rng = casting.rng
    outer = casting.strips["fwd"].lanes[-1]

    def straight(body: Body, way: str, reach_s: float, lane: float | None = None) -> None:
        pieces = casting.through(way, "straight")
        while lane is not None and pieces[0][3] != lane:
            pieces = casting.through(way, "straight")
        casting.trip(body, pieces, reach_s=reach_s, reach_q=MIDDLE_M, factor=1.0)

    wanted = []
    looks = (casting.body("car"), casting.body(str(rng.choice(["car", "van", "motorcycle"]))))
    for body, at in zip(looks, (0.6, 4.6), strict=True):
        casting.trip(
            body, casting.through("fwd", "u_turn", body.kind), reach_s=at, reach_q=MIDDLE_M,
            planned=True, factor=1.0,
        )  # fmt: skip
        wanted.append(Wanted(body.object_id, "returns"))
        straight(casting.twin(body, alike=True), "fwd", at + float(rng.uniform(1.9, 2.2)), outer)
    straight(casting.twin(looks[0], alike=True), "back", 6.2)
    straight(casting.twin(looks[1], alike=True), "back", 23.0)
    straight(casting.body(casting.kind()), "back", float(rng.uniform(-1.0, 3.5)))
    t = 11.0
    while t < seconds - 1.0:
        body = casting.twin(looks[0], alike=True) if t == 11.0 else casting.body(casting.kind())
        straight(body, "fwd", t)
        t += float(rng.uniform(2.5, 4.5))
    return wanted


def _cycling_back(casting: Casting, middle: Lookout, camera: Camera, t: float) -> list[Wanted]:
    """Two cyclists on the square before the road who ride out of the picture and come back."""
    rng = casting.rng
    wanted = []
    for side, out_t, leaves_s in ((1, t, 3.0), (-1, t - 3.0, 8.0)):
        edge = abs(middle.edge(camera, out_t, side)) + float(rng.uniform(0.0, 3.0))
        loop = [
            (edge - 4.2 * leaves_s, 0.0), (edge + 6.0, 0.0), (edge + 9.5, -0.3),
            (edge + 11.5, -2.2), (edge + 10.0, -4.0), (edge + 7.5, -3.0), (edge + 4.0, -1.3),
            (-edge - 30.0, -1.3),
        ]  # fmt: skip
        name = f"ride{side}"
        points = smoothed(middle.line((side * u, out_t + d) for u, d in loop), 1.0)
        casting.strips[name] = Strip(name, points, speed=4.2, bicycles_only=True)
        body = casting.body("bicycle")
        casting.trip(body, casting.along(name, 0.0), planned=True, factor=1.0)
        wanted.append(Wanted(body.object_id, "returns"))
    return wanted


def _walking_back(
    casting: Casting, seconds: float, middle: Lookout, camera: Camera, half: float
) -> list[Wanted]:
    """People who walk out of the picture, turn and come back; others who leave or come for good."""
    rng = casting.rng
    wanted = []
    for k in range(6):
        side = 1 if k % 2 else -1
        t = (half + 1.7) * (-1 if k < 4 else 1)
        speed = float(rng.uniform(1.25, 1.6))
        edge = middle.edge(camera, t, side)
        leaves_s = float(rng.uniform(2.0, 4.0)) + 2.6 * (k // 2)
        beyond = speed * float(rng.uniform(2.2, 3.6))
        first = edge - side * speed * leaves_s
        turn = edge + side * beyond
        out = [(first, t - 0.6), (turn, t - 0.6), (turn + side * 0.7, t), (turn, t + 0.6)]
        body = casting.body("person")
        plan = casting.roam(
            smoothed(middle.line([*out, (edge - side * 45.0, t + 0.6)]), 0.5),
            body=body,
            speed=speed,
        )
        wanted.append(Wanted(body.object_id, "returns"))
        if k == 0:
            casting.dog(plan)
        if k % 2 == 0:
            line = middle.line([(edge + side * 9.0, t + 1.2), (edge - side * 45.0, t + 1.2)])
            casting.roam(
                line, body=casting.twin(body, alike=True), start_s=leaves_s - 3.0, speed=speed
            )
            line = middle.line([(edge - side * 12.0, t - 1.2), (edge + side * 40.0, t - 1.2)])
            casting.roam(line, start_s=0.0, speed=speed)
    return wanted[: 5 if seconds >= 20.0 else 3]


def _axis(rng: np.random.Generator) -> Points:
    turned = float(rng.uniform(-np.pi, np.pi))
    c, s = np.cos(turned), np.sin(turned)
    axis: Points = straight_axis() @ np.array([[c, s], [-s, c]])
    return axis
