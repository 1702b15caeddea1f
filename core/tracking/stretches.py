"""Stretches: the parts of a tracklet between the moments at which it may have changed its object.

While two boxes lie on each other, and while an object is unseen, association can pass from one
object to another. In between it cannot, so all clean crops of one stretch show one object, and
looks need only be compared from stretch to stretch.
"""

from __future__ import annotations

import numpy as np

from core.detections import Float64, Int32

HIDDEN = 0.4  # share of a box under others from which two may be swapped
_CLEAR = 0.25
_UNSEEN_S = 0.5


class Stretches:
    """Counts the stretches of all tracklets while frames go by."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[int, bool, float]] = {}

    def number(self, tracklet_ids: Int32, overlap: Float64, t_s: float) -> Int32:
        """(N,) stretch of each box of one frame, from 0 within its tracklet; -1 for boxes under
        others, which belong to none, and for boxes without a tracklet.
        """
        out = np.full(len(tracklet_ids), -1, np.int32)
        for row, tracklet in enumerate(tracklet_ids.tolist()):
            if tracklet < 0:
                continue
            number, doubtful, last_s = self._of.get(tracklet, (0, False, t_s))
            if overlap[row] >= HIDDEN:
                self._of[tracklet] = (number, True, t_s)
                continue
            if doubtful and overlap[row] >= _CLEAR:
                self._of[tracklet] = (number, True, t_s)
                continue
            if doubtful or t_s - last_s > _UNSEEN_S:
                number += 1
            self._of[tracklet] = (number, False, t_s)
            out[row] = number
        return out
