"""What people noted: saved queries, judgements, labels, and identities merged or told apart.

Kept in the catalog and nowhere else, so that derived files can be rebuilt without losing any of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.library.catalog import Catalog, now

IdentityKind = Literal["same", "different", "split"]


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A question kept under a name."""

    query_id: int
    name: str
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's verdict on one result of one query (its canonical text)."""

    query: str
    video_id: str
    track_id: int
    t0_s: float
    t1_s: float
    relevant: bool
    at: float


@dataclass(frozen=True, slots=True)
class Label:
    """A person's word for a track."""

    video_id: str
    track_id: int
    label: str
    at: float


@dataclass(frozen=True, slots=True)
class IdentityEdit:
    """A person's word on whether two tracks are one object; undone edits stay, as history.

    detail: JSON, for a `split` the tracklets that leave track a.
    """

    edit_id: int
    kind: IdentityKind
    a_video: str
    a_track: int
    b_video: str
    b_track: int
    detail: str
    at: float
    undone: bool


class Notes:
    """Reads and writes people's notes in a catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def save_query(self, name: str, text: str) -> int:
        with self._catalog.transaction() as write:
            done = write.execute(
                "INSERT INTO saved_queries(name, text, at) VALUES (?, ?, ?)", (name, text, now())
            )
            return int(done.lastrowid or 0)

    def saved_queries(self) -> list[SavedQuery]:
        rows = self._catalog.rows("SELECT query_id, name, text, at FROM saved_queries ORDER BY at")
        return [SavedQuery(*row) for row in rows]

    def delete_saved_query(self, query_id: int) -> None:
        with self._catalog.transaction() as write:
            write.execute("DELETE FROM saved_queries WHERE query_id = ?", (query_id,))

    def judge(
        self, query: str, video_id: str, track_id: int, t0_s: float, t1_s: float, *, relevant: bool
    ) -> None:
        """Note a verdict; a later one on the same track replaces it."""
        with self._catalog.transaction() as write:
            write.execute(
                "INSERT OR REPLACE INTO judgements VALUES (?, ?, ?, ?, ?, ?, ?)",
                (query, video_id, track_id, t0_s, t1_s, int(relevant), now()),
            )

    def withdraw_judgement(self, query: str, video_id: str, track_id: int) -> None:
        with self._catalog.transaction() as write:
            write.execute(
                "DELETE FROM judgements WHERE query = ? AND video_id = ? AND track_id = ?",
                (query, video_id, track_id),
            )

    def judgements(self, query: str | None = None) -> list[Judgement]:
        """All verdicts, or those on one query."""
        rows = self._catalog.rows(
            "SELECT query, video_id, track_id, t0_s, t1_s, relevant, at FROM judgements "
            "WHERE ?1 IS NULL OR query = ?1 ORDER BY at, video_id, track_id",
            (query,),
        )
        return [
            Judgement(query_, video_id, track_id, t0_s, t1_s, bool(relevant), at)
            for query_, video_id, track_id, t0_s, t1_s, relevant, at in rows
        ]

    def add_label(self, video_id: str, track_id: int, label: str) -> None:
        with self._catalog.transaction() as write:
            write.execute(
                "INSERT OR IGNORE INTO labels VALUES (?, ?, ?, ?)",
                (video_id, track_id, label, now()),
            )

    def remove_label(self, video_id: str, track_id: int, label: str) -> None:
        with self._catalog.transaction() as write:
            write.execute(
                "DELETE FROM labels WHERE video_id = ? AND track_id = ? AND label = ?",
                (video_id, track_id, label),
            )

    def labels(self, video_id: str | None = None) -> list[Label]:
        rows = self._catalog.rows(
            "SELECT video_id, track_id, label, at FROM labels WHERE ?1 IS NULL OR video_id = ?1 "
            "ORDER BY at, video_id, track_id, label",
            (video_id,),
        )
        return [Label(*row) for row in rows]

    def edit_identity(
        self, kind: IdentityKind, a: tuple[str, int], b: tuple[str, int], detail: str = "{}"
    ) -> int:
        """Note that two (video_id, track_id) are the same object, are not, or were cut apart."""
        with self._catalog.transaction() as write:
            done = write.execute(
                "INSERT INTO identity_edits(kind, a_video, a_track, b_video, b_track, detail, at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (kind, *a, *b, detail, now()),
            )
            return int(done.lastrowid or 0)

    def undo_identity_edit(self, edit_id: int) -> None:
        with self._catalog.transaction() as write:
            write.execute("UPDATE identity_edits SET undone = 1 WHERE edit_id = ?", (edit_id,))

    def identity_edits(self, *, undone: bool = False) -> list[IdentityEdit]:
        """Edits in force, in the order they were made; with `undone`, also those taken back."""
        rows = self._catalog.rows(
            "SELECT edit_id, kind, a_video, a_track, b_video, b_track, detail, at, undone "
            "FROM identity_edits WHERE undone = 0 OR ? ORDER BY edit_id",
            (int(undone),),
        )
        return [
            IdentityEdit(edit, kind, a, a_track, b, b_track, detail, at, bool(taken_back))
            for edit, kind, a, a_track, b, b_track, detail, at, taken_back in rows
        ]
