"""New tracks in a map that stays as it is.

A new point goes where most of what it is like already lies: of the places of its nearest neighbours
the one around which they are densest, and there the mean of those around. The middle of all
neighbours would often be empty ground between two groups.
"""

from __future__ import annotations

import numpy as np

from core.detections import Bool, Float32
from core.explore.neighbours import nearest

NEIGHBOURS = 15
_CHUNK_ROWS = 8192


def placed(
    vectors: Float32, xy: Float32, new: Bool, *, reach: float | None = None, gpu: bool | None = None
) -> Float32:
    """(N, 2) float32: `xy` to the last bit, and places for the rows that are new.

    vectors: (N, D) float32, unit length. xy: (N, 2), NaN where a row has no place. new: (N,) rows
    to be placed, by those that have a place and are not new. reach: what counts as around a
    place, None for a usual distance between neighbours of this map.
    Raises ValueError where no row has a place.
    """
    there = ~np.isnan(xy[:, 0]) & ~new
    result = xy.copy()
    rows = np.flatnonzero(new)
    if not len(rows):
        return result
    if not there.any():
        raise ValueError("there is no map to be placed in")
    around = usual_reach(xy[there]) if reach is None else reach
    near, far = nearest(vectors, min(NEIGHBOURS, int(there.sum())), among=there, of=rows, gpu=gpu)
    for start in range(0, len(rows), _CHUNK_ROWS):
        some = slice(start, start + _CHUNK_ROWS)
        result[rows[some]] = _densest(xy[near[some]], far[some], around)
    return result


def usual_reach(xy: Float32) -> float:
    """How far apart neighbours of a map are: a few times the room that each point has in it."""
    wide = np.ptp(xy.astype(np.float64), axis=0)
    return 3.0 * float(np.sqrt(max(wide[0] * wide[1], 1e-12) / max(len(xy), 1)))


def _densest(places: Float32, far: Float32, reach: float) -> Float32:
    """(M, 2) from (M, K, 2) places of neighbours and how far they are in the space itself."""
    spread = np.maximum(far[:, -1:] - far[:, :1], 1e-6)
    weight = np.exp(-(far - far[:, :1]) / spread)
    apart = places[:, :, None] - places[:, None]
    beside = np.exp(-np.square(apart).sum(axis=-1) / (2.0 * reach**2))
    dense = np.einsum("mij,mj->mi", beside, weight) * weight
    best = dense.argmax(axis=1)
    mine = np.take_along_axis(beside, best[:, None, None], axis=1)[:, 0] * weight
    total = (places * mine[..., None]).sum(axis=1) / mine.sum(axis=1)[:, None]
    return np.asarray(total, np.float32)
