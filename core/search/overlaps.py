"""Who is in view at the same time: for every track the best of all that share its time.

Exact, and without looking at pairs: those that begin during a track's life are a stretch of the
tracks ordered by their beginning (range maximum over powers of two), those that are there when it
begins are the intervals that hold a point (segment tree, the two best a node, pushed down level by
level). Both in O(N log N) array operations.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64, Int32

Rows = npt.NDArray[np.int64]


def best_companion(
    video: Int32, t0_s: Float64, t1_s: Float64, fit: Float32, allowed: Bool, least_s: float
) -> Rows:
    """(N,) row of the other track with the largest `fit` that shares `least_s` with each, or -1.

    video, t0_s, t1_s: (N,) where and when each track is in view. allowed: (N,) who may be the
    other. Tracks of different videos share nothing; of equally good ones the lower row is taken.
    """
    n = len(video)
    others = np.flatnonzero(allowed & (t1_s - t0_s >= least_s))
    result = np.full(n, -1, np.int64)
    asking = np.flatnonzero(t1_s - t0_s >= least_s)
    if not len(others) or not len(asking):
        return result
    # One axis of time for all videos, told apart by whole numbers of the longest of them.
    least, most = float(t0_s.min()), float(t1_s.max())
    offset = video.astype(np.float64) * (most - least + 2.0 * least_s + 1.0) - least
    begin, end = t0_s + offset, t1_s + offset
    ranked = others[np.lexsort((-others, fit[others]))]  # the best last
    rank = np.full(n, -1, np.int64)
    rank[ranked] = np.arange(len(ranked))

    by_begin = others[np.argsort(begin[others], kind="stable")]
    starts = begin[by_begin]
    first = np.searchsorted(starts, begin[asking], side="right")
    last = np.searchsorted(starts, end[asking] - least_s, side="right")
    best = _largest_within(rank[by_begin], first, last)

    points = np.unique(begin[asking])
    place = np.searchsorted(points, begin[asking])
    low = np.searchsorted(points, begin[ranked], side="left")
    high = np.searchsorted(points, end[ranked] - least_s, side="right")
    top, second = _two_largest_over(len(points), low, high)
    mine = rank[asking]
    there = np.where(top[place] == mine, second[place], top[place])
    best = np.maximum(best, np.where(there == mine, -1, there))
    found = best >= 0
    result[asking[found]] = ranked[best[found]]
    return result


def _largest_within(values: Rows, first: Rows, last: Rows) -> Rows:
    """(Q,) largest of values[first:last] for each query, -1 where that is empty."""
    result = np.full(len(first), -1, np.int64)
    width = last - first
    level, table = 0, values
    while len(table):
        mine = np.flatnonzero((width >> level) == 1)
        if len(mine):
            left, right = table[first[mine]], table[last[mine] - (1 << level)]
            result[mine] = np.maximum(left, right)
        half = 1 << level
        table = np.maximum(table[:-half], table[half:]) if len(table) > half else table[:0]
        level += 1
    return result


def _two_largest_over(size: int, low: Rows, high: Rows) -> tuple[Rows, Rows]:
    """(size,) number of the last and of the last but one interval [low, high) that holds a place.

    Intervals are numbered in the order given; -1 where there is none.
    """
    leaves = 1 << max(size - 1, 1).bit_length()
    top, second = np.full(2 * leaves, -1, np.int64), np.full(2 * leaves, -1, np.int64)
    # Numbers ascend: where a node stands in a list more than once, the last assignment is the one
    # with the largest number, and it is the one that stays.
    for node, number in _nodes(leaves, low, high):
        top[node] = np.maximum(top[node], number)
    for node, number in _nodes(leaves, low, high):
        rest = top[node] != number
        node, number = node[rest], number[rest]
        second[node] = np.maximum(second[node], number)
    level = 1
    while level < leaves:
        for child in (0, 1):
            below = slice(2 * level + child, 4 * level, 2)
            a, b = top[level : 2 * level], top[below].copy()
            lesser = np.minimum(a, b)
            top[below] = np.maximum(a, b)
            np.maximum(second[below], lesser, out=second[below])
            np.maximum(second[below], second[level : 2 * level], out=second[below])
        level *= 2
    return top[leaves : leaves + size], second[leaves : leaves + size]


def _nodes(leaves: int, low: Rows, high: Rows) -> Iterator[tuple[Rows, Rows]]:
    """The nodes whose leaves together are each interval: level by level (node, interval)."""
    number = np.flatnonzero(low < high)
    left, right = low[number] + leaves, high[number] + leaves
    while len(number):
        odd = (left & 1) == 1
        yield left[odd], number[odd]
        left = left + odd
        odd = (right & 1) == 1
        right = right - odd
        yield right[odd], number[odd]
        left, right = left >> 1, right >> 1
        on = left < right
        left, right, number = left[on], right[on], number[on]
