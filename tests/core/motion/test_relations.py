import numpy as np
import pytest

from core.motion.relations import relations_of
from core.tracks import FrameSize, Track
from tests.core.motion.test_path import box_path

SIZE = FrameSize(1920, 1080)


def track(track_id, knots, name="car", **box):
    k = np.array(knots, np.float64)
    t = np.arange(k[0, 0], k[-1, 0] + 1e-6, 0.08)
    x, y = (np.interp(t, k[:, 0], k[:, c]) for c in (1, 2))
    return Track(track_id, name, {name: 1.0}, box_path(t, x, y, **box), (track_id,))


def person(track_id, knots):
    return track(track_id, knots, "person", w=40.0, h=120.0)


def dog(track_id, knots):
    return track(track_id, [(t, x, y + 40.0) for t, x, y in knots], "dog", w=50.0, h=40.0)


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


WALK = [(0, 300, 500), (5, 700, 500), (7, 700, 500), (12, 1200, 560)]
BESIDE = [(0, 350, 510), (3, 590, 500), (5, 660, 515), (7, 760, 505), (12, 1160, 560)]


def test_somebody_walks_a_dog():
    relations = found(person(1, WALK), dog(2, BESIDE))
    walks = relations["with", 1, 2]
    assert walks.p > 0.9
    assert (walks.t0_s, walks.t1_s) == (0.0, 12.2)
    assert walks.numbers["share"] > 0.95
    assert walks.numbers["way_together"] > 5.0
    assert ("with", 2, 1) not in relations


def test_resting_with_a_dog_counts_less():
    relations = found(
        person(1, [(0, 500, 500), (9, 500, 500)]), dog(2, [(0, 550, 505), (9, 540, 500)])
    )
    assert 0.5 < relations["with", 1, 2].p < 0.7


@pytest.mark.parametrize(
    "stranger",
    [
        [(0, 1500, 500), (12, 100, 500)],  # comes the other way
        [(0, 700, 540), (12, 700, 540)],  # stands where they pass
        [(0, 350, 840), (12, 1250, 900)],  # walks the same way, far away
    ],
)
def test_a_dog_is_not_with_everybody_it_meets(stranger):
    relations = found(person(1, WALK), dog(2, BESIDE), person(3, stranger))
    assert ("with", 1, 2) in relations
    assert ("with", 3, 2) not in relations


def test_of_two_who_go_the_same_way_the_nearer_one_has_the_dog():
    behind = [(t, x - 75, y + 10) for t, x, y in BESIDE]
    relations = found(person(1, WALK), dog(2, BESIDE), person(3, behind))
    assert ("with", 1, 2) in relations
    assert ("with", 3, 2) not in relations


def test_only_people_have_animals():
    cat = track(2, [(t, x, y + 40.0) for t, x, y in BESIDE], "cat", w=40.0, h=30.0)
    assert ("with", 1, 2) in found(person(1, WALK), cat)
    kinds = {k for k, _, _ in found(track(1, WALK), dog(2, BESIDE), dog(3, BESIDE))}
    assert "with" not in kinds


def test_past_one_that_rests_is_passing_and_no_overtaking():
    parked = track(1, [(0, 700, 560), (10, 700, 560)])
    quick = track(2, [(0, 300, 500), (10, 1300, 500)])
    relations = found(parked, quick)
    assert ("pass", 2, 1) in relations
    assert ("pass", 1, 2) not in relations
    assert not {key for key in relations if key[0] in ("overtake", "meet", "follow")}
    # level when 300 + 100 t = 700
    assert relations["pass", 2, 1].t0_s <= 4.0 <= relations["pass", 2, 1].t1_s


def test_opposite_ways_meet_once():
    east = track(1, [(0, 300, 500), (10, 1300, 500)])
    west = track(2, [(0, 1300, 440), (10, 300, 440)])
    relations = found(east, west)
    assert {key for key in relations if key[0] != "near"} == {("meet", 1, 2)}
    assert relations["meet", 1, 2].t0_s <= 5.0 <= relations["meet", 1, 2].t1_s


def test_stopping_behind_one_that_waits():
    first = track(1, [(0, 500, 500), (3, 800, 500), (12, 800, 500)])
    second = track(2, [(0, 300, 500), (5, 690, 500), (12, 690, 500)])
    relations = found(first, second)
    stop = relations["stop_behind", 2, 1]
    assert stop.t0_s == pytest.approx(5.0, abs=0.8)
    assert ("stop_behind", 1, 2) not in relations


def test_following_is_told_at_once_on_a_straight():
    """Both are seen together for a short time, too short to reach the place of the other."""
    lead = track(1, [(0, 700, 500), (3.2, 1120, 500)])
    tail = track(2, [(0, 420, 500), (3.2, 840, 500)])
    assert ("follow", 2, 1) in found(lead, tail)


def test_people_who_walk_together_are_a_group():
    one = person(1, [(0, 300, 500), (8, 900, 500)])
    two = person(2, [(0, 360, 505), (8, 960, 505)])
    other = person(3, [(0, 960, 502), (8, 300, 502)])
    relations = found(one, two, other)
    assert ("group", 1, 2) in relations
    assert not {key for key in relations if key[0] == "group" and 3 in key[1:]}


def test_people_who_stand_together_are_near_but_do_not_move_together():
    one = person(1, [(0, 300, 500), (8, 300, 500)])
    two = person(2, [(0, 360, 505), (8, 360, 505)])
    relations = found(one, two)
    assert ("near", 1, 2) in relations
    assert ("group", 1, 2) not in relations


def test_between_two_names_them_both():
    left = track(1, [(0, 500, 500), (8, 500, 500)])
    right = track(2, [(0, 780, 500), (8, 780, 500)])
    middle = person(3, [(0, 640, 470), (8, 640, 470)])
    away = person(4, [(0, 640, 900), (8, 640, 900)])
    relations = found(left, right, middle, away)
    assert relations["between", 3, 1].numbers["third_id"] == 2.0
    assert not {key for key in relations if key[0] == "between" and key[1] != 3}


def test_of_two_that_stand_the_covered_one_is_behind():
    front = track(1, [(0, 500, 520), (6, 500, 520)])
    back = track(2, [(0, 515, 500), (6, 515, 500)])
    relations = found(front, back)
    assert ("behind", 2, 1) in relations
    assert ("behind", 1, 2) not in relations
