import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.motion.path import smooth
from core.motion.turns import _maximal_stretches, turns, walk
from core.tracks import FrameSize
from tests.core.motion.test_path import box_path

SIZE = FrameSize(1920, 1080)


def arc_path(degrees, radius=200.0, noise=0.0, lead=300.0, speed=120.0, seed=0):
    """Seen from above: right, then an arc (positive = clockwise on screen), then straight."""
    s = np.arange(0, 2 * lead + radius * np.deg2rad(abs(degrees)), speed * 0.08)
    bend = np.clip(s - lead, 0, radius * np.deg2rad(abs(degrees)))
    heading = np.sign(degrees) * bend / radius
    step = speed * 0.08
    x = 500 + np.cumsum(np.cos(heading)) * step
    y = 500 + np.cumsum(np.sin(heading)) * step
    rng = np.random.default_rng(seed)
    x, y = x + rng.normal(0, noise, len(x)), y + rng.normal(0, noise, len(x))
    return box_path(np.arange(len(s)) * 0.08, x, y, w=60, h=50)


@pytest.mark.parametrize("degrees", [-120, -90, -45, 45, 90, 120])
@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_one_turn_with_its_angle_and_sign(degrees, noise):
    (turn,) = turns(walk(smooth(arc_path(degrees, noise=noise), SIZE), None))
    assert np.rad2deg(turn.radians) == pytest.approx(degrees, abs=12)
    # the arc begins 300 px into the path at 120 px/s
    assert turn.t0_s == pytest.approx(2.5, abs=0.7)
    assert turn.radius == pytest.approx(200 / np.sqrt(60 * 50), rel=0.5)


def test_a_straight_path_has_no_turn():
    t = np.arange(0, 8, 0.08)
    rng = np.random.default_rng(0)
    shaky = box_path(t, 200 + 100 * t + rng.normal(0, 2, len(t)), 500 + rng.normal(0, 2, len(t)))
    assert turns(walk(smooth(shaky, SIZE), None)) == []


def test_waiting_and_trembling_is_no_turn():
    rng = np.random.default_rng(0)
    t = np.arange(0, 60, 0.08)
    parked = box_path(
        t, 500 + 0.2 * t + rng.normal(0, 2.5, len(t)), 500 + rng.normal(0, 2.5, len(t))
    )
    steps = walk(smooth(parked, SIZE), None)
    assert steps.total < 1.5
    assert turns(steps) == []


def test_two_turns_are_two():
    s = np.arange(0, 1400, 9.6)
    heading = np.clip((s - 300) / 150, 0, np.pi / 2) - np.clip((s - 900) / 150, 0, np.pi / 2)
    x, y = 400 + np.cumsum(np.cos(heading)) * 9.6, 200 + np.cumsum(np.sin(heading)) * 9.6
    found = turns(walk(smooth(box_path(np.arange(len(s)) * 0.08, x, y), SIZE), None))
    assert [np.sign(t.radians) for t in found] == [1, -1]
    assert found[0].t1_s < found[1].t0_s


scores = st.lists(st.integers(-6, 6), min_size=1, max_size=12)


@given(scores)
@settings(deadline=None)
def test_the_best_stretch_is_among_the_maximal_ones(values):
    found = _maximal_stretches(np.array(values, np.float64), 0.5)
    best = max(sum(values[a:b]) for a, b in itertools.combinations(range(len(values) + 1), 2))
    if best > 0:
        assert max(sum(values[a:b]) for a, b in found) == best
    else:
        assert found == []


@given(scores)
@settings(deadline=None)
def test_maximal_stretches_are_apart_and_positive_throughout(values):
    found = sorted(_maximal_stretches(np.array(values, np.float64), 0.5))
    for (_, stop), (start, _) in itertools.pairwise(found):
        assert stop <= start
    for a, b in found:
        for k in range(a + 1, b + 1):
            assert sum(values[a:k]) > 0
            assert sum(values[k - 1 : b]) > 0


def drawn(parts, step=9.6):
    """A path of ("go", px) and ("arc", radius_px, degrees) parts at 120 px/s."""
    headings = [0.0]
    for part in parts:
        length = part[1] if part[0] == "go" else part[1] * np.deg2rad(abs(part[2]))
        turn = 0.0 if part[0] == "go" else np.deg2rad(part[2])
        n = max(1, round(length / step))
        headings += (headings[-1] + turn * np.arange(1, n + 1) / n).tolist()
    angle = np.array(headings)
    x, y = 900 + np.cumsum(np.cos(angle)) * step, 500 + np.cumsum(np.sin(angle)) * step
    return box_path(np.arange(len(angle)) * step / 120, x, y)


def test_two_bends_to_one_side_with_a_straight_between_are_two_turns():
    path = drawn([("go", 200), ("arc", 100, 90), ("go", 250), ("arc", 100, 90), ("go", 200)])
    found = turns(walk(smooth(path, SIZE), None))
    assert len(found) == 2
    for turn in found:
        assert np.rad2deg(turn.radians) == pytest.approx(90, abs=15)


def test_changing_gear_is_no_turn():
    path = drawn([("go", 300), ("arc", 8, 175), ("go", 300)])
    assert turns(walk(smooth(path, SIZE), None), "car") == []
