"""Which points of a map lie inside an outline that a person drew."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.detections import Float32
from core.errors import QueryError

MOST_CORNERS = 1000
_FEWEST_CORNERS = 3


def outline_of(x: Sequence[object], y: Sequence[object]) -> npt.NDArray[np.float64]:
    """(K, 2) corners as the browser sent them; raises QueryError for what is no outline."""
    try:
        corners = np.array([x, y], np.float64).T
    except (TypeError, ValueError) as error:
        raise QueryError("What was drawn cannot be read: draw it again.") from error
    fits = corners.ndim == 2 and _FEWEST_CORNERS <= len(corners) <= MOST_CORNERS
    if not fits or not np.isfinite(corners).all():
        raise QueryError("What was drawn encloses nothing: draw around the objects you mean.")
    return corners


def inside(corners: npt.NDArray[np.float64], xy: Float32) -> npt.NDArray[np.int64]:
    """Rows of xy (N, 2) inside the outline (K, 2), ascending; NaN is outside.

    Even-odd rule: a ray from the point to the right crosses the outline an odd number of times.
    """
    low, high = corners.min(axis=0), corners.max(axis=0)
    rows = np.flatnonzero(((xy >= low) & (xy <= high)).all(axis=1)).astype(np.int64)
    x, y = xy[rows, 0].astype(np.float64), xy[rows, 1].astype(np.float64)
    odd = np.zeros(len(rows), np.bool_)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        odd ^= ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return rows[odd]
