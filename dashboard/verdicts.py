"""What a person says of a result, part by part or as a whole; it counts at once and can be undone.

What is said of parts is kept with what was said before; a whole that is right makes its parts so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import QueryError
from core.language.query import Query
from core.library.library import Library
from core.library.notes import Judgement
from core.search.answer import Moment
from core.search.feedback import all_said


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict that was noted, and what it replaced (None for nothing)."""

    sentence: str
    query: str
    video_id: str
    track_id: int
    before: Judgement | None


def judged(
    library: Library, query: Query, moment: Moment, part: str | None, relevant: bool | None
) -> Verdict:
    """Note a verdict on a moment, or on one of its parts.

    part: its canonical words, None for the whole. relevant: None takes back what was said of it.
    Raises QueryError for a moment without an object or a part that it does not have.
    """
    if not moment.track_ids:
        raise QueryError("A scene has no object that a verdict could be kept with.")
    known = {evidence.part for evidence in moment.parts}
    if part is not None and part not in known:
        raise QueryError(f"“{part}” is no part of this result.")
    track_id, asked = moment.track_ids[0], str(query)
    before = said_of(library.notes.judgements(asked), moment.video_id, track_id)
    parts = dict(before.parts) if before is not None else {}
    if part is None:
        parts = {}
        whole = relevant
    else:
        parts.pop(part, None)
        if relevant is not None:
            parts[part] = relevant
        fits = all(parts.get(each.part, each.holds) for each in moment.parts)
        whole = fits if parts else None
    if whole is None:
        library.notes.withdraw_judgement(asked, moment.video_id, track_id)
    else:
        said = all_said(query, relevant=whole, parts=parts) if part is None else parts
        span = (moment.t0_s, moment.t1_s)
        library.notes.judge(asked, moment.video_id, track_id, *span, relevant=whole, parts=said)
    return Verdict(_sentence(moment, part, relevant), asked, moment.video_id, track_id, before)


def undone(library: Library, verdict: Verdict) -> None:
    """Bring back what a verdict replaced."""
    if verdict.before is None:
        library.notes.withdraw_judgement(verdict.query, verdict.video_id, verdict.track_id)
        return
    was = verdict.before
    library.notes.judge(
        was.query, was.video_id, was.track_id, was.t0_s, was.t1_s,
        relevant=was.relevant, parts=was.parts,
    )  # fmt: skip


def said_of(judgements: Sequence[Judgement], video_id: str, track_id: int) -> Judgement | None:
    """The verdict on a track among those on one query."""
    mine = (j for j in judgements if (j.video_id, j.track_id) == (video_id, track_id))
    return next(mine, None)


def _sentence(moment: Moment, part: str | None, relevant: bool | None) -> str:
    name = f"#{moment.track_ids[0]} in {moment.video}"
    of = "" if part is None else f"“{part}” of "
    if relevant is None:
        return f"Taken back: what you said of {of}{name}."
    return f"Noted: {of}{name} is {'right' if relevant else 'wrong'}."
