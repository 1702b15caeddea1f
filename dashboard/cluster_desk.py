"""Asks for the groups of the explorer, and keeps the names that people give to them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from core.detections import Float32, Int32
from core.errors import LibraryError
from core.explore.cluster_facts import ClusterFacts, facts_of, rename
from core.explore.cluster_files import StoredClusters
from core.explore.features import Space, moves_of
from core.language.plurals import plural
from core.search.looks import Looks
from dashboard.cluster_views import ClustersView, ClusterView, ShareView
from dashboard.explorer import Chart, explorer
from dashboard.links import crop_url
from dashboard.palette import class_colours
from dashboard.services import services

_PICTURES = 5
_SHOWN_CLASSES = 4
_NONE = {"looks": "without a picture to compare", "moves": "seen too briefly to tell how they move"}


def clusters_view(space: Space, level: int | None = None) -> ClustersView | None:
    """The groups of a space, None where they are not made yet; level: None for the usual one.

    Raises VidtrailError where no video can be searched.
    """
    chart = explorer().chart()
    stored = chart.groups[space]
    if stored is None:
        return None
    level = _level(stored, level)
    facts = _facts(chart, space, level)
    shown = int(chart.shown.sum()) - sum(each.size for each in facts)
    return ClustersView(
        space,
        level,
        tuple(stored.clusters.count(k) for k in range(len(stored.clusters.within))),
        tuple(_view(chart, each) for each in facts),
        f"{shown:,} more {_NONE[space]}" if shown else "",
    )


def cluster_rows(space: Space, level: int, cluster: int) -> Int32:
    """Rows of the objects of a group that are shown; none for a group that is not there."""
    chart = explorer().chart()
    found = (each.rows for each in _facts(chart, space, level) if each.number == cluster)
    return next(found, np.zeros(0, np.int32))


def cluster_legend(space: Space, level: int | None = None) -> tuple[Int32, dict[int, str]]:
    """(N,) group of each object, -1 for none, and the names of the groups, largest first."""
    chart = explorer().chart()
    stored = chart.groups[space]
    if stored is None:
        return np.full(len(chart.columns), -1, np.int32), {}
    level = _level(stored, level)
    names = {each.number: each.name for each in _facts(chart, space, level)}
    return stored.clusters.level(level), names


def rename_cluster(space: Space, level: int, cluster: int, name: str) -> str:
    """Keep a name for a group; an empty one gives back the words it was called by.

    A sentence on why that cannot be, "" where it could.
    """
    chart, library = explorer().chart(), services().library()
    found = [each for each in _facts(chart, space, level) if each.number == cluster]
    if not found:
        return "This group is not there any more."
    try:
        rename(library, chart.columns, _encoder(), space, found[0], name)
    except LibraryError as error:
        return str(error)
    return ""


def _encoder() -> str:
    return services().engine().encoder.name


def _level(stored: StoredClusters, level: int | None) -> int:
    if level is None:
        return stored.clusters.usual_level
    return min(max(level, 0), len(stored.clusters.within) - 1)


def _facts(chart: Chart, space: Space, level: int) -> tuple[ClusterFacts, ...]:
    stored = chart.groups[space]
    if stored is None:
        return ()
    given = services().library().cluster_names.of(space, _encoder())
    return _known_facts(_Asked(chart, stored, space, level, tuple(n.name_id for n in given)))


class _Asked:
    """What facts were asked of, equal where nothing that they depend on has changed."""

    def __init__(
        self,
        chart: Chart,
        stored: StoredClusters,
        space: Space,
        level: int,
        names: tuple[int, ...],
    ) -> None:
        self.chart, self.stored, self.space, self.level = chart, stored, space, level
        self._key = (chart.edition, space, level, names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@lru_cache(maxsize=8)
def _known_facts(asked: _Asked) -> tuple[ClusterFacts, ...]:
    chart, space = asked.chart, asked.space
    columns, engine = chart.columns, services().engine()

    def vectors_of(rows: Int32) -> Float32:
        if space == "moves":
            return _moves(chart.edition)[rows]
        return Looks(columns, engine.index, engine.prompts).track_vectors(rows.astype(np.int64))

    return facts_of(
        services().library(),
        columns,
        engine.encoder.name,
        space,
        asked.stored,
        vectors_of,
        asked.level,
        left_out=~chart.shown,
        exemplars=_PICTURES,
    )


@lru_cache(maxsize=1)
def _moves(edition: str) -> Float32:
    """(N, D) vectors of the moves of all objects of a chart."""
    chart = explorer().of(edition) or explorer().chart()
    return moves_of(chart.columns, services().engine().paths()).vectors


def _view(chart: Chart, facts: ClusterFacts) -> ClusterView:
    columns = chart.columns
    pictures = [
        crop_url(columns.video_of(row).video_id, int(columns.best_crop[row]))
        for row in facts.exemplars
        if columns.best_crop[row] >= 0
    ]
    videos = f"{facts.videos} video{'s' if facts.videos != 1 else ''}"
    kinds = facts.classes[:_SHOWN_CLASSES]
    colours = class_colours([name for name, _ in kinds])
    bar = tuple(
        ShareView(f"{share:.0%} {plural(name)}", share, light, dark)
        for (name, share), (light, dark) in zip(kinds, colours, strict=True)
    )
    said = bar[0].words if bar else ""
    about = f"{said} · in {videos}" if said else f"in {videos}"
    return ClusterView(
        facts.number, facts.name, facts.given is not None, facts.size, about, tuple(pictures), bar
    )
