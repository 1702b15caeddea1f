"""Asks a library a question: every part is tested on the same track, and each answer has proof."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.attributes.colour import COLOURS
from core.detections import Bool, Float32
from core.errors import QueryError
from core.index.vectors import VectorIndex
from core.library.library import Library
from core.models.encoder import Encoder
from core.search.answer import Answer, Evidence, Miss, Moment, Step
from core.search.columns import Columns, read_columns, stamp_of
from core.search.companions import Company, Group, count_score, relation_score
from core.search.evidence import evidence, rivals_of
from core.search.feedback import with_feedback
from core.search.happenings import Chosen, event_scores
from core.search.looks import Looks
from core.search.parser import parse
from core.search.prompts import Prompts
from core.search.query import EVENT_WORDS, Query, Target
from core.search.scenes import scene_moments
from core.search.scoring import HOLDS, MATCH_PART, MATCH_SCORE, PartScore, class_scores, joined

_log = logging.getLogger(__name__)

PAD_S = 1.0
_LEAST_SCORE = 0.12
_SEQUEL_CANDIDATES = 60
_SEQUEL_TAU_S = 10.0
_MOST_NEAR = 12

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _State:
    """The library as it was read: replaced as a whole when the library changes."""

    columns: Columns
    looks: Looks
    prompts: Prompts


@dataclass(frozen=True, slots=True)
class _Scored:
    """A query without its sequel on all tracks."""

    query: Query
    parts: tuple[PartScore, ...]
    score: Float32
    matches: Bool


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

    def warm_up(self) -> None:
        """Read what the first question needs."""
        self._current().looks.colours()

    def search(
        self,
        question: str | Query,
        *,
        videos: Collection[str] | None = None,
        limit: int = 20,
    ) -> Answer:
        """The moments that answer a question, best first.

        videos: ids to search in, None for all. limit: most results.
        Raises QueryError for a question that says nothing, ModelError when words of appearance
        need the encoder and it cannot be had.
        """
        query = parse(question) if isinstance(question, str) else question
        if query == Query():
            raise QueryError(
                "There is nothing to look for in this question: name an object, a colour or what "
                "it does, such as “red car turning left”."
            )
        state = self._current()
        if query.scene:
            return self._scene_answer(state, query, videos, limit)
        searched = self._searched(state.columns, query, videos)
        scored = self._scored(state, query, searched)
        if query.then is not None:
            return self._sequel_answer(state, scored, query.then, searched, limit)
        return self._answer(state, scored, searched, limit)

    def scores(
        self, question: str | Query, *, videos: Collection[str] | None = None
    ) -> dict[tuple[str, int], float]:
        """(video_id, track_id) -> score of every track, whatever its rank; a sequel is left out."""
        query = parse(question) if isinstance(question, str) else question
        state = self._current()
        columns = state.columns
        searched = self._searched(columns, query, videos)
        scored = self._scored(state, replace(query, then=None), searched)
        return {
            (columns.video_of(row).video_id, int(columns.track_id[row])): float(scored.score[row])
            for row in map(int, np.flatnonzero(searched))
        }

    # --- state -------------------------------------------------------------------------------

    def _current(self) -> _State:
        with self._lock:
            if self._state is None or self._state.columns.stamp != stamp_of(self.library):
                columns = read_columns(self.library)
                index = VectorIndex.open(self.library, self.encoder.name)
                folder = None if self.library.read_only else self.library.index_folder
                prompts = Prompts(self.encoder, folder)
                self._state = _State(columns, Looks(columns, index, prompts), prompts)
                self._scenes = None
            return self._state

    def _scene_index(self) -> VectorIndex:
        with self._lock:
            if self._scenes is None:
                self._scenes = VectorIndex.open(self.library, self.encoder.name, "scenes")
            return self._scenes

    # --- scoring -----------------------------------------------------------------------------

    def _searched(self, columns: Columns, query: Query, videos: Collection[str] | None) -> Bool:
        """(N,) the tracks of the videos asked for that touch the time asked for."""
        keep = np.ones(len(columns), np.bool_)
        if videos is not None:
            wanted = [record.video_id in videos for record in columns.videos]
            keep &= np.array(wanted, np.bool_)[columns.video]
        if query.window is not None:
            if query.window.after_s is not None:
                keep &= columns.t1_s >= query.window.after_s
            if query.window.before_s is not None:
                keep &= columns.t0_s <= query.window.before_s
        return keep

    def _target_parts(self, state: _State, target: Target) -> list[PartScore]:
        parts = class_scores(state.columns, target)
        parts += [state.looks.colour_score(colour, target) for colour in target.colours]
        parts += state.looks.look_scores(target)
        return parts

    def _scored(self, state: _State, query: Query, searched: Bool) -> _Scored:
        columns = state.columns
        parts = self._target_parts(state, query.target)
        for relation in query.relations:
            asked = tuple(self._target_parts(state, relation.other))
            other = joined(asked, len(columns))
            score = relation_score(columns, relation, other * searched)
            parts.append(replace(score, of_other=asked))
        parts += event_scores(columns, query)
        judgements = self.library.notes.judgements()
        parts = with_feedback(judgements, query, parts, columns, state.looks)
        fit = joined(parts, len(columns)) * searched
        matches = _matching(parts, fit)
        if query.target.count > 1:
            parts.append(count_score(columns, query.target.count, fit, matches))
            fit = joined(parts, len(columns)) * searched
            matches = _matching(parts, fit)
        return _Scored(query, tuple(parts), fit.astype(np.float32), matches)

    # --- answers -----------------------------------------------------------------------------

    def _answer(self, state: _State, scored: _Scored, searched: Bool, limit: int) -> Answer:
        columns, query = state.columns, scored.query
        nothing = not scored.matches.any()
        ranked = _ranked(scored, limit * 2 + _MOST_NEAR)
        peers = self._peers(scored, searched)
        moments: list[Moment] = []
        seen: set[tuple[str, tuple[int, ...]]] = set()
        for row in ranked:
            if len(moments) >= limit:
                break
            moment = self._moment(state, scored, int(row), peers)
            key = (moment.video_id, tuple(sorted(moment.track_ids)))
            if query.target.count > 1 and moment.matches and key in seen:
                continue
            seen.add(key)
            moments.append(moment)
        shown = {(m.video_id, m.track_ids[:1]) for m in moments} if not nothing else set()
        near = []
        for row in self._near(scored, searched):
            key_of = (columns.video_of(row).video_id, (int(columns.track_id[row]),))
            if key_of not in shown:
                near.append(self._moment(state, scored, row, peers))
        return Answer(
            query=query,
            results=() if nothing else tuple(moments),
            funnel=self._funnel(scored, searched),
            near_misses=tuple(near),
            nothing_found=nothing,
            unknown_words=query.unknown_words,
            misses=self._misses(columns, scored, searched),
            untested=(*(p.part for p in scored.parts if not p.tested), *query.places),
        )

    def _peers(self, scored: _Scored, searched: Bool) -> tuple[Float32, ...]:
        """For each part, its probabilities on the tracks whose class fits, ascending."""
        same = searched.copy()
        for part in scored.parts:
            if part.kind == "class":
                same &= part.p >= HOLDS
        among = same if same.any() else searched
        return tuple(np.sort(part.p[among]) for part in scored.parts)

    def _moment(self, state: _State, scored: _Scored, row: int, peers: Sequence[Float32]) -> Moment:
        columns = state.columns
        record = columns.video_of(row)
        t0_s, t1_s = _span(columns, scored.parts, row, record.duration_s)
        others = _others(columns, scored.parts, row)
        return Moment(
            video_id=record.video_id,
            video=record.name,
            track_ids=(int(columns.track_id[row]), *others),
            t0_s=t0_s,
            t1_s=t1_s,
            score=round(float(scored.score[row]), 4),
            parts=tuple(
                evidence(columns, state.looks, part, row, ranks)
                for part, ranks in zip(scored.parts, peers, strict=True)
            ),
            matches=bool(scored.matches[row]),
        )

    def _funnel(self, scored: _Scored, searched: Bool) -> tuple[Step, ...]:
        steps = [Step("objects", int(searched.sum()))]
        left = searched.copy()
        for part in scored.parts:
            if part.tested:
                left &= part.p >= HOLDS
                steps.append(Step(part.part, int(left.sum())))
        return tuple(steps)

    def _failing(self, scored: _Scored, searched: Bool) -> tuple[npt.NDArray[np.int64], Bool]:
        fails = np.stack([part.p < HOLDS for part in scored.parts])
        return fails.sum(axis=0), fails & searched

    def _near(self, scored: _Scored, searched: Bool) -> list[int]:
        """Tracks that fail one part and no more, best first."""
        if not scored.parts:
            return []
        count, _ = self._failing(scored, searched)
        rows = np.flatnonzero(searched & (count == 1) & ~scored.matches)
        if len(scored.parts) == 1:  # failing the only part is being something else
            return []
        order = np.lexsort((rows, -scored.score[rows]))
        return [int(row) for row in rows[order][:_MOST_NEAR]]

    def _misses(self, columns: Columns, scored: _Scored, searched: Bool) -> tuple[Miss, ...]:
        if len(scored.parts) < 2:
            return ()
        count, fails = self._failing(scored, searched)
        misses = []
        for part, failed in zip(scored.parts, fails, strict=True):
            rows = np.flatnonzero(failed & (count == 1))
            if len(rows):
                misses.append(Miss(part.part, len(rows), _instead(columns, part, rows)))
        return tuple(sorted(misses, key=lambda miss: -miss.count))

    # --- two objects, one after the other ----------------------------------------------------

    def _sequel_answer(
        self, state: _State, first: _Scored, sequel: Query, searched: Bool, limit: int
    ) -> Answer:
        """Moments of the first object joined with later ones of the second in the same video."""
        columns = state.columns
        second = self._scored(state, replace(sequel, then=None), searched)
        steps_of = (first, second)
        picked = [_ranked(scored, _SEQUEL_CANDIDATES) for scored in steps_of]
        pairs: list[tuple[float, int, int]] = []
        spans = {
            (k, int(row)): _span(columns, scored.parts, int(row), np.inf, pad_s=0.0)
            for k, (scored, rows) in enumerate(zip(steps_of, picked, strict=True))
            for row in rows
        }
        for a in picked[0]:
            for b in picked[1]:
                if a == b or columns.video[a] != columns.video[b]:
                    continue
                gap = spans[1, int(b)][0] - spans[0, int(a)][1]
                starts_later = spans[1, int(b)][1] > spans[0, int(a)][1]
                if not starts_later:
                    continue
                decay = float(np.exp(-max(gap, 0.0) / _SEQUEL_TAU_S))
                value = float(np.sqrt(first.score[a] * second.score[b])) * decay
                pairs.append((value, int(a), int(b)))
        pairs.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
        peers = [self._peers(scored, searched) for scored in steps_of]
        moments = []
        for value, a, b in pairs[:limit]:
            one = self._moment(state, first, a, peers[0])
            two = self._moment(state, second, b, peers[1])
            holds = one.matches and two.matches and value >= MATCH_SCORE
            moments.append(
                Moment(
                    one.video_id,
                    one.video,
                    (*one.track_ids, *two.track_ids),
                    one.t0_s,
                    max(one.t1_s, two.t1_s),
                    round(value, 4),
                    (*one.parts, *two.parts),
                    holds,
                )
            )
        nothing = not any(moment.matches for moment in moments)
        return Answer(
            query=first.query,
            results=() if nothing else tuple(moments),
            funnel=(
                *self._funnel(first, searched),
                *self._funnel(second, searched)[1:],
            ),
            near_misses=tuple(moments[:_MOST_NEAR]) if nothing else (),
            nothing_found=nothing,
            unknown_words=first.query.unknown_words,
        )

    # --- scenes ------------------------------------------------------------------------------

    def _scene_answer(
        self, state: _State, query: Query, videos: Collection[str] | None, limit: int
    ) -> Answer:
        index = self._scene_index()
        moments = scene_moments(self.library, index, state.prompts, query.scene, videos)
        found = tuple(moment for moment in moments if moment.matches)
        return Answer(
            query=query,
            results=tuple(moments[:limit]) if found else (),
            funnel=(Step("scenes", len(index)), Step(query.scene, len(found))),
            near_misses=() if found else tuple(moments[:_MOST_NEAR]),
            nothing_found=not found,
            unknown_words=query.unknown_words,
        )


def _matching(parts: Sequence[PartScore], score: Float32) -> Bool:
    """(N,) whether a track is an answer: all of it fits, and no part is missing or unknown."""
    matches = score >= MATCH_SCORE
    for part in parts:
        if part.tested:
            matches &= (part.p >= MATCH_PART) & part.known
    return np.asarray(matches, np.bool_)


def _ranked(scored: _Scored, most: int) -> Rows:
    """Rows by score, best first; what fits nothing at all is left out."""
    rows = np.flatnonzero(scored.score > _LEAST_SCORE)
    if len(rows) > most:
        rows = rows[np.argpartition(-scored.score[rows], most - 1)[:most]]
    order = np.lexsort((rows, -scored.score[rows], ~scored.matches[rows]))
    return np.asarray(rows[order], np.int64)


def _span(
    columns: Columns,
    parts: Sequence[PartScore],
    row: int,
    duration_s: float,
    *,
    pad_s: float = PAD_S,
) -> tuple[float, float]:
    """The hull of what proves the parts, padded; the whole life where nothing has a time."""
    spans: list[tuple[float, float]] = []
    for part in parts:
        if part.p[row] < MATCH_PART or part.part.startswith("not "):
            continue
        if isinstance(part.detail, Chosen) and (at := part.detail.event(row)) >= 0:
            events = part.detail.events
            spans.append((float(events.t0_s[at]), float(events.t1_s[at])))
        elif isinstance(part.detail, Company) and part.detail.other[row] >= 0:
            spans.append((float(part.detail.t0_s[row]), float(part.detail.t1_s[row])))
    if not spans:
        spans = [(float(columns.t0_s[row]), float(columns.t1_s[row]))]
        pad_s = 0.0
    t0_s = max(0.0, min(span[0] for span in spans) - pad_s)
    t1_s = min(duration_s, max(span[1] for span in spans) + pad_s)
    return round(t0_s, 3), round(max(t0_s, t1_s), 3)


def _others(columns: Columns, parts: Sequence[PartScore], row: int) -> tuple[int, ...]:
    """Ids of the other tracks that prove relations or make up a number."""
    others: list[int] = []
    for part in parts:
        if part.p[row] < MATCH_PART or part.part.startswith("not "):
            continue
        if isinstance(part.detail, Company) and part.detail.other[row] >= 0:
            others.append(int(columns.track_id[part.detail.other[row]]))
        elif isinstance(part.detail, Group):
            others += [int(columns.track_id[o]) for o in part.detail.members.get(row, ())]
    return tuple(dict.fromkeys(others))


def _counted(shares: Float32, names: Sequence[str]) -> dict[str, int]:
    """How many rows have each name as their largest share."""
    found = np.bincount(shares.argmax(axis=1), minlength=len(names))
    return {name: int(n) for name, n in zip(names, found, strict=True) if n}


def _instead(columns: Columns, part: PartScore, rows: Rows) -> tuple[tuple[str, int], ...]:
    """What tracks did or were instead of a part, most common first."""
    counts: dict[str, int] = {}
    if isinstance(part.detail, Chosen) and part.tested and not part.part.startswith("not "):
        left = np.zeros(len(columns), np.bool_)
        left[rows] = True
        for rival in rivals_of(part.detail.kinds):
            events = columns.events_of(rival)
            did = np.unique(events.track[(events.p >= HOLDS) & left[events.track]])
            left[did] = False
            if len(did):
                counts[EVENT_WORDS.get(rival, rival)] = len(did)
    elif part.kind == "class":
        counts = _counted(columns.votes[rows], columns.class_names)
    elif part.kind == "colour":
        counts = _counted(part.detail[rows], COLOURS)
    common = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(common[:3])


__all__ = ["Answer", "Engine", "Evidence", "Moment", "Step"]
