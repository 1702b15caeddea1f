"""Tracks that people listed - a selection, what is left out - as rows of the columns, and back.

A list holds ids as they were when it was made; a track that was merged since is found in what it
was merged into, and one of a video that is not there is left out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.detections import Bool
from core.errors import LibraryError, QueryError
from core.identity.bonds import current
from core.library.library import Library
from core.library.notes import TrackRef
from core.library.selections import Tracks
from core.search.columns import Columns

Rows = npt.NDArray[np.int64]


def rows_of(columns: Columns, library: Library, tracks: Tracks) -> Rows:
    """Rows of tracks as they are now, ascending, each once; of those that can be searched."""
    found: list[Rows] = [np.zeros(0, np.int64)]
    places = {record.video_id: v for v, record in enumerate(columns.videos)}
    for video_id, ids in tracks.items():
        if video_id not in places:
            continue
        rows = columns.rows_of(places[video_id])
        here = columns.track_id[rows]
        at = np.searchsorted(here, ids)
        known = here[np.minimum(at, len(here) - 1)] == ids if len(here) else ids < 0
        # What has another id now was merged, or came apart; these are few, and take a look each.
        changed = [current(library, TrackRef(video_id, int(i))).track_id for i in ids[~known]]
        now = np.searchsorted(here, np.asarray(changed, np.int64))
        now = now[[k < len(here) and int(here[k]) == i for k, i in zip(now, changed, strict=True)]]
        found += [rows.start + at[known], rows.start + now]
    return np.unique(np.concatenate(found)).astype(np.int64)


def tracks_at(columns: Columns, rows: npt.NDArray[np.integer]) -> Tracks:
    """Video id -> ids of the tracks of some rows."""
    rows = np.unique(np.asarray(rows, np.int64))
    video = columns.video[rows]
    return {
        columns.videos[v].video_id: columns.track_id[rows[video == v]].astype(np.int64)
        for v in np.unique(video).tolist()
    }


def kept_selection(columns: Columns, library: Library, rows: npt.NDArray[np.integer]) -> str:
    """Keep rows as a selection; its key. Raises LibraryError as `Selections.keep`."""
    return library.selections.keep(tracks_at(columns, rows))


def selected_rows(columns: Columns, library: Library, key: str) -> Rows:
    """Rows of a selection, ascending; raises QueryError for an unknown key."""
    try:
        tracks = library.selections.read(key)
    except LibraryError as error:
        raise QueryError(str(error)) from error
    return rows_of(columns, library, tracks)


def left_out(columns: Columns, library: Library) -> Bool:
    """(N,) the tracks that a person wants left out."""
    mask = np.zeros(len(columns), np.bool_)
    mask[rows_of(columns, library, library.exclusions.all())] = True
    return mask
