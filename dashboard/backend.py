"""What the dashboard asks of the engine: a Protocol, so that pages are tested without models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.library.catalog import VideoRecord
    from core.search.answer import Answer
    from core.tracks import FrameSize
    from core.tracks import Path as ObjectPath


class Backend(Protocol):
    """A library that can be asked. Raises VidtrailError; any thread may call any method."""

    def videos(self) -> Sequence[VideoRecord]: ...

    def ask(self, text: str, limit: int) -> Answer: ...

    def best_crop(self, video_id: str, track_id: int) -> int | None:
        """The picture that shows a track best; None where it has none."""
        ...

    def crop(self, video_id: str, crop_id: int) -> bytes | None:
        """A crop as JPEG; None for an unknown id."""
        ...

    def path(self, video_id: str, track_id: int) -> tuple[ObjectPath, FrameSize] | None:
        """Where a track was, and the size of the picture it was in; None for an unknown id."""
        ...

    def poster(self, video_id: str) -> bytes | None:
        """A picture that stands for the video, as JPEG; None for an unknown id."""
        ...

    def warm_up(self) -> None:
        """Load what the first question needs."""
        ...


def library_folder(place: Path) -> bool:
    """Whether something was ever put there."""
    return place.is_dir() and any(place.iterdir())
