"""What surrounds the pages: the bar, a login, a reverse proxy with a base path."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from core.library.library import Library
from dashboard.passwords import keep
from tests.browser.conftest import serving_a_library
from tests.browser.proxy import proxied
from tests.sample_library import sample_library

PASSWORD = "correct horse"
PLAYS = """async address => {
  const video = document.createElement("video");
  video.muted = true; video.src = address;
  await new Promise((good, bad) => {
    video.onloadeddata = good;
    video.onerror = () => bad(video.error);
  });
  video.currentTime = 5;
  await new Promise(good => { video.onseeked = good; });
  return video.videoWidth;
}"""


def some_video(folder: Path) -> str:
    with Library.open(folder / "library", create=False) as library:
        return library.ready()[0].video_id


def settled(page: Page) -> None:
    """Wait until the page's script has run and said so over its websocket."""
    app = page.locator("[data-testid=stApp]")
    expect(app).to_have_attribute("data-test-connection-state", "CONNECTED")
    expect(app).to_have_attribute("data-test-script-state", re.compile("notRunning"))


def test_pages_are_named_and_reached_from_the_bar(page: Page, base_url: str):
    page.goto("/")
    expect(page).to_have_title("Search · Vidtrail")
    pages = page.get_by_test_id("stTopNav")
    pages.get_by_role("link", name="Library").click()
    expect(page).to_have_url(re.compile("/library$"))
    expect(page).to_have_title("Library · Vidtrail")
    expect(pages.get_by_role("link", name="Library")).to_have_attribute("aria-current", "page")
    pages.get_by_role("link", name="Search").click()
    expect(page).to_have_title("Search · Vidtrail")


@pytest.mark.parametrize("width", [1440, 820, 480])
@pytest.mark.parametrize("address", ["/", "/library", "/watch"])
def test_no_page_is_wider_than_the_window(page: Page, base_url: str, address: str, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address)
    settled(page)
    wide = page.locator("[data-testid=stMain]").evaluate("e => e.scrollWidth - e.clientWidth")
    assert wide <= 0


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_behind_a_proxy_all_of_it_lies_below_the_base_path(
    page: Page, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
):
    sample = sample_library(tmp_path_factory)
    flags = ("--allow-host", "localhost")
    with (
        serving_a_library(tmp_path, sample, *flags, base="/deep/videos") as address,
        proxied(urlsplit(address).port or 0) as port,
    ):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        server = f"http://localhost:{port}"
        page.goto(f"{server}/deep/videos/library")
        settled(page)
        expect(page).to_have_title("Library · Vidtrail")
        pictures = page.locator("img")
        expect(pictures.first).to_be_visible()
        page.wait_for_function(
            "() => [...document.images].every(i => i.loading === 'lazy' || i.naturalWidth)"
        )
        page.get_by_test_id("stTopNav").get_by_role("link", name="Search").click()
        expect(page).to_have_url(f"{server}/deep/videos/")
        settled(page)
        video = f"{server}/deep/videos/api/videos/{some_video(tmp_path)}"
        assert page.evaluate(PLAYS, video) > 0
        outside = [
            url for url in asked if not url.startswith((f"{server}/deep/videos", "data:", "blob:"))
        ]
        # Streamlit tries the root first, to find out where it was put.
        assert [url for url in outside if not url.startswith(f"{server}/_stcore")] == []


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_with_a_login_nothing_shows_before_it_and_all_after(
    page: Page,
    browser: Browser,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
):
    file = tmp_path / "password"
    keep(PASSWORD, file)
    sample = sample_library(tmp_path_factory)
    with serving_a_library(tmp_path, sample, "--password-file", str(file)) as address:
        media = f"{address}/api/videos/{some_video(tmp_path)}"
        page.goto(f"{address}/library")
        expect(page.get_by_label("Password")).to_be_focused()
        page.keyboard.type("battery staple")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("That is not the password.")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page).to_have_url(f"{address}/library")
        settled(page)
        assert page.evaluate(PLAYS, media) > 0

        stranger = browser.new_context()
        assert stranger.request.get(media).status == 401
        assert stranger.request.get(f"{address}/_stcore/host-config").status == 401
        assert stranger.request.get(f"{address}/_stcore/health").status == 200
        stranger.close()

        page.get_by_role("link", name="Log out").click()
        expect(page.get_by_label("Password")).to_be_visible()
        page.go_back()
        expect(page.get_by_label("Password")).to_be_visible()
