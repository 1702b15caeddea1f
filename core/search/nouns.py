"""Noun phrases: which object is meant and how it looks, gathered word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.search.lexicon import CLASS_WORDS, GARMENTS
from core.search.phrases import Chunk
from core.search.query import AppearancePart, ColourPart, EventPart, Manner, Target
from core.search.words import listed
from core.tracking.classes import group_of

_DEFINITE = frozenset({"the", "this", "that", "its", "same"})
_EMPTY_LOOKS = frozenset(
    listed(
        "same other others left right time place more most very than first last again together "
        "else different similar like just only quite really also here there twice same size "
        "team crew"
    )
)


@dataclass(slots=True)
class Noun:
    """A target in the making. determiner: the first one said, "" for none."""

    classes: list[str] = field(default_factory=list)
    not_classes: list[str] = field(default_factory=list)
    colours: list[ColourPart] = field(default_factory=list)
    looks: list[AppearancePart] = field(default_factory=list)
    count: int = 1
    named: bool = False
    determiner: str = ""

    @property
    def definite(self) -> bool:
        return not self.determiner or self.determiner in _DEFINITE

    @property
    def of_person(self) -> bool:
        return any("person" in CLASS_WORDS[name].exact for name in self.classes)

    @property
    def of_animal(self) -> bool:
        exact = (kind for name in self.classes for kind in CLASS_WORDS[name].exact)
        return any(group_of(kind) == "animal" for kind in exact)

    @property
    def of_rider(self) -> bool:
        """Whether it is named after who sits on it: a cyclist, not a bicycle."""
        return any(CLASS_WORDS[name].moving for name in self.classes)

    @property
    def on_legs(self) -> bool:
        """Whether "running" says that it is fast, which it does not of a car."""
        legs = {"person", "dog", "cat", "horse"}
        return any(legs & set(CLASS_WORDS[name].exact) for name in self.classes)

    def colour(self, colours: Sequence[str], *, negated: bool = False, on: str = "") -> None:
        """Add colours, joining those of the same garment and polarity: any of them will do."""
        for index, part in enumerate(self.colours):
            if part.on == on and part.negated == negated:
                joined = tuple(dict.fromkeys((*part.colours, *colours)))
                self.colours[index] = replace(part, colours=joined)
                return
        self.colours.append(ColourPart(tuple(dict.fromkeys(colours)), negated, on))

    def look(self, text: str, *, negated: bool = False) -> None:
        part = AppearancePart(text, negated)
        if text and part not in self.looks:
            self.looks.append(part)

    def absorb(self, other: Noun) -> None:
        """Take over what `other` says; both are the same object."""
        self.classes += [name for name in other.classes if name not in self.classes]
        for part in other.colours:
            self.colour(part.colours, negated=part.negated, on=part.on)
        for look in other.looks:
            self.look(look.text, negated=look.negated)
        self.count = max(self.count, other.count)
        self.named = self.named or other.named
        self.determiner = self.determiner or other.determiner

    def target(self) -> Target:
        return Target(
            tuple(self.classes),
            tuple(dict.fromkeys(self.not_classes)),
            tuple(sorted(self.colours, key=lambda part: bool(part.on or part.negated))),
            tuple(self.looks),
            self.count,
        )


@dataclass(frozen=True, slots=True)
class NounPhrase:
    """A noun, the motion words that stood before it ("parked red car"), and where it ends."""

    noun: Noun
    events: tuple[EventPart, ...]
    end: int
    unknown: tuple[str, ...]


def noun_phrase(chunks: Sequence[Chunk], start: int, *, motion_first: bool) -> NounPhrase | None:
    """The noun phrase that starts at a chunk, or None when none does.

    motion_first: whether words of motion may stand before the noun here.
    """
    noun = Noun()
    events: list[EventPart] = []
    adjectives: list[str] = []
    unknown: list[str] = []
    manner: Manner = ""
    runs = False
    at = start
    while at < len(chunks):
        chunk = chunks[at]
        if chunk.tag == "DET":
            noun.determiner = noun.determiner or chunk.words[0]
            motion_first = True
        elif chunk.tag == "COUNT":
            noun.count = max(noun.count, int(chunk.value))
        elif chunk.tag == "COLOUR":
            colours, at = colours_at(chunks, at)
            noun.colour(colours)
            continue
        elif chunk.tag in ("KNOWN", "WORD"):
            adjectives.append(chunk.value)
            unknown += [chunk.value] if chunk.tag == "WORD" else []
        elif chunk.tag == "QUOTE":
            noun.look(chunk.value)
        elif chunk.tag == "MANNER" and motion_first and not noun.colours:
            manner = _manner(chunk.value)
        elif chunk.tag == "EVENT" and motion_first:
            runs = runs or chunk.words[0] == "running"
            events.append(event_of(chunk, manner, before_noun=True))
            manner = ""
        elif chunk.tag == "CLASS":
            end = _classes(chunks, at, noun)
            if runs and noun.on_legs:
                events = [EventPart("fast") if e.kind == "moving" else e for e in events]
            if manner in ("slowly", "fast"):
                events.append(EventPart("slow" if manner == "slowly" else "fast"))
            noun.look(look_text(adjectives))
            return NounPhrase(noun, tuple(events), end, tuple(unknown))
        else:
            return None
        at += 1
    return None


def colours_at(chunks: Sequence[Chunk], at: int) -> tuple[list[str], int]:
    """Colours joined by "or", "and" or a comma, shades included, and where they end."""
    colours: list[str] = []
    while at < len(chunks) and chunks[at].tag == "COLOUR":
        name = chunks[at].value
        following = chunks[at + 1] if at + 1 < len(chunks) else None
        if (
            name in ("dark", "light")
            and following is not None
            and following.tag == "COLOUR"
            and following.value not in ("dark", "light", "colourful")
        ):
            name = f"{name} {following.value}"
            at += 1
        colours.append(name)
        at += 1
        joint = at
        while joint < len(chunks) and (
            chunks[joint].tag == "COMMA" or chunks[joint].value in ("or", "and")
        ):
            joint += 1
        if joint < len(chunks) and joint > at and chunks[joint].tag == "COLOUR":
            at = joint
    return colours, at


def _classes(chunks: Sequence[Chunk], at: int, noun: Noun) -> int:
    """Read the class word, its alternatives and its second halves ("taxi cab"); returns the end."""
    noun.named = True
    noun.classes += [chunks[at].value] if chunks[at].value else []
    at += 1
    while at < len(chunks):
        if chunks[at].tag == "CLASS":
            _refine(noun, chunks[at].value)
            at += 1
            continue
        joint = at
        while joint < len(chunks) and (
            chunks[joint].tag in ("COMMA", "DET") or chunks[joint].value == "or"
        ):
            joint += 1
        said_or = any(chunk.value == "or" for chunk in chunks[at:joint])
        if not said_or or joint >= len(chunks) or chunks[joint].tag != "CLASS":
            break
        if chunks[joint].value and chunks[joint].value not in noun.classes:
            noun.classes.append(chunks[joint].value)
        at = joint + 1
    return at


def _refine(noun: Noun, name: str) -> None:
    """A second class word right after the first: keep the one that says more."""
    if not name or name in noun.classes:
        return
    last = noun.classes[-1] if noun.classes else ""
    if not last:
        noun.classes.append(name)
    elif set(CLASS_WORDS[last].exact) & set(CLASS_WORDS[name].exact):
        if CLASS_WORDS[name].look and not CLASS_WORDS[last].look:
            noun.classes[-1] = name
    else:
        noun.classes[-1] = name
        noun.look(last)


def garment_colours(
    chunks: Sequence[Chunk], *, any_word: bool = False
) -> list[tuple[list[str], str]] | None:
    """Colours and the garments that have them, or None when the words say anything else.

    any_word: after "wearing" whatever has a colour is a garment, known or not.
    """
    found: list[tuple[list[str], str]] = []
    at = 0
    while at < len(chunks):
        if chunks[at].tag == "DET" or chunks[at].value == "and":
            at += 1
            continue
        if chunks[at].tag != "COLOUR":
            return None
        colours, at = colours_at(chunks, at)
        start = at
        while at < len(chunks) and (
            chunks[at].value in GARMENTS or (any_word and chunks[at].tag in ("KNOWN", "WORD"))
        ):
            at += 1
        garment = " ".join(chunk.value for chunk in chunks[start:at])
        found.append((colours, garment))
    return found


def event_of(chunk: Chunk, manner: Manner, *, before_noun: bool = False) -> EventPart:
    """The event a chunk names, done in this manner."""
    kind = chunk.value
    manner = _manner(chunk.manner) or manner
    if before_noun and chunk.words == ("stopped",):
        kind = "stationary"
    if kind == "moving" and manner in ("slowly", "fast"):
        return EventPart("slow" if manner == "slowly" else "fast")
    if kind in ("slow", "fast", "moving"):
        manner = ""
    return EventPart(kind, manner=manner)


def look_text(words: Sequence[str]) -> str:
    """Adjectives that can be seen, joined."""
    return " ".join(word for word in words if word not in _EMPTY_LOOKS)


def _manner(name: str) -> Manner:
    manners: dict[str, Manner] = {
        "slowly": "slowly",
        "fast": "fast",
        "sharply": "sharply",
        "slightly": "slightly",
    }
    return manners.get(name, "")
