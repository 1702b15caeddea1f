"""Who is who in two stretches: the share that is learned, and how tracks compete."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.identity.matching import Stretch, match

EVERYBODY = 20


def stretch(spans, kin: int = EVERYBODY) -> Stretch:
    t0_s, t1_s = np.asarray(spans, np.float64).T
    n = len(spans)
    return Stretch(np.arange(n), t0_s, t1_s, np.zeros(n, np.int32), np.full(n, kin, np.int32))


TOGETHER = stretch([(0.0, 10.0)] * EVERYBODY)


def ratios(right: int, *, worth: float = 100.0) -> np.ndarray:
    """Strangers as most of them look, and the first `right` tracks of both stretches alike."""
    ratio = np.full((EVERYBODY, EVERYBODY), 0.2, np.float32)
    ratio[np.arange(right), np.arange(right)] = worth
    return ratio


def matched(ratio, one=TOGETHER, other=TOGETHER, usual: float = 0.01) -> np.ndarray:
    return match(ratio, np.ones(ratio.shape, np.bool_), one, other, usual)


def test_the_more_is_shared_the_more_the_same_likeness_says():
    alone, many = matched(ratios(1))[0, 0], matched(ratios(15))[0, 0]
    assert alone < 0.5
    assert many > 0.8
    assert matched(ratios(15))[15:, 15:].max() < 0.05


def test_strangers_that_are_as_alike_as_strangers_are_share_nothing():
    """Ratios whose mean over strangers is 1, as that of a likelihood ratio is."""
    ratio = np.full((EVERYBODY, EVERYBODY), 0.5, np.float32)
    twins = np.random.default_rng(1).random(ratio.shape) < 0.025
    ratio[twins] = 20.0
    assert matched(ratio).max() < 0.2


def test_of_two_seen_together_at_most_one_is_the_object():
    ratio = ratios(10, worth=500.0)
    ratio[0, 12] = 500.0
    p = matched(ratio)
    assert p[0, 0] == pytest.approx(p[0, 12], rel=0.05)
    assert 0.3 < p[0, 0] < 0.51
    assert p[1, 1] > 0.9


def test_pieces_at_different_times_do_not_compete():
    ratio = ratios(10, worth=500.0)
    ratio[0, 12] = 500.0
    spans = [(0.0, 10.0)] * EVERYBODY
    spans[0], spans[12] = (0.0, 4.0), (5.0, 9.0)
    p = matched(ratio, other=stretch(spans))
    assert min(p[0, 0], p[0, 12]) > 0.8


def test_a_rival_that_belongs_to_another_one_hardly_counts():
    """Track 1 is more like counterpart 1 than like counterpart 0, which is left to track 0."""
    ratio = ratios(10)
    ratio[1, 0] = 100.0
    contested = matched(ratio)[0, 0]
    ratio[1, 1] = 3000.0
    assert matched(ratio)[0, 0] > contested + 0.1


def test_what_cannot_be_is_not():
    allowed = np.ones((EVERYBODY, EVERYBODY), np.bool_)
    allowed[0, 0] = False
    p = match(ratios(10), allowed, TOGETHER, TOGETHER, 0.01)
    assert p[0, 0] == 0.0
    assert (match(ratios(10), np.zeros_like(allowed), TOGETHER, TOGETHER, 0.01) == 0).all()


@given(seed=st.integers(0, 10_000), usual=st.sampled_from([0.01, 0.1]))
def test_probabilities_are_the_same_whichever_stretch_comes_first(seed, usual):
    rng = np.random.default_rng(seed)
    one, other = (
        stretch([(t, t + d) for t, d in rng.uniform(0.0, 10.0, (n, 2))], kin)
        for n, kin in ((4, 4), (7, 9))
    )
    ratio = np.exp(rng.normal(0.0, 2.0, (4, 7))).astype(np.float32)
    p = matched(ratio, one, other, usual)
    assert ((p >= 0.0) & (p <= 1.0)).all()
    turned = matched(ratio.T, other, one, usual).T
    assert turned == pytest.approx(p, abs=1e-4)
