"""What is drawn lies on the object of that very picture; pictures tell their own number by bits."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from core import tracks
from core.detections import Image
from core.video.clips import cut
from core.video.decode import sample
from core.video.overlay import MAIN, CaptionLine, Marked, Overlay, box_at

WIDTH, HEIGHT = 320, 200
BITS, CELL = 8, 16


def place(number: int) -> tuple[int, int]:
    """Left and top of the white square in picture `number`: it never moves evenly."""
    return 20 + (number * 37) % 200, 60 + (number * 13) % 80


def picture(number: int) -> Image:
    image = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    for bit in range(BITS):
        image[:CELL, bit * CELL : (bit + 1) * CELL] = 255 * (number >> bit & 1)
    x, y = place(number)
    image[y : y + 30, x : x + 40] = 255
    return image


def number_of(image: Image) -> int:
    middle = CELL // 2
    return sum(int(image[middle, bit * CELL + middle].mean() > 128) << bit for bit in range(BITS))


def edges(image: Image) -> tuple[int, int, int, int]:
    """The outermost rows and columns that have the colour of the mark."""
    red, green, blue = np.moveaxis(image[CELL:HEIGHT].astype(int), 2, 0)
    rows, columns = np.nonzero((red - blue > 90) & (green - blue > 50))
    return columns.min(), rows.min() + CELL, columns.max(), rows.max() + CELL


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float]]:
    """40 pictures at uneven times, and the times."""
    path = tmp_path_factory.mktemp("overlay") / "uneven.mp4"
    steps = np.random.default_rng(5).choice([20, 40, 90], 40)
    stamps = np.cumsum([0, *steps[:-1]]).tolist()
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": "12", "g": "9"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, stamp in enumerate(stamps):
            frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
            frame.pts, frame.time_base = stamp, Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path, [stamp / 1000 for stamp in stamps]


def path_of(numbers: list[int], times: list[float]) -> tracks.Path:
    corners = [(x, y, x + 40, y + 30) for x, y in map(place, numbers)]
    return tracks.Path(
        np.array(numbers, np.int32),
        np.array([times[k] for k in numbers]),
        np.array(corners, np.float32),
        np.ones(len(numbers), np.float32),
        np.zeros(len(numbers), np.bool_),
    )


def test_boxes_lie_on_the_object_of_their_picture(
    uneven: tuple[Path, list[float]], tmp_path: Path
) -> None:
    source, times = uneven
    path = path_of(list(range(40)), times)
    overlay = Overlay([Marked(path, colour=MAIN)])
    out = tmp_path / "clip.mp4"
    clip = cut(source, times[11], times[31], out, overlay)
    shown = list(sample(out, None))

    assert [number_of(frame.image) for frame in shown] == list(range(11, 31))
    assert (clip.frame0, clip.frame1) == (11, 31)
    assert [f.t_s for f in shown] == pytest.approx(
        [times[k] - times[11] for k in range(11, 31)], abs=2e-3
    )
    for frame in shown:
        x, y = place(number_of(frame.image))
        inside = frame.image[y + 5 : y + 25, x + 5 : x + 35].astype(int)
        border = frame.image[y + 5 : y + 25, x - 1 : x + 2].astype(int)
        assert np.median(inside[..., 2]) > 200  # the white square itself, nothing laid over it
        assert (border[..., 0] - border[..., 2]).max(axis=1).min() > 80  # the line at its left edge


def test_between_the_frames_of_a_path_boxes_move_with_time(
    uneven: tuple[Path, list[float]], tmp_path: Path
) -> None:
    path = path_of([0, 10], [k * 0.1 for k in range(11)])
    x0, x1 = place(0)[0], place(10)[0]

    middle = box_at(path, 0.25)
    assert middle is not None
    assert middle[0] == pytest.approx(x0 + 0.25 * (x1 - x0))
    assert box_at(path, -0.01) is None
    assert box_at(path, 1.01) is None


def test_an_object_out_of_sight_has_no_box() -> None:
    path = path_of([0, 10], [k * 0.3 for k in range(11)])

    assert box_at(path, 1.5) is None
    assert box_at(path, 3.0) is not None
    assert box_at(path_of([], []), 0.0) is None


def test_the_caption_leaves_the_picture_alone() -> None:
    image = picture(3)
    lines = [CaptionLine("turning left 84°", (0, 255, 0)), CaptionLine("naïve “words” " * 40)]
    drawn = Overlay(caption=lines).drawn(image, 0.0, (1.0, 1.0))

    assert drawn.shape[0] > HEIGHT
    assert (drawn[:HEIGHT] == image).all()
    assert (drawn[HEIGHT:] == (0, 255, 0)).all(axis=2).any()
    assert (drawn[HEIGHT:].max(axis=2) > 200).sum() > 100


def test_what_is_blurred_cannot_be_read() -> None:
    rng = np.random.default_rng(1)
    image = rng.integers(0, 256, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    path = path_of([4], [0.0] * 5)
    drawn = Overlay(blurred=[path]).drawn(image, 0.0, (1.0, 1.0))

    x, y = place(4)
    assert len(np.unique(drawn[y : y + 30, x : x + 40].reshape(-1, 3), axis=0)) <= 60
    untouched = np.ones((HEIGHT, WIDTH), np.bool_)
    untouched[y - 5 : y + 35, x - 6 : x + 46] = False
    assert (drawn[untouched] == image[untouched]).all()


def test_boxes_beyond_the_border_and_labels_at_the_top_stay_in_the_picture() -> None:
    path = tracks.Path(
        np.zeros(1, np.int32), np.zeros(1), np.array([[-30, -10, 50, 40]], np.float32),
        np.ones(1, np.float32), np.zeros(1, np.bool_),
    )  # fmt: skip
    drawn = Overlay([Marked(path, "#1 car")], blurred=[path]).drawn(picture(0), 0.0, (1.0, 1.0))

    assert drawn.shape == (HEIGHT, WIDTH, 3)
    x0, _, x1, y1 = edges(drawn)
    assert x0 == 0
    assert 50 <= x1 < 200
    assert y1 > 40


def test_a_smaller_picture_has_smaller_boxes(
    uneven: tuple[Path, list[float]], tmp_path: Path
) -> None:
    source, times = uneven
    out = tmp_path / "small.mp4"
    overlay = Overlay([Marked(path_of(list(range(40)), times))])
    cut(source, times[20], times[21], out, overlay, long_side_px=WIDTH // 2)
    (frame,) = sample(out, None)

    x, y = (v / 2 for v in place(20))
    assert edges(np.pad(frame.image, ((0, 100), (0, 0), (0, 0))))[0] <= x + 1
    border = frame.image[round(y) + 4 : round(y) + 11, round(x) - 1 : round(x) + 2].astype(int)
    assert (border[..., 0] - border[..., 2]).max(axis=1).min() > 60
