"""What a visitor does with a selection: label, the rest, as results, a question, left out, back."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.library.library import Library
from tests.browser.conftest import serving_a_library
from tests.sample_library import sample_library

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
MAKING_MS = 240_000
ACTED_MS = 60_000


@pytest.fixture(scope="module")
def served(
    browser_type_launch_args, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    folder: Path = tmp_path_factory.mktemp("selected")
    with serving_a_library(folder, sample_library(tmp_path_factory)) as address:
        yield address, folder / "library"


@pytest.fixture
def cars(served: tuple[str, Path]) -> tuple[str, int]:
    """The address of the page with all cars selected, and how many they are."""
    address, place = served
    with Library.open(place) as library:
        videos = [record.video_id for record in library.ready()]
        tables = {video: library.shard(video).tracks() for video in videos}
        ids = {video: table.track_id[table.class_name == "car"] for video, table in tables.items()}
        key = library.selections.keep(ids)
    return f"{address}/explore?sel={key}", sum(map(len, ids.values()))


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("link", name="Open as results")).to_be_visible(timeout=MAKING_MS)


def chosen(page: Page, menu: str) -> None:
    page.get_by_role("button", name=menu, exact=True).click()


def said(page: Page, text: str) -> None:
    expect(page.get_by_role("status").get_by_text(text)).to_be_visible(timeout=ACTED_MS)


def test_the_rest_is_found_accepted_and_all_taken_back(page: Page, served, cars):
    address, many = cars
    opened(page, address)
    chosen(page, "Find the rest")
    menu = page.get_by_role("dialog", name="Find the rest")
    menu.get_by_label("Label").fill("wheels")
    menu.get_by_role("button", name="Find the rest").click()
    said(page, f"{many} objects labelled “wheels”.")
    rest = page.locator(".st-key-rest")
    expect(page.get_by_role("heading", name="The rest of “wheels”")).to_be_visible()
    first = rest.locator(".card").first
    name = first.get_attribute("data-id")
    first.hover()
    first.locator(".right").click()
    said(page, "Labelled “wheels”.")
    expect(rest.locator(f"[data-id='{name}']")).to_have_count(0, timeout=ACTED_MS)
    page.get_by_role("button", name="Undo").click()
    said(page, "“wheels” is taken off 1 object.")
    expect(rest.locator(f"[data-id='{name}']")).to_have_count(1, timeout=ACTED_MS)
    page.get_by_role("button", name="Undo").click()
    said(page, f"“wheels” is taken off {many} objects.")
    with Library.open(served[1]) as library:
        assert library.notes.labels() == []


def test_a_selection_opens_as_results_and_as_a_question(page: Page, cars):
    address, many = cars
    opened(page, address)
    page.get_by_role("link", name="Open as results").click()
    expect(page.get_by_role("heading", name=f"{many} objects")).to_be_visible(timeout=ACTED_MS)
    expect(page.get_by_role("button", name="Take out the filter in a selection of")).to_be_visible()
    opened(page, address)
    chosen(page, "Ask for more")
    page.get_by_role("button", name="What looks like these").click()
    expect(page.get_by_text("like any of 5 objects").first).to_be_visible(timeout=ACTED_MS)
    assert "like%5B" in page.url


def test_a_selection_is_the_normal_that_others_are_unusual_beside(page: Page, cars):
    address, many = cars
    opened(page, address)
    chosen(page, "Ask for more")
    page.get_by_role("button", name="What is unusual beside these").click()
    expect(page).to_have_url(re.compile(r"/unusual\?.*sel="), timeout=ACTED_MS)
    expect(page.get_by_text(re.compile(f"{many} objects in 2 videos"))).to_be_visible()


def test_what_is_left_out_is_gone_from_the_map_until_it_is_let_in(page: Page, cars):
    address, many = cars
    opened(page, address)
    before = page.get_by_role("heading", name="objects").first.text_content()
    chosen(page, "Leave out")
    page.get_by_role("button", name=f"Leave out {many} objects").click()
    said(page, f"{many} objects left out")
    expect(page.get_by_role("heading", name=before or "", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    said(page, f"{many} objects are let in again.")
    expect(page.get_by_role("heading", name=f"{many} objects selected")).to_be_visible()


def test_pictures_are_exported(page: Page, cars, tmp_path: Path):
    address, many = cars
    opened(page, address)
    chosen(page, "Export")
    with page.expect_download() as got:
        page.get_by_role("link", name="Pictures").click()
    got.value.save_as(tmp_path / "pictures.zip")
    with zipfile.ZipFile(tmp_path / "pictures.zip") as packed:
        assert len([name for name in packed.namelist() if name.endswith(".jpg")]) == many
