"""Image-text encoders of open_clip: pictures and words in, unit vectors of one space out.

Crops are padded to the encoder's shape instead of cropped, pixels go to the network as bytes with
the normalisation folded in, and a model whose weights did not arrive is refused: open_clip itself
would go on with random ones.
"""

from __future__ import annotations

import copy
import importlib.metadata
import json
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.detections import Float32, Image
from core.models.letterbox import square
from core.models.open_clip_files import ClipFiles, LoadedClip
from core.models.openvino_runner import OpenVinoRunner, convert, keep, kept, supports_bf16
from core.models.runtime import Runner, Runtime, has_cuda, machine_key, pick
from core.models.text_vectors import TextVectors
from core.models.torch_runner import TorchRunner, torch_module

logger = logging.getLogger(__name__)

_CPU_BATCH = 4
_CUDA_BATCH = 32
_TRIAL_PICTURES = 8
_CONVERSION = 1  # raise when the conversion changes: kept models are then made anew
_LEAST_COSINE = 0.999
_QUICK_BYTES = 48 << 20


class OpenClipEncoder:
    """An open_clip model behind the Encoder interface.

    The picture tower runs in the fastest runtime, the text tower in PyTorch float32. When the
    converted picture tower is in the cache folder, PyTorch is imported only for texts.
    runtime: one of RUNTIMES to insist on for pictures; None measures at first use.
    Raises ModelError when weights are missing, damaged or of another model.
    """

    def __init__(self, files: ClipFiles, *, cache: Path, runtime: str | None = None) -> None:
        self._files = files
        self._cache = cache
        self._wanted = runtime
        self._loaded: LoadedClip | None = None
        self._converted: Any = None
        self._runner: Runner | None = None
        self._lock = threading.RLock()
        versions = [importlib.metadata.version(name) for name in ("openvino", "open_clip_torch")]
        label = "-".join([files.digest[:16], str(_CONVERSION), *versions])
        self._folder = cache / "converted" / label
        found = kept(self._folder)
        if found is None:
            loaded = self._load()
            self._facts = loaded.facts
        else:
            self._converted, texts = found
            self._facts = json.loads(texts["facts"])
        self._texts = TextVectors(cache / "texts" / label, self.dim)

    @property
    def name(self) -> str:
        return f"{self._files.label}-{self._files.digest[:8]}"

    @property
    def dim(self) -> int:
        return int(self._facts["dim"])

    @property
    def quick(self) -> bool:
        """True on a GPU, and for towers so small that a CPU runs them in a millisecond."""
        on_gpu = (self._wanted or "").startswith("cuda")
        return on_gpu or self._files.weights.stat().st_size <= _QUICK_BYTES

    @property
    def runtime(self) -> str | None:
        """How pictures run; None before the first one, unless insisted on."""
        return self._wanted

    def encode_images(self, crops: Sequence[Image]) -> Float32:
        """(N, D) float32 unit vectors of RGB pictures of any sizes.

        Raises ValueError for a picture without pixels.
        """
        if not len(crops):
            return np.zeros((0, self.dim), np.float32)
        size = (int(self._facts["size"][0]), int(self._facts["size"][1]))
        batch = np.stack([square(_checked(crop), size) for crop in crops])
        with self._lock:
            runner = self._runner or self._start(batch, size)
        return _unit(runner.run(batch))

    def encode_texts(self, texts: Sequence[str]) -> Float32:
        """(N, D) float32 unit vectors of the texts as they are; those asked before are kept."""
        if not len(texts):
            return np.zeros((0, self.dim), np.float32)
        vectors: dict[str, Float32] = {}
        for text in dict.fromkeys(texts):
            kept_vector = self._texts.get(text)
            if kept_vector is not None:
                vectors[text] = kept_vector
        new = [text for text in dict.fromkeys(texts) if text not in vectors]
        for text, vector in zip(new, self._encode_new(new), strict=True):
            vectors[text] = vector
            self._texts.put(text, vector)
        return _unit(np.stack([vectors[text] for text in texts]))

    def _encode_new(self, texts: list[str]) -> list[Float32]:
        """One at a time: the vector of a text must not hang on what is asked beside it."""
        if not texts:
            return []
        torch = torch_module()
        loaded = self._load()
        with self._lock, torch.inference_mode():
            return [
                loaded.model.encode_text(loaded.tokenize([text])).float().numpy()[0]
                for text in texts
            ]

    def _load(self) -> LoadedClip:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._files.load()
            return self._loaded

    def _start(self, batch: Image, size: tuple[int, int]) -> Runner:
        trial = batch[np.arange(_TRIAL_PICTURES) % len(batch)]
        self._wanted, self._runner = pick(
            f"encoder {self.name}",
            machine_key("encoder", self._files.digest, size),
            self._builders(size),
            trial,
            _judge,
            self._cache,
            self._wanted,
        )
        return self._runner

    def _builders(self, size: tuple[int, int]) -> dict[Runtime, Callable[[], Runner]]:
        found: dict[Runtime, Callable[[], Runner]] = {"torch-f32": self._torch}
        if has_cuda():
            found["cuda-f16"] = lambda: self._torch(cuda=True)
            return found
        found["openvino-f32"] = lambda: self._openvino(size, "f32")
        if supports_bf16():
            found["openvino-bf16"] = lambda: self._openvino(size, "bf16")
        return found

    def _torch(self, cuda: bool = False) -> Runner:
        tower = copy.deepcopy(self._load().picture_tower())
        mean, std = self._normalisation()
        batch = _CUDA_BATCH if cuda else _CPU_BATCH
        return TorchRunner(tower, batch=batch, cuda=cuda, mean=mean, std=std)

    def _openvino(self, size: tuple[int, int], precision: str) -> Runner:
        if self._converted is None:
            torch = torch_module()
            width, height = size
            # A copy: the converter leaves its marks on the module it is given.
            tower = copy.deepcopy(self._load().picture_tower())
            example = torch.zeros(2, 3, height, width)
            self._converted = convert(tower, example, [-1, 3, height, width])
            keep(self._converted, self._folder, {"facts": json.dumps(self._facts)})
        mean, std = self._normalisation()
        return OpenVinoRunner(
            self._converted, size, precision, batch=_CPU_BATCH, mean=mean, std=std
        )

    def _normalisation(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        mean, std = self._facts["mean"], self._facts["std"]
        return (mean[0], mean[1], mean[2]), (std[0], std[1], std[2])


def _checked(crop: Image) -> Image:
    if crop.ndim != 3 or crop.shape[2] != 3 or crop.size == 0:
        raise ValueError(f"not an RGB picture: shape {crop.shape}")
    return crop


def _unit(vectors: Float32) -> Float32:
    vectors = np.asarray(vectors, np.float32)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12), np.float32)


def _judge(reference: Float32, outputs: Float32) -> str | None:
    if not np.isfinite(outputs).all():
        return "its outputs are not finite"
    cosine = float((_unit(reference) * _unit(outputs)).sum(axis=1).min())
    return None if cosine >= _LEAST_COSINE else f"cosine to float32 falls to {cosine:.4f}"
