"""What is unusual, from the list to the player; what is asked stands in the address."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_an_unusual_object_shows_its_way_and_opens_in_the_player(page: Page) -> None:
    page.goto("/unusual")
    first = page.locator(".vu-list > li").first
    expect(first.locator("h3 b")).not_to_be_empty()
    drawn = first.locator(".proof img.drawn")
    expect(drawn).to_have_attribute("alt", re.compile("Its way over those of"))
    expect(first.locator(".alike img").first).to_be_visible()
    page.wait_for_function(
        "[...document.querySelectorAll('.vu-list > li:first-child img')].every("
        "each => each.complete && each.naturalWidth > 0)"
    )
    first.locator(".proof").click()
    expect(page).to_have_url(re.compile(r"/watch\?v=.+&o=\d+"))
    expect(page.locator("video")).to_be_visible()


def test_looks_and_one_video_over_time_stand_in_the_address(page: Page) -> None:
    page.goto("/unusual")
    expect(page.locator(".vu-list > li").first).to_be_visible()
    page.get_by_role("radio", name="Looks").or_(page.get_by_role("button", name="Looks")).click()
    expect(page).to_have_url(re.compile("space=looks"))
    expect(page.locator(".vu-list h3 b").first).to_contain_text("looks unlike")
    page.get_by_role("combobox", name=re.compile("Show")).click()
    page.get_by_role("option").nth(1).click()
    expect(page).to_have_url(re.compile("v="))
    expect(page.locator(".vu-time img.drawn")).to_be_visible()
    page.reload()
    expect(page.locator(".vu-time img.drawn")).to_be_visible()
    expect(page).to_have_url(re.compile("space=looks"))
