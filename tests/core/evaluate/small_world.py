"""A clip seen from straight above, small enough to know all about it: who turns, who stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from core.evaluate.truth import Boxes, Question, Relevant, TrueObject, TrueRelation, World
from core.tracks import FrameSize

FPS = 25.0
FRAMES = 200
SIZE = FrameSize(960, 540)
LEFT, RIGHT, PARKED, BUS = 1, 2, 3, 4
TURN = (3.0, 5.0)


def way(turn: float, start: tuple[float, float], side: float = 44.0) -> Boxes:
    """A box that drives east for 3 s, swings round by `turn` (degrees, + is left), drives on."""
    t = np.arange(FRAMES) / FPS
    heading = np.radians(turn) * np.clip((t - TURN[0]) / (TURN[1] - TURN[0]), 0.0, 1.0)
    step = np.stack([np.cos(heading), -np.sin(heading)], axis=1) * (60.0 / FPS)
    middle = np.array(start) + np.cumsum(step, axis=0)
    return boxes_at(middle, side)


def boxes_at(middle: np.ndarray[Any, Any], side: float = 44.0) -> Boxes:
    half = side / 2.0
    xyxy = np.concatenate([middle - half, middle + half], axis=1).astype(np.float32)
    n = len(middle)
    return Boxes(np.arange(n, dtype=np.int32), xyxy, np.ones(n, np.float32))


def question(
    text: str, *right: int, wrong: tuple[tuple[int, str], ...] = (), **more: Any
) -> Question:
    given: dict[str, Any] = {"parts": 3, "stratum": "colour+motion", "unjudged": frozenset()}
    given |= {"nothing": not right, **more}
    relevant = tuple(Relevant(number, *TURN) for number in right)
    return Question(text=text, relevant=relevant, negatives=wrong, **given)


def small_world(*questions: Question) -> World:
    """A red car turns left (1), one right (2), a third stands (3); a green bus drives on (4)."""
    still = np.tile(np.array([[900.0, 480.0]]), (FRAMES, 1))
    return World(
        name="small",
        video=Path("small.mp4"),
        boxes={
            LEFT: way(90.0, (100.0, 320.0)),
            RIGHT: way(-90.0, (520.0, 120.0)),
            PARKED: boxes_at(still),
            BUS: way(0.0, (60.0, 500.0), 60.0),
        },
        questions=questions,
        objects={
            LEFT: TrueObject("car", "sedan", "red", ("red",), True, {"turn_left": (TURN,)}),
            RIGHT: TrueObject("car", "suv", "red", ("red",), True, {"turn_right": (TURN,)}),
            PARKED: TrueObject("car", "sedan", "red", ("red",), True, {"parked": ((0.0, 8.0),)}),
            BUS: TrueObject("bus", "city", "green", ("green",), True, {"straight": ((0.0, 8.0),)}),
        },
        relations=(TrueRelation("overtake", BUS, PARKED, 1.0, 3.0, True),),
        size=SIZE,
        fps=FPS,
        frames=FRAMES,
        light="day",
    )


def write_world(folder: Path, world: World) -> Path:
    """The same as `sample_videos.world` writes it; the video is an empty file."""
    (folder / "gt").mkdir(parents=True)
    lines = []
    for number, boxes in world.boxes.items():
        for frame, (x0, y0, x1, y1) in zip(boxes.frame, boxes.xyxy.tolist(), strict=True):
            lines.append(f"{frame + 1},{number},{x0},{y0},{x1 - x0},{y1 - y0},1,1,1.0")
    (folder / "gt" / "gt.txt").write_text("\n".join(lines), encoding="utf-8")
    (folder / "small.mp4").write_bytes(b"")
    truth = {
        "video": "small.mp4", "fps": world.fps, "frames": world.frames,
        "width": world.size.width, "height": world.size.height, "light": world.light,
        "objects": [
            {"id": n, "type": o.kind, "variant": o.variant, "colour": o.colour, "clear": o.clear,
             "did": o.did, "unsure": sorted(o.unsure)}
            for n, o in world.objects.items()
        ],
        "relations": [],
        "queries": [
            {"text": q.text, "parts": q.parts, "stratum": q.stratum, "nothing": q.nothing,
             "relevant": [{"object": r.object_id, "t0_s": r.t0_s, "t1_s": r.t1_s}
                          for r in q.relevant],
             "negatives": [{"object": n, "stratum": s} for n, s in q.negatives],
             "paraphrases": [{"origin": o, "text": t} for o, t in q.wordings]}
            for q in world.questions
        ],
    }  # fmt: skip
    (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    return folder
