"""What a person waits for in the browser, what an idle page sends, how a very large file plays.

    python -m benchmarks.dashboard LIBRARY [--big-mb 2048] [--chromium PATH]

LIBRARY: a library to ask questions of; a large one is kept by `benchmarks.search --keep`. Times are
taken inside the page, by its own clock: of a question, from the key Enter to the frame in which
the answer stands there; of a switch of pages, from the click to the end of the new page's run; of a
seek, to the first frame of the new place. Beside the wall time stands the processor time that the
server and the page's main thread took for it, which a busy machine changes less. The
large file is real H.264 (a noisy clip repeated without coding it anew), served by a server of its
own and deleted at the end.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
import psutil
from playwright.sync_api import Page, sync_playwright

from benchmarks.search import questions
from core.library.library import Library

ROOT = Path(__file__).parents[1]
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio")
START_S, IDLE_S, PAUSE_S = 120, 10.0, 1.5
QUESTIONS, SWITCHES, SEEKS = 20, 10, 12
CLIP_S, CLIP_FPS, CLIP_MBIT_S = 20, 30, 30
PAGES = {"Search": ("question", "input"), "Library": ("cards", "li")}
"""Page -> the key of its main component, and what stands in it when it is drawn."""

# Resolves with the milliseconds from `event` on to the first frame in which `done()` holds.
CLOCK = """([event, isStart, isDone]) => {
  const starts = new Function("e", "return " + isStart), done = new Function("return " + isDone);
  window.measured = new Promise((resolve, reject) => {
    setTimeout(() => reject("it never came"), 30000);
    const begin = e => {
      if (!starts(e)) return;
      removeEventListener(event, begin, true);
      const from = performance.now();
      const look = () => done() ? resolve(performance.now() - from) : requestAnimationFrame(look);
      requestAnimationFrame(look);
    };
    addEventListener(event, begin, true);
  });
}"""
LOOK = """() => {
  window.inside = key =>
    document.querySelector(key + " [data-testid=stBidiComponentIsolated]")?.shadowRoot;
  window.answered = () => {
    const title = inside(".st-key-bar")?.querySelector("h2")?.parentElement?.textContent ?? "";
    const cards = inside(".st-key-found0") ?? inside(".st-key-close");
    const first = cards?.textContent ?? "";
    return title + "|" + first.slice(0, 300);
  };
}"""
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
SEEK = """async t => {
  const video = document.querySelector("video.big"), from = performance.now();
  video.currentTime = t;
  await new Promise(good => video.requestVideoFrameCallback(good));
  return performance.now() - from;
}"""
LOAD = """async address => {
  const video = document.createElement("video"), from = performance.now();
  video.className = "big"; video.muted = true; video.src = address;
  document.body.append(video);
  await new Promise((good, bad) => { video.onloadeddata = good; video.onerror = bad; });
  return performance.now() - from;
}"""


@contextmanager
def served(library: Path) -> Iterator[tuple[str, psutil.Process]]:
    """(address, process) of a server over a library; ends with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "dashboard", "--library", str(library), "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_S
    try:
        while not answers(address):
            if server.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the server did not start")
            time.sleep(0.2)
        yield address, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(timeout=30)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds: by the clock; of the processor, in the server and in the page's main thread."""

    wall: float
    server: float
    page: float


class Watch:
    """Takes the time of one action in a page of a server."""

    def __init__(self, page: Page, server: psutil.Process) -> None:
        self._page, self._server = page, server
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def took(self, event: str, starts: str, done: str, act: Callable[[], None]) -> Took:
        """Do something, from the event it causes to the first frame in which `done` holds."""
        self._page.wait_for_timeout(PAUSE_S * 1000)  # a person looks at what came before
        self._page.evaluate(CLOCK, [event, starts, done])
        server, page = self._spent()
        act()
        wall = float(self._page.evaluate("measured"))
        after = self._spent()
        return Took(wall, after[0] - server, after[1] - page)

    def _spent(self) -> tuple[float, float]:
        spent = self._server.cpu_times()
        told = self._session.send("Performance.getMetrics")["metrics"]
        page = next(metric["value"] for metric in told if metric["name"] == "TaskDuration")
        return 1000 * (spent.user + spent.system), 1000 * page


def ask(page: Page, watch: Watch, question: str) -> Took:
    """From Enter to the answer."""
    box = page.get_by_role("searchbox").or_(page.get_by_role("combobox")).first
    box.fill(question)
    page.evaluate(LOOK)
    before = page.evaluate("answered()")
    done = f"answered() !== {before!r} && answered() !== '|'"
    done += f" && !!document.querySelector({IDLE!r})"
    return watch.took("keydown", "e.key === 'Enter'", done, lambda: box.press("Enter"))


def switch(page: Page, watch: Watch, name: str) -> Took:
    """From the click on a page's name to the end of its run."""
    key, inside = PAGES[name]
    done = f"!!inside('.st-key-{key}')?.querySelector({inside!r})"
    done += f" && document.title.startsWith({name!r}) && !!document.querySelector({IDLE!r})"
    link = page.get_by_test_id("stTopNav").get_by_role("link", name=name)
    return watch.took("click", "true", done, link.click)


def traffic(page: Page, seconds: float) -> tuple[int, int, int]:
    """(websocket frames, their bytes, requests) of a page that nobody touches."""
    session = page.context.new_cdp_session(page)
    frames: list[int] = []
    requests: list[str] = []
    for name in ("webSocketFrameReceived", "webSocketFrameSent"):
        session.on(
            f"Network.{name}", lambda told: frames.append(len(told["response"]["payloadData"]))
        )
    session.on("Network.requestWillBeSent", lambda told: requests.append(told["request"]["url"]))
    session.send("Network.enable")
    page.wait_for_timeout(seconds * 1000)
    session.detach()
    return len(frames), sum(frames), len(requests)


def write_big(folder: Path, megabytes: int) -> Path:
    """An H.264 file of that size: a clip of moving noise, its packets repeated."""
    clip, big = folder / "clip.mp4", folder / "big.mp4"
    random = np.random.default_rng(0)
    noise = random.integers(0, 255, (720 + 64, 1280 + 64, 3), np.uint8)
    rate = f"{CLIP_MBIT_S}M"
    options = {"preset": "ultrafast", "bf": "0", "g": str(CLIP_FPS), "maxrate": rate}
    with av.open(str(clip), "w") as out:
        stream = out.add_stream("libx264", rate=CLIP_FPS, options={**options, "bufsize": rate})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        stream.bit_rate = CLIP_MBIT_S * 1_000_000
        for index in range(CLIP_S * CLIP_FPS):
            y, x = (index * 7) % 64, (index * 13) % 64
            picture = np.ascontiguousarray(noise[y : y + 720, x : x + 1280])
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    repeats = max(1, round(megabytes * (1 << 20) / clip.stat().st_size))
    with av.open(str(big), "w", options={"movflags": "+faststart"}) as out:
        target = None
        for round_ in range(repeats):
            with av.open(str(clip)) as source:
                stream = source.streams.video[0]
                target = target or out.add_stream_from_template(stream)
                shift = round(Fraction(round_ * CLIP_S) / (stream.time_base or Fraction(1)))
                for packet in source.demux(stream):
                    if packet.pts is not None and packet.dts is not None:
                        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                        packet.stream = target
                        out.mux(packet)
    clip.unlink()
    return big


def library_with(folder: Path, file: Path, like: Path) -> tuple[Path, str]:
    """(folder, id) of a library that knows one file and nothing in it."""
    with Library.open(like, create=False, read_only=True) as known:
        record = known.videos()[0]
    with Library.open(folder / "library") as library:
        library.catalog.put_video(
            dataclasses.replace(record, video_id="b" * 24, path=str(file), name=file.name)
        )
    return folder / "library", "b" * 24


def measure_pages(page: Page, address: str, server: psutil.Process) -> None:
    page.goto(address)
    page.wait_for_selector(IDLE)
    watch = Watch(page, server)
    asked = [question for _, question in islice(questions(), QUESTIONS + 1)]
    first = ask(page, watch, asked[0])
    times = [ask(page, watch, question) for question in asked[1:]]
    again = [ask(page, watch, question) for question in asked[1:6]]
    switches = [switch(page, watch, ("Library", "Search")[k % 2]) for k in range(SWITCHES)]
    rows: list[tuple[str, Sequence[Took], str]] = [
        ("first question after the start", [first], ""),
        ("question, Enter to answer", times, "300"),
        ("the same ones again", again, "300"),
        ("to the page Library", switches[0::2], "500"),
        ("to the page Search", switches[1::2], "500"),
    ]
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print("| what | n | median, ms | best, ms | worst, ms | of it server + page cpu | target, ms |")
    print("|---|---|---|---|---|---|---|")
    for what, took, target in rows:
        wall = [one.wall for one in took]
        cpu = f"{np.median([t.server for t in took]):.0f} + {np.median([t.page for t in took]):.0f}"
        print(
            f"| {what} | {len(took)} | {np.median(wall):.0f} | {min(wall):.0f} | {max(wall):.0f} "
            f"| {cpu} | {target} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("library", type=Path)
    parser.add_argument("--big-mb", type=int, default=2048, help="0 leaves the large file out")
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    options = parser.parse_args()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=options.chromium, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        with served(options.library) as (address, server):
            measure_pages(page, address, server)
            for path in ("/", "/?q=red+car", "/library"):
                page.goto(f"{address}{path}")
                page.wait_for_selector(IDLE)
                page.wait_for_timeout(3000)
                frames, size, requests = traffic(page, IDLE_S)
                told = f"{frames} websocket frames, {size} bytes, {requests} requests"
                print(f"\nidle {path}: {told} in {IDLE_S:.0f} s")
            print(f"\nserver: {server.memory_info().rss / 2**20:.0f} MB")
        if options.big_mb:
            with tempfile.TemporaryDirectory() as folder:
                file = write_big(Path(folder), options.big_mb)
                place, video_id = library_with(Path(folder), file, options.library)
                with served(place) as (address, server):
                    page.goto(address)
                    page.wait_for_selector(IDLE)
                    before = server.memory_info().rss / 2**20
                    loaded = page.evaluate(LOAD, f"{address}/api/videos/{video_id}")
                    length = page.evaluate("document.querySelector('video.big').duration")
                    places = np.random.default_rng(1).uniform(0, length - 1, SEEKS)
                    seeks = [page.evaluate(SEEK, float(place)) for place in places]
                    after = server.memory_info().rss / 2**20
                print(f"\n{file.name}: {options.big_mb} MB, {length:.0f} s long")
                told = ", ".join(f"{seek:.0f}" for seek in seeks)
                print(f"first frame after {loaded:.0f} ms; seeks, ms: {told} (target 500)")
                print(f"\nserver: {before:.0f} MB before, {after:.0f} MB after")
        browser.close()


if __name__ == "__main__":
    main()
