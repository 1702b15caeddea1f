"""A vehicle: what it plans (Trip) and the state it is in while the world runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import atan, pi

from sample_videos.world.scene import Body, Pose
from sample_videos.world.traffic.course import Course, Shift, corners

FOREVER = 1e9
WHEEL_M = {"bicycle": 0.85, "motorcycle": 0.31, "bus": 0.48, "truck": 0.45}
_TOP_SPEED = {"bicycle": 4.9, "truck": 10.0, "bus": 10.0}
_PULL = {"bus": 1.0, "truck": 1.1, "bicycle": 0.8, "motorcycle": 2.2}


@dataclass(frozen=True, slots=True)
class Halt:
    """Stop with the centre at q on course number `course` for some seconds (FOREVER: park)."""

    q: float
    seconds: float
    course: int = 0


@dataclass(frozen=True, slots=True)
class LaneChange:
    """Move `delta` metres to the left as soon as there is a gap after q."""

    q: float
    delta: float
    length: float = 26.0


@dataclass(frozen=True, slots=True)
class Trip:
    """One vehicle's plan. start_s: when it appears, at start_q on its first course.

    wait_until_s: stands still until then. leave_kerb: waits for a gap before its first shift.
    overtake: the object to pass, by changing one lane to the left and back.
    """

    body: Body
    courses: tuple[Course, ...]
    start_s: float
    start_q: float = 0.0
    speed: float | None = None
    halts: tuple[Halt, ...] = ()
    lane_changes: tuple[LaneChange, ...] = ()
    overtake: int | None = None
    lane_width: float = 3.3
    pace: float = 1.0
    wait_until_s: float = -FOREVER
    leave_kerb: Shift | None = None
    leave_backward: bool = False
    blocks: tuple[tuple[str, float, float], ...] = ()
    planned: bool = False


@dataclass(slots=True)
class Vehicle:
    """The state of one vehicle; q and v in metres along its course, and metres per second."""

    trip: Trip
    q: float
    v: float
    course_no: int = 0
    a: float = 0.0
    distance: float = 0.0
    passes: dict[str, int] = field(default_factory=dict)
    arrived: dict[str, float] = field(default_factory=dict)
    courses: list[Course] = field(default_factory=list)
    halts: list[Halt] = field(default_factory=list)
    changes: list[LaneChange] = field(default_factory=list)
    halted_s: float = 0.0
    pause_s: float = 0.0
    left_kerb: bool = False
    overtaking: str = "waiting"
    signal: int = 0
    gone: bool = False

    def __post_init__(self) -> None:
        self.courses = list(self.trip.courses)
        self.halts = list(self.trip.halts)
        self.changes = list(self.trip.lane_changes)

    @property
    def object_id(self) -> int:
        return self.trip.body.object_id

    @property
    def course(self) -> Course:
        return self.courses[self.course_no]

    def shift(self, shift: Shift) -> None:
        """Plan a sideways move ahead."""
        self.courses[self.course_no] = self.course.shifted(shift)

    @property
    def length(self) -> float:
        return self.trip.body.size_m[0]

    @property
    def width(self) -> float:
        return self.trip.body.size_m[1]

    @property
    def wheelbase(self) -> float:
        return 0.58 * self.length

    @property
    def front(self) -> float:
        return self.q + self.length / 2

    @property
    def rear(self) -> float:
        return self.q - self.length / 2

    @property
    def pull(self) -> float:
        return _PULL.get(self.trip.body.kind, 1.8)

    @property
    def headway(self) -> float:
        return 1.1 if self.trip.body.kind != "bus" else 1.4

    @property
    def moving_on(self) -> bool:
        return not (self.halts and self.halts[0].seconds >= FOREVER and self.v == 0.0)

    def desired(self) -> float:
        """Speed wished for here, m/s."""
        top = _TOP_SPEED.get(self.trip.body.kind, 14.0) * self.trip.pace
        if self.course.gear < 0:
            top = 1.5
        return min(top, self.course.allowed(self.q + 0.3 * self.v))

    def pose(self) -> Pose:
        x, y, heading = self.course.pose(self.q, self.wheelbase)
        steer = atan(self.wheelbase * self.course.bend(self.q)) * self.course.gear
        radius = WHEEL_M.get(self.trip.body.kind, 0.32)
        parked = bool(self.halts) and self.halts[0].seconds >= FOREVER and self.v < 0.05
        return Pose(
            x, y, heading,
            phase=(self.distance / radius) % (2 * pi * 1000),
            steer=steer,
            brake=(self.a < -0.6 or self.v < 0.2) and not parked,
            indicator=0 if parked else self.signal,
        )  # fmt: skip

    def box(self, margin: float = 0.0) -> list[tuple[float, float]]:
        x, y, heading = self.course.pose(self.q, self.wheelbase)
        return corners(x, y, heading, self.length + 2 * margin, self.width + 2 * margin)

    def spans(self) -> Sequence[tuple[str, float, float, float, float]]:
        """What it occupies: (strip, s rear, s front, offset low, offset high)."""
        out = []
        half = self.width / 2
        for leg in self.course.legs:
            if leg.q1 <= self.rear or leg.q0 >= self.front:
                continue
            q0, q1 = max(self.rear, leg.q0), min(self.front, leg.q1)
            o0, o1 = self.course.offset(q0), self.course.offset(q1)
            out.append(
                (leg.strip, leg.s0 + q0 - leg.q0, leg.s0 + q1 - leg.q0,
                 min(o0, o1) - half, max(o0, o1) + half)
            )  # fmt: skip
        return out

    def reach(self, strip: str, s: float) -> float | None:
        """Metres from its front to a place ahead on its course, None when it is not there."""
        for leg in self.course.legs:
            if leg.strip == strip and leg.q1 > self.q:
                q = leg.q0 + s - leg.s0
                if leg.q0 - 0.5 <= q <= leg.q1 + 0.5 and q > self.q:
                    return q - self.front
        return None
