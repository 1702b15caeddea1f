"""What counts as normal: the objects that all others are compared with."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.detections import Bool
from core.library.notes import TrackRef
from core.search.columns import Columns
from core.search.engine import Engine
from core.search.filters import Filters, columns_row, searched

_MOST = 5000


@dataclass(frozen=True, slots=True)
class Normal:
    """The objects that filters let through (videos, times, classes, a selection), of them those
    that answer a question; all of a library where nothing is said.
    """

    filters: Filters = field(default_factory=Filters)
    question: str = ""


def normal_rows(engine: Engine, normal: Normal) -> Bool:
    """(N,) which rows of the engine's columns are normal.

    Raises QueryError for a class that no detector knows, or a question that says nothing.
    """
    columns = engine.columns
    keep = searched(columns, engine.library, normal.filters, engine.paths)
    if normal.question.strip():
        keep &= _answers(engine, columns, normal)
    return keep


def _answers(engine: Engine, columns: Columns, normal: Normal) -> Bool:
    found = np.zeros(len(columns), np.bool_)
    answer = engine.search(normal.question, filters=normal.filters, limit=_MOST)
    for moment in answer.results:
        for track_id in (*moment.track_ids[:1], *moment.also):
            row = columns_row(columns, TrackRef(moment.video_id, track_id))
            if row >= 0:
                found[row] = True
    return found
