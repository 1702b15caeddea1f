"""Riders and what they ride become one object; people near a two-wheeler do not."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.motion.events import events_of
from core.tracking.camera import CameraPath
from core.tracking.riders import mount
from core.tracks import Path, Track
from tests.core.tracking.cyclists import SIZE, Way, seen

ACROSS = Way(((0, -12, 0), (6, 12, 0)))
TOWARDS = Way(((0, 0, 25), (9, 0, -6)))
STOPPING = Way(((0, -12, 2), (2, -2, 2), (6, -2, 2), (9, 12, 2)))
PARKED = Way(((0, 0, 2), (12, 0, 2)))


def kinds(path: Path, class_name: str) -> dict[str, float]:
    best: dict[str, float] = {}
    for event in events_of(path, class_name, SIZE, None):
        best[event.kind] = max(best.get(event.kind, 0.0), event.p)
    return best


@pytest.mark.parametrize("fps", [3, 10, 30])
@pytest.mark.parametrize("way", [ACROSS, TOWARDS, STOPPING], ids=["across", "towards", "stopping"])
@pytest.mark.parametrize(("body", "name"), [("bicycle", "cyclist"), ("motorcycle", "motorcyclist")])
def test_a_rider_and_the_two_wheeler_are_one_object(fps, way, body, name):
    found = mount([seen(1, "rider", way, fps), seen(2, body, way, fps)], SIZE)
    (track,) = found.tracks
    assert track.class_name == name
    assert track.class_votes[name] > 0.8
    assert set(track.class_votes) == {name, body}
    assert sum(track.class_votes.values()) == pytest.approx(1.0)
    assert track.tracklet_ids == (10, 20)
    assert found.track_of == {1: 1, 2: 1}
    (made,) = found.composites
    assert made.absorbed
    assert (made.rider_tracklets, made.wheeler_tracklets) == ((10,), (20,))
    assert made.p > 0.8
    assert made.numbers["share"] > 0.8


@settings(max_examples=150, deadline=None)
@given(
    fps=st.sampled_from([3.0, 10.0, 30.0]),
    body=st.sampled_from(["bicycle", "motorcycle"]),
    degrees=st.floats(0.0, 360.0),
    speed=st.floats(0.4, 4.0),
    off=st.tuples(st.floats(-0.8, 0.8), st.floats(-1.5, 1.5)),
    pause=st.floats(0.0, 6.0),
    seed=st.integers(0, 2**16),
)
def test_who_walks_past_or_stands_beside_a_parked_one_rides_nothing(
    fps, body, degrees, speed, off, pause, seed
):
    rng = np.random.default_rng(seed)
    step = 3.0 * speed * np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))])
    at = np.array([0.0, 2.0]) + off
    way = Way(((0, *(at - step)), (3, *at), (3 + pause, *at), (6 + pause, *(at + step))))
    tracks = [seen(1, "person", way, fps, rng), seen(2, body, PARKED, fps, rng)]
    found = mount(tracks, SIZE)
    assert found.tracks == tracks
    assert found.composites == []


@pytest.mark.parametrize("body", ["rider", "person"])
def test_at_rest_anybody_can_stand_where_a_rider_would_sit(body):
    tracks = [seen(1, body, PARKED), seen(2, "bicycle", PARKED)]
    assert mount(tracks, SIZE).composites == []


def panned(tracks: list[Track], fps: float = 10.0) -> tuple[list[Track], CameraPath]:
    """The same seen by a camera that turns: everything moves in the picture."""
    frame = np.arange(round(12 * fps) + 1, dtype=np.int32)
    t_s = frame / fps
    view = np.tile(np.eye(3), (len(frame), 1, 1))
    view[:, 0, 2] = 25.0 * t_s - 150.0
    none = np.zeros(len(frame), np.bool_)
    camera = CameraPath(frame, t_s, view, frame * 0, ~none, none)
    moved = []
    for track in tracks:
        shift = np.float32(25.0) * track.path.t_s[:, None] - 150.0
        xyxy = track.path.xyxy - (shift * [1.0, 0.0, 1.0, 0.0]).astype(np.float32)
        path = dataclasses.replace(track.path, xyxy=xyxy)
        moved.append(dataclasses.replace(track, path=path))
    return moved, camera


def test_what_only_the_camera_moves_does_not_ride():
    leaning = [seen(1, "rider", PARKED), seen(2, "bicycle", PARKED)]
    riding = [seen(3, "rider", ACROSS), seen(4, "bicycle", ACROSS)]
    tracks, camera = panned(leaning + riding)
    found = mount(tracks, SIZE, camera)
    assert {(c.rider_id, c.wheeler_id) for c in found.composites} == {(3, 4)}


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(8)))
def test_the_order_of_tracks_does_not_matter(order):
    other = Way(((0, 12, 6), (6, -12, 6)))
    tracks = [
        seen(1, "rider", ACROSS),
        seen(2, "bicycle", ACROSS),
        seen(3, "person", Way(((0, -3, 1), (6, 3, 1)))),
        seen(4, "motorcycle", other),
        seen(5, "rider", other),
        seen(6, "bicycle", PARKED),
        seen(7, "rider", TOWARDS),
        seen(8, "bicycle", TOWARDS),
    ]
    found = mount([tracks[k] for k in order], SIZE)
    assert [t.track_id for t in found.tracks] == [1, 3, 4, 6, 7]
    assert {(c.rider_id, c.wheeler_id) for c in found.composites} == {(1, 2), (5, 4), (7, 8)}
    assert found.track_of == {1: 1, 2: 1, 3: 3, 4: 4, 5: 4, 6: 6, 7: 7, 8: 7}


def test_side_by_side_each_gets_their_own():
    near, far = Way(((0, -12, 0), (6, 12, 0))), Way(((0, -12.2, 1.2), (6, 11.8, 1.2)))
    tracks = [
        seen(1, "rider", near),
        seen(2, "rider", far),
        seen(3, "bicycle", far),
        seen(4, "bicycle", near),
    ]
    found = mount(tracks, SIZE)
    assert {(c.rider_id, c.wheeler_id) for c in found.composites} == {(1, 4), (2, 3)}


def test_only_a_motorcycle_takes_a_pillion_rider():
    behind = Way(tuple((t, x - 0.35, y) for t, x, y in ACROSS.knots))
    for body, objects in (("motorcycle", 1), ("bicycle", 2)):
        tracks = [seen(1, "rider", ACROSS), seen(2, "rider", behind), seen(3, body, ACROSS)]
        assert len(mount(tracks, SIZE).tracks) == objects


def test_who_gets_off_and_walks_away_is_a_person_and_the_bicycle_is_parked():
    ride = ((0.0, -12.0, 2.0), (4.0, 0.0, 2.0))
    person = Way((*ride, (6, 0, 2), (14, 6, 8)))
    tracks = [seen(1, "rider", person), seen(2, "bicycle", Way((*ride, (24, 0, 2))))]
    found = mount(tracks, SIZE)
    assert [t.class_name for t in found.tracks] == ["person", "cyclist"]
    assert found.tracks[0] == tracks[0]
    assert found.tracks[1].path is tracks[1].path
    (made,) = found.composites
    assert not made.absorbed
    assert made.t1_s == pytest.approx(5.0, abs=1.5)
    assert found.track_of == {1: 1, 2: 2}
    assert kinds(found.tracks[1].path, "cyclist")["parked"] > 0.5


def test_pieces_of_a_bicycle_are_joined_by_their_rider():
    tracks = [
        seen(1, "rider", ACROSS),
        seen(2, "bicycle", ACROSS, during=[(0, 2.5)]),
        seen(3, "bicycle", ACROSS, during=[(3.5, 7)]),
    ]
    (track,) = mount(tracks, SIZE).tracks
    assert track.tracklet_ids == (10, 20, 30)
    assert (np.diff(track.path.frame) == 1).all()


@pytest.mark.parametrize("way", [ACROSS, TOWARDS, STOPPING], ids=["across", "towards", "stopping"])
def test_losing_the_bicycle_for_a_while_is_no_motion(way):
    rider = seen(1, "rider", way)
    whole = mount([rider, seen(2, "bicycle", way)], SIZE).tracks[0].path
    gone = mount([rider, seen(2, "bicycle", way, during=[(0.5, 1.7), (3.2, 5.0)])], SIZE).tracks
    assert len(gone) == 1
    expected, got = (kinds(path, "cyclist") for path in (whole, gone[0].path))
    for kind in set(expected) | set(got) - {"enter", "exit"}:
        assert got.get(kind, 0.0) == pytest.approx(expected.get(kind, 0.0), abs=0.35), kind


def test_the_box_of_both_is_their_union():
    rider, bicycle = seen(1, "rider", ACROSS), seen(2, "bicycle", ACROSS, during=[(0, 4)])
    path = mount([rider, bicycle], SIZE).tracks[0].path
    _, i, j = np.intersect1d(rider.path.frame, bicycle.path.frame, return_indices=True)
    rows = np.searchsorted(path.frame, rider.path.frame[i])
    np.testing.assert_allclose(path.xyxy[rows, 3], bicycle.path.xyxy[j, 3], atol=4.0)
    np.testing.assert_allclose(path.xyxy[rows, 1], rider.path.xyxy[i, 1], atol=1e-3)
    assert (path.xyxy >= 0.0).all()
    assert (path.xyxy <= [SIZE.width, SIZE.height] * 2).all()


def test_a_box_that_holds_its_rider_is_left_as_it_is():
    tracks = [seen(1, "bicycle", ACROSS), seen(2, "person", PARKED)]
    assert mount(tracks, SIZE).tracks == tracks
    assert mount([], SIZE).tracks == []


def test_a_detector_s_own_cyclist_is_no_bare_bicycle():
    bicycle = seen(2, "bicycle", ACROSS)
    named: Track = dataclasses.replace(bicycle, class_name="cyclist", class_votes={"cyclist": 1.0})
    assert mount([seen(1, "rider", ACROSS), named], SIZE).composites == []
