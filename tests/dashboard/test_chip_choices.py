"""Every choice of a chip's menu asks for just what it says, and everything else stays."""

from __future__ import annotations

import pytest

from core.language.chips import changed, chips, extended
from core.language.parser import parse
from core.language.query import EVENT_WORDS, Query
from dashboard.chip_choices import Vocabulary, additions, choices_of

HERE = Vocabulary(
    classes=("person", "car", "truck", "bus", "van", "motorcycle", "bicycle", "dog", "cyclist"),
    zones=("gate",),
    lines=("stop line",),
)
QUESTIONS = (
    "red car turning left",
    "white van that stops and then drives off",
    "person in a blue jacket crossing",
    "car that is not red and does not turn",
    "dark blue suv",
    "bus followed by a car",
    "not a truck, next to a person",
    "two cars at the same time",
    "car in zone[gate]",
    "car, crosses line[0.1,0.1 0.5,0.5]",
    "car, path[0.1,0.1 0.5,0.5 0.9,0.5]",
    "red car turning left then a person crossing",
    "moving car",
    "car with a ladder",
)


def words(query: Query) -> list[str]:
    return [chip.words for chip in chips(query)]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_choice_is_what_the_chip_becomes(question: str):
    query = parse(question)
    had_choices = False
    for index, chip in enumerate(chips(query)):
        for choice in choices_of(query, chip, HERE):
            had_choices = True
            got = changed(query, index, choice.words)
            expected = choice.words
            if chip.kind == "count":
                expected = f"{choice.words.split()[0]} at the same time"
            assert expected in words(got), f"{chip.words} -> {choice.words}: {got}"
            others = [w for w in words(query) if w != chip.words and chip.kind != "event"]
            assert set(others) - set(words(got)) == set(), f"{chip.words} -> {choice.words}: {got}"
    assert had_choices


@pytest.mark.parametrize("question", ["", "car", "red car turning left"])
def test_every_addition_is_in_the_question_then(question: str):
    query = parse(question)
    choices = additions(query, HERE)
    assert choices
    for choice in choices:
        got = extended(query, choice.words)
        expected = "2 at the same time" if choice.words == "2 objects" else choice.words
        assert expected in words(got), f"{choice.words}: {got}"


def test_a_choice_is_offered_once_and_the_present_one_is_marked():
    query = parse("red car")
    (_, colour) = chips(query)
    choices = choices_of(query, colour, HERE)
    assert len({choice.words for choice in choices}) == len(choices)
    assert [choice.words for choice in choices if choice.now] == ["red"]
    assert "not red" in {choice.words for choice in choices}


def test_what_no_video_was_looked_through_for_is_not_offered():
    here = Vocabulary(classes=("car",), events=frozenset({"turn_left", "turn_right"}))
    query = parse("car turning left")
    offered = {choice.words for choice in choices_of(query, chips(query)[1], here)}
    assert EVENT_WORDS["turn_right"] in offered
    assert EVENT_WORDS["parked"] not in offered
    assert EVENT_WORDS["parked"] not in {choice.words for choice in additions(query, here)}


def test_turns_come_first_for_a_turn():
    query = parse("car turning left")
    first = choices_of(query, chips(query)[1], HERE)[1]
    assert first.words == "turning right"
