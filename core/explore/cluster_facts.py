"""What there is to say of clusters: how large, of what, which tracks show it best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Int32
from core.explore.cluster_files import StoredClusters
from core.explore.cluster_names import given_names
from core.explore.features import Space
from core.library.cluster_names import MOST_EXEMPLARS, ClusterName
from core.library.library import Library
from core.library.notes import TrackRef
from core.search.columns import Columns

EXEMPLARS = 6
_TYPICAL = 0.6  # of a cluster's tracks, nearest to its mean, among which exemplars are chosen
_LOOKED_AT = 96  # tracks a cluster, evenly, where it has more

VectorsOf = Callable[[Int32], Float32]
"""Rows of tracks, (R,) -> their vectors in a space, (R, D)."""


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """One cluster of a level.

    name: a person's (`given`), else the words that tell it from the rest. rows: its tracks'
    rows that count, ascending. exemplars: rows of the most typical track and of others that differ
    from it and from each other, with pictures where there are any. classes: (name, share),
    largest first; the first share is its purity. videos: how many it is in.
    """

    number: int
    name: str
    given: ClusterName | None
    rows: Int32
    exemplars: tuple[int, ...]
    classes: tuple[tuple[str, float], ...]
    videos: int

    @property
    def size(self) -> int:
        return len(self.rows)


def facts_of(
    library: Library,
    columns: Columns,
    encoder: str,
    space: Space,
    stored: StoredClusters,
    vectors_of: VectorsOf,
    level: int,
    *,
    left_out: Bool | None = None,
    exemplars: int = EXEMPLARS,
) -> tuple[ClusterFacts, ...]:
    """The clusters of one level that have tracks, largest first.

    left_out: (N,) tracks that a person excluded, which are in no count and no picture.
    """
    clusters = stored.clusters
    group = clusters.level(level)
    if left_out is not None:
        group = np.where(left_out, -1, group).astype(np.int32)
    given = given_names(library, columns, library.cluster_names.of(space, encoder), clusters)[level]
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(clusters.count(level) + 1))
    main = columns.votes.argmax(axis=1) if columns.votes.size else np.zeros(len(columns), np.intp)
    each = {
        number: order[bounds[number] : bounds[number + 1]].astype(np.int32)
        for number in range(clusters.count(level))
        if bounds[number] < bounds[number + 1]
    }
    pictured = columns.best_crop >= 0
    some = {number: _evenly(rows, pictured) for number, rows in each.items()}
    parts = np.split(
        vectors_of(np.concatenate([*some.values(), np.zeros(0, np.int32)])),
        np.cumsum([len(rows) for rows in some.values()])[:-1],
    )
    found = []
    for (number, rows), vectors in zip(each.items(), parts, strict=True):
        name = given.get(number)
        found.append(
            ClusterFacts(
                number,
                stored.names[level][number] if name is None else name.name,
                name,
                rows,
                tuple(some[number][exemplars_among(vectors, exemplars)].tolist()),
                _classes(columns, main[rows]),
                len(np.unique(columns.video[rows])),
            )
        )
    return tuple(sorted(found, key=lambda facts: (-facts.size, facts.number)))


def _evenly(rows: Int32, pictured: Bool) -> Int32:
    """Some of the rows, those with pictures where there are any."""
    some = rows[pictured[rows]] if pictured[rows].any() else rows
    if len(some) <= _LOOKED_AT:
        return some
    return some[np.linspace(0, len(some) - 1, _LOOKED_AT).astype(np.intp)]


def exemplars_among(vectors: Float32, count: int) -> npt.NDArray[np.intp]:
    """Which of (R, D) vectors show them all: the one nearest to their mean, then of the typical
    ones those farthest from all that are chosen, so that no stray is shown.
    """
    apart = np.square(vectors - vectors.mean(axis=0)).sum(axis=1)
    typical = max(round(_TYPICAL * len(vectors)), min(count, len(vectors)))
    near = np.argsort(apart, kind="stable")[:typical]
    chosen = [0]
    far = np.square(vectors[near] - vectors[near[0]]).sum(axis=1)
    while len(chosen) < min(count, len(near)):
        far[chosen] = -1.0
        chosen.append(int(far.argmax()))
        far = np.minimum(far, np.square(vectors[near] - vectors[near[chosen[-1]]]).sum(axis=1))
    return np.asarray(near[chosen], np.intp)


def rename(
    library: Library,
    columns: Columns,
    encoder: str,
    space: Space,
    facts: ClusterFacts,
    name: str,
) -> None:
    """Keep a person's name for a cluster; an empty one gives back the words it was called by.

    Raises LibraryError for a name that is too long.
    """
    if not name.strip():
        if facts.given is not None:
            library.cluster_names.forget(facts.given.name_id)
        return
    spread = np.linspace(0, facts.size - 1, min(MOST_EXEMPLARS, facts.size)).astype(np.intp)
    kept = facts.rows[spread]
    refs = [TrackRef(columns.video_of(int(r)).video_id, int(columns.track_id[r])) for r in kept]
    before = None if facts.given is None else facts.given.name_id
    library.cluster_names.keep(space, encoder, name, refs, facts.size, instead_of=before)


def _classes(columns: Columns, main: np.ndarray) -> tuple[tuple[str, float], ...]:
    if not columns.class_names:
        return ()
    counts = np.bincount(main, minlength=len(columns.class_names))
    order = np.argsort(-counts, kind="stable")
    return tuple((columns.class_names[k], float(counts[k] / len(main))) for k in order if counts[k])
