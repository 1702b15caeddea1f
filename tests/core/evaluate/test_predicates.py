"""Motions and relations against a truth that says what is sure, what is not, and what is not so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.evaluate.predicates import Predicates, Tally, area
from core.evaluate.truth import TrueObject, TrueRelation, World
from core.library.library import Library
from tests.core.evaluate.small_world import small_world
from tests.core.search.collection import Obj, Rel, put

OBJECTS = {1: (1,), 2: (2,), 3: (3,), 4: (4,)}


def judged(
    tmp_path: Path, said: list[Obj], world: World, relations: tuple[Rel, ...] = ()
) -> Predicates:
    with Library.open(tmp_path / "library") as library:
        put(library, "clip", said, relations)
        predicates = Predicates()
        predicates.judge(library.shard("clip"), world, OBJECTS)
        return predicates


def did(kind: str, t0_s: float = 3.0, t1_s: float = 5.0, p: float = 0.9) -> Obj:
    return Obj("car", "red", ((kind, t0_s, t1_s, p),))


def test_right_wrong_and_missed(tmp_path: Path) -> None:
    said = [did("turn_left"), did("turn_left"), did("parked", 0.0, 8.0), Obj("bus")]
    found = judged(tmp_path, said, small_world())
    assert found.tallies["turn_left"] == Tally(right=1, wrong=1, missed=0)
    assert found.tallies["turn_right"] == Tally(right=0, wrong=0, missed=1)
    assert found.tallies["straight"].missed == 1
    assert found.data()["turn_left"] == {
        "n": 1, "said": 2, "precision": 0.5, "recall": 1.0, "F1": 0.6667, "AUC": 0.8333,
        "tIoU": 1.0,
    }  # fmt: skip
    assert found.confusion["turn_right"]["turn_left"] == 1
    assert found.turn_sign() == 0.5
    assert any("#2 turn_left" in lapse and "wrong" in lapse for lapse in found.lapses)


def test_what_is_hardly_believed_is_not_said(tmp_path: Path) -> None:
    said = [did("turn_left", p=0.4), Obj(), Obj(), Obj("bus")]
    assert judged(tmp_path, said, small_world()).tallies["turn_left"] == Tally(0, 0, 1)


def test_a_motion_at_another_time_is_another_motion(tmp_path: Path) -> None:
    said = [did("turn_left", 6.5, 8.0), Obj(), Obj(), Obj("bus")]
    assert judged(tmp_path, said, small_world()).tallies["turn_left"] == Tally(0, 1, 1)


@pytest.mark.parametrize("change", [{"unsure": frozenset({"turn_left"})}, {"clear": False}])
def test_what_nobody_can_say_is_held_against_nobody(
    tmp_path: Path, change: dict[str, object]
) -> None:
    world = small_world()
    doubtful: TrueObject = replace(world.objects[2], **change)  # type: ignore[arg-type]
    world = replace(world, objects={**world.objects, 2: doubtful})
    found = judged(tmp_path, [Obj(), did("turn_left"), Obj(), Obj("bus")], world)
    assert found.tallies["turn_left"].wrong == 0


def test_relations_between_vehicles(tmp_path: Path) -> None:
    said = [Obj(), Obj(), Obj(), Obj("bus")]
    related = (Rel("overtake", 4, 3, 1.0, 3.0), Rel("overtake", 1, 2, 1.0, 3.0))
    found = judged(tmp_path, said, small_world(), related)
    assert found.tallies["overtake"] == Tally(right=1, wrong=1, missed=0)


def test_a_relation_seen_by_halves_is_neither_asked_for_nor_wrong(tmp_path: Path) -> None:
    half = TrueRelation("overtake", 1, 2, 1.0, 3.0, False)
    world = replace(small_world(), relations=(half,))
    said = [Obj(), Obj(), Obj(), Obj("bus")]
    found = judged(tmp_path, said, world, (Rel("overtake", 1, 2, 1.0, 3.0),))
    assert found.tallies["overtake"] == Tally(0, 0, 0)


def test_area_under_the_curve_by_hand() -> None:
    assert area([(0.9, True), (0.5, False), (0.1, True), (0.0, False)]) == 0.75
    assert area([(0.2, True), (0.2, False)]) == 0.5
    assert area([(0.2, True)]) is None
