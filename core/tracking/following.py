"""Follows objects through the frames of one video, and keeps the pictures worth describing.

What reading a video and evaluating a tracker share: association and the choice of crops, fed with
pictures and their boxes in order of time.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.detections import Detections, Image, Int32
from core.tracking.classes import class_groups
from core.tracking.crops import CropCandidate, CropPlanner, CropSettings
from core.tracking.online import Tracker, TrackerSettings


class Follower:
    """One video, frame by frame.

    class_names: what the detector's class ids mean.
    """

    def __init__(
        self,
        class_names: Sequence[str],
        settings: TrackerSettings | None = None,
        crops: CropSettings | None = None,
    ) -> None:
        self._tracker = Tracker(class_groups(class_names), settings)
        self._planner = CropPlanner(crops)

    def follow(self, image: Image, detections: Detections) -> Int32:
        """(N,) tracklet id of each box of one frame, -1 for none.

        image: the frame, RGB; detections: all boxes of that frame.
        """
        ids = self._tracker.update(detections)
        self._planner.offer(image, detections, ids)
        return ids

    def replay(self, detections: Detections) -> None:
        """Take in one frame that an earlier run has followed; its crops were kept then."""
        self._tracker.update(detections)

    def take_crops(self) -> list[CropCandidate]:
        """The best crops since the last call, ordered by tracklet and time."""
        chosen = self._planner.flush()
        confirmed = self._tracker.confirmed([crop.tracklet_id for crop in chosen])
        return [crop for crop, sure in zip(chosen, confirmed, strict=True) if sure]
