"""Times of frames, read from packets, beside those of decoded frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import VideoError
from core.video.clips import ClipWriter
from core.video.decode import sample
from core.video.times import frame_times

STEPS = np.random.default_rng(5).uniform(0.02, 0.12, 400)


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of a varying frame rate."""
    path = tmp_path_factory.mktemp("times") / "uneven.mp4"
    with ClipWriter(path, 64, 48, 15.0) as clip:
        for number, t_s in enumerate(np.cumsum(STEPS) - STEPS[0]):
            clip.write(np.full((48, 64, 3), number % 200, np.uint8), float(t_s))
    return path


def test_times_are_those_of_the_decoded_frames(uneven: Path):
    told = frame_times(uneven)
    decoded = [frame.t_s for frame in sample(uneven, None)]
    np.testing.assert_allclose(told.t_s, decoded, atol=1e-9)
    assert told.origin_s == 0.0


@pytest.mark.parametrize(("t0_s", "t1_s"), [(0.0, 1.0), (3.0, 9.0), (11.7, 12.0), (20.0, 1e9)])
def test_a_part_has_the_times_of_the_whole(uneven: Path, t0_s: float, t1_s: float):
    whole = frame_times(uneven).t_s
    part = frame_times(uneven, t0_s, t1_s)
    np.testing.assert_array_equal(part.t_s, whole[(whole >= t0_s) & (whole < t1_s)])


def test_past_the_end_there_is_nothing(uneven: Path):
    assert len(frame_times(uneven, 500.0, 600.0).t_s) == 0


def test_a_file_that_is_none_is_refused(tmp_path: Path):
    with pytest.raises(VideoError, match="does not exist"):
        frame_times(tmp_path / "gone.mp4")
