"""Opening a media file: every way that can fail becomes one sentence for people."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from core.errors import VideoError

# Two decoder threads a file: more gains little, and stages beside it need the cores.
DECODER_THREADS = 2

# FFmpeg opens these too, but they are pictures, texts or lists of other files.
_PICTURES = {"image2", "image2pipe", "mjpeg_2000", "ico"}
_TEXTS = {"tty", "bin", "xbin", "adf", "idf"}
_LISTS = {"concat", "hls", "dash", "imf", "sdp", "rtsp", "vapoursynth", "lavfi"}
_UNREADABLE = (
    "{} is not a video, or it is damaged beyond reading "
    "(a recording that was cut off may lack its index)."
)
_NOMINAL_RATE = Fraction(25)
_HIGHEST_RATE = 1000
_MICROSECONDS = 1_000_000


def shown_name(path: Path) -> str:
    """The file's name, cut in the middle when it is too long for a sentence."""
    name = path.name or str(path)
    name = name.encode("utf-8", "replace").decode("utf-8")
    return name if len(name) <= 80 else f"{name[:50]}...{name[-25:]}"


def check_file(path: Path) -> int:
    """Size in bytes of a readable, non-empty regular file. Raises VideoError otherwise."""
    name = shown_name(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise VideoError(f"{name} is a folder, not a video file.")
        if not stat.S_ISREG(status.st_mode):
            raise VideoError(f"{name} is not a regular file.")
        with path.open("rb"):
            pass
    except FileNotFoundError:
        raise VideoError(f"{name} does not exist.") from None
    except PermissionError:
        raise VideoError(f"{name} cannot be read: no permission.") from None
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise VideoError(f"{name} cannot be read: {reason}.") from None
    except ValueError:
        raise VideoError("The file name contains a zero character.") from None
    if status.st_size == 0:
        raise VideoError(f"{name} is empty (0 bytes).")
    return status.st_size


@contextmanager
def opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The container and its first real video stream, closed at the end.

    Raises VideoError when the file is missing, unreadable, no video, or has no video stream.
    """
    check_file(path)
    name = shown_name(path)
    try:
        # "file:" and the whitelist: a name with a colon is no protocol, a playlist opens nothing.
        container = av.open(f"file:{path.absolute()}", "r", options={"protocol_whitelist": "file"})
    except (av.error.FFmpegError, UnicodeError, ValueError, OSError):
        raise VideoError(_UNREADABLE.format(name)) from None
    with container:
        yield container, _video_stream(container, name)


def _video_stream(container: InputContainer, name: str) -> VideoStream:
    kind = container.format.name
    if kind in _PICTURES or kind.endswith("_pipe"):
        raise VideoError(f"{name} is a picture, not a video.")
    if kind in _TEXTS:
        raise VideoError(f"{name} is not a video.")
    if _LISTS & set(kind.split(",")):
        raise VideoError(f"{name} is not a video but a list of other files: add those instead.")
    if not container.streams:
        raise VideoError(_UNREADABLE.format(name))
    streams = [
        stream
        for stream in container.streams.video
        if not stream.disposition & Disposition.attached_pic
    ]
    if not streams and container.streams.audio:
        raise VideoError(f"{name} has no video stream: it holds only sound.")
    if not streams:
        raise VideoError(f"{name} has no video stream (one that was cut off may have lost it).")
    stream = streams[0]
    if stream.codec_context is None:
        raise VideoError(f"{name} uses a video codec this machine cannot decode.")
    stream.thread_type = "FRAME"
    stream.codec_context.thread_count = DECODER_THREADS
    return stream


def frame_rate(stream: VideoStream) -> Fraction:
    """Frames a second as the container states it; 25 where it states nothing believable."""
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate is not None and 0 < rate <= _HIGHEST_RATE:
            return Fraction(rate)
    return _NOMINAL_RATE


def stated_duration_s(container: InputContainer, stream: VideoStream) -> float | None:
    """Length as the file states it: of the picture, else of the whole file, else None."""
    if stream.duration is not None and stream.duration > 0 and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if container.duration is not None and container.duration > 0:
        return container.duration / _MICROSECONDS
    return None
