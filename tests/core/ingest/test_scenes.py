import numpy as np

from core.ingest.scenes import SceneFinder, smaller
from core.video.decode import Frame


def frames(t0_s: float, t1_s: float, look, fps: float = 10.0) -> list[Frame]:
    return [Frame(k, k / fps, look(k / fps)) for k in range(round(t0_s * fps), round(t1_s * fps))]


def street(t_s: float) -> np.ndarray:
    image = np.full((180, 320, 3), (90, 100, 95), np.uint8)
    x = int(t_s * 40) % 260
    image[80:110, x : x + 50] = (200, 30, 30)
    return image


def beach(t_s: float) -> np.ndarray:
    image = np.full((180, 320, 3), (240, 220, 150), np.uint8)
    image[:80] = (60, 150, 240)
    return image


def found(items, end_s: float):
    finder = SceneFinder()
    for frame in items:
        finder.offer(frame)
    return finder.flush(end_s)


def test_windows_cover_the_time_without_gaps():
    scenes = found(frames(0, 7, street), 7.0)
    assert [(s.t0_s, s.t1_s) for s in scenes] == [(0, 2), (2, 4), (4, 6), (6, 7)]
    assert [s.t_s for s in scenes] == [1.0, 3.0, 5.0, 6.9]
    assert all(s.t0_s <= s.t_s < s.t1_s for s in scenes)
    assert scenes[1].frame == 30


def test_a_cut_begins_a_scene_and_a_moving_car_does_not():
    scenes = found(frames(0, 3.3, street) + frames(3.3, 6, beach), 6.0)
    assert [s.t0_s for s in scenes] == [0, 2, 3.3, 4]
    np.testing.assert_array_equal(scenes[2].image, beach(0))


def test_flicker_does_not_make_a_scene_of_every_frame():
    look = [street, beach]
    scenes = found([f for k in range(40) for f in frames(k / 10, k / 10 + 0.1, look[k % 2])], 4.0)
    assert len(scenes) <= 8
    assert all(s.t1_s - s.t0_s >= 0.4999 for s in scenes)


def test_after_a_flush_it_starts_afresh():
    finder = SceneFinder()
    for frame in frames(0, 1, street):
        finder.offer(frame)
    assert len(finder.flush(1.0)) == 1
    assert finder.flush(1.0) == []
    for frame in frames(1, 2, beach):
        finder.offer(frame)
    assert [(s.t0_s, s.t1_s) for s in finder.flush(2.0)] == [(1, 2)]


def test_odd_sizes():
    for shape in ((1, 1), (1, 500), (2000, 3)):
        image = np.zeros((*shape, 3), np.uint8)
        (scene,) = found([Frame(0, 0.0, image)], 0.1)
        assert max(scene.image.shape[:2]) <= 512
    assert smaller(np.zeros((10, 20, 3), np.uint8), 512).shape == (10, 20, 3)
