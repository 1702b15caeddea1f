"""Drawing on a picture in a real browser: by mouse, by touch, by keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def address(
    browser_type_launch_args: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    script = Path(__file__).with_name("drawing_page.py")
    options = ("--server.headless=true", "--browser.gatherUsageStats=false")
    command = ("-m", "streamlit", "run", str(script), *options, "--server.address=127.0.0.1")
    with serving(tmp_path_factory.mktemp("drawing"), *command, "--server.port") as address:
        yield address


def opened(page: Page, address: str, shape: str) -> None:
    page.goto(f"{address}/?shape={shape}")
    page.wait_for_function(
        "image => image.naturalWidth === 960", arg=page.locator(".stage img").element_handle()
    )


def place(page: Page, x: float, y: float) -> tuple[float, float]:
    box = page.locator(".stage").bounding_box()
    assert box is not None
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def click(page: Page, x: float, y: float) -> None:
    page.mouse.click(*place(page, x, y))


def drawn(page: Page, shape: str) -> list[list[float]]:
    """What the page has got; waits for it."""
    expect(page.locator("code")).to_contain_text(f'"shape": "{shape}"')
    told = json.loads(page.locator("code").inner_text())
    return told["points"]


def near(points: list[list[float]], wanted: list[tuple[float, float]]) -> bool:
    return len(points) == len(wanted) and all(
        abs(a - b) < 0.01 for told, meant in zip(points, wanted, strict=True)
        for a, b in zip(told, meant, strict=True)
    )  # fmt: skip


def test_a_path_by_clicks_outlives_another_picture(page: Page, address: str):
    opened(page, address, "path")
    done = page.get_by_role("button", name="Done")
    expect(done).to_be_disabled()
    expect(page.locator(".stage .name")).to_have_text("yard")
    for x, y in ((0.1, 0.8), (0.5, 0.5), (0.3, 0.3), (0.6, 0.2)):
        click(page, x, y)
    page.get_by_text("Another picture").click()
    expect(page.locator(".stage img")).to_have_attribute("src", re.compile("456"))
    expect(page.locator(".stage .point")).to_have_count(4)
    page.get_by_role("button", name="Take back").click()
    expect(page.locator(".stage .point")).to_have_count(3)
    done.click()
    assert near(drawn(page, "path"), [(0.1, 0.8), (0.5, 0.5), (0.3, 0.3)])
    expect(page.locator(".stage .point")).to_have_count(0)


def test_a_path_in_one_stroke_keeps_its_shape(page: Page, address: str):
    opened(page, address, "path")
    page.mouse.move(*place(page, 0.1, 0.1))
    page.mouse.down()
    for x, y in ((0.5, 0.1), (0.5, 0.9)):
        page.mouse.move(*place(page, x, y), steps=25)
    page.mouse.up()
    page.get_by_role("button", name="Done").click()
    assert near(drawn(page, "path"), [(0.1, 0.1), (0.5, 0.1), (0.5, 0.9)])


def test_a_zone_is_closed_at_its_first_corner_and_may_not_cross_itself(page: Page, address: str):
    opened(page, address, "zone")
    for x, y in ((0.1, 0.1), (0.4, 0.4), (0.4, 0.1), (0.1, 0.4)):
        click(page, x, y)
    expect(page.locator(".said")).to_contain_text("cross one another")
    expect(page.get_by_role("button", name="Done")).to_be_disabled()
    page.get_by_role("button", name="Clear").click()
    for x, y in ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4), (0.1, 0.1)):
        click(page, x, y)
    assert near(drawn(page, "zone"), [(0.1, 0.1), (0.4, 0.1), (0.4, 0.4)])


def test_a_line_by_keys_says_where_it_is(page: Page, address: str):
    opened(page, address, "line")
    page.locator(".stage").focus()
    for _ in range(5):
        page.keyboard.press("ArrowUp")
    expect(page.locator(".said")).to_have_text("50 % from the left, 40 % from the top.")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.keyboard.press("Backspace")
    for _ in range(10):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    # Downwards on screen, its right hand is on the left.
    arrow = page.locator(".stage .head").bounding_box()
    assert arrow is not None
    assert arrow["x"] < place(page, 0.49, 0.5)[0]
    page.keyboard.press("d")
    assert near(drawn(page, "line"), [(0.5, 0.4), (0.484, 0.6)])


def test_a_box_is_pulled_in_any_direction(page: Page, address: str):
    opened(page, address, "box")
    page.mouse.move(*place(page, 0.6, 0.7))
    page.mouse.down()
    page.mouse.move(*place(page, 0.2, 0.3), steps=5)
    page.mouse.up()
    page.get_by_role("button", name="Done").click()
    assert near(drawn(page, "box"), [(0.2, 0.3), (0.6, 0.7)])


@pytest.mark.browser_context_args(has_touch=True)
def test_a_finger_draws_like_a_mouse(page: Page, address: str):
    opened(page, address, "path")
    page.touchscreen.tap(*place(page, 0.2, 0.2))
    page.touchscreen.tap(*place(page, 0.8, 0.6))
    page.get_by_role("button", name="Done").click()
    assert near(drawn(page, "path"), [(0.2, 0.2), (0.8, 0.6)])
