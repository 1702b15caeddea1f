"""Whose each box and each crop of a video is, after a person's merges, splits and relabels.

The tables of a shard never change; edits move the boxes of paths from one track to another, in
the order they were made. Only the tracks that edits touch are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Detections, Float32, Float64, Int32
from core.errors import LibraryError
from core.geometry import iou_pairs
from core.library.notes import IdentityEdit
from core.library.shard import Shard
from core.library.tables import CropTable, DetectionTable

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Boxes:
    """Boxes that make paths, one row a box that was found, none of them interpolated.

    origin: (N,) the track on disk that a box comes from. tracklet, class_id: (N,) -1 where a box
    is put together from several detections, as that of a rider and a bicycle.
    """

    frame: Int32
    t_s: Float64
    xyxy: Float32
    confidence: Float32
    origin: Int32
    tracklet: Int32
    class_id: Int32

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, rows: Rows | Bool) -> Boxes:
        return Boxes(*(getattr(self, column.name)[rows] for column in fields(self)))

    @staticmethod
    def of(parts: Iterable[Boxes]) -> Boxes:
        """All boxes of one or more, ordered by frame, the surest first within a frame."""
        whole = Boxes.stacked(parts)
        return whole.take(np.lexsort((-whole.confidence, whole.frame)))

    @staticmethod
    def stacked(parts: Iterable[Boxes]) -> Boxes:
        """All boxes of one or more, in the order given."""
        listed = list(parts)
        return Boxes(*(np.concatenate([getattr(p, c.name) for p in listed]) for c in fields(Boxes)))

    def one_a_frame(self) -> Boxes:
        """The surest box of each frame."""
        _, first = np.unique(self.frame, return_index=True)
        return self.take(np.asarray(first, np.intp))


@dataclass(frozen=True, slots=True)
class Owners:
    """The outcome of the edits.

    boxes: track id -> its boxes, for the tracks that edits made or changed. class_names: track
    id -> what a person called it. taken_in: id that is gone -> the track that has most of its
    boxes. skipped: number of an edit that does not fit this video -> why.
    """

    boxes: Mapping[int, Boxes]
    class_names: Mapping[int, str]
    taken_in: Mapping[int, int]
    skipped: Mapping[int, str]

    def of_detections(self, table: DetectionTable) -> Int32:
        """(N,) track of every detection, -1 where it belongs to none."""
        owner = table.track_id.copy()
        for origin, boxes, owners in self._origins():
            rows = np.flatnonzero(table.track_id == origin)
            owner[rows] = owners[0]
            if (owners == owners[0]).all():
                continue
            for tracklet in np.unique(table.tracklet_id[rows]):
                mine = rows[table.tracklet_id[rows] == tracklet]
                known = np.flatnonzero(boxes.tracklet == tracklet)
                among = known if len(known) else np.arange(len(boxes))
                near = _nearest(boxes.frame[among], table.detections.frame[mine])
                owner[mine] = owners[among[near]]
        return owner

    def of_crops(self, crops: CropTable, table: DetectionTable) -> Int32:
        """(C,) track of every crop: that of the box it was cut from."""
        owner, box_owner = crops.track_id.copy(), self.of_detections(table)
        for origin, boxes, owners in self._origins():
            rows = np.flatnonzero(crops.track_id == origin)
            owner[rows] = owners[_nearest(boxes.frame, crops.frame[rows])]
            if (owners == owners[0]).all():
                continue
            theirs = np.flatnonzero(table.track_id == origin)
            for row in rows:
                there = theirs[table.detections.frame[theirs] == crops.frame[row]]
                if len(there):
                    own = np.repeat(crops.xyxy[row][None, :], len(there), axis=0)
                    overlap = iou_pairs(own, table.detections.xyxy[there])
                    owner[row] = box_owner[there[int(np.argmax(overlap))]]
        return owner

    def _origins(self) -> Iterable[tuple[int, Boxes, Int32]]:
        """(track on disk, its boxes, who owns each), ordered by frame."""
        whole = [(track, boxes) for track, boxes in self.boxes.items() if len(boxes)]
        if not whole:
            return
        owners = np.concatenate([np.full(len(b), track, np.int32) for track, b in whole])
        boxes = Boxes.stacked(b for _, b in whole)
        order = np.argsort(boxes.frame, kind="stable")
        for origin in np.unique(boxes.origin):
            mine = order[boxes.origin[order] == origin]
            yield int(origin), boxes.take(mine), owners[mine]


def owners_after(edits: Iterable[IdentityEdit], shard: Shard) -> Owners:
    """Apply edits, in order, to the tracks of a shard as it is on disk."""
    ledger = _Ledger(shard)
    skipped: dict[int, str] = {}
    for edit in edits:
        try:
            ledger.apply(edit)
        except LibraryError as problem:
            skipped[edit.edit_id] = str(problem)
    return ledger.outcome(skipped)


class _Ledger:
    """Who owns what while edits are being applied."""

    def __init__(self, shard: Shard) -> None:
        self._shard = shard
        self._detections = shard.detections()
        self._alive = set(shard.tracks().track_id.tolist())
        self._boxes: dict[int, Boxes] = {}
        self._gone: dict[int, Boxes] = {}
        self._class_names: dict[int, str] = {}

    def apply(self, edit: IdentityEdit) -> None:
        """Raises LibraryError, and changes nothing, when the edit does not fit."""
        wanted = edit.tracks if edit.kind == "merge" else (edit.a_track,)
        for track in wanted:
            if track not in self._alive:
                raise LibraryError(f"there is no track {track}.")
        if edit.kind == "merge":
            self._merge(edit.tracks)
        elif edit.kind == "split":
            self._split(edit)
        else:
            self._boxes[edit.a_track] = self._of(edit.a_track)
            self._class_names[edit.a_track] = str(edit.details["class_name"])

    def _merge(self, tracks: tuple[int, ...]) -> None:
        survivor, *others = tracks
        self._boxes[survivor] = Boxes.of(self._of(track) for track in tracks)
        for track in others:
            self._gone[track] = self._of(track)
            self._boxes.pop(track, None)
            self._alive.remove(track)
            name = self._class_names.pop(track, None)
            if name is not None:
                self._class_names.setdefault(survivor, name)

    def _split(self, edit: IdentityEdit) -> None:
        boxes, details = self._of(edit.a_track), edit.details
        if "at_s" in details:
            leaves = boxes.t_s >= float(details["at_s"])
        else:
            boxes = self._taken_apart(boxes)
            leaves = np.isin(boxes.tracklet, np.asarray(details["tracklets"], np.int32))
        if leaves.all() or not leaves.any():
            raise LibraryError(f"it leaves one piece of track {edit.a_track} without boxes.")
        self._boxes[edit.a_track] = boxes.take(~leaves)
        self._boxes[edit.new_track] = boxes.take(leaves)
        self._alive.add(edit.new_track)
        if edit.a_track in self._class_names:
            self._class_names[edit.new_track] = self._class_names[edit.a_track]

    def _taken_apart(self, boxes: Boxes) -> Boxes:
        """The same boxes, those made of several detections replaced by what they were made of."""
        parts = [boxes.take(boxes.tracklet >= 0)]
        for origin in np.unique(boxes.origin[boxes.tracklet < 0]).tolist():
            found = self._found(origin)
            frames = boxes.frame[(boxes.tracklet < 0) & (boxes.origin == origin)]
            parts.append(found.take(np.isin(found.frame, frames)))
        return Boxes.of(parts)

    def _of(self, track: int) -> Boxes:
        """The boxes that a track has now, all of those of its path on disk at first."""
        if track in self._boxes:
            return self._boxes[track]
        path = self._shard.path_of(track)
        rows = np.flatnonzero(~path.interpolated)
        found = self._found(track)
        plain = found.one_a_frame()
        if np.array_equal(plain.frame, path.frame[rows]) and np.array_equal(
            plain.xyxy, path.xyxy[rows]
        ):
            return plain
        unknown = np.full(len(rows), -1, np.int32)
        return Boxes(
            frame=path.frame[rows],
            t_s=path.t_s[rows],
            xyxy=path.xyxy[rows],
            confidence=path.confidence[rows],
            origin=np.full(len(rows), track, np.int32),
            tracklet=unknown,
            class_id=unknown,
        )

    def _found(self, track: int) -> Boxes:
        """The detections of a track's tracklets; those that lay on top of it are left out."""
        tracklets = np.asarray(self._shard.tracklet_ids(track), np.int32)
        rows = np.flatnonzero(np.isin(self._detections.tracklet_id, tracklets))
        found: Detections = self._detections.detections.take(rows)
        return Boxes.of(
            [
                Boxes(
                    frame=found.frame,
                    t_s=found.t_s,
                    xyxy=found.xyxy,
                    confidence=found.confidence,
                    origin=np.full(len(rows), track, np.int32),
                    tracklet=self._detections.tracklet_id[rows],
                    class_id=found.class_id,
                )
            ]
        )

    def outcome(self, skipped: Mapping[int, str]) -> Owners:
        return Owners(
            boxes=dict(sorted(self._boxes.items())),
            class_names=dict(self._class_names),
            taken_in={track: self._most(boxes) for track, boxes in self._gone.items()},
            skipped=skipped,
        )

    def _most(self, had: Boxes) -> int:
        """The track that now has most of some boxes, the first of several that have as many."""
        keys = _keys(had)
        counts = {track: int(np.isin(_keys(b), keys).sum()) for track, b in self._boxes.items()}
        return max(sorted(counts), key=lambda track: counts[track])


def _keys(boxes: Boxes) -> npt.NDArray[np.int64]:
    return boxes.origin.astype(np.int64) << 32 | boxes.frame.astype(np.int64)


def _nearest(ordered: Int32, wanted: Int32) -> Rows:
    """(N,) place in `ordered` (ascending, not empty) of the value nearest to each wanted one."""
    right = np.clip(np.searchsorted(ordered, wanted), 0, len(ordered) - 1)
    left = np.maximum(right - 1, 0)
    closer = np.abs(ordered[left] - wanted) <= np.abs(ordered[right] - wanted)
    return np.asarray(np.where(closer, left, right), np.intp)
