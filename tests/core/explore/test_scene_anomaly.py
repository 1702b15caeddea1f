"""A video over time: scenes unlike normal ones, objects while they are unusual."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from core.explore.features import Features, moves_of
from core.explore.scene_anomaly import Scenes, _levels, timeline_of
from core.explore.unusual import unusual_of
from tests.core.explore.street import Mover, lane, street


def test_a_scene_unlike_the_others_is_unusual_and_its_neighbours_in_time_do_not_excuse_it() -> None:
    rng = np.random.default_rng(1)
    vectors = np.hstack([np.ones((40, 1)), rng.normal(0.0, 0.05, (40, 7))])
    vectors[20:23] = np.eye(8)[3]  # three seconds of something else
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    video, t0_s = np.zeros(40, np.int32), np.arange(40) * 2.0
    level = _levels(unit, video, t0_s, np.ones(40, np.bool_))
    assert level[20:23].min() > 0.9
    assert np.median(level) < 0.7


def test_too_few_normal_scenes_say_nothing() -> None:
    unit = np.eye(5, dtype=np.float32)
    level = _levels(unit, np.zeros(5, np.int32), np.arange(5) * 20.0, np.ones(5, np.bool_))
    assert not level.any()


def test_an_unusual_object_is_a_peak_while_it_is_there() -> None:
    odd = Mover((10.0, 2.0), (0.0, 2.0), 20.0, 26.0)
    columns, paths = street([odd, *lane(20)])
    videos = cast("Any", (SimpleNamespace(duration_s=124.0),))
    columns = replace(columns, videos=videos)
    n = len(columns)
    looks = Features(np.zeros((n, 1), np.float32), np.zeros(n, np.bool_))
    unusual = unusual_of(
        columns, looks, moves_of(columns, paths), paths, np.zeros(1, np.int32), np.ones(n, np.bool_)
    )
    none = np.zeros(0)
    scenes = Scenes(none.astype(np.int32), none, none, none.astype(np.float32))
    line = timeline_of(columns, scenes, unusual, "moves", 0)
    assert len(line.t_s) == 124
    assert line.peaks[0].row == 0
    assert 19.0 <= line.peaks[0].t0_s < line.peaks[0].t1_s <= 27.0
    assert not line.scene.any()
    assert int(np.argmax(line.level)) in range(19, 27)
