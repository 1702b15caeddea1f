"""The maps of a library as they are kept: where every track lies, in looks and in moves.

`index/<encoder>/maps/<space>.npz` is derived and can be deleted. It holds tracks by video and
number, so that it fits whatever videos there are when it is read: what was removed since is left
out, what is new has no place yet, what a person corrected stays where it was.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from core.detections import Bool, Float32
from core.explore.features import SPACES, Features, Space
from core.explore.neighbours import nearest
from core.explore.placing import placed
from core.explore.projection import NEIGHBOURS, Layout, laid_out
from core.index.fresh import fresh_file
from core.library.catalog import now
from core.library.files import write_bytes
from core.library.library import Library
from core.library.meta import encoder_slug
from core.search.columns import Columns

_log = logging.getLogger(__name__)
_VERSION = 1
MOST_FITTED = 100_000
"""Tracks that a map is laid out with; further ones are placed among them."""

Tell = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Map:
    """Where N tracks lie, in the order of the columns.

    xy: (N, 2) float32, around [-1, 1], NaN for tracks without a place. known: (N,) whether there is
    anything to compare a track by; False too for those that are missing. fitted: (N,) whether the
    map was laid out with it; the others were placed later. key: changes whenever a point does.
    made_at: seconds since 1970. missing: tracks of the columns of which the map does not know yet.
    """

    space: Space
    xy: Float32
    known: Bool
    fitted: Bool
    key: str
    made_at: float
    missing: int

    def __len__(self) -> int:
        return len(self.known)

    @property
    def placed(self) -> int:
        """Tracks that the map was not laid out with."""
        return int(np.count_nonzero(self.known & ~self.fitted))

    @property
    def late(self) -> int:
        """Tracks that a map made anew would be laid out with, and that this one was not."""
        known = int(np.count_nonzero(self.known))
        return min(known, MOST_FITTED) - int(np.count_nonzero(self.known & self.fitted))


def map_file(library: Library, encoder: str, space: Space) -> Path:
    """Where the map of a space is kept."""
    return maps_folder(library, encoder) / f"{space}.npz"


def maps_folder(library: Library, encoder: str) -> Path:
    """Where maps, and what else is made with them, are kept."""
    return library.index_folder / encoder_slug(encoder) / "maps"


def maps_edition(library: Library, encoder: str) -> str:
    """Changes whenever a stored map or what lies beside it does; "" where there is none.

    Looks at no file's contents.
    """
    folder = maps_folder(library, encoder)
    try:
        files = sorted(folder.glob("*.npz"))
        stats = [(path.name, (stat := path.stat()).st_mtime_ns, stat.st_size) for path in files]
    except FileNotFoundError:
        return ""
    if not any(name == f"{space}.npz" for name, _, _ in stats for space in SPACES):
        return ""
    return hashlib.blake2b(json.dumps(stats).encode(), digest_size=8).hexdigest()


def read_map(library: Library, columns: Columns, encoder: str, space: Space) -> Map | None:
    """The map kept, in the order of the columns; None where there is none, or a damaged one."""
    path = map_file(library, encoder, space)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if int(kept["version"]) != _VERSION:
                return None
            videos = {tuple(video): k for k, video in enumerate(json.loads(str(kept["videos"])))}
            starts, track_id = kept["starts"], kept["track_id"]
            xy, known, fitted = kept["xy"], kept["known"], kept["fitted"]
            key, made_at = str(kept["key"]), float(kept["made_at"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        _log.warning("%s is damaged and will be made anew: %s", path, error)
        return None
    at = np.full(len(columns), -1, np.int64)
    for video, name in enumerate(_videos(columns)):
        k, rows = videos.get(name), columns.rows_of(video)
        if k is None or starts[k] == starts[k + 1]:
            continue
        ids = track_id[starts[k] : starts[k + 1]]
        place = np.minimum(np.searchsorted(ids, columns.track_id[rows]), len(ids) - 1)
        same = ids[place] == columns.track_id[rows]
        at[rows] = np.where(same, starts[k] + place, -1)
    if not len(track_id):
        xy, known, fitted = np.zeros((1, 2), np.float32), np.zeros(1, bool), np.zeros(1, bool)
    there = at >= 0
    return Map(
        space=space,
        xy=np.where(there[:, None], xy[at], np.float32(np.nan)).astype(np.float32),
        known=there & known[at],
        fitted=there & fitted[at],
        key=key,
        made_at=made_at,
        missing=int(np.count_nonzero(~there)),
    )


def write_map(library: Library, columns: Columns, encoder: str, made: Map) -> None:
    """Keep a map of all tracks of the columns. Raises OSError."""
    data = io.BytesIO()
    np.savez(
        data,
        version=np.array(_VERSION),
        videos=np.array(json.dumps(_videos(columns))),
        starts=columns.starts,
        track_id=columns.track_id,
        xy=made.xy,
        known=made.known,
        fitted=made.fitted,
        key=np.array(made.key),
        made_at=np.array(made.made_at),
    )
    with fresh_file(map_file(library, encoder, made.space)) as temporary:
        write_bytes(temporary, data.getvalue())


def make_map(
    library: Library,
    columns: Columns,
    encoder: str,
    features: Features,
    space: Space,
    *,
    anew: bool = False,
    tell: Tell = lambda _: None,
    layout: Layout | None = None,
) -> Map:
    """The map of one space, brought up to the columns and kept.

    Without a map, all is laid out; with one, what is missing is placed in it, and nothing else
    moves. anew: lay out all again, beginning from the old places, so that the map keeps its
    orientation. tell: called with the share done; what it raises ends the work, and leaves the
    stored map as it was. Raises OSError where it cannot be kept.
    """
    old = read_map(library, columns, encoder, space)
    if old is not None and not np.any(old.fitted & features.known):
        old = None
    if old is not None and not anew:
        if not old.missing:
            tell(1.0)
            return old
        new = features.known & np.isnan(old.xy[:, 0])
        xy, known = placed(features.vectors, old.xy, new), features.known | old.known
        made = Map(space, xy, known, old.fitted, _key_of(columns, xy), now(), 0)
    else:
        made = new_map(columns, features, space, old=old, tell=tell, layout=layout)
    write_map(library, columns, encoder, made)
    tell(1.0)
    return made


def new_map(
    columns: Columns,
    features: Features,
    space: Space,
    *,
    old: Map | None = None,
    tell: Tell = lambda _: None,
    layout: Layout | None = None,
) -> Map:
    """A map of all tracks, laid out now and not kept; the same one for the same features.

    old: an older map of them, whose orientation is taken over.
    """
    xy, fitted = _fitted(features, old, tell, layout)
    return Map(space, xy, features.known, fitted, _key_of(columns, xy), now(), 0)


def _fitted(
    features: Features, old: Map | None, tell: Tell, layout: Layout | None
) -> tuple[Float32, Bool]:
    """Places of all known rows, and which of them the map was laid out with."""
    rows = np.flatnonzero(features.known)
    if len(rows) > MOST_FITTED:
        some = np.random.default_rng(0).choice(len(rows), MOST_FITTED, replace=False)
        rows = rows[np.sort(some)]
    xy = np.full((len(features), 2), np.nan, np.float32)
    fitted = np.zeros(len(features), np.bool_)
    fitted[rows] = True
    tell(0.0)
    vectors = features.vectors[rows]
    near, far = nearest(vectors, min(NEIGHBOURS, max(len(rows) - 1, 0)))
    tell(0.2)
    start = None
    if old is not None and not np.isnan(old.xy[rows, 0]).all():
        start = old.xy[rows]
    xy[rows] = laid_out(
        vectors, near, far, start=start, tell=lambda share: tell(0.2 + 0.7 * share), layout=layout
    )
    return placed(features.vectors, xy, features.known & ~fitted), fitted


def _key_of(columns: Columns, xy: Float32) -> str:
    digest = hashlib.blake2b(json.dumps(_videos(columns)).encode(), digest_size=8)
    digest.update(np.ascontiguousarray(columns.track_id).tobytes())
    digest.update(np.ascontiguousarray(xy).tobytes())
    return digest.hexdigest()


def _videos(columns: Columns) -> list[tuple[str, str]]:
    checksum = {video_id: checksum for video_id, checksum, _ in columns.stamp}
    return [(record.video_id, checksum[record.video_id]) for record in columns.videos]
