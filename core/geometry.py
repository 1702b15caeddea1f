"""Rectangles: how boxes grow, meet, cover each other and touch the border.

Boxes are (N, 4) corners [x1, y1, x2, y2], x right, y down; all functions are vectorised and
compute in float64. Degenerate boxes (no width or no height) have area 0 and meet nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float64

Boxes = npt.NDArray[np.floating]


def area(boxes: Boxes) -> Float64:
    """(N,) areas, never negative."""
    sides = np.clip(boxes[:, 2:4].astype(np.float64) - boxes[:, 0:2], 0.0, None)
    return np.asarray(sides[:, 0] * sides[:, 1], np.float64)


def centre_size(boxes: Boxes) -> Float64:
    """(N, 4) [centre x, centre y, width, height]."""
    b = boxes.astype(np.float64)
    return np.stack(
        [
            (b[:, 0] + b[:, 2]) / 2.0,
            (b[:, 1] + b[:, 3]) / 2.0,
            b[:, 2] - b[:, 0],
            b[:, 3] - b[:, 1],
        ],
        axis=1,
    )


def corners(centre_sizes: Float64) -> Float64:
    """(N, 4) corners from [centre x, centre y, width, height]; the inverse of `centre_size`."""
    c = np.asarray(centre_sizes, np.float64)
    half = c[:, 2:4] / 2.0
    return np.concatenate([c[:, 0:2] - half, c[:, 0:2] + half], axis=1)


def intersection(a: Boxes, b: Boxes) -> Float64:
    """(N, M) areas shared by each box of `a` with each box of `b`."""
    p, q = a.astype(np.float64), b.astype(np.float64)
    width = np.minimum(p[:, None, 2], q[None, :, 2]) - np.maximum(p[:, None, 0], q[None, :, 0])
    height = np.minimum(p[:, None, 3], q[None, :, 3]) - np.maximum(p[:, None, 1], q[None, :, 1])
    return np.asarray(np.clip(width, 0.0, None) * np.clip(height, 0.0, None), np.float64)


def _divide(numerator: Float64, denominator: Float64) -> Float64:
    """Quotient, 0 where the denominator is 0."""
    out = np.zeros(np.broadcast_shapes(numerator.shape, denominator.shape))
    np.divide(numerator, denominator, out=out, where=denominator > 0.0)
    return out


def iou(a: Boxes, b: Boxes) -> Float64:
    """(N, M) intersection over union, in [0, 1]."""
    shared = intersection(a, b)
    return _divide(shared, area(a)[:, None] + area(b)[None, :] - shared)


def iou_pairs(a: Boxes, b: Boxes) -> Float64:
    """(N,) intersection over union of row i of `a` with row i of `b`."""
    p, q = a.astype(np.float64), b.astype(np.float64)
    sides = np.minimum(p[:, 2:4], q[:, 2:4]) - np.maximum(p[:, 0:2], q[:, 0:2])
    sides = np.clip(sides, 0.0, None)
    shared = np.asarray(sides[:, 0] * sides[:, 1], np.float64)
    return _divide(shared, area(a) + area(b) - shared)


def cover(a: Boxes, b: Boxes) -> Float64:
    """(N, M) share of each box of `a` that lies inside each box of `b`, in [0, 1]."""
    return _divide(intersection(a, b), area(a)[:, None])


def grow(boxes: Boxes, margin: float | Float64) -> Float64:
    """(N, 4) boxes with `margin` of their own width and height added on every side.

    margin: one number, or (N,). Negative margins shrink.
    """
    b = boxes.astype(np.float64)
    sides = (b[:, 2:4] - b[:, 0:2]) * np.reshape(np.asarray(margin, np.float64), (-1, 1))
    return np.concatenate([b[:, 0:2] - sides, b[:, 2:4] + sides], axis=1)


def buffered_iou(a: Boxes, b: Boxes, margin: float | Float64) -> Float64:
    """(N, M) IoU after growing both boxes of a pair by the same relative margin.

    margin: one number, or (N,), one for each box of `a` (applied to every partner in `b`).
    Lets boxes that moved past each other between two frames still be compared
    (Yang et al., "Hard to Track Objects with Irregular Motions", WACV 2023).
    """
    m = np.broadcast_to(np.asarray(margin, np.float64), (len(a),))
    p, q = grow(a, m), b.astype(np.float64)
    sides = q[:, 2:4] - q[:, 0:2]
    low = q[None, :, 0:2] - sides[None] * m[:, None, None]
    high = q[None, :, 2:4] + sides[None] * m[:, None, None]
    width = np.minimum(p[:, None, 2], high[..., 0]) - np.maximum(p[:, None, 0], low[..., 0])
    height = np.minimum(p[:, None, 3], high[..., 1]) - np.maximum(p[:, None, 1], low[..., 1])
    shared = np.clip(width, 0.0, None) * np.clip(height, 0.0, None)
    grown_b = area(b)[None, :] * ((1.0 + 2.0 * m) ** 2)[:, None]
    return _divide(shared, area(p)[:, None] + grown_b - shared)


def clip(boxes: Boxes, width: float, height: float) -> Float64:
    """(N, 4) boxes cut to the picture [0, width] x [0, height]."""
    b = boxes.astype(np.float64)
    low, high = np.zeros(4), np.array([width, height, width, height], np.float64)
    return np.asarray(np.clip(b, low, high), np.float64)


def at_border(boxes: Boxes, width: float, height: float, margin_px: float = 2.0) -> Bool:
    """(N, 4) which of left, top, right, bottom lie within `margin_px` of the picture's border."""
    b = boxes.astype(np.float64)
    return np.stack(
        [
            b[:, 0] <= margin_px,
            b[:, 1] <= margin_px,
            b[:, 2] >= width - margin_px,
            b[:, 3] >= height - margin_px,
        ],
        axis=1,
    )
