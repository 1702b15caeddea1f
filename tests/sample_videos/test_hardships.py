"""The scenarios that make following hard: do they hold what their names promise, for the camera."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from sample_videos.world.backdrop import Backdrop
from sample_videos.world.lighting import Illumination
from sample_videos.world.renderer import Look, Renderer
from sample_videos.world.scenarios.absences import AWAY_S, HIDDEN_S, absences, inside_walls
from sample_videos.world.scenarios.catalogue import clip
from sample_videos.world.scenarios.compose import Clip
from sample_videos.world.scene import Body, Camera, Light, Moment, Pose, Prop, Stage, Surface
from sample_videos.world.traffic.run import collisions
from sample_videos.world.truth import truth
from sample_videos.world.truth_seen import Sightings

SECONDS, FPS, SIZE = 24.0, 5.0, (480, 270)
GROUND = (Surface("asphalt", np.array([(-60, -60), (60, -60), (60, 60), (-60, 60)], float)),)
CAMERA = Camera(0.0, -20.0, 5.0, math.pi / 2, 0.2, 1.0)


@lru_cache
def _made(name: str, seed: int) -> Clip:
    return clip(name, seed, SECONDS)


@lru_cache
def _watched(name: str, seed: int) -> tuple[Sightings, dict[int, np.ndarray]]:
    """What the renderer says: sightings, and per object its visibility (frames,), -1 for no box."""
    made = _made(name, seed)
    renderer = Renderer(made.stage, made.bodies, SIZE, seed=made.seed)
    sightings = Sightings(FPS, SIZE)
    total = round(SECONDS * FPS)
    shown = {b.object_id: np.full(total, -1.0) for b in made.bodies}
    for k in range(total):
        seen = renderer.render(made.moment(k / FPS))
        sightings.add(seen.boxes, seen.visibility)
        for number, share in seen.visibility.items():
            shown[number][k] = share
    return sightings, shown


def _spells(flags: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


@pytest.mark.parametrize("seed", [1, 4])
def test_those_behind_something_have_no_visibility_and_come_out_again(seed: int) -> None:
    made = _made("behind-buildings", seed)
    _, shown = _watched("behind-buildings", seed)
    assert collisions(made.run, made.bodies) == []
    hidden: dict[int, tuple[int, int]] = {}
    for wanted in made.wanted:
        share = shown[wanted.object_id]
        for a, b in _spells((share >= 0.0) & (share < 0.02)):
            near = share[max(a - 15, 0) : a], share[b : b + 15]
            within = HIDDEN_S[0] - 0.4 <= (b - a) / FPS <= HIDDEN_S[1] + 0.4
            if within and all(part.size and part.max() > 0.7 for part in near):
                hidden[wanted.object_id] = (a, b)
    assert hidden.keys() == {w.object_id for w in made.wanted}
    headings = {math.cos(made.run.lives[n].poses[0].heading) > 0 for n in hidden}
    spells = list(hidden.values())
    both = [1 for i, p in enumerate(spells) for q in spells[:i] if p[0] < q[1] and q[0] < p[1]]
    assert len(headings) == 2
    assert both, "nobody is behind it together with somebody else"


def test_who_comes_back_keeps_one_number() -> None:
    made = _made("re-entry", 1)
    sightings, shown = _watched("re-entry", 1)
    assert collisions(made.run, made.bodies) == []
    content = truth(made, sightings, "x.mp4")
    numbers = [o["id"] for o in content["objects"]]
    assert len(set(numbers)) == len(numbers)
    kinds = {b.object_id: b.kind for b in made.bodies}
    for wanted in made.wanted:
        share = shown[wanted.object_id]
        gaps = [
            (a, b)
            for a, b in _spells(share < 0.0)
            if a > 0 and b < len(share) and share[:a].max() > 0.6 and share[b:].max() > 0.6
        ]
        assert any(AWAY_S[0] - 0.5 <= (b - a) / FPS <= AWAY_S[1] + 0.5 for a, b in gaps)
        assert wanted.object_id in numbers
    assert {"car", "bicycle", "person"} <= {kinds[w.object_id] for w in made.wanted}
    stays_away = set(numbers) - {w.object_id for w in made.wanted}
    assert len(stays_away) > 8


def test_twins_are_one_look_with_two_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sample_videos.world.scenarios.compose._ATTEMPTS", 2)
    made = clip("twins", 1, SECONDS)
    assert collisions(made.run, made.bodies) == []
    looks = defaultdict(set)
    for body in made.bodies:
        if body.object_id in made.run.lives:
            look = (body.kind, body.variant, body.colour, body.colour2, body.seed)
            looks[look].add(body.object_id)
    groups = [ids for ids in looks.values() if len(ids) > 1]
    assert len(groups) >= 5
    assert max(len(ids) for ids in groups) >= 3
    near = 0
    for ids in groups:
        for t in np.arange(0.0, SECONDS, 0.5):
            spots = [p for n, p in made.run.poses(float(t)).items() if n in ids]
            near += any(
                math.hypot(p.x - q.x, p.y - q.y) < 12.0 for p in spots for q in spots if p is not q
            )
    assert near > 20


def test_whoever_walks_into_a_kiosk_is_found() -> None:
    made = _made("behind-buildings", 1)
    assert inside_walls(made.run, made.layout) == []
    walker = next(w.object_id for w in made.wanted if made.run.lives[w.object_id].strips == ())
    pose = made.run.lives[walker].poses[-1]
    wall = Prop("kiosk", pose.x, pose.y, 0.4, 2.0, 2.0, 3.0)
    layout = replace(made.layout, props=(*made.layout.props, wall))
    assert walker in {number for _, number in inside_walls(made.run, layout)}


def test_absences_need_to_be_seen_before_and_after() -> None:
    made = _made("re-entry", 1)
    found = absences(made.run, made.cast, made.layout, made.camera.base, (960, 540))
    returned = {e.object_id for e in found if e.kind == "returns"}
    assert {w.object_id for w in made.wanted} <= returned
    poses = {n: life for n, life in made.run.lives.items() if n not in returned}
    assert poses, "somebody leaves for good"
    for event in found:
        least, most = AWAY_S if event.kind == "returns" else HIDDEN_S
        assert least <= event.t1_s - event.t0_s <= most + 1e-6


@pytest.mark.parametrize("kind", ["kiosk", "board"])
def test_no_shadow_falls_through_what_stands_before_a_body(kind: str) -> None:
    wall = Prop(kind, 0.0, -6.0, 0.0, 9.0, 0.6, 5.5, seed=2)
    stage = Stage(GROUND, (wall,), Light("day"), seed=3)
    body = Body(1, "car", "sedan", "red", "red", 1)
    renderer = Renderer(stage, [body], SIZE, look=Look(blur=0.0, noise=0.0))
    alone = renderer.render(Moment(0.0, CAMERA, {}))
    behind = renderer.render(Moment(0.0, CAMERA, {1: Pose(0.0, 0.0, 0.0)}))
    assert behind.visibility[1] < 0.02
    front = Backdrop(stage, Illumination.of(stage.light), SIZE)
    front.at(CAMERA)
    mask = front.front(CAMERA)
    assert mask is not None
    assert 0.05 < (mask > 0).mean() < 0.9
    inner = mask > 0
    changed = np.abs(behind.image.astype(int) - alone.image.astype(int)).max(axis=2)
    assert changed[inner].max() <= 1
