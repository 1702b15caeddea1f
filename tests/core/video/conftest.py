"""Small videos made on the spot, each with the trait that its test is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from core.detections import Image

MakeVideo = Callable[..., Path]


def numbered(index: int, width: int, height: int) -> Image:
    """A picture whose left half tells its number by brightness; the top right corner is red."""
    image = np.full((height, width, 3), (index * 7) % 200 + 20, np.uint8)
    image[: height // 2, width // 2 :] = (220, 30, 30)
    return image


def write_video(
    path: Path,
    *,
    frames: int = 50,
    size: tuple[int, int] = (64, 48),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    container: str | None = None,
    pts: Sequence[int] | None = None,
    time_base: Fraction = Fraction(1, 1000),
    options: dict[str, str] | None = None,
) -> Path:
    """pts: presentation times in `time_base`; default 25 frames a second from zero."""
    stamps = [index * 40 for index in range(frames)] if pts is None else list(pts)
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream(codec, rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        stream.time_base = time_base
        stream.codec_context.time_base = time_base
        if codec == "libx264":
            stream.options = {"g": "12", "bf": "2"} | (options or {})
        for index, stamp in enumerate(stamps):
            frame = av.VideoFrame.from_ndarray(numbered(index, *size), format="rgb24")
            frame.pts = stamp
            frame.time_base = time_base
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.fixture
def make_video(tmp_path: Path) -> MakeVideo:
    def make(name: str = "clip.mp4", **traits: object) -> Path:
        return write_video(tmp_path / name, **traits)  # type: ignore[arg-type]

    return make


def turn(path: Path, matrix: tuple[float, float, float, float]) -> Path:
    """Write a display matrix (a, b, c, d) into an MP4, as phones do."""
    data = bytearray(path.read_bytes())
    header = data.index(b"tkhd")
    version = data[header + 4]
    place = header + 4 + (52 if version else 40)
    a, b, c, d = (round(value * 65536) for value in matrix)
    values = np.array([a, b, 0, c, d, 0, 0, 0, 1 << 30], ">i4")
    data[place : place + 36] = values.tobytes()
    path.write_bytes(bytes(data))
    return path
