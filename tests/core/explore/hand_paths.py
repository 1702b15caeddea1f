"""Paths of all tracks from ways that were made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.search.paths import Paths

Points = np.ndarray[Any, np.dtype[np.float64]]


def paths_of(ways: Sequence[Points], t_s: Sequence[Points], size: float) -> Paths:
    """ways: (P, 2) foot points of each track; t_s: (P,) their times. size: of every box."""
    points = np.array([len(way) for way in ways], np.int64)
    whole = int(points.sum())
    return Paths(
        starts=np.concatenate([[0], np.cumsum(points)]).astype(np.int64),
        xy=np.concatenate([np.zeros((0, 2)), *ways]).astype(np.float32),
        t_s=np.concatenate([np.zeros(0), *t_s]),
        frame=np.arange(whole, dtype=np.int32),
        size=np.full(whole, size, np.float32),
        told=np.ones(len(ways), np.bool_),
        moved=np.zeros(len(ways), np.bool_),
        largest_px=np.full(len(ways), 80.0, np.float32),
    )
