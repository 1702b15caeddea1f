"""Moments as clips: what is in the folder, what the list says, whose box has which colour."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import VideoError
from core.library.library import Library
from core.search.clips import MANIFEST_NAME, cut_moments, overlay_of
from core.search.engine import Engine
from core.video.decode import sample
from core.video.overlay import BAD, GOOD, MAIN, RELATED
from core.video.probe import probe
from tests.core.search.collection import Obj, Rel, WordEncoder, put
from tests.fakes import clip

STOP = ("stop", 2.0, 4.0, 0.95)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library.open(tmp_path / "library")
    objects = [Obj("car", "red", (STOP,)), Obj("bus", "blue"), Obj("person", "blue")]
    put(library, "gate", objects, [Rel("follow", 1, 2, 1.0, 5.0)])
    source = clip(tmp_path / "gâte & co.mp4", seconds=9.0, fps=10.0, movers=(), size=(640, 360))
    library.catalog.set_path("gate", source.name, str(source))
    return library


def test_clips_begin_and_end_with_the_moment(library: Library, tmp_path: Path) -> None:
    answer = Engine(library, WordEncoder()).search("red car stopping")
    (done,) = cut_moments(library, answer, tmp_path / "clips")

    assert done.clip is not None
    assert (done.clip.frame0, done.clip.frame1) == (10, 50)
    written = tmp_path / "clips" / done.file
    assert done.file == "001-g-te-co-1-1.0s.mp4"
    assert len(list(sample(written, None))) == 40
    assert (probe(written).width, probe(written).height) == (640, 360)
    data = json.loads((tmp_path / "clips" / MANIFEST_NAME).read_text())
    assert (data["version"], data["canonical"], data["sound"]) == (
        1,
        "red car stopping",
        "left out",
    )
    (told,) = data["clips"]
    assert (told["file"], told["error"], told["track_id"]) == (done.file, None, 1)
    assert (told["frame0"], told["frame1"], told["first_s"], told["last_s"]) == (10, 50, 1.0, 4.9)
    assert [part["part"] for part in told["parts"]] == ["car", "red", "stopping"]


def test_an_overlay_shows_the_objects_and_the_parts(library: Library, tmp_path: Path) -> None:
    answer = Engine(library, WordEncoder()).search("red car following a bus")
    (moment,) = [m for m in answer.results if m.matches]
    overlay = overlay_of(library.shard("gate"), moment)
    assert overlay is not None
    assert [(m.label, m.colour) for m in overlay.marked] == [
        ("#1 car", MAIN),
        ("#2 bus", RELATED),
    ]
    assert [line.colour for line in overlay.caption] == [GOOD] * 3

    (done,) = cut_moments(library, answer, tmp_path / "clips", overlay=True)
    assert done.clip is not None
    assert done.clip.height > 360
    frame = next(iter(sample(tmp_path / "clips" / done.file, None))).image.astype(int)
    main, related = frame[10:25, 0:2], frame[60:75, 49:52]  # left edges of the boxes
    assert np.median(main[..., 0] - main[..., 2]) > 80
    assert (related[..., 2] - related[..., 0]).max(axis=1).min() > 60


def test_a_part_that_fails_is_marked_so(library: Library) -> None:
    answer = Engine(library, WordEncoder()).search("blue car stopping")
    (near, *_) = answer.near_misses
    overlay = overlay_of(library.shard("gate"), near)
    assert overlay is not None
    assert [line.colour for line in overlay.caption] == [GOOD, BAD, GOOD]


def test_only_other_people_are_blurred(library: Library) -> None:
    answer = Engine(library, WordEncoder()).search("red car stopping")
    shard = library.shard("gate")
    overlay = overlay_of(shard, answer.results[0], marks=False, blur_others=True)
    assert overlay is not None
    assert not overlay.marked
    assert not overlay.caption
    (person,) = overlay.blurred
    assert (person.xyxy == shard.path_of(3).xyxy).all()
    asked = Engine(library, WordEncoder()).search("blue person").results[0]
    own = overlay_of(shard, asked, blur_others=True)
    assert own is not None
    assert not own.blurred
    assert overlay_of(shard, asked, marks=False) is None


def test_a_video_that_has_gone_leaves_a_reason(library: Library, tmp_path: Path) -> None:
    library.catalog.set_path("gate", "gone.mp4", str(tmp_path / "gone.mp4"))
    answer = Engine(library, WordEncoder()).search("red car stopping")
    (done,) = cut_moments(library, answer, tmp_path / "clips")
    assert done.clip is None
    assert "does not exist" in done.error
    (told,) = json.loads((tmp_path / "clips" / MANIFEST_NAME).read_text())["clips"]
    assert told["file"] is None
    assert "does not exist" in told["error"]


def test_nothing_found_is_an_empty_list(library: Library, tmp_path: Path) -> None:
    answer = Engine(library, WordEncoder()).search("purple bus")
    assert cut_moments(library, answer, tmp_path / "clips") == []
    assert json.loads((tmp_path / "clips" / MANIFEST_NAME).read_text())["clips"] == []


def test_a_file_in_the_way(library: Library, tmp_path: Path) -> None:
    (tmp_path / "clips").write_text("")
    answer = Engine(library, WordEncoder()).search("red car stopping")
    with pytest.raises(VideoError, match="cannot be written"):
        cut_moments(library, answer, tmp_path / "clips")
