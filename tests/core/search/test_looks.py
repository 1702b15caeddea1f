"""Kinds and free words, by encoders that know and that do not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.index.vectors import VectorIndex
from core.language.query import AppearancePart, Target
from core.library.library import Library
from core.search.columns import read_columns
from core.search.looks import Looks
from core.search.prompts import Prompts
from tests.core.search.collection import ENCODER, Obj, WordEncoder, put
from tests.core.search.test_kinds import KNOWN

COCO = ("car", "truck", "bus", "motorcycle", "bicycle", "person", "dog")


def looks(folder: Path, objects: list[Obj], *, classes: tuple[str, ...] = ()) -> Looks:
    library = Library.open(folder)
    if classes:
        put(library, "one", objects, classes=classes)
    else:
        put(library, "one", objects)
    index = VectorIndex.open(library, ENCODER)
    return Looks(read_columns(library), index, Prompts(WordEncoder(), None))


def test_a_van_is_told_where_the_detector_has_none(tmp_path: Path) -> None:
    seen = [Obj("van", votes={"car": 1.0}), Obj("car"), Obj("car", "blue"), Obj("bus"), Obj("bus")]
    told = looks(tmp_path / "l", [*seen, *[Obj("person"), Obj("dog")] * 3], classes=COCO)
    (part,) = told.look_scores(Target(("van",)))
    assert part.kind == "appearance"
    assert part.p[0] > 0.8
    assert (part.p[1:5] < 0.2).all()


def test_a_class_that_the_detector_knows_needs_no_look(tmp_path: Path) -> None:
    assert looks(tmp_path / "l", KNOWN).look_scores(Target(("van",))) == []


def test_kinds_are_told_from_their_siblings(tmp_path: Path) -> None:
    cars = [Obj("car", words=("sedan",)), Obj("car", words=("suv",)), Obj("car", words=("taxi",))]
    told = looks(tmp_path / "l", [*cars, *KNOWN])
    for row, kind in enumerate(("sedan", "suv", "taxi")):
        (part,) = told.look_scores(Target((kind,)))
        assert part.p[row] > 0.6, kind
        assert (part.p[[k for k in range(3) if k != row]] < 0.2).all(), kind


def test_what_is_without_is_the_rest(tmp_path: Path) -> None:
    objects = [Obj("truck", words=("ladder",)), Obj("truck"), Obj("truck", "blue"), *KNOWN]
    told = looks(tmp_path / "l", objects)
    target = Target(("truck",), looks=(AppearancePart("with a ladder"),))
    without = Target(("truck",), looks=(AppearancePart("with a ladder", negated=True),))
    (part,), (negated,) = told.look_scores(target), told.look_scores(without)
    assert part.p[0] > part.p[1]
    assert negated.p == pytest.approx(1.0 - part.p)


def test_an_encoder_that_is_not_at_home_cannot_tell(tmp_path: Path) -> None:
    strange = [Obj("truck", words=("taxi",) * (k == 0), votes={"car": 1.0}) for k in range(8)]
    (part,) = looks(tmp_path / "l", strange).look_scores(Target(("taxi",)))
    assert not part.tested
    assert not part.known.any()
    assert part.p[0] > part.p[1]  # but what it says still ranks


def test_no_objects_no_looks(tmp_path: Path) -> None:
    assert looks(tmp_path / "l", []).look_scores(Target(("taxi",))) == []
