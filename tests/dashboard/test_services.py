"""What pages and routes share: opened once, renewed when the library changes, honest in failing."""

from __future__ import annotations

import shutil
import threading
import time

import pytest

from core.errors import LibraryError, ModelError, QueryError
from dashboard.services import Services, services


def test_a_library_is_opened_once_for_all(filled):
    opened = []
    threads = [
        threading.Thread(target=lambda: opened.append(services().library())) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(library is filled for library in opened)
    assert len(opened) == 8


def test_the_engine_answers_and_is_made_once(filled):
    engine = services().engine()
    assert services().engine() is engine
    assert engine.search("red car turning left", limit=3).results


def test_without_a_video_the_engine_says_what_to_do(place):
    with pytest.raises(QueryError, match="add one"):
        services().engine()


def test_warming_up_makes_nothing_where_nothing_was_added(place):
    assert services().untouched
    services().warm_up()
    assert list(place.iterdir()) == []


def test_a_failing_warm_up_is_logged_and_the_question_says_why(filled, monkeypatch, caplog):
    def refuse(*_args, **_named):
        raise ModelError("The model cannot be downloaded: there is no internet.")

    monkeypatch.setattr("core.search.opening.open_engine", refuse)
    services().warm_up()
    assert "there is no internet" in caplog.text
    with pytest.raises(ModelError, match="there is no internet"):
        services().engine()


def test_a_bug_is_not_taken_for_a_message(filled, monkeypatch):
    monkeypatch.setattr("core.search.opening.open_engine", lambda *_a, **_k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        services().warm_up()


def test_a_file_is_no_library(tmp_path):
    (tmp_path / "file").write_text("no library")
    desk = Services(tmp_path / "file")
    with pytest.raises(LibraryError, match="is a file"):
        desk.library()


def test_a_new_engine_is_warmed_up_until_the_server_ends(place, sample):
    desk, ended = services(), threading.Event()
    thread = threading.Thread(target=desk.keep_warm, args=(ended,))
    thread.start()
    shutil.copytree(sample, place, dirs_exist_ok=True)  # the first videos come
    engine = desk.engine()
    while desk.renewed.is_set():
        time.sleep(0.01)
    assert desk.engine() is engine
    ended.set()
    desk.renewed.set()
    thread.join(timeout=10)
    assert not thread.is_alive()
