"""What left and came back is recognised by looks alone, and only where nobody is like it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.tracking.appearance import CANNOT_TELL, Calibration
from core.tracking.linking import LinkSettings
from core.tracking.offline import link
from core.tracking.reentry import Chains, returns
from core.tracking.tracklets import tracklets_of
from tests.core.tracking.scenes import (
    NAMES,
    SIZE,
    crop_table,
    line,
    looks_of,
    rows,
    span,
    unit,
)

S = LinkSettings()
TELLS = Calibration(
    d_prime=4.0,
    usable=True,
    same=50,
    different=50,
    same_mean=0.9,
    different_mean=0.0,
    deviation=0.25,
)


def back(visits, calibration=TELLS, members=None):
    """(earlier tracklet, later tracklet) that are one object come back.

    visits: (t0_s, t1_s, degrees of its look or None, class id) of every tracklet, each elsewhere.
    members: which tracklets already follow each other; each by itself where not given.
    """
    objects = [
        (k, span(t0, t1), line(150 + 97 * k % 900, 0), line(100 + 53 * k % 500, 0), cls, 0.9)
        for k, (t0, t1, _, cls) in enumerate(visits)
    ]
    detections, ids = rows(objects)
    tracklets = tracklets_of(detections, ids, NAMES, SIZE)
    means = np.full((len(visits), 2), np.nan, np.float32)
    for row, k in enumerate(tracklets.id):
        if (degrees := visits[k][2]) is not None:
            means[row] = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    row_of = {int(k): row for row, k in enumerate(tracklets.id)}
    chains = Chains.of_members(
        [tuple(row_of[k] for k in chain) for chain in members or [(k,) for k in row_of]],
        len(visits),
    )
    found = returns(chains, tracklets, means, calibration, S)
    return {(int(tracklets.id[a]), int(tracklets.id[b])): llr for a, b, llr in found}


# --- who came back -------------------------------------------------------------------------------


@pytest.mark.parametrize("absent_s", [1.0, 60.0, 3600.0])
def test_what_came_back_after_any_time_is_recognised(absent_s):
    came = 5.0 + absent_s
    others = [(0, 5, 120, 0), (0, 5, 240, 0), (came, came + 5, 180, 0)]
    found = back([(0, 5, 10, 0), (came, came + 5, 15, 0), *others])
    assert set(found) == {(0, 1)}
    assert found[0, 1] >= S.reentry_llr


def test_twins_are_left_apart():
    visits = [(0, 5, 10, 0), (65, 70, 15, 0), (30, 35, 20, 0)]
    assert back(visits) == {}
    assert set(back([*visits[:2], (30, 35, 90, 0)])) == {(0, 1)}


def test_a_twin_seen_at_the_same_time_is_a_rival_all_the_same():
    assert back([(0, 5, 10, 0), (65, 70, 15, 0), (2, 6, 12, 0)]) == {}


def test_what_was_seen_together_is_never_one():
    assert back([(0, 5, 10, 0), (4, 9, 10, 0)]) == {}
    assert set(back([(0, 5, 10, 0), (6, 9, 10, 0)])) == {(0, 1)}


def test_another_kind_of_thing_is_neither_the_same_nor_a_rival():
    assert back([(0, 5, 10, 0), (65, 70, 10, 2)]) == {}
    assert set(back([(0, 5, 10, 0), (65, 70, 10, 1), (30, 35, 10, 2)])) == {(0, 1)}


def test_what_is_alike_but_not_alike_enough_stays_apart():
    assert back([(0, 5, 0, 0), (65, 70, 50, 0)]) == {}
    assert back([(0, 5, 0, 0), (65, 70, None, 0)]) == {}
    assert back([(0, 5, None, 0), (65, 70, None, 0)]) == {}


def test_looks_that_cannot_tell_bring_nobody_back():
    assert back([(0, 5, 10, 0), (65, 70, 10, 0)], CANNOT_TELL) == {}


def test_one_object_alone_cannot_come_back():
    assert back([(0, 5, 10, 0)]) == {}
    assert back([(0, 5, 10, 0), (20, 25, 11, 0)], members=[(0, 1)]) == {}


def test_whole_chains_come_back():
    """The last tracklet of one is followed by the first of the other; all its looks count."""
    visits = [(0, 5, 0, 0), (6, 9, 20, 0), (70, 75, 5, 0), (76, 80, 15, 0), (30, 40, 180, 0)]
    assert set(back(visits, members=[(0, 1), (2, 3), (4,)])) == {(1, 2)}


def test_chains_that_overlap_in_time_are_never_joined():
    visits = [(0, 5, 10, 0), (60, 65, 10, 0), (30, 35, 10, 0)]
    assert back(visits, members=[(0, 1), (2,)]) == {}


@given(st.integers(0, 2**31), st.integers(2, 14))
@settings(max_examples=30, deadline=None)
def test_nobody_comes_back_twice_or_before_leaving(seed, n):
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 200, n)
    visits = [
        (
            int(s),
            int(s) + int(rng.integers(1, 20)),
            float(rng.uniform(0, 360)),
            int(rng.choice([0, 2])),
        )
        for s in start
    ]
    found = back(visits)
    for ends in zip(*found, strict=True):
        assert len(set(ends)) == len(ends)
    for a, b in found:
        assert visits[a][1] <= visits[b][0] + 0.1
        assert visits[a][3] == visits[b][3]
        assert np.cos(np.deg2rad(visits[a][2] - visits[b][2])) > 0.7
    assert back(visits) == found


# --- chains --------------------------------------------------------------------------------------


def test_chains_from_links():
    chains = Chains.of(6, np.array([0, 2, 1]), np.array([2, 5, 4]))
    assert chains.members == ((0, 2, 5), (1, 4), (3,))
    assert chains.number.tolist() == [0, 1, 0, 2, 1, 0]
    assert Chains.of(0, np.zeros(0, np.intp), np.zeros(0, np.intp)).members == ()


def test_joining_chains():
    chains = Chains.of(6, np.array([0, 2]), np.array([2, 5]))
    joined = chains.joined([(5, 1, 3.0), (3, 4, 3.5)])
    assert joined.ordered() == [(0, 2, 5, 1), (3, 4)]
    assert joined.number[[0, 1, 2, 5]].tolist() == [joined.number[0]] * 4
    assert joined.joined([(1, 3, 3.0)]).ordered() == [(0, 2, 5, 1, 3, 4)]
    assert chains.ordered() == [(0, 2, 5), (1,), (3,), (4,)]
    assert chains.joined([]).ordered() == chains.ordered()


# --- from boxes and crops to tracks --------------------------------------------------------------


def street(*visits):
    """Tracks of a video; visits: (tracklet, t0_s, t1_s, x, name of its look). Eight others stand
    about all the time.
    """
    others = [(k, 0.0, 90.0, 120.0 * (k - 90), f"other {k}") for k in range(91, 99)]
    everyone = [*visits, *others]
    looks = looks_of(sorted({who for *_, who in everyone}), seed=5)
    rng = np.random.default_rng(8)
    objects, crops = [], []
    for tracklet, t0, t1, x, who in everyone:
        y = 600.0 if tracklet > 90 else 200.0
        objects.append((tracklet, span(t0, t1), line(x, 0), line(y, 0), 0, 0.9))
        times = np.round(np.linspace(t0 + 0.3, t1 - 0.3, 4) / 0.08) * 0.08
        crops += [(tracklet, t, looks[who] + 0.1 * unit(rng.normal(size=32))) for t in times]
    detections, ids = rows(objects)
    return link(detections, ids, crop_table(crops), NAMES, SIZE)


def walks(found):
    return {t.tracklet_ids for t in found.tracks if t.tracklet_ids[0] < 90}


def test_a_minute_later_elsewhere_it_is_the_same_track():
    found = street((0, 5, 10, 300, "ann"), (1, 70, 75, 900, "ann"), (2, 70, 75, 600, "bob"))
    assert walks(found) == {(0, 1), (2,)}
    (made,) = found.links
    assert (made.earlier_tracklet, made.later_tracklet) == (0, 1)
    assert made.motion == 0.0
    assert made.score == made.appearance >= S.reentry_llr
    assert made.gap_s == pytest.approx(60.0, abs=0.2)
    track = next(t for t in found.tracks if t.tracklet_ids == (0, 1))
    assert not track.path.interpolated.any()


def test_twins_a_minute_later_are_two_tracks():
    found = street((0, 5, 10, 300, "ann"), (1, 70, 75, 900, "ann"), (2, 70, 75, 600, "ann"))
    assert walks(found) == {(0,), (1,), (2,)}
    assert found.links == []


def test_two_alike_seen_together_stay_two_tracks():
    found = street((0, 5, 10, 300, "ann"), (1, 9, 14, 900, "ann"))
    assert walks(found) == {(0,), (1,)}
