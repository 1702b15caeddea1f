"""Roads without a junction: straight, with a bend, and the roundabout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sample_videos.world.layout import (
    Crossing,
    Layout,
    Link,
    Node,
    Spot,
    Strip,
    Walk,
    arc_length,
    at,
    line,
    offset_line,
    resample,
    smoothed,
    turn_line,
)
from sample_videos.world.layout_junctions import CYCLE_M, PARKING_M, Arm, RoadStyle
from sample_videos.world.layout_paint import (
    band,
    closed,
    dashes,
    rectangle,
    ring,
    stripe,
    zebra,
)
from sample_videos.world.layout_props import dress
from sample_videos.world.scene import Points, Prop, Surface


@dataclass(frozen=True, slots=True)
class Road:
    """A two-way road. lanes: per direction. zebra_at, u_turn_at, stop_at: metres along it.

    stop_at: where the middle of a bus stands at the stop (forward direction).
    """

    lanes: int = 1
    lane_width: float = 3.3
    cycle: bool = False
    parking: bool = False
    zebra_at: float | None = None
    u_turn_at: float | None = None
    stop_at: float | None = None
    speed: float = 11.5

    @property
    def half(self) -> float:
        return (
            self.lanes * self.lane_width
            + (CYCLE_M if self.cycle else 0)
            + (PARKING_M if self.parking else 0)
        )


def straight_axis(length: float = 300.0) -> Points:
    return line((-length / 2, 0.0), (length / 2, 0.0))


def bend_axis(degrees: float, radius: float, arm: float = 130.0) -> Points:
    """A road that bends to the left by `degrees` (negative: right), its bend near the origin."""
    theta = np.radians(degrees)
    half = abs(theta) / 2
    reach = radius * np.tan(half)
    sweep = np.linspace(-half, half, 60)
    side = np.sign(theta)
    arc = np.stack([radius * np.sin(sweep), side * radius * (1 - np.cos(sweep))], axis=1)
    h0, h1 = -side * half, side * half
    first = arc[0] - (arm - reach) * np.array([np.cos(h0), np.sin(h0)])
    last = arc[-1] + (arm - reach) * np.array([np.cos(h1), np.sin(h1)])
    return smoothed(np.concatenate([first[None], arc, last[None]]), 5.0)


def open_road(
    name: str,
    axis: Points,
    road: Road,
    style: RoadStyle,
    seed: int,
    keep_out: Sequence[tuple[float, float, float]] = (),
) -> Layout:
    """A road along `axis`; the forward direction runs on its right-hand side."""
    length = float(arc_length(axis)[-1])
    half = road.half
    surfaces = _road_ground(axis, road, style)
    strips, links, nodes = _road_strips(axis, road)
    crossings: dict[str, Crossing] = {}
    edge = half + style.pavement_m / 2
    walks = []
    props: list[Prop] = []
    keep = list(keep_out)
    middle = length / 2 if road.zebra_at is None else road.zebra_at
    if road.zebra_at is not None:
        a, b = _across(axis, road.zebra_at, half + 0.7)
        crossings["z"] = Crossing("z", a, b, 3.2, _zebra_spans(strips, a, b))
        kerbs = _across(axis, road.zebra_at, half)
        surfaces += zebra(np.array(kerbs[0]), np.array(kerbs[1]), 3.2)
        p, q = _across(axis, road.zebra_at, edge)
        walks.append(Walk("ml", "mr", line(p, q), 1.1, "z"))
    for side, end in ((1.0, "l"), (-1.0, "r")):
        path = offset_line(axis, side * edge)
        along = arc_length(axis)
        cut = int(np.searchsorted(along, middle))
        keep_half = style.pavement_m / 2 - 0.55
        first = int(np.searchsorted(along, max(0.0, middle - 90.0)))
        last = int(np.searchsorted(along, min(length, middle + 90.0)))
        walks.append(Walk(f"a{end}", f"m{end}", resample(path[first : cut + 1]), keep_half))
        walks.append(Walk(f"m{end}", f"b{end}", resample(path[cut:last]), keep_half))
    stops = []
    if road.stop_at is not None:
        x, y, h = at(axis, road.stop_at)
        t = -(half + style.pavement_m - 0.9)
        sx, sy = x - t * np.sin(h), y + t * np.cos(h)
        props.append(Prop("shelter", sx, sy, h + np.pi / 2, 4.2, 1.5, 2.6, seed))
        keep.append((sx, sy, 7.0))
        lane = -(road.lanes - 0.5) * road.lane_width
        stops.append(
            Spot(x - lane * np.sin(h), y + lane * np.cos(h), h, "fwd", road.stop_at, "bus")
        )
    props += dress([(axis, half, half)], style.dressing, style.pavement_m, seed, keep)
    x, y, _ = at(axis, middle)
    u = road.u_turn_at
    focus = [(x, y)] if u is None else [at(axis, u)[:2], (x, y)]
    if road.stop_at is not None:
        focus.insert(0, at(axis, road.stop_at)[:2])
    return Layout(
        name,
        tuple(surfaces),
        tuple(props),
        strips,
        tuple(links),
        nodes,
        crossings,
        tuple(walks),
        tuple(_bays(strips)),
        tuple(stops),
        focus=tuple(focus),
        clear_m=half + 4.0,
    )


def _across(axis: Points, s: float, half: float) -> tuple[tuple[float, float], tuple[float, float]]:
    x, y, h = at(axis, s)
    nx, ny = -np.sin(h), np.cos(h)
    return (float(x + half * nx), float(y + half * ny)), (
        float(x - half * nx),
        float(y - half * ny),
    )


def _zebra_spans(
    strips: dict[str, Strip], a: tuple[float, float], b: tuple[float, float]
) -> tuple[tuple[str, float, float], ...]:
    middle = np.array([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2])
    out = []
    for strip in strips.values():
        distance = np.hypot(*(strip.points - middle).T)
        k = int(np.argmin(distance))
        if distance[k] < 4.0 and 0 < k < len(strip.points) - 1:
            s = float(arc_length(strip.points)[k])
            out.append((strip.strip_id, s - 1.6, s + 1.6))
    return tuple(out)


def _road_ground(axis: Points, road: Road, style: RoadStyle) -> list[Surface]:
    half = road.half
    ends = (axis[0] - 200 * _unit(axis[1] - axis[0]), axis[-1] + 200 * _unit(axis[-1] - axis[-2]))
    long = np.concatenate([ends[0][None], axis[::4], axis[-1:], ends[1][None]])
    out = [rectangle(style.verge, 0.0, 0.0, 0.0, 1600.0, 1600.0)]
    out.append(band(style.walk, long, half + style.pavement_m, -half - style.pavement_m))
    out.append(band("kerb", long, half + 0.22, -half - 0.22))
    out.append(band(style.asphalt, long, half, -half))
    middle = "paint_yellow" if style.yellow else "paint_white"
    w = road.lane_width
    if road.lanes > 1:
        out += [stripe(axis, 0.13, 0.1, middle), stripe(axis, -0.13, 0.1, middle)]
    else:
        out += dashes(axis, 0.0, material=middle)
    for side in (1.0, -1.0):
        for i in range(1, road.lanes):
            out += dashes(axis, side * i * w, dash=2.0, gap=4.0, width=0.12)
        edge = road.lanes * w
        if road.cycle:
            out.append(stripe(axis, side * (edge + CYCLE_M / 2), CYCLE_M - 0.1, "cycle_lane"))
            out.append(stripe(axis, side * edge, 0.14))
            edge += CYCLE_M
        if road.parking:
            out.append(stripe(axis, side * edge, 0.1))
            for s in np.arange(8.0, arc_length(axis)[-1] - 8, 6.2):
                x, y, h = at(axis, float(s))
                n = np.array([-np.sin(h), np.cos(h)]) * side
                ends_ = np.array([[x, y] + n * edge, [x, y] + n * (edge + PARKING_M)])
                out.append(stripe(ends_, 0.0, 0.1))
    if road.stop_at is not None:
        x, y, h = at(axis, road.stop_at)
        t = -(road.lanes - 0.5) * w
        x, y = x - t * np.sin(h), y + t * np.cos(h)
        for along, across, long_m, wide_m in (
            (0.0, 1.4, 15.0, 0.16),
            (0.0, -1.4, 15.0, 0.16),
            (7.5, 0.0, 0.16, 2.8),
            (-7.5, 0.0, 0.16, 2.8),
        ):
            px = x + along * np.cos(h) - across * np.sin(h)
            py = y + along * np.sin(h) + across * np.cos(h)
            out.append(rectangle("paint_yellow", px, py, h, long_m, wide_m))
    return out


def _unit(v: Points) -> Points:
    return np.asarray(v / np.hypot(*v))


def _road_strips(axis: Points, road: Road) -> tuple[dict[str, Strip], list[Link], dict[str, Node]]:
    w = road.lane_width
    lanes = tuple(-i * w for i in range(road.lanes))
    edge = -(road.lanes - 0.5) * w
    cycle = edge - CYCLE_M / 2 if road.cycle else None
    parking = edge - (CYCLE_M if road.cycle else 0) - PARKING_M / 2 + 0.08 if road.parking else None

    def strip(name: str, points: Points, node: str = "") -> Strip:
        return Strip(name, points, lanes, w, cycle, parking, road.speed, node)

    ahead = resample(offset_line(axis, -w / 2))
    back = resample(offset_line(axis, w / 2)[::-1])
    if road.u_turn_at is None or road.lanes < 2:
        return {"fwd": strip("fwd", ahead), "back": strip("back", back)}, [], {}
    u = road.u_turn_at
    length = float(arc_length(axis)[-1])
    box = 9.0
    strips = {
        "fwd": strip("fwd", _cut(ahead, 0, u - box), "u"),
        "fwd2": strip("fwd2", _cut(ahead, u + box, length)),
        "back": strip("back", _cut(back, 0, length - u - box), "u"),
        "back2": strip("back2", _cut(back, length - u + box, length)),
    }
    links = []
    for a, b in (("fwd", "fwd2"), ("back", "back2")):
        for offset in (*lanes, *((cycle,) if cycle is not None else ())):
            name = f"{a}>{b}:{round(-offset, 1)}"
            through = line(
                _point(strips[a].points, -1, offset), _point(strips[b].points, 0, offset)
            )
            strips[name] = Strip(
                name, through, speed=road.speed, turn="straight", priority=3,
                bicycles_only=offset == cycle,
            )  # fmt: skip
            links.append(Link(name, a, offset, b, offset, "u"))
    for a, b in (("fwd", "back2"), ("back", "fwd2")):
        name = f"{a}>{b}:u"
        start = _point(strips[a].points, -1, lanes[-1])
        end = _point(strips[b].points, 0, lanes[-1])
        loop = _u_turn(np.array(start), np.array(end), strips[a].points)
        strips[name] = Strip(name, loop, speed=4.5, turn="u_turn", priority=0)
        links.append(Link(name, a, lanes[-1], b, lanes[-1], "u"))
    x, y, _ = at(axis, u)
    return strips, links, {"u": Node("u", "priority", x, y)}


def _cut(points: Points, s0: float, s1: float) -> Points:
    s = arc_length(points)
    inside = points[(s > s0 + 0.2) & (s < s1 - 0.2)]
    ends = np.array([at(points, s0)[:2], at(points, s1)[:2]])
    return resample(np.concatenate([ends[:1], inside, ends[1:]]))


def _point(points: Points, end: int, offset: float) -> tuple[float, float]:
    d = points[-1] - points[-2] if end == -1 else points[1] - points[0]
    h = float(np.arctan2(d[1], d[0]))
    x, y = points[end]
    return float(x - offset * np.sin(h)), float(y + offset * np.cos(h))


def _u_turn(start: Points, end: Points, before: Points) -> Points:
    """Ahead a few metres, half a circle to the left, and back."""
    u = _unit(before[-1] - before[-2])
    n = np.array([-u[1], u[0]])
    radius = float((end - start) @ n) / 2
    begin = start + 7.0 * u
    centre = begin + radius * n
    a = np.linspace(-np.pi / 2, np.pi / 2, 50)
    arc = centre + radius * (np.cos(a)[:, None] * u + np.sin(a)[:, None] * n)
    return smoothed(np.concatenate([start[None], arc, end[None]]), 1.3)


def _bays(strips: dict[str, Strip]) -> list[Spot]:
    out = []
    for strip in strips.values():
        if strip.parking is None:
            continue
        for s in np.arange(11.1, strip.length_m - 8, 6.2):
            x, y, h = at(strip.points, float(s))
            px, py = x - strip.parking * np.sin(h), y + strip.parking * np.cos(h)
            out.append(Spot(px, py, h, strip.strip_id, float(s), "kerb"))
    return out


def roundabout(name: str, arms: Sequence[Arm], style: RoadStyle, seed: int) -> Layout:
    """A one-lane roundabout round the origin; arms have one lane each way."""
    radius, outer = 13.0, 16.6
    delta = np.radians(36.0)
    surfaces = [rectangle(style.verge, 0.0, 0.0, 0.0, 1600.0, 1600.0)]
    strips: dict[str, Strip] = {}
    links: list[Link] = []
    nodes: dict[str, Node] = {}
    crossings: dict[str, Crossing] = {}
    walks: list[Walk] = []
    n = len(arms)
    stop = outer + 5.6
    for k, arm in enumerate(arms):
        w = arm.lane_width
        strips[f"in{k}"] = Strip(
            f"in{k}",
            line(arm.at(arm.length, w / 2), arm.at(stop, w / 2)),
            speed=arm.speed,
            node=f"r{k}",
        )
        strips[f"out{k}"] = Strip(
            f"out{k}", line(arm.at(stop, -w / 2), arm.at(arm.length, -w / 2)), speed=arm.speed
        )
        after = arms[(k + 1) % n]
        until = after.angle + (2 * np.pi if after.angle < arm.angle else 0.0) - delta
        strips[f"ring{k}"] = Strip(
            f"ring{k}", _arc(radius, arm.angle + delta, until), speed=6.0, node=f"r{(k + 1) % n}"
        )
    for k, arm in enumerate(arms):
        before = f"ring{(k - 1) % n}"
        entry = turn_line(
            _xy(strips[f"in{k}"].points[-1]), arm.angle + np.pi,
            _xy(strips[f"ring{k}"].points[0]), arm.angle + delta + np.pi / 2, 12.0,
        )  # fmt: skip
        leave = turn_line(
            _xy(strips[before].points[-1]), arm.angle - delta + np.pi / 2,
            _xy(strips[f"out{k}"].points[0]), arm.angle, 12.0,
        )  # fmt: skip
        past = _arc(radius, arm.angle - delta, arm.angle + delta)
        for strip_id, points, source, target, priority in (
            (f"enter{k}", entry, f"in{k}", f"ring{k}", 0),
            (f"leave{k}", leave, before, f"out{k}", 5),
            (f"past{k}", past, before, f"ring{k}", 5),
        ):
            turn = "right" if strip_id != f"past{k}" else "straight"
            strips[strip_id] = Strip(strip_id, points, speed=6.0, turn=turn, priority=priority)
            links.append(Link(strip_id, source, 0.0, target, 0.0, f"r{k}"))
        nodes[f"r{k}"] = Node(f"r{k}", "priority", *arm.at(radius + 3.0, 0.0))
        crossings[f"z{k}"], walk = _ring_crossing(arm, k, stop, style)
        walks += walk
    walks += _ring_walks(arms, outer, style)
    surfaces += _ring_ground(arms, strips, outer, style, stop)
    roads = [(line(arm.at(0, 0), arm.at(arm.length, 0)), arm.left, arm.right) for arm in arms]
    keep = [(0.0, 0.0, outer + style.pavement_m + 1.0)]
    props = [
        Prop("tree", 1.5, 0.5, 0.0, 4.2, 4.2, 6.0, seed),
        Prop("hedge", -3.5, -2.5, 0.6, 4.0, 1.2, 0.8, seed + 1),
        *dress(roads, style.dressing, style.pavement_m, seed, keep),
    ]
    return Layout(
        name,
        tuple(surfaces),
        tuple(props),
        strips,
        tuple(links),
        nodes,
        crossings,
        tuple(walks),
        focus=((0.0, 0.0),),
        clear_m=outer + 8.0,
    )


def _xy(point: Points) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def _arc(radius: float, a0: float, a1: float) -> Points:
    a = np.linspace(a0, a1, max(6, int(abs(a1 - a0) * radius / 0.4)))
    return resample(np.stack([radius * np.cos(a), radius * np.sin(a)], axis=1))


def _ring_crossing(arm: Arm, k: int, stop: float, style: RoadStyle) -> tuple[Crossing, list[Walk]]:
    r = stop + 3.0
    a, b = arm.at(r, arm.left + 0.7), arm.at(r, -arm.right - 0.7)
    length = arm.length - stop
    spans = (
        (f"in{k}", length - 4.6, length - 1.4),
        (f"out{k}", 1.4, 4.6),
    )
    edge = style.pavement_m / 2
    p, q = arm.at(r, arm.left + edge), arm.at(r, -arm.right - edge)
    half = edge - 0.55
    walks = [
        Walk(f"c{k}l", f"c{k}r", line(p, q), 1.1, f"z{k}"),
        Walk(f"far{k}l", f"c{k}l", line(arm.at(95.0, arm.left + edge), p), half),
        Walk(f"far{k}r", f"c{k}r", line(arm.at(95.0, -arm.right - edge), q), half),
    ]
    return Crossing(f"z{k}", a, b, 3.2, spans), walks


def _ring_walks(arms: Sequence[Arm], outer: float, style: RoadStyle) -> list[Walk]:
    out = []
    edge = style.pavement_m / 2
    r = outer + 5.6 + 3.0
    around = outer + edge + 0.6
    for k, arm in enumerate(arms):
        after = arms[(k + 1) % len(arms)]
        a = np.array(arm.at(r, arm.left + edge))
        b = np.array(after.at(r, -after.right - edge))
        angle_a = float(np.arctan2(a[1], a[0])) + np.radians(12)
        angle_b = float(np.arctan2(b[1], b[0])) - np.radians(12)
        if angle_b < angle_a:
            angle_b += 2 * np.pi
        path = np.concatenate([a[None], _arc(around, angle_a, angle_b), b[None]])
        out.append(Walk(f"c{k}l", f"c{(k + 1) % len(arms)}r", smoothed(path, 1.5), edge - 0.55))
    return out


def _ring_ground(
    arms: Sequence[Arm], strips: dict[str, Strip], outer: float, style: RoadStyle, stop: float
) -> list[Surface]:
    out: list[Surface] = []
    for material, more in ((style.walk, style.pavement_m), ("kerb", 0.22), (style.asphalt, 0.0)):
        for k, arm in enumerate(arms):
            axis = np.array([arm.at(0.0, 0.0), arm.at(arm.length + 250.0, 0.0)])
            out.append(band(material, axis, arm.left + more, -arm.right - more))
            out += [
                band(material, strips[way].points, 2.2 + more, -2.3 - more)
                for way in (f"enter{k}", f"leave{k}")
            ]
        out.append(Surface(material, ring(0.0, 0.0, outer + more)))
    island = 13.0 - 3.2
    out.append(Surface("kerb", ring(0.0, 0.0, island)))
    out.append(Surface("pavement", ring(0.0, 0.0, island - 0.3)))
    out.append(Surface("grass", ring(0.0, 0.0, island - 1.8)))
    out.append(stripe(closed(ring(0.0, 0.0, island + 0.35)), 0.0, 0.12))
    for arm in arms:
        axis = line(arm.at(stop + 5.0, 0.0), arm.at(arm.length, 0.0))
        out += dashes(axis, 0.0)
        a, b = arm.at(stop - 1.0, 0.1), arm.at(stop - 1.0, arm.left)
        out += dashes(line(a, b), 0.0, dash=0.6, gap=0.4, width=0.4)
        a, b = arm.at(stop + 3.0, arm.left), arm.at(stop + 3.0, -arm.right)
        out += zebra(np.array(a), np.array(b), 3.2)
    return out
