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
import numpy.typing as npt

from core.detections import Bool, Float32, Float64
from core.language.query import PartKind

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
MATCH_JOINT = 0.2
MATCH_SCORE = 0.4
MATCH_PART = 0.2
"""An event or relation as probable as this is part of an answer's proof."""

_SAY: Mapping[PartKind, float] = {"order": 0.5, "appearance": 0.7}
_LEAST: Mapping[PartKind, float] = {"relation": 0.4}  # a nearby object proves too easily
_UNKNOWN_SHARE = 0.5
_LEAST_P = 0.01


@dataclass(frozen=True, slots=True)
class PartScore:
    """One part of a question on all tracks.

    p: (N,) probability. known: (N,) False where p is only what is usual in this collection.
    detail: what the evidence is made from, by kind of part. said: track row -> whether a person
    said that it holds there. before: (N,) the probability without what people said. of_other: what
    the other object of a relation was asked to be. unmeasured: (N,) True where the video was
    indexed before this could be measured.
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
    unmeasured: Bool | None = None

    @property
    def weight(self) -> float:
        return WEIGHTS[self.kind]

    def logs(self) -> Float32:
        """(N,) log of the probability between its floors; what a person said has no error rate."""
        eps = FLOORS[self.kind] if self.floor is None else self.floor
        logs = np.asarray(np.log(eps + (1.0 - 2.0 * eps) * self.p), np.float32)
        for row, right in self.said.items():
            logs[row] = 0.0 if right else np.log(_LEAST_P)
        return logs


def joined(scores: Sequence[PartScore], n: int) -> Float32:
    """(N,) the soft conjunction of all parts; ones where there are none."""
    if not scores:
        return np.ones(n, np.float32)
    total = sum(score.weight for score in scores)
    logs = np.zeros(n, np.float32)
    for score in scores:
        logs += np.float32(score.weight / total) * score.logs()
    return np.asarray(np.exp(logs), np.float32)


def joint(
    parts: Sequence[PartScore], n: int, rows: npt.NDArray[np.intp] | slice = slice(None)
) -> Float32:
    """(R,) how probable it is that all parts hold at once; what nothing measures is left out.

    Parts say little about one another once the class is known, so it is a product. A part of which
    too little was seen counts half of what is usual, and order and free words less than others.
    n: how many tracks there are. rows: those asked about.
    """
    logs = np.zeros(n, np.float32)[rows]
    for part in parts:
        if part.tested:
            p = np.where(part.known[rows], part.p[rows], _UNKNOWN_SHARE * part.p[rows])
            logs += _SAY.get(part.kind, 1.0) * np.log(np.clip(p, _LEAST_P, 1.0))
    return np.asarray(np.exp(logs), np.float32)


def matching(parts: Sequence[PartScore], score: Float32) -> Bool:
    """(N,) whether a track is an answer.

    Decided on all parts together: one unsure reading among sure ones leaves an answer, several do
    not. The thresholds were chosen on ten rendered development scenes and looked at on five others;
    that of the joint probability may be anything from .15 to .25 with the same outcome.
    """
    matches = np.asarray(score >= MATCH_SCORE, np.bool_)
    for part in parts:
        if part.tested and part.kind in _LEAST:
            matches &= part.p >= _LEAST[part.kind]
    rows = np.flatnonzero(matches)
    matches[rows] = joint(parts, len(score), rows) >= MATCH_JOINT
    return matches


def lasting_fit(lasting: Float64, min_s: float | None, max_s: float | None) -> Float32:
    """(N,) how well durations, in seconds, fit the bounds asked for, in [0, 1]."""
    fit = np.ones(len(lasting), np.float32)
    if min_s is not None:
        fit *= logistic((lasting - min_s) / max(0.1 * min_s, 0.3) + 1.0)
    if max_s is not None:
        fit *= logistic((max_s - lasting) / max(0.1 * max_s, 0.3) + 1.0)
    return fit


def logistic(x: Float64) -> Float32:
    bounded = np.asarray(np.clip(x, -30.0, 30.0), np.float64)
    return np.asarray(1.0 / (1.0 + np.exp(-bounded)), np.float32)
