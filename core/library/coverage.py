"""How much of a video was really looked at: what was sampled, too small, skipped or left in doubt.

Nothing is estimated: all of it is read from what the video's shard and the catalog hold.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

import numpy as np

from core.detections import Float64
from core.library.library import Library
from core.library.shard import Shard

FINEST_PX = 8
"""Side, in pixels of a detector's input, of what is about one cell of its finest grid: the stride
of the first of the three levels of YOLO's head (Redmon & Farhadi, YOLOv3, 2018, and all since)."""
_SHORTEST_GAP_S = 1.0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was looked at in one video.

    spans, gaps: (N, 2) float64 [t0, t1) seconds, together the whole video; both empty where the
    video was indexed before this was recorded. frames: looked at. looked_fps: of them a second of
    what was looked at. fps: of the file. smallest_px: shorter side of the smallest object that
    could be found, pixels of the video; None where the settings are not known any more. boxes:
    found; small_boxes: of them with a shorter side below twice that. tracks, small_tracks: the
    same of whole tracks, by the median of their boxes. loose_boxes: that belong to no track.
    unmeasured: reason -> tracks about whose motion nothing can be said. camera_lost_s: seconds in
    which it is not known how the camera moved. notes: sentences on what is odd about the file.
    """

    video_id: str
    duration_s: float
    fps: float
    frames: int
    looked_fps: float
    spans: Float64
    gaps: Float64
    smallest_px: float | None
    boxes: int
    small_boxes: int
    loose_boxes: int
    tracks: int
    small_tracks: int
    unmeasured: dict[str, int]
    camera_lost_s: float
    notes: tuple[str, ...]

    @property
    def share(self) -> float | None:
        """Part of the length that was looked at, in [0, 1]; None where that is not known."""
        if not len(self.spans) or self.duration_s <= 0:
            return None
        return float(min(1.0, np.diff(self.spans, axis=1).sum() / self.duration_s))


def coverage(library: Library, video_id: str) -> Coverage:
    """What was looked at in a video that can be searched; raises LibraryError for any other."""
    shard = library.shard(video_id)
    meta, camera, table = shard.meta, shard.camera(), shard.detections()
    spans, gaps = _stretches(camera.t_s, meta.duration_s, meta.sample_fps or meta.fps)
    smallest = _smallest_px(library, shard)
    xyxy = table.detections.xyxy
    sides = np.minimum(xyxy[:, 2] - xyxy[:, 0], xyxy[:, 3] - xyxy[:, 1])
    # Only boxes on disk have an owner there; a person's edits move boxes between tracks, not sizes.
    followed = table.track_id >= 0
    near = 2 * smallest if smallest is not None else 0.0
    looked_s = float(np.diff(spans, axis=1).sum()) if len(spans) else meta.duration_s
    tracks = shard.tracks()
    unmeasured = Counter(tracks.motion_reason[~tracks.motion_known].tolist())
    return Coverage(
        video_id=video_id,
        duration_s=meta.duration_s,
        fps=meta.fps,
        frames=meta.frames,
        looked_fps=meta.frames / looked_s if looked_s > 0 else 0.0,
        spans=spans,
        gaps=gaps,
        smallest_px=smallest,
        boxes=len(table),
        small_boxes=int((sides < near).sum()),
        loose_boxes=int((~followed).sum()),
        tracks=len(tracks.track_id),
        small_tracks=_small_tracks(table.track_id[followed], sides[followed], near),
        unmeasured=dict(unmeasured.most_common()),
        camera_lost_s=_lost_s(camera.t_s, camera.known),
        notes=meta.notes,
    )


def _stretches(t_s: Float64, duration_s: float, fps: float) -> tuple[Float64, Float64]:
    """Stretches of the video with and without frames looked at, in order."""
    if not len(t_s):
        return np.zeros((0, 2)), np.zeros((0, 2))
    step_s = 1.0 / fps if fps > 0 else _SHORTEST_GAP_S
    end_s = max(duration_s, float(t_s[-1]))
    edges = np.concatenate([[0.0], t_s, [end_s]])
    torn = np.flatnonzero(np.diff(edges) > max(_SHORTEST_GAP_S, 3 * step_s))
    gaps = np.stack([edges[torn], edges[torn + 1]], axis=1)
    gaps[gaps[:, 0] > 0, 0] += step_s  # the frame before a gap is on screen for a step
    bounds = np.concatenate([[0.0], gaps.ravel(), [end_s]]).reshape(-1, 2)
    return bounds[bounds[:, 1] > bounds[:, 0]], gaps


def _smallest_px(library: Library, shard: Shard) -> float | None:
    stored = library.catalog.profiles().get(shard.meta.profile_fingerprint)
    if stored is None:
        return None
    input_px = json.loads(stored[1]).get("image_size_px")
    if not input_px:
        return None
    return FINEST_PX * max(shard.meta.width, shard.meta.height) / float(input_px)


def _small_tracks(owner: np.ndarray, sides: np.ndarray, near: float) -> int:
    """How many tracks have a median shorter side below `near`."""
    order = np.lexsort((sides, owner))
    _, starts, counts = np.unique(owner[order], return_index=True, return_counts=True)
    medians = sides[order][starts + counts // 2]
    return int((medians < near).sum())


def _lost_s(t_s: Float64, known: np.ndarray) -> float:
    if len(t_s) < 2:
        return 0.0
    return float(np.diff(t_s)[~known[1:]].sum())
