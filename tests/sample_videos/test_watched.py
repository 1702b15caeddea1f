"""Views watched for long: seeds share a place, and some hold what nobody else does there."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from sample_videos.world.scenarios.catalogue import clip
from sample_videos.world.scenarios.compose import Clip
from sample_videos.world.traffic.run import collisions
from sample_videos.world.truth import truth
from sample_videos.world.truth_seen import Sightings
from tests.sample_videos.box_renderer import BoxRenderer

SECONDS, SIZE, FPS = 24.0, (960, 540), 5.0
KINDS = {"wrong_way", "person_on_road", "u_turn", "stopped_car"}


@lru_cache
def _made(name: str, seed: int) -> Clip:
    return clip(name, seed, SECONDS)


def _told(made: Clip) -> dict[str, object]:
    renderer = BoxRenderer(made.stage, made.bodies, SIZE, made.seed)
    sightings = Sightings(FPS, SIZE)
    for k in range(round(SECONDS * FPS)):
        seen = renderer.render(made.moment(k / FPS))
        sightings.add(seen.boxes, seen.visibility)
    return truth(made, sightings, "clip.mp4")


@pytest.mark.parametrize("family", ["road", "junction"])
def test_ten_seeds_share_a_view_and_not_their_traffic(family: str) -> None:
    usual, other = _made(f"watched-{family}", 20), _made(f"watched-{family}", 21)
    unusual, elsewhere = _made(f"watched-{family}-unusual", 24), _made(f"watched-{family}", 30)
    assert usual.camera.base == other.camera.base == unusual.camera.base
    assert usual.stage.seed == unusual.stage.seed
    assert usual.place == unusual.place != elsewhere.place
    assert usual.camera.base != elsewhere.camera.base
    assert [b.colour for b in usual.bodies] != [b.colour for b in other.bodies]


@pytest.mark.parametrize(("family", "seed"), [("road", 24), ("road", 26), ("junction", 24)])
def test_what_nobody_else_does_is_in_view_and_in_the_truth(family: str, seed: int) -> None:
    made = _made(f"watched-{family}-unusual", seed)
    assert collisions(made.run, made.bodies) == []
    assert len(made.anomalies) == 2
    told = _told(made)
    assert told["place"] == made.place
    for entry in told["anomalies"]:  # type: ignore[attr-defined]
        assert entry["kind"] in KINDS
        assert 0.0 <= entry["t0_s"] < entry["t1_s"] <= SECONDS
        assert entry["visible_share"] * (entry["t1_s"] - entry["t0_s"]) >= 1.0


def test_usual_clips_have_no_anomaly_and_other_scenarios_no_place() -> None:
    usual = _told(_made("watched-road", 20))
    assert usual["anomalies"] == []
    other = _told(_made("stop-and-go", 1))
    assert "place" not in other
    assert "anomalies" not in other


def test_the_anomalies_are_what_their_names_say() -> None:
    seen = set()
    for seed in (24, 25, 26, 27):
        made = _made("watched-road-unusual", seed)
        for one in made.anomalies:
            life = made.run.lives[one.object_id]
            during = (life.t_s >= one.t0_s) & (life.t_s <= one.t1_s)
            xyh = life.xyh[during]
            if one.kind == "stopped_car":
                assert np.hypot(*np.ptp(xyh[:, :2], axis=0)) < 0.5
            elif one.kind == "u_turn":
                assert abs(np.degrees(xyh[-1, 2] - xyh[0, 2])) > 130.0
            elif one.kind == "wrong_way":
                back = made.layout.strips["back"].points
                ahead = back[-1] - back[0]
                went = xyh[-1, :2] - xyh[0, :2]
                assert went @ ahead < 0.0
                off = np.hypot(*(xyh[len(xyh) // 2, :2] - back).T).min()
                assert off < 2.0
            seen.add(one.kind)
    assert len(seen) >= 2
