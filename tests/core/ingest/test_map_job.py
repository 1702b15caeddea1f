"""Maps as work of the queue: made, ended when nobody wants them, and told of."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.explore.maps import maps_edition, read_map
from core.ingest import worker
from core.ingest.jobs import ANEW, Job, Jobs
from core.library.library import Library
from core.search.engine import Engine
from tests.fakes import FakeEncoder, add_shard

ENCODER = "fake/encoder"


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    with Library.open(tmp_path / "library") as library:
        add_shard(library, "one", tracks=12, seed=1)
    monkeypatch.setattr(
        "core.search.opening.open_engine", lambda library: Engine(library, FakeEncoder())
    )
    return Jobs(tmp_path / "library")


def run(jobs: Jobs, subject: str) -> Job:
    number = jobs.put("map", subject, "")
    job = jobs.claim()
    assert job is not None
    assert job.job_id == number
    assert worker.main([str(jobs.place), str(number)]) == 0
    done = jobs.get(number)
    assert done is not None
    return done


def made_at(jobs: Jobs) -> float:
    with Library.open(jobs.place) as library:
        columns = Engine(library, FakeEncoder()).columns
        found = read_map(library, columns, ENCODER, "looks")
    assert found is not None
    return found.made_at


def test_a_map_is_made_once_and_anew_when_asked(jobs: Jobs):
    done = run(jobs, ENCODER)
    assert (done.state, done.share, done.name) == ("done", 1.0, "maps"), done.reason
    assert "12 objects" in done.reason
    first = made_at(jobs)
    assert run(jobs, ENCODER).state == "done"
    assert made_at(jobs) == first
    assert run(jobs, ANEW + ENCODER).state == "done"
    assert made_at(jobs) > first


def test_of_another_encoder_it_is_not_made(jobs: Jobs):
    done = run(jobs, "some/other")
    assert done.state == "failed"
    assert "another encoder" in done.reason


def test_a_map_that_nobody_wants_any_more_is_not_made(jobs: Jobs, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker._Pulse, "stopping", lambda self: True)
    monkeypatch.setattr(worker._Pulse, "stopped", lambda self: ("cancelled", "Cancelled."))
    assert run(jobs, ENCODER).state == "cancelled"
    with Library.open(jobs.place) as library:
        assert maps_edition(library, ENCODER) == ""
