"""Boxes found by a detector, as parallel arrays: one row a box, rows ordered by frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
Bool = npt.NDArray[np.bool_]
Image = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Detections:
    """Boxes of one frame or of many.

    frame: (N,) presentation index of the source frame, 0-based, never decreasing.
    t_s: (N,) presentation time, seconds from the first frame.
    xyxy: (N, 4) corners in pixels of the displayed picture (rotation applied).
    confidence: (N,) in [0, 1].
    class_id: (N,) index into the detector's `class_names`.
    Raises ValueError when the lengths differ.
    """

    frame: Int32
    t_s: Float64
    xyxy: Float32
    confidence: Float32
    class_id: Int32

    def __post_init__(self) -> None:
        n = len(self.frame)
        shapes = (self.t_s.shape, self.xyxy.shape, self.confidence.shape, self.class_id.shape)
        if shapes != ((n,), (n, 4), (n,), (n,)):
            raise ValueError(f"expected {n} rows, (n, 4) boxes; got shapes {shapes}")

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, rows: npt.NDArray[np.intp] | Bool | slice) -> Detections:
        """Rows by index, mask or slice."""
        return Detections(
            self.frame[rows],
            self.t_s[rows],
            self.xyxy[rows],
            self.confidence[rows],
            self.class_id[rows],
        )

    @staticmethod
    def empty() -> Detections:
        return Detections(
            np.zeros(0, np.int32),
            np.zeros(0, np.float64),
            np.zeros((0, 4), np.float32),
            np.zeros(0, np.float32),
            np.zeros(0, np.int32),
        )

    @staticmethod
    def of_frame(
        frame: int, t_s: float, xyxy: Float32, confidence: Float32, class_id: Int32
    ) -> Detections:
        """All boxes of one frame."""
        n = len(xyxy)
        return Detections(
            np.full(n, frame, np.int32),
            np.full(n, t_s, np.float64),
            np.asarray(xyxy, np.float32).reshape(n, 4),
            np.asarray(confidence, np.float32),
            np.asarray(class_id, np.int32),
        )

    @staticmethod
    def concatenate(parts: Iterable[Detections]) -> Detections:
        listed = list(parts)
        if not listed:
            return Detections.empty()
        return Detections(
            np.concatenate([p.frame for p in listed]),
            np.concatenate([p.t_s for p in listed]),
            np.concatenate([p.xyxy for p in listed]),
            np.concatenate([p.confidence for p in listed]),
            np.concatenate([p.class_id for p in listed]),
        )
