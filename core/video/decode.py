"""Frames of a video by presentation time, forward only, resumable to the very same frames."""

from __future__ import annotations

import logging
import math
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av.error
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from core.detections import Image
from core.errors import VideoError
from core.video.clock import Clock
from core.video.container import frame_rate, opened, shown_name, stated_duration_s
from core.video.picture import displayed_size, to_picture

logger = logging.getLogger(__name__)

# Ticks of the sampling grid are compared with this slack, so that 1/15 s times 15 is one.
_TICK_SLACK = 1e-6
# A seek may land after the wanted frame (indexes go by decoding time): go further back then.
_STEPS_BACK_S = (0, 2, 10, 60)
_GIVE_UP_AFTER_BAD_READS = 50


@dataclass(frozen=True, slots=True)
class Frame:
    """One displayed picture.

    index: 0-based, in presentation order over the whole stream. t_s: seconds from the first frame.
    image: (H, W, 3) RGB uint8, rotation applied.
    """

    index: int
    t_s: float
    image: Image


@dataclass(slots=True)
class DecodeReport:
    """What a pass over the file met; filled while the frames are taken.

    damaged_packets: pieces that could not be decoded, or were marked damaged.
    repaired_timestamps: frames whose own time could not be used.
    last_t_s: time of the last frame seen. next_index: index of the first frame not looked at yet,
    which is the `start_index` with which the next piece starts.
    """

    damaged_packets: int = 0
    repaired_timestamps: int = 0
    last_t_s: float = 0.0
    next_index: int = 0


def sample(
    path: Path,
    fps: float | None,
    *,
    start_s: float = 0.0,
    start_index: int | None = None,
    stop_s: float | None = None,
    report: DecodeReport | None = None,
) -> Generator[Frame]:
    """Keep the first frame at or after each tick k / fps, for times in [start_s, stop_s).

    fps None keeps every frame. The grid starts at the first frame of the stream wherever the
    reading starts, so pieces laid end to end give the frames of one pass.
    start_index: index of the first frame at or after start_s; None counts it (exact unless
    packets before it are damaged).
    A damaged or truncated file gives what can be decoded, with a warning in the log.
    Raises VideoError when the file cannot be opened or not one frame can be decoded.
    """
    if fps is not None and not fps > 0:
        raise ValueError(f"fps must be positive, got {fps}")
    report = DecodeReport() if report is None else report
    index = 0
    if start_s > 0:
        index = count_before(path, start_s) if start_index is None else start_index
    tick_before = -1
    size: tuple[int, int] | None = None
    with closing(timed_frames(path, start_s, report)) as frames:
        for t_s, frame in frames:
            if size is None:
                size = displayed_size(frame)
            tick = 0 if fps is None else math.floor(t_s * fps + _TICK_SLACK)
            if t_s < start_s:
                tick_before = tick
                continue
            report.next_index = index
            if stop_s is not None and t_s >= stop_s:
                return
            report.last_t_s = t_s
            if fps is None or tick > tick_before:
                yield Frame(index, t_s, to_picture(frame, size))
            tick_before = tick
            index += 1
            report.next_index = index
    if report.repaired_timestamps:
        logger.warning(
            "%s: %d frames had missing or backward times; they were put in order",
            shown_name(path),
            report.repaired_timestamps,
        )


def timed_frames(
    path: Path, start_s: float, report: DecodeReport, *, trusting: bool = False
) -> Generator[tuple[float, VideoFrame]]:
    """(seconds from the first frame, decoded frame) in presentation order, not yet converted.

    The first one lies before start_s, or is the first of the stream: what was on screen at
    start_s is always among them.
    trusting: take the times before start_s for sound without reading them, which for a late
    moment of a long file saves seconds; times may then differ from those of a whole pass.
    """
    origin: int | None = None
    if start_s > 0 and trusting:
        origin = first_stamp(path)
    elif start_s > 0:
        lead = _sound_lead(path, start_s)
        origin = None if lead is None else lead.origin
    if origin is not None:
        for back_s in _STEPS_BACK_S:
            if start_s - back_s <= 0:
                break
            attempt = DecodeReport()
            frames = _from_keyframe(path, origin, start_s - back_s, attempt)
            with closing(frames):
                first = next(frames, None)
                if first is None or first[0] >= start_s:
                    continue
                yield first
                for t_s, frame in frames:
                    report.damaged_packets = attempt.damaged_packets
                    report.repaired_timestamps = attempt.repaired_timestamps
                    yield t_s, frame
                return
    yield from _from_start(path, report)


def count_before(path: Path, t_s: float) -> int:
    """How many frames are shown before t_s, counted from the packets where they are sound."""
    lead = _sound_lead(path, t_s)
    if lead is not None:
        return lead.frames
    with closing(timed_frames(path, 0.0, DecodeReport())) as frames:
        return sum(1 for _ in _while_before(frames, t_s))


def _while_before(
    frames: Iterator[tuple[float, VideoFrame]], t_s: float
) -> Iterator[tuple[float, VideoFrame]]:
    for now, frame in frames:
        if now >= t_s:
            return
        yield now, frame


def _from_start(path: Path, report: DecodeReport) -> Generator[tuple[float, VideoFrame]]:
    with opened(path) as (container, stream):
        clock = Clock(1 / frame_rate(stream))
        t_s = -1.0
        for frame in _decoded(container, stream, report):
            t_s = clock.read(frame.pts, stream.time_base)
            report.repaired_timestamps = clock.repaired
            yield t_s, frame
        if t_s < 0:
            raise VideoError(f"{shown_name(path)} holds no frame that can be decoded.")
        _warn_of_damage(path, stated_duration_s(container, stream), t_s, clock, report)


def _warn_of_damage(
    path: Path, stated_s: float | None, last_t_s: float, clock: Clock, report: DecodeReport
) -> None:
    name = shown_name(path)
    if report.damaged_packets:
        logger.warning("%s: %d damaged pieces were skipped", name, report.damaged_packets)
    if stated_s is not None and last_t_s + max(1.0, 2 * float(clock.nominal_s)) < stated_s:
        logger.warning(
            "%s: the picture ends at %.1f s although the file states %.1f s",
            name,
            last_t_s,
            stated_s,
        )


def _from_keyframe(
    path: Path, origin: int, start_s: float, report: DecodeReport
) -> Generator[tuple[float, VideoFrame]]:
    with opened(path) as (container, stream):
        if stream.time_base is None:
            return
        wanted = origin + Fraction(start_s) / stream.time_base
        try:
            # One stamp earlier: the frame before the wanted one decides its tick.
            container.seek(math.ceil(wanted) - 1, stream=stream, backward=True)
        except av.error.FFmpegError as problem:
            logger.info("%s: cannot seek (%s)", shown_name(path), problem)
            return
        clock = Clock(1 / frame_rate(stream), origin=origin * stream.time_base)
        for frame in _decoded(container, stream, report):
            t_s = clock.read(frame.pts, stream.time_base)
            report.repaired_timestamps = clock.repaired
            yield t_s, frame


def _decoded(
    container: InputContainer, stream: VideoStream, report: DecodeReport
) -> Generator[VideoFrame]:
    """Every frame that can be decoded; what cannot is counted and skipped."""
    decoder = stream.codec_context
    bad_reads = 0
    packets = container.demux(stream)
    while bad_reads < _GIVE_UP_AFTER_BAD_READS:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError:
            bad_reads += 1
            report.damaged_packets += 1
            packets = container.demux(stream)
            continue
        if packet is None or packet.size == 0:
            break
        if packet.is_corrupt:
            report.damaged_packets += 1
        try:
            yield from decoder.decode(packet)
        except av.error.FFmpegError:
            report.damaged_packets += 1
    for _ in range(_GIVE_UP_AFTER_BAD_READS):  # what the decoder still holds back
        try:
            yield from decoder.decode(None)
        except (av.error.EOFError, EOFError):
            return
        except av.error.FFmpegError:
            report.damaged_packets += 1


@dataclass(frozen=True, slots=True)
class _Lead:
    """What lies before a wanted time. origin: stamp of the first frame, in the stream's units."""

    origin: int
    frames: int


def _sound_lead(path: Path, t_s: float) -> _Lead | None:
    """The part of the file before t_s; None where its times need repair.

    A repaired time depends on all frames before it, so such a file is read from its start.
    Reads packets without decoding them: some 100,000 a second.
    """
    with opened(path) as (container, stream):
        stamps = _stamps_until(container, stream, t_s)
        time_base = stream.time_base
    if not stamps or time_base is None or len(set(stamps)) != len(stamps):
        return None
    origin = stamps[0]
    if first_stamp(path) != origin:
        return None
    # Leading frames, shown before the first keyframe, cannot be decoded and do not count.
    times = (float((stamp - origin) * time_base) for stamp in stamps if stamp >= origin)
    return _Lead(origin, sum(1 for now in times if now < t_s))


def first_stamp(path: Path) -> int | None:
    """Time stamp of the first frame that can be decoded, in the stream's units, if it has one."""
    with (
        opened(path) as (container, stream),
        closing(_decoded(container, stream, DecodeReport())) as frames,
    ):
        first = next(frames, None)
    return None if first is None else first.pts


def _stamps_until(container: InputContainer, stream: VideoStream, t_s: float) -> list[int] | None:
    """Stamps of at least all packets shown before t_s; None when one is missing or disordered."""
    if stream.time_base is None:
        return None
    stamps: list[int] = []
    last_dts: int | None = None
    try:
        for packet in container.demux(stream):
            if packet.size == 0 or packet.is_discard:
                continue
            if packet.pts is None:
                return None
            stamps.append(packet.pts)
            if packet.dts is None:
                continue
            if last_dts is not None and packet.dts <= last_dts:
                return None
            last_dts = packet.dts
            # A packet is never shown before its decoding time: nothing later can count.
            if (last_dts - stamps[0]) * stream.time_base > t_s:
                break
    except av.error.FFmpegError:
        return None
    return stamps
