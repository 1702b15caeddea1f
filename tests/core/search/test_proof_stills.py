from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core import tracks
from core.errors import LibraryError
from core.search import proof_stills
from core.search.proof_stills import ProofStills
from core.tracking.camera import CameraPath, CameraStep
from core.video.decode import Frame
from core.video.overlay import GOOD, MAIN, RELATED

WIDTH, HEIGHT, FRAMES = 960, 540, 100


def path_of(x_px: Any, y_px: Any = 300.0) -> tracks.Path:
    """An object of 60 x 40 pixels whose centre goes over these points, 25 a second."""
    x, y = np.broadcast_arrays(np.asarray(x_px, np.float64), np.asarray(y_px, np.float64))
    boxes = np.stack([x - 30, y - 20, x + 30, y + 20], axis=1).astype(np.float32)
    frame = np.arange(len(x), dtype=np.int32)
    flags = np.zeros(len(x), np.bool_)
    return tracks.Path(frame, frame / 25.0, boxes, np.ones(len(x), np.float32), flags)


class Shard(SimpleNamespace):
    """What is asked of `core.library.shard.Shard`."""

    video_id = "v"

    def __init__(self, paths: dict[int, tracks.Path], camera: CameraPath | None = None) -> None:
        super().__init__(paths=paths, looked=camera or CameraPath.standing())
        self.meta = SimpleNamespace(name="a.mp4", width=WIDTH, height=HEIGHT)

    def tracks(self) -> Any:
        ids = np.array(list(self.paths), np.int32)
        names = np.array(["car"] * len(ids))
        row_of = {int(k): row for row, k in enumerate(ids)}.__getitem__
        return SimpleNamespace(track_id=ids, class_name=names, row_of=row_of)

    def path_of(self, track_id: int) -> tracks.Path:
        return self.paths[track_id]

    def camera(self) -> CameraPath:
        return self.looked

    def events(self) -> Any:
        return SimpleNamespace(
            track_id=np.array([1, 1], np.int32),
            kind=np.array(["turn_left", "stop"]),
            t0_s=np.array([0.0, 1.0]),
            t1_s=np.array([3.0, 2.5]),
            numbers=[{"degrees": -84.2}, {}],
        )


def library(**zones: Any) -> Any:
    return SimpleNamespace(
        resolve=lambda _video, track: track,
        video=lambda _video: "record",
        zones=SimpleNamespace(named=lambda name: zones.get(name, [])),
    )


@pytest.fixture(autouse=True)
def grey(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Frames are grey; the times that were asked for."""
    asked: list[float] = []

    def frame_at(_path: Path, t_s: float) -> Frame:
        asked.append(t_s)
        return Frame(round(t_s * 25), t_s, np.full((HEIGHT, WIDTH, 3), 90, np.uint8))

    monkeypatch.setattr(proof_stills, "frame_at", frame_at)
    return asked


def stills(paths: dict[int, tracks.Path], camera: CameraPath | None = None, **zones: Any) -> Any:
    return ProofStills(library(**zones), Shard(paths, camera), Path("a.mp4"))  # type: ignore[arg-type]


def coloured(image: Any, colour: Any) -> Any:
    """(N, 2) x, y of the pixels of a colour."""
    y, x = np.nonzero(np.abs(image.astype(int) - colour).max(axis=2) < 30)
    return np.stack([x, y], axis=1)


ACROSS = path_of(np.linspace(100, 860, FRAMES))


def test_a_path_leads_from_where_it_began_to_the_box_at_its_end(grey):
    drawn = stills({1: ACROSS}).path(1, 0.0, 3.96)
    found = coloured(drawn, MAIN)
    assert grey == [pytest.approx(3.96)]
    assert drawn.shape == (HEIGHT, WIDTH, 3)
    scale = WIDTH / drawn.shape[1]
    assert np.ptp(found[:, 0]) * scale > 0.7 * 760
    assert np.ptp(found[:, 1]) < 60


def test_a_small_path_is_shown_close():
    small = path_of(np.linspace(460, 500, FRAMES))
    drawn = coloured(stills({1: small}).path(1, 0.0, 3.96), MAIN)
    assert np.ptp(drawn[:, 0]) > 1.8 * 60  # the width of its box in the whole picture


def test_all_pieces_of_a_broken_path_are_drawn():
    """It is out of sight between the pieces for longer than a path is carried on."""
    there = ACROSS
    rows = np.r_[0:30, 70:100]
    times = there.t_s.copy()
    times[70:] += 4.0
    broken = tracks.Path(
        there.frame[rows], times[rows], there.xyxy[rows], there.confidence[rows],
        there.interpolated[rows],
    )  # fmt: skip
    found = coloured(stills({1: broken}).path(1, 0.0, 8.0), MAIN)
    columns = np.unique(found[:, 0])
    gap = np.flatnonzero(np.diff(columns) > 50)
    assert len(gap) == 1
    assert columns[gap[0]] - columns[0] > 150
    assert columns[-1] - columns[gap[0] + 1] > 150


def test_others_are_drawn_in_a_second_colour():
    drawn = stills({1: ACROSS, 2: path_of(np.linspace(200, 900, FRAMES), 400.0)})
    image = drawn.path(1, 0.0, 3.96, others=[2])
    first, second = coloured(image, MAIN), coloured(image, RELATED)
    assert len(second) > 500
    assert np.median(second[:, 1]) > np.median(first[:, 1]) + 50


def test_the_degrees_are_written_beside_it():
    bare, said = (stills({1: ACROSS}).path(1, 0.0, 3.0, event=kind) for kind in ("", "turn_left"))
    assert len(coloured(said, MAIN)) > len(coloured(bare, MAIN)) + 1500  # the tag, the dashes
    unknown = stills({1: ACROSS}).path(1, 0.0, 3.0, event="dancing")
    assert (unknown == bare).all()


def test_a_stored_line_is_drawn_only_where_it_lies():
    here = SimpleNamespace(points=((0.5, 0.1), (0.5, 0.9)), lies_in=lambda _record: True)
    elsewhere = SimpleNamespace(points=((0.5, 0.1), (0.5, 0.9)), lies_in=lambda _record: False)
    words = "crosses line[gate]"
    with_line = stills({1: ACROSS}, gate=[here]).path(1, 0.0, 3.96, drawn=words)
    without = stills({1: ACROSS}, gate=[elsewhere]).path(1, 0.0, 3.96, drawn=words)
    assert len(coloured(with_line, GOOD)) > 300
    assert len(coloured(without, GOOD)) == 0


def test_a_camera_that_pans_does_not_bend_the_path():
    """The object stands on the ground, the camera turns: its path on the last frame is a dot."""
    steps = []
    for frame in range(FRAMES):
        view = np.eye(3)
        view[0, 2] = 5.0 * frame  # what is seen at x was at x + 5 a frame in the first one
        steps.append(CameraStep(np.array([[1.0, 0, -5.0], [0, 1, 0]]), view=view))
    frames = np.arange(FRAMES, dtype=np.int32)
    camera = CameraPath.of(frames, frames / 25.0, steps)
    standing = path_of(700.0 - 5.0 * np.arange(FRAMES))
    seen = coloured(stills({1: standing}, camera).path(1, 0.0, 3.96), MAIN)
    moved = coloured(stills({1: standing}).path(1, 0.0, 3.96), MAIN)
    assert np.ptp(seen[:, 0]) < 0.5 * np.ptp(moved[:, 0])


def test_a_close_up_shows_when_the_object_is_largest_and_whole(grey):
    x = np.linspace(-20, 980, FRAMES)  # comes in at one side, leaves at the other
    path = path_of(x)
    path.xyxy[40:45, 1] -= 40  # taller for a moment
    drawn = stills({1: path}).close_up([1], 0.0, 3.96)
    assert drawn.shape == (240, 540, 3)
    assert 40 <= grey[0] * 25 <= 45


def test_a_group_is_marked_at_one_time(grey):
    image = stills({1: ACROSS, 2: path_of(np.full(FRAMES, 300.0), 450.0)}).group([1, 2], 2.0)
    assert grey == [2.0]
    assert len(coloured(image, MAIN)) > 300
    assert len(coloured(image, RELATED)) > 300


def test_an_object_that_is_not_there_is_named():
    with pytest.raises(LibraryError, match="no object #9 in a"):
        stills({1: ACROSS}).path(9, 0.0, 1.0)
