"""One video from file to shard; can be killed anywhere and goes on where whole segments end."""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from core.errors import Cancelled, LibraryError
from core.ingest.finish import finish
from core.ingest.flow import Busy
from core.ingest.progress import OnProgress, ProgressMeter
from core.ingest.reading import Reader, ReadingSettings
from core.ingest.segments import Pinned, Segments
from core.library.catalog import State, VideoRecord, now
from core.library.files import writing_to
from core.library.library import Library
from core.library.meta import ShardMeta
from core.models.detector import Detector, FrameDetector, boxes_in
from core.models.encoder import Encoder
from core.models.profile import Profile
from core.tracking.given import AS_GIVEN, GivenBoxes, GivenTracks
from core.video.probe import VideoInfo, probe
from core.video.stills import frame_at

_log = logging.getLogger(__name__)
SOFTWARE = "0.3"  # goes up when the same video would give other numbers


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What reading one video took.

    wall_s: of this run. resumed_s: seconds of video an earlier run had finished. busy_s: stage ->
    seconds it worked (decode, detect, track, encode, write, link); stages overlap, so they add up
    to more than wall_s. encoded: pictures given to the encoder in this run.
    damaged_packets: pieces of the file that could not be decoded in this run.
    peak_memory_mb: of the whole process so far.
    """

    video_id: str
    name: str
    duration_s: float
    resumed_s: float
    wall_s: float
    busy_s: Mapping[str, float]
    frames: int
    encoded: int
    detections: int
    tracks: int
    crops: int
    scenes: int
    notes: tuple[str, ...]
    damaged_packets: int
    peak_memory_mb: float

    @property
    def speed(self) -> float:
        """Seconds of video a second of this run."""
        return (self.duration_s - self.resumed_s) / max(self.wall_s, 1e-9)


def _never() -> bool:
    return False


def ingest_video(
    library: Library,
    path: Path,
    detector: Detector | FrameDetector,
    encoder: Encoder,
    profile: Profile,
    progress: OnProgress | None = None,
    *,
    cancelled: Callable[[], bool] = _never,
    settings: ReadingSettings | None = None,
    info: VideoInfo | None = None,
) -> IngestReport:
    """Read a video into the library; goes on where an earlier run of the same content stopped.

    info: what `probe` said of `path`, where the caller knows it already.
    Raises VideoError for a file that is no usable video, LibraryError when the library cannot be
    written to or has the video already, Cancelled when `cancelled` says so.
    """
    settings = settings or ReadingSettings()
    info = info or probe(path)
    if isinstance(detector, GivenBoxes):
        detector.check_length(info.frame_count)
    with library.writing():
        known = library.catalog.video(info.video_id)
        if known is not None and known.state in ("ready", "damaged"):
            raise LibraryError(
                f"{known.name} is in the library already: remove it first "
                f"(`vidtrail remove {known.video_id}`), to read it again."
            )
        fingerprint = profile.fingerprint()
        library.catalog.put_profile(
            fingerprint, profile.name, json.dumps(asdict(profile), default=str, sort_keys=True)
        )
        library.catalog.put_video(_record(info, profile, fingerprint, encoder, known))
        models = _Models(detector, encoder, profile, fingerprint)
        try:
            with writing_to(library.path):
                return _ingest(library, info, models, progress, cancelled, settings)
        except BaseException as error:
            _note_interruption(library, info, error)
            raise


def _ingest(
    library: Library,
    info: VideoInfo,
    models: _Models,
    progress: OnProgress | None,
    cancelled: Callable[[], bool],
    settings: ReadingSettings,
) -> IngestReport:
    began = time.perf_counter()
    busy = Busy()
    profile = models.profile
    with busy.on("start"):
        warm_up(info.path, models.detector, models.encoder)
    segments = Segments(library.work_folder(info.video_id))
    done = segments.begin(
        Pinned(
            video_id=info.video_id,
            profile_fingerprint=models.fingerprint,
            detector=models.detector.name,
            encoder=models.encoder.name,
            detector_runtime=runtime_of(models.detector) or "",
            encoder_runtime=runtime_of(models.encoder) or "",
            software=SOFTWARE,
            settings=settings.to_json(),
        )
    )
    resumed_s = 0.0
    if done:
        resumed_s = done[-1].next_s if done[-1].next_s is not None else info.duration_s
        _log.info("%s: going on at %.1f s", info.path.name, resumed_s)
    meter = ProgressMeter(info.duration_s, resumed_s, progress)
    meter.tell("reading", resumed_s, always=True)
    reader = Reader(
        info.path,
        segments,
        models.detector,
        models.encoder,
        profile.sample_fps or None,
        info.fps,
        settings,
        busy,
    )
    reader.read(done, meter, cancelled, lambda s: library.catalog.set_done(info.video_id, s))
    if cancelled():
        raise Cancelled("Stopped; what was finished is kept, and adding it again goes on.")
    meter.tell("linking", info.duration_s, always=True)
    with busy.on("write"):
        parts = segments.all()
    meta = finish(
        library.shard_folder(info.video_id),
        _meta(info, models),
        segments,
        parts,
        busy,
        AS_GIVEN if isinstance(models.detector, GivenTracks) else None,
    )
    library.adopt(info.video_id)
    meter.tell("writing", info.duration_s, always=True)
    return IngestReport(
        video_id=info.video_id,
        name=info.path.name,
        duration_s=info.duration_s,
        resumed_s=resumed_s,
        wall_s=time.perf_counter() - began,
        busy_s=busy.seconds(),
        frames=meta.frames,
        encoded=reader.encoded,
        detections=meta.counts["detections"],
        tracks=meta.counts["tracks"],
        crops=meta.counts["crops"],
        scenes=meta.counts["scenes"],
        notes=meta.notes,
        damaged_packets=reader.decoded.damaged_packets,
        peak_memory_mb=peak_memory_mb(),
    )


@dataclass(frozen=True, slots=True)
class _Models:
    """What a video is read with."""

    detector: Detector | FrameDetector
    encoder: Encoder
    profile: Profile
    fingerprint: str


def warm_up(
    path: Path, detector: Detector | FrameDetector, encoder: Encoder, *, anyway: bool = False
) -> None:
    """Let models that choose their runtime at the first picture do so, on a real one.

    The runtime is part of what a run is pinned to, so it must be known before the first segment.
    anyway: also where it is known, to see that it works. Raises ModelError when it does not.
    """
    if not anyway and None not in (runtime_of(detector), runtime_of(encoder)):
        return
    frame = frame_at(path, 0.0)
    if anyway or runtime_of(detector) is None:
        boxes_in([frame], detector)
    if anyway or runtime_of(encoder) is None:
        encoder.encode_images([frame.image])


def runtime_of(model: Detector | FrameDetector | Encoder) -> str | None:
    """What a model runs on: None where it has not chosen yet, "" where it never says."""
    said = getattr(model, "runtime", "")
    return None if said is None else str(said)


def _meta(info: VideoInfo, models: _Models) -> ShardMeta:
    return ShardMeta(
        video_id=info.video_id,
        name=info.path.name,
        path=str(info.path.absolute()),
        duration_s=info.duration_s,
        fps=info.fps,
        sample_fps=models.profile.sample_fps or 0.0,
        frames=0,
        width=info.width,
        height=info.height,
        codec=info.codec,
        size_bytes=info.size_bytes,
        class_names=models.detector.class_names,
        detector=models.detector.name,
        encoder=models.encoder.name,
        encoder_dim=models.encoder.dim,
        profile_name=models.profile.name,
        profile_fingerprint=models.fingerprint,
        runtime=" + ".join(
            said for m in (models.detector, models.encoder) if (said := runtime_of(m))
        ),
        software=SOFTWARE,
    )


def _record(
    info: VideoInfo,
    profile: Profile,
    fingerprint: str,
    encoder: Encoder,
    known: VideoRecord | None,
) -> VideoRecord:
    return VideoRecord(
        video_id=info.video_id,
        name=info.path.name,
        path=str(info.path.absolute()),
        duration_s=info.duration_s,
        width=info.width,
        height=info.height,
        fps=info.fps,
        size_bytes=info.size_bytes,
        state="ingesting",
        error="",
        profile_name=profile.name,
        profile_fingerprint=fingerprint,
        encoder=encoder.name,
        n_tracks=0,
        done_s=known.done_s if known else 0.0,
        shard_checksum="",
        added_at=known.added_at if known else now(),
    )


def _note_interruption(library: Library, info: VideoInfo, error: BaseException) -> None:
    """Say in the catalog why the video is not ready; where even that fails, the next open does."""
    state: State = "interrupted"
    reason = str(error) if isinstance(error, (LibraryError, Cancelled)) else ""
    said = reason or (
        f"Reading {info.path.name} was interrupted: run `vidtrail add` with it again to continue."
    )
    with contextlib.suppress(LibraryError, sqlite3.Error, OSError):
        library.catalog.set_state(info.video_id, state, said)


def peak_memory_mb() -> float:
    """Most memory this process has held at once, in MB; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    most = float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return most / 1e6 if sys.platform == "darwin" else most / 1e3
