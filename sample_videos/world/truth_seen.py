"""What of the world the camera saw: boxes, visibility, and events that depend on the camera."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sample_videos.world.scenarios.compose import Clip
from sample_videos.world.truth_motion import WorldEvent

Floats = npt.NDArray[np.float64]
LEAST_VISIBLE = 0.3
LEAST_PX = 24.0
LEAST_S = 1.0
MOSTLY = 0.7
HARDLY = 0.12
_BORDER_PX = 1.5
_NEARLY_NEARER = 1.12  # of the distance; 1.25 is enough
_NEARLY_ACROSS = 0.08  # of the picture's width; 0.15 is enough


@dataclass(slots=True)
class Seen:
    """One object's boxes: frame (N,) 0-based, box (N, 4) x y w h pixels, visibility (N,)."""

    frames: list[int] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    visibility: list[float] = field(default_factory=list)


class Sightings:
    """Collects what the renderer reports, frame by frame."""

    def __init__(self, fps: float, size: tuple[int, int]) -> None:
        self.fps = fps
        self.size = size
        self.objects: dict[int, Seen] = {}
        self.frames = 0

    def add(
        self,
        boxes: Mapping[int, tuple[float, float, float, float]],
        visibility: Mapping[int, float],
    ) -> None:
        for number, box in boxes.items():
            if box[2] < 1.0 or box[3] < 1.0:
                continue
            seen = self.objects.setdefault(number, Seen())
            seen.frames.append(self.frames)
            seen.boxes.append(box)
            seen.visibility.append(float(visibility[number]))
        self.frames += 1

    def well(self, number: int) -> npt.NDArray[np.bool_]:
        """(frames,) whether the object shows well enough to be judged in each frame."""
        out = np.zeros(self.frames, dtype=bool)
        seen = self.objects.get(number)
        if seen is None:
            return out
        boxes = np.array(seen.boxes)
        good = (np.array(seen.visibility) >= LEAST_VISIBLE) & (boxes[:, 2:].max(axis=1) >= LEAST_PX)
        out[np.array(seen.frames)[good]] = True
        return out

    def share(self, number: int, t0_s: float, t1_s: float) -> float:
        """Share of an interval in which the object shows well."""
        a = min(max(round(t0_s * self.fps), 0), self.frames - 1)
        b = min(max(round(t1_s * self.fps), a), self.frames - 1)
        return float(self.well(number)[a : b + 1].mean())

    def seen_s(self, number: int) -> float:
        return float(self.well(number).sum() / self.fps)

    def span_s(self, number: int) -> tuple[float, float] | None:
        """From the first to the last moment at which the object shows well."""
        where = np.flatnonzero(self.well(number))
        if len(where) == 0:
            return None
        return float(where[0] / self.fps), float((where[-1] + 1) / self.fps)


def camera_events(clip: Clip, sightings: Sightings) -> list[WorldEvent]:
    """approach, recede, screen_left, screen_right: from world positions and the camera's own."""
    out: list[WorldEvent] = []
    for body in clip.bodies:
        number = body.object_id
        well = sightings.well(number)
        out += _border(number, sightings)
        out += _doubts(number, clip, sightings)
        for first, last in _runs(well):
            times = np.arange(first, last + 1) / sightings.fps
            life = clip.run.lives[number]
            poses = [life.at(float(t)) for t in times]
            xy = np.array([(p.x, p.y) if p else (np.nan, np.nan) for p in poses])
            if np.isnan(xy).any() or np.hypot(*(xy[-1] - xy[0])) < 1.5:
                continue
            eye = clip.camera.base
            far = np.hypot(np.hypot(xy[:, 0] - eye.x, xy[:, 1] - eye.y), eye.z)
            for a, b in _stretches(np.log(far), 0.02):
                change = float(np.log(far[b] / far[a]))
                if abs(change) >= np.log(1.25) and times[b] - times[a] >= 1.0:
                    kind = "approach" if change < 0 else "recede"
                    numbers = {"factor": float(np.exp(-change))}
                    out.append(WorldEvent(number, kind, float(times[a]), float(times[b]), numbers))
            out += _screen(number, times, sightings, first, last)
    return out


def _border(number: int, sightings: Sightings) -> list[WorldEvent]:
    """Coming in over the border of the picture, leaving over it.

    From the first box, which touches the border, to the first that does not. What is half in when
    the clip begins, or half out when it ends, is unsure.
    """
    seen = sightings.objects.get(number)
    if seen is None:
        return []
    frames, boxes = np.array(seen.frames), np.array(seen.boxes)
    width, height = sightings.size
    touches = (boxes[:, :2] <= _BORDER_PX).any(axis=1)
    touches |= boxes[:, 0] + boxes[:, 2] >= width - _BORDER_PX
    touches |= boxes[:, 1] + boxes[:, 3] >= height - _BORDER_PX
    inside = np.flatnonzero(~touches)
    if not len(inside):
        return []
    edge = 0.2 * sightings.fps
    out = []
    for kind, first, last, cut in (
        ("enter", 0, int(inside[0]), frames[0] <= edge),
        ("exit", int(inside[-1]), len(frames) - 1, frames[-1] >= sightings.frames - 1 - edge),
    ):
        if last > first:
            t0, t1 = frames[first] / sightings.fps, frames[last] / sightings.fps
            numbers = {"unsure": 1.0} if cut else {}
            out.append(WorldEvent(number, kind, float(t0), float(t1), numbers))
    return out


def _doubts(number: int, clip: Clip, sightings: Sightings) -> list[WorldEvent]:
    """Ways that are nearly long enough, or that something hid in between: nobody can say."""
    span = np.flatnonzero(sightings.well(number))
    if not len(span):
        return []
    seen = sightings.objects[number]
    frames = np.array(seen.frames)
    rows = np.flatnonzero((frames >= span[0]) & (frames <= span[-1]))
    times = frames[rows] / sightings.fps
    boxes = np.array(seen.boxes)[rows]
    x = (boxes[:, 0] + boxes[:, 2] / 2) / sightings.size[0]
    eye = clip.camera.base
    poses = [clip.run.lives[number].at(float(t)) for t in times]
    far = np.array(
        [np.log(np.hypot(np.hypot(p.x - eye.x, p.y - eye.y), eye.z)) if p else np.nan
         for p in poses]
    )  # fmt: skip
    out = []
    for values, least, kinds in (
        (far[~np.isnan(far)], np.log(_NEARLY_NEARER), ("approach", "recede")),
        (x, _NEARLY_ACROSS, ("screen_left", "screen_right")),
    ):
        for a, b in _stretches(values, 0.02) if len(values) > 1 else []:
            change = float(values[b] - values[a])
            if abs(change) >= least:
                kind = kinds[int(change > 0)]
                doubt = {"unsure": 1.0}
                out.append(WorldEvent(number, kind, float(times[a]), float(times[b]), doubt))
    return out


def _screen(
    number: int, times: Floats, sightings: Sightings, first: int, last: int
) -> list[WorldEvent]:
    seen = sightings.objects[number]
    frames = np.array(seen.frames)
    inside = (frames >= first) & (frames <= last)
    boxes = np.array(seen.boxes)[inside]
    if len(boxes) != len(times):
        return []
    x = (boxes[:, 0] + boxes[:, 2] / 2) / sightings.size[0]
    out = []
    for a, b in _stretches(x, 0.02):
        dx = float(x[b] - x[a])
        if abs(dx) >= 0.15 and times[b] - times[a] >= 0.8:
            kind = "screen_right" if dx > 0 else "screen_left"
            out.append(
                WorldEvent(number, kind, float(times[a]), float(times[b]), {"share": abs(dx)})
            )
    return out


def _runs(flags: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(first, last) of the stretches of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _stretches(values: Floats, slack: float) -> list[tuple[int, int]]:
    """Longest monotone stretches of a curve, without wiggles below `slack` and rests."""
    turns = [0]
    low = high = 0
    direction = 0
    for k in range(1, len(values)):
        if direction >= 0 and values[k] > values[high]:
            high = k
        if direction <= 0 and values[k] < values[low]:
            low = k
        if direction >= 0 and values[high] - values[k] > slack:
            if direction > 0 or high > 0:
                turns.append(high)
            direction, low = -1, k
        elif direction <= 0 and values[k] - values[low] > slack:
            if direction < 0 or low > 0:
                turns.append(low)
            direction, high = 1, k
    turns.append(len(values) - 1)
    return [_trimmed(values, a, b) for a, b in pairwise(turns) if b > a]


def _trimmed(values: Floats, a: int, b: int) -> tuple[int, int]:
    """The stretch without the rests at its ends (the outer 3 % of its change)."""
    change = values[b] - values[a]
    if change == 0.0:
        return a, b
    share = (values[a : b + 1] - values[a]) / change
    first = int(np.flatnonzero(share <= 0.03)[-1])
    last = int(np.argmax(share >= 0.97))
    return (a + first, a + last) if last > first else (a, b)
