"""People and dogs on foot: along pavements, over zebras, across squares, round each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import atan2, cos, hypot, pi, sin

import numpy as np

from sample_videos.world.layout import Crossing, Layout, Walk, arc_length, resample, smoothed
from sample_videos.world.scene import Body, Points, Pose

STRIDE_M = {"person": 1.45, "dog": 0.95}
_SIDE_M = 1.1
Disc = tuple[float, float, float, bool]
"""x, y, radius, and whether something stands there (or only may come there soon)."""


@dataclass(frozen=True, slots=True)
class Over:
    """A zebra on a walker's way: waits at q0, is over at q1; direction along the crossing."""

    q0: float
    q1: float
    crossing: str
    direction: int
    length: float


@dataclass(frozen=True, slots=True)
class Stroll:
    """One walker's plan: a line on the ground, walked from start_s at a steady pace.

    pauses: (q, seconds). beside: keeps level with this walker (a companion).
    """

    body: Body
    points: Points
    overs: tuple[Over, ...] = ()
    start_s: float = -30.0
    start_q: float = 0.0
    speed: float = 1.35
    side: float = 0.0
    pauses: tuple[tuple[float, float], ...] = ()
    beside: int | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """A dog on a lead: keeps near a walker, `ahead` and `side` metres from them."""

    body: Body
    owner: int
    ahead: float = 1.05
    side: float = -0.35


@dataclass(slots=True)
class Walker:
    """The state of somebody on foot."""

    plan: Stroll
    q: float = 0.0
    drift: float = 0.0
    speed: float = 0.0
    distance: float = 0.0
    x: float = 0.0
    y: float = 0.0
    heading: float = 0.0
    crossing: Over | None = None
    pauses: list[tuple[float, float]] = field(default_factory=list)
    gone: bool = False
    radius: float = 0.0
    _s: np.ndarray[tuple[int], np.dtype[np.float64]] = field(
        default_factory=lambda: np.zeros(1), repr=False
    )

    def __post_init__(self) -> None:
        self._s = arc_length(self.plan.points)
        length, width, _ = self.plan.body.size_m
        self.radius = 0.5 * hypot(length, width) + 0.01
        self.q = self.plan.start_q
        self.speed = self.plan.speed
        self.pauses = list(self.plan.pauses)
        self.x, self.y, self.heading = self.place(self.q, 0.0)

    @property
    def object_id(self) -> int:
        return self.plan.body.object_id

    def place(self, q: float, drift: float) -> tuple[float, float, float]:
        points, s = self.plan.points, self._s
        i = min(max(int(np.searchsorted(s, q)) - 1, 0), len(s) - 2)
        f = (q - s[i]) / max(s[i + 1] - s[i], 1e-9)
        ax, ay = points[i]
        bx, by = points[i + 1]
        h = atan2(by - ay, bx - ax)
        t = self.plan.side + drift
        return ax + f * (bx - ax) - t * sin(h), ay + f * (by - ay) + t * cos(h), h

    def on_crossing(self, crossing: str) -> tuple[float, int, float] | None:
        """(how far along the zebra 0..1, direction, its length) while it is on it."""
        over = self.crossing
        if over is None or over.crossing != crossing:
            return None
        f = (self.q - over.q0) / max(over.q1 - over.q0, 1e-6)
        return (f if over.direction > 0 else 1 - f), over.direction, over.length

    def pose(self) -> Pose:
        stride = STRIDE_M[self.plan.body.kind] * (1.0 if self.plan.speed < 2.2 else 1.6)
        return Pose(self.x, self.y, self.heading, phase=2 * pi * self.distance / stride)


@dataclass(slots=True)
class Pet:
    """The state of a dog on a lead."""

    plan: Lead
    x: float = 0.0
    y: float = 0.0
    heading: float = 0.0
    distance: float = 0.0
    placed: bool = False

    def step(self, owner: Walker, others: Sequence[Walker], dt: float) -> None:
        c, s = cos(owner.heading), sin(owner.heading)
        walking = owner.speed > 0.15 or not self.placed
        ahead = self.plan.ahead if walking else 0.15
        side = self.plan.side if walking else 2.8 * self.plan.side
        tx = owner.x + ahead * c - side * s
        ty = owner.y + ahead * s + side * c
        if not self.placed:
            self.x, self.y, self.heading, self.placed = tx, ty, owner.heading, True
            return
        dx, dy = tx - self.x, ty - self.y
        away = hypot(dx, dy)
        step = min(away, min(2.4, 2.5 * away + 0.2) * dt)
        if away < 1e-6 or step < 1e-5:
            self._make_room(owner, others, dt)
            return
        nx, ny = self.x + dx / away * step, self.y + dy / away * step
        for other in others:
            near = hypot(other.x - nx, other.y - ny)
            if near < 0.95 and near < hypot(other.x - self.x, other.y - self.y):
                self._make_room(owner, others, dt)
                return
        self.distance += step
        if step > 0.25 * dt:
            turn = (atan2(dy, dx) - self.heading + pi) % (2 * pi) - pi
            self.heading += max(-3.0 * dt, min(3.0 * dt, turn))
        self.x, self.y = nx, ny
        self._make_room(owner, others, dt)

    def _make_room(self, owner: Walker, others: Sequence[Walker], dt: float) -> None:
        """Step aside when the owner comes too near."""
        dx, dy = self.x - owner.x, self.y - owner.y
        near = hypot(dx, dy)
        if 1e-6 < near < 0.96:
            step = min(0.96 - near, 2.2 * dt)
            x, y = self.x + dx / near * step, self.y + dy / near * step
            if all(hypot(o.x - x, o.y - y) > 0.95 for o in others if o is not owner):
                self.x, self.y = x, y

    def pose(self) -> Pose:
        return Pose(self.x, self.y, self.heading, phase=2 * pi * self.distance / STRIDE_M["dog"])


def step_walker(
    me: Walker,
    others: Sequence[Walker],
    may_cross: bool,
    dangers: Sequence[Disc],
    dt: float,
) -> None:
    """Move somebody on by dt. dangers: what else is in the way, or soon will be."""
    want = me.plan.speed
    for over in me.plan.overs:
        if me.crossing is None and over.q0 - 0.4 < me.q + me.speed * dt <= over.q0 + 0.6:
            if may_cross:
                me.crossing = over
            else:
                want = 0.0
    if me.crossing is not None and me.q >= me.crossing.q1:
        me.crossing = None
    if me.pauses and me.q >= me.pauses[0][0]:
        left = me.pauses[0][1] - dt
        me.pauses[0] = (me.pauses[0][0], left)
        want = 0.0
        if left <= 0:
            me.pauses.pop(0)
    aim = 0.0
    companion = me.plan.beside
    for other in others:
        if other is me:
            continue
        if other.object_id == companion:
            lag = (other.x - me.x) * cos(me.heading) + (other.y - me.y) * sin(me.heading)
            want *= 1.0 + max(-0.35, min(0.35, 0.5 * lag))
            if other.speed < 0.1 and lag < 0.3:
                want = min(want, 0.0)
            continue
        if other.plan.beside == me.object_id:
            continue
        dx, dy = other.x - me.x, other.y - me.y
        if abs(dx) > 4.0 or abs(dy) > 4.0:
            continue
        c, s = cos(me.heading), sin(me.heading)
        ahead, left_of = dx * c + dy * s, -dx * s + dy * c
        room = me.radius + other.radius + 0.15
        if not -0.2 < ahead < 3.6 or abs(left_of) > room + 0.25:
            continue
        against = cos(other.heading - me.heading) < -0.2
        aim = -_SIDE_M if left_of > -0.15 else _SIDE_M
        if ahead < room + 0.7:
            want = min(want, 0.5 * other.speed if not against else 0.45)
    change = 2.2 * dt
    me.speed = max(0.0, min(max(want, me.speed - 2 * change), me.speed + change))
    drift = me.drift + max(-0.7 * dt, min(0.7 * dt, aim - me.drift))
    q = me.q + me.speed * dt
    x, y, h = me.place(q, drift)
    if _blocked(me, x, y, others, dangers):
        me.speed = 0.0
        x, y, h = me.place(me.q, drift)
        if _blocked(me, x, y, others, dangers):
            return
        q = me.q
    moved = hypot(x - me.x, y - me.y)
    me.distance += moved
    facing = atan2(y - me.y, x - me.x) if moved > 0.3 * dt else h
    turn = (facing - me.heading + pi) % (2 * pi) - pi
    me.heading += max(-3.0 * dt, min(3.0 * dt, turn))
    me.q, me.drift, me.x, me.y = q, drift, x, y
    if me.q >= me._s[-1] - 0.3:
        me.gone = True


def _blocked(
    me: Walker,
    x: float,
    y: float,
    others: Sequence[Walker],
    dangers: Sequence[Disc],
) -> bool:
    for other in others:
        if other is me or abs(other.x - x) > 2.0 or abs(other.y - y) > 2.0:
            continue
        near = hypot(other.x - x, other.y - y)
        if near < me.radius + other.radius and near < hypot(other.x - me.x, other.y - me.y):
            return True
    for dx, dy, radius, solid in dangers:
        near = hypot(dx - x, dy - y)
        was = hypot(dx - me.x, dy - me.y)
        room = radius + me.radius
        if near < room and near < was and (solid or room <= was + 0.05):
            return True
    return False


def walk_along(layout: Layout, nodes: Sequence[str]) -> tuple[Points, tuple[Over, ...]]:
    """A line over the walks between the named nodes, and the zebras on it.

    Raises KeyError when two nodes in a row are not joined.
    """
    parts: list[Points] = []
    marks: list[tuple[int, Crossing]] = []
    for a, b in pairwise(nodes):
        walk, forward = _between(layout, a, b)
        points = walk.points if forward else walk.points[::-1]
        if walk.crossing:
            marks.append((len(parts), layout.crossings[walk.crossing]))
        parts.append(points)
    joined = np.concatenate([p if i == 0 else p[1:] for i, p in enumerate(parts)])
    line = smoothed(resample(joined), 0.5)
    s = arc_length(line)
    overs = []
    for index, crossing in marks:
        start, end = np.array(crossing.start), np.array(crossing.end)
        piece = parts[index]
        forward = float((piece[-1] - piece[0]) @ (end - start)) > 0
        first, last = (start, end) if forward else (end, start)
        q0 = float(s[int(np.argmin(np.hypot(*(line - first).T)))])
        q1 = float(s[int(np.argmin(np.hypot(*(line - last).T)))])
        length = float(np.hypot(*(end - start)))
        overs.append(Over(q0 - 0.2, q1, crossing.crossing_id, 1 if forward else -1, length))
    return line, tuple(sorted(overs, key=lambda o: o.q0))


def _between(layout: Layout, a: str, b: str) -> tuple[Walk, bool]:
    for walk in layout.walks:
        if (walk.start, walk.end) == (a, b):
            return walk, True
        if (walk.start, walk.end) == (b, a):
            return walk, False
    raise KeyError(f"No walk joins {a} and {b} in layout {layout.name}.")
