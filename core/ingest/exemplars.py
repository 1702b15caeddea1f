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
