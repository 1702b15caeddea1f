"""Where remembered objects are expected, and that it does not matter how the picture lies."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.tracking.camera import CameraStep
from core.tracking.kalman import Remembered, sizes

SEEDS = st.integers(0, 2**31)


def some(seed: int, n: int = 4, resizing: float = 0.0, t_s: float = 3.0) -> Remembered:
    """Objects seen a few times at most; resizing: px/s of their width and height."""
    rng = np.random.default_rng(seed)
    deviation = rng.uniform(1.0, 40.0, (n, 2, 2))
    tied = rng.uniform(-0.9, 0.9, (n, 2))
    return Remembered(
        id=np.arange(n, dtype=np.int32),
        group=rng.integers(0, 3, n).astype(np.int32),
        hits=rng.integers(1, 9, n).astype(np.int32),
        t_hit=np.full(n, t_s),
        mean=np.concatenate([rng.uniform(0, 900, (n, 2)), rng.uniform(20, 200, (n, 2))], axis=1),
        speed=np.concatenate(
            [rng.normal(0, 80, (n, 2)), resizing * rng.uniform(-1, 1, (n, 2))], axis=1
        ),
        cov=np.stack(
            [deviation[..., 0] ** 2, tied * deviation.prod(axis=2), deviation[..., 1] ** 2], axis=2
        ),
    )


def as_of(state: Remembered, t_s: float) -> Remembered:
    """The same objects with what is expected at another time taken for what is known."""
    mean, speed, cov = state.at(t_s)
    when = np.full(len(state), t_s)
    return Remembered(state.id, state.group, state.hits, when, mean, speed, cov)


def alike(one, other) -> None:
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-6)


@given(SEEDS, st.floats(0.0, 3.0), st.floats(0.0, 3.0))
@settings(max_examples=40, deadline=None)
def test_one_long_step_is_two_short_ones(seed, first, second):
    state = some(seed)
    alike(state.at(3.0 + first + second), as_of(state, 3.0 + first).at(3.0 + first + second))


@given(SEEDS, st.floats(0.0, 1.0))
@settings(max_examples=40, deadline=None)
def test_what_grows_is_as_large_after_two_short_steps(seed, part):
    state = some(seed, resizing=30.0)
    whole, middle = 3.0 + 0.2, 3.0 + 0.2 * part
    for a, b in zip(state.at(whole)[:2], as_of(state, middle).at(whole)[:2], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9)


def test_nothing_is_expected_to_move_in_no_time_and_asking_changes_nothing():
    state = some(1, resizing=30.0)
    before = {f.name: getattr(state, f.name).copy() for f in fields(state)}
    alike(state.at(3.0), (state.mean, state.speed, state.cov))
    state.at(7.0)
    for name, values in before.items():
        np.testing.assert_array_equal(getattr(state, name), values)


def test_an_unseen_object_slows_down_keeps_its_size_and_gets_less_certain():
    state = some(2, resizing=200.0)
    seen = [state.at(3.0 + gap) for gap in (0.5, 1.0, 2.0, 4.0, 8.0)]
    for (mean, speed, cov), (later, slower, wider) in pairwise(seen):
        np.testing.assert_allclose(mean[:, 2:], later[:, 2:])
        assert (np.abs(slower[:, :2]) < np.abs(speed[:, :2])).all()
        assert (wider[..., 2] > cov[..., 2]).all()
    ratio = seen[-1][0][:, 2:] / state.mean[:, 2:]
    assert (ratio >= 0.5).all()
    assert (ratio <= 2.0).all()
    travelled = seen[-1][0][:, :2] - state.mean[:, :2]
    assert (np.abs(travelled) <= 2.0 * np.abs(state.speed[:, :2])).all()


@given(
    SEEDS,
    st.floats(0.5, 2.0),
    st.floats(-3.1, 3.1),
    st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
    st.floats(0.0, 3.0),
)
@settings(max_examples=60, deadline=None)
def test_the_camera_may_turn_zoom_and_shift_before_or_after(seed, zoom, turn, shift, gap):
    """What is expected after the camera moved is what was expected before, moved with it."""
    c, s = zoom * np.cos(turn), zoom * np.sin(turn)
    camera = CameraStep(np.array([[c, -s, shift[0]], [s, c, shift[1]]]))
    moved_first = some(seed, resizing=30.0)
    moved_first.move_with(camera)
    moved_last = as_of(some(seed, resizing=30.0), 3.0 + gap)
    moved_last.move_with(camera)
    alike(moved_first.at(3.0 + gap), (moved_last.mean, moved_last.speed, moved_last.cov))


def test_a_zoom_by_two_doubles_places_sizes_and_speeds():
    state = some(3, resizing=30.0)
    mean, speed, cov = state.mean.copy(), state.speed.copy(), state.cov.copy()
    state.move_with(CameraStep(np.array([[2.0, 0.0, 10.0], [0.0, 2.0, -5.0]])))
    np.testing.assert_allclose(state.mean[:, :2], 2.0 * mean[:, :2] + [10.0, -5.0])
    np.testing.assert_allclose(state.mean[:, 2:], 2.0 * mean[:, 2:])
    np.testing.assert_allclose(state.speed, 2.0 * speed)
    np.testing.assert_allclose(state.cov, 4.0 * cov)


def test_a_moving_camera_without_objects_is_fine():
    state = Remembered()
    state.move_with(CameraStep(np.array([[1.0, 0.0, 10.0], [0.0, 1.0, 0.0]])))
    assert len(state) == 0
    assert [part.shape for part in state.at(1.0)] == [(0, 4), (0, 4), (0, 2, 3)]


def follow(places, fps) -> Remembered:
    """What is remembered of one object after all its places (x, y) were seen, surely."""
    state = Remembered()
    for k, (x, y) in enumerate(places):
        at, sure = np.array([[x, y, 60.0, 40.0]]), np.ones(1)
        if k:
            state.correct(np.array([0]), at, sure, state.at(k / fps), k / fps)
        else:
            state.give_birth(np.zeros(1, np.int32), at, sure, np.zeros(1, np.int32), 0.0)
    return state


@pytest.mark.parametrize("fps", [25.0, 10.0, 4.0])
def test_constant_speed_is_learned_at_every_frame_rate(fps):
    state = follow([(100 + 50 * k / fps, 200) for k in range(int(3 * fps) + 1)], fps)
    assert state.speed[0, 0] == pytest.approx(50.0, rel=0.1)
    assert state.speed[0, 1:] == pytest.approx(0.0, abs=1.0)
    assert state.at(3.4)[0][0, 0] == pytest.approx(100 + 50 * 3.4, abs=5.0)
    assert state.hits[0] == 3 * fps + 1
    assert state.t_hit[0] == pytest.approx(3.0)


def test_noise_is_smoothed():
    """The middle of what was seen lies nearer to the truth than a single noisy box does."""
    errors = []
    for seed in range(40):
        places = np.random.default_rng(seed).normal((100.0, 200.0), 2.5, (30, 2))
        errors.append(np.square(follow(places, 25.0).mean[0, :2] - [100.0, 200.0]).mean())
    assert np.sqrt(np.mean(errors)) < 0.75 * 2.5


def test_surer_boxes_count_more_and_others_are_left_alone():
    def after(confidence):
        state = some(4, n=2)
        before = state.mean[1].copy(), state.cov[1].copy(), int(state.hits[1])
        at = state.mean[:1] + np.array([30.0, 0.0, 0.0, 0.0])
        state.correct(np.array([0]), at, np.array([confidence]), state.at(3.1), 3.1)
        np.testing.assert_array_equal(state.mean[1], before[0])
        np.testing.assert_array_equal(state.cov[1], before[1])
        assert (state.hits[1], state.t_hit[1]) == (before[2], 3.0)
        return abs(state.mean[0, 0] - at[0, 0]), state.cov[0, 0, 0]

    (far, wide), (near, narrow) = after(0.2), after(0.95)
    assert near < far
    assert narrow < wide


@given(SEEDS, st.integers(1, 12))
@settings(max_examples=40, deadline=None)
def test_seeing_an_object_makes_it_more_certain_and_keeps_covariances_valid(seed, steps):
    rng = np.random.default_rng(seed)
    state = some(seed)
    t_s = 3.0
    for _ in range(steps):
        t_s += float(rng.uniform(0.01, 1.0))
        predicted = state.at(t_s)
        hit = np.flatnonzero(rng.random(len(state)) < 0.7)
        measured = state.mean[hit] + rng.normal(0, 10, (len(hit), 4)) * [1, 1, 0.1, 0.1]
        state.correct(hit, measured, rng.uniform(0.1, 1.0, len(hit)), predicted, t_s)
        assert (state.cov[hit][..., 0] < predicted[2][hit][..., 0]).all()
    p00, p01, p11 = np.moveaxis(state.cov, 2, 0)
    assert (p00 > 0.0).all()
    assert (p00 * p11 - p01**2 >= -1e-6 * p00 * p11).all()


@given(st.lists(st.one_of(st.integers(0, 4), SEEDS.map(lambda s: s + 10)), max_size=12))
@settings(max_examples=40, deadline=None)
def test_columns_stay_aligned_and_in_order_of_birth(actions):
    """Small numbers are births, large ones seeds of who is kept."""
    state, expected, born = Remembered(), [], 0
    for action in actions:
        if action < 10:
            ids = np.arange(born, born + action, dtype=np.int32)
            born += action
            places = np.stack([ids, 2.0 * ids, 10.0 + ids, 20.0 + ids], axis=1)
            state.give_birth(ids, places, np.full(action, 0.5), ids % 3, float(action))
            expected += [(int(i), float(action)) for i in ids]
        else:
            kept = np.random.default_rng(action).random(len(state)) < 0.6
            state.keep(kept)
            expected = [row for row, stays in zip(expected, kept, strict=True) if stays]
    ids = np.array([i for i, _ in expected], np.int32)
    assert {len(getattr(state, f.name)) for f in fields(state)} == {len(expected)}
    np.testing.assert_array_equal(state.id, ids)
    np.testing.assert_array_equal(state.group, ids % 3)
    np.testing.assert_array_equal(state.t_hit, [t for _, t in expected])
    np.testing.assert_array_equal(state.mean[:, 0], ids)
    np.testing.assert_array_equal(state.mean[:, 3], 20.0 + ids)
    size = np.sqrt((10.0 + ids) * (20.0 + ids))
    np.testing.assert_allclose(sizes(state.mean), size)
    np.testing.assert_allclose(state.cov[:, 0, 0], np.square(0.1 * size))
    assert (state.hits == 1).all()
    assert not state.speed.any()


def test_what_was_measured_is_copied():
    measured = np.array([[10.0, 20.0, 30.0, 40.0]])
    state = Remembered()
    state.give_birth(np.zeros(1, np.int32), measured, np.ones(1), np.zeros(1, np.int32), 0.0)
    measured[:] = 0.0
    np.testing.assert_array_equal(state.mean, [[10.0, 20.0, 30.0, 40.0]])
