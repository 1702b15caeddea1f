"""What the page Insight shows: numbers of the counter in words, and what is behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, isfinite

import numpy as np
import numpy.typing as npt

from core.errors import VidtrailError
from core.explore.insight import Insight
from core.explore.views import views_of
from core.language.plurals import plural
from core.search.selected import kept_selection
from dashboard import insight_movements
from dashboard.insight_counter import counter, line_of, rows_behind, zone_of
from dashboard.insight_files import middle_of
from dashboard.insight_views import (
    CellView,
    Counting,
    HeatView,
    InsightView,
    LinesView,
    NumbersView,
    OpenedView,
    RowView,
    SeriesView,
    StaysView,
    TimeView,
)
from dashboard.links import (
    address,
    explore_url,
    heat_url,
    insight_file_url,
    still_url,
)
from dashboard.object_cards import object_cards
from dashboard.palette import class_colours
from dashboard.services import services
from dashboard.views import clock, counted

A_PAGE = 12
_STILL_PX = 1280
_TICKS = 9
_MOST_BORDERS = 40  # between videos, drawn in a chart; with more they hide the bars
_KINDS = 8
_LASTING = ("under 1 s", "1 – 2 s", "2 – 5 s", "5 – 10 s", "10 – 20 s", "20 – 30 s", "30 s – 1 min",
            "1 – 2 min", "2 – 5 min", "5 – 10 min", "10 – 30 min", "30 – 60 min",
            "over 1 h")  # fmt: skip
_FILES = ("counts", "movements", "dwell", "lines", "occupancy")


def insight_view(asked: Counting) -> InsightView:
    """The whole page for a view."""
    try:
        insight = counter().of(asked.scope)
        return _counted(insight, asked)
    except VidtrailError as error:
        return _choices(InsightView(asked, error=str(error)))


def _choices(view: InsightView) -> InsightView:
    """The same with what can be chosen, so that a person can choose something else."""
    records = services().library().ready()
    return replace(
        view,
        videos=tuple((record.video_id, record.name) for record in records),
        longest_s=max((record.duration_s for record in records), default=0.0),
    )


def _counted(insight: Insight, asked: Counting) -> InsightView:
    columns = insight.columns
    record = columns.videos[insight.camera]
    view = InsightView(
        asked,
        facts=_facts(insight),
        kinds=_kinds_there(insight),
        camera=record.video_id,
        camera_name=record.name,
        ratio=record.width / max(record.height, 1),
        time=_time(insight, asked),
        movements=insight_movements.movements_view(insight, asked, still_of(insight)),
        stays=_stays(insight, asked),
        heat=_heat(insight, asked),
        lines=_lines(insight, asked),
        opened=_opened(insight, asked),
        files=tuple((name, insight_file_url(f"{name}.csv", asked.files())) for name in _FILES),
    )
    return _choices(view)


def still_of(insight: Insight) -> str:
    """Address of the picture that stands for the view."""
    record = insight.columns.videos[insight.camera]
    return still_url(record.video_id, middle_of(record.duration_s), _STILL_PX)


def of_same_view(video_id: str) -> tuple[str, ...]:
    """Ids of the videos whose pictures show the same place as a video's in the same way."""
    columns = services().engine().columns
    here = next(record for record in columns.videos if record.video_id == video_id)
    like = [
        v for v, record in enumerate(columns.videos)
        if (record.width, record.height) == (here.width, here.height)
    ]  # fmt: skip
    view = views_of([columns.shards[v] for v in like])
    ids = [columns.videos[v].video_id for v in like]
    mine = view[ids.index(video_id)]
    return tuple(one for one, number in zip(ids, view, strict=True) if number == mine)


def _kinds_there(insight: Insight) -> tuple[str, ...]:
    """The classes that any object is of, most first."""
    whole = counter().of(replace(insight.scope, kinds=())).counts.came.counts.sum(axis=0)
    order = np.argsort(-whole, kind="stable")
    return tuple(insight.columns.class_names[k] for k in order if whole[k])


def _facts(insight: Insight) -> tuple[tuple[str, str, str], ...]:
    """(number, what it is, name of the number) on top of the page."""
    counts, stays = insight.counts, insight.dwell()
    by_interval = counts.there.counts.sum(axis=1)
    busiest = int(by_interval.argmax()) if len(by_interval) and by_interval.max() else -1
    total = int(insight.keep.sum())
    facts = [(f"{total:,}", "object" if total == 1 else "objects", "all" if total else "")]
    if busiest >= 0:
        name = f"there:{busiest}:*"
        bar = "video" if _by_video(insight) else _step(counts.intervals.step_s)
        words = f"in view in the busiest {bar}"
        facts.append((f"{by_interval[busiest]:,}", f"{words}, {_said(insight, busiest)}", name))
    middle = stays.quantile(0.5)
    if isfinite(middle):
        facts.append((_lasts(middle), "in view, half of them longer", "stays:*"))
    return tuple(facts)


# --- over time -----------------------------------------------------------------------------------


def _time(insight: Insight, asked: Counting) -> TimeView:
    counts = insight.counts
    table = counts.came if asked.mode == "came" else counts.there
    what = "counts" if asked.mode == "came" else "there"
    video = counts.intervals.video
    borders = np.flatnonzero(np.diff(video)) + 1
    return TimeView(
        series=_series(insight, table.counts, what),
        said=tuple(_said(insight, b) for b in range(len(counts.intervals))),
        ticks=_ticks(insight, borders),
        step="a video" if _by_video(insight) else _step(counts.intervals.step_s),
        borders=tuple(borders.tolist()) if len(borders) < _MOST_BORDERS else (),
    )


def _series(insight: Insight, counts: npt.NDArray[np.int64], what: str) -> tuple[SeriesView, ...]:
    """Kinds that there are, most first. counts: (B, C)."""
    names = insight.columns.class_names
    colours = class_colours(names)
    order = np.argsort(-counts.sum(axis=0), kind="stable")
    return tuple(
        SeriesView(
            names[k],
            colours[k],
            tuple(counts[:, k].tolist()),
            tuple(f"{what}:{b}:{names[k]}" for b in range(len(counts))),
        )
        for k in order.tolist()
        if counts[:, k].any()
    )


def _said(insight: Insight, at: int) -> str:
    intervals = insight.counts.intervals
    name = insight.columns.videos[int(intervals.video[at])].name
    t0_s, t1_s = float(intervals.t0_s[at]), float(intervals.t1_s[at])
    span = f"{clock(t0_s)} – {clock(t1_s)}"
    return span if insight.videos.sum() == 1 else f"{name}, {span}"


def _ticks(insight: Insight, borders: npt.NDArray[np.int64]) -> tuple[tuple[float, str], ...]:
    """Where each video begins, or times where there is one; as many as there is room for."""
    intervals = insight.counts.intervals
    starts = np.concatenate([[0], borders])
    if len(starts) > 1:
        step = ceil(len(starts) / _TICKS)
        ends = np.append(starts[1:], len(intervals))
        names = [insight.columns.videos[int(v)].name for v in intervals.video[starts]]
        middles = (starts + ends - 1) / 2.0
        found = [(float(m), _short(n)) for m, n in zip(middles, names, strict=True)]
        return tuple(found[::step])
    step = ceil(max(len(intervals), 1) / _TICKS)
    return tuple(
        (float(b), clock(float(intervals.t0_s[b]))) for b in range(0, len(intervals), step)
    )


def _short(name: str, most: int = 18) -> str:
    stem = name.rpartition(".")[0] or name
    return stem if len(stem) <= most else f"{stem[: most - 1]}…"


def _step(seconds: float) -> str:
    if seconds >= 3600.0:
        return f"{seconds / 3600.0:g} h"
    return f"{seconds / 60.0:g} min" if seconds >= 60.0 else f"{seconds:g} s"


def _by_video(insight: Insight) -> bool:
    """Whether each bar over time is a whole video."""
    return 1 < len(insight.counts.intervals) == int(insight.videos.sum())


def _lasts(seconds: float) -> str:
    return clock(seconds) + " min" if seconds >= 60.0 else f"{seconds:.1f} s"


# --- stays ---------------------------------------------------------------------------------------


def _stays(insight: Insight, asked: Counting) -> StaysView:
    zones = tuple(zone.name for zone in insight.zones("zone"))
    dwell = insight.dwell(zone_of(insight, asked.zone))
    names = insight.columns.class_names
    kind = insight_movements.kinds(insight)[dwell.row]
    lasting = np.stack(
        [
            replace(dwell, row=dwell.row[kind == k], seconds=dwell.seconds[kind == k])
            .lasting()
            .counts
            for k in range(len(names))
        ],
        axis=1,
    ) if names else np.zeros((0, 0), np.int64)  # fmt: skip
    used = np.flatnonzero(lasting.any(axis=1))
    first, stop = (int(used[0]), int(used[-1]) + 1) if len(used) else (0, 0)
    series = _series(insight, lasting, "lasting")
    series = tuple(
        replace(one, counts=one.counts[first:stop], opens=one.opens[first:stop]) for one in series
    )
    rows = []
    order = np.argsort(-np.bincount(kind, minlength=len(names)), kind="stable").tolist()
    present = [k for k in order if (kind == k).any()]
    colours = class_colours(names)
    for k in [*present, -1] if len(present) > 1 else present:
        mine = dwell.seconds if k < 0 else dwell.seconds[kind == k]
        name = f"stays:{'*' if k < 0 else names[k]}"
        figures = [float(np.quantile(mine, share)) for share in (0.5, 0.85, 1.0)]
        cells = (
            CellView(f"{len(mine):,}", name, len(mine) / max(len(dwell), 1), name == asked.opened),
            *(CellView(_lasts(figure)) for figure in figures),
        )
        label = "All" if k < 0 else plural(names[k]).capitalize()
        rows.append(
            RowView(
                label,
                cells,
                swatch="" if k < 0 else "light-dark({}, {})".format(*colours[k]),
                last=k < 0,
            )
        )
    where = f"in zone {asked.zone}" if asked.zone else "in view"
    numbers = NumbersView(
        f"How long objects stayed {where}",
        "Kind",
        ("objects", "half stay up to", "85 % stay up to", "longest"),
        tuple(rows),
    )
    return StaysView(_LASTING[first:stop], series, numbers, zones)


# --- where ---------------------------------------------------------------------------------------


def _heat(insight: Insight, asked: Counting) -> HeatView:
    found = insight.occupancy
    scope = replace(asked.scope, cameras=_cameras(insight), step_s=None)
    told = Counting(scope).params()
    down, across = found.seconds.shape
    spent = float(found.seconds.sum())
    y, x = np.unravel_index(int(found.seconds.argmax()), found.seconds.shape)
    corners = (x / across, y / down, (x + 1) / across, (y + 1) / down)
    return HeatView(
        heat_url(counter().edition(), told),
        f"{counted(int(insight.seen.sum()), 'object')}, {_lasts(spent)} in all; "
        f"up to {_lasts(float(found.seconds.max()))} on one spot",
        "heat:" + ",".join(f"{corner:.4f}" for corner in corners),
    )


def _cameras(insight: Insight) -> tuple[str, ...]:
    return tuple(
        record.video_id for v, record in enumerate(insight.columns.videos) if insight.cameras[v]
    )


def _lines(insight: Insight, asked: Counting) -> LinesView:
    kept = [(zone.zone_id, zone.name, zone.points) for zone in insight.zones("line")]
    lines = [*kept, *([(0, "drawn now", asked.line)] if asked.line else [])]
    names = insight.columns.class_names
    crossed = [
        insight.crossings(line_of(insight, asked, n)).table(insight.columns) for n, *_ in lines
    ]
    counts = [table.counts.sum(axis=2) for table in crossed]
    used = [
        k
        for k in np.argsort(-sum(counts).sum(axis=0), kind="stable").tolist()
        if sum(counts)[:, k].any()
    ] if counts else []  # fmt: skip
    used = used[:_KINDS]
    most = max((int(each.sum(axis=1).max()) for each in counts), default=0)
    rows = []
    for (number, name, points), each in zip(lines, counts, strict=True):
        for way in (0, 1):
            cells = [
                _cell(int(each[way, k]), f"line:{number}:{way}:{names[k]}", most, asked)
                for k in used
            ]
            total = _cell(int(each[way].sum()), f"line:{number}:{way}:*", most, asked)
            rows.append(RowView(name, (*cells, total), note=_way(points, back=bool(way))))
    numbers = NumbersView(
        "How many crossed each line, each way",
        "Line",
        (*(plural(names[k]) for k in used), "all"),
        tuple(rows),
    )
    shown = tuple((name if number else "", points) for number, name, points in lines)
    return LinesView(
        still_of(insight),
        shown,
        numbers if lines else None,
        tuple((number, name) for number, name, _ in kept),
    )


def _way(points: Sequence[tuple[float, float]], *, back: bool) -> str:
    """Which way a line is crossed, as it looks in the picture: across it, to its right."""
    (ax, ay), (bx, by) = points[0], points[-1]
    right = (-(by - ay), bx - ax)  # y grows downwards
    x, y = (-right[0], -right[1]) if back else right
    if abs(x) >= 2.0 * abs(y):
        return "→ to the right" if x > 0 else "← to the left"
    if abs(y) >= 2.0 * abs(x):
        return "↓ downwards" if y > 0 else "↑ upwards"
    down, across = ("down" if y > 0 else "up"), ("right" if x > 0 else "left")
    arrow = {("down", "right"): "↘", ("down", "left"): "↙", ("up", "right"): "↗"}
    return f"{arrow.get((down, across), '↖')} {down} to the {across}"


def _cell(count: int, opens: str, most: int, asked: Counting) -> CellView:
    if not count:
        return CellView("–")
    return CellView(f"{count:,}", opens, count / max(most, 1), opens == asked.opened)


# --- what is behind a number ---------------------------------------------------------------------

_SECTIONS = {
    "all": "time", "counts": "time", "there": "time", "moves": "movements", "staying": "movements",
    "stays": "stays", "lasting": "stays", "line": "lines", "heat": "heat",
}  # fmt: skip


def _opened(insight: Insight, asked: Counting) -> OpenedView | None:
    if not asked.opened:
        return None
    rows = rows_behind(insight, asked, asked.opened)
    section = _SECTIONS.get(asked.opened.partition(":")[0], "time")
    if not len(rows):
        return OpenedView(section, "No object is behind this number any more", 0, (), 1, "", "")
    pages = ceil(len(rows) / A_PAGE)
    page = min(asked.page, pages)
    shown = rows[(page - 1) * A_PAGE : page * A_PAGE]
    key = kept_selection(insight.columns, services().library(), rows)
    return OpenedView(
        section,
        _title(insight, asked),
        len(rows),
        object_cards(insight.columns, shown.tolist()),
        pages,
        address("/", {"sel": key}),
        explore_url({"sel": key}),
    )


def _title(insight: Insight, asked: Counting) -> str:
    """What a number counts, in words."""
    what, *rest = asked.opened.split(":")
    kind = plural(rest[-1]).capitalize() if rest and rest[-1] in insight.columns.class_names else ""
    if what in ("counts", "there"):
        doing = "that came into view" if what == "counts" else "in view"
        when = "" if rest[0] == "*" else f", {_said(insight, int(rest[0]))}"
        return f"{kind or 'Objects'} {doing}{when}"
    if what == "moves":
        return insight_movements.title(insight, rest)
    if what == "staying":
        return "Objects that went nowhere"
    if what == "stays":
        return f"{kind or 'Objects'}, the longest stay first"
    if what == "lasting":
        return f"{kind or 'Objects'} that stayed {_LASTING[int(rest[0])]}"
    if what == "line":
        zones = {zone.zone_id: zone.name for zone in insight.zones("line")}
        name = zones.get(int(rest[0]), "the line drawn")
        way = _way(line_of(insight, asked, int(rest[0])), back=rest[1] == "1")
        return f"{kind or 'Objects'} that crossed {name} {way}"
    if what == "heat":
        return "Objects that were in the box"
    return "Objects that are counted"
