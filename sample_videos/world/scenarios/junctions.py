"""Scenarios at junctions: signals, priority, all-way stop, T junction, roundabout."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sample_videos.world.layout_junctions import Arm
from sample_videos.world.layout_roads import roundabout
from sample_videos.world.layout_views import ViewLimits
from sample_videos.world.scenarios.casting import Casting
from sample_videos.world.scenarios.compose import Script, Wanted
from sample_videos.world.scenarios.streets import (
    crossroads,
    filler,
    kerb_bays,
    lights,
    parked,
    people,
    story,
    style,
)
from sample_videos.world.scene import Light

_JUNCTION_VIEW = ViewLimits(
    height_m=(5.5, 12.0),
    distance_m=(17.0, 33.0),
    fov=(1.0, 1.45),
    car_px=(72.0, 165.0),
    off_road_m=2.6,
)


def daylight(rng: np.random.Generator) -> Light:
    time = "day" if rng.random() < 0.7 else "overcast"
    return Light(
        time, sun_azimuth=float(rng.uniform(-3, 3)), sun_elevation=float(rng.uniform(0.5, 1.0))
    )


def red_turners(rng: np.random.Generator, seconds: float) -> Script:
    """A red car turns left; a red one right; a red one is parked; a blue one turns left."""
    layout = crossroads(rng, "signals", lanes=(2, 1))
    signals = lights(layout, rng)
    casting = Casting(layout, rng, avoid=("red",))
    a, b, c = (str(s) for s in rng.permutation(["in0", "in1", "in2", "in3"])[:3])
    left = casting.body("car", "red", "hatchback")
    right = casting.body("car", "red", "suv")
    blue = casting.body("car", "blue", str(rng.choice(["sedan", "wagon"])))
    story(casting, signals, left, a, "left", seconds)
    story(casting, signals, right, b, "right", seconds)
    story(casting, signals, blue, c, "left", seconds)
    still = casting.body("car", "red", "sedan")
    bays = kerb_bays(layout, 48.0)
    casting.park(bays[0], still)
    parked(casting, bays[1:], 0.45)
    filler(casting, seconds, 9.0, straight=0.75, bicycles=0.05)
    people(casting, seconds, 7)
    wanted = (
        Wanted(left.object_id, "turn_left"),
        Wanted(right.object_id, "turn_right"),
        Wanted(blue.object_id, "turn_left"),
        Wanted(still.object_id, "parked"),
    )
    return Script(layout, casting.cast(signals), daylight(rng), wanted, _JUNCTION_VIEW)


def signals_plain(rng: np.random.Generator, seconds: float) -> Script:
    layout = crossroads(rng, "signals", lanes=(2, int(rng.integers(1, 3))))
    signals = lights(layout, rng)
    casting = Casting(layout, rng)
    arms = [str(s) for s in rng.permutation(["in0", "in1", "in2", "in3"])]
    wanted = []
    for source, turn, kind in zip(
        arms, ("left", "right", "left"), ("van", "truck", "car"), strict=False
    ):
        body = casting.body(kind)
        story(casting, signals, body, source, turn, seconds)
        wanted.append(Wanted(body.object_id, f"turn_{turn}"))
    parked(casting, kerb_bays(layout, 50.0), 0.5)
    filler(casting, seconds, 7.5, straight=0.7)
    people(casting, seconds, 7)
    return Script(layout, casting.cast(signals), daylight(rng), tuple(wanted), _JUNCTION_VIEW)


def _priority(rng: np.random.Generator, seconds: float, control: str) -> Script:
    layout = crossroads(rng, control, cycle=bool(rng.random() < 0.5))
    casting = Casting(layout, rng)
    wanted = []
    stories = (("in0", "left"), ("in1", "right"), ("in3", "left"), ("in2", "right"))
    at = float(rng.uniform(3.0, 6.0))
    for source, turn in [stories[int(k)] for k in rng.permutation(4)[:3]]:
        body = casting.body(str(rng.choice(["car", "car", "van", "motorcycle"])))
        story(casting, {}, body, source, turn, seconds, at)
        wanted.append(Wanted(body.object_id, f"turn_{turn}"))
        at += float(rng.uniform(4.0, 6.0))
    parked(casting, kerb_bays(layout, 50.0), 0.5)
    calm = control == "all_way"
    filler(casting, seconds, 24.0 if calm else 12.0, straight=0.6)
    people(casting, seconds, 4 if calm else 6)
    return Script(layout, casting.cast(), daylight(rng), tuple(wanted), _JUNCTION_VIEW)


def priority(rng: np.random.Generator, seconds: float) -> Script:
    return _priority(rng, seconds, "priority")


def all_way(rng: np.random.Generator, seconds: float) -> Script:
    return _priority(rng, seconds, "all_way")


def t_junction(rng: np.random.Generator, seconds: float) -> Script:
    layout = crossroads(rng, "priority", arms=3)
    casting = Casting(layout, rng)
    wanted = []
    at = float(rng.uniform(2.5, 4.5))
    for source, turn in (("in1", "left"), ("in0", "right"), ("in2", "left"), ("in1", "right")):
        body = casting.body(str(rng.choice(["car", "van", "car", "truck"])))
        story(casting, {}, body, source, turn, seconds, at)
        wanted.append(Wanted(body.object_id, f"turn_{turn}"))
        at += float(rng.uniform(3.5, 5.5))
    parked(casting, kerb_bays(layout, 50.0), 0.45)
    filler(casting, seconds, 11.0, straight=0.7)
    people(casting, seconds, 6)
    return Script(layout, casting.cast(), daylight(rng), tuple(wanted), _JUNCTION_VIEW)


def ring(rng: np.random.Generator, seconds: float) -> Script:
    turned = float(rng.uniform(-np.pi, np.pi))
    arms = [Arm(turned + k * np.pi / 2, main=True) for k in range(4)]
    layout = roundabout("roundabout", arms, style(rng), int(rng.integers(1 << 30)))
    casting = Casting(layout, rng)
    wanted = []
    at = 3.0
    for exits, kind in ((4, "car"), (1, "van"), (3, "car"), (2, "bus")):
        body = casting.body(kind)
        source = int(rng.integers(4))
        casting.trip(body, _round(casting, source, exits), reach_s=at, planned=True)
        name = {1: "turn_right", 3: "turn_left", 4: "u_turn"}.get(exits)
        if name:
            wanted.append(Wanted(body.object_id, name))
        at += float(rng.uniform(3.0, 4.5))
    for source in range(4):
        t = float(rng.uniform(-6.0, 6.0))
        while t < seconds - 3.0:
            kind = casting.kind()
            exits = int(rng.choice([1, 2, 2, 3]))
            casting.trip(casting.body(kind), _round(casting, source, exits), reach_s=t)
            t += float(rng.uniform(8.0, 17.0))
    people(casting, seconds, 5)
    limits = replace(_JUNCTION_VIEW, distance_m=(23.0, 38.0), height_m=(7.0, 12.0), fov=(1.1, 1.48))
    return Script(layout, casting.cast(), daylight(rng), tuple(wanted), limits)


def _round(casting: Casting, source: int, exits: int) -> list[tuple[str, float, float, float]]:
    """In at arm `source`, out at the `exits`-th arm after it (4: back where it came from)."""
    n = 4
    names = [f"in{source}", f"enter{source}", f"ring{source}"]
    for k in range(1, exits):
        names += [f"past{(source + k) % n}", f"ring{(source + k) % n}"]
    out = (source + exits) % n
    names += [f"leave{out}", f"out{out}"]
    return [(name, 0.0, casting.strips[name].length_m, 0.0) for name in names]


def night(rng: np.random.Generator, seconds: float) -> Script:
    script = red_turners(rng, seconds)
    rain = float(rng.choice([0.0, 0.0, 0.5]))
    limits = replace(_JUNCTION_VIEW, car_px=(75.0, 170.0), distance_m=(16.0, 32.0))
    return replace(script, light=Light("night", rain=rain), limits=limits)


def rain_dusk(rng: np.random.Generator, seconds: float) -> Script:
    """Stop and go at the lights of a T junction in the rain."""
    layout = crossroads(rng, "signals", arms=3)
    signals = lights(layout, rng, (7.0, 6.0))
    casting = Casting(layout, rng)
    wanted = []
    for source, turn in (("in1", "left"), ("in2", "left"), ("in0", "right")):
        body = casting.body(str(rng.choice(["car", "car", "van"])))
        story(casting, signals, body, source, turn, seconds)
        wanted.append(Wanted(body.object_id, f"turn_{turn}"))
    parked(casting, kerb_bays(layout, 45.0), 0.4)
    filler(casting, seconds, 8.0, straight=0.75)
    people(casting, seconds, 5)
    light = Light(
        "dusk", rain=0.6, fog=0.08, sun_elevation=0.2, sun_azimuth=float(rng.uniform(-3, 3))
    )
    limits = replace(_JUNCTION_VIEW, car_px=(70.0, 170.0), distance_m=(16.0, 34.0))
    return Script(layout, casting.cast(signals), light, tuple(wanted), limits)


def crowded(rng: np.random.Generator, seconds: float) -> Script:
    layout = crossroads(rng, "signals", lanes=(2, 2))
    signals = lights(layout, rng)
    casting = Casting(layout, rng)
    filler(casting, seconds, 4.0, straight=0.75)
    people(casting, seconds, 18, dogs=2, pairs=3)
    return Script(layout, casting.cast(signals), daylight(rng), (), _JUNCTION_VIEW)


def panning(rng: np.random.Generator, seconds: float) -> Script:
    return replace(priority(rng, seconds), pan=0.16)
