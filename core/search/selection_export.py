"""A selection as files for other programs: its objects as a table, their pictures, their boxes."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import PurePath
from typing import IO, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from core.attributes.colour import COLOURS
from core.library.export import export_lines
from core.library.library import Library
from core.search.columns import Columns
from core.search.selected import rows_of, tracks_at

Rows = npt.NDArray[np.int64]
Boxes = Literal["mot", "coco-vid"]
BOX_FORMS: tuple[Boxes, ...] = get_args(Boxes)
FIELDS = (
    "video", "video_id", "track_id", "class", "class_share", "colour", "colour_share", "t0_s",
    "t1_s", "boxes", "confidence", "labels", "picture",
)  # fmt: skip
_SUFFIX = {"mot": "txt", "coco-vid": "json"}


def object_data(columns: Columns, library: Library, rows: Rows) -> Iterator[dict[str, Any]]:
    """Each object as plain data: `FIELDS`, labels a list.

    class, colour: the most probable ones, None where nothing was seen of it. picture: name of its
    best crop in `write_pictures`, None without one.
    """
    labels = _labels(columns, library)
    for row in rows.tolist():
        record = columns.video_of(row)
        votes, colour = columns.votes[row], columns.colour[row]
        kind, shade = _most(votes), _most(colour)
        yield {
            "video": record.name,
            "video_id": record.video_id,
            "track_id": int(columns.track_id[row]),
            "class": None if kind is None else columns.class_names[kind],
            "class_share": None if kind is None else round(float(votes[kind]), 4),
            "colour": None if shade is None else COLOURS[shade],
            "colour_share": None if shade is None else round(float(colour[shade]), 4),
            "t0_s": round(float(columns.t0_s[row]), 3),
            "t1_s": round(float(columns.t1_s[row]), 3),
            "boxes": int(columns.n_boxes[row]),
            "confidence": round(float(columns.confidence[row]), 4),
            "labels": labels.get(row, []),
            "picture": picture_name(columns, row) if columns.best_crop[row] >= 0 else None,
        }


def objects_json(columns: Columns, library: Library, rows: Rows) -> str:
    """One JSON object: version, objects."""
    return json.dumps({"version": 1, "objects": list(object_data(columns, library, rows))})


def objects_csv(columns: Columns, library: Library, rows: Rows) -> str:
    """A header and a line an object; labels are separated by semicolons."""
    text = io.StringIO()
    table = csv.DictWriter(text, FIELDS, lineterminator="\n")
    table.writeheader()
    for each in object_data(columns, library, rows):
        table.writerow({**each, "labels": "; ".join(each["labels"])})
    return text.getvalue()


def picture_name(columns: Columns, row: int) -> str:
    """Where the picture of an object lies in `write_pictures`: a folder a class."""
    kind = _most(columns.votes[row])
    folder = "object" if kind is None else columns.class_names[kind].replace("/", "-")
    record = columns.video_of(row)
    stem = PurePath(record.name).stem
    return f"{folder}/{stem}-{record.video_id[:8]}-{int(columns.track_id[row])}.jpg"


def write_pictures(columns: Columns, library: Library, rows: Rows, file: IO[bytes]) -> None:
    """A zip of the best picture of each object, and `objects.csv` that tells of them.

    Raises LibraryError where a video is damaged.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("objects.csv", objects_csv(columns, library, rows))
        for row in rows[columns.best_crop[rows] >= 0].tolist():
            shard = library.shard(columns.video_of(row).video_id)
            jpeg = shard.crop_jpeg(int(columns.best_crop[row]))
            packed.writestr(picture_name(columns, row), jpeg)


def write_boxes(
    columns: Columns, library: Library, rows: Rows, form: Boxes, file: IO[bytes]
) -> None:
    """A zip with the boxes of the objects, a file a video, in a form of `core.library.export`.

    Raises LibraryError where a video is damaged.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for video_id, tracks in tracks_at(columns, rows).items():
            stem = PurePath(library.video(video_id).name).stem
            name = f"{stem}-{video_id[:8]}.{_SUFFIX[form]}"
            lines = export_lines(library.shard(video_id), form, tracks=tracks.tolist())
            packed.writestr(name, "".join(f"{line}\n" for line in lines))


def _most(shares: npt.NDArray[np.floating]) -> int | None:
    return int(shares.argmax()) if shares.size and float(shares.max()) > 0 else None


def _labels(columns: Columns, library: Library) -> dict[int, list[str]]:
    """Row -> its labels, in the order they were given."""
    found: dict[int, list[str]] = {}
    for label in library.notes.labels():
        tracks = {label.video_id: np.array([label.track_id], np.int64)}
        for row in rows_of(columns, library, tracks).tolist():
            if label.label not in found.setdefault(row, []):
                found[row].append(label.label)
    return found
