"""A small library of two videos, and what asks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.library.library import Library
from core.search.engine import Engine
from tests.fakes import FakeEncoder, add_shard


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        add_shard(opened, "one", tracks=20, seed=1)
        add_shard(opened, "two", tracks=16, seed=2)
        yield opened


@pytest.fixture
def engine(library: Library) -> Engine:
    return Engine(library, FakeEncoder())
