"""Tracklets that went over to another object are cut there, and only those."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from core.tracking import splitting
from core.tracking.appearance import CANNOT_TELL, Calibration, group_means
from core.tracking.offline import link
from core.tracking.splitting import split, stretch_numbers
from tests.core.tracking.scenes import NAMES, SIZE, crop_table, line, looks_of, rows, span, unit

TELLS = Calibration(
    d_prime=4.0,
    usable=True,
    same=50,
    different=50,
    same_mean=0.9,
    different_mean=0.0,
    deviation=0.25,
)
MEET_S = 3.0
BYSTANDERS = range(10, 20)


def crossing():
    """Two objects that pass through each other at 3 s, 600 px into the picture.

    Their tracklets 0 and 1 change objects there: each turns round, so to say.
    """
    east, west = line(600 - 100 * MEET_S, 100), line(600 + 100 * MEET_S, -100)
    early, late = span(0, MEET_S), span(MEET_S, 6)
    y = line(300, 0)
    return [
        (0, early, east, y, 0, 0.9),
        (0, late, west, y, 0, 0.9),
        (1, early, west, y, 0, 0.9),
        (1, late, east, y, 0, 0.9),
        *((k, span(0, 6), line(110 * (k - 9), 0), line(600, 0), 0, 0.9) for k in BYSTANDERS),
    ]


def cropped(objects, shown, times=(0.4, 1.2, 2.0, 4.0, 4.8, 5.6), noise=0.1):
    """Crops of all tracklets; shown: (tracklet, t_s) -> the name of what is to be seen."""
    names = {shown(o[0], t) for o in objects for t in times}
    looks, rng = looks_of(sorted(names), seed=3), np.random.default_rng(1)
    return crop_table(
        [
            (tracklet, t, looks[shown(tracklet, t)] + noise * unit(rng.normal(size=32)))
            for tracklet in sorted({o[0] for o in objects})
            for t in times
        ]
    )


def swapped(tracklet: int, t: float) -> str:
    if tracklet > 1:
        return str(tracklet)
    return "east" if (tracklet == 0) == (t < MEET_S) else "west"


def kept(tracklet: int, t: float) -> str:
    return str(tracklet)


# --- from boxes and crops to tracks --------------------------------------------------------------


def test_swapped_halves_end_up_in_the_right_tracks():
    objects = crossing()
    detections, ids = rows(objects)
    found = link(detections, ids, cropped(objects, swapped), NAMES, SIZE)
    assert [s.tracklet for s in found.splits] == [0, 1]
    assert [s.piece for s in found.splits] == [20, 21]
    assert all(abs(s.t_s - MEET_S) < 0.3 for s in found.splits)
    assert all(s.score < -2.0 for s in found.splits)
    assert {(x.earlier_tracklet, x.later_tracklet) for x in found.links} == {(0, 21), (1, 20)}
    moving = {t.tracklet_ids: t for t in found.tracks if len(t.tracklet_ids) > 1}
    assert set(moving) == {(0, 21), (1, 20)}
    for pieces, speed in (((0, 21), 100.0), ((1, 20), -100.0)):
        path = moving[pieces].path
        centre = (path.xyxy[:, 0] + path.xyxy[:, 2]) / 2.0
        clear = np.abs(path.t_s - MEET_S) > 0.3
        np.testing.assert_allclose(centre[clear], 600 + speed * (path.t_s[clear] - MEET_S), atol=1)
    assert len(found.tracks) == 2 + len(BYSTANDERS)


def test_crops_go_with_the_piece_they_were_taken_of():
    objects = crossing()
    detections, ids = rows(objects)
    crops = cropped(objects, swapped)
    found = link(detections, ids, crops, NAMES, SIZE)
    mine = crops.tracklet_id == 0
    late = crops.t_s > MEET_S
    assert set(found.crop_tracklet_ids[mine & ~late].tolist()) == {0}
    assert set(found.crop_tracklet_ids[mine & late].tolist()) == {20}
    others = crops.tracklet_id > 1
    np.testing.assert_array_equal(found.crop_tracklet_ids[others], crops.tracklet_id[others])
    np.testing.assert_array_equal(crops.tracklet_id, cropped(objects, swapped).tracklet_id)


def test_boxes_go_with_the_pieces_and_nothing_else_changes():
    objects = crossing()
    detections, ids = rows(objects)
    before = ids.copy()
    found = link(detections, ids, cropped(objects, swapped), NAMES, SIZE)
    np.testing.assert_array_equal(ids, before)
    for cut in found.splits:
        piece = found.tracklet_ids == cut.piece
        rest = found.tracklet_ids == cut.tracklet
        np.testing.assert_array_equal(piece | rest, before == cut.tracklet)
        assert detections.t_s[piece].min() == cut.t_s
        assert detections.t_s[rest].max() < cut.t_s
    bystanders = before >= 10
    np.testing.assert_array_equal(found.tracklet_ids[bystanders], before[bystanders])


def test_the_same_video_is_cut_the_same():
    objects = crossing()
    detections, ids = rows(objects)
    one = link(detections, ids, cropped(objects, swapped), NAMES, SIZE)
    two = link(detections, ids, cropped(objects, swapped), NAMES, SIZE)
    assert one.splits == two.splits
    np.testing.assert_array_equal(one.tracklet_ids, two.tracklet_ids)


def test_nothing_is_cut_where_looks_agree():
    objects = crossing()
    detections, ids = rows(objects)
    found = link(detections, ids, cropped(objects, kept), NAMES, SIZE)
    assert found.calibration.usable
    assert found.splits == []
    np.testing.assert_array_equal(found.tracklet_ids, ids)


def test_nothing_is_cut_where_looks_cannot_tell():
    objects = crossing()
    detections, ids = rows(objects)
    found = link(detections, ids, cropped(objects, swapped, noise=40.0), NAMES, SIZE)
    assert not found.calibration.usable
    assert found.splits == []
    np.testing.assert_array_equal(found.tracklet_ids, ids)


def test_no_crops_no_cuts():
    detections, ids = rows(crossing())
    none = np.zeros(0, np.intp), np.zeros((0, 4), np.float32)
    after, cuts = split(detections, ids, stretch_numbers(detections, ids), *none, TELLS, -2.0)
    assert cuts == []
    np.testing.assert_array_equal(after, ids)


# --- one tracklet by itself ----------------------------------------------------------------------


def passes(meetings, seconds=12.0):
    """A standing object, tracklet 0, at 500 px; others drive over it at the times given."""
    objects = [(0, span(0, seconds), line(500, 0), line(300, 0), 0, 0.9)]
    for k, t in enumerate(meetings, 1):
        objects.append((k, span(t - 2, t + 2), line(500 - 200 * t, 200), line(312, 0), 0, 0.9))
    return rows(objects)


def cut(meetings, crops, calibration=TELLS, least=-2.0):
    """Cuts of the standing object; crops: (t_s, degrees of its look)."""
    detections, ids = passes(meetings)
    stretch = stretch_numbers(detections, ids)
    mine = np.flatnonzero(ids == 0)
    at = np.array([mine[np.argmin(np.abs(detections.t_s[mine] - t))] for t, _ in crops], np.intp)
    angle = np.deg2rad([d for _, d in crops])
    vectors = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    return detections, *split(detections, ids, stretch, at, vectors, calibration, least)


def test_stretch_numbers_of_a_video():
    detections, ids = passes([4.0, 8.0])
    stretch = stretch_numbers(detections, ids)
    assert stretch_numbers(detections, np.full_like(ids, -1)).tolist() == [-1] * len(ids)
    mine = np.flatnonzero(ids == 0)
    seen = dict(zip(detections.t_s[mine].round(2).tolist(), stretch[mine].tolist(), strict=True))
    assert (seen[2.0], seen[4.0], seen[6.0], seen[8.0], seen[10.0]) == (0, -1, 1, -1, 2)


def test_several_changes_are_cut_one_by_one():
    crops = [(1, 0), (2, 5), (5, 120), (6, 125), (10, 240), (11, 235)]
    detections, ids, cuts = cut([4.0, 8.0], crops)
    assert [(c.tracklet, c.piece) for c in cuts] == [(0, 3), (3, 4)]
    assert [c.t_s for c in cuts] == pytest.approx([4.0, 8.0], abs=0.2)
    assert all(-4.0 <= c.score < -2.0 for c in cuts)
    standing = detections.xyxy[:, 1] == 280
    at = dict(zip(detections.t_s[standing].round(2).tolist(), ids[standing].tolist(), strict=True))
    assert (at[2.0], at[6.0], at[10.0]) == (0, 3, 4)


def test_an_object_that_is_itself_after_every_overlap_stays_whole():
    _, _, cuts = cut([4.0, 8.0], [(1, 0), (2, 9), (5, 0), (6, 4), (10, 0), (11, 7)])
    assert cuts == []


def test_looks_that_change_in_the_open_are_one_object():
    """It turned round: no other was near."""
    _, _, cuts = cut([4.0], [(0.5, 0), (1.0, 180), (6, 0), (7, 180)])
    assert cuts == []


def test_a_side_without_crops_is_never_cut_off():
    _, _, cuts = cut([4.0, 8.0], [(1, 0), (2, 0), (3, 0)])
    assert cuts == []
    _, ids, cuts = cut([4.0, 8.0], [(1, 0), (2, 0), (10, 180), (11, 180)])
    assert len(cuts) == 1  # somewhere between: the stretch in the middle says nothing
    assert 4.0 < cuts[0].t_s < 8.0
    assert set(ids.tolist()) == {0, 1, 2, 3}


def test_how_sure_a_cut_must_be():
    doubtful = [(1, 0), (2, 0), (6, 75), (7, 75)]
    _, _, cuts = cut([4.0], doubtful, least=-1.0)
    assert len(cuts) == 1
    assert -3.0 < cuts[0].score < -1.0
    _, _, none = cut([4.0], doubtful, least=cuts[0].score - 0.1)
    assert none == []
    _, ids, none = cut([4.0], [(1, 0), (6, 180)], calibration=CANNOT_TELL)
    assert none == []
    assert set(ids.tolist()) == {0, 1}


def test_an_object_that_took_the_place_of_another_for_a_while_is_cut_out():
    _, _, cuts = cut([4.0, 8.0], [(1, 0), (2, 0), (5, 180), (6, 180), (10, 0), (11, 0)])
    assert len(cuts) == 2


def test_sides_of_every_place_are_means():
    rng = np.random.default_rng(4)
    vectors = rng.normal(size=(40, 8)).astype(np.float32)
    places = np.array([1, 7, 20, 39])
    before, after = splitting._sides(vectors, places)
    for row, place in enumerate(places):
        side = (np.arange(40) >= place).astype(np.int32)
        means = group_means(vectors, side, 2)
        np.testing.assert_allclose(before[row], means[0], atol=1e-6)
        np.testing.assert_allclose(after[row], means[1], atol=1e-6)


def test_what_stands_for_an_hour_takes_no_more_memory_than_its_crops():
    rng = np.random.default_rng(5)
    vectors = rng.normal(size=(3000, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    calibration = Calibration(3.0, True, 50, 50, 0.8, 0.0, 0.2)
    tracemalloc.start()
    list(splitting._cuts(np.arange(3000, dtype=np.int32), vectors, calibration, -np.inf))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 * vectors.nbytes  # all places at once would be three thousand times as much
