"""What the page Explore asks for: maps and selections as views; errors become sentences."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import QueryError, VidtrailError
from core.explore.features import SPACES, Space
from core.search.columns import Columns
from core.search.selected import kept_selection
from dashboard import map_colours, object_cards
from dashboard.cluster_desk import cluster_rows
from dashboard.cluster_views import ClustersView
from dashboard.explore_address import Look
from dashboard.explore_views import (
    CountView,
    ExploreView,
    LaneView,
    LegendView,
    MakingView,
    PaintView,
    SelectedView,
)
from dashboard.explorer import Chart, Rows, explorer
from dashboard.links import colours_url, lit_url, map_objects_url, points_url, watch_url
from dashboard.map_colours import Colouring
from dashboard.map_making import making
from dashboard.map_painting import painted
from dashboard.outlines import inside, outline_of
from dashboard.services import services
from dashboard.views import MomentView, clock

log = logging.getLogger(__name__)

A_PAGE = 24
_LANES = 6
_BARS = 60
_COUNTED = 6
_PAINTS = ("by", "space", "level", "q")

Event = Mapping[str, Any]


def explore_view(look: Look) -> ExploreView:
    """The page for a view of the maps."""
    try:
        chart = explorer().chart()
        return _view(chart, look)
    except VidtrailError as error:
        return ExploreView(look, error=str(error))


def _view(chart: Chart, look: Look) -> ExploreView:
    now = making(chart)
    if not chart.shown.any():
        return ExploreView(look, making=replace(now, usable=False))
    error, rows = "", None
    if look.selection:
        try:
            rows = explorer().selected(chart, look.selection)
        except QueryError as problem:
            error = str(problem)
    paint, colouring = _paint(chart, look, rows)
    selected = None if rows is None else _selected(chart, look, rows, colouring)
    return ExploreView(
        look=look,
        making=now,
        edition=chart.edition,
        points=points_url(chart.edition),
        objects=map_objects_url(chart.edition),
        lit="" if rows is None else lit_url(chart.edition, look.selection),
        total=int(chart.shown.sum()),
        drawn=len(chart.drawn),
        unplaced=int((~chart.shown).sum()),
        known=(_known(chart, "looks"), _known(chart, "moves")),
        paint=paint,
        selected=selected,
        opened=_opened(chart.columns, look, selected),
        selection_error=error,
    )


def making_now() -> MakingView:
    """How far the maps are."""
    try:
        return making(explorer().chart())
    except VidtrailError as error:
        return MakingView("failed", str(error))


def _known(chart: Chart, space: Space) -> int:
    return int((np.isfinite(chart.xy(space)[:, 0]) & chart.shown).sum())


# --- colours -------------------------------------------------------------------------------------


def _paint(chart: Chart, look: Look, rows: Rows | None) -> tuple[PaintView, Colouring]:
    try:
        colouring = painted(chart, look)
    except VidtrailError as error:
        colouring = map_colours.nothing(chart.columns, str(error))
        return PaintView("", error=str(error)), colouring
    asked = {name: value for name, value in look.params().items() if name in _PAINTS}
    codes = colouring.codes[chart.shown]
    counts = np.bincount(codes, minlength=256)
    lit = np.zeros(256, np.int64)
    if rows is not None:
        lit = np.bincount(colouring.codes[rows], minlength=256)
    legend = tuple(
        LegendView(each.code, each.name, *each.colour, int(counts[each.code]), int(lit[each.code]))
        for each in colouring.categories
        if counts[each.code]
    )
    light, dark = colouring.scale
    return (
        PaintView(
            url=colours_url(chart.edition, asked),
            legend=legend,
            scale_light=tuple(light),
            scale_dark=tuple(dark),
            low=colouring.low,
            high=colouring.high,
            error=colouring.error,
        ),
        colouring,
    )


# --- what is selected ----------------------------------------------------------------------------


def _selected(chart: Chart, look: Look, rows: Rows, colouring: Colouring) -> SelectedView:
    columns = chart.columns
    order, said = _ordered(columns, rows, look, colouring)
    pages = max(1, ceil(len(rows) / A_PAGE))
    page = min(look.page, pages)
    shown = order[(page - 1) * A_PAGE : page * A_PAGE]
    by_kind, by_colour = map_colours.by_kind(columns), map_colours.by_colour(columns)
    videos = np.bincount(columns.video[rows], minlength=len(columns.videos))
    held = np.bincount(columns.video[chart.shown], minlength=len(columns.videos))
    most = np.argsort(-videos, kind="stable")[:_COUNTED]
    return SelectedView(
        key=look.selection,
        count=len(rows),
        total=int(chart.shown.sum()),
        kinds=_counts(by_kind, chart, rows, "kind"),
        colours=_counts(by_colour, chart, rows, "colour"),
        videos=tuple(
            CountView(
                f"video:{columns.videos[v].video_id}",
                columns.videos[v].name,
                int(videos[v]),
                float(videos[v] / held[v]),
            )
            for v in most.tolist()
            if videos[v]
        ),
        lanes=tuple(_lane(columns, rows, v) for v in most[:_LANES].tolist() if videos[v]),
        cards=object_cards.object_cards(columns, shown.tolist()),
        order=said,
        pages=pages,
        page=page,
        more=max(0, int((videos > 0).sum()) - _LANES),
    )


def _ordered(columns: Columns, rows: Rows, look: Look, colouring: Colouring) -> tuple[Rows, str]:
    """The rows as they are listed, and how that is said."""
    if look.by in ("question", "unusual") and colouring.scale[0]:
        code = colouring.codes[rows].astype(np.int64)
        code[code == map_colours.UNKNOWN] = -1
        said = (
            f"best for “{look.question}” first" if look.by == "question" else "most unusual first"
        )
        return rows[np.argsort(-code, kind="stable")], said
    return rows[np.lexsort((columns.t0_s[rows], columns.video[rows]))], "by video and time"


def _counts(colouring: Colouring, chart: Chart, rows: Rows, what: str) -> tuple[CountView, ...]:
    lit = np.bincount(colouring.codes[rows], minlength=256)
    held = np.bincount(colouring.codes[chart.shown], minlength=256)
    found = [
        CountView(
            f"{what}:{each.name}",
            each.name,
            int(lit[each.code]),
            float(lit[each.code] / held[each.code]),
            *each.colour,
        )
        for each in colouring.categories
        if lit[each.code]
    ]
    return tuple(sorted(found, key=lambda count: -count.count)[:_COUNTED])


def _lane(columns: Columns, rows: Rows, video: int) -> LaneView:
    """How many are there at once, in equal parts of the video."""
    record = columns.videos[video]
    mine = rows[columns.video[rows] == video]
    part = max(record.duration_s, 1e-3) / _BARS
    first = np.clip((columns.t0_s[mine] / part).astype(np.int64), 0, _BARS - 1)
    last = np.clip((columns.t1_s[mine] / part).astype(np.int64), first, _BARS - 1)
    change = np.bincount(first, minlength=_BARS + 1) - np.bincount(last + 1, minlength=_BARS + 1)
    return LaneView(
        name=record.name,
        count=len(mine),
        length=clock(record.duration_s),
        bars=tuple(np.cumsum(change)[:_BARS].tolist()),
        starts=tuple(round(k * part, 2) for k in range(_BARS)),
        watch=watch_url(record.video_id),
    )


def _opened(columns: Columns, look: Look, selected: SelectedView | None) -> MomentView | None:
    if not look.opened or (selected and any(card.id == look.opened for card in selected.cards)):
        return None
    row = object_cards.row_of(columns, look.opened)
    return None if row < 0 else object_cards.object_card(columns, row)


# --- what a person does --------------------------------------------------------------------------


def drawn(look: Look, event: Event) -> Look:
    """The view after something was drawn around on a map.

    event: edition, space, x and y of the corners, mode "new", "add" or "take". Raises
    VidtrailError.
    """
    chart = _current(event)
    space = str(event["space"])
    if space not in SPACES:
        raise QueryError(f"There is no map of {space}.")
    corners = outline_of(event["x"], event["y"])
    rows = inside(corners, chart.xy(space))
    return _taken(chart, look, rows[chart.shown[rows]], str(event.get("mode", "new")))


def of_legend(look: Look, event: Event) -> Look:
    """The view after a colour was chosen: all objects that have it. Raises VidtrailError."""
    chart = _current(event)
    codes = painted(chart, look).codes
    if "low" in event:  # a piece of a scale
        fits = (codes >= int(event["low"])) & (codes <= int(event["high"])) & (codes != 255)
    else:
        fits = codes == int(event["code"])
    return _taken(chart, look, np.flatnonzero(fits & chart.shown), str(event.get("mode", "new")))


def of_group(look: Look, level: int, group: int) -> Look:
    """The view after a group of the listed space was chosen. Raises VidtrailError."""
    return _taken(explorer().chart(), look, cluster_rows(look.space, level, group), "new")


def group_selected(look: Look, view: ClustersView) -> int | None:
    """The group whose objects are exactly those that are selected, None for no group."""
    if not look.selection:
        return None
    chart = explorer().chart()
    try:
        rows = explorer().selected(chart, look.selection)
    except QueryError:
        return None
    for group in view.clusters:
        if group.size == len(rows):
            mine = np.sort(cluster_rows(look.space, view.level, group.cluster))
            if np.array_equal(mine, rows):
                return group.cluster
    return None


def narrowed(look: Look, value: str, *, out: bool = False) -> Look:
    """The selection with only what has a value, "kind:car", or without it. Raises VidtrailError."""
    chart = explorer().chart()
    columns, rows = chart.columns, explorer().selected(chart, look.selection)
    what, _, name = value.partition(":")
    if what == "video":
        has = np.array([record.video_id == name for record in columns.videos])[columns.video[rows]]
    else:
        paint = map_colours.by_kind if what == "kind" else map_colours.by_colour
        colouring = paint(columns)
        codes = [each.code for each in colouring.categories if each.name == name]
        has = np.isin(colouring.codes[rows], codes)
    return _taken(chart, look, rows[~has] if out else rows[has], "new")


def without(look: Look, name: str) -> Look:
    """The selection without one object, by `card_id`. Raises VidtrailError."""
    chart = explorer().chart()
    row = object_cards.row_of(chart.columns, name)
    page = look.page
    return replace(_taken(chart, look, np.array([row], np.int64), "take"), page=page)


def opened(look: Look, event: Event) -> Look:
    """The view with the card of a point open. Raises VidtrailError."""
    chart = _current(event)
    row = int(event["row"])
    if not 0 <= row < len(chart.columns):
        raise QueryError("This object is not there any more.")
    return replace(look, opened=object_cards.card_id(chart.columns, row))


def _current(event: Event) -> Chart:
    chart = explorer().of(str(event.get("edition", "")))
    if chart is None:
        raise QueryError("The maps have changed meanwhile: look again, then repeat it.")
    return chart


def _taken(chart: Chart, look: Look, rows: npt.NDArray[np.integer], mode: str) -> Look:
    """The view with rows selected, or added to, or taken from what is selected."""
    now = rows.astype(np.int64)
    if mode in ("add", "take") and look.selection:
        before = explorer().selected(chart, look.selection)
        now = np.union1d(before, now) if mode == "add" else np.setdiff1d(before, now)
    elif mode == "take":
        return look
    if not len(now):
        return look.anew(selection="")
    return look.anew(selection=kept_selection(chart.columns, services().library(), now))
