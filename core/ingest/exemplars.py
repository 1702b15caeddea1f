"""Which of a track's crops are kept: the best in each part of its life."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.detections import Float32, Float64

Rows = npt.NDArray[np.intp]


def choose(t_s: Float64, quality: Float32, count: int) -> Rows:
    """At most `count` rows, in time order: the best of each of `count` equal parts of the span.

    Parts without a crop give their place to the best of the rest, so that `count` are chosen where
    there are as many. Of two equal ones the earlier is taken.
    """
    order = np.argsort(t_s, kind="stable")
    if len(order) <= count:
        return order
    times = t_s[order]
    span = max(float(times[-1] - times[0]), 1e-9)
    part = np.minimum(((times - times[0]) / span * count).astype(np.int64), count - 1)
    by_quality = np.lexsort((np.arange(len(order)), -quality[order]))
    _, first = np.unique(part[by_quality], return_index=True)
    chosen = np.zeros(len(order), np.bool_)
    chosen[by_quality[first]] = True
    rest = by_quality[~chosen[by_quality]]
    chosen[rest[: count - int(chosen.sum())]] = True
    return order[chosen]


def fused_colour(colour: Float32, quality: Float32) -> Float32:
    """(12,) posterior of a track from its (N, 12) crop posteriors, zeros where none is known.

    The quality-weighted mean of the log posteriors, so that one sure crop does not outvote many.
    """
    known = colour.sum(axis=1) > 0.5
    weight = np.where(known, np.maximum(quality, 1e-6), 0.0).astype(np.float64)
    if not known.any():
        return np.zeros(colour.shape[1], np.float32)
    logs = np.log(np.clip(colour.astype(np.float64), 1e-4, 1.0))
    mean = (logs * weight[:, None]).sum(axis=0) / weight.sum()
    fused = np.exp(mean - mean.max())
    return np.asarray(fused / fused.sum(), np.float32)
