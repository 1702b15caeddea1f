"""The real thing: a sample video, the demo models, the command, the page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, serving

QUESTION = "red car turning left"
SAMPLES = ROOT / "sample_videos"
COMMAND = [sys.executable, str(ROOT / "dashboard" / "launcher.py")]


def sample_that_answers() -> Path:
    """The smallest sample video in whose truth a red car turns left."""
    answering = []
    for truth in SAMPLES.glob("*/truth.json"):
        told = json.loads(truth.read_text(encoding="utf-8"))
        if any(
            re.search("red car.* left", query["text"]) and query["relevant"]
            for query in told["queries"]
        ):
            answering.append(truth.parent / told["video"])
    assert answering, "no sample video answers"
    return min(answering, key=lambda path: path.stat().st_size)


@pytest.fixture(scope="module")
def demo_address(browser_type_launch_args, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("demo")
    library = folder / "library"
    added = subprocess.run(
        [*COMMAND, "add", str(sample_that_answers()), "--library", str(library)],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    serve = (*COMMAND[1:], "serve", "--library", str(library), "--port")
    with serving(folder, *serve) as address:
        yield address


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_person_asks_and_sees_the_moment(page: Page, demo_address: str):
    page.goto(demo_address)
    expect(page.locator(".vt-wall figure")).to_have_count(1)
    page.get_by_role("button", name=QUESTION, exact=True).click()
    first = page.locator(".card").first
    for part in ("car", "red", "turning left"):
        expect(first.locator(".row.yes .label", has_text=part)).to_be_visible()
    expect(first.locator(".why").last).to_have_text(re.compile(r"\d+°"))
    first.click()
    video = page.get_by_role("dialog").locator("video")
    plays = "video => video.readyState >= 2 && !video.error && video.currentTime > 0"
    page.wait_for_function(f"video => ({plays})(video)", arg=video.element_handle())
    drawn = page.get_by_role("dialog").locator("canvas")
    expect(drawn).to_have_attribute("data-drawn", re.compile(r'"boxes":{"\d+":\['))
