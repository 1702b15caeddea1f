import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.detections import Detections
from core.tracking.online import Tracker, associate
from tests.core.tracking.scenes import NAMES, frame, moving


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


def test_memory_is_in_seconds():
    def after(gap):
        seen = [frame(k * 0.1, [moving(100, 100, k * 0.1, vx=20)]) for k in range(10)]
        back = 0.9 + gap
        _, ids = run([*seen, frame(back, [moving(100, 100, back, vx=20)])])
        return int(ids[-1][0])

    assert after(1.5) == 0
    assert after(2.5) == 1


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
