"""Annotations of real footage: what is read, what cannot be, and search without an encoder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import VidtrailError
from core.evaluate.retrieval import evaluate
from core.evaluate.reviewed import NoEncoder, read_annotations
from core.search.engine import Engine
from tests.core.search.collection import Obj, WordEncoder, collection
from tests.fakes import clip

NOTES: dict[str, Any] = {
    "frames_are_1_based": True,
    "queries": {"a red car": [1], "a parked car": [2]},
    "objects": [
        {"id": 1, "type": "car", "colour": ["red"], "boxes_xywh": {"2": [1, 2, 3, 4],
                                                                   "1": [0, 2, 3, 4]}},
        {"id": 2, "type": "car", "colour": "grey", "boxes_xywh": {"5": [10, 20, 30, 40]}},
    ],
}  # fmt: skip


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return clip(tmp_path / "road.mp4", 20)


def write(folder: Path, notes: object) -> Path:
    path = folder / "notes.json"
    path.write_text(json.dumps(notes))
    return path


def test_objects_and_queries_are_read(video: Path, tmp_path: Path) -> None:
    world = read_annotations(video, write(tmp_path, NOTES))
    assert world.boxes[1].frame.tolist() == [0, 1]
    assert world.boxes[1].xyxy.tolist() == [[0, 2, 3, 6], [1, 2, 4, 6]]
    assert world.objects[2].colours == ("grey",)
    assert not world.complete
    red, parked = world.questions
    assert (red.text, red.objects, red.parts, red.stratum) == ("a red car", {1}, 2, "class+colour")
    assert parked.relevant[0].t0_s == pytest.approx(4 / world.fps)


@pytest.mark.parametrize(
    "notes", [{"objects": []}, {**NOTES, "queries": {"a bus": [9]}}, ["nothing"]]
)
def test_what_is_no_annotation_is_said_in_a_sentence(
    notes: object, video: Path, tmp_path: Path
) -> None:
    with pytest.raises(VidtrailError, match="annotations of a video"):
        read_annotations(video, write(tmp_path, notes))


def test_without_an_encoder_pixels_still_tell_colours(tmp_path: Path) -> None:
    library = collection(tmp_path / "library", clip=[Obj("car", "red"), Obj("car", "blue")])
    answer = Engine(library, NoEncoder()).search("red car")
    assert [m.track_ids for m in answer.results if m.matches] == [(1,)]
    assert not Engine(library, WordEncoder()).search("red car").nothing_found


def test_a_search_without_an_encoder_has_no_ladder(tmp_path: Path) -> None:
    library = collection(tmp_path / "library", clip=[Obj("car", "red")])
    assert evaluate(Engine(library, NoEncoder()), []).ladder is None
