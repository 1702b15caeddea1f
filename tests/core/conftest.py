"""What tests of commands share."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.library.library import Library
from tests.fakes import add_shard


@pytest.fixture
def two_videos(tmp_path: Path) -> str:
    """The folder of a library with two videos of tracks that were made up."""
    folder = tmp_path / "library"
    with Library.open(folder) as library:
        add_shard(library, "one", tracks=20, seed=1)
        add_shard(library, "two", tracks=10, seed=2)
    return str(folder)
