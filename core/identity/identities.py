"""A person's word on what is one object: joined, told apart, split, renamed, and taken back.

Nothing is ever changed on disk but the list of edits; tables are read through it, so every change
takes effect at once and can be undone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from core.errors import IdentityError
from core.identity.bonds import Bonds, current, read_bonds, seen_apart
from core.library.library import Library
from core.library.notes import IdentityEdit, IdentityKind, TrackRef
from core.library.shard import Shard


@dataclass(frozen=True, slots=True)
class Identity:
    """One object. id: its first member, as VIDEO:TRACK. name: a person's, "" without one."""

    id: str
    members: tuple[TrackRef, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """An edit in words. blocked_by: numbers of the edits that must be undone before it."""

    edit: IdentityEdit
    sentence: str
    blocked_by: tuple[int, ...] = ()


class Identities:
    """Reads and changes what is taken to be one object in a library; any thread may ask.

    Tracks may be named by ids they had before other edits. Every change is refused with an
    IdentityError that says why when it contradicts another one in force or what was seen;
    LibraryError is raised for unknown tracks.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._notes = library.notes

    # --- reading -----------------------------------------------------------------------------

    def resolve(self, ref: TrackRef) -> TrackRef:
        """The track that is now what `ref` was."""
        return TrackRef(ref.video_id, self._library.resolve(ref.video_id, ref.track_id))

    def identity_of(self, ref: TrackRef) -> Identity:
        """The object of a track; a track that is bound to no other is one by itself."""
        return self._identity(read_bonds(self._library).group_of(self.resolve(ref)), self._names())

    def identities(self) -> tuple[Identity, ...]:
        """Every object of several tracks, and every named one, ordered by id."""
        bonds, names = read_bonds(self._library), self._names()
        groups = {*bonds.groups.values(), *(bonds.group_of(ref) for ref, _ in names)}
        return tuple(sorted((self._identity(g, names) for g in groups), key=lambda i: i.id))

    def _identity(
        self, group: Iterable[TrackRef], names: Sequence[tuple[TrackRef, str]]
    ) -> Identity:
        members = tuple(sorted(group))
        newest = [name for ref, name in names if ref in members]
        return Identity(str(members[0]), members, newest[-1] if newest else "")

    def _names(self) -> list[tuple[TrackRef, str]]:
        """Named tracks as they are now, the newest name last."""
        return [
            (current(self._library, TrackRef(label.video_id, label.track_id)), label.label)
            for label in self._notes.labels()
        ]

    def history(self) -> tuple[Change, ...]:
        """All edits in the order they were made, those that were undone included."""
        edits = self._notes.identity_edits(undone=True)
        return tuple(self._change(edit, _blocking(edit, edits)) for edit in edits)

    # --- two tracks --------------------------------------------------------------------------

    def accept(self, a: TrackRef, b: TrackRef) -> Change:
        """Two tracks show the same object; two tracks of one video become one track."""
        a, b = self.resolve(a), self.resolve(b)
        if a.video_id == b.video_id:
            return self.merge(a.video_id, a.track_id, b.track_id)
        revision, bonds = self._notes.identity_revision(), read_bonds(self._library)
        if b in bonds.group_of(a):
            raise IdentityError(f"{self._start(a, b)} are taken to be the same object already.")
        self._check(bonds, a, b)
        return self._write("same", a, b, {}, revision)

    def reject(self, a: TrackRef, b: TrackRef) -> Change:
        """Two tracks show different objects; they are not suggested and cannot be joined."""
        a, b = self.resolve(a), self.resolve(b)
        if a == b:
            raise IdentityError(
                f"{self._start(a)} is one track: split it where the other object begins."
            )
        revision, bonds = self._notes.identity_revision(), read_bonds(self._library)
        if b in bonds.group_of(a):
            raise IdentityError(
                f"{self._start(a, b)} are taken to be the same object, directly or by way of "
                "others: undo that first."
            )
        if (known := bonds.told_apart(a, b)) is not None:
            raise IdentityError(f"{self._start(a, b)} are told apart already, by edit {known}.")
        return self._write("different", a, b, {}, revision)

    def _check(self, bonds: Bonds, a: TrackRef, b: TrackRef) -> None:
        """Raises IdentityError when the objects of two tracks cannot be the same one."""
        if (known := bonds.told_apart(a, b)) is not None:
            raise IdentityError(
                f"{self._start(a, b)} are different objects by edit {known}: undo that first."
            )
        ours, theirs = bonds.group_of(a), bonds.group_of(b)
        for one, other in product(sorted(ours - theirs), sorted(theirs - ours)):
            if one.video_id == other.video_id:
                shard = self._library.shard(one.video_id)
                if why := seen_apart(shard, one.track_id, other.track_id):
                    raise IdentityError(f"{self._start(one, other)} cannot be one object: {why}.")

    # --- the tracks of one video -------------------------------------------------------------

    def merge(self, video_id: str, *track_ids: int) -> Change:
        """Make one track of several of a video; the one with the smallest id gives its id."""
        revision, bonds = self._notes.identity_revision(), read_bonds(self._library)
        refs = sorted({self.resolve(TrackRef(video_id, track_id)) for track_id in track_ids})
        if len(refs) < 2:
            said = self._said(*refs) if refs else "nothing"
            raise IdentityError(f"It takes two tracks to merge, and this is {said}.")
        shard = self._library.shard(video_id)
        for one, other in combinations(refs, 2):
            if why := seen_apart(shard, one.track_id, other.track_id):
                raise IdentityError(f"{self._start(one, other)} cannot be one object: {why}.")
            self._check(bonds, one, other)
        detail = {"tracks": [ref.track_id for ref in refs]}
        return self._write("merge", refs[0], refs[1], detail, revision)

    def split(
        self,
        video_id: str,
        track_id: int,
        *,
        at_s: float | None = None,
        tracklets: Sequence[int] = (),
    ) -> Change:
        """Cut a track in two: from a time on, or the boxes of some of its tracklets.

        The piece that begins there, or those tracklets, become a new track with the id
        `change.edit.new_track`; the other piece keeps the id.
        """
        revision, ref = self._notes.identity_revision(), self.resolve(TrackRef(video_id, track_id))
        shard = self._library.shard(video_id)
        if (at_s is None) == (not tracklets):
            raise IdentityError("Say where to split: either a time or tracklets.")
        detail: dict[str, Any] = {"at_s": float(at_s)} if at_s is not None else {}
        if at_s is None:
            known = shard.tracklet_ids(ref.track_id)
            if unknown := sorted(set(tracklets) - set(known)):
                raise IdentityError(
                    f"{self._start(ref)} has no tracklet {', '.join(map(str, unknown))}; it was "
                    f"linked from {', '.join(map(str, known))}."
                )
            detail = {"tracklets": sorted(set(map(int, tracklets)))}
        if self._leaves_a_piece_empty(shard, ref, detail):
            path = shard.path_of(ref.track_id)
            raise IdentityError(
                f"{self._start(ref)} cannot be split there: all of it would be on one side. It is "
                f"seen from {path.t_s[0]:.1f} to {path.t_s[-1]:.1f} s."
            )
        return self._write("split", ref, ref, detail, revision)

    def _leaves_a_piece_empty(self, shard: Shard, ref: TrackRef, detail: dict[str, Any]) -> bool:
        from core.library.edited import problem_with  # describing tracks takes SciPy and OpenCV

        trial = IdentityEdit(
            0, "split", ref.video_id, ref.track_id, ref.video_id, ref.track_id,
            json.dumps(detail), 0.0, False,
        )  # fmt: skip
        return bool(problem_with(shard, trial))

    def relabel(self, ref: TrackRef, class_name: str) -> Change:
        """Give a track another class; it must be one that the video's detector knows."""
        revision, ref = self._notes.identity_revision(), self.resolve(ref)
        shard = self._library.shard(ref.video_id)
        known = sorted({*shard.meta.class_names, *map(str, shard.tracks().class_name)})
        wanted = class_name.strip().lower()
        fits = [name for name in known if name.lower() == wanted]
        if not fits:
            raise IdentityError(
                f"{class_name!r} is no class of {shard.meta.name}, which has {', '.join(known)}. "
                "Any other word can be given as a name."
            )
        return self._write("relabel", ref, ref, {"class_name": fits[0]}, revision)

    # --- names -------------------------------------------------------------------------------

    def name(self, ref: TrackRef, text: str) -> Identity:
        """Name the object of a track; a name given later replaces it, an empty one removes it."""
        identity = self.identity_of(ref)
        for label in self._notes.labels():
            here = TrackRef(label.video_id, label.track_id)
            if current(self._library, here) in identity.members:
                self._notes.remove_label(here.video_id, here.track_id, label.label)
        if text.strip():
            first = self.resolve(ref)
            self._notes.add_label(first.video_id, first.track_id, text.strip())
        return self.identity_of(ref)

    # --- taking back -------------------------------------------------------------------------

    def undo(self, edit_id: int) -> Change:
        """Take one edit back; refused while a later one in force builds on what it made."""
        revision = self._notes.identity_revision()
        edits = self._notes.identity_edits(undone=True)
        edit = next((e for e in edits if e.edit_id == edit_id), None)
        if edit is None:
            raise IdentityError(f"There is no edit {edit_id}: the history lists them.")
        if edit.undone:
            raise IdentityError(f"Edit {edit_id} is undone already.")
        if blocking := _blocking(edit, edits):
            later = next(e for e in edits if e.edit_id == blocking[-1])
            raise IdentityError(
                f"Edit {edit_id} cannot be undone yet, because edit {later.edit_id} builds on it "
                f"({self._sentence(later)}): undo edit {later.edit_id} first."
            )
        self._notes.undo_identity_edit(edit_id, revision=revision)
        return self._change(edit)

    def undo_last(self) -> Change:
        """Take back the latest edit that is in force."""
        edits = self._notes.identity_edits()
        if not edits:
            raise IdentityError("There is no edit to undo.")
        return self.undo(edits[-1].edit_id)

    # --- writing and wording -----------------------------------------------------------------

    def _write(
        self,
        kind: IdentityKind,
        a: TrackRef,
        b: TrackRef,
        detail: dict[str, Any],
        revision: tuple[int, ...],
    ) -> Change:
        edit_id = self._notes.edit_identity(
            kind,
            (a.video_id, a.track_id),
            (b.video_id, b.track_id),
            json.dumps(detail),
            revision=revision,
        )
        return self._change(next(e for e in self._notes.identity_edits() if e.edit_id == edit_id))

    def _change(self, edit: IdentityEdit, blocked_by: tuple[int, ...] = ()) -> Change:
        return Change(edit, self._sentence(edit), blocked_by)

    def _sentence(self, edit: IdentityEdit) -> str:
        if edit.kind == "same":
            return f"{self._said(edit.a, edit.b)} are the same object"
        if edit.kind == "different":
            return f"{self._said(edit.a, edit.b)} are different objects"
        if edit.kind == "relabel":
            return f"{self._said(edit.a)} is called {edit.details['class_name']}"
        if edit.kind == "merge":
            refs = [TrackRef(edit.a_video, track) for track in edit.tracks]
            return f"{self._said(*refs)} are one track, {edit.a_track}"
        at_s, tracklets = edit.details.get("at_s"), edit.details.get("tracklets", ())
        where = f"at {at_s:.2f} s" if at_s is not None else f"by tracklets {_listed(tracklets)}"
        return f"{self._said(edit.a)} is split {where}; the new track is {edit.new_track}"

    def _start(self, *refs: TrackRef) -> str:
        """The tracks in words, as the beginning of a sentence."""
        said = self._said(*refs)
        return f"{said[0].upper()}{said[1:]}"

    def _said(self, *refs: TrackRef) -> str:
        """The tracks in words, those of one video together."""
        names = {record.video_id: record.name for record in self._library.videos()}
        groups: dict[str, list[int]] = {}
        for ref in refs:
            groups.setdefault(ref.video_id, []).append(ref.track_id)
        return " and ".join(
            f"track{'s' if len(ids) > 1 else ''} {_listed(ids)} of {names.get(video, video)}"
            for video, ids in groups.items()
        )


def _listed(values: Sequence[int]) -> str:
    *first, last = map(str, values)
    return f"{', '.join(first)} and {last}" if first else last


def _blocking(edit: IdentityEdit, edits: Sequence[IdentityEdit]) -> tuple[int, ...]:
    """Numbers of later edits in force that speak of a track which this one made or changed."""
    if edit.kind == "merge":
        made = {edit.a}
    elif edit.kind == "split":
        made = {edit.a, TrackRef(edit.a_video, edit.new_track)}
    else:
        return ()
    return tuple(
        later.edit_id
        for later in edits
        if later.edit_id > edit.edit_id and not later.undone and made & _used(later)
    )


def _used(edit: IdentityEdit) -> set[TrackRef]:
    if edit.kind == "merge":
        return {TrackRef(edit.a_video, track) for track in edit.tracks}
    return {edit.a, edit.b}
