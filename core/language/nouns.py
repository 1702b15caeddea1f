"""Noun phrases: which object is meant and how it looks, gathered word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.language.chunks import Chunk
from core.language.lexicon import CLASS_WORDS
from core.language.noun import Noun
from core.language.query import At, EventPart, Manner
from core.language.surroundings import GARMENTS
from core.language.words import hull, listed

_EMPTY_LOOKS = frozenset(
    listed(
        "same other others left right time place more most very than first last again together "
        "else different similar like just only quite really also here there twice same size "
        "team crew other own only unknown usual main certain given particular specific"
    )
)
_FILLERS = frozenset(
    listed("kind type sort colour color coloured colored very really quite of own rather")
)
_IRREGULAR_PLURALS = frozenset(listed("people men women children folk traffic cattle sheep"))


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
    reading = _Reading(chunks, motion_first)
    at = start
    while at < len(chunks):
        if chunks[at].tag == "CLASS" or reading.brand_at(at):
            return reading.named(at)
        following = reading.before_noun(at, first=at == start)
        if following is None:
            return None
        at = following
    return None


class _Reading:
    """What stands before a noun, gathered chunk by chunk."""

    def __init__(self, chunks: Sequence[Chunk], motion_first: bool) -> None:
        self.chunks = chunks
        self.motion_first = motion_first
        self.noun = Noun()
        self.events: list[EventPart] = []
        self.adjectives: list[Chunk] = []
        self.worn: list[tuple[list[str], Chunk, At]] = []
        self.manner: Manner = ""
        self.runs = False

    def before_noun(self, at: int, *, first: bool) -> int | None:
        """Take one chunk before the noun; returns the next place, or None when it cannot be one."""
        chunk, noun = self.chunks[at], self.noun
        if chunk.tag == "DET":
            noun.determiner = noun.determiner or chunk.words[0]
            self.motion_first = True
        elif chunk.tag == "COUNT":
            if int(chunk.value) > noun.count:
                noun.count, noun.count_at = int(chunk.value), chunk.at
        elif chunk.tag == "COLOUR":
            return self._colour(at)
        elif chunk.tag in ("KNOWN", "WORD", "BRAND"):
            self.adjectives.append(chunk)
        elif chunk.tag == "QUOTE":
            noun.look(chunk.value, at=chunk.at)
        elif (chunk.tag == "ALONE" and len(chunk.words) == 1 and chunk.value and not first) or (
            chunk.tag == "ALONE" and chunk.words[0] in ("lone", "lonely", "solitary")
        ):
            noun.alone = True
        elif chunk.tag == "MANNER" and self.motion_first and not noun.colours:
            self.manner = _manner(chunk.value)
        elif chunk.tag == "EVENT" and self.motion_first:
            self.runs = self.runs or chunk.words[0] == "running"
            self.events += events_of(chunk, self.manner, before_noun=True)
            self.manner = ""
        elif first or not self._joins(at):
            return None
        return at + 1

    def _colour(self, at: int) -> int:
        colours, end = colours_at(self.chunks, at)
        where = hull([c.at for c in self.chunks[at:end]])
        worn = end < len(self.chunks) and self.chunks[end].tag == "KNOWN"
        if worn and self.chunks[end].value in GARMENTS:  # "blue jacket man"
            self.worn.append((colours, self.chunks[end], where))
            return end + 1
        self.noun.colour(colours, at=where)
        return end

    def _joins(self, at: int) -> bool:
        """Whether a filler, comma or "and" stands between two words about the same noun."""
        chunk = self.chunks[at]
        if chunk.tag in ("SKIP", "PREP") and chunk.words[0] in _FILLERS:
            return True
        following = self.chunks[at + 1].tag if at + 1 < len(self.chunks) else ""
        joins = chunk.tag == "COMMA" or chunk.words == ("and",)
        tags = ("KNOWN", "COLOUR", "WORD")
        return joins and self.chunks[at - 1].tag in tags and following in tags

    def brand_at(self, at: int) -> bool:
        """Whether a maker's name stands for the vehicle itself: "a white Ford turning left"."""
        if self.chunks[at].tag != "BRAND" or not self.chunks[at].role:
            return False
        after = at + 1
        while after < len(self.chunks) and self.chunks[after].tag in ("KNOWN", "WORD", "BRAND"):
            after += 1
        return after >= len(self.chunks) or self.chunks[after].tag != "CLASS"

    def named(self, at: int) -> NounPhrase:
        """The phrase whose noun stands here."""
        noun, chunk = self.noun, self.chunks[at]
        if chunk.tag == "BRAND":
            end = at + 1
            if self.chunks[end : end + 1] and self.chunks[end].tag == "WORD":
                end += 1
            self.adjectives += self.chunks[at:end]
            noun.classes, noun.named = [chunk.role], True
        else:
            end = _classes(self.chunks, at, noun)
        noun.classes_at = hull([c.at for c in self.chunks[at:end]])
        events = self.events
        if self.runs and noun.on_legs:
            events = [replace(e, kind="fast") if e.kind == "moving" else e for e in events]
        if self.manner in ("slowly", "fast"):
            events = [*events, EventPart("slow" if self.manner == "slowly" else "fast")]
        for colours, garment, where in self.worn:
            if noun.of_person:
                noun.colour(colours, on=garment.value, at=hull([where, garment.at]))
            else:
                noun.colour(colours, at=where)
                self.adjectives.append(garment)
        words = [word for c in self.adjectives for word in _adjective(c)]
        where = hull([c.at for c in self.adjectives])
        noun.look(look_text(words), at=where)
        unknown = tuple(c.value for c in self.adjectives if c.tag == "WORD")
        return NounPhrase(noun, tuple(events), end, unknown)


def _adjective(chunk: Chunk) -> tuple[str, ...]:
    return chunk.words if chunk.tag == "KNOWN" else (chunk.value,)


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
        if not said_or and (kinds := _listed_kinds(chunks, at)):
            joint = kinds
        elif not said_or or joint >= len(chunks) or chunks[joint].tag != "CLASS":
            break
        if chunks[joint].value and chunks[joint].value not in noun.classes:
            noun.classes.append(chunks[joint].value)
        at = joint + 1
    return at


def _listed_kinds(chunks: Sequence[Chunk], at: int) -> int:
    """Where the next kind of a list stands, or 0: "cars, vans and trucks" are any of these."""
    joint = at
    while joint < len(chunks) and (chunks[joint].tag == "COMMA" or chunks[joint].words == ("and",)):
        joint += 1
    if joint == at or joint >= len(chunks):
        return 0
    return joint if _is_plural(chunks[at - 1]) and _is_plural(chunks[joint]) else 0


def _is_plural(chunk: Chunk) -> bool:
    many = chunk.role == "plural" or (chunk.words or ("",))[-1] in _IRREGULAR_PLURALS
    return chunk.tag == "CLASS" and many


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
        if "person" not in CLASS_WORDS[last].exact:
            noun.look(last)


def garment_colours(
    chunks: Sequence[Chunk], *, any_word: bool = False
) -> list[tuple[list[str], str, At]] | None:
    """Colours, the garments that have them, and where; None when the words say anything else.

    any_word: after "wearing" whatever has a colour is a garment, known or not.
    """
    found: list[tuple[list[str], str, At]] = []
    at = 0
    while at < len(chunks):
        if (
            chunks[at].tag == "DET"
            or chunks[at].value == "and"
            or chunks[at].words == ("something",)
        ):
            at += 1
            continue
        if chunks[at].value in GARMENTS and _coloured_after(chunks, at):  # "in coat blue"
            colours, end = colours_at(chunks, at + 1)
            place = hull([chunk.at for chunk in chunks[at:end]])
            found.append((colours, chunks[at].value, place))
            at = end
            continue
        first = at
        while at < len(chunks) and chunks[at].tag == "KNOWN" and chunks[at].value not in GARMENTS:
            at += 1
        adjectives = [word for chunk in chunks[first:at] for word in chunk.words]
        if at >= len(chunks) or chunks[at].tag != "COLOUR":
            return None
        colours, at = colours_at(chunks, at)
        start = at
        while at < len(chunks) and (
            chunks[at].value in GARMENTS or (any_word and chunks[at].tag in ("KNOWN", "WORD"))
        ):
            at += 1
        garment = " ".join(
            (*adjectives, *(word for chunk in chunks[start:at] for word in chunk.words))
        )
        found.append((colours, garment, hull([chunk.at for chunk in chunks[first:at]])))
    return found


def _coloured_after(chunks: Sequence[Chunk], at: int) -> bool:
    """Whether a garment has its colour behind it, as in many languages."""
    if at + 1 >= len(chunks) or chunks[at + 1].tag != "COLOUR":
        return False
    end = colours_at(chunks, at + 1)[1]
    return end >= len(chunks) or chunks[end].tag != "KNOWN"


def events_of(chunk: Chunk, manner: Manner = "", *, before_noun: bool = False) -> list[EventPart]:
    """The events a chunk names, done in this manner."""
    return [
        _event(chunk, kind, _manner(chunk.manner) or manner, before_noun=before_noun)
        for kind in chunk.value.split("+")
    ]


def _event(chunk: Chunk, kind: str, manner: Manner, *, before_noun: bool) -> EventPart:
    if before_noun and chunk.words == ("stopped",):
        kind = "stationary"
    if kind == "moving" and manner in ("slowly", "fast"):
        return EventPart("slow" if manner == "slowly" else "fast", at=chunk.at)
    if kind in ("slow", "fast", "moving"):
        manner = ""
    return EventPart(kind, manner=manner, at=chunk.at)


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
