"""What a media file is, found by opening it and decoding one frame."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av.error
from av.container import InputContainer
from av.video.stream import VideoStream

from core.errors import VideoError
from core.video.container import check_file, frame_rate, opened, shown_name, stated_duration_s
from core.video.decode import DecodeReport, timed_frames
from core.video.picture import displayed_size, rotation

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What is known of a video before it is decoded.

    video_id: `content_id` of the file. width, height: of the displayed picture, pixels (sample
    aspect ratio is not applied). rotation: clockwise degrees applied for display.
    duration_s, fps: as the file states them; fps is a mean where the rate varies.
    frame_count: as stated, None where nothing is stated.
    """

    path: Path
    video_id: str
    width: int
    height: int
    rotation: int
    duration_s: float
    fps: float
    codec: str
    frame_count: int | None
    size_bytes: int


def content_digest() -> hashlib.blake2b:
    """What a file's bytes are fed to for its `content_id`, which is then its `hexdigest`."""
    return hashlib.blake2b(digest_size=12)


def content_id(path: Path) -> str:
    """24 hex characters that name the content: the same for copies under other names.

    Raises VideoError when the file cannot be read.
    """
    check_file(path)
    digest = content_digest()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise VideoError(f"{shown_name(path)} cannot be read: {reason}.") from None
    return digest.hexdigest()


def probe(path: Path) -> VideoInfo:
    """Look into a file and decode its first frame.

    Raises VideoError, with one sentence, for a file that is missing, a folder, not readable,
    empty, no video, without a video stream, or without a decodable frame.
    """
    size_bytes = check_file(path)
    with opened(path) as (container, stream):
        fps = frame_rate(stream)
        stated_s = stated_duration_s(container, stream)
        duration_s = _measured_duration_s(container, stream, fps) if stated_s is None else stated_s
        codec = stream.codec_context.name
        frame_count = stream.frames or None
    with closing(timed_frames(path, 0.0, DecodeReport())) as frames:
        first = next(frames, None)
    if first is None:
        raise VideoError(f"{shown_name(path)} holds no frame that can be decoded.")
    width, height = displayed_size(first[1])
    return VideoInfo(
        path=path,
        video_id=content_id(path),
        width=width,
        height=height,
        rotation=rotation(first[1]),
        duration_s=duration_s,
        fps=float(fps),
        codec=codec,
        frame_count=frame_count,
        size_bytes=size_bytes,
    )


def _measured_duration_s(container: InputContainer, stream: VideoStream, fps: Fraction) -> float:
    """Length found by reading all packets, for files that state none."""
    count = 0
    stamps: list[int] = []
    try:
        for packet in container.demux(stream):
            if packet.size:
                count += 1
                if packet.pts is not None:
                    stamps.append(packet.pts)
    except av.error.FFmpegError as problem:
        if not count:
            raise VideoError(
                f"{shown_name(Path(container.name))} is damaged: nothing can be read from it."
            ) from problem
    if len(stamps) == count > 0 and stream.time_base is not None:
        return float((max(stamps) - min(stamps)) * stream.time_base + 1 / fps)
    return float(count / fps)
