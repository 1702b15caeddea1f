"""The engine on made-up libraries: binding, order, negation, relations, and honest nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelError, QueryError
from core.library.library import Library
from core.search.answer import Answer
from core.search.engine import Engine
from core.search.prompts import LazyEncoder
from tests.core.search.collection import Obj, Rel, WordEncoder, collection, put

LEFT = ("turn_left", 2.0, 4.0, 0.95)
RIGHT = ("turn_right", 2.0, 4.0, 0.95)
PARKED = ("parked", 0.0, 9.0, 0.97)
STOP = ("stop", 5.0, 7.0, 0.9)
EARLY_STOP = ("stop", 0.5, 1.5, 0.9)


@pytest.fixture
def street(tmp_path: Path) -> Library:
    """A red car that turns left, and everything that should not be taken for it."""
    return collection(
        tmp_path / "library",
        junction=[
            Obj("car", "blue", (LEFT,)),
            Obj("car", "red", (RIGHT,)),
            Obj("car", "red", (PARKED,)),
            Obj("car", "red", (LEFT,), numbers={"degrees": 84.0}),
            Obj("van", "red", (LEFT,)),
            Obj("person", "red", (("moving", 0.0, 9.0, 0.9),)),
        ],
    )


def ask(library: Library, text: str, **kwargs: int) -> Answer:
    return Engine(library, WordEncoder()).search(text, **kwargs)


def first(answer: Answer) -> int:
    return answer.results[0].track_ids[0]


def test_all_parts_are_tested_on_the_same_track(street: Library) -> None:
    answer = ask(street, "red car turning left")
    assert first(answer) == 4
    assert [m.track_ids[0] for m in answer.results if m.matches] == [4]


def test_what_fails_is_listed_below_with_the_part_that_fails(street: Library) -> None:
    answer = ask(street, "red car turning left")
    failing = {m.track_ids[0]: [e.part for e in m.failing] for m in answer.results}
    assert failing[4] == []
    assert failing[2] == failing[3] == ["turning left"]
    assert failing[1] == ["red"]
    assert failing[5] == ["car"]


def test_evidence_carries_its_proof(street: Library) -> None:
    best = ask(street, "red car turning left").results[0]
    by_kind = {e.kind: e for e in best.parts}
    assert by_kind["event"].proof["degrees"] == 84.0
    assert by_kind["event"].proof["t0_s"] == 2.0
    assert by_kind["event"].proof["frame0"] < by_kind["event"].proof["frame1"]
    assert by_kind["colour"].proof["crop_id"] in (6, 7)
    assert "84°" in by_kind["event"].text
    assert by_kind["event"].percentile == 0.5


def test_the_moment_is_the_event_padded_and_clipped(street: Library) -> None:
    best = ask(street, "red car turning left").results[0]
    assert (best.t0_s, best.t1_s) == (1.0, 5.0)
    whole = ask(street, "red car").results[0]
    assert (whole.t0_s, whole.t1_s) == (0.0, 9.0)


def test_a_failed_turn_says_what_happened_instead(street: Library) -> None:
    answer = ask(street, "red car turning left")
    told = {m.track_ids[0]: m.parts[-1].text for m in answer.results}
    assert "turning right" in told[2]
    assert "parked" in told[3]


def test_the_funnel_narrows(street: Library) -> None:
    answer = ask(street, "red car turning left")
    assert [(s.text, s.count) for s in answer.funnel] == [
        ("objects", 6),
        ("car", 4),
        ("red", 3),
        ("turning left", 1),
    ]


def test_nothing_is_found_where_nothing_is(street: Library) -> None:
    answer = ask(street, "purple bus")
    assert answer.nothing_found
    assert answer.results == ()
    answer = ask(street, "blue car turning right")
    assert answer.nothing_found
    assert {m.track_ids[0] for m in answer.near_misses} == {1, 2}
    assert {(miss.part, miss.count) for miss in answer.misses} == {
        ("turning right", 1),
        ("blue", 1),
    }
    assert "Nothing found" in answer.sentence


def test_misses_say_what_they_do_instead(street: Library) -> None:
    answer = ask(street, "red car making a u-turn")
    assert answer.nothing_found
    assert answer.misses[0].count == 3
    assert dict(answer.misses[0].instead) == {"turning left": 1, "turning right": 1, "parked": 1}


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("car not red", 1),
        ("car that is not turning left or parked", 2),
        ("red car not turning", 3),
        ("vehicle that is not a car", 5),
        ("red person", 6),
    ],
)
def test_negation(street: Library, text: str, best: int) -> None:
    assert first(ask(street, text)) == best


def test_order_of_events_matters(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[Obj(events=(EARLY_STOP, LEFT)), Obj(events=(LEFT, STOP)), Obj(events=(LEFT,))],
    )
    engine = Engine(library, WordEncoder())
    assert first(engine.search("car stopping then turning left")) == 1
    answer = engine.search("car turning left then stopping")
    assert first(answer) == 2
    assert [m.track_ids[0] for m in answer.results if m.matches] == [2]
    assert first(engine.search("car stopping after turning left")) == 2


def test_a_chain_takes_the_events_that_follow_one_another(tmp_path: Path) -> None:
    events = (
        ("stop", 0.0, 1.0, 0.99),
        LEFT,
        ("stop", 5.0, 6.0, 0.8),
        ("turn_right", 7.0, 8.0, 0.9),
    )
    library = collection(tmp_path / "library", one=[Obj(events=events)])
    best = ask(library, "car turning left then stopping then turning right").results[0]
    stops = [e for e in best.parts if e.part == "stopping"]
    assert stops[0].proof["t0_s"] == 5.0
    assert best.matches


def test_events_at_the_same_time(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[
            Obj(events=(LEFT, ("slow", 6.0, 8.0, 0.9))),
            Obj(events=(LEFT, ("slow", 2.0, 5.0, 0.9))),
        ],
    )
    answer = ask(library, "car turning left while moving slowly")
    assert [m.track_ids[0] for m in answer.results if m.matches] == [2]


def test_how_long_an_event_lasts(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[
            Obj(events=(("wait", 1.0, 5.0, 0.9),)),
            Obj(events=(("wait", 1.0, 14.0, 0.9),), t1_s=20.0),
        ],
    )
    answer = ask(library, "car waiting for at least 10 seconds")
    assert [m.track_ids[0] for m in answer.results if m.matches] == [2]


def test_a_sharp_turn(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[
            Obj(events=(LEFT,), numbers={"degrees": 40.0}),
            Obj(events=(LEFT,), numbers={"degrees": 120.0}),
        ],
    )
    assert first(ask(library, "car making a sharp left turn")) == 2
    assert first(ask(library, "car making a slight left turn")) == 1


def test_a_track_too_short_to_tell_is_neither_yes_nor_no(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[Obj(), Obj(motion_known=False, t1_s=0.6), Obj(events=(LEFT,))],
    )
    answer = ask(library, "red car turning left")
    order = [m.track_ids[0] for m in answer.results]
    assert order == [3, 2, 1]
    short = answer.results[1].parts[-1]
    assert not short.known
    assert "too short" in short.text
    assert not answer.results[1].matches


def test_relations_have_roles(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    objects = [Obj("bicycle", "green"), Obj("bus", "white"), Obj("car", "red")]
    relations = [Rel("overtake", 1, 2, 3.0, 6.0), Rel("follow", 3, 2, 1.0, 8.0)]
    put(library, "one", objects, relations)
    engine = Engine(library, WordEncoder())
    answer = engine.search("cyclist overtaking a bus")
    assert answer.results[0].track_ids == (1, 2)
    assert (answer.results[0].t0_s, answer.results[0].t1_s) == (2.0, 7.0)
    assert answer.results[0].parts[-1].proof["other_track_id"] == 2
    assert engine.search("bus overtaking a cyclist").nothing_found
    assert first(engine.search("bus overtaken by a cyclist")) == 2
    assert first(engine.search("bus followed by a red car")) == 2
    assert engine.search("bus followed by a blue car").nothing_found
    assert engine.search("car following a car").nothing_found
    assert first(engine.search("car not following a van")) == 3


def test_company(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[Obj("person", "blue", t1_s=4.0), Obj("dog", "brown", t0_s=2.0)],
        two=[Obj("person", "blue", t1_s=4.0), Obj("dog", "brown", t0_s=6.0)],
    )
    answer = ask(library, "a person and a dog")
    assert [m.video_id for m in answer.results if m.matches] == ["one"]
    assert answer.results[0].track_ids == (1, 2)


RIDE = {"cyclist": 0.92, "bicycle": 0.08}
RESTS = ("stationary", 0.0, 9.0, 0.97)


@pytest.fixture
def two_wheels(tmp_path: Path) -> Library:
    """A composite, a box that holds its rider, a bicycle that leans somewhere, people on foot."""
    return collection(
        tmp_path / "library",
        real=[
            Obj("bicycle", "red", (LEFT,), votes=RIDE),
            Obj("bicycle", "red", (RESTS, PARKED)),
            Obj("person", "red", (LEFT,)),
            Obj("motorcycle", "red", (LEFT,), votes={"motorcyclist": 0.95, "motorcycle": 0.05}),
        ],
        demo=[Obj("bicycle", "red", (LEFT,)), Obj("motorcycle", "red", (LEFT,)), Obj("person")],
    )


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("cyclist", {("real", 1), ("demo", 1)}),
        ("person on a bike", {("real", 1), ("demo", 1)}),
        ("motorcyclist", {("real", 4), ("demo", 2)}),
        ("biker turning left", {("real", 4), ("demo", 2)}),
        ("rider", {("real", 1), ("real", 4), ("demo", 1), ("demo", 2)}),
        ("bicycle", {("real", 1), ("real", 2), ("demo", 1)}),
        ("bike turning left", {("real", 1), ("demo", 1)}),
        ("parked bicycle", {("real", 2)}),
        ("bicycle without a rider", {("real", 2)}),
        ("motorcycle turning left", {("real", 4), ("demo", 2)}),
        ("person", {("real", 3), ("demo", 3)}),
        ("pedestrian", {("real", 3), ("demo", 3)}),
    ],
)
def test_riders_are_one_object_with_what_they_ride(
    two_wheels: Library, question: str, expected: set[tuple[str, int]]
) -> None:
    answer = ask(two_wheels, question)
    assert {(m.video_id, m.track_ids[0]) for m in answer.results if m.matches} == expected


def test_a_rider_is_no_near_miss_for_a_person(two_wheels: Library) -> None:
    scores = Engine(two_wheels, WordEncoder()).scores("person")
    assert scores["real", 1] < 0.1
    assert scores["real", 3] > 0.8


def test_a_detector_without_two_wheelers_shows_riders_as_people(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    put(library, "one", [Obj("person"), Obj("car")], classes=("car", "person"))
    assert [m.track_ids for m in ask(library, "cyclist").results if m.matches] == [(1,)]


def test_a_dog_is_with_whom_it_goes(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    objects = [Obj("person"), Obj("dog"), Obj("person"), Obj("dog"), Obj("person")]
    put(library, "one", objects, [Rel("with", 1, 2, 1.0, 8.0), Rel("near", 3, 4, 2.0, 4.0)])
    for question, expected in (
        ("person with a dog", [(1, 2)]),
        ("man walking his dog", []),
        ("dog on a lead", [(2, 1)]),
        ("dog off the lead", [(4,)]),
        ("person next to a dog", [(1, 2), (3, 4)]),
        ("person without a dog", [(3,), (5,)]),
    ):
        answer = ask(library, question)
        assert sorted(m.track_ids for m in answer.results if m.matches) == expected, question


def test_a_number_asks_for_that_many_at_once(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[Obj(), Obj(t0_s=5.0), Obj("van")],
        two=[Obj(t1_s=2.0), Obj(t0_s=5.0)],
    )
    answer = ask(library, "two red cars")
    assert [(m.video_id, m.track_ids) for m in answer.results if m.matches] == [("one", (1, 2))]
    assert ask(library, "three red cars").nothing_found


def test_one_object_then_another(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[Obj("car", "red", (LEFT,)), Obj("bus", "white", (STOP,))],
        two=[
            Obj("car", "red", (("turn_left", 6.0, 8.0, 0.9),)),
            Obj("bus", "white", (EARLY_STOP,)),
        ],
    )
    answer = ask(library, "red car turning left; then a bus stopping")
    assert [(m.video_id, m.track_ids) for m in answer.results if m.matches] == [("one", (1, 2))]


def test_kinds_of_a_class_are_told_by_the_encoder(tmp_path: Path) -> None:
    cars = [Obj(words=("sedan",)) for _ in range(8)] + [Obj(words=("taxi",))]
    answer = ask(collection(tmp_path / "library", one=cars), "red taxi")
    assert first(answer) == 9
    assert {e.kind for e in answer.results[0].parts} == {"class", "appearance", "colour"}


def test_free_words_are_judged_against_what_is_usual(tmp_path: Path) -> None:
    vans = [Obj("van", "white") for _ in range(12)] + [Obj("van", "white", words=("ladder",))]
    engine = Engine(collection(tmp_path / "library", one=vans), WordEncoder())
    answer = engine.search("van with a ladder")
    assert [m.track_ids[0] for m in answer.results if m.matches] == [13]
    without = engine.search("van without a ladder", limit=50)
    assert without.results[-1].track_ids[0] == 13


def test_colour_without_pixels_comes_from_the_encoder(tmp_path: Path) -> None:
    cars = [Obj("car", colour, pixels=False) for colour in ("blue", "red", "white")]
    assert first(ask(collection(tmp_path / "library", one=cars), "white car")) == 3


def test_a_class_the_detector_does_not_know_is_looked_for_among_wider_ones(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    objects = [Obj("car", words=("van",)), *[Obj("car") for _ in range(8)], Obj("person")]
    put(library, "coco", objects, classes=("car", "truck", "person"))
    answer = ask(library, "van")
    assert first(answer) == 1


def test_votes_count_softly(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library", one=[Obj(votes={"car": 0.6, "van": 0.4}), Obj(), Obj("bus")]
    )
    answer = ask(library, "red car")
    assert [m.track_ids[0] for m in answer.results][:2] == [2, 1]


def test_scenes(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    scenes = [("street",)] * 11 + [("street", "night", "empty")]
    put(library, "one", [Obj()], scenes=scenes, duration_s=24.0)
    answer = ask(library, "empty street at night")
    assert answer.results[0].t0_s == 22.0
    assert answer.results[0].track_ids == ()
    assert answer.results[0].parts[0].kind == "scene"


def test_only_the_videos_and_times_asked_for(tmp_path: Path) -> None:
    library = collection(tmp_path / "library", one=[Obj(t1_s=4.0)], two=[Obj(t0_s=20.0, t1_s=25.0)])
    engine = Engine(library, WordEncoder())
    assert [m.video_id for m in engine.search("red car", videos={"two"}).results] == ["two"]
    assert [m.video_id for m in engine.search("red car after 0:10").results] == ["two"]


def test_the_library_may_change(tmp_path: Path) -> None:
    library = collection(tmp_path / "library", one=[Obj("car", "blue")])
    engine = Engine(library, WordEncoder())
    assert engine.search("red car").nothing_found
    put(library, "two", [Obj("car", "red")])
    assert engine.search("red car").results[0].video_id == "two"
    library.remove("two")
    assert engine.search("red car").nothing_found


def test_an_empty_library_finds_nothing(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    questions = ("red car turning left", "sedan", "two cars", "empty street", "car near a bus")
    sequences = ("car stopping then turning left", "car turning left; then a bus stopping")
    for text in (*questions, *sequences):
        answer = ask(library, text)
        assert answer.nothing_found
        assert answer.results == ()


def test_a_video_of_another_encoder_is_searched_by_what_needs_none(tmp_path: Path) -> None:
    library = collection(tmp_path / "library", one=[Obj("car", "blue")])
    put(library, "other", [Obj("car", "red", (LEFT,))], encoder="other/model")
    answer = ask(library, "red car turning left")
    assert answer.results[0].video_id == "other"


def test_a_question_that_says_nothing_is_refused(street: Library) -> None:
    for text in ("", "  ", "the", "?!"):
        with pytest.raises(QueryError, match="nothing to look for"):
            ask(street, text)


def test_what_nothing_measures_is_said(street: Library) -> None:
    answer = ask(street, "red car parked at the crosswalk")
    assert answer.untested == ("crosswalk",)


def test_text_vectors_are_kept_so_that_the_next_question_needs_no_model(street: Library) -> None:
    ask(street, "red car turning left")

    def refuse() -> WordEncoder:
        raise ModelError("no model here")

    lazy = LazyEncoder(WordEncoder().name, WordEncoder().dim, refuse)
    assert first(Engine(street, lazy).search("red car turning left")) == 4
    with pytest.raises(ModelError):
        Engine(street, lazy).search("car with a ladder")


def test_equal_questions_have_equal_answers(street: Library) -> None:
    one, two = ask(street, "red car turning left"), ask(street, "a left turn by some red car")
    assert [m.track_ids for m in one.results] == [m.track_ids for m in two.results]
    assert [m.score for m in one.results] == [m.score for m in two.results]


def test_the_limit_limits(street: Library) -> None:
    assert len(ask(street, "red car", limit=2).results) == 2


def many(root: Path, tracks: int, make: Callable[[int], Obj]) -> Library:
    return collection(root, big=[make(k) for k in range(tracks)])


def test_scores_are_probabilities_and_ordered(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    kinds, colours = ("car", "van", "bus"), ("red", "blue", "white")
    events = (LEFT, RIGHT, STOP, PARKED)

    def make(_: int) -> Obj:
        picked = events[int(rng.integers(4))]
        return Obj(
            kinds[int(rng.integers(3))],
            colours[int(rng.integers(3))],
            ((*picked[:3], float(rng.uniform(0.3, 1.0))),),
        )

    answer = ask(many(tmp_path / "library", 200, make), "red car turning left", limit=200)
    scores = [m.score for m in answer.results if m.matches]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 <= m.score <= 1.0 for m in answer.results)
    assert all(0.0 <= e.p <= 1.0 for m in answer.results for e in m.parts)


def test_what_the_other_does_meanwhile_counts(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    objects = [Obj("person", "red"), Obj("van", "blue", (PARKED,)), Obj("person"), Obj("van")]
    relations = [Rel("near", 1, 2, 1.0, 4.0), Rel("near", 3, 4, 1.0, 4.0)]
    put(library, "gate", objects, relations)
    answer = Engine(library, WordEncoder()).search("person next to a parked van")
    assert [m.track_ids[0] for m in answer.results if m.matches] == [1]
    assert [(e.part, e.holds) for e in answer.results[0].parts[-1].other] == [
        ("van", True),
        ("parked", True),
    ]
