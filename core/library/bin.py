"""Videos that were removed and can be had back: their rows in the catalog, their shards aside.

Removing and restoring are one transaction each; the catalog decides, and the folder follows. What a
kill leaves in the wrong place is moved by `settle`, whenever a library is opened.
"""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import LibraryError
from core.library.catalog import ABOUT_A_VIDEO, Catalog, now
from core.library.files import writing_to

_log = logging.getLogger(__name__)
KEPT_DAYS = 30.0
_DAY_S = 86_400.0
_BIN = "bin"

_Rows = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Removed:
    """A video in the bin. at: when it was removed, seconds since 1970."""

    video_id: str
    name: str
    at: float


class Bin:
    """The bin of one library; any thread may call, and other processes may do so meanwhile.

    Nothing here needs the writer's lock, so it works while a video is being read.
    Raises LibraryError where the library cannot be changed.
    """

    def __init__(self, root: Path, catalog: Catalog) -> None:
        self._root = root
        self._catalog = catalog

    def all(self) -> list[Removed]:
        """What can be had back, removed last first."""
        rows = self._catalog.rows("SELECT video_id, name, at FROM bin ORDER BY at DESC, video_id")
        return [Removed(*row) for row in rows]

    def get(self, video_id: str) -> Removed | None:
        return next((removed for removed in self.all() if removed.video_id == video_id), None)

    def find(self, words: str) -> Removed:
        """The video in the bin with this name, or whose id starts so; raises LibraryError."""
        fits = [one for one in self.all() if words in (one.name, one.video_id)]
        fits = fits or [one for one in self.all() if words and one.video_id.startswith(words)]
        if len(fits) == 1:
            return fits[0]
        inside = ", ".join(f"{one.name} ({one.video_id[:8]})" for one in fits or self.all())
        if fits:
            raise LibraryError(f"{words!r} fits several removed videos: {inside}. Use the id.")
        held = f"It holds {inside}." if inside else "It is empty."
        raise LibraryError(f"There is no video {words!r} in the bin of {self._root}. {held}")

    def fingerprint(self, video_id: str) -> str | None:
        """Of the profile that a video in the bin was read with; None where there is none, or only
        a damaged one.
        """
        rows = self._catalog.rows("SELECT rows FROM bin WHERE video_id = ?", (video_id,))
        record = json.loads(rows[0][0])["videos"][0] if rows else {"state": "damaged"}
        return None if record["state"] == "damaged" else str(record["profile_fingerprint"])

    def put(self, video_id: str) -> Removed:
        """Take a video out of the library, with all that people noted about it.

        A video removed before under the same id is replaced. Raises LibraryError when there is no
        such video, or it is being read.
        """
        with writing_to(self._root), self._catalog.transaction() as write:
            record = self._catalog.video(video_id)
            if record is None:
                raise LibraryError(f"There is no video {video_id} in the library {self._root}.")
            if record.state == "ingesting":
                raise LibraryError(f"{record.name} is being read: cancel that first.")
            rows = {table: _taken(write, table, video_id) for table in ABOUT_A_VIDEO}
            removed = Removed(video_id, record.name, now())
            name = rows["videos"][0]["name"]
            write.execute(
                "INSERT OR REPLACE INTO bin(video_id, name, rows, at) VALUES (?, ?, ?, ?)",
                (video_id, name, json.dumps(rows), removed.at),
            )
            self._move(video_id, aside=True)
        return removed

    def restore(self, video_id: str) -> None:
        """Put a video back exactly as it was.

        Identity edits that also speak of another video in the bin wait there for it.
        Raises LibraryError when it is not in the bin, or was added again since.
        """
        with writing_to(self._root), self._catalog.transaction() as write:
            found = write.execute("SELECT rows FROM bin WHERE video_id = ?", (video_id,)).fetchone()
            if found is None:
                raise LibraryError("That video is not in the bin any more.")
            if self._catalog.video(video_id) is not None:
                raise LibraryError("That video was added again since: there is nothing to undo.")
            rows: _Rows = json.loads(found[0])
            write.execute("DELETE FROM bin WHERE video_id = ?", (video_id,))
            edits = rows["identity_edits"]
            rows = {**rows, "identity_edits": self._now_or_later(write, video_id, edits)}
            for table, listed in rows.items():
                for row in listed:
                    _put_back(write, table, row)
            self._move(video_id, aside=False)

    def empty(
        self, older_than_s: float = 0.0, *, on_gone: Callable[[Removed], None] | None = None
    ) -> int:
        """Delete for good what was removed so long ago; how many videos that were.

        Media files go only where they are the library's own: those that a browser sent.
        on_gone: told each one after it is gone.
        """
        old = [removed for removed in self.all() if removed.at <= now() - older_than_s]
        for removed in old:
            with writing_to(self._root), self._catalog.transaction() as write:
                found = write.execute(
                    "DELETE FROM bin WHERE video_id = ? AND at = ? RETURNING rows",
                    (removed.video_id, removed.at),
                ).fetchone()
                if found is None:
                    continue  # restored or removed anew meanwhile
                shutil.rmtree(self._aside(removed.video_id), ignore_errors=True)
                if self._catalog.video(removed.video_id) is None:
                    self._forget_files(removed.video_id, json.loads(found[0]))
            if on_gone is not None:
                on_gone(removed)
        return len(old)

    def settle(self) -> None:
        """Move folders to where the catalog says they are; called while nobody else writes."""
        aside = self._root / _BIN
        with self._catalog.transaction() as write:
            binned = {row[0] for row in write.execute("SELECT video_id FROM bin")}
            known = {row[0] for row in write.execute("SELECT video_id FROM videos")}
            for video_id in sorted(binned - known):
                if not self._aside(video_id).exists():
                    self._move(video_id, aside=True)
            for entry in sorted(aside.iterdir()) if aside.is_dir() else ():
                if entry.name in binned:
                    continue
                if entry.name in known and not self._place(entry.name).exists():
                    self._move(entry.name, aside=False)
                else:
                    _log.info("%s is left over and goes", entry)
                    shutil.rmtree(entry, ignore_errors=True)

    # --- folders -----------------------------------------------------------------------------

    def _place(self, video_id: str) -> Path:
        return self._root / "videos" / video_id

    def _aside(self, video_id: str) -> Path:
        return self._root / _BIN / video_id

    def _move(self, video_id: str, *, aside: bool) -> None:
        """Move a shard; one that was never finished has none, and nothing is to be moved."""
        here, there = self._place(video_id), self._aside(video_id)
        if not aside:
            here, there = there, here
        if not here.exists():
            return
        there.parent.mkdir(exist_ok=True)
        shutil.rmtree(there, ignore_errors=True)
        here.rename(there)

    def _forget_files(self, video_id: str, rows: _Rows) -> None:
        """Delete what only this video needed: its segments, its copy, and a file sent for it."""
        shutil.rmtree(self._root / "work" / video_id, ignore_errors=True)
        (self._root / "copies" / f"{video_id}.mp4").unlink(missing_ok=True)
        media = Path(rows["videos"][0]["path"])
        others = self._catalog.rows("SELECT 1 FROM videos WHERE path = ?", (str(media),))
        if media.parent == self._root / "uploads" and not others:
            media.unlink(missing_ok=True)

    # --- rows --------------------------------------------------------------------------------

    def _now_or_later(
        self, write: sqlite3.Connection, video_id: str, edits: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """The edits whose other video is there; the rest is handed to that video in the bin."""
        now_in_force = []
        for edit in edits:
            other = edit["b_video"] if edit["a_video"] == video_id else edit["a_video"]
            waiting = write.execute("SELECT rows FROM bin WHERE video_id = ?", (other,)).fetchone()
            if other == video_id or waiting is None:
                now_in_force.append(edit)
                continue
            rows = json.loads(waiting[0])
            rows["identity_edits"].append(edit)
            write.execute("UPDATE bin SET rows = ? WHERE video_id = ?", (json.dumps(rows), other))
        return [edit for edit in now_in_force if self._both_known(video_id, edit)]

    def _both_known(self, video_id: str, edit: dict[str, Any]) -> bool:
        others = {edit["a_video"], edit["b_video"]} - {video_id, ""}
        return all(self._catalog.video(other) is not None for other in others)


def _taken(write: sqlite3.Connection, table: str, video_id: str) -> list[dict[str, Any]]:
    """Take the rows about a video out of a table."""
    rows = write.execute(f"SELECT * FROM {table} WHERE {ABOUT_A_VIDEO[table]}", {"video": video_id})
    names = [column[0] for column in rows.description]
    taken = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    write.execute(f"DELETE FROM {table} WHERE {ABOUT_A_VIDEO[table]}", {"video": video_id})
    return taken


def _put_back(write: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    """Put a row back; a zone whose number was given to another one since gets a new one."""
    values = dict(row)
    if (
        table == "zones"
        and write.execute("SELECT 1 FROM zones WHERE zone_id = ?", (values["zone_id"],)).fetchone()
    ):
        del values["zone_id"]
    write.execute(
        f"INSERT OR REPLACE INTO {table}({','.join(values)}) "
        f"VALUES ({','.join(f':{name}' for name in values)})",
        values,
    )
