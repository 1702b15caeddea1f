import numpy as np
import pytest

from core.detections import Detections
from core.tracking.appearance import calibrate, centred
from core.tracking.crops import CropTable
from core.tracking.offline import link
from core.tracking.online import associate
from tests.core.tracking.scenes import NAMES, SIZE, STEP, crop_table, line, rows, span


def test_an_occluded_car_is_linked_and_the_gap_filled_and_flagged():
    detections, ids = rows(
        [
            (0, span(0, 2), line(100, 80), line(300, 0), 0, 0.9),
            (5, span(3, 5), line(100, 80), line(300, 0), 0, 0.9),
        ]
    )
    found = link(detections, ids, CropTable.empty(), NAMES, SIZE)
    (track,) = found.tracks
    assert track.tracklet_ids == (0, 5)
    assert found.tracklet_to_track == {0: 1, 5: 1}
    (made,) = found.links
    assert (made.earlier_tracklet, made.later_tracklet) == (0, 5)
    assert made.score > 0
    assert made.gap_s == pytest.approx(1.08, abs=0.1)
    path = track.path
    assert (np.diff(path.frame) == 1).all()
    assert path.interpolated.sum() == round(made.gap_s / STEP) - 1
    assert (path.confidence[path.interpolated] == 0).all()
    centre = (path.xyxy[:, 0] + path.xyxy[:, 2]) / 2
    np.testing.assert_allclose(centre, 100 + 80 * path.t_s, atol=0.1)


def test_long_gaps_are_linked_but_not_filled():
    detections, ids = rows(
        [
            (0, span(0, 3), line(300, 0), line(300, 0), 0, 0.9),
            (1, span(20, 23), line(301, 0), line(300, 0), 0, 0.9),
        ]
    )
    (track,) = link(detections, ids, CropTable.empty(), NAMES, SIZE).tracks
    assert track.tracklet_ids == (0, 1)
    assert not track.path.interpolated.any()


@pytest.mark.parametrize(
    "later",
    [
        (1, span(2.5, 5), line(1000, 5), line(300, 0), 0, 0.9),  # out of reach
        (1, span(1.5, 5), line(100, 80), line(300, 0), 0, 0.9),  # seen at the same time
        (1, span(2.5, 5), line(100, 80), line(300, 0), 2, 0.9),  # another kind of thing
        (1, span(2.5, 5), line(460, -80), line(300, 0), 0, 0.9),  # comes the other way
    ],
)
def test_geometry_vetoes(later):
    first = (0, span(0, 2), line(100, 80), line(300, 0), 0, 0.9)
    detections, ids = rows([first, later])
    found = link(detections, ids, CropTable.empty(), NAMES, SIZE)
    assert len(found.tracks) == 2
    assert found.links == []


def test_an_object_that_left_the_picture_is_not_linked_to_a_later_one():
    detections, ids = rows(
        [
            (0, span(0, 3.1), line(1000, 80), line(300, 0), 0, 0.9),  # right edge at 1278
            (1, span(5, 7), line(1240, 0), line(300, 0), 0, 0.9),
        ]
    )
    assert len(link(detections, ids, CropTable.empty(), NAMES, SIZE).tracks) == 2


def test_two_equal_candidates_are_left_alone():
    detections, ids = rows(
        [
            (0, span(0, 2), line(100, 80), line(300, 0), 0, 0.9),
            (1, span(2.6, 5), line(100, 80), line(322, 0), 0, 0.9),
            (2, span(2.6, 5), line(100, 80), line(278, 0), 0, 0.9),
        ]
    )
    assert link(detections, ids, CropTable.empty(), NAMES, SIZE).links == []


def test_looks_decide_between_two_equal_candidates():
    rng = np.random.default_rng(3)
    base = rng.normal(size=64) * 3.0  # the cone all crops of a video share
    looks = {k: rng.normal(size=64) for k in range(12)}
    objects = [
        (0, span(0, 2), line(100, 80), line(300, 0), 0, 0.9),
        (1, span(2.6, 5), line(100, 80), line(322, 0), 0, 0.9),
        (2, span(2.6, 5), line(100, 80), line(278, 0), 0, 0.9),
    ]
    objects += [(k, span(0, 4), line(100 * k, 0), line(600, 0), 0, 0.9) for k in range(3, 11)]
    same = {0: 0, 2: 0}
    table = crop_table(
        [
            (k, t, base + looks[same.get(k, k)] + 0.4 * rng.normal(size=64))
            for k in range(11)
            for t in ((3.0, 3.5, 4.0) if k in (1, 2) else (0.5, 1.0, 1.5))
        ]
    )
    detections, ids = rows(objects)
    found = link(detections, ids, table, NAMES, SIZE)
    assert found.calibration.usable
    assert [(x.earlier_tracklet, x.later_tracklet) for x in found.links] == [(0, 2)]
    assert found.links[0].appearance > 1.0


def test_looks_that_cannot_tell_say_so():
    rng = np.random.default_rng(4)
    owner = np.repeat(np.arange(20), 4).astype(np.int32)
    vectors = centred(rng.normal(size=(80, 32)).astype(np.float32), owner)
    result = calibrate(
        vectors, owner, np.arange(80.0), np.zeros(20, np.int32), np.ones((20, 20), np.bool_)
    )
    assert not result.usable
    assert abs(result.d_prime) < 1.0
    assert "cannot tell" in result.reason
    assert (result.llr(np.array([0.9, -0.9])) == 0.0).all()


def test_too_few_labels_cannot_tell():
    detections, ids = rows([(0, span(0, 2), line(100, 80), line(300, 0), 0, 0.9)])
    found = link(detections, ids, crop_table([(0, 0.1, np.ones(4))]), NAMES, SIZE)
    assert not found.calibration.usable
    assert "only 0 same" in found.calibration.reason


def test_noise_is_dropped():
    detections, ids = rows(
        [
            (0, span(0, 2), line(100, 80), line(300, 0), 0, 0.9),
            (1, span(0, 0.16), line(900, 0), line(300, 0), 0, 0.9),  # two boxes
            (2, span(0, 2), line(700, 0), line(500, 0), 0, 0.12),  # hardly believed
        ]
    )
    found = link(detections, ids, CropTable.empty(), NAMES, SIZE)
    assert [t.tracklet_ids for t in found.tracks] == [(0,)]
    assert found.tracklet_to_track == {0: 1}


def test_an_object_found_twice_is_one_track():
    detections, ids = rows(
        [
            (0, span(0, 4), line(100, 80), line(300, 0), 0, 0.9),
            (1, span(1, 3), line(102, 80), line(301, 0), 1, 0.5),
        ]
    )
    found = link(detections, ids, CropTable.empty(), NAMES, SIZE)
    assert len(found.tracks) == 1
    assert found.tracklet_to_track == {0: 1, 1: 1}


def test_class_is_voted_over_the_whole_track():
    detections, ids = rows(
        [
            (0, span(0, 1), line(100, 80), line(300, 0), 1, 0.4),
            (1, span(1.2, 4), line(100, 80), line(300, 0), 0, 0.9),
        ]
    )
    (track,) = link(detections, ids, CropTable.empty(), NAMES, SIZE).tracks
    assert track.class_name == "car"
    assert sum(track.class_votes.values()) == pytest.approx(1.0)


def test_nothing_gives_nothing():
    found = link(Detections.empty(), np.zeros(0, np.int32), CropTable.empty(), NAMES, SIZE)
    assert found.tracks == []
    assert found.tracklet_to_track == {}


def test_same_in_same_out():
    rng = np.random.default_rng(5)
    objects = [
        (k, span(a, a + 2), line(rng.uniform(0, 1200), rng.normal(0, 50)), line(80 * k, 0), 0, 0.8)
        for k, a in enumerate(rng.uniform(0, 10, 8))
    ]
    detections, _ = rows(objects)
    ids = associate(detections, NAMES)
    first = link(detections, ids, CropTable.empty(), NAMES, SIZE)
    again = link(detections, ids, CropTable.empty(), NAMES, SIZE)
    assert [t.tracklet_ids for t in first.tracks] == [t.tracklet_ids for t in again.tracks]
    assert first.links == again.links
    starts = [t.path.t_s[0] for t in first.tracks]
    assert starts == sorted(starts)
