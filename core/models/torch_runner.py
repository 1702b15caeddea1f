"""Running a network in PyTorch, on the processor or a CUDA device."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

import numpy as np

from core.detections import Float32, Image


def torch_module() -> Any:
    """The `torch` package, imported so that its idle threads sleep instead of spinning.

    Decoding, tracking and other networks work beside it on the same cores.
    """
    if "torch" not in sys.modules:
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch

    return torch


class TorchRunner:
    """An `nn.Module` on uint8 pictures, in batches of one fixed size.

    mean, std: per channel, of pixel values in [0, 1]; (input - mean) / std is what the module sees.
    The module's own copy is moved and converted, and must not be used elsewhere.
    """

    def __init__(
        self,
        module: Any,
        *,
        batch: int,
        cuda: bool = False,
        mean: tuple[float, float, float] = (0.0, 0.0, 0.0),
        std: tuple[float, float, float] = (1.0, 1.0, 1.0),
    ) -> None:
        torch = torch_module()
        self._batch = batch
        self._device = torch.device("cuda" if cuda else "cpu")
        self._dtype = torch.float16 if cuda else torch.float32
        module = module.to(self._device, self._dtype, memory_format=torch.channels_last)
        self._module = module.eval().requires_grad_(False)
        shape = (1, 3, 1, 1)
        scale = 1.0 / (255.0 * np.array(std))
        shift = -np.array(mean) / np.array(std)
        self._scale = torch.tensor(scale, device=self._device, dtype=torch.float32).view(shape)
        self._shift = torch.tensor(shift, device=self._device, dtype=torch.float32).view(shape)
        self._lock = threading.Lock()

    def run(self, batch: Image) -> Float32:
        """(N, ...) float32 outputs of (N, H, W, 3) RGB uint8."""
        torch = torch_module()
        outputs = []
        with self._lock, torch.inference_mode():
            for start in range(0, len(batch), self._batch):
                piece = batch[start : start + self._batch]
                rows = len(piece)
                if rows < self._batch:  # one shape always: results do not hang on what comes along
                    piece = np.concatenate([piece, np.repeat(piece[-1:], self._batch - rows, 0)])
                pictures = torch.from_numpy(np.ascontiguousarray(piece)).to(self._device)
                x = pictures.permute(0, 3, 1, 2).float() * self._scale + self._shift
                outputs.append(self._module(x.to(self._dtype))[:rows].float().cpu().numpy())
        return np.concatenate(outputs)
