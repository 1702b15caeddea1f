"""Who is spoken of: labels before a colon, drivers of what they drive, objects named later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.language.chunks import Chunk
from core.language.lexicon import CLASS_WORDS, VEHICLES

_AT_THE_WHEEL = frozenset({"driver", "drivers", "motorist", "motorists", "chauffeur", "owner"})
_SUBJECTS: dict[tuple[str, ...], str] = {
    ("he",): "man",
    ("she",): "woman",
    ("it",): "",
    ("they",): "",
}
_BEFORE_NOUN = frozenset({"DET", "COLOUR", "KNOWN", "WORD", "COUNT", "BRAND"})
_NO_LABEL = frozenset({"EVENT", "RELATION", "WINDOW", "DURATION"})


def referred(chunks: Sequence[Chunk]) -> list[Chunk]:
    """The chunks of a sentence, with the object that they speak of where it can be read."""
    return _named_first(_driven(_unlabelled(chunks)))


def _unlabelled(chunks: Sequence[Chunk]) -> list[Chunk]:
    """Without a heading: "Suspect vehicle: dark grey hatchback", "Street scene: a bus stops".

    A heading goes where an object follows it, and leaves its colours when the object has none.
    """
    found = list(chunks)
    colon = next((k for k, chunk in enumerate(found) if chunk.value == ":"), None)
    if colon is None or any(chunk.tag in _NO_LABEL for chunk in found[:colon]):
        return found
    noun = colon + 1
    while noun < len(found) and found[noun].tag in _BEFORE_NOUN:
        noun += 1
    if noun >= len(found) or found[noun].tag != "CLASS":
        return found
    coloured = any(chunk.tag == "COLOUR" for chunk in found[colon:noun])
    kept = [] if coloured else [chunk for chunk in found[:colon] if chunk.tag == "COLOUR"]
    return [*kept, *found[colon + 1 :]]


def _driven(chunks: Sequence[Chunk]) -> list[Chunk]:
    """A driver is seen as what is driven: "the driver of the silver coupe" is the coupe."""
    found: list[Chunk] = []
    at = 0
    while at < len(chunks):
        wheel = chunks[at].tag == "CLASS" and chunks[at].words[-1] in _AT_THE_WHEEL
        joint = chunks[at + 1].words if at + 1 < len(chunks) else ()
        noun = at + 2
        while noun < len(chunks) and chunks[noun].tag in _BEFORE_NOUN:
            noun += 1
        if (
            wheel
            and joint in (("of",), ("in",), ("inside",))
            and noun < len(chunks)
            and _is_vehicle(chunks[noun])
        ):
            while found and found[-1].tag == "DET":
                found.pop()
            at += 2
            continue
        found.append(chunks[at])
        at += 1
    return found


def _is_vehicle(chunk: Chunk) -> bool:
    if chunk.tag != "CLASS" or not chunk.value:
        return False
    return bool(set(CLASS_WORDS[chunk.value].exact) & set(VEHICLES))


def _named_first(chunks: Sequence[Chunk]) -> list[Chunk]:
    """The object before the pronoun that stands for it: "first it stopped, then the bus left"."""
    found = list(chunks)
    first = next((k for k, c in enumerate(found) if c.tag == "SKIP" and c.words in _SUBJECTS), None)
    if first is None or any(c.tag in ("CLASS", "BRAND", "COLOUR") for c in found[:first]):
        return found
    named = next((k for k in range(first, len(found)) if found[k].tag == "CLASS"), None)
    start = named
    while start is not None and start > first and found[start - 1].tag in _BEFORE_NOUN:
        start -= 1
    told = start is not None and any(c.tag == "EVENT" for c in found[first:start])
    if (
        named is not None
        and start is not None
        and told
        and found[start].words == ("the",)
        and found[start - 1].tag in ("LINK", "COMMA", "STOP")
        and named + 1 < len(found)
        and found[named + 1].tag in ("EVENT", "SKIP", "MANNER", "VERB")
    ):
        noun = found[start : named + 1]
        return [*found[:first], *noun, *found[first + 1 : start], *found[named + 1 :]]
    name = _SUBJECTS[found[first].words]
    if name:
        found[first] = replace(found[first], tag="CLASS", value=name)
    return found
