"""Real footage that somebody has looked at: prominent objects with boxes, and what answers a query.

The annotation is JSON: `objects` with `id`, `type`, `colour` (a name or a list) and `boxes_xywh`
(frame -> left, top, width, height in pixels), `frames_are_1_based`, and `queries` (text -> ids of
the objects that answer). Whatever else shows in the video is not annotated and cannot be judged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.detections import Float32
from core.errors import VidtrailError
from core.evaluate.truth import Boxes, Question, Relevant, TrueObject, World
from core.language.parser import parse
from core.tracks import FrameSize
from core.video.probe import probe

ENCODER_NAME = "none"


class NoEncoder:
    """In the place of an encoder where words of appearance are not to be compared with pictures.

    Its name is that of no index, so a search rests on class, colour of the pixels and motion.
    """

    name = ENCODER_NAME
    dim = 1
    quick = True

    def encode_texts(self, texts: Sequence[str]) -> Float32:
        return np.ones((len(texts), 1), np.float32)

    def encode_images(self, crops: Sequence[Any]) -> Float32:
        return np.ones((len(crops), 1), np.float32)


def read_annotations(video: Path | str, annotations: Path | str) -> World:
    """The annotated objects and queries of a video as a world whose truth is not complete.

    Raises VideoError for a file that is no video, VidtrailError for annotations that cannot be
    read.
    """
    path, file = Path(video).expanduser().absolute(), Path(annotations).expanduser()
    info = probe(path)
    try:
        raw: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        first = 1 if raw.get("frames_are_1_based", True) else 0
        boxes = {int(entry["id"]): _boxes(entry["boxes_xywh"], first) for entry in raw["objects"]}
        objects = {int(entry["id"]): _object(entry) for entry in raw["objects"]}
        queries = {str(text): tuple(map(int, ids)) for text, ids in raw["queries"].items()}
        unknown = sorted({n for ids in queries.values() for n in ids} - set(boxes))
        if unknown:
            raise ValueError(f"queries name objects that are not annotated: {unknown}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise VidtrailError(
            f"{file} cannot be read as the annotations of a video: {problem}."
        ) from problem
    return World(
        name=path.stem,
        video=path,
        boxes=boxes,
        questions=tuple(_question(text, ids, boxes, info.fps) for text, ids in queries.items()),
        objects=objects,
        size=FrameSize(info.width, info.height),
        fps=info.fps,
        frames=info.frame_count or round(info.duration_s * info.fps),
        complete=False,
    )


def _boxes(entries: Mapping[str, Sequence[float]], first: int) -> Boxes:
    frames = np.array([int(frame) - first for frame in entries], np.int32)
    order = np.argsort(frames)
    xywh = np.array(list(entries.values()), np.float32).reshape(-1, 4)[order]
    xyxy = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)
    return Boxes(frames[order], xyxy, np.ones(len(frames), np.float32))


def _object(entry: Mapping[str, Any]) -> TrueObject:
    stated = entry.get("colour", ())
    colours = (stated,) if isinstance(stated, str) else tuple(map(str, stated))
    return TrueObject(str(entry["type"]), colour=colours[0] if colours else "", colours=colours)


def _question(text: str, ids: Sequence[int], boxes: Mapping[int, Boxes], fps: float) -> Question:
    """A query; an object answers for as long as it is annotated."""
    spans = {n: (float(boxes[n].frame[0] / fps), float(boxes[n].frame[-1] / fps)) for n in ids}
    kinds = [kind for kind, _ in parse(text).parts()]
    return Question(
        text=text,
        parts=max(1, len(kinds)),
        stratum="+".join(dict.fromkeys(kinds)),
        relevant=tuple(Relevant(n, *spans[n]) for n in ids),
        negatives=(),
        unjudged=frozenset(),
        nothing=not ids,
    )
