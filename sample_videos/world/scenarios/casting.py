"""Fills a place with vehicles and people whose looks and ways are drawn from a seed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from sample_videos.world.layout import Layout, Strip, arc_length
from sample_videos.world.scene import COLOURS, VARIANTS, Body, Points
from sample_videos.world.traffic.course import Course, Shift
from sample_videos.world.traffic.junctions import Signals
from sample_videos.world.traffic.run import Cast, Still
from sample_videos.world.traffic.vehicle import FOREVER, Halt, LaneChange, Trip
from sample_videos.world.traffic.walkers import Lead, Stroll, walk_along

_KINDS = (("car", 0.5), ("van", 0.15), ("truck", 0.13), ("bus", 0.07), ("motorcycle", 0.15))
_TAXI = ("yellow", "white", "black")
_COAT = ("brown", "black", "white", "grey", "orange")
_CARGO = ("white", "white", "silver", "grey", "yellow", "blue", "green")
_TROUSERS = ("black", "blue", "grey", "brown", "white")
_TOP = {"bicycle": 4.9, "truck": 10.0, "bus": 10.0}
_EARLIEST_S = -25.0
_LATERAL = {"bus": 1.5, "truck": 1.5, "bicycle": 1.6}


class Casting:
    """Hands out object ids, looks and plans; collects everybody who takes part."""

    def __init__(self, layout: Layout, rng: np.random.Generator, avoid: Iterable[str] = ()) -> None:
        """avoid: colours that only the planned cast wears (cars of the traffic do not)."""
        self.layout = layout
        self.rng = rng
        self.avoid = frozenset(avoid)
        self.trips: list[Trip] = []
        self.strolls: list[Stroll] = []
        self.leads: list[Lead] = []
        self.stills: list[Still] = []
        self.strips: dict[str, Strip] = dict(layout.strips)
        self._next = 1
        self._bag: list[str] = []

    def cast(self, signals: dict[str, Signals] | None = None) -> Cast:
        return Cast(
            tuple(self.trips), tuple(self.strolls), tuple(self.leads), tuple(self.stills), signals
        )

    # -- looks -------------------------------------------------------------------------------

    def colour(self, kind: str) -> str:
        """Colours in shuffled rounds, so that all come up about equally often."""
        for _ in range(30):
            if not self._bag:
                self._bag = [str(c) for c in self.rng.permutation(list(COLOURS))]
            colour = self._bag.pop()
            if kind not in ("person", "dog") and colour in self.avoid:
                continue
            return colour
        return "white"

    def body(self, kind: str, colour: str | None = None, variant: str | None = None) -> Body:
        rng = self.rng
        if variant is None:
            variant = str(rng.choice(VARIANTS[kind]))
            if kind == "car" and variant == "taxi":
                if colour is None:
                    colour = str(rng.choice(_TAXI))
                elif colour not in _TAXI:
                    variant = "sedan"
        if colour is None:
            colour = str(rng.choice(_COAT)) if kind == "dog" else self.colour(kind)
        second = {
            "truck": lambda: str(rng.choice(_CARGO)),
            "person": lambda: str(rng.choice(_TROUSERS)),
            "motorcycle": lambda: str(rng.choice(list(COLOURS))),
            "bicycle": lambda: str(rng.choice(list(COLOURS))),
        }
        number, self._next = self._next, self._next + 1
        other = second[kind]() if kind in second else colour
        return Body(number, kind, variant, colour, other, int(rng.integers(1 << 30)))

    def twin(self, body: Body, *, alike: bool = False) -> Body:
        """Somebody who looks exactly like another; alike: only about so (other wear and tear)."""
        number, self._next = self._next, self._next + 1
        seed = int(self.rng.integers(1 << 30)) if alike else body.seed
        return replace(body, object_id=number, seed=seed)

    def kind(self) -> str:
        names = [k for k, _ in _KINDS]
        return str(self.rng.choice(names, p=[p for _, p in _KINDS]))

    # -- driving -----------------------------------------------------------------------------

    def course(
        self, body: Body, pieces: Sequence[tuple[str, float, float, float]], *, gear: int = 1,
        shifts: Sequence[Shift] = (), factor: float | None = None,
    ) -> Course:  # fmt: skip
        lateral = _LATERAL.get(body.kind, 2.0)
        if factor is None:
            factor = float(self.rng.uniform(0.85, 1.05))
        return Course(
            self.layout, self.strips, pieces,
            lateral=lateral, factor=factor, gear=gear, shifts=shifts,
        )  # fmt: skip

    def through(
        self, source: str, turn: str, kind: str = "car", start: float = 0.0
    ) -> list[tuple[str, float, float, float]]:
        """Pieces of the way from a strip through its junction; turn: left, right, straight...

        Raises ValueError when the junction has no such way.
        """
        slim = kind == "bicycle" and self.strips[source].cycle is not None and turn != "left"
        ways = [
            link
            for link in self.layout.links
            if link.source == source
            and self.strips[link.strip_id].turn == turn
            and self.strips[link.strip_id].bicycles_only == slim
        ]
        if not ways and slim:
            return self.through(source, turn, "motorcycle", start)
        if not ways:
            raise ValueError(f"No way {turn} from {source} in layout {self.layout.name}.")
        if kind == "bicycle" and len(ways) > 1:
            ways = ways[-1:]
        link = ways[int(self.rng.integers(len(ways)))]
        return [
            (source, start, self.strips[source].length_m, link.source_offset),
            (link.strip_id, 0.0, self.strips[link.strip_id].length_m, 0.0),
            (link.target, 0.0, self.strips[link.target].length_m, link.target_offset),
        ]

    def along(
        self, strip: str, offset: float, start: float = 0.0
    ) -> list[tuple[str, float, float, float]]:
        return [(strip, start, self.strips[strip].length_m, offset)]

    def trip(
        self,
        body: Body,
        pieces: Sequence[tuple[str, float, float, float]],
        *,
        reach_s: float | None = None,
        reach_q: float | None = None,
        start_s: float = 0.0,
        halts: Sequence[Halt] = (),
        lane_changes: Sequence[LaneChange] = (),
        overtake: int | None = None,
        pace: float = 1.0,
        planned: bool = False,
        factor: float | None = None,
    ) -> Trip:
        """A vehicle that drives the pieces.

        With reach_s it starts early enough to be at reach_q (default: the end of its first
        piece) about then.
        """
        course = self.course(body, pieces, factor=factor)
        start_q = body.size_m[0] / 2 + 0.5
        if reach_s is not None:
            top = _TOP.get(body.kind, 14.0) * pace
            start_s, q = reach_s, course.legs[0].q1 if reach_q is None else reach_q
            while q > start_q and start_s > _EARLIEST_S:
                q -= 1.0
                start_s -= 1.0 / max(0.93 * min(course.allowed(q), top), 0.5)
            start_q = max(q, start_q)
        trip = Trip(
            body, (course,), start_s, start_q, None, tuple(halts), tuple(lane_changes),
            overtake, self.strips[pieces[0][0]].lane_width, pace, planned=planned,
        )  # fmt: skip
        self.trips.append(trip)
        return trip

    def park(self, spot: int, body: Body, *, backward: bool = False) -> None:
        """Leave a vehicle in bay number `spot` for good."""
        bay = self.layout.bays[spot]
        heading = bay.heading + (np.pi if backward else 0.0) + float(self.rng.normal(0, 0.015))
        out = float(self.rng.normal(0, 0.1))
        x, y = bay.x + out * np.cos(bay.heading), bay.y + out * np.sin(bay.heading)
        self.stills.append(Still(body, float(x), float(y), float(heading)))

    def leave_kerb(
        self, body: Body, spot: int, at_s: float, pieces: Sequence[tuple[str, float, float, float]],
        *, planned: bool = True,
    ) -> None:  # fmt: skip
        """A car parked at the kerb that drives off at `at_s`; pieces start on the bay's strip."""
        bay = self.layout.bays[spot]
        strip = self.strips[bay.strip]
        parking = _parking(strip)
        lane = pieces[0][3]
        start = max(bay.s - body.size_m[0] / 2 - 1.0, 0.0)
        first = (pieces[0][0], start, pieces[0][2], parking)
        course = self.course(body, [first, *pieces[1:]])
        q = bay.s - start
        shift = Shift(q + 0.6, 12.0, lane - parking)
        self.trips.append(
            Trip(
                body,
                (course,),
                -60.0,
                q,
                0.0,
                wait_until_s=at_s,
                leave_kerb=shift,
                planned=planned,
                lane_width=strip.lane_width,
            )
        )

    def stop_at_kerb(
        self,
        body: Body,
        spot: int,
        reach_s: float,
        *,
        planned: bool = True,
        seconds: float = FOREVER,
    ) -> None:
        """A car that pulls in to a bay at the kerb and stays."""
        bay = self.layout.bays[spot]
        strip = self.strips[bay.strip]
        parking = _parking(strip)
        lane = strip.lanes[-1]
        pieces = self.along(bay.strip, lane)
        course = self.course(body, pieces, shifts=(Shift(bay.s - 15.0, 13.5, parking - lane),))
        half = body.size_m[0] / 2
        start = reach_s - (bay.s - half) / (0.9 * strip.speed) - 3.0
        self.trips.append(
            Trip(
                body,
                (course,),
                start,
                half + 0.5,
                None,
                (Halt(bay.s, seconds),),
                planned=planned,
                lane_width=strip.lane_width,
            )
        )

    # -- walking -----------------------------------------------------------------------------

    def stroll(
        self,
        nodes: Sequence[str],
        *,
        reach_s: float | None = None,
        start_s: float = 0.0,
        start_q: float = 0.0,
        body: Body | None = None,
        speed: float | None = None,
        pauses: Sequence[tuple[float, float]] = (),
    ) -> Stroll:
        """Somebody who walks over the named nodes; with reach_s at the first zebra by then."""
        points, overs = walk_along(self.layout, nodes)
        body = body or self.body("person")
        speed = speed or float(self.rng.uniform(1.15, 1.6))
        side = float(self.rng.uniform(-0.45, 0.45))
        if reach_s is not None:
            goal = overs[0].q0 if overs else float(arc_length(points)[-1]) / 2
            start_s = reach_s - (goal - start_q) / speed
            if start_s < -26.0:
                start_q += (-26.0 - start_s) * speed
                start_s = -26.0
        plan = Stroll(body, points, overs, start_s, start_q, speed, side, tuple(pauses))
        self.strolls.append(plan)
        return plan

    def roam(
        self,
        points: Points,
        *,
        body: Body | None = None,
        start_s: float = 0.0,
        speed: float | None = None,
        pauses: Sequence[tuple[float, float]] = (),
        start_q: float = 0.0,
    ) -> Stroll:
        """Somebody who walks along a line of their own."""
        body = body or self.body("person")
        speed = speed or float(self.rng.uniform(1.1, 1.6))
        plan = Stroll(body, points, (), start_s, start_q, speed, 0.0, tuple(pauses), room=2.6)
        self.strolls.append(plan)
        return plan

    def companion(self, of: Stroll, side: float = 0.95) -> Stroll:
        """Somebody who walks beside somebody else."""
        plan = Stroll(
            self.body("person"), of.points, of.overs, of.start_s, of.start_q, of.speed,
            of.side + side, of.pauses, of.body.object_id,
        )  # fmt: skip
        self.strolls.append(plan)
        return plan

    def dog(self, owner: Stroll, body: Body | None = None) -> Lead:
        side = float(self.rng.choice([-0.35, 0.35]))
        lead = Lead(body or self.body("dog"), owner.body.object_id, 1.05, side)
        self.leads.append(lead)
        return lead


def _parking(strip: Strip) -> float:
    """The offset of a strip's parking row. Raises ValueError when it has none."""
    if strip.parking is None:
        raise ValueError(f"Strip {strip.strip_id} has no parking.")
    return strip.parking
