"""The command `judge`: people's verdicts on results, for the whole or part by part."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.cli_branches import Answer

if TYPE_CHECKING:
    from core.language.query import Query
    from core.library.library import Library
    from core.library.notes import Judgement


_USES = """\
  vidtrail judge QUERY VIDEO:NUMBER --right | --wrong | --part PART=right|wrong ...
  vidtrail judge list [QUERY]
  vidtrail judge withdraw QUERY VIDEO:NUMBER"""


def judge_options(judge: argparse.ArgumentParser) -> None:
    """The options of `judge`."""
    judge.usage = f"\n{_USES}"
    judge.description = (
        "Say which results are right, and which part of a wrong one is wrong. It counts from the "
        "next search on, in every question that has the same part, and can be withdrawn."
    )
    judge.add_argument(
        "words",
        nargs="+",
        metavar="WORDS",
        help="the question as it was asked, and a result of it as VIDEO:NUMBER (the video by its "
        "name, or its id or the start of it); or list; or withdraw with both",
    )
    whole = judge.add_mutually_exclusive_group()
    whole.add_argument("--right", action="store_true", help="it answers the question")
    whole.add_argument("--wrong", action="store_true", help="it does not")
    judge.add_argument(
        "--part",
        action="append",
        type=_part_verdict,
        metavar="PART=right|wrong",
        help='a verdict on one part, such as "turning left"=wrong (may be repeated)',
    )
    judge.add_argument("--json", action="store_true", help="print the outcome as JSON")


def judge_answer(options: argparse.Namespace) -> Answer:
    """Do what `judge` was asked; the outcome as data and as lines for people."""
    from core.errors import QueryError
    from core.library.library import Library

    words = list(options.words)
    spoken = options.right or options.wrong or options.part
    with Library.open(options.library, create=False) as library:
        if words[0] == "list" and len(words) <= 2 and not spoken:
            return _listed(library, *words[1:])
        if words[0] == "withdraw" and len(words) == 3 and not spoken:
            return _withdrawn(library, *words[1:])
        if len(words) == 2:
            return _said(library, words[0], words[1], options)
    raise QueryError(f"This is no verdict; write one of:\n{_USES}")


def _said(library: Library, text: str, result: str, options: argparse.Namespace) -> Answer:
    from core.errors import QueryError
    from core.language.parser import parse
    from core.search.feedback import all_said

    query = parse(text)
    verdicts: dict[str, bool] = dict(options.part or ())
    if not (options.right or options.wrong or verdicts):
        raise QueryError("Say --right or --wrong, or name parts: --part 'turning left'=wrong.")
    _check_parts(query, verdicts)
    if options.right and not all(verdicts.values()):
        raise QueryError("A result with a wrong part is not right as a whole: leave --right out.")
    relevant = options.right or (not options.wrong and all(verdicts.values()))
    video_id, track_id = _track(library, result)
    table = library.shard(video_id).tracks()
    row = table.row_of(track_id)
    span = (float(table.t0_s[row]), float(table.t1_s[row]))
    said = all_said(query, relevant=relevant, parts=verdicts)
    library.notes.judge(str(query), video_id, track_id, *span, relevant=relevant, parts=said)
    (told,) = [
        judgement
        for judgement in library.notes.judgements(str(query))
        if (judgement.video_id, judgement.track_id) == (video_id, track_id)
    ]
    return _data(library, told), [f"Noted: {_line(library, told)}"]


def _check_parts(query: Query, verdicts: Mapping[str, bool]) -> None:
    from core.errors import QueryError

    known = [words for _, words in _all_parts(query)]
    for words in verdicts:
        if words not in known:
            raise QueryError(
                f"“{words}” is no part of this question; its parts are "
                f"{', '.join(f'“{part}”' for part in known)}."
            )


def _all_parts(query: Query) -> list[tuple[str, str]]:
    parts = [(str(kind), words) for kind, words in query.parts()]
    return parts + (_all_parts(query.then) if query.then else [])


def _listed(library: Library, text: str = "") -> Answer:
    from core.language.parser import parse

    query = str(parse(text)) if text else None
    judgements = library.notes.judgements(query)
    data = {"judgements": [_data(library, judgement) for judgement in judgements]}
    lines = [_line(library, judgement) for judgement in judgements]
    return data, lines or ["Nothing was judged yet."]


def _withdrawn(library: Library, text: str, result: str) -> Answer:
    from core.errors import QueryError
    from core.language.parser import parse

    query = str(parse(text))
    video_id, track_id = _track(library, result)
    written = int(result.rpartition(":")[2])  # the track may have been merged since
    ids = dict.fromkeys((written, track_id))
    if not any(library.notes.withdraw_judgement(query, video_id, track) for track in ids):
        raise QueryError(
            f"Nothing was said of {result} for “{query}”: `vidtrail judge list` shows what was."
        )
    data = {"withdrawn": {"query": query, "video_id": video_id, "track_id": track_id}}
    return data, [f"Withdrawn: what was said of {result} for “{query}”."]


def _track(library: Library, words: str) -> tuple[str, int]:
    """(video_id, track_id as it is now) of VIDEO:NUMBER."""
    from core.errors import QueryError

    video, _, number = words.rpartition(":")
    if not video or not number.isdecimal():
        raise QueryError(f"{words!r} is no result: write VIDEO:NUMBER, such as gate.mp4:12.")
    video_id = library.find(video).video_id
    return video_id, library.resolve(video_id, int(number))


def _data(library: Library, judgement: Judgement) -> dict[str, Any]:
    return {
        "query": judgement.query,
        "video": library.video(judgement.video_id).name,
        "video_id": judgement.video_id,
        "track_id": judgement.track_id,
        "t0_s": judgement.t0_s,
        "t1_s": judgement.t1_s,
        "relevant": judgement.relevant,
        "parts": dict(judgement.parts),
        "at": judgement.at,
    }


def _line(library: Library, judgement: Judgement) -> str:
    name = library.video(judgement.video_id).name
    verdict = "right" if judgement.relevant else "wrong"
    parts = ", ".join(
        f"{words} {'right' if right else 'wrong'}" for words, right in judgement.parts.items()
    )
    told = f"{verdict} ({parts})" if parts else verdict
    return f"{name}:{judgement.track_id} is {told} for “{judgement.query}”"


def _part_verdict(text: str) -> tuple[str, bool]:
    words, _, verdict = text.rpartition("=")
    if not words.strip() or verdict not in ("right", "wrong"):
        raise argparse.ArgumentTypeError(f"{text!r} is not PART=right or PART=wrong")
    return words.strip().strip("“”"), verdict == "right"
