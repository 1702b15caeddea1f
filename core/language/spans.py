"""Times, durations and speeds in a sentence: "for at least 5 s", "after 1:20", "at 30 mph"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.language.words import NUMBER_WORDS, Token, listed, number_of, seconds_of

_UNITS = {
    **dict.fromkeys(listed("s sec secs second seconds"), 1.0),
    **dict.fromkeys(listed("m min mins minute minutes"), 60.0),
    **dict.fromkeys(listed("h hr hrs hour hours"), 3600.0),
}
_SPEEDS = {"kmh": "km/h", "mph": "mph", "mps": "m/s", "knots": "knots"}


_SECONDS = ("s", "sec", "secs", "second", "seconds")


def _options(*phrases: str) -> tuple[tuple[str, ...], ...]:
    longest_first = sorted(phrases, key=lambda words: -len(words.split()))
    return tuple(tuple(words.split()) for words in longest_first)


_AT_LEAST = _options(
    "at least", "more than", "longer than", "over", "minimum", "a minimum of", "no less than",
    "not less than", "upwards of", "above", "at the very least", "in excess of", "beyond",
    "exceeding", "a period of", "a period of more than", "longer then", "more then",
    "longer as", "more as", "well over", "at minimum", "no shorter than", "not under", "min",
    "the minimum", "like over", "like more than", "like at least",
    "a period of at least", "a period exceeding",
)  # fmt: skip
_AT_MOST = _options(
    "at most", "less than", "shorter than", "under", "up to", "no more than", "no longer than",
    "not more than", "not longer than", "a maximum of", "maximum", "below", "fewer than",
    "less then", "shorter then", "less as", "shorter as", "not over", "max", "no longer then",
    "at maximum", "like under",
)  # fmt: skip
_ABOUT = _options(
    "about", "around", "roughly", "some", "approximately", "nearly", "almost", "exactly", "the",
    "a full", "full", "a good", "just", "like", "maybe", "well", "already", "ca", "circa",
)  # fmt: skip
_LIMITS = (*_AT_LEAST, *_AT_MOST)
_FIRST = _options(
    "in the first", "during the first", "within the first", "in first", "over the first",
    "for the first", "the first", "in the opening",
)  # fmt: skip
_BETWEEN = _options("between", "from", "in between")
_AFTER = _options("after", "later than", "past", "since", "not before", "no earlier than")
_BEFORE = _options("before", "until", "till", "by", "earlier than", "prior to", "no later than")
_AT = _options("at", "around", "about", "at about", "at around", "at time", "at exactly")
_VAGUE = (
    (_options("for a long time", "for a long while", "for ages", "for quite a while",
              "for some time", "a long time", "for a very long time"), (10.0, None)),
    (_options("for a while", "for a bit", "for a few seconds", "for several seconds",
              "for some seconds"), (3.0, None)),
    (_options("briefly", "for a moment", "momentarily", "for a short time", "for a short while",
              "for a second", "for an instant"), (None, 3.0)),
)  # fmt: skip
_AT_START = _options(
    "at the start of the video", "at the beginning of the video", "at the very beginning",
    "at the start of the clip", "at the beginning of the clip", "at the start of the footage",
    "at the very start", "in the beginning", "at the beginning", "at the start",
)  # fmt: skip
_SAID_BEFORE_SPEED = listed(
    "at over above under below about around the more than faster slower less with doing"
)
_OPENING = frozenset(
    [option[0] for options, _ in _VAGUE for option in options]
    + [
        option[0]
        for group in (_AT_LEAST, _AT_MOST, _ABOUT, _FIRST, _BETWEEN, _AFTER, _BEFORE, _AT)
        for option in group
    ]
    + [option[0] for option in _AT_START]
    + listed("for within lasting last final during since from half a an")
    + _SAID_BEFORE_SPEED
    + list(NUMBER_WORDS)
)
WORDS = frozenset((*_UNITS, *_SPEEDS, *_OPENING))
"""Words that are right as they are, because they tell a time."""
_START_S = 10.0
_AROUND_S = 3.0


@dataclass(frozen=True, slots=True)
class Span:
    """A phrase of time: its tag and value as a chunk has them, its words, its bounds in seconds."""

    tag: str
    value: str
    words: tuple[str, ...]
    span: tuple[float | None, float | None]


def timed(sentence: Sequence[Token], at: int) -> Span | None:
    """The phrase of time or speed that starts at a place, or None."""
    token = sentence[at]
    if token.kind == "word" and token.text not in _OPENING:
        return None
    return window(sentence, at) or duration(sentence, at) or speed(sentence, at)


def _starts(sentence: Sequence[Token], at: int, options: Iterable[tuple[str, ...]]) -> int:
    for option in options:
        if tuple(t.text for t in sentence[at : at + len(option)]) == option:
            return len(option)
    return 0


def _word(sentence: Sequence[Token], at: int) -> str:
    return sentence[at].text if at < len(sentence) else ""


def _seconds(sentence: Sequence[Token], at: int) -> tuple[float, int] | None:
    """A time at this place as (seconds, tokens used): 1:20, 5 s, 1 m 20 s, ten seconds."""
    if at >= len(sentence):
        return None
    if sentence[at].kind == "clock":
        return seconds_of(sentence[at].text), 1
    total, end, last = 0.0, at, 0.0
    while end < len(sentence):
        if (
            end > at
            and _word(sentence, end) == "and"
            and last == 60.0
            and _word(sentence, end + 2) in _SECONDS
        ):  # "1 minute and 20 s"
            end += 1
        value = number_of(sentence[end])
        if value is None and _word(sentence, end) in ("minute", "second") and end == at:
            number = number_of(sentence[end + 1]) if end + 1 < len(sentence) else None
            return None if number is None else (number * _UNITS[sentence[end].text], 2)
        if value is None:
            break
        after = end + 1
        if sentence[end].text == "half" and _word(sentence, after) in ("a", "an"):
            after += 1
        elif sentence[end].text in ("a", "an") and _word(sentence, after) == "half":
            value, after = 0.5, after + 1
        elif sentence[end].text == "a" and _word(sentence, after) in ("couple", "few"):
            value = 2.0 if _word(sentence, after) == "couple" else 3.0
            after += 2 if _word(sentence, after + 1) == "of" else 1
        unit = _UNITS.get(_word(sentence, after))
        if unit is None or (end > at and sentence[end].kind != "number"):
            break
        total, end, last = total + value * unit, after + 1, unit
        if unit == 60.0:
            extra, used = _half_or_seconds(sentence, end)
            total, end = total + extra, end + used
    return (total, end - at) if end > at else None


def _half_or_seconds(sentence: Sequence[Token], at: int) -> tuple[float, int]:
    """Seconds after minutes: "a minute and a half", "1 min 30"."""
    if _starts(sentence, at, _options("and a half")):
        return 30.0, 3
    bare = at < len(sentence) and sentence[at].kind == "number"
    if bare and _word(sentence, at + 1) not in _UNITS and len(sentence[at].text) == 2:
        return float(sentence[at].text), 1
    return 0.0, 0


def _two_times(sentence: Sequence[Token], at: int) -> tuple[float, float, int] | None:
    """Two times joined by "and" or "to", the first of which may lack its unit: "5 to 10 s"."""
    first = _seconds(sentence, at)
    if first is None and (value := number_of(sentence[at]) if at < len(sentence) else None):
        second = _seconds(sentence, at + 2)
        if second is None or _word(sentence, at + 1) not in ("and", "to"):
            return None
        unit = _UNITS.get(_word(sentence, at + 1 + second[1]))
        return None if unit is None else (value * unit, second[0], 2 + second[1])
    if first is None or _word(sentence, at + first[1]) not in ("and", "to", "until", "till"):
        return None
    second = _seconds(sentence, at + first[1] + 1)
    return None if second is None else (first[0], second[0], first[1] + 1 + second[1])


def _span(
    tag: str,
    value: str,
    sentence: Sequence[Token],
    ends: tuple[int, int],
    bounds: tuple[float | None, float | None],
) -> Span:
    return Span(tag, value, tuple(t.text for t in sentence[ends[0] : ends[1]]), bounds)


def duration(sentence: Sequence[Token], at: int) -> Span | None:
    """[for] [at least | at most | about] N seconds; "N s later"; "at most N s apart"."""
    start = at
    for options, bounds in _VAGUE:
        if length := _starts(sentence, at, options):
            return _span("DURATION", "", sentence, (at, at + length), bounds)
    within = _word(sentence, at) == "within"
    limited = _word(sentence, at) == "from" and _starts(sentence, at + 1, _LIMITS) > 0
    if limited or _word(sentence, at) in ("for", "within", "lasting", "since", "during"):
        at += 1
    limit = "max" if within else "min"
    ranged = _word(sentence, at) == "between"
    at += ranged
    two = _two_times(sentence, at) if at < len(sentence) and sentence[at].kind != "clock" else None
    if two is not None and (ranged or "to" in [t.text for t in sentence[at : at + two[2]]]):
        ends = (start, at + two[2])
        return _span("DURATION", "", sentence, ends, (min(two[:2]), max(two[:2])))
    if length := _starts(sentence, at, _AT_LEAST):
        at += length
    elif length := _starts(sentence, at, _AT_MOST):
        at, limit = at + length, "max"
    else:
        at += _starts(sentence, at, _ABOUT)
    span = _seconds(sentence, at)
    if span is None or sentence[at].kind == "clock":
        return None
    end = at + span[1]
    for more, bound in (("or more", "min"), ("or longer", "min"), ("or less", "max"),
                        ("plus", "min"), ("or shorter", "max"), ("and more", "min"),
                        ("minimum", "min"), ("maximum", "max")):  # fmt: skip
        if length := _starts(sentence, end, (tuple(more.split()),)):
            end, limit = end + length, bound
    if _word(sentence, end) in ("later", "afterwards", "apart", "after") and (
        _word(sentence, end) != "after" or _word(sentence, end + 1) in ("that", "this")
    ):
        tag = "APART" if _word(sentence, end) == "apart" else "LATER"
        end += 2 if _word(sentence, end) == "after" else 1
        return _span(tag, "", sentence, (start, end), (None, span[0]))
    if _word(sentence, end) == "long":
        end += 1
    if within and _word(sentence, end) in ("of", "after"):
        return _span("WITHIN", "", sentence, (start, end), (None, span[0]))
    tag = "WITHIN" if within else "DURATION"
    bounds = (span[0], None) if limit == "min" else (None, span[0])
    return _span(tag, limit, sentence, (start, end), bounds)


def window(sentence: Sequence[Token], at: int) -> Span | None:
    """After T | before T | between T and T | at T | in the first N seconds | at the beginning."""
    start = at
    bounds: tuple[float | None, float | None]
    if length := _starts(sentence, at, _AT_START):
        return _span("WINDOW", "", sentence, (at, at + length), (0.0, _START_S))
    if rare := _time_of_day(sentence, at) or _last(sentence, at) or _nth_minute(sentence, at):
        return rare
    if (length := _starts(sentence, at, _FIRST)) and (first := _first(sentence, at + length)):
        return _span("WINDOW", "", sentence, (at, at + length + first[1]), (None, _whole(first[0])))
    length = _starts(sentence, at, _BETWEEN)
    two = _two_times(sentence, at + length) if length or sentence[at].kind == "clock" else None
    if two is not None:
        bounds = (_whole(min(two[:2])), _whole(max(two[:2])))
        return _span("WINDOW", "", sentence, (start, at + length + two[2]), bounds)
    clock_next = _word(sentence, at) == "from"
    for options, side in ((_AFTER, "after"), (_BEFORE, "before"), (_AT, "at")):
        length = _starts(sentence, at, options)
        if clock_next:
            length, side = 1, "after"
        skip = 1 if length and _word(sentence, at + length) in ("the", "minute", "second") else 0
        time = _seconds(sentence, at + length + skip) if length else None
        if time is None:
            continue
        if (
            side != "at"
            and sentence[at].text in ("past", "by", "since")
            and (sentence[at + length].kind != "clock")
        ):
            continue  # "waiting since 10 seconds" tells how long
        end = at + length + skip + time[1]
        end += _starts(sentence, end, _options("mark", "in", "on", "onwards", "into the video"))
        if side == "at":
            bounds = (_whole(max(0.0, time[0] - _AROUND_S)), _whole(time[0] + _AROUND_S))
        else:
            bounds = (_whole(time[0]), None) if side == "after" else (None, _whole(time[0]))
        return _span("WINDOW", "", sentence, (start, end), bounds)
    return None


def _first(sentence: Sequence[Token], at: int) -> tuple[float, int] | None:
    if unit := _UNITS.get(_word(sentence, at)):
        return unit, 1
    if _word(sentence, at) == "half" and (unit := _UNITS.get(_word(sentence, at + 1))):
        return 0.5 * unit, 2
    return _seconds(sentence, at)


def _time_of_day(sentence: Sequence[Token], at: int) -> Span | None:
    """A time on the clock, which no video here knows: "at 10:30 pm"."""
    start = at
    while _word(sentence, at) in ("at", "around", "about", "the", "after", "before"):
        at += 1
    if at >= len(sentence) or sentence[at].kind not in ("clock", "number"):
        return None
    half = _word(sentence, at + 1)
    if half not in ("am", "pm", "oclock"):
        return None
    return _span("PLACE", f"{sentence[at].text} {half}", sentence, (start, at + 2), (None, None))


def _last(sentence: Sequence[Token], at: int) -> Span | None:
    """A time told from the end, which nothing here measures: "in the last 10 seconds"."""
    start = at
    while _word(sentence, at) in ("at", "in", "during", "within", "over", "the"):
        at += 1
    if _word(sentence, at) not in ("last", "final"):
        return None
    time = _first(sentence, at + 1)
    if time is None:
        return None
    value = f"last {time[0]:g} s"
    return _span("PLACE", value, sentence, (start, at + 1 + time[1]), (None, None))


def _nth_minute(sentence: Sequence[Token], at: int) -> Span | None:
    """One minute of the video: "in minute 3" starts at 3:00."""
    start = at
    while _word(sentence, at) in ("at", "in", "during", "within", "the", "around"):
        at += 1
    if at == start or _word(sentence, at) != "minute" or at + 1 >= len(sentence):
        return None
    number = number_of(sentence[at + 1]) if sentence[at + 1].kind == "number" else None
    if number is None or number > 1e4:
        return None
    bounds = (_whole(number * 60), _whole(number * 60 + 60))
    return _span("WINDOW", "", sentence, (start, at + 2), bounds)


def speed(sentence: Sequence[Token], at: int) -> Span | None:
    """A speed, which nothing here measures in such units: "faster than 50 km/h"."""
    start = at
    while _word(sentence, at) in _SAID_BEFORE_SPEED:
        at += 1
    if at >= len(sentence) or sentence[at].kind != "number":
        return None
    unit = _SPEEDS.get(_word(sentence, at + 1))
    if unit is None:
        return None
    return _span("PLACE", f"{sentence[at].text} {unit}", sentence, (start, at + 2), (None, None))


def _whole(seconds: float) -> float:
    return float(round(seconds))
