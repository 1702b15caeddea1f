"""The truth about a clip as data: objects, events, relations, queries; gt.txt and seqinfo.ini.

Everything comes from the script, the world's kinematics and the renderer's boxes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sample_videos.world.camera import View
from sample_videos.world.facts import ObjectFacts, may_be
from sample_videos.world.queries import queries
from sample_videos.world.scenarios.compose import Clip
from sample_videos.world.scene import KINDS, Body
from sample_videos.world.truth_facts import both_shown, facts_of, seen_relation, shown
from sample_videos.world.truth_motion import VEHICLES, WorldEvent
from sample_videos.world.truth_relations import Relation, relations
from sample_videos.world.truth_seen import MOSTLY, Sightings, camera_events

VERSION = 2
_ONLY_OF_VEHICLES = frozenset(
    ("turn_left", "turn_right", "u_turn", "straight", "lane_change", "slow_down", "speed_up")
)
_WORDS = {"person": "person in {0}", "bicycle": "{0} cyclist"}


def truth(clip: Clip, sightings: Sightings, video: str) -> dict[str, Any]:
    """The content of truth.json; times in seconds, frames 0-based, boxes are in gt.txt."""
    width, height = sightings.size
    events = [*clip.events, *camera_events(clip, sightings)]
    events.sort(key=lambda e: (e.object_id, e.t0_s, e.kind))
    related = relations(clip)
    facts = facts_of(clip, sightings, events, related)
    known = {one.body.object_id: one for one in facts.objects}
    base = clip.camera.base
    stage = clip.stage
    content: dict[str, Any] = {
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
        "objects": [
            _object(clip, known[body.object_id], sightings, stage.light.time)
            for body in shown(clip, sightings)
        ],
        "events": [
            _event(e, sightings)
            for e in events
            if sightings.objects.get(e.object_id) is not None and "unsure" not in e.numbers
        ],
        "relations": [_relation(r, sightings) for r in related if both_shown(r, sightings)],
        "queries": queries(facts, clip.seed),
    }
    if clip.place:
        content["place"] = clip.place
        content["anomalies"] = [
            {
                "object": one.object_id,
                "kind": one.kind,
                "t0_s": round(one.t0_s, 2),
                "t1_s": round(one.t1_s, 2),
                "visible_share": round(sightings.share(one.object_id, one.t0_s, one.t1_s), 2),
            }
            for one in clip.anomalies
            if sightings.objects.get(one.object_id) is not None
        ]
    return content


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


def write_views(folder: Path, clip: Clip, sightings: Sightings) -> None:
    """Where a camera that moves looked: gt/camera.txt, a row of nine numbers a frame.

    They are the homography from the pixels of that frame to those of the first one, row by row;
    exact, since these cameras turn and do not travel.
    """
    if clip.camera.kind == "fixed":
        return
    first = View.of(clip.camera.at(0.0), sightings.size)
    rows = []
    for k in range(sightings.frames):
        view = View.of(clip.camera.at(k / sightings.fps), sightings.size).rotation_to(first)
        rows.append(",".join(f"{value:.9g}" for value in (view / view[2, 2]).ravel()))
    (folder / "gt" / "camera.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")


def _object(clip: Clip, facts: ObjectFacts, sightings: Sightings, light: str) -> dict[str, Any]:
    body = facts.body
    vehicle = body.kind in VEHICLES
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
        "clear": facts.clear,
        "may_be": may_be(body, light),
        "did": {kind: [list(span) for span in facts.certain[kind]] for kind in facts.certain},
        "unsure": sorted(facts.partly | (frozenset() if vehicle else _ONLY_OF_VEHICLES)),
    }


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
    seen = seen_relation(relation, sightings)
    return {
        "kind": relation.kind,
        "subject": relation.subject,
        "object": relation.object,
        "t0_s": round(seen.t0_s, 2),
        "t1_s": round(seen.t1_s, 2),
        "visible": seen.share >= MOSTLY,
        "visible_share": round(seen.share, 2),
    }
