"""Boxes, looks and crops of made-up objects, frame by frame or a whole video at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from core.detections import Detections
from core.tracking.crops import CropTable
from core.tracks import FrameSize

NAMES = ["car", "truck", "person"]
SIZE = FrameSize(1280, 720)
STEP = 0.08

Line = Callable[[float], float]
Lot = tuple[int, np.ndarray, Line, Line, int, float]
"""(tracklet, times, x(t), y(t), class, confidence)"""


def frame(t, boxes, conf=0.9, cls=0) -> Detections:
    """One frame; conf and cls: of every box, or one for all."""
    n = len(boxes)
    return Detections.of_frame(
        round(t * 1000),
        t,
        np.array(boxes, np.float32).reshape(n, 4),
        np.broadcast_to(np.asarray(conf, np.float32), (n,)).copy(),
        np.broadcast_to(np.asarray(cls, np.int32), (n,)).copy(),
    )


def box(x: float, y: float, w: float = 60.0, h: float = 40.0) -> list[float]:
    return [x - w / 2, y - h / 2, x + w / 2, y + h / 2]


def moving(x, y, t, vx=0.0, vy=0.0, w=60, h=40) -> list[float]:
    return box(x + vx * t, y + vy * t, w, h)


def unit(vectors: np.ndarray) -> np.ndarray:
    v = np.asarray(vectors, np.float64)
    length = np.linalg.norm(v, axis=-1, keepdims=True)
    return (v / np.where(length > 0.0, length, 1.0)).astype(np.float32)


def looks_of(names: Sequence[str], seed: int = 0, cone: float = 2.0, dim: int = 32):
    """name -> (dim,) unit vector; all lie close together, as an encoder's do."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=dim)
    return {name: unit(cone * shared + rng.normal(size=dim)) for name in names}


class Eyes:
    """Describes the boxes of frames whose objects are known, and notes what it was asked."""

    def __init__(self, looks: Mapping[str, np.ndarray]) -> None:
        self._looks = looks
        self.asked: list[list[int]] = []

    def on(self, objects: Sequence[str]):
        """What a tracker calls to see the boxes of one frame; objects: the name of each."""

        def embed(rows):
            self.asked.append(rows.tolist())
            return np.stack([self._looks[objects[row]] for row in rows]).astype(np.float32)

        return embed


def rows(objects: Sequence[Lot]) -> tuple[Detections, np.ndarray]:
    """Detections of a video with 60 x 40 boxes, and the tracklet of each."""
    out = [
        (round(t / STEP), t, box(x(t), y(t)), confidence, cls, tracklet)
        for tracklet, times, x, y, cls, confidence in objects
        for t in times
    ]
    out.sort(key=lambda r: (r[0], r[5]))
    detections = Detections(
        np.array([r[0] for r in out], np.int32),
        np.array([r[1] for r in out], np.float64),
        np.array([r[2] for r in out], np.float32).reshape(-1, 4),
        np.array([r[3] for r in out], np.float32),
        np.array([r[4] for r in out], np.int32),
    )
    return detections, np.array([r[5] for r in out], np.int32)


def span(a: float, b: float) -> np.ndarray:
    return np.arange(round(a / STEP), round(b / STEP)) * STEP


def line(start: float, speed: float) -> Line:
    return lambda t: start + speed * t


def crop_table(vectors: Sequence[tuple[int, float, np.ndarray]]) -> CropTable:
    """vectors: (tracklet, t_s, vector) of every crop."""
    n = len(vectors)
    return CropTable(
        np.array([x[0] for x in vectors], np.int32),
        np.array([round(x[1] / STEP) for x in vectors], np.int32),
        np.array([x[1] for x in vectors], np.float64),
        np.zeros((n, 4), np.float32),
        np.ones(n, np.float32),
        unit(np.array([x[2] for x in vectors])),
    )
