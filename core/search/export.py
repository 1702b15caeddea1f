"""An answer for other programs: plain data for JSON, and a table with one row a moment.

The form of the data is stable: what changes the meaning of a key raises `FORMAT_VERSION`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from core.search.answer import Answer, Evidence, Moment

FORMAT_VERSION = 1
_MOMENT_COLUMNS = (
    "rank",
    "kind",
    "video",
    "video_id",
    "track_id",
    "other_track_ids",
    "t0_s",
    "t1_s",
    "score",
)


def answer_data(answer: Answer) -> dict[str, Any]:
    """Plain data, ready for JSON; `results` is empty when nothing was found.

    version; query, the words as typed; understood {canonical, parts [{kind, part}], corrections
    [[typed, read]], untested}; unknown_words; nothing_found; sentence; funnel [{part, count}], each
    count with all parts up to it; results, near_misses: moments as in `moment_data`; misses
    [{part, count, instead {what: count}}], objects that fail that part only; relaxations
    [{part, count}], how many would match without it, given when nothing was found.
    """
    query = answer.query
    return {
        "version": FORMAT_VERSION,
        "query": query.text or str(query),
        "results": [moment_data(moment) for moment in answer.results],
        "nothing_found": answer.nothing_found,
        "sentence": answer.sentence,
        "understood": {
            "canonical": str(query),
            "parts": [{"kind": kind, "part": words} for kind, words in query.parts()],
            "corrections": [list(change) for change in query.corrections],
            "untested": list(answer.untested),
        },
        "unknown_words": list(answer.unknown_words),
        "funnel": [{"part": step.text, "count": step.count} for step in answer.funnel],
        "near_misses": [moment_data(moment) for moment in answer.near_misses],
        "misses": [
            {"part": miss.part, "count": miss.count, "instead": dict(miss.instead)}
            for miss in answer.misses
        ],
        "relaxations": [
            {"part": relaxed.part, "count": relaxed.count} for relaxed in answer.relaxations
        ],
    }


def moment_data(moment: Moment) -> dict[str, Any]:
    """{video, video_id, track_id, track_ids, also, t0_s, t1_s, again, score, matches, fails,
    parts}.

    track_id: the object, null for a scene; track_ids: with those it stands in relation to; also:
    other tracks of the same object; again: [[t0_s, t1_s]] when it does so once more; fails: words
    of the parts that do not hold.
    parts: [{part, kind, p, holds, known, reason, percentile, said, before, instead, text, proof,
    other}], as in `core.search.answer.Evidence`.
    """
    return {
        "video": moment.video,
        "video_id": moment.video_id,
        "track_id": moment.track_ids[0] if moment.track_ids else None,
        "track_ids": list(moment.track_ids),
        "also": list(moment.also),
        "t0_s": moment.t0_s,
        "t1_s": moment.t1_s,
        "again": [list(span) for span in moment.again],
        "score": moment.score,
        "matches": moment.matches,
        "fails": [part.part for part in moment.failing],
        "parts": [part_data(part) for part in moment.parts],
    }


def part_data(part: Evidence) -> dict[str, Any]:
    """One part of a moment as plain data."""
    return {
        "part": part.part,
        "kind": part.kind,
        "p": part.p,
        "holds": part.holds,
        "known": part.known,
        "reason": part.reason,
        "percentile": part.percentile,
        "said": part.said,
        "before": part.before,
        "instead": part.instead,
        "text": part.text,
        "proof": dict(part.proof),
        "other": [part_data(other) for other in part.other],
    }


def answer_csv(answer: Answer) -> str:
    """The moments as CSV (RFC 4180, with a heading), results first, then near misses.

    kind: "match", "partial" (a result that fails a part), or "near miss". For each part of the
    question two columns, named by its canonical words: "turning left" with p, and "turning left:
    proof" with a sentence. A part that is asked of two objects has a number in its name.
    """
    moments = [("match" if m.matches else "partial", m) for m in answer.results]
    moments += [("near miss", m) for m in answer.near_misses]
    names: dict[str, None] = {}
    rows = []
    for rank, (kind, moment) in enumerate(moments, 1):
        row: dict[str, object] = dict(zip(_MOMENT_COLUMNS, _cells(rank, kind, moment), strict=True))
        for name, part in zip(_names(moment.parts), moment.parts, strict=True):
            names |= {name: None, f"{name}: proof": None}
            row |= {name: part.p if part.known else "", f"{name}: proof": part.text}
        rows.append(row)
    out = io.StringIO()
    writer = csv.DictWriter(out, [*_MOMENT_COLUMNS, *names], restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _cells(rank: int, kind: str, moment: Moment) -> tuple[object, ...]:
    first = moment.track_ids[0] if moment.track_ids else ""
    others = " ".join(map(str, moment.track_ids[1:]))
    where = (moment.video, moment.video_id, first, others)
    return (rank, kind, *where, moment.t0_s, moment.t1_s, moment.score)


def _names(parts: Sequence[Evidence]) -> list[str]:
    """Names of the parts' columns, each once."""
    names: list[str] = []
    for part in parts:
        name, number = part.part, 2
        while name in names:
            name, number = f"{part.part} ({number})", number + 1
        names.append(name)
    return names
