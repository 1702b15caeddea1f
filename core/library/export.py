"""Tracks of a video as text that other tools read.

- mot: MOTChallenge result lines (frame from 1, id, left, top, width, height, confidence, -1, -1,
  -1); boxes filled in between detections have confidence 0.
- coco-vid: one JSON object with videos, images, annotations and categories as the COCO layout has
  them; an image is a frame with a box, an annotation names its track as `track_id` and, as some
  readers want it, `instance_id`.
- csv: a header and one line a box, with its time in seconds; frames from 0.

Frames are numbers of presentation in the file, pixels are those of the displayed picture.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np

from core.detections import Bool, Float32, Float64, Int32
from core.library.meta import ShardMeta
from core.library.shard import Shard
from core.library.tables import Text, text_column
from core.tracking.mot_text import mot_lines

FORMATS = ("mot", "coco-vid", "csv")
COLUMNS = (
    "frame",
    "t_s",
    "track_id",
    "class",
    "confidence",
    "left",
    "top",
    "width",
    "height",
    "interpolated",
)


@dataclass(frozen=True, slots=True)
class ExportedBoxes:
    """Boxes of all tracks of a video, ordered by frame and track.

    frame: (N,) 0-based. t_s: (N,) seconds. track_id: (N,). class_name: (N,) of the track.
    xyxy: (N, 4) pixels. confidence: (N,) 0 where interpolated. interpolated: (N,).
    """

    frame: Int32
    t_s: Float64
    track_id: Int32
    class_name: Text
    xyxy: Float32
    confidence: Float32
    interpolated: Bool

    def __len__(self) -> int:
        return len(self.frame)


def export_lines(
    shard: Shard,
    form: str,
    *,
    detected_only: bool = False,
    tracks: Collection[int] | None = None,
) -> Iterator[str]:
    """The tracks of a video in one of FORMATS, line by line, without line ends.

    detected_only: leave out boxes that no detection backs. tracks: ids, None for all.
    Raises KeyError for another form, LibraryError where the shard is damaged.
    """
    write = _WRITERS[form]
    return write(shard.meta, boxes_of(shard, detected_only=detected_only, tracks=tracks))


def boxes_of(
    shard: Shard, *, detected_only: bool = False, tracks: Collection[int] | None = None
) -> ExportedBoxes:
    """All boxes of all tracks, or of some, edits included."""
    table = shard.tracks()
    ids, names = table.track_id, table.class_name
    if tracks is not None:
        wanted = np.isin(ids, np.fromiter(tracks, np.int64, len(tracks)))
        ids, names = ids[wanted], names[wanted]
    paths = [shard.path_of(int(track_id)) for track_id in ids]
    counts = [len(path) for path in paths]
    whole = ExportedBoxes(
        frame=_joined([path.frame for path in paths], np.int32),
        t_s=_joined([path.t_s for path in paths], np.float64),
        track_id=np.repeat(ids, counts).astype(np.int32),
        class_name=np.repeat(names, counts) if counts else text_column([]),
        xyxy=_joined([path.xyxy for path in paths], np.float32).reshape(-1, 4),
        confidence=_joined([path.confidence for path in paths], np.float32),
        interpolated=_joined([path.interpolated for path in paths], np.bool_),
    )
    rows = np.lexsort((whole.track_id, whole.frame))
    if detected_only:
        rows = rows[~whole.interpolated[rows]]
    return ExportedBoxes(
        whole.frame[rows],
        whole.t_s[rows],
        whole.track_id[rows],
        whole.class_name[rows],
        whole.xyxy[rows],
        np.where(whole.interpolated[rows], np.float32(0.0), whole.confidence[rows]),
        whole.interpolated[rows],
    )


def _mot(_meta: ShardMeta, boxes: ExportedBoxes) -> Iterator[str]:
    return mot_lines(boxes.frame, boxes.track_id, boxes.xyxy, boxes.confidence)


def _csv(_meta: ShardMeta, boxes: ExportedBoxes) -> Iterator[str]:
    yield ",".join(COLUMNS)
    for row in range(len(boxes)):
        left, top, width, height = _place(boxes.xyxy[row])
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(
            (
                int(boxes.frame[row]),
                f"{float(boxes.t_s[row]):.4f}",
                int(boxes.track_id[row]),
                str(boxes.class_name[row]),
                f"{float(boxes.confidence[row]):.4f}",
                *(f"{number:.2f}" for number in (left, top, width, height)),
                int(boxes.interpolated[row]),
            )
        )
        yield line.getvalue()


def _coco_vid(meta: ShardMeta, boxes: ExportedBoxes) -> Iterator[str]:
    yield json.dumps(coco_vid(meta, boxes))


def coco_vid(meta: ShardMeta, boxes: ExportedBoxes) -> dict[str, Any]:
    """The JSON object; ids count from 1, `frame_id` from 0."""
    names = [str(name) for name in dict.fromkeys([*meta.class_names, *boxes.class_name.tolist()])]
    category = {name: number for number, name in enumerate(names, 1)}
    frames, first = np.unique(boxes.frame, return_index=True)
    image = {int(frame): number for number, frame in enumerate(frames, 1)}
    stem = PurePath(meta.name).stem
    return {
        "info": {"description": f"Tracks of {meta.name}", "version": meta.software},
        "videos": [
            {
                "id": 1,
                "name": meta.name,
                "width": meta.width,
                "height": meta.height,
                "fps": meta.fps,
            }
        ],
        "images": [
            {
                "id": image[int(frame)],
                "video_id": 1,
                "frame_id": int(frame),
                "file_name": f"{stem}/{int(frame) + 1:06d}.jpg",
                "width": meta.width,
                "height": meta.height,
                "t_s": round(float(boxes.t_s[row]), 4),
            }
            for frame, row in zip(frames, first, strict=True)
        ],
        "annotations": [_annotation(boxes, row, image, category) for row in range(len(boxes))],
        "categories": [{"id": number, "name": name} for name, number in category.items()],
    }


def _annotation(
    boxes: ExportedBoxes, row: int, image: Mapping[int, int], category: Mapping[str, int]
) -> dict[str, Any]:
    left, top, width, height = (round(number, 2) for number in _place(boxes.xyxy[row]))
    track_id = int(boxes.track_id[row])
    return {
        "id": row + 1,
        "video_id": 1,
        "image_id": image[int(boxes.frame[row])],
        "category_id": category[str(boxes.class_name[row])],
        "track_id": track_id,
        "instance_id": track_id,
        "bbox": [left, top, width, height],
        "area": round(width * height, 2),
        "iscrowd": 0,
        "score": round(float(boxes.confidence[row]), 4),
        "interpolated": bool(boxes.interpolated[row]),
    }


def _place(xyxy: Float32) -> tuple[float, float, float, float]:
    left, top, right, bottom = (float(corner) for corner in xyxy)
    return left, top, right - left, bottom - top


def _joined(columns: list[Any], dtype: Any) -> Any:
    return np.concatenate(columns).astype(dtype) if columns else np.zeros(0, dtype)


_WRITERS: Mapping[str, Callable[[ShardMeta, ExportedBoxes], Iterator[str]]] = {
    "mot": _mot,
    "coco-vid": _coco_vid,
    "csv": _csv,
}
