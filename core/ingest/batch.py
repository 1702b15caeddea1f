"""Files and folders into the library: each ends in one sentence, and the rest goes on."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from core.errors import Cancelled, LibraryError, ModelError, VideoError
from core.index.vectors import VectorIndex
from core.ingest.pipeline import IngestReport, ingest_video, warm_up
from core.ingest.progress import Progress
from core.ingest.reading import ReadingSettings
from core.ingest.segments import Segments
from core.library.catalog import VideoRecord
from core.library.library import Library
from core.library.renewal import renew
from core.models.detector import Detector, FrameDetector
from core.models.encoder import Encoder
from core.models.profile import Profile
from core.video.container import shown_name
from core.video.probe import VideoInfo, probe

_log = logging.getLogger(__name__)

VIDEO_SUFFIXES = frozenset(
    [
        ".mp4",
        ".m4v",
        ".mov",
        ".mkv",
        ".webm",
        ".avi",
        ".mpg",
        ".mpeg",
        ".ts",
        ".mts",
        ".m2ts",
        ".wmv",
        ".flv",
        ".3gp",
        ".ogv",
        ".mxf",
        ".vob",
    ]
)
Status = Literal["added", "duplicate", "failed", "stopped"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file.

    message: one sentence for people. video_id: "" where the file is no usable video. report: only
    where it was read in this run.
    """

    path: Path
    status: Status
    message: str
    video_id: str = ""
    report: IngestReport | None = None

    @property
    def ok(self) -> bool:
        """Whether the content of the file can be searched now."""
        return self.status in ("added", "duplicate")


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """Which file of how many (from 1), and how far it is."""

    path: Path
    number: int
    count: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class Models:
    """A detector, or boxes found before, and an encoder, loaded."""

    detector: Detector | FrameDetector
    encoder: Encoder


class LoadModels(Protocol):
    """Makes the models of a profile; runtimes: what detector and encoder must run on, if known."""

    def __call__(self, profile: Profile, runtimes: tuple[str, str] | None) -> Models: ...


def add_paths(
    library: Library,
    paths: Sequence[Path | str],
    profile: Profile,
    on_progress: Callable[[BatchProgress], None] | None = None,
    *,
    on_outcome: Callable[[Outcome], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    load: LoadModels | None = None,
    settings: ReadingSettings | None = None,
) -> list[Outcome]:
    """Add files, and the videos in folders at any depth; one outcome a file.

    load: makes the models, at the first file that needs them (`core.models.load` by default).
    A file without a known suffix is tried when it is named itself, and skipped inside a folder.
    Raises ModelError when the models cannot be had, LibraryError when another process is writing;
    what is wrong with a single file only ends that file.
    """
    outcomes: list[Outcome] = []

    def tell(outcome: Outcome) -> None:
        outcomes.append(outcome)
        if on_outcome is not None:
            on_outcome(outcome)

    with library.writing():
        found = list(_expanded(paths, library.path))
        batch = _Batch(library, profile, load or load_models, settings, cancelled)
        for number, item in enumerate(found, 1):
            if isinstance(item, Outcome):
                tell(item)
            elif cancelled():
                tell(Outcome(item, "stopped", f"{shown_name(item)} was not begun: stopped."))
            else:
                tell(batch.add(item, number, len(found), on_progress))
        if any(outcome.status == "added" for outcome in outcomes):
            batch.update_index()
    return outcomes


def load_models(profile: Profile, runtimes: tuple[str, str] | None = None) -> Models:
    """Detector and encoder of a profile; raises ModelError.

    runtimes: those an interrupted run used, so that it can go on instead of starting again.
    """
    from core.models.load import load_detector, load_encoder

    detector_runtime, encoder_runtime = runtimes or ("", "")
    return Models(
        load_detector(profile, runtime=detector_runtime or None),
        load_encoder(profile, runtime=encoder_runtime or None),
    )


class _Batch:
    """One run over many files: models are loaded once, at the first file that needs them."""

    def __init__(
        self,
        library: Library,
        profile: Profile,
        load: LoadModels,
        settings: ReadingSettings | None,
        cancelled: Callable[[], bool],
    ) -> None:
        self._library = library
        self._profile = profile
        self._fingerprint = profile.fingerprint()
        self._load = load
        self._settings = settings
        self._cancelled = cancelled
        self._models: Models | None = None

    def add(
        self,
        path: Path,
        number: int,
        count: int,
        on_progress: Callable[[BatchProgress], None] | None,
    ) -> Outcome:
        def tell(progress: Progress) -> None:
            if on_progress is not None:
                on_progress(BatchProgress(path, number, count, progress))

        try:
            info = probe(path)
        except VideoError as error:
            return Outcome(path, "failed", str(error))
        known = self._library.catalog.video(info.video_id)
        if known is not None and known.state in ("ready", "damaged"):
            return self._known(path, known)
        if known is None and (back := self._from_bin(path, info.video_id)):
            return back
        if self._models is None:
            self._models = self._first_models(info)
        try:
            return self._read(info, self._models, tell)
        except ModelError:
            raise  # without models no file can go on
        except Cancelled as error:
            return Outcome(path, "stopped", f"{shown_name(path)}: {error}", info.video_id)
        except (VideoError, LibraryError) as error:
            return Outcome(path, "failed", str(error), info.video_id)
        except Exception as error:
            _log.exception("%s could not be read", path)
            said = f"{shown_name(path)} could not be read: {type(error).__name__}: {error}."
            return Outcome(path, "failed", said, info.video_id)

    def _first_models(self, info: VideoInfo) -> Models:
        earlier = Segments(self._library.work_folder(info.video_id)).runtimes()
        models = self._load(self._profile, earlier)
        if earlier is None:
            return models
        try:
            warm_up(info.path, models.detector, models.encoder, anyway=True)
        except ModelError as error:
            _log.warning("%s The video is read again from its start.", error)
            return self._load(self._profile, None)
        return models

    def _read(self, info: VideoInfo, models: Models, tell: Callable[[Progress], None]) -> Outcome:
        report = ingest_video(
            self._library,
            info.path,
            models.detector,
            models.encoder,
            self._profile,
            tell,
            cancelled=self._cancelled,
            settings=self._settings,
            info=info,
        )
        said = f"{shown_name(info.path)} was added: {report.tracks} tracks in {report.wall_s:.1f} s"
        said = f"{said} ({report.speed:.1f} times real time)."
        notes = list(report.notes)
        if report.damaged_packets:
            notes.append(f"{report.damaged_packets} damaged pieces of it were skipped.")
        return Outcome(info.path, "added", " ".join([said, *notes]), info.video_id, report)

    def _from_bin(self, path: Path, video_id: str) -> Outcome | None:
        """A video that was read so and then removed comes back; another one is read anew."""
        bin_ = self._library.bin
        if bin_.fingerprint(video_id) != self._fingerprint:
            return None
        bin_.restore(video_id)
        record = self._library.video(video_id)
        if record.state != "ready":
            return None  # half read when it was removed: reading goes on
        if not Path(record.path).exists():
            self._library.catalog.set_path(video_id, path.name, str(path.absolute()))
        said = f"{shown_name(path)} had been removed and was put back as it was."
        return Outcome(path, "duplicate", said, video_id)

    def _known(self, path: Path, known: VideoRecord) -> Outcome:
        """The same content is there already, under this name or another."""
        name = shown_name(path)
        if known.state == "damaged":
            return Outcome(path, "failed", f"{name}: {known.error}", known.video_id)
        if known.profile_fingerprint != self._fingerprint:
            same = known.profile_name == self._profile.name
            read = (
                f"{'other models or settings of ' if same else ''}the profile {known.profile_name}"
            )
            now = "these" if same else self._profile.name
            said = (
                f"{name} is in the library already, read with {read}: to read it again with {now}, "
                f"remove it first (`vidtrail remove {known.video_id}`)."
            )
            return Outcome(path, "failed", said, known.video_id)
        if known.path != str(path.absolute()) and not Path(known.path).exists():
            self._library.catalog.set_path(known.video_id, path.name, str(path.absolute()))
            said = f"{name} is in the library already; it was moved here from {known.path}."
            return Outcome(path, "duplicate", said, known.video_id)
        if known.name == path.name:
            said = f"{name} is in the library already."
        else:
            said = f"{name} has the same content as {known.name}: already in the library."
        try:
            renewed = renew(self._library, known.video_id)
        except LibraryError as error:
            return Outcome(path, "failed", f"{name}: {error}", known.video_id)
        if renewed:
            said = f"{said} What moved in it was told anew, by all that is known today."
        return Outcome(path, "duplicate", said, known.video_id)

    def update_index(self) -> None:
        if self._models is not None:
            for what in ("crops", "scenes"):
                VectorIndex.open(self._library, self._models.encoder.name, what, gpu=False)


def _expanded(paths: Iterable[Path | str], library: Path) -> Iterator[Path | Outcome]:
    """Files in order, each once; an outcome for a folder that gives none or cannot be read."""
    seen: set[Path] = set()
    for given in paths:
        path = Path(given).expanduser().absolute()
        if not _is_folder(path):
            if path not in seen:
                seen.add(path)
                yield path
            continue
        empty = True
        for item in videos_in(path, library):
            empty = False
            if isinstance(item, Outcome):
                yield item
            elif item not in seen:
                seen.add(item)
                yield item
        if empty:
            yield Outcome(path, "failed", f"The folder {path} holds no video files.")


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False  # a name the system refuses: `probe` says what is wrong with it


def videos_in(folder: Path, library: Path) -> Iterator[Path | Outcome]:
    """Video files below a folder by suffix, in order of their names; hidden ones are left out."""
    refused: list[OSError] = []
    for place, folders, files in os.walk(folder, onerror=refused.append):
        folders[:] = sorted(
            f for f in folders if not f.startswith(".") and Path(place, f) != library
        )
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in VIDEO_SUFFIXES:
                yield Path(place, name)
    for error in refused:
        where = Path(os.fsdecode(error.filename)) if error.filename else folder
        reason = error.strerror or type(error).__name__
        yield Outcome(where, "failed", f"The folder {where} cannot be read: {reason}.")
