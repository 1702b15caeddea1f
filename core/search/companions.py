"""Relations, company and numbers: what other objects have to do with each track."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Int32
from core.language.query import RelationPart
from core.motion.relations import MUTUAL
from core.search.columns import Columns, Relations
from core.search.happenings import UNSEEN
from core.search.overlaps import best_companion
from core.search.scoring import HOLDS, PartScore, lasting_fit

Rows = npt.NDArray[np.int64]

ABSENT = 0.03
LEAST_TOGETHER_S = 0.5
_OBSERVED_S = 2.0
_FEW = 0.2
_MOST_PAIRS = 1 << 22  # compared at once
_COUNTS_AS: Mapping[str, Mapping[str, float]] = {
    "follow": {"follow": 1.0, "behind": 0.4},
    "behind": {"behind": 1.0, "follow": 0.8, "stop_behind": 0.9},
    "near": {"near": 1.0, "with": 0.9, "group": 0.9},
    "with": {"with": 1.0, "group": 0.8, "near": 0.4},
    "group": {"group": 1.0, "with": 0.6, "near": 0.35},
    "overtake": {"overtake": 1.0, "pass": 0.35},
    "pass": {"pass": 1.0, "overtake": 0.9},
}


@dataclass(frozen=True, slots=True)
class Company:
    """The other object that serves a relation best on each track.

    other: (N,) row of the other track, -1 for none. t0_s, t1_s: (N,) the span. kind: (N,) the
    measured relation, "" for none. at: (N,) row in the video's relation table, -1 for none.
    """

    other: Rows
    t0_s: npt.NDArray[np.float64]
    t1_s: npt.NDArray[np.float64]
    kind: npt.NDArray[np.str_]
    at: Rows


def _nobody(n: int) -> Company:
    return Company(
        np.full(n, -1, np.int64),
        np.zeros(n),
        np.zeros(n),
        np.full(n, "", dtype="<U12"),
        np.full(n, -1, np.int64),
    )


def relation_score(
    columns: Columns, part: RelationPart, other_fit: Float32, third_fit: Float32 | None = None
) -> PartScore:
    """A relation part on all tracks.

    other_fit: (N,) how well each track is the other object. third_fit: (N,) how well it is the
    second of the two that the target is between; None where both are to be like the first.
    """
    if part.kind == "together":
        p, company = _together(columns, other_fit)
        lasting = lasting_fit(company.t1_s - company.t0_s, part.min_s, part.max_s)
        p = np.maximum(p * lasting, ABSENT).astype(np.float32)
        known = _observed(columns) | (p > HOLDS)
        signed = np.where(known, 1.0 - p, UNSEEN).astype(np.float32) if part.negated else p
        return PartScore(str(part), "relation", signed, known, company)
    accepted = _COUNTS_AS.get(part.kind, {part.kind: 1.0})
    n = len(columns)
    measured = columns.measured_in((part.kind,))
    if n and not measured.any():
        half = np.full(n, 0.5, np.float32)
        nobody = _nobody(n)
        return PartScore(str(part), "relation", half, np.zeros(n, np.bool_), nobody, tested=False)
    p, company = np.full(n, ABSENT, np.float32), _nobody(n)
    for kind, weight in accepted.items():
        table = columns.relations.get(kind)
        if table is None:
            continue
        lasting = lasting_fit(table.t1_s - table.t0_s, part.min_s, part.max_s)
        for mine, theirs, fit in _ways(table, part, kind, other_fit, third_fit):
            value = (table.p * weight * fit * lasting).astype(np.float32)
            better = np.flatnonzero(value > p[mine])
            order = better[np.argsort(value[better], kind="stable")]
            rows = mine[order]
            p[rows] = value[order]
            company.other[rows], company.at[rows] = theirs[order], table.at[order]
            company.t0_s[rows], company.t1_s[rows] = table.t0_s[order], table.t1_s[order]
            company.kind[rows] = kind
    known = (_observed(columns) & measured) | (p > 0.5)
    usual = float(np.clip(p[measured].mean(), 0.05, 0.3)) if n else 0.1
    p = np.where(known, p, np.maximum(p, usual)).astype(np.float32)
    signed = np.where(known, 1.0 - p, UNSEEN).astype(np.float32) if part.negated else p
    return PartScore(str(part), "relation", signed, known, company, unmeasured=~(measured | known))


def _ways(
    table: Relations,
    part: RelationPart,
    kind: str,
    other_fit: Float32,
    third_fit: Float32 | None,
) -> Iterator[tuple[Int32, Int32, Float32]]:
    """(R,) rows of the target and of the other, and how well that is the other, for each reading.

    A relation that holds for both alike is read either way; what is between two, with either of
    them first.
    """
    if kind == "between":
        last_fit = other_fit if third_fit is None else third_fit
        for one, two in ((table.other, table.third), (table.third, table.other)):
            yield table.subject, one, np.minimum(other_fit[one], last_fit[two])
        return
    if part.role == "subject" or kind in MUTUAL:
        yield table.subject, table.other, other_fit[table.other]
    if part.role == "object" or kind in MUTUAL:
        yield table.other, table.subject, other_fit[table.subject]


def _observed(columns: Columns) -> npt.NDArray[np.bool_]:
    return np.asarray(columns.t1_s - columns.t0_s >= _OBSERVED_S)


def _together(columns: Columns, other_fit: Float32) -> tuple[Float32, Company]:
    """Somebody else who fits and is in view at the same time."""
    n = len(columns)
    p, company = np.full(n, ABSENT, np.float32), _nobody(n)
    other = _best_companion(columns, other_fit)
    rows = np.flatnonzero(other >= 0)
    theirs = other[rows]
    p[rows] = other_fit[theirs]
    company.other[rows] = theirs
    company.t0_s[rows] = np.maximum(columns.t0_s[rows], columns.t0_s[theirs])
    company.t1_s[rows] = np.minimum(columns.t1_s[rows], columns.t1_s[theirs])
    company.kind[rows] = "together"
    return p, company


def _best_companion(columns: Columns, fit: Float32) -> Rows:
    """(N,) of those in view together with each track the one that fits best, -1 for none."""
    return best_companion(
        columns.video, columns.t0_s, columns.t1_s, fit, fit > _FEW, LEAST_TOGETHER_S
    )


@dataclass(frozen=True, slots=True)
class Group:
    """For each track in `rows`, (G,) ascending, the others that make up the number asked for."""

    rows: Rows
    others: Rows

    def of(self, row: int) -> tuple[int, ...]:
        """Rows of the other tracks, none where there are not that many."""
        at = int(np.searchsorted(self.rows, row))
        found = at < len(self.rows) and int(self.rows[at]) == row
        return tuple(self.others[at].tolist()) if found else ()


def count_score(columns: Columns, count: int, fit: Float32, matches: Bool) -> PartScore:
    """Whether `count` objects that fit are in view at the same time, this one among them.

    fit: (N,) how well each track fits the rest of the question. matches: (N,) whether it does.
    """
    n = len(columns)
    p = np.full(n, ABSENT, np.float32)
    candidates = np.flatnonzero(fit > _FEW)
    if count == 2:
        best = _best_companion(columns, fit)[candidates][:, None]
    else:
        best = _best_companions(columns, fit, candidates, count - 1)
    enough = (best >= 0).all(axis=1)
    candidates, best = candidates[enough], best[enough]
    all_match = matches[best].all(axis=1)
    p[candidates] = fit[best].min(axis=1, initial=1.0) * np.where(all_match, 1.0, 0.3)
    words = f"{count} at the same time"
    return PartScore(words, "count", p, np.ones(n, np.bool_), Group(candidates, best))


def _best_companions(columns: Columns, fit: Float32, rows: Rows, most: int) -> Rows:
    """(R, most) for some tracks, of those among them in view together with each, the best fitting.

    -1 where there are fewer.
    """
    result = np.full((len(rows), most), -1, np.int64)
    bounds = np.searchsorted(columns.video[rows], np.arange(len(columns.videos) + 1))
    for first, last in pairwise(bounds.tolist()):
        if last - first <= most:
            continue
        mine = rows[first:last]
        mine = mine[np.argsort(-fit[mine], kind="stable")]
        t0_s, t1_s = columns.t0_s[mine], columns.t1_s[mine]
        at_once = max(1, _MOST_PAIRS // len(mine))
        for start in range(first, last, at_once):
            some = rows[start : min(start + at_once, last)]
            shared = np.minimum(columns.t1_s[some, None], t1_s) - np.maximum(
                columns.t0_s[some, None], t0_s
            )
            meets = (shared >= LEAST_TOGETHER_S) & (some[:, None] != mine)
            nth = np.cumsum(meets, axis=1, dtype=np.int32)
            row, at = np.nonzero(meets & (nth <= most))
            result[start + row, nth[row, at] - 1] = mine[at]
    return result
