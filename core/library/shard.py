"""Reads the shard of one video: tables on first use, vectors memory-mapped, pictures by number.

A shard never changes, so everything read is kept; one object may be used by several threads.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
import pyarrow as pa

from core.detections import Int32
from core.errors import LibraryError
from core.library import parquet
from core.library.cameras import CAMERAS_NAME, read_camera
from core.library.files import stamp_of
from core.library.links import (
    LINKS_NAME,
    RIDES_NAME,
    SPLITS_NAME,
    links_of,
    ride_table,
    rides_of,
    split_table,
    splits_of,
)
from core.library.meta import META_NAME, ShardMeta, checksum, encoder_slug
from core.library.pictures import PictureFile
from core.library.tables import (
    CropTable,
    DetectionTable,
    EventTable,
    LinkTable,
    RelationTable,
    RideTable,
    SceneTable,
    SplitTable,
    TrackTable,
)
from core.library.vectors import Vectors, read_vectors
from core.tracking.camera import CameraPath
from core.tracks import Path as ObjectPath
from core.tracks import Track

_T = TypeVar("_T")


class Shard:
    """One video's folder, read only.

    Every method raises LibraryError, naming the file and what to do, when a file is missing or
    damaged. edits: numbers of the edits that are applied to what is read: none here.
    """

    edits: tuple[int, ...] = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / META_NAME
        try:
            data = path.read_bytes()
        except OSError as error:
            raise parquet.damaged(path, error) from error
        self.meta = ShardMeta.from_json(data, str(path))
        self.checksum = checksum(data)
        self._lock = threading.RLock()
        self._kept: dict[str, object] = {}
        self._pictures: dict[str, PictureFile] = {}

    @property
    def video_id(self) -> str:
        return self.meta.video_id

    def _once(self, name: str, read: Callable[[], _T]) -> _T:
        with self._lock:
            if name not in self._kept:
                self._kept[name] = read()
            return cast("_T", self._kept[name])

    # --- tables ------------------------------------------------------------------------------

    def tracks(self) -> TrackTable:
        return self._once("tracks", self._read_tracks)

    def _read_tracks(self) -> TrackTable:
        table = self._track_rows()
        return TrackTable(
            track_id=parquet.column(table, "track_id", np.int32),
            class_name=parquet.text(table, "class_name"),
            class_confidence=parquet.column(table, "class_confidence", np.float32),
            confidence=parquet.column(table, "confidence", np.float32),
            t0_s=parquet.column(table, "t0_s", np.float64),
            t1_s=parquet.column(table, "t1_s", np.float64),
            n_boxes=parquet.column(table, "n_boxes", np.int32),
            n_interpolated=parquet.column(table, "n_interpolated", np.int32),
            size_px=parquet.column(table, "size_px", np.float32),
            colour=parquet.matrix(table, "colour"),
            motion_known=parquet.column(table, "motion_known", np.bool_),
            motion_reason=parquet.text(table, "motion_reason"),
            best_crop=parquet.column(table, "best_crop", np.int32),
        )

    def _track_rows(self) -> pa.Table:
        return self._once("track_rows", lambda: parquet.read_table(self.folder / "tracks.parquet"))

    def votes(self, track_id: int) -> dict[str, float]:
        """Class name -> share of the votes, summing to 1; raises KeyError for an unknown track."""
        row = self.tracks().row_of(track_id)
        votes: dict[str, float] = json.loads(self._track_rows().column("class_votes")[row].as_py())
        return votes

    def motion_reason(self, track_id: int) -> str:
        """Why nothing is said of a track's motion, "" where it is known; raises KeyError."""
        table = self.tracks()
        return str(table.motion_reason[table.row_of(track_id)])

    def tracklet_ids(self, track_id: int) -> tuple[int, ...]:
        row = self.tracks().row_of(track_id)
        return tuple(self._track_rows().column("tracklet_ids")[row].as_py())

    def path_of(self, track_id: int) -> ObjectPath:
        """The boxes of a track; raises KeyError for an unknown track."""
        ids, whole = self._once("paths", self._read_paths)
        rows = slice(*np.searchsorted(ids, [track_id, track_id + 1]).tolist())
        if rows.start == rows.stop:
            self.tracks().row_of(track_id)
        return ObjectPath(
            whole.frame[rows],
            whole.t_s[rows],
            whole.xyxy[rows],
            whole.confidence[rows],
            whole.interpolated[rows],
        )

    def _read_paths(self) -> tuple[Int32, ObjectPath]:
        table = parquet.read_table(self.folder / "paths.parquet")
        return parquet.column(table, "track_id", np.int32), ObjectPath(
            frame=parquet.column(table, "frame", np.int32),
            t_s=parquet.column(table, "t_s", np.float64),
            xyxy=parquet.boxes(table),
            confidence=parquet.column(table, "confidence", np.float32),
            interpolated=parquet.column(table, "interpolated", np.bool_),
        )

    def track(self, track_id: int) -> Track:
        """A track as the rooms above the library know it."""
        row = self.tracks().row_of(track_id)
        return Track(
            track_id,
            str(self.tracks().class_name[row]),
            self.votes(track_id),
            self.path_of(track_id),
            self.tracklet_ids(track_id),
        )

    def events(self) -> EventTable:
        return self._once("events", self._read_events)

    def _read_events(self) -> EventTable:
        table = parquet.read_table(self.folder / "events.parquet")
        return EventTable(
            track_id=parquet.column(table, "track_id", np.int32),
            kind=parquet.text(table, "kind"),
            t0_s=parquet.column(table, "t0_s", np.float64),
            t1_s=parquet.column(table, "t1_s", np.float64),
            p=parquet.column(table, "p", np.float32),
            numbers=parquet.numbers(table, "numbers"),
        )

    def event_numbers(self, row: int) -> Mapping[str, float]:
        """What was measured of the event in a row of `events`."""
        return self.events().numbers[row]

    def relations(self) -> RelationTable:
        return self._once("relations", self._read_relations)

    def _read_relations(self) -> RelationTable:
        table = parquet.read_table(self.folder / "relations.parquet")
        return RelationTable(
            kind=parquet.text(table, "kind"),
            subject_id=parquet.column(table, "subject_id", np.int32),
            object_id=parquet.column(table, "object_id", np.int32),
            t0_s=parquet.column(table, "t0_s", np.float64),
            t1_s=parquet.column(table, "t1_s", np.float64),
            p=parquet.column(table, "p", np.float32),
            numbers=parquet.numbers(table, "numbers"),
        )

    def relation_numbers(self, row: int) -> Mapping[str, float]:
        """What was measured of the relation in a row of `relations`."""
        return self.relations().numbers[row]

    def links(self) -> LinkTable:
        return self._once("links", self._read_links)

    def _read_links(self) -> LinkTable:
        return links_of(parquet.read_table(self.folder / LINKS_NAME))

    def splits(self) -> SplitTable:
        """Tracklets that were cut; none in a video indexed before that was done."""
        return self._once("splits", self._read_splits)

    def _read_splits(self) -> SplitTable:
        if SPLITS_NAME not in self.meta.files:
            return split_table(())
        return splits_of(parquet.read_table(self.folder / SPLITS_NAME))

    def rides(self) -> RideTable:
        """Riders and what they ride; none in a video indexed before that was looked for."""
        return self._once("rides", self._read_rides)

    def _read_rides(self) -> RideTable:
        if RIDES_NAME not in self.meta.files:
            return ride_table(())
        return rides_of(parquet.read_table(self.folder / RIDES_NAME))

    def camera(self) -> CameraPath:
        """Where the camera looked in every frame looked at; a video indexed before that was
        measured has the path of a standing camera.
        """
        return self._once("camera", self._read_camera)

    def _read_camera(self) -> CameraPath:
        if CAMERAS_NAME not in self.meta.files:
            return CameraPath.standing()
        return read_camera(self.folder / CAMERAS_NAME)

    def detections(self) -> DetectionTable:
        """Every detection kept; read each time, because few ask and it is the largest table."""
        table = parquet.read_table(self.folder / "detections.parquet")
        return DetectionTable(
            parquet.detections(table),
            parquet.column(table, "tracklet_id", np.int32),
            parquet.column(table, "track_id", np.int32),
        )

    def resolve(self, track_id: int) -> int:
        """The track that is now what `track_id` was; raises LibraryError for an unknown one."""
        try:
            self.tracks().row_of(track_id)
        except KeyError:
            raise LibraryError(f"{self.meta.name} has no track {track_id}.") from None
        return track_id

    # --- pictures ----------------------------------------------------------------------------

    def crops(self) -> CropTable:
        return self._once("crops", self._read_crops)

    def _read_crops(self) -> CropTable:
        return read_crops(self.folder / "crops.parquet")

    def crop_jpeg(self, crop_id: int) -> bytes:
        """The picture of a crop; raises KeyError for an unknown one."""
        return self._picture("crops.parquet", crop_id)

    def scenes(self) -> SceneTable:
        return self._once("scenes", self._read_scenes)

    def _read_scenes(self) -> SceneTable:
        return read_scenes(self.folder / "scenes.parquet")

    def scene_jpeg(self, scene_id: int) -> bytes:
        """The picture of a scene; raises KeyError for an unknown one."""
        return self._picture("scenes.parquet", scene_id)

    def _picture(self, name: str, row: int) -> bytes:
        with self._lock:
            if name not in self._pictures:
                self._pictures[name] = PictureFile(self.folder / name)
            return self._pictures[name].read(row)

    # --- vectors -----------------------------------------------------------------------------

    def crop_vectors(self, encoder: str) -> Vectors:
        """(N, D) float16, unit length, memory-mapped, row = crop_id, of the encoder named."""
        return self._vectors("crops", encoder, self.meta.counts["crops"])

    def scene_vectors(self, encoder: str) -> Vectors:
        """(S, D) float16, unit length, memory-mapped, row = scene_id, of the encoder named."""
        return self._vectors("scenes", encoder, self.meta.counts["scenes"])

    def _vectors(self, what: str, encoder: str, rows: int) -> Vectors:
        if encoder != self.meta.encoder:
            raise LibraryError(
                f"{self.meta.name} was indexed with the encoder {self.meta.encoder}, not "
                f"{encoder}: "
                "search with the profile it was added with, or remove it and add it again."
            )
        path = self.folder / f"{what}.{encoder_slug(encoder)}.npy"
        return self._once(path.name, lambda: read_vectors(path, rows, self.meta.encoder_dim))

    # --- integrity ---------------------------------------------------------------------------

    def problem(self, *, thorough: bool = False) -> str:
        """A sentence on the first file that is missing or damaged, "" when all is well.

        Looks at sizes only, unless `thorough`, which reads every byte.
        """
        for name, stamp in self.meta.files.items():
            path = self.folder / name
            try:
                size = path.stat().st_size
                sound = size == stamp.size_bytes and (not thorough or stamp_of(path) == stamp)
            except OSError as error:
                return str(parquet.damaged(path, error))
            if not sound:
                return str(parquet.damaged(path, "its content is not what was written"))
        return ""

    def verify(self) -> None:
        """Read every byte and compare; raises LibraryError naming the first damaged file."""
        if problem := self.problem(thorough=True):
            raise LibraryError(problem)


def read_crops(path: Path) -> CropTable:
    """All of a picture table but the pictures."""
    columns = ["crop_id", "track_id", "frame", "t_s", "x0", "y0", "x1", "y1", "quality", "colour"]
    table = parquet.read_table(path, columns)
    return CropTable(
        crop_id=parquet.column(table, "crop_id", np.int32),
        track_id=parquet.column(table, "track_id", np.int32),
        frame=parquet.column(table, "frame", np.int32),
        t_s=parquet.column(table, "t_s", np.float64),
        xyxy=parquet.boxes(table),
        quality=parquet.column(table, "quality", np.float32),
        colour=parquet.matrix(table, "colour"),
    )


def read_scenes(path: Path) -> SceneTable:
    """All of a scene table but the pictures."""
    table = parquet.read_table(path, ["scene_id", "t0_s", "t1_s", "frame", "t_s"])
    return SceneTable(
        scene_id=parquet.column(table, "scene_id", np.int32),
        t0_s=parquet.column(table, "t0_s", np.float64),
        t1_s=parquet.column(table, "t1_s", np.float64),
        frame=parquet.column(table, "frame", np.int32),
        t_s=parquet.column(table, "t_s", np.float64),
    )
