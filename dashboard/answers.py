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

_KEPT = 64


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and how it came about.

    took_s: of the search itself, when it was made. whole: whether there are no more moments that
    answer than `answer` holds.
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
        self._kept: OrderedDict[Hashable, tuple[int, Answered]] = OrderedDict()
        self._notes: tuple[tuple[int, int], Hashable] | None = None

    def of(self, query: Query, filters: Filters, most: int = A_PAGE) -> Answered:
        """The answer with at least `most` of its moments, where it has as many.

        Raises VidtrailError, as `Engine.search` does.
        """
        library = self._desk.library()
        key = (query, query.text, filters, self._edition(library))
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and (kept[1].whole or kept[0] >= most):
                self._kept.move_to_end(key)
                return kept[1]
        engine = self._desk.engine()
        started = time.perf_counter()
        answer = engine.search(query, filters=filters, limit=most)
        took_s = time.perf_counter() - started
        matching = sum(moment.matches for moment in answer.results)
        answered = Answered(answer, took_s if kept is None else kept[1].took_s, matching < most)
        with self._lock:
            self._kept[key] = (most, answered)
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return answered

    def _edition(self, library: Library) -> Hashable:
        """Another one whenever an answer might be: videos, edits, verdicts, labels, zones."""
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
        )
        with self._lock:
            self._notes = (version, noted)
        return library.stamp(), noted


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
