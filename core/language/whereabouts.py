"""Where something happens: phrases of place, with nouns that no lexicon knows as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.language.chunks import Chunk
from core.language.surroundings import GARMENTS
from core.language.words import hull, listed

_AT = frozenset(
    listed("at to into from by past through outside inside towards toward onto around across off")
)
_BESIDE = frozenset(
    {("next", "to"), ("opposite",), ("opposite", "to"), ("in", "front", "of"), ("behind",)}
    | {("beside",), ("near",), ("near", "to"), ("close", "to"), ("by", "the", "side", "of")}
    | {("right", "outside"), ("alongside",), ("nearby",), ("front", "of"), ("besides",)}
)
_GROUNDS = frozenset(
    {"entrance", "exit", "gate", "car park", "parking lot", "yard", "corner", "driveway", "lot"}
    | {"forecourt", "garage", "doorway", "steps", "door", "building", "platform", "barrier"}
    | {"fence", "wall", "stairs", "hall", "box"}
    | {"bridge", "roundabout", "lane", "road", "street", "crossing", "junction", "parking"}
)
UNKNOWN = "unknown"
"""The role of a place whose noun no lexicon has."""
_NUMBERED = frozenset(
    listed("gate platform lane dock bay entrance exit door building house camera")
)
_SOME = frozenset({("a",), ("an",), ("another",), ("some",)})
_REACHES = ("approach", "leav", "left", "enter", "exit", "reach")
_DESCRIBING = frozenset({"KNOWN", "COLOUR", "WORD"})
_NO_PLACES = frozenset(
    listed(
        "angle moment time speed pace rate point start beginning wheel once instant phone map same "
        "left right other others way direction roof bed back front side sides top bottom rear door "
        "doors bonnet hood boot trunk head shoulder shoulders hand hands arm arms lap seat hair "
        "chest leash lead stick crutches knees foot feet leg legs wheels window windows body "
        "plate face eyes ear ears motion circle circles line row pair pairs style colour color "
        "while bit hurry panic rush lot camera viewer number logo sign sky ground"
    )
)
_TOLD_TO = (
    "look", "point", "wav", "star", "shout", "talk", "speak", "listen", "throw", "belong", "simil",
    "hold", "gaz", "glanc", "facing", "attach", "tied", "lean",
)  # fmt: skip


def placed(chunks: Sequence[Chunk]) -> list[Chunk]:
    """The chunks, with each phrase of place as one: "outside the old bakery", "by the red house".

    A noun that is neither an object nor worn is a place after a preposition of place and an
    article; after "in" or "on" only right behind a word of motion, as "in the bed" of a pickup is
    none. Two places in a row are one: "hospital entrance".
    """
    found: list[Chunk] = []
    at = 0
    while at < len(chunks):
        end = _end(chunks, at, found[-1] if found else None)
        if end > at + 1:
            found += [chunks[at]] if _goes(chunks[at]) else []
            at, place = end, _place(chunks, at, end)
            found.append(place)
            continue
        last = found[-1] if found else None
        if last is not None and last.tag == "PLACE" and _is_number_of(chunks, at, last):
            value = f"{last.value} {chunks[at].value}"
            words = (*last.words, *chunks[at].words)
            found[-1] = replace(last, value=value, words=words, at=hull([last.at, chunks[at].at]))
            at += 1
            continue
        bare = chunks[at].tag == "PLACE" and " ".join(chunks[at].words) == chunks[at].value
        if last is not None and last.tag == "PLACE" and bare and chunks[at].value in _GROUNDS:
            value = f"{last.value} {chunks[at].value}"
            words = (*last.words, *chunks[at].words)
            found[-1] = Chunk("PLACE", value, words, at=hull([last.at, chunks[at].at]))
        else:
            found.append(chunks[at])
        at += 1
    return found


def _is_number_of(chunks: Sequence[Chunk], at: int, place: Chunk) -> bool:
    """Whether a number belongs to the place before it: "gate 4"."""
    following = chunks[at + 1].tag if at + 1 < len(chunks) else ""
    digits = chunks[at].tag == "COUNT" and chunks[at].words[0].isdecimal()
    numbered = place.value.split()[-1] in _NUMBERED
    return digits and numbered and following not in ("CLASS", "COLOUR", "KNOWN", "WORD", "BRAND")


def _goes(chunk: Chunk) -> bool:
    """Whether words that lead to a place also say a motion: "coming out of", "running past"."""
    return chunk.tag == "EVENT" or (chunk.tag == "RELATION" and chunk.value == "pass")


def _place(chunks: Sequence[Chunk], at: int, end: int) -> Chunk:
    noun = chunks[at + 1 + (chunks[at + 1].tag == "DET") : end]
    at += _goes(chunks[at])
    value = " ".join(word for chunk in noun for word in _said(chunk))
    words = tuple(word for chunk in chunks[at:end] for word in chunk.words)
    role = UNKNOWN if noun[-1].tag == "WORD" else ""
    return Chunk("PLACE", value, words, role=role, at=hull([c.at for c in chunks[at:end]]))


def _said(chunk: Chunk) -> tuple[str, ...]:
    """Its words; those of an unknown word as mended."""
    return (chunk.value,) if chunk.tag == "WORD" else chunk.words


def _end(chunks: Sequence[Chunk], at: int, before: Chunk | None) -> int:
    """Where the phrase of place that starts here ends; the place itself where none does."""
    start = at + 1
    if start < len(chunks) and chunks[start].tag == "DET" and len(chunks[start].words) == 1:
        start += 1
    elif chunks[at].words not in _BESIDE and chunks[at].words != ("at",):
        return at
    end = start
    while end < len(chunks) and chunks[end].tag in _DESCRIBING:
        end += 1
    following = chunks[end] if end < len(chunks) else None
    if any(chunk.value in GARMENTS for chunk in chunks[start:end]):
        return at
    if following is not None and following.tag == "PLACE":
        bare = " ".join(following.words) == following.value
        return end + 1 if bare and _leads(chunks[at], before, place=True) else at
    last = chunks[end - 1]
    beside = chunks[at].tag == "RELATION" and last.value in _GROUNDS
    if end == start or last.tag == "COLOUR" or (last.value in _NO_PLACES and not beside):
        return at
    if following is not None and following.tag in ("CLASS", "BRAND", "COUNT", "QUOTE"):
        return at
    if following is not None and following.words[:1] == ("of",):
        return at
    some = chunks[at].tag == "RELATION" and chunks[start - 1].words in _SOME
    named = (last.tag == "WORD" and not some) or last.value in _GROUNDS
    return end if _leads(chunks[at], before, place=named) else at


def _leads(chunk: Chunk, before: Chunk | None, *, place: bool) -> bool:
    """Whether a place follows this preposition.

    place: whether its noun is a known one, or a word that is known as nothing else.
    """
    told = before is not None and before.words[:1] != () and before.words[-1].startswith(_TOLD_TO)
    if chunk.tag == "PREP":
        return chunk.words[0] in _AT and not told
    if _goes(chunk):
        leads = chunk.words[-1] in _AT or chunk.words[-1] == "of"
        return place and (leads or chunk.words[0].startswith(_REACHES))
    if chunk.tag == "RELATION":
        return chunk.words in _BESIDE and place
    if chunk.tag == "FREE" and chunk.words in (("in",), ("on",)):
        return before is not None and before.tag in ("EVENT", "MANNER", "DURATION")
    return False
