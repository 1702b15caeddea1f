"""Videos come in, are read, and leave: in a real browser, with the demo models and real workers."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.ingest.jobs import Jobs
from core.library.library import Library
from tests.browser.conftest import ROOT, _answers, serving_a_library
from tests.fakes import add_shard, clip

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
LONG_MS = 240_000


@pytest.fixture(scope="module")
def clips(tmp_path_factory) -> Path:
    """short.mp4 (2 s), long.mp4 (45 s), broken.mp4 (opens, and holds no frame)."""
    folder = tmp_path_factory.mktemp("clips")
    clip(folder / "short.mp4", seconds=2.0)
    clip(folder / "long.mp4", seconds=45.0, fps=6.0)
    whole = (folder / "short.mp4").read_bytes()
    start = whole.index(b"mdat")
    (folder / "broken.mp4").write_bytes(whole[: start + 4] + bytes(len(whole) - start - 4))
    return folder


@pytest.fixture
def served(browser_type_launch_args, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server over an empty library, and the library's folder."""
    with serving_a_library(tmp_path, None) as address:
        yield f"{address}/library", tmp_path / "library"


def send(page: Page, *files: Path) -> None:
    page.locator(".zone input[type=file]").set_input_files([str(file) for file in files])


def line(page: Page, name: str):
    return page.locator(".jobs li", has_text=name)


def card(page: Page, name: str):
    return page.locator(".card", has_text=name)


def menu(page: Page, name: str, entry: str) -> None:
    page.get_by_role("button", name=f"What can be done with {name}").click()
    page.locator(".menu .item", has_text=entry).click()


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG_MS / 1000
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_video_is_sent_and_its_job_followed(page: Page, served, clips: Path):
    address, _ = served
    page.goto(address)
    expect(page.get_by_role("heading", name="Add your first videos")).to_be_visible()
    send(page, clips / "long.mp4")
    expect(line(page, "long.mp4").locator(".facts")).to_have_text(
        re.compile(r"reading · \d+%.* real time"), timeout=LONG_MS
    )
    page.get_by_role("link", name="Search").click()
    expect(page).to_have_url(re.compile(r"/$"))
    page.get_by_role("link", name="Library").first.click()
    expect(line(page, "long.mp4")).to_be_visible()
    page.reload()
    expect(line(page, "long.mp4")).to_be_visible()

    page.get_by_role("button", name="Pause long.mp4").click()
    facts = line(page, "long.mp4").locator(".facts")
    expect(facts).to_have_text(re.compile(r"paused at \d+%"), timeout=LONG_MS)
    page.get_by_role("button", name="Resume long.mp4").click()
    expect(card(page, "long.mp4").locator(".name")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_test_id("stToast").first).to_contain_text("long.mp4 was added")
    expect(page.locator(".jobs")).to_have_count(0)


def test_wrong_and_broken_files_say_why(page: Page, served, clips: Path, tmp_path: Path):
    address, _ = served
    page.goto(address)
    notes, lie = tmp_path / "notes.txt", tmp_path / "lie.mp4"
    notes.write_text("no video")
    lie.write_text("no video either" * 99)
    send(page, notes, lie, clips / "broken.mp4")
    sent = page.locator(".files li")
    expect(sent.filter(has_text="notes.txt")).to_contain_text("no kind of video")
    expect(sent.filter(has_text="lie.mp4")).to_contain_text("lie.mp4 is not a video")
    failed = line(page, "broken.mp4").locator(".said")
    expect(failed).to_have_text(re.compile("^broken.mp4 .*[.]$"), timeout=LONG_MS)
    page.get_by_role("button", name="Dismiss broken.mp4").click()
    expect(line(page, "broken.mp4")).to_have_count(0)
    page.get_by_role("button", name="Dismiss notes.txt").click()
    expect(sent).to_have_count(1)


def test_two_visitors_see_one_queue(page: Page, browser: Browser, served, clips: Path):
    address, place = served
    jobs = Jobs(place)
    jobs.put_all("add", [clips / "long.mp4", clips / "short.mp4"], "demo")
    page.goto(address)
    other = browser.new_page()
    other.goto(address)
    for visitor in (page, other):
        expect(line(visitor, "long.mp4")).to_be_visible()
    other.get_by_role("button", name="Cancel long.mp4").click()
    expect(line(page, "long.mp4").locator(".facts")).to_have_text(
        re.compile("cancelled"), timeout=LONG_MS
    )
    for visitor in (page, other):
        expect(card(visitor, "short.mp4").locator(".name")).to_be_visible(timeout=LONG_MS)
    other.close()


@contextmanager
def server(place: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A server that the test itself may kill."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "--library", str(place), "--port", str(port)],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        until(lambda: _answers(f"http://127.0.0.1:{port}") or process.poll() is not None)
        assert process.poll() is None
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_job_goes_on_after_the_server_is_restarted(
    page: Page, browser_type_launch_args, tmp_path: Path, clips: Path, how: signal.Signals
):
    place = tmp_path / "library"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    jobs = Jobs(place)
    job = jobs.put("add", clips / "long.mp4", "demo")
    with server(place, port) as first:
        page.goto(f"http://127.0.0.1:{port}/library")
        expect(line(page, "long.mp4")).to_contain_text("reading", timeout=LONG_MS)
        until(lambda: jobs.get(job).share > 0.5)  # a segment, of twenty seconds, is safe
        first.send_signal(how)
        first.wait(timeout=30)
    with server(place, port):
        page.goto(f"http://127.0.0.1:{port}/library")
        expect(card(page, "long.mp4").locator(".name")).to_be_visible(timeout=LONG_MS)
    assert "going on at" in jobs.log_path(job).read_text()


def test_removing_and_undoing(page: Page, browser_type_launch_args, tmp_path: Path, clips: Path):
    place = tmp_path / "made"
    with Library.open(place) as library:
        for number in range(8):
            add_shard(library, f"v{number}", name=f"cam-{number}.mp4")
    with serving_a_library(tmp_path, place) as address:
        page.goto(f"{address}/library")
        expect(page.locator(".card")).to_have_count(8)
        menu(page, "cam-3.mp4", "Remove")
        expect(page.locator(".note")).to_contain_text("cam-3.mp4 was removed")
        expect(page.locator(".card")).to_have_count(7)
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".note")).to_contain_text("cam-3.mp4 is back")
        expect(page.locator(".card")).to_have_count(8)

        page.get_by_role("searchbox", name="Find videos by name").fill("cam-5")
        expect(page.locator(".card")).to_have_count(1)
        expect(page).to_have_url(re.compile("name=cam-5"))
        page.reload()
        expect(page.locator(".card")).to_have_count(1)
        menu(page, "cam-5.mp4", "What was looked at")
        expect(page.get_by_role("dialog").locator(".vl-coverage")).to_contain_text("cam-5.mp4")


def test_an_idle_page_sends_nothing(page: Page, browser_type_launch_args, tmp_path: Path):
    place = tmp_path / "made"
    with Library.open(place) as library:
        add_shard(library, "v1")
    with serving_a_library(tmp_path, place) as address:
        frames: list[object] = []
        for way in ("framesent", "framereceived"):
            page.on("websocket", lambda it, way=way: it.on(way, lambda data: frames.append(data)))
        page.goto(f"{address}/library")
        expect(page.locator(".card")).to_have_count(1)
        page.wait_for_load_state("networkidle")
        seen = -1
        while seen != len(frames):  # until the first drawing is over
            seen = len(frames)
            page.wait_for_timeout(1500)
        page.wait_for_timeout(4000)
        assert len(frames) == seen
