"""Everything that the explorer shows of a library, brought up to date in one go: the map of each
space, then its clusters with their names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from core.errors import LibraryError
from core.explore.clustering import bring_up_clusters
from core.explore.features import SPACES, Features, Space, features_of
from core.explore.maps import Map, make_map
from core.explore.projection import Layout
from core.library.files import writing_to
from core.search.engine import Engine
from core.search.selected import left_out

Step = Literal["comparing", "mapping", "grouping"]
Tell = Callable[[Step, float], None]

_COMPARED, _MAPPED = 0.1, 0.7  # of the whole work when that step ends


@dataclass(frozen=True, slots=True)
class Atlas:
    """The maps of all spaces; objects: tracks that can be searched."""

    maps: dict[Space, Map]
    objects: int


def bring_up_atlas(
    engine: Engine,
    *,
    anew: bool = False,
    tell: Tell = lambda *_: None,
    layout: Layout | None = None,
) -> Atlas:
    """Make the maps and clusters of an engine's library, or bring them up to it, and keep them.

    anew: make them again even where nothing is missing. tell: called with what is being done and
    the share of all that is; what it raises ends the work, and what was finished stays.
    Raises LibraryError where the library cannot be written to or its disk is full, ModelError when
    the words that name clusters need the encoder and it cannot be had.
    """
    library, columns, encoder = engine.library, engine.columns, engine.encoder.name
    if library.read_only:
        raise LibraryError(
            f"The library {library.path} can only be read here, so its maps cannot be kept."
        )
    tell("comparing", 0.0)
    paths = engine.paths()
    features: dict[Space, Features] = {}
    for number, space in enumerate(SPACES):
        features[space] = features_of(space, columns, engine.index, paths)
        tell("comparing", _COMPARED * (number + 1) / len(SPACES))
    maps: dict[Space, Map] = {}
    with writing_to(library.path):
        for number, space in enumerate(SPACES):
            told = _part(tell, "mapping", _COMPARED, _MAPPED, number)
            maps[space] = make_map(
                library,
                columns,
                encoder,
                features[space],
                space,
                anew=anew,
                tell=told,
                layout=layout,
            )
        for number, space in enumerate(SPACES):
            bring_up_clusters(
                library,
                columns,
                engine.index,
                engine.prompts,
                paths,
                encoder,
                space,
                features[space],
                left_out=left_out(columns, library),
                anew=anew,
                progress=_part(tell, "grouping", _MAPPED, 1.0, number),
            )
    return Atlas(maps, len(columns))


def _part(
    tell: Tell, step: Step, first: float, last: float, number: int
) -> Callable[[float], None]:
    """Tells the share done of one of the spaces as a share of the whole work."""
    wide = (last - first) / len(SPACES)
    return lambda share: tell(step, first + wide * (number + share))
