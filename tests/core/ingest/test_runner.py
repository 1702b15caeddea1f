"""The queue for real: workers are processes, videos are small, models are fakes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.ingest.jobs import Job, Jobs
from core.ingest.runner import Runner
from core.library.library import Library
from core.video.playable import plays_in_browser
from tests.fakes import clip

WORKER = "tests.faults.queue_worker"
ROOT = Path(__file__).parents[3]
PATIENCE_S = 60.0
pytestmark = pytest.mark.slow
unix = pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 is for Unix")


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    return clip(tmp_path_factory.mktemp("videos") / "traffic.mp4", seconds=6.0)


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return Jobs(tmp_path / "library")


@contextmanager
def running(jobs: Jobs, *, grace_s: float = 5.0) -> Iterator[Runner]:
    runner = Runner(jobs.place, grace_s=grace_s, worker=WORKER)
    runner.start()
    try:
        yield runner
    finally:
        runner.stop()


def until(jobs: Jobs, job_id: int, what: Callable[[Job], bool]) -> Job:
    deadline = time.monotonic() + PATIENCE_S
    while not what(jobs.get(job_id)):
        assert time.monotonic() < deadline, jobs.get(job_id)
        time.sleep(0.05)
    return jobs.get(job_id)


def in_state(state: str) -> Callable[[Job], bool]:
    return lambda job: job.state == state


def under_way(job: Job) -> bool:
    """Reading, with something safe on disk: segments are a second long."""
    return job.state == "running" and job.stage == "reading" and job.share > 0.35


def tracks(place: Path) -> list[tuple[int, str, float]]:
    with Library.open(place) as library:
        (record,) = library.ready()
        table = library.shard(record.video_id).tracks()
        return list(
            zip(table.track_id.tolist(), table.class_name, table.t0_s.tolist(), strict=True)
        )


@pytest.fixture(scope="module")
def expected(video: Path, tmp_path_factory) -> list[tuple[int, str, float]]:
    """What a run that nothing disturbs finds."""
    jobs = Jobs(tmp_path_factory.mktemp("undisturbed") / "library")
    with running(jobs):
        job = until(jobs, jobs.put("add", video, "demo"), lambda job: not job.active)
    assert (job.state, job.share) == ("done", 1.0)
    assert job.reason.startswith("traffic.mp4 was added")
    return tracks(jobs.place)


def test_a_video_is_read(expected):
    assert len(expected) >= 3


def test_a_broken_video_says_why_and_the_next_one_is_read(jobs: Jobs, video: Path, tmp_path: Path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video at all")
    bad, good = jobs.put_all("add", [broken, video], "demo")
    with running(jobs):
        until(jobs, good, in_state("done"))
    assert jobs.get(bad).state == "failed"
    assert jobs.get(bad).reason.startswith("broken.mp4 is not a video")


def test_a_bug_is_told_in_a_sentence_and_its_traceback_in_the_log(
    jobs: Jobs, video: Path, monkeypatch
):
    monkeypatch.setenv("QUEUE_WORKER", "break")
    job = jobs.put("add", video, "demo")
    with running(jobs):
        until(jobs, job, in_state("failed"))
    assert "ZeroDivisionError" in jobs.get(job).reason
    assert "Traceback" in jobs.log_path(job).read_text()


def test_pausing_keeps_what_was_read(jobs: Jobs, video: Path, expected, monkeypatch):
    monkeypatch.setenv("QUEUE_WORKER", "slow")
    job = jobs.put("add", video, "demo")
    with running(jobs):
        until(jobs, job, under_way)
        jobs.pause(job)
        paused = until(jobs, job, in_state("paused"))
        with Library.open(jobs.place) as library:
            (record,) = library.videos()
            assert record.state == "interrupted"
            done_s = record.done_s
        assert done_s >= 1.0
        assert paused.share > 0
        monkeypatch.setenv("QUEUE_WORKER", "")
        jobs.resume(job)
        until(jobs, job, in_state("done"))
    assert f"going on at {done_s:.1f} s" in jobs.log_path(job).read_text()
    assert tracks(jobs.place) == expected


def test_cancelling_frees_the_queue(jobs: Jobs, video: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("QUEUE_WORKER", "slow")
    first, second = jobs.put_all("add", [video, clip(tmp_path / "b.mp4", 1.0)], "demo")
    with running(jobs):
        until(jobs, first, under_way)
        jobs.cancel(first)
        until(jobs, second, in_state("done"))
    assert jobs.get(first).state == "cancelled"


@unix
@pytest.mark.parametrize(("ask", "state"), [("cancel", "cancelled"), ("pause", "paused")])
def test_a_worker_that_hangs_is_ended(jobs: Jobs, video: Path, monkeypatch, ask: str, state: str):
    monkeypatch.setenv("QUEUE_WORKER", "hang")
    job = jobs.put("add", video, "demo")
    with running(jobs, grace_s=0.5):
        pid = until(jobs, job, lambda job: job.stage == "reading").pid
        getattr(jobs, ask)(job)
        until(jobs, job, in_state(state))
        assert not alive(pid)
    with Library.open(jobs.place) as library:
        assert [record.state for record in library.videos()] == ["interrupted"]


@unix
def test_a_killed_worker_goes_on_by_itself(jobs: Jobs, video: Path, expected, monkeypatch):
    monkeypatch.setenv("QUEUE_WORKER", "slow")
    job = jobs.put("add", video, "demo")
    with running(jobs):
        os.kill(until(jobs, job, under_way).pid, signal.SIGKILL)
        monkeypatch.setenv("QUEUE_WORKER", "")
        until(jobs, job, in_state("done"))
    assert "going on at" in jobs.log_path(job).read_text()
    assert tracks(jobs.place) == expected


@pytest.mark.parametrize("how", [pytest.param("die", marks=unix), "crash"])
def test_a_job_that_always_brings_its_worker_down_fails(jobs: Jobs, video, monkeypatch, how: str):
    monkeypatch.setenv("QUEUE_WORKER", how)
    short = clip(jobs.place.parent / "short.mp4", 12.0) if how == "die" else video
    job = jobs.put("add", short, "demo")
    with running(jobs):
        failed = until(jobs, job, in_state("failed"))
    assert failed.deaths == 2
    assert ("memory" in failed.reason) is (how == "die")
    assert "again and again" in failed.reason


def test_a_stopped_server_leaves_the_job_for_the_next(jobs: Jobs, video, expected, monkeypatch):
    monkeypatch.setenv("QUEUE_WORKER", "slow")
    job = jobs.put("add", video, "demo")
    with running(jobs):
        pid = until(jobs, job, under_way).pid
    assert not alive(pid)
    assert jobs.get(job).state == "queued"
    monkeypatch.setenv("QUEUE_WORKER", "")
    with running(jobs):
        until(jobs, job, in_state("done"))
    assert tracks(jobs.place) == expected


SERVER = """
import sys, time
from pathlib import Path
from core.ingest.runner import Runner
Runner(Path(sys.argv[1]), grace_s=2.0, worker=sys.argv[2]).start()
time.sleep(600)
"""


@contextmanager
def server(jobs: Jobs, how: str) -> Iterator[subprocess.Popen[bytes]]:
    """A runner in a process of its own, which is killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(jobs.place), WORKER],
        env={**os.environ, "QUEUE_WORKER": how, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@unix
@pytest.mark.parametrize("how", ["slow", "hang"])
def test_a_killed_server_takes_its_worker_along_and_the_job_goes_on(
    jobs: Jobs, video: Path, expected, how: str
):
    job = jobs.put("add", video, "demo")
    with server(jobs, how):
        reading = under_way if how == "slow" else (lambda job: job.stage == "reading")
        pid = until(jobs, job, reading).pid
    assert jobs.get(job).state == "running"  # as nobody was left to say otherwise
    with running(jobs, grace_s=2.0):
        until(jobs, job, in_state("done"))
    assert not alive(pid)
    assert tracks(jobs.place) == expected


@unix
def test_of_two_servers_one_runs_jobs_and_the_other_takes_over(jobs: Jobs, video, expected):
    job = jobs.put("add", video, "demo")
    with server(jobs, "slow") as first:
        until(jobs, job, under_way)
        with running(jobs, grace_s=2.0):
            time.sleep(1.5)  # several turns of the second, which leaves the first alone
            assert jobs.get(job).state == "running"
            first.kill()
            until(jobs, job, in_state("done"))
    log = jobs.log_path(job).read_text()
    assert log.count("going on at") == 1
    assert tracks(jobs.place) == expected


def test_a_job_waits_for_another_process_that_changes_the_library(jobs: Jobs, video: Path):
    job = jobs.put("add", video, "demo")
    with Library.open(jobs.place) as library, running(jobs):
        with library.writing():
            until(jobs, job, lambda job: job.stage == "waiting")
        until(jobs, job, in_state("done"))


def test_a_copy_that_browsers_play_is_made(jobs: Jobs, video: Path):
    added = jobs.put("add", video, "demo")
    with running(jobs):
        video_id = until(jobs, added, in_state("done")).video_id
        copied = until(jobs, jobs.put("copy", video_id, "demo"), lambda job: not job.active)
    assert (copied.state, copied.share) == ("done", 1.0), copied
    with Library.open(jobs.place) as library:
        assert plays_in_browser(library.copy_path(video_id))


def test_a_copy_of_a_video_that_is_gone_says_so(jobs: Jobs):
    job = jobs.put("copy", "nobody", "demo")
    with running(jobs):
        assert "no video nobody" in until(jobs, job, in_state("failed")).reason


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
