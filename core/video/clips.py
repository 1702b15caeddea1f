"""Writing MP4 files that browsers play: rendered clips and cut-out moments."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import cv2
import numpy as np

from core.detections import Image
from core.errors import VideoError
from core.video.container import DECODER_THREADS, shown_name
from core.video.decode import Frame, sample
from core.video.overlay import Overlay

_TIME_BASE = Fraction(1, 90_000)
_NOMINAL_FPS = 30.0  # of clips whose pictures bring their own times


class ClipWriter:
    """Writes RGB pictures as H.264 (yuv420p, index first); the file appears when it is complete.

    Odd sizes are padded by one repeated row or column, as the pixel format asks for.
    Use as a context manager; after an exception inside it no file is left.
    Raises VideoError when the file cannot be written.
    """

    def __init__(self, path: Path, width: int, height: int, fps: float, crf: int = 23) -> None:
        if width < 1 or height < 1 or not fps > 0:
            raise ValueError(f"no clip of {width}x{height} at {fps} frames a second")
        self._path = path
        self._part = path.with_name(f".{path.stem[:60]}.part.mp4")
        self._size = (width, height)
        self._fps = fps
        self._count = 0
        self._last_pts = -1
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._container = av.open(
                str(self._part), "w", format="mp4", options={"movflags": "+faststart"}
            )
        except OSError as problem:
            raise VideoError(
                f"{shown_name(path)} cannot be written: {problem.strerror or problem}."
            ) from None
        rate = Fraction(fps).limit_denominator(1001)
        self._stream = self._container.add_stream(
            "libx264", rate=rate, options={"crf": str(crf), "preset": "veryfast"}
        )
        self._stream.width = width + width % 2
        self._stream.height = height + height % 2
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = _TIME_BASE
        self._stream.codec_context.time_base = _TIME_BASE
        self._stream.codec_context.thread_count = DECODER_THREADS

    def write(self, image: Image, t_s: float | None = None) -> None:
        """Append a picture, shown from t_s on (seconds from the clip's start), else at its tick.

        Raises ValueError when the picture's size is not the clip's.
        """
        height, width = image.shape[:2]
        if (width, height) != self._size:
            raise ValueError(f"clip is {self._size}, picture is {(width, height)}")
        if width % 2 or height % 2:
            image = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        wanted = Fraction(self._count) / Fraction(self._fps) if t_s is None else Fraction(t_s)
        self._last_pts = max(round(wanted / _TIME_BASE), self._last_pts + 1)
        frame.pts = self._last_pts
        frame.time_base = _TIME_BASE
        self._count += 1
        try:
            self._container.mux(self._stream.encode(frame))
        except OSError as problem:
            raise VideoError(
                f"{shown_name(self._path)} cannot be written: {problem.strerror or problem}."
            ) from None

    def __enter__(self) -> ClipWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode(None))
            self._container.close()
            if kind is None:
                self._part.replace(self._path)
        except OSError as failure:
            raise VideoError(
                f"{shown_name(self._path)} cannot be written: {failure.strerror or failure}."
            ) from None
        finally:
            self._part.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip that was written. frame0, frame1: its pictures in the source, half-open.

    t0_s, t1_s: when its first and its last picture begin in the source. width, height: as written.
    """

    frame0: int
    frame1: int
    t0_s: float
    t1_s: float
    width: int
    height: int


def cut(
    path: Path,
    t0_s: float,
    t1_s: float,
    out: Path,
    overlay: Overlay | None = None,
    *,
    long_side_px: int = 1280,
) -> Clip:
    """Write the moment [t0_s, t1_s) of a video as an MP4 of its own: every picture, at its time.

    The pictures are encoded anew, so that the clip begins and ends where it should; sound is left
    out. overlay: what to draw on them. long_side_px: larger pictures are made smaller to this.
    Raises VideoError when nothing can be decoded there, or the clip cannot be written.
    """
    if not t1_s > t0_s:
        raise ValueError(f"an empty moment: [{t0_s}, {t1_s})")
    with closing(sample(path, None, start_s=max(t0_s, 0.0), stop_s=t1_s)) as frames:
        first = next(frames, None)
        if first is None:
            raise VideoError(
                f"{shown_name(path)} has no picture between {t0_s:.1f} and {t1_s:.1f} s."
            )
        picture = _finished(first, overlay, long_side_px)
        height, width = picture.shape[:2]
        last = first
        with ClipWriter(out, width, height, fps=_NOMINAL_FPS) as writer:
            writer.write(picture, 0.0)
            for last in frames:
                writer.write(_finished(last, overlay, long_side_px), last.t_s - first.t_s)
    even = (width + width % 2, height + height % 2)
    return Clip(first.index, last.index + 1, first.t_s, last.t_s, *even)


def _finished(frame: Frame, overlay: Overlay | None, long_side_px: int) -> Image:
    image = frame.image
    height, width = image.shape[:2]
    shrink = min(1.0, long_side_px / max(width, height))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    if shrink < 1.0:
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    if overlay is None:
        return image
    return overlay.drawn(image, frame.t_s, (size[0] / width, size[1] / height))
