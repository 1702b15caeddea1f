import numpy as np
import pytest

from core.motion.events import KINDS, events_of, motion_known
from core.motion.ground import GroundPlane
from core.tracks import FrameSize, Path
from tests.core.motion.simulator import (
    BODIES,
    observe,
    random_drive,
    random_view,
    visible_stops,
    visible_turns,
)
from tests.core.motion.test_path import box_path
from tests.core.motion.test_turns import arc_path, drawn

SIZE = FrameSize(1920, 1080)
RNG = np.random.default_rng(0)


def chances(path, class_name="car", size=SIZE, ground=None):
    best = dict.fromkeys(KINDS, 0.0)
    for event in events_of(path, class_name, size, ground):
        best[event.kind] = max(best[event.kind], event.p)
    return best


def piecewise(knots, fps=12.5, shake=0.0, **box):
    """A path through (t, x, y) knots."""
    k = np.array(knots, np.float64)
    t = np.arange(k[0, 0], k[-1, 0], 1 / fps)
    x, y = (np.interp(t, k[:, 0], k[:, c]) for c in (1, 2))
    tremble = np.random.default_rng(3).normal(0, shake, (2, len(t)))
    return box_path(t, x + tremble[0], y + tremble[1], **box)


@pytest.mark.parametrize("degrees", [-90, 90])
def test_a_turn_and_its_mirror(degrees):
    p = chances(arc_path(degrees, noise=1.0))
    assert p["turn_right" if degrees > 0 else "turn_left"] > 0.9
    assert p["turn_left" if degrees > 0 else "turn_right"] < 0.05
    assert p["straight"] < 0.6
    assert p["u_turn"] < 0.1


def test_a_u_turn():
    p = chances(arc_path(180, radius=120))
    assert p["u_turn"] > 0.9
    assert p["turn_right"] < 0.6


def test_a_wide_bend_is_hardly_a_turn():
    wide = chances(arc_path(40, radius=1500, lead=100, speed=300))
    assert wide["turn_right"] < 0.5


def test_event_names_interval_and_proof():
    path = arc_path(90)
    (turn,) = [e for e in events_of(path, "car", SIZE, None) if e.kind == "turn_right"]
    assert turn.numbers["degrees"] == pytest.approx(90, abs=12)
    rows = int(turn.numbers["first_row"]), int(turn.numbers["last_row"])
    assert path.t_s[rows[0]] == pytest.approx(turn.t0_s, abs=0.1)
    assert path.t_s[rows[1]] == pytest.approx(turn.t1_s, abs=0.1)
    assert 0.0 <= turn.p <= 1.0


@pytest.mark.parametrize("shake", [0.0, 1.7])
def test_drives_stops_and_drives_off(shake):
    path = piecewise([(0, 300, 500), (4, 700, 500), (9, 700, 500), (13, 1100, 500)], shake=shake)
    events = events_of(path, "car", SIZE, None)
    (stop,) = [e for e in events if e.kind == "stop" and e.p > 0.5]
    assert stop.t0_s == pytest.approx(4, abs=0.7)
    assert stop.t1_s == pytest.approx(9, abs=0.7)
    p = chances(path)
    assert p["wait"] > 0.8
    assert p["start"] > 0.8
    assert p["parked"] < 0.1
    assert p["moving"] > 0.9
    assert p["slow_down"] > 0.4
    assert p["speed_up"] > 0.4
    assert p["turn_left"] < 0.1
    assert p["turn_right"] < 0.1


def test_slowing_down_is_not_stopping():
    t = np.arange(0, 10, 0.08)
    speed = np.interp(t, [0, 4, 5, 10], [200, 200, 70, 70])
    p = chances(box_path(t, 200 + np.cumsum(speed) * 0.08, 500))
    assert p["slow_down"] > 0.4
    assert p["stop"] < 0.1
    assert p["speed_up"] < 0.1


@pytest.mark.parametrize("shake", [0.0, 1.4, 2.5])
def test_a_parked_car_that_trembles_does_nothing_else(shake):
    path = piecewise([(0, 700, 500), (40, 704, 501)], shake=shake)
    p = chances(path)
    assert p["parked"] > 0.9
    assert p["stationary"] > 0.9
    for kind in set(KINDS) - {"parked", "stationary"}:
        assert p[kind] < 0.2, kind


def test_a_person_is_not_parked():
    path = piecewise([(0, 700, 500), (20, 700, 500)], w=30, h=80)
    p = chances(path, "person")
    assert p["parked"] == 0.0
    assert p["stationary"] > 0.9


def test_parking_for_good():
    path = piecewise([(0, 300, 500), (4, 700, 500), (20, 700, 500)])
    assert chances(path)["parked"] > 0.4
    assert chances(path)["stop"] > 0.8


@pytest.mark.parametrize(
    ("to", "kind"),
    [
        ((1400, 500), "screen_right"),
        ((200, 500), "screen_left"),
        ((800, 100), "screen_up"),
        ((800, 900), "screen_down"),
    ],
)
def test_screen_directions(to, kind):
    p = chances(piecewise([(0, 800, 500), (5, *to)]))
    assert p[kind] > 0.9
    others = {"screen_left", "screen_right", "screen_up", "screen_down"} - {kind}
    assert all(p[o] < 0.1 for o in others)


def test_growing_is_approaching():
    t = np.arange(0, 4, 0.08)
    path = box_path(t, 900, 400 + 50 * t, w=60 + 30 * t, h=40 + 20 * t)
    p = chances(path)
    assert p["approach"] > 0.9
    assert p["recede"] < 0.1
    back = Path(path.frame, path.t_s, path.xyxy[::-1].copy(), path.confidence, path.interpolated)
    p = chances(back)
    assert p["recede"] > 0.9
    assert p["approach"] < 0.1


def test_enter_and_exit():
    p = chances(piecewise([(0, 30, 500), (5, 900, 500)]))
    assert p["enter"] > 0.8
    assert p["exit"] < 0.1
    p = chances(piecewise([(0, 900, 500), (6, 1890, 500)]))
    assert p["exit"] > 0.8
    assert p["enter"] < 0.1


@pytest.mark.parametrize("fps", [3, 6, 25])
def test_frame_rate_hardly_matters(fps):
    t = np.arange(0, 8, 1 / fps)
    s = 120 * t
    heading = np.clip((s - 300) / 200, 0, np.pi / 2)
    fine = np.linspace(0, s[-1], 4000)
    angle = np.clip((fine - 300) / 200, 0, np.pi / 2)
    step = fine[1]
    x = 500 + np.interp(s, fine, np.cumsum(np.cos(angle)) * step)
    y = 300 + np.interp(s, fine, np.cumsum(np.sin(angle)) * step)
    assert len(heading) == len(x)
    p = chances(box_path(t, x, y))
    assert p["turn_right"] > 0.8
    assert p["turn_left"] < 0.1


def test_too_little_is_unknown_and_says_why():
    t = np.arange(0, 0.4, 0.1)
    known, reason = motion_known(box_path(t, 500 + t, 500), SIZE)
    assert not known
    assert reason == "seen in 4 frames only"
    t = np.arange(0, 0.7, 0.08)
    assert motion_known(box_path(t, 500 + t, 500), SIZE) == (False, "seen for 0.6 s only")
    t = np.arange(0, 5, 0.08)
    assert motion_known(box_path(t, 20 + t, 500), SIZE)[1].startswith("cut off")
    assert motion_known(box_path(t, 500 + t, 500), SIZE) == (True, "")


def test_an_empty_path_has_no_events():
    assert events_of(box_path(np.zeros(0), 1, 1), "car", SIZE, None) == []


@pytest.fixture(scope="module")
def world():
    """Twelve cameras over a junction, fourteen vehicles each, 3 % jitter: what was told of each."""
    plan = ["left", "right", "straight", "stop-left", "stop-right", "stop", "bend"]
    told = []
    for seed in range(1000, 1012):
        rng = np.random.default_rng(seed)
        view = random_view(rng)
        seen = []
        for what in plan * 2:
            driven = random_drive(rng, what)
            body = str(rng.choice(list(BODIES)))
            found = observe(rng, view, driven, BODIES[body], jitter=0.03)
            if found:
                seen.append((what, body, driven, *found))
        plane = GroundPlane.fit([s[3] for s in seen], view.size, [s[1] for s in seen])
        for what, body, driven, path, index in seen:
            told.append((what, driven, path, index, events_of(path, body, view.size, plane)))
    return told


def best(events, kind):
    return max((e.p for e in events if e.kind == kind), default=0.0)


def test_turns_in_a_world_seen_by_random_cameras(world):
    right = wrong = false = none = 0
    for what, driven, _, index, events in world:
        if what == "bend":
            continue
        left, clockwise = best(events, "turn_left"), best(events, "turn_right")
        turned = visible_turns(driven, index)
        if not turned:
            false += max(left, clockwise) >= 0.5
            none += 1
        elif abs(turned[0].degrees) >= 45 and max(left, clockwise) >= 0.5:
            if (turned[0].degrees > 0) == (left > clockwise):
                right += 1
            else:
                wrong += 1
    assert right >= 20
    assert wrong <= 0.02 * right
    assert none >= 40
    assert false <= 0.05 * none


def test_stops_in_a_world_seen_by_random_cameras(world):
    hit = miss = false = 0
    for _, driven, path, index, events in world:
        truth = [t for t in visible_stops(driven, index) if t.t0_s > path.t_s[0] + 1.0]
        found = [e for e in events if e.kind == "stop" and e.p >= 0.5]
        for t in truth:
            match = [e for e in found if min(e.t1_s, t.t1_s) - max(e.t0_s, t.t0_s) > 0.5]
            hit += bool(match)
            miss += not match
        false += len(found) if not truth and not visible_stops(driven, index) else 0
    assert hit >= 20
    assert 2 * hit / (2 * hit + miss + false) >= 0.85


def test_straight_on_through_a_roundabout_is_no_turn():
    path = drawn([("go", 200), ("arc", 220, 45), ("arc", 220, -90), ("arc", 220, 45), ("go", 200)])
    p = chances(path)
    assert p["turn_left"] < 0.5
    assert p["turn_right"] < 0.5


def test_left_through_a_roundabout_is_a_left_turn():
    path = drawn([("go", 200), ("arc", 220, 45), ("arc", 220, -180), ("arc", 220, 45), ("go", 200)])
    p = chances(path)
    assert p["turn_left"] > 0.6
    assert p["turn_right"] < 0.5
    assert p["u_turn"] < 0.3
