"""Reading a video: decode, detect, follow, encode and write, overlapped in threads.

    decode thread -> detect thread -> caller: association, crop choice, scenes -> encode+write
    thread

Batches never reach over the end of a segment, so what the models are given does not depend on where
an earlier run was stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from core.attributes.colour import COLOURS, crop_colour
from core.detections import Bool, Detections, Float32, Image, Int32
from core.errors import Cancelled
from core.ingest.flow import Busy, Channel, Flow
from core.ingest.progress import ProgressMeter
from core.ingest.scenes import SceneFinder, SceneFrame
from core.ingest.segments import Segment, SegmentCrops, Segments, SegmentScenes
from core.models.detector import Detector, FrameDetector, boxes_in
from core.models.encoder import Encoder
from core.tracking.camera import CameraPath, CameraStep
from core.tracking.camera_motion import Memory
from core.tracking.crops import CropCandidate
from core.tracking.following import Follower, FrameLooks
from core.tracking.given import GivenTracks
from core.video.decode import DecodeReport, Frame, sample
from core.video.stills import encode_jpeg

_T = TypeVar("_T")
_BATCH_BYTES = 64 << 20  # of decoded frames: an 8k video is detected one frame at a time


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """Numbers of the reading; all of them are pinned in the work folder of a video.

    segment_s: seconds of video written at once. detect_batch, encode_batch: most pictures a call.
    scene_s: length of a scene where there is no cut. looks_below_fps: frame rate below which
    association looks at doubtful boxes even where describing them is dear. crop_quality,
    scene_quality: of their JPEGs.
    """

    segment_s: float = 20.0
    detect_batch: int = 8
    encode_batch: int = 32
    scene_s: float = 2.0
    looks_below_fps: float = 12.0
    crop_quality: int = 90
    scene_quality: int = 82

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Frames of one size and one segment; `ends` closes it, `following` begins the next."""

    number: int
    frames: list[Frame]
    ends: bool
    following: Frame | None


@dataclass(frozen=True, slots=True)
class _Seen:
    batch: _Batch
    detections: list[Detections]


@dataclass(slots=True)
class _Draft:
    """A segment before its pictures are encoded."""

    number: int
    frame: list[int] = field(default_factory=list)
    t_s: list[float] = field(default_factory=list)
    detections: list[Detections] = field(default_factory=list)
    tracklet_id: list[Int32] = field(default_factory=list)
    crops: list[CropCandidate] = field(default_factory=list)
    scenes: list[SceneFrame] = field(default_factory=list)
    steps: list[CameraStep] = field(default_factory=list)
    looks: list[FrameLooks] = field(default_factory=list)
    camera: Memory = field(default_factory=dict)
    next_index: int | None = None
    next_s: float | None = None


class Reader:
    """Reads one video from where its segments end to the end of the file."""

    def __init__(
        self,
        path: Path,
        segments: Segments,
        detector: Detector | FrameDetector,
        encoder: Encoder,
        sample_fps: float | None,
        video_fps: float,
        settings: ReadingSettings,
        busy: Busy,
    ) -> None:
        self._path = path
        self._segments = segments
        self._detector = detector
        self._encoder = encoder
        self._sample_fps = sample_fps
        self._settings = settings
        self._busy = busy
        given = detector if isinstance(detector, GivenTracks) else None
        fps = min(sample_fps or video_fps, video_fps)
        looks = encoder.quick or fps < settings.looks_below_fps
        self._follower = Follower(
            detector.class_names,
            describe=self._described if looks else None,
            tracker=given,
        )
        self._scenes = SceneFinder(settings.scene_s)
        self.decoded = DecodeReport()
        self.frames = 0
        self.encoded = 0

    def read(
        self,
        done: Sequence[Segment],
        meter: ProgressMeter,
        cancelled: Callable[[], bool],
        on_segment: Callable[[float], None],
    ) -> None:
        """Write the segments that are missing after `done`.

        on_segment is told, from another thread, up to what second the work is safe on disk.
        Raises Cancelled on request; whole segments stay.
        """
        with self._busy.on("track"):
            self._replay(done)
        if done and done[-1].next_index is None:
            return
        with Flow() as flow:
            batches: Channel[_Batch] = flow.channel(1)
            seen: Channel[_Seen] = flow.channel(1)
            drafts: Channel[_Draft] = flow.channel(1)
            flow.feed("decode", lambda: self._decode(done[-1] if done else None), batches)
            flow.feed("detect", lambda: self._detect(batches), seen)
            flow.stage("encode", lambda: self._write(drafts, on_segment))
            draft: _Draft | None = None
            for item in seen:
                if cancelled():
                    raise Cancelled(
                        "Stopped; what was finished is kept, and adding it again goes on."
                    )
                draft = draft or self._new_draft(item.batch.number)
                with self._busy.on("track"):
                    self._follow(item, draft)
                meter.tell("reading", draft.t_s[-1])
                if item.batch.ends:
                    self._finish(draft, item.batch)
                    drafts.put(draft)
                    draft = None
            drafts.close()
            flow.wait()

    # --- decode ------------------------------------------------------------------------------

    def _decode(self, last: Segment | None) -> Iterator[_Batch]:
        start_s = last.next_s if last is not None and last.next_s is not None else 0.0
        frames = sample(
            self._path,
            self._sample_fps,
            start_s=start_s,
            start_index=last.next_index if last is not None else None,
            report=self.decoded,
        )
        held: list[Frame] = []
        for frame in _timed(frames, lambda s: self._busy.add("decode", s)):
            number = self._number(frame)
            if held and number != self._number(held[0]):
                yield _Batch(self._number(held[0]), held, ends=True, following=frame)
                held = []
            elif held and (len(held) >= self._limit(held[0]) or _size(frame) != _size(held[0])):
                yield _Batch(number, held, ends=False, following=None)
                held = []
            held.append(frame)
        if held:
            yield _Batch(self._number(held[0]), held, ends=True, following=None)

    def _number(self, frame: Frame) -> int:
        return int(frame.t_s // self._settings.segment_s)

    def _limit(self, frame: Frame) -> int:
        return max(1, min(self._settings.detect_batch, _BATCH_BYTES // max(frame.image.nbytes, 1)))

    # --- detect ------------------------------------------------------------------------------

    def _detect(self, batches: Channel[_Batch]) -> Iterator[_Seen]:
        for batch in batches:
            with self._busy.on("detect"):
                found = boxes_in(batch.frames, self._detector)
            yield _Seen(
                batch,
                [
                    Detections.of_frame(f.index, f.t_s, b.xyxy, b.confidence, b.class_id)
                    for f, b in zip(batch.frames, found, strict=True)
                ],
            )

    # --- association, crops, scenes ----------------------------------------------------------

    def _replay(self, done: Sequence[Segment]) -> None:
        """Bring the tracker to where the last run left it."""
        for segment in done:
            for detections, step, looked in segment.followed():
                self._follower.replay(detections, step, looked)
            self.frames += len(segment.frame)
        if done:
            self._follower.recall(self._segments.camera_memory(done[-1].number))

    def _new_draft(self, number: int) -> _Draft:
        self._scenes = SceneFinder(self._settings.scene_s)
        return _Draft(number)

    def _follow(self, item: _Seen, draft: _Draft) -> None:
        for frame, detections in zip(item.batch.frames, item.detections, strict=True):
            ids = self._follower.follow(frame.image, detections)
            self._scenes.offer(frame)
            draft.frame.append(frame.index)
            draft.t_s.append(frame.t_s)
            draft.detections.append(detections)
            draft.tracklet_id.append(ids)
            self.frames += 1

    def _finish(self, draft: _Draft, batch: _Batch) -> None:
        if batch.following is not None:
            draft.next_index, draft.next_s = batch.following.index, batch.following.t_s
        step_s = 1.0 / self._sample_fps if self._sample_fps else 0.0
        end_s = draft.next_s if draft.next_s is not None else draft.t_s[-1] + step_s
        draft.crops = self._follower.take_crops()
        draft.steps = self._follower.take_steps()
        draft.looks = self._follower.take_looks()
        draft.camera = self._follower.camera_memory()
        draft.scenes = self._scenes.flush(end_s)

    # --- encode, write -----------------------------------------------------------------------

    def _write(self, drafts: Channel[_Draft], on_segment: Callable[[float], None]) -> None:
        for draft in drafts:
            with self._busy.on("encode"):
                crop_vectors = self._crop_vectors(draft.crops)
                scene_vectors = self._encode([scene.image for scene in draft.scenes])
                classes = self._classes(draft)
                colours = [crop_colour(crop, classes[crop.tracklet_id]) for crop in draft.crops]
            with self._busy.on("write"):
                segment = _segment(draft, crop_vectors, colours, scene_vectors)
                settings = self._settings
                self._segments.write(
                    segment,
                    (encode_jpeg(crop.image, settings.crop_quality) for crop in draft.crops),
                    (encode_jpeg(scene.image, settings.scene_quality) for scene in draft.scenes),
                    draft.camera,
                )
            on_segment(draft.next_s if draft.next_s is not None else draft.t_s[-1])

    def _classes(self, draft: _Draft) -> dict[int, str]:
        """Tracklet -> a class of its boxes; all of them are of one group, which is what counts."""
        return {
            tracklet: self._detector.class_names[class_id]
            for ids, found in zip(draft.tracklet_id, draft.detections, strict=True)
            for tracklet, class_id in zip(ids.tolist(), found.class_id.tolist(), strict=True)
        }

    def _crop_vectors(self, crops: Sequence[CropCandidate]) -> npt.NDArray[np.float16]:
        """(N, D) vectors of the crops; those that association has looked at have theirs."""
        vectors = np.zeros((len(crops), self._encoder.dim), np.float16)
        new = [row for row, crop in enumerate(crops) if crop.vector is None]
        vectors[new] = self._encode([crops[row].image for row in new])
        for row, crop in enumerate(crops):
            if crop.vector is not None:
                vectors[row] = crop.vector
        return vectors

    def _described(self, images: Sequence[Image]) -> Float32:
        """Vectors of the boxes of one frame, for association."""
        self.encoded += len(images)
        with self._busy.on("look"):
            return self._encoder.encode_images(images)

    def _encode(self, images: list[Image]) -> npt.NDArray[np.float16]:
        size = self._settings.encode_batch
        parts = [
            self._encoder.encode_images(images[start : start + size]).astype(np.float16)
            for start in range(0, len(images), size)
        ]
        self.encoded += len(images)
        return np.concatenate([*parts, np.zeros((0, self._encoder.dim), np.float16)])


def _segment(
    draft: _Draft,
    crop_vectors: npt.NDArray[np.float16],
    colours: list[Float32],
    scene_vectors: npt.NDArray[np.float16],
) -> Segment:
    crops, scenes = draft.crops, draft.scenes
    return Segment(
        number=draft.number,
        camera=CameraPath.of(
            np.asarray(draft.frame, np.int32), np.asarray(draft.t_s, np.float64), draft.steps
        ),
        step=np.stack([step.matrix for step in draft.steps]),
        detections=Detections.concatenate(draft.detections),
        tracklet_id=np.concatenate([*draft.tracklet_id, np.zeros(0, np.int32)]).astype(np.int32),
        looked=_looked(draft),
        looks=np.concatenate(
            [
                *(look.vectors for look in draft.looks if len(look.rows)),
                np.zeros((0, crop_vectors.shape[1]), np.float16),
            ]
        ),
        crops=SegmentCrops(
            tracklet_id=np.asarray([c.tracklet_id for c in crops], np.int32),
            frame=np.asarray([c.frame for c in crops], np.int32),
            t_s=np.asarray([c.t_s for c in crops], np.float64),
            xyxy=np.asarray([c.xyxy for c in crops], np.float32).reshape(-1, 4),
            quality=np.asarray([c.quality for c in crops], np.float32),
            colour=np.asarray(colours, np.float32).reshape(-1, len(COLOURS)),
            vectors=crop_vectors,
        ),
        scenes=SegmentScenes(
            t0_s=np.asarray([s.t0_s for s in scenes], np.float64),
            t1_s=np.asarray([s.t1_s for s in scenes], np.float64),
            frame=np.asarray([s.frame for s in scenes], np.int32),
            t_s=np.asarray([s.t_s for s in scenes], np.float64),
            vectors=scene_vectors,
        ),
        next_index=draft.next_index,
        next_s=draft.next_s,
    )


def _looked(draft: _Draft) -> Bool:
    """(N,) which boxes of a segment association has looked at."""
    parts = []
    for found, look in zip(draft.detections, draft.looks, strict=True):
        looked = np.zeros(len(found), np.bool_)
        looked[look.rows] = True
        parts.append(looked)
    return np.concatenate([*parts, np.zeros(0, np.bool_)])


def _size(frame: Frame) -> tuple[int, ...]:
    return frame.image.shape


def _timed(items: Iterator[_T], spent: Callable[[float], None]) -> Iterator[_T]:
    """The same items; `spent` is told the seconds each took to make."""
    while True:
        busy = Busy()
        with busy.on("next"):
            item = next(items, None)
        spent(busy.seconds()["next"])
        if item is None:
            return
        yield item
