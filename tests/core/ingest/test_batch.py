import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import LibraryError, ModelError
from core.index.vectors import VectorIndex
from core.ingest.batch import Models, add_paths
from core.ingest.reading import ReadingSettings
from core.library.description import MEASURES
from core.library.library import Library
from core.library.meta import META_NAME
from tests.fakes import PROFILE, FakeDetector, FakeEncoder, Mover, clip

SETTINGS = ReadingSettings(segment_s=1.0, detect_batch=4)


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("originals")
    clip(folder / "one.mp4", seconds=2.0)
    clip(folder / "two.mp4", seconds=2.0, movers=[Mover("blue", (10, 10), (20, 20))])
    return folder


@pytest.fixture
def videos(tmp_path, originals) -> Path:
    return Path(shutil.copytree(originals, tmp_path / "videos"))


@pytest.fixture
def library(tmp_path):
    with Library.open(tmp_path / "library") as opened:
        yield opened


def fakes(profile, runtimes=None) -> Models:
    return Models(FakeDetector(), FakeEncoder())


def add(library, *paths, profile=PROFILE, **more):
    more.setdefault("load", fakes)
    return add_paths(library, list(paths), profile, settings=SETTINGS, **more)


def said(outcomes) -> list[tuple[str, str]]:
    return [(o.path.name, o.status) for o in outcomes]


def test_files_and_folders_at_any_depth_each_once(library, videos):
    (videos / "deep" / "er").mkdir(parents=True)
    shutil.move(videos / "two.mp4", videos / "deep" / "er" / "TWO.MP4")
    (videos / "notes.txt").write_text("no video")
    (videos / ".hidden.mp4").write_bytes(b"x")
    outcomes = add(library, videos / "one.mp4", videos, str(videos))
    assert said(outcomes) == [("one.mp4", "added"), ("TWO.MP4", "added")]
    assert all(o.ok and o.report is not None for o in outcomes)
    assert "times real time" in outcomes[0].message
    assert [r.name for r in library.ready()] == ["one.mp4", "TWO.MP4"]


def test_the_index_is_ready_afterwards(library, videos):
    add(library, videos)
    assert len(list(library.index_folder.rglob("*.faiss"))) == 2
    index = VectorIndex.open(library, "fake/encoder")
    rows, _ = index.search(FakeEncoder().encode_texts(["blue"])[0], 1)
    assert index.locate(int(rows[0]))[0] in {r.video_id for r in library.ready()}


def test_the_same_content_under_another_name_is_no_error(library, videos):
    add(library, videos / "one.mp4")
    shutil.copy(videos / "one.mp4", videos / "copy of one.mp4")
    outcomes = add(library, videos / "one.mp4", videos / "copy of one.mp4")
    assert [o.status for o in outcomes] == ["duplicate", "duplicate"]
    assert outcomes[1].message == (
        "copy of one.mp4 has the same content as one.mp4: already in the library."
    )
    assert all(o.ok and o.video_id for o in outcomes)
    assert len(library.videos()) == 1


def test_two_copies_in_one_batch_are_read_once(library, videos):
    shutil.copy(videos / "one.mp4", videos / "a copy.mp4")
    outcomes = add(library, videos)
    assert said(outcomes) == [
        ("a copy.mp4", "added"), ("one.mp4", "duplicate"), ("two.mp4", "added")
    ]  # fmt: skip


def test_a_moved_file_is_found_again(library, videos):
    add(library, videos / "one.mp4")
    (videos / "one.mp4").rename(videos / "moved.mp4")
    (outcome,) = add(library, videos / "moved.mp4")
    assert outcome.ok
    assert "moved here from" in outcome.message
    assert library.ready()[0].path == str(videos / "moved.mp4")


def test_each_bad_file_is_one_sentence_and_the_rest_goes_on(library, videos, tmp_path):
    (videos / "empty.mp4").touch()
    (videos / "words.mp4").write_text("these are words, no video " * 100)
    data = (videos / "one.mp4").read_bytes()
    (videos / "truncated.mp4").write_bytes(data[: len(data) // 3])
    (videos / "a folder.mp4").mkdir()
    bare = tmp_path / "bare"
    bare.mkdir()
    outcomes = add(library, videos, videos / "missing.mp4", bare, videos / ("x" * 300 + ".mp4"))
    bad = [o for o in outcomes if not o.ok]
    assert sorted(o.path.name[:20] for o in bad) == [
        "bare", "empty.mp4", "missing.mp4", "truncated.mp4", "words.mp4", "x" * 20
    ]  # fmt: skip
    for outcome in bad:
        assert outcome.status == "failed"
        assert outcome.message.endswith((".", ")."))
        assert "\n" not in outcome.message
        assert len(outcome.message) < 250
    assert [r.name for r in library.ready()] == ["one.mp4", "two.mp4"]
    assert len(library.videos()) == 2


@pytest.mark.parametrize(
    "name", ["Kreuzung Süd – 日本 🚗.mp4", "n" * 250 + ".mp4", "two words;.mp4"]
)
def test_unicode_and_long_names(library, videos, name):
    (videos / "one.mp4").rename(videos / name)
    (outcome,) = add(library, videos / name)
    assert outcome.ok
    assert library.ready()[0].name == name


def test_a_name_that_is_no_text(library, videos):
    name = os.fsdecode(b"b\xffad.mp4")
    (videos / "one.mp4").rename(videos / name)
    (outcome,) = add(library, videos / name)
    assert outcome.ok
    assert library.ready()[0].path == str(videos / name)
    assert library.shard(outcome.video_id).meta.name == name


def test_an_explicit_file_needs_no_known_suffix(library, videos):
    (videos / "one.mp4").rename(videos / "recording.dat")
    assert said(add(library, videos / "recording.dat")) == [("recording.dat", "added")]


def test_a_folder_without_permission_is_one_sentence(library, videos, monkeypatch):
    locked = videos / "locked"
    locked.mkdir()
    real = os.scandir

    def scandir(path):
        if not isinstance(path, int) and Path(path) == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    outcomes = add(library, videos)
    assert [o.status for o in outcomes] == ["added", "added", "failed"]
    assert outcomes[2].message == f"The folder {locked} cannot be read: Permission denied."


def test_the_library_inside_the_folder_is_not_searched_for_videos(videos):
    with Library.open(videos / "library") as library:
        (videos / "library" / "videos").mkdir(exist_ok=True)
        shutil.copy(videos / "one.mp4", videos / "library" / "three.mp4")
        assert said(add(library, videos)) == [("one.mp4", "added"), ("two.mp4", "added")]


def test_another_profile_is_kept_apart_with_a_sentence(library, videos):
    add(library, videos / "one.mp4")
    other = replace(PROFILE, name="other", sample_fps=2.0)
    (outcome,) = add(library, videos / "one.mp4", profile=other)
    assert not outcome.ok
    assert "read with the profile fake" in outcome.message
    assert f"vidtrail remove {outcome.video_id}" in outcome.message
    newer = replace(PROFILE, sample_fps=2.0)  # the same name, and not the same
    (outcome,) = add(library, videos / "one.mp4", profile=newer)
    assert (
        "read with other models or settings of the profile fake: to read it again with these"
        in (outcome.message)
    )

    def other_models(profile, runtimes=None):
        return Models(FakeDetector(), FakeEncoder(name="other", dim=5))

    (outcome,) = add(library, videos / "two.mp4", profile=other, load=other_models)
    assert outcome.ok
    index = VectorIndex.open(library, "fake/encoder")
    assert [r.name for r in index.not_searchable] == ["two.mp4"]


def test_a_damaged_video_says_what_to_do(library, videos):
    (outcome,) = add(library, videos / "one.mp4")
    shutil.rmtree(library.shard_folder(outcome.video_id))
    (again,) = add(library, videos / "one.mp4")
    assert not again.ok
    assert f"vidtrail remove {outcome.video_id}" in again.message
    library.remove(outcome.video_id)
    assert add(library, videos / "one.mp4")[0].status == "added"


def test_models_are_loaded_once_and_only_when_needed(library, videos):
    loads: list[object] = []

    def load(profile, runtimes=None):
        loads.append(runtimes)
        return fakes(profile)

    (videos / "empty.mp4").touch()
    add(library, videos / "empty.mp4", load=load)
    assert loads == []
    add(library, videos, load=load)
    assert loads == [None]
    add(library, videos, load=load)
    assert loads == [None]


def test_no_models_is_an_error_of_the_whole_batch(library, videos):
    def load(profile, runtimes=None):
        raise ModelError("There is no internet.")

    with pytest.raises(ModelError, match="no internet"):
        add(library, videos, load=load)
    assert library.videos() == []


def test_a_bug_in_one_file_does_not_stop_the_others(library, videos, caplog):
    calls: list[int] = []

    def break_once(count: int) -> None:
        calls.append(count)
        if len(calls) == 1:
            raise ZeroDivisionError("oh")

    outcomes = add(
        library,
        videos,
        load=lambda p, r=None: Models(FakeDetector(on_call=break_once), FakeEncoder()),
    )
    assert said(outcomes) == [("one.mp4", "failed"), ("two.mp4", "added")]
    assert "ZeroDivisionError" in outcomes[0].message
    assert add(library, videos / "one.mp4")[0].status == "added"


def test_stopping_leaves_the_rest_for_later(library, videos):
    calls: list[int] = []
    outcomes = add(
        library,
        videos,
        load=lambda p, r=None: Models(FakeDetector(on_call=calls.append), FakeEncoder()),
        cancelled=lambda: len(calls) > 2,
    )
    assert said(outcomes) == [("one.mp4", "stopped"), ("two.mp4", "stopped")]
    assert not any(o.ok for o in outcomes)
    assert said(add(library, videos)) == [("one.mp4", "added"), ("two.mp4", "added")]


def test_progress_says_which_file_of_how_many(library, videos):
    told = []
    outcomes: list = []
    add(library, videos, on_progress=told.append, on_outcome=outcomes.append)
    assert {(p.path.name, p.number, p.count) for p in told} == {
        ("one.mp4", 1, 2),
        ("two.mp4", 2, 2),
    }
    assert said(outcomes) == [("one.mp4", "added"), ("two.mp4", "added")]


def test_a_read_only_library_is_one_sentence(library, videos):
    add(library, videos / "one.mp4")
    with (
        Library.open(library.path, read_only=True) as closed,
        pytest.raises(LibraryError, match="no permission"),
    ):
        add(closed, videos / "two.mp4")


class Choosing(FakeDetector):
    """Chooses its runtime at the first picture, as the real ones do."""

    def __init__(self, wanted: str | None, allowed: tuple[str, ...], log: list[str]) -> None:
        super().__init__()
        object.__setattr__(self, "state", {"runtime": wanted, "allowed": allowed, "log": log})

    @property
    def runtime(self) -> str | None:
        return self.state["runtime"]

    def detect(self, images):
        self.state["runtime"] = self.state["runtime"] or self.state["allowed"][0]
        if self.state["runtime"] not in self.state["allowed"]:
            raise ModelError(f"The runtime {self.state['runtime']!r} cannot run here.")
        self.state["log"].append(self.state["runtime"])
        return super().detect(images)


@pytest.mark.parametrize(("allowed", "resumed"), [(("slow", "fast"), True), (("slow",), False)])
def test_an_interrupted_run_goes_on_with_the_runtime_it_had(library, videos, allowed, resumed):
    log: list[str] = []

    def first(profile, runtimes=None):
        return Models(Choosing(None, ("fast",), log), FakeEncoder())

    def second(profile, runtimes=None):
        wanted = runtimes[0] if runtimes else None
        return Models(Choosing(wanted, allowed, log), FakeEncoder())

    def safe() -> bool:  # whether a part of it is on disk: what was only seen is not resumed
        return any(record.done_s > 0 for record in library.videos())

    add(library, videos / "one.mp4", load=first, cancelled=safe)
    assert set(log) == {"fast"}
    log.clear()
    (outcome,) = add(library, videos / "one.mp4", load=second)
    assert outcome.report is not None
    assert (outcome.report.resumed_s > 0) is resumed
    assert set(log) == {"fast" if resumed else "slow"}
    assert library.shard(outcome.video_id).meta.runtime == ("fast" if resumed else "slow")


def test_adding_again_tells_anew_what_an_earlier_version_did_not_look_for(library, videos):
    add(library, videos / "one.mp4")
    (record,) = library.ready()
    path = library.shard_folder(record.video_id) / META_NAME
    about = json.loads(path.read_bytes())
    about |= {"measures": ["turn_left"], "format": 2}
    path.write_text(json.dumps(about))
    with library.writing():
        library.adopt(record.video_id)

    def unwanted(profile, runtimes=None):
        raise AssertionError("no model is needed for that")

    (outcome,) = add(library, videos / "one.mp4", load=unwanted)
    assert outcome.status == "duplicate"
    assert "told anew" in outcome.message
    assert set(library.shard(record.video_id).meta.measures) == set(MEASURES)
    (outcome,) = add(library, videos / "one.mp4", load=unwanted)
    assert "told anew" not in outcome.message
