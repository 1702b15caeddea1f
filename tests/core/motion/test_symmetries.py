"""What must not change what is said of a motion, and what must change it in one way only."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.motion.events import events_of
from core.motion.relations import relations_of
from core.tracks import FrameSize, Path, Track
from tests.core.motion.test_path import box_path

SIZE = FrameSize(1920, 1080)
MIRRORED = {
    "turn_left": "turn_right",
    "turn_right": "turn_left",
    "screen_left": "screen_right",
    "screen_right": "screen_left",
}
REVERSED = {
    **MIRRORED,
    "approach": "recede",
    "recede": "approach",
    "enter": "exit",
    "exit": "enter",
    "screen_up": "screen_down",
    "screen_down": "screen_up",
}
TIMELESS = ("turn_left", "turn_right", "screen_left", "screen_right", "moving", "stationary")


@st.composite
def drives(draw):
    """Straight, round a bend, straight on; perhaps growing, perhaps with a rest on the way."""
    degrees = draw(st.floats(-150, 150))
    radius = draw(st.floats(80, 250))
    speed = draw(st.floats(60, 180))
    growth = draw(st.sampled_from([0.0, 0.0, -0.08, 0.12]))
    rest_s = draw(st.sampled_from([0.0, 2.0, 4.0]))
    heading0 = draw(st.floats(0, 6.28))
    lead, step_s = 260.0, 0.1
    length = 2 * lead + radius * np.deg2rad(abs(degrees))
    s = np.arange(0, length, speed * step_s)
    half = len(s) // 3
    s = np.concatenate([s[:half], np.full(int(rest_s / step_s), s[half]), s[half:]])
    bend = np.clip(s - lead, 0, radius * np.deg2rad(abs(degrees)))
    heading = heading0 + np.sign(degrees) * bend / radius
    way = np.diff(s, append=s[-1])
    x, y = np.cumsum(np.cos(heading) * way), np.cumsum(np.sin(heading) * way)
    t_s = np.arange(len(s)) * step_s
    size = np.exp(growth * t_s)
    x, y = x - x.mean() + 960, y - y.mean() + 540
    return box_path(t_s, x, y, w=66 * size, h=44 * size)


def moved(path: Path, xyxy) -> Path:
    return replace(path, xyxy=np.asarray(xyxy, np.float32))


def mirrored(path: Path) -> Path:
    b = path.xyxy
    return moved(path, np.stack([1920 - b[:, 2], b[:, 1], 1920 - b[:, 0], b[:, 3]], axis=1))


def backwards(path: Path) -> Path:
    t_s = path.t_s[-1] - path.t_s[::-1]
    return replace(path, xyxy=path.xyxy[::-1].copy(), t_s=t_s)


def said(path: Path, size=SIZE, name="car"):
    """(kind, first, last second, probability, degrees) of everything, ordered."""
    rows = [
        (e.kind, e.t0_s, e.t1_s, e.p, e.numbers.get("degrees", 0.0))
        for e in events_of(path, name, size, None)
    ]
    return sorted(rows)


def whole(path: Path) -> bool:
    """Whether no box comes near the border of the picture."""
    low, high = path.xyxy[:, :2].min(axis=0), path.xyxy[:, 2:].max(axis=0)
    return bool((low > 20).all() and (high < np.array([1920, 1080]) - 20).all())


def alike(one, two, within=1e-3):
    assert [row[0] for row in one] == [row[0] for row in two]
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(a[1:4], b[1:4], atol=within)
        assert a[4] == pytest.approx(b[4], abs=100 * within)


@settings(max_examples=25, deadline=None)
@given(drives())
def test_a_mirrored_motion_swaps_left_and_right_and_nothing_else(path):
    swapped = sorted((MIRRORED.get(kind, kind), *rest) for kind, *rest in said(path))
    alike(said(mirrored(path)), swapped)


@settings(max_examples=15, deadline=None)
@given(drives(), st.sampled_from([0.5, 2.0]))
def test_a_larger_picture_of_the_same_says_the_same(path, scale):
    size = FrameSize(round(1920 * scale), round(1080 * scale))
    alike(said(moved(path, path.xyxy * scale), size), said(path))


@settings(max_examples=15, deadline=None)
@given(drives(), st.floats(-40, 40), st.floats(-40, 40), st.floats(0, 1000))
def test_where_and_when_it_happens_does_not_matter(path, dx, dy, later):
    shift = np.array([dx, dy, dx, dy], np.float32)
    there = replace(moved(path, path.xyxy + shift), t_s=path.t_s + later)
    assume(whole(path) and whole(there))  # a box that the border cuts is read as such
    border = ("enter", "exit")  # they depend on where the border is
    inside = [row for row in said(path) if row[0] not in border]
    found = [
        (kind, t0 - later, t1 - later, p, degrees)
        for kind, t0, t1, p, degrees in said(there)
        if kind not in border
    ]
    alike(found, inside, 0.02)


@settings(max_examples=20, deadline=None)
@given(drives())
def test_backwards_a_left_turn_is_a_right_turn_and_coming_is_going(path):
    def best(rows):
        out: dict[str, float] = {}
        for kind, _, _, p, _ in rows:
            out[kind] = max(out.get(kind, 0.0), p)
        return out

    forth, back = best(said(path)), best(said(backwards(path)))
    for kind in (*TIMELESS, "approach", "recede"):
        there = forth.get(kind, 0.0)
        assert back.get(REVERSED.get(kind, kind), 0.0) == pytest.approx(there, abs=0.15)


@pytest.mark.parametrize("fps", [25.0, 12.5, 5.0])
@pytest.mark.parametrize("degrees", [-90.0, 60.0, 0.0])
def test_the_frame_rate_does_not_matter(fps, degrees):
    t_s = np.arange(0, 9, 1 / fps)
    s = np.interp(t_s, [0, 3, 6, 9], [0, 360, 360, 720])  # a rest of three seconds
    radius = 120.0
    fine = np.arange(0, 721.0)
    at = np.sign(degrees) * np.clip(fine - 400, 0, radius * np.deg2rad(abs(degrees))) / radius
    x = np.interp(s, fine, np.cumsum(np.cos(at)))
    y = np.interp(s, fine, np.cumsum(np.sin(at)))
    found = {}
    for e in events_of(box_path(t_s, 500 + x, 500 + y), "car", SIZE, None):
        found[e.kind] = max(found.get(e.kind, 0.0), e.p)
    assert found["stop"] > 0.8
    assert found["start"] > 0.8
    for kind, turns in (("turn_right", degrees > 0), ("turn_left", degrees < 0)):
        assert (found.get(kind, 0.0) > 0.7) == turns


def pair(path_a: Path, path_b: Path, names=("car", "car")):
    tracks = [
        Track(k, name, {name: 1.0}, path, (k,))
        for k, (name, path) in enumerate(zip(names, (path_a, path_b), strict=True), 1)
    ]
    return {
        (r.kind, r.subject_id, r.object_id): (round(r.t0_s, 2), round(r.t1_s, 2), r.p)
        for r in relations_of(tracks, SIZE, None)
    }


@settings(max_examples=15, deadline=None)
@given(st.floats(60, 160), st.floats(40, 160), st.floats(-140, 140), st.floats(-300, 300))
def test_relations_are_the_same_in_the_mirror(speed_a, speed_b, aside, ahead):
    # Round numbers meet on a border exactly, where the last bit decides about one tick.
    t_s, odd = np.arange(0, 8, 0.1), np.pi / 10
    a = box_path(t_s, 500 + (speed_a + odd) * t_s, 500)
    b = box_path(t_s, 500 + ahead + odd / 3 + (speed_b - odd / 7) * t_s, 500 + aside + odd)
    plain, other = pair(a, b), pair(mirrored(a), mirrored(b))
    assert plain.keys() == other.keys()
    for key, row in plain.items():
        np.testing.assert_allclose(row, other[key], atol=0.02)
