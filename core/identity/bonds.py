"""Which tracks people have taken to be the same object, and which they have told apart."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from core.errors import LibraryError
from core.geometry import iou_pairs
from core.library.library import Library
from core.library.notes import TrackRef
from core.library.shard import Shard

_log = logging.getLogger(__name__)
_FOUND_TWICE = 0.5  # median overlap from which on two tracks are one object found twice


@dataclass(frozen=True, slots=True)
class Bonds:
    """What edits in force say, of tracks as they are now.

    groups: every track that is bound to another -> all tracks of the same object, itself included.
    apart: two tracks that are different objects, with the number of the edit that says so.
    """

    groups: Mapping[TrackRef, frozenset[TrackRef]]
    apart: tuple[tuple[TrackRef, TrackRef, int], ...]

    def group_of(self, ref: TrackRef) -> frozenset[TrackRef]:
        return self.groups.get(ref, frozenset((ref,)))

    def told_apart(self, a: TrackRef, b: TrackRef) -> int | None:
        """Number of an edit that makes the objects of two tracks different ones, if any does."""
        ours, theirs = self.group_of(a), self.group_of(b)
        for one, other, edit_id in self.apart:
            if (one in ours and other in theirs) or (one in theirs and other in ours):
                return edit_id
        return None


def read_bonds(library: Library) -> Bonds:
    """The bonds of a library as its edits stand; tracks of unreadable videos keep their ids."""
    now: dict[TrackRef, TrackRef] = {}
    same: list[tuple[TrackRef, TrackRef]] = []
    apart: list[tuple[TrackRef, TrackRef, int]] = []
    for edit in library.notes.identity_edits():
        if edit.kind not in ("same", "different"):
            continue
        for ref in (edit.a, edit.b):
            if ref not in now:
                now[ref] = current(library, ref)
        if edit.kind == "same":
            same.append((now[edit.a], now[edit.b]))
        else:
            apart.append((now[edit.a], now[edit.b], edit.edit_id))
    return Bonds(_components(same), tuple(apart))


def current(library: Library, ref: TrackRef) -> TrackRef:
    """The track that is now what `ref` was; itself where its video cannot be read."""
    try:
        return TrackRef(ref.video_id, library.resolve(ref.video_id, ref.track_id))
    except LibraryError as problem:
        _log.warning("%s", problem)
        return ref


def _components(pairs: Iterable[tuple[TrackRef, TrackRef]]) -> dict[TrackRef, frozenset[TrackRef]]:
    groups: dict[TrackRef, frozenset[TrackRef]] = {}
    for a, b in pairs:
        joined = groups.get(a, frozenset((a,))) | groups.get(b, frozenset((b,)))
        groups.update(dict.fromkeys(joined, joined))
    return groups


def seen_apart(shard: Shard, a: int, b: int) -> str:
    """Why two tracks of a video cannot be one object, "" where they can.

    They cannot when both were seen at one time and their boxes did not lie on each other (median
    IoU of at most 0.5 over the frames that show both); when they did, one object was found twice.
    Raises KeyError for an unknown track.
    """
    one, two = shard.path_of(a), shard.path_of(b)
    mine, theirs = np.flatnonzero(~one.interpolated), np.flatnonzero(~two.interpolated)
    shared, i, j = np.intersect1d(one.frame[mine], two.frame[theirs], return_indices=True)
    if not len(shared):
        return ""
    if float(np.median(iou_pairs(one.xyxy[mine[i]], two.xyxy[theirs[j]]))) > _FOUND_TWICE:
        return ""
    return f"both are seen at {float(one.t_s[mine[i[0]]]):.1f} s, in different places"
