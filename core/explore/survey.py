"""A library compared with a chosen normal: everything that is needed to tell what is unusual."""

from __future__ import annotations

from dataclasses import dataclass

from core.detections import Int32
from core.explore.features import Features, Space, features_of
from core.explore.normal import Normal, normal_rows
from core.explore.unusual import Unusual, unusual_of
from core.explore.views import views_of
from core.search.columns import Columns
from core.search.engine import Engine
from core.search.paths import Paths
from core.search.selected import left_out


@dataclass(frozen=True, slots=True)
class Survey:
    """What was compared, and the outcome; all aligned with `columns`. view: (V,) of each video."""

    columns: Columns
    paths: Paths
    features: dict[Space, Features]
    view: Int32
    unusual: Unusual


def survey(engine: Engine, normal: Normal, view: Int32 | None = None) -> Survey:
    """Compare all objects with the normal ones; what a person left out is never normal.

    view: (V,) number of the view of each video, where it is known already.
    Raises QueryError as `normal_rows` does.
    """
    columns, paths = engine.columns, engine.paths()
    rows = normal_rows(engine, normal) & ~left_out(columns, engine.library)
    features: dict[Space, Features] = {
        "looks": features_of("looks", columns, engine.index, paths),
        "moves": features_of("moves", columns, engine.index, paths),
    }
    if view is None:
        view = views_of(columns.shards)
    found = unusual_of(columns, features["looks"], features["moves"], paths, view, rows)
    return Survey(columns, paths, features, view, found)
