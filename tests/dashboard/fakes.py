"""A library of two drawn videos that answers three questions, in place of the engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.detections import Image
from core.errors import LibraryError, QueryError
from core.language.query import ColourPart, EventPart, Query, Target
from core.library.catalog import VideoRecord
from core.search.answer import Answer, Evidence, Miss, Moment, Step
from core.tracks import FrameSize
from core.tracks import Path as Path_
from core.video.clips import ClipWriter
from core.video.stills import encode_jpeg

WIDTH, HEIGHT, FPS, SECONDS = 320, 180, 10, 6
RED = (200, 40, 35)


def picture(t_s: float) -> Image:
    """A grey street with a red box that drives right, then turns up (left, seen from the box)."""
    image = np.full((HEIGHT, WIDTH, 3), 96, np.uint8)
    image[:60] = (150, 170, 185)
    image[115:122, ::2] = 200
    x = int(20 + 45 * min(t_s, 4.0))
    y = int(120 - 30 * max(t_s - 4.0, 0.0))
    image[y : y + 26, x : x + 52] = RED
    image[y + 4 : y + 12, x + 30 : x + 46] = (40, 50, 60)
    return image


def draw_video(path: Path) -> Path:
    with ClipWriter(path, WIDTH, HEIGHT, FPS) as clip:
        for frame in range(FPS * SECONDS):
            clip.write(picture(frame / FPS))
    return path


def record(
    video_id: str, path: Path, *, state: str = "ready", error: str = "", n_tracks: int = 7
) -> VideoRecord:
    return VideoRecord(
        video_id=video_id, name=path.name, path=str(path), duration_s=float(SECONDS), width=WIDTH,
        height=HEIGHT, fps=float(FPS), size_bytes=1, state=state, error=error,  # type: ignore[arg-type]
        profile_name="demo", profile_fingerprint="", encoder="fake", n_tracks=n_tracks,
        done_s=float(SECONDS), shard_checksum="", added_at=0.0,
    )  # fmt: skip


def moment(video: VideoRecord, track_id: int, colour_p: float, turn_p: float) -> Moment:
    crop = {"crop_id": track_id, "video_id": video.video_id}
    parts = (
        Evidence("car", "class", 0.97, "the detector called it a car in 41 of 43 frames"),
        Evidence("red", "colour", colour_p, "seen in 6 crops", crop),
        Evidence("turning left", "event", turn_p, "turned 78° to the left from 0:04.0 to 0:05.6"),
    )
    score = min(colour_p, turn_p)
    name = video.name
    return Moment(video.video_id, name, (track_id,), 4.0, 5.6, score, parts, score >= 0.5)


class FakeBackend:
    """Knows "red car turning left", "purple bus" (nothing found) and one question that fails."""

    def __init__(self, folder: Path) -> None:
        self.records = [
            record("a1", draw_video(folder / "junction <b>.mp4")),
            record("b2", draw_video(folder / "market-square.mp4")),
        ]
        self.asked: list[str] = []
        self.warm = False

    def videos(self) -> list[VideoRecord]:
        return self.records

    def ask(self, text: str, limit: int) -> Answer:
        self.asked.append(text)
        first, second = self.records[:2]
        if "bicycle bell" in text:
            raise QueryError("There is nothing to look for in this question: name an object.")
        found = (moment(first, 1, 0.96, 0.91), moment(second, 2, 0.83, 0.74))
        close = (moment(second, 4, 0.02, 0.9),)  # ranked, but no answer
        near = (moment(first, 3, 0.95, 0.04),)
        steps = (Step("objects", 14), Step("cars", 9), Step("red", 3), Step("turning left", 2))
        if "red car" in text:
            query = Query(
                Target(("car",), colours=(ColourPart(("red",)),)), (EventPart("turn_left"),)
            )
            unknown = ("gracefully",) if "gracefully" in text else ()
            untested = ("at the kerb",) if "kerb" in text else ()
            return Answer(query, found + close, steps, near, False, unknown, (), untested)
        query = Query(Target(("bus",), colours=(ColourPart(("purple",)),)))
        steps = (Step("objects", 14), Step("buses", 1), Step("purple", 0))
        misses = (Miss("purple", 1, (("blue", 1),)),)
        return Answer(query, (), steps, near, True, misses=misses)

    def best_crop(self, video_id: str, track_id: int) -> int | None:
        return track_id

    def crop(self, video_id: str, crop_id: int) -> bytes | None:
        if video_id not in {r.video_id for r in self.records} or not 0 < crop_id < 5:
            return None
        t_s = 4.0 + crop_id / 4
        x, y = 20 + 45 * 4, int(120 - 30 * (t_s - 4.0))
        return encode_jpeg(picture(t_s)[max(y - 12, 0) : y + 40, x - 12 : x + 66])

    def path(self, video_id: str, track_id: int) -> tuple[Path_, FrameSize] | None:
        if video_id not in {r.video_id for r in self.records} or not 0 < track_id < 5:
            return None
        frame = np.arange(FPS * SECONDS, dtype=np.int32)
        t_s = frame / FPS
        x = 20 + 45 * np.minimum(t_s, 4.0)
        y = 120 - 30 * np.maximum(t_s - 4.0, 0.0)
        xyxy = np.stack([x, y, x + 52, y + 26], axis=1).astype(np.float32)
        one = np.ones(len(frame), np.float32)
        return Path_(frame, t_s, xyxy, one, one < 0), FrameSize(WIDTH, HEIGHT)

    def poster(self, video_id: str) -> bytes | None:
        known = video_id in {r.video_id for r in self.records}
        return encode_jpeg(picture(3.0)) if known else None

    def warm_up(self) -> None:
        self.warm = True


class DamagedBackend(FakeBackend):
    """Opens, but its catalog cannot be read."""

    def videos(self) -> list[VideoRecord]:
        raise LibraryError("The catalog is damaged. Move this file away and run the command again.")
