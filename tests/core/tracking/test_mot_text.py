from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import VidtrailError
from core.tracking.mot_text import mot_lines, read_mot


def written(folder: Path, text: str) -> Path:
    path = folder / "boxes.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_frames_from_0_and_corners(tmp_path: Path):
    rows = read_mot(
        written(tmp_path, "3,7,10,20,30,40,0.5,-1,-1,-1\n1,2,1.5,2,3,4,0.25,-1,-1,-1\n")
    )
    assert rows.frame.tolist() == [0, 2]
    assert rows.id.tolist() == [2, 7]
    assert rows.xyxy.tolist() == [[1.5, 2, 4.5, 6], [10, 20, 40, 60]]
    assert rows.confidence.tolist() == [0.25, 0.5]
    assert rows.more.shape == (2, 3)


def test_blanks_part_columns_too_and_a_missing_confidence_is_1(tmp_path: Path):
    rows = read_mot(written(tmp_path, "1 -1 10 20 30 40\n\n2 -1 10 20 30 40\n"))
    assert rows.confidence.tolist() == [1.0, 1.0]
    assert rows.more.shape == (2, 0)


def test_an_empty_file_has_no_boxes(tmp_path: Path):
    assert len(read_mot(written(tmp_path, "\n"))) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,2,three,4,5,6,7\n", "no MOTChallenge text"),
        ("1,2,3,4,5,6,7\n1,2,3\n", "no MOTChallenge text"),
        ("1,2,3\n", "no MOTChallenge text"),
        ("1,2,nan,4,5,6\n", "no MOTChallenge text"),
        ("0,2,3,4,5,6\n", "counts its frames from 0"),
    ],
)
def test_what_is_no_such_text_is_said(tmp_path: Path, text: str, said: str):
    with pytest.raises(VidtrailError, match=said):
        read_mot(written(tmp_path, text))


def test_what_cannot_be_read_is_said(tmp_path: Path):
    with pytest.raises(VidtrailError, match="No such file"):
        read_mot(tmp_path / "missing.txt")
    (tmp_path / "picture.txt").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(VidtrailError, match="no text"):
        read_mot(tmp_path / "picture.txt")


def test_lines_are_ordered_and_read_back(tmp_path: Path):
    frame = np.array([4, 0, 0], np.int32)
    ids = np.array([1, 2, 1], np.int32)
    xyxy = np.array([[1, 2, 3.25, 4.5], [0, 0, 10, 10], [5, 5, 6, 6]], np.float32)
    lines = list(mot_lines(frame, ids, xyxy, np.array([0.5, 0.25, 1.0], np.float32)))
    assert lines == [
        "1,1,5.00,5.00,1.00,1.00,1.0000,-1,-1,-1",
        "1,2,0.00,0.00,10.00,10.00,0.2500,-1,-1,-1",
        "5,1,1.00,2.00,2.25,2.50,0.5000,-1,-1,-1",
    ]
    rows = read_mot(written(tmp_path, "\n".join(lines)))
    assert rows.frame.tolist() == [0, 0, 4]
    assert rows.xyxy[2].tolist() == [1, 2, 3.25, 4.5]
