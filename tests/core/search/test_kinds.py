"""Kinds and colours where detector, pixels and encoder disagree."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from core.detections import Float32
from core.errors import ModelError
from core.index.vectors import VectorIndex
from core.language.query import ColourPart, Target
from core.library.library import Library
from core.search.columns import read_columns
from core.search.kinds import Kinds, Trust, trust_of
from core.search.likeness import Likeness
from core.search.prompts import Prompts
from core.search.shades import Shades
from tests.core.search.collection import ENCODER, Obj, WordEncoder, put

KNOWN = [Obj("car"), Obj("bus", "white"), Obj("van", "blue"), Obj("person"), Obj("dog")] * 2
"""Tracks of which detector and pictures say the same."""


@dataclass(frozen=True)
class NoEncoder(WordEncoder):
    def encode_texts(self, texts: Sequence[str]) -> Float32:
        raise ModelError("there is no encoder")


def likeness(folder: Path, *, encoder: WordEncoder | None = None, **videos: list[Obj]) -> Likeness:
    library = Library.open(folder)
    for name, objects in videos.items():
        put(library, name, objects)
    prompts = Prompts(encoder or WordEncoder(), None)
    return Likeness(read_columns(library), VectorIndex.open(library, ENCODER), prompts)


def test_pictures_decide_between_neighbours(tmp_path: Path) -> None:
    taken_for_car = Obj("truck", votes={"car": 1.0})
    taken_for_bicycle = Obj("motorcycle", votes={"bicycle": 0.8, "motorcycle": 0.2})
    kinds = Kinds(likeness(tmp_path / "l", one=[taken_for_car, taken_for_bicycle, *KNOWN]))
    assert kinds.trust.video[0] == 1.0
    assert kinds.p(("truck",))[0] > 0.7
    assert kinds.p(("car",))[0] < 0.4
    assert kinds.p(("motorcycle",))[1] > 0.9
    names = kinds.columns.class_names
    assert [names[k] for k in kinds.main_class()[:2]] == ["truck", "motorcycle"]


def test_pictures_do_not_make_a_car_of_a_person(tmp_path: Path) -> None:
    kinds = Kinds(likeness(tmp_path / "l", one=[Obj("car", votes={"person": 1.0}), *KNOWN]))
    assert kinds.p(("car",))[0] == 0.0
    assert kinds.p(("person",))[0] == 1.0


def test_an_encoder_that_is_not_at_home_has_no_say(tmp_path: Path) -> None:
    strange = [Obj("truck", votes={"car": 1.0})] * 8
    both = likeness(tmp_path / "l", one=strange, two=[Obj("truck", votes={"car": 1.0}), *KNOWN])
    kinds = Kinds(both)
    assert kinds.trust.video.tolist() == [0.0, 1.0]
    assert kinds.p(("car",))[0] == 1.0
    assert kinds.p(("truck",))[8] > 0.7


def test_riders_stay_on_what_they_ride(tmp_path: Path) -> None:
    rider = Obj("motorcycle", votes={"cyclist": 1.0})
    kinds = Kinds(likeness(tmp_path / "l", one=[rider, *KNOWN]))
    names = kinds.columns.class_names
    assert kinds.instead[names.index("motorcyclist")][0] > 0.7
    assert kinds.instead[names.index("motorcycle")][0] == pytest.approx(0.0, abs=1e-6)


def test_shares_of_a_group_stay_what_they_were(tmp_path: Path) -> None:
    mixed = Obj("van", votes={"van": 0.3, "car": 0.4, "person": 0.3})
    kinds = Kinds(likeness(tmp_path / "l", one=[mixed, *KNOWN]))
    group = [kinds.columns.class_names.index(name) for name in ("car", "van", "truck", "bus")]
    assert sum(float(kinds.instead[k][0]) for k in group) == pytest.approx(0.7, abs=1e-5)


def test_without_an_encoder_the_votes_stand_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kinds = Kinds(likeness(tmp_path / "l", encoder=NoEncoder(), one=KNOWN))
    with caplog.at_level(logging.WARNING):
        assert kinds.p(("car",))[0] == 1.0
    assert "there is no encoder" in caplog.text
    assert not kinds.instead


def test_a_library_without_tracks(tmp_path: Path) -> None:
    kinds = Kinds(likeness(tmp_path / "l", one=[]))
    assert kinds.p(("car",)).shape == (0,)


def test_the_scale_is_learned_from_sure_tracks(tmp_path: Path) -> None:
    told = likeness(tmp_path / "l", one=KNOWN * 3)
    columns = told.columns
    right = np.full((len(columns), 8), 0.1, np.float32)
    wrong_now_and_then = np.random.default_rng(3).random(len(columns)) < 0.1
    for row, kind in enumerate(o.kind for o in KNOWN * 3):
        place = ("car", "van", "truck", "bus", "motorcycle", "bicycle", "person", "dog").index(kind)
        right[row, place] = 0.16
        if wrong_now_and_then[row]:
            right[row, (place + 1) % 8] = 0.2
    near = trust_of(columns, told.has_crop, right).scale
    far = trust_of(columns, told.has_crop, right * 3.0).scale
    assert near > far


def shades(folder: Path, objects: list[Obj]) -> Shades:
    told = likeness(folder, one=objects)
    return Shades(told, Kinds(told))


def test_a_colour_is_one_of_its_names(tmp_path: Path) -> None:
    told = shades(tmp_path / "l", [Obj("car", "red"), Obj("car", "blue"), *KNOWN])
    red = told.score(ColourPart(("red",)), Target(("car",)))
    either = told.score(ColourPart(("red", "blue")), Target(("car",)))
    neither = told.score(ColourPart(("red", "blue"), negated=True), Target(("car",)))
    assert red.p[0] > 0.9
    assert red.p[1] < 0.05
    assert (either.p[:2] > 0.9).all()
    assert (neither.p[:2] < 0.1).all()


def test_neutral_neighbours_count_a_little(tmp_path: Path) -> None:
    told = shades(tmp_path / "l", [Obj("car", "silver"), Obj("car", "white"), *KNOWN])
    white = told.score(ColourPart(("white",)), Target(("car",))).p
    assert white[1] > 0.9
    assert 0.2 < white[0] < 0.5
    not_white = told.score(ColourPart(("white",), negated=True), Target(("car",))).p
    assert not_white[0] > 0.8  # silver is no white when white is ruled out


def test_pixels_alone_where_the_encoder_is_not_at_home(tmp_path: Path) -> None:
    strange = [Obj("truck", "red", votes={"car": 1.0}, words=("blue",)) for _ in range(8)]
    told = shades(tmp_path / "l", strange)
    assert told.score(ColourPart(("red",)), Target(("car",))).p[0] > 0.7
    assert told.score(ColourPart(("blue",)), Target(("car",))).p[0] < 0.1


def test_trucks_may_have_two_colours(tmp_path: Path) -> None:
    truck = Obj("truck", "green", words=("white",))
    car = Obj("car", "green", words=("white",))
    told = shades(tmp_path / "l", [truck, car, *KNOWN])
    white = told.score(ColourPart(("white",)), Target()).p
    assert white[0] > 0.4
    assert white[1] < white[0]


def test_trust_of_each_track_is_that_of_its_video(tmp_path: Path) -> None:
    told = likeness(tmp_path / "l", one=[Obj()], two=[Obj(), Obj()])
    trust = Trust(np.array([0.25, 0.75], np.float32), 20.0)
    assert trust.of(told.columns).tolist() == [0.25, 0.75, 0.75]
