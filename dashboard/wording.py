"""From the engine's answers and the catalog's records to what pages show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dashboard.moment_words import BestCrop, moment_view
from dashboard.views import AnswerView, PathView, VideoView, clock, counted

if TYPE_CHECKING:
    from core.library.catalog import VideoRecord
    from core.search.answer import Answer, Miss
    from core.tracks import FrameSize, Path

NEAR = 8
DRAWN_HZ = 10


def video_view(record: VideoRecord) -> VideoView:
    return VideoView(
        id=record.video_id,
        name=record.name,
        length=clock(record.duration_s),
        duration_s=record.duration_s,
        objects=record.n_tracks,
        state=record.state,
        error=record.error or None,
    )


def answer_view(answer: Answer, best_crop: BestCrop, took_s: float) -> AnswerView:
    """An answer for a page. `best_crop` gives the picture that shows a track best."""
    close = [moment for moment in answer.results if not moment.matches]
    near = sorted((*close, *answer.near_misses), key=lambda moment: -moment.score)
    return AnswerView(
        understood=tuple(words for _kind, words in answer.query.parts()),
        unknown=tuple(answer.unknown_words),
        untested=tuple(answer.untested),
        found=tuple(moment_view(m, best_crop) for m in answer.results if m.matches),
        near=tuple(moment_view(moment, best_crop) for moment in near[:NEAR]),
        funnel=tuple((step.text, step.count) for step in answer.funnel),
        misses=tuple(miss_words(miss) for miss in answer.misses),
        took_s=took_s,
    )


def miss_words(miss: Miss) -> str:
    """How many fail one part only, and what they are instead."""
    verb = "fits" if miss.count == 1 else "fit"
    said = f"{counted(miss.count, 'object')} {verb} all but “{miss.part}”"
    instead = ", ".join(f"{count:,} {words}" for words, count in miss.instead)
    return f"{said}: {instead}" if instead else said


def path_view(path: Path, size: FrameSize, t0_s: float, t1_s: float) -> PathView:
    """A span of a path for drawing over the video, at most `DRAWN_HZ` boxes a second."""
    rows = np.flatnonzero((path.t_s >= t0_s) & (path.t_s <= t1_s))
    if len(rows):
        ticks = np.floor(path.t_s[rows] * DRAWN_HZ)
        rows = rows[np.diff(ticks, prepend=-1.0) > 0]
    scale = np.array([size.width, size.height] * 2, np.float64)
    boxes = np.clip(path.xyxy[rows] / scale, 0.0, 1.0).round(4)
    return PathView(path.t_s[rows].round(3).tolist(), boxes.tolist())
