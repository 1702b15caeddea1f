"""What objects did, from the script and the world's own kinematics; never from pictures.

Turns come from the ways driven through junctions and from the integral of the heading there;
bends of a road are no turns. Times are seconds of the clip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sample_videos.world.layout import Layout
from sample_videos.world.scene import Body
from sample_videos.world.traffic.run import DT_S, Life, Run

Floats = npt.NDArray[np.float64]
VEHICLES = ("car", "van", "truck", "bus", "motorcycle", "bicycle")
TURN_RAD = np.radians(40.0)
U_TURN_RAD = np.radians(135.0)
STRAIGHT_RAD = np.radians(15.0)
STILL_M_S = 0.12
_CRAWL_M_S = 0.4
_STEP = 5
_MUCH, _NEARLY = 0.6, 0.8  # of the higher speed is left, or was there at first


@dataclass(frozen=True, slots=True)
class WorldEvent:
    """Something one object did from t0 to t1; numbers are about it (degrees, seconds, m/s)."""

    object_id: int
    kind: str
    t0_s: float
    t1_s: float
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Motion:
    """Kinematics of one life every 0.2 s: t, x, y, heading (unwrapped), speed along the way."""

    t: Floats
    xy: Floats
    heading: Floats
    speed: Floats
    strips: tuple[str, ...]

    @staticmethod
    def of(life: Life) -> Motion:
        pose = life.xyh
        n = len(pose)
        if n < 3:
            speed = np.zeros(n)
        else:
            k = np.arange(n)
            low, high = np.maximum(k - 3, 0), np.minimum(k + 3, n - 1)
            step = np.hypot(*(pose[high, :2] - pose[low, :2]).T)
            speed = step / ((high - low) * DT_S)
        take = slice(None, None, _STEP)
        strips = life.strips[take] if life.strips else ()
        return Motion(life.t_s[take], pose[take, :2], pose[take, 2], speed[take], strips)


def world_events(run: Run, bodies: Sequence[Body], layout: Layout) -> list[WorldEvent]:
    """Everything every object did during a run, in order of object and time."""
    out: list[WorldEvent] = []
    for body in bodies:
        life = run.lives.get(body.object_id)
        if life is None or len(life.poses) < 10:
            continue
        motion = Motion.of(life)
        number = body.object_id
        if body.kind in VEHICLES:
            turns = _turns(number, motion, layout)
            out += turns
            out += _straight(number, motion, layout, turns)
        out += _stops(number, motion, body.kind, run.seconds)
        out += _pace(number, motion, body.kind)
        if body.kind in VEHICLES:
            out += _changes(number, motion)
    for move in run.moves:
        if abs(move.delta) > 2.5 and _in_lanes(run, move.object_id, move.t0_s, layout):
            side = "left" if move.delta > 0 else "right"
            numbers = {"metres": abs(move.delta), "left": float(side == "left")}
            out.append(WorldEvent(move.object_id, "lane_change", move.t0_s, move.t1_s, numbers))
    return sorted(out, key=lambda e: (e.object_id, e.t0_s, e.kind))


def _in_lanes(run: Run, number: int, t: float, layout: Layout) -> bool:
    life = run.lives[number]
    k = min(max(int((t - life.t_s[0]) / DT_S), 0), len(life.strips) - 1)
    strip = layout.strips.get(life.strips[k])
    return strip is not None and len(strip.lanes) > 1 and strip.parking is None


def _turns(number: int, motion: Motion, layout: Layout) -> list[WorldEvent]:
    out = []
    for first, last, whole in _manoeuvres(motion, layout):
        a, b = max(first - 3, 0), min(last + 3, len(motion.t) - 1)
        turned = float(motion.heading[b] - motion.heading[a])
        backing = any(name.startswith("bay_out") for name in motion.strips[first : last + 1])
        if abs(turned) < TURN_RAD or not whole or backing:
            continue
        kind = "turn_left" if turned > 0 else "turn_right"
        if abs(turned) > U_TURN_RAD:
            kind = "u_turn"
        t0, t1 = _middle_80(motion, a, b)
        out.append(WorldEvent(number, kind, t0, t1, {"degrees": float(np.degrees(turned))}))
    return out


def _manoeuvres(motion: Motion, layout: Layout) -> list[tuple[int, int, bool]]:
    """Stretches in which a vehicle passes a junction or swings off a lane: (first, last, whole).

    A passage of a roundabout counts as one manoeuvre. whole: its start and end were lived.
    """
    inside = [_is_passage(name, layout) for name in motion.strips]
    out = []
    k = 0
    while k < len(inside):
        if not inside[k]:
            k += 1
            continue
        end = k
        while end + 1 < len(inside) and inside[end + 1]:
            end += 1
        out.append(
            (k, end, (k > 1 or inside[k] == 2) and (end < len(inside) - 2 or inside[k] == 2))
        )
        k = end + 1
    return [*out, *_corners(motion)]


def _is_passage(name: str, layout: Layout) -> int:
    """1 for links and roundabout rings, 2 for ways in and out of bays and turning round, else 0."""
    if name.startswith(("bay_in", "bay_out", "u_turn")):
        return 2
    strip = layout.strips.get(name)
    return int(strip is not None and (strip.turn != "" or name.startswith("ring")))


def _corners(motion: Motion) -> list[tuple[int, int, bool]]:
    """Corners of a car park's aisle: the heading changes by a right angle within 6 s."""
    lot = np.array([name == "lot" for name in motion.strips], dtype=bool)
    if not lot.any():
        return []
    rate = np.abs(np.gradient(motion.heading)) > 0.02
    turning = rate & lot
    out = []
    k = 0
    while k < len(turning):
        if not turning[k]:
            k += 1
            continue
        end = k
        while end + 1 < len(turning) and (
            turning[end + 1] or turning[min(end + 4, len(turning) - 1)]
        ):
            end += 1
        out.append((k, end, k > 1 and end < len(turning) - 2))
        k = end + 1
    return out


def _middle_80(motion: Motion, a: int, b: int) -> tuple[float, float]:
    """From 10 % to 90 % of the heading change."""
    h = motion.heading[a : b + 1]
    share = (h - h[0]) / (h[-1] - h[0])
    first = int(np.argmax(share >= 0.1))
    last = int(np.argmax(share >= 0.9))
    return float(motion.t[a + first]), float(motion.t[a + max(last, first + 1)])


def _straight(
    number: int, motion: Motion, layout: Layout, turns: Sequence[WorldEvent]
) -> list[WorldEvent]:
    """Driving on without any manoeuvre: net heading below 15 degrees for 2 s and 15 m."""
    if turns or len(motion.t) < 10:
        return []
    moving = np.flatnonzero(motion.speed > 1.0)
    if len(moving) < 10:
        return []
    a, b = int(moving[0]), int(moving[-1])
    travelled = float(np.hypot(*np.diff(motion.xy[a : b + 1], axis=0).T).sum())
    spread = float(np.ptp(motion.heading[a : b + 1]))
    unsure = any(_is_passage(name, layout) == 2 or name == "lot" for name in motion.strips)
    if spread > STRAIGHT_RAD or travelled < 15.0 or unsure:
        return []
    return [WorldEvent(number, "straight", float(motion.t[a]), float(motion.t[b]), {})]


def _stops(number: int, motion: Motion, kind: str, seconds: float) -> list[WorldEvent]:
    out = []
    still = motion.speed < STILL_M_S
    vehicle = kind in VEHICLES
    t = motion.t
    whole_life = bool(still.all())
    if whole_life:
        name = "parked" if vehicle and t[-1] - t[0] > seconds - 0.5 else "stationary"
        return [WorldEvent(number, name, float(t[0]), float(t[-1]), {})]
    k = 0
    while k < len(still):
        if not still[k]:
            k += 1
            continue
        end = k
        while end + 1 < len(still) and still[end + 1]:
            end += 1
        t0, t1 = float(t[k]), float(t[end])
        lasted = {"seconds": t1 - t0}
        before = motion.speed[max(0, k - 10) : k]
        if t1 - t0 >= 1.0:
            if len(before) >= 5 and before.max() > 0.6:
                out.append(WorldEvent(number, "stop", t0, t1, lasted))
            if t1 - t0 >= 3.0:
                out.append(WorldEvent(number, "wait", t0, t1, lasted))
            after = motion.speed[end + 1 : end + 11]
            if len(after) >= 6 and after.max() > 0.9:
                out.append(WorldEvent(number, "start", t1, float(t[min(end + 10, len(t) - 1)])))
        k = end + 1
    out += _crawls(number, motion, out)
    moving = motion.speed > 0.3
    if moving.any():
        a, b = int(np.argmax(moving)), len(moving) - 1 - int(np.argmax(moving[::-1]))
        out.append(WorldEvent(number, "moving", float(t[a]), float(t[b]), {}))
    return out


def _crawls(number: int, motion: Motion, rests: Sequence[WorldEvent]) -> list[WorldEvent]:
    """All but standing for a second or more: whether it stops, and starts again, nobody can say."""
    slow = motion.speed < _CRAWL_M_S
    edges = np.flatnonzero(np.diff(np.concatenate([[0], slow.astype(np.int8), [0]])))
    out = []
    for first, last in zip(edges[::2], edges[1::2] - 1, strict=True):
        t0, t1 = float(motion.t[first]), float(motion.t[last])
        sure = {rest.kind for rest in rests if rest.t0_s <= t1 and rest.t1_s >= t0}
        if t1 - t0 >= 0.8:
            doubtful = [kind for kind in ("stop", "wait", "start") if kind not in sure]
            out += [WorldEvent(number, kind, t0, t1, {"unsure": 1.0}) for kind in doubtful]
    return out


def _changes(number: int, motion: Motion) -> list[WorldEvent]:
    """Slowing down to 0.6 of the speed or less, speeding up by 1.6 or more, within one stretch.

    A change that is nearly as large is marked as unsure: people would disagree about it.
    """
    speed = np.convolve(np.pad(motion.speed, 2, mode="edge"), np.full(5, 0.2), mode="valid")
    rate = np.gradient(speed, 0.2) if len(speed) > 1 else np.zeros(len(speed))
    out = []
    for kind, flags in (("slow_down", rate < -0.35), ("speed_up", rate > 0.35)):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
        for first, last in zip(edges[::2], edges[1::2] - 1, strict=True):
            high, low = sorted((float(speed[first]), float(speed[last])), reverse=True)
            if high < 1.5 or last - first < 3:
                continue
            factor = max(low, 0.1) / high
            if factor <= _NEARLY:
                numbers = {"factor": factor} | ({} if factor <= _MUCH else {"unsure": 1.0})
                t0, t1 = float(motion.t[first]), float(motion.t[last])
                out.append(WorldEvent(number, kind, t0, t1, numbers))
    return out


def _pace(number: int, motion: Motion, kind: str) -> list[WorldEvent]:
    """Running dogs and people, and the top speed of everybody else."""
    fast = motion.speed > (2.6 if kind in ("person", "dog") else 1e9)
    if fast.mean() < 0.5:
        return []
    where = np.flatnonzero(fast)
    return [
        WorldEvent(
            number, "run", float(motion.t[where[0]]), float(motion.t[where[-1]]),
            {"speed": float(np.median(motion.speed[fast]))},
        )
    ]  # fmt: skip
