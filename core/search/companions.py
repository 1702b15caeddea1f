"""Relations, company and numbers: what other objects have to do with each track."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32
from core.motion.relations import KINDS
from core.search.columns import Columns
from core.search.query import RelationPart
from core.search.scoring import PartScore

Rows = npt.NDArray[np.int64]

ABSENT = 0.03
LEAST_TOGETHER_S = 0.5
_OBSERVED_S = 2.0
_FEW = 0.2
_COUNTS_AS: Mapping[str, Mapping[str, float]] = {
    "follow": {"follow": 1.0, "behind": 0.4},
    "behind": {"behind": 1.0, "follow": 0.8},
    "near": {"near": 1.0, "with": 0.9},
    "with": {"with": 1.0, "near": 0.4},
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


def relation_score(columns: Columns, part: RelationPart, other_fit: Float32) -> PartScore:
    """A relation part on all tracks; other_fit: (N,) how well each track is the other object."""
    if part.kind == "together":
        p, company = _together(columns, other_fit)
        return PartScore(str(part), "relation", _signed(p, part), _observed(columns), company)
    accepted = _COUNTS_AS.get(part.kind, {part.kind: 1.0})
    n = len(columns)
    if not any(kind in KINDS for kind in accepted):
        half = np.full(n, 0.5, np.float32)
        nobody = _nobody(n)
        return PartScore(str(part), "relation", half, np.zeros(n, np.bool_), nobody, tested=False)
    p, company = np.full(n, ABSENT, np.float32), _nobody(n)
    for kind, weight in accepted.items():
        table = columns.relations.get(kind)
        if table is None:
            continue
        ways = [(table.subject, table.other), (table.other, table.subject)]
        if part.kind not in ("near", "with"):
            ways = ways[:1] if part.role == "subject" else ways[1:]
        for mine, theirs in ways:
            value = (table.p * weight * other_fit[theirs]).astype(np.float32)
            order = np.argsort(value, kind="stable")
            order = order[value[order] > p[mine[order]]]
            rows = mine[order]
            p[rows] = value[order]
            company.other[rows], company.at[rows] = theirs[order], table.at[order]
            company.t0_s[rows], company.t1_s[rows] = table.t0_s[order], table.t1_s[order]
            company.kind[rows] = kind
    known = _observed(columns) | (p > 0.5)
    usual = float(np.clip(p.mean(), 0.05, 0.3)) if n else 0.1
    p = np.where(known, p, np.maximum(p, usual)).astype(np.float32)
    return PartScore(str(part), "relation", _signed(p, part), known, company)


def _signed(p: Float32, part: RelationPart) -> Float32:
    return np.asarray(1.0 - p if part.negated else p, np.float32)


def _observed(columns: Columns) -> npt.NDArray[np.bool_]:
    return np.asarray(columns.t1_s - columns.t0_s >= _OBSERVED_S)


def _together(columns: Columns, other_fit: Float32) -> tuple[Float32, Company]:
    """Somebody else who fits and is in view at the same time."""
    n = len(columns)
    p, company = np.full(n, ABSENT, np.float32), _nobody(n)
    for video in range(len(columns.videos)):
        rows = np.arange(*columns.rows_of(video).indices(n))
        others = rows[other_fit[rows] > _FEW]
        others = others[np.argsort(-other_fit[others], kind="stable")][:200]
        for other in others[::-1]:
            t0 = np.maximum(columns.t0_s[rows], columns.t0_s[other])
            t1 = np.minimum(columns.t1_s[rows], columns.t1_s[other])
            shared = rows[(t1 - t0 >= LEAST_TOGETHER_S) & (rows != other)]
            p[shared] = other_fit[other]
            company.other[shared] = other
            company.t0_s[shared] = np.maximum(columns.t0_s[shared], columns.t0_s[other])
            company.t1_s[shared] = np.minimum(columns.t1_s[shared], columns.t1_s[other])
            company.kind[shared] = "together"
    return p, company


@dataclass(frozen=True, slots=True)
class Group:
    """For each track of `members`, the other tracks that make up the number asked for."""

    members: Mapping[int, tuple[int, ...]]


def count_score(columns: Columns, count: int, fit: Float32, matches: Bool) -> PartScore:
    """Whether `count` objects that fit are in view at the same time, this one among them.

    fit: (N,) how well each track fits the rest of the question. matches: (N,) whether it does.
    """
    n = len(columns)
    p = np.full(n, ABSENT, np.float32)
    members: dict[int, tuple[int, ...]] = {}
    for row in np.flatnonzero(fit > _FEW):
        rows = np.arange(*columns.rows_of(int(columns.video[row])).indices(n))
        rows = rows[(fit[rows] > _FEW) & (rows != row)]
        t0 = np.maximum(columns.t0_s[rows], columns.t0_s[row])
        t1 = np.minimum(columns.t1_s[rows], columns.t1_s[row])
        rows = rows[t1 - t0 >= LEAST_TOGETHER_S]
        if len(rows) >= count - 1:
            best = rows[np.argsort(-fit[rows], kind="stable")][: count - 1]
            p[row] = float(fit[best].min()) * (1.0 if matches[best].all() else 0.3)
            members[int(row)] = tuple(int(other) for other in best)
    words = f"{count} at the same time"
    return PartScore(words, "count", p, np.ones(n, np.bool_), Group(members))
