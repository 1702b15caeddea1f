"""Colours of what people wear: above, below, and what only an encoder can name."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from core.attributes.colour import COLOURS
from core.detections import Float32
from core.library.shard import Shard
from core.search.clothes import Clothes, blend
from core.search.kinds import Kinds
from tests.core.search.collection import Obj
from tests.core.search.test_kinds import KNOWN, likeness

RED, GREEN, BLUE = (220, 20, 20), (20, 150, 40), (30, 40, 200)


def dressed(shard: Shard, crop_id: int) -> bytes:
    """A person in red and blue; the second one in green and red."""
    above, below = (RED, BLUE) if crop_id < 2 else (GREEN, RED)
    picture = np.full((96, 40, 3), 128, np.uint8)
    picture[14:52, 8:32], picture[52:90, 8:32] = above, below
    _, jpeg = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return jpeg.tobytes()


def clothes(folder: Path, objects: list[Obj]) -> Clothes:
    told = likeness(folder, one=objects)
    return Clothes(told, Kinds(told))


def whole(n: int, colour: str) -> Float32:
    posterior = np.full((n, len(COLOURS)), 0.01, np.float32)
    posterior[:, COLOURS.index(colour)] = 0.89
    return posterior


def named(posterior: Float32, row: int) -> str:
    return COLOURS[int(posterior[row].argmax())]


def test_clothes_are_what_is_read_of_people(tmp_path: Path) -> None:
    told = clothes(tmp_path / "l", [Obj("person"), *KNOWN])
    read = whole(11, "green")
    assert told.colours("person", "clothes", read) is read


def test_trousers_are_read_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shard, "crop_jpeg", dressed)
    told = clothes(tmp_path / "l", [Obj("person"), Obj("person"), *KNOWN])
    read = told.colours("person", "trousers", whole(12, "red"))
    assert [named(read, row) for row in (0, 1)] == ["blue", "red"]
    car = 2
    assert read[car].sum() == 0.0  # nothing to tell of what wears none


def test_pictures_that_cannot_be_read_tell_nothing(tmp_path: Path) -> None:
    told = clothes(tmp_path / "l", [Obj("person"), *KNOWN])
    assert told.colours("person", "jeans", whole(11, "red"))[0].sum() == 0.0


def test_a_jacket_is_told_by_pixels_and_encoder(tmp_path: Path) -> None:
    told = clothes(tmp_path / "l", [Obj("person", "blue", words=("jacket",)), *KNOWN])
    read = told.colours("person", "jacket", whole(11, "blue"))
    assert named(read, 0) == "blue"
    assert read[0].max() > 0.8
    other = told.colours("person", "coat", whole(11, "red"))
    assert 0.05 < other[0, COLOURS.index("red")] < 0.95


def test_what_only_an_encoder_can_name_is_unknown_where_it_is_not_at_home(tmp_path: Path) -> None:
    strange = [Obj("dog", "blue", votes={"person": 1.0}) for _ in range(8)]
    told = clothes(tmp_path / "l", strange)
    assert told.colours("person", "hat", whole(8, "red"))[0].sum() == 0.0
    assert named(told.colours("person", "jacket", whole(8, "red")), 0) == "red"


def test_two_readings_that_agree_are_surer_than_one() -> None:
    one = whole(1, "red")
    both = blend(one, 1.0, one, 1.0)
    assert both[0].sum() == pytest.approx(1.0, abs=1e-5)
    assert both[0].max() > one[0].max()
    assert both.min() > 0.0
