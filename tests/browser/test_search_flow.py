"""The search page as a visitor uses it: ask, change, filter, judge, share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import serving_a_library
from tests.sample_library import sample_library

QUESTION = "red car turning left"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def own_address(
    browser_type_launch_args, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A server over a library of its own, for what changes it."""
    folder: Path = tmp_path_factory.mktemp("judged")
    with serving_a_library(folder, sample_library(tmp_path_factory)) as address:
        yield address


def box(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="What are you looking for?")


def chip(page: Page, label: str) -> Locator:
    return page.locator(".chip .what", has=page.get_by_text(label, exact=True))


def title(page: Page) -> Locator:
    return page.locator(".bar h2")


def in_address(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def ask(page: Page, address: str, question: str = QUESTION) -> None:
    page.goto(address)
    box(page).fill(question)
    box(page).press("Enter")
    expect(title(page)).to_have_text(re.compile(r"moment|Nothing found"))


def test_a_question_is_answered_edited_and_relaxed_by_keys_and_clicks(page: Page, base_url: str):
    page.goto(base_url)
    expect(box(page)).to_be_visible()
    example = page.get_by_role("button", name=QUESTION, exact=True)
    expect(example).to_be_visible(timeout=180_000)  # the models are loaded for the first questions
    example.click()
    expect(title(page)).to_have_text(re.compile(r"^\d+ moments?$"))
    expect(page.locator(".chip .label")).to_have_text(["car", "red", "turning left"])
    page.locator("body").press("/")
    expect(box(page)).to_be_focused()

    chip(page, "red").click()
    page.get_by_role("button", name="blue", exact=True).click()
    expect(box(page)).to_have_value("blue car turning left")
    assert in_address(page)["q"] == ["blue car turning left"]

    chip(page, "turning left").press("Delete")
    expect(box(page)).to_have_value("blue car")
    page.get_by_role("button", name="+ add to the question").click()
    page.keyboard.type("parked")
    page.keyboard.press("Enter")
    expect(box(page)).to_have_value("blue car parked")

    page.get_by_role("button", name="leave out “parked”").click()
    expect(box(page)).to_have_value("blue car")
    page.go_back()
    expect(box(page)).to_have_value("blue car parked")


def test_nothing_found_leads_on(page: Page, base_url: str):
    ask(page, base_url, "purple car turning left")
    expect(title(page)).to_have_text("Nothing found")
    page.get_by_role("button", name=re.compile("^Without “purple”")).click()
    expect(title(page)).to_have_text(re.compile("moment"))
    expect(box(page)).to_have_value("car turning left")


def test_filters_intersect_and_a_link_shows_the_same_to_another_visitor(
    page: Page, browser: Browser, base_url: str
):
    ask(page, base_url, "car")
    page.get_by_role("button", name="Filters").click()
    filters = page.get_by_role("dialog", name="Filters")
    filters.get_by_label(re.compile("crossroads")).check()
    expect(page.locator(".active button").first).to_have_text(re.compile("crossroads"))
    filters.get_by_label("Seen between, from, m:ss").fill("0:04")
    filters.get_by_label("Seen between, from, m:ss").press("Tab")
    expect(page.locator(".active button", has_text="after 0:04")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile("^Sort")).click()
    page.get_by_role("button", name="by time", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("^Sort"))).to_have_text(re.compile("by time"))
    assert in_address(page).keys() == {"q", "in", "after", "sort"}

    other = browser.new_context().new_page()
    other.goto(page.url)
    expect(title(other)).to_have_text(title(page).inner_text())
    expect(other.locator(".active button")).to_have_count(page.locator(".active button").count())
    expect(other.get_by_role("button", name=re.compile("^Sort"))).to_have_text(
        re.compile("by time")
    )
    other.locator(
        ".chip .off"
    ).first.click()  # the one asks something else: the other keeps its own
    expect(box(other)).to_have_value("")
    page.reload()
    expect(box(page)).to_have_value("car")
    other.context.close()


def test_a_verdict_counts_at_once_and_can_be_undone(page: Page, own_address: str):
    ask(page, own_address)
    before = title(page).inner_text()
    page.locator(".card .open").first.press("n")
    expect(page.locator(".said")).to_have_text(re.compile("Noted: .* is wrong"))
    expect(title(page)).not_to_have_text(before)
    page.get_by_role("button", name="Undo").click()
    expect(title(page)).to_have_text(before)


def test_a_question_is_saved_opened_and_forgotten(page: Page, own_address: str):
    ask(page, own_address, "bus")
    page.get_by_role("button", name="Saved").click()
    saved = page.get_by_role("dialog", name="Saved questions")
    saved.get_by_label("Name").fill("all buses")
    saved.get_by_role("button", name="Save this question").click()
    expect(saved.locator(".item")).to_have_text(re.compile("all buses"))
    page.keyboard.press("Escape")
    ask(page, own_address, "cyclist")
    page.get_by_role("button", name="Saved").click()
    saved.locator(".item").click()
    expect(box(page)).to_have_value("bus")
    page.get_by_role("button", name="Saved").click()
    saved.get_by_role("button", name="Forget all buses").click()
    expect(saved.locator(".item")).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".said")).to_have_text(re.compile("is saved again"))


def test_a_zone_drawn_on_a_frame_is_a_chip(page: Page, base_url: str):
    ask(page, base_url, "car")
    page.get_by_role("button", name="More ways").click()
    page.get_by_role("button", name="A zone drawn on a frame").click()
    dialog = page.get_by_role("dialog", name="In a zone")
    board = dialog.get_by_role("application")
    expect(board).to_be_visible()
    expect(board.locator("img")).to_have_js_property("complete", True)
    area = board.bounding_box()
    assert area is not None
    for x, y in ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9), (0.1, 0.1)):
        board.click(position={"x": x * area["width"], "y": y * area["height"]})
    dialog.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator(".chip .label")).to_have_text(["car", "in a drawn zone"])
    assert in_address(page)["s"][0].startswith("in zone@")
