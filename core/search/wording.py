"""An answer as lines of text for people."""

from __future__ import annotations

from collections.abc import Iterator

from core.search.answer import Answer, Evidence, Moment
from core.search.evidence import clock
from core.search.scoring import MATCH_PART

HELD, FAILED, UNSURE, UNKNOWN = "✓", "✗", "?", "–"


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
            yield f"Not all of it ({FAILED} marks a part that fails, {UNSURE} an unsure one):"
            yield from _table(others, len(matching) + 1, explain=explain)
    if answer.nothing_found or explain:
        yield from _funnel(answer)
    yield from _near_misses(answer, explain=explain)


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
    for relaxed in answer.relaxations:
        yield f"  without “{relaxed.part}”: {relaxed.count:,} would match"


def _near_misses(answer: Answer, *, explain: bool) -> Iterator[str]:
    """What came close, by the part that it fails, with how many there are in all."""
    by_part: dict[str, list[Moment]] = {miss.part: [] for miss in answer.misses}
    for moment in answer.near_misses:
        by_part.setdefault(" and ".join(p.part for p in moment.failing), []).append(moment)
    misses = {miss.part: miss for miss in answer.misses}
    number = 1
    for part, moments in by_part.items():
        miss = misses.get(part)
        if not moments and not (explain or answer.nothing_found):
            continue
        yield ""
        head = f"All but “{part}”" if part else "Came close"
        if miss is not None:
            instead = ", ".join(f"{words} {count}" for words, count in miss.instead)
            head = (
                f"{head}: {miss.count:,} (instead: {instead})"
                if instead
                else (f"{head}: {miss.count:,}")
            )
        yield head
        yield from _table(moments, number, explain=explain)
        number += len(moments)


def _table(moments: list[Moment], first: int, *, explain: bool) -> Iterator[str]:
    if not moments:
        return
    names = max(min(len(moment.video), 32) for moment in moments)
    for number, moment in enumerate(moments, first):
        name = moment.video if len(moment.video) <= 32 else moment.video[:31] + "…"
        when = f"{clock(moment.t0_s)} – {clock(moment.t1_s)}"
        objects = " ".join(f"#{track}" for track in moment.track_ids) or "scene"
        if moment.also:
            objects += f" (also {' '.join(f'#{track}' for track in moment.also)})"
        if moment.again:
            objects += f" (again at {', '.join(clock(t0_s) for t0_s, _ in moment.again)})"
        head = f"{number:>3}  {moment.score:.2f}  {name:<{names}}  {when:<17}  {objects:<5}"
        if explain:
            yield head
            for part in moment.parts:
                yield f"       {_mark(part)} {part.p:.2f} {part.part}: {_explained(part)}"
                for other in part.other:
                    yield f"           {_mark(other)} {other.p:.2f} {other.part}: {other.text}"
        else:
            yield f"{head}  {'  '.join(_short(part) for part in moment.parts)}"


def _mark(part: Evidence) -> str:
    if not part.known:
        return UNKNOWN
    if part.holds:
        return HELD
    return UNSURE if part.p >= MATCH_PART else FAILED


def _short(part: Evidence) -> str:
    words = f"{_mark(part)} {part.part} {part.p:.2f}"
    if part.said is not None:
        return f"{words} (you said so)" if part.said else f"{words} (you said it is not)"
    return words if part.holds and part.known else f"{words} ({part.text})"


def _explained(part: Evidence) -> str:
    words = part.text
    if part.known and part.percentile:
        words = f"{words}; better than {part.percentile:.0%} of those comparable"
    if part.known and part.instead and part.instead not in words:
        words = f"{words}; {part.instead} instead"
    proof = part.proof
    if "crop_id" in proof:
        words = f"{words}; crop {proof['crop_id']}"
        words = f"{words} at {clock(proof['t_s'])}" if "t_s" in proof else words
    if "frame0" in proof:
        words = f"{words}; frames {proof['frame0']}–{proof['frame1']}"
    return words
