from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from core.ingest.jobs import Jobs
from core.library.coverage import Coverage
from core.library.library import Library
from dashboard import library_desk as desk
from dashboard.library_views import as_label
from dashboard.library_wording import coverage_view, day, job_view, queue_title
from dashboard.roots import VARIABLE
from dashboard.services import services
from tests.fakes import add_shard


@pytest.fixture
def library(place: Path) -> Library:
    opened = services().library()
    for number in range(3):
        add_shard(opened, f"v{number}", tracks=number + 2, name=f"Cam {number}.mp4")
    return opened


@pytest.fixture
def jobs(place: Path) -> Jobs:
    return Jobs(place)


def job_of(jobs: Jobs, **told):
    jobs.put("add", "/v/a.mp4", "demo")
    return replace(jobs.claim(), **told)


def test_nothing_is_made_by_looking(place: Path):
    assert (desk.shelf_view().total, desk.queue_view().jobs, desk.removed_views()) == (0, (), ())
    assert list(place.iterdir()) == []


def test_cards_say_what_was_found(library: Library):
    card = next(c for c in desk.shelf_view().cards if c.id == "v1")
    assert [words for words, *_ in card.found] == ["3 cars"]
    assert (card.state, card.length, card.missing) == ("ready", "0:10", True)
    assert [kind for kind, _ in card.acts] == ["watch", "search", "coverage", "remove"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [("new", "210"), ("name", "012"), ("full", "210"), ("long", "012"), ("odd", "210")],
)
def test_orders(library: Library, sort: str, order: str):
    assert "".join(card.id[1] for card in desk.shelf_view(sort=sort).cards) == order


def test_a_filter_and_pages(library: Library, monkeypatch):
    found = desk.shelf_view(text=" cam 1 ")
    assert ([c.id for c in found.cards], found.fitting, found.total) == (["v1"], 1, 3)
    monkeypatch.setattr(desk, "PAGE", 2)
    assert (desk.shelf_view(page=9).page, len(desk.shelf_view(page=9).cards)) == (2, 1)
    assert desk.shelf_view(text="nobody").cards == ()


def test_a_video_in_the_queue_is_no_card(library: Library, jobs: Jobs):
    library.catalog.set_state("v1", "interrupted", "Stopped.")
    path = library.video("v1").path
    assert len(desk.shelf_view().cards) == 3
    Path(library.path / "x").touch()
    job = jobs.put("add", path, "demo")
    assert len(desk.shelf_view().cards) == 2
    jobs.cancel(job)
    assert len(desk.shelf_view().cards) == 3


def test_remove_and_have_back(library: Library):
    said = desk.remove("v1")
    assert (said.undo, "was removed" in said.text) == ("v1", True)
    assert [removed.id for removed in desk.removed_views()] == ["v1"]
    assert len(desk.shelf_view().cards) == 2
    assert "is back" in desk.restore("v1").text
    assert len(desk.shelf_view().cards) == 3
    assert desk.restore("v1").wrong
    assert desk.remove("nobody").wrong
    desk.remove("v2")
    assert desk.empty_bin().text.startswith("1 video deleted")


def test_a_video_that_lost_its_data_says_so_and_can_be_read_again(library: Library, jobs: Jobs):
    (library.shard_folder("v1") / "tracks.parquet").write_bytes(b"")
    library.close()
    services.cache_clear()
    card = next(c for c in desk.shelf_view().cards if c.id == "v1")
    assert card.state == "damaged"
    assert "damaged, and its file is gone" in card.error
    assert desk.read_again("v1", "demo") is None
    (job,) = jobs.all()
    assert (job.subject, job.profile) == ("/videos/Cam 1.mp4", "demo")


def test_the_queue_in_words(jobs: Jobs, monkeypatch):
    monkeypatch.setattr(desk, "_QUEUED_SHOWN", 2)
    numbers = jobs.put_all("add", [f"/v/{name}.mp4" for name in "abcdef"], "demo")
    jobs.claim()
    jobs.tell(numbers[0], stage="reading", share=0.345, speed=5.31, left_s=42.0)
    view = desk.queue_view()
    assert view.jobs[0].facts == ("reading", "34%", "5.3× real time", "42 s left")
    assert [job.facts for job in view.jobs[1:]] == [("1 video before it",), ("2 videos before it",)]
    assert (view.title, view.more, view.active) == ("Reading · 6 to go", 3, True)
    desk.on_job("pause", numbers[0])
    assert desk.queue_view().jobs[0].facts == ("pausing …",)
    jobs.end(numbers[0], "failed", "a.mp4 is empty (0 bytes).")
    for number in numbers[1:]:
        desk.on_job("cancel", number)
    view = desk.queue_view()
    assert (view.title, view.active) == ("Queue · 1 failed", False)
    assert view.jobs[0].said == "a.mp4 is empty (0 bytes)."
    assert len(view.ended) == 6
    desk.on_job("retry", numbers[0])
    assert desk.queue_view().active
    assert desk.on_job("dance", numbers[0]) is None


def test_a_job_that_stalls_says_so(jobs: Jobs):
    job = job_of(jobs, stage="linking", moved_at=100.0)
    assert job_view(job, 130.0).facts == ("joining what was seen",)
    assert job_view(job, 230.0).facts == ("joining what was seen", "nothing new for 2:10")
    assert queue_title([job]) == "Reading"


def test_dismissing_a_failed_upload_deletes_what_was_sent(library: Library, jobs: Jobs):
    library.uploads_folder.mkdir()
    sent = library.uploads_folder / "a.mp4"
    sent.write_bytes(b"x")
    job = jobs.put("add", sent, "demo")
    jobs.claim()
    jobs.end(job, "failed", "a.mp4 is not a video.")
    desk.on_job("dismiss", job)
    assert (jobs.all(), sent.exists()) == ([], False)


def test_a_damaged_queue_is_told(jobs: Jobs):
    jobs.path.write_bytes(b"this is no database at all" * 99)
    assert "delete this file" in desk.queue_view().error
    assert desk.on_job("retry", 1).wrong


def test_samples_and_folders_go_into_the_queue(place: Path, jobs: Jobs, tmp_path, monkeypatch):
    assert desk.add_samples() is None
    assert {job.profile for job in jobs.all()} == {"demo"}
    assert len(jobs.all()) >= 6
    assert desk.folder_view().roots == ()
    assert desk.add_from(str(tmp_path), "fast").wrong
    (tmp_path / "clips" / "deep").mkdir(parents=True)
    (tmp_path / "clips" / "a.mp4").write_bytes(b"12345")
    (tmp_path / "clips" / "deep" / "b.mkv").write_bytes(b"1")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "clips"))
    view = desk.folder_view()
    assert (view.folders[0][0], view.files[0][:2]) == ("deep", ("a.mp4", "5 B"))
    assert desk.folder_view("/").error
    before = len(jobs.all())
    assert desk.add_from(str(tmp_path / "clips"), "fast") is None
    assert [job.name for job in jobs.all()[before:]] == ["a.mp4", "b.mkv"]


def test_profiles_say_what_they_still_need(place: Path):
    views = {view.name: view for view in desk.profile_views()}
    assert views["demo"].need == ""
    assert "fetched" in views["best"].need
    assert views["fast"].upload.endswith("profile=fast")
    assert desk.usual_profile() == "demo"


def test_days():
    at = datetime(2026, 3, 9, 14, 5)
    assert day(at.timestamp(), at) == "today 14:05"
    assert day(at.timestamp(), datetime(2026, 5, 1)) == "9 Mar"
    assert day(at.timestamp(), datetime(2027, 5, 1)) == "9 Mar 2026"


def test_names_are_no_markdown():
    assert as_label("a_*b*[c](d).mp4") == r"a\_\*b\*\[c\]\(d\)\.mp4"


def coverage_with(**changes) -> Coverage:
    whole = Coverage(
        video_id="v", duration_s=10.0, fps=25.0, frames=100, looked_fps=10.0,
        spans=np.array([[0.0, 10.0]]), gaps=np.zeros((0, 2)), smallest_px=16.0, boxes=200,
        small_boxes=0, loose_boxes=3, tracks=4, small_tracks=0, unmeasured={}, camera_lost_s=0.0,
        notes=(),
    )  # fmt: skip
    return replace(whole, **changes)


def test_coverage_in_words(library: Library):
    record = library.video("v1")
    view = coverage_view(record, coverage_with())
    assert (view.strip, view.doubts) == (((0.0, 1.0, True),), ())
    assert [number for _, number, _ in view.facts] == ["10 a second", "about 16 px", "4 objects"]
    view = coverage_view(
        record,
        coverage_with(
            spans=np.array([[0.0, 4.0], [7.0, 10.0]]),
            gaps=np.array([[4.0, 7.0]]),
            small_boxes=50,
            small_tracks=1,
            unmeasured={"seen for 0.9 s only": 1, "hidden": 1, "seen for 0.4 s only": 2},
            notes=("It is cut off.",),
        ),
    )
    assert view.strip_said == "70% of 0:10 looked at"
    assert [row[2] for row in view.strip] == [True, False, True]
    assert view.doubts[0] == "Nothing was seen from 0:04.0 to 0:07.0."
    assert "25% of all boxes" in view.doubts[1]
    assert view.doubts[2:] == (
        "Of 3 objects the motion is not told: seen for 0.4 to 0.9 s only.",
        "Of 1 object the motion is not told: hidden.",
        "It is cut off.",
    )
    assert desk.coverage_of("nobody").error
