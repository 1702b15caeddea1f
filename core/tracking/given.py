"""Boxes and tracks that somebody else has made, read from MOTChallenge text by frame number.

They take the place of a detector (`core.models.detector.FrameDetector`), and tracks that of online
association as well (`core.tracking.following.Associator`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.detections import Bool, Detections, Int32
from core.errors import VideoError, VidtrailError
from core.geometry import clip
from core.models.detector import FrameBoxes
from core.models.profile import DetectorSpec, Profile
from core.tracking.camera import CameraStep
from core.tracking.linking import LinkSettings
from core.tracking.mot_text import MotRows, read_mot
from core.tracking.online import Embed
from core.video.decode import Frame

# Tracks stay what they are: nothing is linked, nothing taken for a twin, nothing is too little.
AS_GIVEN = LinkSettings(
    gap_s=0.0,
    still_gap_s=0.0,
    split_llr=-np.inf,
    reentry_llr=np.inf,
    twin_iou=2.0,
    fewest_boxes=1,
    shortest_s=0.0,
    least_confidence=0.0,
)


class GivenBoxes:
    """Boxes of a file in place of a detector's; all are of one class.

    A confidence of -1 throughout means unknown and is taken for 1. Rows of confidence 0 are filled
    in between detections and are left out, as are boxes below `min_confidence`. Boxes are cut to
    the picture; what lies outside is left out.
    Raises VidtrailError when the file cannot be read, holds no box or has confidences outside
    0 to 1.
    """

    kind = "boxes"

    def __init__(self, path: Path, class_name: str, *, min_confidence: float = 0.0) -> None:
        rows = read_mot(path)
        if not len(rows):
            raise VidtrailError(f"{path} holds no boxes.")
        if (rows.confidence == -1.0).all():
            rows = replace(rows, confidence=np.ones_like(rows.confidence))
        low, high = float(rows.confidence.min()), float(rows.confidence.max())
        if low < 0.0 or high > 1.0:
            raise VidtrailError(
                f"The confidences in {path} lie between {low:g} and {high:g}: bring them to 0 to 1 "
                "first, where 0.5 is an even chance."
            )
        kept = (rows.confidence > 0.0) & (rows.confidence >= min_confidence)
        self._rows = rows.take(np.flatnonzero(kept))
        self._path = path
        self._class_name = class_name
        self._min_confidence = min_confidence
        digest = hashlib.blake2b(path.read_bytes(), digest_size=4).hexdigest()
        self._name = f"{path.stem}-{self.kind}-{class_name}-{digest}"

    @property
    def name(self) -> str:
        return self._name

    @property
    def class_names(self) -> tuple[str, ...]:
        return (self._class_name,)

    @property
    def rows(self) -> MotRows:
        return self._rows

    def profile(self, base: Profile) -> Profile:
        """A profile that looks at every frame and has these boxes for its detector's."""
        reading = f"{self.kind} of {self._class_name} from {self._min_confidence}"
        spec = DetectorSpec(self.name, "as its file states", path=self._path, reading=reading)
        return replace(base, detector=spec, sample_fps=0.0)

    def check_length(self, frames: int | None) -> None:
        """Raises VideoError when there are boxes after the last of so many frames."""
        last = int(self._rows.frame.max(initial=-1))
        if frames is not None and last >= frames:
            raise VideoError(
                f"{self._path} has boxes in frame {last + 1}, and the video has {frames} frames: "
                "it belongs to another video."
            )

    def detect_frames(self, frames: Sequence[Frame]) -> list[FrameBoxes]:
        return [self._of(frame)[0] for frame in frames]

    def _of(self, frame: Frame) -> tuple[FrameBoxes, Int32]:
        """The boxes of one frame and their ids."""
        rows = self._rows.take(self._rows.of_frame(frame.index))
        height, width = frame.image.shape[:2]
        boxes = clip(rows.xyxy, width, height).astype(np.float32)
        seen = (boxes[:, 2:] - boxes[:, :2] >= 1.0).all(axis=1)
        found = FrameBoxes(boxes[seen], rows.confidence[seen], np.zeros(int(seen.sum()), np.int32))
        return found, rows.id[seen]


class GivenTracks(GivenBoxes):
    """Boxes of a file whose ids say which belong together; they are tracklets as they are.

    Ids are numbered anew, from 0 by first appearance.
    Raises VidtrailError also for a box without an id, and for two of one id in a frame.
    """

    kind = "tracks"

    def __init__(self, path: Path, class_name: str) -> None:
        super().__init__(path, class_name)
        rows = self._rows
        if rows.id.min(initial=0) < 0:
            raise VidtrailError(f"{path} has boxes without an id: they are detections, not tracks.")
        pairs = np.stack([rows.frame, rows.id], axis=1)
        unique, counts = np.unique(pairs, axis=0, return_counts=True)
        if (counts > 1).any():
            frame, number = unique[int(counts.argmax())].tolist()
            raise VidtrailError(f"{path} has two boxes of track {number} in frame {frame + 1}.")
        names, first, places = np.unique(rows.id, return_index=True, return_inverse=True)
        rank = np.empty(len(names), np.int32)
        rank[np.argsort(first, kind="stable")] = np.arange(len(names), dtype=np.int32)
        self._rows = replace(rows, id=rank[places])
        self._count = len(names)
        self._waiting: dict[int, Int32] = {}  # frame -> ids of its boxes, until they are followed

    def detect_frames(self, frames: Sequence[Frame]) -> list[FrameBoxes]:
        found = []
        for frame in frames:
            boxes, ids = self._of(frame)
            self._waiting[frame.index] = ids
            found.append(boxes)
        return found

    def update(
        self,
        detections: Detections,
        _camera: CameraStep | None = None,
        _embed: Embed | None = None,
    ) -> Int32:
        """(N,) the tracklet of each box of one frame that `detect_frames` has given.

        -1 for boxes of a frame that an earlier run has followed.
        """
        unknown = np.full(len(detections), -1, np.int32)
        if not len(detections):
            return unknown
        return self._waiting.pop(int(detections.frame[0]), unknown)

    def confirmed(self, ids: Int32 | Sequence[int]) -> Bool:
        """(N,) True for every id of the file."""
        asked = np.asarray(ids, np.int64)
        return np.asarray((asked >= 0) & (asked < self._count), np.bool_)
