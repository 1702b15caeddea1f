"""What is true of a clip: objects with their boxes, and questions with their answers.

Reads what `python -m sample_videos.world render` writes: `truth.json`, and `gt/gt.txt` in the
MOTChallenge layout.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.detections import Float32, Int32
from core.errors import VidtrailError


@dataclass(frozen=True, slots=True)
class Boxes:
    """One true object's boxes. frame: (N,) 0-based, ascending; xyxy: (N, 4) pixels."""

    frame: Int32
    xyxy: Float32


@dataclass(frozen=True, slots=True)
class Relevant:
    """An object that answers, and when."""

    object_id: int
    t0_s: float
    t1_s: float


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its truth. negatives: (object, stratum) that should lose against every
    relevant one. unjudged: objects of which nobody can say.
    """

    text: str
    parts: int
    stratum: str
    relevant: tuple[Relevant, ...]
    negatives: tuple[tuple[int, str], ...]
    unjudged: frozenset[int]
    nothing: bool

    @property
    def objects(self) -> frozenset[int]:
        return frozenset(relevant.object_id for relevant in self.relevant)


@dataclass(frozen=True, slots=True)
class World:
    """One clip with its truth."""

    name: str
    video: Path
    boxes: Mapping[int, Boxes]
    questions: tuple[Question, ...]


def worlds_in(folders: Sequence[Path | str]) -> list[World]:
    """The worlds in some folders, each with a `truth.json` in it or in folders inside.

    Raises VidtrailError, naming the folder, when there is none or it cannot be read.
    """
    found: list[World] = []
    for given in folders:
        folder = Path(given).expanduser().absolute()
        inside = list(_truths(folder))
        if not inside:
            raise VidtrailError(
                f"There is no truth.json in {folder}: render a world there (`python -m "
                "sample_videos.world render --scenario NAME --seed N --out DIR`)."
            )
        found += [read_world(path) for path in inside]
    return found


def _truths(folder: Path) -> Iterator[Path]:
    if folder.is_file() and folder.suffix == ".json":
        yield folder
    elif (folder / "truth.json").is_file():
        yield folder / "truth.json"
    elif folder.is_dir():
        yield from sorted(folder.glob("*/truth.json"))


def read_world(path: Path) -> World:
    """Read one truth file and the boxes beside it; raises VidtrailError when it is damaged."""
    try:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        video = _video(path.parent, str(raw["video"]))
        boxes = read_boxes(path.parent / "gt" / "gt.txt")
        questions = tuple(_question(entry) for entry in raw["queries"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise VidtrailError(
            f"{path} cannot be read as the truth of a clip: {problem}."
        ) from problem
    return World(video.stem, video, boxes, questions)


def _video(folder: Path, name: str) -> Path:
    for place in (folder / name, folder.parent / name, folder / "video.mp4"):
        if place.is_file():
            return place
    raise FileNotFoundError(f"{name} is not beside it")


def _question(entry: Mapping[str, Any]) -> Question:
    return Question(
        text=str(entry["text"]),
        parts=int(entry.get("parts", 1)),
        stratum=str(entry.get("stratum", "")),
        relevant=tuple(
            Relevant(int(r["object"]), float(r["t0_s"]), float(r["t1_s"]))
            for r in entry["relevant"]
        ),
        negatives=tuple(
            (int(n["object"]), str(n.get("stratum") or n.get("why", "")))
            for n in entry.get("negatives", ())
        ),
        unjudged=frozenset(int(number) for number in entry.get("unjudged", ())),
        nothing=bool(entry.get("nothing", not entry["relevant"])),
    )


def read_boxes(path: Path) -> dict[int, Boxes]:
    """Object id -> boxes, from MOTChallenge lines (frame from 1, id, x, y, width, height, ...)."""
    rows = np.loadtxt(path, delimiter=",", usecols=range(6), ndmin=2)
    if not len(rows):
        return {}
    rows = rows[np.lexsort((rows[:, 0], rows[:, 1]))]
    found = {}
    for number in np.unique(rows[:, 1]):
        mine = rows[rows[:, 1] == number]
        corners = np.concatenate([mine[:, 2:4], mine[:, 2:4] + mine[:, 4:6]], axis=1)
        frames = (mine[:, 0] - 1).astype(np.int32)
        found[int(number)] = Boxes(frames, corners.astype(np.float32))
    return found


def mean_overlap(frame: Int32, xyxy: Float32, truth: Boxes, *, least: int = 3) -> float:
    """Mean IoU of a path with an object over the frames they share; 0 for fewer than `least`."""
    _, mine, theirs = np.intersect1d(frame, truth.frame, return_indices=True)
    if len(mine) < min(least, len(frame)) or not len(mine):
        return 0.0
    a, b = xyxy[mine].astype(np.float64), truth.xyxy[theirs].astype(np.float64)
    wide = np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
    high = np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    inside = np.clip(wide, 0, None) * np.clip(high, 0, None)
    areas = [(box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]) for box in (a, b)]
    return float((inside / np.maximum(areas[0] + areas[1] - inside, 1e-9)).mean())
