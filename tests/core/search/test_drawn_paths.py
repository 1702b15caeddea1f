"""A path drawn on the picture finds the tracks that went there, in its direction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.library.library import Library
from core.search.answer import Answer
from core.search.drawn_paths import _HALF, _aligned, _Tracks, resampled
from core.search.engine import Engine
from tests.core.search.collection import Obj, WordEncoder, collection, drawn_query, put

AHEAD = ((0.1, 0.8), (0.9, 0.8))
TURN = ((0.1, 0.8), (0.5, 0.8), (0.55, 0.75), (0.55, 0.2))


@pytest.fixture
def crossing(tmp_path: Path) -> Library:
    return collection(
        tmp_path / "library",
        one=[
            Obj(way=AHEAD),  # 1
            Obj(way=AHEAD[::-1]),  # 2
            Obj(way=TURN),  # 3
            Obj(way=TURN[::-1]),  # 4
            Obj(way=((0.1, 0.3), (0.9, 0.3))),  # 5
            Obj(way=((0.5, 0.8), (0.5, 0.8))),  # 6
            Obj(way=((0.1, 0.8), (0.55, 0.8), (0.9, 0.5))),  # 7
        ],
    )


def ask(library: Library, text: str) -> Answer:
    return Engine(library, WordEncoder()).search(drawn_query(text))


def found(answer: Answer) -> list[int]:
    return [m.track_ids[0] for m in answer.results if m.matches]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("car path[0.1,0.8 0.9,0.8]", [1]),
        ("car path[0.9,0.82 0.1,0.79]", [2]),
        ("car path[0.12,0.82 0.53,0.8 0.55,0.22]", [3]),
        ("car path[0.55,0.2 0.55,0.75 0.15,0.8]", [4]),
        ("path[0.2,0.3 0.8,0.3]", [5]),
        ("car path[0.3,0.8 0.55,0.78 0.55,0.5]", [3]),
    ],
)
def test_place_shape_and_direction_count(crossing: Library, text: str, expected: list[int]) -> None:
    assert found(ask(crossing, text)) == expected


def test_a_piece_of_a_longer_track_matches_and_is_the_evidence(crossing: Library) -> None:
    answer = ask(crossing, "car path[0.3,0.8 0.55,0.78 0.55,0.5]")
    best = answer.results[0]
    told = best.parts[-1]
    assert told.kind == "path"
    # the way is 0.41 + 0.07 + 0.55 pictures wide; the piece lies in its middle
    assert 0.5 < told.proof["t0_s"] < 3.5
    assert 5.0 < told.proof["t1_s"] < 8.0
    assert told.proof["frame0"] < told.proof["frame1"]
    assert told.proof["distance"] < 0.03
    assert best.t0_s == pytest.approx(told.proof["t0_s"] - 1.0, abs=0.01)


def test_what_went_elsewhere_is_said(crossing: Library) -> None:
    answer = ask(crossing, "red car path[0.1,0.1 0.9,0.1]")
    assert answer.nothing_found
    assert answer.funnel[-1].count == 0
    assert "does not come along there" in answer.near_misses[0].parts[-1].text


def test_it_goes_with_words_and_keeps_to_its_video(crossing: Library) -> None:
    put(crossing, "two", [Obj("bus", "white", way=AHEAD)])
    assert [
        m.video_id for m in ask(crossing, "bus path[0.1,0.8 0.9,0.8]").results if m.matches
    ] == ["two"]
    both = ask(crossing, "path[0.1,0.8 0.9,0.8]")
    assert {m.video_id for m in both.results if m.matches} == {"one", "two"}
    one = ask(crossing, "path@two[0.1,0.8 0.9,0.8]")
    assert {m.video_id for m in one.results if m.matches} == {"two"}


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 2**31 - 1),
    st.floats(0.0, 1.0),
    st.floats(0.2, 1.0),
)
def test_a_drawing_over_a_piece_of_a_path_costs_little_and_backwards_much(
    seed: int, start: float, share: float
) -> None:
    rng = np.random.default_rng(seed)
    angle = np.cumsum(rng.normal(0.0, 0.08, 48)) + rng.uniform(0, 2 * np.pi)
    step = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    way = 0.5 + np.cumsum(step, axis=0) * 0.02
    track = _Tracks(
        way[None].astype(np.float32), step[None].astype(np.float32), np.arange(48.0)[None]
    )
    first = int(start * 30)
    last = min(47, first + 12 + int(share * 35))
    samples, headings = resampled(way[first : last + 1], 20)
    forth = _aligned(track, samples, headings, 0.05)
    assert forth.cost[0] < 0.4 * _HALF
    assert abs(int(forth.first[0]) - first) <= 3
    assert abs(int(forth.last[0]) - last) <= 3
    back = _aligned(track, samples[::-1], -headings[::-1], 0.05)
    assert back.cost[0] > _HALF
