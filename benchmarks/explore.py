"""What the page Explore costs: bytes, the first picture, a lasso, by the number of objects.

    python -m benchmarks.explore LIBRARY [LIBRARY ...] [--chromium PATH]

LIBRARY: written to where it has no maps: places around some hundred centres, drawn at random, take
the place of a layout, since how long a page takes does not depend on where points lie. Large
libraries are made by `benchmarks.search --keep`. Times are by the page's own clock, in software
rendering without a GPU: `first` from the address to both maps drawn and coloured; `lasso` from
letting go of the pointer to the cards of what is selected; `lit` to both maps lit up, which the
server has no part in (0 where they followed the pointer: up to 20,000 points). Bytes are those of
files and of websocket frames as they travel.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import Page, WebSocket, sync_playwright

from benchmarks.dashboard import FLAGS, served
from core.explore.cluster_files import StoredClusters, write_clusters
from core.explore.clusters import Clusters
from core.explore.features import SPACES
from core.explore.maps import Map, read_map, write_map
from core.library.library import Library
from core.search.columns import read_columns

CENTRES = 150
GROUPS = 18
PATIENCE_MS = 180_000
FILES = """() => Object.fromEntries(performance.getEntriesByType("resource").map(
  (entry) => [entry.name.split("?")[0].split("/").pop(), entry.encodedBodySize]))"""
LET_GO = """() => {
  window.marks = {};
  addEventListener("pointerup", () => {
    const lit = () => document.querySelector("[data-space=moves]").dataset.lit;
    const from = performance.now(), before = lit();
    if (before !== "0") marks.lit = 0; // followed the pointer already
    const look = () => {
      const now = performance.now() - from;
      if (marks.lit === undefined && lit() !== before) marks.lit = now;
      const cards = document.querySelector(".st-key-cards [data-testid=stBidiComponentIsolated]");
      if (cards?.shadowRoot?.querySelector(".card")) { marks.cards = now; return; }
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, { capture: true, once: true });
}"""


def lay_out(place: Path) -> int:
    """Give a library maps at random where it has none; the number of its objects."""
    library = Library.open(place)
    columns = read_columns(library)
    encoder = library.ready()[0].encoder
    rng = np.random.default_rng(0)
    many = len(columns)
    for space in SPACES:
        if read_map(library, columns, encoder, space) is not None:
            continue
        centre = rng.uniform(-1, 1, (CENTRES, 2))
        of = rng.integers(CENTRES, size=many)
        xy = (centre[of] + rng.normal(0, 0.03, (many, 2))).astype(np.float32)
        yes = np.ones(many, np.bool_)
        write_map(library, columns, encoder, Map(space, xy, yes, yes, f"random {space}", 0.0, 0))
        clusters = Clusters(
            (of % GROUPS).astype(np.int32),
            np.arange(GROUPS, dtype=np.int32)[None],
            np.zeros((GROUPS, 2), np.float32),
        )
        names = (tuple(f"group {k}" for k in range(GROUPS)),)
        write_clusters(library, columns, encoder, space, StoredClusters(clusters, names, many))
    return many


class Wire:
    """Bytes of a page, down and up its websocket."""

    def __init__(self, page: Page) -> None:
        self.down = self.up = 0
        page.on("websocket", lambda socket: self._listen(socket))

    def _listen(self, socket: WebSocket) -> None:
        def received(data: str | bytes) -> None:
            self.down += len(data)

        def sent(data: str | bytes) -> None:
            self.up += len(data)

        socket.on("framereceived", received)
        socket.on("framesent", sent)


def measure(address: str, server: psutil.Process, chromium: str) -> list[str]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1440, "height": 1100})
        page.set_default_timeout(PATIENCE_MS)
        page.goto(address)  # the engine is warm when somebody explores
        page.wait_for_selector(".st-key-examples button")
        first = []
        for _ in range(2):
            wire = Wire(page)
            started = time.perf_counter()
            page.goto(f"{address}/explore")
            page.wait_for_selector(".vm[data-ready]")
            first.append(time.perf_counter() - started)
            down = wire.down
        files = page.evaluate(FILES)
        page.wait_for_selector(".st-key-groups")
        page.wait_for_timeout(1500)
        down_before, up_before = wire.down, wire.up
        page.evaluate(LET_GO)
        _lasso(page)
        page.wait_for_function("marks.cards")
        marks = page.evaluate("marks")
        page.wait_for_timeout(1000)
        told = page.locator(".vt-h2", has_text="selected").inner_text().split(" ")[0]
        row = [
            told,
            *(f"{files.get(name, 0) / 1000:,.0f}" for name in ("points.bin", "colours.bin")),
            f"{down / 1000:,.0f}",
            f"{(wire.down - down_before) / 1000:,.0f}",
            f"{(wire.up - up_before) / 1000:,.1f}",
            f"{first[0]:.1f} / {first[1]:.1f}",
            f"{marks.get('lit', math.nan) / 1000:.2f}",
            f"{marks['cards'] / 1000:.2f}",
            f"{server.memory_info().rss / 2**20:,.0f}",
        ]
        browser.close()
        return row


def _lasso(page: Page) -> None:
    """A circle around the middle third of the map of looks."""
    box = page.locator("[data-space=looks] .vm-stage").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    reach = box["height"] * 0.3
    page.mouse.move(x + reach, y)
    page.mouse.down()
    for k in range(1, 40):
        turn = k * math.tau / 40
        page.mouse.move(x + reach * math.cos(turn), y + reach * math.sin(turn))
    page.mouse.up()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explore", description=__doc__)
    parser.add_argument("libraries", nargs="+", type=Path)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    asked = parser.parse_args(arguments)
    print(
        "| objects | selected | points kB | colours kB | page kB | lasso kB down | lasso kB up "
        "| first, again s | lit s | cards s | server MB |"
    )
    print("|" + "---:|" * 11)
    for place in asked.libraries:
        many = lay_out(place)
        with served(place) as (address, server):
            row = measure(address, server, asked.chromium)
        print(f"| {many:,} | {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
