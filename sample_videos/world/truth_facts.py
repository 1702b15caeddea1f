"""What the questions of a clip are made from: which motions and relations were surely seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sample_videos.world.facts import Facts, Line, ObjectFacts
from sample_videos.world.scenarios.compose import Clip
from sample_videos.world.scene import Body
from sample_videos.world.truth_motion import VEHICLES, WorldEvent
from sample_videos.world.truth_relations import LASTING_S, Relation
from sample_videos.world.truth_seen import HARDLY, LEAST_PX, LEAST_S, MOSTLY, Sightings

_TURNS = ("turn_left", "turn_right", "u_turn")


@dataclass(frozen=True, slots=True)
class Seen:
    """The part of a relation that was in view, and the share of it in which both showed well."""

    t0_s: float
    t1_s: float
    share: float


def shown(clip: Clip, sightings: Sightings) -> list[Body]:
    """The bodies that were in the picture at all."""
    return [b for b in clip.bodies if b.object_id in sightings.objects]


def both_shown(relation: Relation, sightings: Sightings) -> bool:
    return relation.subject in sightings.objects and relation.object in sightings.objects


def seen_relation(relation: Relation, sightings: Sightings) -> Seen:
    """What lasts is cut to the time in which both are in view, where that is long enough."""
    t0, t1 = relation.t0_s, relation.t1_s
    pair = relation.subject, relation.object
    spans = [sightings.span_s(number) for number in pair]
    least = LASTING_S.get(relation.kind)
    if least is not None and spans[0] is not None and spans[1] is not None:
        a, b = max(t0, spans[0][0], spans[1][0]), min(t1, spans[0][1], spans[1][1])
        if b - a >= least:
            t0, t1 = a, b
    share = min(sightings.share(number, t0, t1) for number in pair)
    return Seen(t0, t1, share if relation.sure else min(share, HARDLY))


def facts_of(
    clip: Clip,
    sightings: Sightings,
    events: Sequence[WorldEvent],
    related: Sequence[Relation],
) -> Facts:
    """What the queries are made from: per object, which motions were seen, partly or not."""
    objects = []
    for body in shown(clip, sightings):
        number = body.object_id
        span = sightings.span_s(number)
        certain: dict[str, list[tuple[float, float]]] = {}
        partly: set[str] = set()
        for event in events:
            if event.object_id != number:
                continue
            if "unsure" in event.numbers:
                partly.add(event.kind)
                continue
            t0, t1 = event.t0_s, event.t1_s
            if event.kind in ("straight", "moving", "parked", "wait", "run", "stop") and span:
                t0, t1 = max(t0, span[0]), min(t1, span[1])
                long_enough = {"straight": 2.0, "parked": 3.0, "wait": 3.0}.get(event.kind, 1.0)
                if t1 - t0 < long_enough and event.kind != "stop":
                    if t1 > t0:
                        partly.add(event.kind)
                    continue
            share = sightings.share(number, event.t0_s, event.t1_s)
            inside = sightings.share(number, t0, t1) if t1 > t0 else 0.0
            if event.kind in ("straight", "moving", "parked", "run"):
                share = inside
            if event.kind in ("enter", "exit"):  # cut off by the border all the while
                inner = event.t1_s if event.kind == "enter" else event.t0_s
                share = 1.0 if sightings.share(number, inner, inner) else 0.5
            if share >= MOSTLY:
                certain.setdefault(event.kind, []).append((round(t0, 2), round(t1, 2)))
            elif share > (0.0 if event.kind in _TURNS else HARDLY):
                partly.add(event.kind)
        if any(name.startswith("bay_out") for name in clip.run.lives[number].strips):
            partly |= {"turn_left", "turn_right"}
        if any(name.startswith("ring") for name in clip.run.lives[number].strips):
            partly |= {"turn_left", "turn_right"} - set(certain)
        if _half_seen(clip, body, sightings):
            partly |= {"turn_left", "turn_right", "u_turn"} - set(certain)
        largest = max(max(b[2], b[3]) for b in sightings.objects[number].boxes)
        objects.append(
            ObjectFacts(
                body,
                sightings.seen_s(number) >= LEAST_S and largest >= LEAST_PX,
                span or (0.0, 0.0),
                certain,
                frozenset(partly),
            )
        )
    lines = []
    for r in related:
        if both_shown(r, sightings):
            seen = seen_relation(r, sightings)
            well = seen.share >= MOSTLY
            lines.append(
                Line(r.kind, r.subject, r.object, round(seen.t0_s, 2), round(seen.t1_s, 2), well)
            )
    return Facts(
        tuple(objects), tuple(lines), clip.layout.name, clip.stage.light.time,
        sightings.frames / sightings.fps,
    )  # fmt: skip


def _half_seen(clip: Clip, body: Body, sightings: Sightings) -> bool:
    """Whether a turn that nobody can name may have been seen.

    So it is when the clip or the picture cuts off the passage of a junction.
    """
    if body.kind not in VEHICLES:
        return False
    life = clip.run.lives[body.object_id]
    well = sightings.well(body.object_id)
    xyh = life.xyh
    inside = [
        k for k, t in enumerate(life.t_s) if (f := int(t * sightings.fps)) < len(well) and well[f]
    ]
    if not inside:
        return False
    turned = float(abs(xyh[inside[-1], 2] - xyh[inside[0], 2]))
    named = any(
        e.object_id == body.object_id and e.kind in ("turn_left", "turn_right", "u_turn")
        and sightings.share(e.object_id, e.t0_s, e.t1_s) >= MOSTLY
        for e in clip.events
    )  # fmt: skip
    bends = clip.layout.name == "road-bend"
    return not named and not bends and turned > np.radians(20.0)
