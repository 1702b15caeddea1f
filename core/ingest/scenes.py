"""Scenes: a video cut into short windows and at hard cuts, one frame standing for each."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.detections import Image
from core.video.decode import Frame
from core.video.look import Look

_SHORTEST_S = 0.5


@dataclass(frozen=True, slots=True)
class SceneFrame:
    """A span [t0_s, t1_s) and the picture that stands for it, made smaller."""

    t0_s: float
    t1_s: float
    frame: int
    t_s: float
    image: Image


class SceneFinder:
    """Fed the frames of one segment in order; cuts on a grid of `window_s` and at hard cuts.

    Starts afresh with every segment, so that the scenes do not depend on where a run began.
    """

    def __init__(self, window_s: float = 2.0, long_side_px: int = 512) -> None:
        self._window_s = window_s
        self._long_side_px = long_side_px
        self._start_s: float | None = None
        self._middle: Frame | None = None
        self._look: Look | None = None
        self._done: list[SceneFrame] = []

    def offer(self, frame: Frame) -> None:
        look = Look.of(frame.image)
        if self._start_s is None:
            self._open(frame)
        else:
            same_window = int(frame.t_s // self._window_s) == int(self._start_s // self._window_s)
            old_enough = frame.t_s - self._start_s >= _SHORTEST_S
            if not same_window or (old_enough and look.differs(self._look)):
                self._close(frame.t_s)
                self._open(frame)
            elif frame.t_s - self._start_s <= self._window_s / 2:
                self._middle = frame
        self._look = look

    def flush(self, end_s: float) -> list[SceneFrame]:
        """The scenes since the last flush, the last one ending at `end_s`."""
        if self._start_s is not None:
            self._close(end_s)
        done, self._done = self._done, []
        self._start_s = self._middle = self._look = None
        return done

    def _open(self, frame: Frame) -> None:
        self._start_s = frame.t_s
        self._middle = frame

    def _close(self, end_s: float) -> None:
        if self._start_s is None or self._middle is None:
            return
        middle = self._middle
        self._done.append(
            SceneFrame(
                t0_s=self._start_s,
                t1_s=max(end_s, self._start_s),
                frame=middle.index,
                t_s=middle.t_s,
                image=smaller(middle.image, self._long_side_px),
            )
        )


def smaller(image: Image, long_side_px: int) -> Image:
    """The picture with its long side at most `long_side_px`; always a copy."""
    scale = long_side_px / max(image.shape[:2])
    if scale >= 1.0:
        return image.copy()
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
