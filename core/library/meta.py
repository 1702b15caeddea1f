"""What a shard says about itself: whose video, by which models, and a stamp a file."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.errors import LibraryError
from core.library.files import FileStamp
from core.tracks import FrameSize

SHARD_FORMAT = 3
_OLDEST_FORMAT = 1  # lacks cameras, splits, rides and `looks`, which are then as if none
_FIRST_MEASURED = (
    "turn_left turn_right u_turn straight stop wait start parked moving stationary screen_left "
    "screen_right screen_up screen_down approach recede slow_down speed_up enter exit fast slow "
    "follow overtake near behind with"
)
"""Kinds of events and relations that videos of formats 1 and 2, which do not say, were told by."""
META_NAME = "meta.json"


@dataclass(frozen=True, slots=True)
class ShardMeta:
    """The content of `meta.json`; holds no time of day, so that equal ingests are equal bytes.

    fps: of the file; sample_fps: frames a second that were looked at (0: all of them).
    frames: how many that were. runtime: what the models ran on. notes: sentences on what is odd
    about the file (truncated, repaired time stamps). looks: one clause on how far looks could tell
    its objects apart, "" where nobody asked. ground: the numbers of
    `core.motion.ground.GroundPlane`, None where none was found. measures: kinds of events and
    relations that were looked for. counts: rows a table. files: stamp of each data file.
    """

    video_id: str
    name: str
    path: str
    duration_s: float
    fps: float
    sample_fps: float
    frames: int
    width: int
    height: int
    codec: str
    size_bytes: int
    class_names: tuple[str, ...]
    detector: str
    encoder: str
    encoder_dim: int
    profile_name: str
    profile_fingerprint: str
    runtime: str
    software: str
    notes: tuple[str, ...] = ()
    looks: str = ""
    ground: Mapping[str, float] | None = None
    measures: tuple[str, ...] = tuple(_FIRST_MEASURED.split())
    counts: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, FileStamp] = field(default_factory=dict)
    format: int = SHARD_FORMAT

    @property
    def frame_size(self) -> FrameSize:
        return FrameSize(self.width, self.height)

    def to_json(self) -> bytes:
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True)
        return text.encode("utf-8", "surrogatepass")  # a path may hold bytes that are no text

    @staticmethod
    def from_json(data: bytes, where: str) -> ShardMeta:
        """Read `meta.json`; raises LibraryError when it is damaged or of another format."""
        try:
            raw: dict[str, Any] = json.loads(data)
            found = int(raw["format"])
        except (ValueError, KeyError, TypeError) as error:
            raise LibraryError(f"{where} is damaged and cannot be read.") from error
        if found > SHARD_FORMAT:
            raise LibraryError(
                f"{where} has format {found}, made by a newer Vidtrail than this one, which "
                f"reads up to "
                f"{SHARD_FORMAT}: update Vidtrail."
            )
        if found < _OLDEST_FORMAT:
            raise LibraryError(
                f"{where} has the old format {found}: index this video again (`vidtrail remove`, "
                "then `vidtrail add`)."
            )
        try:
            raw["class_names"] = tuple(raw["class_names"])
            raw["notes"] = tuple(raw["notes"])
            if "measures" in raw:
                raw["measures"] = tuple(raw["measures"])
            raw["files"] = {name: FileStamp(**stamp) for name, stamp in raw["files"].items()}
            return ShardMeta(**raw)
        except (KeyError, TypeError, AttributeError) as error:
            raise LibraryError(f"{where} is damaged: {error}.") from error


def checksum(meta: bytes) -> str:
    """The checksum of a whole shard: that of its `meta.json`, which holds those of its files."""
    return hashlib.blake2b(meta, digest_size=16).hexdigest()


def encoder_slug(name: str) -> str:
    """A file name for an encoder: readable, and different for different encoders."""
    slug = re.sub(r"[^A-Za-z0-9.+-]+", "_", name).strip("._")
    if slug == name and len(slug) <= 64:
        return slug
    return f"{slug[:48]}-{hashlib.blake2b(name.encode(), digest_size=4).hexdigest()}"
