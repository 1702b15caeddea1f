"""What the engine asks of a detector, whatever model stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from core.detections import Float32, Image, Int32
from core.video.decode import Frame


@dataclass(frozen=True, slots=True)
class FrameBoxes:
    """The boxes of one picture, best first.

    xyxy: (N, 4) corners, pixels of the given picture, inside it. confidence: (N,) in [0, 1].
    class_id: (N,) index into the detector's `class_names`.
    Raises ValueError when the lengths differ.
    """

    xyxy: Float32
    confidence: Float32
    class_id: Int32

    def __post_init__(self) -> None:
        n = len(self.xyxy)
        shapes = (self.xyxy.shape, self.confidence.shape, self.class_id.shape)
        if shapes != ((n, 4), (n,), (n,)):
            raise ValueError(f"expected (n, 4) boxes and (n,) columns; got shapes {shapes}")

    def __len__(self) -> int:
        return len(self.xyxy)

    @staticmethod
    def empty() -> FrameBoxes:
        return FrameBoxes(
            np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int32)
        )


class Detector(Protocol):
    """Finds objects in pictures; safe to call from any thread, one call at a time.

    name: model and hash of its weights, so that results of different weights are told apart.
    class_names: what `class_id` means.
    """

    @property
    def name(self) -> str: ...

    @property
    def class_names(self) -> tuple[str, ...]: ...

    def detect(self, images: Sequence[Image]) -> list[FrameBoxes]:
        """Boxes of each picture; all pictures of one call have the same size."""
        ...


@runtime_checkable
class FrameDetector(Protocol):
    """Knows the boxes of frames by their numbers, because they have been found before.

    name: changes when the boxes do. class_names: what `class_id` means.
    """

    @property
    def name(self) -> str: ...

    @property
    def class_names(self) -> tuple[str, ...]: ...

    def detect_frames(self, frames: Sequence[Frame]) -> list[FrameBoxes]:
        """Boxes of each frame."""
        ...


def boxes_in(frames: Sequence[Frame], detector: Detector | FrameDetector) -> list[FrameBoxes]:
    """Boxes of each frame, from its picture or from its number; all frames are of one size."""
    if isinstance(detector, FrameDetector):
        return detector.detect_frames(frames)
    return detector.detect([frame.image for frame in frames])
