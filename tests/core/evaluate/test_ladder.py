"""Steps of the ladder, within a clip and over several, and who may answer from another clip."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.evaluate.asking import ask_all
from core.evaluate.ladder import CEILING, STEPS, ladder, ladder_across
from core.evaluate.noise import Noise
from core.evaluate.oracle import OracleEncoder, add_world
from core.evaluate.rungs import collection
from core.evaluate.strangers import may_answer
from core.evaluate.truth import World
from core.library.library import Library
from core.search.engine import Engine
from tests.core.evaluate.small_world import BUS, LEFT, PARKED, RIGHT, question, small_world

TURNING = {"type": "car", "colour": "red", "motions": ["turn_left"], "without": False}
ASKED = question("red car turning left", LEFT, asked=TURNING)


@pytest.fixture
def placed(tmp_path: Path) -> tuple[Engine, list[tuple[World, str]]]:
    library = Library.open(tmp_path / "library")
    one = small_world(ASKED)
    other = replace(small_world(), name="other", video=Path("other.mp4"))
    worlds = [(world, add_world(library, world, Noise())) for world in (one, other)]
    return Engine(library, OracleEncoder()), worlds


def test_one_clip_and_all_of_them(placed: tuple[Engine, list[tuple[World, str]]]) -> None:
    engine, worlds = placed
    tracks = collection(engine, [video_id for _, video_id in worlds])
    assert len(tracks) == 8
    assert len(tracks.videos) == 2
    outcome = ask_all(engine, worlds)
    within = ladder(engine, worlds, outcome).with_ceiling(outcome).data()
    across = ladder_across(engine, worlds).data()
    assert tuple(within) == (*STEPS, CEILING)
    assert tuple(across) == STEPS
    # the twin in the other clip turns left, too: it is left out, and costs nothing
    assert within["full"]["MRR"] == across["full"]["MRR"] == 1.0
    # chance has more to choose from
    assert across["random"]["MRR"] < within["random"]["MRR"] < 1.0
    assert across["full"]["n"] == across["random"]["n"] == 1


def test_figures_of_some_parts_only(placed: tuple[Engine, list[tuple[World, str]]]) -> None:
    engine, worlds = placed
    made = ladder(engine, worlds, ask_all(engine, worlds))
    assert made.data((2, 3))["full"]["n"] == 1
    assert made.data((1,))["full"]["n"] == 0


@pytest.mark.parametrize(
    ("asked", "who"),
    [
        (TURNING, {LEFT}),
        ({"type": "car"}, {LEFT, RIGHT, PARKED}),
        ({"type": ""}, {LEFT, RIGHT, PARKED, BUS}),
        ({"type": "bus", "colour": "green", "not_colour": True}, set()),
        ({"type": "car", "motions": ["turn_left"], "without": True}, {RIGHT, PARKED}),
        ({"type": "car", "motions": ["turn_left", "parked"]}, set()),
        ({"type": "bus", "relation": "pass", "role": "subject", "other": "car"}, {BUS}),
        ({"type": "car", "relation": "pass", "role": "object", "other": "bus"}, {PARKED}),
        ({"type": "car", "relation": "pass", "role": "subject", "other": "bus"}, set()),
    ],
)
def test_who_of_another_clip_may_answer(asked: dict[str, Any], who: set[int]) -> None:
    world = small_world()
    assert {n for n in world.objects if may_answer(asked, world, n)} == who


def test_what_nobody_could_deny_may_answer() -> None:
    world = small_world()
    doubt = replace(
        world.objects[BUS], may_be=frozenset({"car", "red"}), unsure=frozenset({"turn_left"})
    )
    world = replace(world, objects={**world.objects, BUS: doubt})
    assert may_answer(TURNING, world, BUS)
