"""The shard of a video as a person has corrected it: read like any other, and as immutable.

Only the tracks that edits have changed are put together and described anew; every other row is
the one on disk. Crops and vectors keep their row numbers, so indexes over them stay valid.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.detections import Detections
from core.library.description import event_table, relation_table, track_table
from core.library.notes import IdentityEdit
from core.library.ownership import Boxes, Owners, owners_after
from core.library.shard import Shard
from core.library.tables import (
    CropTable,
    DetectionTable,
    EventTable,
    LinkTable,
    RelationTable,
    RideTable,
    TrackTable,
    joined,
    taken,
)
from core.motion.ground import GroundPlane
from core.motion.relations import KINDS
from core.motion.surroundings import Surroundings
from core.tracking.assembly import path_of
from core.tracking.classes import class_votes
from core.tracking.linking import LinkSettings
from core.tracks import Path as ObjectPath
from core.tracks import Track

_log = logging.getLogger(__name__)
_Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Changes:
    """What the edits did to a video. changed: the tracks they made or changed, by id."""

    owners: Owners
    changed: Mapping[int, Track]


class EditedShard(Shard):
    """A shard with edits applied on top; the files of `base` are read, never written.

    edits: those in force for this video, in the order they were made. One that does not fit the
    video (it was indexed anew, with other tracks) is left out with a warning.
    """

    def __init__(self, base: Shard, edits: Sequence[IdentityEdit]) -> None:
        super().__init__(base.folder)
        self.base = base
        self.edits = tuple(edit.edit_id for edit in edits)
        self.in_force = tuple(edits)

    def _changes(self) -> _Changes:
        return self._once("changes", self._apply)

    def _apply(self) -> _Changes:
        owners = owners_after(self.in_force, self.base)
        for edit_id, problem in owners.skipped.items():
            _log.warning("edit %d of %s is left out: %s", edit_id, self.meta.name, problem)
        found = self.base.detections().detections
        _, first = np.unique(found.frame, return_index=True)
        looked_at = found.take(np.asarray(first, np.intp))
        changed = {
            track: self._track(track, boxes, owners.class_names.get(track), looked_at)
            for track, boxes in owners.boxes.items()
        }
        return _Changes(owners, changed)

    def _track(
        self, track: int, boxes: Boxes, class_name: str | None, looked_at: Detections
    ) -> Track:
        votes = self._voted(boxes) if class_name is None else {class_name: 1.0}
        own = boxes.one_a_frame()
        unknown = np.zeros(len(own), np.int32)
        mine = Detections(own.frame, own.t_s, own.xyxy, own.confidence, unknown)
        # Frames in which nothing of this track was found still tell where a gap is to be filled.
        others = looked_at.take(~np.isin(looked_at.frame, own.frame))
        whole = Detections.concatenate([mine, others])
        order = np.argsort(whole.frame, kind="stable")
        rows = np.flatnonzero(order < len(own))
        pieces: dict[int, None] = {}
        for tracklet, origin in zip(boxes.tracklet.tolist(), boxes.origin.tolist(), strict=True):
            of_box = (tracklet,) if tracklet >= 0 else self.base.tracklet_ids(origin)
            pieces.update(dict.fromkeys(of_box))
        return Track(
            track_id=track,
            class_name=next(iter(votes)),
            class_votes=votes,
            path=path_of(whole.take(order), rows, LinkSettings().interpolate_s),
            tracklet_ids=tuple(pieces),
        )

    def _voted(self, boxes: Boxes) -> dict[str, float]:
        """Class votes of the boxes; where they are made of several, the votes of their track."""
        single = boxes.class_id >= 0
        names, weight = self.meta.class_names, np.square(boxes.confidence.astype(np.float64))
        own = class_votes(boxes.class_id[single], boxes.confidence[single], names)
        if single.all():
            return own
        total: dict[str, float] = {n: v * float(weight[single].sum()) for n, v in own.items()}
        for origin in np.unique(boxes.origin[~single]).tolist():
            much = float(weight[~single & (boxes.origin == origin)].sum())
            for name, share in self.base.votes(origin).items():
                total[name] = total.get(name, 0.0) + share * much
        ranked = sorted(total.items(), key=lambda item: (-item[1], item[0]))
        return {name: value / max(sum(total.values()), 1e-12) for name, value in ranked}

    def resolve(self, track_id: int) -> int:
        owner = self._changes().owners.taken_in.get(track_id)
        return super().resolve(track_id) if owner is None else owner

    # --- tables ------------------------------------------------------------------------------

    def tracks(self) -> TrackTable:
        return self._once("edited tracks", self._edited_tracks)

    def _edited_tracks(self) -> TrackTable:
        kept = self.base.tracks()
        kept = taken(kept, np.flatnonzero(~self._is_new_or_gone(kept.track_id)))
        changed = list(self._changes().changed.values())
        fresh = track_table(changed, self.crops(), self.meta.frame_size, self.camera())
        both = joined(kept, fresh)
        return taken(both, np.argsort(both.track_id, kind="stable"))

    def _is_new_or_gone(self, track_id: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        changes = self._changes()
        ids = [*changes.changed, *changes.owners.taken_in]
        return np.isin(track_id, np.asarray(ids, np.int32))

    def votes(self, track_id: int) -> dict[str, float]:
        track = self._changed(track_id)
        return self.base.votes(track_id) if track is None else dict(track.class_votes)

    def tracklet_ids(self, track_id: int) -> tuple[int, ...]:
        track = self._changed(track_id)
        return self.base.tracklet_ids(track_id) if track is None else track.tracklet_ids

    def path_of(self, track_id: int) -> ObjectPath:
        track = self._changed(track_id)
        return self.base.path_of(track_id) if track is None else track.path

    def _changed(self, track_id: int) -> Track | None:
        """The track where edits changed it; raises KeyError for one that is gone."""
        changes = self._changes()
        if track_id in changes.owners.taken_in:
            raise KeyError(track_id)
        return changes.changed.get(track_id)

    def events(self) -> EventTable:
        return self._once("edited events", self._edited_events)

    def _edited_events(self) -> EventTable:
        kept = self.base.events()
        kept = taken(kept, np.flatnonzero(~self._is_new_or_gone(kept.track_id)))
        changed = list(self._changes().changed.values())
        ground, camera = self._ground(), self.camera()
        around = Surroundings.of(self._all_tracks(), ground, camera)
        fresh = event_table(changed, self.meta.frame_size, ground, camera, around)
        both = joined(kept, fresh)
        return taken(both, np.argsort(both.track_id, kind="stable"))

    def _all_tracks(self) -> list[Track]:
        return [self.track(int(track)) for track in self.tracks().track_id]

    def _ground(self) -> GroundPlane | None:
        numbers = self.meta.ground
        return None if numbers is None else GroundPlane.from_numbers(numbers)

    def relations(self) -> RelationTable:
        return self._once("edited relations", self._edited_relations)

    def _edited_relations(self) -> RelationTable:
        """Relations that touch a changed track anew; those between two others as they were."""
        kept = self.base.relations()
        old = self._touches_new_or_gone(kept)
        fresh = relation_table(self._company(), self.meta.frame_size, self._ground(), self.camera())
        new = self._touches_new_or_gone(fresh)
        both = joined(taken(kept, np.flatnonzero(~old)), taken(fresh, np.flatnonzero(new)))
        place = {kind: k for k, kind in enumerate(KINDS)}
        kind = np.asarray([place.get(str(name), len(place)) for name in both.kind], np.int32)
        return taken(both, np.lexsort((both.t0_s, both.object_id, both.subject_id, kind)))

    def _touches_new_or_gone(self, table: RelationTable) -> npt.NDArray[np.bool_]:
        third = np.asarray([numbers.get("third_id", -1) for numbers in table.numbers], np.int32)
        ids = (table.subject_id, table.object_id, third)
        return np.asarray(np.any([self._is_new_or_gone(one) for one in ids], axis=0), np.bool_)

    def _company(self) -> list[Track]:
        """The changed tracks and all that were in view at the same time as one of them."""
        table, changed = self.tracks(), self._changes().changed
        mine = np.isin(table.track_id, np.asarray(list(changed), np.int32))
        meets = (table.t0_s[:, None] <= table.t1_s[None, mine]) & (
            table.t1_s[:, None] >= table.t0_s[None, mine]
        )
        return [self.track(int(track)) for track in table.track_id[meets.any(axis=1)]]

    def links(self) -> LinkTable:
        """The links that still lie within one track; what a person joined has none."""
        return self._once("edited links", self._edited_links)

    def _edited_links(self) -> LinkTable:
        kept, changes = self.base.links(), self._changes()
        of: dict[int, set[int]] = {}
        for track in self.tracks().track_id.tolist():
            for tracklet in self.tracklet_ids(track):
                of.setdefault(tracklet, set()).add(track)
        if not changes.changed:
            return kept
        ends = zip(kept.earlier_tracklet.tolist(), kept.later_tracklet.tolist(), strict=True)
        whole = [bool(of.get(a, set()) & of.get(b, set())) for a, b in ends]
        return taken(kept, np.flatnonzero(np.asarray(whole, np.bool_)))

    def rides(self) -> RideTable:
        """The rides of tracks that are still as they were."""
        return self._once("edited rides", self._edited_rides)

    def _edited_rides(self) -> RideTable:
        kept = self.base.rides()
        return taken(kept, np.flatnonzero(~self._is_new_or_gone(kept.track_id)))

    def detections(self) -> DetectionTable:
        table = self.base.detections()
        owner = self._changes().owners.of_detections(table)
        return DetectionTable(table.detections, table.tracklet_id, owner)

    def crops(self) -> CropTable:
        return self._once("edited crops", self._edited_crops)

    def _edited_crops(self) -> CropTable:
        crops = self.base.crops()
        owner = self._changes().owners.of_crops(crops, self.base.detections())
        return replace(crops, track_id=owner)


def problem_with(shard: Shard, edit: IdentityEdit) -> str:
    """Why an edit cannot be made to the tracks as they are now, "" where it can."""
    base: Shard = shard
    before: tuple[IdentityEdit, ...] = ()
    if isinstance(shard, EditedShard):
        base, before = shard.base, shard.in_force
    return owners_after((*before, edit), base).skipped.get(edit.edit_id, "")
