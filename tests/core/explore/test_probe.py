"""The rest of a few examples: ranked, cut, corrected by what is turned down, and the same twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import QueryError
from core.evaluate.probe import average_precision, probe_lines, probe_quality
from core.explore.features import Features
from core.explore.probe import CUT, Rest, rest_of

DIM, OTHERS, ONES = 24, 180, 20
NONE = np.zeros(0, np.int64)


def blobs(seed: int = 0, *, kinds: int = 9) -> tuple[Features, np.ndarray]:
    """Unit vectors about a few centres, 20 each, and the number of each one's centre."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(kinds + 1, DIM))
    kind = np.repeat(np.arange(kinds + 1), ONES)
    vectors = centres[kind] + 0.7 * rng.normal(size=(len(kind), DIM))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Features(vectors.astype(np.float32), np.ones(len(kind), np.bool_)), kind


def rest(features: Features, yes: list[int], no: list[int] | None = None) -> Rest:
    everything = np.ones(len(features), np.bool_)
    return rest_of(features, np.array(yes, np.int64), np.array(no or [], np.int64), everything)


def test_the_rest_of_a_kind_is_found_and_little_else() -> None:
    features, kind = blobs()
    found = rest(features, [0, 1, 2, 3, 4])
    right = kind[found.rows] == 0
    assert right.mean() > 0.8
    assert right.sum() >= 12
    assert not {0, 1, 2, 3, 4} & {*found.rows.tolist(), *found.next_rows.tolist()}
    assert (found.p[found.rows] >= CUT).all()
    assert (found.p[found.next_rows] < CUT).all()
    order = np.concatenate([found.rows, found.next_rows])
    assert (np.diff(found.p[order]) <= 0).all()
    assert len(order) == len(features) - 5


def test_what_is_turned_down_takes_its_like_with_it() -> None:
    features, kind = blobs(1)
    examples = [0, 1, 2, 20, 21]  # of two kinds: both are meant, so far
    before = rest(features, examples)
    meant = np.flatnonzero((kind == 1) & ~np.isin(np.arange(len(kind)), examples))
    after = rest(features, [0, 1, 2], [20, 21])
    assert before.p[meant].mean() > after.p[meant].mean() + 0.3
    assert after.p[20] == after.p[21] == 0.0


def test_what_cannot_be_compared_is_not_found_and_no_example() -> None:
    features, _ = blobs()
    known = features.known.copy()
    known[[5, 6, 7]] = False
    hidden = Features(features.vectors, known)
    found = rest(hidden, [0, 1, 2])
    assert not found.p[[5, 6, 7]].any()
    with pytest.raises(QueryError, match=r"It takes 3 .* there is one"):
        rest(hidden, [0, 5, 6])
    with pytest.raises(QueryError, match="there is none"):
        rest(hidden, [])


def test_it_looks_only_where_it_may() -> None:
    features, kind = blobs()
    among = np.arange(len(kind)) % 2 == 0
    found = rest_of(features, np.array([0, 1, 2, 3]), NONE, among)
    assert among[found.rows].all()
    assert among[found.next_rows].all()
    nowhere = rest_of(features, np.array([0, 1, 2]), NONE, np.zeros(len(kind), np.bool_))
    assert (len(nowhere.rows), len(nowhere.next_rows)) == (0, 0)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 50), st.permutations(range(6)))
def test_the_order_of_examples_does_not_matter(seed: int, order: list[int]) -> None:
    features, _ = blobs(seed, kinds=3)
    one, other = rest(features, sorted(order)), rest(features, order)
    assert np.array_equal(one.rows, other.rows)
    assert np.array_equal(one.p, other.p)


# --- how it is measured --------------------------------------------------------------------------


def test_average_precision() -> None:
    right = np.array([True, False, True, False])
    assert average_precision(np.array([4.0, 3.0, 2.0, 1.0], np.float32), right) == pytest.approx(
        (1.0 + 2 / 3) / 2
    )


def test_figures_of_kinds_with_enough_objects() -> None:
    features, kind = blobs()
    words = [f"kind {k}" if k else "" for k in kind.tolist()]
    few = ["rare" if row < 3 else "" for row in range(len(kind))]
    found = probe_quality(features, {"type": words, "colour": few})
    assert list(found["kinds"]) == ["type"]
    row = found["kinds"]["type"]
    assert row["draws"] == 27
    assert row["chance"] == pytest.approx(15 / 175, abs=1e-3)
    assert row["ap"] > 0.8
    assert row["precision"] > 0.7
    assert row["recall"] > 0.6
    assert len(probe_lines(found)) == 4
