"""A clip whose pictures carry their number in bars, and boxes that carry the same number.

Frames are not evenly spaced, so that whoever reckons with a frame rate is found out.
"""

from __future__ import annotations

import math
import subprocess
from pathlib import Path

import numpy as np

from core.video.clips import ClipWriter
from tests.sample_library import COMMAND

WIDTH, HEIGHT, FRAMES, FPS = 640, 360, 250, 25.0
BITS, BAR_PX = 10, 16
MOVER, SINKER, EARLY, LATE = 1, 2, 3, 4
"""Ids, numbered by first appearance: MOVER's left edge tells the frame; EARLY and LATE stand at the
same place one after the other; SINKER goes down."""


def time_of(frame: int) -> float:
    """When a frame is shown: about every 40 ms."""
    return frame / FPS + 0.012 * (1.0 + math.sin(1.7 * frame)) * (frame > 0)


def boxes_of(frame: int) -> dict[int, tuple[int, int, int, int]]:
    """Track -> (left, top, width, height), pixels."""
    boxes = {MOVER: (20 + 2 * frame, 120, 60, 50), SINKER: (560, 40 + frame, 44, 40)}
    if frame < 90:
        boxes[EARLY] = (300, 230, 90, 70)
    if frame >= 120:
        boxes[LATE] = (304, 232, 90, 70)
    return boxes


_COLOURS = {
    MOVER: (240, 180, 40),
    EARLY: (60, 140, 250),
    LATE: (60, 140, 250),
    SINKER: (90, 220, 120),
}


def write_clip(path: Path) -> None:
    with ClipWriter(path, WIDTH, HEIGHT, FPS, crf=16) as clip:
        for frame in range(FRAMES):
            image = np.full((HEIGHT, WIDTH, 3), 44, np.uint8)
            for bit in range(BITS):
                image[:BAR_PX, bit * BAR_PX : (bit + 1) * BAR_PX] = 255 * (frame >> bit & 1)
            for track, (x, y, w, h) in boxes_of(frame).items():
                image[y : y + h, x : x + w] = _COLOURS[track]
                image[y + 8 : y + 20, x + 8 : x + w - 8] = 24
            clip.write(image, time_of(frame))


def write_tracks(path: Path) -> None:
    """As MOTChallenge text, frames from 1."""
    lines = [
        f"{frame + 1},{track},{x},{y},{w},{h},0.9,-1,-1,-1"
        for frame in range(FRAMES)
        for track, (x, y, w, h) in boxes_of(frame).items()
    ]
    path.write_text("\n".join(lines) + "\n")


def numbered_library(folder: Path) -> Path:
    """A library with this clip, read with its own tracks by `vidtrail add --tracks`."""
    clip, tracks, library = folder / "numbered.mp4", folder / "numbered.txt", folder / "made"
    write_clip(clip)
    write_tracks(tracks)
    done = subprocess.run(
        [*COMMAND, "add", str(clip), "--tracks", str(tracks), "--class-name", "car",
         "--library", str(library)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return library
