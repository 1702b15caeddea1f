"""Zones and lines that people drew and named, kept in the catalog.

A zone belongs to one video, or to every video whose picture has the size it was drawn on: those of
the same camera. Where a video has its own zone of a name, that one is meant in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.errors import LibraryError
from core.library.catalog import Catalog, VideoRecord, now

ZoneKind = Literal["zone", "line"]

_NAME = re.compile(r"^[^\W\d_][\w .-]{0,39}$")


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon or a line with a name.

    points: shares of the picture's width and height, 0-1, y down; a line is crossed from its left
    to its right, seen from its first point to its last. video_id: "" for all videos of a picture
    of width x height pixels.
    """

    zone_id: int
    name: str
    kind: ZoneKind
    points: tuple[tuple[float, float], ...]
    video_id: str
    width: int
    height: int
    at: float

    def lies_in(self, record: VideoRecord) -> bool:
        """Whether it belongs to a video."""
        if self.video_id:
            return self.video_id == record.video_id
        return (self.width, self.height) == (record.width, record.height)


class Zones:
    """Reads and writes the named zones of a library's catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def add(
        self,
        name: str,
        points: Sequence[tuple[float, float]],
        record: VideoRecord,
        *,
        kind: ZoneKind = "zone",
        only_this_video: bool = False,
    ) -> Zone:
        """Keep a zone that was drawn on a video's picture; one of that name there is replaced.

        Raises LibraryError for a name that cannot stand in a question, points outside the picture,
        or too few of them.
        """
        name = " ".join(name.lower().split())
        if not _NAME.match(name):
            raise LibraryError(
                f"A zone cannot be called {name!r}: a name begins with a letter, and has letters, "
                "digits, spaces, dots and dashes, 40 at most."
            )
        least = 3 if kind == "zone" else 2
        if len(points) < least:
            raise LibraryError(f"A {kind} needs at least {least} points; got {len(points)}.")
        if not all(0.0 <= x <= 1.0 and 0.0 <= y <= 1.0 for x, y in points):
            raise LibraryError(
                "Points of a zone are shares of the picture's width and height, from 0 to 1."
            )
        video_id = record.video_id if only_this_video else ""
        written = " ".join(f"{x:.6g},{y:.6g}" for x, y in points)
        with self._catalog.transaction() as write:
            write.execute(
                "DELETE FROM zones WHERE name = ? AND video_id = ? "
                "AND (video_id != '' OR (width = ? AND height = ?))",
                (name, video_id, record.width, record.height),
            )
            done = write.execute(
                "INSERT INTO zones(name, kind, points, video_id, width, height, at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (name, kind, written, video_id, record.width, record.height, now()),
            )
            zone_id = int(done.lastrowid or 0)
        return next(zone for zone in self.all() if zone.zone_id == zone_id)

    def all(self) -> list[Zone]:
        """Every zone, by name, those of all videos first."""
        rows = self._catalog.rows(
            "SELECT zone_id, name, kind, points, video_id, width, height, at FROM zones "
            "ORDER BY name, video_id, width, height"
        )
        return [
            Zone(zone_id, name, kind, _points(points), video_id, width, height, at)
            for zone_id, name, kind, points, video_id, width, height, at in rows
        ]

    def named(self, name: str) -> list[Zone]:
        """The zones of a name, whatever their videos; none for an unknown one."""
        wanted = " ".join(name.lower().split())
        return [zone for zone in self.all() if zone.name == wanted]

    def of_video(self, record: VideoRecord) -> list[Zone]:
        """What is drawn on a video, its own zones in place of common ones of the same name."""
        found: dict[str, Zone] = {}
        for zone in self.all():
            if zone.lies_in(record) and (zone.video_id or zone.name not in found):
                found[zone.name] = zone
        return list(found.values())

    def remove(self, zone_id: int) -> None:
        """Forget a zone; raises LibraryError when there is none of this number."""
        with self._catalog.transaction() as write:
            if not write.execute("DELETE FROM zones WHERE zone_id = ?", (zone_id,)).rowcount:
                raise LibraryError(f"There is no zone number {zone_id}.")


def _points(written: str) -> tuple[tuple[float, float], ...]:
    pairs = (pair.split(",") for pair in written.split())
    return tuple((float(x), float(y)) for x, y in pairs)
