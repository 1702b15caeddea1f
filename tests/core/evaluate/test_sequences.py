from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import VidtrailError
from core.evaluate.sequences import read_sequence, sequences_in
from tests.core.evaluate.hand_made import (
    FPS,
    mot15,
    traffic_pictures,
    traffic_rows,
    walk,
    world,
    write_gt,
    write_info,
    write_pictures,
)
from tests.fakes import clip


def test_2d_mot_2015(tmp_path: Path):
    folder = mot15(tmp_path / "walkers", frames=5)
    with (folder / "gt" / "gt.txt").open("a", encoding="utf-8") as file:
        file.write("2,9,1,1,10,10,0,-1,-1,-1\n")
    sequence = read_sequence(folder)
    assert (sequence.layout, sequence.fps, sequence.pedestrians) == ("MOT15", FPS, True)
    truth = sequence.truth
    assert len(truth) == len(traffic_rows(5)) + 1
    assert truth.object_id[~truth.counts].tolist() == [9]
    assert not truth.drops.any()
    assert not truth.counting_first
    frames = list(sequence.frames())
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4]
    assert [frame.t_s for frame in frames] == [0.0, 0.1, 0.2, 0.3, 0.4]
    for frame, drawn in zip(frames, traffic_pictures(5), strict=True):
        assert np.array_equal(frame.image, drawn)


@pytest.mark.parametrize(("name", "vehicles_drop"), [("MOT17-02", False), ("MOT20-01", True)])
def test_mot16_and_later_ask_for_pedestrians(tmp_path: Path, name: str, vehicles_drop: bool):
    folder = tmp_path / name
    lines = [  # flag, class, visibility
        "1,1,0,0,40,80,1,1,0.1",  # a pedestrian, however little is seen of him
        "1,2,0,0,40,80,0,1,1",  # one not to be judged
        "1,3,0,0,40,80,0,2,1",  # a person on a vehicle
        "1,4,0,0,40,80,0,7,1",  # a static person
        "1,5,0,0,40,80,0,8,1",  # a distractor
        "1,6,0,0,40,80,0,12,1",  # a reflection
        "1,7,0,0,40,80,0,3,1",  # a car
        "1,8,0,0,40,80,0,6,1",  # a vehicle without motor
    ]
    (folder / "gt").mkdir(parents=True)
    (folder / "gt" / "gt.txt").write_text("\n".join(lines), encoding="utf-8")
    write_pictures(folder / "img1", traffic_pictures(1))
    write_info(folder, fps=30)
    truth = read_sequence(folder).truth
    assert truth.object_id[truth.counts].tolist() == [1]
    assert truth.object_id[truth.drops].tolist() == [3, 4, 5, 6] + [8] * vehicles_drop
    assert not truth.counting_first


def test_worlds_care_for_what_can_be_seen(tmp_path: Path):
    folder = world(tmp_path / "square-1", frames=3)
    (folder / "gt" / "gt.txt").write_text(
        "1,1,0,0,40,80,1,1,0.31\n"
        "1,2,0,0,40,80,1,7,0.29\n"
        "1,3,0,0,15.5,15.9,1,8,1\n"
        "1,4,0,0,4,16,1,5,1\n",
        encoding="utf-8",
    )
    sequence = read_sequence(folder)
    truth = sequence.truth
    assert (sequence.layout, sequence.fps, sequence.pedestrians) == ("world", FPS, False)
    assert truth.object_id[truth.counts].tolist() == [1, 4]
    assert truth.object_id[truth.drops].tolist() == [2, 3]
    assert truth.counting_first


def test_frames_of_a_video(tmp_path: Path):
    sequence = read_sequence(world(tmp_path / "square-1", frames=7))
    frames = list(sequence.frames())
    assert [frame.index for frame in frames] == list(range(7))
    assert frames[3].t_s == pytest.approx(0.3, abs=1e-3)


def test_the_one_video_of_a_folder_is_taken_with_its_own_rate(tmp_path: Path):
    write_gt(tmp_path / "street", walk(1, range(4)), "1,-1,-1,-1")
    clip(tmp_path / "street" / "any.mp4", 0.5, 8.0)
    sequence = read_sequence(tmp_path / "street")
    assert sequence.source.name == "any.mp4"
    assert sequence.fps == 8.0
    assert len(list(sequence.frames())) == 4


def test_seqinfo_may_name_a_video_and_end_before_it(tmp_path: Path):
    folder = tmp_path / "street"
    write_gt(folder, walk(1, range(4)), "1,-1,-1,-1")
    write_info(folder, "any.mp4", fps=10, length=6)
    clip(folder / "any.mp4", 1.0, 10.0)
    clip(folder / "other.mp4", 1.0, 10.0)
    assert [frame.index for frame in read_sequence(folder).frames()] == list(range(6))


def test_content_is_known_wherever_it_lies(tmp_path: Path):
    one = read_sequence(mot15(tmp_path / "a", frames=3)).content_id()
    assert read_sequence(mot15(tmp_path / "b", frames=3)).content_id() == one
    assert read_sequence(mot15(tmp_path / "c", frames=4)).content_id() != one


def test_folders_of_folders(tmp_path: Path):
    for name in ("b", "a"):
        mot15(tmp_path / "all" / name, frames=2)
    assert [s.name for s in sequences_in([tmp_path / "all"])] == ["a", "b"]
    with pytest.raises(VidtrailError, match="Two sequences are named a"):
        sequences_in([tmp_path / "all", tmp_path / "all" / "a"])


class TestErrors:
    def test_no_folder(self, tmp_path: Path):
        with pytest.raises(VidtrailError, match="There is no folder"):
            sequences_in([tmp_path / "missing"])

    def test_no_truth(self, tmp_path: Path):
        with pytest.raises(VidtrailError, match="There is no truth in"):
            sequences_in([tmp_path])

    def test_unknown_columns(self, tmp_path: Path):
        folder = mot15(tmp_path / "a", frames=1)
        write_gt(folder, walk(1, [0]), "1,1,1,1,1")
        with pytest.raises(VidtrailError, match="has 11 columns"):
            read_sequence(folder)

    def test_a_world_needs_visibilities(self, tmp_path: Path):
        folder = world(tmp_path / "a", frames=1)
        write_gt(folder, walk(1, [0]), "1,-1,-1,-1")
        with pytest.raises(VidtrailError, match="has 10 columns"):
            read_sequence(folder)

    def test_no_frames(self, tmp_path: Path):
        write_gt(tmp_path / "a", walk(1, [0]), "1,-1,-1,-1")
        with pytest.raises(VidtrailError, match="has no frames"):
            read_sequence(tmp_path / "a")

    def test_frames_named_but_missing(self, tmp_path: Path):
        write_gt(tmp_path / "a", walk(1, [0]), "1,-1,-1,-1")
        write_info(tmp_path / "a")
        with pytest.raises(VidtrailError, match="img1 is not there or is empty"):
            read_sequence(tmp_path / "a")

    def test_no_rate(self, tmp_path: Path):
        folder = mot15(tmp_path / "a", frames=1)
        (folder / "seqinfo.ini").unlink()
        with pytest.raises(VidtrailError, match="how many frames a second"):
            read_sequence(folder)

    @pytest.mark.parametrize("text", ["nothing", "[Other]\na=1", "[Sequence]\nframeRate=fast"])
    def test_a_damaged_seqinfo(self, tmp_path: Path, text: str):
        folder = mot15(tmp_path / "a", frames=1)
        (folder / "seqinfo.ini").write_text(text, encoding="utf-8")
        with pytest.raises(VidtrailError, match=r"seqinfo\.ini"):
            read_sequence(folder)

    @pytest.mark.parametrize("text", ["{", '{"video": "a.mp4"}', "[]"])
    def test_a_damaged_world(self, tmp_path: Path, text: str):
        folder = world(tmp_path / "a", frames=1)
        (folder / "truth.json").write_text(text, encoding="utf-8")
        with pytest.raises(VidtrailError, match="cannot be read as the truth"):
            read_sequence(folder)

    def test_a_broken_picture(self, tmp_path: Path):
        folder = mot15(tmp_path / "a", frames=2)
        (folder / "img1" / "000002.png").write_bytes(b"no picture")
        with pytest.raises(VidtrailError, match=r"000002\.png is no picture"):
            list(read_sequence(folder).frames())
