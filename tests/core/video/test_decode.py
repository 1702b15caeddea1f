from __future__ import annotations

import itertools
import logging
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import VideoError
from core.video.decode import DecodeReport, Frame, count_before, sample

from .conftest import MakeVideo, turn, write_video


def same(left: list[Frame], right: list[Frame]) -> None:
    assert [f.index for f in left] == [f.index for f in right]
    assert [f.t_s for f in left] == [f.t_s for f in right]
    for one, other in zip(left, right, strict=True):
        np.testing.assert_array_equal(one.image, other.image)


def in_pieces(path: Path, fps: float | None, cuts: list[float]) -> list[Frame]:
    frames: list[Frame] = []
    index = 0
    for start_s, stop_s in zip([0.0, *cuts], [*cuts, None], strict=True):
        report = DecodeReport()
        piece = sample(path, fps, start_s=start_s, start_index=index, stop_s=stop_s, report=report)
        frames += list(piece)
        index = report.next_index
    return frames


def test_every_frame_in_presentation_order(make_video: MakeVideo) -> None:
    frames = list(sample(make_video(frames=30), None))

    assert [f.index for f in frames] == list(range(30))
    assert [f.t_s for f in frames] == pytest.approx([i / 25 for i in range(30)])
    # B-frames are decoded out of order: the picture must belong to its time
    brightness = [int(f.image[30, 5, 0]) for f in frames]
    assert brightness == pytest.approx([(i * 7) % 200 + 20 for i in range(30)], abs=4)
    assert frames[0].image.shape == (48, 64, 3)
    assert frames[0].image[5, 60] == pytest.approx([220, 30, 30], abs=12)


def test_first_frame_at_or_after_each_tick(make_video: MakeVideo) -> None:
    frames = list(sample(make_video(frames=25), 10))

    # ticks 0, 0.1, ... fall between frames 0.04 s apart
    assert [f.index for f in frames] == [0, 3, 5, 8, 10, 13, 15, 18, 20, 23]


def test_a_grid_finer_than_the_video_keeps_each_frame_once(make_video: MakeVideo) -> None:
    assert [f.index for f in sample(make_video(frames=10), 240)] == list(range(10))


VARIABLE = [0, 33, 40, 250, 260, 270, 1200, 1210, 1400, 3000, 3033, 3066, 3100, 3900, 4000]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".avi", ".h264"])
@pytest.mark.parametrize("fps", [None, 7.0, 15.0])
def test_pieces_equal_one_pass(tmp_path: Path, suffix: str, fps: float | None) -> None:
    options = {"bf": "0"} if suffix == ".avi" else None  # AVI has no place for reordering
    path = write_video(tmp_path / f"clip{suffix}", frames=60, options=options)

    same(in_pieces(path, fps, [0.5, 0.96, 0.97, 2.2]), list(sample(path, fps)))


@pytest.mark.parametrize("fps", [None, 3.0, 30.0])
def test_pieces_equal_one_pass_at_a_variable_rate(make_video: MakeVideo, fps: float | None) -> None:
    path = make_video("vfr.mkv", pts=VARIABLE)
    whole = list(sample(path, fps))

    if fps is None:
        assert [round(f.t_s * 1000) for f in whole] == VARIABLE
    same(in_pieces(path, fps, [0.1, 1.21, 2.0, 3.066]), whole)


@pytest.fixture(scope="module")
def open_gop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Leading frames hang on the group before: wrong after a careless seek."""
    path = tmp_path_factory.mktemp("open") / "open.mp4"
    options = {"g": "10", "bf": "3", "x264-params": "open-gop=1:b-adapt=0:scenecut=0"}
    return write_video(path, frames=70, options=options)


@given(
    cuts=st.lists(st.floats(0.01, 2.9), min_size=1, max_size=4, unique=True).map(sorted),
    fps=st.sampled_from([None, 4.0, 12.5]),
)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_cuts_give_the_frames_of_one_pass(
    open_gop: Path, cuts: list[float], fps: float | None
) -> None:
    same(in_pieces(open_gop, fps, cuts), list(sample(open_gop, fps)))


def test_time_counts_from_the_first_frame(make_video: MakeVideo) -> None:
    path = make_video("late.mkv", pts=[5000 + 40 * i for i in range(30)])
    frames = list(sample(path, None))

    assert frames[0].t_s == 0.0
    assert frames[-1].t_s == pytest.approx(29 * 0.04)
    same(list(sample(path, None, start_s=0.6)), frames[15:])


def test_start_index_is_counted_when_not_given(make_video: MakeVideo) -> None:
    path = make_video(frames=40)

    assert count_before(path, 1.0) == 25
    assert next(sample(path, 5, start_s=1.0)).index == 25


def test_report_says_where_the_next_piece_starts(make_video: MakeVideo) -> None:
    report = DecodeReport()
    kept = list(sample(make_video(frames=40), 5, stop_s=1.0, report=report))

    assert kept[-1].index == 20
    assert report.next_index == 25
    assert report.last_t_s == pytest.approx(0.96)
    assert (report.damaged_packets, report.repaired_timestamps) == (0, 0)


def test_missing_times_are_replaced_and_said(
    make_video: MakeVideo, caplog: pytest.LogCaptureFixture
) -> None:
    path = make_video("bare.h264", frames=30)  # a bare stream has no times at all
    report = DecodeReport()
    with caplog.at_level(logging.WARNING):
        frames = list(sample(path, None, report=report))

    assert [f.t_s for f in frames] == pytest.approx([i / 25 for i in range(30)])
    assert report.repaired_timestamps == 30
    assert sum("backward times" in r.message for r in caplog.records) == 1


def test_times_that_jump_back_go_on(tmp_path: Path) -> None:
    """Two recordings joined byte by byte: the clock restarts in the middle."""
    one = write_video(tmp_path / "one.ts", frames=30)
    path = tmp_path / "joined.ts"
    path.write_bytes(one.read_bytes() * 2)
    frames = list(sample(path, None))

    times = [f.t_s for f in frames]
    assert len(frames) >= 58
    assert all(later > earlier for earlier, later in itertools.pairwise(times))
    assert times[-1] == pytest.approx(60 / 25, abs=0.2)
    same(in_pieces(path, 10, [0.5, 1.4]), list(sample(path, 10)))


@pytest.mark.parametrize(
    ("matrix", "degrees"),
    [
        ((0, 1, -1, 0), 90),  # clockwise, a phone held upright
        ((-1, 0, 0, -1), 180),
        ((0, -1, 1, 0), 270),
    ],
)
def test_rotation_is_applied(
    make_video: MakeVideo, matrix: tuple[float, float, float, float], degrees: int
) -> None:
    plain = make_video(frames=3)
    upright = next(sample(plain, None)).image
    turned = next(sample(turn(plain, matrix), None)).image

    np.testing.assert_array_equal(turned, np.rot90(upright, -degrees // 90))


def test_a_cut_off_file_gives_what_is_there(
    make_video: MakeVideo, caplog: pytest.LogCaptureFixture
) -> None:
    path = make_video("cut.mkv", frames=200, size=(160, 120))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with caplog.at_level(logging.WARNING):
        frames = list(sample(path, None))

    assert 20 < len(frames) < 180
    assert any("ends at" in r.message or "damaged" in r.message for r in caplog.records)


def test_damage_in_the_middle_is_survived(make_video: MakeVideo) -> None:
    path = make_video("hurt.ts", frames=200, size=(160, 120))
    data = bytearray(path.read_bytes())
    rng = np.random.default_rng(1)
    middle = slice(len(data) // 3, len(data) // 2)
    data[middle] = rng.integers(0, 256, len(data[middle]), np.uint8).tobytes()
    path.write_bytes(bytes(data))
    report = DecodeReport()
    frames = list(sample(path, None, report=report))

    assert 50 < len(frames) < 200
    assert report.damaged_packets > 0
    assert [f.index for f in frames] == list(range(len(frames)))
    assert all(b.t_s > a.t_s for a, b in itertools.pairwise(frames))


def test_a_file_without_a_frame_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "noise.mp4"
    path.write_bytes(bytes(range(256)) * 40)

    with pytest.raises(VideoError, match=r"noise\.mp4 is not a video"):
        list(sample(path, 5))


def test_one_pixel(make_video: MakeVideo) -> None:
    path = make_video("dot.mkv", frames=3, size=(1, 1), codec="ffv1", pix_fmt="bgr0")

    assert [f.image.shape for f in sample(path, None)] == [(1, 1, 3)] * 3


def test_odd_size(make_video: MakeVideo) -> None:
    path = make_video("odd.mkv", frames=2, size=(63, 37), codec="ffv1", pix_fmt="bgr0")
    frame = next(sample(path, None))

    np.testing.assert_array_equal(frame.image[2, 60], [220, 30, 30])
    assert frame.image.shape == (37, 63, 3)


def test_8k(make_video: MakeVideo) -> None:
    path = make_video("8k.mp4", frames=2, size=(7680, 4320), options={"preset": "ultrafast"})

    assert next(sample(path, 1)).image.shape == (4320, 7680, 3)


def test_a_rate_of_zero_is_a_mistake(make_video: MakeVideo) -> None:
    with pytest.raises(ValueError, match="fps"):
        next(sample(make_video(frames=2), 0))


def test_clock_of_a_stream_is_exact(make_video: MakeVideo) -> None:
    base = Fraction(1, 90_000)
    path = make_video("ntsc.ts", pts=[3003 * i for i in range(40)], time_base=base)
    frames = list(sample(path, None))

    assert frames[30].t_s == 30 * 3003 / 90_000
