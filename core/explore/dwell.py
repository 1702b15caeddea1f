"""How long objects stay: in view, or inside a zone that was drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float64
from core.explore.tally import Tally, tally
from core.search.columns import Columns
from core.search.paths import Paths
from core.search.places import Place
from core.search.scoring import MATCH_PART
from core.search.tracing import Traced
from core.search.zones import zone_scores

EDGES_S = (0, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
"""Lower ends of the classes of length; the last has no upper end."""


@dataclass(frozen=True, slots=True)
class Dwell:
    """Stays, the longest first. row: (K,) tracks. seconds: (K,)."""

    row: npt.NDArray[np.int64]
    seconds: Float64

    def __len__(self) -> int:
        return len(self.row)

    def lasting(self) -> Tally:
        """(E,) tracks by how long they stayed, see `EDGES_S`."""
        at = np.searchsorted(np.asarray(EDGES_S, np.float64), self.seconds, side="right") - 1
        return tally((len(EDGES_S),), (at,), self.row)

    def quantile(self, share: float) -> float:
        """Seconds that this share of the stays do not exceed; NaN where there are none."""
        return float(np.quantile(self.seconds, share)) if len(self) else float("nan")


def in_view(columns: Columns, keep: Bool) -> Dwell:
    """How long the kept tracks were in view. keep: (N,)."""
    return _longest_first(np.flatnonzero(keep), (columns.t1_s - columns.t0_s)[keep])


def in_zone(columns: Columns, paths: Paths, place: Place, keep: Bool) -> Dwell:
    """How long the kept tracks were inside a zone, of those that were at all. keep: (N,)."""
    (score,) = zone_scores(columns, paths, (place,), keep)
    if not isinstance(score.detail, Traced):
        raise TypeError("a zone is told from paths")
    inside = keep & (score.p >= MATCH_PART) & score.known & place.covers(columns)
    return _longest_first(np.flatnonzero(inside), score.detail.numbers["dwell_s"][inside])


def _longest_first(rows: npt.NDArray[np.intp], seconds: npt.NDArray[np.floating]) -> Dwell:
    order = np.argsort(-np.asarray(seconds, np.float64), kind="stable")
    return Dwell(rows[order].astype(np.int64), np.asarray(seconds, np.float64)[order])
