"""Tracks in the order in which they answer, how many each part leaves, and what came close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.attributes.colour import COLOURS
from core.detections import Bool, Float32
from core.language.query import EVENT_WORDS, PartKind, Query
from core.search.answer import Miss, Relaxation, Step
from core.search.columns import Columns
from core.search.happenings import Chosen
from core.search.rivals import rivals_of
from core.search.scoring import HOLDS, PartScore, joined, matching

MOST_NEAR = 12
_LEAST_SCORE = 0.12
_GRADED: dict[PartKind, float] = {"like": 0.0, "path": 0.04}
"""Parts that may be asked alone and still have near misses, and the least p of one."""

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scored:
    """A query without its sequel on all tracks.

    score: (N,) soft conjunction of the parts, 0 where `searched` is False. matches: (N,) whether
    a track is an answer. searched: (N,) the tracks that the filters left.
    """

    query: Query
    parts: tuple[PartScore, ...]
    score: Float32
    matches: Bool
    searched: Bool

    @property
    def untested(self) -> tuple[str, ...]:
        """Parts that were understood but that nothing here can measure."""
        return (*(part.part for part in self.parts if not part.tested), *self.query.places)


def ranked(scored: Scored, most: int) -> Rows:
    """Rows by score, answers first; what fits nothing at all is left out."""
    rows = np.flatnonzero(scored.score > _LEAST_SCORE)
    if len(rows) > most:
        value = scored.score[rows] + scored.matches[rows]
        rows = rows[np.argpartition(-value, most - 1)[:most]]
    order = np.lexsort((rows, -scored.score[rows], ~scored.matches[rows]))
    return np.asarray(rows[order], np.int64)


def peers_of(scored: Scored) -> tuple[Float32, ...]:
    """For each part, its probabilities on the tracks whose class fits."""
    same = scored.searched.copy()
    for part in scored.parts:
        if part.kind == "class":
            same &= part.p >= HOLDS
    among = same if same.any() else scored.searched
    return tuple(part.p[among] for part in scored.parts)


def funnel_of(scored: Scored) -> tuple[Step, ...]:
    """How many of the tracks searched are left when one part after the other must hold."""
    left = scored.searched.copy()
    steps = [Step("objects", int(left.sum()))]
    for part in scored.parts:
        if part.tested:
            left &= part.p >= HOLDS
            steps.append(Step(part.part, int(left.sum())))
    return tuple(steps)


def near_rows(scored: Scored) -> list[int]:
    """Tracks that fail one part and no more, best first.

    To fail the only part is to be something else, but likeness to what was shown has degrees.
    """
    if not scored.parts or (len(scored.parts) == 1 and scored.parts[0].kind not in _GRADED):
        return []
    count, _ = _failing(scored)
    fails_one = scored.searched & (count == 1) & ~scored.matches
    if len(scored.parts) == 1:
        fails_one &= scored.parts[0].p > _GRADED[scored.parts[0].kind]
    rows = np.flatnonzero(fails_one)
    order = np.lexsort((rows, -scored.score[rows]))
    return [int(row) for row in rows[order][:MOST_NEAR]]


def misses_of(columns: Columns, scored: Scored) -> tuple[Miss, ...]:
    """For each part, how many tracks fail only that, and what they are or do instead."""
    if len(scored.parts) < 2:
        return ()
    count, fails = _failing(scored)
    misses = []
    for part, failed in zip(scored.parts, fails, strict=True):
        rows = np.flatnonzero(failed & (count == 1))
        if len(rows):
            misses.append(Miss(part.part, len(rows), _instead(columns, part, rows)))
    return tuple(sorted(misses, key=lambda miss: -miss.count))


def relaxations_of(scored: Scored) -> tuple[Relaxation, ...]:
    """How many tracks would answer without one of the parts, most first; none are left out."""
    if len(scored.parts) < 2:
        return ()
    found = []
    for k, part in enumerate(scored.parts):
        others = (*scored.parts[:k], *scored.parts[k + 1 :])
        fit = joined(others, len(scored.score)) * scored.searched
        if part.tested and (count := int((matching(others, fit) & scored.searched).sum())):
            found.append(Relaxation(part.part, count))
    return tuple(sorted(found, key=lambda relaxed: -relaxed.count))


def _failing(scored: Scored) -> tuple[Rows, Bool]:
    """(N,) how many parts fail, and (P, N) which, among the tracks searched."""
    fails = np.stack([part.p < HOLDS for part in scored.parts])
    return fails.sum(axis=0), fails & scored.searched


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
