"""When each frame of a file is shown, read from its packets without decoding them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av.error
import numpy as np

from core.detections import Float64
from core.errors import VideoError
from core.video.container import opened, shown_name
from core.video.decode import first_stamp

# An index goes by decoding time: the keyframe it leads to may be shown a little after that.
_EARLIER_S = 2


@dataclass(frozen=True, slots=True)
class FrameTimes:
    """Presentation times of consecutive frames.

    origin_s: the file's own time of its first frame, which a player counts from; add it to get
    what a browser calls the media time. t_s: (F,) seconds from the first frame, increasing.
    """

    origin_s: float
    t_s: Float64


def frame_times(path: Path, t0_s: float = 0.0, t1_s: float = math.inf) -> FrameTimes:
    """Times of the frames shown in [t0_s, t1_s), by their own stamps.

    Reads only that part of the file. Raises VideoError when the file cannot be opened, or its
    frames carry no usable stamps.
    """
    origin = first_stamp(path)
    with opened(path) as (container, stream):
        if origin is None or stream.time_base is None:
            raise VideoError(f"{shown_name(path)} does not say when its frames are shown.")
        base = stream.time_base
        low = origin + Fraction(max(t0_s, 0.0)) / base
        high = math.inf if math.isinf(t1_s) else origin + Fraction(t1_s) / base
        stamps: list[int] = []
        try:
            if t0_s > _EARLIER_S:
                container.seek(math.floor(low - _EARLIER_S / base), stream=stream, backward=True)
            for packet in container.demux(stream):
                if packet.size == 0 or packet.is_discard:
                    continue
                if packet.pts is None:
                    raise VideoError(f"{shown_name(path)} does not say when its frames are shown.")
                if low <= packet.pts < high:
                    stamps.append(packet.pts)
                # A packet is never shown before its decoding time: nothing later can count.
                if packet.dts is not None and packet.dts >= high:
                    break
        except av.error.FFmpegError as problem:
            raise VideoError(
                f"{shown_name(path)} is damaged: its times cannot be read."
            ) from problem
    ticks = np.unique(np.asarray(stamps, np.int64)) - origin
    return FrameTimes(float(origin * base), (ticks * float(base)).astype(np.float64))
