"""A renderer for tests: a grey picture, and the box round each body's eight corners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sample_videos.world.camera import View
from sample_videos.world.scenarios.compose import silhouette
from sample_videos.world.scene import Body, Moment, Stage


@dataclass(frozen=True)
class BoxFrame:
    image: npt.NDArray[np.uint8]
    boxes: dict[int, tuple[float, float, float, float]]
    visibility: dict[int, float]


class BoxRenderer:
    def __init__(
        self, stage: Stage, bodies: Sequence[Body], size: tuple[int, int], seed: int
    ) -> None:
        del stage, seed
        self._bodies = {b.object_id: b for b in bodies}
        self._size = size

    def render(self, moment: Moment) -> BoxFrame:
        view = View.of(moment.camera, self._size)
        width, height = self._size
        boxes, visibility = {}, {}
        for number, pose in moment.poses.items():
            box = silhouette(view, pose, self._bodies[number].size_m)
            if box is None:
                continue
            x0, y0 = max(box[0], 0.0), max(box[1], 0.0)
            x1, y1 = min(box[2], width), min(box[3], height)
            if x1 <= x0 or y1 <= y0:
                continue
            boxes[number] = (x0, y0, x1 - x0, y1 - y0)
            whole = (box[2] - box[0]) * (box[3] - box[1])
            visibility[number] = (x1 - x0) * (y1 - y0) / whole
        return BoxFrame(np.full((height, width, 3), 120, np.uint8), boxes, visibility)
