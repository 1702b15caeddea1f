from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import LibraryError
from core.ingest.jobs import Jobs
from core.library.library import Library


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return Jobs(tmp_path / "library")


def states(jobs: Jobs) -> list[str]:
    return [job.state for job in jobs.all()]


def test_nothing_is_made_before_the_first_job(jobs: Jobs):
    assert (jobs.all(), jobs.active(), jobs.claim(), jobs.cancel(1)) == ([], [], None, False)
    assert not jobs.place.exists()


def test_a_library_with_nothing_but_a_queue_opens(jobs: Jobs):
    jobs.put("add", "/v/a.mp4", "demo")
    with Library.open(jobs.place) as library:
        assert library.videos() == []


def test_jobs_come_in_order_and_each_once(jobs: Jobs):
    first, second = jobs.put_all("add", ["/v/b.mp4", "/v/a.mp4"], "demo")
    assert jobs.put("add", "/v/b.mp4", "demo") == first
    assert [job.name for job in jobs.all()] == ["b.mp4", "a.mp4"]
    assert (jobs.claim().job_id, jobs.claim().job_id, jobs.claim()) == (first, second, None)
    assert jobs.put("add", "/v/b.mp4", "demo") == first  # running still
    jobs.end(first, "done", "Added.", "v1")
    assert jobs.put("add", "/v/b.mp4", "demo") not in (first, second)
    assert jobs.get(first).video_id == "v1"


def test_a_name_that_is_no_text_is_kept(jobs: Jobs):
    odd = os.fsdecode(b"/v/\xff\xe9.mp4")
    jobs.put("add", odd, "demo")
    assert jobs.claim().subject == odd


def test_pause_resume_cancel_retry_of_a_waiting_job(jobs: Jobs):
    job = jobs.put("add", "/v/a.mp4", "demo")
    assert jobs.pause(job)
    assert jobs.claim() is None
    assert jobs.resume(job)
    assert jobs.cancel(job)
    assert states(jobs) == ["cancelled"]
    assert not jobs.pause(job)
    assert jobs.retry(job)
    assert states(jobs) == ["queued"]
    assert not jobs.dismiss(job)  # it is not over


def test_a_running_job_is_only_asked(jobs: Jobs):
    job = jobs.put("add", "/v/a.mp4", "demo")
    jobs.claim()
    assert jobs.pause(job)
    assert (jobs.get(job).state, jobs.get(job).wanted) == ("running", "pause")
    assert jobs.resume(job)  # the worker had not yet heard it
    assert jobs.get(job).wanted == ""
    assert jobs.cancel(job)
    jobs.tell(job, stage="reading", share=0.5, speed=2.0, left_s=3.0, video_id="v")
    told = jobs.get(job)
    assert (told.share, told.speed, told.left_s, told.video_id) == (0.5, 2.0, 3.0, "v")
    jobs.end(job, "cancelled", "Cancelled.")
    assert (jobs.get(job).wanted, jobs.get(job).video_id) == ("", "v")


def test_what_is_told_too_late_changes_nothing(jobs: Jobs):
    job = jobs.put("add", "/v/a.mp4", "demo")
    jobs.claim()
    jobs.end(job, "done", "Added.")
    jobs.tell(job, stage="reading", share=0.1)
    assert not jobs.end(job, "failed", "late")
    assert (jobs.get(job).state, jobs.get(job).share) == ("done", 1.0)


def test_dismissing_takes_the_log_along(jobs: Jobs):
    job = jobs.put("add", "/v/a.mp4", "demo")
    jobs.claim()
    jobs.log_path(job).write_text("a traceback")
    jobs.end(job, "failed", "It is no video.")
    assert jobs.dismiss(job)
    assert (jobs.all(), jobs.log_path(job).exists()) == ([], False)


def test_an_interrupted_job_goes_on_unless_it_always_dies(jobs: Jobs):
    job = jobs.put("add", "/v/a.mp4", "demo")
    for _ in range(9):  # servers may be restarted as often as people like
        jobs.claim()
        jobs.interrupted(job)
    for _ in range(2):
        jobs.claim()
        jobs.interrupted(job, "It breaks down.")
    assert states(jobs) == ["queued"]
    jobs.claim()
    jobs.interrupted(job, "It breaks down.")
    assert (states(jobs), jobs.get(job).reason) == (["failed"], "It breaks down.")
    jobs.retry(job)
    assert jobs.get(job).deaths == 0


@pytest.mark.parametrize(("ask", "state"), [("cancel", "cancelled"), ("pause", "paused")])
def test_an_interrupted_job_ends_as_was_wanted(jobs: Jobs, ask: str, state: str):
    job = jobs.put("add", "/v/a.mp4", "demo")
    jobs.claim()
    getattr(jobs, ask)(job)
    jobs.interrupted(job, "It breaks down.")
    assert states(jobs) == [state]


def test_old_jobs_that_went_well_leave(jobs: Jobs):
    jobs.put_all("add", [f"/v/{n}.mp4" for n in range(210)], "demo")
    while (job := jobs.claim()) is not None:
        jobs.end(job.job_id, "done")
    jobs.put("add", "/v/new.mp4", "demo")
    assert len(jobs.all()) == 201


def test_a_damaged_queue_says_what_to_do(jobs: Jobs):
    jobs.place.mkdir()
    jobs.path.write_bytes(b"this is no database at all" * 99)
    with pytest.raises(LibraryError, match="delete this file"):
        jobs.all()


def test_a_folder_that_cannot_be_written_to_is_refused(jobs: Jobs):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    jobs.place.mkdir(mode=0o555)
    with pytest.raises(LibraryError, match="permission"):
        jobs.put("add", "/v/a.mp4", "demo")
