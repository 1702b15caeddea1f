"""The page Insight as a visitor uses it: choose a number, open one of its objects, draw a line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import serving_a_library
from tests.sample_library import sample_library

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def served(browser_type_launch_args, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over a library of its own, in which lines can be kept."""
    folder: Path = tmp_path_factory.mktemp("counted")
    with serving_a_library(folder, sample_library(tmp_path_factory)) as address:
        yield address


def table(page: Page, caption: str):
    return page.get_by_role("table", name=caption)


def test_a_number_opens_its_objects_and_one_of_them_in_watch(page: Page, served: str) -> None:
    page.goto(f"{served}/insight")
    stays = table(page, "How long objects stayed in view")
    cars = stays.get_by_role("row", name="Cars").get_by_role("button")
    many = int(re.match(r"\d+", cars.inner_text()).group())  # type: ignore[union-attr]
    cars.click()
    expect(page.get_by_role("heading", name=re.compile(f"Cars.* {many}$"))).to_be_visible()
    expect(page).to_have_url(re.compile("o=stays"))
    expect(cars).to_have_attribute("aria-pressed", "true")
    cards = page.locator(".st-key-insight-opened .card")
    expect(cards).to_have_count(min(many, 12))
    page.get_by_role("link", name="Open as results").click()
    expect(page).to_have_url(re.compile(r"/\?sel="))
    page.go_back()
    expect(cards.first).to_be_visible()
    cards.first.locator(".open").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.locator('a[href*="/watch?"]').first.click()
    expect(page).to_have_url(re.compile("/watch"))


def test_movements_are_chosen_in_the_picture_and_in_the_table(page: Page, served: str) -> None:
    page.goto(f"{served}/insight")
    pairs = table(page, "Objects by where they came from and where they went")
    expect(pairs).to_be_visible()
    page.locator(".arms button").first.click()
    expect(page).to_have_url(re.compile("o=moves"))
    expect(page.get_by_role("heading", name=re.compile("^Objects from"))).to_be_visible()
    page.get_by_text("By kind", exact=True).click()
    expect(table(page, "Movements by kind of object")).to_be_visible()
    page.get_by_text("By time", exact=True).click()
    expect(table(page, "Movements by time")).to_be_visible()


def test_a_line_drawn_by_hand_gives_counts_in_both_directions(page: Page, served: str) -> None:
    page.goto(f"{served}/insight")
    board = page.locator(".st-key-insight-line .stage")
    expect(board.locator("img")).to_be_visible()
    board.scroll_into_view_if_needed()
    box = board.bounding_box()
    assert box is not None
    x = box["x"] + box["width"] / 2
    page.mouse.click(x, box["y"] + 0.1 * box["height"])
    page.mouse.click(x, box["y"] + 0.9 * box["height"])
    done = page.locator(".st-key-insight-line").get_by_role("button", name="Done")
    if done.is_enabled():
        done.click()
    expect(page).to_have_url(re.compile("line="))
    lines = table(page, "How many crossed each line, each way")
    expect(lines.get_by_role("row")).to_have_count(3)
    way = lines.get_by_role("row").nth(1).get_by_role("button").last
    many = int(re.match(r"\d+", way.inner_text()).group())  # type: ignore[union-attr]
    way.click()
    expect(page.get_by_role("heading", name=re.compile(f"crossed.* {many}$"))).to_be_visible()
    with page.expect_download() as download:
        page.locator('a.vi-file[href*="lines.csv"]').click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    told = {row["way"] for row in rows}
    assert told == {"left to right", "right to left"}
    page.get_by_label("Keep the line under a name").fill("gate")
    page.get_by_label("Keep the line under a name").press("Enter")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("button", name="Forget “gate”")).to_be_visible()
    expect(lines.get_by_role("row", name=re.compile("^gate"))).to_have_count(2)


def test_a_bar_of_a_chart_opens_its_objects(page: Page, served: str) -> None:
    page.goto(f"{served}/insight")
    bars = page.locator(".st-key-insight-chart .bars .point")
    expect(bars.first).to_be_visible()
    bars.first.scroll_into_view_if_needed()
    box = bars.first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page).to_have_url(re.compile(r"o=counts(:|%3A)"))
    expect(page.locator(".st-key-insight-opened .card").first).to_be_visible()


def test_an_arm_keeps_the_name_it_is_given(page: Page, served: str) -> None:
    page.goto(f"{served}/insight")
    page.get_by_role("button", name="Name the arms").click()
    field = page.get_by_label("Name of arm 1")
    field.fill("Mill Road")
    field.press("Enter")
    pairs = table(page, "Objects by where they came from and where they went")
    expect(pairs.get_by_role("row", name=re.compile("^Mill Road"))).to_be_visible()
    page.reload()
    expect(pairs.get_by_role("row", name=re.compile("^Mill Road"))).to_be_visible()


def test_a_box_on_the_heat_map_opens_who_was_there(page: Page, served: str) -> None:
    page.goto(f"{served}/insight")
    board = page.locator(".st-key-insight-heat .stage")
    expect(board.locator("img")).to_be_visible()
    board.scroll_into_view_if_needed()
    box = board.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.9 * box["height"], steps=6)
    page.mouse.up()
    done = page.locator(".st-key-insight-heat").get_by_role("button", name="Done")
    if done.is_enabled():
        done.click()
    expect(page).to_have_url(re.compile("o=heat"))
    expect(page.locator(".st-key-insight-opened .card").first).to_be_visible()
