"""Every page in a library that is empty, filled and damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

PAGES = ("search", "library", "watch", "explore", "unusual", "insight")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_an_empty_library(app: AppTest, place: Path, name: str):
    app.switch_page(f"../pages/{name}.py").run()
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_a_filled_library(app: AppTest, filled, name: str):
    app.switch_page(f"../pages/{name}.py").run()
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_that_a_library_is_damaged(app: AppTest, place: Path, name: str):
    (place / "catalog.sqlite").write_bytes(b"this is no catalog at all" * 99)
    app.switch_page(f"../pages/{name}.py").run()
    assert not app.exception
    assert "damaged" in app.error[0].value
