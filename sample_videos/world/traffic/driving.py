"""How vehicles react: car following (IDM), junctions, zebras, lane changes, halts.

Car following is the Intelligent Driver Model (Treiber, Hennecke, Helbing 2000).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import hypot, sqrt

from sample_videos.world.layout import Layout
from sample_videos.world.traffic.course import Shift, ZebraGate
from sample_videos.world.traffic.junctions import Conflicts, Signals
from sample_videos.world.traffic.vehicle import FOREVER, LaneChange, Vehicle
from sample_videos.world.traffic.walkers import Pet, Walker

BRAKE = 2.0
HARDEST = 5.5
LOOK_M = 70.0
Span = tuple[float, float, float, float, Vehicle]


class Driving:
    """One step of all vehicles; the order of `vehicles` never matters for the outcome of a seed."""

    def __init__(self, layout: Layout, signals: Mapping[str, Signals]) -> None:
        self._layout = layout
        self._signals = signals
        self._conflicts = Conflicts(layout)
        self._next_pass = 1
        self._steps = 0
        self._feet: list[tuple[float, float]] = []
        self._wanted: dict[int, float] = {}
        self._occupied: dict[str, list[Span]] = {}

    def step(
        self,
        vehicles: Sequence[Vehicle],
        walkers: Sequence[Walker],
        pets: Sequence[Pet],
        t_s: float,
        dt: float,
    ) -> None:
        self._feet = [(w.x, w.y) for w in walkers] + [(p.x, p.y) for p in pets if p.placed]
        self._steps += 1
        if self._steps % 2 or any(v.object_id not in self._wanted for v in vehicles):
            self._survey(vehicles)
            self._grant(vehicles, t_s)
            self._wanted = {
                v.object_id: self._acceleration(v, vehicles, walkers, t_s) for v in vehicles
            }
        for vehicle in vehicles:
            self._move(vehicle, self._wanted[vehicle.object_id], t_s, dt)

    def free(self, strip: str, s0: float, s1: float, offset: float, half: float) -> bool:
        """Whether nobody stands on this stretch (as of the last survey)."""
        return not any(
            r < s1 and f > s0 and low < offset + half and high > offset - half
            for r, f, low, high, _ in self._occupied.get(strip, ())
        )

    def _survey(self, vehicles: Sequence[Vehicle]) -> None:
        self._occupied = {}
        for vehicle in vehicles:
            for strip, r, f, low, high in vehicle.spans():
                self._occupied.setdefault(strip, []).append((r, f, low, high, vehicle))
                for other, fork in self._conflicts.forks.get(strip, {}).items():
                    if r < fork:
                        self._occupied.setdefault(other, []).append((r, f, low, high, vehicle))
            if vehicle.course_no == 0 and vehicle.trip.blocks and vehicle.v > 0:
                for strip, s0, s1 in vehicle.trip.blocks:
                    self._occupied.setdefault(strip, []).append((s0, s1, -3.0, 3.0, vehicle))

    # -- junctions ---------------------------------------------------------------------------

    def _grant(self, vehicles: Sequence[Vehicle], t_s: float) -> None:
        asking: list[tuple[Vehicle, str, str, str, float]] = []
        for vehicle in vehicles:
            for gate in vehicle.course.gates:
                if gate.node in vehicle.passes or gate.q < vehicle.q:
                    continue
                distance = gate.q - vehicle.front
                if distance > 95.0:
                    break
                asking.append((vehicle, gate.node, gate.link, gate.source, distance))
                if distance < 3.5 and vehicle.v < 0.8:
                    vehicle.arrived.setdefault(gate.node, t_s)
                break
        asking.sort(key=lambda item: (item[4], item[0].object_id))
        first: set[tuple[str, float]] = set()
        for vehicle, node, link, source, distance in asking:
            lane = (source, round(vehicle.course.offset(vehicle.front), 0))
            if lane in first:
                continue
            first.add(lane)
            brake_m = vehicle.v**2 / (2 * BRAKE)
            if distance > brake_m + 6.0 + vehicle.v * 0.4:
                continue
            if self._may_enter(vehicle, node, link, source, distance, asking, vehicles, t_s):
                vehicle.passes[node] = self._next_pass
                self._next_pass += 1

    def _may_enter(
        self,
        vehicle: Vehicle,
        node: str,
        link: str,
        source: str,
        distance: float,
        asking: Sequence[tuple[Vehicle, str, str, str, float]],
        vehicles: Sequence[Vehicle],
        t_s: float,
    ) -> bool:
        control = self._layout.nodes[node].control
        if control == "signals":
            colour = self._signals[node].colour(source, t_s)
            hard = vehicle.v**2 / (2 * max(distance, 0.1)) > 2.6
            if colour == "red" or (colour == "amber" and not hard):
                return False
        if control == "all_way" and node not in vehicle.arrived:
            return False
        if not self._room_behind(vehicle, link):
            return False
        strips = self._layout.strips
        mine = self._conflicts.pairs[link]
        speed = max(vehicle.v, 3.5)
        for other, other_node, other_link, other_source, other_distance in asking:
            if other is vehicle or other_node != node or other_link not in mine:
                continue
            if control == "all_way":
                theirs = other.arrived.get(node)
                me = (vehicle.arrived[node], vehicle.object_id)
                if theirs is not None and (theirs, other.object_id) < me:
                    return False
                continue
            if strips[other_link].priority <= strips[link].priority:
                continue
            if control == "signals" and self._signals[node].colour(other_source, t_s) == "red":
                continue
            clear_m = max(distance, 0.0) + mine[other_link].a1 + vehicle.length
            clear_s = clear_m / max(0.75 * strips[link].speed, speed) + 1.2
            eta = (max(other_distance, 0.0) + mine[other_link].b0) / max(other.v, 4.0)
            if other.v < 0.3 and other_distance > 4.0:
                continue
            if eta < clear_s:
                return False
        for other in vehicles:
            if other is vehicle or node not in other.passes:
                continue
            left = self._left_in(other, node, link)
            if left is None:
                continue
            conflict, to_clear = left
            clears = to_clear / max(other.v, 3.0)
            arrives = (max(distance, 0.0) + conflict) / max(vehicle.v, 4.0)
            if control != "signals" and clears > arrives + 0.3:
                return False
        return True

    def _left_in(self, other: Vehicle, node: str, link: str) -> tuple[float, float] | None:
        """For a vehicle with the right to pass: my way to the conflict, its way past it."""
        for gate in other.course.gates:
            pair = self._conflicts.pairs[link].get(gate.link)
            if gate.node == node and pair is not None:
                to_clear = gate.q + pair.b1 - other.rear
                return (pair.a0, to_clear) if to_clear > 0 else None
        return None

    def _room_behind(self, vehicle: Vehicle, link: str) -> bool:
        """Whether the vehicle fits into the strip behind the junction."""
        target = next(x for x in self._layout.links if x.strip_id == link)
        need = vehicle.length + 3.0
        half = vehicle.width / 2
        for r, _, low, high, other in self._occupied.get(target.target, ()):
            if other is vehicle or other.v > 3.0 or r > need:
                continue
            if low < target.target_offset + half and high > target.target_offset - half:
                return False
        return True

    # -- speed -------------------------------------------------------------------------------

    def _acceleration(
        self, me: Vehicle, vehicles: Sequence[Vehicle], walkers: Sequence[Walker], t_s: float
    ) -> float:
        trip = me.trip
        if t_s < trip.wait_until_s or me.pause_s > 0:
            return -HARDEST
        backs_out = trip.leave_backward and me.course_no == 0 and me.q < 0.3
        if backs_out and not self._clear_blocks(me, vehicles, walkers):
            return -HARDEST
        if trip.leave_kerb is not None and not me.left_kerb:
            shift = trip.leave_kerb
            if me.v < 0.5 and not self._gap(me, me.course.offset(me.q) + shift.delta, vehicles):
                return -HARDEST
            me.shift(shift)
            me.left_kerb = True
        self._lane_changes(me, vehicles)
        wish = me.desired()
        if me.v <= wish:
            a = me.pull * (1 - (me.v / max(wish, 0.1)) ** 4)
        else:
            a = max(-2.6, (wish - me.v) / 0.6)
        gap, lead_v = self._leader(me)
        a = min(a, self._follow(me, gap, lead_v, 2.0))
        for stop in self._stop_lines(me, vehicles, walkers, (me.front + gap, lead_v)):
            a = min(a, self._follow(me, stop - me.front, 0.0, 0.3))
        return a

    def _follow(self, me: Vehicle, gap: float, lead_v: float, least: float) -> float:
        if gap > LOOK_M:
            return me.pull
        gap = max(gap, 0.05)
        headway = me.headway if lead_v > 0.1 else 0.55
        closing = me.v * (me.v - lead_v) / (2 * sqrt(me.pull * BRAKE))
        desired = least + max(0.0, me.v * headway + closing)
        a = me.pull * (1.0 - (desired / gap) ** 2)
        return max(a, -HARDEST)

    def _leader(self, me: Vehicle) -> tuple[float, float]:
        best, speed = 1e9, 0.0
        half = me.width / 2 + 0.25
        course = me.course
        for leg in course.legs:
            if leg.q1 < me.q or leg.q0 > me.front + LOOK_M:
                continue
            for r, f, low, high, other in self._occupied.get(leg.strip, ()):
                if other is me:
                    continue
                q_rear, q_front = leg.q0 + r - leg.s0, leg.q0 + f - leg.s0
                if (q_rear + q_front) / 2 <= me.q + 0.2:
                    continue
                gap = q_rear - me.front
                if gap >= best or gap > LOOK_M:
                    continue
                o0, o1 = course.offset(max(q_rear - 1.0, me.q)), course.offset(q_front)
                if min(o0, o1) - half < high and max(o0, o1) + half > low:
                    best, speed = gap, other.v
        return best, speed

    def _stop_lines(
        self,
        me: Vehicle,
        vehicles: Sequence[Vehicle],
        walkers: Sequence[Walker],
        leader: tuple[float, float],
    ) -> list[float]:
        """Places ahead (q of the front) where it must stop as things are."""
        out = []
        if me.halts and me.halts[0].course == me.course_no:
            out.append(me.halts[0].q + me.length / 2)
        if me.course_no + 1 < len(me.trip.courses):
            out.append(me.course.length + me.length / 2)
        for gate in me.course.gates:
            if gate.q < me.q or gate.q > me.front + LOOK_M:
                continue
            if gate.node not in me.passes:
                out.append(gate.q - 0.4)
                break
        out += self._conflict_stops(me, vehicles)
        out += self._zebra_stops(me, walkers, leader)
        out += self._walker_stops(me)
        return [stop for stop in out if stop > me.front - 1.5]

    def _conflict_stops(self, me: Vehicle, vehicles: Sequence[Vehicle]) -> list[float]:
        out = []
        for gate in me.course.gates:
            number = me.passes.get(gate.node)
            if number is None:
                continue
            mine = self._conflicts.pairs[gate.link]
            for other in vehicles:
                theirs = other.passes.get(gate.node)
                if theirs is None or theirs >= number:
                    continue
                for gate_b in other.course.gates:
                    if gate_b.node != gate.node or gate_b.link not in mine:
                        continue
                    pair = mine[gate_b.link]
                    if other.rear < gate_b.q + pair.b1:
                        stop = gate.q + pair.a0 - 0.6
                        if stop > me.front - 0.8:
                            out.append(stop)
        return out

    def _zebra_stops(
        self, me: Vehicle, walkers: Sequence[Walker], leader: tuple[float, float]
    ) -> list[float]:
        out = []
        for zebra in me.course.zebras:
            if zebra.q0 < me.front - 0.3 or zebra.q0 > me.front + 40.0:
                continue
            entry = zebra.q0 - 0.8
            for gate in me.course.gates:
                if 0 < zebra.q0 - gate.q < 3.0:
                    entry = gate.q - 0.4
            if entry < me.front - 0.5 or me.v**2 / (2 * max(entry - me.front, 0.1)) > HARDEST:
                entry = zebra.q0 - 0.5
            gentle = me.v**2 / (2 * max(entry - me.front, 0.1)) < 3.0
            if gentle and leader[1] < 1.5 and zebra.q0 < leader[0] < zebra.q1 + me.length + 1.5:
                out.append(entry)
                continue
            for walker in walkers:
                where = walker.on_crossing(zebra.crossing)
                if where is None:
                    if walker.asks_for(zebra.crossing) and self._yields(me, zebra, entry):
                        out.append(entry)
                        break
                    continue
                u, toward, length = where
                if (zebra.across - u) * toward * length > -(me.width / 2 + 0.7):
                    out.append(entry)
                    break
        return out

    def _yields(self, me: Vehicle, zebra: ZebraGate, entry: float) -> bool:
        """Whether it lets somebody who waits at the kerb cross: no lights, and time to brake."""
        node = self._layout.crossings[zebra.crossing].node
        if node in self._signals:
            return False
        ahead = entry - me.front
        inside = any(g.node == node and g.q < me.front for g in me.course.gates)
        return not inside and ahead > 0 and me.v**2 / (2 * max(ahead, 0.1)) < 2.2

    def _walker_stops(self, me: Vehicle) -> list[float]:
        """Whoever stands on the line ahead, wherever that is."""
        out: list[float] = []
        if not self._feet:
            return out
        reach = 3.0 + me.v * 0.8 + me.v**2 / (2 * BRAKE)
        x, y = me.course.point(me.front)
        wide = me.width / 2 + 0.55
        for fx, fy in self._feet:
            if abs(fx - x) > reach + 1.5 or abs(fy - y) > reach + 1.5:
                continue
            d = me.course.meets(fx, fy, me.front, reach, wide)
            if d is not None:
                out.append(me.front + d - 0.8)
        return out

    # -- sideways ----------------------------------------------------------------------------

    def _gap(self, me: Vehicle, offset: float, vehicles: Sequence[Vehicle]) -> bool:
        """Whether there is room beside it to move to `offset` without anybody braking hard."""
        leg = me.course.legs[me.course.leg_at(me.q)]
        s = leg.s0 + me.q - leg.q0
        half = me.width / 2 + 0.3
        for other in vehicles:
            if other is me or not other.moving_on:
                continue
            for strip, r, f, low, high in other.spans():
                if strip != leg.strip or low >= offset + half or high <= offset - half:
                    continue
                rear_gap = s - me.length / 2 - f
                if rear_gap >= 0:
                    if rear_gap < 4.0 + other.v + 2.2 * max(0.0, other.v - me.v):
                        return False
                elif r - (s + me.length / 2) < 3.0 + 0.8 * me.v:
                    return False
            ahead = other.reach(leg.strip, s)
            if ahead is not None and ahead < 5.0 + 3.2 * max(0.0, other.v - me.v):
                side = [k for k in other.course.legs if k.strip == leg.strip]
                if side and abs(side[0].offset - offset) < half + other.width / 2:
                    return False
        return True

    def _clear_blocks(
        self, me: Vehicle, vehicles: Sequence[Vehicle], walkers: Sequence[Walker]
    ) -> bool:
        """Before backing out: nobody is on the aisle or about to be."""
        for strip, s0, s1 in me.trip.blocks:
            for other in vehicles:
                if other is me or (other.v == 0.0 and not other.moving_on):
                    continue
                for name, r, f, _, _ in other.spans():
                    if name == strip and r < s1 + 2.0 and f > s0 - 3.0:
                        return False
                ahead = other.reach(strip, s0)
                if ahead is not None and ahead < 6.0 + 5.0 * other.v:
                    return False
        x, y = me.course.point(me.course.length / 2)
        return all(hypot(w.x - x, w.y - y) > 6.0 for w in walkers)

    def _lane_changes(self, me: Vehicle, vehicles: Sequence[Vehicle]) -> None:
        if me.changes and me.q >= me.changes[0].q:
            change = me.changes[0]
            if self._gap(me, me.course.offset(me.q) + change.delta, vehicles):
                me.shift(Shift(me.q + 1.0, change.length, change.delta))
                me.changes.pop(0)
                me.signal = 1 if change.delta > 0 else -1
        if me.trip.overtake is None:
            return
        target = next((v for v in vehicles if v.object_id == me.trip.overtake), None)
        if target is None:
            return
        ahead = target.rear - me.front + self._strip_shift(me, target)
        if me.overtaking == "waiting" and -2.0 < ahead < 7.0 + 1.0 * me.v:
            me.changes.append(LaneChange(me.q, me.trip.lane_width))
            me.overtaking = "out"
        elif (
            me.overtaking == "out" and not me.changes and ahead < -(me.length + target.length + 7.0)
        ):
            me.changes.append(LaneChange(me.q, -me.trip.lane_width))
            me.overtaking = "done"

    def _strip_shift(self, me: Vehicle, other: Vehicle) -> float:
        """What to add to the other's q to get mine, when both are on one strip."""
        mine = me.course.legs[me.course.leg_at(me.q)]
        theirs = other.course.legs[other.course.leg_at(other.q)]
        if mine.strip != theirs.strip:
            return 1e6
        return (theirs.s0 - theirs.q0) - (mine.s0 - mine.q0)

    # -- motion ------------------------------------------------------------------------------

    def _move(self, me: Vehicle, wanted: float, t_s: float, dt: float) -> None:
        change = 9.0 * dt if wanted > -3.2 else 40.0 * dt
        me.a = min(max(wanted, me.a - change), me.a + change)
        if wanted <= -HARDEST and me.v == 0.0:
            me.a = 0.0
        v = me.v + me.a * dt
        if v < 0.0 or (me.v < 0.12 and wanted < 0.08):
            v = 0.0
            me.a = min(0.0, max(me.a, -0.7)) if wanted < 0 else 0.0
        step = (me.v + v) / 2 * dt
        me.v = v
        me.q += step
        me.distance += step * me.course.gear
        self._halting(me, dt)
        if me.pause_s > 0:
            me.pause_s -= dt
        course = me.course
        if me.course_no + 1 < len(me.trip.courses) and me.q > course.length - 0.45 and me.v < 0.15:
            left = max(0.0, course.length - me.q)
            turned = me.trip.courses[me.course_no + 1].gear != course.gear
            me.course_no += 1
            me.q, me.v, me.a = (left if turned else -left), 0.0, 0.0
            me.pause_s = 0.7
        elif me.q > course.length - 0.5 and me.course_no + 1 == len(me.trip.courses):
            me.gone = not (me.halts and me.halts[0].seconds >= FOREVER)
        me.signal = self._indicator(me, t_s)

    def _halting(self, me: Vehicle, dt: float) -> None:
        if not me.halts or me.halts[0].course != me.course_no:
            return
        halt = me.halts[0]
        if me.v < 0.05 and halt.q - me.q < 1.0:
            me.halted_s += dt
            if me.halted_s >= halt.seconds:
                me.halts.pop(0)
                me.halted_s = 0.0

    def _indicator(self, me: Vehicle, t_s: float) -> int:
        if me.trip.leave_kerb is not None and t_s > me.trip.wait_until_s - 2.0 and me.q < 10.0:
            return 1 if me.trip.leave_kerb.delta > 0 else -1
        for move in me.course.shifts:
            if me.q < move.q + 0.9 * move.length and move.q - me.q < 12.0:
                return 1 if move.delta > 0 else -1
        for leg in me.course.legs:
            if leg.q1 < me.q or leg.q0 > me.front + 26.0:
                continue
            turn = self._turn_of(leg.strip)
            if turn in ("left", "u_turn"):
                return 1
            if turn == "right" and leg.q1 > me.q:
                return -1
        return 0

    def _turn_of(self, strip: str) -> str:
        found = self._layout.strips.get(strip)
        return found.turn if found is not None else ""
