"""Lines drawn by hand: how many objects cross them, each way, and when."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float64
from core.explore.counts import Intervals, kinds_of
from core.explore.tally import Tally, tally
from core.search.columns import Columns
from core.search.crossings import crossing_score
from core.search.paths import Paths
from core.search.places import Place
from core.search.scoring import MATCH_PART
from core.search.tracing import Traced

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Crossings:
    """Who crossed a line. row: (K,) tracks. t_s: (K,) seconds into the video.

    back: (K,) False from the line's left to its right, seen along it from its first point; True
    the other way. A track counts once each way.
    """

    row: Rows
    back: Bool
    t_s: Float64

    def table(self, columns: Columns, intervals: Intervals | None = None) -> Tally:
        """(2, C, B) way, class, interval; B is 1 without intervals."""
        when = np.zeros(len(self.row), np.int32)
        if intervals is not None:
            when = intervals.at(columns.video[self.row], self.t_s)
        shape = (2, len(columns.class_names), 1 if intervals is None else len(intervals))
        kind = kinds_of(columns)[self.row]
        return tally(shape, (self.back.astype(np.int64), kind, when), self.row)


def line_counts(columns: Columns, paths: Paths, line: Place, keep: Bool) -> Crossings:
    """The kept tracks that cross a line, both ways. keep: (N,)."""
    row, back, t_s = [], [], []
    for other_way in (False, True):
        one = _one_way(line, back=other_way)
        score = crossing_score(columns, paths, one, keep)
        if not isinstance(score.detail, Traced):
            raise TypeError("a crossing is told from paths")
        crosses = keep & score.known & (score.p >= MATCH_PART) & np.isfinite(score.detail.t0_s)
        rows = np.flatnonzero(crosses & one.covers(columns))
        row.append(rows)
        back.append(np.full(len(rows), other_way))
        t_s.append(score.detail.t0_s[rows])
    return Crossings(
        np.concatenate(row).astype(np.int64), np.concatenate(back), np.concatenate(t_s)
    )


def _one_way(line: Place, *, back: bool) -> Place:
    """The line to be crossed one way only; the other way is that of the line turned round."""
    areas = line.areas
    if back:
        areas = tuple(replace(area, points=area.points[::-1].copy()) for area in areas)
    return Place(replace(line.part, either_way=False), areas)
