"""Training of the demo detector: a nano YOLO from scratch, resumable, on CPU or GPU.

Ultralytics gives the layers and the loss; the loop is our own because theirs refuses bfloat16 on
CPUs (30 % faster here), wants a font from the internet and cannot stop and go on by the minute.
"""

from __future__ import annotations

import json
import logging
import math
import os
import queue
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from sample_videos.training.dataset import load_pictures, opened
from sample_videos.world.scene import KINDS

log = logging.getLogger(__name__)
Image = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.float32]

IMAGE_SIZE_PX = 640
SIZES = ((384, 224), (512, 320), (640, 384))
BATCH = 16
MIN_VISIBILITY = 0.2
WEIGHT_DECAY = 0.01
TOP_RATE = 2e-3
SAVE_EVERY_S = 120.0
CONTINUED = 0.6
"""Where in the schedule training goes on from finished weights: full size, a third of the rate."""
_HARD = {KINDS.index("truck"): 1.2, KINDS.index("motorcycle"): 0.4, KINDS.index("bicycle"): 0.4}
"""Kinds taken for others on development pictures (pickups for cars above all)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """pictures: (B, 3, H, W) uint8; index, class, box as the loss wants them (cxcywh, 0..1)."""

    pictures: Image
    owner: npt.NDArray[np.float32]
    classes: npt.NDArray[np.float32]
    boxes: npt.NDArray[np.float32]


def size_at(progress: float, rng: np.random.Generator) -> tuple[int, int]:
    """Small pictures first: most of what is learnt early does not need the pixels."""
    if progress < 0.30:
        return SIZES[0]
    if progress < 0.50:
        return SIZES[1]
    return SIZES[2] if rng.random() < 0.85 else SIZES[1]


def augmented(
    jpeg: Image, labels: Labels, size: tuple[int, int], rng: np.random.Generator
) -> tuple[Image, Labels]:
    """One picture, moved, scaled, mirrored and recoloured; boxes cut to the frame.

    labels: (N, 6) class, x0, y0, x1, y1, visibility in the stored picture's pixels.
    Returns the (H, W, 3) picture and the (M, 5) class and box of what still shows.
    """
    image = opened(jpeg)
    height, width = image.shape[:2]
    fit = min(size[0] / width, size[1] / height)
    zoom = fit * math.exp(float(rng.uniform(-0.22, 0.42)))
    slack_x, slack_y = size[0] - width * zoom, size[1] - height * zoom
    shift_x = float(rng.uniform(min(slack_x, 0) - 8, max(slack_x, 0) + 8))
    shift_y = float(rng.uniform(min(slack_y, 0) - 8, max(slack_y, 0) + 8))
    matrix = np.array([[zoom, 0, shift_x], [0, zoom, shift_y]], np.float32)
    labels = labels[labels[:, 5] >= MIN_VISIBILITY].copy()
    boxes = labels[:, 1:5] * zoom
    boxes[:, 0::2] += shift_x
    boxes[:, 1::2] += shift_y
    if rng.random() < 0.5:
        matrix[0] = (-zoom, 0, size[0] - shift_x)
        boxes[:, [0, 2]] = size[0] - boxes[:, [2, 0]]
    moved = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderValue=(114, 114, 114))
    full = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    boxes[:, 0::2] = boxes[:, 0::2].clip(0, size[0])
    boxes[:, 1::2] = boxes[:, 1::2].clip(0, size[1])
    sides = boxes[:, 2:] - boxes[:, :2]
    kept = (sides.min(axis=1) >= 3) & (sides.max(axis=1) >= 8)
    kept &= sides[:, 0] * sides[:, 1] > 0.35 * full
    hsv = cv2.cvtColor(moved, cv2.COLOR_RGB2HSV).astype(np.int16)
    hsv[..., 0] = (hsv[..., 0] + int(rng.integers(-6, 7))) % 180
    hsv[..., 1] = np.clip(hsv[..., 1] * float(rng.uniform(0.7, 1.3)), 0, 255)
    hsv[..., 2] = np.clip(hsv[..., 2] * float(rng.uniform(0.7, 1.3)), 0, 255)
    coloured = cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB)
    shown = np.column_stack([labels[kept, 0], boxes[kept]]).astype(np.float32)
    return np.asarray(coloured, np.uint8), shown


class Feeder:
    """Makes batches in a thread while the model learns from the last one."""

    def __init__(self, folder: Path, start: int, total: int, begun: float = 0.0) -> None:
        self._jpegs, self._labels = load_pictures(folder)
        if not self._jpegs:
            raise SystemExit(f"No pictures in {folder}: run the step 'pictures' first.")
        log.info("%d pictures, %d boxes", len(self._jpegs), sum(map(len, self._labels)))
        self._start, self._total, self._begun = start, total, begun
        self._chance = _chances(self._labels)
        self._queue: queue.Queue[Batch] = queue.Queue(4)
        self._thread = threading.Thread(target=self._fill, daemon=True)
        self._thread.start()

    def next(self) -> Batch:
        return self._queue.get()

    def _fill(self) -> None:
        seen = self._start
        while seen < self._total:
            # The order depends on the count alone, so a resumed run goes on where it stopped.
            rng = np.random.default_rng([9, seen])
            size = size_at(_progress(seen, self._total, self._begun), rng)
            picks = rng.choice(len(self._jpegs), BATCH, p=self._chance)
            self._queue.put(self._batch(picks, size, rng))
            seen += BATCH

    def _batch(
        self, picks: npt.NDArray[np.int64], size: tuple[int, int], rng: np.random.Generator
    ) -> Batch:
        pictures, owners, classes, boxes = [], [], [], []
        for row, pick in enumerate(picks):
            image, labels = augmented(self._jpegs[pick], self._labels[pick], size, rng)
            pictures.append(image.transpose(2, 0, 1))
            owners.append(np.full(len(labels), row, np.float32))
            classes.append(labels[:, 0])
            corners = labels[:, 1:] / np.array([size[0], size[1]] * 2, np.float32)
            centre, extent = (corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]
            boxes.append(np.hstack([centre, extent]).astype(np.float32))
        return Batch(
            np.stack(pictures),
            np.concatenate(owners),
            np.concatenate(classes).astype(np.float32),
            np.concatenate(boxes),
        )


def _chances(labels: list[Labels]) -> npt.NDArray[np.float64]:
    """How often each picture is drawn: those with kinds that are mixed up more often."""
    weights = np.array([1.0 + sum(_HARD.get(int(k), 0.0) for k in table[:, 0]) for table in labels])
    return np.asarray(weights / weights.sum())


def build() -> Any:
    """The untrained network."""
    os.environ.setdefault("YOLO_OFFLINE", "1")
    os.environ.setdefault("YOLO_AUTOINSTALL", "0")
    from ultralytics.nn.tasks import DetectionModel

    model = DetectionModel(
        str(Path(__file__).with_name("detector.yaml")), ch=3, nc=len(KINDS), verbose=False
    )
    model.args = SimpleNamespace(box=7.5, cls=0.7, dfl=1.5)
    return model


def _progress(seen: int, total: int, begun: float) -> float:
    """How far along the whole schedule a run is that began at `begun` of it."""
    return begun + (1.0 - begun) * seen / total


def train(runs: Path, images: int, device: str, start: Path | None = None) -> None:
    """Train until `images` pictures were seen, going on from the last checkpoint if any.

    start: a folder with finished weights to improve (`detector.safetensors`), None for a new model.
    """
    import torch
    from safetensors.torch import load_file

    torch.manual_seed(3)
    model = build().to(device).to(memory_format=torch.channels_last).train()
    begun_at = 0.0
    if start is not None:
        weights = load_file(start / "detector.safetensors")
        model.load_state_dict({k: v.float() if v.is_floating_point() else v
                               for k, v in weights.items()})  # fmt: skip
        begun_at = CONTINUED
    average = build().to(device).eval()
    average.load_state_dict(model.state_dict())
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": WEIGHT_DECAY}, {"params": plain, "weight_decay": 0.0}],
        lr=TOP_RATE,
        betas=(0.9, 0.99),
    )
    seen, spent = 0, 0.0
    checkpoint = runs / "detector.ckpt"
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        seen, spent = state["seen"], state["spent"]
        log.info("going on at %d pictures", seen)
    feeder = Feeder(runs / "train", seen, images, begun_at)
    begun = saved = time.monotonic()
    running = 0.0
    while seen < images:
        batch = feeder.next()
        progress = _progress(seen, images, begun_at)
        rate = (
            TOP_RATE
            * min(1.0, (seen + BATCH) / 4000)
            * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress)))
        )
        for group in optimizer.param_groups:
            group["lr"] = rate
        pictures = torch.from_numpy(batch.pictures).to(device).float().div_(255)
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        target = {
            "img": pictures,
            "batch_idx": torch.from_numpy(batch.owner).to(device),
            "cls": torch.from_numpy(batch.classes).to(device)[:, None],
            "bboxes": torch.from_numpy(batch.boxes).to(device),
        }
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            raw = model.forward(pictures)
        loss, _ = model.loss(target, _float(raw))
        total = loss.sum()
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
        seen += BATCH
        _follow(average, model, min(0.999, (seen / BATCH) / (seen / BATCH + 60)))
        running = (
            0.98 * running + 0.02 * float(total.detach()) / BATCH
            if running
            else float(total.detach()) / BATCH
        )
        now = time.monotonic()
        if now - saved > SAVE_EVERY_S or seen >= images:
            state = {
                "model": model.state_dict(),
                "average": average.state_dict(),
                "optimizer": optimizer.state_dict(),
                "seen": seen,
                "spent": spent + now - begun,
            }
            partial = checkpoint.with_suffix(".partial")
            torch.save(state, partial)
            partial.replace(checkpoint)
            save(average, runs / "detector")
            saved = now
            pace = (seen) / (spent + now - begun)
            log.info("%d of %d pictures, loss %.2f, %.1f pictures/s", seen, images, running, pace)


def _float(value: Any) -> Any:
    """Everything in a nest of tensors as float32: the loss is not safe in bfloat16."""
    import torch

    if isinstance(value, torch.Tensor):
        return value.float()
    if isinstance(value, dict):
        return {key: _float(item) for key, item in value.items()}
    return type(value)(_float(item) for item in value)


def _follow(average: Any, model: Any, keep: float) -> None:
    import torch

    with torch.no_grad():
        for mine, theirs in zip(
            average.state_dict().values(), model.state_dict().values(), strict=True
        ):
            if mine.dtype.is_floating_point:
                mine.lerp_(theirs, 1.0 - keep)
            else:
                mine.copy_(theirs)


def save(model: Any, folder: Path) -> None:
    """Write yaml, float16 weights and facts as the app reads them (see core.models.yolo)."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        key: (value.half() if value.dtype.is_floating_point else value).contiguous().cpu()
        for key, value in model.state_dict().items()
    }
    save_file(weights, folder / "detector.safetensors")
    text = Path(__file__).with_name("detector.yaml").read_text(encoding="utf-8")
    (folder / "detector.yaml").write_text(text, encoding="utf-8")
    facts = {"class_names": list(KINDS), "image_size_px": IMAGE_SIZE_PX, "version": 1}
    (folder / "detector.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
