"""What people noted: saved queries, judgements, labels, and identities merged or told apart.

Kept in the catalog and nowhere else, so that derived files can be rebuilt without losing any of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from core.errors import LibraryError
from core.library.catalog import Catalog, now

IdentityKind = Literal["same", "different", "merge", "split", "relabel"]

FIRST_NEW_TRACK = 1_000_000
"""Ids from here on belong to tracks that a person split off; no video has as many of its own."""

_TRACK_KINDS = "kind IN ('merge', 'split', 'relabel')"


@dataclass(frozen=True, slots=True, order=True)
class TrackRef:
    """A track of a video, by its ids."""

    video_id: str
    track_id: int

    def __str__(self) -> str:
        return f"{self.video_id}:{self.track_id}"


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A question kept under a name. at: when it was kept, or last looked at."""

    query_id: int
    name: str
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's verdict on one result of one query (its canonical text).

    relevant: whether it answers as a whole. parts: canonical words of a part of the query ->
    whether that part is right, for those parts of which something was said.
    """

    query: str
    video_id: str
    track_id: int
    t0_s: float
    t1_s: float
    relevant: bool
    at: float
    parts: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Label:
    """A person's word for a track."""

    video_id: str
    track_id: int
    label: str
    at: float


@dataclass(frozen=True, slots=True)
class IdentityEdit:
    """A person's word on what is one object; undone edits stay, as history.

    kind: `same` and `different` speak of tracks a and b; `merge` of `tracks` of one video;
    `split` and `relabel` of track a. detail: JSON; `tracks` of a merge; `at_s` or `tracklets` of a
    split, those that leave track a; `class_name` of a relabel.
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

    @property
    def a(self) -> TrackRef:
        return TrackRef(self.a_video, self.a_track)

    @property
    def b(self) -> TrackRef:
        return TrackRef(self.b_video, self.b_track)

    @property
    def details(self) -> Mapping[str, Any]:
        """`detail` as plain data."""
        data: Mapping[str, Any] = json.loads(self.detail)
        return data

    @property
    def tracks(self) -> tuple[int, ...]:
        """The tracks that a merge joins, ascending; the first gives its id."""
        return tuple(int(track) for track in self.details["tracks"])

    @property
    def new_track(self) -> int:
        """Id of the track that a split makes."""
        return FIRST_NEW_TRACK + self.edit_id


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
        rows = self._catalog.rows(
            "SELECT query_id, name, text, at FROM saved_queries ORDER BY query_id"
        )
        return [SavedQuery(*row) for row in rows]

    def look_at_saved_query(self, query_id: int) -> None:
        """Note that a saved query was looked at now: `at` is the time of the last look."""
        with self._catalog.transaction() as write:
            write.execute("UPDATE saved_queries SET at = ? WHERE query_id = ?", (now(), query_id))

    def delete_saved_query(self, query_id: int) -> None:
        with self._catalog.transaction() as write:
            write.execute("DELETE FROM saved_queries WHERE query_id = ?", (query_id,))

    def judge(
        self,
        query: str,
        video_id: str,
        track_id: int,
        t0_s: float,
        t1_s: float,
        *,
        relevant: bool,
        parts: Mapping[str, bool] | None = None,
    ) -> None:
        """Note a verdict on the whole and on parts; a later one on the same track replaces it."""
        said = json.dumps({words: bool(right) for words, right in (parts or {}).items()})
        with self._catalog.transaction() as write:
            write.execute(
                "INSERT OR REPLACE INTO judgements"
                "(query, video_id, track_id, t0_s, t1_s, relevant, at, parts) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (query, video_id, track_id, t0_s, t1_s, int(relevant), now(), said),
            )

    def withdraw_judgement(self, query: str, video_id: str, track_id: int) -> bool:
        """Take a verdict back; whether there was one."""
        with self._catalog.transaction() as write:
            done = write.execute(
                "DELETE FROM judgements WHERE query = ? AND video_id = ? AND track_id = ?",
                (query, video_id, track_id),
            )
            return done.rowcount > 0

    def judgements(self, query: str | None = None) -> list[Judgement]:
        """All verdicts, or those on one query, in the order they were given."""
        rows = self._catalog.rows(
            "SELECT query, video_id, track_id, t0_s, t1_s, relevant, at, parts FROM judgements "
            "WHERE ?1 IS NULL OR query = ?1 ORDER BY at, video_id, track_id",
            (query,),
        )
        return [
            Judgement(asked, video_id, track_id, t0_s, t1_s, bool(relevant), at, json.loads(parts))
            for asked, video_id, track_id, t0_s, t1_s, relevant, at, parts in rows
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

    def label_all(self, tracks: Iterable[TrackRef], label: str) -> list[TrackRef]:
        """Give many tracks a label; those of them that did not carry it, for taking it back."""
        with self._catalog.transaction() as write:
            carrying = write.execute(
                "SELECT video_id, track_id FROM labels WHERE label = ?", (label,)
            ).fetchall()
            fresh = sorted(set(tracks) - {TrackRef(*row) for row in carrying})
            write.executemany(
                "INSERT INTO labels VALUES (?, ?, ?, ?)",
                [(ref.video_id, ref.track_id, label, now()) for ref in fresh],
            )
        return fresh

    def unlabel_all(self, tracks: Iterable[TrackRef], label: str) -> list[TrackRef]:
        """Take a label off many tracks; those of them that carried it, for taking that back."""
        with self._catalog.transaction() as write:
            carrying = write.execute(
                "SELECT video_id, track_id FROM labels WHERE label = ?", (label,)
            ).fetchall()
            gone = sorted(set(tracks) & {TrackRef(*row) for row in carrying})
            write.executemany(
                "DELETE FROM labels WHERE video_id = ? AND track_id = ? AND label = ?",
                [(ref.video_id, ref.track_id, label) for ref in gone],
            )
        return gone

    def labels(self, video_id: str | None = None) -> list[Label]:
        rows = self._catalog.rows(
            "SELECT video_id, track_id, label, at FROM labels WHERE ?1 IS NULL OR video_id = ?1 "
            "ORDER BY at, video_id, track_id, label",
            (video_id,),
        )
        return [Label(*row) for row in rows]

    def edit_identity(
        self,
        kind: IdentityKind,
        a: tuple[str, int],
        b: tuple[str, int],
        detail: str = "{}",
        *,
        revision: tuple[int, ...] | None = None,
    ) -> int:
        """Note what a person said of two (video_id, track_id); the number of the edit.

        revision: what `identity_revision` was when the edit was found to be possible; raises
        LibraryError when other edits were made since.
        """
        with self._catalog.transaction() as write:
            self._check_revision(revision)
            done = write.execute(
                "INSERT INTO identity_edits(kind, a_video, a_track, b_video, b_track, detail, at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (kind, *a, *b, detail, now()),
            )
            return int(done.lastrowid or 0)

    def undo_identity_edit(self, edit_id: int, *, revision: tuple[int, ...] | None = None) -> None:
        """Take an edit back; `revision` as in `edit_identity`."""
        with self._catalog.transaction() as write:
            self._check_revision(revision)
            write.execute("UPDATE identity_edits SET undone = 1 WHERE edit_id = ?", (edit_id,))

    def _check_revision(self, revision: tuple[int, ...] | None) -> None:
        if revision is not None and revision != self.identity_revision():
            raise LibraryError(
                "Somebody else has just changed what is taken to be the same object: look again, "
                "then repeat the change."
            )

    def identity_revision(self) -> tuple[int, ...]:
        """Numbers that differ whenever the edits in force do."""
        statement = "SELECT coalesce(max(edit_id), 0), count(*), total(undone) FROM identity_edits"
        return tuple(int(number) for number in self._catalog.rows(statement)[0])

    def track_edits(self, video_id: str) -> list[IdentityEdit]:
        """The edits in force that change the tracks of one video, in the order they were made."""
        return self._edits(f"undone = 0 AND {_TRACK_KINDS} AND a_video = ?", (video_id,))

    def track_edit_ids(self) -> dict[str, tuple[int, ...]]:
        """Video id -> the numbers of its `track_edits`; videos without any are left out."""
        rows = self._catalog.rows(
            f"SELECT a_video, edit_id FROM identity_edits WHERE undone = 0 AND {_TRACK_KINDS} "
            "ORDER BY edit_id"
        )
        found: dict[str, tuple[int, ...]] = {}
        for video_id, edit_id in rows:
            found[video_id] = (*found.get(video_id, ()), int(edit_id))
        return found

    def identity_edits(self, *, undone: bool = False) -> list[IdentityEdit]:
        """Edits in force, in the order they were made; with `undone`, also those taken back."""
        return self._edits("undone = 0 OR ?", (int(undone),))

    def _edits(self, condition: str, values: tuple[Any, ...]) -> list[IdentityEdit]:
        rows = self._catalog.rows(
            "SELECT edit_id, kind, a_video, a_track, b_video, b_track, detail, at, undone "
            f"FROM identity_edits WHERE {condition} ORDER BY edit_id",
            values,
        )
        return [
            IdentityEdit(edit, kind, a, a_track, b, b_track, detail, at, bool(taken_back))
            for edit, kind, a, a_track, b, b_track, detail, at, taken_back in rows
        ]
