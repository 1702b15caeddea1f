"""Are the right objects found, and the wrong ones not: a library's answers against known truth.

Three tiers tell where errors come from. T0: true tracks, classes and colours; only the logic of
questions and the reading of motion can fail. T1: the same with noisy boxes. T2: everything, from
the pictures on. All three are asked through the same engine.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Literal

from core.errors import VidtrailError
from core.evaluate.asking import ask_all
from core.evaluate.ladder import ladder
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

Tell = Callable[[str], None]


def _silent(_: str) -> None:
    return None


def evaluate_worlds(
    worlds: Sequence[World],
    chosen: Profile,
    tiers: Sequence[Tier] = ("T2",),
    *,
    library: Path | str | None = None,
    noise: Noise = T1_NOISE,
    with_encoder: bool = True,
    tell: Tell = _silent,
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
            ceiling = ceiling or evaluate_oracle(worlds, "T0", Noise(), tell)
            report = evaluate_pictures(
                worlds, chosen, library=library, with_encoder=with_encoder, tell=tell
            )
            if report.ladder is not None and ceiling.ladder is not None:
                report = replace(report, ladder=report.ladder.with_ceiling(ceiling.ladder))
            reports.append(report)
        else:
            reports.append(evaluate_oracle(worlds, tier, Noise() if tier == "T0" else noise, tell))
            ceiling = reports[-1] if tier == "T0" else ceiling
    return reports


def evaluate_oracle(
    worlds: Sequence[World], tier: Tier, noise: Noise, tell: Tell = _silent
) -> Report:
    """The tiers without pictures, over a library of what is true."""
    with tempfile.TemporaryDirectory(prefix="vidtrail-") as folder, Library.open(folder) as opened:
        placed = []
        for k, world in enumerate(worlds):
            tell(f"{tier}: {world.name} ({k + 1} of {len(worlds)}), {noise}")
            placed.append((world, add_world(opened, world, noise)))
        engine = Engine(opened, OracleEncoder())
        engine.warm_up()
        tell(f"{tier}: asking")
        return evaluate(engine, placed, tier)


def evaluate_pictures(
    worlds: Sequence[World],
    chosen: Profile,
    *,
    library: Path | str | None = None,
    with_encoder: bool = True,
    tell: Tell = _silent,
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
            on_outcome=lambda outcome: tell(outcome.message),
        )
        failed = [outcome.message for outcome in outcomes if not outcome.ok]
        if failed:
            raise VidtrailError(failed[0])
        videos = {outcome.path: outcome.video_id for outcome in outcomes}
        engine = open_engine(opened) if with_encoder else Engine(opened, NoEncoder())
        engine.warm_up()
        tell("T2: asking")
        return evaluate(engine, [(world, videos[world.video.absolute()]) for world in worlds])


def evaluate(engine: Engine, worlds: Sequence[tuple[World, str]], tier: Tier = "T2") -> Report:
    """Ask the questions of worlds whose videos are in the library under these ids."""
    outcome = ask_all(engine, worlds)
    seeing = engine.encoder.name != NoEncoder.name
    return Report(outcome, tier, ladder(engine, worlds, outcome) if seeing else None)
