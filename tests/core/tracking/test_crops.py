import numpy as np
import pytest

from core.detections import Detections
from core.tracking.crops import (
    CropPlanner,
    CropSettings,
    CropTable,
    SceneLight,
    box_quality,
    sharpness,
)

RNG = np.random.default_rng(0)
NOISE = RNG.integers(0, 255, (240, 320, 3), dtype=np.uint8)


def frame(t, boxes, conf=0.9):
    n = len(boxes)
    return Detections.of_frame(
        round(t * 10),
        t,
        np.array(boxes, np.float32).reshape(n, 4),
        np.broadcast_to(np.asarray(conf, np.float32), (n,)).copy(),
        np.zeros(n, np.int32),
    )


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
