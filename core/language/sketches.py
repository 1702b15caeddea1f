"""Parts of a question that are shown rather than said: a track to be like, a path, a zone, a line.

They stand in a question as canonical words, so that an address can hold them:

    like[VIDEO:TRACK]   like[VIDEO:TRACK VIDEO:TRACK ...]
    path[x,y x,y ...]   zone[x,y x,y x,y ...]   zone[NAME]   line[x,y x,y]

Points are shares of the picture's width and height, 0-1, y down. `@VIDEO` before the bracket keeps
a drawing to one video. A word before a zone or line says how: "enters zone[...]".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from core.detections import Float32, Float64
from core.errors import QueryError

ZoneHow = Literal["in", "enters", "leaves", "stops in", "from", "to", "crosses"]
Points = tuple[tuple[float, float], ...]

_DIGITS = 4
MOST_LIKED = 24
"""Tracks that one likeness may name: a question has to fit into an address."""


def _no_vector() -> Float32:
    return np.zeros(0, np.float32)


@dataclass(frozen=True, slots=True, order=True)
class Shown:
    """A track that is pointed at, by its ids."""

    video_id: str
    track_id: int

    def __str__(self) -> str:
        return f"{self.video_id}:{self.track_id}"


@dataclass(frozen=True, slots=True)
class LikePart:
    """The target looks like a track, like any of several, or like a picture given by hand.

    video_id, track_id: the track. others: further ones, any of which it may be like. picture: name
    of the picture, "" for a track; its text cannot be read back, as the vector is no part of it.
    vector: (D,) float32 unit length, of the picture; encoder: name of the encoder it was made with.
    scene: whether it shows a whole scene rather than one object.
    """

    video_id: str = ""
    track_id: int = -1
    picture: str = ""
    encoder: str = ""
    scene: bool = False
    vector: Float32 = field(default_factory=_no_vector, compare=False, repr=False)
    others: tuple[Shown, ...] = ()

    @property
    def tracks(self) -> tuple[Shown, ...]:
        """All tracks that it names; none for a picture."""
        return () if self.picture else (Shown(self.video_id, self.track_id), *self.others)

    @staticmethod
    def of(tracks: Iterable[Shown]) -> LikePart:
        """Likeness to any of some tracks, each once, in the order given.

        Raises QueryError for none, and for more than `MOST_LIKED`.
        """
        listed = tuple(dict.fromkeys(tracks))
        if not listed:
            raise QueryError("There is no object to be like.")
        if len(listed) > MOST_LIKED:
            raise QueryError(
                f"Likeness to {len(listed)} objects at once: at most {MOST_LIKED} can be named."
            )
        first, *others = listed
        return LikePart(first.video_id, first.track_id, others=tuple(others))

    def __str__(self) -> str:
        if self.picture:
            return f"like picture[{self.picture}]"
        return f"like[{' '.join(map(str, self.tracks))}]"


@dataclass(frozen=True, slots=True)
class PathPart:
    """The target's path follows this polyline, in its direction. points: shares of the picture."""

    points: Points
    video_id: str = ""

    def __str__(self) -> str:
        return f"path{_limited(self.video_id)}[{_written(self.points)}]"


@dataclass(frozen=True, slots=True)
class ZonePart:
    """What the target does with a zone (a polygon, or the name of a stored one) or a line.

    how: "crosses" belongs to lines: from the left of the line to its right, seen along it from
    its first point to its last; `either_way` takes both directions (canonical "crosses line<>[").
    A zone has three points at least, or a name; a line two at least.
    """

    points: Points = ()
    name: str = ""
    how: ZoneHow = "in"
    video_id: str = ""
    either_way: bool = False

    @property
    def is_line(self) -> bool:
        return self.how == "crosses"

    def __str__(self) -> str:
        noun = "line" if self.is_line else "zone"
        way = "<>" if self.either_way else ""
        inside = self.name or _written(self.points)
        return f"{self.how} {noun}{way}{_limited(self.video_id)}[{inside}]"


def taken(
    text: str,
) -> tuple[str, tuple[LikePart, ...], tuple[PathPart, ...], tuple[ZonePart, ...]]:
    """A question without what is drawn in it, and what is drawn: (text, likes, drawn, zones).

    Raises QueryError for a bracket that cannot be read.
    """
    if picture := _PICTURE.search(text):
        raise QueryError(
            f"“{picture[0]}” stands for a picture that was given by hand: give the file again."
        )
    likes: list[LikePart] = []
    drawn: list[PathPart] = []
    zones: list[ZonePart] = []
    for found in _PART.finditer(text):
        noun, inside = found["noun"].lower(), found["inside"].strip()
        video_id = found["video"] or ""
        if noun == "like":
            likes.append(_like(inside))
        elif noun == "path":
            drawn.append(PathPart(_points(inside, found[0], 2), video_id))
        else:
            zones.append(_zone(found, noun, inside, video_id))
    left = _PART.sub(" ", text)
    left = re.sub(r"\s*,(?:\s*,)+", ",", left)
    left = re.sub(r"\s+", " ", re.sub(r"\s+([,;])", r"\1", left)).strip(" ,")
    return left, tuple(likes), tuple(drawn), tuple(zones)


def _zone(found: re.Match[str], noun: str, inside: str, video_id: str) -> ZonePart:
    how = _HOW[re.sub(r"\s+", " ", found["how"].lower())] if found["how"] else ""
    named = not re.match(r"^[-+.\d]", inside)
    points = () if named else _points(inside, found[0], 3 if noun == "zone" else 2)
    name = inside if named else ""
    if named and not _NAME.match(name):
        raise QueryError(f"“{found[0].strip()}” names no zone: a name has letters and digits.")
    if noun == "line":
        if how not in ("", "crosses"):
            raise QueryError(f"A line is crossed; “{found[0].strip()}” needs a zone.")
        return ZonePart(points, name, "crosses", video_id, bool(found["way"]))
    if how == "crosses":
        raise QueryError(f"A zone is entered or left; “{found[0].strip()}” needs a line.")
    return ZonePart(points, name, how or "in", video_id)


def _like(inside: str) -> LikePart:
    named = []
    for words in inside.split() or [""]:
        video_id, _, track = words.rpartition(":")
        if not video_id or not track.isdecimal():
            raise QueryError(
                f"“like[{inside}]” names no track: write like[VIDEO:TRACK], such as "
                "like[3f2a:12], or several of them with spaces between."
            )
        named.append(Shown(video_id, int(track)))
    return LikePart.of(named)


def _points(inside: str, whole: str, least: int) -> Points:
    points = []
    for pair in inside.split():
        try:
            x, y = (float(number) for number in pair.split(","))
        except ValueError as error:
            raise QueryError(
                f"“{pair}” in “{whole.strip()}” is no point: write x,y as shares of the picture, "
                "such as 0.25,0.8."
            ) from error
        if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
            raise QueryError(
                f"“{pair}” in “{whole.strip()}” lies outside the picture: x and y are shares of "
                "its width and height, from 0 to 1."
            )
        points.append((round(x, _DIGITS), round(y, _DIGITS)))
    if len(points) < least:
        raise QueryError(f"“{whole.strip()}” needs at least {least} points.")
    return tuple(points)


def parse_points(text: str, least: int = 2) -> Points:
    """Points written "x,y x,y ...", shares of the picture; raises QueryError."""
    return _points(text, text, least)


def as_array(points: Points) -> Float64:
    """(P, 2) float64."""
    return np.array(points, np.float64).reshape(-1, 2)


def _written(points: Points) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _number(value: float) -> str:
    return f"{value:.{_DIGITS}f}".rstrip("0").rstrip(".")


def _limited(video_id: str) -> str:
    return f"@{video_id}" if video_id else ""


_HOW: dict[str, ZoneHow] = {
    "in": "in",
    "inside": "in",
    "enters": "enters",
    "entering": "enters",
    "leaves": "leaves",
    "leaving": "leaves",
    "stops in": "stops in",
    "stopping in": "stops in",
    "from": "from",
    "to": "to",
    "crosses": "crosses",
    "crossing": "crosses",
}
_HOW_PATTERN = "|".join(word.replace(" ", r"\s+") for word in sorted(_HOW, key=len, reverse=True))
_PART = re.compile(
    rf"(?:\b(?P<how>{_HOW_PATTERN})\s+)?\b(?P<noun>like|path|zone|line)(?P<way><>)?"
    r"(?:@(?P<video>[\w-]+))?\[(?P<inside>[^\[\]]*)\]",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"\bpicture\[[^\]]*\]", re.IGNORECASE)
_NAME = re.compile(r"^\w[\w .-]*$")


def blanked(text: str) -> str:
    """The text with as many spaces in place of whatever is drawn in it."""
    return _PART.sub(lambda found: " " * len(found[0]), text) if "[" in text else text
