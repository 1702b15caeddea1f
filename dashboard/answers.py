"""Answers of the engine, kept for as long as nothing that they rest on has changed.

Turning a page, sorting and grouping look at the same answer; a question that several people ask is
searched once. What is kept is bounded, and shared by pages and routes.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from core.language.parser import parse
from core.language.query import Query
from core.library.library import Library
from core.search.answer import Answer, Moment
from core.search.filters import Filters
from dashboard.address import Asked
from dashboard.pictures import pictures
from dashboard.services import Services, services

A_PAGE = 24
MOST = 480
"""Moments of one answer that can be looked through; narrower questions lead further than more."""

_STEPS = (A_PAGE, 5 * A_PAGE, MOST)
_KEPT = 64


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and how it came about.

    took_s: of the search itself, when it was first made. whole: whether no more moments answer than
    `answer` holds.
    """

    answer: Answer
    took_s: float
    whole: bool

    @property
    def found(self) -> tuple[Moment, ...]:
        """The moments that answer, best first."""
        return tuple(moment for moment in self.answer.results if moment.matches)


class Answers:
    """Asks the engine of one library; any thread may ask."""

    def __init__(self, desk: Services) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Answered] = OrderedDict()
        self._notes: tuple[tuple[int, int], Hashable] | None = None

    def of(self, query: Query, filters: Filters, most: int = A_PAGE) -> Answered:
        """The answer with at least `most` of its moments, where it has as many.

        More moments go on where fewer ended, whatever was asked for first: what stands on a page
        stands on no other. Raises VidtrailError, as `Engine.search` does.
        """
        key = (query, query.text, filters, self._edition(self._desk.library()))
        answered = self._step(key, query, filters, _STEPS[0], None)
        for fewer, step in pairwise(_STEPS):
            if answered.whole or fewer >= most:
                break
            answered = self._step(key, query, filters, step, answered)
        return answered

    def _step(
        self, key: Hashable, query: Query, filters: Filters, most: int, before: Answered | None
    ) -> Answered:
        with self._lock:
            if (kept := self._kept.get((key, most))) is not None:
                self._kept.move_to_end((key, most))
                return kept
        engine = self._desk.engine()
        started = time.perf_counter()
        answer = engine.search(query, filters=filters, limit=most)
        took_s = time.perf_counter() - started
        matching = sum(moment.matches for moment in answer.results)
        if before is not None:
            took_s = before.took_s
            answer = replace(answer, results=_going_on(before.answer, answer))
        # Where nothing is asked, the funnel has counted all that is listed.
        listed = len(answer.funnel) == 1 and matching == answer.funnel[0].count
        answered = Answered(answer, took_s, matching < most or listed)
        with self._lock:
            self._kept[key, most] = answered
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return answered

    def _edition(self, library: Library) -> Hashable:
        """Another one whenever an answer might be: with videos, edits and all that people noted."""
        version = library.catalog.version()
        with self._lock:
            if self._notes is not None and self._notes[0] == version:
                return library.stamp(), self._notes[1]
        notes = library.notes
        noted = (
            tuple((j.query, j.video_id, j.track_id, j.at) for j in notes.judgements()),
            tuple(notes.labels()),
            notes.identity_revision(),
            tuple(library.zones.all()),
            tuple((v, ids.tobytes()) for v, ids in library.exclusions.all().items()),
        )
        with self._lock:
            self._notes = (version, noted)
        return library.stamp(), noted


def _going_on(fewer: Answer, more: Answer) -> tuple[Moment, ...]:
    """The moments of a longer answer, those of a shorter one to the same question first."""
    known = {(m.video_id, m.track_ids, m.t0_s): m for m in more.results if m.matches}
    first = [(m.video_id, m.track_ids, m.t0_s) for m in fewer.results if m.matches]
    order = dict.fromkeys([*(place for place in first if place in known), *known])
    rest = (moment for moment in more.results if not moment.matches)
    return (*(known[place] for place in order), *rest)


@lru_cache(maxsize=1)
def _answers(desk: Services) -> Answers:
    return Answers(desk)


def answers() -> Answers:
    """The answers of this process's library."""
    return _answers(services())


def query_of(asked: Asked) -> Query:
    """The query of a view, its pictures included; raises VidtrailError."""
    query = parse(asked.question)
    if not asked.pictures:
        return query
    store = pictures()
    return replace(query, likes=(*query.likes, *(store.part(key) for key in asked.pictures)))


def answered(asked: Asked, most: int = A_PAGE) -> Answered:
    """The answer of a view, for pages and for files; raises VidtrailError.

    most: moments wanted; the answer may hold more, or fewer where there are no more.
    """
    return answers().of(query_of(asked), asked.filters, min(most, MOST))
