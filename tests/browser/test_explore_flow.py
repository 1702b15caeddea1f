"""The maps as a visitor uses them: draw around, open, colour, point at, add a video."""

from __future__ import annotations

import json
import math
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page, WebSocket, expect

from core.library.library import Library
from tests.browser.conftest import serving_a_library
from tests.browser.test_accessibility import violations
from tests.sample_library import COMMAND, ROOT, sample_library

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
MAKING_MS = 240_000


@pytest.fixture(scope="module")
def served(
    browser_type_launch_args, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """A server over a library of its own, whose maps the first visit has made."""
    folder: Path = tmp_path_factory.mktemp("explored")
    with serving_a_library(folder, sample_library(tmp_path_factory)) as address:
        yield address, folder / "library"


def opened(page: Page, address: str, query: str = "") -> None:
    page.goto(f"{address}/explore{query}")
    expect(page.locator(".vm[data-ready]")).to_be_visible(timeout=MAKING_MS)


def plane(page: Page, space: str) -> dict[str, float]:
    """Where a map lies on the screen."""
    box = page.locator(f"[data-space={space}] .vm-stage").bounding_box()
    assert box is not None
    return box  # type: ignore[return-value]


def pixels(page: Page, space: str) -> np.ndarray:
    """(D, 2) where the points of a map are on the screen, by Plotly's own axes; NaN for none."""
    told = page.evaluate(
        """(space) => {
          const plot = document.querySelector(`[data-space=${space}] .vm-plot`);
          const {xaxis, yaxis} = plot._fullLayout, at = plot.getBoundingClientRect();
          const {x, y} = plot.data[0];
          return Array.from(x, (_, k) => [xaxis.d2p(x[k]) + at.left, yaxis.d2p(y[k]) + at.top]);
        }""",
        space,
    )
    return np.array([[math.nan if v is None else v for v in xy] for xy in told])


def lasso(page: Page, space: str, share: float = 0.5) -> None:
    """Draw around the left part of a map."""
    box = plane(page, space)
    left, top = box["x"] + 6, box["y"] + 6
    right, bottom = box["x"] + share * box["width"], box["y"] + box["height"] - 6
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom), (left, top + 12)):
        page.mouse.move(x, y, steps=8)
    page.mouse.up()


def lit(page: Page, space: str) -> int:
    return int(page.locator(f"[data-space={space}]").get_attribute("data-lit") or 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_maps_and_what_is_selected_can_be_used_by_everybody(page: Page, served, scheme: str):
    address, _ = served
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    opened(page, address)
    expect(page.get_by_role("heading", name=re.compile("^Groups what"))).to_be_visible()
    assert violations(page) == []
    lasso(page, "looks")
    expect(page.locator(".st-key-cards .card").first).to_be_visible()
    expect(page.locator(".st-key-map_bar button.off").first).to_be_visible()
    assert violations(page) == []


def test_a_lasso_lights_up_both_maps_and_leads_to_the_player(page: Page, served):
    address, _ = served
    sockets: list[WebSocket] = []
    sent: list[int] = []
    received: list[int] = []
    page.on("websocket", lambda socket: sockets.append(socket))
    opened(page, address)
    for socket in sockets:
        socket.on("framesent", lambda data: sent.append(len(data)))
        socket.on("framereceived", lambda data: received.append(len(data)))
    places = pixels(page, "looks")
    lasso(page, "looks")
    expect(page.locator(".vt-h2", has_text="selected")).to_be_visible()
    box = plane(page, "looks")
    within = int((places[:, 0] < box["x"] + 0.5 * box["width"]).sum())
    title = page.locator(".vt-h2", has_text="selected").inner_text()
    assert int(re.sub(r"\D", "", title.split(" ")[0])) == within
    assert lit(page, "looks") == within
    assert 0 < lit(page, "moves") <= within
    assert sum(sent) < 8_000  # an outline, and not its points
    assert sum(received) < 300_000
    (key,) = parse_qs(urlsplit(page.url).query)["sel"]
    assert len(key) == 16

    page.reload()
    expect(page.locator(".vm[data-ready]")).to_be_visible()
    expect(page.locator("[data-space=looks]")).to_have_attribute("data-lit", str(within))
    page.locator(".card .open").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".card .watch").first.click()
    expect(page).to_have_url(re.compile(r"/watch\?v="))
    expect(page.locator(".vp video")).to_be_visible()


def test_the_pointer_shows_the_picture_of_its_own_point(page: Page, served):
    address, place = served
    opened(page, address)
    places = pixels(page, "moves")
    far = np.linalg.norm(places[:, None] - places[None], axis=2) + np.diag(
        np.full(len(places), 1e9)
    )
    lonely = int(
        np.nanargmax(np.where(np.isnan(far), 1e9, far).min(axis=1) * ~np.isnan(places[:, 0]))
    )
    page.mouse.move(*places[lonely])
    tip = page.locator(".vm-tip")
    expect(tip).to_be_visible()
    row = int(tip.get_attribute("data-row") or -1)
    said = tip.locator("b").inner_text()
    image = tip.locator("img").get_attribute("src")
    assert image is not None
    assert row == lonely  # all objects are drawn here, in the order of their rows
    with urllib.request.urlopen(f"{address}{image}") as answer:
        shown = answer.read()
    track_id = int(said.rsplit("#", 1)[1])
    crops = []
    for record in Library.open(place).ready():
        shard = Library.open(place).shard(record.video_id)
        tracks = shard.tracks()
        if record.name in tip.locator(".where").inner_text() and track_id in tracks.track_id:
            crops.append(int(tracks.best_crop[tracks.row_of(track_id)]))
            with urllib.request.urlopen(
                f"{address}/api/crops/{record.video_id}/{crops[-1]}.jpg"
            ) as answer:
                assert answer.read() == shown
    assert len(crops) == 1
    page.mouse.click(*places[lonely])
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text(f"#{track_id}")
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("o="))


def test_a_question_colours_the_points_and_zoom_stays(page: Page, served):
    address, _ = served
    opened(page, address)
    looks = page.locator("[data-space=looks]")
    looks.focus()
    looks.press("+")
    looks.press("+")
    ranges = "() => document.querySelector('[data-space=looks] .vm-plot')._fullLayout.xaxis.range"
    zoomed = page.evaluate(ranges)
    page.get_by_role("button", name="A question").click()
    box = page.get_by_role("searchbox", name="Question that points are coloured by")
    with page.expect_response(re.compile(r"colours\.bin\?by=question&q=red%20car")) as answer:
        box.fill("red car")
        box.press("Enter")
    codes = np.frombuffer(answer.value.body(), np.uint8)
    expect(page.locator(".run")).to_contain_text("fits “red car”")
    assert page.evaluate(ranges) == zoomed
    expect(looks).to_have_attribute("data-painted", re.compile("q=red%20car"))
    drawn = page.evaluate(
        "() => [...document.querySelector('[data-space=looks] .vm-plot').data[0].marker.color]"
    )
    assert drawn == codes.tolist()
    assert codes.max() > 200
    page.get_by_role("button", name="Select the highest").click()
    expect(page.locator(".vt-h2", has_text="selected")).to_contain_text("best for “red car” first")


def test_keys_select_what_is_in_view_and_nothing(page: Page, served):
    address, _ = served
    opened(page, address)
    moves = page.locator("[data-space=moves]")
    moves.focus()
    moves.press("Enter")
    expect(page.locator(".vt-h2", has_text="selected")).to_be_visible()
    moves.focus()
    moves.press("Escape")
    expect(page.locator(".ve-hint")).to_be_visible()
    expect(page).not_to_have_url(re.compile("sel="))


def test_a_new_video_joins_the_maps_and_no_old_point_moves(page: Page, served):
    address, place = served
    opened(page, address)
    before = _places(page, address)
    video = ROOT / "sample_videos" / "crossroads-pair-b-1"
    done = subprocess.run(
        [*COMMAND, "add", str(video), "--library", str(place)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page.goto(f"{address}/explore")
    expect(page.locator(".ve-making")).to_be_visible()
    expect(page.locator(".vm-map").first).to_be_visible()  # the older maps stay at hand
    expect(page.locator(".ve-making")).to_have_count(0, timeout=MAKING_MS)
    expect(page.locator(".vm[data-ready]")).to_be_visible()
    page.wait_for_function(  # the larger maps are there before they are drawn
        "many => document.querySelector('[data-space=looks] .vm-plot').data[0].x.length > many",
        arg=len(before),
        timeout=MAKING_MS,
    )
    after = _places(page, address)
    assert len(after) > len(before)
    for name, xy in before.items():
        assert after[name] == xy


def _places(page: Page, address: str) -> dict[str, Any]:
    """Name and video of each object -> its places as the page has them, bit for bit."""
    found = page.evaluate(
        """async () => {
          const of = (space) => document.querySelector(`[data-space=${space}] .vm-plot`).data[0];
          const looks = of("looks"), moves = of("moves");
          const asked = performance.getEntriesByType("resource").map((entry) => entry.name);
          const points = asked.filter((name) => name.endsWith("points.bin")).pop();
          const file = await (await fetch(points)).arrayBuffer();
          const rows = new Uint32Array(file, 8, looks.x.length);
          const told = (v) => Number.isNaN(v) ? null : v;
          const facts = await Promise.all(Array.from(rows, async (row) =>
            (await fetch(points.replace("points.bin", `objects/${row}.json`))).json()));
          return facts.map((fact, k) => [`${fact.where} ${fact.name}`,
            [looks.x[k], looks.y[k], moves.x[k], moves.y[k]].map(told)]);
        }"""
    )
    assert found, json.dumps(address)
    return dict(found)
