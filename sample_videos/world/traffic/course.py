"""The line one vehicle drives along, with the speed it allows at each place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from math import atan2, cos, hypot, pi, sin

import numpy as np

from sample_videos.world.layout import Floats, Layout, Strip, arc_length, headings

GRID_M = 0.5
COMFORT_BRAKE = 1.7


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of a course on one strip: at q metres along the course, s = s0 + q - q0."""

    strip: str
    q0: float
    q1: float
    s0: float
    offset: float


@dataclass(frozen=True, slots=True)
class Shift:
    """A smooth sideways move on the leg in which it starts: delta metres, left positive."""

    q: float
    length: float
    delta: float


@dataclass(frozen=True, slots=True)
class Gate:
    """The stop line of a junction on a course, and the link behind it."""

    q: float
    node: str
    link: str
    source: str
    leg: int


@dataclass(frozen=True, slots=True)
class ZebraGate:
    """A zebra crossing on a course. across: where the course cuts the crossing's line, 0..1."""

    q0: float
    q1: float
    crossing: str
    across: float


class Course:
    """Legs driven in one gear. gear -1: the vehicle moves backwards along the line."""

    def __init__(
        self,
        layout: Layout,
        strips: Mapping[str, Strip],
        pieces: Sequence[tuple[str, float, float, float]],
        *,
        lateral: float = 1.9,
        factor: float = 1.0,
        gear: int = 1,
        shifts: Sequence[Shift] = (),
    ) -> None:
        """pieces: (strip id, s from, s to, offset) in order; lateral: m/s2 allowed in bends."""
        self.gear = gear
        self.lateral = lateral
        self.factor = factor
        self._strips = strips
        legs: list[Leg] = []
        q = 0.0
        for strip, s0, s1, offset in pieces:
            legs.append(Leg(strip, q, q + s1 - s0, s0, offset))
            q += s1 - s0
        self.legs = tuple(legs)
        self.length = q
        self.shifts: tuple[Shift, ...] = tuple(shifts)
        self._grid = np.arange(max(int(q / GRID_M), 1) + 1) * GRID_M
        self._draw()
        self.gates = self._gates(layout)
        self.zebras = self._zebras(layout)

    def shifted(self, shift: Shift) -> Course:
        """The same course with one more sideways move."""
        other = copy(self)
        other.shifts = (*self.shifts, shift)
        other._draw()
        return other

    def offset(self, q: float) -> float:
        """Metres to the left of the strip's line at q."""
        i = min(max(int(q / GRID_M), 0), len(self._offsets) - 1)
        return float(self._offsets[i])

    def allowed(self, q: float) -> float:
        """Speed at q from which every bend ahead can be taken after gentle braking, m/s."""
        i = min(max(int(q / GRID_M), 0), len(self._allowed) - 1)
        return float(self._allowed[i])

    def bend(self, q: float) -> float:
        """Curvature at q, 1/m, left positive."""
        i = min(max(int(q / GRID_M), 0), len(self._bend) - 1)
        return float(self._bend[i])

    def pose(self, q: float, wheelbase: float) -> tuple[float, float, float]:
        """Centre and heading of a vehicle whose axles both stand on the line."""
        ax, ay = self.point(q + wheelbase / 2)
        bx, by = self.point(q - wheelbase / 2)
        heading = atan2(ay - by, ax - bx)
        if self.gear < 0:
            heading += pi
        return (ax + bx) / 2, (ay + by) / 2, heading

    def point(self, q: float) -> tuple[float, float]:
        """The line at q metres; it goes on straight beyond its ends."""
        xs, ys, grid = self._x, self._y, self._grid
        last = len(grid) - 1
        i = min(max(int(q / GRID_M), 0), last - 1)
        span = grid[i + 1] - grid[i]
        f = (q - grid[i]) / span
        return (
            float(xs[i] + f * (xs[i + 1] - xs[i])),
            float(ys[i] + f * (ys[i + 1] - ys[i])),
        )

    def meets(self, x: float, y: float, front: float, reach: float, wide: float) -> float | None:
        """Metres beyond `front` at which the line comes within `wide` of a point, or None."""
        i = max(int(front / GRID_M), 0)
        j = min(int((front + reach) / GRID_M) + 1, len(self._x))
        if j <= i:
            return None
        close = (self._x[i:j] - x) ** 2 + (self._y[i:j] - y) ** 2 < wide * wide
        k = int(close.argmax())
        return max(0.0, (i + k) * GRID_M - front) if close[k] else None

    def leg_at(self, q: float) -> int:
        for k, leg in enumerate(self.legs):
            if q < leg.q1:
                return k
        return len(self.legs) - 1

    def _draw(self) -> None:
        n = len(self._grid)
        self._offsets: Floats = np.zeros(n)
        ref = np.zeros((n, 2))
        turned = np.zeros(n)
        limit = np.zeros(n)
        done = np.zeros(n, dtype=bool)
        for leg in self.legs:
            here = ((self._grid <= leg.q1 + 1e-9) | (leg is self.legs[-1])) & ~done
            done |= here
            strip = self._strips[leg.strip]
            along = arc_length(strip.points)
            s = leg.s0 + self._grid[here] - leg.q0
            for axis in (0, 1):
                ref[here, axis] = np.interp(s, along, strip.points[:, axis])
            turned[here] = np.interp(s, along, headings(strip.points))
            offset = np.full(len(s), leg.offset)
            for move in self.shifts:
                if leg.q0 <= move.q < leg.q1:
                    f = np.clip((self._grid[here] - move.q) / move.length, 0.0, 1.0)
                    offset = offset + move.delta * f**3 * (10 - 15 * f + 6 * f * f)
            self._offsets[here] = offset
            limit[here] = strip.speed * self.factor
        x = ref[:, 0] - self._offsets * np.sin(turned)
        y = ref[:, 1] + self._offsets * np.cos(turned)
        self._x, self._y = x, y
        self._bend = _curvature(x, y)
        bend = np.sqrt(self.lateral / np.maximum(np.abs(self._bend), 1e-4))
        allowed = np.minimum(limit, np.maximum(bend, 1.6))
        for i in range(n - 2, -1, -1):
            reach = np.sqrt(allowed[i + 1] ** 2 + 2 * COMFORT_BRAKE * GRID_M)
            if allowed[i] > reach:
                allowed[i] = reach
        self._allowed = allowed

    def _gates(self, layout: Layout) -> tuple[Gate, ...]:
        links = {link.strip_id: link for link in layout.links}
        out = []
        for k, (leg, after) in enumerate(zip(self.legs, self.legs[1:], strict=False)):
            if after.strip in links and leg.strip == links[after.strip].source:
                out.append(Gate(leg.q1, links[after.strip].node, after.strip, leg.strip, k))
        return tuple(out)

    def _zebras(self, layout: Layout) -> tuple[ZebraGate, ...]:
        out = []
        for crossing in layout.crossings.values():
            for strip, s0, s1 in crossing.spans:
                for leg in self.legs:
                    if leg.strip != strip:
                        continue
                    q0, q1 = leg.q0 + s0 - leg.s0, leg.q0 + s1 - leg.s0
                    if q0 < leg.q0 - 1e-6 or q1 > leg.q1 + 1e-6:
                        continue
                    x, y = self.point((q0 + q1) / 2)
                    ax, ay = crossing.start
                    bx, by = crossing.end
                    length2 = (bx - ax) ** 2 + (by - ay) ** 2
                    f = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length2
                    out.append(ZebraGate(q0, q1, crossing.crossing_id, f))
        return tuple(sorted(out, key=lambda z: z.q0))


def _curvature(x: Floats, y: Floats) -> Floats:
    """Turn per metre, smoothed over about 3 m."""
    dx, dy = np.gradient(x), np.gradient(y)
    heading = np.unwrap(np.arctan2(dy, dx))
    step = np.maximum(np.hypot(dx, dy), 1e-6)
    raw = np.gradient(heading) / step
    kernel = np.array([1.0, 2.0, 3.0, 2.0, 1.0])
    padded = np.pad(raw, 2, mode="edge")
    return np.asarray(np.convolve(padded, kernel / kernel.sum(), "valid"))


def corners(
    x: float, y: float, heading: float, length: float, width: float
) -> list[tuple[float, float]]:
    """The four corners of a box on the ground."""
    c, s = cos(heading), sin(heading)
    a, b = length / 2, width / 2
    return [
        (x + a * c - b * s, y + a * s + b * c),
        (x + a * c + b * s, y + a * s - b * c),
        (x - a * c + b * s, y - a * s - b * c),
        (x - a * c - b * s, y - a * s + b * c),
    ]


def overlap(
    a: Sequence[tuple[float, float]], b: Sequence[tuple[float, float]], margin: float = 0.0
) -> bool:
    """Whether two convex quadrilaterals come closer than `margin` along every side's normal."""
    for first, second in ((a, b), (b, a)):
        for (x0, y0), (x1, y1) in zip(first, (*first[1:], first[0]), strict=True):
            nx, ny = y1 - y0, x0 - x1
            size = hypot(nx, ny)
            low_a = min(nx * x + ny * y for x, y in first)
            high_a = max(nx * x + ny * y for x, y in first)
            low_b = min(nx * x + ny * y for x, y in second)
            high_b = max(nx * x + ny * y for x, y in second)
            if low_b - high_a > margin * size or low_a - high_b > margin * size:
                return False
    return True
