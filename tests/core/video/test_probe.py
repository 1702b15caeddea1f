from __future__ import annotations

import os
import shutil
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from core.errors import VideoError
from core.video.probe import content_id, probe

from .conftest import MakeVideo, turn


def sentence_about(path: Path) -> str:
    with pytest.raises(VideoError) as caught:
        probe(path)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith((".", ")."))
    return text


def test_what_a_video_is(make_video: MakeVideo) -> None:
    path = make_video(frames=50, size=(64, 48))
    info = probe(path)

    assert (info.width, info.height, info.rotation) == (64, 48, 0)
    assert info.duration_s == pytest.approx(2.0)
    assert info.fps == pytest.approx(25.0)
    assert info.codec == "h264"
    assert info.frame_count == 50
    assert info.size_bytes == path.stat().st_size
    assert info.video_id == content_id(path)


def test_content_id_follows_content_not_name(make_video: MakeVideo, tmp_path: Path) -> None:
    path = make_video(frames=3)
    copy = tmp_path / "other name.bin"
    shutil.copy(path, copy)

    assert content_id(copy) == content_id(path)
    assert len(content_id(path)) == 24
    copy.write_bytes(copy.read_bytes() + b"\0")
    assert content_id(copy) != content_id(path)


def test_sizes_are_the_displayed_ones(make_video: MakeVideo) -> None:
    info = probe(turn(make_video(frames=2, size=(64, 48)), (0, 1, -1, 0)))

    assert (info.width, info.height, info.rotation) == (48, 64, 90)


@pytest.mark.parametrize("suffix", [".h264", ".mkv", ".ts"])
def test_duration_where_the_stream_states_none(make_video: MakeVideo, suffix: str) -> None:
    assert probe(make_video(f"clip{suffix}", frames=50)).duration_s == pytest.approx(2.0, abs=0.1)


def test_missing(tmp_path: Path) -> None:
    assert sentence_about(tmp_path / "gone.mp4") == "gone.mp4 does not exist."


def test_folder(tmp_path: Path) -> None:
    assert "is a folder" in sentence_about(tmp_path)


def test_empty(tmp_path: Path) -> None:
    path = tmp_path / "void.mp4"
    path.touch()

    assert "is empty" in sentence_about(path)


def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.mp4"
    os.mkfifo(path)

    assert "not a regular file" in sentence_about(path)


def test_no_permission(make_video: MakeVideo, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_video(frames=2)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # the tests may run as a user who may read all

    assert sentence_about(path) == "clip.mp4 cannot be read: no permission."


def test_folder_without_permission(make_video: MakeVideo, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_video(frames=2)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)

    assert "no permission" in sentence_about(path)


@pytest.mark.parametrize("name", ["notes.txt", "notes.mp4"])
def test_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("red car turning left\n" * 50)

    assert f"{name} is not a video" in sentence_about(path)


@pytest.mark.parametrize("name", ["photo.jpg", "photo.mp4", "photo.png", "%d.jpg"])
def test_picture(tmp_path: Path, name: str) -> None:
    kind = Path(name).suffix.replace(".mp4", ".jpg")
    path = tmp_path / name
    path.write_bytes(cv2.imencode(kind, np.zeros((40, 40, 3), np.uint8))[1].tobytes())

    assert "is a picture, not a video" in sentence_about(path)


def test_sound_only(tmp_path: Path) -> None:
    path = tmp_path / "song.m4a"
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=44_100)
        for index in range(10):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            frame.sample_rate = 44_100
            frame.pts = index * 1024
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))

    assert "no video stream: it holds only sound" in sentence_about(path)


def test_playlist_opens_nothing_else(make_video: MakeVideo, tmp_path: Path) -> None:
    make_video("part.ts", frames=10)
    path = tmp_path / "list.mp4"
    path.write_text("ffconcat version 1.0\nfile part.ts\n")

    assert "is not a video" in sentence_about(path)


def test_index_cut_off(make_video: MakeVideo) -> None:
    path = make_video(frames=30)
    path.write_bytes(path.read_bytes()[:-900])  # an MP4's index stands at its end

    assert "cut off" in sentence_about(path)


def test_only_a_header(make_video: MakeVideo) -> None:
    path = make_video("head.mkv", frames=30)
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"\x1f\x43\xb6\x75")])  # up to the first cluster

    assert "head.mkv" in sentence_about(path)


@pytest.mark.parametrize(
    "name",
    [
        "дорога у моста 道路 🚗.mp4",
        "a:b?c&d=e.mp4",
        "-i.mp4",
        '\'quoted "name".mp4',
        "%03d.mp4",
        "x" * 251 + ".mp4",
    ],
)
def test_names(make_video: MakeVideo, name: str) -> None:
    path = make_video("plain.mp4", frames=2)
    renamed = path.rename(path.with_name(name))

    assert probe(renamed).width == 64


def test_name_that_no_file_can_have(tmp_path: Path) -> None:
    text = sentence_about(tmp_path / ("y" * 400 + ".mp4"))

    assert "cannot be read" in text
    assert len(text) < 160


def test_name_with_bytes_that_are_no_text(make_video: MakeVideo) -> None:
    path = make_video("plain.mp4", frames=2)
    odd = path.rename(path.with_name(os.fsdecode(b"caf\xe9.mp4")))

    assert probe(odd).width == 64


@pytest.mark.parametrize("size", [(1, 1), (63, 37)])
def test_odd_sizes(make_video: MakeVideo, size: tuple[int, int]) -> None:
    path = make_video("odd.mkv", frames=2, size=size, codec="ffv1", pix_fmt="bgr0")

    assert (probe(path).width, probe(path).height) == size


def test_a_single_frame_without_length(make_video: MakeVideo) -> None:
    info = probe(make_video("one.mkv", frames=1))

    assert info.duration_s >= 0
    assert info.width == 64


def test_a_link_is_followed(make_video: MakeVideo, tmp_path: Path) -> None:
    link = tmp_path / "link.mp4"
    link.symlink_to(make_video(frames=2))

    assert probe(link).width == 64
