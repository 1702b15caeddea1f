"""The command `search`: a question in plain words, its answer for people and for programs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

Answer = tuple[dict[str, Any], Sequence[str]]


def search_options(search: argparse.ArgumentParser) -> None:
    """What `search` can be asked with."""
    search.add_argument("text", nargs="+", metavar="TEXT", help="the question")
    search.add_argument(
        "--limit", type=_positive, default=20, metavar="N", help="most results (default: 20)"
    )
    search.add_argument(
        "--video", action="append", metavar="VIDEO", help="only in this one (may be repeated)"
    )
    search.add_argument("--explain", action="store_true", help="the proof for each part")
    search.add_argument(
        "--on-screen", action="store_true", help="left and right as the viewer sees them"
    )
    search.add_argument("--json", action="store_true", help="print the answer as JSON")


def search_answer(options: argparse.Namespace) -> Answer:
    """What `search` found, for programs and for people."""
    from dataclasses import replace

    from core.library.library import Library
    from core.search.opening import open_engine
    from core.search.parser import parse
    from core.search.wording import answer_data, answer_lines

    with Library.open(options.library, create=False) as library:
        videos = [library.find(words).video_id for words in options.video or ()]
        query = parse(" ".join(options.text))
        if options.on_screen:
            query = replace(query, frame="viewer")
        answer = open_engine(library).search(query, videos=videos or None, limit=options.limit)
    return answer_data(answer), tuple(answer_lines(answer, explain=options.explain))


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive number")
    return int(text)
