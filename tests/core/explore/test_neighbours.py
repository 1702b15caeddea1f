"""Nearest rows: against plain sorting, and by groups where there are too many pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.explore import neighbours
from core.explore.neighbours import nearest


def unit(n: int, d: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@settings(deadline=None, max_examples=40)
@given(n=st.integers(1, 40), k=st.integers(1, 12), seed=st.integers(0, 99))
def test_as_plain_sorting_finds_them(n: int, k: int, seed: int):
    vectors = unit(n, 6, seed)
    among = np.random.default_rng(seed + 1).random(n) < 0.7
    rows, distance = nearest(vectors, k, among=among, gpu=False)
    apart = 1.0 - (vectors @ vectors.T).astype(np.float64)
    np.fill_diagonal(apart, np.inf)
    apart[:, ~among] = np.inf
    best = np.sort(apart, axis=1)[:, :k]
    assert distance[:, : best.shape[1]] == pytest.approx(best, abs=2e-6)
    assert np.isinf(distance[:, best.shape[1] :]).all()
    has = rows >= 0
    assert np.array_equal(has, np.isfinite(distance))
    assert among[rows[has]].all()
    assert not (rows == np.arange(n)[:, None]).any()


def test_of_some_rows_only():
    vectors = unit(30, 5, 3)
    whole, _ = nearest(vectors, 4)
    some, _ = nearest(vectors, 4, of=np.array([7, 2]))
    assert np.array_equal(some, whole[[7, 2]])


def test_equal_ones_come_in_the_order_of_their_rows():
    vectors = np.tile(unit(1, 5, 1), (12, 1))
    rows, distance = nearest(vectors, 3)
    assert rows[5].tolist() == [0, 1, 2]
    assert (distance == 0).all()


def test_nothing_to_find():
    rows, distance = nearest(unit(4, 3, 0), 2, among=np.zeros(4, np.bool_))
    assert (rows == -1).all()
    assert np.isinf(distance).all()


def test_by_groups_misses_little(monkeypatch: pytest.MonkeyPatch):
    centres = unit(40, 16, 5)
    vectors = centres[np.arange(3000) % 40] + 0.4 * unit(3000, 16, 6)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    exact, _ = nearest(vectors, 10, gpu=False)
    monkeypatch.setattr(neighbours, "EXACT_WORK", 0.0)
    rough, _ = nearest(vectors, 10, gpu=False)
    again, _ = nearest(vectors, 10, gpu=False)
    kept = np.mean([len(set(a) & set(b)) for a, b in zip(exact, rough, strict=True)]) / 10
    assert kept > 0.95
    assert np.array_equal(rough, again)


@pytest.mark.skipif(neighbours.has_gpu(), reason="there is a GPU here")
def test_a_gpu_that_is_not_there():
    with pytest.raises(ValueError, match="no GPU"):
        nearest(unit(4, 3, 0), 2, gpu=True)


@pytest.mark.gpu
@pytest.mark.skipif(not neighbours.has_gpu(), reason="needs a GPU")
def test_a_gpu_finds_the_same():
    vectors = unit(5000, 64, 8)
    there, far = nearest(vectors, 10, gpu=True)
    here, near = nearest(vectors, 10, gpu=False)
    assert far == pytest.approx(near, abs=1e-5)
    assert (there == here).mean() > 0.999
