"""How fast videos are read, where the time goes, and what the naive way would take.

    python -m benchmarks.ingest VIDEO... [--profile demo] [--naive-seconds 3] [--memory]

Every measurement runs in a process of its own, one after the other. The naive way is what a script
of
twenty lines does: `YOLO.track` on every frame, every box through the encoder, one by one, all in
PyTorch float32. It runs over the first seconds of each video and is extrapolated from there.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import sys
import tempfile
import time
import types
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import av
import numpy as np

from core.ingest.batch import add_paths, load_models
from core.ingest.pipeline import peak_memory_mb, warm_up
from core.library.library import Library
from core.models.profile import Profile, profile
from core.video.probe import probe

STAGES = ("start", "decode", "detect", "track", "encode", "write", "link")


def in_own_process(work: Callable[..., dict[str, Any]], *args: Any) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(work, *args).result()


def ours(video: Path, chosen: Profile) -> dict[str, Any]:
    """Read one video into a library of its own."""
    logging.basicConfig(level=logging.WARNING)
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder) / "library") as library:
        cpu = time.process_time()
        (outcome,) = add_paths(library, [video], chosen)
        cpu = time.process_time() - cpu
        if outcome.report is None:
            raise SystemExit(outcome.message)
        shard = library.shard(outcome.video_id)
        return {
            **asdict(outcome.report),
            "cpu_s": cpu,
            "runtime": shard.meta.runtime,
            "peak_memory_mb": peak_memory_mb(),
        }


def prepare(videos: list[Path], chosen: Profile) -> dict[str, Any]:
    """What happens once a machine: fetch weights, convert, measure which runtime is fastest."""
    start = time.perf_counter()
    models = load_models(chosen)
    for video in videos:
        warm_up(video, models.detector, models.encoder, anyway=True)
    return {"seconds": time.perf_counter() - start}


def naive(video: Path, chosen: Profile, seconds: float) -> dict[str, Any]:
    """`YOLO.track` on every frame and every box through the encoder, for the first seconds."""
    import cv2
    import torch
    from PIL import Image

    tracker, encode = _naive_detector(chosen), _naive_encoder(chosen)
    threads = torch.get_num_threads()
    capture = cv2.VideoCapture(str(video))
    fps = capture.get(cv2.CAP_PROP_FPS) or 25.0
    spent = {"decode": 0.0, "track": 0.0, "encode": 0.0}
    frames = boxes = 0
    started = time.perf_counter()
    while frames < seconds * fps:
        with _added(spent, "decode"):
            there, frame = capture.read()
        if not there:
            break
        if frames == 1:  # the first frame pays for warming up
            started, spent, boxes = time.perf_counter(), dict.fromkeys(spent, 0.0), 0
        with _added(spent, "track"):
            (result,) = tracker(frame)
        with _added(spent, "encode"):
            for x0, y0, x1, y1 in result.boxes.xyxy.int().tolist():
                crop = frame[y0:y1, x0:x1, ::-1]
                if crop.size:
                    encode(Image.fromarray(np.ascontiguousarray(crop)))
                    boxes += 1
        frames += 1
    wall_s = time.perf_counter() - started
    measured_s = (frames - 1) / fps
    return {
        "wall_s": wall_s,
        "measured_s": measured_s,
        "speed": measured_s / wall_s,
        "frames": frames - 1,
        "boxes": boxes,
        "threads": threads,
        "spent": spent,
    }


class _added:  # noqa: N801 - reads as a statement
    def __init__(self, spent: dict[str, float], stage: str) -> None:
        self._spent, self._stage = spent, stage

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *unused: object) -> None:
        self._spent[self._stage] += time.perf_counter() - self._start


def _naive_detector(chosen: Profile) -> Callable[[Any], Any]:
    from core.models.load import load_detector
    from core.models.ultralytics_files import quiet_ultralytics
    from core.models.weights import cache_dir

    _lend_assignment_solver()
    path = chosen.detector.path
    if path is None:
        load_detector(chosen)  # fetches the weights
        source = chosen.detector.source
        assert source is not None
        path = cache_dir() / source.path
    with quiet_ultralytics(cache_dir()):
        from ultralytics import YOLO

        if path.is_dir():  # the demo model: a description and a state, as Ultralytics names them
            from safetensors.torch import load_file

            names = json.loads((path / "detector.json").read_text())["class_names"]
            model = YOLO(str(path / "detector.yaml"), task="detect")
            from ultralytics.nn.tasks import DetectionModel

            model.model = DetectionModel(str(path / "detector.yaml"), nc=len(names), verbose=False)
            state = load_file(path / "detector.safetensors")
            model.model.load_state_dict({key: value.float() for key, value in state.items()})
            model.model.names = dict(enumerate(names))
        else:
            model = YOLO(str(path))
    size = chosen.image_size_px
    return lambda frame: model.track(
        frame, persist=True, verbose=False, imgsz=size, conf=chosen.min_confidence
    )


def _lend_assignment_solver() -> None:
    """Ultralytics wants the package `lap`, and would install it: SciPy's solver stands in."""
    try:
        import lap  # type: ignore[import-not-found]  # noqa: F401
    except ImportError:
        from scipy.optimize import linear_sum_assignment

        def lapjv(cost: Any, *, cost_limit: float = np.inf, **_: Any) -> Any:
            x, y = np.full(cost.shape[0], -1), np.full(cost.shape[1], -1)
            for i, j in zip(*linear_sum_assignment(np.minimum(cost, cost_limit)), strict=True):
                if cost[i, j] < cost_limit:
                    x[i], y[j] = j, i
            return 0.0, x, y

        solver = types.ModuleType("lap")
        solver.lapjv = lapjv  # type: ignore[attr-defined]
        solver.__version__ = "0.5.12"  # type: ignore[attr-defined]
        sys.modules["lap"] = solver


def _naive_encoder(chosen: Profile) -> Callable[[Any], Any]:
    import torch
    from torchvision import transforms as t

    from core.models.load import load_encoder
    from core.models.open_clip_files import clip_files
    from core.models.weights import cache_dir

    spec = chosen.encoder
    path = spec.path
    if path is None:
        load_encoder(chosen)  # fetches the weights
        path = cache_dir() / spec.folder
    loaded = clip_files(spec.name, path, cache_dir()).load()
    width, height = loaded.facts["size"]
    transform = t.Compose(
        [
            t.Resize(min(width, height), interpolation=t.InterpolationMode.BICUBIC),
            t.CenterCrop((height, width)),
            t.ToTensor(),
            t.Normalize(loaded.facts["mean"], loaded.facts["std"]),
        ]
    )

    def encode(picture: Any) -> Any:
        with torch.inference_mode():
            return loaded.model.encode_image(transform(picture)[None])

    return encode


def repeated(video: Path, times: int, out: Path) -> Path:
    """The same video several times over, packets copied as they are."""
    with av.open(str(out), "w") as target:
        stream = None
        offset = 0
        for _ in range(times):
            last = 0
            with av.open(str(video)) as source:
                origin = source.streams.video[0]
                stream = stream or target.add_stream_from_template(origin)
                for packet in source.demux(origin):
                    if packet.dts is None or packet.pts is None:
                        continue
                    last = max(last, packet.pts + (packet.duration or 1))
                    packet.pts, packet.dts = packet.pts + offset, packet.dts + offset
                    packet.stream = stream
                    target.mux(packet)
            offset += last
    return out


def show_speed(videos: list[Path], chosen: Profile, naive_seconds: float) -> None:
    once = in_own_process(prepare, videos, chosen)
    print(
        f"first use of the models on this machine, or loading them again: {once['seconds']:.1f} s"
    )
    print(f"profile {chosen.name}; every stage's share of all stages' work, they overlap")
    print("| video | s | x real time | wall s | cpu s | peak MB | " + " | ".join(STAGES), end="")
    print(" | frames | encoded | naive x real time | naive took longer |")
    print("|" + "---|" * (10 + len(STAGES)))
    for video in videos:
        mine = in_own_process(ours, video, chosen)
        busy = mine["busy_s"]
        total = sum(busy.values()) or 1.0
        shares = " | ".join(f"{100 * busy.get(stage, 0.0) / total:.0f} %" for stage in STAGES)
        speed = mine["duration_s"] / mine["wall_s"]
        line = (
            f"| {video.name[:40]} | {mine['duration_s']:.0f} | {speed:.2f} | "
            f"{mine['wall_s']:.1f} | "
            f"{mine['cpu_s']:.1f} | {mine['peak_memory_mb']:.0f} | {shares} | {mine['frames']} | "
            f"{mine['encoded']}"
        )
        if naive_seconds > 0:
            other = in_own_process(naive, video, chosen, naive_seconds)
            line += f" | {other['speed']:.3f} | {speed / other['speed']:.0f} x |"
        else:
            line += " | | |"
        print(line, flush=True)
        print(f"  runtime: {mine['runtime']}")
        if naive_seconds > 0:
            share = {k: f"{100 * v / other['wall_s']:.0f} %" for k, v in other["spent"].items()}
            print(
                f"  naive: extrapolated from the first {other['measured_s']:.1f} s "
                f"({other['frames']} frames, {other['boxes']} boxes, {other['threads']} threads): "
                + ", ".join(f"{k} {v}" for k, v in share.items()),
                flush=True,
            )


def show_memory(video: Path, chosen: Profile, times: int) -> None:
    print("\npeak memory and length")
    print("| length s | peak MB | x real time |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for count in (1, times):
            long = repeated(video, count, Path(folder) / f"{count}{video.suffix}")
            mine = in_own_process(ours, long, chosen)
            speed = mine["duration_s"] / mine["wall_s"]
            print(
                f"| {probe(long).duration_s:.0f} | {mine['peak_memory_mb']:.0f} | {speed:.2f} |",
                flush=True,
            )


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    words.add_argument("videos", nargs="+", type=Path)
    words.add_argument("--profile", default="demo")
    words.add_argument("--detector", help="as `vidtrail add --detector`")
    words.add_argument("--encoder", help="as `vidtrail add --encoder`")
    words.add_argument("--naive-seconds", type=float, default=3.0, help="0 leaves it out")
    words.add_argument("--memory", action="store_true", help="also 1 and 4 times the first video")
    options = words.parse_args()
    chosen = profile(options.profile, detector_file=options.detector, encoder=options.encoder)
    show_speed(options.videos, chosen, options.naive_seconds)
    if options.memory:
        show_memory(options.videos[0], chosen, 4)


if __name__ == "__main__":
    main()
