"""Which files browsers play as they are, and the copy that is made of the others.

Measured with Chromium 150; kinds that only some browsers play (10 bits, 4:4:4) count as unplayable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from fractions import Fraction
from pathlib import Path

import av
import av.error
import numpy as np
import numpy.typing as npt
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from core.errors import VideoError
from core.video.container import DECODER_THREADS, frame_rate, opened, shown_name, stated_duration_s
from core.video.decode import DecodeReport, timed_frames
from core.video.picture import displayed_size, orientation

_PLAIN = frozenset({"yuv420p", "yuvj420p"})
_PICTURES_PLAYED = {
    "h264": _PLAIN,
    "vp8": frozenset({"yuv420p"}),
    "vp9": frozenset({"yuv420p"}),
    "av1": frozenset({"yuv420p", "yuv420p10le"}),
}
_CODECS_PLAYED = {  # by FFmpeg's name of the container
    "mov": frozenset({"h264", "vp9", "av1"}),
    "matroska": frozenset({"h264", "vp8", "vp9", "av1"}),
}
_SOUND_KEPT = {"aac", "mp3"}
_SOUND_RATE = 48_000
_SOUND_BLOCK = 1024  # samples an AAC frame holds
_TIME_BASE = Fraction(1, 90_000)
_STEP = 0.005  # of the whole: how often progress is told

Progress = Callable[[float], None]


def plays_in_browser(path: Path) -> bool:
    """Whether current browsers play the picture of a file as it is.

    Raises VideoError when the file cannot be opened or holds no video.
    """
    with opened(path) as (container, stream):
        kind = container.format.name.split(",")[0]
        codec = stream.codec_context.name.removeprefix("lib").removesuffix("-vp9")
        codec = {"dav1d": "av1", "vpx": "vp9"}.get(codec, codec)
        return (
            codec in _CODECS_PLAYED.get(kind, ())
            and stream.codec_context.pix_fmt in _PICTURES_PLAYED[codec]
        )


def copy_for_browser(source: Path, target: Path, progress: Progress) -> None:
    """Write a copy that browsers play: MP4, H.264 (4:2:0, 8 bits), sound as AAC, index first.

    Every frame keeps its presentation time to 1/90,000 s, a constant rate or not, and so does a
    late start; a file whose times need repair gets those by which the engine knows its frames.
    The picture is turned as the file says; odd sizes grow by one pixel. The sound is copied where
    browsers know it. progress: is told the share that is done; raising in it ends the copy.
    `target` appears when it is complete. Raises VideoError when the source cannot be read or the
    target cannot be written.
    """
    with _written_whole(target) as part, opened(source) as (container, stream):
        duration_s = stated_duration_s(container, stream) or 0.0
        rate = frame_rate(stream)
        base = stream.time_base or _TIME_BASE
        with ExitStack() as closing_all:
            frames = closing_all.enter_context(closing(timed_frames(source, 0.0, DecodeReport())))
            first = next(frames, None)
            if first is None:
                raise VideoError(f"{shown_name(source)} holds no frame that can be decoded.")
            start_s = 0.0 if first[1].pts is None else max(float(first[1].pts * base), 0.0)
            output = closing_all.enter_context(
                av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"})
            )
            video = _video_stream(output, first[1], rate)
            sound = _Sound(source, output)
            closing_all.callback(sound.close)
            told = 0.0
            t_s, frame = first
            while True:
                sound.write_until(start_s + t_s)
                output.mux(video.encode(_encodable(frame, video, start_s + t_s)))
                if duration_s > 0 and (share := min(t_s / duration_s, 1.0)) >= told + _STEP:
                    told = share
                    progress(share)
                following = next(frames, None)
                if following is None:
                    break
                t_s, frame = following
            output.mux(video.encode(None))
            sound.write_until(None)
    progress(1.0)


@contextmanager
def _written_whole(target: Path) -> Iterator[Path]:
    """A name beside `target` to write to; it becomes `target` only when all went well."""
    part = target.with_name(f".{target.stem[:60]}.part.mp4")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as problem:
        raise VideoError(
            f"{shown_name(target)} cannot be written: {problem.strerror or problem}."
        ) from problem


def _video_stream(output: OutputContainer, first: VideoFrame, rate: Fraction) -> VideoStream:
    width, height = displayed_size(first)
    # No B-frames: decoding and presentation order agree, so no player has to guess a first time.
    # A keyframe a second, so that seeking never decodes much.
    options = {"preset": "veryfast", "crf": "20", "bf": "0", "g": str(max(round(rate), 1))}
    stream = output.add_stream("libx264", rate=rate.limit_denominator(1001), options=options)
    context = stream.codec_context
    stream.width, stream.height = width + width % 2, height + height % 2
    stream.pix_fmt = "yuv420p"
    stream.time_base = _TIME_BASE
    context.time_base = _TIME_BASE
    context.thread_count = DECODER_THREADS
    context.color_range = ColorRange.MPEG
    if first.format.is_rgb:
        context.colorspace = Colorspace.ITU709
    else:
        context.colorspace = first.colorspace
        context.color_primaries = first.color_primaries
        context.color_trc = first.color_trc
    return stream


def _encodable(frame: VideoFrame, stream: VideoStream, t_s: float) -> VideoFrame:
    """The frame upright, in the stream's size and pixel format, at its time."""
    transpose, mirror_x, mirror_y = orientation(frame)
    width, height = stream.width, stream.height
    plain = frame.reformat(
        width=height if transpose else width,
        height=width if transpose else height,
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709 if frame.format.is_rgb else None,
        dst_color_range=ColorRange.MPEG,
    )
    if transpose or mirror_x or mirror_y:
        plain = _turned(plain, transpose, mirror_x, mirror_y)
    plain.pts = round(t_s / _TIME_BASE)
    plain.time_base = _TIME_BASE
    plain.pict_type = PictureType.NONE  # the source's keyframes mean nothing to the copy
    return plain


def _turned(frame: VideoFrame, transpose: bool, mirror_x: bool, mirror_y: bool) -> VideoFrame:
    """A yuv420p frame of even size, plane by plane: no colours are converted."""
    data = np.asarray(frame.to_ndarray(), np.uint8).ravel()
    luma = frame.width * frame.height
    planes: list[npt.NDArray[np.uint8]] = []
    for start, step in ((0, 1), (luma, 2), (luma + luma // 4, 2)):
        shape = (frame.height // step, frame.width // step)
        plane = data[start : start + shape[0] * shape[1]].reshape(shape)
        plane = plane.T if transpose else plane
        plane = plane[:, ::-1] if mirror_x else plane
        planes.append(plane[::-1] if mirror_y else plane)
    height, width = planes[0].shape
    joined = np.concatenate([plane.ravel() for plane in planes]).reshape(height * 3 // 2, width)
    turned = VideoFrame.from_ndarray(joined, format="yuv420p")
    turned.colorspace = frame.colorspace
    turned.color_range = frame.color_range
    return turned


class _Sound:
    """The first sound of a file, written beside the picture in step with it; nothing for none."""

    def __init__(self, source: Path, output: OutputContainer) -> None:
        self._output = output
        self._opened = ExitStack()
        container, _ = self._opened.enter_context(opened(source))
        self._packets: Iterator[Packet[AudioStream]] = iter(())
        self._resampler: AudioResampler | None = None
        self._last_s = -1.0
        if not container.streams.audio or container.streams.audio[0].codec_context is None:
            return
        stream = container.streams.audio[0]
        self._target: AudioStream
        if stream.codec_context.name.removesuffix("float") in _SOUND_KEPT:
            self._target = output.add_stream_from_template(stream)
        else:
            self._target = output.add_stream("aac", rate=_SOUND_RATE)
            layout = "mono" if stream.codec_context.channels == 1 else "stereo"
            self._target.layout = layout
            self._resampler = AudioResampler("fltp", layout, _SOUND_RATE, _SOUND_BLOCK)
        self._packets = _sound_packets(container.demux(stream))

    def write_until(self, t_s: float | None) -> None:
        """Write what is heard up to a time; None writes the rest."""
        while t_s is None or self._last_s < t_s:
            packet = next(self._packets, None)
            if packet is None:
                break
            if packet.pts is not None and packet.time_base is not None:
                self._last_s = float(packet.pts * packet.time_base)
            self._write(packet)
        if t_s is None and self._resampler is not None:
            for frame in self._resampler.resample(None):
                self._output.mux(self._target.encode(frame))
            self._output.mux(self._target.encode(None))

    def _write(self, packet: Packet[AudioStream]) -> None:
        if self._resampler is None:
            packet.stream = self._target
            self._output.mux(packet)
            return
        try:
            heard = packet.decode()
        except av.error.InvalidDataError:
            return  # a damaged piece of sound: silence there, the picture goes on
        for frame in heard:
            for block in self._resampler.resample(frame):
                self._output.mux(self._target.encode(block))

    def close(self) -> None:
        self._opened.close()


def _sound_packets(packets: Iterator[Packet[AudioStream]]) -> Iterator[Packet[AudioStream]]:
    """Packets that hold something, with a time, in order."""
    last_dts = None
    for packet in packets:
        if packet.size == 0 or packet.dts is None or packet.is_corrupt:
            continue
        if last_dts is not None and packet.dts <= last_dts:
            continue  # a clock that went back: the muxer takes increasing times only
        last_dts = packet.dts
        yield packet
