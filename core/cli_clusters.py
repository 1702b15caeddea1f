"""The command `clusters`, and what measures them: what lies together, by looks or by moves."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.cli_branches import Answer, Branch, Run, measured

if TYPE_CHECKING:
    from core.detections import Float32, Int32
    from core.explore.cluster_facts import ClusterFacts
    from core.explore.cluster_files import StoredClusters
    from core.library.library import Library
    from core.search.engine import Engine


def clusters_options(
    commands: Any, run: Run, library_option: Callable[[argparse.ArgumentParser], None]
) -> None:
    """Add `clusters` with its commands."""
    clusters = commands.add_parser(
        "clusters",
        help="list groups of objects that look or move alike, and name them",
        description="Groups of objects that look alike, or that move alike, from few to many.",
        epilog="examples:\n"
        "  vidtrail clusters list\n"
        "  vidtrail clusters list --space moves --level 3\n"
        '  vidtrail clusters rename 5 "mail vans"',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command = Branch.of(clusters, run, library_option).command
    listed = command("list", _list, "list the groups of one level, largest first")
    renamed = command("rename", _rename, "name a group; an empty name gives its own words back")
    for each in (listed, renamed):
        each.add_argument("--space", choices=("looks", "moves"), default="looks")
        each.add_argument(
            "--level", type=int, metavar="N", help="from 0, few groups, on (default: about 18)"
        )
    listed.add_argument("--anew", action="store_true", help="make the groups anew; names are kept")
    renamed.add_argument("group", type=int, metavar="NUMBER", help="as `clusters list` says")
    renamed.add_argument("name", metavar="NAME")


def evaluate_clusters_options(kinds: Any, run: Run) -> None:
    """Add `evaluate clusters` to the kinds of evaluation."""
    measured(
        kinds,
        run,
        "clusters",
        "do groups hold what belongs together?",
        "Compare groups with the true kinds, colours and motions of rendered worlds.",
    )


def clusters_answer(options: argparse.Namespace) -> Answer:
    """What became of the command chosen, for programs and for people."""
    from core.library.library import Library
    from core.search.opening import open_engine

    with Library.open(options.library, create=False) as library:
        answer: Answer = options.answer(library, open_engine(library), options)
        return answer


def cluster_figures_of(options: argparse.Namespace) -> Answer:
    """What `evaluate clusters` found; nothing is written to the library."""
    from core.evaluate.clusters import cluster_figures, cluster_lines, true_labels
    from core.evaluate.truth import worlds_in
    from core.explore.clusters import make_clusters
    from core.explore.features import SPACES, features_of
    from core.library.library import Library
    from core.search.opening import open_engine

    worlds = worlds_in(options.world)
    data: dict[str, Any] = {}
    lines: list[str] = []
    with Library.open(options.library, create=False) as library:
        engine = open_engine(library)
        columns = engine.columns
        labels = true_labels(columns, worlds)
        for space in SPACES:
            features = features_of(space, columns, engine.index, engine.paths())
            wanted = ("type", "colour", "type and colour") if space == "looks" else ("motion",)
            figures = cluster_figures(make_clusters(features), {k: labels[k] for k in wanted})
            data[space] = figures
            lines += [*cluster_lines(space, figures), ""]
    return data, lines[:-1]


def _list(library: Library, engine: Engine, options: argparse.Namespace) -> Answer:
    stored, level, facts = _made(library, engine, options, anew=options.anew)
    counts = [stored.clusters.count(number) for number in range(len(stored.clusters.within))]
    data = {
        "space": options.space,
        "level": level,
        "groups_by_level": counts,
        "groups": [_data(engine, each) for each in facts],
    }
    wide = max((len(each.name) for each in facts), default=0)
    lines = [
        f"{each.number:>4}  {each.name:<{wide}}  {each.size:>7,}  {_kinds(each)}" for each in facts
    ]
    steps = ", ".join(f"{k}: {count}" for k, count in enumerate(counts))
    return data, [*(lines or ["There is nothing to group yet."]), f"Groups by level: {steps}"]


def _rename(library: Library, engine: Engine, options: argparse.Namespace) -> Answer:
    from core.errors import LibraryError
    from core.explore.cluster_facts import rename

    _, level, facts = _made(library, engine, options, anew=False)
    found = [each for each in facts if each.number == options.group]
    if not found:
        raise LibraryError(f"There is no group {options.group} on level {level}.")
    rename(library, engine.columns, engine.encoder.name, options.space, found[0], options.name)
    now = next(
        e for e in _made(library, engine, options, anew=False)[2] if e.number == options.group
    )
    return _data(engine, now), [f"Group {now.number} is called {now.name}."]


def _made(
    library: Library, engine: Engine, options: argparse.Namespace, *, anew: bool
) -> tuple[StoredClusters, int, tuple[ClusterFacts, ...]]:
    from core.errors import LibraryError
    from core.explore.cluster_facts import facts_of
    from core.explore.clustering import bring_up_clusters
    from core.explore.features import features_of
    from core.search.selected import left_out

    columns, encoder, space = engine.columns, engine.encoder.name, options.space
    features = features_of(space, columns, engine.index, engine.paths())
    out = left_out(columns, library)
    stored = bring_up_clusters(
        library,
        columns,
        engine.index,
        engine.prompts,
        engine.paths(),
        encoder,
        space,
        features,
        left_out=out,
        anew=anew,
    )
    level = stored.clusters.usual_level if options.level is None else options.level
    if not 0 <= level < len(stored.clusters.within):
        raise LibraryError(f"Levels go from 0 to {len(stored.clusters.within) - 1}.")

    def vectors_of(rows: Int32) -> Float32:
        return features.vectors[rows]

    facts = facts_of(library, columns, encoder, space, stored, vectors_of, level, left_out=out)
    return stored, level, facts


def _kinds(facts: ClusterFacts) -> str:
    kinds = ", ".join(f"{share:.0%} {name}" for name, share in facts.classes[:3])
    return f"{kinds}; in {facts.videos} video{'s' if facts.videos != 1 else ''}"


def _data(engine: Engine, facts: ClusterFacts) -> dict[str, Any]:
    columns = engine.columns
    return {
        "group": facts.number,
        "name": facts.name,
        "given": facts.given is not None,
        "size": facts.size,
        "classes": {name: round(share, 4) for name, share in facts.classes},
        "videos": facts.videos,
        "exemplars": [
            {"video_id": columns.video_of(r).video_id, "track_id": int(columns.track_id[r])}
            for r in facts.exemplars
        ],
    }
