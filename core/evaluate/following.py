"""Trackers as a comparison sees them: frame after frame goes in, boxes with identities come out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from core.detections import Detections, Float32, Int32
from core.evaluate.scores import TrackedBoxes
from core.ingest.reading import ReadingSettings
from core.models.encoder import Encoder
from core.tracking.camera import CameraPath, CameraStep
from core.tracking.camera_motion import CameraMotion
from core.tracking.crops import CropCandidate, CropTable
from core.tracking.following import Follower
from core.tracking.linking import LinkSettings
from core.tracking.offline import link
from core.tracking.online import TrackerSettings
from core.tracks import FrameSize
from core.video.decode import Frame


class FrameTracker(Protocol):
    """Follows objects through the frames it is given, in order."""

    def offer(self, frame: Frame, detections: Detections, vectors: Float32 | None) -> None:
        """Take in one frame: its picture, its boxes (maybe none) and, if there are any, a vector
        a box.
        """
        ...

    def tracked(self) -> TrackedBoxes:
        """All boxes with their identities, after the last frame."""
        ...


class OwnTracker:
    """Vidtrail's own: what reading a video does between its detector and its library.

    encoder: describes the crops of tracks; None links by motion alone. fps: of the frames given:
    where it is low, or the encoder quick, association looks at doubtful boxes as well.
    online: stop before linking; the result is every tracklet of two boxes or more.
    tracker: settings other than those of reading. camera: what says how the camera moves. looks:
    False leaves them out of association.
    """

    def __init__(
        self,
        class_names: Sequence[str],
        size: FrameSize,
        encoder: Encoder | None,
        fps: float,
        *,
        online: bool = False,
        tracker: TrackerSettings | None = None,
        camera: CameraMotion | None = None,
        looks: bool = True,
    ) -> None:
        self._class_names = tuple(class_names)
        self._size = size
        self._encoder = encoder
        self._online = online
        self._reading = ReadingSettings()
        describe = None
        if encoder is not None and looks:
            helpful = encoder.quick or fps < self._reading.looks_below_fps
            describe = encoder.encode_images if helpful else None
        self._follower = Follower(class_names, tracker, describe=describe, camera=camera)
        self._detections: list[Detections] = []
        self._ids: list[Int32] = []
        self._crops: list[CropTable] = []
        self._frames: list[int] = []
        self._times: list[float] = []
        self._steps: list[CameraStep] = []
        self._segment = 0

    def offer(self, frame: Frame, detections: Detections, vectors: Float32 | None) -> None:
        del vectors  # its crops are described on their own, as in reading
        segment = int(frame.t_s // self._reading.segment_s)
        if segment != self._segment:
            self._describe()
            self._segment = segment
        self._frames.append(frame.index)
        self._times.append(frame.t_s)
        self._ids.append(self._follower.follow(frame.image, detections))
        self._detections.append(detections)
        self._steps += self._follower.take_steps()
        self._follower.take_looks()  # nothing is resumed here

    def tracked(self, links: LinkSettings | None = None, *, looks: bool = True) -> TrackedBoxes:
        """All boxes with their identities, after the last frame; may be asked again.

        links: settings other than those of reading. looks: False links by motion alone.
        """
        detections = Detections.concatenate(self._detections)
        ids = np.concatenate([*self._ids, np.zeros(0, np.int32)]).astype(np.int32)
        if self._online:
            known, counts = np.unique(ids[ids >= 0], return_counts=True)
            rows = np.isin(ids, known[counts >= 2])
            return TrackedBoxes(detections.frame[rows], ids[rows], detections.xyxy[rows])
        self._describe()
        camera = CameraPath.of(
            np.asarray(self._frames, np.int32), np.asarray(self._times, np.float64), self._steps
        )
        crops = self._table() if looks else CropTable.empty()
        linked = link(detections, ids, crops, self._class_names, self._size, links, camera)
        paths = [track.path for track in linked.tracks]
        if not paths:
            return TrackedBoxes.empty()
        return TrackedBoxes(
            frame=np.concatenate([path.frame for path in paths]),
            track_id=np.repeat(
                np.asarray([track.track_id for track in linked.tracks], np.int32),
                [len(path) for path in paths],
            ),
            xyxy=np.concatenate([path.xyxy for path in paths]),
        )

    def _describe(self) -> None:
        """Encode the crops kept since the last time, at the precision a library keeps."""
        crops = self._follower.take_crops()
        if self._online or self._encoder is None or not crops:
            return
        new = [crop.image for crop in crops if crop.vector is None]
        size = self._reading.encode_batch
        made = iter(
            np.concatenate(
                [
                    np.zeros((0, self._encoder.dim), np.float32),
                    *(
                        self._encoder.encode_images(new[start : start + size])
                        for start in range(0, len(new), size)
                    ),
                ]
            )
        )
        vectors = [next(made) if crop.vector is None else crop.vector for crop in crops]
        self._crops.append(_table(crops, np.stack(vectors).astype(np.float16)))

    def _table(self) -> CropTable:
        if not self._crops:
            return CropTable.empty()
        return CropTable(
            tracklet_id=np.concatenate([part.tracklet_id for part in self._crops]),
            frame=np.concatenate([part.frame for part in self._crops]),
            t_s=np.concatenate([part.t_s for part in self._crops]),
            xyxy=np.concatenate([part.xyxy for part in self._crops]),
            quality=np.concatenate([part.quality for part in self._crops]),
            vectors=np.concatenate([part.vectors for part in self._crops]),
        )


def _table(crops: Sequence[CropCandidate], vectors: np.typing.NDArray[np.float16]) -> CropTable:
    return CropTable(
        tracklet_id=np.asarray([crop.tracklet_id for crop in crops], np.int32),
        frame=np.asarray([crop.frame for crop in crops], np.int32),
        t_s=np.asarray([crop.t_s for crop in crops], np.float64),
        xyxy=np.asarray([crop.xyxy for crop in crops], np.float32).reshape(-1, 4),
        quality=np.asarray([crop.quality for crop in crops], np.float32),
        vectors=vectors.astype(np.float32),
    )
