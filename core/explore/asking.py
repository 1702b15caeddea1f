"""A selection as a question: likeness to a few of its objects, or the path of its typical one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.detections import Float64
from core.errors import QueryError
from core.explore.cluster_facts import exemplars_among
from core.explore.features import Features
from core.language.sketches import LikePart, PathPart, Shown
from core.search.columns import Columns
from core.search.paths import Paths

Rows = npt.NDArray[np.int64]

MOST_SHOWN = 5
_MOST_LOOKED_AT = 2000
_CORNERS = 12  # of a path
_SHORTEST = 0.02  # of the square root of the picture's area: shorter is no way


def like_any(columns: Columns, looks: Features, rows: Rows) -> LikePart:
    """Likeness to the objects that show a selection best: a typical one, then varied ones.

    Raises QueryError where none of them has a picture to compare with.
    """
    seen = rows[looks.known[rows]]
    if not len(seen):
        raise QueryError("None of these objects has a picture that others could be like.")
    some = _evenly(seen)
    chosen = some[exemplars_among(looks.vectors[some], MOST_SHOWN)]
    return LikePart.of(
        Shown(columns.video_of(row).video_id, int(columns.track_id[row])) for row in chosen.tolist()
    )


def moves_like(columns: Columns, paths: Paths, moves: Features, rows: Rows) -> PathPart:
    """The path of the object that moves most like all of a selection.

    Raises QueryError where none of them went anywhere.
    """
    lengths = np.array([_length(paths, row) for row in rows.tolist()])
    gone = _evenly(rows[moves.known[rows] & (lengths >= _SHORTEST)])
    if not len(gone):
        raise QueryError("None of these objects went anywhere, so there is no path to ask by.")
    row = int(gone[exemplars_among(moves.vectors[gone], 1)[0]])
    record = columns.video_of(row)
    unit = np.sqrt(record.width * record.height)
    points = paths.xy[paths.points_of(row)].astype(np.float64) * unit
    shares = np.clip(_corners(points) / [record.width, record.height], 0.0, 1.0).round(4)
    plain = [(float(x), float(y)) for x, y in shares]
    return PathPart(
        tuple(point for k, point in enumerate(plain) if k == 0 or point != plain[k - 1])
    )


def _evenly(rows: Rows) -> Rows:
    if len(rows) <= _MOST_LOOKED_AT:
        return rows
    return rows[np.linspace(0, len(rows) - 1, _MOST_LOOKED_AT).astype(np.intp)]


def _length(paths: Paths, row: int) -> float:
    """How far the ends of a path, or any point and its beginning, are apart."""
    points = paths.xy[paths.points_of(row)]
    return float(np.hypot(*(points - points[0]).T).max()) if len(points) > 1 else 0.0


def _corners(points: Float64) -> Float64:
    """(K, 2) points at equal parts of the way."""
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    wanted = np.linspace(0.0, way[-1], _CORNERS)
    return np.column_stack([np.interp(wanted, way, points[:, k]) for k in (0, 1)])
