"""What was counted in the library as it is now: made once for all who look, and by its names.

A number is named by what it counts: "counts:INTERVAL:KIND", "there:...", "moves:FROM:TO:KIND:
INTERVAL", "stays:KIND", "lasting:CLASS", "line:NUMBER:WAY:KIND", "heat:X0,Y0,X1,Y1", "staying".
"*" stands for all, "u" for an unknown arm; the line numbered 0 is the one drawn by hand.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from core.errors import QueryError
from core.explore.counts import kinds_of
from core.explore.insight import Insight, Scope
from core.explore.tally import At
from core.language.sketches import Points
from core.library.zones import Zone
from dashboard.insight_views import Counting
from dashboard.services import Services, services

Rows = npt.NDArray[np.int64]
_KEPT = 8
_GONE = "This number is not part of the page any more: it has changed meanwhile."


class Counter:
    """Counts in one library; any thread may ask."""

    def __init__(self, desk: Services) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Insight] = OrderedDict()

    def of(self, scope: Scope) -> Insight:
        """What is counted in a scope; raises QueryError, LibraryError."""
        engine = self._desk.engine()
        key = (self.edition(), scope)
        with self._lock:
            if (known := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return known
        made = Insight(self._desk.library(), engine.columns, engine.paths, scope)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made

    def edition(self) -> str:
        """Another one whenever a number might be."""
        library = self._desk.library()
        told = repr((library.stamp(), library.catalog.version()))
        return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


@lru_cache(maxsize=1)
def _counter(desk: Services) -> Counter:
    return Counter(desk)


def counter() -> Counter:
    """What counts in this process's library."""
    return _counter(services())


def rows_behind(insight: Insight, asked: Counting, name: str) -> Rows:
    """The objects behind a number, ascending; raises QueryError for a name that means none."""
    what, *rest = name.split(":")
    try:
        if what in ("counts", "there") and len(rest) == 2:
            table = insight.counts.came if what == "counts" else insight.counts.there
            return table.rows_at(_at(rest[0]), _kind(insight, rest[1]))
        if what == "moves" and len(rest) == 4:
            many = len(insight.movements.arms)
            found = insight.movements.table(insight.columns, insight.view_intervals)
            source, target = (many if arm == "u" else _at(arm) for arm in rest[:2])
            return found.rows_at(source, target, _kind(insight, rest[2]), _at(rest[3]))
        if what == "staying":
            return insight.movements.staying
        if what == "stays" and len(rest) == 1:
            stays = insight.dwell(zone_of(insight, asked.zone))
            kind = _kind(insight, rest[0])
            keep = np.ones(len(stays), np.bool_)
            if isinstance(kind, int):
                keep = kinds_of(insight.columns)[stays.row] == kind
            return stays.row[keep]
        if what == "lasting" and len(rest) == 2:
            stays = insight.dwell(zone_of(insight, asked.zone))
            rows = stays.lasting().rows_at(_at(rest[0]))
            kind = _kind(insight, rest[1])
            return rows[kinds_of(insight.columns)[rows] == kind] if isinstance(kind, int) else rows
        if what == "line" and len(rest) == 3:
            crossed = insight.crossings(line_of(insight, asked, int(rest[0])))
            way = _at(rest[1])
            return crossed.table(insight.columns).rows_at(way, _kind(insight, rest[2]), 0)
        if what == "heat" and len(rest) == 1:
            return _in_box(insight, rest[0])
        if what == "all":
            return np.flatnonzero(insight.keep)
    except (ValueError, IndexError) as problem:
        raise QueryError(_GONE) from problem
    raise QueryError(_GONE)


def _at(text: str) -> At:
    if text == "*":
        return slice(None)
    place = int(text)
    if place < 0:
        raise ValueError(text)
    return place


def _kind(insight: Insight, name: str) -> At:
    return slice(None) if name == "*" else insight.columns.class_names.index(name)


def _in_box(insight: Insight, corners: str) -> Rows:
    x0, y0, x1, y1 = (float(number) for number in corners.split(","))
    down, across = insight.occupancy.seconds.shape
    x = slice(max(int(x0 * across), 0), max(int(np.ceil(x1 * across)), 1))
    y = slice(max(int(y0 * down), 0), max(int(np.ceil(y1 * down)), 1))
    return insight.occupancy.tracks.rows_at(y, x)


def zone_of(insight: Insight, name: str) -> Zone | None:
    """The zone of a name in the view, None for ""; raises QueryError where there is none."""
    if not name:
        return None
    for zone in insight.zones("zone"):
        if zone.name == name:
            return zone
    raise QueryError(f"There is no zone called “{name}” in this view any more.")


def line_of(insight: Insight, asked: Counting, number: int) -> Points:
    """The points of a line of the view, 0 for the one drawn; raises QueryError."""
    if number == 0 and asked.line:
        return asked.line
    for zone in insight.zones("line"):
        if zone.zone_id == number:
            return zone.points
    raise QueryError(_GONE)
