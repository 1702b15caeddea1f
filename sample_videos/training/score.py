"""How good the demo models are, on pictures whose seeds and cameras training never saw.

Both are measured through the app's own adapters, so preprocessing and runtime count too.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.detections import Image
from core.models.detector import Detector, FrameBoxes
from core.models.encoder import Encoder
from core.models.letterbox import Letterbox
from sample_videos.training.captions import plain_captions
from sample_videos.training.dataset import COLOUR_NAMES, load_crops, load_pictures, opened
from sample_videos.training.detector import IMAGE_SIZE_PX
from sample_videos.world.scene import KINDS

log = logging.getLogger(__name__)
Float64 = npt.NDArray[np.float64]

IGNORED_BELOW = 0.25
"""Objects that show less than this are neither wanted nor wrong."""


@dataclass(frozen=True, slots=True)
class DetectorScore:
    """AP per class at IoU 0.50, and the means over classes; objects counts what was wanted."""

    ap50: dict[str, float]
    map50: float
    map50_95: float
    objects: int


def score_detector(detector: Detector, folder: Path, min_side_px: float) -> DetectorScore:
    """Average precision over objects whose longer side is at least `min_side_px` at 640 px width.

    Smaller or mostly hidden objects are ignored: finding one costs nothing and earns nothing.
    """
    jpegs, labels = load_pictures(folder)
    found: list[tuple[int, npt.NDArray[np.float32]]] = []
    for start in range(0, len(jpegs), 8):
        images = [opened(jpeg) for jpeg in jpegs[start : start + 8]]
        for offset, boxes in enumerate(detector.detect(images)):
            table = np.column_stack([boxes.class_id, boxes.xyxy, boxes.confidence])
            found.append((start + offset, table.astype(np.float32)))
    thresholds = np.arange(0.5, 0.96, 0.05)
    ap50: dict[str, float] = {}
    all_levels: list[float] = []
    objects = 0
    names = list(detector.class_names)
    for number, kind in enumerate(KINDS):
        mine = names.index(kind)
        wanted = [_wanted(t, number, min_side_px) for t in labels]
        objects += sum(int(keep.sum()) for _, keep in wanted)
        per_level = [
            _average_precision(
                [(i, t[t[:, 0] == mine]) for i, t in found],
                wanted,
                float(threshold),
                min_side_px,
            )
            for threshold in thresholds
        ]
        ap50[kind] = per_level[0]
        all_levels.append(float(np.mean(per_level)))
    return DetectorScore(
        ap50, float(np.mean(list(ap50.values()))), float(np.mean(all_levels)), objects
    )


def _wanted(
    table: npt.NDArray[np.float32], number: int, min_side_px: float
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    mine = table[table[:, 0] == number]
    sides = (mine[:, 3:5] - mine[:, 1:3]).max(axis=1) if len(mine) else np.zeros(0)
    return mine[:, 1:5], (sides >= min_side_px) & (mine[:, 5] >= IGNORED_BELOW)


def _average_precision(
    found: list[tuple[int, npt.NDArray[np.float32]]],
    wanted: list[tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]],
    threshold: float,
    min_side_px: float = 0.0,
) -> float:
    """Area under the precision-recall curve, every recall step (VOC 2010 and later).

    As COCO does for its size ranges, an answer that matches nothing and is itself below the size
    is ignored, not wrong.
    """
    rows = [(float(r[5]), i, r[1:5]) for i, table in found for r in table]
    rows.sort(key=lambda row: -row[0])
    taken = [np.zeros(len(boxes), bool) for boxes, _ in wanted]
    right: list[int] = []
    for _, picture, box in rows:
        boxes, keep = wanted[picture]
        best = _best(box, boxes, taken[picture])
        if best is not None and best[1] >= threshold:
            taken[picture][best[0]] = True
            if keep[best[0]]:
                right.append(1)
        elif max(box[2] - box[0], box[3] - box[1]) >= min_side_px:
            right.append(0)
    total = sum(int(keep.sum()) for _, keep in wanted)
    if total == 0 or not right:
        return 0.0
    hits = np.cumsum(right)
    recall = hits / total
    precision = hits / np.arange(1, len(right) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.diff(np.concatenate([[0.0], recall]))
    return float((steps * envelope).sum())


def _best(
    box: npt.NDArray[np.float32], boxes: npt.NDArray[np.float32], taken: npt.NDArray[np.bool_]
) -> tuple[int, float] | None:
    if not len(boxes):
        return None
    low = np.maximum(boxes[:, :2], box[:2])
    high = np.minimum(boxes[:, 2:], box[2:])
    inner = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) + np.prod(box[2:] - box[:2])
    overlap = np.where(taken, 0.0, inner / np.maximum(areas - inner, 1e-9))
    index = int(overlap.argmax())
    return index, float(overlap[index])


class EveryLabel:
    """The demo detector as the field scores detectors: PyTorch float32, confidence from 0.001,
    several labels a box, suppression at 0.7 within a class. The app itself keeps boxes from 0.1,
    one label each.
    """

    name = "demo, as the field scores"
    class_names = KINDS

    def __init__(self, folder: Path) -> None:
        from safetensors.torch import load_file

        from sample_videos.training.detector import build

        self._model = build().eval()
        self._model.load_state_dict(load_file(folder / "detector.safetensors"))

    def detect(self, images: Sequence[Image]) -> list[FrameBoxes]:
        import torch
        from ultralytics.utils.nms import non_max_suppression

        height, width = images[0].shape[:2]
        fit = Letterbox.rectangular((width, height), IMAGE_SIZE_PX)
        batch = torch.from_numpy(fit.batch(list(images))).permute(0, 3, 1, 2).float() / 255.0
        with torch.inference_mode():
            output = self._model(batch)
        raw = output[0] if isinstance(output, (tuple, list)) else output
        rows = non_max_suppression(raw, 0.001, 0.7, multi_label=True, max_det=300)
        return [
            FrameBoxes(
                fit.to_picture(table[:, :4].numpy()),
                table[:, 4].numpy(),
                table[:, 5].numpy().astype(np.int32),
            )
            for table in rows
        ]


@dataclass(frozen=True, slots=True)
class EncoderScore:
    """Top-1 of kind and colour together and apart; by single crop and by object's mean vector."""

    per_crop: float
    per_object: float
    kind: float
    colour: float
    objects: int
    by_colour: dict[str, float]
    by_kind: dict[str, float]


def score_encoder(encoder: Encoder, folder: Path, min_visibility: float = 0.6) -> EncoderScore:
    """Zero-shot naming of held-out crops among every kind and colour (96 answers)."""
    crops = load_crops(folder)
    kept = crops.visibility >= min_visibility
    pictures = crops.pictures[kept]
    kind, colour, identity = crops.kind[kept], crops.colour[kept], crops.identity[kept]
    vectors = np.concatenate(
        [encoder.encode_images(list(pictures[i : i + 64])) for i in range(0, len(pictures), 64)]
    )
    sentences = plain_captions()
    flat = encoder.encode_texts([s for group in sentences for s in group])
    texts = flat.reshape(len(sentences), -1, flat.shape[1]).mean(axis=1)
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    answer = kind * len(COLOUR_NAMES) + colour
    single = (vectors @ texts.T).argmax(axis=1) == answer
    ids, first, inverse = np.unique(identity, return_index=True, return_inverse=True)
    means = np.zeros((len(ids), vectors.shape[1]))
    np.add.at(means, inverse, vectors)
    seen = np.bincount(inverse)
    many = seen >= 2
    best = (means @ texts.T).argmax(axis=1)
    truth = answer[first]
    right = best == truth
    kind_right = best // len(COLOUR_NAMES) == truth // len(COLOUR_NAMES)
    colour_right = best % len(COLOUR_NAMES) == truth % len(COLOUR_NAMES)

    def share(mask: Any) -> float:
        return float(right[mask & many].mean()) if (mask & many).any() else float("nan")

    return EncoderScore(
        float(single.mean()),
        float(right[many].mean()),
        float(kind_right[many].mean()),
        float(colour_right[many].mean()),
        int(many.sum()),
        {c: share(truth % len(COLOUR_NAMES) == n) for n, c in enumerate(COLOUR_NAMES)},
        {k: share(truth // len(COLOUR_NAMES) == n) for n, k in enumerate(KINDS)},
    )


def report(folder: Path, detector: Detector | None, encoder: Encoder | None) -> dict[str, Any]:
    """Every figure the model card shows, as plain data."""
    figures: dict[str, Any] = {}
    if detector is not None:
        for side in (24.0, 12.0):
            score = score_detector(detector, folder, side)
            figures[f"detector_{side:.0f}px"] = {
                "mAP50": score.map50,
                "mAP50-95": score.map50_95,
                "AP50": score.ap50,
                "objects": score.objects,
            }
    if encoder is not None:
        naming = score_encoder(encoder, folder)
        figures["encoder"] = {
            "top1_per_crop": naming.per_crop,
            "top1_per_object": naming.per_object,
            "kind": naming.kind,
            "colour": naming.colour,
            "objects": naming.objects,
            "by_colour": naming.by_colour,
            "by_kind": naming.by_kind,
        }
    return figures


def measure(runs: Path, pool: str) -> str:
    """Score what `core/models/demo` holds on a pool; returns the figures as JSON text."""
    from core.models.load import load_detector, load_encoder
    from core.models.profile import DEMO_FOLDER, profile

    demo = profile("demo")
    figures = report(runs / pool, load_detector(demo), load_encoder(demo))
    for side in (24.0, 12.0):
        score = score_detector(EveryLabel(DEMO_FOLDER), runs / pool, side)
        figures[f"detector_{side:.0f}px_every_label"] = asdict(score)
    return json.dumps(figures, indent=2)
