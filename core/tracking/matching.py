"""What one frame offers to association, and who gets which of it.

Boxes with what a nearby surer box makes of their confidence (births damped as in Soft-NMS, Bodla
et al. 2017), and the assignment of largest total score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from core.detections import Detections, Float32, Float64, Int32
from core.geometry import centre_size
from core.tracking.occlusion import shadow

Intp = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class FrameBoxes:
    """The boxes of one frame as association needs them.

    t_s: seconds. xyxy, centre_size: (N, 4) px. fresh: (N,) confidence damped by surer boxes over
    it. shade: (N,) IoU with the surer box that overlaps it most. group: (N,) class groups.
    vectors: (N, D) unit length, zeros where not looked at; None where nobody looks.
    """

    t_s: float
    xyxy: Float64
    centre_size: Float64
    confidence: Float64
    fresh: Float64
    shade: Float64
    group: Int32
    vectors: Float32 | None

    @staticmethod
    def of(detections: Detections, groups: Int32, damping: float) -> FrameBoxes:
        """detections: at least one, of one frame. groups: (C,) of every class id. damping: the
        squared IoU with a surer box that leaves 1/e of a confidence.
        """
        xyxy = detections.xyxy.astype(np.float64)
        confidence = detections.confidence.astype(np.float64)
        group = groups[detections.class_id]
        shade = shadow(xyxy, confidence, group)
        return FrameBoxes(
            t_s=float(detections.t_s[0]),
            xyxy=xyxy,
            centre_size=centre_size(xyxy),
            confidence=confidence,
            fresh=confidence * np.exp(-np.square(shade) / damping),
            shade=shade,
            group=group,
            vectors=None,
        )


def assign(score: Float64) -> tuple[Intp, Intp]:
    """Pairs (rows, columns) of the largest total score; pairs of score 0 are never made."""
    rows = np.flatnonzero((score > 0.0).any(axis=1))
    columns = np.flatnonzero((score > 0.0).any(axis=0))
    if not len(rows):
        return rows, columns
    if len(rows) == 1:  # the common case of a lone candidate needs no solver
        best = columns[[int(np.argmax(score[rows[0], columns]))]]
        return rows, best
    picked_rows, picked_columns = linear_sum_assignment(score[np.ix_(rows, columns)], maximize=True)
    i, j = rows[picked_rows], columns[picked_columns]
    made = score[i, j] > 0.0
    return i[made], j[made]


def without_rivals(score: Float64, margin: float) -> Float64:
    """(T, N) the scores that are the best of their row and column by `margin`, 0 for the others."""
    leads = np.ones(score.shape, np.bool_)
    for axis in (0, 1):
        if score.shape[axis] > 1:
            top = np.partition(score, -2, axis=axis)
            second, best = np.take(top, [-2], axis=axis), np.take(top, [-1], axis=axis)
            leads &= (score == best) & (best - second >= margin)
    return np.where(leads, score, 0.0)
