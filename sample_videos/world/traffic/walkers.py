"""People and dogs on foot: along pavements, over zebras, across squares, round each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import atan2, cos, hypot, pi, sin

import numpy as np

from sample_videos.world.layout import (
    Crossing,
    Layout,
    Walk,
    arc_length,
    headings,
    resample,
    smoothed,
)
from sample_videos.world.scene import Body, Points, Pose

STRIDE_M = {"person": 1.45, "dog": 0.95}
_SLIP_M_S = 0.7
_AIMS = (0.0, -0.5, 0.5, -1.0, 1.0, -1.6, 1.6, -2.2, 2.2)
_EASES = (1.0, 0.55, 0.0)
_LOOK_S = (0.3, 0.7, 1.2, 1.8, 2.6)
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

    pauses: (q, seconds). beside: keeps level with this walker (a companion). room: how far from
    the line it may step aside, metres.
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
    room: float = 1.5


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
    aim: float = 0.0
    ease: float = 1.0
    stuck_s: float = 0.0
    waited_s: float = 0.0
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

    _h: list[float] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self._s = arc_length(self.plan.points)
        self._h = [float(h) for h in headings(self.plan.points)]
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
        h = self._h[i] + f * (self._h[i + 1] - self._h[i])
        t = self.plan.side + drift
        return ax + f * (bx - ax) - t * sin(h), ay + f * (by - ay) + t * cos(h), h

    def on_crossing(self, crossing: str) -> tuple[float, int, float] | None:
        """(how far along the zebra 0..1, direction, its length) while it is on it."""
        over = self.crossing
        if over is None or over.crossing != crossing:
            return None
        f = (self.q - over.q0) / max(over.q1 - over.q0, 1e-6)
        return (f if over.direction > 0 else 1 - f), over.direction, over.length

    def asks_for(self, crossing: str) -> bool:
        """Whether it has stood at this zebra's kerb for a moment."""
        return self.waited_s > 0.8 and any(
            over.crossing == crossing and abs(over.q0 - self.q) < 0.8 for over in self.plan.overs
        )

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

    def step(
        self, owner: Walker, others: Sequence[Walker], discs: Sequence[Disc], dt: float
    ) -> None:
        """Run to the best free place near the owner: ahead, else beside, else behind."""
        c, s = cos(owner.heading), sin(owner.heading)
        ahead, side = self.plan.ahead, self.plan.side
        beside = 2.8 * side
        walking = owner.speed > 0.15 or not self.placed
        places = ((ahead, side), (0.1, beside), (-ahead, 0.0), (0.1, -beside))
        for along, across in places if walking else places[1:]:
            tx = owner.x + along * c - across * s
            ty = owner.y + along * s + across * c
            if not self.placed:
                self.x, self.y, self.heading, self.placed = tx, ty, owner.heading, True
                return
            dx, dy = tx - self.x, ty - self.y
            away = hypot(dx, dy)
            step = min(away, min(2.4, 2.5 * away + 0.2) * dt)
            if away < 1e-6:
                return
            nx, ny = self.x + dx / away * step, self.y + dy / away * step
            if self._blocked(nx, ny, others, discs):
                continue
            self.distance += step
            if step > 0.25 * dt:
                turn = (atan2(dy, dx) - self.heading + pi) % (2 * pi) - pi
                self.heading += max(-3.0 * dt, min(3.0 * dt, turn))
            self.x, self.y = nx, ny
            return
        self._make_room(owner, others, discs, dt)

    def _make_room(
        self, owner: Walker, others: Sequence[Walker], discs: Sequence[Disc], dt: float
    ) -> None:
        """Step aside when the owner comes too near."""
        dx, dy = self.x - owner.x, self.y - owner.y
        near = hypot(dx, dy)
        if 1e-6 < near < 1.0:
            x, y = self.x + dx / near * 1.5 * dt, self.y + dy / near * 1.5 * dt
            if not self._blocked(x, y, others, discs):
                self.x, self.y = x, y

    def _blocked(self, x: float, y: float, others: Sequence[Walker], discs: Sequence[Disc]) -> bool:
        for other in others:
            near = hypot(other.x - x, other.y - y)
            if near < 0.95 and near < hypot(other.x - self.x, other.y - self.y):
                return True
        for dx, dy, radius, solid in discs:
            near = hypot(dx - x, dy - y)
            if solid and near < radius + 0.54 and near < hypot(dx - self.x, dy - self.y):
                return True
        return False

    def pose(self) -> Pose:
        return Pose(self.x, self.y, self.heading, phase=2 * pi * self.distance / STRIDE_M["dog"])


def step_walker(
    me: Walker,
    others: Sequence[Walker],
    may_cross: bool,
    discs: Sequence[Disc],
    dt: float,
    decide: bool = True,
) -> None:
    """Move somebody on by dt. discs: what else is in the way, or soon will be.

    decide: look round again; otherwise the last choice of pace and side holds.
    """
    want = _pace(me, others, may_cross, dt)
    near = [o for o in others if o is not me and abs(o.x - me.x) < 4.5 and abs(o.y - me.y) < 4.5]
    me.stuck_s = me.stuck_s + dt if want > 0.3 and me.speed < 0.1 else 0.0
    if decide:
        me.aim, me.ease = _choose(me, near, discs, want) if near or discs else (0.0, 1.0)
    if me.stuck_s > 1.0 and (me.object_id + int(me.stuck_s / 1.6)) % 2 == 0:
        me.ease = 0.0  # Two who are in each other's way must not dodge in step.
    want *= me.ease
    change = 2.2 * dt
    me.speed = max(0.0, min(max(want, me.speed - 2 * change), me.speed + change))
    drift = me.drift + max(-_SLIP_M_S * dt, min(_SLIP_M_S * dt, me.aim - me.drift))
    q = me.q + me.speed * dt
    x, y, _ = me.place(q, me.drift)
    moved = hypot(x - me.x, y - me.y)
    if moved > 1.15 * me.speed * dt:  # the outer side of a bend is longer
        q = me.q + me.speed * dt * 1.15 * me.speed * dt / moved
    choices = ((q, drift), (q, me.drift), (me.q, drift))
    for q, drift in choices:
        x, y, h = me.place(q, drift)
        if not _blocked(me, x, y, near, discs):
            break
    else:
        me.speed = 0.0
        return
    if q == me.q:
        me.speed = 0.0
    moved = hypot(x - me.x, y - me.y)
    me.distance += moved
    facing = atan2(y - me.y, x - me.x) if moved > 0.3 * dt else h
    turn = (facing - me.heading + pi) % (2 * pi) - pi
    me.heading += max(-3.0 * dt, min(3.0 * dt, turn))
    me.q, me.drift, me.x, me.y = q, drift, x, y
    if me.q >= me._s[-1] - 0.3:
        me.gone = True


def _pace(me: Walker, others: Sequence[Walker], may_cross: bool, dt: float) -> float:
    """The speed wished for: zebras, pauses and a companion considered."""
    want = me.plan.speed
    for over in me.plan.overs:
        if me.crossing is None and over.q0 - 0.4 < me.q + me.speed * dt <= over.q0 + 0.6:
            if may_cross:
                me.crossing = over
            else:
                want = 0.0
    me.waited_s = me.waited_s + dt if want == 0.0 and me.speed < 0.1 else 0.0
    if me.crossing is not None:
        want = max(want, 1.4)
    if me.crossing is not None and me.q >= me.crossing.q1:
        me.crossing = None
    if me.pauses and me.q >= me.pauses[0][0]:
        left = me.pauses[0][1] - dt
        me.pauses[0] = (me.pauses[0][0], left)
        want = 0.0
        if left <= 0:
            me.pauses.pop(0)
    if me.plan.beside is not None:
        friend = next((o for o in others if o.object_id == me.plan.beside), None)
        if friend is not None:
            lag = friend.q - me.q
            want *= 1.0 + max(-0.5, min(0.5, 0.6 * lag))
            if friend.speed < 0.1 and lag < 0.2:
                want = 0.0
    return want


def _choose(
    me: Walker, near: Sequence[Walker], discs: Sequence[Disc], want: float
) -> tuple[float, float]:
    """The sideways aim and the share of the pace that keep best clear of everybody soon."""
    moving = [
        (o.x, o.y, o.speed * cos(o.heading), o.speed * sin(o.heading), o.radius + me.radius + 0.12)
        for o in near
    ]
    moving += [(x, y, 0.0, 0.0, r + me.radius + 0.06) for x, y, r, _ in discs]
    best, choice = 1e9, (0.0, 1.0)
    room_aside = me.plan.room + (1.0 if me.stuck_s > 1.0 else 0.0)
    for aim in _AIMS:
        if abs(me.plan.side + aim) > room_aside and aim != 0.0:
            continue
        for ease in _EASES:
            cost = 1.3 * (1.0 - ease) + 0.22 * abs(aim) + 0.12 * abs(aim - me.aim)
            cost += 0.03 if aim > 0 else 0.0
            for ahead in _LOOK_S:
                slip = aim - me.drift
                reach = _SLIP_M_S * ahead
                drift = me.drift + max(-reach, min(reach, slip))
                x, y, _ = me.place(me.q + want * ease * ahead, drift)
                for ox, oy, vx, vy, room in moving:
                    dx, dy = ox + vx * ahead - x, oy + vy * ahead - y
                    if dx * dx + dy * dy < room * room:
                        cost += (3.4 - ahead) * (1.2 - hypot(dx, dy) / room)
                if cost >= best:
                    break
            if cost < best:
                best, choice = cost, (aim, ease)
    return choice


def _blocked(
    me: Walker,
    x: float,
    y: float,
    others: Sequence[Walker],
    discs: Sequence[Disc],
) -> bool:
    for other in others:
        if other is me or abs(other.x - x) > 2.0 or abs(other.y - y) > 2.0:
            continue
        near = hypot(other.x - x, other.y - y)
        if near < me.radius + other.radius and near < hypot(other.x - me.x, other.y - me.y):
            return True
    for dx, dy, radius, solid in discs:
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
    line = smoothed(resample(joined), 1.3)
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
