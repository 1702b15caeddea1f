"""Files and pictures of the library for the browser, by ids; None for what the library has not."""

from __future__ import annotations

from pathlib import Path

from core.library.library import Library
from core.video.stills import encode_jpeg, frame_at, narrowed, poster


class Footage:
    """What can be shown of one library. Methods raise VidtrailError where it cannot be read."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def file(self, video_id: str) -> Path | None:
        """The file that browsers play: the copy made for them, else the video's own; None where
        both are gone.
        """
        if self._library.catalog.video(video_id) is None:
            return None
        copy = self._library.copy_path(video_id)
        return copy if copy.is_file() else self.source(video_id)

    def source(self, video_id: str) -> Path | None:
        """The video's own file; None where it has gone."""
        record = self._library.catalog.video(video_id)
        return Path(record.path) if record is not None and Path(record.path).is_file() else None

    def still(self, video_id: str, t_s: float, width_px: int | None) -> bytes | None:
        """The frame on screen t_s after the first, as JPEG, at most width_px wide."""
        path = self.source(video_id) or self.file(video_id)
        if path is None:
            return None
        image = frame_at(path, t_s).image
        return encode_jpeg(image if width_px is None else narrowed(image, width_px))

    def poster(self, video_id: str) -> bytes | None:
        """A picture that stands for the video, as JPEG."""
        if (record := self._library.catalog.video(video_id)) is None:
            return None
        if record.state == "ready":
            shard = self._library.shard(video_id)
            scenes = shard.scenes()
            if len(scenes):
                return shard.scene_jpeg(int(scenes.scene_id[len(scenes) // 2]))
        path = self.source(video_id) or self.file(video_id)
        return None if path is None else encode_jpeg(poster(path))

    def crop(self, video_id: str, crop_id: int) -> bytes | None:
        """A crop as JPEG."""
        if self._library.catalog.video(video_id) is None:
            return None
        try:
            return self._library.shard(video_id).crop_jpeg(crop_id)
        except KeyError:
            return None
