"""Sequences with tracking truth: MOTChallenge folders, and the worlds this repository renders.

What counts is what the layout says, and nothing is tuned to a tracker:

- MOT16 and later (nine columns: flag, class, visibility): pedestrians with the flag count. A result
  that lies on a person on a vehicle, a person at rest, a distractor or a reflection is taken out
  (MOTChallenge's own preprocessing; in MOT20 also on a vehicle).
- 2D MOT 2015 (ten columns, no class): what has the flag counts.
- worlds (`truth.json` beside it): every object counts, of whatever class. A box of which less than
  0.3 is visible, or whose longer side is below 16 px, is neither asked for nor held against
  anybody: a result that lies on it, and on nothing that counts, is taken out.
"""

from __future__ import annotations

import configparser
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from core.detections import Bool, Float32, Int32
from core.errors import VidtrailError
from core.tracking.mot_text import MotRows, read_mot
from core.video.decode import Frame, sample
from core.video.probe import content_id, probe

Layout = Literal["MOT15", "MOT16", "world"]

LEAST_VISIBLE = 0.3
LEAST_SIDE_PX = 16.0
_PEDESTRIAN = 1
_DISTRACTORS = (2, 7, 8, 12)  # on a vehicle, static person, distractor, reflection
_VEHICLE = 6
_IMAGES = (".jpg", ".jpeg", ".png", ".bmp")
_VIDEOS = (".mp4", ".avi", ".mkv", ".mov", ".webm", ".m4v")


@dataclass(frozen=True, slots=True)
class TrueBoxes:
    """True boxes of a sequence, ordered by frame.

    frame: (N,) 0-based. object_id: (N,). xyxy: (N, 4) pixels. counts: (N,) must be found.
    drops: (N,) never counts, and takes out a result that lies on it.
    counting_first: whether results go to what counts before they go to the rest; MOTChallenge
    assigns them to all boxes at once.
    """

    frame: Int32
    object_id: Int32
    xyxy: Float32
    counts: Bool
    drops: Bool
    counting_first: bool

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True, slots=True)
class TrackingSequence:
    """One sequence of frames with its truth.

    source: a video file or a folder of pictures. length: how many frames belong to it, None for
    all there are. fps: frames a second, what gives pictures their times.
    pedestrians: only boxes of persons are asked for.
    """

    name: str
    folder: Path
    layout: Layout
    source: Path
    fps: float
    length: int | None
    truth: TrueBoxes

    @property
    def pedestrians(self) -> bool:
        return self.layout != "world"

    def frames(self) -> Iterator[Frame]:
        """All frames in order: index from 0, true time in seconds, RGB picture.

        Raises VideoError or VidtrailError when they cannot be read.
        """
        if self.source.is_dir():
            yield from self._pictures()
            return
        for frame in sample(self.source, None):
            if self.length is not None and frame.index >= self.length:
                return
            yield frame

    def _pictures(self) -> Iterator[Frame]:
        for index, path in enumerate(_images(self.source)[: self.length]):
            picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
            if picture is None:
                raise VidtrailError(f"{path} is no picture that can be read.")
            image = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
            yield Frame(index, index / self.fps, image)

    def content_id(self) -> str:
        """Names what the frames show, wherever they lie."""
        if self.source.is_file():
            return f"{content_id(self.source)}-{self.length or 'all'}"
        digest = hashlib.blake2b(f"{self.fps}".encode(), digest_size=12)
        for path in _images(self.source)[: self.length]:
            digest.update(path.read_bytes())
        return digest.hexdigest()


def sequences_in(folders: Sequence[Path | str]) -> list[TrackingSequence]:
    """The sequences in some folders, each with `gt/gt.txt` in it or in folders inside.

    Raises VidtrailError, naming the folder, for one without truth or of an unknown layout.
    """
    found: list[TrackingSequence] = []
    for given in folders:
        folder = Path(given).expanduser().absolute()
        if not folder.is_dir():
            raise VidtrailError(f"There is no folder {folder}.")
        inside = [p.parent.parent for p in sorted(folder.glob("*/gt/gt.txt"))]
        if (folder / "gt" / "gt.txt").is_file():
            found.append(read_sequence(folder))
        elif inside:
            found += [read_sequence(one) for one in inside]
        else:
            raise VidtrailError(
                f"There is no truth in {folder}: a sequence has gt/gt.txt, in MOTChallenge's "
                "layout, beside its frames."
            )
    names = [sequence.name for sequence in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise VidtrailError(f"Two sequences are named {twice}: give each folder once.")
    return found


def read_sequence(folder: Path) -> TrackingSequence:
    """Read one folder; raises VidtrailError where truth or frames are missing or unknown."""
    stated = _seqinfo(folder)
    world = _world(folder)
    rows = read_mot(folder / "gt" / "gt.txt")
    layout = _layout(folder, rows, world is not None)
    video = None if world is None else str(world["video"])
    source = _source(folder, stated.get("imDir") or video)
    rate = stated.get("frameRate") or (None if world is None else str(world["fps"]))
    length = stated.get("seqLength")
    try:
        fps = float(rate) if rate else _own_rate(folder, source)
        count = int(length) if length else None
    except ValueError:
        raise VidtrailError(f"{folder / 'seqinfo.ini'} states no usable rate or length.") from None
    if not fps > 0:
        raise VidtrailError(f"{folder / 'seqinfo.ini'} states a frame rate of {fps}.")
    return TrackingSequence(
        name=folder.name,
        folder=folder,
        layout=layout,
        source=source,
        fps=fps,
        length=count,
        truth=_truth(rows, layout, folder.name),
    )


def _seqinfo(folder: Path) -> dict[str, str]:
    path = folder / "seqinfo.ini"
    if not path.is_file():
        return {}
    parser = configparser.ConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read(path, encoding="utf-8")
        return dict(parser["Sequence"])
    except (configparser.Error, KeyError, UnicodeDecodeError):
        raise VidtrailError(f"{path} cannot be read: it has a section [Sequence].") from None


def _world(folder: Path) -> dict[str, object] | None:
    path = folder / "truth.json"
    if not path.is_file():
        return None
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return {"video": raw["video"], "fps": float(raw["fps"])}
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise VidtrailError(
            f"{path} cannot be read as the truth of a clip: {problem}."
        ) from problem


def _layout(folder: Path, rows: MotRows, world: bool) -> Layout:
    columns = rows.more.shape[1]
    if world and columns == 2:
        return "world"
    if not world and columns == 2:
        return "MOT16"
    if not world and columns == 3:
        return "MOT15"
    raise VidtrailError(
        f"{folder / 'gt' / 'gt.txt'} has {columns + 7} columns: known are 9 (frame, id, left, top, "
        "width, height, flag, class, visibility) and the 10 of 2D MOT 2015."
    )


def _source(folder: Path, named: str | None) -> Path:
    if named:
        for place in (folder / named, folder.parent / named):
            if place.is_file() or (place.is_dir() and _images(place)):
                return place
        raise VidtrailError(f"{folder} has no frames: {named} is not there or is empty.")
    if _images(folder / "img1"):
        return folder / "img1"
    videos = [p for p in sorted(folder.iterdir()) if p.suffix.lower() in _VIDEOS]
    if len(videos) == 1:
        return videos[0]
    raise VidtrailError(
        f"{folder} has no frames: a folder img1 of pictures or one video belongs there, or "
        "seqinfo.ini names either as imDir."
    )


def _images(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [p for p in sorted(folder.iterdir()) if p.suffix.lower() in _IMAGES]


def _own_rate(folder: Path, source: Path) -> float:
    if source.is_file():
        return probe(source).fps
    raise VidtrailError(f"{folder} does not say how many frames a second it has: add seqinfo.ini.")


def _truth(rows: MotRows, layout: Layout, name: str) -> TrueBoxes:
    flagged = rows.confidence != 0.0
    if layout == "MOT15":
        counts, drops = flagged, np.zeros(len(rows), np.bool_)
    elif layout == "MOT16":
        class_id = rows.more[:, 0].astype(np.int32)
        away = (*_DISTRACTORS, _VEHICLE) if name.startswith("MOT20") else _DISTRACTORS
        counts, drops = flagged & (class_id == _PEDESTRIAN), np.isin(class_id, away)
    else:
        longer = (rows.xyxy[:, 2:] - rows.xyxy[:, :2]).max(axis=1, initial=0.0)
        plain = (rows.more[:, 1] >= LEAST_VISIBLE) & (longer >= LEAST_SIDE_PX)
        counts = flagged & plain
        drops = ~counts
    return TrueBoxes(
        frame=rows.frame,
        object_id=rows.id,
        xyxy=rows.xyxy,
        counts=counts,
        drops=drops,
        counting_first=layout == "world",
    )
