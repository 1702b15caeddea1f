"""The boxes of a video as the player draws them: a binary file, little endian.

    0   u32 magic "VTO1"     u32 frames F     u32 samples S     u32 boxes N
    16  f64 origin_s         f64 t0_s         f64 t1_s          f64 longest_gap_s
    48  i32 first_frame      u32 exact        f64 fps
    64  f64 frame_t_s[F]     when each frame of the span is shown, seconds from the first one
        f64 sample_t_s[S]    when each frame was shown that objects were looked for in
        i32 sample_frame[S]  its number in the file, from 0
        u32 offsets[S + 1]   boxes of sample s are rows offsets[s] to offsets[s + 1]
        i32 track_id[N]
        f32 confidence[N]    0 where interpolated
        f32 xyxy[N][4]       shares of the picture's width and height
        u16 class[N]         place in the list of classes that the timeline names
        u8  flags[N]         1: no detection backs the box

Rows of one sample are ordered by track. Frames are those in [t0_s, t1_s); samples reach
`BEFORE_S` and `AFTER_S` beyond, so that every box and trail of the span can be drawn from one file.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.detections import Float64, Int32
from core.library.export import ExportedBoxes, boxes_of
from core.library.shard import Shard
from core.video.times import FrameTimes

MAGIC = int.from_bytes(b"VTO1", "little")
LONGEST_GAP_S = 2.0
"""An object seen before and after a longer gap is not shown within it, as in clips."""
BEFORE_S = 4.0  # a trail is shorter
AFTER_S = LONGEST_GAP_S + 0.1
BOXES_A_WINDOW = 60_000
LONGEST_WINDOW_S = 300.0
INTERPOLATED = 1
_HEADER = struct.Struct("<4I4diId")


@dataclass(frozen=True, slots=True)
class Span:
    """What to pack: [t0_s, t1_s) of a video.

    times: of the frames in it; `exact` tells whether they are the file's own, as opposed to those
    of the sampled frames.
    """

    t0_s: float
    t1_s: float
    times: FrameTimes
    exact: bool


def window_s(shard: Shard) -> float:
    """Length of the windows in which a player asks for this video; all of it if it is small."""
    tracks = shard.tracks()
    boxes = int(tracks.n_boxes.sum() + tracks.n_interpolated.sum())
    length = max(shard.meta.duration_s, 1.0)
    if boxes <= BOXES_A_WINDOW and length <= LONGEST_WINDOW_S:
        return length + 1.0
    return max(10.0, min(LONGEST_WINDOW_S, length * BOXES_A_WINDOW / max(boxes, 1)))


def classes_of(shard: Shard) -> tuple[str, ...]:
    """Names of the classes of the tracks, in the order that the file's numbers mean."""
    return tuple(sorted({str(name) for name in shard.tracks().class_name}))


def sampled_times(shard: Shard, t0_s: float, t1_s: float) -> FrameTimes:
    """The frames with a box in [t0_s, t1_s), where the file itself does not tell its times."""
    t_s = np.unique(_boxes(shard).t_s)
    return FrameTimes(0.0, t_s[(t_s >= t0_s) & (t_s < t1_s)])


def packed(shard: Shard, span: Span) -> bytes:
    """The file for a span of a video; raises LibraryError where the shard is damaged."""
    whole = _boxes(shard)
    rows = slice(*np.searchsorted(whole.t_s, [span.t0_s - BEFORE_S, span.t1_s + AFTER_S]).tolist())
    frame, first = np.unique(whole.frame[rows], return_index=True)
    t_s = whole.t_s[rows][first]
    count = len(whole.frame[rows])
    size = np.array([shard.meta.width, shard.meta.height] * 2, np.float32)
    header = _HEADER.pack(
        MAGIC, len(span.times.t_s), len(frame), count,
        span.times.origin_s, span.t0_s, span.t1_s, LONGEST_GAP_S,
        _first_frame(span.times.t_s, frame, t_s, shard.meta.fps), int(span.exact), shard.meta.fps,
    )  # fmt: skip
    number = np.searchsorted(np.array(classes_of(shard), np.str_), whole.class_name[rows])
    return b"".join(
        (
            header,
            span.times.t_s.astype("<f8").tobytes(),
            t_s.astype("<f8").tobytes(),
            frame.astype("<i4").tobytes(),
            np.append(first, count).astype("<u4").tobytes(),
            whole.track_id[rows].astype("<i4").tobytes(),
            whole.confidence[rows].astype("<f4").tobytes(),
            (whole.xyxy[rows] / size).astype("<f4").tobytes(),
            number.astype("<u2").tobytes(),
            (whole.interpolated[rows] * np.uint8(INTERPOLATED)).astype("u1").tobytes(),
        )
    )


def _first_frame(times: Float64, frame: Int32, t_s: Float64, fps: float) -> int:
    """Number in the file of the first of `times`, told from the nearest sampled frame."""
    if not len(times):
        return 0
    if not len(frame):
        return round(float(times[0]) * fps)
    nearest = int(np.argmin(np.abs(t_s - times[0])))
    between = int(np.searchsorted(times, t_s[nearest] - 1e-4))
    if t_s[nearest] >= times[0] - 1e-4:
        return int(frame[nearest]) - between
    return int(frame[nearest]) + round((float(times[0]) - float(t_s[nearest])) * fps)


@lru_cache(maxsize=2)
def _boxes(shard: Shard) -> ExportedBoxes:
    """All boxes of a video by time; a shard never changes, so the last ones asked are kept."""
    return boxes_of(shard)
