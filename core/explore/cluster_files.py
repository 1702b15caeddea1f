"""Clusters as they are kept beside the index: derived, made again when they are deleted.

`index/<encoder>/maps/<space>-clusters.npz` holds them by video and track, so that they fit whatever
videos there are when they are read.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from core.explore.clusters import Clusters
from core.explore.features import Space
from core.index.fresh import fresh_file
from core.library.files import write_bytes
from core.library.library import Library
from core.library.meta import encoder_slug
from core.search.columns import Columns

_log = logging.getLogger(__name__)
_VERSION = 1


@dataclass(frozen=True, slots=True)
class StoredClusters:
    """What was made of a space, in the order of the columns it was read for.

    names: of each level, of each cluster: the words that tell it from the rest. made_of: how many
    tracks the clusters were made of; those beyond joined them later. missing: tracks of the columns
    of which the file does not know.
    """

    clusters: Clusters
    names: tuple[tuple[str, ...], ...]
    made_of: int
    missing: int = 0


def clusters_file(library: Library, encoder: str, space: Space) -> Path:
    """Where the clusters of a space are kept."""
    return library.index_folder / encoder_slug(encoder) / "maps" / f"{space}-clusters.npz"


def write_clusters(
    library: Library, columns: Columns, encoder: str, space: Space, stored: StoredClusters
) -> None:
    """Keep the clusters of the tracks of the columns. Raises OSError."""
    videos = [[video_id, checksum] for video_id, checksum in _videos(columns)]
    data = io.BytesIO()
    np.savez(
        data,
        version=np.array(_VERSION),
        videos=np.array(json.dumps(videos)),
        names=np.array(json.dumps(stored.names)),
        starts=columns.starts,
        track_id=columns.track_id,
        finest=stored.clusters.finest,
        within=stored.clusters.within,
        centres=stored.clusters.centres,
        made_of=np.array(stored.made_of),
    )
    with fresh_file(clusters_file(library, encoder, space)) as temporary:
        write_bytes(temporary, data.getvalue())


def read_clusters(
    library: Library, columns: Columns, encoder: str, space: Space
) -> StoredClusters | None:
    """The clusters kept, in the order of the columns; None where there are none, or damaged ones.

    Tracks that are not in the file are in no cluster, and counted.
    """
    path = clusters_file(library, encoder, space)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if int(kept["version"]) != _VERSION:
                return None
            known = {tuple(video): k for k, video in enumerate(json.loads(str(kept["videos"])))}
            starts, track_id, finest = kept["starts"], kept["track_id"], kept["finest"]
            within, centres = kept["within"], kept["centres"]
            names = tuple(tuple(level) for level in json.loads(str(kept["names"])))
            made_of = int(kept["made_of"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        _log.warning("%s is damaged and will be made anew: %s", path, error)
        return None
    here = np.full(len(columns), -1, np.int32)
    missing = len(columns)
    for video, key in enumerate(_videos(columns)):
        at, rows = known.get(key), columns.rows_of(video)
        if at is None or rows.start == rows.stop:
            continue
        ids = track_id[starts[at] : starts[at + 1]]
        place = np.minimum(np.searchsorted(ids, columns.track_id[rows]), len(ids) - 1)
        same = ids[place] == columns.track_id[rows] if len(ids) else np.zeros(0, np.bool_)
        if len(ids):
            here[rows] = np.where(same, finest[starts[at] : starts[at + 1]][place], -1)
        missing -= int(same.sum())
    return StoredClusters(Clusters(here, within, centres), names, made_of, missing)


def _videos(columns: Columns) -> Sequence[tuple[str, str]]:
    checksum = {video_id: checksum for video_id, checksum, _ in columns.stamp}
    return [(record.video_id, checksum[record.video_id]) for record in columns.videos]
