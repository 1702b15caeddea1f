"""Moments cut out as clips of their own, with what proves them drawn in, and a list beside them."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import VideoError
from core.library.files import replace_bytes
from core.library.library import Library
from core.library.shard import Shard
from core.search.answer import Answer, Evidence, Moment
from core.search.export import FORMAT_VERSION, moment_data
from core.tracking.classes import RIDDEN
from core.tracks import Path as ObjectPath
from core.video.clips import Clip, cut
from core.video.overlay import BAD, GOOD, MAIN, RELATED, UNSURE, CaptionLine, Marked, Overlay

_log = logging.getLogger(__name__)

MANIFEST_NAME = "clips.json"
_MOST_LINES = 6
_PEOPLE = frozenset({"person", *RIDDEN.values()})


@dataclass(frozen=True, slots=True)
class CutMoment:
    """One moment as a clip. file: its name in the folder; error: why there is none."""

    moment: Moment
    file: str = ""
    clip: Clip | None = None
    error: str = ""


def cut_moments(
    library: Library,
    answer: Answer,
    folder: Path,
    *,
    overlay: bool = False,
    blur_others: bool = False,
    on_clip: Callable[[CutMoment], None] = lambda _: None,
) -> list[CutMoment]:
    """Write every moment that answers as an MP4 into a folder, and `clips.json` beside them.

    Pictures keep their times; sound is left out. overlay: draw the object's box, trail and number,
    others it stands in relation to in a second colour, and the parts with their p in a bar below.
    blur_others: make all other people unrecognisable where they were followed.
    A video that cannot be read leaves its moments without a clip, with the reason in `clips.json`.
    Raises VideoError when the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise _refused(folder, problem) from problem
    done = []
    for number, moment in enumerate((m for m in answer.results if m.matches), 1):
        cut_one = _cut(library, moment, number, folder, overlay=overlay, blur_others=blur_others)
        done.append(cut_one)
        on_clip(cut_one)
    data = _manifest(answer, done, overlay=overlay, blur_others=blur_others)
    try:
        replace_bytes(folder / MANIFEST_NAME, json.dumps(data, indent=1).encode())
    except OSError as problem:
        raise _refused(folder, problem) from problem
    return done


def _refused(folder: Path, problem: OSError) -> VideoError:
    return VideoError(f"{folder} cannot be written: {problem.strerror or problem}.")


def _cut(
    library: Library,
    moment: Moment,
    number: int,
    folder: Path,
    *,
    overlay: bool,
    blur_others: bool,
) -> CutMoment:
    record = library.video(moment.video_id)
    shard = library.shard(moment.video_id)
    drawn = overlay_of(shard, moment, marks=overlay, blur_others=blur_others)
    name = _file_name(number, moment)
    try:
        clip = cut(Path(record.path), moment.t0_s, moment.t1_s, folder / name, drawn)
    except VideoError as problem:
        _log.warning("%s", problem)
        return CutMoment(moment, error=str(problem))
    return CutMoment(moment, name, clip)


def overlay_of(
    shard: Shard, moment: Moment, *, marks: bool = True, blur_others: bool = False
) -> Overlay | None:
    """What to draw on the pictures of a moment; None for nothing.

    marks: the objects of the moment and the caption. blur_others: all people but these.
    """
    if not marks and not blur_others:
        return None
    table = shard.tracks()
    shown = [track for track in moment.track_ids if track in table.track_id]
    blurred: list[ObjectPath] = []
    if blur_others:
        near = (table.t0_s <= moment.t1_s) & (table.t1_s >= moment.t0_s)
        others = near & ~np.isin(table.track_id, [*shown, *moment.also])
        people = [name in _PEOPLE for name in table.class_name.tolist()]
        rows = np.flatnonzero(others & np.array(people, np.bool_))
        blurred = [shard.path_of(int(table.track_id[row])) for row in rows]
    if not marks:
        return Overlay(blurred=blurred)
    marked = [
        Marked(
            shard.path_of(track),
            f"#{track} {table.class_name[table.row_of(track)]}",
            RELATED if place else MAIN,
        )
        for place, track in enumerate(shown)
    ]
    return Overlay(marked, caption_of(moment.parts), blurred)


def caption_of(parts: Sequence[Evidence]) -> list[CaptionLine]:
    """A line for each part: its p, its words, and what proves it."""
    lines = []
    for part in parts[:_MOST_LINES]:
        colour = (GOOD if part.holds else BAD) if part.known else UNSURE
        p = f"{part.p:.2f}" if part.known else "?"
        lines.append(CaptionLine(f"{p} {part.part}: {part.text}", colour))
    return lines


def _file_name(number: int, moment: Moment) -> str:
    """A name that any system takes and that sorts by rank."""
    stem = re.sub(r"[^A-Za-z0-9]+", "-", Path(moment.video).stem).strip("-")[:40] or "video"
    track = f"-{moment.track_ids[0]}" if moment.track_ids else ""
    return f"{number:03}-{stem}{track}-{moment.t0_s:.1f}s.mp4"


def _manifest(
    answer: Answer, done: Sequence[CutMoment], *, overlay: bool, blur_others: bool
) -> dict[str, Any]:
    """{version, query, canonical, sound, overlay, blur_others, clips}.

    clips: a moment each as in `export.moment_data`, and with it file (null where there is none),
    error, frame0 and frame1 (half-open) and first_s and last_s of its pictures in the source, and
    its width and height.
    """
    return {
        "version": FORMAT_VERSION,
        "query": answer.query.text or str(answer.query),
        "canonical": str(answer.query),
        "sound": "left out",
        "overlay": overlay,
        "blur_others": blur_others,
        "clips": [_clip_data(one) for one in done],
    }


def _clip_data(done: CutMoment) -> dict[str, Any]:
    data: dict[str, Any] = {"file": done.file or None, "error": done.error or None}
    if done.clip is not None:
        data |= {
            "frame0": done.clip.frame0,
            "frame1": done.clip.frame1,
            "first_s": round(done.clip.t0_s, 4),
            "last_s": round(done.clip.t1_s, 4),
            "width": done.clip.width,
            "height": done.clip.height,
        }
    return data | moment_data(done.moment)
