"""A query as plain data, ready for JSON, and back: strictly, as the data may come from anywhere.

The dashboard keeps queries in this form, and a language model that is plugged in answers in it
(`core.language.understanding`). Every key may be left out; a key that is not known is an error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar, cast, get_args

from core.errors import QueryError
from core.language.lexicon import CLASS_WORDS, COLOUR_WORDS
from core.language.query import (
    EVENT_WORDS,
    RELATION_WORDS,
    AppearancePart,
    ColourPart,
    EventPart,
    Frame,
    Joint,
    Manner,
    Order,
    Query,
    RelationPart,
    Target,
    TimeWindow,
)
from core.language.sketches import MOST_LIKED, LikePart, PathPart, Shown, ZoneHow, ZonePart

_DEEPEST = 8
_LONGEST = 500
_UNSAID = frozenset({"at", "classes_at", "not_classes_at", "count_at", "vector"})
_OF_LIKES = ("video_id", "track_id", "picture", "others")
_HOW_ASKED = frozenset(
    {"text", "unknown_words", "corrections", "parsed", "problem", "places_at", "gap_at", "frame_at"}
)
COLOURS = frozenset(COLOUR_WORDS) | {
    f"{shade} {name}" for shade in ("dark", "light") for name in COLOUR_WORDS
}
"""Every canonical colour word, shades included."""


def query_data(query: Query) -> dict[str, Any]:
    """The query as nested dicts and lists; how it was asked and where its words stand are left out.

    `query_from_data` reads it back as an equal query, but for pictures, whose vectors are no data.
    """
    return asdict(query, dict_factory=_said)


def _said(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    if any(name == "track_id" for name, _ in pairs):
        return {name: value for name, value in pairs if name in _OF_LIKES}
    left_out = _UNSAID | (_HOW_ASKED if any(name == "corrections" for name, _ in pairs) else set())
    return {name: _plain(value) for name, value in pairs if name not in left_out}


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def query_from_data(data: object) -> Query:
    """The query that data in the form of `query_data` describes.

    Raises QueryError that names the place and what may stand there: an unknown key, a value of
    another type, a word outside the vocabulary, a number out of range, too much nesting.
    """
    return _query(_Node(data, "query"), 0)


T = TypeVar("T")


class _Node:
    """A value and its place in the data, which errors name."""

    def __init__(self, value: object, place: str) -> None:
        self.value = value
        self.place = place

    def wrong(self, why: str) -> QueryError:
        return QueryError(f"A query as data: {self.place} {why}.")

    def fields(self, *names: str) -> dict[str, _Node]:
        """The values of a mapping that has no other names than these."""
        if not isinstance(self.value, Mapping):
            raise self.wrong("must be an object")
        unknown = [str(name) for name in self.value if name not in names]
        if unknown:
            raise self.wrong(f"has the unknown name “{unknown[0]}” (known: {', '.join(names)})")
        return {
            name: _Node(value, f"{self.place}.{name}")
            for name, value in self.value.items()
            if value is not None
        }

    def items(self) -> list[_Node]:
        if not isinstance(self.value, list | tuple):
            raise self.wrong("must be a list")
        return [_Node(value, f"{self.place}[{k}]") for k, value in enumerate(self.value)]

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.wrong("must be a text")
        words = " ".join(self.value.split())
        if len(words) > _LONGEST or '"' in words:
            raise self.wrong(f"must have at most {_LONGEST} characters and no quotes")
        return words

    def word(self, allowed: Sequence[str]) -> str:
        if self.value not in allowed:
            raise self.wrong(f"is “{self.value}” but must be one of: {', '.join(allowed)}")
        return str(self.value)

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong("must be true or false")
        return self.value

    def number(self, low: float, high: float) -> float:
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong("must be a number")
        if not (math.isfinite(value) and low <= value <= high):
            raise self.wrong(f"is {value} but must lie between {low:g} and {high:g}")
        return float(value)

    def whole(self, low: int, high: int) -> int:
        value = self.number(low, high)
        if value != int(value):
            raise self.wrong("must be a whole number")
        return int(value)


def _all(fields: Mapping[str, _Node], name: str, read: Callable[[_Node], T]) -> tuple[T, ...]:
    return tuple(read(item) for item in fields[name].items()) if name in fields else ()


def _seconds(fields: Mapping[str, _Node], name: str) -> float | None:
    return round(fields[name].number(0, 1e6), 2) if name in fields else None


def _flag(fields: Mapping[str, _Node], name: str) -> bool:
    return fields[name].flag() if name in fields else False


def _query(node: _Node, depth: int) -> Query:
    if depth > _DEEPEST:
        raise node.wrong(f"is nested more than {_DEEPEST} deep")
    said = node.fields(
        "target", "events", "order", "gap_s", "relations", "likes", "drawn", "zones", "places",
        "window", "frame", "scene", "then", "joint",
    )  # fmt: skip
    events = _all(said, "events", _event)
    order = said["order"].word(get_args(Order)) if "order" in said else "none"
    if order != "none" and len(events) < 2:
        raise said["order"].wrong("needs two events at least")
    return Query(
        target=_target(said["target"]) if "target" in said else Target(),
        events=events,
        order=cast("Order", order),
        gap_s=_seconds(said, "gap_s"),
        relations=_all(said, "relations", _relation),
        likes=_all(said, "likes", _like),
        drawn=_all(said, "drawn", _path),
        zones=_all(said, "zones", _zone),
        places=_all(said, "places", _Node.text),
        window=_window(said["window"]) if "window" in said else None,
        frame=cast("Frame", said["frame"].word(get_args(Frame)) if "frame" in said else "vehicle"),
        scene=said["scene"].text() if "scene" in said else "",
        then=_query(said["then"], depth + 1) if "then" in said else None,
        joint=cast("Joint", said["joint"].word(get_args(Joint)) if "joint" in said else "then"),
    )


def _target(node: _Node) -> Target:
    said = node.fields("classes", "not_classes", "colours", "looks", "count")
    return Target(
        _all(said, "classes", _class),
        _all(said, "not_classes", _class),
        _all(said, "colours", _colour),
        _all(said, "looks", _look),
        said["count"].whole(1, 99) if "count" in said else 1,
    )


def _class(node: _Node) -> str:
    return node.word(sorted(CLASS_WORDS))


def _colour(node: _Node) -> ColourPart:
    said = node.fields("colours", "negated", "on")
    colours = _all(said, "colours", lambda item: item.word(sorted(COLOURS)))
    if not colours:
        raise node.wrong("names no colour")
    return ColourPart(colours, _flag(said, "negated"), said["on"].text() if "on" in said else "")


def _look(node: _Node) -> AppearancePart:
    said = node.fields("text", "negated")
    text = said["text"].text() if "text" in said else ""
    if not text:
        raise node.wrong("has no text")
    return AppearancePart(text.casefold(), _flag(said, "negated"))


def _event(node: _Node) -> EventPart:
    said = node.fields("kind", "negated", "manner", "min_s", "max_s")
    if "kind" not in said:
        raise node.wrong("has no kind")
    low, high = _lasting(node, said)
    manner = said["manner"].word(get_args(Manner)) if "manner" in said else ""
    kind = said["kind"].word(sorted(EVENT_WORDS))
    return EventPart(kind, _flag(said, "negated"), cast("Manner", manner), low, high)


def _relation(node: _Node) -> RelationPart:
    said = node.fields("kind", "role", "other", "negated", "third", "doing", "min_s", "max_s")
    if "kind" not in said:
        raise node.wrong("has no kind")
    kind = said["kind"].word(sorted({kind for kind, _ in RELATION_WORDS}))
    roles = [role for name, role in RELATION_WORDS if name == kind]
    role = said["role"].word(roles) if "role" in said else "subject"
    if "third" in said and kind != "between":
        raise said["third"].wrong("belongs to “between” alone")
    low, high = _lasting(node, said)
    return RelationPart(
        kind,
        "object" if role == "object" else "subject",
        _target(said["other"]) if "other" in said else Target(),
        _flag(said, "negated"),
        _target(said["third"]) if "third" in said else None,
        _all(said, "doing", _event),
        low,
        high,
    )


def _lasting(node: _Node, said: Mapping[str, _Node]) -> tuple[float | None, float | None]:
    low, high = _seconds(said, "min_s"), _seconds(said, "max_s")
    if low is not None and high is not None and low > high:
        raise node.wrong("lasts at least longer than at most")
    return low, high


def _window(node: _Node) -> TimeWindow:
    said = node.fields("after_s", "before_s")
    after, before = _seconds(said, "after_s"), _seconds(said, "before_s")
    if after is not None and before is not None and after > before:
        raise node.wrong("ends before it starts")
    if after is None and before is None:
        raise node.wrong("has no bound")
    return TimeWindow(after, before)


def _points(node: _Node, least: int) -> tuple[tuple[float, float], ...]:
    points = []
    for item in node.items():
        pair = item.items()
        if len(pair) != 2:
            raise item.wrong("must be a pair of numbers")
        points.append((round(pair[0].number(0, 1), 4), round(pair[1].number(0, 1), 4)))
    if len(points) < least:
        raise node.wrong(f"needs at least {least} points")
    return tuple(points)


def _like(node: _Node) -> LikePart:
    said = node.fields(*_OF_LIKES)
    if "picture" in said and said["picture"].text():
        raise node.wrong("stands for a picture given by hand, which is no data: give it again")
    if "video_id" not in said or "track_id" not in said:
        raise node.wrong("names no track: it needs video_id and track_id")
    others = _all(said, "others", _shown)
    if len(others) >= MOST_LIKED:
        raise node.wrong(f"names more than {MOST_LIKED} tracks")
    return LikePart.of((_track(said), *others))


def _shown(node: _Node) -> Shown:
    said = node.fields("video_id", "track_id")
    if len(said) < 2:
        raise node.wrong("names no track: it needs video_id and track_id")
    return _track(said)


def _track(said: Mapping[str, _Node]) -> Shown:
    return Shown(said["video_id"].text(), said["track_id"].whole(0, 2**53))


def _path(node: _Node) -> PathPart:
    said = node.fields("points", "video_id")
    if "points" not in said:
        raise node.wrong("has no points")
    return PathPart(_points(said["points"], 2), _video(said))


def _zone(node: _Node) -> ZonePart:
    said = node.fields("points", "name", "how", "video_id", "either_way")
    how = cast("ZoneHow", said["how"].word(get_args(ZoneHow)) if "how" in said else "in")
    name = said["name"].text() if "name" in said else ""
    drawn = "points" in said and bool(said["points"].items())
    if bool(name) == drawn:
        raise node.wrong("needs either points or the name of a stored zone")
    points = _points(said["points"], 2 if how == "crosses" else 3) if drawn else ()
    return ZonePart(points, name, how, _video(said), _flag(said, "either_way"))


def _video(said: Mapping[str, _Node]) -> str:
    return said["video_id"].text() if "video_id" in said else ""
