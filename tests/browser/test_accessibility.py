"""axe finds nothing wrong with any page, in either theme."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from core.library.library import Library
from dashboard.passwords import keep
from tests.browser.conftest import serving_a_library
from tests.browser.test_frame import settled
from tests.sample_library import sample_library

PAGES = {
    "welcome": "/",
    "answer": "/?q=red+car+turning+left",
    "nothing found": "/?q=purple+bus+turning+left",
    "library": "/library",
    "no video": "/watch",
    "watch": "/watch?v={video}",
    "unusual": "/unusual",
    "insight": "/insight",
}


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> str:
    with Library.open(sample_library(tmp_path_factory), create=False, read_only=True) as library:
        return library.ready()[0].video_id


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{wrong['id']}: {node['target']} {node['html'][:200]}"
        for wrong in found
        for node in wrong["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_used_by_everybody(
    page: Page, base_url: str, video: str, name: str, scheme: str
):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(PAGES[name].format(video=video))
    settled(page)
    page.wait_for_load_state("networkidle")
    assert violations(page) == []


@pytest.mark.slow
def test_the_first_visit_and_the_login_can_be_used_by_everybody(browser: Browser, tmp_path: Path):
    keep("correct horse", tmp_path / "password")
    flags = ("--password-file", str(tmp_path / "password"))
    with serving_a_library(tmp_path, None, *flags) as address:
        for scheme in ("light", "dark"):
            context = browser.new_context(color_scheme=scheme)
            page = context.new_page()
            page.goto(address)
            page.get_by_label("Password").fill("wrong password")
            page.keyboard.press("Enter")
            page.get_by_role("alert").wait_for()
            assert violations(page) == []
            page.get_by_label("Password").fill("correct horse")
            page.keyboard.press("Enter")
            settled(page)
            for path in ("/", "/library", "/watch"):
                page.goto(f"{address}{path}")
                settled(page)
                page.wait_for_load_state("networkidle")
                assert violations(page) == []
            context.close()
