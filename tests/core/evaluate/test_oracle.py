"""A library of what is true: written and searched like any other, right where nothing is hard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.evaluate.noise import Noise
from core.evaluate.oracle import OracleEncoder, add_world, posterior
from core.evaluate.truth import Boxes, TrueObject
from core.library.library import Library
from core.search.engine import Engine
from tests.core.evaluate.small_world import BUS, LEFT, small_world


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    opened = Library.open(tmp_path_factory.mktemp("oracle") / "library")
    add_world(opened, small_world(), Noise())
    return opened


def test_the_engine_answers_from_it_as_it_is(library: Library) -> None:
    answer = Engine(library, OracleEncoder()).search("red car turning left")
    assert [m.track_ids for m in answer.results if m.matches] == [(LEFT,)]
    assert Engine(library, OracleEncoder()).search("blue bus").nothing_found


def test_what_is_written_is_sound(library: Library) -> None:
    [record] = library.ready()
    shard = library.shard(record.video_id)
    shard.verify()
    assert shard.tracks().class_name.tolist() == ["car", "car", "car", "bus"]
    assert len(shard.path_of(BUS)) == 100
    assert len(shard.detections()) == 400


def test_true_attributes_tell_variants_and_colours_apart() -> None:
    car, same, other = OracleEncoder().encode_texts(
        ["a photo of a red suv.", "red SUV", "a red sedan"]
    )
    assert np.allclose(car, same)
    assert float(car @ other) < 0.8
    assert posterior(TrueObject("car", colour="red")).argmax() == 4
    assert posterior(TrueObject("car", colour="beige")).sum() == 0.0


def test_hidden_boxes_are_on_the_path_without_a_detection(tmp_path: Path) -> None:
    world = small_world()
    whole = world.boxes[LEFT]
    visible = np.ones(len(whole.frame), np.float32)
    visible[:20], visible[80:120] = 0.0, 0.1
    boxes = {LEFT: Boxes(whole.frame, whole.xyxy, visible)}
    with Library.open(tmp_path / "library") as library:
        video_id = add_world(library, replace(world, boxes=boxes), Noise(fps=world.fps))
        path = library.shard(video_id).path_of(1)
    assert path.frame[0] == 20
    assert path.interpolated.tolist() == [60 <= k < 100 for k in range(len(path))]


def test_a_camera_that_turns_is_where_it_truly_looked(tmp_path: Path) -> None:
    world = small_world()
    views = np.tile(np.eye(3), (world.frames, 1, 1))
    views[:, 0, 2] = np.arange(world.frames)
    with Library.open(tmp_path / "library") as library:
        camera = library.shard(add_world(library, replace(world, views=views), Noise())).camera()
    assert camera.moves
    assert camera.view[5, 0, 2] == 10.0  # every second frame
