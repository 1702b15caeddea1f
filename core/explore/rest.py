"""The rest of what carries a label: found, accepted and rejected one by one, and taken back.

An accepted object carries the label. A rejected one is a verdict on the question for that label,
kept where all verdicts are (`core.library.notes`), and stands against it from then on.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from core.explore.features import Features
from core.explore.probe import Rest, rest_of
from core.language.query import AppearancePart, Query, Target
from core.library.library import Library
from core.library.notes import TrackRef
from core.search.columns import Columns
from core.search.selected import left_out, rows_of

Rows = npt.NDArray[np.int64]


def label_question(label: str) -> str:
    """The question, in canonical words, that finds what carries a label."""
    return str(Query(target=Target(looks=(AppearancePart(f"labelled {label}"),))))


def labelled_rows(columns: Columns, library: Library, label: str) -> Rows:
    """Rows of the tracks that carry a label, as they are now."""
    listed = (each for each in library.notes.labels() if each.label == label)
    return _rows(columns, library, (TrackRef(each.video_id, each.track_id) for each in listed))


def rejected_rows(columns: Columns, library: Library, label: str) -> Rows:
    """Rows of the tracks that a person said are not what a label means."""
    said = library.notes.judgements(label_question(label))
    wrong = (TrackRef(each.video_id, each.track_id) for each in said if not each.relevant)
    return _rows(columns, library, wrong)


def labelled_rest(columns: Columns, library: Library, features: Features, label: str) -> Rest:
    """The tracks that are what those with a label are, but for what is left out.

    Raises QueryError as `core.explore.probe.rest_of`.
    """
    yes = labelled_rows(columns, library, label)
    no = rejected_rows(columns, library, label)
    return rest_of(features, yes, no, ~left_out(columns, library))


def reject(columns: Columns, library: Library, row: int, label: str) -> None:
    """Note that a track is not what a label means."""
    library.notes.judge(
        label_question(label),
        columns.video_of(row).video_id,
        int(columns.track_id[row]),
        float(columns.t0_s[row]),
        float(columns.t1_s[row]),
        relevant=False,
    )


def ref_of(columns: Columns, row: int) -> TrackRef:
    """The track of a row."""
    return TrackRef(columns.video_of(row).video_id, int(columns.track_id[row]))


def _rows(columns: Columns, library: Library, refs: Iterable[TrackRef]) -> Rows:
    listed: dict[str, list[int]] = {}
    for ref in refs:
        listed.setdefault(ref.video_id, []).append(ref.track_id)
    tracks = {video: np.unique(np.array(ids, np.int64)) for video, ids in listed.items()}
    return rows_of(columns, library, tracks)
