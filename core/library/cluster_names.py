"""Names that people gave to clusters, found again when clusters are made anew.

A cluster has no number of its own that would last. What lasts are its tracks: a name remembers some
of them, and how many there were.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import LibraryError
from core.library.catalog import Catalog, now
from core.library.notes import TrackRef

MOST_EXEMPLARS = 64
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class ClusterName:
    """A name, and the cluster it was given to.

    space: looks or moves. encoder: whose vectors it was told by. exemplars: tracks of the cluster.
    size: how many it had. at: seconds since 1970.
    """

    name_id: int
    space: str
    encoder: str
    name: str
    exemplars: tuple[TrackRef, ...]
    size: int
    at: float


class ClusterNames:
    """Reads and writes the names of clusters in a library's catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def keep(
        self,
        space: str,
        encoder: str,
        name: str,
        exemplars: Sequence[TrackRef],
        size: int,
        *,
        instead_of: int | None = None,
    ) -> int:
        """Keep a name, in place of another (its name_id) where there is one; its name_id.

        Raises LibraryError for an empty or too long name, or a cluster without exemplars.
        """
        words = " ".join(name.split())
        if not words or len(words) > _LONGEST:
            raise LibraryError(f"The name of a group has 1 to {_LONGEST} characters.")
        if not exemplars:
            raise LibraryError("There is no object in this group any more: choose another one.")
        said = {"size": size, "tracks": [[r.video_id, r.track_id] for r in exemplars]}
        with self._catalog.transaction() as write:
            if instead_of is not None:
                write.execute("DELETE FROM cluster_names WHERE name_id = ?", (instead_of,))
            done = write.execute(
                "INSERT INTO cluster_names(space, encoder, name, exemplars, at) "
                "VALUES (?, ?, ?, ?, ?)",
                (space, encoder, words, json.dumps(said), now()),
            )
            return int(done.lastrowid or 0)

    def of(self, space: str, encoder: str) -> list[ClusterName]:
        """The names kept in a space, in the order in which they were given."""
        rows = self._catalog.rows(
            "SELECT name_id, space, encoder, name, exemplars, at FROM cluster_names "
            "WHERE space = ? AND encoder = ? ORDER BY name_id",
            (space, encoder),
        )
        return [_read(row) for row in rows]

    def forget(self, name_id: int) -> None:
        """Take a name back: the cluster is called by what tells it from the rest again."""
        with self._catalog.transaction() as write:
            write.execute("DELETE FROM cluster_names WHERE name_id = ?", (name_id,))


def _read(row: tuple[int, str, str, str, str, float]) -> ClusterName:
    name_id, space, encoder, name, written, at = row
    said = json.loads(written)
    exemplars = tuple(TrackRef(video_id, int(track)) for video_id, track in said["tracks"])
    return ClusterName(name_id, space, encoder, name, exemplars, int(said["size"]), at)
