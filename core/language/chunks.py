"""Pieces of a sentence with one meaning each, and words whose meaning their neighbours decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.language.words import At, listed


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a sentence with one meaning; `value` depends on the tag, words as written.

    at: its characters in the typed text. span: bounds in seconds of a phrase of time.
    """

    tag: str
    value: str
    words: tuple[str, ...]
    manner: str = ""
    role: str = ""
    span: tuple[float | None, float | None] = (None, None)
    at: At = field(default=(0, 0), compare=False)


_BEING = tuple((word,) for word in listed("be is are was were being been gets got"))
_SUFFERED = tuple(
    (word,) for word in listed("overtaken followed passed chased tailed pursued trailed shadowed")
)
_OF_PLACES = frozenset(listed("busy quiet empty crowded deserted wide narrow wet"))
_BEFORE_NOUNS = frozenset({"DET", "COLOUR", "COUNT", "KNOWN", "BRAND"})


def in_context(chunks: Sequence[Chunk], at: int) -> Chunk:
    """The chunk at a place, its words a noun or a verb by what stands around them."""
    chunk = chunks[at]
    before = chunks[at - 1] if at else None
    after = chunks[at + 1] if at + 1 < len(chunks) else None
    if chunk.words in (("pick", "up"), ("pick", "ups")):
        starts = before is None or before.tag in ("COMMA", "STOP", "LINK", "NOT")
        if (before is not None and before.tag in _BEFORE_NOUNS) or (
            starts and (after is None or after.tag not in ("DET", "CLASS", "COUNT"))
        ):
            return replace(chunk, tag="CLASS", value="pickup", role="")
    if chunk.tag == "COUNT" and before is not None and before.words == ("more", "than"):
        return replace(chunk, value=str(int(chunk.value) + 1))
    if chunk.words[:1] in (("has",), ("have",), ("had",)) and all(
        c.tag in ("SKIP", "LINK") for c in chunks[:at]
    ):
        return replace(chunk, tag="SKIP")
    starts = all(c.tag in ("SKIP", "LINK") for c in chunks[:at])
    if chunk.words == ("pull", "up") and starts and after is not None and after.tag == "DET":
        return replace(chunk, tag="SKIP")  # "could you pull up every moment when ..."
    if (
        "+" in chunk.value
        and chunk.words[-1] == "right"
        and after is not None
        and (after.words == ("after",))
    ):
        return replace(chunk, value=chunk.value.split("+")[0])  # "exits the frame right after"
    if chunk.words == ("the", "other") and not (before is not None and before.tag == "RELATION"):
        return replace(chunk, tag="DET")
    if chunk.words == ("the", "other") and after is not None and after.tag in ("CLASS", "COLOUR"):
        return replace(chunk, tag="DET")
    noun = after is None or after.tag not in ("DET", "CLASS", "COLOUR", "PLACE")
    if (
        chunk.words == ("crossing",)
        and before is not None
        and noun
        and (before.tag == "DET" or (before.tag == "KNOWN" and before.value in _OF_PLACES))
    ):
        return replace(chunk, tag="PLACE", value="crossing")
    if chunk.words in (("ridden", "by"), ("driven", "by")):
        return replace(chunk, tag="FREE", value="by")
    passive = before is not None and before.words[-1:] in _BEING
    if passive and chunk.tag == "RELATION" and chunk.words in _SUFFERED:
        return replace(chunk, role="object")
    if chunk.words == ("walked", "by") and passive:
        return replace(chunk, tag="RELATION", value="with", role="subject")
    if chunk.words == ("left",) and chunk.tag == "WORD" and _is_verb(chunks, at):
        return replace(chunk, tag="EVENT", value="exit")
    return chunk


def _is_verb(chunks: Sequence[Chunk], at: int) -> bool:
    """Whether "left" says that something went away: "the bus left", "a car that left the stop"."""
    before = chunks[at - 1] if at else None
    after = chunks[at + 1] if at + 1 < len(chunks) else None
    if before is None and after is not None and after.tag == "DET":
        return True
    if before is None or (after is not None and after.tag in ("CLASS", "COLOUR", "WORD", "KNOWN")):
        return False
    goes = before.words in (
        ("that",),
        ("which",),
        ("who",),
        ("just",),
        ("has",),
        ("have",),
        ("had",),
    )
    goes = goes or before.words in (
        ("already",),
        ("never",),
        ("not",),
        ("it",),
        ("he",),
        ("she",),
        ("they",),
    )
    if before.tag == "LINK" and before.value in ("then", "and"):  # "stopped and then left"
        said = [chunk for chunk in chunks[:at] if chunk.tag == "EVENT"]
        past = bool(said) and said[-1].words[-1].endswith("ed")
        return past and not said[-1].value.startswith("turn")
    return before.tag == "CLASS" or goes
