"""What a part of a question can be changed into, and what can be added: menus for the chips.

Every choice is canonical words, which the parser reads back as just that part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

from core.language.chips import Chip
from core.language.lexicon import CLASS_WORDS, COLOUR_WORDS
from core.language.plurals import article
from core.language.query import (
    EVENT_WORDS,
    RELATION_WORDS,
    ColourPart,
    EventPart,
    Manner,
    Query,
    RelationPart,
    Role,
    Target,
)
from core.language.sketches import PathPart, ZoneHow, ZonePart
from dashboard.search_views import Choice

SWATCHES = {
    "white": "#f4f4f2", "black": "#1b1b1d", "grey": "#84888c", "silver": "#c3c7ca",
    "red": "#c8322b", "blue": "#2c62b8", "green": "#2f8a4c", "yellow": "#e8c62d",
    "orange": "#e2822b", "brown": "#79512f", "purple": "#7a4aa3", "pink": "#e18bab",
    "maroon": "#6d1f2c", "navy": "#1c2c5b", "beige": "#d8c6a3", "gold": "#c29b3c",
    "turquoise": "#2aa5a0",
}  # fmt: skip
"""Canonical colour word -> what it looks like, CSS."""

_FAMILIES = {
    "Turns": ("turn_left", "turn_right", "u_turn", "straight", "lane_change", "turn"),
    "Stops and starts": ("stop", "wait", "parked", "start", "moving", "stationary", "loiter"),
    "Speed": ("fast", "slow", "slow_down", "speed_up", "reverse"),
    "In the picture": (
        "screen_left", "screen_right", "screen_up", "screen_down", "approach", "recede",
    ),
    "Comes and goes": ("enter", "exit", "appear", "disappear", "cross"),
}  # fmt: skip
_MANNERS: dict[str, tuple[Manner, ...]] = {
    "turn_left": ("sharply", "slightly", "slowly", "fast"),
    "turn_right": ("sharply", "slightly", "slowly", "fast"),
}
_RELATIONS: tuple[tuple[str, Role], ...] = (
    ("follow", "subject"), ("follow", "object"), ("overtake", "subject"), ("overtake", "object"),
    ("pass", "subject"), ("near", "subject"), ("behind", "subject"), ("behind", "object"),
    ("stop_behind", "subject"), ("meet", "subject"), ("together", "subject"), ("group", "subject"),
)  # fmt: skip
_HOWS: tuple[ZoneHow, ...] = ("in", "enters", "leaves", "stops in", "from", "to")
_NOT = "Or not"
_MOST_COUNT = 5


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What of the language this library can tell.

    classes: detector classes, most common first. events, relations: kinds that were looked for in
    some video. zones: names of stored zones; lines: those of stored lines.
    """

    classes: tuple[str, ...] = ()
    events: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()
    zones: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def class_words(self) -> tuple[str, ...]:
        """Class words that the detectors here tell directly, most common first, then wider ones."""
        plain = [name for name in self.classes if name in CLASS_WORDS]
        wider = [
            word
            for word in ("vehicle", "two-wheeler", "cyclist", "motorcyclist", "animal")
            if any(
                name in self.classes for name in (*CLASS_WORDS[word].exact, *CLASS_WORDS[word].wide)
            )
        ]
        return tuple(dict.fromkeys([*plain, *wider]))

    def tells(self, kind: str) -> bool:
        """Whether some video was looked through for an event of this kind."""
        return not self.events or kind in self.events


def choices_of(query: Query, chip: Chip, vocabulary: Vocabulary) -> tuple[Choice, ...]:
    """What one chip of a query can be changed into."""
    found = [
        replace(choice, now=choice.words == chip.words) for choice in _of(query, chip, vocabulary)
    ]
    seen: dict[str, Choice] = {}
    for choice in found:
        seen.setdefault(choice.words, choice)
    return tuple(seen.values())


def _of(query: Query, chip: Chip, vocabulary: Vocabulary) -> Iterator[Choice]:
    for _ in range(chip.step):
        query = cast("Query", query.then)
    field, k = chip.slot
    if field in ("classes", "not_classes"):
        yield from _classes(query.target, field, k, vocabulary)
    elif field == "colours":
        yield from _colours(query.target.colours[k])
    elif field == "looks":
        look = query.target.looks[k]
        turned = str(replace(look, negated=not look.negated))
        yield Choice(turned, turned, _NOT)
    elif field == "events":
        yield from _events(query.events[k], vocabulary)
    elif field == "relations":
        yield from _relations(query.relations[k], vocabulary)
    elif field == "zones":
        yield from _zones(query.zones[k], vocabulary)
    elif field == "drawn":
        path = query.drawn[k]
        yield Choice(str(PathPart(path.points[::-1], path.video_id)), "the other way", "Direction")
    elif field == "count":
        for number in range(2, _MOST_COUNT + 1):
            yield Choice(f"{number} objects", f"{number} at the same time", "At least")


def _classes(target: Target, field: str, k: int, vocabulary: Vocabulary) -> Iterator[Choice]:
    """Kinds of the class, then what else there is; or the opposite."""
    mine = target.classes[0] if field == "classes" else target.not_classes[k]
    negated = field == "not_classes"

    def said(word: str) -> str:
        return f"not {article(word)}" if negated else word

    exact = CLASS_WORDS[mine].exact
    for word in vocabulary.class_words or (mine,):
        yield Choice(said(word), said(word), "Kind")
    for word, how in CLASS_WORDS.items():
        if how.look and word != mine and how.exact[0] in exact and not negated:
            yield Choice(word, word, "More exactly, by its looks")
    if negated:
        yield Choice(mine, mine, _NOT)
    elif len(target.classes) == 1:
        yield Choice(f"not {article(mine)}", f"not {article(mine)}", _NOT)


def _colours(part: ColourPart) -> Iterator[Choice]:
    first = part.colours[0]
    plain = first.removeprefix("dark ").removeprefix("light ")
    for colour in COLOUR_WORDS:
        words = str(replace(part, colours=(colour,)))
        yield Choice(words, words, "Colour", SWATCHES.get(colour, ""))
    if plain in SWATCHES and plain not in ("white", "black", "silver"):
        for shade in ("dark", "light"):
            words = str(replace(part, colours=(f"{shade} {plain}",)))
            yield Choice(words, words, "Shade", SWATCHES[plain])
    turned = str(replace(part, negated=not part.negated))
    yield Choice(turned, turned, _NOT)


def _events(part: EventPart, vocabulary: Vocabulary) -> Iterator[Choice]:
    ordered = sorted(_FAMILIES.items(), key=lambda family: part.kind not in family[1])
    for name, kinds in ordered:
        for kind in kinds:
            if vocabulary.tells(kind) or kind == part.kind:
                words = str(EventPart(kind, part.negated and kind != "moving"))
                yield Choice(words, words, name)
        if part.kind in kinds:
            for manner in _MANNERS.get(part.kind, ()):
                words = str(replace(part, manner=manner))
                yield Choice(words, words, "How")
            if part.kind != "moving":
                turned = str(replace(part, negated=not part.negated))
                yield Choice(turned, turned, _NOT)


def _relations(part: RelationPart, vocabulary: Vocabulary) -> Iterator[Choice]:
    if part.kind == "between":
        turned = str(replace(part, negated=not part.negated))
        yield Choice(turned, turned, _NOT)
        return
    for word in vocabulary.class_words:
        words = str(replace(part, other=Target((word,))))
        yield Choice(words, words, "With")
    for kind, role in _RELATIONS:
        words = str(replace(part, kind=kind, role=role))
        yield Choice(words, words, "Relation")
    turned = str(replace(part, negated=not part.negated))
    yield Choice(turned, turned, _NOT)


def _zones(part: ZonePart, vocabulary: Vocabulary) -> Iterator[Choice]:
    if part.is_line:
        yield Choice(str(replace(part, either_way=not part.either_way)), _way(part), "Direction")
        if part.points:
            yield Choice(str(replace(part, points=part.points[::-1])), "the other way", "Direction")
        for name in vocabulary.lines:
            words = str(ZonePart(name=name, how="crosses", either_way=part.either_way))
            yield Choice(words, f"crosses {name}", "Kept lines")
        return
    for how in _HOWS:
        yield Choice(
            str(replace(part, how=how)), f"{how} {part.name or 'the zone'}", "What it does"
        )
    for name in vocabulary.zones:
        words = str(ZonePart(name=name, how=part.how))
        yield Choice(words, f"{part.how} {name}", "Kept zones")


def _way(part: ZonePart) -> str:
    return "only one way" if part.either_way else "either way"


def additions(query: Query, vocabulary: Vocabulary) -> tuple[Choice, ...]:
    """What can be asked for as well, with headings."""
    return tuple(_additions(query, vocabulary))


def _additions(query: Query, vocabulary: Vocabulary) -> Iterator[Choice]:
    if not query.target.classes:
        for word in vocabulary.class_words:
            yield Choice(word, word, "Kind")
    for colour, swatch in SWATCHES.items():
        if not query.target.colours:
            yield Choice(colour, colour, "Colour", swatch)
    asked = {event.kind for event in query.events}
    for name, kinds in _FAMILIES.items():
        for kind in kinds:
            if kind not in asked and vocabulary.tells(kind):
                yield Choice(EVENT_WORDS[kind], EVENT_WORDS[kind], name)
    others = [w for w in ("vehicle", "person", "car") if w in vocabulary.class_words][:2]
    for kind, role in _RELATIONS:
        for other in others:
            words = f"{RELATION_WORDS[kind, role]} {article(other)}"
            if not vocabulary.relations or kind in vocabulary.relations:
                yield Choice(words, words, "With another")
    for name in vocabulary.zones:
        for how in ("in", "enters", "leaves"):
            yield Choice(f"{how} zone[{name}]", f"{how} {name}", "Kept zones")
    for name in vocabulary.lines:
        yield Choice(f"crosses line<>[{name}]", f"crosses {name}", "Kept lines")
    if query.target.count < 2:
        yield Choice("2 objects", "two at the same time", "Number")
    if query.frame == "vehicle" and asked & {"turn_left", "turn_right"}:
        yield Choice("on screen", "left and right as on the screen", "Left and right")
