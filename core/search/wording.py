"""An answer as data for programs, and as lines of text for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.search.answer import Answer, Evidence, Moment
from core.search.evidence import clock

HELD, FAILED, UNSURE = "✓", "✗", "?"


def answer_data(answer: Answer) -> dict[str, Any]:
    """Plain data, ready for JSON. `results` is empty when nothing was found."""
    return {
        "query": answer.query.text or str(answer.query),
        "results": [moment_data(moment) for moment in answer.results],
        "nothing_found": answer.nothing_found,
        "sentence": answer.sentence,
        "understood": {
            "canonical": str(answer.query),
            "parts": [{"kind": kind, "part": words} for kind, words in answer.query.parts()],
            "corrections": [list(change) for change in answer.query.corrections],
            "untested": list(answer.untested),
        },
        "unknown_words": list(answer.unknown_words),
        "funnel": [{"part": step.text, "count": step.count} for step in answer.funnel],
        "near_misses": [moment_data(moment) for moment in answer.near_misses],
        "misses": [
            {"part": miss.part, "count": miss.count, "instead": dict(miss.instead)}
            for miss in answer.misses
        ],
    }


def moment_data(moment: Moment) -> dict[str, Any]:
    return {
        "video": moment.video,
        "video_id": moment.video_id,
        "track_id": moment.track_ids[0] if moment.track_ids else None,
        "track_ids": list(moment.track_ids),
        "t0_s": moment.t0_s,
        "t1_s": moment.t1_s,
        "score": moment.score,
        "matches": moment.matches,
        "parts": [_part_data(part) for part in moment.parts],
    }


def _part_data(part: Evidence) -> dict[str, Any]:
    return {
        "part": part.part,
        "kind": part.kind,
        "p": part.p,
        "holds": part.holds,
        "known": part.known,
        "percentile": part.percentile,
        "text": part.text,
        "proof": dict(part.proof),
    }


def answer_lines(answer: Answer, *, explain: bool = False) -> Iterator[str]:
    """A readable report: what was understood, the moments, and what came close."""
    yield from _understanding(answer)
    yield ""
    if answer.nothing_found:
        yield answer.sentence
    else:
        matching = [moment for moment in answer.results if moment.matches]
        others = [moment for moment in answer.results if not moment.matches]
        yield from _table(matching, 1, explain=explain)
        if others:
            yield ""
            yield f"Not all of it ({FAILED} marks the part that fails):"
            yield from _table(others, len(matching) + 1, explain=explain)
    if answer.nothing_found or explain:
        yield from _funnel(answer)
    if answer.near_misses:
        yield ""
        yield "Came close:"
        yield from _table(list(answer.near_misses), 1, explain=explain)


def _understanding(answer: Answer) -> Iterator[str]:
    yield f"Understood: {answer.query}"
    if answer.query.corrections:
        mended = ", ".join(f"{wrong} → {right}" for wrong, right in answer.query.corrections)
        yield f"Spelling:   {mended}"
    if answer.unknown_words:
        yield (
            f"Unknown:    {', '.join(answer.unknown_words)} "
            "(counts as words of appearance where it can be seen)"
        )
    if answer.untested:
        yield f"Not tested: {', '.join(answer.untested)} (nothing here measures this yet)"


def _funnel(answer: Answer) -> Iterator[str]:
    if answer.funnel:
        yield ""
        yield "How many are left, part by part:"
        width = max(len(step.text) for step in answer.funnel)
        for step in answer.funnel:
            yield f"  {step.text:<{width}}  {step.count:>6,}"
    for miss in answer.misses:
        instead = ", ".join(f"{words} {count}" for words, count in miss.instead)
        told = f": {instead}" if instead else ""
        yield f"  fail only “{miss.part}”: {miss.count:,}{told}"


def _table(moments: list[Moment], first: int, *, explain: bool) -> Iterator[str]:
    if not moments:
        return
    names = max(min(len(moment.video), 32) for moment in moments)
    for number, moment in enumerate(moments, first):
        name = moment.video if len(moment.video) <= 32 else moment.video[:31] + "…"
        when = f"{clock(moment.t0_s)} – {clock(moment.t1_s)}"
        objects = " ".join(f"#{track}" for track in moment.track_ids) or "scene"
        head = f"{number:>3}  {moment.score:.2f}  {name:<{names}}  {when:<17}  {objects:<5}"
        if explain:
            yield head
            for part in moment.parts:
                yield f"       {_mark(part)} {part.p:.2f} {part.part}: {_explained(part)}"
        else:
            yield f"{head}  {'  '.join(_short(part) for part in moment.parts)}"


def _mark(part: Evidence) -> str:
    if not part.known:
        return UNSURE
    return HELD if part.holds else FAILED


def _short(part: Evidence) -> str:
    words = f"{_mark(part)} {part.part} {part.p:.2f}"
    return words if part.holds and part.known else f"{words} ({part.text})"


def _explained(part: Evidence) -> str:
    words = part.text
    if part.known and part.percentile:
        words = f"{words}; better than {part.percentile:.0%} of those comparable"
    if "crop_id" in part.proof:
        words = f"{words}; crop {part.proof['crop_id']}"
    if "frame0" in part.proof:
        words = f"{words}; frames {part.proof['frame0']}–{part.proof['frame1']}"
    return words
