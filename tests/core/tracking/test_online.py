from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.detections import Detections
from core.tracking.camera import CameraStep
from core.tracking.online import Tracker, associate
from tests.core.tracking.scenes import NAMES, Eyes, box, frame, looks_of, moving


def run(frames):
    tracker = Tracker([0, 0, 1])
    return tracker, [tracker.update(f) for f in frames]


@pytest.mark.parametrize("fps", [30.0, 12.5, 5.0, 3.0])
def test_one_car_keeps_one_id_at_every_frame_rate(fps):
    # 1.5 box sizes a second
    times = np.arange(0, 6, 1 / fps)
    _, ids = run([frame(t, [moving(100, 100, t, vx=75)]) for t in times])
    assert {int(i[0]) for i in ids} == {0}


def test_uneven_frame_times_keep_the_id():
    rng = np.random.default_rng(1)
    times = np.cumsum(rng.uniform(0.02, 0.4, 40))
    _, ids = run([frame(t, [moving(100, 100, t, vx=70)]) for t in times])
    assert {int(i[0]) for i in ids} == {0}


def test_crossing_cars_keep_their_ids():
    times = np.arange(0, 4, 0.08)
    frames = [frame(t, [moving(100, 100, t, vx=100), moving(500, 112, t, vx=-100)]) for t in times]
    _, ids = run(frames)
    assert all(i.tolist() == [0, 1] for i in ids)


def test_class_flips_inside_a_group_do_not_break_a_tracklet():
    _, ids = run([frame(k * 0.1, [moving(100, 100, k * 0.1, vx=50)], cls=k % 2) for k in range(20)])
    assert {int(i[0]) for i in ids} == {0}


def test_groups_share_a_tracklet_only_where_boxes_coincide():
    _, ids = run([frame(k * 0.1, [moving(100, 100, 0.0)], cls=2 * (k % 2)) for k in range(8)])
    assert {int(i[0]) for i in ids} == {0}
    aside = [moving(100 + 50 * (k % 2), 100, 0.0) for k in range(8)]
    _, ids = run([frame(k * 0.1, [box], cls=2 * (k % 2)) for k, box in enumerate(aside)])
    assert [int(i[0]) for i in ids] == [0, 1] * 4


def test_a_weak_box_continues_but_never_starts():
    box = [moving(100, 100, 0)]
    _, ids = run([frame(0, box), frame(0.1, box), frame(0.2, box, conf=0.15), frame(0.3, box)])
    assert [int(i[0]) for i in ids] == [0, 0, 0, 0]
    _, ids = run([frame(0, box, conf=0.15), frame(0.1, box, conf=0.15)])
    assert [int(i[0]) for i in ids] == [-1, -1]


@pytest.mark.parametrize(("looks", "remembered_s"), [(True, 2.0), (False, 1.0)])
def test_memory_is_in_seconds_and_longer_where_looks_can_confirm(looks, remembered_s):
    def after(gap):
        tracker = Tracker([0, 0, 1])
        times = [*(k * 0.1 for k in range(10)), 0.9 + gap]
        for t in times:
            embed = Eyes(LOOKS).on(["ann", "bob"]) if looks else None
            boxes = [moving(100, 100, t, vx=20), moving(900, 100, t)]
            ids = tracker.update(frame(t, boxes), None, embed)
        return int(ids[0])

    assert after(remembered_s - 0.2) == 0
    assert after(remembered_s + 0.2) == 2


def test_confirmed_needs_two_hits():
    tracker, ids = run([frame(0, [moving(100, 100, 0)])])
    assert ids[0].tolist() == [0]
    assert tracker.confirmed([0, -1, 99]).tolist() == [False, False, False]
    tracker.update(frame(0.1, [moving(100, 100, 0)]))
    assert tracker.confirmed([0]).tolist() == [True]


def test_no_birth_on_top_of_a_live_object():
    box = moving(100, 100, 0)
    near = [v + 3 for v in box]
    _, ids = run([frame(0, [box]), frame(0.1, [box, near], conf=[0.9, 0.5])])
    assert ids[1].tolist() == [0, -1]


def test_several_times_in_one_update_are_refused():
    both = Detections.concatenate([frame(0, [moving(0, 0, 0)]), frame(1, [moving(0, 0, 0)])])
    with pytest.raises(ValueError, match="one frame"):
        Tracker([0]).update(both)


def test_time_may_not_run_backwards():
    tracker = Tracker([0])
    tracker.update(frame(1, [moving(0, 0, 0)]))
    with pytest.raises(ValueError, match="order of time"):
        tracker.update(frame(0.5, [moving(0, 0, 0)]))


def test_a_class_without_a_group_is_refused():
    with pytest.raises(ValueError, match="no group"):
        Tracker([0]).update(frame(0, [moving(0, 0, 0)], cls=2))


@given(st.integers(0, 2**31), st.integers(1, 8), st.floats(0.03, 0.5))
@settings(max_examples=25, deadline=None)
def test_noise_of_any_kind_gives_valid_ids_and_replays_exactly(seed, n, step):
    rng = np.random.default_rng(seed)
    frames = []
    for k in range(15):
        m = int(rng.integers(0, n + 1))
        corner = rng.uniform(0, 200, (m, 2))
        boxes = np.concatenate([corner, corner + rng.uniform(1, 80, (m, 2))], axis=1)
        frames.append(frame(k * step, boxes, rng.uniform(0, 1, m), rng.integers(0, 3, m)))
    detections = Detections.concatenate(frames)
    first, again = associate(detections, NAMES), associate(detections, NAMES)
    np.testing.assert_array_equal(first, again)
    tracker = Tracker([0, 0, 1])
    streamed = [tracker.update(f) for f in frames]
    np.testing.assert_array_equal(first, np.concatenate(streamed))
    for ids in streamed:  # an id is given at most once a frame
        kept = ids[ids >= 0]
        assert len(set(kept.tolist())) == len(kept)


# --- births ----------------------------------------------------------------------------------


def person(x, y=200.0):
    return box(x, y, 40, 90)


def test_one_object_found_twice_hijacks_nobody_and_starts_nothing():
    """A car is found a second time half over itself, where somebody was lost a moment before."""
    car, other, again = box(300, 200), box(340, 200), box(315, 200)
    both = [frame(0.1 * k, [car, other], [0.9, 0.8]) for k in range(6)]
    twice = [frame(0.1 * k, [car, again], [0.9, 0.8]) for k in range(20)]
    _, ids = run([*both, *twice[6:]])
    assert ids[5].tolist() == [0, 1]
    assert {tuple(i.tolist()) for i in ids[6:]} == {(0, -1)}
    _, ids = run(twice)
    assert {tuple(i.tolist()) for i in ids} == {(0, -1)}


@pytest.mark.parametrize(("x", "continued"), [(322, True), (324, True), (335, True), (316, False)])
def test_in_the_shadow_of_a_surer_box_only_the_expected_place_continues(x, continued):
    car = box(300, 200)
    before = [frame(0.1 * k, [car, box(330, 200)], [0.9, 0.8]) for k in range(6)]
    _, ids = run([*before, frame(0.6, [car, box(x, 200)], [0.9, 0.8])])
    assert ids[-1].tolist() == [0, 1 if continued else -1]


def test_no_birth_in_the_shadow_of_a_surer_box():
    """Half a person found beside the whole one: IoU 0.55, so no twin either."""
    half = person(200 + 40 * (1 - 0.55) / (1 + 0.55))
    for k in range(3):
        _, ids = run([frame(0.1 * j, [person(200), half], [0.9, 0.6], 2) for j in range(k + 1)])
        assert ids[k].tolist() == [0, -1]


def test_two_persons_abreast_both_live():
    near = person(200 + 40 * (1 - 0.3) / (1 + 0.3))  # IoU 0.3
    _, ids = run([frame(0.1 * k, [person(200), near], [0.9, 0.8], 2) for k in range(10)])
    assert all(i.tolist() == [0, 1] for i in ids)


def test_a_shadow_falls_only_on_the_same_kind():
    half = person(200 + 40 * (1 - 0.55) / (1 + 0.55))
    _, ids = run([frame(0.1 * k, [person(200), half], [0.9, 0.6], [0, 2]) for k in range(3)])
    assert all(i.tolist() == [0, 1] for i in ids)


# --- weak boxes ------------------------------------------------------------------------------


def test_weak_boxes_carry_an_object_for_seconds_but_only_one_that_is_alive():
    strong = [frame(0.1 * k, [person(200)]) for k in range(5)]
    weak = [frame(0.1 * k, [person(200)], 0.15) for k in range(5, 50)]
    _, ids = run([*strong, *weak, frame(5.0, [person(200)])])
    assert {int(i[0]) for i in ids} == {0}
    _, ids = run([*strong, frame(1.2, [person(200)], 0.15), frame(1.3, [person(200)])])
    assert [int(i[0]) for i in ids[-2:]] == [-1, 0]  # unseen for a while: a strong one revives it


@pytest.mark.parametrize(
    "odd", [frame(0.5, [person(225)], 0.15), frame(0.5, [person(200)], 0.15, cls=2)]
)
def test_weak_boxes_beside_an_object_or_of_another_kind_are_nothing(odd):
    _, ids = run([*(frame(0.1 * k, [person(200)]) for k in range(5)), odd])
    assert ids[-1].tolist() == [-1]


def test_very_weak_boxes_are_nothing():
    _, ids = run(
        [*(frame(0.1 * k, [person(200)]) for k in range(5)), frame(0.5, [person(200)], 0.05)]
    )
    assert ids[-1].tolist() == [-1]


# --- the camera ------------------------------------------------------------------------------


def pan(dx, dy=0.0):
    return CameraStep(np.array([[1.0, 0.0, dx], [0.0, 1.0, dy]]))


def test_a_fast_pan_keeps_ids_where_it_is_known():
    """The camera jerks by 300 px between two frames; cars stand 300 px apart."""
    tracker, blind = Tracker([0]), Tracker([0])
    ids, lost = [], []
    for k in range(10):
        shift = 300.0 * (k >= 5)
        cars = frame(0.1 * k, [box(400 + 300 * n + shift, 300) for n in range(3)])
        ids.append(tracker.update(cars, pan(300.0) if k == 5 else CameraStep.still()).tolist())
        lost.append(blind.update(cars).tolist())
    assert ids == [[0, 1, 2]] * 10
    assert lost[5:] == [[1, 2, 3]] * 5  # each takes the next one's place


def test_a_pan_over_frames_without_boxes_adds_up():
    tracker = Tracker([0])
    for k in range(5):
        tracker.update(frame(0.1 * k, [box(400, 300)]))
    for k in range(5, 10):
        assert len(tracker.update(frame(0.1 * k, []), pan(-50.0, 20.0))) == 0
    assert tracker.update(frame(1.0, [box(150, 400)])).tolist() == [0]


def test_zoom_and_turn_keep_ids():
    tracker = Tracker([0])
    places = np.array([[300.0, 200.0], [500.0, 220.0], [420.0, 400.0]])
    side = np.array([60.0, 40.0])
    c, s = 1.6 * np.cos(0.5), 1.6 * np.sin(0.5)
    turned = CameraStep(np.array([[c, -s, 40.0], [s, c, -90.0]]))
    for k in range(6):
        step = CameraStep.still()
        if k == 3:
            step = turned
            places = places @ turned.matrix[:, :2].T + turned.matrix[:, 2]
            side = 1.6 * side
        found = tracker.update(frame(0.1 * k, [box(*p, *side) for p in places]), step)
        assert found.tolist() == [0, 1, 2]


def test_a_cut_ends_all_tracklets():
    tracker = Tracker([0])
    cars = [box(400, 300), box(700, 300)]
    for k in range(5):
        tracker.update(frame(0.1 * k, cars))
    after = tracker.update(frame(0.5, cars), CameraStep(np.eye(2, 3), cut=True))
    assert after.tolist() == [2, 3]
    assert tracker.update(frame(0.6, cars)).tolist() == [2, 3]
    assert tracker.confirmed([0, 1, 2, 3]).all()


# --- looks -----------------------------------------------------------------------------------

LOOKS = looks_of(["ann", "bob", "cat", "ann's twin"])
LOOKS["ann's twin"] = LOOKS["ann"]


def watch(moments, eyes=None):
    """The ids of objects by name; moments: (t_s, {name: box}) of persons."""
    tracker = Tracker([0])
    out = []
    for t_s, objects in moments:
        embed = None if eyes is None else eyes.on(list(objects))
        ids = tracker.update(frame(t_s, list(objects.values())), None, embed)
        out.append(dict(zip(objects, ids.tolist(), strict=True)))
    return out


@pytest.mark.parametrize("fps", [5.0, 10.0, 30.0])
def test_a_lone_object_is_looked_at_twice_a_second(fps):
    eyes = Eyes(LOOKS)
    times = np.arange(0.0, 10.0, 1.0 / fps)
    ids = watch([(t, {"ann": moving(100, 100, t, vx=50)}) for t in times], eyes)
    assert {i["ann"] for i in ids} == {0}
    assert all(asked == [0] for asked in eyes.asked)
    assert 15 <= len(eyes.asked) <= 21


def test_only_doubtful_boxes_are_looked_at_and_at_once():
    """Two side by side are in doubt in every frame, one far away is not."""
    eyes = Eyes(LOOKS)
    moments = [
        (0.1 * k, {"ann": person(200), "cat": person(900), "bob": person(235)}) for k in range(30)
    ]
    watch(moments, eyes)
    assert len(eyes.asked) == 30  # once a frame, not once a box
    assert all({0, 2} <= set(asked) for asked in eyes.asked)
    assert all(asked == sorted(asked) for asked in eyes.asked)
    assert 5 <= sum(1 in asked for asked in eyes.asked) <= 7


def test_a_newcomer_beside_somebody_known_puts_both_in_doubt():
    eyes = Eyes(LOOKS)
    alone = [(0.1 * k, {"ann": person(200)}) for k in range(4)]
    watch([*alone, (0.4, {"ann": person(200), "bob": person(230)})], eyes)
    assert eyes.asked == [[0], [0, 1]]


def test_boxes_that_start_nothing_are_not_looked_at():
    eyes = Eyes(LOOKS)
    tracker = Tracker([0])
    for k in range(10):
        tracker.update(frame(0.1 * k, [person(200)], 0.2), None, eyes.on(["ann"]))
        tracker.update(frame(0.1 * k, []), None, eyes.on([]))
    assert eyes.asked == []


def swapping(names=("ann", "bob")):
    """Two stand 30 px apart, seen twice a second; in between two frames they change places."""
    left, right = person(200), person(230)
    one, other = names
    before = [(0.5 * k, {one: left, other: right}) for k in range(4)]
    return [*before, *((2.0 + 0.5 * k, {one: right, other: left}) for k in range(4))]


def test_two_that_jump_past_each_other_are_told_apart_by_looks_alone():
    assert all(i == {"ann": 0, "bob": 1} for i in watch(swapping(), Eyes(LOOKS)))
    assert watch(swapping())[-1] == {"ann": 1, "bob": 0}


def test_twins_that_jump_past_each_other_are_taken_by_place():
    twins = ("ann", "ann's twin")
    assert watch(swapping(twins), Eyes(LOOKS))[-1] == {"ann": 1, "ann's twin": 0}


def gone_and_back(away_px, gap_s=1.0, **others):
    """Ann stands for a second, is gone for `gap_s`, and is back to the right; Cat never moves."""
    seen = [(0.1 * k, {"ann": person(200), "cat": person(1200)}) for k in range(10)]
    back = {"ann": person(200 + away_px), "cat": person(1200), **others}
    return [*seen, *((0.9 + gap_s + 0.1 * k, back) for k in range(3))]


def test_an_object_is_recovered_by_its_looks_within_reach():
    reach = 0.5 + 2.0  # heights, after one second
    assert watch(gone_and_back(0.9 * reach * 90), Eyes(LOOKS))[-1]["ann"] == 0
    assert watch(gone_and_back(1.1 * reach * 90), Eyes(LOOKS))[-1]["ann"] == 2
    assert watch(gone_and_back(0.9 * reach * 90))[-1]["ann"] == 2  # without looks


def test_reach_grows_with_time_and_ends_with_memory():
    assert watch(gone_and_back(240, 0.5), Eyes(LOOKS))[-1]["ann"] == 2
    assert watch(gone_and_back(240, 1.5), Eyes(LOOKS))[-1]["ann"] == 0
    assert watch(gone_and_back(240, 2.2), Eyes(LOOKS))[-1]["ann"] == 2


def test_somebody_else_is_not_taken_for_the_lost_one():
    moments = gone_and_back(150)
    moments = [
        (t, {"bob" if n == "ann" and t > 1 else n: b for n, b in o.items()}) for t, o in moments
    ]
    assert watch(moments, Eyes(LOOKS))[-1]["bob"] == 2


@pytest.mark.parametrize(("rival", "expected"), [("bob", 0), ("ann's twin", 2)])
def test_nobody_is_recovered_where_two_look_like_the_lost_one(rival, expected):
    ids = watch(gone_and_back(150, **{rival: person(200, 410)}), Eyes(LOOKS))[-1]
    assert ids["ann"] == expected
    assert ids[rival] not in (0, 1)


@pytest.mark.parametrize(("rival", "expected"), [("bob", 0), ("ann's twin", 3)])
def test_nobody_is_recovered_where_two_like_them_are_lost(rival, expected):
    seen = {"ann": person(200), rival: person(400), "cat": person(1200)}
    back = {"ann": person(300, 390), "cat": person(1200)}
    moments = [*((0.1 * k, seen) for k in range(10)), (2.0, back)]
    assert watch(moments, Eyes(LOOKS))[-1]["ann"] == expected


def test_another_size_or_kind_is_not_recovered():
    larger = gone_and_back(150)
    larger = [(t, {**o, "ann": box(350, 200, 80, 180)} if t > 1 else o) for t, o in larger]
    assert watch(larger, Eyes(LOOKS))[-1]["ann"] == 2
    tracker, eyes = Tracker([0, 1]), Eyes(LOOKS)
    for t_s, objects in gone_and_back(150):
        kinds = [1 if name == "ann" and t_s > 1 else 0 for name in objects]
        detections = frame(t_s, list(objects.values()), 0.9, kinds)
        ids = tracker.update(detections, None, eyes.on(list(objects)))
    assert ids.tolist() == [2, 1]


@given(st.integers(0, 2**31), st.floats(0.05, 0.6))
@settings(max_examples=20, deadline=None)
def test_the_same_looks_steps_and_boxes_give_the_same_ids(seed, step):
    rng = np.random.default_rng(seed)
    looks = looks_of([str(n) for n in range(6)], seed)
    moments = []
    for k in range(15):
        here = np.flatnonzero(rng.random(6) < 0.8)
        camera = [None, pan(*rng.normal(0, 40, 2)), CameraStep(np.eye(2, 3), cut=True)]
        which = rng.choice(3, p=[0.5, 0.45, 0.05])
        boxes = [box(*rng.uniform(0, 300, 2), *rng.uniform(10, 90, 2)) for _ in here]
        detections = frame(k * step, boxes, rng.uniform(0, 1, len(here)), rng.integers(0, 3))
        moments.append((detections, camera[which], [str(n) for n in here]))

    def follow():
        tracker, eyes = Tracker([0, 0, 1]), Eyes(looks)
        ids = [tracker.update(d, camera, eyes.on(names)) for d, camera, names in moments]
        return ids, eyes.asked

    (first, asked), (again, asked_again) = follow(), follow()
    assert asked == asked_again
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
        given = one[one >= 0]
        assert len(set(given.tolist())) == len(given)
    cuts = [k for k, (_, camera, _) in enumerate(moments) if camera is not None and camera.cut]
    for a, b in pairwise([0, *cuts, len(first)]):
        before = np.concatenate([np.zeros(0, np.int32), *first[:a]])
        after = np.concatenate([np.zeros(0, np.int32), *first[a:b]])
        assert before.max(initial=-1) < after[after >= 0].min(initial=2**30)


def test_one_short_interval_does_not_end_births():
    times = [0.0, 0.5, 0.6, *(1.1 + 0.5 * k for k in range(8))]
    tracker = Tracker([0])
    ids = [
        tracker.update(frame(t, [box(200, 200), *([box(600, 200)] if t > 1 else [])])).tolist()
        for t in times
    ]
    assert ids[3:] == [[0, 1]] * 8
