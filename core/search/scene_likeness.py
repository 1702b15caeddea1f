"""Scenes that look like a picture of a whole scene: what scene vectors of a video share is learned
as for objects, from the scenes of one video and of others.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from core.errors import QueryError
from core.index.vectors import VectorIndex
from core.language.sketches import LikePart
from core.search.answer import Evidence, Moment
from core.search.columns import Columns
from core.search.likes import Spread, unit
from core.search.scoring import HOLDS

Rows = npt.NDArray[np.int64]

_BANK = 2048
_MOST = 2048
_FEWEST = 8


def scenes_like(
    columns: Columns, index: VectorIndex, part: LikePart, videos: Collection[str] | None
) -> list[Moment]:
    """Spans of videos that look like a picture, best first, neighbours joined.

    With fewer than 8 scenes in the library there is nothing to judge by, and none is a match.
    Raises QueryError for a picture of another encoder.
    """
    if part.encoder != index.encoder:
        raise QueryError(
            f"The picture {part.picture} was encoded with {part.encoder}, and this search uses "
            f"{index.encoder}: give the picture again."
        )
    if not len(index):
        return []
    bank = np.unique(np.linspace(0, len(index) - 1, min(_BANK, len(index))).astype(np.int64))
    vectors = index.vectors(bank)
    centre = vectors.mean(axis=0)
    given = unit(part.vector - centre)
    strangers = unit(vectors - centre) @ given
    spread = Spread.of(unit(vectors - centre), index.video_of(bank), strangers)
    keep = None if videos is None else index.mask(frozenset(videos))
    rows, _ = index.search(part.vector, _MOST, keep)
    value = unit(index.vectors(rows) - centre) @ given
    p = np.clip(spread.probability(value.astype(np.float32)), 0.01, 0.99)
    places = {record.video_id: v for v, record in enumerate(columns.videos)}
    moments = []
    owner = index.video_of(rows)
    for number in np.unique(owner):
        place = places.get(index.video_ids[int(number)])
        if place is not None:
            mine = np.flatnonzero(owner == number)
            scenes = rows[mine] - index.rows_of(index.video_ids[int(number)]).start
            order = np.argsort(scenes)
            found = zip(scenes[order].tolist(), p[mine][order].tolist(), strict=True)
            moments += _joined(columns, place, list(found), str(part), len(index))
    return sorted(moments, key=lambda moment: (-moment.score, moment.video_id, moment.t0_s))


def _joined(
    columns: Columns, video: int, found: Sequence[tuple[int, float]], asked: str, known: int
) -> list[Moment]:
    """Neighbouring scenes on the same side of the line become one moment."""
    record, table = columns.videos[video], columns.shards[video].scenes()
    groups: list[list[tuple[int, float]]] = []
    for scene, p in found:
        last = groups[-1][-1] if groups else None
        if last is not None and last[0] == scene - 1 and (last[1] >= HOLDS) == (p >= HOLDS):
            groups[-1].append((scene, p))
        else:
            groups.append([(scene, p)])
    moments = []
    for group in groups:
        best, p = max(group, key=lambda item: item[1])
        span = (float(table.t0_s[best]), float(table.t1_s[best]))
        told = Evidence(
            part=asked,
            kind="like",
            p=round(p, 4),
            text=f"scene at {span[0]:.1f} s against {known} scenes of this library",
            proof={"scene_id": best, "t0_s": span[0], "t1_s": span[1]},
            known=known >= _FEWEST,
        )
        t0_s, t1_s = float(table.t0_s[group[0][0]]), float(table.t1_s[group[-1][0]])
        matches = p >= HOLDS and known >= _FEWEST
        t1_s = min(t1_s, record.duration_s)
        moments.append(
            Moment(record.video_id, record.name, (), t0_s, t1_s, round(p, 4), (told,), matches)
        )
    return moments
