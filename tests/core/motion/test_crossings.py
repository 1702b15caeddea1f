"""Across the traffic, from lane to lane, back and forth, in and out of sight."""

import numpy as np
import pytest

from core.motion.events import events_of
from core.motion.surroundings import Surroundings
from core.tracks import FrameSize, Track
from tests.core.motion.test_path import box_path

SIZE = FrameSize(1920, 1080)
STEP_S = 0.1


def track(track_id, knots, name="car", shake=0.0, **box):
    k = np.array(knots, np.float64)
    t_s = np.arange(k[0, 0], k[-1, 0] + 1e-6, STEP_S)
    tremble = np.random.default_rng(track_id).normal(0, shake, (2, len(t_s)))
    x, y = (np.interp(t_s, k[:, 0], k[:, c]) + tremble[c - 1] for c in (1, 2))
    return Track(track_id, name, {name: 1.0}, box_path(t_s, x, y, **box), (track_id,))


def person(track_id, knots, **box):
    return track(track_id, knots, "person", **{"w": 24.0, "h": 60.0, **box})


def lane(track_id, y, start=0.0):
    return track(track_id, [(start, 200, y), (start + 8, 1700, y)])


def chances(one, others=()):
    around = Surroundings.of([one, *others], None)
    best: dict[str, float] = {}
    for e in events_of(one.path, one.class_name, SIZE, None, None, around):
        best[e.kind] = max(best.get(e.kind, 0.0), e.p)
    return best


ROAD = [lane(10 + k, y, 2.0 * k) for k, y in enumerate((480, 500, 520, 540))]


def test_who_walks_over_a_road_crosses_it():
    over = person(1, [(0, 900, 350), (10, 920, 650)])
    assert chances(over, ROAD)["cross"] > 0.7


def test_who_walks_along_a_road_or_beside_it_does_not_cross():
    along = person(1, [(0, 700, 500), (10, 1000, 505)])
    beside = person(2, [(0, 900, 700), (10, 920, 1000)])
    assert chances(along, ROAD).get("cross", 0.0) < 0.1
    assert chances(beside, ROAD).get("cross", 0.0) < 0.1


def test_where_nothing_drove_nobody_crosses():
    over = person(1, [(0, 900, 350), (10, 920, 650)])
    parked = [track(10 + k, [(0, 700 + 100 * k, 500), (10, 700 + 100 * k, 500)]) for k in range(4)]
    assert chances(over, parked).get("cross", 0.0) < 0.1
    assert "cross" not in chances(over)


def test_a_car_in_the_stream_does_not_cross_and_one_from_the_side_does():
    assert chances(ROAD[0], ROAD[1:]).get("cross", 0.0) < 0.1
    side = track(1, [(0, 900, 200), (8, 900, 900)])
    assert chances(side, ROAD)["cross"] > 0.7


@pytest.mark.parametrize("shake", [0.0, 1.5])
def test_a_step_aside_between_two_straights_is_a_change_of_lanes(shake):
    aside = [(0, 100, 500), (4, 600, 500), (6.5, 900, 575), (11, 1450, 575)]
    plain = [(0, 100, 500), (11, 1450, 575)]
    t_s = np.arange(0, 11, STEP_S)
    soft = np.interp(t_s, *np.array([(t, y) for t, _, y in aside]).T)
    soft = np.convolve(np.pad(soft, 10, mode="edge"), np.full(21, 1 / 21), mode="valid")
    tremble = np.random.default_rng(0).normal(0, shake, (2, len(t_s)))
    x = np.interp(t_s, [0, 11], [100, 1450]) + tremble[0]
    car = Track(1, "car", {"car": 1.0}, box_path(t_s, x, soft + tremble[1]), (1,))
    found = [e for e in events_of(car.path, "car", SIZE, None) if e.kind == "lane_change"]
    best = max(found, key=lambda e: e.p)
    assert best.p > 0.4  # without a ground plane never more than half sure
    assert best.t0_s < 5.5 < best.t1_s
    assert best.numbers["to_right"] == 1.0
    assert chances(track(2, plain, shake=shake)).get("lane_change", 0.0) < 0.2


def test_a_bend_is_no_change_of_lanes():
    t_s = np.arange(0, 11, STEP_S)
    y = 500 + 150 * (t_s / 11) ** 2
    car = Track(1, "car", {"car": 1.0}, box_path(t_s, 100 + 120 * t_s, y), (1,))
    assert chances(car).get("lane_change", 0.0) < 0.2


def test_out_of_a_place_backwards_and_on():
    knots = [(0, 600, 500), (3, 600, 500), (6, 600, 620), (7, 600, 620), (11, 610, 300)]
    out = track(1, knots)
    found = [e for e in events_of(out.path, "car", SIZE, None) if e.kind == "reverse"]
    best = max(found, key=lambda e: e.p)
    assert 0.4 < best.p < 0.6  # experimental: never sure
    assert best.t0_s == pytest.approx(3, abs=0.7)
    assert best.t1_s == pytest.approx(6, abs=0.7)


def test_driving_on_after_a_rest_and_turning_round_are_no_reversing():
    on = track(1, [(0, 300, 500), (4, 700, 500), (9, 700, 500), (13, 1100, 500)])
    assert chances(on).get("reverse", 0.0) < 0.1
    angle = np.linspace(-np.pi / 2, np.pi / 2, 60)
    x = np.concatenate([np.linspace(500, 800, 40), 800 + 90 * np.cos(angle), 790 - np.arange(40)])
    y = np.concatenate([np.full(40, 410.0), 500 + 90 * np.sin(angle), np.full(40, 590.0)])
    t_s = np.arange(len(x)) * STEP_S
    round_ = Track(2, "car", {"car": 1.0}, box_path(t_s, x, y), (2,))
    assert chances(round_).get("reverse", 0.0) < 0.1


def test_who_walks_about_in_one_place_for_long_loiters():
    back_and_forth = [(4.0 * k, 600 + 70 * (k % 2), 500) for k in range(8)]
    assert chances(person(1, back_and_forth))["loiter"] > 0.8
    assert chances(person(2, [(0, 600, 500), (28, 600, 500)])).get("loiter", 0.0) < 0.1
    assert chances(person(3, [(0, 100, 500), (28, 1800, 500)])).get("loiter", 0.0) < 0.1
    assert chances(person(4, back_and_forth[:3])).get("loiter", 0.0) < 0.1


def test_who_comes_out_of_a_door_appears_and_who_comes_over_the_border_does_not():
    whole = track(9, [(0, 100, 900), (20, 1500, 900)])
    door = person(1, [(5, 900, 500), (12, 1200, 500)])
    border = person(2, [(5, 12, 500), (12, 600, 500)])
    from_start = person(3, [(0, 900, 500), (12, 1200, 500)])
    found = chances(door, [whole])
    assert found["appear"] > 0.7
    assert found["disappear"] > 0.7
    assert chances(border, [whole]).get("appear", 0.0) < 0.1
    assert chances(from_start, [whole]).get("appear", 0.0) < 0.1
    tiny = person(4, [(5, 900, 500), (12, 1200, 500)], w=8.0, h=18.0)
    assert chances(tiny, [whole]).get("appear", 0.0) < 0.1


def test_growing_has_a_time_to_contact():
    t_s = np.arange(0, 6, STEP_S)
    away = 10.0 - t_s  # reaches the camera at 10 s
    path = box_path(t_s, 960, 400 + 300 / away, w=600 / away, h=400 / away)
    (found,) = [e for e in events_of(path, "car", SIZE, None) if e.kind == "approach"]
    assert found.numbers["time_to_contact_s"] == pytest.approx(4.7, abs=0.5)
    assert found.p > 0.9


def test_what_is_uncovered_grows_but_does_not_approach():
    t_s = np.arange(0, 6, STEP_S)
    shown = np.interp(t_s, [0, 2, 3, 6], [30, 30, 60, 60])
    path = box_path(t_s, 300 + 60 * t_s, 500 - shown / 2, w=2 * shown, h=shown)
    found = {e.kind: e.p for e in events_of(path, "car", SIZE, None)}
    assert found.get("approach", 0.0) < 0.4


def test_a_box_that_leaves_the_picture_does_not_slow_down():
    t_s = np.arange(0, 8, STEP_S)
    x1 = 300 + 240 * t_s
    x0, x1 = np.clip(x1 - 200, 0, 1920), np.clip(x1, 0, 1920)
    keep = x1 - x0 > 4
    path = box_path(t_s[keep], ((x0 + x1) / 2)[keep], 500, w=(x1 - x0)[keep], h=120.0)
    found = {e.kind: e.p for e in events_of(path, "car", SIZE, None)}
    assert found.get("slow_down", 0.0) < 0.1
    assert found.get("stop", 0.0) < 0.1
