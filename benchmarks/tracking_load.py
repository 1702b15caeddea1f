"""What following objects costs: `python -m benchmarks.tracking --cost` and `--hour`."""

from __future__ import annotations

import math
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.ingest import in_own_process, repeated
from core.detections import Detections, Float32, Float64, Int32
from core.evaluate.rivals import UltralyticsTracker
from core.ingest.batch import BatchProgress, add_paths
from core.ingest.pipeline import peak_memory_mb
from core.library.library import Library
from core.models.profile import Profile
from core.models.weights import cache_dir
from core.tracking.crops import CropTable
from core.tracking.offline import link
from core.tracking.online import Tracker
from core.tracks import FrameSize
from core.video.probe import probe

FPS = 12.0
SIZE = FrameSize(1920, 1080)
CROWDS = (10, 100, 300)
FRAMES, WARM = 220, 20
LOOKS_DIM, LINK_DIM = 512, 256
AT_ONCE, HOUR_S = 20, 3600.0
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
MARKS_MIN = (1, 5, 15, 30, 60)
SAMPLE_EVERY_S = 0.25

Seen = list[tuple[Detections, Float32]]
Step = Callable[[Detections, Float32], object]


@contextmanager
def one_thread() -> Iterator[None]:
    """Processes started inside do their linear algebra in one thread."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def show_cost() -> None:
    print(f"\nassociation, ms a frame, one thread; {FPS:.0f} frames/s, 1 box in 20 is missed")
    print("vectors are there already: Vidtrail asks for those of doubtful boxes only")
    print("| objects | tracker | p50 | p95 | times Vidtrail's p50 | vectors asked for a frame |")
    print("|---|---|---|---|---|---|")
    with one_thread():
        for n in CROWDS:
            took = in_own_process(association_cost, n)
            for name, own in (
                ("vidtrail", "vidtrail"),
                ("bytetrack", "vidtrail"),
                ("vidtrail, looks", "vidtrail, looks"),
                ("botsort, looks", "vidtrail, looks"),
            ):
                low, high = np.percentile(took[name], [50, 95])
                times = low / np.median(took[own])
                asked = took["asked"] if name == "vidtrail, looks" else n if "looks" in name else 0
                print(f"| {n} | {name} | {low:.2f} | {high:.2f} | {times:.1f} | {asked:.1f} |")
        hour = in_own_process(linking_cost)
    print(
        f"\nlinking {HOUR_S / 60:.0f} min: {hour['boxes']} boxes, {hour['tracklets']} tracklets, "
        f"{hour['crops']} crops of {LINK_DIM}: {hour['seconds']:.1f} s, {hour['tracks']} tracks of "
        f"{hour['objects']} objects; memory {hour['before_mb']:.0f} MB before, "
        f"{hour['peak_mb']:.0f} MB at most"
    )


def association_cost(n: int) -> dict[str, Any]:
    """Milliseconds of every frame, by tracker, on the same boxes and vectors."""
    seen = crowd(n)
    asked = 0
    geometry, looking = Tracker([0]), Tracker([0])

    def with_looks(detections: Detections, vectors: Float32) -> None:
        def embed(rows: np.ndarray[Any, np.dtype[np.intp]]) -> Float32:
            nonlocal asked
            asked += len(rows)
            return np.asarray(vectors[rows], np.float32)

        looking.update(detections, None, embed)

    steps: dict[str, Step] = {
        "vidtrail": lambda detections, _: geometry.update(detections),
        "vidtrail, looks": with_looks,
        "bytetrack": rival("bytetrack", with_vectors=False),
        "botsort, looks": rival("botsort", with_vectors=True),
    }
    took: dict[str, list[float]] = {name: [] for name in steps}
    for detections, vectors in seen:
        for name, step in steps.items():  # in turn: what else the machine does hits all alike
            start = time.perf_counter()
            step(detections, vectors)
            took[name].append(1e3 * (time.perf_counter() - start))
    return {name: ms[WARM:] for name, ms in took.items()} | {"asked": asked / len(seen)}


def rival(name: str, *, with_vectors: bool) -> Step:
    """Association alone: the camera's motion is not measured, as it is not in ours."""
    from ultralytics.engine.results import Boxes
    from ultralytics.trackers.utils.gmc import GMC

    tracker = UltralyticsTracker(name, cache_dir(), with_vectors=with_vectors)._tracker
    tracker.gmc = GMC("none")
    picture = np.zeros((32, 32, 3), np.uint8)

    def step(detections: Detections, vectors: Float32) -> object:
        columns = detections.xyxy, detections.confidence[:, None], detections.class_id[:, None]
        table = np.concatenate(columns, axis=1).astype(np.float32)
        boxes = Boxes(table, (SIZE.height, SIZE.width))
        return tracker.update(boxes, picture, feats=vectors if with_vectors else None)

    return step


def crowd(n: int) -> Seen:
    """n objects that cross a picture of 1920x1080 every way, at up to some 150 px/s."""
    rng = np.random.default_rng(n)
    start = rng.uniform([0, 0], [SIZE.width, SIZE.height], (n, 2))
    speed, size = rng.normal(0, 60, (n, 2)), rng.uniform(30, 90, (n, 2))
    looks = unit(rng.normal(size=(n, LOOKS_DIM)))
    seen: Seen = []
    for frame in range(FRAMES):
        t_s = frame / FPS
        there = np.flatnonzero(rng.random(n) > 0.05)
        centre = within(start[there] + speed[there] * t_s) + rng.normal(0, 1.5, (len(there), 2))
        boxes = np.concatenate([centre - size[there] / 2, centre + size[there] / 2], axis=1)
        confidence = rng.uniform(0.4, 0.95, len(there))
        noise = unit(rng.normal(size=(len(there), LOOKS_DIM)))
        detections = Detections.of_frame(
            frame,
            t_s,
            boxes.astype(np.float32),
            confidence.astype(np.float32),
            np.zeros(len(there), np.int32),
        )
        seen.append((detections, unit(looks[there] + 0.7 * noise)))
    return seen


def within(place: Float64) -> Float64:
    """(N, 2) places reflected at the borders of the picture."""
    span = np.array([SIZE.width, SIZE.height], np.float64)
    return span - np.abs(np.mod(place, 2 * span) - span)


def unit(vectors: Float64 | Float32) -> Float32:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / length, np.float32)


def linking_cost() -> dict[str, Any]:
    detections, ids, crops, objects = hour_of_tracklets()
    before_mb = psutil.Process().memory_info().rss / 1e6
    start = time.perf_counter()
    linked = link(detections, ids, crops, ("car",), SIZE)
    return {
        "seconds": time.perf_counter() - start,
        "before_mb": before_mb,
        "peak_mb": peak_memory_mb(),
        "boxes": len(detections),
        "tracklets": int(ids.max()) + 1,
        "crops": len(crops),
        "tracks": len(linked.tracks),
        "objects": objects,
    }


def hour_of_tracklets() -> tuple[Detections, Int32, CropTable, int]:
    """Objects that stay 20 to 70 s, each lost for a while every 8 to 22 s; three crops a piece."""
    rng = np.random.default_rng(0)
    objects = round(AT_ONCE * HOUR_S / 45.0)
    kind = unit(rng.normal(size=(1, LINK_DIM)))  # all look alike to some degree
    frames: list[Int32] = []
    boxes: list[Float32] = []
    ids: list[Int32] = []
    crop_at: list[tuple[int, int]] = []  # piece, place in the piece
    looks: list[Float32] = []
    for _ in range(objects):
        mine = unit(kind + unit(rng.normal(size=(1, LINK_DIM))))
        begin_s, stay_s = rng.uniform(-20.0, HOUR_S), rng.uniform(20.0, 70.0)
        start, speed = rng.uniform(0, [SIZE.width, SIZE.height]), rng.normal(0, 40, 2)
        size = rng.uniform(30, 110, 2)
        at_s = max(begin_s, 0.0)
        end_s = min(begin_s + stay_s, HOUR_S)
        while at_s < end_s - 1.0:
            until_s = min(at_s + rng.uniform(8.0, 22.0), end_s)
            frame = np.arange(math.ceil(at_s * FPS), math.floor(until_s * FPS), dtype=np.int32)
            centre = within(start + speed * (frame[:, None] / FPS - begin_s))
            centre += rng.normal(0, 1.5, centre.shape)
            number = len(frames)
            frames.append(frame)
            boxes.append(np.hstack([centre - size / 2, centre + size / 2]).astype(np.float32))
            ids.append(np.full(len(frame), number, np.int32))
            crop_at += [(number, len(frame) * part // 6) for part in (1, 3, 5)]
            looks.append(unit(mine + 0.5 * unit(rng.normal(size=(3, LINK_DIM)))))
            at_s = until_s + rng.uniform(0.4, 4.0)
    crops = CropTable(
        tracklet_id=np.array([piece for piece, _ in crop_at], np.int32),
        frame=np.array([frames[piece][at] for piece, at in crop_at], np.int32),
        t_s=np.array([frames[piece][at] / FPS for piece, at in crop_at]),
        xyxy=np.array([boxes[piece][at] for piece, at in crop_at], np.float32),
        quality=np.full(len(crop_at), 0.7, np.float32),
        vectors=np.concatenate(looks),
    )
    frame = np.concatenate(frames)
    order = np.argsort(frame, kind="stable")
    n = len(frame)
    detections = Detections(
        frame[order],
        frame[order] / FPS,
        np.concatenate(boxes)[order],
        rng.uniform(0.5, 0.95, n).astype(np.float32),
        np.zeros(n, np.int32),
    )
    return detections, np.concatenate(ids)[order], crops, objects


def show_hour(video: Path, chosen: Profile, minutes: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        times = math.ceil(60.0 * minutes / probe(video).duration_s)
        long = repeated(video, times, Path(folder) / f"long{video.suffix}")
        read = in_own_process(watched_reading, long, chosen)
    print(f"\n{video.name} {times} times: {read['duration_s'] / 60:.1f} min", end="")
    print(f" in {read['wall_s'] / 60:.1f} min; {read['detections']} boxes, {read['tracks']} tracks")
    print("| min of video | resident MB |\n|---|---|")
    for mark in MARKS_MIN:
        after = [mb for done_s, mb, _ in read["samples"] if done_s >= 60.0 * mark]
        if after and 60.0 * mark <= read["duration_s"]:
            print(f"| {mark} | {after[0]:.0f} |")
    for stage in dict.fromkeys(stage for _, _, stage in read["samples"]):
        most = max(mb for _, mb, during in read["samples"] if during == stage)
        print(f"| {stage}, at most | {most:.0f} |")
    for stage in ("track", "link"):
        spent = read["busy_s"].get(stage, 0.0)
        share = spent / sum(read["busy_s"].values())
        print(
            f"{stage}: {spent:.1f} s, {100 * share:.1f} % of all stages' work, "
            f"{100 * spent / read['wall_s']:.1f} % of the time taken"
        )


def watched_reading(video: Path, chosen: Profile) -> dict[str, Any]:
    """Read a video, and all the while note (seconds of video read, resident MB, stage)."""
    process = psutil.Process()
    samples: list[tuple[float, float, str]] = []
    done_s, stage = 0.0, "starting"
    over = threading.Event()

    def note(told: BatchProgress) -> None:
        nonlocal done_s, stage
        done_s, stage = told.progress.done_s, told.progress.stage

    def watch() -> None:
        while not over.wait(SAMPLE_EVERY_S):
            samples.append((done_s, process.memory_info().rss / 1e6, stage))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder) / "l") as library:
            (outcome,) = add_paths(library, [video], chosen, note)
    finally:
        over.set()
        watching.join()
    if outcome.report is None:
        raise SystemExit(outcome.message)
    report = outcome.report
    return {
        "samples": samples,
        "duration_s": report.duration_s,
        "wall_s": report.wall_s,
        "busy_s": dict(report.busy_s),
        "detections": report.detections,
        "tracks": report.tracks,
    }
