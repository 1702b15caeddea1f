"""How well every track fits one part of a question, and how the parts are joined.

The score of a track is a weighted geometric mean of the parts' probabilities, each pulled away
from 0 and 1 by the error rate of its channel, so that one unsure reading cannot veto the rest:

    log S = sum w_i log(eps_i + (1 - 2 eps_i) p_i) / sum w_i
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.detections import Bool, Float32
from core.search.columns import Columns
from core.search.lexicon import CLASS_GROUPS, CLASS_WORDS
from core.search.plurals import article
from core.search.query import PartKind, Target
from core.tracking.classes import RIDDEN

WEIGHTS: dict[PartKind, float] = {
    "class": 1.0,
    "colour": 1.0,
    "appearance": 0.7,
    "event": 1.2,
    "order": 0.8,
    "relation": 1.0,
    "count": 1.0,
    "scene": 1.0,
    "like": 1.0,
    "path": 1.2,
    "zone": 1.2,
    "label": 1.0,
}
FLOORS: dict[PartKind, float] = {
    "class": 0.02,
    "colour": 0.05,
    "appearance": 0.08,
    "event": 0.12,
    "order": 0.12,
    "relation": 0.15,
    "count": 0.1,
    "scene": 0.05,
    "like": 0.05,
    "path": 0.05,
    "zone": 0.05,
    "label": 0.02,
}
HOLDS = 0.5
MATCH_SCORE = 0.5
MATCH_PART = 0.4
_CONFUSED_SHARE = 0.15  # of the votes for a class that detectors mistake for the one asked for
_WIDE_SHARE = 0.85  # a class that the detector does not know, hidden among wider ones


@dataclass(frozen=True, slots=True)
class PartScore:
    """One part of a question on all tracks.

    p: (N,) probability. known: (N,) False where p is only what is usual in this collection.
    detail: what the evidence is made from, by kind of part. said: track row -> whether a person
    said that it holds there. before: (N,) the probability without what people said. of_other: what
    the other object of a relation was asked to be.
    """

    part: str
    kind: PartKind
    p: Float32
    known: Bool
    detail: Any = None
    tested: bool = True
    floor: float | None = None
    said: Mapping[int, bool] = field(default_factory=dict)
    before: Float32 | None = None
    of_other: tuple[PartScore, ...] = ()

    @property
    def weight(self) -> float:
        return WEIGHTS[self.kind]

    def logs(self) -> Float32:
        """(N,) log of the probability between its floors."""
        eps = FLOORS[self.kind] if self.floor is None else self.floor
        return np.asarray(np.log(eps + (1.0 - 2.0 * eps) * self.p), np.float32)


def joined(scores: Sequence[PartScore], n: int) -> Float32:
    """(N,) the soft conjunction of all parts; ones where there are none."""
    if not scores:
        return np.ones(n, np.float32)
    total = sum(score.weight for score in scores)
    logs = np.zeros(n, np.float32)
    for score in scores:
        logs += np.float32(score.weight / total) * score.logs()
    return np.asarray(np.exp(logs), np.float32)


def matching(parts: Sequence[PartScore], score: Float32) -> Bool:
    """(N,) whether a track is an answer: all of it fits, and no part is missing or unknown."""
    matches = score >= MATCH_SCORE
    for part in parts:
        if part.tested:
            matches &= (part.p >= MATCH_PART) & part.known
    return np.asarray(matches, np.bool_)


def class_p(columns: Columns, words: Sequence[str]) -> Float32:
    """(N,) probability that a track is any of these class words, from the detector's votes.

    A word whose classes the detector of a video does not know is looked for among wider ones.
    """
    best = np.zeros(len(columns), np.float32)
    for word in words:
        best = np.maximum(best, _word_p(columns, word))
    return best


def _word_p(columns: Columns, word: str) -> Float32:
    meaning = CLASS_WORDS[word]
    exact = _accepted(columns, meaning.exact)
    p = _votes_for(columns, exact)
    if meaning.moving:
        bare = _accepted(columns, meaning.moving) & ~exact
        p = np.minimum(p + weighted(columns.votes, bare.astype(np.float32)) * _moves(columns), 1.0)
        exact |= bare
    if meaning.wide and len(columns.videos):
        unknown = np.asarray(~(columns.vocabulary & exact).any(axis=1), np.bool_).reshape(-1)
        if unknown.any():
            wide = _WIDE_SHARE * _votes_for(columns, _accepted(columns, meaning.wide))
            p = np.where(unknown[columns.video], wide, p).astype(np.float32)
    return p


def _moves(columns: Columns) -> Float32:
    """(N,) probability that a track does not rest all its life, a half where nobody can tell."""
    p = np.where(columns.motion_known, 1.0, 0.5).astype(np.float32)
    resting = columns.events_of("stationary")
    np.minimum.at(p, resting.track, 1.0 - resting.p)
    return p


def _accepted(columns: Columns, names: Sequence[str]) -> Bool:
    """(C,) which classes these names mean; a two-wheeler's also that with a rider on it."""
    ridden = {RIDDEN[name] for name in names if name in RIDDEN}
    return np.array([name in names or name in ridden for name in columns.class_names], np.bool_)


def _votes_for(columns: Columns, accepted: Bool) -> Float32:
    confused = np.zeros_like(accepted)
    for group in CLASS_GROUPS:
        members = _accepted(columns, group)
        if (members & accepted).any():
            confused |= members & ~accepted
    weights = accepted.astype(np.float32) + _CONFUSED_SHARE * confused
    return np.clip(weighted(columns.votes, weights), 0.0, 1.0)


def weighted(table: Float32, weights: Float32) -> Float32:
    """(N,) sum of the columns of an (N, K) table by weight; few of them are other than zero."""
    total = np.zeros(len(table), np.float32)
    for column in np.flatnonzero(weights):
        total += weights[column] * table[:, column]
    return total


def class_scores(columns: Columns, target: Target) -> list[PartScore]:
    """The class parts of a target: any of its classes, none of its excluded ones."""
    known = np.ones(len(columns), np.bool_)
    seen = (0.5 + 0.5 * np.clip(columns.confidence / 0.5, 0.0, 1.0)).astype(np.float32)
    scores = []
    if target.classes:
        p = class_p(columns, target.classes) * seen
        scores.append(PartScore(" or ".join(target.classes), "class", p, known))
    for name in target.not_classes:
        p = 1.0 - class_p(columns, (name,))
        scores.append(PartScore(f"not {article(name)}", "class", p, known))
    return scores
