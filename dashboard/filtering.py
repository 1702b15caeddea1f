"""What a view can be filtered by, what it is, and how a change of one filter changes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.errors import QueryError
from core.library.catalog import VideoRecord
from core.library.notes import Label
from core.search.filters import Filters
from dashboard.address import Asked, filter_params, filters_from
from dashboard.holdings import Holdings
from dashboard.search_views import ActiveView, FacetView, FiltersView, LimitView
from dashboard.views import clock, counted

_LIMITS = (
    ("Seen between", "m:ss", "after", "before"),
    ("In view for", "seconds", "min_s", "max_s"),
    ("Size", "pixels", "min_px", "max_px"),
    ("Speed", "lengths a second", "min_speed", "max_speed"),
)
_LISTS = {"in": "videos", "class": "classes", "label": "labels"}
_CLOCKS = frozenset({"after", "before"})
_SAID = {
    "after": "after {}", "before": "before {}",
    "min_s": "seen for {} s or more", "max_s": "seen for {} s or less",
    "min_px": "{} px or larger", "max_px": "{} px or smaller",
    "min_speed": "{} lengths/s or faster", "max_speed": "{} lengths/s or slower",
}  # fmt: skip


def filters_view(
    filters: Filters,
    records: list[VideoRecord],
    labels: list[Label],
    held: Holdings,
    selected: int | None = None,
) -> FiltersView:
    """All filters with their values and counts, and those in force.

    selected: objects of the selection that is a filter, None where it is not kept any more.
    """
    told = filter_params(filters)
    names = {record.video_id: record.name for record in records}
    carrying: dict[str, int] = {}
    for label in labels:
        carrying[label.label] = carrying.get(label.label, 0) + 1
    chosen = filters.videos or frozenset()
    return FiltersView(
        videos=tuple(
            FacetView(video, name, held.videos.get(video, 0), video in chosen)
            for video, name in sorted(names.items(), key=lambda item: item[1].casefold())
        ),
        classes=_facets(held.classes, filters.classes),
        labels=_facets(carrying, filters.labels),
        limits=tuple(
            LimitView(label, unit, least, most, _shown(told, least), _shown(told, most))
            for label, unit, least, most in _LIMITS
        ),
        active=_active(filters, names, selected),
    )


def _facets(counts: dict[str, int], chosen: tuple[str, ...]) -> tuple[FacetView, ...]:
    known = {**counts, **{value: 0 for value in chosen if value not in counts}}
    return tuple(FacetView(value, value, n, value in chosen) for value, n in known.items())


def _shown(told: dict[str, str], key: str) -> str:
    text = told.get(key, "")
    return clock(float(text)) if text and key in _CLOCKS else text


def _active(
    filters: Filters, names: dict[str, str], selected: int | None
) -> tuple[ActiveView, ...]:
    videos = sorted(filters.videos or ())
    found = [
        ActiveView(f"in {names.get(video, 'a video that is gone')}", "in", video)
        for video in videos
    ]
    if len(videos) > 2:
        found = [ActiveView(f"in {counted(len(videos), 'video')}", "in", "")]
    if filters.selection:
        many = "that is gone" if selected is None else f"of {counted(selected, 'object')}"
        found.insert(0, ActiveView(f"in a selection {many}", "sel", ""))
    if filters.excluded:
        found.append(ActiveView("with what was left out", "out", ""))
    found += [ActiveView(name, "class", name) for name in filters.classes]
    found += [ActiveView(f"labelled {name}", "label", name) for name in filters.labels]
    told = filter_params(filters)
    found += [
        ActiveView(words.format(_shown(told, key)), key, "")
        for key, words in _SAID.items()
        if key in told
    ]
    return tuple(found)


def with_value(asked: Asked, key: str, value: str, *, on: bool) -> Asked:
    """The view with one more value of a filter that lists them, or without it ("": without any)."""
    if key == "sel" and not on:
        return asked.anew(filters=replace(asked.filters, selection=""))
    if key == "out":
        return asked.anew(filters=replace(asked.filters, excluded=on))
    listed = _LISTS.get(key)
    if listed is None:
        return with_limit(asked, key, value if on else "")
    held = tuple(getattr(asked.filters, listed) or ())
    left = tuple(each for each in held if each != value and value)
    now = (*left, value) if on and value else left
    values = frozenset(now) or None if listed == "videos" else now
    changes: dict[str, Any] = {listed: values}
    return asked.anew(filters=replace(asked.filters, **changes))


def with_limit(asked: Asked, key: str, text: str) -> Asked:
    """The view with another limit, as a person types it ("1:05", "12.5", "" for none).

    Raises QueryError for text that is no number, or limits that exclude each other.
    """
    if key not in _SAID:
        raise QueryError(f"There is no filter “{key}”.")
    told = filter_params(asked.filters)
    told[key] = _seconds(text) if key in _CLOCKS else text.strip().replace(",", ".")
    return asked.anew(filters=filters_from(told))


def _seconds(text: str) -> str:
    """Minutes and seconds, or seconds, as seconds."""
    pieces = text.strip().split(":")
    if len(pieces) == 1:
        return pieces[0]
    try:
        total = 0.0
        for piece in pieces:
            total = 60 * total + float(piece)
    except ValueError as error:
        raise QueryError(
            f"“{text}” is no time: write minutes and seconds, such as 1:05."
        ) from error
    return f"{total:.12g}"
