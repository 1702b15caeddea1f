"""Questions that describe a scene rather than an object, answered by pictures of whole frames."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from core.index.vectors import VectorIndex
from core.library.library import Library
from core.search.answer import Evidence, Moment
from core.search.prompts import Prompts

_MOST = 2048
_Z_SCALE, _Z_SHIFT = 1.3, -3.0
_FEWEST = 8
_MATCH = 0.5


def scene_moments(
    library: Library,
    index: VectorIndex,
    prompts: Prompts,
    words: str,
    videos: Collection[str] | None,
) -> list[Moment]:
    """Spans of videos that look like these words, best first, neighbours joined.

    A scene is judged against the other scenes of the library; with fewer than 8 there is nothing
    to judge by, and none is called a match.
    """
    if not len(index):
        return []
    vector = prompts.vectors([words, f"a photo of {words}."]).mean(axis=0)
    keep = None if videos is None else index.mask(frozenset(videos))
    rows, values = index.search(vector, _MOST, keep)
    everything = index.scores(vector)
    z = (values - everything.mean()) / max(float(everything.std()), 1e-4)
    p = 1.0 / (1.0 + np.exp(-(_Z_SCALE * z + _Z_SHIFT)))
    by_video: dict[str, list[tuple[float, float, float, int]]] = {}
    for row, chance in zip(rows, p, strict=True):
        video_id, scene_id, _ = index.locate(int(row))
        scenes = library.shard(video_id).scenes()
        span = (float(scenes.t0_s[scene_id]), float(scenes.t1_s[scene_id]))
        by_video.setdefault(video_id, []).append((*span, float(chance), scene_id))
    moments = [
        moment
        for video_id, spans in by_video.items()
        for moment in _joined(library, video_id, sorted(spans), words, len(everything))
    ]
    return sorted(moments, key=lambda moment: (-moment.score, moment.video_id, moment.t0_s))


def _joined(
    library: Library,
    video_id: str,
    spans: list[tuple[float, float, float, int]],
    words: str,
    known_scenes: int,
) -> list[Moment]:
    """Neighbouring spans on the same side of the line become one moment."""
    record = library.video(video_id)
    groups: list[list[tuple[float, float, float, int]]] = []
    for span in spans:
        last = groups[-1][-1] if groups else None
        same = last is not None and (last[2] >= _MATCH) == (span[2] >= _MATCH)
        if same and last is not None and span[0] <= last[1] + 0.5:
            groups[-1].append(span)
        else:
            groups.append([span])
    moments = []
    for group in groups:
        best = max(group, key=lambda span: span[2])
        p = round(best[2], 4)
        told = Evidence(
            part=words,
            kind="scene",
            p=p,
            text=f"scene at {best[0]:.1f} s against {known_scenes} scenes of this library",
            proof={"scene_id": best[3], "t0_s": best[0], "t1_s": best[1]},
            known=known_scenes >= _FEWEST,
        )
        matches = p >= _MATCH and known_scenes >= _FEWEST
        t0_s, t1_s = group[0][0], min(group[-1][1], record.duration_s)
        moments.append(Moment(video_id, record.name, (), t0_s, t1_s, p, (told,), matches))
    return moments
