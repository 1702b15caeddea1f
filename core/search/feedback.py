"""What people said of earlier answers changes the next one at once, and can be taken back.

The part of a judged track becomes what was said of it. The other tracks move a little: by a refit
of how far to believe the part (Platt's sigmoid on the log odds, with a strong prior at no change),
and, for looks, towards or away from tracks that resemble the judged ones, by as much as the engine
was wrong about those. Verdicts on a part serve every question that has the same part.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.detections import Float32, Float64
from core.errors import LibraryError
from core.language.query import PartKind, Query
from core.library.notes import Judgement
from core.search.columns import Columns
from core.search.scoring import PartScore, joined

_log = logging.getLogger(__name__)

Rows = npt.NDArray[np.int64]

RIGHT_P, WRONG_P = 1.0, 0.0
_LOOKS: tuple[PartKind, ...] = ("class", "colour", "appearance", "like")
_SLOPE_PRIOR, _SHIFT_PRIOR = 16.0, 4.0  # precisions: standard deviations of 1/4 and 1/2
_SLOPES, _MOST_SHIFT = (0.5, 2.0), 1.5
_LIKE_GAIN, _MOST_LIKE_SHIFT = 2.0, 1.5
_LEAST_LIKE = 0.6  # cosine of centred vectors from which on two tracks resemble one another
_MOST_ODDS = 4.0
_MOST_MOVED = 2048
_NEWTON_STEPS = 12


class TrackVectors(Protocol):
    """What is asked of `core.search.looks.Looks`."""

    def track_vectors(self, rows: Rows) -> Float32: ...


@dataclass(slots=True)
class _Verdicts:
    """What was said of one part. said: track row -> whether it holds there. blamed: rows whose
    whole result was called wrong, most likely for this part.
    """

    said: dict[int, bool] = field(default_factory=dict)
    blamed: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.said or self.blamed)


def all_said(query: Query, *, relevant: bool, parts: Mapping[str, bool]) -> dict[str, bool]:
    """What a verdict says of the parts of a query: who calls a result right says so of them all."""
    if not relevant:
        return dict(parts)
    own = (words for kind, words in query.parts() if kind not in ("count", "scene"))
    return dict.fromkeys(own, True) | dict(parts)


def with_feedback(
    judgements: Sequence[Judgement],
    query: Query,
    parts: Sequence[PartScore],
    columns: Columns,
    looks: TrackVectors,
) -> list[PartScore]:
    """The parts of a query as people's verdicts change them; the same objects where none does.

    judgements: of any queries, in the order they were given.
    """
    verdicts = _verdicts(judgements, query, parts, columns) if judgements else []
    if not any(verdicts):
        return list(parts)
    near = joined([part for part in parts if part.tested], len(columns))
    return [
        _moved(part, given, near, columns, looks) if given else part
        for part, given in zip(parts, verdicts, strict=True)
    ]


def _verdicts(
    judgements: Sequence[Judgement],
    query: Query,
    parts: Sequence[PartScore],
    columns: Columns,
) -> list[_Verdicts]:
    """What was said of each part; of two parts with the same words, the later is meant by "wrong".

    Someone who calls a result wrong and no part of it blames one all the same. It is taken to be
    the one that was least sure, among those not called right if there are any; as this is a guess,
    only the same question hears of it, and nothing is learned from it.
    """
    asked, viewer = str(query), query.frame == "viewer"
    found = [_Verdicts() for _ in parts]
    words = [_plain(part.part) for part in parts]
    last = {word: k for k, (word, _) in enumerate(words)}
    places = {record.video_id: v for v, record in enumerate(columns.videos)}
    for judgement in judgements:
        same = judgement.query == asked
        if not same and viewer != (", on screen" in judgement.query):
            continue
        plain = {_plain(part): right for part, right in judgement.parts.items()}
        said = {word: right != turned for (word, turned), right in plain.items()}
        if not same and not said.keys() & last.keys():
            continue
        row = _row(columns, places, judgement)
        if row < 0:
            continue
        verdicts: dict[int, bool] = {}
        for k, (word, turned) in enumerate(words):
            if word in said and (said[word] != turned or last[word] == k):
                verdicts[k] = said[word] != turned
            elif word not in said and same and judgement.relevant:
                verdicts[k] = True
        for given in found:
            given.blamed.discard(row)
        for k, right in verdicts.items():
            found[k].said[row] = right
        if same and not judgement.relevant and all(verdicts.values()):
            open_to_blame = [k for k in range(len(parts)) if k not in verdicts]
            among = open_to_blame or range(len(parts))
            found[min(among, key=lambda k: float(parts[k].p[row]))].blamed.add(row)
    return found


def _plain(words: str) -> tuple[str, bool]:
    """Words of a part without their "not", and whether there was one."""
    for start in ("not a ", "not an ", "not "):
        if words.startswith(start):
            return words.removeprefix(start), True
    return words, False


def _row(columns: Columns, places: dict[str, int], judgement: Judgement) -> int:
    """Row of the judged track as it is now, -1 where it is not among these videos."""
    place = places.get(judgement.video_id)
    if place is None:
        return -1
    shard = columns.shards[place]
    try:
        track = shard.resolve(judgement.track_id)
    except LibraryError as problem:  # the video was indexed anew, with other tracks
        _log.info("a judgement of “%s” is left out: %s", judgement.query, problem)
        return -1
    return int(columns.starts[place]) + shard.tracks().row_of(track)


def _moved(
    part: PartScore, given: _Verdicts, near: Float32, columns: Columns, looks: TrackVectors
) -> PartScore:
    """The part as verdicts change it; of other tracks, only where one says that it was wrong.

    People judge what stands on top: that all of it is right tells nothing of the rest.
    """
    p, known = part.p.copy(), part.known.copy()
    if part.tested and not all(given.said.values()):
        rows = np.array(sorted(given.said), np.int64)
        y = np.array([float(given.said[row]) for row in rows.tolist()])
        odds = _odds(part.p)
        slope, shift = refit(np.clip(odds[rows], -_MOST_ODDS, _MOST_ODDS), y)
        odds = slope * odds + shift
        if part.kind in _LOOKS:
            chosen = np.union1d(_nearest(near, _MOST_MOVED), rows)
            odds[chosen] += _resemblance(columns, looks, chosen, rows, y - _p(odds[rows]))
        p = np.where(known, _p(odds), p).astype(np.float32)
    verdicts = given.said | dict.fromkeys(given.blamed, False)
    for row, right in verdicts.items():
        p[row] = RIGHT_P if right else WRONG_P
        known[row] = True
    return replace(part, p=p, known=known, said=verdicts, before=part.p)


def refit(odds: Float64, said: Float64) -> tuple[float, float]:
    """Slope a and shift b so that sigmoid(a odds + b) agrees best with what was said.

    odds, said: (M,) log odds, and verdicts in [0, 1]. The most probable values under a normal prior
    at a = 1, b = 0 (Newton's method), kept in bounds.
    Platt, "Probabilistic outputs for support vector machines", 1999.
    """
    values = np.array([1.0, 0.0])
    prior = np.array([_SLOPE_PRIOR, _SHIFT_PRIOR])
    design = np.stack([odds, np.ones(len(odds))], axis=1)
    for _ in range(_NEWTON_STEPS):
        p = _p(design @ values)
        slope = design.T @ (p - said) + prior * (values - [1.0, 0.0])
        bend = (design * (p * (1.0 - p))[:, None]).T @ design + np.diag(prior)
        values = values - np.linalg.solve(bend, slope)
    a, b = np.clip(values, [_SLOPES[0], -_MOST_SHIFT], [_SLOPES[1], _MOST_SHIFT])
    return float(a), float(b)


def _resemblance(
    columns: Columns,
    looks: TrackVectors,
    rows: Rows,
    judged: Rows,
    error: Float64,
) -> Float64:
    """(K,) what to add to the log odds of `rows`, by likeness to judged tracks among them.

    error: (M,) verdict minus probability: nothing is learned where the engine was right. Vectors
    are compared within a class, after what it has in common is taken off.
    """
    vectors = looks.track_vectors(rows).astype(np.float64)
    own = columns.votes[rows].argmax(axis=1)
    seen = np.linalg.norm(vectors, axis=1) > 0.5
    for number in np.unique(own):
        mine = seen & (own == number)
        if mine.any():
            vectors[mine] -= vectors[mine].mean(axis=0)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    at = np.searchsorted(rows, judged)
    cosine = np.clip(vectors @ vectors[at].T, _LEAST_LIKE, 1.0)
    likeness = (cosine - _LEAST_LIKE) / (1.0 - _LEAST_LIKE)
    likeness *= (own[:, None] == own[at][None, :]) & seen[:, None]
    return np.clip(_LIKE_GAIN * likeness @ error, -_MOST_LIKE_SHIFT, _MOST_LIKE_SHIFT)


def _nearest(score: Float32, most: int) -> Rows:
    if len(score) <= most:
        return np.arange(len(score), dtype=np.int64)
    order = np.argpartition(-score, most - 1)[:most]
    return np.sort(order).astype(np.int64)


def _odds(p: Float32) -> Float64:
    inside = np.clip(p.astype(np.float64), 1e-4, 1.0 - 1e-4)
    return np.asarray(np.log(inside / (1.0 - inside)), np.float64)


def _p(odds: Float64) -> Float64:
    return np.asarray(1.0 / (1.0 + np.exp(-odds)), np.float64)
