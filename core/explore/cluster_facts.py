"""What there is to say of clusters: how large, of what, which tracks show it best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.detections import Bool, Float32, Int32
from core.explore.cluster_files import StoredClusters
from core.explore.cluster_names import given_names
from core.explore.features import Features, Space
from core.library.cluster_names import MOST_EXEMPLARS, ClusterName
from core.library.library import Library
from core.library.notes import TrackRef
from core.search.columns import Columns

EXEMPLARS = 6
_CANDIDATES = 48
_TYPICAL = 0.6  # of a cluster's tracks, nearest to its mean, among which exemplars are chosen
_LOOKED_AT = 4096  # tracks a cluster, evenly, where it has more


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
    features: Features,
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
    found = []
    for number in range(clusters.count(level)):
        rows = order[bounds[number] : bounds[number + 1]].astype(np.int32)
        if not len(rows):
            continue
        name = given.get(number)
        shown = exemplars_of(features.vectors, rows, exemplars, columns.best_crop >= 0)
        found.append(
            ClusterFacts(
                number,
                stored.names[level][number] if name is None else name.name,
                name,
                rows,
                tuple(shown.tolist()),
                _classes(columns, main[rows]),
                len(np.unique(columns.video[rows])),
            )
        )
    return tuple(sorted(found, key=lambda facts: (-facts.size, facts.number)))


def exemplars_of(vectors: Float32, rows: Int32, count: int, pictured: Bool | None = None) -> Int32:
    """Rows that show a cluster: the one nearest to its mean, then those farthest from all chosen.

    vectors: (N, D) of all tracks. Among the typical ones only, so that no stray is shown; pictured:
    (N,) tracks to be preferred where there are any in the cluster.
    """
    some = rows if pictured is None or not pictured[rows].any() else rows[pictured[rows]]
    if len(some) > _LOOKED_AT:
        some = some[np.linspace(0, len(some) - 1, _LOOKED_AT).astype(np.intp)]
    here = vectors[some]
    apart = np.square(here - here.mean(axis=0)).sum(axis=1)
    near = np.argsort(apart, kind="stable")[
        : max(round(_TYPICAL * len(some)), min(count, len(some)))
    ]
    near = near[np.linspace(0, len(near) - 1, min(len(near), _CANDIDATES)).astype(np.intp)]
    chosen = [0]
    far = np.square(here[near] - here[near[0]]).sum(axis=1)
    while len(chosen) < min(count, len(near)):
        far[chosen] = -1.0
        chosen.append(int(far.argmax()))
        far = np.minimum(far, np.square(here[near] - here[near[chosen[-1]]]).sum(axis=1))
    return np.asarray(some[near[chosen]], np.int32)


def rename(
    library: Library,
    columns: Columns,
    encoder: str,
    space: Space,
    facts: ClusterFacts,
    vectors: Float32,
    name: str,
) -> None:
    """Keep a person's name for a cluster; an empty one gives back the words it was called by.

    Raises LibraryError for a name that is too long.
    """
    if not name.strip():
        if facts.given is not None:
            library.cluster_names.forget(facts.given.name_id)
        return
    count = min(MOST_EXEMPLARS, facts.size)
    spread = np.linspace(0, facts.size - 1, count).astype(np.intp)
    centre = vectors[facts.rows].mean(axis=0)
    order = np.argsort(np.square(vectors[facts.rows] - centre).sum(axis=1), kind="stable")
    kept = facts.rows[order[spread]]
    refs = [TrackRef(columns.video_of(int(r)).video_id, int(columns.track_id[r])) for r in kept]
    before = None if facts.given is None else facts.given.name_id
    library.cluster_names.keep(space, encoder, name, refs, facts.size, instead_of=before)


def _classes(columns: Columns, main: np.ndarray) -> tuple[tuple[str, float], ...]:
    if not columns.class_names:
        return ()
    counts = np.bincount(main, minlength=len(columns.class_names))
    order = np.argsort(-counts, kind="stable")
    return tuple((columns.class_names[k], float(counts[k] / len(main))) for k in order if counts[k])
