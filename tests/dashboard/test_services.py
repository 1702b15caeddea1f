from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import LibraryError, ModelError
from dashboard.services import Services, services
from tests.dashboard.fakes import FakeBackend

ROOT = Path(__file__).parents[2]


def test_warming_up_loads_the_models_of_a_library(backend):
    services().warm_up()
    assert backend.warm


def test_warming_up_opens_nothing_where_nothing_was_added(place, monkeypatch):
    def refuse(_place):
        raise AssertionError("opened")

    monkeypatch.setattr("dashboard.services.open_backend", refuse)
    services().warm_up()
    assert list(place.iterdir()) == []


def test_a_failing_warm_up_is_logged_and_the_question_says_why(backend, monkeypatch, caplog):
    def refuse(*_args):
        raise ModelError("The model cannot be downloaded: there is no internet.")

    monkeypatch.setattr(backend, "warm_up", refuse)
    monkeypatch.setattr(backend, "ask", refuse)
    services().warm_up()
    assert "there is no internet" in caplog.text
    assert (
        services().ask("red car").error == "The model cannot be downloaded: there is no internet."
    )


@pytest.mark.parametrize("ask", [lambda s: s.poster("a1"), lambda s: s.crop("a1", 1)])
def test_a_damaged_picture_is_logged_and_left_out(backend, monkeypatch, caplog, ask):
    def refuse(*_args):
        raise LibraryError("crops.parquet is damaged")

    monkeypatch.setattr(backend, "poster", refuse)
    monkeypatch.setattr(backend, "crop", refuse)
    assert ask(services()) is None
    assert "crops.parquet is damaged" in caplog.text


def test_a_bug_is_not_taken_for_a_message(tmp_path, monkeypatch):
    fake = FakeBackend(tmp_path)
    monkeypatch.setattr("dashboard.services.open_backend", lambda _place: fake)
    monkeypatch.setattr(fake, "ask", lambda *_args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Services(tmp_path).ask("red car")


def test_help_answers_without_loading_streamlit():
    code = (
        "import sys\nfrom dashboard.__main__ import main\n"
        "try: main(['--help'])\nfinally: assert 'streamlit' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "--library" in done.stdout
