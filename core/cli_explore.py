"""The command that makes the maps of a library, which the page Explore shows."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core.cli_branches import Answer, Run, measured

if TYPE_CHECKING:
    from core.terminal import ProgressLine

_SAID = {
    "comparing": "comparing objects",
    "mapping": "laying out the maps",
    "grouping": "grouping what is alike",
}


def map_options(command: argparse.ArgumentParser) -> None:
    """What `map` can be told."""
    command.add_argument(
        "--anew",
        action="store_true",
        help="lay everything out again, beginning from where it was, and group it again",
    )
    command.add_argument("--json", action="store_true", help="print figures as JSON")


def evaluate_maps_options(kinds: Any, run: Run) -> None:
    """Add `evaluate maps` to the kinds of evaluation."""
    measured(
        kinds,
        run,
        "maps",
        "do maps keep together what is alike?",
        "Lay out the maps of a library and compare neighbours in them, and in the "
        "space itself, with the true kinds, colours and motions of rendered worlds. Nothing is "
        "written to the library.",
    )


def evaluated_maps(options: argparse.Namespace) -> Answer:
    """What `evaluate maps` found, for programs and for people."""
    from core.evaluate.clusters import true_labels
    from core.evaluate.maps import map_figures as figures_of
    from core.evaluate.maps import map_lines
    from core.evaluate.truth import worlds_in
    from core.explore.features import SPACES, features_of
    from core.explore.maps import new_map
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
            drawn = new_map(columns, features, space)
            data[space] = figures_of(features, drawn, {kind: labels[kind] for kind in wanted})
            lines += map_lines(space, data[space])
    return data, lines


def map_figures(
    options: argparse.Namespace, line: ProgressLine
) -> tuple[dict[str, Any], Iterator[str]]:
    """Make the maps; what there is to tell as data and as lines.

    Raises LibraryError, QueryError without a video, ModelError.
    """
    from core.explore.atlas import bring_up_atlas
    from core.library.library import Library
    from core.search.opening import open_engine

    with Library.open(options.library, create=False) as library:
        engine = open_engine(library)
        atlas = bring_up_atlas(
            engine,
            anew=options.anew,
            tell=lambda step, share: line.show(_SAID[step], share, ""),
        )
    data = {
        "objects": atlas.objects,
        "maps": {
            space: {
                "objects": int(made.known.sum()),
                "placed_later": made.placed,
                "key": made.key,
                "made_at": made.made_at,
            }
            for space, made in atlas.maps.items()
        },
    }
    return data, _lines(data)


def _lines(data: dict[str, Any]) -> Iterator[str]:
    for space, made in data["maps"].items():
        later = f", {made['placed_later']:,} of them placed later" if made["placed_later"] else ""
        yield f"{space}: {made['objects']:,} of {data['objects']:,} objects{later}"
