"""Asks a library a question: every part is tested on the same track, and each answer has proof."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from core.detections import Bool, Image
from core.errors import QueryError
from core.identity.bonds import read_bonds
from core.index.vectors import VectorIndex
from core.language.query import Query, Target
from core.language.sketches import LikePart
from core.language.understanding import Understander, understood
from core.library.library import Library
from core.models.encoder import Encoder
from core.search.answer import Answer, Evidence, Moment, Step
from core.search.columns import Columns, read_columns, stamp_of
from core.search.companions import count_score, relation_score
from core.search.drawn_paths import path_scores
from core.search.feedback import with_feedback
from core.search.filters import Filters, searched
from core.search.happenings import event_scores
from core.search.labels import label_scores
from core.search.likes import Likes
from core.search.looks import Looks
from core.search.moments import collapsed, diversified, moment_of
from core.search.paths import Paths, read_paths
from core.search.pictures import Box, cut_out, is_scene
from core.search.places import places_of, with_named_places
from core.search.prompts import Prompts
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
from core.search.scene_likeness import scenes_like
from core.search.scenes import scene_moments
from core.search.scoring import PartScore, joined, joint, matching
from core.search.sequences import sequel_answer
from core.search.zones import zone_scores

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
    understander: reads questions beside the grammar (`core.language.understanding`); None for none.
    """

    def __init__(
        self, library: Library, encoder: Encoder, *, understander: Understander | None = None
    ) -> None:
        self.library = library
        self.encoder = encoder
        self.understander = understander
        self._lock = threading.Lock()
        self._state: _State | None = None
        self._scenes: VectorIndex | None = None
        self._paths: Paths | None = None

    def warm_up(self) -> None:
        """Read what the first question needs."""
        self._current().looks.colours()

    @property
    def columns(self) -> Columns:
        """All tracks that can be searched, as they are now."""
        return self._current().columns

    @property
    def index(self) -> VectorIndex:
        """The vectors of all crops that this encoder has seen, as they are now."""
        return self._current().index

    @property
    def prompts(self) -> Prompts:
        """The vectors of words."""
        return self._current().prompts

    def paths(self) -> Paths:
        """The paths of all tracks of `columns`."""
        return self._all_paths(self._current())

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
        Nothing asked of a selection lists it, by video and time.
        Raises QueryError for a question that says nothing, or that names a zone, a track or a
        class that there is not; ModelError when words of appearance need the encoder and it cannot
        be had.
        """
        query = self._understood(question)
        limits = (filters or Filters()).within(videos)
        if query == Query() and not limits.selection:
            raise QueryError(
                "There is nothing to look for in this question: name an object, a colour or what "
                "it does, such as “red car turning left”."
            )
        query = with_named_places(query, self.library.zones)
        state = self._current()
        if query.scene:
            return self._scene_answer(state, query, limits, limit)
        if any(like.scene for like in query.likes):
            return self._scene_like_answer(state, query, limits, limit)
        scored = self._scored(state, query, limits)
        if query.then is None:
            answer = self._answer(state, scored, limit)
        else:
            second = self._scored(state, replace(query.then, then=None), limits)
            answer = sequel_answer(state.columns, state.looks, (scored, second), limit)
        return replace(answer, untested=(*answer.untested, *self._left_out(state, query)))

    def scores(
        self,
        question: str | Query,
        *,
        filters: Filters | None = None,
        videos: Collection[str] | None = None,
    ) -> dict[tuple[str, int], float]:
        """(video_id, track_id) -> score of every track, whatever its rank; a sequel is left out."""
        query = self._understood(question)
        query = with_named_places(query, self.library.zones)
        state = self._current()
        columns = state.columns
        limits = (filters or Filters()).within(videos)
        scored = self._scored(state, replace(query, then=None), limits)
        return {
            (columns.video_of(row).video_id, int(columns.track_id[row])): float(scored.score[row])
            for row in map(int, np.flatnonzero(scored.searched))
        }

    def _understood(self, question: str | Query) -> Query:
        if isinstance(question, Query):
            return question
        return understood(question, self.understander)

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
            paths = read_paths(self.library, state.columns)
            with self._lock:
                if self._state is state:
                    self._paths = paths
        return paths

    # --- scoring -----------------------------------------------------------------------------

    def _searched(self, state: _State, query: Query, filters: Filters) -> Bool:
        """(N,) the tracks that the filters let through and that touch the time asked for."""
        keep = searched(state.columns, self.library, filters, lambda: self._all_paths(state))
        keep &= _window(query).touches(state.columns.t0_s, state.columns.t1_s)
        return keep

    def _target_parts(self, state: _State, target: Target, keep: Bool) -> list[PartScore]:
        labelled, unlabelled = label_scores(state.columns, self.library, target)
        parts = state.looks.class_scores(target)
        parts += [state.looks.colour_score(colour, target) for colour in target.colours]
        parts += state.looks.look_scores(unlabelled, keep)
        return parts + labelled

    def _scored(self, state: _State, query: Query, filters: Filters) -> Scored:
        columns = state.columns
        keep = self._searched(state, query, filters)
        parts = self._target_parts(state, query.target, keep)
        for relation in query.relations:
            meanwhile = Query(events=relation.doing, frame=query.frame)
            asked = (
                *self._target_parts(state, relation.other, keep),
                *event_scores(columns, meanwhile),
            )
            other = joint(asked, len(columns))
            third = None
            if relation.third is not None:
                meant = tuple(self._target_parts(state, relation.third, keep))
                third = joint(meant, len(columns)) * keep
            score = relation_score(columns, relation, other * keep, third)
            parts.append(replace(score, of_other=asked))
        parts += event_scores(columns, query)
        if query.likes:
            parts += self._like_parts(state, query, keep)
        if query.drawn or query.zones:
            paths = self._all_paths(state)
            places = places_of(columns, self.library.zones, query.zones)
            parts += path_scores(columns, paths, query.drawn, keep)
            parts += zone_scores(columns, paths, places, keep)
        judgements = self.library.notes.judgements()
        parts = with_feedback(judgements, query, parts, columns, state.looks)
        fit = joined(parts, len(columns)) * keep
        matches = matching(parts, fit)
        if query.target.count > 1:
            parts.append(count_score(columns, query.target.count, fit, matches))
            fit = joined(parts, len(columns)) * keep
            matches = matching(parts, fit)
        return Scored(query, tuple(parts), fit.astype(np.float32), matches & keep, keep)

    def _like_parts(self, state: _State, query: Query, keep: Bool) -> list[PartScore]:
        """One part for every likeness; the tracks that others are to be like are not searched."""
        likes = Likes(state.columns, state.index, state.looks.crops, self.encoder.name)
        for part in query.likes:
            keep[likes.rows_of(part)] = False
        bonds = read_bonds(self.library)
        return [likes.score(part, query.target, keep, bonds) for part in query.likes]

    def picture(self, image: Image, name: str, box: Box | None = None) -> LikePart:
        """The part of a question that asks for what looks like a picture given by hand.

        image: (H, W, 3) uint8 RGB. name: what to call it. box: the object in it, corners as shares
        of the picture's width and height, y down; None for all of it.
        A picture that is more like whole frames than like objects is compared with scenes, and
        cannot be asked for together with anything else.
        Raises QueryError for an empty box, ModelError when the encoder cannot be had.
        """
        cut = image if box is None else cut_out(image, box)
        vector = self.encoder.encode_images([cut])[0]
        index = self._current().index
        scene = box is None and is_scene(vector, index, self._scene_index())
        return LikePart(picture=name, encoder=self.encoder.name, vector=vector, scene=scene)

    def _left_out(self, state: _State, query: Query) -> tuple[str, ...]:
        """What of a question cannot be tested whatever the track, in words."""
        said: list[str] = []
        if query.then is not None and query.then.then is not None:
            said.append(str(query.then.then))
        if query.likes or (query.then is not None and query.then.likes):
            others = sum(video.encoder != self.encoder.name for video in state.columns.videos)
            if others:
                videos = f"{others} video{'s' if others != 1 else ''}"
                said.append(f"likeness in {videos} that another encoder has seen")
        return tuple(said)

    # --- answers -----------------------------------------------------------------------------

    def _answer(self, state: _State, scored: Scored, limit: int) -> Answer:
        columns = state.columns
        peers = peers_of(scored)
        bonds = read_bonds(self.library)
        nothing = not scored.matches.any()

        def made(row: int) -> Moment:
            return moment_of(columns, state.looks, scored, row, peers)

        results: list[Moment] = []
        if not nothing:
            if scored.parts:
                best = (made(int(row)) for row in ranked(scored, limit * 2 + MOST_NEAR))
                results = diversified(collapsed(best, columns, bonds, limit))
            else:  # a selection is listed as it is, what was found twice in it too
                results = [made(row) for row in _listed(columns, scored)[:limit]]
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
            near_misses=tuple(collapsed(map(made, near), columns, bonds, MOST_NEAR)),
            nothing_found=nothing,
            unknown_words=scored.query.unknown_words,
            misses=misses_of(columns, scored),
            relaxations=relaxations_of(scored) if nothing else (),
            untested=scored.untested,
        )

    def _scene_answer(self, state: _State, query: Query, filters: Filters, limit: int) -> Answer:
        index = self._scene_index()
        moments = scene_moments(state.columns, index, state.prompts, query.scene, filters.videos)
        return self._of_scenes(query, query.scene, moments, filters, limit)

    def _scene_like_answer(
        self, state: _State, query: Query, filters: Filters, limit: int
    ) -> Answer:
        part = next(like for like in query.likes if like.scene)
        if replace(query, likes=(), window=None) != Query() or len(query.likes) > 1:
            raise QueryError(
                f"{part.picture} shows a whole scene rather than one object, and scenes are only "
                "compared as a whole: cut the object out of the picture or say where in it it is, "
                "or leave out what else was asked."
            )
        moments = scenes_like(state.columns, self._scene_index(), part, filters.videos)
        return self._of_scenes(query, str(part), moments, filters, limit)

    def _of_scenes(
        self, query: Query, asked: str, everything: list[Moment], filters: Filters, limit: int
    ) -> Answer:
        index, window = self._scene_index(), _window(query)
        moments = [
            moment
            for moment in everything
            if filters.touches(moment.t0_s, moment.t1_s)
            and window.touches(moment.t0_s, moment.t1_s)
        ]
        found = tuple(moment for moment in moments if moment.matches)
        videos = index.video_ids if filters.videos is None else filters.videos
        rows = [index.rows_of(video_id) for video_id in videos]
        searched_scenes = sum(each.stop - each.start for each in rows)
        return Answer(
            query=query,
            results=tuple(diversified(moments[:limit])) if found else (),
            funnel=(Step("scenes", searched_scenes), Step(asked, len(found))),
            near_misses=() if found else tuple(moments[:MOST_NEAR]),
            nothing_found=not found,
            unknown_words=query.unknown_words,
            untested=filters.of_objects,
        )


def _listed(columns: Columns, scored: Scored) -> list[int]:
    """Rows that answer, by video and by when they are first seen."""
    rows = np.flatnonzero(scored.matches)
    order = np.lexsort((rows, columns.t0_s[rows], columns.video[rows]))
    return [int(row) for row in rows[order]]


def _window(query: Query) -> Filters:
    """The time that a question itself asks for."""
    if query.window is None:
        return Filters()
    return Filters(after_s=query.window.after_s, before_s=query.window.before_s)


__all__ = ["Answer", "Engine", "Evidence", "Moment", "Step"]
