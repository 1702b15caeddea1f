"""From the segments of a video to its shard: link, choose crops, describe, write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.detections import Detections, Int32
from core.ingest.exemplars import choose
from core.ingest.flow import Busy
from core.ingest.segments import Segment, Segments
from core.library.description import MEASURES, describe
from core.library.links import link_table, ride_table, split_table
from core.library.meta import ShardMeta
from core.library.pictures import PictureFile
from core.library.shard_writer import ShardContent, write_shard
from core.library.tables import CropTable, DetectionTable, SceneTable
from core.tracking import crops as tracking
from core.tracking.appearance import Calibration
from core.tracking.camera import CameraPath
from core.tracking.linking import LinkSettings
from core.tracking.offline import LinkedTracks, link

EXEMPLARS = 8  # crops kept of a track

Rows = npt.NDArray[np.intp]


def finish(
    folder: Path,
    meta: ShardMeta,
    segments: Segments,
    parts: Sequence[Segment],
    busy: Busy,
    settings: LinkSettings | None = None,
) -> ShardMeta:
    """Write the shard `folder` from all segments of a video; the same segments give the same bytes.

    Raises OSError when it cannot be written, and leaves nothing then.
    """
    with busy.on("link"):
        detections = Detections.concatenate(part.detections for part in parts)
        tracklets = _joined([part.tracklet_id for part in parts], np.int32)
        candidates = _Candidates.of(parts, meta.encoder_dim)
        camera = CameraPath.concatenate([part.camera for part in parts])
        linked = link(
            detections,
            tracklets,
            candidates.table,
            meta.class_names,
            meta.frame_size,
            settings,
            camera,
        )
        crops, rows = _exemplars(linked, candidates)
        said = describe(linked.tracks, crops, meta.frame_size, camera=camera)
    with busy.on("write"):
        scenes = _scenes(parts)
        content = ShardContent(
            detections=DetectionTable(
                detections, linked.tracklet_ids, _track_ids(linked.tracklet_ids, linked)
            ),
            tracks=linked.tracks,
            table=said.table,
            links=link_table(linked.links),
            events=said.events,
            relations=said.relations,
            crops=crops,
            crop_jpegs=candidates.jpegs(segments, rows),
            crop_vectors=candidates.table.vectors[rows].astype(np.float16),
            scenes=scenes,
            scene_jpegs=_scene_jpegs(segments, parts),
            scene_vectors=_joined([part.scenes.vectors for part in parts], np.float16),
            camera=camera,
            splits=split_table(linked.splits),
            rides=ride_table(linked.composites),
        )
        last_s = float(parts[-1].t_s[-1])
        complete = replace(
            meta,
            frames=sum(len(part.frame) for part in parts),
            notes=(*_notes(meta, last_s), *_doubts(linked.calibration)),
            looks=linked.calibration.reason,
            ground=said.ground,
            measures=MEASURES,
        )
        return write_shard(folder, complete, content)


def _notes(meta: ShardMeta, last_s: float) -> tuple[str, ...]:
    step_s = 1.0 / meta.sample_fps if meta.sample_fps else 1.0 / max(meta.fps, 1.0)
    if last_s + max(1.0, 2 * step_s) >= meta.duration_s:
        return ()
    return (
        f"The picture ends at {last_s:.1f} s although the file states {meta.duration_s:.1f} s: "
        "it is cut off or damaged.",
    )


def _doubts(calibration: Calibration) -> tuple[str, ...]:
    """Said aloud only where there was enough to judge by, and it spoke against looks."""
    if calibration.usable or not np.isfinite(calibration.d_prime):
        return ()
    return (
        f"Looks do not tell its objects apart (d' {calibration.d_prime:.1f}), so they were joined "
        "by motion alone.",
    )


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The crops of all segments, and where their pictures are."""

    table: tracking.CropTable
    colour: npt.NDArray[np.float32]
    segment: Int32
    row: Int32

    @staticmethod
    def of(parts: Sequence[Segment], dim: int) -> _Candidates:
        crops = [part.crops for part in parts]
        vectors = _joined([crop.vectors for crop in crops], np.float16).reshape(-1, dim)
        return _Candidates(
            table=tracking.CropTable(
                tracklet_id=_joined([c.tracklet_id for c in crops], np.int32),
                frame=_joined([c.frame for c in crops], np.int32),
                t_s=_joined([c.t_s for c in crops], np.float64),
                xyxy=_joined([c.xyxy for c in crops], np.float32),
                quality=_joined([c.quality for c in crops], np.float32),
                vectors=vectors.astype(np.float32),
            ),
            colour=_joined([c.colour for c in crops], np.float32),
            segment=np.repeat(
                np.asarray([p.number for p in parts], np.int32), [len(c) for c in crops]
            ),
            row=_joined([np.arange(len(c), dtype=np.int32) for c in crops], np.int32),
        )

    def jpegs(self, segments: Segments, rows: Rows) -> Iterator[bytes]:
        """The pictures of some rows, in the order asked; few segment files are open at a time."""
        with _OpenPictures() as files:
            for row in rows:
                number = int(self.segment[row])
                yield files.of(number, segments).read(int(self.row[row]))


class _OpenPictures:
    """The picture files last used."""

    _MOST = 8

    def __init__(self) -> None:
        self._files: dict[int, PictureFile] = {}

    def of(self, number: int, segments: Segments) -> PictureFile:
        file = self._files.pop(number, None) or segments.crop_pictures(number)
        self._files[number] = file
        if len(self._files) > self._MOST:
            self._files.pop(next(iter(self._files))).close()
        return file

    def __enter__(self) -> _OpenPictures:
        return self

    def __exit__(self, *unused: object) -> None:
        for file in self._files.values():
            file.close()


def _exemplars(linked: LinkedTracks, candidates: _Candidates) -> tuple[CropTable, Rows]:
    """The crops kept, ordered by track and time, and their rows among the candidates."""
    table = candidates.table
    owner = _track_ids(linked.crop_tracklet_ids, linked)
    chosen: list[Rows] = []
    for track in linked.tracks:
        mine = np.flatnonzero(owner == track.track_id)
        chosen.append(mine[choose(table.t_s[mine], table.quality[mine], EXEMPLARS)])
    rows: Rows = np.concatenate([*chosen, np.zeros(0, np.intp)]).astype(np.intp)
    crops = CropTable(
        crop_id=np.arange(len(rows), dtype=np.int32),
        track_id=owner[rows],
        frame=table.frame[rows],
        t_s=table.t_s[rows],
        xyxy=table.xyxy[rows],
        quality=table.quality[rows],
        colour=candidates.colour[rows],
    )
    return crops, rows


def _track_ids(tracklets: Int32, linked: LinkedTracks) -> Int32:
    """Track of each tracklet id, -1 where it became none."""
    highest = max([*linked.tracklet_to_track, int(tracklets.max(initial=-1))])
    of = np.full(highest + 2, -1, np.int32)  # the last place answers for -1
    for tracklet, track in linked.tracklet_to_track.items():
        of[tracklet] = track
    return np.asarray(of[tracklets], np.int32)


def _scenes(parts: Sequence[Segment]) -> SceneTable:
    frame = _joined([part.scenes.frame for part in parts], np.int32)
    return SceneTable(
        scene_id=np.arange(len(frame), dtype=np.int32),
        t0_s=_joined([part.scenes.t0_s for part in parts], np.float64),
        t1_s=_joined([part.scenes.t1_s for part in parts], np.float64),
        frame=frame,
        t_s=_joined([part.scenes.t_s for part in parts], np.float64),
    )


def _scene_jpegs(segments: Segments, parts: Sequence[Segment]) -> Iterator[bytes]:
    for part in parts:
        file = segments.scene_pictures(part.number)
        try:
            for row in range(len(part.scenes)):
                yield file.read(row)
        finally:
            file.close()


def _joined(columns: Sequence[npt.NDArray[Any]], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    return np.concatenate(columns).astype(dtype, copy=False)
