"""Boxes and tracks made elsewhere, all the way into a library and out again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core import cli
from core.errors import Cancelled, VideoError
from core.ingest.pipeline import ingest_video
from core.ingest.reading import ReadingSettings
from core.library.export import boxes_of
from core.library.library import Library
from core.tracking.given import GivenBoxes, GivenTracks
from tests.core.evaluate.hand_made import FPS, Row, traffic_rows
from tests.fakes import PROFILE, FakeEncoder, clip


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("given") / "street.mp4", 4.0, FPS)


def boxes_file(folder: Path, rows: list[Row], confidence: float = 0.9) -> Path:
    path = folder / "boxes.txt"
    lines = [f"{f + 1},{i},{x},{y},{r - x},{b - y},{confidence}" for f, i, x, y, r, b in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def ingested(folder: Path, video: Path, given: GivenBoxes, **more: object) -> Library:
    library = Library.open(folder / "library")
    ingest_video(library, video, given, FakeEncoder(), given.profile(PROFILE), **more)  # type: ignore[arg-type]
    return library


def test_detections_are_followed(tmp_path: Path, video: Path):
    rows = traffic_rows()
    library = ingested(tmp_path, video, GivenBoxes(boxes_file(tmp_path, rows), "person"))
    shard = library.shard(library.ready()[0].video_id)
    assert shard.meta.class_names == ("person",)
    kept = shard.detections().detections
    assert len(kept) == len(rows)
    drawn = sorted((f, *box) for f, _, *box in rows)
    found = sorted(zip(kept.frame.tolist(), *kept.xyxy.T.tolist(), strict=True))
    assert np.allclose(drawn, found, atol=0.01)
    assert set(shard.tracks().class_name.tolist()) == {"person"}
    assert len(shard.tracks()) == len({number for _, number, *_ in rows})
    assert len(shard.crops()) > 0


def test_tracks_stay_as_they_are(tmp_path: Path, video: Path):
    """One mover is cut in two with a gap that Vidtrail would bridge, two others are one track."""
    names = {1: 50, 2: 7, 3: 7, 4: 9}
    taken: dict[tuple[int, int], Row] = {}
    for f, i, *box in traffic_rows():
        number = names[i] if i != 1 or f < 20 else 51
        taken.setdefault((f, number), (f, number, *box))
    rows = [row for (f, number), row in taken.items() if number not in (50, 51) or f != 20]
    library = ingested(tmp_path, video, GivenTracks(boxes_file(tmp_path, rows), "car"))
    boxes = boxes_of(library.shard(library.ready()[0].video_id), detected_only=True)
    given = {number: sorted(r[0] for r in rows if r[1] == number) for number in (50, 51, 7, 9)}
    found = [sorted(boxes.frame[boxes.track_id == t].tolist()) for t in np.unique(boxes.track_id)]
    assert sorted(found) == sorted(given.values())


def test_goes_on_where_it_was_stopped(tmp_path: Path, video: Path):
    path = boxes_file(tmp_path, traffic_rows())
    settings = ReadingSettings(segment_s=1.0)
    whole = ingested(tmp_path / "whole", video, GivenTracks(path, "car"), settings=settings)
    asked = iter([False] * 4 + [True] * 9)
    with pytest.raises(Cancelled):
        ingested(
            tmp_path / "parts", video, GivenTracks(path, "car"), settings=settings,
            cancelled=lambda: next(asked),
        )  # fmt: skip
    parts = ingested(tmp_path / "parts", video, GivenTracks(path, "car"), settings=settings)
    one, other = (boxes_of(lib.shard(lib.ready()[0].video_id)) for lib in (whole, parts))
    assert np.array_equal(one.track_id, other.track_id)
    assert np.array_equal(one.xyxy, other.xyxy)


def test_boxes_of_another_video_change_nothing(tmp_path: Path, video: Path):
    rows = traffic_rows(60)
    with pytest.raises(VideoError, match="has boxes in frame 60, and the video has 40 frames"):
        ingested(tmp_path, video, GivenBoxes(boxes_file(tmp_path, rows), "person"))
    with Library.open(tmp_path / "library") as library:
        assert library.videos() == []


class TestCommand:
    @pytest.fixture(autouse=True)
    def _encoder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("core.models.load.load_encoder", lambda *_, **__: FakeEncoder())

    def add(self, *arguments: object) -> int:
        return cli.main(["add", *(str(argument) for argument in arguments)])

    def test_export_and_import_give_the_same_tracks(self, tmp_path: Path, video: Path):
        path = boxes_file(tmp_path, traffic_rows())
        first, second = tmp_path / "first", tmp_path / "second"
        out, back = tmp_path / "out.txt", tmp_path / "back.txt"
        assert self.add(video, "--detections", path, "--library", first) == 0
        assert cli.main(["export", "street", "--library", str(first), "--out", str(out)]) == 0
        more = ("--class-name", "truck", "--library", second)
        assert self.add(video, "--tracks", out, *more) == 0
        assert cli.main(["export", "street", "--library", str(second), "--out", str(back)]) == 0
        assert back.read_text(encoding="utf-8") == out.read_text(encoding="utf-8")
        with Library.open(second) as library:
            shard = library.shard(library.ready()[0].video_id)
            assert set(shard.tracks().class_name.tolist()) == {"truck"}

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["{video}", "{video}", "--tracks", "{file}"], "belong to one video"),
            (["{tmp}", "--detections", "{file}"], "belong to one video"),
            (["{video}", "--detections", "{file}", "--detector", "x.pt"], "give one of them"),
            (["{video}", "--class-name", "dog"], "--class-name names the boxes"),
            (["{video}", "--detections", "{tmp}/no.txt"], "no.txt cannot be read"),
        ],
    )
    def test_what_is_wrong_is_a_sentence(
        self,
        tmp_path: Path,
        video: Path,
        capsys: pytest.CaptureFixture[str],
        arguments: list[str],
        said: str,
    ):
        file = boxes_file(tmp_path, traffic_rows())
        given = [text.format(tmp=tmp_path, video=video, file=file) for text in arguments]
        assert self.add(*given, "--library", tmp_path / "library") == 2
        assert said in capsys.readouterr().err

    def test_another_class_is_another_reading(
        self, tmp_path: Path, video: Path, capsys: pytest.CaptureFixture[str]
    ):
        path = boxes_file(tmp_path, traffic_rows())
        where = ("--library", tmp_path / "library")
        assert self.add(video, "--tracks", path, *where) == 0
        assert self.add(video, "--tracks", path, *where) == 0
        assert self.add(video, "--tracks", path, "--class-name", "dog", *where) == 1
        assert "remove it first" in capsys.readouterr().err
