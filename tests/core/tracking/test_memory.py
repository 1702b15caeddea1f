"""What a likeness is worth is learned from the video itself; what is unknown says nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.tracking.memory import LooksMemory
from tests.core.tracking.scenes import unit

DIM = 16
SURE = np.ones(1)


def row(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.intp)


def crowd(seed: int, n: int, offset: float = 0.0) -> np.ndarray:
    """(n, DIM) unit vectors of different objects, all moved by one offset."""
    rng = np.random.default_rng(seed)
    shared = offset * unit(rng.normal(size=DIM))
    return unit(unit(rng.normal(size=(n, DIM))) + shared)


def remembering(vectors: np.ndarray, background: np.ndarray | None = None) -> LooksMemory:
    """One tracklet per vector, seen at 0 s; background: crops that the mean is taken of."""
    memory = LooksMemory()
    memory.take_in(vectors if background is None else background)
    memory.give_birth(len(vectors))
    memory.update(np.arange(len(vectors)), vectors, np.ones(len(vectors)), 0.0)
    return memory


def on_a_circle(degrees) -> np.ndarray:
    angle = np.deg2rad(np.atleast_1d(np.asarray(degrees, np.float64)))
    return np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)


def one_direction() -> LooksMemory:
    """A tracklet at 0 degrees in a video whose mean look is the middle of the circle."""
    return remembering(on_a_circle(0), background=on_a_circle([0, 90, 180, 270]))


# --- what is unknown says nothing ----------------------------------------------------------------


def test_a_newborn_has_no_looks():
    memory = LooksMemory()
    memory.take_in(crowd(1, 5))
    memory.give_birth(2)
    assert np.isnan(memory.cosine(row(0, 1), crowd(1, 2))).all()
    assert memory.llr(row(0, 1), crowd(1, 2)).tolist() == [0.0, 0.0]
    assert memory.age_s(9.0).tolist() == [np.inf, np.inf]


def test_a_vector_of_zeros_is_no_looks():
    seen = crowd(2, 3)
    memory = remembering(seen)
    asked = np.stack([seen[0], np.zeros(DIM), seen[0]]).astype(np.float32)
    found = memory.llr(row(0, 0, 1), asked)
    assert found[0] > 0.0
    assert found[1] == 0.0
    assert found[2] < 0.0
    assert np.isnan(memory.cosine(row(0), np.zeros((1, DIM), np.float32))).all()


def test_no_pairs_and_no_crops_are_fine():
    memory = LooksMemory()
    memory.take_in(np.zeros((0, DIM), np.float32))
    memory.give_birth(0)
    memory.keep(np.zeros(0, np.bool_))
    memory.update(row(), np.zeros((0, DIM), np.float32), np.zeros(0), 1.0)
    memory.learn(np.zeros(0), np.array([np.nan]))
    assert len(memory.llr(row(), np.zeros((0, DIM), np.float32))) == 0


def test_a_video_of_one_look_cannot_tell():
    only = crowd(3, 1)
    memory = remembering(only)
    assert memory.cosine(row(0), only).tolist() == [0.0]  # nothing is left beside the mean
    assert memory.llr(row(0), only)[0] < 1.0


# --- what a cosine is worth ----------------------------------------------------------------------


def test_looks_speak_before_anything_is_learned():
    memory = one_direction()
    same, aside, other = memory.llr(row(0, 0, 0), on_a_circle([10, 90, 180]))
    assert same > 2.0
    assert aside < 0.0
    assert other <= aside


def learned(same: float, other: float, deviation: float = 0.05, n: int = 500) -> LooksMemory:
    rng = np.random.default_rng(4)
    memory = one_direction()
    memory.learn(rng.normal(same, deviation, n), rng.normal(other, deviation, n))
    return memory


def test_the_same_cosine_is_worth_what_this_video_teaches():
    half = on_a_circle(60)  # cosine 0.5
    assert learned(same=0.5, other=0.0).llr(row(0), half)[0] > 2.0
    assert learned(same=0.95, other=0.5).llr(row(0), half)[0] < -1.0


def test_more_alike_than_usual_is_no_doubt():
    rng = np.random.default_rng(4)
    memory = one_direction()
    memory.learn(rng.normal(0.6, 0.02, 2000), rng.normal(0.0, 0.4, 2000))
    usual, more, most = memory.llr(row(0, 0, 0), on_a_circle([53, 37, 0]))
    assert 1.0 < usual <= more <= most


def test_where_one_object_looks_like_another_looks_say_little():
    memory = learned(same=0.3, other=0.3, deviation=0.3, n=4000)
    llr = memory.llr(np.zeros(19, np.intp), on_a_circle(np.arange(0, 95, 5)))
    assert np.abs(llr).max() < learned(same=0.9, other=0.0).llr(row(0), on_a_circle(10))[0] / 1.5


def test_unmeasured_cosines_are_not_learned():
    one, two = one_direction(), one_direction()
    one.learn(np.array([0.7, np.nan]), np.array([np.nan, 0.1]))
    two.learn(np.array([0.7]), np.array([0.1]))
    probe = on_a_circle([20, 60, 90])
    np.testing.assert_array_equal(one.llr(row(0, 0, 0), probe), two.llr(row(0, 0, 0), probe))


def test_old_labels_fade():
    """A street by day says less about the same street by night the longer night lasts."""
    memory = one_direction()
    memory.learn(np.full(20000, 0.3), np.full(20000, -0.4))
    memory.learn(np.full(4000, 0.95), np.full(4000, 0.3))
    memory.learn(np.full(4000, 0.95), np.full(4000, 0.3))
    assert memory.llr(row(0), on_a_circle(72.5))[0] < 0.0  # cosine 0.3
    fresh = one_direction()
    fresh.learn(np.full(20000, 0.3), np.full(20000, -0.4))
    assert fresh.llr(row(0), on_a_circle(72.5))[0] > 2.0


@given(
    st.integers(0, 2**31),
    st.floats(-0.5, 0.9),
    st.floats(-0.5, 0.9),
    st.lists(st.floats(0, 180), min_size=1, max_size=30),
)
@settings(max_examples=40, deadline=None)
def test_llr_is_bounded_and_never_rewards_less_likeness_than_strangers_have(
    seed, same, other, degrees
):
    rng = np.random.default_rng(seed)
    memory = one_direction()
    memory.learn(rng.normal(same, 0.1, 200), rng.normal(other, 0.1, 200))
    rows = np.zeros(len(degrees), np.intp)
    llr = memory.llr(rows, on_a_circle(degrees))
    assert (np.abs(llr) <= 4.0).all()
    # the prior of 20 labels pulls what was taught by at most a tenth
    unlike = memory.cosine(rows, on_a_circle(degrees)) < other - 0.1
    assert (llr[unlike] <= 0.0).all()


# --- what all have in common ---------------------------------------------------------------------


@given(st.integers(0, 2**31), st.floats(0.5, 4.0))
@settings(max_examples=25, deadline=None)
def test_what_all_crops_share_does_not_count(seed, offset):
    plain, moved = crowd(seed, 12), crowd(seed, 12, offset)
    raw = moved @ moved.T
    centred = remembering(moved)
    i, j = np.triu_indices(12, 1)
    assert np.isclose(centred.cosine(np.arange(12), moved), 1.0, atol=1e-5).all()
    between = centred.cosine(i, moved[j])
    assert between.mean() < 0.0 < raw[i, j].mean()
    # the more they share, the closer all lie; what is left tells them apart as before
    before = remembering(plain).cosine(i, plain[j])
    assert np.corrcoef(before, between)[0, 1] > 0.8


def test_the_mean_is_of_all_crops_however_they_came():
    seen = crowd(6, 9, offset=2.0)
    at_once, piecemeal = LooksMemory(), LooksMemory()
    at_once.take_in(seen)
    for k in range(0, 9, 3):
        piecemeal.take_in(seen[k : k + 3])
    for memory in (at_once, piecemeal):
        memory.give_birth(1)
        memory.update(row(0), seen[:1], SURE, 0.0)
    rows = np.zeros(9, np.intp)
    np.testing.assert_allclose(at_once.cosine(rows, seen), piecemeal.cosine(rows, seen), atol=1e-6)


# --- looks of a tracklet -------------------------------------------------------------------------


def test_looks_follow_slowly_and_doubtful_crops_hardly():
    def after(trust: float, times: int) -> float:
        memory = one_direction()
        for k in range(times):
            memory.update(row(0), on_a_circle(90), np.full(1, trust), float(k))
        return float(memory.cosine(row(0), on_a_circle(90))[0])

    assert 0.0 < after(1.0, 1) < 0.1
    assert after(0.0, 50) == pytest.approx(0.0, abs=1e-6)
    assert after(0.2, 10) < after(1.0, 10) < after(1.0, 100)
    assert after(1.0, 100) > 0.95


def test_the_first_crop_counts_whole_even_a_doubtful_one():
    memory = LooksMemory()
    memory.take_in(on_a_circle([0, 90, 180, 270]))
    memory.give_birth(1)
    memory.update(row(0), on_a_circle(30), np.zeros(1), 2.0)
    assert memory.cosine(row(0), on_a_circle(30))[0] == pytest.approx(1.0, abs=1e-6)
    assert memory.age_s(2.5).tolist() == [0.5]


@given(st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_rows_stay_aligned(seed):
    """Births, deaths and sightings in any order; every object keeps its own look and time."""
    rng = np.random.default_rng(seed)
    everyone = crowd(7, 100)
    memory, look, seen_s, born = LooksMemory(), np.zeros(0, np.intp), np.zeros(0), 0
    memory.take_in(everyone)
    for t_s in range(1, 13):
        if rng.random() < 0.6:
            count = int(rng.integers(0, 6))
            memory.give_birth(count)
            look = np.concatenate([look, np.arange(born, born + count)])
            seen_s = np.concatenate([seen_s, np.full(count, -np.inf)])
            born += count
        seen = rng.permutation(len(look))[: rng.integers(0, len(look) + 1) // 2]
        memory.update(seen, everyone[look[seen]], np.ones(len(seen)), float(t_s))
        seen_s[seen] = t_s
        kept = rng.random(len(look)) < 0.8
        memory.keep(kept)
        look, seen_s = look[kept], seen_s[kept]
    np.testing.assert_array_equal(memory.age_s(13.0), 13.0 - seen_s)
    cosine = memory.cosine(np.arange(len(look)), everyone[look])
    known = np.isfinite(seen_s)
    assert np.isnan(cosine[~known]).all()
    assert np.isclose(cosine[known], 1.0, atol=1e-4).all()


@given(st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_the_order_of_rows_does_not_matter_and_the_same_gives_the_same(seed):
    rng = np.random.default_rng(seed)
    looks, later = crowd(seed, 6, 1.0), crowd(seed + 1, 6, 1.0)

    def after(order: np.ndarray) -> np.ndarray:
        memory = remembering(looks)
        memory.take_in(later[order])
        memory.update(order, later[order], np.ones(6), 1.0)
        return memory.llr(np.arange(6), later)

    order = rng.permutation(6)
    np.testing.assert_array_equal(after(order), after(order))
    np.testing.assert_allclose(after(order), after(np.arange(6)), atol=1e-4)


def test_less_alike_than_strangers_is_never_better_than_a_stranger():
    rng = np.random.default_rng(0)
    memory = one_direction()
    memory.learn(rng.normal(0.6, 0.3, 2000), rng.normal(0.0, 0.08, 2000))
    llr = memory.llr(np.zeros(19, np.intp), on_a_circle(np.arange(90, 181, 5)))
    assert llr[0] < -2.0
    assert (np.diff(llr) <= 1e-9).all()


def test_where_strangers_look_more_alike_nothing_is_told():
    rng = np.random.default_rng(0)
    memory = one_direction()
    memory.learn(rng.normal(0.1, 0.1, 2000), rng.normal(0.6, 0.1, 2000))
    assert (memory.llr(np.zeros(3, np.intp), on_a_circle([0, 60, 120])) == 0.0).all()
