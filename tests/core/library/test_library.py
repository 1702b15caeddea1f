import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.errors import LibraryError
from core.library import catalog as catalog_module
from core.library import library as library_module
from core.library.catalog import CATALOG_NAME, SCHEMA_VERSION, VideoRecord
from core.library.files import writing_to
from core.library.library import Library
from core.library.lock import WriterLock
from core.library.shard_writer import write_shard
from tests.fakes import add_shard, made_up


@pytest.fixture
def root(tmp_path) -> Path:
    return tmp_path / "library"


def record(video_id: str, state: str, name: str = "x.mp4", path: str = "/x.mp4") -> VideoRecord:
    return VideoRecord(
        video_id=video_id, name=name, path=path, duration_s=1.0, width=2, height=2, fps=25.0,
        size_bytes=3, state=state, error="", profile_name="p", profile_fingerprint="f",
        encoder="e", n_tracks=0, done_s=0.0, shard_checksum="", added_at=5.0,
    )  # fmt: skip


# --- opening ----------------------------------------------------------------------------------


def test_open_makes_a_library_and_opens_it_again(root):
    with Library.open(root) as library:
        add_shard(library, "v1")
    with Library.open(root, create=False) as library:
        assert [r.video_id for r in library.ready()] == ["v1"]
        assert library.video("v1").n_tracks == 3


def test_no_library_and_not_to_be_made(root):
    with pytest.raises(LibraryError, match="There is no library"):
        Library.open(root, create=False)
    assert not root.exists()


def test_a_folder_with_other_things_is_not_taken(root):
    root.mkdir()
    (root / "holiday.jpg").touch()
    with pytest.raises(LibraryError, match="holds other files"):
        Library.open(root)


def test_a_file_is_no_library(root):
    root.touch()
    with pytest.raises(LibraryError, match="is a file"):
        Library.open(root)


def test_a_newer_catalog_is_refused(root):
    Library.open(root).close()
    with sqlite3.connect(root / CATALOG_NAME) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    with pytest.raises(LibraryError, match=r"newer Vidtrail.*update Vidtrail"):
        Library.open(root)


def test_an_older_catalog_is_brought_up_to_date_and_keeps_its_videos(root):
    root.mkdir()
    db = sqlite3.connect(root / CATALOG_NAME)
    db.executescript(catalog_module._STEPS[0])
    db.execute("PRAGMA user_version = 1")
    names = ",".join(catalog_module._COLUMNS)
    values = tuple(getattr(record("v1", "interrupted"), n) for n in catalog_module._COLUMNS)
    db.execute(f"INSERT INTO videos({names}) VALUES ({','.join('?' * len(values))})", values)
    db.commit()
    db.close()
    with pytest.raises(LibraryError, match="older version"):
        Library.open(root, read_only=True)
    with Library.open(root) as library:
        assert [r.video_id for r in library.videos()] == ["v1"]
        library.notes.save_query("reds", "red car")
        assert library.catalog.rows("PRAGMA user_version") == [(SCHEMA_VERSION,)]


@pytest.mark.parametrize("content", [b"not a database at all, only some words" * 50, b"\0" * 5000])
def test_a_damaged_catalog_is_named_and_can_be_rebuilt(root, content):
    with Library.open(root) as library:
        add_shard(library, "v1")
    (root / CATALOG_NAME).write_bytes(content)
    with pytest.raises(LibraryError, match="Move this file away"):
        Library.open(root)
    (root / CATALOG_NAME).unlink()
    with Library.open(root) as library:
        assert [(r.video_id, r.state) for r in library.videos()] == [("v1", "ready")]
        assert library.shard("v1").votes(1)


def test_read_only_folders_are_searched_and_not_written(root, monkeypatch):
    with Library.open(root) as library:
        add_shard(library, "v1")
    monkeypatch.setattr(library_module, "is_writable", lambda folder: False)
    before = sorted(p.name for p in root.rglob("*") if not p.name.endswith(("-shm", "-wal")))
    with Library.open(root) as library:
        assert library.read_only
        assert library.shard("v1").crop_jpeg(0)
        for change in (
            lambda: library.remove("v1"),
            lambda: library.notes.add_label("v1", 1, "mine"),
        ):
            with pytest.raises(LibraryError, match=r"read-only|no permission"):
                change()
    assert (
        sorted(p.name for p in root.rglob("*") if not p.name.endswith(("-shm", "-wal"))) == before
    )


def test_no_library_in_a_folder_that_cannot_be_written(root, monkeypatch):
    monkeypatch.setattr(library_module, "is_writable", lambda folder: False)
    with pytest.raises(LibraryError, match="no permission"):
        Library.open(root)


def test_a_folder_that_cannot_be_made_is_one_sentence(root, monkeypatch):
    def refuse(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(LibraryError, match="Permission denied"):
        Library.open(root)


# --- one writer -------------------------------------------------------------------------------


def test_a_second_process_gets_one_sentence_and_a_killed_one_leaves_no_lock(root):
    with Library.open(root) as library:
        add_shard(library, "v1")
        code = (
            "import sys, time; from pathlib import Path; from core.library.lock import WriterLock\n"
            f"WriterLock(Path({str(root)!r})).acquire(); print('held', flush=True); time.sleep(60)"
        )
        other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        try:
            assert other.stdout is not None
            assert other.stdout.readline().strip() == "held"
            with pytest.raises(LibraryError, match=f"number {other.pid}.*is changing the library"):
                library.remove("v1")
            with Library.open(root) as reader:  # reading goes on
                assert reader.shard("v1").votes(1)
        finally:
            other.kill()
            other.wait()
            other.stdout.close()
        library.remove("v1")
        assert library.videos() == []


def test_a_second_task_of_the_same_program_gets_one_sentence(root):
    with Library.open(root) as library:
        said: list[str] = []

        def second() -> None:
            try:
                with library.writing():
                    said.append("got in")
            except LibraryError as error:
                said.append(str(error))

        with library.writing(), library.writing():  # the same task may nest
            thread = threading.Thread(target=second)
            thread.start()
            thread.join()
        assert len(said) == 1
        assert "another task of this program" in said[0]


# --- after a kill -----------------------------------------------------------------------------


def test_a_complete_shard_without_a_row_is_adopted(root):
    with Library.open(root) as library:
        meta, content = made_up("v1", 3, 2, 8, "e", 0, "v1.mp4")
        write_shard(library.shard_folder("v1"), meta, content)  # killed before the row
        library.catalog.put_video(record("v1", "ingesting", name="first name.mp4"))
        library.work_folder("v1").mkdir(parents=True)
    with Library.open(root) as library:
        (found,) = library.videos()
        assert (found.state, found.n_tracks, found.name) == ("ready", 3, "first name.mp4")
        assert found.added_at == 5.0
        assert not library.work_folder("v1").exists()
        assert library.shard("v1").votes(1)


def test_leftovers_are_cleared_and_unfinished_videos_are_told(root):
    with Library.open(root) as library:
        library.catalog.put_video(record("v2", "ingesting"))
        (root / "videos" / ".tmp-v2").mkdir(parents=True)
        (root / "videos" / ".tmp-v2" / "half").touch()
    with Library.open(root) as library:
        (found,) = library.videos()
        assert found.state == "interrupted"
        assert "vidtrail add" in found.error
        assert list((root / "videos").iterdir()) == []


def test_a_row_without_its_folder_is_damaged_until_the_folder_is_back(root, tmp_path):
    with Library.open(root) as library:
        add_shard(library, "v1")
        folder = library.shard_folder("v1")
    shutil.move(folder, tmp_path / "away")
    with Library.open(root) as library:
        (found,) = library.videos()
        assert found.state == "damaged"
        assert "vidtrail remove v1" in found.error
        with pytest.raises(LibraryError, match="is missing"):
            library.shard("v1")
    shutil.move(tmp_path / "away", folder)
    with Library.open(root) as library:
        assert library.video("v1").state == "ready"


@pytest.mark.parametrize("after", ["rename", "row"])
def test_a_removal_that_was_killed_is_completed(root, after, monkeypatch):
    with Library.open(root) as library:
        add_shard(library, "v1")
        library.notes.add_label("v1", 1, "mine")

        class Killed(BaseException):
            pass

        def die(*args, **kwargs):
            raise Killed

        if after == "rename":
            monkeypatch.setattr(library.catalog, "forget_video", die)
            with pytest.raises(Killed):
                library.remove("v1")
        else:
            folder = library.shard_folder("v1")
            folder.rename(folder.with_name(".removed-v1"))
            library.catalog.forget_video("v1")
    with Library.open(root) as library:
        assert library.videos() == []
        assert library.notes.labels() == []
        assert list((root / "videos").iterdir()) == []


def test_a_folder_that_is_not_a_sound_shard_is_left_alone(root, caplog):
    with Library.open(root) as library:
        add_shard(library, "v1")
        copy = library.path / "videos" / "other"
        shutil.copytree(library.shard_folder("v1"), copy)
    with Library.open(root) as library:
        assert [r.video_id for r in library.videos()] == ["v1"]
        assert copy.exists()
    assert "left out of the library" in caplog.text


# --- removing, finding, notes -----------------------------------------------------------------


def test_remove_takes_the_data_and_the_notes_of_that_video_only(root):
    with Library.open(root) as library:
        add_shard(library, "v1")
        add_shard(library, "v2")
        for video in ("v1", "v2"):
            library.notes.add_label(video, 1, "mine")
            library.notes.judge("red car", video, 1, 0.0, 1.0, relevant=True)
        library.notes.edit_identity("same", ("v1", 1), ("v2", 1))
        library.remove("v1")
        assert [r.video_id for r in library.videos()] == ["v2"]
        assert [x.video_id for x in library.notes.labels()] == ["v2"]
        assert [x.video_id for x in library.notes.judgements()] == ["v2"]
        assert library.notes.identity_edits() == []
        assert not library.shard_folder("v1").exists()
        with pytest.raises(LibraryError, match="no video v1"):
            library.remove("v1")


def test_find_by_id_name_stem_path_and_start_of_id(root):
    with Library.open(root) as library:
        library.catalog.put_video(record("abcd1234", "ready", "Kreuzung Süd.mp4", "/v/Süd.mp4"))
        library.catalog.put_video(record("abcd9999", "ready", "other.mp4", "/v/other.mp4"))
        for words in ("abcd1234", "Kreuzung Süd.mp4", "Kreuzung Süd", "/v/Süd.mp4", "abcd1"):
            assert library.find(words).video_id == "abcd1234"
        with pytest.raises(LibraryError, match="fits several"):
            library.find("abcd")
        with pytest.raises(LibraryError, match="vidtrail status"):
            library.find("nothing")


@pytest.mark.parametrize("name", ["ü" * 120 + ".mp4", "a" * 250, "日本語 🚗.mkv", "b\udcffad.mp4"])
def test_long_unicode_and_undecodable_names(root, name):
    with Library.open(root) as library:
        library.catalog.put_video(record("v1", "interrupted", name, f"/videos/{name}"))
        assert library.video("v1").name == name
        assert library.video("v1").path == f"/videos/{name}"


def test_notes_are_kept_and_can_be_taken_back(root):
    with Library.open(root) as library:
        notes = library.notes
        first = notes.save_query("reds", "red car")
        notes.save_query("blues", "blue car")
        notes.delete_saved_query(first)
        notes.judge("red car", "v", 1, 0.0, 1.0, relevant=True)
        notes.judge("red car", "v", 1, 0.0, 1.0, relevant=False)
        notes.judge("red car", "v", 2, 0.0, 1.0, relevant=True)
        notes.withdraw_judgement("red car", "v", 2)
        notes.add_label("v", 1, "taxi")
        notes.add_label("v", 1, "taxi")
        edit = notes.edit_identity("same", ("v", 1), ("w", 2))
        notes.undo_identity_edit(edit)
    with Library.open(root) as library:
        notes = library.notes
        assert [q.name for q in notes.saved_queries()] == ["blues"]
        assert [(j.track_id, j.relevant) for j in notes.judgements("red car")] == [(1, False)]
        assert notes.judgements("another") == []
        assert [x.label for x in notes.labels("v")] == ["taxi"]
        notes.remove_label("v", 1, "taxi")
        assert notes.labels() == []
        assert notes.identity_edits() == []
        assert [(e.kind, e.undone) for e in notes.identity_edits(undone=True)] == [("same", True)]


def test_a_failed_transaction_changes_nothing(root):
    with Library.open(root) as library:

        def fail_half_way() -> None:
            with library.catalog.transaction() as write:
                write.execute("INSERT INTO saved_queries(name, text, at) VALUES ('a', 'b', 1.0)")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail_half_way()
        assert library.notes.saved_queries() == []


def test_a_full_disk_is_one_sentence(root):
    with (
        pytest.raises(LibraryError, match=r"disk that holds the library .* is full"),
        writing_to(root),
    ):
        raise OSError(28, "No space left on device")
    with pytest.raises(LibraryError, match="is full"), writing_to(root):
        raise sqlite3.OperationalError("database or disk is full")
    with pytest.raises(LibraryError, match="Read-only file system"), writing_to(root):
        raise OSError(30, "Read-only file system")


def test_the_lock_is_free_after_an_error(root):
    root.mkdir()
    with pytest.raises(RuntimeError), WriterLock(root):
        raise RuntimeError
    with WriterLock(root):
        pass
