"""Named zones: whose they are, how they are replaced, and that they outlive nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import LibraryError
from core.library.catalog import VideoRecord
from core.library.library import Library

SQUARE = ((0.1, 0.1), (0.5, 0.1), (0.5, 0.5))
OTHER = ((0.6, 0.1), (0.9, 0.1), (0.9, 0.5), (0.6, 0.5))


def record(video_id: str, width: int = 640, height: int = 360) -> VideoRecord:
    return VideoRecord(
        video_id, f"{video_id}.mp4", f"/{video_id}.mp4", 10.0, width, height, 25.0, 1,
        "interrupted", "", "demo", "none", "none", 0, 0.0, "", 0.0,
    )  # fmt: skip


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.open(tmp_path / "library")


def test_a_zone_of_a_camera_is_kept_for_all_videos_of_its_size(library: Library) -> None:
    zone = library.zones.add("  Main  Gate", SQUARE, record("v"))
    assert (zone.name, zone.points, zone.kind) == ("main gate", SQUARE, "zone")
    assert zone.lies_in(record("v"))
    assert zone.lies_in(record("w"))
    assert not zone.lies_in(record("x", 1920, 1080))
    library.close()
    with Library.open(library.path) as again:
        assert again.zones.all() == [zone]
        assert again.zones.named("MAIN gate") == [zone]
        assert again.zones.named("gate") == []


def test_a_zone_of_the_same_name_there_is_replaced_and_elsewhere_kept(library: Library) -> None:
    library.zones.add("gate", SQUARE, record("v"))
    large = library.zones.add("gate", SQUARE, record("x", 1920, 1080))
    mine = library.zones.add("gate", OTHER, record("v"), only_this_video=True)
    newer = library.zones.add("gate", OTHER, record("w"))
    assert sorted(zone.zone_id for zone in library.zones.all()) == sorted(
        [large.zone_id, mine.zone_id, newer.zone_id]
    )
    assert library.zones.of_video(record("v")) == [mine]
    assert library.zones.of_video(record("w")) == [newer]


def test_a_line_has_two_points(library: Library) -> None:
    line = library.zones.add("entry", SQUARE[:2], record("v"), kind="line")
    assert (line.kind, line.points) == ("line", SQUARE[:2])


@pytest.mark.parametrize(
    ("name", "points", "message"),
    [
        ("", SQUARE, "cannot be called"),
        ("0.1", SQUARE, "cannot be called"),
        ("a]b", SQUARE, "cannot be called"),
        ("gate", SQUARE[:2], "at least 3 points"),
        ("gate", ((0.0, 0.0), (1.2, 0.0), (0.0, 1.0)), "from 0 to 1"),
    ],
)
def test_what_cannot_be_a_zone_is_said(
    library: Library, name: str, points: tuple[tuple[float, float], ...], message: str
) -> None:
    with pytest.raises(LibraryError, match=message):
        library.zones.add(name, points, record("v"))
    assert library.zones.all() == []


def test_zones_are_removed_by_number_and_with_their_video(library: Library) -> None:
    shared = library.zones.add("gate", SQUARE, record("v"))
    library.zones.add("yard", SQUARE, record("v"), only_this_video=True)
    library.catalog.forget_video("v")
    assert library.zones.all() == [shared]
    library.zones.remove(shared.zone_id)
    assert library.zones.all() == []
    with pytest.raises(LibraryError, match="no zone number"):
        library.zones.remove(shared.zone_id)
