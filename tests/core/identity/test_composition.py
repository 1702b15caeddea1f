"""Why a track is one object: its links, cuts and rides, with their scores."""

import numpy as np
import pytest

from core.errors import LibraryError
from core.identity.composition import composition
from core.library.library import Library
from core.library.links import link_table, ride_table, split_table
from core.library.notes import TrackRef
from core.library.shard_writer import write_shard
from core.tracking.riders import Composite
from core.tracking.splitting import Split
from core.tracks import Link, Track
from tests.fakes import made_up


@pytest.fixture
def library(tmp_path):
    from dataclasses import replace

    meta, content = made_up("v", 3, 2, 8, "fake/encoder", 0, "v.mp4")
    first, *others = content.tracks
    joined = Track(1, first.class_name, first.class_votes, first.path, (0, 7))
    content = replace(
        content,
        tracks=[joined, *others],
        links=link_table([Link(0, 7, 2.5, 1.0, 3.5, 2.25), Link(1, 9, 1.0, 0.0, 3.0, 1.0)]),
        splits=split_table([Split(4, 7, 3.0, -2.75), Split(5, 8, 3.0, -3.0)]),
        rides=ride_table([Composite(2, 5, 2, (5,), (1,), 0.0, 1.0, 0.875, True, {"seconds": 1.0})]),
    )
    with Library.open(tmp_path / "library") as opened:
        with opened.writing():
            write_shard(opened.shard_folder("v"), replace(meta, looks="cannot tell"), content)
            opened.adopt("v")
        yield opened


def test_links_and_cuts_of_a_track_keep_their_scores(library):
    found = composition(library, TrackRef("v", 1))
    assert found.tracklets == (0, 7)
    assert [(x.earlier_tracklet, x.later_tracklet, x.score) for x in found.links] == [(0, 7, 2.5)]
    assert [(x.tracklet, x.piece, x.score) for x in found.cuts] == [(4, 7, -2.75)]
    assert found.rider_p is None
    assert found.looks == "cannot tell"


def test_a_rider_says_how_sure_that_is(library):
    found = composition(library, TrackRef("v", 2))
    assert found.rider_p == pytest.approx(0.875)
    assert found.links == ()


def test_an_unknown_track_is_an_error_with_a_sentence(library):
    with pytest.raises(LibraryError, match="99"):
        composition(library, TrackRef("v", 99))


def test_what_was_written_is_read_back(library):
    rides = library.shard("v").rides()
    assert rides.rider_tracklets == ((5,),)
    assert rides.wheeler_tracklets == ((1,),)
    np.testing.assert_array_equal(rides.absorbed, [True])
    assert rides.numbers == ({"seconds": 1.0},)
