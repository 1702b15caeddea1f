"""What a track did: events with an interval, a probability, and the numbers that prove it.

Turns are told from the object's own point of view; `screen_*` from the viewer's; `approach` and
`recede` from the camera's. Where the camera itself moves, all but `enter` and `exit` are told in
the pixels of a reference frame, as if it had stood still. A kind that is absent did not happen,
unless `motion_known` says that too little was seen to know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.motion import courses, crossings, gears, paces, places
from core.motion.ground import GroundPlane
from core.motion.path import Motion, smooth_all
from core.motion.rests import Rest, pace, rests
from core.motion.surroundings import Surroundings
from core.motion.turns import walk
from core.tracking.camera import CameraPath
from core.tracks import FrameSize, Path

KINDS = (
    "turn_left",
    "turn_right",
    "u_turn",
    "straight",
    "stop",
    "wait",
    "start",
    "parked",
    "moving",
    "stationary",
    "screen_left",
    "screen_right",
    "screen_up",
    "screen_down",
    "approach",
    "recede",
    "slow_down",
    "speed_up",
    "enter",
    "exit",
    "fast",
    "slow",
    "cross",
    "reverse",
    "lane_change",
    "loiter",
    "appear",
    "disappear",
)

LEAST_P = 0.05
_OF_ANY = (
    "parked",
    "moving",
    "stationary",
    "approach",
    "recede",
    "enter",
    "exit",
    "appear",
    "disappear",
)  # also of what never leaves its place
_SHORTEST_S = 1.0
_FEWEST = 5
_ENTERING = 0.3  # box lengths per second across the border


@dataclass(frozen=True, slots=True)
class Event:
    """A motion predicate that holds for a track over an interval.

    p: probability, in [0, 1]. numbers: its proof: degrees, seconds, box_lengths...; always
    first_row and last_row, the part of the path it was read from (both inclusive).
    """

    kind: str
    t0_s: float
    t1_s: float
    p: float
    numbers: Mapping[str, float]


def motion_known(
    path: Path, frame_size: FrameSize, camera: CameraPath | None = None
) -> tuple[bool, str]:
    """Whether enough was seen to say what the object did; if not, why, in one clause.

    camera: where it looked, None where it stood still.
    """
    backed = path.t_s[~path.interpolated]
    if len(backed) < _FEWEST:
        return False, f"seen in {len(backed)} frames only"
    if backed[-1] - backed[0] < _SHORTEST_S:
        return False, f"seen for {backed[-1] - backed[0]:.1f} s only"
    seen_s, reason = _seen(smooth_all(path, frame_size, camera))
    if camera is not None and camera.moves and (reason or seen_s < _SHORTEST_S):
        still_s, still_reason = _seen(smooth_all(path, frame_size))
        if not still_reason and (reason or seen_s < min(still_s, _SHORTEST_S)):
            reason = "the camera moved too much to tell"
    return not reason, reason


def _seen(motions: Sequence[Motion]) -> tuple[float, str]:
    """Seconds of the longest motion, and why all of them are too little, "" where they are not."""
    long = [m for m in motions if len(m) >= _FEWEST]
    if not long:
        return 0.0, "its path is in pieces"
    longest_s = max(m.duration_s for m in long)
    if max(float(m.whole.sum()) for m in long) < _FEWEST:
        return longest_s, "cut off at the border of the picture"
    return longest_s, ""


def events_of(
    path: Path,
    class_name: str,
    frame_size: FrameSize,
    ground: GroundPlane | None,
    camera: CameraPath | None = None,
    around: Surroundings | None = None,
) -> list[Event]:
    """All events of one track with p of at least 0.05, ordered by kind as in `KINDS`, then time.

    ground: the video's pseudo ground plane, or None: angles and speeds are then those of the
    picture, and p is lower where that matters. camera: where it looked, None where it stood still;
    `ground` was fitted with the same. around: the rest of the video; without it nothing crosses,
    appears or disappears.
    """
    found: list[Event] = []

    motions = [m for m in smooth_all(path, frame_size, camera) if len(m) >= _FEWEST]
    roaming = paces.roams(motions) if motions else 1.0

    def emit(kind: str, t0_s: float, t1_s: float, p: float, **numbers: float) -> None:
        if kind not in _OF_ANY:
            p *= roaming
        if not p >= LEAST_P:
            return
        first = int(np.searchsorted(path.t_s, t0_s - 1e-6))
        last = int(np.searchsorted(path.t_s, t1_s + 1e-6)) - 1
        proof = {name: round(float(value), 4) for name, value in numbers.items()}
        proof["first_row"] = float(min(first, len(path) - 1))
        proof["last_row"] = float(max(min(last, len(path) - 1), min(first, len(path) - 1)))
        found.append(Event(kind, float(t0_s), float(t1_s), min(float(p), 0.99), proof))

    walks = [walk(m, ground) for m in motions]
    total = sum(steps.total for steps in walks)
    pauses: list[list[Rest]] = []
    for motion, steps in zip(motions, walks, strict=True):
        speeds = pace(motion, ground)
        still = rests(speeds)
        pauses.append(still)
        entered = bool(places.border_motion(motion, frame_size, at_end=False)[0] > _ENTERING)
        bends = courses.turning(motion, steps, class_name, ground, total, emit)
        crossings.lane_change(steps, class_name, bends, emit)
        crossings.cross(motion, class_name, around, emit)
        gears.reverse(motion, speeds, class_name, ground, emit)
        courses.screen(motion, frame_size, emit)
        places.depth(motion, ground, emit)
        paces.stops(speeds, still, entered, emit)
        paces.changes(speeds, class_name, emit)
        paces.level(speeds, class_name, emit)
    if motions:
        paces.rest_or_motion(motions, pauses, class_name, emit)
        places.border(motions, frame_size, emit)
        places.sight(motions, frame_size, around, emit)
        gears.loiter(motions, class_name, emit)
    order = {kind: k for k, kind in enumerate(KINDS)}
    return sorted(found, key=lambda e: (order[e.kind], e.t0_s, e.t1_s))
