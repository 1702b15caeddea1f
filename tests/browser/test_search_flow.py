"""From an empty question to a playing moment, as a person does it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

QUESTION = "red car turning left"


def test_first_visit_to_a_playing_moment(page: Page, base_url: str):
    page.goto(base_url)
    expect(page.get_by_role("heading", name="Vidtrail")).to_be_visible()
    box = page.get_by_role("searchbox", name="What are you looking for?")
    box.fill(QUESTION)
    box.press("Enter")
    first = page.locator(".card").first
    expect(first).to_contain_text("junction <b>.mp4")
    expect(first).to_contain_text("turned 78° to the left")
    expect(first.locator("img.crop")).to_have_js_property("complete", True)
    assert first.locator("img.crop").evaluate("image => image.naturalWidth") > 0
    expect(page).to_have_url(re.compile(r"\?q=red[+%20]+car"))

    first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("0:04.0 – 0:05.6")
    video = dialog.locator("video")
    expect(video).to_have_js_property("error", None)
    plays = "video => video.readyState >= 2 && video.currentTime >= 4"
    page.wait_for_function(f"video => ({plays})(video)", arg=video.element_handle())
    expect(dialog.locator("polyline.trail")).to_have_attribute("points", re.compile(r"\d,"))
    expect(dialog.locator("svg rect")).to_have_attribute("width", re.compile(r"0\.1[56]"))
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("dialog video").first).not_to_have_attribute("src", re.compile("."))


def test_a_card_plays_its_moment_under_the_pointer(page: Page, base_url: str):
    page.goto(f"{base_url}/?q={QUESTION}")
    card = page.locator(".card").first
    card.hover()
    expect(card.locator("video")).to_have_js_property("paused", False)
    page.mouse.move(1, 1)
    expect(card.locator("video")).to_have_count(0)


def test_a_link_opens_the_same_answer_and_survives_a_reload(page: Page, base_url: str):
    page.goto(f"{base_url}/?q={QUESTION}")
    expect(page.get_by_role("searchbox")).to_have_value(QUESTION)
    expect(page.locator(".card")).to_have_count(4)  # two moments, two near misses
    page.reload()
    expect(page.locator(".card")).to_have_count(4)


def test_an_example_is_one_click(page: Page, base_url: str):
    page.goto(base_url)
    page.get_by_role("button", name=QUESTION, exact=True).click()
    expect(page.locator(".card").first).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value(QUESTION)


def test_nothing_found_shows_how_far_it_came(page: Page, base_url: str):
    page.goto(f"{base_url}/?q=purple bus")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    expect(page.locator(".vt-funnel")).to_contain_text("purple 0")
    expect(page.locator(".card")).to_have_count(1)


def test_the_keyboard_is_enough(page: Page, base_url: str):
    page.goto(f"{base_url}/?q={QUESTION}")
    card = page.locator(".card").first
    card.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Close").focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 820])
def test_nothing_is_cut_off(page: Page, base_url: str, scheme: str, width: int):
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{base_url}/?q={QUESTION}")
    expect(page.locator(".card").first).to_be_visible()
    page.wait_for_function(  # the layout settles after the last card
        "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
