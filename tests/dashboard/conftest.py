"""The dashboard over a library of its own, in this process."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.library.library import Library
from dashboard import services as module
from tests.sample_library import sample_library

MAIN = Path(__file__).parents[2] / "dashboard" / "main.py"


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a library with two sample videos; never write to it."""
    return sample_library(tmp_path_factory)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the dashboard's library; empty, so nothing was ever added."""
    folder = tmp_path / "library"
    folder.mkdir()
    monkeypatch.setenv("VIDTRAIL_LIBRARY", str(folder))
    module.services.cache_clear()
    yield folder
    module.services.cache_clear()
    gc.unfreeze()  # warming up takes what was loaded out of the collector's hands


@pytest.fixture
def filled(place: Path, sample: Path) -> Library:
    """The dashboard's library with two sample videos in it: `tests.sample_library.VIDEOS`."""
    shutil.copytree(sample, place, dirs_exist_ok=True)
    return module.services().library()


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(MAIN, default_timeout=30)
