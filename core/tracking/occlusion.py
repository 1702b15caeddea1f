"""What boxes of one frame do to each other: hide, overlap, stand in each other's shadow."""

from __future__ import annotations

import numpy as np

from core.detections import Float64, Int32
from core.geometry import Boxes, cover, iou

_SURE = 0.25  # weaker boxes hide nothing
_TWINS = 0.85  # two boxes of one object hide nothing of each other
_SAME_PLACE = 0.7


def _covers(xyxy: Boxes, confidence: Float64) -> Float64:
    """(N, N) share of each box that lies in each other one that counts."""
    shared = cover(xyxy, xyxy)
    np.fill_diagonal(shared, 0.0)
    twins = (shared > _TWINS) & (shared.T > _TWINS)
    shared[twins | (np.asarray(confidence)[None, :] < _SURE)] = 0.0
    return shared


def overlapped(xyxy: Boxes, confidence: Float64) -> Float64:
    """(N,) largest share of each box that lies in another box, nearer or not, in [0, 1]."""
    return np.asarray(_covers(xyxy, confidence).max(axis=1, initial=0.0), np.float64)


def hidden(xyxy: Boxes, confidence: Float64) -> Float64:
    """(N,) largest share of each box that a nearer one hides, in [0, 1].

    Nearer is what stands lower in the picture.
    """
    shared = _covers(xyxy, confidence)
    height = np.asarray(xyxy[:, 3] - xyxy[:, 1], np.float64)
    bottom = np.asarray(xyxy[:, 3], np.float64)
    shared[bottom[None, :] <= bottom[:, None] + 0.02 * height[:, None]] = 0.0
    return np.asarray(shared.max(axis=1, initial=0.0), np.float64)


def shadow(xyxy: Boxes, confidence: Float64, group: Int32) -> Float64:
    """(N,) largest IoU of each box with a surer one, in [0, 1]; of another class group only where
    the two all but coincide.
    """
    overlap = iou(xyxy, xyxy)
    overlap[(group[:, None] != group[None, :]) & (overlap < _SAME_PLACE)] = 0.0
    order = np.argsort(np.argsort(-np.asarray(confidence), kind="stable"))
    overlap[order[None, :] >= order[:, None]] = 0.0
    return np.asarray(overlap.max(axis=1, initial=0.0), np.float64)
