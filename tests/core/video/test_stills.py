from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import VideoError
from core.video.decode import sample
from core.video.stills import decode_jpeg, encode_jpeg, frame_at, poster

from .conftest import MakeVideo, write_video


@pytest.mark.parametrize(
    ("t_s", "index"), [(-1.0, 0), (0.0, 0), (0.039, 0), (0.04, 1), (0.85, 21), (99.0, 39)]
)
def test_frame_on_screen(make_video: MakeVideo, t_s: float, index: int) -> None:
    path = make_video(frames=40)
    frame = frame_at(path, t_s)

    assert frame.index == index
    np.testing.assert_array_equal(frame.image, list(sample(path, None))[index].image)


@pytest.mark.parametrize("name", ["clip.h264", "clip.ts", "clip.mkv"])
def test_frame_on_screen_in_other_containers(make_video: MakeVideo, name: str) -> None:
    path = make_video(name, frames=40)
    frame = frame_at(path, 0.85)

    np.testing.assert_array_equal(frame.image, list(sample(path, None))[21].image)


def test_poster_is_not_the_black_one(tmp_path: Path) -> None:
    import av

    path = tmp_path / "fade.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"g": "5"})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(50):
            image = np.zeros((48, 64, 3), np.uint8)
            if 15 <= index < 25:
                image[::8] = 250
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        out.mux(stream.encode(None))

    assert poster(path).std() > 20


def test_poster_of_one_frame(make_video: MakeVideo) -> None:
    assert poster(make_video("one.h264", frames=1)).shape == (48, 64, 3)


def test_jpeg_keeps_colours_in_order() -> None:
    image = np.zeros((16, 16, 3), np.uint8)
    image[:] = (200, 40, 90)
    again = decode_jpeg(encode_jpeg(image))

    np.testing.assert_allclose(again, image, atol=6)
    assert again.flags["C_CONTIGUOUS"]


def test_jpeg_of_a_view(tmp_path: Path) -> None:
    frame = next(sample(write_video(tmp_path / "v.mp4", frames=1), None)).image

    assert decode_jpeg(encode_jpeg(frame[4:20, 8:30])).shape == (16, 22, 3)


@pytest.mark.parametrize("data", [b"", b"no picture"])
def test_damaged_jpeg(data: bytes) -> None:
    with pytest.raises(VideoError, match="damaged"):
        decode_jpeg(data)
