"""A dashboard over a fake library, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import services as module
from tests.dashboard.fakes import FakeBackend

MAIN = Path(__file__).parents[2] / "dashboard" / "main.py"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the library; empty, so nothing was ever added."""
    folder = tmp_path / "library"
    folder.mkdir()
    monkeypatch.setenv("VIDTRAIL_LIBRARY", str(folder))
    module.services.cache_clear()
    yield folder
    module.services.cache_clear()


@pytest.fixture
def backend(place: Path, monkeypatch: pytest.MonkeyPatch) -> FakeBackend:
    """A library of two videos in `place`."""
    fake = FakeBackend(place)
    monkeypatch.setattr(module, "open_backend", lambda _place: fake)
    return fake


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(MAIN, default_timeout=30)
