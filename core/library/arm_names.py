"""What people call the ways into and out of a camera's picture; found again by where they lie."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import LibraryError
from core.library.catalog import Catalog, now

_LONGEST = 40
_SAME = 0.08  # of the picture: a name given again so near takes the place of the earlier one


@dataclass(frozen=True, slots=True)
class ArmName:
    """A name for what lies at (x, y), shares of the picture of a video, y down."""

    name: str
    x: float
    y: float


class ArmNames:
    """Reads and writes the names of arms in a library's catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def keep(self, video_id: str, name: str, x: float, y: float) -> None:
        """Name what lies there in a video; an empty name takes an earlier one back.

        Raises LibraryError for a name that is too long.
        """
        name = " ".join(name.split())
        if len(name) > _LONGEST:
            raise LibraryError(f"A name of an arm has {_LONGEST} letters at most.")
        with self._catalog.transaction() as write:
            write.execute(
                "DELETE FROM arm_names WHERE video_id = ? AND "
                "(name = ? OR (abs(x - ?) <= ? AND abs(y - ?) <= ?))",
                (video_id, name, x, _SAME, y, _SAME),
            )
            if name:
                write.execute(
                    "INSERT INTO arm_names(video_id, name, x, y, at) VALUES (?, ?, ?, ?, ?)",
                    (video_id, name, x, y, now()),
                )

    def of_video(self, video_id: str) -> tuple[ArmName, ...]:
        """The names given in a video, the latest first."""
        rows = self._catalog.rows(
            "SELECT name, x, y FROM arm_names WHERE video_id = ? ORDER BY at DESC, arm_id DESC",
            (video_id,),
        )
        return tuple(ArmName(name, x, y) for name, x, y in rows)
