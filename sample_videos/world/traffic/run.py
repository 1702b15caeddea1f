"""Runs the world from before the clip until its end and keeps where everybody was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, sin

import numpy as np

from sample_videos.world.layout import Crossing, Layout
from sample_videos.world.scene import Body, Points, Pose, SignalState
from sample_videos.world.traffic.course import corners, overlap
from sample_videos.world.traffic.driving import Driving
from sample_videos.world.traffic.junctions import Signals
from sample_videos.world.traffic.vehicle import Trip, Vehicle
from sample_videos.world.traffic.walkers import Disc, Lead, Pet, Stroll, Walker, step_walker

DT_S = 0.04
WARM_UP_S = 26.0


@dataclass(frozen=True, slots=True)
class Still:
    """Something that never moves, such as a parked car."""

    body: Body
    x: float
    y: float
    heading: float


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who takes part, with the junctions' lights."""

    trips: tuple[Trip, ...] = ()
    strolls: tuple[Stroll, ...] = ()
    leads: tuple[Lead, ...] = ()
    stills: tuple[Still, ...] = ()
    signals: Mapping[str, Signals] | None = None

    @property
    def bodies(self) -> tuple[Body, ...]:
        bodies = [t.body for t in self.trips] + [s.body for s in self.strolls]
        bodies += [k.body for k in self.leads] + [s.body for s in self.stills]
        return tuple(sorted(bodies, key=lambda b: b.object_id))


@dataclass(frozen=True, slots=True)
class Life:
    """Where one object was: t (N,) seconds DT_S apart, poses (N,), the strip it was on (N,)."""

    t_s: Points
    poses: tuple[Pose, ...]
    strips: tuple[str, ...] = ()

    @property
    def xyh(self) -> Points:
        """(N, 3) x, y, unwrapped heading."""
        raw = np.array([(p.x, p.y, p.heading) for p in self.poses])
        raw[:, 2] = np.unwrap(raw[:, 2])
        return raw

    def at(self, t_s: float) -> Pose | None:
        """The pose at a time, between samples by straight interpolation; None when absent."""
        k = (t_s - self.t_s[0]) / DT_S
        if k < -1e-6 or k > len(self.poses) - 1 + 1e-6:
            return None
        i = min(max(int(k), 0), len(self.poses) - 1)
        f = k - i
        a = self.poses[i]
        if f < 1e-6 or i + 1 >= len(self.poses):
            return a
        b = self.poses[i + 1]
        turn = (b.heading - a.heading + np.pi) % (2 * np.pi) - np.pi
        return Pose(
            a.x + f * (b.x - a.x), a.y + f * (b.y - a.y), a.heading + f * turn,
            a.phase + f * (b.phase - a.phase), a.steer + f * (b.steer - a.steer),
            a.brake, a.indicator,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SideMove:
    """A planned sideways move that was carried out; delta metres, left positive."""

    object_id: int
    t0_s: float
    t1_s: float
    delta: float


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: every object's life inside the clip, and the traffic lights."""

    lives: Mapping[int, Life]
    signals: Mapping[str, Signals]
    seconds: float
    moves: tuple[SideMove, ...] = ()

    def poses(self, t_s: float) -> dict[int, Pose]:
        found = {k: life.at(t_s) for k, life in self.lives.items()}
        return {k: pose for k, pose in found.items() if pose is not None}

    def lights(self, t_s: float) -> tuple[SignalState, ...]:
        return tuple(state for one in self.signals.values() for state in one.states(t_s))


class Simulation:
    """The world in motion; a function of the cast alone."""

    def __init__(self, layout: Layout, cast: Cast) -> None:
        self._layout = layout
        self._cast = cast
        self._signals = dict(cast.signals or {})
        self._driving = Driving(layout, self._signals)
        self._vehicles: list[Vehicle] = []
        self._walkers: list[Walker] = []
        self._pets: list[Pet] = []
        self._count = 0
        self._still_discs = _discs(cast.stills)
        self._trips = sorted(cast.trips, key=lambda t: (t.start_s, t.body.object_id))
        self._strolls = sorted(cast.strolls, key=lambda t: (t.start_s, t.body.object_id))

    def run(self, seconds: float, warm_up_s: float = WARM_UP_S) -> Run:
        """Lives between 0 and `seconds`; starts `warm_up_s` earlier."""
        kept: dict[int, list[tuple[float, Pose]]] = {}
        strips: dict[int, list[str]] = {}
        begun: dict[tuple[int, int], tuple[float, float]] = {}
        ended: dict[tuple[int, int], float] = {}
        first = -round(warm_up_s / DT_S)
        for k in range(first, round(seconds / DT_S) + 2):
            t = k * DT_S
            self._enter(t)
            self._step(t)
            if k >= 0:
                for vehicle in self._vehicles:
                    kept.setdefault(vehicle.object_id, []).append((t, vehicle.pose()))
                    leg = vehicle.course.legs[vehicle.course.leg_at(vehicle.q)]
                    strips.setdefault(vehicle.object_id, []).append(leg.strip)
                    for number, move in enumerate(vehicle.course.shifts):
                        if vehicle.q >= move.q:
                            key = (vehicle.object_id, number)
                            if vehicle.q < move.q + move.length:
                                begun.setdefault(key, (t, move.delta))
                            elif key in begun and key not in ended:
                                ended[key] = t
                for walker in self._walkers:
                    kept.setdefault(walker.object_id, []).append((t, walker.pose()))
                for pet in self._pets:
                    if pet.placed:
                        number = pet.plan.body.object_id
                        kept.setdefault(number, []).append((t, pet.pose()))
        lives = {
            number: Life(
                np.array([t for t, _ in rows], dtype=np.float64),
                tuple(pose for _, pose in rows),
                tuple(strips.get(number, ())),
            )
            for number, rows in kept.items()
        }
        times = np.arange(0, round(seconds / DT_S) + 2, dtype=np.float64) * DT_S
        for still in self._cast.stills:
            pose = Pose(still.x, still.y, still.heading)
            lives[still.body.object_id] = Life(times, (pose,) * len(times))
        moves = tuple(
            SideMove(key[0], since, ended[key], delta)
            for key, (since, delta) in sorted(begun.items())
            if key in ended
        )
        return Run(dict(sorted(lives.items())), self._signals, seconds, moves)

    def _enter(self, t: float) -> None:
        waiting = []
        for trip in self._trips:
            if trip.start_s > t:
                waiting.append(trip)
                continue
            course = trip.courses[0]
            leg = course.legs[course.leg_at(trip.start_q)]
            s = leg.s0 + trip.start_q - leg.q0
            half = trip.body.size_m[0] / 2
            wide = trip.body.size_m[1] / 2
            moving = trip.wait_until_s <= t
            room = 9.0 if moving and trip.speed != 0.0 else 0.5
            if moving and not self._driving.free(
                leg.strip, s - half - room, s + half + room, course.offset(trip.start_q), wide
            ):
                waiting.append(trip)
                continue
            if moving and any(
                v.trip.start_s <= t and v.course.legs[0].strip == leg.strip
                and abs(v.q - trip.start_q) < half + v.length / 2 + 4.0
                and abs(v.course.offset(v.q) - course.offset(trip.start_q)) < wide + v.width / 2
                for v in self._vehicles
            ):  # fmt: skip
                waiting.append(trip)
                continue
            speed = trip.speed if trip.speed is not None else 0.9 * course.allowed(trip.start_q)
            if trip.body.kind == "bicycle":
                speed = min(speed, 4.2)
            vehicle = Vehicle(trip, trip.start_q, 0.0 if not moving else speed)
            self._vehicles.append(vehicle)
        self._trips = waiting
        later = []
        for stroll in self._strolls:
            new = Walker(stroll)
            taken = any(
                hypot(w.x - new.x, w.y - new.y) < 1.1
                for w in self._walkers
                if stroll.beside != w.object_id and w.plan.beside != new.object_id
            )
            if stroll.start_s > t or taken:
                later.append(stroll)
                continue
            self._walkers.append(new)
            self._pets += [
                Pet(lead) for lead in self._cast.leads if lead.owner == stroll.body.object_id
            ]
        self._strolls = later

    def _step(self, t: float) -> None:
        self._driving.step(self._vehicles, self._walkers, self._pets, t, DT_S)
        dangers = self._dangers()
        self._count += 1
        for walker in self._walkers:
            may = self._may_cross(walker, t)
            dogs = [(pet.x, pet.y, 0.54, True) for pet in self._pets if pet.placed]
            near = [
                disc for disc in (*dangers, *dogs)
                if abs(disc[0] - walker.x) < 4.0 and abs(disc[1] - walker.y) < 4.0
            ]  # fmt: skip
            step_walker(walker, self._walkers, may, near, DT_S, self._count % 3 == 0)
        owners = {w.object_id: w for w in self._walkers}
        for pet in self._pets:
            owner = owners.get(pet.plan.owner)
            if owner is not None:
                around = [
                    disc for disc in dangers
                    if abs(disc[0] - pet.x) < 4.0 and abs(disc[1] - pet.y) < 4.0
                ]  # fmt: skip
                pet.step(owner, self._walkers, around, DT_S)
        self._vehicles = [v for v in self._vehicles if not v.gone]
        self._walkers = [w for w in self._walkers if not w.gone]
        present = {w.object_id for w in self._walkers}
        self._pets = [p for p in self._pets if p.plan.owner in present]

    def _dangers(self) -> list[Disc]:
        """Where vehicles are or will be within about a second, as discs."""
        out: list[Disc] = []
        for vehicle in self._vehicles:
            if not self._walkers:
                break
            ahead = vehicle.v * 1.1 + (0.6 if vehicle.v > 0.05 else 0.0)
            x, y = vehicle.course.point(vehicle.q)
            reach = ahead + vehicle.length + 4.0
            if all(abs(w.x - x) > reach or abs(w.y - y) > reach for w in self._walkers):
                continue
            d = -vehicle.length / 2
            while d <= vehicle.length / 2 + ahead:
                x, y = vehicle.course.point(vehicle.q + d)
                out.append((x, y, vehicle.width / 2 + 0.15, d <= vehicle.length / 2))
                d += 0.8
        return [*out, *self._still_discs]

    def _may_cross(self, walker: Walker, t: float) -> bool:
        near = [o for o in walker.plan.overs if o.q0 - 0.8 < walker.q < o.q0 + 0.6]
        if not near or walker.crossing is not None:
            return True
        over = near[0]
        crossing: Crossing = self._layout.crossings[over.crossing]
        signals = self._signals.get(crossing.node)
        need = over.length / max(walker.plan.speed, 1.4) + 0.5
        if signals is not None and not signals.may_walk(crossing, t, need):
            return False
        for vehicle in self._vehicles:
            for zebra in vehicle.course.zebras:
                if zebra.crossing != over.crossing or vehicle.rear > zebra.q1 + 0.5:
                    continue
                distance = zebra.q0 - 1.5 - vehicle.front
                if distance < 0 and (vehicle.v > 0.2 or vehicle.front > zebra.q0):
                    return False
                stops_at_light = signals is not None and any(
                    zebra.q0 - 4 < g.q < zebra.q0 and g.node not in vehicle.passes
                    for g in vehicle.course.gates
                )
                if stops_at_light:
                    continue
                if vehicle.v > 0.3 and distance < vehicle.v**2 / (2 * 1.7) + 2.0:
                    return False
        return True


def _discs(stills: Sequence[Still]) -> list[Disc]:
    out: list[Disc] = []
    for still in stills:
        length, width, _ = still.body.size_m
        c, s = cos(still.heading), sin(still.heading)
        d = -length / 2
        while d < length / 2 + 0.1:
            out.append((still.x + d * c, still.y + d * s, width / 2 + 0.1, True))
            d += 0.8
    return out


def collisions(
    run: Run, bodies: Sequence[Body], every_s: float = 0.2, margin: float = 0.0
) -> list[tuple[float, int, int]]:
    """(t, id, id) for each moment at which two bodies stand in one another."""
    sizes = {b.object_id: b.size_m for b in bodies}
    found = []
    for t in np.arange(0.0, run.seconds, every_s):
        poses = run.poses(float(t))
        numbers = sorted(poses)
        boxes = {
            n: corners(poses[n].x, poses[n].y, poses[n].heading, sizes[n][0], sizes[n][1])
            for n in numbers
        }
        for i, a in enumerate(numbers):
            for b in numbers[i + 1 :]:
                reach = (sizes[a][0] + sizes[b][0]) / 2 + 1.5
                if hypot(poses[a].x - poses[b].x, poses[a].y - poses[b].y) > reach:
                    continue
                if overlap(boxes[a], boxes[b], margin):
                    found.append((float(t), a, b))
    return found
