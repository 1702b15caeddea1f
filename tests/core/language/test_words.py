"""Words of a sentence, where they stand in it, and slips of spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language.known_words import COMMON_WORDS, KNOWN_WORDS
from core.language.phrases import phrases
from core.language.spelling import correction, spelled
from core.language.words import hull, normal, seconds_of, tokens


def words(text: str) -> list[str]:
    return [token.text for token in tokens(text)]


@given(st.text(max_size=60))
def test_words_stand_in_the_text_one_after_another(text: str) -> None:
    at = 0
    for token in tokens(text):
        low, high = token.at
        assert 0 <= low < high <= len(text)
        assert low >= at
        at = low


@pytest.mark.parametrize(
    ("text", "said", "word"),
    [
        ("It isn’t RED", "RED", "red"),
        ("Ünïcode CAFÉ van", "CAFÉ", "café"),
        ("ﬁre truck", "ﬁre", "fire"),
        ("a T-shirt", "T-shirt", "tshirt"),
        ("for 5–10 s", "10", "10"),
    ],
)
def test_a_word_knows_where_it_was_typed(text: str, said: str, word: str) -> None:
    token = next(token for token in tokens(text) if token.text == word)
    assert text[token.at[0] : token.at[1]] == said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("can't won't isn't doesnt", ["not", "not", "is", "not", "does", "not"]),
        ("a 4x4 does a U-turn", ["a", "suv", "does", "a", "u", "turn"]),
        (">= 5 s, < 3 s", ["at", "least", "5", "s", ",", "less", "than", "3", "s"]),
        ('van "No U-turn"', ["van", "no u-turn"]),
        ('an open " quote', ["an", "open", "quote"]),
        ("1:20 and 1:02:03", ["1:20", "and", "1:02:03"]),
        ("no one w/o a hat", ["no", "person", "without", "a", "hat"]),
    ],
)
def test_signs_and_contractions(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_normal_form() -> None:
    assert normal("  ＲＥＤ   “Car” ") == 'red "car"'


@pytest.mark.parametrize(("clock", "seconds"), [("1:20", 80.0), ("1:02:03", 3723.0), ("0:00", 0.0)])
def test_clocks(clock: str, seconds: float) -> None:
    assert seconds_of(clock) == seconds


def test_hull() -> None:
    assert hull([(5, 7), (0, 0), (2, 3)]) == (2, 7)
    assert hull([(0, 0)]) == (0, 0)


@pytest.mark.parametrize(
    ("slip", "word"),
    [
        ("trning", "turning"),
        ("overtakng", "overtaking"),
        ("pedestrain", "pedestrian"),
        ("hatchbck", "hatchback"),
        ("stoping", "stopping"),
        ("motercycle", "motorcycle"),
    ],
)
def test_slips(slip: str, word: str) -> None:
    mended, changes = spelled(tokens(slip), phrases().vocabulary, frozenset())
    assert [token.text for token in mended] == [word]
    assert changes == ((slip, word),)
    assert mended[0].at == (0, len(slip))


@pytest.mark.parametrize("word", ["hailing", "letting", "zorbing", "sax", "toyota", "скорая"])
def test_no_slips(word: str) -> None:
    mended, changes = spelled(tokens(word), phrases().vocabulary, KNOWN_WORDS | COMMON_WORDS)
    assert ([token.text for token in mended], changes) == ([word], ())


def test_short_words_are_left_alone() -> None:
    assert correction("rad", frozenset({"red", "road"})) is None
