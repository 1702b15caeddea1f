"""A second reader of questions can be plugged in; the grammar's reading is kept beside its own."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from core.language.parser import parse
from core.language.query import EventPart, Query, Target
from core.language.query_json import query_data
from core.language.understanding import JsonUnderstander, understood


@dataclass(frozen=True, slots=True)
class Fake:
    query: Query | None

    def understand(self, text: str) -> Query | None:
        assert text
        return self.query


VAN = Query(target=Target(classes=("van",)), events=(EventPart("turn_left"),))


def test_without_one_the_grammar_reads() -> None:
    assert understood("red car") == parse("red car")


def test_its_reading_is_used_and_the_grammars_is_kept() -> None:
    query = understood("the white box swings by port side", Fake(VAN))
    assert query == VAN
    assert query.text == "the white box swings by port side"
    assert query.parsed == parse("the white box swings by port side")
    assert query.problem == ""


@pytest.mark.parametrize("nothing", [None, Query()])
def test_where_it_says_nothing_the_grammar_reads(nothing: Query | None) -> None:
    query = understood("red car", Fake(nothing))
    assert query == parse("red car")
    assert query.parsed is None


def test_what_is_drawn_is_taken_from_the_text() -> None:
    query = understood("it in zone[0,0 1,0 1,1]", Fake(VAN))
    assert [str(zone) for zone in query.zones] == ["in zone[0,0 1,0 1,1]"]
    assert query.target == VAN.target


def test_json_is_read_strictly() -> None:
    said = JsonUnderstander(lambda _: json.dumps(query_data(VAN)))
    assert understood("anything", said) == VAN
    assert JsonUnderstander(lambda _: "  ").understand("anything") is None


@pytest.mark.parametrize(
    "answer", ["I think it is a van", '{"target": {"classes": ["spaceship"]}}']
)
def test_an_answer_that_is_no_query_is_told_and_the_grammar_reads(
    answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    query = understood("red car", JsonUnderstander(lambda _: answer))
    assert query == parse("red car")
    assert query.problem
    assert "read by the grammar alone" in caplog.text
