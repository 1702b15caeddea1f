"""More like this: tracks, pictures, several of them, together with words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from core.detections import Float32, Image
from core.errors import QueryError
from core.identity.identities import Identities
from core.language.query import Query, Target
from core.language.sketches import LikePart
from core.library.library import Library
from core.library.notes import TrackRef
from core.search.answer import Answer
from core.search.engine import Engine
from tests.core.search.collection import (
    Obj,
    WordEncoder,
    collection,
    drawn_query,
    put,
    vector_of,
)

LEFT = ("turn_left", 2.0, 4.0, 0.95)
COLOURS = ("red", "blue", "white", "green", "black", "grey", "yellow", "brown")


@dataclass(frozen=True)
class SeeingEncoder(WordEncoder):
    """Sees a word in a picture by the level of its first pixel."""

    def encode_images(self, crops: Sequence[Image]) -> Float32:
        seen = {0: ("street", "empty"), 1: ("car", "red"), 2: ("van", "blue")}
        return np.array([vector_of(seen[int(crop[0, 0, 0])]) for crop in crops])


def picture(level: int) -> Image:
    return np.full((40, 60, 3), level, np.uint8)


@pytest.fixture
def traffic(tmp_path: Path) -> Library:
    """Cars of eight colours, three of them red, and a red van; tracks 1, 9, 10 are the red cars."""
    cars = [Obj("car", colour) for colour in COLOURS]
    reds = [Obj("car", "red", (LEFT,)), Obj("car", "red")]
    return collection(tmp_path / "library", one=[*cars, *reds, Obj("van", "red")])


def ask(library: Library, text: str, limit: int = 20) -> Answer:
    return Engine(library, SeeingEncoder()).search(drawn_query(text), limit=limit)


def found(answer: Answer) -> set[tuple[str, int]]:
    return {(m.video_id, m.track_ids[0]) for m in answer.results if m.matches}


def test_what_looks_the_same_within_the_class_but_not_itself(traffic: Library) -> None:
    answer = ask(traffic, "like[one:1]")
    assert found(answer) == {("one", 9), ("one", 10)}
    assert all(m.track_ids[0] != 1 for m in (*answer.results, *answer.near_misses))
    assert answer.funnel[0].count == len(COLOURS) + 2
    told = answer.results[0].parts[0]
    assert told.kind == "like"
    assert "more alike than" in told.text
    assert told.proof["crop_id"] in (16, 17, 18, 19)


def test_likeness_and_words_and_motion(traffic: Library) -> None:
    assert found(ask(traffic, "car turning left, like[one:1]")) == {("one", 9)}
    assert ask(traffic, "van, like[one:2]").nothing_found


def test_several_likes_are_several_parts(traffic: Library) -> None:
    answer = ask(traffic, "like[one:1] like[one:9]")
    assert found(answer) == {("one", 10)}
    assert [e.kind for e in answer.results[0].parts] == ["like", "like"]


def test_tracks_of_the_same_object_are_marked(traffic: Library) -> None:
    put(traffic, "two", [Obj("car", "blue"), Obj("car", "white")])
    Identities(traffic).accept(TrackRef("one", 1), TrackRef("two", 1))
    answer = ask(traffic, "like[one:1]")
    assert answer.results[0].video_id == "two"
    assert answer.results[0].parts[0].proof == {"same_object": True}
    assert "same object" in answer.results[0].parts[0].text


def test_nothing_like_it_is_said(tmp_path: Path) -> None:
    library = collection(tmp_path / "library", one=[Obj("car", colour) for colour in COLOURS])
    answer = ask(library, "like[one:1]")
    assert answer.nothing_found
    assert answer.funnel[-1].count == 0


def test_what_comes_closest_is_shown_where_nothing_is_alike(tmp_path: Path) -> None:
    cars = [Obj("car", c, words=("taxi",) if c in ("red", "blue") else ()) for c in COLOURS]
    answer = ask(collection(tmp_path / "library", one=cars), "like[one:1]")
    assert answer.nothing_found
    assert answer.near_misses[0].track_ids == (2,)
    assert len(answer.near_misses) == len(COLOURS) - 1


def test_other_encoders_cannot_be_compared(traffic: Library) -> None:
    put(traffic, "other", [Obj("car", "red")], encoder="other/model")
    answer = ask(traffic, "like[one:1]", limit=50)
    assert ("other", 1) not in found(answer)
    assert answer.untested == ("likeness in 1 video that another encoder has seen",)
    with pytest.raises(QueryError, match="read with the encoder other/model"):
        ask(traffic, "like[other:1]")


@pytest.mark.parametrize(
    ("text", "message"),
    [("like[nowhere:1]", "no video nowhere"), ("like[one:99]", "no track 99")],
)
def test_what_is_not_there_is_said(traffic: Library, text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        ask(traffic, text)


def test_a_picture_given_by_hand(traffic: Library) -> None:
    engine = Engine(traffic, SeeingEncoder())
    part = engine.picture(picture(1), "mine.jpg")
    answer = engine.search(Query(target=Target(classes=("car",)), likes=(part,)))
    assert found(answer) == {("one", 1), ("one", 9), ("one", 10)}
    assert "like picture[mine.jpg]" in str(answer.query)
    stale = LikePart(picture="old.jpg", encoder="other/model", vector=part.vector)
    with pytest.raises(QueryError, match="give the picture again"):
        engine.search(Query(likes=(stale,)))


def test_a_whole_scene_is_compared_with_scenes_or_to_be_cut(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    cars = [Obj("car", colour) for colour in COLOURS]
    put(library, "one", cars, scenes=[("street", "empty")] * 8)
    put(library, "two", cars, scenes=[("night",)] * 8)
    engine = Engine(library, SeeingEncoder())
    part = engine.picture(picture(0), "street.jpg")
    assert part.scene
    answer = engine.search(Query(likes=(part,)))
    assert [(m.video_id, m.track_ids) for m in answer.results if m.matches] == [("one", ())]
    assert (answer.results[0].t0_s, answer.results[0].t1_s) == (0.0, 30.0)
    assert [(s.text, s.count) for s in answer.funnel] == [
        ("scenes", 16),
        ("like picture[street.jpg]", 1),
    ]
    assert engine.search(Query(likes=(part,)), videos=["two"]).nothing_found
    with pytest.raises(QueryError, match="whole scene"):
        engine.search(Query(target=Target(classes=("car",)), likes=(part,)))


def test_an_object_is_cut_out_of_a_picture(traffic: Library) -> None:
    engine = Engine(traffic, SeeingEncoder())
    scene = picture(0)
    scene[20:, 30:] = 1
    part = engine.picture(scene, "street.jpg", box=(0.5, 0.5, 1.0, 1.0))
    assert not part.scene
    assert np.allclose(part.vector, vector_of(("car", "red")))
    with pytest.raises(QueryError, match="empty"):
        engine.picture(scene, "street.jpg", box=(0.5, 0.5, 0.5, 1.0))


@pytest.mark.parametrize("others", [0, 1, 2])
def test_hardly_anything_to_compare_with(tmp_path: Path, others: int) -> None:
    cars = [
        Obj("car", "red"),
        *[Obj("car", "blue")] * min(others, 1),
        *[Obj("car")] * (others // 2),
    ]
    answer = ask(collection(tmp_path / "library", one=cars), "like[one:1]")
    assert found(answer) == ({("one", 3)} if others == 2 else set())
    assert answer.funnel[0].count == others


def test_likeness_to_any_of_several(traffic: Library) -> None:
    assert found(ask(traffic, "like[one:1 one:9]")) == {("one", 10)}
    answer = ask(traffic, "like[one:1 one:11]")  # a red car, and a red van: like either
    assert {("one", 9), ("one", 10)} <= found(answer)
    shown = {m.track_ids[0] for m in (*answer.results, *answer.near_misses)}
    assert not shown & {1, 11}
    with pytest.raises(QueryError, match="no video two"):
        ask(traffic, "like[one:1 two:1]")
