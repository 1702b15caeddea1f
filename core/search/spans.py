"""Times and durations in a sentence: "for at least 5 seconds", "after 1:20"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.search.words import Token, listed, number_of, seconds_of

_UNITS = {
    **dict.fromkeys(listed("s sec secs second seconds"), 1.0),
    **dict.fromkeys(listed("m min mins minute minutes"), 60.0),
    **dict.fromkeys(listed("h hour hours"), 3600.0),
}
_AT_LEAST = (("at", "least"), ("more", "than"), ("longer", "than"), ("over",), ("minimum",))
_AT_MOST = (("at", "most"), ("less", "than"), ("shorter", "than"), ("under",), ("up", "to"))
_BOUNDS = ("after", "before", "between", "from", "at", "until")
_FIRST = (("in", "the", "first"), ("during", "the", "first"), ("within", "the", "first"))
_ABOUT = (("about",), ("around",), ("roughly",), ("some",), ("approximately",), ("nearly",))


@dataclass(frozen=True, slots=True)
class Span:
    """A phrase of time: its tag and value as a chunk has them, its words, its bounds in seconds."""

    tag: str
    value: str
    words: tuple[str, ...]
    span: tuple[float | None, float | None]


def _starts(sentence: Sequence[Token], at: int, options: Iterable[tuple[str, ...]]) -> int:
    for option in options:
        if tuple(t.text for t in sentence[at : at + len(option)]) == option:
            return len(option)
    return 0


def _seconds(sentence: Sequence[Token], at: int) -> tuple[float, int] | None:
    """A time at this place as (seconds, tokens used): 1:20, 5 s, ten seconds, 2 minutes."""
    if at >= len(sentence):
        return None
    if sentence[at].kind == "clock":
        return seconds_of(sentence[at].text), 1
    value = number_of(sentence[at])
    if value is None or at + 1 >= len(sentence):
        return None
    after = at + 1
    if sentence[at].text == "half" and sentence[after].text in ("a", "an"):
        after += 1
    unit = _UNITS.get(sentence[after].text) if after < len(sentence) else None
    return None if unit is None else (value * unit, after + 1 - at)


def duration(sentence: Sequence[Token], at: int) -> Span | None:
    """[for] [at least | at most | about] N seconds."""
    start = at
    if sentence[at].text in ("for", "within"):
        at += 1
    limit = "max" if sentence[start].text == "within" else "min"
    if length := _starts(sentence, at, _AT_LEAST):
        at += length
    elif length := _starts(sentence, at, _AT_MOST):
        at, limit = at + length, "max"
    else:
        at += _starts(sentence, at, _ABOUT)
    span = _seconds(sentence, at)
    if span is None or (at < len(sentence) and sentence[at].kind == "clock"):
        return None
    end = at + span[1]
    words = tuple(t.text for t in sentence[start:end])
    bounds = (span[0], None) if limit == "min" else (None, span[0])
    return Span("DURATION", limit, words, bounds)


def window(sentence: Sequence[Token], at: int) -> Span | None:
    """After T | before T | between T and T | at T | in the first N seconds."""
    word = sentence[at].text
    bounds: tuple[float | None, float | None]
    if sentence[at].kind == "word" and word in _BOUNDS:
        first = _seconds(sentence, at + 1)
        if first is None:
            return None
        end = at + 1 + first[1]
        if word in ("between", "from"):
            second = _seconds(sentence, end + 1)
            if second is None or sentence[end].text not in ("and", "to", "until"):
                return None
            end += 1 + second[1]
            bounds = (min(first[0], second[0]), max(first[0], second[0]))
        elif word == "at":
            bounds = (max(0.0, first[0] - 3.0), first[0] + 3.0)
        else:
            bounds = (first[0], None) if word == "after" else (None, first[0])
    elif length := _starts(sentence, at, _FIRST):
        if sentence[at + length : at + length + 1] and (
            unit := _UNITS.get(sentence[at + length].text)
        ):
            first = (unit, 1)
        else:
            first = _seconds(sentence, at + length)
        if first is None:
            return None
        end = at + length + first[1]
        bounds = (None, first[0])
    else:
        return None
    rounded = tuple(None if bound is None else float(round(bound)) for bound in bounds)
    words = tuple(t.text for t in sentence[at:end])
    return Span("WINDOW", "", words, (rounded[0], rounded[1]))
