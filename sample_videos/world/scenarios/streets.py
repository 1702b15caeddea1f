"""What the street scenarios share: arrivals at green, filler traffic, people at crossings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sample_videos.world.layout import Layout
from sample_videos.world.layout_junctions import Arm, RoadStyle, junction
from sample_videos.world.layout_props import Dressing
from sample_videos.world.scenarios.casting import Casting
from sample_videos.world.scene import Body
from sample_videos.world.traffic.junctions import Signals
from sample_videos.world.traffic.vehicle import Trip


def style(rng: np.random.Generator, *, verge: str | None = None) -> RoadStyle:
    """A tidy, varied look."""
    return RoadStyle(
        asphalt=str(rng.choice(["asphalt", "asphalt_old"])),
        walk=str(rng.choice(["pavement", "pavement", "plaza"])),
        verge=verge or str(rng.choice(["grass", "grass", "pavement"])),
        pavement_m=float(rng.uniform(3.0, 3.8)),
        kerb_radius=float(rng.uniform(6.0, 7.5)),
        yellow=bool(rng.random() < 0.25),
        dressing=Dressing(
            setback_m=(8.0, 14.0),
            buildings=float(rng.uniform(0.75, 0.98)),
            trees=float(rng.uniform(0.3, 0.6)),
            hedges=float(rng.uniform(0.1, 0.35)),
        ),
    )


def crossroads(
    rng: np.random.Generator, control: str, *, lanes: tuple[int, int] = (1, 1), arms: int = 4,
    kerb: bool = True, cycle: bool = False,
) -> Layout:  # fmt: skip
    """Arms 0 and 2 are the main road; the minor ones may have parking at the kerb."""
    width = float(rng.uniform(3.2, 3.5))
    turned = float(rng.uniform(-np.pi, np.pi))
    out = []
    for k in range(arms):
        main = k % 2 == 0
        n = lanes[0] if main else lanes[1]
        wobble = 0.0 if main else float(rng.uniform(-0.1, 0.1))
        park = kerb and not (cycle and main) and n == 1
        out.append(
            Arm(
                turned + k * np.pi / 2 + wobble,
                n,
                n,
                width,
                cycle and main,
                park,
                park and not main,
                main,
            )
        )
    name = "crossroads" if arms == 4 else "t-junction"
    return junction(name, out, control, style(rng), int(rng.integers(1 << 30)))


def lights(
    layout: Layout, rng: np.random.Generator, green_s: tuple[float, float] = (10.0, 9.5)
) -> dict[str, Signals]:
    out = {}
    for node in layout.nodes.values():
        if node.control == "signals":
            out[node.node_id] = Signals(node, green_s, float(rng.uniform(0.0, 25.0)))
    return out


def good_arrival(
    signals: dict[str, Signals], source: str, rng: np.random.Generator, seconds: float
) -> float:
    """A time at which a vehicle from `source` gets a green light inside the clip."""
    latest = max(seconds - 9.0, 4.0)
    times = np.arange(1.5, latest, 0.25)
    for one in signals.values():
        turned = [one.colour(source, float(t)) == "green" for t in times]
        starts = [
            t for t, was, now in zip(times[1:], turned, turned[1:], strict=False) if now > was
        ]
        if starts:
            return float(starts[int(rng.integers(len(starts)))] + rng.uniform(-2.5, 1.5))
        good = [t for t in times if one.colour(source, float(t)) == "green"]
        if good:
            return float(good[0] + rng.uniform(0.0, 1.0))
    return float(times[int(rng.integers(len(times)))])


def story(
    casting: Casting,
    signals: dict[str, Signals],
    body: Body,
    source: str,
    turn: str,
    seconds: float,
    at_s: float | None = None,
) -> Trip:
    """A planned vehicle that makes a turn at the junction inside the clip."""
    if at_s is None:
        at_s = good_arrival(signals, source, casting.rng, seconds)
    return casting.trip(body, casting.through(source, turn, body.kind), reach_s=at_s, planned=True)


def turns_from(layout: Layout, source: str) -> list[str]:
    return sorted({layout.strips[k.strip_id].turn for k in layout.links if k.source == source})


def filler(
    casting: Casting,
    seconds: float,
    every_s: float,
    sources: Sequence[str] | None = None,
    *,
    straight: float = 0.55,
    bicycles: float = 0.08,
) -> None:
    """Other traffic: from each source a vehicle about every `every_s` seconds."""
    rng = casting.rng
    layout = casting.layout
    names = sources or sorted({k.source for k in layout.links if layout.strips[k.source].node})
    for source in names:
        t = float(rng.uniform(-6.0, every_s * 0.8))
        while t < seconds - 1.0:
            slim = rng.random() < bicycles
            kind = "bicycle" if slim else casting.kind()
            ways = turns_from(layout, source)
            ways = [w for w in ways if w != "u_turn" and not (slim and w == "left")]
            if kind == "bus" and "straight" in ways:
                ways = ["straight"]
            if ways:
                p = np.array([straight if w == "straight" else (1 - straight) / 2 for w in ways])
                turn = str(rng.choice(ways, p=p / p.sum()))
                body = casting.body(kind)
                casting.trip(body, casting.through(source, turn, kind), reach_s=t)
            t += float(rng.uniform(0.6, 1.5)) * every_s


def walk_nodes(layout: Layout, rng: np.random.Generator, crossings: int = 1) -> list[str]:
    """A way over the pavements from one end of the place to another, over some zebras."""
    graph: dict[str, list[tuple[str, bool]]] = {}
    for walk in layout.walks:
        graph.setdefault(walk.start, []).append((walk.end, bool(walk.crossing)))
        graph.setdefault(walk.end, []).append((walk.start, bool(walk.crossing)))
    ends = sorted(name for name, ways in graph.items() if len(ways) == 1)
    best: list[str] = []
    for _ in range(200):
        nodes = [str(rng.choice(ends))]
        zebras = 0
        while len(nodes) < 7:
            ways = [(n, z) for n, z in graph[nodes[-1]] if n not in nodes]
            if not ways:
                break
            want = [w for w in ways if w[1]] if zebras < crossings and rng.random() < 0.75 else ways
            after, zebra = (want or ways)[int(rng.integers(len(want or ways)))]
            zebras += zebra
            nodes.append(after)
            if after in ends:
                break
        if nodes[-1] in ends and len(nodes) > 2:
            best = nodes
            if zebras == crossings:
                return nodes
    return best


def people(casting: Casting, seconds: float, count: int, dogs: int = 1, pairs: int = 1) -> None:
    """Pedestrians on pavements and zebras; the first ones have a dog or a companion."""
    rng = casting.rng
    for k in range(count):
        crossings = 1 if rng.random() < 0.6 else 0
        nodes = walk_nodes(casting.layout, rng, crossings)
        plan = casting.stroll(nodes, reach_s=float(rng.uniform(0.0, seconds - 5.0)))
        if k < dogs:
            casting.dog(plan)
        elif k < dogs + pairs:
            casting.companion(replace(plan, side=-0.45), 0.95)
            casting.strolls[casting.strolls.index(plan)] = replace(plan, side=-0.45)


def kerb_bays(layout: Layout, within_m: float, least_m: float = 0.0) -> list[int]:
    """Numbers of the bays nearest to the place's focus, nearest first."""
    x, y = layout.focus[0]
    far = [float(np.hypot(b.x - x, b.y - y)) for b in layout.bays]
    order = sorted(range(len(far)), key=lambda k: far[k])
    return [k for k in order if least_m <= far[k] <= within_m]


def parked(casting: Casting, bays: Sequence[int], share: float = 0.6) -> None:
    """Vehicles left in some of the bays."""
    rng = casting.rng
    for bay in bays:
        if rng.random() < share:
            kind = str(rng.choice(["car", "car", "car", "van", "motorcycle"]))
            spot = casting.layout.bays[bay]
            back = spot.name == "bay" and rng.random() < 0.35
            casting.park(bay, casting.body(kind), backward=back)
