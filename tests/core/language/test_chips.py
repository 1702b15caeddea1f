"""Parts of a query with the typed words they came from, taken out and changed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import QueryError
from core.language.chips import changed, chips, extended, without
from core.language.parser import parse
from core.language.query import Query
from core.language.sketches import LikePart
from tests.core.language.sentences import SENTENCES

SENTENCE = st.sampled_from([sentence for sentence, _ in SENTENCES])


def said(sentence: str) -> dict[str, str]:
    return {chip.words: chip.said for chip in chips(parse(sentence))}


def index_of(query: Query, words: str) -> int:
    return next(k for k, chip in enumerate(chips(query)) if chip.words == words)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Red Car turning LEFT", {"car": "Car", "red": "Red", "turning left": "turning LEFT"}),
        (
            "Is there a grey lorry that slowly pulls over?",
            {"truck": "lorry", "grey": "grey", "stopping slowly": "slowly pulls over"},
        ),
        (
            "two men in blue jackets, at 1:20",
            {
                "man": "men",
                "2 at the same time": "two",
                "between 1:17 and 1:23": "at 1:20",
            },
        ),
        (
            "a car that isn’t turning is followed by a white van",
            {"not turning": "turning", "followed by a white van": "is followed by a white van"},
        ),
        ("gery vanz", {"grey": "gery"}),
        ("a   „café“  van", {"van": "van"}),
        ("person with a ladder", {'"with a ladder"': "with a ladder"}),
        (
            "car stops, then a bus turns left",
            {"car": "car", "stopping": "stops", "bus": "bus", "turning left": "turns left"},
        ),
        (
            "car stops at the lights, then turns left within 5 s, as seen on screen",
            {
                "at the lights": "at the lights",
                "at most 5 s apart": "within 5 s",
                "on screen": "as seen on screen",
            },
        ),
        ("like[a1:3] red car", {"red": "red", "car": "car", "like[a1:3]": ""}),
    ],
)
def test_parts_know_the_words_they_came_from(sentence: str, expected: dict[str, str]) -> None:
    found = said(sentence)
    assert {words: found.get(words) for words in expected} == expected


@settings(max_examples=200, deadline=None)
@given(SENTENCE)
def test_ranges_lie_in_the_text_and_chips_begin_with_the_parts(sentence: str) -> None:
    query = parse(sentence)
    found = chips(query)
    for chip in found:
        low, high = chip.at
        assert 0 <= low <= high <= len(sentence)
        assert chip.said == sentence[low:high]
    first = [(chip.kind, chip.words) for chip in found if chip.step == 0]
    parts = list(query.parts())
    assert first[: len(parts)] == parts


@settings(max_examples=200, deadline=None)
@given(SENTENCE, st.data())
def test_a_part_taken_out_is_gone_and_the_rest_stays(sentence: str, data: st.DataObject) -> None:
    query = parse(sentence)
    found = chips(query)
    if not found:
        return
    k = data.draw(st.integers(0, len(found) - 1))
    left = chips(without(query, k))
    before = [(c.kind, c.words) for c in found]
    after = [(c.kind, c.words) for c in left]
    if found[k].kind not in ("order", "event"):
        assert len(after) <= len(before) - 1
    assert after != before
    assert set(after) <= set(before) | {
        ("order", words) for kind, words in after if kind == "order"
    }


def test_taking_everything_out_leaves_nothing() -> None:
    query = parse("two red cars turning left then stopping, next to a bus, after 1:00, on screen")
    while chips(query):
        query = without(query, 0)
    assert query == Query()


@pytest.mark.parametrize(
    ("sentence", "part", "words", "result"),
    [
        ("red car turning left", "red", "dark blue", "dark blue car turning left"),
        ("red car turning left", "car", "lorry", "red truck turning left"),
        ("red car turning left", "turning left", "never stops", "red car not stopping"),
        (
            "car stopping then turning left then leaving the frame",
            "turning left",
            "makes a U-turn",
            "car stopping then making a u-turn then leaving the frame",
        ),
        ("car next to a bus", "next to a bus", "behind a van", "car, behind a van"),
        ("red car; then a bus stopping", "stopping", "waiting", "red car; then a bus waiting"),
        ("car before 1:00", "before 1:00", "after 2:00", "car, after 2:00"),
        ("empty street", "empty street", "rainy night", 'scene "rainy night"'),
        ("two cars", "2 at the same time", "three", "3 cars"),
    ],
)
def test_a_part_is_changed(sentence: str, part: str, words: str, result: str) -> None:
    query = parse(sentence)
    assert str(changed(query, index_of(query, part), words)) == result


def test_a_part_is_added() -> None:
    assert str(extended(parse("red car"), "turning left")) == "red car turning left"
    assert str(extended(parse("red car"), "near a bus")) == "red car, next to a bus"


@pytest.mark.parametrize("words", ["", "the", "..."])
def test_words_that_say_nothing_are_refused(words: str) -> None:
    with pytest.raises(QueryError, match="says nothing"):
        changed(parse("red car"), 0, words)


def test_a_picture_given_by_hand_stays() -> None:
    query = Query(
        likes=(LikePart(picture="me.jpg", encoder="demo"),), target=parse("red car").target
    )
    assert str(without(query, 1)) == "car, like picture[me.jpg]"


def test_what_is_taken_out_tells_its_places_anew() -> None:
    query = without(parse("a big red car that turns left"), 0)
    assert query.text == 'red object "big" turning left'
    assert {chip.words: chip.said for chip in chips(query)}["turning left"] == "turning left"
