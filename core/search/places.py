"""Where in which videos a zone or line of a question lies: as drawn in it, or as stored by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.detections import Bool, Float64
from core.errors import QueryError
from core.language.query import Query
from core.language.sketches import Points, ZoneHow, ZonePart, as_array
from core.library.zones import Zones
from core.search.columns import Columns

_HOW: dict[str, ZoneHow] = {
    "enter": "enters",
    "exit": "leaves",
    "stop": "stops in",
    "wait": "stops in",
    "parked": "stops in",
    "stationary": "stops in",
}


@dataclass(frozen=True, slots=True)
class Area:
    """A polygon or line in some videos that all have a picture of one shape.

    points: (P, 2) in the unit of `core.search.paths`. videos: (V,) where it lies.
    """

    points: Float64
    videos: Bool


@dataclass(frozen=True, slots=True)
class Place:
    """A zone or line of a question, and where it lies."""

    part: ZonePart
    areas: tuple[Area, ...]

    def covers(self, columns: Columns) -> Bool:
        """(N,) the tracks of videos in which it lies."""
        videos = np.zeros(len(columns.videos), np.bool_)
        for area in self.areas:
            videos |= area.videos
        return np.asarray(videos[columns.video], np.bool_)


def with_named_places(query: Query, zones: Zones) -> Query:
    """A query whose words of place that are names of zones are tested with these.

    "Entering the yard" is then entering that zone rather than the frame, and "stopping at the
    crossing" asks that the stop be inside it.
    """
    if query.then is not None:
        query = replace(query, then=with_named_places(query.then, zones))
    if not (query.places or query.unknown_words):
        return query
    names = {zone.name for zone in zones.all() if zone.kind == "zone"}
    unknown = tuple(word for word in query.unknown_words if word.lower() not in names)
    query = replace(query, unknown_words=unknown)
    named = [place.lower() for place in query.places if place.lower() in names]
    if not named:
        return query
    did = [event.kind for event in query.events if not event.negated]
    how: ZoneHow = next((_HOW[kind] for kind in did if kind in _HOW), "in")
    events = query.events
    if how in ("enters", "leaves") and query.order == "none":
        events = tuple(e for e in events if e.negated or e.kind not in ("enter", "exit"))
    return replace(
        query,
        events=events,
        zones=(*query.zones, *(ZonePart(name=name, how=how) for name in named)),
        places=tuple(place for place in query.places if place.lower() not in names),
    )


def places_of(columns: Columns, zones: Zones, parts: Sequence[ZonePart]) -> list[Place]:
    """Where the zones of a question lie; raises QueryError for a name that nothing has."""
    return [
        Place(part, _named(columns, zones, part) if part.name else _drawn(columns, part))
        for part in parts
    ]


def _drawn(columns: Columns, part: ZonePart) -> tuple[Area, ...]:
    asked = [part.video_id in ("", record.video_id) for record in columns.videos]
    return areas_of(columns, part.points, np.array(asked, np.bool_))


def _named(columns: Columns, zones: Zones, part: ZonePart) -> tuple[Area, ...]:
    kind = "line" if part.is_line else "zone"
    stored = [zone for zone in zones.named(part.name) if zone.kind == kind]
    if not stored:
        known = sorted({zone.name for zone in zones.all() if zone.kind == kind})
        others = f"there are {', '.join(known)}" if known else f"no {kind} is stored yet"
        raise QueryError(f"There is no {kind} called “{part.name}”: {others}.")
    found: list[Area] = []
    meant = np.full(len(columns.videos), -1)
    for video, record in enumerate(columns.videos):
        if part.video_id in ("", record.video_id):
            lying = [k for k, zone in enumerate(stored) if zone.lies_in(record)]
            own = [k for k in lying if stored[k].video_id]
            meant[video] = (own or lying or [-1])[0]
    for k, zone in enumerate(stored):
        found += areas_of(columns, zone.points, meant == k)
    return tuple(found)


def areas_of(columns: Columns, points: Points, videos: Bool) -> tuple[Area, ...]:
    """The same shares of the picture, by the shapes of the pictures of these videos."""
    ratios = np.array([record.width / max(record.height, 1) for record in columns.videos])
    ratios = ratios.round(4)
    return tuple(
        Area(
            np.asarray(as_array(points) * [np.sqrt(ratio), 1.0 / np.sqrt(ratio)], np.float64),
            np.asarray((ratios == ratio) & videos, np.bool_),
        )
        for ratio in np.unique(ratios[videos])
    )
