"""From what a person drew on a frame to the part of a question that it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from core.errors import QueryError
from core.language.sketches import PathPart, ZoneHow, ZonePart
from core.library.library import Library
from core.library.zones import Zone
from dashboard.address import Asked

Way = Literal["path", "zone", "line", "boxes"]
Points = Sequence[Sequence[float]]

HOWS: tuple[ZoneHow, ...] = ("in", "enters", "leaves", "stops in", "from", "to")
_DIGITS = 4


def path_words(points: Points, video_id: str = "") -> str:
    """Goes along here, in this direction; raises QueryError for a single point."""
    if len(points) < 2:
        raise QueryError("A path has two points at least: draw on from where it begins.")
    return str(PathPart(_rounded(points), video_id))


def zone_words(points: Points, how: ZoneHow, video_id: str = "") -> str:
    """What is done with a zone; raises QueryError for fewer than three points."""
    if len(points) < 3:
        raise QueryError("A zone has three corners at least.")
    return str(ZonePart(_rounded(points), how=how, video_id=video_id))


def line_words(points: Points, *, either_way: bool, video_id: str = "") -> str:
    """Crosses a line; raises QueryError for a single point."""
    if len(points) < 2:
        raise QueryError("A line has two points at least.")
    part = ZonePart(_rounded(points), how="crosses", video_id=video_id, either_way=either_way)
    return str(part)


def boxes_words(first: Points, then: Points, video_id: str = "") -> str:
    """Leaves one box and then reaches another. Boxes: upper left and lower right corner."""
    return ", ".join(
        zone_words(_corners(box), how, video_id) for box, how in ((first, HOWS[4]), (then, HOWS[5]))
    )


def kept_words(zone: Zone, how: ZoneHow, *, either_way: bool) -> str:
    """What is done with a zone or line that has a name."""
    if zone.kind == "line":
        return str(ZonePart(name=zone.name, how="crosses", either_way=either_way))
    return str(ZonePart(name=zone.name, how=how))


def kept(
    library: Library,
    name: str,
    points: Points,
    kind: Literal["zone", "line"],
    video_id: str,
    *,
    only_this_video: bool,
) -> Zone:
    """Keep a zone or line under a name; raises LibraryError, as `Zones.add` does."""
    pairs = [(float(x), float(y)) for x, y in points]
    record = library.video(video_id)
    return library.zones.add(name, pairs, record, kind=kind, only_this_video=only_this_video)


def with_words(asked: Asked, words: str) -> Asked:
    """The view that asks for what is drawn as well."""
    return asked.anew(shown=", ".join(part for part in (asked.shown, words) if part))


def _rounded(points: Points) -> tuple[tuple[float, float], ...]:
    inside = [[min(max(float(value), 0.0), 1.0) for value in point] for point in points]
    return tuple((round(x, _DIGITS), round(y, _DIGITS)) for x, y in inside)


def _corners(box: Points) -> Points:
    (x0, y0), (x1, y1) = box
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
