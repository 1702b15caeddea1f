"""Objects over time, by class: how many come into view, and how many are in view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64, Int32
from core.explore.tally import Tally, tally
from core.search.columns import Columns

INTERVALS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
_MOST_BARS = 48

Span = tuple[float | None, float | None]
"""From and to, seconds into each video; None leaves a side open."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """Time cut into pieces of one length, anew in every video, videos one after another.

    video: (B,) place in the columns' videos. t0_s, t1_s: (B,) half-open, seconds into the video;
    the last of a video ends where it does.
    """

    video: Int32
    t0_s: Float64
    t1_s: Float64
    step_s: float

    def __len__(self) -> int:
        return len(self.video)

    def at(self, video: npt.NDArray[np.integer], t_s: npt.NDArray[np.floating]) -> Int32:
        """(K,) the interval of each time in its video, -1 where there is none."""
        first = np.searchsorted(self.video, video, side="left")
        last = np.searchsorted(self.video, video, side="right") - 1
        if not len(self.video):
            return np.full(len(video), -1, np.int32)
        start = self.t0_s[np.minimum(first, len(self.video) - 1)]
        place = first + np.floor((t_s - start) / self.step_s + 1e-9).astype(np.int64)
        end = self.t1_s[np.clip(last, 0, None)]
        held = (place >= first) & (place <= last) & (t_s <= end + 1e-6)
        # What is told of the very end of a video happened in its last interval.
        at_end = (place == last + 1) & (t_s <= end + 1e-6) & (last >= first)
        place = np.where(at_end, last, place)
        return np.where(held | at_end, place, -1).astype(np.int32)


def interval_for(total_s: float, most: int = _MOST_BARS) -> float:
    """The shortest usual interval that cuts a length of time into no more than `most` pieces."""
    fits = (step for step in INTERVALS_S if total_s / step <= most)
    return float(next(fits, INTERVALS_S[-1]))


def length_of(columns: Columns, videos: Bool, span: Span = (None, None)) -> float:
    """Seconds of some videos within a span of each. videos: (V,) which."""
    return float(sum(max(b - a, 0.0) for a, b in _spans(columns, videos, span).values()))


def intervals_of(
    columns: Columns, videos: Bool, step_s: float, span: Span = (None, None)
) -> Intervals:
    """Intervals over some videos. videos: (V,) which. Raises ValueError for no length."""
    if step_s <= 0.0:
        raise ValueError("an interval lasts longer than nothing")
    video, starts, ends = [], [], []
    for v, (first, last) in _spans(columns, videos, span).items():
        pieces = max(int(np.ceil((last - first) / step_s - 1e-9)), 1)
        t0_s = first + np.arange(pieces) * step_s
        video.append(np.full(pieces, v, np.int32))
        starts.append(t0_s)
        ends.append(np.minimum(t0_s + step_s, last))
    none = np.zeros(0)
    return Intervals(
        np.concatenate([np.zeros(0, np.int32), *video]),
        np.concatenate([none, *starts]),
        np.concatenate([none, *ends]),
        float(step_s),
    )


def _spans(columns: Columns, videos: Bool, span: Span) -> dict[int, tuple[float, float]]:
    after, before = span
    found = {}
    for v in np.flatnonzero(videos).tolist():
        end = columns.videos[v].duration_s
        first = 0.0 if after is None else max(after, 0.0)
        last = end if before is None else min(before, end)
        if last > first:
            found[v] = (first, last)
    return found


def kinds_of(columns: Columns) -> Int32:
    """(N,) number of the class with most votes, -1 for a track nobody voted for."""
    votes: Float32 = columns.votes
    if not votes.size:
        return np.full(len(columns), -1, np.int32)
    return np.where(votes.max(axis=1) > 0.0, votes.argmax(axis=1), -1).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Counts:
    """Tracks by interval and class.

    came: (B, C) those that came into view in each interval; a track is in one, so that sums add up.
    there: (B, C) those in view for any part of it; a track is in all that it lasts through.
    """

    intervals: Intervals
    class_names: tuple[str, ...]
    came: Tally
    there: Tally


def counts_over_time(columns: Columns, keep: Bool, intervals: Intervals) -> Counts:
    """Count the kept tracks of all classes. keep: (N,)."""
    rows = np.flatnonzero(keep & (kinds_of(columns) >= 0))
    kind = kinds_of(columns)[rows]
    shape = (len(intervals), len(columns.class_names))
    video = columns.video[rows]
    first = intervals.at(video, columns.t0_s[rows])
    came = tally(shape, (first, kind), rows)
    low, high = _lasts(columns, intervals, rows)
    many = np.maximum(high - low, 0)
    which = np.repeat(np.arange(len(rows)), many)
    place = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many) + low[which]
    there = tally(shape, (place, kind[which]), rows[which])
    return Counts(intervals, columns.class_names, came, there)


def _lasts(
    columns: Columns, intervals: Intervals, rows: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Half-open ranges of intervals that each track touches."""
    video = columns.video[rows]
    first = np.searchsorted(intervals.video, video, side="left")
    stop = np.searchsorted(intervals.video, video, side="right")
    if not len(intervals):
        return first, first
    start = intervals.t0_s[np.minimum(first, len(intervals) - 1)]
    low = np.floor((columns.t0_s[rows] - start) / intervals.step_s + 1e-9).astype(np.int64)
    high = np.floor((columns.t1_s[rows] - start) / intervals.step_s + 1e-9).astype(np.int64) + 1
    return np.clip(first + low, first, stop), np.clip(first + high, first, stop)


def merged(counts: npt.NDArray[np.int64], classes: Sequence[int]) -> npt.NDArray[np.int64]:
    """(B,) counts of some classes together, of tracks that are each of one class."""
    return np.asarray(counts[:, list(classes)].sum(axis=1), np.int64)
