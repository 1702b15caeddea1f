import numpy as np
import pytest

from core.video.look import Look


def scene(seed: int, bright: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    tint = np.roll([1.0, 0.6, 0.3], seed)
    blocks = rng.uniform(20, 200, (9, 16, 3)) * tint * bright
    return np.kron(blocks, np.ones((20, 20, 1))).clip(0, 255).astype(np.uint8)


def test_another_scene_differs_and_the_same_does_not():
    look = Look.of(scene(1))
    assert look.differs(Look.of(scene(2)))
    assert not look.differs(Look.of(scene(1)))
    assert not look.differs(None)


@pytest.mark.parametrize("bright", [0.3, 1.8])
def test_light_alone_goes_one_way(bright):
    look = Look.of(scene(1))
    assert look.only_light_differs(Look.of(scene(1, bright)))
    assert not look.only_light_differs(Look.of(scene(2)))


def test_a_look_comes_back_from_its_pixels():
    look = Look.of(scene(3))
    again = Look.from_pixels(look.pixels)
    assert look.pixels.shape == (18, 32, 3)
    np.testing.assert_array_equal(again.histogram, look.histogram)
    assert look.histogram.sum() == pytest.approx(1.0)
