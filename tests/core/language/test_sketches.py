"""What is drawn in a question: canonical words, read back as they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import QueryError
from core.language.sketches import (
    MOST_LIKED,
    LikePart,
    PathPart,
    Shown,
    ZoneHow,
    ZonePart,
    parse_points,
    taken,
)

_share = st.integers(0, 10_000).map(lambda n: n / 10_000)
_video = st.text("0123456789abcdef", max_size=16)
_name = st.from_regex(r"[a-z][a-z0-9 ]{0,8}[a-z0-9]", fullmatch=True)
_hows: list[ZoneHow] = ["in", "enters", "leaves", "stops in", "from", "to"]


def _points(least: int) -> st.SearchStrategy[tuple[tuple[float, float], ...]]:
    return st.lists(st.tuples(_share, _share), min_size=least, max_size=7).map(tuple)


_tracks = st.builds(Shown, _video.filter(bool), st.integers(0, 10**6))
_likes = st.lists(_tracks, min_size=1, max_size=5, unique=True).map(LikePart.of)
_paths = st.builds(PathPart, _points(2), _video)
_polygons = st.builds(
    lambda points, how, video: ZonePart(points, "", how, video),
    _points(3),
    st.sampled_from(_hows),
    _video,
)
_named = st.builds(
    lambda name, how, video: ZonePart((), name, how, video), _name, st.sampled_from(_hows), _video
)
_lines = st.builds(
    lambda points, video, both: ZonePart(points, "", "crosses", video, both),
    _points(2),
    _video,
    st.booleans(),
)


@given(
    st.lists(_likes, max_size=2),
    st.lists(_paths, max_size=2),
    st.lists(_polygons | _named | _lines, max_size=3),
    st.sampled_from(["", "red car turning left"]),
)
def test_canonical_words_are_read_back(
    likes: list[LikePart], drawn: list[PathPart], zones: list[ZonePart], words: str
) -> None:
    text = ", ".join([words, *map(str, likes), *map(str, drawn), *map(str, zones)])
    assert taken(text) == (words, tuple(likes), tuple(drawn), tuple(zones))


@pytest.mark.parametrize(
    ("text", "left", "how", "name"),
    [
        ("red car entering zone[gate] and stopping", "red car and stopping", "enters", "gate"),
        ("car inside zone[yard 2]", "car", "in", "yard 2"),
        ("stopping  in zone[gate] person", "person", "stops in", "gate"),
        ("Zone[gate], bus", "bus", "in", "gate"),
        ("bus crossing line[entry]", "bus", "crosses", "entry"),
    ],
)
def test_a_word_before_says_how(text: str, left: str, how: str, name: str) -> None:
    rest, _, _, (zone,) = taken(text)
    assert (rest, zone.how, zone.name) == (left, how, name)


def test_ordinary_words_are_left_alone() -> None:
    text = "person in the zone, like a line of people on a path"
    assert taken(text) == (text, (), (), ())


@pytest.mark.parametrize(
    "text",
    [
        "like[abc]",
        "like[abc:x]",
        "like[]",
        "like[abc:1 abc]",
        f"like[{' '.join(f'abc:{k}' for k in range(MOST_LIKED + 1))}]",
        "path[0.1,0.2]",
        "path[0.1,0.2 1.4,0.2]",
        "path[0.1 0.2]",
        "zone[0.1,0.2 0.3,0.3]",
        "zone[]",
        "zone[a;b]",
        "enters line[0,0 1,1]",
        "crosses zone[0,0 1,1 0,1]",
        "like picture[car.jpg]",
    ],
)
def test_what_cannot_be_read_is_told(text: str) -> None:
    with pytest.raises(QueryError):
        taken(f"red car {text}")


def test_a_likeness_names_each_track_once_in_the_order_given() -> None:
    _, (like,), _, _ = taken("like[b:2  a:1 b:2]")
    assert str(like) == "like[b:2 a:1]"
    assert like.tracks == (Shown("b", 2), Shown("a", 1))
    assert LikePart(picture="car.jpg").tracks == ()


def test_a_picture_prints_its_name_and_is_told_apart_by_it() -> None:
    one = LikePart(picture="car.jpg", encoder="demo", vector=np.ones(3, np.float32))
    assert str(one) == "like picture[car.jpg]"
    assert one == LikePart(picture="car.jpg", encoder="demo")


def test_points_by_themselves() -> None:
    assert parse_points("0.1,0.2 .3,1") == ((0.1, 0.2), (0.3, 1.0))
