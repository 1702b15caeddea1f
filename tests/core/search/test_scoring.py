"""Parts joined: a score to rank by, and whether a track answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language.query import PartKind
from core.search.scoring import FLOORS, WEIGHTS, PartScore, joined, joint, matching

shares = st.floats(0.0, 1.0, width=32)


def part(p: Sequence[float], kind: PartKind = "class", known: bool = True) -> PartScore:
    values = np.array(p, np.float32)
    return PartScore("part", kind, values, np.full(len(values), known))


def answers(*parts: PartScore) -> list[bool]:
    return matching(parts, joined(parts, len(parts[0].p))).tolist()


def test_all_kinds_of_parts_have_weights_and_floors() -> None:
    assert WEIGHTS.keys() == FLOORS.keys()
    assert all(0.0 < floor < 0.2 for floor in FLOORS.values())


def test_one_part_answers_where_it_is_probable() -> None:
    assert answers(part([0.9, 0.45, 0.3])) == [True, True, False]


def test_one_unsure_part_among_sure_ones_leaves_an_answer() -> None:
    sure, unsure = part([0.98, 0.98]), part([0.35, 0.1], "colour")
    assert answers(sure, unsure) == [True, False]


def test_several_unsure_parts_do_not_answer() -> None:
    unsure = [part([0.45], kind) for kind in ("class", "colour", "event")]
    assert answers(*unsure) == [False]


def test_a_relation_is_not_saved_by_the_rest() -> None:
    assert answers(part([1.0, 1.0]), part([0.36, 0.45], "relation")) == [False, True]


def test_what_is_not_known_counts_half() -> None:
    sure = part([0.98])
    assert answers(sure, part([0.35], "event", known=True)) == [True]
    assert answers(sure, part([0.35], "event", known=False)) == [False]


def test_what_nothing_measures_decides_nothing() -> None:
    untested = PartScore("x", "event", np.array([0.0], np.float32), np.zeros(1, bool), tested=False)
    assert joint([part([0.9]), untested], 1) == pytest.approx([0.9])


def test_no_parts_fit_everything() -> None:
    assert joined([], 3).tolist() == [1.0, 1.0, 1.0]
    assert joint([], 2).tolist() == [1.0, 1.0]


@given(st.lists(st.tuples(shares, shares), min_size=1, max_size=5), shares)
def test_more_of_a_part_never_hurts(rows: list[tuple[float, float]], other: float) -> None:
    kinds: tuple[PartKind, ...] = ("class", "colour", "event", "relation", "appearance")
    parts = [part(sorted(pair), kinds[k]) for k, pair in enumerate(rows)]
    parts.append(part([other, other]))
    score, both = joined(parts, 2), joint(parts, 2)
    assert score[0] <= score[1] + 1e-6
    assert both[0] <= both[1] + 1e-6
    assert 0.0 <= score.min() <= score.max() <= 1.0 + 1e-6
    found = matching(parts, score)
    assert found[1] or not found[0]
