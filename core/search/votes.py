"""Words for classes on all tracks: the detector's votes, with its usual mistakes allowed for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from core.detections import Bool, Float32
from core.language.lexicon import CLASS_GROUPS, CLASS_WORDS
from core.search.columns import Columns
from core.tracking.classes import RIDDEN

Instead = Mapping[int, Float32]
_AS_VOTED: Instead = MappingProxyType({})
_CONFUSED_SHARE = 0.15  # of the votes for a class that detectors mistake for the one asked for
_WIDE_SHARE = 0.85  # a class that the detector does not know, hidden among wider ones


def class_p(
    columns: Columns,
    words: Sequence[str],
    instead: Instead = _AS_VOTED,
    doubt: float | Float32 = 1.0,
) -> Float32:
    """(N,) probability that a track is any of these class words, from the detector's votes.

    instead: shares that take the place of some columns of the votes. doubt: how far the detector
    may still have mistaken a neighbouring class for the one asked, one for all or (N,), in [0, 1].

    A word whose classes the detector of a video does not know is looked for among wider ones.
    """
    best = np.zeros(len(columns), np.float32)
    for word in words:
        best = np.maximum(best, _word_p(columns, word, instead, doubt))
    return best


def _word_p(columns: Columns, word: str, instead: Instead, doubt: float | Float32) -> Float32:
    meaning = CLASS_WORDS[word]
    exact = _accepted(columns, meaning.exact)
    p = _votes_for(columns, exact, instead, doubt)
    if meaning.moving:
        bare = _accepted(columns, meaning.moving) & ~exact
        p = np.minimum(
            p + weighted(columns.votes, bare.astype(np.float32), instead) * _moves(columns), 1.0
        )
        exact |= bare
    if meaning.wide and len(columns.videos):
        unknown = np.asarray(~(columns.vocabulary & exact).any(axis=1), np.bool_).reshape(-1)
        if unknown.any():
            wider = _accepted(columns, meaning.wide)
            wide = _WIDE_SHARE * _votes_for(columns, wider, instead, doubt)
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


def _votes_for(
    columns: Columns, accepted: Bool, instead: Instead, doubt: float | Float32
) -> Float32:
    confused = np.zeros_like(accepted)
    for group in CLASS_GROUPS:
        members = _accepted(columns, group)
        if (members & accepted).any():
            confused |= members & ~accepted
    p = weighted(columns.votes, accepted.astype(np.float32), instead)
    p += _CONFUSED_SHARE * doubt * weighted(columns.votes, confused.astype(np.float32), instead)
    return np.clip(p, 0.0, 1.0)


def weighted(table: Float32, weights: Float32, instead: Instead = _AS_VOTED) -> Float32:
    """(N,) sum of the columns of an (N, K) table by weight; few of them are other than zero.

    instead: columns that take the place of those of the table.
    """
    total = np.zeros(len(table), np.float32)
    for column in map(int, np.flatnonzero(weights)):
        total += weights[column] * instead.get(column, table[:, column])
    return total
