"""What a question gets back: moments with the evidence for each part, and what was counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.language.query import PartKind, Query


@dataclass(frozen=True, slots=True)
class Evidence:
    """The proof for one part of a question on one moment, as plain data.

    p: calibrated probability that the part holds, in [0, 1]. percentile: share of comparable
    objects in this collection that fit this part less well. known: False where too little was seen
    to tell, and p is only what is usual here; reason: why. said: what a person said of it, None
    where nobody did. before: p without what people said of this or other tracks, None where that
    made no difference. instead: what it is or does in place of a part that fails ("turning right
    69°"). other: the parts that the other object of a relation was asked for, on that object.

    proof: for looks, the crop: `video_id`, `crop_id`, `frame`, `t_s`, `box`, `crop_colours` (what
    was read from it) beside `votes`, `boxes`, `colours` of the whole track. For motion, the piece
    of the path: `t0_s`, `t1_s`, `seconds`, `frame0`, `frame1`, `points`, and what was measured
    (`degrees`, `box_lengths`, ...). For relations, the object's own piece, and for each of `others`
    its `track_id`, `class_name`, crop and piece. Box and points are shares of the picture's width
    and height, x right, y down.
    """

    part: str
    kind: PartKind
    p: float
    text: str
    proof: Mapping[str, Any] = field(default_factory=dict)
    percentile: float = 0.0
    known: bool = True
    reason: str = ""
    said: bool | None = None
    before: float | None = None
    instead: str = ""
    other: tuple[Evidence, ...] = ()

    @property
    def holds(self) -> bool:
        return self.p >= 0.5


@dataclass(frozen=True, slots=True)
class Moment:
    """A span of a video that answers, best first.

    track_ids: the object first, then those it stands in relation to; empty for a scene. score: soft
    conjunction of the parts, in [0, 1]. matches: whether it is an answer; what does not match is
    listed to show what came close, and which part it fails. also: other tracks of the same object.
    again: further spans at which the track does what was asked, in order of time.
    """

    video_id: str
    video: str
    track_ids: tuple[int, ...]
    t0_s: float
    t1_s: float
    score: float
    parts: tuple[Evidence, ...]
    matches: bool
    also: tuple[int, ...] = ()
    again: tuple[tuple[float, float], ...] = ()

    @property
    def failing(self) -> tuple[Evidence, ...]:
        return tuple(part for part in self.parts if not part.holds)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the funnel: how many objects are left when this part is asked for as well."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class Miss:
    """How many objects fail only this part, and what they do or are instead (most common first)."""

    part: str
    count: int
    instead: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Relaxation:
    """How many objects would answer without this part of the question."""

    part: str
    count: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything about one question.

    results: the ranking, empty when nothing was found. near_misses: moments that fail one part and
    are not in `results`. misses: the same, counted over the whole collection.
    relaxations: what leaving out one part would find, most first; only where nothing was found.
    untested: parts that were understood but that nothing here can measure.
    """

    query: Query
    results: tuple[Moment, ...]
    funnel: tuple[Step, ...]
    near_misses: tuple[Moment, ...]
    nothing_found: bool
    unknown_words: tuple[str, ...] = ()
    misses: tuple[Miss, ...] = ()
    untested: tuple[str, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()

    @property
    def sentence(self) -> str:
        """The outcome in one or two sentences for people."""
        if not self.nothing_found:
            found = sum(moment.matches for moment in self.results)
            return f"{found} moment{'s' if found != 1 else ''} found."
        counts = ", ".join(f"{step.text} {step.count}" for step in self.funnel)
        said = f"Nothing found ({counts})." if counts else "Nothing found."
        if not self.misses:
            return said
        miss = self.misses[0]
        instead = ", ".join(f"{words} {count}" for words, count in miss.instead)
        close = f"Closest: {miss.count} that fit all but “{miss.part}”"
        return f"{said} {close} ({instead})." if instead else f"{said} {close}."
