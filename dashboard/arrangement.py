"""Moments of an answer in another order, in groups, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.identity.bonds import Bonds
from core.library.notes import TrackRef
from core.search.answer import Moment
from dashboard.address import Group, Sort
from dashboard.views import counted


@dataclass(frozen=True, slots=True)
class Grouped:
    """Moments that belong together. title, note: "" where nothing is grouped."""

    title: str
    note: str
    moments: tuple[Moment, ...]


def ordered(moments: Sequence[Moment], sort: Sort) -> list[Moment]:
    """Best first as given; or by time in their videos; or video by video, by time in each."""
    if sort == "time":
        return sorted(moments, key=lambda moment: (moment.t0_s, moment.video))
    if sort == "video":
        return sorted(moments, key=lambda m: (m.video, m.video_id, m.t0_s))
    return list(moments)


def grouped(moments: Sequence[Moment], group: Group, bonds: Bonds) -> list[Grouped]:
    """Groups in the order of their first moments.

    bonds: which tracks people have taken to be one object.
    """
    if group == "none":
        return [Grouped("", "", tuple(moments))] if moments else []
    found: dict[object, list[Moment]] = {}
    for moment in moments:
        found.setdefault(_key(moment, group, bonds), []).append(moment)
    return [_named(group, tuple(together)) for together in found.values()]


def _key(moment: Moment, group: Group, bonds: Bonds) -> object:
    if group == "video" or not moment.track_ids:
        return moment.video_id
    return bonds.group_of(TrackRef(moment.video_id, moment.track_ids[0]))


def _named(group: Group, moments: tuple[Moment, ...]) -> Grouped:
    first, many = moments[0], counted(len(moments), "moment")
    if group == "video" or not first.track_ids:
        return Grouped(first.video, many, moments)
    videos = len({moment.video_id for moment in moments})
    seen = f"{many} in {counted(videos, 'video')}" if videos > 1 else many
    return Grouped(f"#{first.track_ids[0]} in {first.video}", seen, moments)


def page_of(groups: Sequence[Grouped], page: int, size: int) -> list[Grouped]:
    """The groups on one page, from 1; one that is cut goes on under the same title."""
    start, stop, at, shown = (page - 1) * size, page * size, 0, []
    for group in groups:
        low, high = max(start - at, 0), min(stop - at, len(group.moments))
        if low < high:
            shown.append(Grouped(group.title, group.note, group.moments[low:high]))
        at += len(group.moments)
    return shown
