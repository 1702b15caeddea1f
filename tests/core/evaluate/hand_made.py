"""Sequences small enough to be judged by hand, written as files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from core.detections import Image
from core.evaluate.scores import TrackedBoxes
from core.evaluate.sequences import TrueBoxes
from core.models.detector import FrameBoxes
from tests.fakes import TRAFFIC, clip, picture

Row = tuple[int, int, float, float, float, float]  # frame (0-based), id, left, top, right, bottom


def tracked(rows: Iterable[Row]) -> TrackedBoxes:
    table = np.array(list(rows), np.float64).reshape(-1, 6)
    return TrackedBoxes(
        table[:, 0].astype(np.int32), table[:, 1].astype(np.int32), table[:, 2:].astype(np.float32)
    )


def true(
    rows: Iterable[Row], *, drops: Iterable[Row] = (), counting_first: bool = True
) -> TrueBoxes:
    """Rows that count, and rows that take out what lies on them."""
    listed = [(row, True) for row in rows] + [(row, False) for row in drops]
    listed.sort(key=lambda pair: pair[0][0])
    boxes = tracked(row for row, _ in listed)
    counts = np.array([counted for _, counted in listed], np.bool_)
    return TrueBoxes(boxes.frame, boxes.track_id, boxes.xyxy, counts, ~counts, counting_first)


def walk(number: int, frames: Iterable[int], left: float = 0.0, top: float = 0.0) -> list[Row]:
    """A box of 40 x 80 that stands still."""
    return [(frame, number, left, top, left + 40.0, top + 80.0) for frame in frames]


def write_gt(folder: Path, rows: Iterable[Row], tail: str) -> None:
    """tail: the columns from the flag on."""
    (folder / "gt").mkdir(parents=True, exist_ok=True)
    lines = [f"{f + 1},{i},{x},{y},{x2 - x},{y2 - y},{tail}" for f, i, x, y, x2, y2 in rows]
    (folder / "gt" / "gt.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_pictures(folder: Path, images: Iterable[Image]) -> None:
    folder.mkdir(parents=True)
    for number, image in enumerate(images, 1):
        cv2.imwrite(str(folder / f"{number:06}.png"), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))


def write_info(folder: Path, source: str = "img1", fps: float = 10.0, length: int = 0) -> None:
    lines = ["[Sequence]", f"name={folder.name}", f"imDir={source}", f"frameRate={fps:g}"]
    lines += [f"seqLength={length}"] if length else []
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "seqinfo.ini").write_text("\n".join(lines) + "\n", encoding="utf-8")


SIZE = (320, 192)
FRAMES, FPS = 40, 10.0


def traffic_rows(frames: int = FRAMES) -> list[Row]:
    """Where the rectangles of the fakes' traffic are, from how they were drawn."""
    rows: list[Row] = []
    for k in range(frames):
        for number, mover in enumerate(TRAFFIC, 1):
            if not mover.t0_s <= k / FPS < mover.t1_s:
                continue
            x, y = (int(s + v * k / FPS) for s, v in zip(mover.start, mover.speed, strict=True))
            right, bottom = x + mover.size[0] + 1, y + mover.size[1] + 1
            box = (max(x, 0), max(y, 0), min(right, SIZE[0]), min(bottom, SIZE[1]))
            if box[2] - box[0] >= 3 and box[3] - box[1] >= 3:
                rows.append((k, number, *box))
    return rows


def traffic_pictures(frames: int = FRAMES) -> list[Image]:
    return [picture(k / FPS, TRAFFIC, SIZE) for k in range(frames)]


def mot15(folder: Path, frames: int = FRAMES) -> Path:
    """The fakes' traffic as a 2D-MOT-2015 folder of pictures."""
    write_gt(folder, traffic_rows(frames), "1,-1,-1,-1")
    write_pictures(folder / "img1", traffic_pictures(frames))
    write_info(folder, fps=FPS, length=frames)
    return folder


def world(folder: Path, frames: int = FRAMES, visibility: float = 1.0) -> Path:
    """The fakes' traffic as a rendered world."""
    folder.mkdir(parents=True)
    clip(folder / f"{folder.name}.mp4", frames / FPS, FPS)
    write_gt(folder, traffic_rows(frames), f"1,1,{visibility:.3f}")
    truth = {"version": 1, "video": f"{folder.name}.mp4", "fps": FPS, "classes": ["car"]}
    (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    return folder


class PersonDetector:
    """Knows where the traffic's rectangles are by their colours; calls all of them persons."""

    name = "person-detector"
    class_names = ("person", "car")

    def __init__(self) -> None:
        self.calls = 0

    def detect(self, images: Sequence[Image]) -> list[FrameBoxes]:
        self.calls += len(images)
        return [self._one(image) for image in images]

    def _one(self, image: Image) -> FrameBoxes:
        spread = image.max(axis=2).astype(int) - image.min(axis=2)
        _, _, stats, _ = cv2.connectedComponentsWithStats((spread > 60).astype(np.uint8))
        boxes = [row[:4] for row in stats[1:] if row[4] >= 60]
        xyxy = np.array([[x, y, x + w, y + h] for x, y, w, h in boxes], np.float32)
        n = len(boxes)
        return FrameBoxes(xyxy.reshape(-1, 4), np.full(n, 0.9, np.float32), np.zeros(n, np.int32))
