"""The command `unusual`, and what measures it: objects far from what is normal, with the reason."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.cli_branches import Answer, Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.evaluate.truth import World
    from core.library.library import Library
    from core.search.engine import Engine

_FEWEST_OF_A_KIND = 5


def unusual_options(
    commands: Any, run: Run, library_option: Callable[[argparse.ArgumentParser], None]
) -> None:
    """Add `unusual`."""
    unusual = commands.add_parser(
        "unusual",
        help="list objects that look or move unlike all others",
        description="Objects far from what is normal, most unusual first, each with the reason. "
        "All objects are normal unless it is said which are.",
        epilog="examples:\n"
        "  vidtrail unusual\n"
        "  vidtrail unusual --normal monday.mp4 --normal tuesday.mp4 --video today.mp4\n"
        '  vidtrail unusual --space looks --normal-query "white van"',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    library_option(unusual)
    unusual.add_argument("--space", choices=("moves", "looks"), default="moves")
    unusual.add_argument(
        "--normal", action="append", default=[], metavar="VIDEO", help="may be repeated"
    )
    unusual.add_argument("--normal-class", action="append", default=[], metavar="CLASS")
    unusual.add_argument("--normal-after", type=float, metavar="SECONDS", help="in the video")
    unusual.add_argument("--normal-before", type=float, metavar="SECONDS")
    unusual.add_argument(
        "--normal-query", default="", metavar="WORDS", help="what answers this is normal"
    )
    unusual.add_argument(
        "--video", action="append", default=[], metavar="VIDEO", help="list only what is in these"
    )
    unusual.add_argument("--limit", type=int, default=20, metavar="N")
    unusual.add_argument("--json", action="store_true", help="print the list as JSON")
    unusual.set_defaults(run=run)


def evaluate_unusual_options(kinds: Any, run: Run) -> None:
    """Add `evaluate unusual` to the kinds of evaluation."""
    measured = kinds.add_parser(
        "unusual",
        help="is what nobody else does found?",
        description="Rank planted anomalies of rendered worlds (scenarios watched-...) against "
        "all other objects. Without a library, with true boxes.",
    )
    measured.add_argument(
        "--world", nargs="+", required=True, metavar="DIR", help="folders with truth.json"
    )
    measured.add_argument("--library", metavar="DIR", help="a library with their videos")
    measured.add_argument("--json", action="store_true", help="print the figures as JSON")
    measured.set_defaults(run=run)


def unusual_answer(options: argparse.Namespace) -> Answer:
    """The unusual objects, for programs and for people.

    Raises LibraryError, QueryError.
    """
    from core.explore.normal import Normal
    from core.explore.reasons import compared_with, reason_of
    from core.explore.survey import survey
    from core.library.library import Library
    from core.search.filters import Filters
    from core.search.opening import open_engine

    with Library.open(options.library, create=False) as library:
        engine = open_engine(library)
        filters = Filters(
            videos=_ids(library, options.normal),
            classes=tuple(options.normal_class),
            after_s=options.normal_after,
            before_s=options.normal_before,
        )
        found = survey(engine, Normal(filters, options.normal_query))
        columns, wanted = found.columns, _ids(library, options.video)
        rows = [
            int(row)
            for row in found.unusual.ranked(options.space)
            if wanted is None or columns.video_of(int(row)).video_id in wanted
        ][: options.limit]
        listed = [
            {
                "video": columns.video_of(row).name,
                "video_id": columns.video_of(row).video_id,
                "track_id": int(columns.track_id[row]),
                "t0_s": round(float(columns.t0_s[row]), 2),
                "t1_s": round(float(columns.t1_s[row]), 2),
                "p": round(float(found.unusual.p(options.space)[row]), 4),
                "reason": reason_of(columns, found.unusual, options.space, row),
            }
            for row in rows
        ]
        normal = compared_with(columns, found.unusual)
    lines = [
        f"{one['video']}:{one['track_id']}  {one['t0_s']:.1f}-{one['t1_s']:.1f} s  {one['reason']}"
        for one in listed
    ]
    data = {"space": options.space, "normal": normal, "objects": listed}
    return data, [*(lines or ["Nothing is unusual."]), f"Normal: {normal}."]


def _ids(library: Library, names: Sequence[str]) -> frozenset[str] | None:
    return frozenset(library.find(name).video_id for name in names) if names else None


def unusual_figures_of(options: argparse.Namespace) -> Answer:
    """What `evaluate unusual` found; nothing is written to a library that was given."""
    import tempfile

    from core.evaluate.noise import Noise
    from core.evaluate.oracle import OracleEncoder, add_world
    from core.evaluate.truth import worlds_in
    from core.evaluate.unusual import unusual_lines
    from core.library.library import Library
    from core.search.engine import Engine
    from core.search.opening import open_engine

    worlds = worlds_in(options.world)
    if options.library is not None:
        with Library.open(options.library, create=False) as library:
            data = _measured(open_engine(library), worlds, pictures=True)
    else:
        with tempfile.TemporaryDirectory(prefix="vidtrail-") as folder, Library.open(folder) as own:
            for world in worlds:
                add_world(own, world, Noise())
            data = _measured(Engine(own, OracleEncoder()), worlds, pictures=False)
    return data, list(unusual_lines(data))


def _measured(engine: Engine, worlds: Sequence[World], *, pictures: bool) -> dict[str, Any]:
    """pictures: whether views are told from them rather than taken from the truth."""
    import numpy as np

    from core.evaluate.unusual import judged, odd_kinds, over_time_figures, unusual_figures
    from core.explore.features import looks_of, moves_of
    from core.explore.scene_anomaly import scene_levels
    from core.explore.unusual import by_looks, unusual_of
    from core.explore.views import views_of
    from core.index.vectors import VectorIndex

    columns, paths = engine.columns, engine.paths()
    truth = judged(columns, worlds)
    looks, moves = looks_of(columns, engine.index), moves_of(columns, paths)
    view = views_of(columns.shards) if pictures else truth.place
    unusual = unusual_of(columns, looks, moves, paths, view, truth.normal)
    data = unusual_figures(unusual, truth)
    index = VectorIndex.open(engine.library, engine.encoder.name, "scenes")
    scenes = scene_levels(columns, index, np.unique(columns.video[truth.normal]).tolist())
    data["over_time"] = over_time_figures(columns, scenes, unusual, worlds)
    if not pictures:
        return data
    same = view[:, None] == view[None, :]
    right = (same == (truth.place[:, None] == truth.place[None, :])).all(axis=1)
    data["views"] = {"videos": len(view), "right": int(right.sum())}
    kind = np.argmax(columns.votes, axis=1)
    excess = {
        name: by_looks(columns, looks, kind != k).excess
        for k, name in enumerate(columns.class_names)
        if (kind == k).sum() >= _FEWEST_OF_A_KIND
    }
    data["odd_looks"] = odd_kinds(columns, excess)
    return data
