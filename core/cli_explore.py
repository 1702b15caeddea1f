"""The command that makes the maps of a library, which the page Explore shows."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

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
