"""Tracks that a person wants left out of answers, maps and counts, until they are let in again."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from core.library.catalog import Catalog, now
from core.library.selections import Tracks, tracks_of


class Exclusions:
    """Reads and changes what is left out of a library; any thread may ask."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._known: tuple[tuple[int, int], Tracks] | None = None

    def all(self) -> Tracks:
        """Video id -> ids of the tracks left out, as they were when somebody left them out."""
        version = self._catalog.version()
        with self._lock:
            if self._known is not None and self._known[0] == version:
                return self._known[1]
        listed: dict[str, list[int]] = {}
        for video_id, track_id in self._catalog.rows("SELECT video_id, track_id FROM excluded"):
            listed.setdefault(video_id, []).append(track_id)
        tracks = tracks_of(listed)
        with self._lock:
            self._known = (version, tracks)
        return tracks

    def add(self, tracks: Mapping[str, npt.ArrayLike]) -> Tracks:
        """Leave tracks out; those of them that were not left out before, for taking it back."""
        before, fresh = self.all(), {}
        for video_id, ids in tracks_of(tracks).items():
            known = before.get(video_id, np.zeros(0, np.int64))
            fresh[video_id] = np.setdiff1d(ids, known)
        at = now()
        with self._catalog.transaction() as write:
            write.executemany(
                "INSERT OR IGNORE INTO excluded(video_id, track_id, at) VALUES (?, ?, ?)",
                [(video, track, at) for video, ids in fresh.items() for track in ids.tolist()],
            )
        return tracks_of(fresh)

    def remove(self, tracks: Mapping[str, npt.ArrayLike]) -> Tracks:
        """Let tracks in again; those of them that were left out, for taking it back."""
        before, gone = self.all(), {}
        for video_id, ids in tracks_of(tracks).items():
            known = before.get(video_id, np.zeros(0, np.int64))
            gone[video_id] = np.intersect1d(ids, known)
        with self._catalog.transaction() as write:
            write.executemany(
                "DELETE FROM excluded WHERE video_id = ? AND track_id = ?",
                [(video, track) for video, ids in gone.items() for track in ids.tolist()],
            )
        return tracks_of(gone)
