"""What is true of a clip: objects with their boxes, and questions with their answers.

Reads what `python -m sample_videos.world render` writes: `truth.json`, and `gt/gt.txt` in the
MOTChallenge layout.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.detections import Float32, Float64, Int32
from core.errors import VidtrailError
from core.tracks import FrameSize

Spans = tuple[tuple[float, float], ...]
NO_WORDING = "canonical"


@dataclass(frozen=True, slots=True)
class Boxes:
    """One true object's boxes. frame: (N,) 0-based, ascending; xyxy: (N, 4) pixels. visible: (N,)
    share of the object that shows, in [0, 1].
    """

    frame: Int32
    xyxy: Float32
    visible: Float32 = field(default_factory=lambda: np.zeros(0, np.float32))


@dataclass(frozen=True, slots=True)
class TrueObject:
    """What an object is and what it did.

    kind, variant, colour: as the world calls them; colours: all it may be called. clear: seen well
    for long enough to be judged. did: motion -> spans (seconds) in which it was surely seen.
    unsure: motions of which nobody can say. may_be: other kinds and colours that nobody could
    deny.
    """

    kind: str
    variant: str = ""
    colour: str = ""
    colours: tuple[str, ...] = ()
    clear: bool = True
    did: Mapping[str, Spans] = field(default_factory=dict)
    unsure: frozenset[str] = frozenset()
    may_be: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TrueRelation:
    """`subject` did `kind` to `object` from t0_s to t1_s; seen: both showed well meanwhile."""

    kind: str
    subject: int
    object: int
    t0_s: float
    t1_s: float
    seen: bool


@dataclass(frozen=True, slots=True)
class Relevant:
    """An object that answers, and when."""

    object_id: int
    t0_s: float
    t1_s: float


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its truth. negatives: (object, stratum) that should lose against every
    relevant one. unjudged: objects of which nobody can say. wordings: (origin, text) of further
    ways to ask it. verdicts: object -> a sign for each of `judged`, "+" holds, "-" does not, "?"
    nobody can say; judged: kinds of parts. missing: why nothing answers ("parts": each is there,
    but never on one object), "" where something does or nobody said. asked: what the question
    asks for, by name.
    """

    text: str
    parts: int
    stratum: str
    relevant: tuple[Relevant, ...]
    negatives: tuple[tuple[int, str], ...]
    unjudged: frozenset[int]
    nothing: bool
    wordings: tuple[tuple[str, str], ...] = ()
    judged: tuple[str, ...] = ()
    verdicts: Mapping[int, str] = field(default_factory=dict)
    missing: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def objects(self) -> frozenset[int]:
        return frozenset(relevant.object_id for relevant in self.relevant)

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """(origin, text) of every way to ask it, the plain one first."""
        return ((NO_WORDING, self.text), *self.wordings)


@dataclass(frozen=True, slots=True)
class TrueAnomaly:
    """`object` does `kind`, which nobody else does there, from t0_s to t1_s."""

    object: int
    kind: str
    t0_s: float
    t1_s: float


@dataclass(frozen=True, slots=True)
class World:
    """One clip with its truth.

    complete: whether every object that shows is in it; else what lies on none cannot be judged.
    views: frame -> (3, 3) homography to the pixels of the first frame, where the camera moves.
    place: what clips of one view share, "" where none does. anomalies: what is unusual there.
    """

    name: str
    video: Path
    boxes: Mapping[int, Boxes]
    questions: tuple[Question, ...]
    objects: Mapping[int, TrueObject] = field(default_factory=dict)
    relations: tuple[TrueRelation, ...] = ()
    size: FrameSize = field(default_factory=lambda: FrameSize(0, 0))
    fps: float = 25.0
    frames: int = 0
    light: str = ""
    complete: bool = True
    views: Float64 | None = None
    place: str = ""
    anomalies: tuple[TrueAnomaly, ...] = ()

    @property
    def duration_s(self) -> float:
        return self.frames / self.fps


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
        return World(
            name=video.stem,
            video=video,
            boxes=boxes,
            questions=tuple(_question(entry) for entry in raw["queries"]),
            objects=_objects(raw),
            relations=tuple(_relation(entry) for entry in raw.get("relations", ())),
            size=FrameSize(int(raw.get("width", 0)), int(raw.get("height", 0))),
            fps=float(raw.get("fps", 25.0)),
            frames=int(raw.get("frames", 0)),
            light=str(raw.get("light", "")),
            views=_views(path.parent / "gt" / "camera.txt"),
            place=str(raw.get("place", "")),
            anomalies=tuple(
                TrueAnomaly(
                    int(entry["object"]),
                    str(entry["kind"]),
                    float(entry["t0_s"]),
                    float(entry["t1_s"]),
                )
                for entry in raw.get("anomalies", ())
            ),
        )
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise VidtrailError(
            f"{path} cannot be read as the truth of a clip: {problem}."
        ) from problem


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
        wordings=tuple(
            (str(p["origin"]), str(p["text"]))
            for p in entry.get("paraphrases", ())
            if p["origin"] != NO_WORDING
        ),
        judged=tuple(entry.get("judged", ())),
        verdicts={int(k): str(signs) for k, signs in entry.get("verdicts", {}).items()},
        missing=str(entry.get("missing", "")),
        asked=dict(entry.get("asked", {})),
    )


def _objects(raw: Mapping[str, Any]) -> dict[int, TrueObject]:
    """Older truth has no `did`: what its events say was seen is taken then."""
    seen: dict[int, dict[str, list[tuple[float, float]]]] = {}
    for event in raw.get("events", ()):
        if event["visible"]:
            spans = seen.setdefault(int(event["object"]), {}).setdefault(str(event["kind"]), [])
            spans.append((float(event["t0_s"]), float(event["t1_s"])))
    found = {}
    for entry in raw.get("objects", ()):
        number = int(entry["id"])
        did = entry.get("did", seen.get(number, {}))
        found[number] = TrueObject(
            kind=str(entry["type"]),
            variant=str(entry.get("variant", "")),
            colour=str(entry["colour"]),
            colours=tuple(entry.get("colours", (entry["colour"],))),
            clear=bool(entry.get("clear", True)),
            did={kind: tuple((float(a), float(b)) for a, b in did[kind]) for kind in did},
            unsure=frozenset(entry.get("unsure", ())),
            may_be=frozenset(entry.get("may_be", ())),
        )
    return found


def _relation(entry: Mapping[str, Any]) -> TrueRelation:
    return TrueRelation(
        kind=str(entry["kind"]),
        subject=int(entry["subject"]),
        object=int(entry["object"]),
        t0_s=float(entry["t0_s"]),
        t1_s=float(entry["t1_s"]),
        seen=bool(entry["visible"]),
    )


def _views(path: Path) -> Float64 | None:
    """(F, 3, 3) views of a camera that moves, one row of nine numbers a frame."""
    if not path.is_file():
        return None
    return np.loadtxt(path, delimiter=",", ndmin=2).reshape(-1, 3, 3)


def read_boxes(path: Path) -> dict[int, Boxes]:
    """Object id -> boxes, from MOTChallenge lines (frame from 1, id, x, y, width, height, ...)."""
    rows = np.loadtxt(path, delimiter=",", ndmin=2)
    if not len(rows):
        return {}
    visible = rows[:, 8] if rows.shape[1] > 8 else np.ones(len(rows))
    rows = np.concatenate([rows[:, :6], visible[:, None]], axis=1)
    rows = rows[np.lexsort((rows[:, 0], rows[:, 1]))]
    found = {}
    for number in np.unique(rows[:, 1]):
        mine = rows[rows[:, 1] == number]
        corners = np.concatenate([mine[:, 2:4], mine[:, 2:4] + mine[:, 4:6]], axis=1)
        frames = (mine[:, 0] - 1).astype(np.int32)
        found[int(number)] = Boxes(
            frames, corners.astype(np.float32), mine[:, 6].astype(np.float32)
        )
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
