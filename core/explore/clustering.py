"""Clusters brought up to date with the library: made where there are none, else joined by what is
new.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from core.detections import Bool
from core.explore.cluster_files import StoredClusters, read_clusters, write_clusters
from core.explore.cluster_names import names_of
from core.explore.cluster_words import Words, words_of
from core.explore.clusters import Clusters, make_clusters, with_joined
from core.explore.features import Features, Space
from core.library.library import Library
from core.search.columns import Columns
from core.search.likeness import Vectors
from core.search.paths import Paths
from core.search.prompts import Prompts

_log = logging.getLogger(__name__)
_MAKING = 0.8  # of the time; the rest is naming


def bring_up_clusters(
    library: Library,
    columns: Columns,
    index: Vectors,
    prompts: Prompts,
    paths: Paths,
    encoder: str,
    space: Space,
    features: Features,
    *,
    left_out: Bool | None = None,
    anew: bool = False,
    progress: Callable[[float], None] = lambda _: None,
) -> StoredClusters:
    """The clusters of a space as they are now, kept beside the index.

    They are made where there are none, when `anew`, or when more tracks have joined them than they
    were made of; else what is new joins them, and no number or name changes. left_out: (N,) tracks
    that a person excluded, which are not asked when clusters are made, but join them. progress:
    called with the share done; what it raises ends the work, and nothing is kept.
    """
    kept = None if anew else read_clusters(library, columns, encoder, space)
    fitting = kept is not None and kept.clusters.centres.shape[1] == features.vectors.shape[1]
    if kept is not None and fitting:
        joined = with_joined(kept.clusters, features)
        new = int((joined.finest >= 0).sum()) - int((kept.clusters.finest >= 0).sum())
        grown = int((joined.finest >= 0).sum()) > 2 * kept.made_of
        if not grown:
            stored = replace(kept, clusters=joined, missing=0)
            if new or kept.missing:
                _write(library, columns, encoder, space, stored)
            progress(1.0)
            return stored
    known = features.known if left_out is None else features.known & ~left_out
    made = make_clusters(
        Features(features.vectors, known), progress=lambda share: progress(_MAKING * share)
    )
    words = words_of(columns, index, prompts, paths)
    stored = StoredClusters(
        with_joined(made, features), _names(space, words, made), int(np.count_nonzero(known))
    )
    _write(library, columns, encoder, space, stored)
    progress(1.0)
    return stored


def _names(space: Space, words: Words, made: Clusters) -> tuple[tuple[str, ...], ...]:
    """Of each level; counted once, on the finest one."""
    finest = len(made.centres)
    sizes = np.bincount(made.finest[made.finest >= 0], minlength=finest).astype(np.float32)
    sums = words.shares(made.finest, finest) * sizes[:, None]
    named = []
    for number, within in enumerate(made.within):
        each = np.zeros((made.count(number), sums.shape[1]), np.float32)
        np.add.at(each, within, sums)
        size = np.bincount(within, sizes, minlength=len(each)).astype(np.float32)
        shares = np.asarray(each / np.maximum(size, 1.0)[:, None], np.float32)
        named.append(names_of(space, words, shares, size))
    return tuple(named)


def _write(
    library: Library, columns: Columns, encoder: str, space: Space, stored: StoredClusters
) -> None:
    if library.read_only:
        return
    try:
        write_clusters(library, columns, encoder, space, stored)
    except OSError as error:
        _log.warning("the groups of %s are not kept: %s", space, error)
