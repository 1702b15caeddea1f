"""Class words: votes of the detector, and its usual mistakes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.language.lexicon import CLASS_WORDS
from core.library.library import Library
from core.search.columns import Columns, read_columns
from core.search.votes import class_p, weighted
from tests.core.search.collection import Obj, put


@pytest.fixture
def columns(tmp_path: Path) -> Columns:
    library = Library.open(tmp_path / "library")
    objects = [
        Obj(votes={"car": 0.97, "van": 0.03}),
        Obj("truck", votes={"truck": 0.6, "van": 0.4}),
        Obj("bicycle", events=(("moving", 0.0, 9.0, 0.9),)),
        Obj("person"),
        Obj("bicycle", events=(("stationary", 0.0, 9.0, 0.95),)),
    ]
    put(library, "one", objects)
    return read_columns(library)


def test_votes_are_probabilities(columns: Columns) -> None:
    p = class_p(columns, ("truck",))
    assert p[1] == pytest.approx(0.6 + 0.15 * 0.4)
    assert p[0] == pytest.approx(0.15)  # a detector takes trucks for cars
    assert p[3] == 0.0


def test_any_of_several_words_will_do(columns: Columns) -> None:
    either = class_p(columns, ("truck", "person"))
    assert (either == np.maximum(class_p(columns, ("truck",)), class_p(columns, ("person",)))).all()


def test_a_bicycle_that_moves_has_a_cyclist_on_it(columns: Columns) -> None:
    p = class_p(columns, ("cyclist",))
    assert p[2] > 0.9
    assert p[4] < 0.25


@pytest.mark.parametrize("word", sorted(CLASS_WORDS))
def test_every_class_word_has_a_probability(columns: Columns, word: str) -> None:
    p = class_p(columns, (word,))
    assert p.shape == (5,)
    assert ((p >= 0.0) & (p <= 1.0)).all()


def test_vehicles_are_all_that_drive(columns: Columns) -> None:
    assert (class_p(columns, ("vehicle",)) > 0.5).tolist() == [True, True, False, False, False]


def test_what_stands_in_for_votes_is_taken(columns: Columns) -> None:
    car, truck = (columns.class_names.index(name) for name in ("car", "truck"))
    none, all_ = np.zeros(5, np.float32), np.ones(5, np.float32)
    assert (class_p(columns, ("car",), {car: all_}) == 1.0).all()
    assert class_p(columns, ("truck",), {truck: none})[1] == pytest.approx(0.15 * 0.4)


def test_weighted_sums_columns() -> None:
    table = np.arange(6, dtype=np.float32).reshape(2, 3)
    total = weighted(table, np.array([1.0, 0.0, 0.5], np.float32))
    assert total.tolist() == [1.0, 5.5]
    other = {2: np.array([10.0, 20.0], np.float32)}
    assert weighted(table, np.array([1.0, 0.0, 0.5], np.float32), other).tolist() == [5.0, 13.0]
