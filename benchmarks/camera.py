"""How well the camera's own motion is measured, what it costs, and what it is good for.

    python -m benchmarks.camera WORLD... [--videos VIDEO...] [--strides 1 3 5 10]

A WORLD is a folder as `python -m sample_videos.world render` writes it. Its true boxes are what may
move by itself; those of parked things, put into the reference frame, should stay where they are.
Events are told from true boxes, with and without the camera's motion taken out, and compared with
what the world says happened in view. A VIDEO has no truth: it is said how still the camera was.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.detections import Float32
from core.evaluate.truth import Boxes, read_boxes
from core.geometry import at_border, centre_size
from core.motion.events import events_of
from core.motion.ground import GroundPlane
from core.tracking.camera import CameraPath, CameraStep
from core.tracking.camera_motion import CameraMotion
from core.tracking.classes import group_of
from core.tracks import FrameSize
from core.tracks import Path as ObjectPath
from core.video.decode import sample

KINDS = ("turn_left", "turn_right", "stop", "parked", "moving", "approach", "recede")
SURE = 0.5


@dataclass(frozen=True)
class World:
    """A clip with its truth."""

    video: Path
    size: FrameSize
    classes: Mapping[int, str]
    events: Sequence[Mapping[str, Any]]
    boxes: Mapping[int, Boxes]

    @staticmethod
    def read(folder: Path) -> World:
        truth = json.loads((folder / "truth.json").read_text())
        return World(
            folder / truth["video"],
            FrameSize(truth["width"], truth["height"]),
            {thing["id"]: thing["type"] for thing in truth["objects"]},
            truth["events"],
            read_boxes(folder / "gt" / "gt.txt"),
        )

    def at(self, frame: int) -> Float32:
        """(N, 4) all true boxes of a frame."""
        rows = [b.xyxy[b.frame == frame] for b in self.boxes.values()]
        return np.concatenate([*rows, np.zeros((0, 4), np.float32)])


@dataclass(frozen=True)
class Seen:
    """What was measured of a video's camera, and the milliseconds each frame took."""

    camera: CameraPath
    cost_ms: np.ndarray[Any, np.dtype[np.float64]]

    def line(self) -> str:
        camera = self.camera
        exact = bool((camera.view == np.eye(3)).all())
        least, usual, most = np.percentile(self.cost_ms, [5, 50, 95])
        return (
            f"{least:6.2f} {usual:6.2f} {most:6.2f}  {'exactly still' if exact else 'moves':13} "
            f"unknown {int((~camera.known).sum()):4} cuts {int(camera.cut.sum()):2} "
            f"references {int(camera.reference.max()) + 1:2}"
        )


def watch(video: Path, world: World | None, stride: int) -> Seen:
    motion, steps, cost = CameraMotion(), [], []
    frame, t_s = [], []
    none = np.zeros((0, 4), np.float32)
    for picture in sample(video, None):
        if picture.index % stride:
            continue
        boxes = none if world is None else world.at(picture.index)
        start = time.perf_counter()
        step: CameraStep = motion.step(picture.image, boxes)
        cost.append(1e3 * (time.perf_counter() - start))
        steps.append(step)
        frame.append(picture.index)
        t_s.append(picture.t_s)
    camera = CameraPath.of(np.array(frame, np.int32), np.array(t_s), steps)
    return Seen(camera, np.array(cost))


def spread(world: World, camera: CameraPath) -> Iterator[tuple[float, float, float]]:
    """Of each thing parked all the time: (farthest it strays, rms, the same in the picture), px."""
    lasts = camera.t_s[-1] - camera.t_s[0] - 1.0
    for event in world.events:
        boxes = world.boxes.get(event["object"])
        if event["kind"] != "parked" or event["t1_s"] - event["t0_s"] < lasts or boxes is None:
            continue
        whole = ~at_border(boxes.xyxy, world.size.width, world.size.height, 3.0).any(axis=1)
        rows = np.flatnonzero(whole & np.isin(boxes.frame, camera.frame))
        if len(rows) < 10:
            continue
        frame, xyxy = boxes.frame[rows], boxes.xyxy[rows].astype(np.float64)
        raw = centre_size(xyxy)[:, :2]
        steady = centre_size(camera.stabilise(frame, xyxy))[:, :2]
        off = np.hypot(*(steady - np.median(steady, axis=0)).T)
        raw_off = np.hypot(*(raw - np.median(raw, axis=0)).T)
        yield float(off.max()), float(np.sqrt(np.square(off).mean())), float(raw_off.max())


def paths(world: World, camera: CameraPath) -> Iterator[tuple[int, str, ObjectPath]]:
    """The true path of each object over the frames looked at."""
    for number, boxes in world.boxes.items():
        rows = np.flatnonzero(np.isin(boxes.frame, camera.frame))
        if len(rows) < 5 or number not in world.classes:
            continue
        frame = boxes.frame[rows]
        yield (
            number,
            world.classes[number],
            ObjectPath(
                frame,
                camera.t_s[np.searchsorted(camera.frame, frame)],
                boxes.xyxy[rows],
                np.ones(len(rows), np.float32),
                np.zeros(len(rows), np.bool_),
            ),
        )


def judged(world: World, seen: CameraPath, used: CameraPath | None) -> dict[str, tuple[int, ...]]:
    """Kind -> (right, wrong, missed). What happened out of view is neither wrong nor missed."""
    listed = list(paths(world, seen))
    ground = GroundPlane.fit([p for _, _, p in listed], world.size, [c for _, c, _ in listed], used)
    count = {kind: np.zeros(3, np.int64) for kind in KINDS}
    for number, name, path in listed:
        told = [e for e in events_of(path, name, world.size, ground, used) if e.p >= SURE]
        for kind in KINDS:
            if kind.startswith("turn") and group_of(name) not in ("vehicle", "two-wheeler"):
                continue  # the truth is silent on how people and animals turn
            mine = [e for e in told if e.kind == kind]
            true = [e for e in world.events if e["object"] == number and e["kind"] == kind]
            met = [any(_meet(e, t) for e in mine) for t in true]
            right = sum(any(_meet(e, t) for t in true) for e in mine)
            missed = sum(t["visible"] and not found for t, found in zip(true, met, strict=True))
            count[kind] += (right, len(mine) - right, missed)
    return {kind: tuple(int(n) for n in numbers) for kind, numbers in count.items()}


def _meet(event: Any, true: Mapping[str, Any]) -> bool:
    overlap = min(event.t1_s, true["t1_s"]) - max(event.t0_s, true["t0_s"])
    return bool(overlap > min(0.3, 0.5 * (event.t1_s - event.t0_s)))


def _table(world: World, strides: Sequence[int], say: Any) -> None:
    say(f"\n{world.video.stem}")
    say("  stride  ms p5    p50    p95  camera")
    for stride in strides:
        seen = watch(world.video, world, stride)
        say(f"  {stride:6} {seen.line()}")
        strays = list(spread(world, seen.camera))
        if strays:
            worst, rms, raw = (max(column) for column in zip(*strays, strict=True))
            say(
                f"         {len(strays)} parked: stray at most {worst:.2f} px (rms {rms:.2f}); "
                f"in the picture {raw:.1f} px"
            )
        if not seen.camera.moves:
            continue
        with_it, without = (judged(world, seen.camera, c) for c in (seen.camera, None))
        for kind in KINDS:
            if any(with_it[kind]) or any(without[kind]):
                say(f"         {kind:10} {_rates(with_it[kind])}  left in: {_rates(without[kind])}")


def _rates(numbers: Sequence[int]) -> str:
    right, wrong, missed = numbers
    precision = right / (right + wrong) if right + wrong else float("nan")
    recall = right / (right + missed) if right + missed else float("nan")
    return f"right {right:3} wrong {wrong:3} missed {missed:3} (P {precision:4.2f} R {recall:4.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("worlds", nargs="*", type=Path)
    parser.add_argument("--videos", nargs="*", type=Path, default=[])
    parser.add_argument("--strides", nargs="*", type=int, default=[1, 3, 5, 10])
    given = parser.parse_args()
    for folder in given.worlds:
        _table(World.read(folder), given.strides, print)
    for video in given.videos:
        print(f"\n{video.stem}\n  stride  ms p5    p50    p95  camera")
        for stride in given.strides:
            print(f"  {stride:6} {watch(video, None, stride).line()}")


if __name__ == "__main__":
    main()
