"""Which results are right, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from core.evaluate.judging import objects_of, rank_tracks
from core.evaluate.truth import Boxes
from core.library.library import Library
from tests.core.evaluate.small_world import question, small_world
from tests.core.search.collection import Obj, put

OBJECTS = {1: (1,), 2: (2,), 3: (1,), 4: ()}


def test_an_object_counts_once() -> None:
    assert rank_tracks([1, 3, 2], question("car", 1), OBJECTS).hits == (True, False)


def test_what_nobody_can_judge_is_skipped() -> None:
    asked = question("car", 1, unjudged=frozenset({2}))
    assert rank_tracks([2, 1], asked, OBJECTS).hits == (True,)


def test_what_lies_on_no_object_is_wrong_where_the_truth_is_complete() -> None:
    asked = question("car", 1)
    assert rank_tracks([4, 1], asked, OBJECTS).hits == (False, True)
    assert rank_tracks([4, 1], asked, OBJECTS, complete=False).hits == (True,)


def test_frames_in_which_an_object_is_hidden_do_not_count(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library") as library:
        put(library, "clip", [Obj()])
        shard = library.shard("clip")
        path = shard.path_of(1)
    shown = np.arange(len(path)) < 8
    apart = np.where(shown[:, None], path.xyxy, path.xyxy + 500.0).astype(np.float32)
    world = small_world()
    for visible, lies_on in ((shown.astype(np.float32), (7,)), (np.ones(20, np.float32), ())):
        hidden = replace(world, boxes={7: Boxes(path.frame, apart, visible)})
        assert objects_of(shard, hidden) == {1: lies_on}


def test_an_object_that_shows_for_a_moment_only_is_not_what_a_track_is(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library") as library:
        put(library, "clip", [Obj()])
        shard = library.shard("clip")
        path = shard.path_of(1)
    glimpse = (np.arange(len(path)) < 4).astype(np.float32)
    world = replace(small_world(), boxes={7: Boxes(path.frame, path.xyxy, glimpse)})
    assert objects_of(shard, world) == {1: ()}
