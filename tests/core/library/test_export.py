from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.evaluate.scores import TrackedBoxes, score
from core.evaluate.sequences import read_sequence
from core.library.export import COLUMNS, FORMATS, export_lines
from core.library.library import Library
from core.library.shard import Shard
from core.library.shard_writer import write_shard
from core.tracking.mot_text import read_mot
from core.tracks import Path as ObjectPath
from core.tracks import Track
from tests.core.evaluate.hand_made import write_info, write_pictures
from tests.fakes import made_up, picture


def path(frames: list[int], left: float, filled: tuple[int, ...] = ()) -> ObjectPath:
    frame = np.array(frames, np.int32)
    interpolated = np.isin(frame, filled)
    xyxy = np.array([[left + f, 10.0, left + f + 20.0, 40.5] for f in frames], np.float32)
    return ObjectPath(
        frame=frame,
        t_s=frame / 25.0,
        xyxy=xyxy,
        confidence=np.where(interpolated, 0.0, 0.75).astype(np.float32),
        interpolated=interpolated,
    )


@pytest.fixture
def shard(tmp_path: Path) -> Shard:
    meta, content = made_up("0123456789ab", 2, 1, 8, "fake/encoder", 0, "street, north.mp4")
    tracks = [
        Track(1, "car", {"car": 1.0}, path([0, 2, 4, 6], 100.0, filled=(2,)), (0,)),
        Track(2, "car", {"car": 1.0}, path([2, 4], 300.0), (1,)),
    ]
    library = Library.open(tmp_path / "library")
    with library.writing():
        write_shard(library.shard_folder(meta.video_id), meta, replace(content, tracks=tracks))
        library.adopt(meta.video_id)
    return library.shard(meta.video_id)


def test_mot(shard: Shard):
    assert list(export_lines(shard, "mot")) == [
        "1,1,100.00,10.00,20.00,30.50,0.7500,-1,-1,-1",
        "3,1,102.00,10.00,20.00,30.50,0.0000,-1,-1,-1",
        "3,2,302.00,10.00,20.00,30.50,0.7500,-1,-1,-1",
        "5,1,104.00,10.00,20.00,30.50,0.7500,-1,-1,-1",
        "5,2,304.00,10.00,20.00,30.50,0.7500,-1,-1,-1",
        "7,1,106.00,10.00,20.00,30.50,0.7500,-1,-1,-1",
    ]


def test_csv(shard: Shard):
    rows = list(csv.DictReader(export_lines(shard, "csv")))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 6
    assert rows[1] == {
        "frame": "2", "t_s": "0.0800", "track_id": "1", "class": "car", "confidence": "0.0000",
        "left": "102.00", "top": "10.00", "width": "20.00", "height": "30.50", "interpolated": "1",
    }  # fmt: skip


def test_coco_vid(shard: Shard):
    [line] = export_lines(shard, "coco-vid")
    data = json.loads(line)
    assert [video["name"] for video in data["videos"]] == ["street, north.mp4"]
    assert data["categories"] == [{"id": 1, "name": "car"}, {"id": 2, "name": "van"}]
    assert [image["frame_id"] for image in data["images"]] == [0, 2, 4, 6]
    assert data["images"][1] == {
        "id": 2, "video_id": 1, "frame_id": 2, "file_name": "street, north/000003.jpg",
        "width": 640, "height": 360, "t_s": 0.08,
    }  # fmt: skip
    assert data["annotations"][2] == {
        "id": 3, "video_id": 1, "image_id": 2, "category_id": 1, "track_id": 2, "instance_id": 2,
        "bbox": [302.0, 10.0, 20.0, 30.5], "area": 610.0, "iscrowd": 0, "score": 0.75,
        "interpolated": False,
    }  # fmt: skip
    assert [a["track_id"] for a in data["annotations"]] == [1, 1, 2, 1, 2, 1]


@pytest.mark.parametrize("form", FORMATS)
def test_only_what_was_detected(shard: Shard, form: str):
    whole, detected = (
        "\n".join(export_lines(shard, form, detected_only=only)) for only in (False, True)
    )
    assert "102.0" in whole
    assert "102.0" not in detected


@pytest.mark.parametrize("form", FORMATS)
def test_a_video_without_tracks(tmp_path: Path, form: str):
    meta, content = made_up("0123456789ab", 0, 0, 8, "fake/encoder", 0, "empty.mp4")
    folder = tmp_path / "shard"
    write_shard(folder, meta, content)
    text = "\n".join(export_lines(Shard(folder), form))
    assert "car" not in text.replace('"name": "car"', "")
    if form == "coco-vid":
        assert json.loads(text)["annotations"] == []


def test_what_is_exported_scores_100_against_itself(shard: Shard, tmp_path: Path):
    folder = tmp_path / "sequence"
    (folder / "gt").mkdir(parents=True)
    text = "\n".join(export_lines(shard, "mot", detected_only=True))
    (folder / "gt" / "gt.txt").write_text(text, encoding="utf-8")
    write_pictures(folder / "img1", [picture(0.0, (), (640, 360))] * 7)
    write_info(folder, fps=25)
    sequence = read_sequence(folder)
    rows = read_mot(folder / "gt" / "gt.txt")
    found = TrackedBoxes(rows.frame, rows.id, rows.xyxy)
    figures = score(sequence.truth, found, np.arange(7, dtype=np.int32))
    assert figures["HOTA"] == figures["IDF1"] == figures["MOTA"] == 100.0
    broken = replace(found, track_id=np.arange(len(found), dtype=np.int32))
    assert score(sequence.truth, broken, np.arange(7, dtype=np.int32))["IDF1"] < 50.0
