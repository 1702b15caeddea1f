"""Labels in questions: a person's word for a track is a part like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import QueryError
from core.language.parser import parse
from core.search.engine import Engine
from tests.core.search.collection import Obj, WordEncoder, collection

LEFT = ("turn_left", 2.0, 4.0, 0.95)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    library = collection(
        tmp_path / "library", gate=[Obj(events=(LEFT,)), Obj(events=(LEFT,)), Obj("van")]
    )
    library.notes.add_label("gate", 1, "mine")
    library.notes.add_label("gate", 2, "Night shift")
    library.notes.add_label("gate", 3, "Night shift")
    return Engine(library, WordEncoder())


def found(engine: Engine, text: str) -> list[int]:
    return [m.track_ids[0] for m in engine.search(text).results if m.matches]


@pytest.mark.parametrize(
    ("text", "tracks"),
    [
        ('car "night shift" turning left', [2]),
        ('car labelled "night shift"', [2]),
        ('van "labeled Night shift"', [3]),
        ("car labelled mine", [1]),
        ("mine turning left", [1]),
        ('car not "night shift"', [1]),
    ],
)
def test_words_that_are_a_label_mean_who_carries_it(
    engine: Engine, text: str, tracks: list[int]
) -> None:
    assert found(engine, text) == tracks
    assert isinstance(engine.encoder, WordEncoder)
    assert not any("shift" in words for words in engine.encoder.asked)


def test_a_label_is_proof(engine: Engine) -> None:
    answer = engine.search('car "night shift"')
    (label,) = [part for part in answer.results[0].parts if part.kind == "label"]
    assert (label.p, label.known) == (1.0, True)
    assert label.text == "you labelled it “Night shift”"
    others = [m for m in (*answer.results, *answer.near_misses) if m.track_ids[0] == 1]
    assert others[0].failing[0].text == "it has no label “Night shift”"


def test_a_label_that_nothing_carries_is_refused(engine: Engine) -> None:
    with pytest.raises(QueryError, match="the labels are Night shift, mine"):
        engine.search('car labelled "day shift"')


def test_other_words_stay_words(tmp_path: Path) -> None:
    library = collection(tmp_path / "library", gate=[Obj(words=("ladder",)), Obj()])
    library.notes.add_label("gate", 2, "mine")
    parts = Engine(library, WordEncoder()).search("car with a ladder").results[0].parts
    assert {part.kind for part in parts} == {"class", "appearance"}
    assert parse("car with a ladder").target.looks
