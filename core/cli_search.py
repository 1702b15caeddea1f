"""The command `search`: a question in plain words, its answer for people and for programs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli_branches import Answer
from core.cli_ways import asked_filters, asked_query, way_options

if TYPE_CHECKING:
    from core.library.library import Library
    from core.search.answer import Answer as SearchAnswer


def search_options(search: argparse.ArgumentParser) -> None:
    """What `search` can be asked with."""
    search.add_argument("text", nargs="*", metavar="TEXT", help="the question")
    search.add_argument(
        "--limit", type=_positive, default=20, metavar="N", help="most results (default: 20)"
    )
    search.add_argument("--explain", action="store_true", help="the proof for each part")
    search.add_argument(
        "--on-screen", action="store_true", help="left and right as the viewer sees them"
    )
    search.add_argument("--json", action="store_true", help="print the answer as JSON")
    search.add_argument(
        "--csv", metavar="FILE", help="write the moments as a table, the parts as columns"
    )
    search.add_argument(
        "--clips", metavar="DIR", help="cut the moments that answer out as MP4, clips.json beside"
    )
    search.add_argument(
        "--overlay", action="store_true", help="clips show boxes, trails and the parts in a caption"
    )
    search.add_argument(
        "--blur-others", action="store_true", help="nobody else can be known in the clips"
    )
    way_options(search)


def search_answer(options: argparse.Namespace) -> Answer:
    """What `search` found, for programs and for people."""
    from core.library.library import Library
    from core.search.export import answer_data
    from core.search.opening import open_engine
    from core.search.wording import answer_lines

    with Library.open(options.library, create=False) as library:
        engine = open_engine(library)
        query = asked_query(options, library, engine)
        filters = asked_filters(options, library)
        answer = engine.search(query, filters=filters, limit=options.limit)
        written = _written(options, library, answer)
    return answer_data(answer), (*answer_lines(answer, explain=options.explain), *written)


def _written(options: argparse.Namespace, library: Library, answer: SearchAnswer) -> list[str]:
    """Write the files that were asked for; what to say of them."""
    from core.errors import QueryError, VidtrailError
    from core.library.files import replace_bytes
    from core.search.clips import MANIFEST_NAME, cut_moments
    from core.search.export import answer_csv
    from core.terminal import ProgressLine

    if (options.overlay or options.blur_others) and not options.clips:
        raise QueryError(
            "--overlay and --blur-others are about clips: say where, with --clips DIR."
        )
    lines = []
    if options.csv:
        path = Path(options.csv).expanduser()
        try:
            replace_bytes(path, answer_csv(answer).encode())
        except OSError as problem:
            raise VidtrailError(f"{path} cannot be written: {problem.strerror}.") from problem
        lines.append(f"Table: {path}")
    if options.clips:
        folder = Path(options.clips).expanduser()
        line = ProgressLine()
        done = cut_moments(
            library,
            answer,
            folder,
            overlay=options.overlay,
            blur_others=options.blur_others,
            on_clip=lambda one: line.say(one.file or one.error),
        )
        made = sum(bool(one.file) for one in done)
        lines.append(f"Clips: {made} of {len(done)} in {folder}, described in {MANIFEST_NAME}")
    return ["", *lines] if lines else []


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive number")
    return int(text)
