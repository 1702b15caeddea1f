"""The measure of what is unusual: areas, objects counted once, what was not followed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import VidtrailError
from core.evaluate.truth import TrueAnomaly, World
from core.evaluate.unusual import Judged, _best, area, judged, over_time_figures
from core.explore.features import Features, moves_of
from core.explore.scene_anomaly import Scenes
from core.explore.unusual import unusual_of
from core.search.columns import columns_of
from tests.core.explore.street import Mover, lane, street

some = st.lists(st.floats(-5.0, 5.0, width=32), min_size=1, max_size=30)


@given(positive=some, negative=some)
def test_the_area_is_the_chance_of_being_ranked_before(
    positive: list[float], negative: list[float]
) -> None:
    a, b = np.array(positive, np.float32), np.array(negative, np.float32)
    won = [1.0 if x > y else 0.5 if x == y else 0.0 for x in a for y in b]
    assert area(a, b) == pytest.approx(np.mean(won))
    assert area(a, b) + area(b, a) == pytest.approx(1.0)


def test_an_object_counts_by_its_most_unusual_track_and_one_never_followed_by_none() -> None:
    truth = Judged(
        row=np.array([0, 2, 1, -1], np.int32),
        object=np.array([0, 0, 1, 2], np.int32),
        kind=("u_turn", "u_turn", "", ""),
        normal=np.zeros(3, np.bool_),
        place=np.zeros(1, np.int32),
    )
    assert _best(np.array([0.1, 0.2, 0.9], np.float32), truth).tolist() == pytest.approx(
        [0.9, 0.2, -1.0]
    )


def test_without_clips_of_both_kinds_it_says_what_to_render() -> None:
    with pytest.raises(VidtrailError, match="watched-road-unusual"):
        judged(columns_of((), ()), [])


@pytest.mark.parametrize(("t0_s", "least", "most"), [(20.0, 0.95, 1.0), (70.0, 0.0, 0.6)])
def test_seconds_of_an_anomaly_against_the_others(t0_s: float, least: float, most: float) -> None:
    columns, paths = street([Mover((10.0, 2.0), (0.0, 2.0), 20.0, 26.0), *lane(20)])
    videos = cast("Any", (SimpleNamespace(duration_s=124.0, name="a.mp4"),))
    columns, n = replace(columns, videos=videos), len(columns)
    looks = Features(np.zeros((n, 1), np.float32), np.zeros(n, np.bool_))
    view, normal = np.zeros(1, np.int32), np.ones(n, np.bool_)
    unusual = unusual_of(columns, looks, moves_of(columns, paths), paths, view, normal)
    none = np.zeros(0)
    scenes = Scenes(none.astype(np.int32), none, none, none.astype(np.float32))
    anomaly = TrueAnomaly(1, "wrong_way", t0_s, t0_s + 6.0)
    world = World("a", Path("a.mp4"), {}, (), anomalies=(anomaly,))
    figures = over_time_figures(columns, scenes, unusual, [world])
    assert figures["clips"] == 1
    assert least <= figures["objects"] <= most
    assert figures["scene"] == 0.5
