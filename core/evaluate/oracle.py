"""A library of what is true: true tracks, true classes and colours, motion from their boxes.

It is written by the library's own writer and searched by the engine as it is, so that what goes
wrong in it is the logic of questions and of motion, and not what was seen. No pictures are needed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np

from core.attributes.colour import COLOURS
from core.detections import Detections, Float32, Image
from core.evaluate.noise import Noise, worsened
from core.evaluate.truth import Boxes, TrueObject, World
from core.library.description import describe
from core.library.library import Library
from core.library.links import link_table
from core.library.meta import ShardMeta
from core.library.shard_writer import ShardContent, write_shard
from core.library.tables import CropTable, DetectionTable, SceneTable
from core.tracking.camera import CameraPath
from core.tracks import Path, Track

KINDS = ("car", "van", "truck", "bus", "motorcycle", "bicycle", "person", "dog")
LEAST_VISIBLE = 0.3  # boxes that show less are on the path, without a detection behind them
LEAST_PX = 8.0
_CROPS = 3
_SCENE_S = 2.0
_SURE = 0.97
_REST = 0.3  # length of what all texts and pictures share, beside one for each word
_VARIANTS = (
    "sedan", "hatchback", "suv", "wagon", "taxi", "panel", "minibus", "box", "flatbed", "pickup",
    "city", "coach", "street", "scooter", "road", "walker", "backpack", "skirt", "large", "small",
)  # fmt: skip
_LIGHTS = ("day", "dusk", "night", "overcast", "rain")
_WORDS = (*COLOURS, *KINDS, *_VARIANTS, *_LIGHTS)
_PLACE = {word: k for k, word in enumerate(_WORDS)}


class OracleEncoder:
    """Texts as the true attributes they name; the vectors of true objects lie in the same space.

    Knows colours, classes, variants and the light of scenes, and no other word.
    """

    name = "oracle"
    dim = len(_WORDS) + 1
    quick = True

    def encode_texts(self, texts: Sequence[str]) -> Float32:
        said = [text.lower().replace(".", " ").replace("-", " ").split() for text in texts]
        return np.array([vector_of(words) for words in said], np.float32).reshape(-1, self.dim)

    def encode_images(self, crops: Sequence[Image]) -> Float32:  # noqa: ARG002
        raise AssertionError("true attributes come from the truth, not from pictures")


def vector_of(words: Sequence[str]) -> Float32:
    """(D,) unit vector of attribute words; words that are none are left out."""
    vector = np.zeros(len(_WORDS) + 1, np.float32)
    vector[-1] = _REST
    vector[[_PLACE[word] for word in words if word in _PLACE]] = 1.0
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def add_world(library: Library, world: World, noise: Noise) -> str:
    """Write what is true of a clip as a video of the library; returns its id.

    Raises LibraryError when the library cannot be written to.
    """
    said = f"{world.name} {noise}".encode()
    video_id = hashlib.blake2b(said, digest_size=12).hexdigest()
    boxes = worsened(world.boxes, noise, world.fps, world.size, world.name)
    boxes = {n: kept for n, one in boxes.items() if len((kept := _plain(one)).frame) >= 2}
    tracks = [
        _track(k + 1, boxes[number], world.objects[number], world.fps)
        for k, number in enumerate(sorted(boxes))
    ]
    looks = [world.objects[number] for number in sorted(boxes)]
    crops = _crops(tracks, looks)
    camera = _camera(world, tracks)
    described = describe(tracks, crops, world.size, camera=camera)
    scenes = _scenes(world)
    content = ShardContent(
        detections=_detections(tracks),
        tracks=tracks,
        table=described.table,
        links=link_table(()),
        events=described.events,
        relations=described.relations,
        crops=crops,
        crop_jpegs=_no_pictures(len(crops)),
        crop_vectors=_crop_vectors(looks),
        scenes=scenes,
        scene_jpegs=_no_pictures(len(scenes)),
        scene_vectors=np.tile(vector_of([world.light]), (len(scenes), 1)).astype(np.float16),
        camera=camera,
    )
    meta = ShardMeta(
        video_id=video_id,
        name=world.video.name,
        path=str(world.video),
        duration_s=world.duration_s,
        fps=world.fps,
        sample_fps=noise.fps,
        frames=world.frames,
        width=world.size.width,
        height=world.size.height,
        codec="none",
        size_bytes=0,
        class_names=KINDS,
        detector=f"truth, {noise}",
        encoder=OracleEncoder.name,
        encoder_dim=OracleEncoder.dim,
        profile_name="oracle",
        profile_fingerprint="oracle",
        runtime="none",
        software="none",
        ground=described.ground,
    )
    with library.writing():
        write_shard(library.shard_folder(video_id), meta, content)
        library.adopt(video_id)
    return video_id


def _plain(boxes: Boxes) -> Boxes:
    """From the first to the last box that shows well; specks are left out."""
    sides = (boxes.xyxy[:, 2:] - boxes.xyxy[:, :2]).max(axis=1)
    well = np.flatnonzero((boxes.visible >= LEAST_VISIBLE) & (sides >= LEAST_PX))
    if not len(well):
        return Boxes(boxes.frame[:0], boxes.xyxy[:0], boxes.visible[:0])
    rows = slice(int(well[0]), int(well[-1]) + 1)
    return Boxes(boxes.frame[rows], boxes.xyxy[rows], boxes.visible[rows])


def _track(track_id: int, boxes: Boxes, truth: TrueObject, fps: float) -> Track:
    hidden = boxes.visible < LEAST_VISIBLE
    path = Path(
        frame=boxes.frame,
        t_s=boxes.frame / fps,
        xyxy=boxes.xyxy,
        confidence=np.where(hidden, 0.0, 1.0).astype(np.float32),
        interpolated=hidden,
    )
    return Track(track_id, truth.kind, {truth.kind: 1.0}, path, (track_id - 1,))


def _detections(tracks: Sequence[Track]) -> DetectionTable:
    parts = []
    for track in tracks:
        path = track.path
        seen = ~path.interpolated
        n = int(seen.sum())
        kind = np.full(n, KINDS.index(track.class_name), np.int32)
        parts.append(
            Detections(path.frame[seen], path.t_s[seen], path.xyxy[seen], np.ones(n, "f4"), kind)
        )
    joined = Detections.concatenate(parts)
    ids = np.repeat(
        np.array([track.track_id for track in tracks], np.int32), [len(part) for part in parts]
    )
    order = np.argsort(joined.frame, kind="stable")
    return DetectionTable(joined.take(order), (ids - 1)[order], ids[order])


def _crops(tracks: Sequence[Track], looks: Sequence[TrueObject]) -> CropTable:
    """A few crops a track, spread over the boxes that show."""
    rows = []
    for track in tracks:
        seen = np.flatnonzero(~track.path.interpolated)
        rows.append(seen[np.linspace(0, len(seen) - 1, _CROPS).astype(int)])
    paths = [track.path for track in tracks]
    each = list(zip(paths, rows, strict=True))
    colours = np.array([posterior(look) for look in looks], np.float32).reshape(-1, len(COLOURS))
    ids = np.array([track.track_id for track in tracks], np.int32)
    n = _CROPS * len(tracks)
    return CropTable(
        crop_id=np.arange(n, dtype=np.int32),
        track_id=np.repeat(ids, _CROPS),
        frame=np.concatenate([np.zeros(0, np.int32), *(p.frame[r] for p, r in each)]),
        t_s=np.concatenate([np.zeros(0), *(p.t_s[r] for p, r in each)]),
        xyxy=np.concatenate([np.zeros((0, 4), np.float32), *(p.xyxy[r] for p, r in each)]),
        quality=np.ones(n, np.float32),
        colour=np.repeat(colours, _CROPS, axis=0),
    )


def posterior(truth: TrueObject) -> Float32:
    """(12,) nearly all on the true colour; zeros where it has no name here."""
    shares = np.zeros(len(COLOURS), np.float32)
    if truth.colour in COLOURS:
        shares[:] = (1.0 - _SURE) / (len(COLOURS) - 1)
        shares[COLOURS.index(truth.colour)] = _SURE
    return shares


def _crop_vectors(looks: Sequence[TrueObject]) -> np.ndarray[tuple[int, int], np.dtype[np.float16]]:
    vectors = [vector_of([look.colour, look.kind, look.variant]) for look in looks]
    table = np.array(vectors, np.float16).reshape(-1, OracleEncoder.dim)
    return np.repeat(table, _CROPS, axis=0)


def _scenes(world: World) -> SceneTable:
    n = max(1, int(np.ceil(world.duration_s / _SCENE_S)))
    t0_s = np.arange(n, dtype=np.float64) * _SCENE_S
    return SceneTable(
        scene_id=np.arange(n, dtype=np.int32),
        t0_s=t0_s,
        t1_s=np.minimum(t0_s + _SCENE_S, max(world.duration_s, _SCENE_S * 0.5)),
        frame=(t0_s * world.fps).astype(np.int32),
        t_s=t0_s,
    )


def _camera(world: World, tracks: Sequence[Track]) -> CameraPath:
    """Where the camera truly looked, in the frames that have boxes."""
    if world.views is None or not tracks:
        return CameraPath.standing()
    frame = np.unique(np.concatenate([track.path.frame for track in tracks])).astype(np.int32)
    n = len(frame)
    return CameraPath(
        frame=frame,
        t_s=frame / world.fps,
        view=world.views[frame],
        reference=np.zeros(n, np.int32),
        known=np.ones(n, np.bool_),
        cut=np.zeros(n, np.bool_),
    )


def _no_pictures(count: int) -> Iterator[bytes]:
    return iter([b""] * count)
