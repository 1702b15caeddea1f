"""The engine over a library on disk, opened once and asked by every page and route."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

from core.errors import QueryError
from core.library.catalog import VideoRecord
from core.library.library import Library
from core.search.answer import Answer
from core.search.engine import Engine
from core.search.opening import open_engine
from core.tracks import FrameSize
from core.tracks import Path as ObjectPath
from core.video.stills import encode_jpeg, poster


class LibraryBackend:
    """Implements `Backend`. Raises LibraryError when the folder cannot be opened."""

    def __init__(self, place: Path) -> None:
        self._library = Library.open(place, create=False)
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._usual = ""

    def videos(self) -> list[VideoRecord]:
        return self._library.videos()

    def ask(self, text: str, limit: int) -> Answer:
        return self._engine_now().search(text, limit=limit)

    def warm_up(self) -> None:
        self._engine_now().warm_up()

    def _engine_now(self) -> Engine:
        """The engine for the encoder most videos were read with; made anew when that changes."""
        with self._lock:
            encoders = Counter(record.encoder for record in self._library.ready())
            if not encoders:
                raise QueryError("There is no video to search yet: add one with `vidtrail add`.")
            usual = encoders.most_common(1)[0][0]
            if self._engine is None or usual != self._usual:
                self._engine, self._usual = open_engine(self._library), usual
            return self._engine

    def best_crop(self, video_id: str, track_id: int) -> int | None:
        tracks = self._library.shard(video_id).tracks()
        crop_id = int(tracks.best_crop[tracks.row_of(track_id)])
        return crop_id if crop_id >= 0 else None

    def crop(self, video_id: str, crop_id: int) -> bytes | None:
        try:
            return self._library.shard(video_id).crop_jpeg(crop_id)
        except KeyError:
            return None

    def path(self, video_id: str, track_id: int) -> tuple[ObjectPath, FrameSize] | None:
        record = self._library.video(video_id)
        # An address may be older than a person's edits: it leads to what the track has become.
        path = self._library.shard(video_id).path_of(self._library.resolve(video_id, track_id))
        return path, FrameSize(record.width, record.height)

    def poster(self, video_id: str) -> bytes | None:
        shard = self._library.shard(video_id)
        scenes = shard.scenes()
        if len(scenes):
            return shard.scene_jpeg(int(scenes.scene_id[len(scenes) // 2]))
        return encode_jpeg(poster(Path(self._library.video(video_id).path)))
