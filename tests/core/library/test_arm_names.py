"""Names of arms: kept by place, replaced by a later one, gone with their video."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import LibraryError
from core.library.library import Library


def test_a_name_given_again_takes_the_place_of_the_earlier_one(tmp_path: Path) -> None:
    with Library.open(tmp_path / "lib") as library:
        names = library.arm_names
        names.keep("a", "North", 0.5, 0.1)
        names.keep("a", "  Mill   Road ", 0.52, 0.12)
        names.keep("b", "North", 0.5, 0.1)
        assert [name.name for name in names.of_video("a")] == ["Mill Road"]
        names.keep("a", "Mill Road", 0.1, 0.9)
        assert [(n.name, n.x) for n in names.of_video("a")] == [("Mill Road", 0.1)]
        names.keep("a", "", 0.1, 0.9)
        assert names.of_video("a") == ()
        assert len(names.of_video("b")) == 1


def test_a_name_is_short(tmp_path: Path) -> None:
    with Library.open(tmp_path / "lib") as library, pytest.raises(LibraryError, match="40 letters"):
        library.arm_names.keep("a", "x" * 41, 0.5, 0.5)
