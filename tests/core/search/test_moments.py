"""Moments: one object found twice is shown once, and videos take turns."""

from __future__ import annotations

from pathlib import Path

from core.identity.identities import Identities
from core.library.library import Library
from core.library.notes import TrackRef
from core.search.answer import Answer, Moment
from core.search.engine import Engine
from core.search.moments import diversified
from tests.core.search.collection import Obj, WordEncoder, collection

RIGHT = ((0.1, 0.6), (0.9, 0.6))


def ask(library: Library, text: str, limit: int = 20) -> Answer:
    return Engine(library, WordEncoder()).search(text, limit=limit)


def test_an_object_found_twice_is_one_answer_that_names_both(tmp_path: Path) -> None:
    event = ("turn_left", 2.0, 4.0, 0.95)
    again = ("turn_left", 2.5, 5.0, 0.8)
    library = collection(
        tmp_path / "library",
        one=[
            Obj(events=(event,), way=RIGHT),
            Obj(events=(again,), way=RIGHT),
            Obj(events=(event,), way=((0.1, 0.3), (0.9, 0.3))),
        ],
    )
    answer = ask(library, "red car turning left")
    assert [(m.track_ids, m.also) for m in answer.results if m.matches] == [
        ((1,), (2,)),
        ((3,), ()),
    ]
    assert (answer.results[0].t0_s, answer.results[0].t1_s) == (1.0, 6.0)
    assert all(m.track_ids != (2,) for m in answer.near_misses)


def test_one_behind_the_other_are_two(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library", one=[Obj(way=RIGHT), Obj(way=((0.2, 0.6), (1.0, 0.6)))]
    )
    assert {m.track_ids for m in ask(library, "red car").results} == {(1,), (2,)}


def test_tracks_a_person_joined_in_one_video_are_one_answer(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[Obj(t1_s=3.0), Obj(t0_s=5.0)],
        two=[Obj()],
    )
    identities = Identities(library)
    identities.accept(TrackRef("one", 1), TrackRef("two", 1))
    identities.accept(TrackRef("one", 2), TrackRef("two", 1))
    answer = ask(library, "red car")
    assert {(m.video_id, m.track_ids, m.also) for m in answer.results} == {
        ("one", (1,), (2,)),
        ("two", (1,), ()),
    }


def test_an_answer_taken_away_makes_room_for_the_next(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[Obj(way=RIGHT), Obj(way=RIGHT), Obj(way=((0.1, 0.3), (0.9, 0.3)))],
    )
    assert [m.track_ids for m in ask(library, "red car", limit=2).results] == [(1,), (3,)]


def test_what_is_done_several_times_is_told_with_the_best(tmp_path: Path) -> None:
    starts, ends = (1.0, 8.0, 9.5, 15.0, 17.0, 24.0), (2.0, 10.0, 10.5, 16.0, 18.0, 25.0)
    sure = (0.8, 0.99, 0.7, 0.9, 0.6, 0.3)
    events = tuple(("stop", *stop) for stop in zip(starts, ends, sure, strict=True))
    library = collection(tmp_path / "library", one=[Obj(events=events, t1_s=29.0)])
    (best,) = ask(library, "car stopping").results
    assert (best.t0_s, best.t1_s) == (7.0, 11.0)
    assert best.again == ((0.0, 3.0), (14.0, 19.0))
    assert ask(library, "red car").results[0].again == ()


def moment(video: str, track: int, score: float, *, matches: bool = True) -> Moment:
    return Moment(video, video, (track,), 0.0, 1.0, score, (), matches)


def test_videos_take_turns_where_scores_are_equal() -> None:
    a1, a2, a3 = (moment("a", k, 0.9) for k in (1, 2, 3))
    b1, b2 = moment("b", 1, 0.9), moment("b", 2, 0.5)
    miss = moment("c", 1, 0.5, matches=False)
    assert diversified([a1, a2, a3, b1, b2, miss]) == [a1, b1, a2, a3, b2, miss]
    better = moment("a", 9, 0.99)
    assert diversified([better, a2, b1]) == [better, a2, b1]
