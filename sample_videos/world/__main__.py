"""The command line of the sample world: list the scenarios, render one, ask about one anew."""

from __future__ import annotations

import argparse
import logging
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from sample_videos.world.recording import record
from sample_videos.world.retelling import RetellingError, retell
from sample_videos.world.scenarios.catalogue import SCENARIOS, clip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it went well, 2 for a wrong argument, 1 for anything else."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    logging.basicConfig(
        level=logging.DEBUG if chosen.verbose else logging.WARNING, format="%(message)s"
    )
    if chosen.command == "scenarios":
        width = max(len(name) for name in SCENARIOS)
        for name, scenario in SCENARIOS.items():
            print(f"{name:<{width}}  {scenario.about}")
        return 0
    if chosen.command == "questions":
        return _questions(chosen)
    return _render(chosen, parser)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sample_videos.world",
        description="Renders short street videos together with the truth about them.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, about in (
        ("scenarios", "list the scenarios"),
        ("render", "render one scenario to a folder"),
    ):
        command = commands.add_parser(name, help=about, description=about.capitalize() + ".")
        command.add_argument("--verbose", action="store_true", help="say what is tried")
    again = commands.add_parser(
        "questions",
        help="write the questions of rendered folders anew",
        description="Write truth.json of rendered folders anew: the same clip, the questions as "
        "they are made now. Nothing is rendered.",
    )
    again.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="with truth.json")
    again.add_argument("--verbose", action="store_true", help="say what is tried")
    command.add_argument("--scenario", required=True, help="a name from the list of scenarios")
    command.add_argument("--seed", type=int, default=1, help="same seed, same video (default 1)")
    command.add_argument("--seconds", type=float, default=24.0, help="length (default 24)")
    command.add_argument("--size", default="960x540", help="WIDTHxHEIGHT (default 960x540)")
    command.add_argument("--fps", type=float, default=25.0, help="frames a second (default 25)")
    command.add_argument("--crf", type=int, default=24, help="H.264 quality, 0-51 (default 24)")
    command.add_argument("--out", required=True, type=Path, help="folder for video and truth")
    return parser


def _render(chosen: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    if chosen.scenario not in SCENARIOS:
        parser.error(
            f"there is no scenario '{chosen.scenario}'; 'scenarios' lists them: "
            + ", ".join(SCENARIOS)
        )
    size = _size(chosen.size)
    if size is None:
        parser.error(f"--size must look like 960x540 with even numbers from 64 to 7680, not "
                     f"'{chosen.size}'")  # fmt: skip
    if not 2.0 <= chosen.seconds <= 600.0:
        parser.error("--seconds must be between 2 and 600")
    if not 1.0 <= chosen.fps <= 60.0:
        parser.error("--fps must be between 1 and 60")
    if not 0 <= chosen.crf <= 51:
        parser.error("--crf must be between 0 and 51")
    if chosen.seed < 0:
        parser.error("--seed must not be negative")
    if chosen.out.exists() and not chosen.out.is_dir():
        parser.error(f"--out '{chosen.out}' is a file; name a folder")
    print(f"{chosen.scenario}, seed {chosen.seed}: running the traffic ...", flush=True)
    try:
        made = clip(chosen.scenario, chosen.seed, chosen.seconds)
        progress = _Progress()
        done = record(made, chosen.out, size, chosen.fps, crf=chosen.crf, progress=progress.show)
        progress.end()
    except (RuntimeError, OSError) as problem:
        print(f"\nCould not render: {problem}", file=sys.stderr)
        return 1
    print(f"{done.video}  ({done.frames} frames, {done.queries} questions in {done.truth.name})")
    return 0


def _questions(chosen: argparse.Namespace) -> int:
    for folder in chosen.folders:
        try:
            count = retell(folder)
        except (RetellingError, RuntimeError, OSError) as problem:
            print(f"Could not write questions: {problem}", file=sys.stderr)
            return 1
        print(f"{folder}: {count} questions", flush=True)
    return 0


def _size(text: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"(\d{2,4})[xX](\d{2,4})", text)
    if found is None:
        return None
    width, height = int(found.group(1)), int(found.group(2))
    even = width % 2 == 0 and height % 2 == 0
    return (width, height) if even and min(width, height) >= 64 and width <= 7680 else None


class _Progress:
    """One line on the terminal: how far, how fast, how long still."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._last = 0.0
        self._live = sys.stderr.isatty()

    def show(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done < total and now - self._last < (0.2 if self._live else 15.0):
            return
        self._last = now
        rate = done / max(now - self._since, 1e-6)
        left = (total - done) / max(rate, 1e-6)
        text = f"frame {done}/{total}  {rate:.1f} frames/s  {left:.0f} s left"
        print(f"\r{text:<60}" if self._live else text, end="" if self._live else "\n",
              file=sys.stderr, flush=True)  # fmt: skip

    def end(self) -> None:
        if self._live:
            print(file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
