"""Renders a clip to a video file with its ground truth beside it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
import numpy as np
import numpy.typing as npt

from sample_videos.world.scenarios.compose import Clip
from sample_videos.world.scene import Body, Moment, Stage
from sample_videos.world.truth import gt_lines, seqinfo, truth, write_gt, write_views
from sample_videos.world.truth_seen import Sightings

_log = logging.getLogger(__name__)
Image = npt.NDArray[np.uint8]


class Frame(Protocol):
    """What a renderer makes of a moment."""

    @property
    def image(self) -> Image: ...
    @property
    def boxes(self) -> Mapping[int, tuple[float, float, float, float]]: ...
    @property
    def visibility(self) -> Mapping[int, float]: ...


class Draws(Protocol):
    """A renderer bound to one stage."""

    def render(self, moment: Moment) -> Frame: ...


MakeRenderer = Callable[[Stage, Sequence[Body], tuple[int, int], int], Draws]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The files of one recording."""

    video: Path
    truth: Path
    gt: Path
    frames: int
    queries: int


def record(
    clip: Clip,
    folder: Path,
    size: tuple[int, int],
    fps: float,
    *,
    crf: int = 24,
    make: MakeRenderer | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Recorded:
    """Render every frame; write NAME.mp4 (H.264, browsers play it), gt, seqinfo and truth.

    size: even width and height in pixels. The video appears under its name when it is complete.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{clip.scenario}-{clip.seed}"
    video = folder / f"{name}.mp4"
    partial = folder / f".{name}.partial.mp4"
    total = round(clip.seconds * fps)
    renderer = (make or _renderer)(clip.stage, clip.bodies, size, clip.seed)
    sightings = Sightings(fps, size)
    try:
        _film(clip, renderer, sightings, partial, size, fps, crf, total, progress)
        partial.replace(video)
    finally:
        partial.unlink(missing_ok=True)
    content = truth(clip, sightings, video.name)
    write_gt(folder, gt_lines(clip, sightings))
    write_views(folder, clip, sightings)
    (folder / "seqinfo.ini").write_text(seqinfo(name, video.name, sightings), encoding="utf-8")
    path = folder / "truth.json"
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    _log.info("%s: %d frames, %d queries", name, total, len(content["queries"]))
    return Recorded(video, path, folder / "gt" / "gt.txt", total, len(content["queries"]))


def _film(
    clip: Clip,
    renderer: Draws,
    sightings: Sightings,
    path: Path,
    size: tuple[int, int],
    fps: float,
    crf: int,
    total: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    rate = Fraction(fps).limit_denominator(1001)
    options = {"movflags": "+faststart"}
    with av.open(str(path), "w", format="mp4", options=options) as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(crf), "preset": "slow", "profile": "high"}
        stream.gop_size = max(1, round(2 * fps))
        stream.codec_context.thread_count = 2
        for k in range(total):
            shown = renderer.render(clip.moment(k / fps))
            sightings.add(shown.boxes, shown.visibility)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(shown.image), format="rgb24")
            container.mux(stream.encode(frame))
            if progress is not None:
                progress(k + 1, total)
        container.mux(stream.encode(None))


def _renderer(stage: Stage, bodies: Sequence[Body], size: tuple[int, int], seed: int) -> Draws:
    from sample_videos.world.renderer import Renderer

    return Renderer(stage, bodies, size, seed=seed)
