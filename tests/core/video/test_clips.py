from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from core.errors import VideoError
from core.video.clips import ClipWriter, cut
from core.video.decode import sample
from core.video.probe import probe

from .conftest import MakeVideo, numbered, turn


def test_written_frames_come_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "out.mp4"
    with ClipWriter(path, 64, 48, fps=12.5, crf=10) as clip:
        for index in range(20):
            clip.write(numbered(index, 64, 48))
    frames = list(sample(path, None))

    assert [f.t_s for f in frames] == pytest.approx([i / 12.5 for i in range(20)], abs=1e-4)
    assert frames[7].image[40, 4, 0] == pytest.approx((7 * 7) % 200 + 20, abs=4)
    info = probe(path)
    assert (info.codec, info.width, info.height) == ("h264", 64, 48)
    assert path.read_bytes().index(b"moov") < path.read_bytes().index(b"mdat")
    assert [p.name for p in path.parent.iterdir()] == ["out.mp4"]


def test_odd_sizes_are_padded(tmp_path: Path) -> None:
    path = tmp_path / "odd.mp4"
    with ClipWriter(path, 33, 17, fps=10) as clip:
        clip.write(np.full((17, 33, 3), 120, np.uint8))

    assert (probe(path).width, probe(path).height) == (34, 18)


def test_nothing_is_left_after_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_bytes(b"the clip of before")

    def fail() -> None:
        with ClipWriter(path, 64, 48, fps=10) as clip:
            clip.write(numbered(0, 64, 48))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert path.read_bytes() == b"the clip of before"
    assert len(list(tmp_path.iterdir())) == 1


def test_wrong_size_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="clip is"),
        ClipWriter(tmp_path / "out.mp4", 64, 48, fps=10) as clip,
    ):
        clip.write(numbered(0, 32, 32))


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(VideoError, match="cannot be written"):
        ClipWriter(tmp_path / "file" / "out.mp4", 64, 48, fps=10)


def test_cut_keeps_every_picture_at_its_time(make_video: MakeVideo, tmp_path: Path) -> None:
    source = make_video("vfr.mkv", pts=[0, 100, 150, 400, 420, 800, 1000, 1300], size=(128, 96))
    out = tmp_path / "moment.mp4"
    clip = cut(source, 0.1, 1.0, out)
    frames = list(sample(out, None))

    assert [f.t_s for f in frames] == pytest.approx([0, 0.05, 0.3, 0.32, 0.7], abs=1e-4)
    assert [f.image[90, 4, 0] for f in frames] == pytest.approx(
        [(k * 7) % 200 + 20 for k in range(1, 6)], abs=4
    )
    assert (clip.frame0, clip.frame1, clip.t0_s, clip.t1_s) == (1, 6, 0.1, 0.8)
    assert (clip.width, clip.height) == (128, 96)


def test_cut_is_what_browsers_play(make_video: MakeVideo, tmp_path: Path) -> None:
    out = tmp_path / "odd.mp4"
    clip = cut(make_video(frames=8, size=(66, 50)), 0, 1, out, long_side_px=33)

    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (clip.width, clip.height) == (34, 26)
        assert not container.streams.audio
    assert out.read_bytes().index(b"moov") < out.read_bytes().index(b"mdat")


def test_cut_turns_what_a_phone_recorded_upright(make_video: MakeVideo, tmp_path: Path) -> None:
    source = turn(make_video(frames=6, size=(96, 64)), (0, 1, -1, 0))
    out = tmp_path / "upright.mp4"
    clip = cut(source, 0, 1, out)

    assert (clip.width, clip.height) == (64, 96)
    before, after = next(iter(sample(source, None))), next(iter(sample(out, None)))
    assert np.abs(before.image.astype(int) - after.image).mean() < 6


def test_cut_makes_large_pictures_smaller(make_video: MakeVideo, tmp_path: Path) -> None:
    out = tmp_path / "small.mp4"
    cut(make_video(frames=5, size=(256, 128)), 0, 1, out, long_side_px=100)

    assert (probe(out).width, probe(out).height) == (100, 50)


def test_cut_outside_the_video(make_video: MakeVideo, tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="no picture between"):
        cut(make_video(frames=5), 50, 60, tmp_path / "none.mp4")
    assert not (tmp_path / "none.mp4").exists()
