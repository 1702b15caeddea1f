from __future__ import annotations

import zlib
from functools import lru_cache

import numpy as np
import pytest

from sample_videos.world.scenarios.catalogue import SCENARIOS
from sample_videos.world.scenarios.compose import Script
from sample_videos.world.traffic.course import corners, overlap
from sample_videos.world.traffic.junctions import AMBER_S, Signals
from sample_videos.world.traffic.run import Run, Simulation, collisions
from sample_videos.world.truth_motion import Motion, world_events

SECONDS = 12.0


@lru_cache
def _run(name: str, seed: int) -> tuple[Script, Run]:
    rng = np.random.default_rng([zlib.crc32(name.encode()), seed, 0])
    script = SCENARIOS[name].write(rng, SECONDS)
    return script, Simulation(script.layout, script.cast).run(SECONDS, 15.0)


@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("crossroads-red", 0),
        ("crossroads-priority", 1),
        ("roundabout", 1),
        ("car-park", 0),
        ("square", 0),
        ("bus-stop", 0),
        ("overtaking", 1),
    ],
)
def test_nobody_stands_in_anybody_and_nobody_jumps(name: str, seed: int) -> None:
    script, run = _run(name, seed)
    bodies = script.cast.bodies
    assert len(run.lives) > 8
    assert collisions(run, bodies) == []
    for body in bodies:
        life = run.lives.get(body.object_id)
        if life is None or len(life.poses) < 12:
            continue
        motion = Motion.of(life)
        assert motion.speed.max() < 15.0
        assert np.abs(np.diff(motion.speed) / 0.2).max() < 6.5, body
        assert np.abs(np.diff(life.xyh[:, 2])).max() < 0.15


def test_a_run_is_a_function_of_its_script() -> None:
    script, first = _run("t-junction", 2)
    second = Simulation(script.layout, script.cast).run(SECONDS, 15.0)
    assert first.lives.keys() == second.lives.keys()
    for number, life in first.lives.items():
        assert life.poses == second.lives[number].poses


def test_vehicles_drive_on_the_right_and_slow_down_to_turn() -> None:
    script, run = _run("crossroads-red", 0)
    for trip in script.cast.trips:
        life = run.lives.get(trip.body.object_id)
        if life is None or trip.body.kind == "bicycle":
            continue
        motion = Motion.of(life)
        for k, name in enumerate(motion.strips):
            strip = script.layout.strips[name]
            if strip.turn in ("left", "right") and 0 < k < len(motion.strips) - 1:
                assert motion.speed[k] < 9.0
            if strip.turn == "" and name.startswith("in"):
                arm = int(name[2:])
                out = script.layout.strips[f"out{arm}"]
                side = strip.points[0] - out.points[-1]
                inward = strip.points[1] - strip.points[0]
                assert inward[0] * side[1] - inward[1] * side[0] < 0


def test_turns_have_the_sign_of_the_script() -> None:
    signs = {"left": 1, "right": -1, "u_turn": 1}
    checked = 0
    for name, seed in (("crossroads-red", 0), ("u-turns", 0), ("crossroads-priority", 1)):
        script, run = _run(name, seed)
        ways = {
            trip.body.object_id: script.layout.strips[leg.strip].turn
            for trip in script.cast.trips
            for leg in trip.courses[0].legs
            if script.layout.strips[leg.strip].turn
        }
        for event in world_events(run, script.cast.bodies, script.layout):
            if event.kind in ("turn_left", "turn_right", "u_turn"):
                way = ways[event.object_id]
                assert event.kind == (way if way == "u_turn" else f"turn_{way}")
                assert np.sign(event.numbers["degrees"]) == signs[way]
                assert event.t1_s > event.t0_s
                checked += 1
    assert checked >= 4


def test_a_bend_is_no_turn() -> None:
    script, run = _run("road-bend", 0)
    events = world_events(run, script.cast.bodies, script.layout)
    assert not [e for e in events if e.kind.startswith(("turn", "u_turn"))]
    headings = [np.ptp(life.xyh[:, 2]) for life in run.lives.values() if len(life.poses) > 200]
    assert max(headings) > np.radians(35)


def test_boxes_overlap_only_when_they_do() -> None:
    a = corners(0, 0, 0.0, 4.0, 2.0)
    assert overlap(a, corners(3.0, 0.5, 0.4, 4.0, 2.0))
    assert not overlap(a, corners(0.0, 2.2, 0.0, 4.0, 2.0))
    assert not overlap(a, corners(3.2, 2.0, 0.8, 2.0, 1.0))


def test_signals_never_show_green_to_both_roads() -> None:
    script, _ = _run("crossroads-red", 0)
    node = script.layout.nodes["j"]
    signals = Signals(node, (10.0, 9.0), 3.0)
    for t in np.arange(0.0, 60.0, 0.25):
        shown = [{signals.colour(s, float(t)) for s in group} for group in node.groups]
        assert all(len(colours) == 1 for colours in shown)
        moving = [c & {"green", "amber"} for c in shown]
        assert sum(bool(m) for m in moving) <= 1
    crossing = script.layout.crossings["z0"]
    waits = [t for t in np.arange(0, 40, 0.5) if signals.may_walk(crossing, float(t), 5.0)]
    assert waits
    assert all(signals.colour("in0", t + d) == "red" for t in waits for d in (0.0, 4.9))
    assert AMBER_S > 2.0
