"""Selections of tracks under a key made of them, so that an address can name any number of tracks.

The same tracks have the same key, whoever selects them and when. Kept as they were when somebody
selected them; `core.search.selected` finds what they are now.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import LibraryError
from core.library.catalog import Catalog, now

Tracks = Mapping[str, npt.NDArray[np.int64]]
"""Video id -> ids of tracks of it, ascending, each once; no video without any."""

MOST_KEPT = 1000
_MOST_AT_HAND = 16
_KEY_LENGTH = 16


class Selections:
    """Keeps and reads the selections of a library's catalog; any thread may ask.

    The last 1000 are kept, and those that a saved question names.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._at_hand: OrderedDict[str, Tracks] = OrderedDict()

    def keep(self, tracks: Mapping[str, npt.ArrayLike]) -> str:
        """Keep a selection; its key: 16 letters and digits.

        tracks: video id -> ids of its tracks, in any order. Raises LibraryError for none at all,
        and where the library cannot be changed.
        """
        plain = tracks_of(tracks)
        if not plain:
            raise LibraryError("Nothing is selected.")
        written = json.dumps({video: _written(ids) for video, ids in plain.items()})
        key = hashlib.sha256(written.encode()).hexdigest()[:_KEY_LENGTH]
        with self._catalog.transaction() as write:
            write.execute(
                "INSERT INTO selections(key, tracks, at) VALUES (?, ?, ?) "
                "ON CONFLICT(key) DO UPDATE SET at = excluded.at",
                (key, written, now()),
            )
            write.execute(
                "DELETE FROM selections WHERE key NOT IN "
                "(SELECT key FROM selections ORDER BY at DESC LIMIT ?) AND NOT EXISTS "
                "(SELECT 1 FROM saved_queries WHERE instr(saved_queries.text, selections.key))",
                (MOST_KEPT,),
            )
        self._remember(key, plain)
        return key

    def read(self, key: str) -> Tracks:
        """The tracks of a selection; raises LibraryError for an unknown key."""
        with self._lock:
            if (known := self._at_hand.get(key)) is not None:
                self._at_hand.move_to_end(key)
                return known
        rows = self._catalog.rows("SELECT tracks FROM selections WHERE key = ?", (key,))
        if not rows:
            raise LibraryError("This selection is not kept any more: select the objects again.")
        listed: Mapping[str, list[Any]] = json.loads(rows[0][0])
        tracks = {video: _read(ids) for video, ids in listed.items()}
        self._remember(key, tracks)
        return tracks

    def latest(self, most: int) -> list[tuple[str, float]]:
        """Keys of the selections that were kept last, the latest first, and when: seconds since
        1970.
        """
        rows = self._catalog.rows(
            "SELECT key, at FROM selections ORDER BY at DESC, key LIMIT ?", (most,)
        )
        return [(str(key), float(at)) for key, at in rows]

    def _remember(self, key: str, tracks: Tracks) -> None:
        with self._lock:
            self._at_hand[key] = tracks
            self._at_hand.move_to_end(key)
            while len(self._at_hand) > _MOST_AT_HAND:
                self._at_hand.popitem(last=False)


def tracks_of(tracks: Mapping[str, npt.ArrayLike]) -> Tracks:
    """Ids of tracks by video, put in order."""
    found = {video: np.unique(np.asarray(ids, np.int64)) for video, ids in sorted(tracks.items())}
    return {video: ids for video, ids in found.items() if len(ids)}


def count_of(tracks: Tracks) -> int:
    """How many tracks there are."""
    return sum(len(ids) for ids in tracks.values())


def _written(ids: npt.NDArray[np.int64]) -> list[int]:
    """The first id and the steps to the next ones: small numbers, whatever the ids."""
    steps: list[int] = np.diff(ids, prepend=0).tolist()
    return steps


def _read(steps: list[Any]) -> npt.NDArray[np.int64]:
    return np.cumsum(np.asarray(steps, np.int64))
