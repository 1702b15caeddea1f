"""One physical object in one video: its path of boxes, and what the detector called it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.detections import Bool, Float32, Float64, Int32


@dataclass(frozen=True, slots=True)
class Path:
    """Where an object was, one row a sampled frame, ordered by time.

    frame: (N,) presentation index, 0-based, strictly increasing. t_s: (N,) seconds.
    xyxy: (N, 4) corners, pixels of the displayed picture. confidence: (N,) in [0, 1].
    interpolated: (N,) True where no detection backs the box.
    """

    frame: Int32
    t_s: Float64
    xyxy: Float32
    confidence: Float32
    interpolated: Bool

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def foot(self) -> Float64:
        """(N, 2) bottom-centre of each box, pixels: the point nearest the ground."""
        return np.stack(
            [(self.xyxy[:, 0] + self.xyxy[:, 2]) / 2.0, self.xyxy[:, 3]], axis=1
        ).astype(np.float64)

    @property
    def size(self) -> Float64:
        """(N,) square root of each box's area, pixels."""
        wh = np.clip(self.xyxy[:, 2:] - self.xyxy[:, :2], 0.0, None)
        return np.asarray(np.sqrt(wh[:, 0] * wh[:, 1]), np.float64)


@dataclass(frozen=True, slots=True)
class Track:
    """One physical object in one video.

    track_id: unique within its video, from 1. class_votes: class name -> share of
    confidence-weighted votes, summing to 1. tracklet_ids: the online pieces it was linked from.
    """

    track_id: int
    class_name: str
    class_votes: Mapping[str, float]
    path: Path
    tracklet_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Two tracklets taken to be one object, with the reason; can be undone.

    score: log-likelihood ratio, > 0 speaks for the link. gap_s: time between the two pieces.
    """

    earlier_tracklet: int
    later_tracklet: int
    score: float
    appearance: float
    motion: float
    gap_s: float


@dataclass(frozen=True, slots=True)
class FrameSize:
    """Size of the displayed picture, pixels."""

    width: int
    height: int
