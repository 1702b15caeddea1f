"""The binary file of boxes, read back by its documented layout."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.library.tables import TrackTable
from core.tracks import Path
from core.video.times import FrameTimes
from dashboard import boxes
from dashboard.boxes import Span, classes_of, packed, sampled_times, window_s

NAMES = ("bus", "car", "person")


@dataclass(frozen=True)
class FakeMeta:
    duration_s: float = 10.0
    width: int = 200
    height: int = 100
    fps: float = 10.0


class FakeShard:
    """Tracks with paths, as `core.library.shard.Shard` gives them."""

    def __init__(self, paths: dict[int, Path], duration_s: float = 10.0) -> None:
        self.meta = FakeMeta(duration_s)
        self.paths = paths

    def tracks(self) -> TrackTable:
        ids = np.array(sorted(self.paths), np.int32)
        n = len(ids)
        zeros = np.zeros(n, np.float32)
        return TrackTable(
            ids,
            np.array([NAMES[k % 3] for k in ids.tolist()] or [], np.str_),
            zeros, zeros, zeros.astype(float), zeros.astype(float),
            np.array([len(self.paths[k]) for k in ids.tolist()], np.int32),
            zeros.astype(np.int32), zeros, np.zeros((n, 12), np.float32),
            np.zeros(n, np.bool_), np.array([""] * n, np.str_), zeros.astype(np.int32),
        )  # fmt: skip

    def path_of(self, track_id: int) -> Path:
        return self.paths[track_id]


def path(frames: list[int], seed: int = 0) -> Path:
    rng = np.random.default_rng(seed)
    n = len(frames)
    corner = rng.uniform(0, 80, (n, 2))
    return Path(
        np.array(frames, np.int32),
        np.array(frames, np.float64) / 10.0,
        np.concatenate([corner, corner + rng.uniform(1, 20, (n, 2))], axis=1).astype(np.float32),
        rng.uniform(0, 1, n).astype(np.float32),
        rng.uniform(0, 1, n) < 0.3,
    )


def unpacked(data: bytes) -> dict[str, Any]:
    """The file by the layout in the docstring of `dashboard.boxes`."""
    magic, frames, samples, count = struct.unpack_from("<4I", data, 0)
    origin_s, t0_s, t1_s, longest_gap_s = struct.unpack_from("<4d", data, 16)
    first, exact, fps = struct.unpack_from("<iId", data, 48)
    found: dict[str, Any] = {
        "magic": magic, "origin": origin_s, "t0": t0_s, "t1": t1_s, "gap": longest_gap_s,
        "first": first, "exact": exact, "fps": fps,
    }  # fmt: skip
    at = 64
    for name, kind, length in (
        ("times", "<f8", frames), ("sample_t", "<f8", samples), ("sample_frame", "<i4", samples),
        ("offsets", "<u4", samples + 1), ("track", "<i4", count), ("confidence", "<f4", count),
        ("xyxy", "<f4", 4 * count), ("class", "<u2", count), ("flags", "u1", count),
    ):  # fmt: skip
        found[name] = np.frombuffer(data, kind, length, at)
        at += found[name].nbytes
    assert at == len(data)
    return found


def span(t0_s: float, t1_s: float) -> Span:
    t_s = np.arange(0, 100) / 10.0
    return Span(t0_s, t1_s, FrameTimes(1.5, t_s[(t_s >= t0_s) & (t_s < t1_s)]), exact=True)


frame_lists = st.lists(st.integers(0, 99), min_size=1, max_size=25, unique=True).map(sorted)
videos = st.lists(frame_lists, max_size=6)


@settings(max_examples=60, deadline=None)
@given(videos, st.integers(0, 90), st.integers(1, 100))
def test_every_box_of_the_span_comes_back(lists: list[list[int]], start: int, length: int):
    shard: Any = FakeShard({k + 1: path(frames, k) for k, frames in enumerate(lists)})
    t0_s, t1_s = start / 10.0, (start + length) / 10.0
    told = unpacked(packed(shard, span(t0_s, t1_s)))
    assert told["magic"] == int.from_bytes(b"VTO1", "little")
    rows = np.repeat(np.arange(len(told["sample_t"])), np.diff(told["offsets"]))
    low, high = t0_s - boxes.BEFORE_S, t1_s + boxes.AFTER_S
    for track_id, whole in shard.paths.items():
        mine = told["track"] == track_id
        here = (whole.t_s >= low) & (whole.t_s < high)
        assert told["sample_frame"][rows[mine]].tolist() == whole.frame[here].tolist()
        np.testing.assert_array_equal(told["sample_t"][rows[mine]], whole.t_s[here])
        pixels = told["xyxy"].reshape(-1, 4)[mine] * [200, 100, 200, 100]
        np.testing.assert_allclose(pixels, whole.xyxy[here], atol=1e-3)
        assert (told["flags"][mine] == 1).tolist() == whole.interpolated[here].tolist()
        shown = np.where(whole.interpolated[here], 0.0, whole.confidence[here])
        np.testing.assert_allclose(told["confidence"][mine], shown, rtol=1e-6)
        named = [classes_of(shard)[k] for k in told["class"][mine]]
        assert set(named) <= {NAMES[track_id % 3]}
    within = sum(int(((p.t_s >= low) & (p.t_s < high)).sum()) for p in shard.paths.values())
    assert len(told["track"]) == within


@settings(max_examples=40, deadline=None)
@given(videos, st.integers(0, 90))
def test_frames_carry_the_numbers_they_have_in_the_file(lists: list[list[int]], start: int):
    shard: Any = FakeShard({k + 1: path(frames, k) for k, frames in enumerate(lists)})
    told = unpacked(packed(shard, span(start / 10.0, start / 10.0 + 5.0)))
    assert told["first"] == start
    assert told["origin"] == 1.5
    assert told["exact"] == 1


def test_a_small_video_is_one_window_and_a_dense_one_is_several():
    small: Any = FakeShard({1: path([0, 1, 2])})
    assert window_s(small) > small.meta.duration_s
    whole = path(list(range(100)))
    dense: Any = FakeShard(dict.fromkeys(range(1, 13_001), whole), duration_s=1000.0)
    assert window_s(dense) == pytest.approx(1000.0 * boxes.BOXES_A_WINDOW / 1_300_000)


def test_sampled_times_stand_in_where_the_file_tells_none():
    shard: Any = FakeShard({1: path([3, 5, 9]), 2: path([5, 30])})
    assert sampled_times(shard, 0.4, 3.0).t_s.tolist() == [0.5, 0.9]
