"""What was counted, as tables with named columns: for CSV files and for the command line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.errors import QueryError
from core.explore.counts import Intervals, kinds_of
from core.explore.insight import Insight
from core.explore.movements import turn_of

Cell = str | int | float
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def csv(self) -> str:
        """As a CSV file (RFC 4180), the names first."""
        written = io.StringIO()
        writer = csv.writer(written)
        writer.writerow(self.columns)
        writer.writerows([_plain(cell) for cell in row] for row in self.rows)
        return written.getvalue()


def _plain(cell: Cell) -> Cell:
    """A name that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" else cell


def counts_table(insight: Insight) -> Table:
    """Objects by interval and class: those that came into view, and those in view."""
    counts = insight.counts
    rows: list[tuple[Cell, ...]] = []
    came, there = counts.came.counts, counts.there.counts
    for b, k in zip(*np.nonzero(there), strict=True):
        behind = counts.there.rows_at(int(b), int(k))
        rows.append(
            (
                *_interval(insight, counts.intervals, int(b)),
                counts.class_names[int(k)],
                int(came[b, k]),
                int(there[b, k]),
                _ids(insight, behind),
            )
        )
    names = ("video", "from_s", "to_s", "class", "came_into_view", "in_view", "objects")
    return Table(names, tuple(rows))


def movements_table(insight: Insight) -> Table:
    """Objects by arm they came from, arm they went to, class and interval."""
    found = insight.movements
    intervals = insight.view_intervals
    table = found.table(insight.columns, intervals)
    names = (*found.arms.names, UNKNOWN)
    rows: list[tuple[Cell, ...]] = []
    many = len(found.arms)
    for a, b, k, i in zip(*(axis.tolist() for axis in np.nonzero(table.counts)), strict=True):
        known = a < many and b < many
        behind = table.rows_at(a, b, k, i)
        rows.append(
            (
                names[a],
                names[b],
                turn_of(found.arms, a, b) if known else UNKNOWN,
                insight.columns.class_names[k],
                *_interval(insight, intervals, i),
                len(behind),
                _ids(insight, behind),
            )
        )
    head = ("from", "to", "turn", "class", "video", "from_s", "to_s", "count", "objects")
    return Table(head, tuple(rows))


def dwell_table(insight: Insight, zone: str = "") -> Table:
    """How long each object stayed in view, or in the zone of a name; the longest first."""
    chosen = None
    if zone:
        named = {one.name: one for one in insight.zones("zone")}
        if zone not in named:
            raise QueryError(f"There is no zone called “{zone}” in this view.")
        chosen = named[zone]
    dwell, columns = insight.dwell(chosen), insight.columns
    kind = kinds_of(columns)
    rows = tuple(
        (
            columns.video_of(int(row)).name,
            int(columns.track_id[row]),
            columns.class_names[int(kind[row])],
            round(float(seconds), 2),
        )
        for row, seconds in zip(dwell.row, dwell.seconds, strict=True)
    )
    return Table(("video", "object", "class", "seconds"), rows)


def lines_table(
    insight: Insight, drawn: tuple[tuple[float, float], ...] = (), name: str = "drawn"
) -> Table:
    """Who crossed each line that is kept for the view, or a drawn one, both ways, by interval."""
    lines = [(zone.name, zone.points) for zone in insight.zones("line")]
    if drawn:
        lines = [(name, drawn)]
    intervals = insight.view_intervals
    rows: list[tuple[Cell, ...]] = []
    for named, points in lines:
        table = insight.crossings(points).table(insight.columns, intervals)
        for way, k, i in zip(*(axis.tolist() for axis in np.nonzero(table.counts)), strict=True):
            behind = table.rows_at(way, k, i)
            rows.append(
                (
                    named,
                    ("left to right", "right to left")[way],
                    insight.columns.class_names[k],
                    *_interval(insight, intervals, i),
                    len(behind),
                    _ids(insight, behind),
                )
            )
    head = ("line", "way", "class", "video", "from_s", "to_s", "count", "objects")
    return Table(head, tuple(rows))


def occupancy_table(insight: Insight) -> Table:
    """Seconds spent in each cell of a grid over the picture in which anything ever was."""
    found = insight.occupancy
    down, across = found.seconds.shape
    counts = found.tracks.counts
    rows = tuple(
        (
            round(x / across, 4),
            round(y / down, 4),
            round((x + 1) / across, 4),
            round((y + 1) / down, 4),
            round(float(found.seconds[y, x]), 2),
            int(counts[y, x]),
        )
        for y, x in zip(*(axis.tolist() for axis in np.nonzero(found.seconds)), strict=True)
    )
    return Table(("left", "top", "right", "bottom", "seconds", "objects"), rows)


TABLES: dict[str, Callable[[Insight], Table]] = {
    "counts": counts_table,
    "movements": movements_table,
    "dwell": dwell_table,
    "lines": lines_table,
    "occupancy": occupancy_table,
}


def _interval(insight: Insight, intervals: Intervals, at: int) -> Iterator[Cell]:
    yield insight.columns.videos[int(intervals.video[at])].name
    yield round(float(intervals.t0_s[at]), 3)
    yield round(float(intervals.t1_s[at]), 3)


def _ids(insight: Insight, rows: npt.NDArray[np.int64]) -> str:
    """The numbers of the objects in their video."""
    return " ".join(str(int(insight.columns.track_id[row])) for row in rows)
