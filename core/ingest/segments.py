"""Work in progress on disk: a long video in segments, so that a stop loses at most one of them.

`work/<video_id>/manifest.json` pins everything the numbers depend on. Each segment is a folder that
appears by one rename; it holds what was found in its span and where the next one starts.
"""

from __future__ import annotations

import io
import json
import logging
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from core.detections import Bool, Detections, Float32, Float64, Int32
from core.errors import LibraryError
from core.library import parquet
from core.library.arrow import matrix_column
from core.library.cameras import camera_columns, camera_of
from core.library.files import FileStamp, commit_folder, replace_bytes, stamp_of, write_bytes
from core.library.pictures import PictureFile, write_pictures
from core.library.vectors import Vectors, read_vectors, write_vectors
from core.tracking.camera import CameraPath, CameraStep
from core.tracking.camera_motion import Memory
from core.tracking.following import FrameLooks

_log = logging.getLogger(__name__)
_MANIFEST = "manifest.json"
_SEGMENT = "segment.json"
_CAMERA = "camera.npz"
_STEP = tuple(f"step_{row}{column}" for row in range(2) for column in range(3))


@dataclass(frozen=True, slots=True)
class Pinned:
    """What the numbers of a run depend on; a run under other values starts the video anew."""

    video_id: str
    profile_fingerprint: str
    detector: str
    encoder: str
    detector_runtime: str
    encoder_runtime: str
    software: str
    settings: str


@dataclass(frozen=True, slots=True)
class SegmentCrops:
    """Encoded crop candidates of a segment, ordered by tracklet and time.

    Columns as in `core.library.tables.CropTable`; vectors: (N, D) float16.
    """

    tracklet_id: Int32
    frame: Int32
    t_s: Float64
    xyxy: Float32
    quality: Float32
    colour: Float32
    vectors: Vectors

    def __len__(self) -> int:
        return len(self.tracklet_id)


@dataclass(frozen=True, slots=True)
class SegmentScenes:
    """Encoded scenes of a segment; vectors: (S, D) float16."""

    t0_s: Float64
    t1_s: Float64
    frame: Int32
    t_s: Float64
    vectors: Vectors

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True, slots=True)
class Segment:
    """What was found in one span of a video.

    camera: where the camera looked in every frame looked at. step: (F, 2, 3) float64 how it moved
    since the frame before, as in `core.tracking.camera.CameraStep.matrix`. tracklet_id: online id
    of each detection, -1 for none. looked: (N,) which detections association has looked at;
    looks: (M, D) float16 their vectors.
    next_index, next_s: the frame the next segment starts with, None after the last.
    """

    number: int
    camera: CameraPath
    step: Float64
    detections: Detections
    tracklet_id: Int32
    looked: Bool
    looks: Vectors
    crops: SegmentCrops
    scenes: SegmentScenes
    next_index: int | None
    next_s: float | None

    @property
    def frame(self) -> Int32:
        """(F,) every frame looked at."""
        return self.camera.frame

    @property
    def t_s(self) -> Float64:
        """(F,) seconds of every frame looked at."""
        return self.camera.t_s

    def followed(self) -> Iterator[tuple[Detections, CameraStep, FrameLooks]]:
        """The boxes of each frame, the camera's step and what was looked at, in order."""
        edges = np.searchsorted(
            self.detections.frame, [*self.frame.tolist(), np.iinfo(np.int32).max]
        )
        camera = self.camera
        before = np.concatenate([[0], np.cumsum(self.looked)])
        for row, (start, stop) in enumerate(pairwise(edges.tolist())):
            step = CameraStep(
                matrix=self.step[row],
                known=bool(camera.known[row]),
                cut=bool(camera.cut[row]),
                view=camera.view[row],
                reference=int(camera.reference[row]),
            )
            looked = FrameLooks(
                np.flatnonzero(self.looked[start:stop]).astype(np.int32),
                np.asarray(self.looks[before[start] : before[stop]]),
            )
            yield self.detections.take(slice(start, stop)), step, looked


class Segments:
    """The segments of one video under `work/<video_id>/`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def runtimes(self) -> tuple[str, str] | None:
        """What detector and encoder ran on in an earlier run, None where there was none."""
        found = self._manifest() or {}
        both = found.get("detector_runtime"), found.get("encoder_runtime")
        return (both[0], both[1]) if isinstance(both[0], str) and isinstance(both[1], str) else None

    def begin(self, pinned: Pinned) -> list[Segment]:
        """The segments an earlier run left that this one can go on from, in order.

        Work done under other models or settings, and whatever is damaged, is thrown away.
        """
        wanted = asdict(pinned)
        found = self._manifest()
        if found is not None and found != wanted:
            changed = sorted(key for key in wanted if found.get(key) != wanted[key])
            _log.warning(
                "%s was begun with another %s: it is read again from its start",
                self.folder.name,
                ", ".join(changed),
            )
            found = None
        if found is None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            replace_bytes(self.folder / _MANIFEST, json.dumps(wanted, indent=1).encode())
            return []
        return self._sound()

    def _manifest(self) -> dict[str, Any] | None:
        try:
            read: dict[str, Any] = json.loads((self.folder / _MANIFEST).read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            _log.warning("%s is damaged: the video is read again from its start", self.folder)
            return None
        return read

    def _sound(self) -> list[Segment]:
        good: list[Segment] = []
        folders = sorted(entry for entry in self.folder.iterdir() if entry.name.isdigit())
        for place, folder in enumerate(folders):
            follows = not good or good[-1].next_index is not None
            try:
                segment = self.read(int(folder.name)) if follows else None
            except LibraryError as error:
                _log.warning("%s The video is read again from there.", error)
                segment = None
            if segment is not None and good and good[-1].next_index != int(segment.frame[0]):
                segment = None
            if segment is None:
                for rest in folders[place:]:
                    shutil.rmtree(rest)
                break
            good.append(segment)
        return good

    def all(self) -> list[Segment]:
        """All segments, read back; raises LibraryError when one is damaged or missing."""
        numbers = sorted(int(e.name) for e in self.folder.iterdir() if e.name.isdigit())
        parts = [self.read(number) for number in numbers]
        if not parts or parts[-1].next_index is not None:
            raise LibraryError(f"The work in {self.folder} is not complete: add the video again.")
        return parts

    def write(
        self,
        segment: Segment,
        crop_jpegs: Iterable[bytes],
        scene_jpegs: Iterable[bytes],
        camera: Memory,
    ) -> None:
        """Write a segment whole: it is there after this, or not at all.

        camera: what measuring the camera's next step depends on.
        """
        commit_folder(
            self._folder(segment.number),
            lambda folder: _fill(folder, segment, crop_jpegs, scene_jpegs, camera),
        )

    def read(self, number: int) -> Segment:
        """Read a segment back; raises LibraryError when a file is not what was written."""
        folder = self._folder(number)
        try:
            about: dict[str, Any] = json.loads((folder / _SEGMENT).read_bytes())
            stamps = {name: FileStamp(**stamp) for name, stamp in about["files"].items()}
            dim = int(about["dim"])
            sound = all(stamp_of(folder / name) == stamp for name, stamp in stamps.items())
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise LibraryError(f"The unfinished segment {folder} is damaged: {error}.") from error
        if not sound:
            raise LibraryError(f"The unfinished segment {folder} is damaged.")
        frames = parquet.read_table(folder / "frames.parquet")
        boxes = parquet.read_table(folder / "detections.parquet")
        return Segment(
            number=number,
            camera=camera_of(frames),
            step=np.stack(
                [parquet.column(frames, name, np.float64) for name in _STEP], axis=1
            ).reshape(-1, 2, 3),
            detections=parquet.detections(boxes),
            tracklet_id=parquet.column(boxes, "tracklet_id", np.int32),
            looked=(looked := parquet.column(boxes, "looked", np.bool_)),
            looks=read_vectors(folder / "looks.npy", int(looked.sum()), dim),
            crops=_read_crops(folder, dim),
            scenes=_read_scenes(folder, dim),
            next_index=about["next_index"],
            next_s=about["next_s"],
        )

    def camera_memory(self, number: int) -> Memory:
        """What was given as `camera` when a segment, which has been read, was written."""
        with np.load(self._folder(number) / _CAMERA, allow_pickle=False) as arrays:
            return dict(arrays)

    def crop_pictures(self, number: int) -> PictureFile:
        return PictureFile(self._folder(number) / "crops.parquet")

    def scene_pictures(self, number: int) -> PictureFile:
        return PictureFile(self._folder(number) / "scenes.parquet")

    def _folder(self, number: int) -> Path:
        return self.folder / f"{number:06d}"


def _fill(
    folder: Path,
    segment: Segment,
    crop_jpegs: Iterable[bytes],
    scene_jpegs: Iterable[bytes],
    camera: Memory,
) -> None:
    crops, scenes = segment.crops, segment.scenes
    files = {
        "frames.parquet": parquet.write_table(
            folder / "frames.parquet",
            {
                **camera_columns(segment.camera),
                **{
                    name: np.ascontiguousarray(segment.step.reshape(-1, 6)[:, k])
                    for k, name in enumerate(_STEP)
                },
            },
        ),
        "detections.parquet": parquet.write_table(
            folder / "detections.parquet",
            {
                **parquet.detection_columns(segment.detections),
                "tracklet_id": segment.tracklet_id,
                "looked": segment.looked,
            },
        ),
        "looks.npy": write_vectors(folder / "looks.npy", segment.looks, len(segment.looks)),
        "crops.parquet": write_pictures(
            folder / "crops.parquet",
            {
                "tracklet_id": crops.tracklet_id,
                "frame": crops.frame,
                "t_s": crops.t_s,
                **parquet.box_columns(crops.xyxy),
                "quality": crops.quality,
                "colour": matrix_column(crops.colour),
            },
            crop_jpegs,
        ),
        "scenes.parquet": write_pictures(
            folder / "scenes.parquet",
            {
                "t0_s": scenes.t0_s,
                "t1_s": scenes.t1_s,
                "frame": scenes.frame,
                "t_s": scenes.t_s,
            },
            scene_jpegs,
        ),
        "crops.npy": write_vectors(folder / "crops.npy", crops.vectors, len(crops)),
        "scenes.npy": write_vectors(folder / "scenes.npy", scenes.vectors, len(scenes)),
        _CAMERA: write_bytes(folder / _CAMERA, _packed(camera)),
    }
    about = {
        "next_index": segment.next_index,
        "next_s": segment.next_s,
        "dim": crops.vectors.shape[1],
        "files": {name: asdict(stamp) for name, stamp in files.items()},
    }
    write_bytes(folder / _SEGMENT, json.dumps(about, indent=1).encode())


def _packed(arrays: Memory) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _read_crops(folder: Path, dim: int) -> SegmentCrops:
    columns = ["tracklet_id", "frame", "t_s", "x0", "y0", "x1", "y1", "quality", "colour"]
    table = parquet.read_table(folder / "crops.parquet", columns)
    return SegmentCrops(
        tracklet_id=parquet.column(table, "tracklet_id", np.int32),
        frame=parquet.column(table, "frame", np.int32),
        t_s=parquet.column(table, "t_s", np.float64),
        xyxy=parquet.boxes(table),
        quality=parquet.column(table, "quality", np.float32),
        colour=parquet.matrix(table, "colour"),
        vectors=read_vectors(folder / "crops.npy", table.num_rows, dim),
    )


def _read_scenes(folder: Path, dim: int) -> SegmentScenes:
    table = parquet.read_table(folder / "scenes.parquet", ["t0_s", "t1_s", "frame", "t_s"])
    return SegmentScenes(
        t0_s=parquet.column(table, "t0_s", np.float64),
        t1_s=parquet.column(table, "t1_s", np.float64),
        frame=parquet.column(table, "frame", np.int32),
        t_s=parquet.column(table, "t_s", np.float64),
        vectors=read_vectors(folder / "scenes.npy", table.num_rows, dim),
    )
