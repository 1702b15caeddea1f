import numpy as np

from core.tracks import Path


def test_foot_and_size():
    path = Path(
        np.array([0, 1], np.int32),
        np.array([0.0, 0.1]),
        np.array([[10, 20, 30, 60], [5, 5, 5, 9]], np.float32),
        np.ones(2, np.float32),
        np.zeros(2, np.bool_),
    )
    assert len(path) == 2
    np.testing.assert_array_equal(path.foot, [[20, 60], [5, 9]])
    np.testing.assert_allclose(path.size, [np.sqrt(20 * 40), 0.0])
