"""YOLO detectors: pictures in, boxes out, without the predictor that Ultralytics wraps around.

Pictures keep their shape: the long side is scaled to the input size and the short one padded to a
multiple of the stride, which for 16:9 saves 40 % of the pixels of a square input. Boxes of classes
that detectors confuse (a van seen as car and truck) compete with one another, so that one object
gives one box.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.detections import Float32, Image
from core.models.detector import FrameBoxes
from core.models.letterbox import Letterbox
from core.models.networks import YoloNetwork, network_of
from core.models.nms import boxes_of, group_ids
from core.models.runtime import Runner, machine_key, pick

logger = logging.getLogger(__name__)

_STRIDE = 32
_TRIAL_PICTURES = 8
_SIZES_KEPT = 3

# When a faster runtime is taken for equal: sure boxes are found again in nearly the same place. A
# trial often is one picture with a dozen boxes: rounding may move one, a fault loses most.
# (bfloat16 found 88 of 96 on one, and over 320 held-out pictures the same mAP50: .8252, .8254.)
_SURE = 0.4
_ABOUT = 0.2
_SAME_PLACE_IOU = 0.85
_SHARE_FOUND_AGAIN = 0.8
_SCORE_DRIFT = 0.02


class YoloDetector:
    """A YOLO network behind the Detector interface.

    path: a .pt or .onnx file, an OpenVINO folder or a demo folder.
    image_size_px: long side given to the network, rounded up to its stride.
    runtime: one of RUNTIMES to insist on; None measures at first use.
    Raises ModelError when the files are missing, damaged or no detector.
    """

    def __init__(
        self,
        path: Path,
        *,
        label: str,
        image_size_px: int,
        cache: Path,
        min_confidence: float = 0.1,
        runtime: str | None = None,
    ) -> None:
        self._network: YoloNetwork = network_of(path, cache)
        self._label = label
        self._long_side = -(-image_size_px // _STRIDE) * _STRIDE
        self._min_confidence = min_confidence
        self._cache = cache
        self._wanted = runtime
        self._groups = group_ids(self._network.class_names)
        self._runners: dict[tuple[int, int], Runner] = {}
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return f"{self._label}-{self._network.digest[:8]}"

    @property
    def class_names(self) -> tuple[str, ...]:
        return self._network.class_names

    @property
    def runtime(self) -> str | None:
        """How it runs; None before the first picture, unless insisted on."""
        return self._wanted

    def detect(self, images: Sequence[Image]) -> list[FrameBoxes]:
        """Boxes of each picture, in its own pixels; all pictures have the same size.

        Raises ValueError when sizes differ, ModelError when no runtime works.
        """
        if not images:
            return []
        height, width = images[0].shape[:2]
        if any(image.shape != (height, width, 3) for image in images):
            raise ValueError(f"pictures of one call differ in size: {[i.shape for i in images]}")
        box = self._letterbox((width, height))
        batch = box.batch(list(images))
        outputs = self._runner(box.outer, batch).run(batch)
        found = []
        for output in outputs:
            boxes = boxes_of(output, self._groups, self._min_confidence)
            placed = box.to_picture(boxes.xyxy)
            seen = ((placed[:, 2:] - placed[:, :2]) > 0).all(axis=1)  # not only in the margin
            found.append(FrameBoxes(placed[seen], boxes.confidence[seen], boxes.class_id[seen]))
        return found

    def _letterbox(self, picture: tuple[int, int]) -> Letterbox:
        if self._network.fixed_size is not None:
            return Letterbox.fixed(picture, self._network.fixed_size)
        return Letterbox.rectangular(picture, self._long_side, _STRIDE)

    def _runner(self, size: tuple[int, int], batch: Image) -> Runner:
        with self._lock:
            if size not in self._runners:
                while len(self._runners) >= _SIZES_KEPT:
                    del self._runners[next(iter(self._runners))]
                self._runners[size] = self._start(size, batch)
            return self._runners[size]

    def _start(self, size: tuple[int, int], batch: Image) -> Runner:
        key = machine_key("detector", self._network.digest, self._long_side)
        trial = batch[np.arange(_TRIAL_PICTURES) % len(batch)]
        # The first size decides for all: a resumed or second video runs like the one before.
        self._wanted, runner = pick(
            f"detector {self.name}",
            key,
            self._network.builders(size),
            trial,
            self._judge,
            self._cache,
            self._wanted,
        )
        return runner

    def _judge(self, reference: Float32, outputs: Float32) -> str | None:
        sure = again = 0
        drift = 0.0
        for one, other in zip(reference, outputs, strict=True):
            wanted = boxes_of(one, self._groups, _SURE)
            found = boxes_of(other, self._groups, _ABOUT)
            sure += len(wanted)
            again += _found_again(wanted, found)
            if one.shape[0] == 4 + len(self.class_names):
                drift = max(drift, float(np.abs(one[4:] - other[4:]).mean()))
        if not np.isfinite(outputs).all():
            return "its outputs are not finite"
        if sure and again < _SHARE_FOUND_AGAIN * sure:
            return f"it finds {again} of {sure} sure boxes"
        if drift > _SCORE_DRIFT:
            return f"its scores differ by {drift:.3f} in the mean"
        return None


def _found_again(wanted: FrameBoxes, found: FrameBoxes) -> int:
    """How many wanted boxes have a found one in nearly the same place."""
    if not len(wanted) or not len(found):
        return 0
    one, other = wanted.xyxy[:, None], found.xyxy[None]
    low = np.maximum(one[..., :2], other[..., :2])
    high = np.minimum(one[..., 2:], other[..., 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = [np.prod(boxes[..., 2:] - boxes[..., :2], axis=2) for boxes in (one, other)]
    iou = shared / np.maximum(areas[0] + areas[1] - shared, 1e-9)
    return int((iou.max(axis=1) >= _SAME_PLACE_IOU).sum())
