"""ByteTrack and BoT-SORT as Ultralytics ships them, to be compared with.

They run with the defaults of the installed Ultralytics, are given the same boxes and vectors as
everybody, and answer with what their users get: the boxes of their Kalman filters. They count
frames, not seconds: `track_buffer` stays what it is by default at every stride, as it does for
whoever sets `vid_stride`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from core.detections import Detections, Float32
from core.errors import ModelError
from core.evaluate.scores import TrackedBoxes
from core.geometry import clip
from core.models.ultralytics_files import quiet_ultralytics
from core.video.decode import Frame

RIVALS = ("bytetrack", "botsort")


class UltralyticsTracker:
    """One of RIVALS over one sequence.

    with_vectors: BoT-SORT uses the vectors it is given as its appearance; ByteTrack has none.
    Raises ModelError where Ultralytics' trackers cannot be loaded.
    """

    def __init__(self, name: str, cache: Path, *, with_vectors: bool) -> None:
        with quiet_ultralytics(cache):
            try:
                from ultralytics.trackers import BOTSORT, BYTETracker
                from ultralytics.utils import YAML, IterableSimpleNamespace
                from ultralytics.utils.checks import check_yaml
            except ImportError as problem:
                raise ModelError(
                    f"Ultralytics' trackers cannot be loaded: {problem}; they need the package lap."
                ) from problem
            options = YAML.load(check_yaml(f"{name}.yaml"))
            if name == "botsort" and with_vectors:
                options |= {"with_reid": True, "model": "auto"}
            settings = IterableSimpleNamespace(**options)
            self._tracker: Any = {"bytetrack": BYTETracker, "botsort": BOTSORT}[name](settings)
        self._found: list[tuple[int, Float32]] = []

    def offer(self, frame: Frame, detections: Detections, vectors: Float32 | None) -> None:
        from ultralytics.engine.results import Boxes

        table = np.concatenate(
            [
                detections.xyxy,
                detections.confidence[:, None],
                detections.class_id[:, None].astype(np.float32),
            ],
            axis=1,
        )
        height, width = frame.image.shape[:2]
        picture = cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR)
        found = self._tracker.update(Boxes(table, (height, width)), picture, feats=vectors)
        if len(found):
            rows = np.array(found, np.float32)
            rows[:, :4] = clip(rows[:, :4], width, height)  # as its `Results` do
            self._found.append((frame.index, rows))

    def tracked(self) -> TrackedBoxes:
        if not self._found:
            return TrackedBoxes.empty()
        rows = np.concatenate([table for _, table in self._found])
        return TrackedBoxes(
            frame=np.repeat(
                np.asarray([frame for frame, _ in self._found], np.int32),
                [len(table) for _, table in self._found],
            ),
            track_id=rows[:, 4].astype(np.int32),
            xyxy=rows[:, :4],
        )
