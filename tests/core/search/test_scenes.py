"""Scenes: how full, how light, and what only looks can tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.library.library import Library
from core.library.shard import Shard
from core.search.engine import Engine
from core.search.scene_words import scene_words
from tests.core.search.collection import Obj, WordEncoder, put


def night_until(scenes: int) -> Callable[[Shard, int], bytes]:
    """Pictures of scenes, dark for the first few and bright after them."""

    def picture(shard: Shard, scene_id: int) -> bytes:
        level = 30 if scene_id < scenes else 140
        _, jpeg = cv2.imencode(".jpg", np.full((64, 64, 3), level, np.uint8))
        return jpeg.tobytes()

    return picture


@pytest.mark.parametrize(
    ("text", "filling", "classes", "light", "rest"),
    [
        ("empty street at night", "empty", (), "night", ""),
        ("a street with no cars", "empty", ("car",), "", ""),
        ("busy road in daylight", "crowded", (), "day", ""),
        ("a square full of people", "crowded", ("person",), "", "square"),
        ("a crowded crossing at dusk", "crowded", (), "dusk", "crossing"),
        ("buses in the rain", "crowded", ("bus",), "", "rain"),
        ("snow", "", (), "", "snow"),
    ],
)
def test_words_are_taken_apart(
    text: str, filling: str, classes: tuple[str, ...], light: str, rest: str
) -> None:
    asked = scene_words(text)
    assert (asked.filling, asked.classes, asked.light, asked.rest) == (
        filling,
        classes,
        light,
        rest,
    )


def test_what_is_parked_counts_where_people_park() -> None:
    assert scene_words("empty car park").parked_counts
    assert not scene_words("empty street").parked_counts
    assert scene_words("empty car park").classes == ()


@given(st.text(alphabet="abcdefghijk ,.", max_size=30))
def test_any_words_can_be_taken_apart(text: str) -> None:
    asked = scene_words(text)
    assert set(asked.rest.split()) <= set(asked.with_light.split())


def test_an_empty_street_is_where_nothing_is_in_view(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    cars = [Obj(t0_s=0.0, t1_s=7.0), Obj("bus", t0_s=1.0, t1_s=8.0), Obj(t0_s=2.0, t1_s=9.5)]
    put(library, "one", cars, scenes=[("street",)] * 12, duration_s=24.0)
    engine = Engine(library, WordEncoder(fails=True))
    answer = engine.search("empty street")
    assert [(m.t0_s, m.t1_s) for m in answer.results if m.matches] == [(10.0, 24.0)]
    assert answer.results[0].parts[0].text.startswith("objects in view: 0")
    no_bus = engine.search("street with no buses").results[0]
    assert (no_bus.t0_s, no_bus.t1_s) == (8.0, 24.0)


def test_a_crowd_is_many_more_than_usual(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    crowd = [Obj("person", t0_s=12.0, t1_s=16.5) for _ in range(9)]
    put(library, "one", [Obj(), *crowd], scenes=[("street",)] * 12, duration_s=24.0)
    answer = Engine(library, WordEncoder(fails=True)).search('scene "street full of people"')
    assert [(m.t0_s, m.t1_s) for m in answer.results if m.matches] == [(12.0, 16.0)]


def test_night_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shard, "scene_jpeg", night_until(4))
    library = Library.open(tmp_path / "library")
    put(library, "one", [Obj(t0_s=0.0, t1_s=3.0)], scenes=[("street",)] * 12, duration_s=24.0)
    engine = Engine(library, WordEncoder(fails=True))
    for question, span in (
        ("street at night", (0.0, 8.0)),
        ("street in daylight", (8.0, 24.0)),
        ("empty street at night", (4.0, 8.0)),
    ):
        matching = [m for m in engine.search(question).results if m.matches]
        assert [(m.t0_s, m.t1_s) for m in matching] == [span], question


def test_nothing_is_found_where_nothing_looks_like_it(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    scenes = [("street",)] * 11 + [("street", "empty")]
    put(library, "one", [Obj()], scenes=scenes, duration_s=24.0)
    assert Engine(library, WordEncoder()).search("snow").nothing_found


def test_looks_of_few_scenes_cannot_be_told(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    put(library, "one", [Obj()], scenes=[("street",), ("street", "night")], duration_s=24.0)
    answer = Engine(library, WordEncoder()).search("street at night")
    assert answer.nothing_found
    assert not answer.near_misses[0].parts[0].known
