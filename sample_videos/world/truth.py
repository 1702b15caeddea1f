"""The truth about a clip as data: objects, events, relations, queries; gt.txt and seqinfo.ini.

Everything comes from the script, the world's kinematics and the renderer's boxes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sample_videos.world.queries import Facts, Line, ObjectFacts, queries
from sample_videos.world.scenarios.compose import Clip
from sample_videos.world.scene import KINDS, Body
from sample_videos.world.truth_motion import VEHICLES, WorldEvent
from sample_videos.world.truth_relations import Relation, relations
from sample_videos.world.truth_seen import (
    HARDLY,
    LEAST_PX,
    LEAST_S,
    MOSTLY,
    Sightings,
    camera_events,
)

VERSION = 1
_TURNS = ("turn_left", "turn_right", "u_turn")
_WORDS = {"person": "person in {0}", "bicycle": "{0} cyclist"}


def truth(clip: Clip, sightings: Sightings, video: str) -> dict[str, Any]:
    """The content of truth.json; times in seconds, frames 0-based, boxes are in gt.txt."""
    width, height = sightings.size
    events = [*clip.events, *camera_events(clip, sightings)]
    events.sort(key=lambda e: (e.object_id, e.t0_s, e.kind))
    related = relations(clip)
    facts = _facts(clip, sightings, events, related)
    base = clip.camera.base
    stage = clip.stage
    return {
        "version": VERSION,
        "video": video,
        "fps": sightings.fps,
        "width": width,
        "height": height,
        "frames": sightings.frames,
        "scenario": clip.scenario,
        "seed": clip.seed,
        "layout": clip.layout.name,
        "camera": {
            "kind": clip.camera.kind,
            "x": round(base.x, 3),
            "y": round(base.y, 3),
            "z": round(base.z, 3),
            "yaw": round(base.yaw, 5),
            "pitch": round(base.pitch, 5),
            "roll": round(base.roll, 5),
            "fov": round(base.fov, 5),
        },
        "light": stage.light.time,
        "weather": {"rain": stage.light.rain, "fog": stage.light.fog},
        "classes": list(KINDS),
        "objects": [_object(clip, body, sightings) for body in _shown(clip, sightings)],
        "events": [
            _event(e, sightings) for e in events if sightings.objects.get(e.object_id) is not None
        ],
        "relations": [_relation(r, sightings) for r in related if _both(r, sightings)],
        "queries": queries(facts, clip.seed),
    }


def text_of(body: Body) -> str:
    """A plain name, such as "red car" or "person in blue"."""
    word = _WORDS.get(body.kind, "{0} " + body.kind)
    return word.format(body.colour)


def gt_lines(clip: Clip, sightings: Sightings) -> list[str]:
    """MOTChallenge 16+: frame (1-based), id, x, y, w, h, 1, class (1-based), visibility."""
    kinds = {b.object_id: KINDS.index(b.kind) + 1 for b in clip.bodies}
    rows = []
    for number, seen in sightings.objects.items():
        for frame, box, visibility in zip(seen.frames, seen.boxes, seen.visibility, strict=True):
            x, y, w, h = box
            rows.append((frame + 1, number, x, y, w, h, kinds[number], visibility))
    rows.sort(key=lambda row: (row[0], row[1]))
    return [
        f"{frame},{number},{x:.2f},{y:.2f},{w:.2f},{h:.2f},1,{kind},{visibility:.3f}"
        for frame, number, x, y, w, h, kind, visibility in rows
    ]


def seqinfo(name: str, video: str, sightings: Sightings) -> str:
    return (
        "[Sequence]\n"
        f"name={name}\nimDir={video}\nframeRate={sightings.fps:g}\n"
        f"seqLength={sightings.frames}\nimWidth={sightings.size[0]}\n"
        f"imHeight={sightings.size[1]}\nimExt=.mp4\n"
    )


def write_gt(folder: Path, lines: Sequence[str]) -> None:
    (folder / "gt").mkdir(parents=True, exist_ok=True)
    (folder / "gt" / "gt.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _shown(clip: Clip, sightings: Sightings) -> list[Body]:
    return [b for b in clip.bodies if b.object_id in sightings.objects]


def _object(clip: Clip, body: Body, sightings: Sightings) -> dict[str, Any]:
    seen = sightings.objects[body.object_id]
    boxes = np.array(seen.boxes)
    colours = [body.colour]
    if body.kind in ("truck", "person", "motorcycle", "bicycle") and body.colour2 != body.colour:
        colours.append(body.colour2)
    return {
        "id": body.object_id,
        "type": body.kind,
        "variant": body.variant,
        "colour": body.colour,
        "colours": colours,
        "text": text_of(body),
        "first_frame": seen.frames[0],
        "last_frame": seen.frames[-1],
        "global_id": f"{clip.family}-{clip.seed}-{body.object_id}",
        "largest_px": round(float(boxes[:, 2:].max()), 1),
        "seen_s": round(sightings.seen_s(body.object_id), 2),
        "clear": _clear(body.object_id, sightings),
    }


def _clear(number: int, sightings: Sightings) -> bool:
    """Seen well for long enough to be judged at all."""
    return sightings.seen_s(number) >= LEAST_S


def _event(event: WorldEvent, sightings: Sightings) -> dict[str, Any]:
    share = sightings.share(event.object_id, event.t0_s, event.t1_s)
    out: dict[str, Any] = {
        "object": event.object_id,
        "kind": event.kind,
        "t0_s": round(event.t0_s, 2),
        "t1_s": round(event.t1_s, 2),
        "visible": share >= MOSTLY,
        "visible_share": round(share, 2),
    }
    out.update({name: round(value, 2) for name, value in event.numbers.items()})
    return out


def _relation(relation: Relation, sightings: Sightings) -> dict[str, Any]:
    share = min(
        sightings.share(relation.subject, relation.t0_s, relation.t1_s),
        sightings.share(relation.object, relation.t0_s, relation.t1_s),
    )
    return {
        "kind": relation.kind,
        "subject": relation.subject,
        "object": relation.object,
        "t0_s": round(relation.t0_s, 2),
        "t1_s": round(relation.t1_s, 2),
        "visible": share >= MOSTLY,
        "visible_share": round(share, 2),
    }


def _both(relation: Relation, sightings: Sightings) -> bool:
    return relation.subject in sightings.objects and relation.object in sightings.objects


def _facts(
    clip: Clip,
    sightings: Sightings,
    events: Sequence[WorldEvent],
    related: Sequence[Relation],
) -> Facts:
    """What the queries are made from: per object, which motions were seen, partly or not."""
    objects = []
    for body in _shown(clip, sightings):
        number = body.object_id
        span = sightings.span_s(number)
        certain: dict[str, list[tuple[float, float]]] = {}
        partly: set[str] = set()
        for event in events:
            if event.object_id != number:
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
                _clear(number, sightings) and largest >= LEAST_PX,
                span or (0.0, 0.0),
                certain,
                frozenset(partly),
            )
        )
    lines = [
        Line(r.kind, r.subject, r.object, round(r.t0_s, 2), round(r.t1_s, 2),
             bool(_relation(r, sightings)["visible"]))
        for r in related
        if _both(r, sightings)
    ]  # fmt: skip
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
