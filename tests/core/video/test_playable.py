"""Which files browsers play, and that a copy shows the same frames at the same times."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from core.errors import Cancelled, VideoError
from core.video.decode import sample
from core.video.playable import copy_for_browser, plays_in_browser
from core.video.probe import probe
from core.video.times import frame_times

from .conftest import MakeVideo, turn

ODD_TIMES = [0, 33, 40, 100, 120, 400, 410, 1000, 1001, 1500, 1540, 1580]


def ignored(_share: float) -> None:
    pass


def with_sound(path: Path, codec: str, container: str, seconds: float = 2.0) -> Path:
    """A file of 25 frames a second whose sound is a tone."""
    with av.open(str(path), "w", format=container) as out:
        video = out.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        sound = out.add_stream(codec, rate=48_000)
        sound.layout = "stereo"
        for index in range(round(seconds * 25)):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            out.mux(video.encode(frame))
        tone = np.sin(np.arange(round(seconds * 48_000)) * 0.06)
        for start in range(0, len(tone), 960):
            block = np.tile((tone[start : start + 960] * 9000).astype(np.int16), (2, 1))
            heard = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(block.T.reshape(1, -1)), format="s16", layout="stereo"
            )
            heard.sample_rate, heard.pts, heard.time_base = 48_000, start, Fraction(1, 48_000)
            out.mux(sound.encode(heard))
        out.mux(sound.encode(None))
        out.mux(video.encode(None))
    return path


@pytest.mark.parametrize(
    ("name", "traits", "plays"),
    [
        ("a.mp4", {}, True),
        ("a.mov", {}, True),
        ("a.mkv", {}, True),
        ("a.webm", {"codec": "libvpx-vp9"}, True),
        ("a.webm", {"codec": "libvpx"}, True),
        ("vp9.mp4", {"codec": "libvpx-vp9"}, True),
        ("a.mp4", {"codec": "libsvtav1"}, True),
        ("a.avi", {}, False),
        ("a.ts", {}, False),
        ("a.mp4", {"codec": "mpeg4"}, False),
        ("a.avi", {"codec": "mpeg4"}, False),
        ("a.mp4", {"codec": "libx265"}, False),
        ("a.mp4", {"pix_fmt": "yuv444p"}, False),
        ("a.mp4", {"pix_fmt": "yuv420p10le"}, False),
        ("a.mkv", {"codec": "ffv1"}, False),
        ("vp8.mp4", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}, False),
    ],
)
def test_what_browsers_play(make_video: MakeVideo, name, traits, plays):
    size = (128, 96) if traits.get("codec") in ("libsvtav1", "libx265") else (64, 48)
    assert plays_in_browser(make_video(name, frames=8, size=size, **traits)) is plays


def test_what_is_no_video_says_so(tmp_path: Path):
    file = tmp_path / "a.mp4"
    file.write_bytes(b"no video at all" * 99)
    with pytest.raises(VideoError, match="not a video"):
        plays_in_browser(file)
    with pytest.raises(VideoError, match="not a video"):
        copy_for_browser(file, tmp_path / "copy.mp4", ignored)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


@pytest.mark.parametrize(
    ("name", "traits"),
    [
        ("a.avi", {"codec": "mpeg4", "time_base": Fraction(1, 25), "pts": range(30)}),
        ("mp4v.mp4", {"codec": "mpeg4", "pts": ODD_TIMES}),
        ("hevc.mp4", {"codec": "libx265", "pts": ODD_TIMES, "size": (128, 96)}),
        ("ten.mkv", {"pix_fmt": "yuv420p10le", "pts": ODD_TIMES}),
        ("b-frames.ts", {"pts": [40 * k for k in range(30)]}),
    ],
)
def test_a_copy_plays_and_shows_the_same_frames_at_the_same_times(
    make_video: MakeVideo, tmp_path: Path, name, traits
):
    source, copy = make_video(name, frames=30, **traits), tmp_path / "copies" / "v.mp4"
    copy_for_browser(source, copy, ignored)
    assert plays_in_browser(copy)
    frames, copied = list(sample(source, None)), list(sample(copy, None))
    assert [f.t_s for f in copied] == pytest.approx([f.t_s for f in frames], abs=2e-5)
    assert frame_times(copy).t_s == pytest.approx([f.t_s for f in frames], abs=2e-5)
    for frame, again in zip(frames, copied, strict=True):
        assert again.image.shape == frame.image.shape
        assert abs(again.image.astype(int) - frame.image).mean() < 6
    assert copy.read_bytes().index(b"moov") < copy.read_bytes().index(b"mdat")
    assert [path.name for path in copy.parent.iterdir()] == ["v.mp4"]


def test_a_late_start_stays_late(make_video: MakeVideo, tmp_path: Path):
    source = make_video("a.mkv", codec="mpeg4", pts=[1500 + 40 * k for k in range(20)])
    copy_for_browser(source, tmp_path / "v.mp4", ignored)
    times = frame_times(tmp_path / "v.mp4")
    assert times.origin_s == pytest.approx(frame_times(source).origin_s, abs=2e-5)
    assert times.origin_s == pytest.approx(1.5)
    assert times.t_s == pytest.approx(np.arange(20) * 0.04, abs=2e-5)


@pytest.mark.parametrize(
    "matrix", [(0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0), (-1, 0, 0, 1)], ids=str
)
def test_a_turned_picture_is_upright_in_the_copy(make_video: MakeVideo, tmp_path: Path, matrix):
    source = turn(make_video(codec="mpeg4", frames=6, size=(96, 64)), matrix)
    copy_for_browser(source, tmp_path / "v.mp4", ignored)
    assert probe(source).rotation != 0 or matrix == (-1, 0, 0, 1)
    assert probe(tmp_path / "v.mp4").rotation == 0
    for frame, again in zip(sample(source, None), sample(tmp_path / "v.mp4", None), strict=True):
        assert again.image.shape == frame.image.shape
        assert abs(again.image.astype(int) - frame.image).mean() < 6


def test_an_odd_size_grows_by_a_pixel(make_video: MakeVideo, tmp_path: Path):
    source = make_video("a.mkv", codec="ffv1", pix_fmt="yuv444p", size=(63, 47), frames=5)
    copy_for_browser(source, tmp_path / "v.mp4", ignored)
    info = probe(tmp_path / "v.mp4")
    assert (info.width, info.height) == (64, 48)


@pytest.mark.parametrize(
    ("codec", "container"), [("aac", "matroska"), ("pcm_s16le", "avi"), ("ac3", "mpegts")]
)
def test_sound_is_heard_in_the_copy_as_long_as_before(tmp_path: Path, codec, container):
    source = with_sound(tmp_path / "sound", codec, container)
    copy_for_browser(source, tmp_path / "v.mp4", ignored)
    with av.open(str(tmp_path / "v.mp4")) as copy:
        stream = copy.streams.audio[0]
        assert stream.codec_context.name == "aac"
        samples = list(copy.decode(stream))
        heard_s = sum(frame.samples for frame in samples) / stream.codec_context.sample_rate
        assert heard_s == pytest.approx(2.0, abs=0.06)
        assert abs(np.concatenate([f.to_ndarray() for f in samples], axis=1)).max() > 0.1
        assert float(copy.streams.video[0].duration * copy.streams.video[0].time_base) == (
            pytest.approx(2.0, abs=0.09)  # AVI starts two frames late
        )


def test_progress_rises_and_can_stop_the_copy(make_video: MakeVideo, tmp_path: Path):
    source, told = make_video("a.avi", codec="mpeg4", frames=60), []
    copy_for_browser(source, tmp_path / "v.mp4", told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 10

    def stop(share: float) -> None:
        if share > 0.5:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        copy_for_browser(source, tmp_path / "stopped.mp4", stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.avi", "v.mp4"]


def test_a_place_that_cannot_be_written_to_says_so(make_video: MakeVideo, tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(VideoError, match="cannot be written"):
        copy_for_browser(make_video(frames=5), tmp_path / "file" / "v.mp4", ignored)
