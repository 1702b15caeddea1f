"""Junctions of straight arms: crossroads and T junctions, with signals, priority or neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sample_videos.world.layout import (
    Crossing,
    Layout,
    Link,
    Node,
    Spot,
    Strip,
    Walk,
    line,
    resample,
    turn_line,
)
from sample_videos.world.layout_paint import arrow, corner, dashes, rectangle, stripe, zebra
from sample_videos.world.layout_props import Dressing, dress
from sample_videos.world.scene import Points, Prop, Surface

PARKING_M = 2.3
CYCLE_M = 1.7


@dataclass(frozen=True, slots=True)
class Arm:
    """One road of a junction. angle: outward, radians.

    lanes_in, lanes_out: number of lanes; parking_in, parking_out: a row of parking along the
    kerb; cycle: a cycle lane on both sides; length: how far traffic runs; beyond: how far the
    asphalt goes on after that.
    """

    angle: float
    lanes_in: int = 1
    lanes_out: int = 1
    lane_width: float = 3.3
    cycle: bool = False
    parking_in: bool = False
    parking_out: bool = False
    main: bool = False
    zebra: bool = True
    length: float = 150.0
    beyond: float = 250.0
    speed: float = 11.5

    @property
    def left(self) -> float:
        """How far the carriageway reaches to the left (looking outward: the incoming side)."""
        return self._side(self.lanes_in, self.parking_in)

    @property
    def right(self) -> float:
        return self._side(self.lanes_out, self.parking_out)

    def _side(self, lanes: int, parking: bool) -> float:
        return (
            lanes * self.lane_width + (CYCLE_M if self.cycle else 0) + (PARKING_M if parking else 0)
        )

    @property
    def u(self) -> Points:
        return np.array([np.cos(self.angle), np.sin(self.angle)])

    def at(self, r: float, t: float) -> tuple[float, float]:
        """The point r metres out and t metres to the left of the arm's axis."""
        x, y = r * self.u + t * np.array([-self.u[1], self.u[0]])
        return float(x), float(y)


@dataclass(frozen=True, slots=True)
class RoadStyle:
    """What a road looks like."""

    asphalt: str = "asphalt"
    walk: str = "pavement"
    verge: str = "grass"
    pavement_m: float = 3.0
    kerb_radius: float = 6.5
    arrows: bool = True
    yellow: bool = False
    dressing: Dressing = field(default_factory=Dressing)


def junction(
    name: str,
    arms: Sequence[Arm],
    control: str,
    style: RoadStyle,
    seed: int,
    keep_out: Sequence[tuple[float, float, float]] = (),
) -> Layout:
    """A junction of 3 or 4 arms round the origin; arms in counter-clockwise order.

    control: signals, priority, all_way. keep_out: circles (x, y, radius) free of props.
    """
    reach = [_reach(arms, k, style) for k in range(len(arms))]
    surfaces = _ground(arms, style)
    strips: dict[str, Strip] = {}
    crossings: dict[str, Crossing] = {}
    signals: dict[str, tuple[int, ...]] = {}
    props: list[Prop] = []
    bays: list[Spot] = []
    for k, arm in enumerate(arms):
        stop = reach[k] + (4.6 if arm.zebra else 1.0)
        _arm_strips(strips, arm, k, stop)
        surfaces += _arm_paint(arm, reach[k], stop, style)
        if control == "signals":
            signals[f"in{k}"] = (len(props),)
            x, y = arm.at(stop + 0.3, arm.left + 0.7)
            props.append(Prop("signal", x, y, arm.angle, 0.4, 0.4, 3.6, seed=k))
        bays += _kerb_bays(arm, k, stop)
    links = _links(strips, arms, control)
    for k, arm in enumerate(arms):
        if arm.zebra:
            crossings[f"z{k}"] = _crossing(arm, k, reach[k], reach[k] + 4.6, links, strips)
    groups = tuple(
        tuple(f"in{k}" for k, arm in enumerate(arms) if arm.main == main) for main in (True, False)
    )
    node = Node("j", control, 0.0, 0.0, groups if control == "signals" else (), signals)
    walks = _walks(arms, reach, style, crossings)
    roads = [(line(arm.at(0.0, 0.0), arm.at(arm.length, 0.0)), arm.left, arm.right) for arm in arms]
    props += dress(roads, style.dressing, style.pavement_m, seed, [*_free(arms, reach), *keep_out])
    return Layout(
        name,
        tuple(surfaces),
        tuple(props),
        strips,
        tuple(links),
        {"j": node},
        crossings,
        tuple(walks),
        tuple(bays),
        focus=((0.0, 0.0), *(arm.at(reach[k] + 6.0, 0.0) for k, arm in enumerate(arms))),
        clear_m=max(reach) + 8.0,
    )


def _free(arms: Sequence[Arm], reach: Sequence[float]) -> list[tuple[float, float, float]]:
    return [(0.0, 0.0, max(reach) + 4.0)] + [
        (*arm.at(reach[k] + 2.0, 0.0), arm.left + 5.0) for k, arm in enumerate(arms)
    ]


def _reach(arms: Sequence[Arm], k: int, style: RoadStyle) -> float:
    """Distance from the centre at which arm k has its full kerbs again."""
    out = 4.0
    n = len(arms)
    for other, near, far in (
        (arms[(k + 1) % n], arms[k].left, arms[(k + 1) % n].right),
        (arms[(k - 1) % n], arms[k].right, arms[(k - 1) % n].left),
    ):
        turned = abs(np.angle(np.exp(1j * (other.angle - arms[k].angle))))
        if turned > np.pi - 0.25:
            continue
        bite = (far + near * np.cos(turned)) / np.sin(turned)
        out = max(out, bite + style.kerb_radius / np.tan(turned / 2) * 0.75)
    return out


def _ground(arms: Sequence[Arm], style: RoadStyle) -> list[Surface]:
    out = [rectangle(style.verge, 0.0, 0.0, 0.0, 1600.0, 1600.0)]
    layers = (
        (style.walk, style.pavement_m, max(style.kerb_radius - style.pavement_m, 0.6)),
        ("kerb", 0.22, style.kerb_radius - 0.22),
        (style.asphalt, 0.0, style.kerb_radius),
    )
    centre = np.zeros(2)
    for material, more, radius in layers:
        for k, arm in enumerate(arms):
            axis = np.array([arm.at(0.0, 0.0), arm.at(arm.length + arm.beyond, 0.0)])
            n = np.array([-arm.u[1], arm.u[0]])
            polygon = np.concatenate(
                [axis + n * (arm.left + more), (axis - n * (arm.right + more))[::-1]]
            )
            out.append(Surface(material, polygon))
            after = arms[(k + 1) % len(arms)]
            out.append(
                Surface(
                    material,
                    corner(centre, arm.u, arm.left + more, after.u, after.right + more, radius),
                )
            )
    return out


def _arm_strips(strips: dict[str, Strip], arm: Arm, k: int, stop: float) -> None:
    w = arm.lane_width
    axis_in = line(arm.at(arm.length, 0.5 * w), arm.at(stop, 0.5 * w))
    axis_out = line(arm.at(stop, -0.5 * w), arm.at(arm.length, -0.5 * w))
    for way, points, lanes, parking in (
        ("in", axis_in, arm.lanes_in, arm.parking_in),
        ("out", axis_out, arm.lanes_out, arm.parking_out),
    ):
        edge = -(lanes - 0.5) * w
        strips[f"{way}{k}"] = Strip(
            f"{way}{k}",
            points,
            tuple(-i * w for i in range(lanes)),
            w,
            cycle=edge - CYCLE_M / 2 if arm.cycle else None,
            parking=edge - (CYCLE_M if arm.cycle else 0) - PARKING_M / 2 + 0.08
            if parking
            else None,
            speed=arm.speed,
            node="j" if way == "in" else "",
        )


def _arm_paint(arm: Arm, reach: float, stop: float, style: RoadStyle) -> list[Surface]:
    out: list[Surface] = []
    axis = line(arm.at(stop, 0.0), arm.at(arm.length, 0.0))
    near = line(arm.at(stop, 0.0), arm.at(stop + 22.0, 0.0))
    w = arm.lane_width
    middle = "paint_yellow" if style.yellow else "paint_white"
    if arm.lanes_in + arm.lanes_out > 2:
        out += [stripe(axis, 0.13, 0.1, middle), stripe(axis, -0.13, 0.1, middle)]
    else:
        out.append(stripe(near, 0.0, 0.14, middle))
        far = line(arm.at(stop + 23.0, 0.0), arm.at(arm.length, 0.0))
        out += dashes(far, 0.0, material=middle)
    for lanes, side, parking in (
        (arm.lanes_in, 1.0, arm.parking_in),
        (arm.lanes_out, -1.0, arm.parking_out),
    ):
        for i in range(1, lanes):
            out += dashes(axis, side * i * w, dash=2.0, gap=4.0, width=0.12)
        edge = lanes * w
        if arm.cycle:
            out.append(stripe(axis, side * (edge + CYCLE_M / 2), CYCLE_M - 0.1, "cycle_lane"))
            out.append(stripe(axis, side * edge, 0.14))
            edge += CYCLE_M
        if parking:
            out.append(stripe(axis, side * edge, 0.1))
            r = stop + 8.0
            while r < arm.length - 10:
                a, b = arm.at(r, side * edge), arm.at(r, side * (edge + PARKING_M))
                out.append(stripe(np.array([a, b]), 0.0, 0.1))
                r += 6.2
    a, b = arm.at(stop + 0.2, 0.1), arm.at(stop + 0.2, arm.lanes_in * w)
    out.append(stripe(np.array([a, b]), 0.0, 0.4))
    if arm.zebra:
        a, b = arm.at(reach + 1.9, arm.left), arm.at(reach + 1.9, -arm.right)
        out += zebra(np.array(a), np.array(b), 3.2)
    if style.arrows and arm.lanes_in > 1:
        for i in range(arm.lanes_in):
            x, y = arm.at(stop + 9.0, (i + 0.5) * w)
            turn = "left" if i == 0 else "straight"
            out += arrow(x, y, arm.angle + np.pi, turn)
    return out


def _crossing(
    arm: Arm, k: int, reach: float, stop: float, links: Sequence[Link], strips: dict[str, Strip]
) -> Crossing:
    near, far = stop - reach - 3.5, stop - reach - 0.3
    spans = []
    for link in links:
        length = strips[link.strip_id].length_m
        if link.source == f"in{k}":
            spans.append((link.strip_id, near, far))
        if link.target == f"out{k}":
            spans.append((link.strip_id, length - far, length - near))
    a, b = arm.at(reach + 1.9, arm.left + 0.7), arm.at(reach + 1.9, -arm.right - 0.7)
    return Crossing(f"z{k}", a, b, 3.2, tuple(spans), "j", (f"in{k}",))


def _kerb_bays(arm: Arm, k: int, stop: float) -> list[Spot]:
    out = []
    for way, parking in (("in", arm.parking_in), ("out", arm.parking_out)):
        if not parking:
            continue
        side = 1.0 if way == "in" else -1.0
        t = side * ((arm.left if way == "in" else arm.right) - PARKING_M / 2 - 0.08)
        r = stop + 11.1
        while r < min(arm.length - 30, 75.0):
            x, y = arm.at(r, t)
            heading = arm.angle + (np.pi if way == "in" else 0.0)
            s = arm.length - r if way == "in" else r - stop
            out.append(Spot(x, y, heading, f"{way}{k}", s, "kerb"))
            r += 6.2
    return out


def _links(strips: dict[str, Strip], arms: Sequence[Arm], control: str) -> list[Link]:
    out: list[Link] = []
    n = len(arms)
    for i, source in enumerate(arms):
        for j, target in enumerate(arms):
            if i == j:
                continue
            turned = float(np.angle(np.exp(1j * (target.angle - source.angle - np.pi))))
            turn = "straight" if abs(turned) < 0.5 else ("left" if turned > 0 else "right")
            pairs = _lane_pairs(turn, source.lanes_in, target.lanes_out, n)
            a, b = strips[f"in{i}"], strips[f"out{j}"]
            for lane_a, lane_b in pairs:
                _add_link(
                    strips, out, a, b, a.lanes[lane_a], b.lanes[lane_b], turn,
                    _priority(turn, source, control),
                )  # fmt: skip
            if a.cycle is not None and b.cycle is not None and turn != "left":
                _add_link(
                    strips, out, a, b, a.cycle, b.cycle, turn,
                    _priority(turn, source, control), bicycles=True,
                )  # fmt: skip
    return out


def _lane_pairs(turn: str, lanes_in: int, lanes_out: int, arms: int) -> list[tuple[int, int]]:
    if turn == "left":
        return [(0, 0)]
    if turn == "right":
        return [(lanes_in - 1, lanes_out - 1)]
    if lanes_in == 1:
        return [(0, lanes_out - 1)]
    first = 0 if arms == 3 else min(1, lanes_in - 1)
    return [(i, min(i, lanes_out - 1)) for i in range(first, lanes_in)]


def _priority(turn: str, source: Arm, control: str) -> int:
    base = {"straight": 3, "right": 2, "left": 1, "u_turn": 0}[turn]
    if control == "priority" and source.main:
        return base + (4 if turn != "left" else 3)
    return base


def _add_link(
    strips: dict[str, Strip],
    out: list[Link],
    a: Strip,
    b: Strip,
    from_offset: float,
    to_offset: float,
    turn: str,
    priority: int,
    bicycles: bool = False,
) -> None:
    ha = float(np.arctan2(*(a.points[-1] - a.points[-2])[::-1]))
    hb = float(np.arctan2(*(b.points[1] - b.points[0])[::-1]))
    start = a.points[-1] + from_offset * np.array([-np.sin(ha), np.cos(ha)])
    end = b.points[0] + to_offset * np.array([-np.sin(hb), np.cos(hb)])
    radius = 11.5 if turn == "left" else (8.0 if not bicycles else 6.0)
    points = turn_line(
        (float(start[0]), float(start[1])), ha, (float(end[0]), float(end[1])), hb, radius
    )
    name = f"{a.strip_id}>{b.strip_id}:{round(-from_offset, 1)}" + ("b" if bicycles else "")
    strips[name] = Strip(
        name, points, speed=a.speed, turn=turn, priority=priority, bicycles_only=bicycles
    )
    out.append(Link(name, a.strip_id, from_offset, b.strip_id, to_offset, "j"))


def _walks(
    arms: Sequence[Arm],
    reach: Sequence[float],
    style: RoadStyle,
    crossings: dict[str, Crossing],
) -> list[Walk]:
    out = []
    n = len(arms)
    half = style.pavement_m / 2 - 0.55
    for k, arm in enumerate(arms):
        for side, edge in (("l", arm.left), ("r", -arm.right)):
            t = edge + np.sign(edge) * style.pavement_m * 0.5
            far = line(arm.at(min(arm.length, 95.0), t), arm.at(reach[k] + 1.9, t))
            out.append(Walk(f"far{k}{side}", f"c{k}{side}", far, half))
        if f"z{k}" in crossings:
            t_l = arm.left + style.pavement_m * 0.5
            t_r = -arm.right - style.pavement_m * 0.5
            over = line(arm.at(reach[k] + 1.9, t_l), arm.at(reach[k] + 1.9, t_r))
            out.append(Walk(f"c{k}l", f"c{k}r", over, 1.1, f"z{k}"))
        after = arms[(k + 1) % n]
        a = np.array(arm.at(reach[k] + 1.9, arm.left + style.pavement_m * 0.5))
        b = np.array(after.at(reach[(k + 1) % n] + 1.9, -after.right - style.pavement_m * 0.5))
        out.append(Walk(f"c{k}l", f"c{(k + 1) % n}r", _around(a, arm, b, after), half))
    return out


def _around(a: Points, arm: Arm, b: Points, after: Arm) -> Points:
    """From one crossing to the next round the corner, on the pavement."""
    try:
        ka, kb = np.linalg.solve(np.stack([arm.u, -after.u], axis=1), b - a)
    except np.linalg.LinAlgError:
        return resample(np.array([a, b]))
    if ka > -0.5 or kb > -0.5 or abs(ka) > 40:
        return resample(np.array([a, b]))
    knee = a + ka * arm.u
    cut = min(4.2, 0.8 * abs(ka), 0.8 * abs(kb))
    return resample(np.array([a, knee + cut * arm.u, knee + cut * after.u, b]))
