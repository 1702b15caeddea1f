"""Running a network in OpenVINO, converted from PyTorch once and kept in the cache folder."""

from __future__ import annotations

import logging
import shutil
import sys
import tempfile
import threading
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from core.detections import Float32, Image
from core.models.runtime import cores
from core.models.torch_runner import torch_module

logger = logging.getLogger(__name__)

_MOST_STREAMS = 8


def openvino_module() -> Any:
    """The `openvino` package, imported so that it reports nothing to its makers.

    As it comes it sends a message over the internet when it is imported and at each conversion;
    without the package `openvino_telemetry` it uses a stub of its own.
    """
    if "openvino" not in sys.modules:
        sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # import then fails
    import openvino

    return openvino


@cache
def openvino_core() -> Any:
    """The one `openvino.Core` of this process, which lives as long as the process.

    Each has a CPU plugin that on processors with AMX gives the thread a signal stack of its own and
    puts back the one before when it goes: of two that go in the order in which they came, the
    second puts back what the first has freed, and the next signal ends the process.
    """
    return openvino_module().Core()


def supports_bf16() -> bool:
    """Whether this processor calculates in bfloat16 itself."""
    return "BF16" in openvino_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def convert(module: Any, example: Any, shape: list[int]) -> Any:
    """An OpenVINO model of an `nn.Module`; -1 in `shape` (N, C, H, W) stays open."""
    torch = torch_module()
    openvino = openvino_module()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the tracer's own deprecations and shape remarks
        module = module.eval().requires_grad_(False)
        # Traced here because the converter would trace twice to compare: seconds for nothing.
        traced = torch.jit.trace(module, example, strict=False, check_trace=False)
        return openvino.convert_model(traced, example_input=example, input=shape)


def keep(model: Any, folder: Path, facts: Mapping[str, str]) -> bool:
    """Store a converted model with some facts, at once or not at all; False when it cannot be."""
    openvino = openvino_module()
    for name, value in facts.items():
        model.set_rt_info(value, ["vidtrail", name])
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".converting-") as scratch:
            part = Path(scratch) / "model"
            part.mkdir()
            openvino.save_model(model, part / "model.xml", compress_to_fp16=False)
            if folder.exists():
                shutil.rmtree(folder, ignore_errors=True)
            part.replace(folder)
    except (OSError, RuntimeError) as problem:
        logger.warning("the converted model cannot be kept in %s: %s", folder, problem)
        return False
    return True


def kept(folder: Path) -> tuple[Any, dict[str, str]] | None:
    """The model stored in a folder by `keep` and its facts; None when there is none."""
    file = folder / "model.xml"
    if not file.is_file():
        return None
    try:
        model = openvino_core().read_model(file)
        facts = model.get_rt_info()["vidtrail"]
        return model, {name: str(value.value) for name, value in facts.items()}
    except (RuntimeError, KeyError, AttributeError) as problem:
        logger.warning("%s is damaged (%s): converting again", file, problem)
        return None


class OpenVinoRunner:
    """A network on uint8 pictures of one size, several batches at a time.

    model: with one NCHW float input and one output whose rows belong to the pictures.
    size: (width, height) of the pictures. batch: pictures at a time, where the model leaves it
    open. precision: "f32" or "bf16".
    mean, std: as in TorchRunner, folded into the network.
    """

    def __init__(
        self,
        model: Any,
        size: tuple[int, int],
        precision: str,
        *,
        batch: int,
        mean: tuple[float, float, float] = (0.0, 0.0, 0.0),
        std: tuple[float, float, float] = (1.0, 1.0, 1.0),
    ) -> None:
        openvino = openvino_module()
        width, height = size
        model = model.clone()
        if model.is_dynamic():
            model.reshape([batch, 3, height, width])
        batch = model.input(0).shape[0]
        steps = openvino.preprocess.PrePostProcessor(model)
        given = steps.input()
        given.tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
        given.model().set_layout(openvino.Layout("NCHW"))
        given.preprocess().convert_element_type(openvino.Type.f32)
        given.preprocess().mean([255.0 * value for value in mean])
        given.preprocess().scale([255.0 * value for value in std])
        if model.input(0).get_element_type() != openvino.Type.f32:
            given.preprocess().convert_element_type(model.input(0).get_element_type())
        streams = min(cores(), _MOST_STREAMS)
        compiled = openvino_core().compile_model(
            steps.build(),
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": precision,
                "NUM_STREAMS": str(streams),
                "INFERENCE_NUM_THREADS": str(cores()),
                # Several networks and the decoder share the cores: none may own one.
                "ENABLE_CPU_PINNING": False,
            },
        )
        self._batch = batch
        self._requests = openvino.AsyncInferQueue(compiled, streams)
        self._requests.set_callback(_collect)
        self._lock = threading.Lock()

    def run(self, batch: Image) -> Float32:
        """(N, ...) float32 outputs of (N, H, W, 3) RGB uint8."""
        starts = range(0, len(batch), self._batch)
        outputs: list[Float32 | None] = [None] * len(starts)
        with self._lock:
            for slot, start in enumerate(starts):
                piece = batch[start : start + self._batch]
                rows = len(piece)
                if rows < self._batch:  # one shape always: results do not hang on what comes along
                    piece = np.concatenate([piece, np.repeat(piece[-1:], self._batch - rows, 0)])
                self._requests.start_async({0: np.ascontiguousarray(piece)}, (outputs, slot, rows))
            self._requests.wait_all()
        return np.concatenate([piece for piece in outputs if piece is not None])


def _collect(request: Any, place: tuple[list[Float32 | None], int, int]) -> None:
    outputs, slot, rows = place
    outputs[slot] = np.array(request.get_output_tensor(0).data[:rows], np.float32)
