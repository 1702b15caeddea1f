"""What verdicts on five results are worth: the same question, another wording, other questions.

    python -m benchmarks.feedback --library DIR --world DIR ...

Worlds are folders with truth.json; videos that are not in the library yet are added with the demo
models. Every question that has an answer is asked, and its first five results are judged by the
truth: as a whole, or part by part where the truth knows the parts. Nothing is written down.

same         the question once more        same, unseen   without the tracks that were judged
paraphrase   its other wordings            others         each question after verdicts on all others
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.evaluate.judging import objects_of, rank
from core.evaluate.metrics import Ranked, summary
from core.evaluate.truth import Question, World, worlds_in
from core.ingest.batch import add_paths
from core.language.parser import parse
from core.library.library import Library
from core.library.notes import Judgement, Notes
from core.models.profile import profile
from core.search.answer import Answer, Moment
from core.search.engine import Engine
from core.search.feedback import all_said
from core.search.opening import open_engine

JUDGED = 5
DEPTH = 50
TRUTH_OF = {"class": "class", "colour": "colour", "event": "motion", "relation": "relation"}


class Said(Notes):
    """Notes whose verdicts are those at hand."""

    given: Sequence[Judgement] = ()

    def judgements(self, query: str | None = None) -> list[Judgement]:
        return [one for one in self.given if query in (None, one.query)]


@dataclass(frozen=True, slots=True)
class Case:
    """A question of a world whose video is in the library, with what stands for its objects."""

    world: World
    video_id: str
    question: Question
    objects: dict[int, tuple[int, ...]]

    def ranked(self, moments: Sequence[Moment], without: frozenset[int] = frozenset()) -> Ranked:
        """What moments are worth, when those of some tracks and their objects are left out."""
        if not without:
            return rank(moments, self.question, self.objects)
        seen = {number for track in without for number in self.objects.get(track, ())}
        left = tuple(r for r in self.question.relevant if r.object_id not in seen)
        unjudged = self.question.unjudged | seen
        wanted = Question(
            self.question.text,
            self.question.parts,
            self.question.stratum,
            left,
            (),
            unjudged,
            False,
        )
        kept = [moment for moment in moments if moment.track_ids[0] not in without]
        return rank(kept, wanted, self.objects)


def shown(answer: Answer) -> tuple[Moment, ...]:
    return answer.near_misses if answer.nothing_found else answer.results


def verdicts(case: Case, answer: Answer, *, by_part: bool) -> Iterator[Judgement]:
    """What somebody who knows the truth says of the first results."""
    question = case.question
    for moment in shown(answer)[:JUDGED]:
        numbers = case.objects.get(moment.track_ids[0], ())
        if set(numbers) & question.unjudged:
            continue
        relevant = bool(set(numbers) & question.objects)
        parts: dict[str, bool] = {}
        signs = question.verdicts.get(numbers[0], "") if numbers and by_part else ""
        for part in moment.parts if signs and not relevant else ():
            name = TRUTH_OF.get(part.kind, "")
            alone = sum(other.kind == part.kind for other in moment.parts) == 1
            if alone and name in question.judged:
                sign = signs[question.judged.index(name)]
                parts |= {part.part: sign == "+"} if sign != "?" else {}
        yield Judgement(
            str(answer.query), case.video_id, moment.track_ids[0], moment.t0_s, moment.t1_s,
            relevant, 0.0, all_said(answer.query, relevant=relevant, parts=parts),
        )  # fmt: skip


def cases_of(library: Library, folders: Sequence[Path]) -> list[Case]:
    worlds = worlds_in(folders)
    outcomes = add_paths(library, [world.video for world in worlds], profile("demo"))
    cases = []
    for world, outcome in zip(worlds, outcomes, strict=True):
        objects = objects_of(library.shard(outcome.video_id), world)
        asked = [question for question in world.questions if not question.nothing]
        cases += [Case(world, outcome.video_id, question, objects) for question in asked]
    return cases


def ask(engine: Engine, case: Case, text: str) -> Answer:
    return engine.search(text, videos={case.video_id}, limit=DEPTH)


def compare(engine: Engine, said: Said, cases: Sequence[Case], *, by_part: bool) -> None:
    before: dict[str, list[Ranked]] = {}
    after: dict[str, list[Ranked]] = {}

    def note(name: str, old: Ranked, new: Ranked) -> None:
        before.setdefault(name, []).append(old)
        after.setdefault(name, []).append(new)

    everything: list[tuple[str, list[Judgement]]] = []
    for case in cases:
        said.given = ()
        first = ask(engine, case, case.question.text)
        others = [(text, ask(engine, case, text)) for _, text in case.question.texts[1:]]
        judged = list(verdicts(case, first, by_part=by_part))
        everything.append((str(first.query), judged))
        said.given = judged
        again = ask(engine, case, case.question.text)
        note("same", case.ranked(shown(first)), case.ranked(shown(again)))
        tracks = frozenset(one.track_id for one in judged)
        old, new = (case.ranked(shown(answer), tracks) for answer in (first, again))
        if old.relevant:
            note("same, unseen", old, new)
        for text, answer in others:
            now = ask(engine, case, text)
            note("paraphrase", case.ranked(shown(answer)), case.ranked(shown(now)))
            old, new = (case.ranked(shown(found), tracks) for found in (answer, now))
            if old.relevant:
                note("paraphrase, unseen", old, new)
    for case in cases:
        asked = str(parse(case.question.text))
        said.given = ()
        old = case.ranked(shown(ask(engine, case, case.question.text)))
        said.given = [one for query, judged in everything if query != asked for one in judged]
        note("others", old, case.ranked(shown(ask(engine, case, case.question.text))))
    said.given = ()
    print(f"\n{'part by part' if by_part else 'as a whole':<20}{'n':>6}{'MRR':>16}{'mAP':>16}")
    for name, outcomes in before.items():
        old_figures, new_figures = summary(outcomes), summary(after[name])
        told = "".join(
            f"{old_figures[key]:>8.3f} ->{new_figures[key]:>6.3f}" for key in ("MRR", "mAP")
        )
        worse = sum(
            new.average_precision() < old.average_precision() - 1e-9
            for old, new in zip(outcomes, after[name], strict=True)
        )
        print(f"{name:<20}{len(outcomes):>6}{told}   {worse} worse")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--world", type=Path, nargs="+", required=True)
    options = parser.parse_args(arguments)
    with Library.open(options.library) as library:
        cases = cases_of(library, options.world)
        library.notes = said = Said(library.catalog)
        engine = open_engine(library)
        engine.warm_up()
        for by_part in (False, True):
            compare(engine, said, cases, by_part=by_part)


if __name__ == "__main__":
    main()
