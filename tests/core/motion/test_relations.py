import numpy as np

from core.motion.relations import relations_of
from core.tracks import FrameSize, Track
from tests.core.motion.test_path import box_path

SIZE = FrameSize(1920, 1080)


def track(track_id, knots, **box):
    k = np.array(knots, np.float64)
    t = np.arange(k[0, 0], k[-1, 0] + 1e-6, 0.08)
    x, y = (np.interp(t, k[:, 0], k[:, c]) for c in (1, 2))
    return Track(track_id, "car", {"car": 1.0}, box_path(t, x, y, **box), (track_id,))


def found(*tracks):
    return {
        (r.kind, r.subject_id, r.object_id): r
        for r in relations_of(tracks, SIZE, None)
        if r.p >= 0.5
    }


def test_one_follows_the_other_and_not_the_reverse():
    lead = track(1, [(0, 300, 500), (10, 1300, 500)])
    tail = track(2, [(0, 150, 500), (10, 1150, 500)])
    relations = found(lead, tail)
    assert ("follow", 2, 1) in relations
    assert ("follow", 1, 2) not in relations
    assert ("behind", 2, 1) in relations
    assert ("behind", 1, 2) not in relations
    assert abs(relations["follow", 2, 1].numbers["lag_s"] - 1.5) < 0.4


def test_parallel_is_not_following():
    a = track(1, [(0, 300, 300), (10, 1300, 300)])
    b = track(2, [(0, 150, 700), (10, 1150, 700)])
    assert found(a, b) == {}


def test_overtaking_has_a_subject_and_an_object():
    slow = track(1, [(0, 600, 500), (10, 1000, 500)])
    quick = track(2, [(0, 300, 560), (10, 1400, 560)])
    relations = found(slow, quick)
    overtake = relations["overtake", 2, 1]
    assert ("overtake", 1, 2) not in relations
    # level when 300 + 110 t = 600 + 40 t
    assert overtake.t0_s <= 4.3 <= overtake.t1_s


def test_meeting_is_not_overtaking():
    a = track(1, [(0, 300, 500), (10, 1300, 500)])
    b = track(2, [(0, 1300, 560), (10, 300, 560)])
    kinds = {k for k, _, _ in found(a, b)}
    assert "overtake" not in kinds
    assert "follow" not in kinds
    assert "behind" not in kinds


def test_standing_next_to_each_other_is_near():
    a = track(1, [(0, 500, 500), (5, 500, 500)])
    b = track(2, [(0, 570, 505), (5, 570, 505)])
    far = track(3, [(0, 1500, 505), (5, 1500, 505)])
    assert list(found(a, b, far)) == [("near", 1, 2)]


def test_never_in_view_together_is_nothing():
    a = track(1, [(0, 300, 500), (5, 800, 500)])
    b = track(2, [(6, 300, 500), (11, 800, 500)])
    assert relations_of([a, b], SIZE, None) == []


def test_queueing_behind_one_that_stopped():
    a = track(1, [(0, 400, 500), (4, 800, 500), (10, 800, 500)])
    b = track(2, [(0, 250, 500), (4.5, 700, 500), (10, 700, 500)])
    assert ("behind", 2, 1) in found(a, b)
