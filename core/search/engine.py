"""Asks a library a question: every part is tested on the same track, and each answer has proof."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from core.detections import Bool
from core.errors import QueryError
from core.identity.bonds import Bonds, read_bonds
from core.index.vectors import VectorIndex
from core.library.library import Library
from core.models.encoder import Encoder
from core.search.answer import Answer, Evidence, Moment, Step
from core.search.columns import Columns, read_columns, stamp_of
from core.search.companions import count_score, relation_score
from core.search.feedback import with_feedback
from core.search.filters import Filters, searched
from core.search.happenings import event_scores
from core.search.looks import Looks
from core.search.moments import collapsed, diversified, moment_of
from core.search.parser import parse
from core.search.paths import Paths, read_paths
from core.search.prompts import Prompts
from core.search.query import Query, Target
from core.search.ranking import (
    MOST_NEAR,
    Scored,
    funnel_of,
    misses_of,
    near_rows,
    peers_of,
    ranked,
    relaxations_of,
)
from core.search.scenes import scene_moments
from core.search.scoring import PartScore, joined, matching
from core.search.sequences import sequel_answer

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _State:
    """The library as it was read: replaced as a whole when the library changes."""

    columns: Columns
    index: VectorIndex
    looks: Looks
    prompts: Prompts


class Engine:
    """Answers questions about one library with one encoder; any thread may ask.

    Tables and vectors are read at the first question, and again when the library has changed.
    Videos that another encoder has seen are searched by class, colour of pixels and motion.
    """

    def __init__(self, library: Library, encoder: Encoder) -> None:
        self.library = library
        self.encoder = encoder
        self._lock = threading.Lock()
        self._state: _State | None = None
        self._scenes: VectorIndex | None = None
        self._paths: Paths | None = None

    def warm_up(self) -> None:
        """Read what the first question needs."""
        self._current().looks.colours()

    def search(
        self,
        question: str | Query,
        *,
        filters: Filters | None = None,
        videos: Collection[str] | None = None,
        limit: int = 20,
    ) -> Answer:
        """The moments that answer a question, best first.

        filters: what else must hold; the funnel starts from what they let through. videos: ids to
        search in, None for all; short for a filter. limit: most results.
        Raises QueryError for a question that says nothing, or that names a zone, a track or a
        class that there is not; ModelError when words of appearance need the encoder and it cannot
        be had.
        """
        query = parse(question) if isinstance(question, str) else question
        if query == Query():
            raise QueryError(
                "There is nothing to look for in this question: name an object, a colour or what "
                "it does, such as “red car turning left”."
            )
        state = self._current()
        limits = (filters or Filters()).within(videos)
        if query.scene:
            return self._scene_answer(state, query, limits, limit)
        scored = self._scored(state, query, limits)
        if query.then is not None:
            second = self._scored(state, replace(query.then, then=None), limits)
            answer = sequel_answer(state.columns, state.looks, (scored, second), limit)
            return replace(answer, results=tuple(diversified(answer.results)))
        return self._answer(state, scored, limit)

    def scores(
        self,
        question: str | Query,
        *,
        filters: Filters | None = None,
        videos: Collection[str] | None = None,
    ) -> dict[tuple[str, int], float]:
        """(video_id, track_id) -> score of every track, whatever its rank; a sequel is left out."""
        query = parse(question) if isinstance(question, str) else question
        state = self._current()
        columns = state.columns
        limits = (filters or Filters()).within(videos)
        scored = self._scored(state, replace(query, then=None), limits)
        return {
            (columns.video_of(row).video_id, int(columns.track_id[row])): float(scored.score[row])
            for row in map(int, np.flatnonzero(scored.searched))
        }

    # --- state -------------------------------------------------------------------------------

    def _current(self) -> _State:
        with self._lock:
            if self._state is None or self._state.columns.stamp != stamp_of(self.library):
                columns = read_columns(self.library)
                index = VectorIndex.open(self.library, self.encoder.name)
                folder = None if self.library.read_only else self.library.index_folder
                prompts = Prompts(self.encoder, folder)
                looks = Looks(columns, index, prompts)
                self._state = _State(columns, index, looks, prompts)
                self._scenes = None
                self._paths = None
            return self._state

    def _scene_index(self) -> VectorIndex:
        with self._lock:
            if self._scenes is None:
                self._scenes = VectorIndex.open(self.library, self.encoder.name, "scenes")
            return self._scenes

    def _all_paths(self, state: _State) -> Paths:
        """The paths of all tracks, read by the first question that needs them."""
        with self._lock:
            paths = self._paths
        if paths is None or len(paths) != len(state.columns):
            paths = read_paths(state.columns)
            with self._lock:
                if self._state is state:
                    self._paths = paths
        return paths

    # --- scoring -----------------------------------------------------------------------------

    def _searched(self, state: _State, query: Query, filters: Filters) -> Bool:
        """(N,) the tracks that the filters let through and that touch the time asked for."""
        keep = searched(state.columns, self.library, filters, lambda: self._all_paths(state))
        if query.window is not None:
            window = Filters(after_s=query.window.after_s, before_s=query.window.before_s)
            keep &= searched(state.columns, self.library, window, lambda: self._all_paths(state))
        return keep

    def _target_parts(self, state: _State, target: Target) -> list[PartScore]:
        parts = state.looks.class_scores(target)
        parts += [state.looks.colour_score(colour, target) for colour in target.colours]
        parts += state.looks.look_scores(target)
        return parts

    def _scored(self, state: _State, query: Query, filters: Filters) -> Scored:
        columns = state.columns
        keep = self._searched(state, query, filters)
        parts = self._target_parts(state, query.target)
        for relation in query.relations:
            asked = tuple(self._target_parts(state, relation.other))
            other = joined(asked, len(columns))
            score = relation_score(columns, relation, other * keep)
            parts.append(replace(score, of_other=asked))
        parts += event_scores(columns, query)
        judgements = self.library.notes.judgements()
        parts = with_feedback(judgements, query, parts, columns, state.looks)
        fit = joined(parts, len(columns)) * keep
        matches = matching(parts, fit)
        if query.target.count > 1:
            parts.append(count_score(columns, query.target.count, fit, matches))
            fit = joined(parts, len(columns)) * keep
            matches = matching(parts, fit)
        return Scored(query, tuple(parts), fit.astype(np.float32), matches & keep, keep)

    # --- answers -----------------------------------------------------------------------------

    def _answer(self, state: _State, scored: Scored, limit: int) -> Answer:
        columns = state.columns
        peers = peers_of(scored)
        shards = {shard.video_id: shard for shard in columns.shards}
        bonds = self._bonds()
        nothing = not scored.matches.any()

        def made(row: int) -> Moment:
            return moment_of(columns, state.looks, scored, row, peers)

        results: list[Moment] = []
        if not nothing:
            best = (made(int(row)) for row in ranked(scored, limit * 2 + MOST_NEAR))
            results = diversified(collapsed(best, shards, bonds, limit))
        shown = {(m.video_id, track) for m in results for track in (*m.track_ids[:1], *m.also)}
        near = [
            row
            for row in near_rows(scored)
            if (columns.video_of(row).video_id, int(columns.track_id[row])) not in shown
        ]
        return Answer(
            query=scored.query,
            results=tuple(results),
            funnel=funnel_of(scored),
            near_misses=tuple(collapsed(map(made, near), shards, bonds, MOST_NEAR)),
            nothing_found=nothing,
            unknown_words=scored.query.unknown_words,
            misses=misses_of(columns, scored),
            relaxations=relaxations_of(scored) if nothing else (),
            untested=scored.untested,
        )

    def _bonds(self) -> Bonds:
        return read_bonds(self.library)

    def _scene_answer(self, state: _State, query: Query, filters: Filters, limit: int) -> Answer:
        index = self._scene_index()
        moments = scene_moments(self.library, index, state.prompts, query.scene, filters.videos)
        found = tuple(moment for moment in moments if moment.matches)
        return Answer(
            query=query,
            results=tuple(moments[:limit]) if found else (),
            funnel=(Step("scenes", len(index)), Step(query.scene, len(found))),
            near_misses=() if found else tuple(moments[:MOST_NEAR]),
            nothing_found=not found,
            unknown_words=query.unknown_words,
        )


__all__ = ["Answer", "Engine", "Evidence", "Moment", "Step"]
