"""Are the right objects found, and the wrong ones not: a library's answers against known truth.

Three tiers tell where errors come from. T0: true tracks, classes and colours; only the logic of
questions and the reading of motion can fail. T1: the same with noisy boxes. T2: everything, from
the pictures on. All three are asked through the same engine.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Literal, Protocol

from core.errors import VidtrailError
from core.evaluate.asking import ask_all
from core.evaluate.ladder import ladder, ladder_across
from core.evaluate.noise import Noise
from core.evaluate.oracle import OracleEncoder, add_world
from core.evaluate.report import Report
from core.evaluate.reviewed import NoEncoder
from core.evaluate.truth import World
from core.library.library import Library
from core.models.profile import Profile
from core.search.engine import Engine

Tier = Literal["T0", "T1", "T2"]
TIERS: tuple[Tier, ...] = ("T0", "T1", "T2")
T1_NOISE = Noise(jitter=0.05)


class Teller(Protocol):
    """Where progress goes (`core.terminal.ProgressLine`)."""

    def say(self, sentence: str) -> None: ...

    def show(self, label: str, share: float, detail: str) -> None: ...


class Silent:
    """Tells nobody."""

    def say(self, sentence: str) -> None:
        del sentence

    def show(self, label: str, share: float, detail: str) -> None:
        del label, share, detail


SILENT = Silent()


def evaluate_worlds(
    worlds: Sequence[World],
    chosen: Profile,
    tiers: Sequence[Tier] = ("T2",),
    *,
    library: Path | str | None = None,
    noise: Noise = T1_NOISE,
    with_encoder: bool = True,
    tell: Teller = SILENT,
) -> list[Report]:
    """Ask the questions of some worlds, tier by tier.

    library: where the index of T2 is kept, made where it is missing; None for a temporary folder.
    noise: of T1. with_encoder: as in `evaluate_pictures`.
    Raises VidtrailError when a video cannot be indexed.
    """
    reports: list[Report] = []
    ceiling: Report | None = None
    for tier in tiers:
        if tier == "T2":
            report = evaluate_pictures(
                worlds, chosen, library=library, with_encoder=with_encoder, tell=tell
            )
            if report.ladder is not None:
                ceiling = ceiling or evaluate_oracle(_plain(worlds), "T0", Noise(), tell=tell)
                report = replace(report, ladder=report.ladder.with_ceiling(ceiling.outcome))
            reports.append(report)
        else:
            made = Noise() if tier == "T0" else noise
            reports.append(evaluate_oracle(worlds, tier, made, tell=tell))
            ceiling = reports[-1] if tier == "T0" else ceiling
    return reports


def _plain(worlds: Sequence[World]) -> list[World]:
    """The worlds with every question in plain words alone."""
    return [
        replace(world, questions=tuple(replace(q, wordings=()) for q in world.questions))
        for world in worlds
    ]


def evaluate_oracle(
    worlds: Sequence[World], tier: Tier, noise: Noise, *, tell: Teller = SILENT
) -> Report:
    """The tiers without pictures, over a library of what is true."""
    with tempfile.TemporaryDirectory(prefix="vidtrail-") as folder, Library.open(folder) as opened:
        placed = []
        for k, world in enumerate(worlds):
            tell.show(f"{tier}, {noise}: {world.name}", k / len(worlds), "")
            placed.append((world, add_world(opened, world, noise)))
        engine = Engine(opened, OracleEncoder())
        engine.warm_up()
        return evaluate(engine, placed, tier, tell=tell)


def evaluate_pictures(
    worlds: Sequence[World],
    chosen: Profile,
    *,
    library: Path | str | None = None,
    with_encoder: bool = True,
    tell: Teller = SILENT,
) -> Report:
    """The whole pipeline: videos are indexed where that is not done yet.

    with_encoder: whether the encoder may answer, too; else class, the colour of pixels and motion
    do alone.
    """
    from core.ingest.batch import add_paths
    from core.search.opening import open_engine

    with ExitStack() as stack:
        if library is None:
            library = stack.enter_context(tempfile.TemporaryDirectory(prefix="vidtrail-"))
        opened = stack.enter_context(Library.open(library))
        outcomes = add_paths(
            opened,
            [world.video for world in worlds],
            chosen,
            lambda at: tell.show(
                f"{at.path.name} ({at.number} of {at.count})", at.progress.share, ""
            ),
            on_outcome=lambda outcome: tell.say(outcome.message),
        )
        failed = [outcome.message for outcome in outcomes if not outcome.ok]
        if failed:
            raise VidtrailError(failed[0])
        videos = {outcome.path: outcome.video_id for outcome in outcomes}
        engine = open_engine(opened) if with_encoder else Engine(opened, NoEncoder())
        engine.warm_up()
        placed = [(world, videos[world.video.absolute()]) for world in worlds]
        report = evaluate(engine, placed, tell=tell)
        read = [outcome.report for outcome in outcomes if outcome.report is not None]
        minutes = sum(one.duration_s - one.resumed_s for one in read) / 60.0
        wall_s = sum(one.wall_s for one in read)
        return replace(report, index_s_a_minute=wall_s / minutes if minutes else None)


def evaluate(
    engine: Engine,
    worlds: Sequence[tuple[World, str]],
    tier: Tier = "T2",
    *,
    tell: Teller = SILENT,
) -> Report:
    """Ask the questions of worlds whose videos are in the library under these ids."""
    outcome = ask_all(engine, worlds, lambda share: tell.show(f"{tier}: asking", share, ""))
    seeing = engine.encoder.name != NoEncoder.name
    if not seeing:
        return Report(outcome, tier)
    whole = len(worlds) > 1 and all(world.complete for world, _ in worlds)
    tell.show(f"{tier}: the ladder", 1.0, "")
    return Report(
        outcome,
        tier,
        ladder(engine, worlds, outcome),
        ladder_across(engine, worlds) if whole else None,
    )
