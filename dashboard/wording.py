"""From the engine's answers and the catalog's records to what pages show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dashboard.links import crop_url, moment_url, path_url
from dashboard.views import (
    AnswerView,
    MomentView,
    PartView,
    PathView,
    VideoView,
    clock,
    counted,
    level,
)

if TYPE_CHECKING:
    from core.library.catalog import VideoRecord
    from core.search.answer import Answer, Evidence, Miss, Moment
    from core.tracks import FrameSize, Path

BestCrop = Callable[[str, int], int | None]
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


def moment_view(moment: Moment, best_crop: BestCrop) -> MomentView:
    video_id, tracks = moment.video_id, moment.track_ids
    crop_id = best_crop(video_id, tracks[0]) if tracks else None
    t0_s, t1_s = moment.t0_s, max(moment.t1_s, moment.t0_s + 0.1)
    return MomentView(
        id=f"{video_id}:{'-'.join(map(str, tracks))}:{t0_s:.2f}",
        video=moment.video,
        span=f"{clock(t0_s, 1)} – {clock(t1_s, 1)}",
        t0_s=t0_s,
        t1_s=t1_s,
        score=moment.score,
        picture=None if crop_id is None else crop_url(video_id, crop_id),
        source=moment_url(video_id, t0_s, t1_s),
        path=path_url(video_id, tracks[0], t0_s, t1_s) if tracks else None,
        parts=_part_views(moment),
    )


def path_view(path: Path, size: FrameSize, t0_s: float, t1_s: float) -> PathView:
    """A span of a path for drawing over the video, at most `DRAWN_HZ` boxes a second."""
    rows = np.flatnonzero((path.t_s >= t0_s) & (path.t_s <= t1_s))
    if len(rows):
        ticks = np.floor(path.t_s[rows] * DRAWN_HZ)
        rows = rows[np.diff(ticks, prepend=-1.0) > 0]
    scale = np.array([size.width, size.height] * 2, np.float64)
    boxes = np.clip(path.xyxy[rows] / scale, 0.0, 1.0).round(4)
    return PathView(path.t_s[rows].round(3).tolist(), boxes.tolist())


def _part_views(moment: Moment) -> tuple[PartView, ...]:
    """The parts; a picture that proves several is shown once."""
    views: list[PartView] = []
    for evidence in moment.parts:
        view = _part_view(evidence, moment.video_id)
        if view.picture in {earlier.picture for earlier in views}:
            view = replace(view, picture=None)
        views.append(view)
    return tuple(views)


def _part_view(evidence: Evidence, video_id: str) -> PartView:
    crop_id = evidence.proof.get("crop_id")
    seen_in = str(evidence.proof.get("video_id", video_id))
    return PartView(
        label=evidence.part,
        p=evidence.p,
        level=level(evidence.p) if evidence.known else "unknown",
        text=evidence.text,
        picture=None if crop_id is None else crop_url(seen_in, int(crop_id)),
    )
