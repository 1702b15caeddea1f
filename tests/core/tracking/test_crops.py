import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.detections import Detections
from core.tracking.crops import (
    CropPlanner,
    CropSettings,
    CropTable,
    SceneLight,
    box_quality,
    sharpness,
)
from tests.core.tracking.scenes import frame

RNG = np.random.default_rng(0)
NOISE = RNG.integers(0, 255, (240, 320, 3), dtype=np.uint8)


def ids(*values):
    return np.array(values, np.int32)


def test_crops_are_spread_over_time_and_bounded():
    planner = CropPlanner()
    for k in range(200):
        planner.offer(NOISE, frame(k * 0.1, [[100, 50, 180, 120]]), ids(7))
        assert len(planner._held[7, 0].best) <= 6
    crops = planner.flush()
    assert len(crops) == 3
    assert {c.tracklet_id for c in crops} == {7}
    times = [c.t_s for c in crops]
    assert times == sorted(times)
    assert times[-1] - times[0] > 8.0
    assert planner.flush() == []


def test_the_better_picture_of_a_moment_is_kept():
    planner = CropPlanner()
    planner.offer(NOISE, frame(0.0, [[100, 50, 180, 120]], 0.4), ids(1))
    planner.offer(NOISE, frame(0.1, [[100, 50, 180, 120]], 0.9), ids(1))
    planner.offer(NOISE, frame(0.2, [[100, 50, 180, 120]], 0.5), ids(1))
    assert [c.t_s for c in planner.flush()] == [0.1]


def test_a_blurred_picture_loses_against_a_sharp_one():
    flat = np.full_like(NOISE, 90)
    assert sharpness(NOISE) > 0.9
    assert sharpness(flat) == 0.0
    planner = CropPlanner()
    planner.offer(flat, frame(0.0, [[100, 50, 180, 120]]), ids(1))
    planner.offer(NOISE, frame(0.1, [[100, 50, 180, 120]], 0.8), ids(1))
    assert [c.t_s for c in planner.flush()] == [0.1]


def test_hidden_and_cut_boxes_are_worse():
    boxes = np.array(
        [[50, 50, 110, 110], [60, 70, 130, 140], [200, 50, 260, 110], [0, 50, 60, 110]], np.float32
    )
    quality = box_quality(boxes, np.full(4, 0.9, np.float32), 320, 240)
    hidden, front, free, cut = quality
    assert hidden < 0.5 * free
    assert front == pytest.approx(free, rel=0.2)
    assert cut < 0.5 * free


def test_one_object_found_twice_does_not_hide_itself():
    boxes = np.array([[50, 50, 110, 110], [51, 51, 111, 112]], np.float32)
    quality = box_quality(boxes, np.full(2, 0.9, np.float32), 320, 240)
    assert (quality > 0.25).all()


def test_crop_is_the_box_grown_and_knows_where_the_box_lies():
    planner = CropPlanner()
    planner.offer(NOISE, frame(0.0, [[100, 50, 180, 110]]), ids(3))
    (crop,) = planner.flush()
    assert crop.image.shape == (70, 92, 3)  # y 45.5..114.5, x 94..186
    np.testing.assert_allclose(crop.inner, [6, 5, 86, 65])
    np.testing.assert_array_equal(crop.image, NOISE[45:115, 94:186])
    assert not np.shares_memory(crop.image, NOISE)
    assert crop.colour is None


def test_large_crops_are_made_smaller_with_their_inner_box():
    planner = CropPlanner(CropSettings(long_side_px=100))
    planner.offer(NOISE, frame(0.0, [[20, 20, 220, 120]]), ids(3))
    (crop,) = planner.flush()
    assert max(crop.image.shape) == 100
    assert crop.inner[2] - crop.inner[0] == pytest.approx(200 * 100 / 230, abs=1.0)


@pytest.mark.parametrize("box", [[-50, -50, -10, -10], [400, 10, 500, 60], [50, 50, 50, 90]])
def test_boxes_outside_or_without_area_give_no_crop(box):
    planner = CropPlanner()
    planner.offer(NOISE, frame(0.0, [box]), ids(0))
    assert planner.flush() == []


def test_unassigned_boxes_give_no_crop_and_nothing_is_fine():
    planner = CropPlanner()
    planner.offer(NOISE, frame(0.0, [[100, 50, 180, 110]]), ids(-1))
    planner.offer(NOISE, Detections.empty(), ids())
    assert planner.flush() == []


def test_the_same_frames_give_the_same_crops():
    def collect():
        planner = CropPlanner()
        for k in range(40):
            x = 20 + 4 * k
            planner.offer(NOISE, frame(k * 0.1, [[x, 50, x + 60, 110]]), ids(1))
        return [(c.frame, c.quality, c.image.tobytes()) for c in planner.flush()]

    assert collect() == collect()


def test_tiny_frames_have_a_light():
    light = SceneLight.of(np.full((1, 1, 3), 40, np.uint8))
    np.testing.assert_allclose(light.white, 40)


def test_crop_table_checks_its_columns():
    with pytest.raises(ValueError, match="expected 1 rows"):
        CropTable(
            ids(1),
            ids(1),
            np.zeros(1),
            np.zeros((1, 4), np.float32),
            np.zeros(1, np.float32),
            np.zeros((2, 8), np.float32),
        )
    assert len(CropTable.empty(8)) == 0


# --- stretches -------------------------------------------------------------------------------

HERE = [100, 50, 180, 120]


def passed_by(hidden, frames=60):
    """Crops of tracklet 7, that another passes in the frames where `hidden(k)`."""
    planner = CropPlanner()
    for k in range(frames):
        other = [130, 54, 210, 124] if hidden(k) else [230, 52, 310, 122]
        planner.offer(NOISE, frame(k * 0.1, [HERE, other]), ids(7, 8))
    return [crop for crop in planner.flush() if crop.tracklet_id == 7]


def test_every_stretch_keeps_its_own_crops():
    crops = passed_by(lambda k: k in range(25, 30) or k in range(45, 50))
    times = np.array([c.t_s for c in crops])
    assert ((times < 2.5) | (times >= 3.0)).all()
    assert ((times < 4.5) | (times >= 5.0)).all()
    assert len(times[times < 2.5]) == 3
    assert len(times[(times >= 3.0) & (times < 4.5)]) == 3
    assert len(times[times >= 5.0]) == 1  # brief: nine tenths of a second
    assert times.tolist() == sorted(times.tolist())


def test_one_stretch_gives_as_many_as_one_stretch_may_however_long():
    assert len(passed_by(lambda _: False)) == 3
    assert len(passed_by(lambda _: False, frames=300)) == 3


def test_a_box_under_others_gives_crops_only_where_there_is_nothing_better():
    hidden = passed_by(lambda _: True)
    assert 1 <= len(hidden) <= 3
    clean = passed_by(lambda k: k != 59)
    assert [c.t_s for c in clean] == [5.9]


def test_stretches_are_of_one_tracklet():
    """Another one's overlap does not end the stretch of somebody who stands by."""
    planner = CropPlanner()
    for k in range(60):
        other = [260, 150, 310, 200] if k % 20 < 5 else [10, 150, 60, 200]
        boxes = [HERE, [260, 165, 310, 215], other]
        planner.offer(NOISE, frame(k * 0.1, boxes), ids(7, 8, 9))
    crops = planner.flush()
    assert sum(c.tracklet_id == 7 for c in crops) == 3
    assert sum(c.tracklet_id == 9 for c in crops) > 3


def test_an_unseen_while_begins_a_stretch():
    planner = CropPlanner()
    for k in [*range(10), *range(20, 30)]:
        planner.offer(NOISE, frame(k * 0.1, [HERE]), ids(7))
    times = [c.t_s for c in planner.flush()]
    assert len(times) == 2  # one of each, because both are brief
    assert times[0] < 1.0 < times[1]


# --- vectors ---------------------------------------------------------------------------------


def test_crops_carry_the_vectors_they_were_given():
    planner = CropPlanner()
    given = {}
    for k in range(40):
        vectors = {}
        if k < 20:  # of three boxes the second is described, for a while
            given[k] = vectors[1] = np.array([k, 1.0], np.float32)
        boxes = [[10, 10, 60, 60], HERE, [200, 130, 280, 200]]
        sure = np.array([0.9, 0.5 + 0.01 * k, 0.9], np.float32)
        planner.offer(NOISE, frame(k * 0.1, boxes, sure), ids(3, 7, -1), vectors)
    crops = planner.flush()
    mine = [c for c in crops if c.tracklet_id == 7]
    assert {c.frame // 100 < 20 for c in mine} == {True, False}
    for crop in mine:
        k = crop.frame // 100
        if k in given:
            np.testing.assert_array_equal(crop.vector, given[k])
        else:
            assert crop.vector is None
    assert all(c.vector is None for c in crops if c.tracklet_id == 3)


# --- flush -----------------------------------------------------------------------------------


def test_flush_leaves_nothing_behind():
    """Crops after a flush are those of a planner that never saw what was before."""

    def offer(planner, first, last):
        for k in range(first, last):
            left = 130 if k in (28, 29) else 156 if k in range(30, 40) else 230
            other = [left, 54, left + 80, 124]
            sure = np.array([0.5 + 0.4 * np.sin(k), 0.9], np.float32)
            planner.offer(NOISE, frame(k * 0.1, [HERE, other], sure), ids(7, 8))

    def contents(crops):
        return [(c.tracklet_id, c.frame, c.quality, c.image.tobytes()) for c in crops]

    worn, fresh = CropPlanner(), CropPlanner()
    offer(worn, 0, 30)  # stops where one is hidden; what is left of it afterwards is no doubt
    assert worn.flush()
    assert worn.flush() == []
    offer(worn, 30, 60)
    offer(fresh, 30, 60)
    assert contents(worn.flush()) == contents(fresh.flush())


@given(st.integers(0, 2**31), st.integers(1, 4))
@settings(max_examples=15, deadline=None)
def test_any_scene_gives_ordered_crops_of_its_own_boxes(seed, n):
    rng = np.random.default_rng(seed)
    planner = CropPlanner()
    shown = {}
    for k in range(25):
        corner = rng.uniform(-40, 240, (n, 2))
        boxes = np.concatenate([corner, corner + rng.uniform(5, 120, (n, 2))], axis=1)
        tracklets = ids(*np.where(rng.random(n) < 0.8, np.arange(n), -1))
        detections = frame(k * 0.2, boxes, rng.uniform(0.1, 1, n))
        planner.offer(NOISE, detections, tracklets)
        for row, tracklet in enumerate(tracklets.tolist()):
            shown[tracklet, int(detections.frame[row])] = detections.xyxy[row]
    crops = planner.flush()
    order = [(c.tracklet_id, c.frame) for c in crops]
    assert len(set(order)) == len(order)
    assert [c.tracklet_id for c in crops] == sorted(c.tracklet_id for c in crops)
    for crop in crops:
        np.testing.assert_array_equal(crop.xyxy, shown[crop.tracklet_id, crop.frame])
        assert 0.0 < crop.quality <= 1.0
        assert max(crop.image.shape) <= 384
