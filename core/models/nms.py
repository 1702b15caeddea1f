"""From what a YOLO head puts out to the boxes of a picture: each object once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.detections import Float32, Int32
from core.models.detector import FrameBoxes

# Names that detectors exchange for one another on the same object; boxes compete inside a group.
_GROUPS = (
    {"car", "van", "truck", "bus"},
    {"motorcycle", "bicycle"},
    {"bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"},
)
_MOST_CANDIDATES = 1000
_MOST_BOXES = 300


def group_ids(class_names: Sequence[str]) -> Int32:
    """(C,) number of the group in which a class competes; classes of no group stand alone."""
    first_free = len(_GROUPS)
    return np.array(
        [
            next((g for g, names in enumerate(_GROUPS) if name in names), first_free + index)
            for index, name in enumerate(class_names)
        ],
        np.int32,
    )


def suppress(xyxy: Float32, group: Int32, iou_limit: float) -> np.ndarray:
    """Rows to keep of boxes ordered best first: greedy non-maximum suppression inside groups.

    Of two boxes of one group with an overlap above iou_limit the later one goes.
    """
    n = len(xyxy)
    area = np.prod(np.clip(xyxy[:, 2:] - xyxy[:, :2], 0, None), axis=1)
    alive = np.ones(n, np.bool_)
    for row in range(n):
        if not alive[row]:
            continue
        rest = row + 1 + np.flatnonzero(alive[row + 1 :] & (group[row + 1 :] == group[row]))
        low = np.maximum(xyxy[row, :2], xyxy[rest, :2])
        high = np.minimum(xyxy[row, 2:], xyxy[rest, 2:])
        shared = np.prod(np.clip(high - low, 0, None), axis=1)
        union = area[row] + area[rest] - shared
        alive[rest[shared > iou_limit * np.maximum(union, 1e-9)]] = False
    return np.flatnonzero(alive)


def boxes_of(
    output: Float32, group: Int32, min_confidence: float, iou_limit: float = 0.7
) -> FrameBoxes:
    """Boxes, in input pixels, best first, of one picture's head output.

    output: (4 + C, A) with cx, cy, w, h and class scores for each of A places, as YOLO puts out
    before suppression; or (K, 6) with x0, y0, x1, y1, score, class of a head that needs none.
    group: (C,) from `group_ids`.
    """
    if output.shape[0] == 4 + len(group):
        xyxy, confidence, class_id = _of_places(output, min_confidence)
    elif output.shape[1] == 6:
        rows = output[output[:, 4] >= min_confidence]
        xyxy, confidence = rows[:, :4], rows[:, 4]
        class_id = rows[:, 5].astype(np.int32)
    else:
        raise ValueError(f"no YOLO output for {len(group)} classes: shape {output.shape}")
    order = np.argsort(-confidence, kind="stable")[:_MOST_CANDIDATES]
    xyxy, confidence, class_id = xyxy[order], confidence[order], class_id[order]
    keep = suppress(xyxy, group[class_id], iou_limit)[:_MOST_BOXES]
    return FrameBoxes(
        np.ascontiguousarray(xyxy[keep], np.float32),
        np.asarray(confidence[keep], np.float32),
        class_id[keep],
    )


def _of_places(output: Float32, min_confidence: float) -> tuple[Float32, Float32, Int32]:
    scores = output[4:]
    best = scores.max(axis=0)
    places = np.flatnonzero(best >= min_confidence)
    centre, size = output[:2, places].T, output[2:4, places].T
    xyxy = np.concatenate([centre - size / 2, centre + size / 2], axis=1)
    return xyxy, best[places], scores[:, places].argmax(axis=0).astype(np.int32)
