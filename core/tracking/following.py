"""Follows objects through the frames of one video, and keeps the pictures worth describing.

What reading a video and evaluating a tracker share: the camera's own motion, association and the
choice of crops, fed with pictures and their boxes in order of time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.detections import Bool, Detections, Image, Int32
from core.tracking.camera import CameraStep
from core.tracking.camera_motion import CameraMotion, Memory
from core.tracking.classes import class_groups
from core.tracking.crops import CropCandidate, CropPlanner, CropSettings
from core.tracking.online import Tracker, TrackerSettings


class Associator(Protocol):
    """Says which boxes belong together, frame after frame; `core.tracking.online.Tracker` does."""

    def update(self, detections: Detections, camera: CameraStep | None = None, /) -> Int32:
        """(N,) tracklet id of each box of one frame, -1 for none."""
        ...

    def confirmed(self, ids: Int32 | Sequence[int], /) -> Bool:
        """(N,) which tracklet ids are objects rather than single boxes."""
        ...


class Follower:
    """One video, frame by frame.

    class_names: what the detector's class ids mean. tracker: what associates, where it is not
    Vidtrail's own.
    """

    def __init__(
        self,
        class_names: Sequence[str],
        settings: TrackerSettings | None = None,
        crops: CropSettings | None = None,
        tracker: Associator | None = None,
    ) -> None:
        self._tracker = tracker or Tracker(class_groups(class_names), settings)
        self._planner = CropPlanner(crops)
        self._camera = CameraMotion()
        self._steps: list[CameraStep] = []

    def follow(self, image: Image, detections: Detections) -> Int32:
        """(N,) tracklet id of each box of one frame, -1 for none.

        image: the frame, RGB; detections: all boxes of that frame.
        """
        step = self._camera.step(image, detections.xyxy)
        self._steps.append(step)
        ids = self._tracker.update(detections, step)
        self._planner.offer(image, detections, ids)
        return ids

    def replay(self, detections: Detections, step: CameraStep) -> None:
        """Take in one frame that an earlier run has followed; its crops were kept then.

        step: what that run measured of the camera. After the last frame, `recall` what that run
        left as `camera_memory`.
        """
        self._tracker.update(detections, step)

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

    def take_crops(self) -> list[CropCandidate]:
        """The best crops since the last call, ordered by tracklet and time."""
        chosen = self._planner.flush()
        confirmed = self._tracker.confirmed([crop.tracklet_id for crop in chosen])
        return [crop for crop, sure in zip(chosen, confirmed, strict=True) if sure]
