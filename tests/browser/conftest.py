"""A real server and a real browser. Skipped where Chromium is missing, unless it is asked for."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.sample_library import COMMAND, sample_library

ROOT = Path(__file__).parents[2]
_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for path in map(shutil.which, _NAMES) if path), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
START_S = 90
PATIENCE_MS = 45_000  # two busy cores draw a page in seconds, not in milliseconds


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if CHROMIUM is None:
        if os.environ.get("VIDTRAIL_BROWSER_TESTS") == "required":
            pytest.fail("no Chromium, and the browser tests are required here")
        pytest.skip("no Chromium on this machine: Debian has it as the package chromium")
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS}


@contextmanager
def serving(folder: Path, *command: str, base: str = "") -> Iterator[str]:
    """Address of a server started with `command` and a free port; ends with the block.

    base: "" or the path, "/deep", under which it was told to answer.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, *command, str(port)],
            cwd=ROOT, stdout=output, stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}{base}"
    try:
        deadline = time.monotonic() + START_S
        while not _answers(address):
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the server did not start:\n{log.read_text()}")
            time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def base_url(
    browser_type_launch_args: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A server over a copy of the sample library, for tests that change nothing in it."""
    folder = tmp_path_factory.mktemp("served")
    with serving_a_library(folder, sample_library(tmp_path_factory)) as address:
        yield address


@contextmanager
def serving_a_library(
    folder: Path, library: Path | None, *flags: str, base: str = ""
) -> Iterator[str]:
    """Address of a server over a copy of a library, or an empty one, in `folder`/library.

    flags: further ones of `vidtrail serve`. base: the path under which it is to answer.
    """
    place = folder / "library"
    if library is not None:
        shutil.copytree(library, place)
    command = (*COMMAND[1:], "serve", "--library", str(place), "--base-path", base, *flags)
    with serving(folder, *command, "--port", base=base) as address:
        yield address


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """Fail a test whose page threw an error or reached outside this machine."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: _check_local(request.url, errors))
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield page
    assert errors == []


def _check_local(address: str, errors: list[str]) -> None:
    if urlsplit(address).hostname not in ("127.0.0.1", "localhost") and not address.startswith(
        ("data:", "blob:")
    ):
        errors.append(f"asked {address}")
