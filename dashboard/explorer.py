"""The maps of one library as they are now: places of objects, and which of them are drawn."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32
from core.explore.cluster_files import StoredClusters, read_clusters
from core.explore.features import SPACES, Space
from core.explore.maps import Map, maps_edition, read_map
from core.search.columns import Columns
from core.search.selected import left_out, selected_rows
from dashboard.services import Services, services

Rows = npt.NDArray[np.int64]

MOST_DRAWN = 100_000
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_KEPT = 2
_MANY = 0.25  # of a map placed later: its places tell less than a layout of all would
_SELECTIONS = 32


@dataclass(frozen=True, slots=True)
class Chart:
    """The maps of one edition: all arrays are aligned with the rows of `columns`.

    edition: another one whenever a point, an object or what is left out is. maps, groups: None for
    what is not made yet. shown: (N,) objects that nobody left out and that at least one map knows.
    drawn: (D,) rows that are drawn, ascending: all that are shown, or an even sample of them.
    """

    edition: str
    columns: Columns
    maps: Mapping[Space, Map | None]
    groups: Mapping[Space, StoredClusters | None]
    shown: Bool
    drawn: Rows

    @property
    def whole(self) -> bool:
        """Whether there is a map of each space."""
        return all(chart is not None for chart in self.maps.values())

    @property
    def missing(self) -> int:
        """Objects that the maps lack."""
        return max((chart.missing for chart in self.maps.values() if chart is not None), default=0)

    @property
    def late(self) -> int:
        """Objects that were placed on a map later, where so many were that one anew is better."""
        found = [chart for chart in self.maps.values() if chart is not None]
        late = [chart.late for chart in found if chart.late > _MANY * np.count_nonzero(chart.known)]
        return max(late, default=0)

    def xy(self, space: Space) -> Float32:
        """(N, 2) places on one map, NaN where unknown."""
        found = self.maps[space]
        if found is None:
            return np.full((len(self.columns), 2), np.nan, np.float32)
        return found.xy


class Explorer:
    """Reads the maps of one library, again when they or the library have changed."""

    def __init__(self, desk: Services) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._key: Hashable = None
        self._charts: OrderedDict[str, Chart] = OrderedDict()
        self._selected: OrderedDict[tuple[str, str], Rows] = OrderedDict()

    def chart(self) -> Chart:
        """The maps as they are now; raises VidtrailError where no video can be searched."""
        engine, library = self._desk.engine(), self._desk.library()
        columns, encoder = engine.columns, engine.encoder.name
        out = left_out(columns, library)
        key = (columns.stamp, encoder, maps_edition(library, encoder), out.tobytes())
        with self._lock:
            if self._key == key:
                return next(reversed(self._charts.values()))
            maps = {space: read_map(library, columns, encoder, space) for space in SPACES}
            groups = {space: read_clusters(library, columns, encoder, space) for space in SPACES}
            chart = _chart(columns, maps, groups, out, _hash(key))
            self._key = key
            self._charts.pop(chart.edition, None)
            self._charts[chart.edition] = chart
            while len(self._charts) > _KEPT:
                self._charts.popitem(last=False)
            return chart

    def of(self, edition: str) -> Chart | None:
        """The maps of an edition that a page was made of; None where they are gone."""
        with self._lock:
            known = self._charts.get(edition)
        if known is not None:
            return known
        now = self.chart()
        return now if now.edition == edition else None

    def selected(self, chart: Chart, key: str) -> Rows:
        """Rows of a selection that are shown; raises QueryError for an unknown key."""
        with self._lock:
            if (known := self._selected.get((chart.edition, key))) is not None:
                return known
        rows = selected_rows(chart.columns, self._desk.library(), key)
        rows = rows[chart.shown[rows]]
        with self._lock:
            self._selected[chart.edition, key] = rows
            while len(self._selected) > _SELECTIONS:
                self._selected.popitem(last=False)
        return rows


def _chart(
    columns: Columns,
    maps: Mapping[Space, Map | None],
    groups: Mapping[Space, StoredClusters | None],
    out: Bool,
    edition: str,
) -> Chart:
    placed = [np.isfinite(found.xy[:, 0]) for found in maps.values() if found is not None]
    known = np.any(placed, axis=0) if placed else np.zeros(len(columns), np.bool_)
    shown = np.asarray(known & ~out, np.bool_)
    rows = np.flatnonzero(shown).astype(np.int64)
    if len(rows) > MOST_DRAWN:
        # By a number of their own: more videos thin out what is drawn, and draw nothing else anew.
        track = columns.track_id[rows].astype(np.uint64)
        video = columns.video[rows].astype(np.uint64)
        number = (video * np.uint64(1_000_003) + track + np.uint64(1)) * _SPREAD
        number ^= number >> np.uint64(31)
        rows = np.sort(rows[np.argpartition(number * _SPREAD, MOST_DRAWN)[:MOST_DRAWN]])
    return Chart(edition, columns, maps, groups, shown, rows)


def _hash(key: Hashable) -> str:
    return hashlib.blake2b(repr(key).encode(), digest_size=10).hexdigest()


@lru_cache(maxsize=1)
def _explorer(desk: Services) -> Explorer:
    return Explorer(desk)


def explorer() -> Explorer:
    """The maps of this process's library."""
    return _explorer(services())
