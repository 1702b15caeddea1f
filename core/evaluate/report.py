"""The figures of a retrieval evaluation: plain data for programs, a table for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.evaluate.asking import Asked, Outcome
from core.evaluate.calibration import calibration
from core.evaluate.ladder import WHOLE_SENTENCE, Ladder
from core.evaluate.metrics import Ranked, intervals, percentiles, summary, wins
from core.evaluate.predicates import COURSES, NEITHER
from core.evaluate.truth import NO_WORDING

_COLUMNS = ("n", "MRR", "R@1", "R@5", "R@10", "mAP", "nDCG@10", "P@10", "tIoU")
_ALL_LISTED = 20
_MIRRORED = ("N4", "N9")  # the other turn; the same that goes the same way on the screen


@dataclass(frozen=True, slots=True)
class Report:
    """What one tier of an evaluation found.

    ladder: what each part of the questions brings, None where that was not asked. across: the same
    with all clips searched at once, None where there is but one.
    index_s_a_minute: seconds it took to index a minute of video, None where nothing was indexed.
    """

    outcome: Outcome
    tier: str = "T2"
    ladder: Ladder | None = None
    across: Ladder | None = None
    index_s_a_minute: float | None = None

    def data(self) -> dict[str, Any]:
        """Plain data for JSON; rates between 0 and 1."""
        asked = self.outcome.asked
        answerable = [a for a in asked if not a.question.nothing]
        empty = [a for a in asked if a.question.nothing]
        plain = [a for a in answerable if a.origin == NO_WORDING]
        predicates = self.outcome.predicates
        compared = [pair for a in asked for pair in a.pairs]
        mirrored = [pair for pair in compared if pair[0] in _MIRRORED]
        worlds = sorted({a.world for a in answerable})
        of_world = [[a.ranked for a in answerable if a.world == w] for w in worlds]
        wanted = self.outcome.wanted
        return {
            "tier": self.tier,
            "full": summary([a.ranked for a in answerable]),
            "intervals": {name: list(span) for name, span in intervals(of_world).items()},
            "near_misses_counted_as_shown": summary([a.shown for a in answerable]),
            "two_and_three_parts": summary(
                [a.ranked for a in answerable if a.question.parts in (2, 3)]
            ),
            **_ladder_data(self.ladder),
            "across_clips": _ladder_data(self.across),
            "by_wording": _grouped(answerable, lambda a: a.origin),
            "by_parts": _grouped(answerable, lambda a: str(a.question.parts)),
            "by_stratum": _grouped(answerable, lambda a: a.question.stratum or "all"),
            "worlds": _grouped(answerable, lambda a: a.world),
            "strata": wins(compared),
            "mirrored_pairs": wins([("all", *pair[1:]) for pair in mirrored]).get(
                "all", {"n": 0, "rate": 0.0}
            ),
            "predicates": predicates.data(),
            "confusion": predicates.confusion,
            "turn_sign": predicates.turn_sign(),
            "calibration": calibration([one for a in asked for one in a.said]),
            "nothing": {
                "n": len(empty),
                "answered_with_nothing": _share([a.found_nothing for a in empty]),
                "wrongly_nothing": _share([a.found_nothing for a in answerable]),
                "wrongly_nothing_asked_plainly": _share([a.found_nothing for a in plain]),
                "by_what_is_missing": {
                    name: {
                        "n": len(mine),
                        "answered_with_nothing": _share([a.found_nothing for a in mine]),
                    }
                    for name in sorted({a.question.missing for a in empty})
                    if (mine := [a for a in empty if a.question.missing == name])
                },
            },
            "reachable": round(self.outcome.reached / wanted, 4) if wanted else 0.0,
            "latency_s": percentiles([a.seconds for a in asked]),
            "index_s_a_minute": self.index_s_a_minute and round(self.index_s_a_minute, 2),
            "lapses": list(predicates.lapses),
            "queries": [_query_data(a) for a in asked],
        }


def _ladder_data(ladder: Ladder | None) -> dict[str, Any]:
    steps = ladder.data() if ladder is not None else {}
    few = ladder.data((2, 3)) if ladder is not None else {}
    return {
        "ladder": steps,
        "ladder_two_and_three_parts": few,
        "times_whole_sentence": {
            step: round(few["full"]["MRR"] / few[step]["MRR"], 2)
            for step in WHOLE_SENTENCE
            if step in few and few[step]["MRR"]
        },
    }


def _share(flags: Sequence[bool]) -> float:
    return round(float(np.mean(flags)), 4) if flags else 0.0


def _grouped(asked: Sequence[Asked], key: Callable[[Asked], str]) -> dict[str, dict[str, float]]:
    groups: dict[str, list[Ranked]] = {}
    for one in asked:
        groups.setdefault(key(one), []).append(one.ranked)
    return {name: summary(outcomes) for name, outcomes in sorted(groups.items())}


def _query_data(asked: Asked) -> dict[str, Any]:
    return {
        "world": asked.world,
        "text": asked.text,
        "wording": asked.origin,
        "stratum": asked.question.stratum,
        "parts": asked.question.parts,
        "nothing": asked.question.nothing,
        "rank": asked.ranked.first,
        "rank_with_near_misses": asked.shown.first,
        "average_precision": round(asked.ranked.average_precision(), 4),
        "relevant": asked.ranked.relevant,
        "found_nothing": asked.found_nothing,
        "top": asked.problem or asked.top,
    }


def report_lines(data: Mapping[str, Any], *, failures: int | None = None) -> Iterator[str]:
    """The figures of one tier, as `Report.data` has them, as a table for people.

    failures: how many of the questions that went wrong are listed at most, None for all.
    """
    yield f"{data['tier']:<24}" + "".join(f"{name:>9}" for name in _COLUMNS)
    yield _line("all questions", data["full"])
    yield _line("  near misses as shown", data["near_misses_counted_as_shown"])
    yield _line("  2 and 3 parts", data["two_and_three_parts"])
    groups = (
        ("wording", "by_wording"), ("parts", "by_parts"), ("stratum", "by_stratum"),
        ("world", "worlds"),
    )  # fmt: skip
    for title, key in groups:
        for name, figures in data[key].items():
            yield _line(f"{title} {name}", figures)
    yield from _ladder_lines("what each part brings (plain wording)", data)
    yield from _ladder_lines("the same with all clips searched at once", data["across_clips"])
    if data["intervals"]:
        yield ""
        spans = data["intervals"].items()
        yield "95 % by scene: " + ", ".join(f"{name} {a:.3f}-{b:.3f}" for name, (a, b) in spans)
    yield from _strata_lines(data)
    yield from _predicate_lines(data)
    yield from _calibration_lines(data["calibration"])
    nothing = data["nothing"]
    yield ""
    yield (
        f"nothing is there: {nothing['answered_with_nothing']:.3f} of {nothing['n']} answered with "
        f"nothing; {nothing['wrongly_nothing']:.3f} of the others wrongly so "
        f"({nothing['wrongly_nothing_asked_plainly']:.3f} asked plainly)"
    )
    for name, row in nothing["by_what_is_missing"].items():
        if name:
            yield f"  {name:<22}{row['n']:>9}{row['answered_with_nothing']:>9.3f}"
    yield f"right objects that have a track: {data['reachable']:.3f}"
    yield "latency: p50 {p50:.3f} s, p95 {p95:.3f} s".format(**data["latency_s"])
    if data["index_s_a_minute"]:
        yield f"indexing a minute of video: {data['index_s_a_minute']:.1f} s"
    if len(data["queries"]) <= _ALL_LISTED:
        yield ""
        yield f"{'every question':<54}{'rank':>6}{'AP':>7}{'right':>7}"
        for query in data["queries"]:
            yield (
                f"  {query['text'][:52]:<52}{query['rank'] or '-':>6}"
                f"{query['average_precision']:>7.3f}{query['relevant']:>7}"
            )
    yield from _failure_lines(data["queries"], failures)


def _ladder_lines(title: str, data: Mapping[str, Any]) -> Iterator[str]:
    if not data["ladder"]:
        return
    yield ""
    yield f"{title}:"
    for name, figures in data["ladder"].items():
        yield _line(f"  {name}", figures)
    times = data["times_whole_sentence"].items()
    said = ", ".join(f"{rate:.2f} times that of the {name}" for name, rate in times)
    yield f"  MRR of full on 2 and 3 parts: {data['ladder_two_and_three_parts']['full']['MRR']:.3f}"
    if said:
        yield f"  {said}"


def _strata_lines(data: Mapping[str, Any]) -> Iterator[str]:
    if not data["strata"]:
        return
    yield ""
    yield "right before wrong, by what is wrong:"
    rows = {**data["strata"], "mirrored turns": data["mirrored_pairs"]}
    for name, figures in rows.items():
        yield f"  {name:<22}{figures['n']:>9}{figures['rate']:>9.3f}"


def _predicate_lines(data: Mapping[str, Any]) -> Iterator[str]:
    if not data["predicates"]:
        return
    yield ""
    names = ("precision", "recall", "F1", "AUC", "tIoU")
    heads = "".join(f"{name:>10}" for name in names)
    yield f"{'motions and relations':<24}{'n':>9}{'said':>9}{heads}"
    for kind, row in data["predicates"].items():
        cells = "".join(f"{'-' if row[n] is None else format(row[n], '.3f'):>10}" for n in names)
        yield f"  {kind:<22}{row['n']:>9}{row['said']:>9}{cells}"
    told = (*COURSES, NEITHER)
    yield ""
    yield f"{'true / told':<24}" + "".join(f"{name:>12}" for name in told)
    for true, row in sorted(data["confusion"].items()):
        yield f"  {true:<22}" + "".join(f"{row[name]:>12}" for name in told)
    yield f"  sides of turns told rightly: {data['turn_sign']:.3f}"


def _calibration_lines(data: Mapping[str, Any]) -> Iterator[str]:
    if not data["n"]:
        return
    yield ""
    kinds = ", ".join(f"{kind} {row['ECE']:.3f}" for kind, row in data["by_kind"].items())
    yield f"calibration error of {data['n']} parts shown: {data['ECE']:.3f} ({kinds})"
    for row in data["reliability"]:
        yield (
            f"  p {row['from']:.1f}-{row['to']:.1f}{row['n']:>9}   said {row['said']:.3f}"
            f"   true {row['true']:.3f}"
        )


def _failure_lines(queries: Sequence[Mapping[str, Any]], most: int | None) -> Iterator[str]:
    missed = [q for q in queries if not q["nothing"] and q["rank"] != 1]
    missed += [q for q in queries if q["nothing"] and not q["found_nothing"]]
    if missed:
        yield ""
        yield f"not answered rightly at rank 1 ({len(missed)}):"
    for query in missed[:most]:
        place = "should be nothing" if query["nothing"] else f"rank {query['rank'] or '-'}"
        yield f"  {query['world'][:22]:<22} {query['text'][:52]:<52} {place:<18} {query['top']}"


def _line(name: str, figures: Mapping[str, float]) -> str:
    cells = (f"{figures[c]:>9.0f}" if c == "n" else f"{figures[c]:>9.3f}" for c in _COLUMNS)
    return f"{name[:24]:<24}" + "".join(cells)
