import numpy as np
import pytest
from scipy.signal import savgol_filter

from core.motion import path as paths
from core.tracks import FrameSize, Path

SIZE = FrameSize(960, 540)


def box_path(t_s, cx, cy, w=60.0, h=40.0, interpolated=None):
    t_s = np.asarray(t_s, np.float64)
    cx, cy, w, h = (np.broadcast_to(np.asarray(v, np.float64), t_s.shape) for v in (cx, cy, w, h))
    return Path(
        np.round(t_s * 1000).astype(np.int32),
        t_s,
        np.stack([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], axis=1).astype(np.float32),
        np.full(len(t_s), 0.8, np.float32),
        np.zeros(len(t_s), np.bool_) if interpolated is None else interpolated,
    )


@pytest.mark.parametrize("fps", [30, 12.5, 5])
def test_speed_and_heading_do_not_depend_on_the_frame_rate(fps):
    t = np.arange(0, 4, 1 / fps)
    motion = paths.smooth(box_path(t, 200 + 98 * t, 250), SIZE)
    np.testing.assert_allclose(motion.speed, 98 / np.sqrt(60 * 40), rtol=0.02)
    np.testing.assert_allclose(motion.heading, 0.0, atol=0.01)
    np.testing.assert_allclose(motion.xy[:, 1], 270, atol=0.01)
    assert motion.noise < 0.002
    assert motion.whole.all()
    assert motion.backed.all()


def test_the_filter_is_savitzky_golay():
    x = np.random.default_rng(0).normal(size=(40, 2))
    np.testing.assert_allclose(paths._savgol(x), savgol_filter(x, 9, 2, axis=0), atol=1e-9)
    np.testing.assert_allclose(
        paths._savgol(x, 1), savgol_filter(x, 9, 2, 1, 0.1, axis=0), atol=1e-9
    )


def test_trembling_is_measured():
    rng = np.random.default_rng(1)
    t = np.arange(0, 6, 0.08)
    shake = rng.normal(0, 2.0, (2, len(t)))
    motion = paths.smooth(box_path(t, 300 + shake[0], 250 + shake[1]), SIZE)
    left = np.std(motion.centre - [300, 250]) / np.sqrt(60 * 40)
    assert motion.noise == pytest.approx(left, rel=0.6)


def test_boxes_at_the_border_are_not_whole():
    t = np.arange(0, 3, 0.08)
    motion = paths.smooth(box_path(t, 20 + 100 * t, 250), SIZE)
    assert not motion.whole[0]
    assert motion.whole[-1]


def test_jumps_and_long_gaps_cut_a_path():
    t = np.concatenate([np.arange(0, 2, 0.1), np.arange(4, 6, 0.1)])
    x = np.where(t > 5, 800.0, 200 + 10 * t)
    parts = paths.smooth_all(box_path(t, x, 250), SIZE)
    assert [round(float(m.t_s[0]), 1) for m in parts] == [0.0, 4.0, 5.1]


def test_interpolated_boxes_are_not_backed():
    t = np.arange(0, 4, 0.1)
    filled = (t > 1.0) & (t < 2.4)
    motion = paths.smooth(box_path(t, 200 + 10 * t, 250, interpolated=filled), SIZE)
    assert not motion.backed[17]
    assert motion.backed[5]


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_hardly_any_boxes(n):
    t = np.arange(n) * 0.1
    motion = paths.smooth(box_path(t, 200 + t, 250), SIZE)
    assert len(motion) in (0, n)
