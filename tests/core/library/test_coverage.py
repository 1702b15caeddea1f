from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import LibraryError
from core.ingest.batch import Models, add_paths
from core.ingest.reading import ReadingSettings
from core.library.coverage import _stretches, coverage
from core.library.library import Library
from tests.fakes import PROFILE, FakeDetector, FakeEncoder, add_shard, clip


def test_a_video_read_to_its_end(tmp_path: Path):
    video = clip(tmp_path / "traffic.mp4", seconds=4.0)
    with Library.open(tmp_path / "library") as library:
        (added,) = add_paths(
            library, [video], PROFILE,
            load=lambda *_: Models(FakeDetector(), FakeEncoder()),
            settings=ReadingSettings(segment_s=1.0),
        )  # fmt: skip
        found = coverage(library, added.video_id)
    assert found.spans.tolist() == [[0.0, found.duration_s]]
    assert found.share == 1.0
    assert len(found.gaps) == 0
    assert (found.frames, found.fps) == (20, 10.0)
    assert found.looked_fps == pytest.approx(PROFILE.sample_fps)
    # A picture of 320 px is shown to the detector at twice its size: a cell of 8 px is 4 px of it.
    assert found.smallest_px == 4.0
    assert found.boxes > 50
    assert (found.small_boxes, found.small_tracks) == (0, 0)  # the least side is 18 px
    assert found.tracks >= 3


def test_a_detector_that_sees_little_of_a_large_picture(tmp_path: Path):
    with Library.open(tmp_path / "library") as library:
        add_shard(library, "v")
        assert coverage(library, "v").smallest_px is None  # nobody noted its settings
        library.catalog.put_profile("fake-fingerprint", "fake", json.dumps({"image_size_px": 320}))
        found = coverage(library, "v")
    assert found.smallest_px == 16.0
    assert (found.share, len(found.spans)) == (None, 0)  # frames looked at were not recorded


def test_a_video_that_is_not_ready_is_refused(tmp_path: Path):
    with Library.open(tmp_path / "library") as library, pytest.raises(LibraryError):
        coverage(library, "nobody")


def test_a_hole_is_told_with_its_ends():
    t_s = np.concatenate([np.arange(0, 4, 0.2), np.arange(7, 9, 0.2)])
    spans, gaps = _stretches(t_s, 12.0, 5.0)
    np.testing.assert_allclose(spans, [[0, 4.0], [7, 9.0]])
    np.testing.assert_allclose(gaps, [[4.0, 7], [9.0, 12]])


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=40).map(sorted),
    st.floats(0.5, 120),
    st.sampled_from([1.0, 5.0, 25.0]),
)
def test_spans_and_gaps_are_the_whole_video(t_s, duration_s, fps):
    spans, gaps = _stretches(np.array(t_s), duration_s, fps)
    both = np.concatenate([spans, gaps])
    both = both[np.argsort(both[:, 0], kind="stable")]
    assert both[0, 0] == 0.0
    assert both[-1, 1] == max(duration_s, t_s[-1])
    np.testing.assert_array_equal(both[1:, 0], both[:-1, 1])
    for t in t_s:
        assert not ((gaps[:, 0] < t) & (t < gaps[:, 1])).any()
