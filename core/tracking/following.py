"""Follows objects through the frames of one video, and keeps the pictures worth describing.

What reading a video and evaluating a tracker share: the camera's own motion, association and the
choice of crops, fed with pictures and their boxes in order of time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Detections, Float32, Image, Int32
from core.tracking.camera import CameraStep
from core.tracking.camera_motion import CameraMotion, Memory
from core.tracking.classes import class_groups
from core.tracking.crops import CropCandidate, CropPlanner, CropSettings, crops_of
from core.tracking.online import Embed, Tracker, TrackerSettings


class Associator(Protocol):
    """Says which boxes belong together, frame after frame; `core.tracking.online.Tracker` does."""

    def update(
        self,
        detections: Detections,
        camera: CameraStep | None = None,
        embed: Embed | None = None,
        /,
    ) -> Int32:
        """(N,) tracklet id of each box of one frame, -1 for none."""
        ...

    def confirmed(self, ids: Int32 | Sequence[int], /) -> Bool:
        """(N,) which tracklet ids are objects rather than single boxes."""
        ...


@dataclass(frozen=True, slots=True)
class FrameLooks:
    """Boxes of one frame that were described for association.

    rows: (M,) among the frame's boxes, ascending. vectors: (M, D) float16, unit length.
    """

    rows: Int32
    vectors: npt.NDArray[np.float16]


class Follower:
    """One video, frame by frame.

    class_names: what the detector's class ids mean. describe: makes (M, D) unit vectors of
    pictures; where it is given, association looks at what boxes alone do not settle. tracker: what
    associates, where it is not Vidtrail's own. camera: what says how the camera moves, where it is
    not to be measured anew.
    """

    def __init__(
        self,
        class_names: Sequence[str],
        settings: TrackerSettings | None = None,
        crops: CropSettings | None = None,
        describe: Callable[[Sequence[Image]], Float32] | None = None,
        tracker: Associator | None = None,
        camera: CameraMotion | None = None,
    ) -> None:
        self._describe = describe
        self._crops = crops or CropSettings()
        self._tracker = tracker or Tracker(class_groups(class_names), settings)
        self._planner = CropPlanner(self._crops)
        self._camera = camera or CameraMotion()
        self._steps: list[CameraStep] = []
        self._looks: list[FrameLooks] = []

    def follow(self, image: Image, detections: Detections) -> Int32:
        """(N,) tracklet id of each box of one frame, -1 for none.

        image: the frame, RGB; detections: all boxes of that frame.
        """
        step = self._camera.step(image, detections.xyxy)
        self._steps.append(step)
        looked = _NOTHING
        vectors: dict[int, Float32] = {}

        def embed(rows: npt.NDArray[np.intp]) -> Float32:
            nonlocal looked
            looked = self._look(image, detections, rows)
            rounded = looked.vectors.astype(np.float32)
            vectors.update(zip(looked.rows.tolist(), rounded, strict=True))
            return rounded

        ids = self._tracker.update(detections, step, None if self._describe is None else embed)
        self._looks.append(looked)
        self._planner.offer(image, detections, ids, vectors)
        return ids

    def replay(self, detections: Detections, step: CameraStep, looked: FrameLooks) -> None:
        """Take in one frame that an earlier run has followed; its crops were kept then.

        step: what that run measured of the camera. looked: what it described. After the last
        frame, `recall` what that run left as `camera_memory`.
        """
        vectors = looked.vectors.astype(np.float32)
        embed = None if self._describe is None else lambda _rows: vectors
        self._tracker.update(detections, step, embed)

    def camera_memory(self) -> Memory:
        """What measuring the camera's next step depends on, besides the next frame."""
        return self._camera.memory()

    def recall(self, memory: Memory) -> None:
        """Go on measuring the camera's steps where an earlier run stopped."""
        self._camera.recall(memory)

    def take_steps(self) -> list[CameraStep]:
        """The camera's steps of the frames followed since the last call."""
        taken, self._steps = self._steps, []
        return taken

    def take_looks(self) -> list[FrameLooks]:
        """What was described of each frame followed since the last call."""
        taken, self._looks = self._looks, []
        return taken

    def take_crops(self) -> list[CropCandidate]:
        """The best crops since the last call, ordered by tracklet and time."""
        chosen = self._planner.flush()
        confirmed = self._tracker.confirmed([crop.tracklet_id for crop in chosen])
        return [crop for crop, sure in zip(chosen, confirmed, strict=True) if sure]

    def _look(self, image: Image, detections: Detections, rows: npt.NDArray[np.intp]) -> FrameLooks:
        """Describe some boxes, at the precision that an interrupted run keeps."""
        pictures = crops_of(image, detections.xyxy[rows], self._crops)
        there = [k for k, picture in enumerate(pictures) if picture is not None]
        kept = [picture.kept() for picture in pictures if picture is not None]
        if self._describe is None or not kept:
            return FrameLooks(rows.astype(np.int32), np.zeros((len(rows), 1), np.float16))
        made = self._describe(kept).astype(np.float16)
        vectors = np.zeros((len(rows), made.shape[1]), np.float16)
        vectors[there] = made
        return FrameLooks(rows.astype(np.int32), vectors)


_NOTHING = FrameLooks(np.zeros(0, np.int32), np.zeros((0, 1), np.float16))
