"""YOLO networks as files: what they are called, what they find, and the ways to run them."""

from __future__ import annotations

import ast
import copy
import importlib.metadata
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from core.errors import ModelError
from core.models.onnx_facts import onnx_facts
from core.models.openvino_runner import (
    OpenVinoRunner,
    convert,
    keep,
    kept,
    openvino_core,
    supports_bf16,
)
from core.models.profile import model_files
from core.models.runtime import Runner, Runtime, has_cuda
from core.models.torch_runner import TorchRunner, torch_module
from core.models.ultralytics_files import (
    DEMO_FILES,
    allow_any_size,
    read_demo,
    read_demo_facts,
    read_pt,
)
from core.models.weights import sha256_of

logger = logging.getLogger(__name__)

Builders = dict[Runtime, Callable[[], Runner]]

_CPU_BATCH = 4
_CUDA_BATCH = 8
_CONVERSION = 1  # raise when the conversion changes: kept models are then made anew
_EXAMPLE = (2, 3, 96, 160)


class YoloNetwork(Protocol):
    """A YOLO network that may not be in memory yet.

    digest: SHA-256 of its files. fixed_size: (width, height) where the input is not free.
    """

    @property
    def digest(self) -> str: ...

    @property
    def class_names(self) -> tuple[str, ...]: ...

    @property
    def fixed_size(self) -> tuple[int, int] | None: ...

    def builders(self, size: tuple[int, int]) -> Builders:
        """Runtimes for pictures of (width, height), the reference first."""
        ...


def network_of(path: Path, cache: Path) -> YoloNetwork:
    """The network in a `.pt` or `.onnx` file, an OpenVINO folder or a demo folder.

    Raises ModelError when it is none of these, or damaged.
    """
    if path.is_dir() and any((path / name).is_file() for name in DEMO_FILES):
        names = read_demo_facts(path)
        digest = sha256_of(*(path / name for name in DEMO_FILES))
        return TorchNetwork(digest, lambda: read_demo(path, cache), cache, names)
    if path.is_dir() and list(path.glob("*.xml")):
        return OpenVinoNetwork(path)
    if path.is_dir():
        raise ModelError(f"{path} holds no detector: neither detector.yaml nor an OpenVINO model.")
    if not path.is_file():
        raise ModelError(f"There is no detector file {path}.")
    if path.suffix == ".pt":
        return TorchNetwork(sha256_of(path), lambda: read_pt(path, cache), cache)
    if path.suffix == ".onnx":
        return OpenVinoNetwork(path)
    raise ModelError(
        f"{path.name} is no detector file that can be used: give a .pt or .onnx file, or the "
        "folder of an OpenVINO export."
    )


class TorchNetwork:
    """A network that PyTorch holds; its OpenVINO form is kept in the cache folder.

    When that form is there, neither torch nor ultralytics is imported to run it.
    """

    fixed_size = None

    def __init__(
        self,
        digest: str,
        load: Callable[[], tuple[Any, tuple[str, ...]]],
        cache: Path,
        class_names: tuple[str, ...] | None = None,
    ) -> None:
        self.digest = digest
        self._load = load
        self._module: Any = None
        self._converted: Any = None
        versions = [importlib.metadata.version(name) for name in ("openvino", "ultralytics")]
        self._folder = cache / "converted" / "-".join([digest[:16], str(_CONVERSION), *versions])
        found = kept(self._folder)
        if found is not None:
            self._converted, facts = found
            class_names = tuple(json.loads(facts["class_names"]))
        else:
            self._module, class_names = load()
        self.class_names = class_names

    def builders(self, size: tuple[int, int]) -> Builders:
        """Runtimes for pictures of (width, height), the reference first."""
        found: Builders = {"torch-f32": self._torch}
        if has_cuda():
            found["cuda-f16"] = lambda: self._torch(cuda=True)
            return found
        found["openvino-f32"] = lambda: self._openvino(size, "f32")
        if supports_bf16():
            found["openvino-bf16"] = lambda: self._openvino(size, "bf16")
        return found

    def _own_module(self) -> Any:
        if self._module is None:
            self._module, _ = self._load()
        return copy.deepcopy(self._module)

    def _torch(self, cuda: bool = False) -> Runner:
        batch = _CUDA_BATCH if cuda else _CPU_BATCH
        return TorchRunner(self._own_module(), batch=batch, cuda=cuda)

    def _openvino(self, size: tuple[int, int], precision: str) -> Runner:
        if self._converted is None:
            torch = torch_module()
            module = allow_any_size(self._own_module())
            example = torch.zeros(_EXAMPLE)
            self._converted = convert(module, example, [-1, 3, -1, -1])
            keep(self._converted, self._folder, {"class_names": json.dumps(self.class_names)})
        return OpenVinoRunner(self._converted, size, precision, batch=_CPU_BATCH)


class OpenVinoNetwork:
    """An ONNX file or the folder of an OpenVINO export, as Ultralytics writes them."""

    def __init__(self, path: Path) -> None:
        file = path if path.is_file() else sorted(path.glob("*.xml"))[0]
        try:
            self._model = openvino_core().read_model(file)
            names = _exported_names(path)
        except (RuntimeError, ValueError, OSError, UnicodeDecodeError) as problem:
            reason = str(problem).strip().splitlines()[-1] if str(problem) else "unreadable"
            raise ModelError(f"{path.name} is damaged or no detector: {reason}") from None
        if len(self._model.inputs) != 1 or len(self._model.outputs) != 1:
            raise ModelError(f"{path.name} is no detector: it has several inputs or outputs.")
        self.digest = sha256_of(*model_files(path))
        self.class_names = names if names is not None else self._numbered(path)
        shape = self._model.input(0).get_partial_shape()
        fixed = shape[2].is_static and shape[3].is_static
        self.fixed_size = (shape[3].get_length(), shape[2].get_length()) if fixed else None

    def _numbered(self, path: Path) -> tuple[str, ...]:
        channels = self._model.output(0).get_partial_shape()[1]
        if channels.is_dynamic or channels.get_length() <= 4:
            raise ModelError(f"{path.name} does not say which classes it finds: export it again.")
        logger.warning("%s does not name its classes: they are numbered", path.name)
        return tuple(f"class {index}" for index in range(channels.get_length() - 4))

    def builders(self, size: tuple[int, int]) -> Builders:
        """Runtimes for pictures of (width, height), the reference first."""

        def build(precision: str) -> Runner:
            return OpenVinoRunner(self._model, size, precision, batch=_CPU_BATCH)

        found: Builders = {"openvino-f32": lambda: build("f32")}
        if supports_bf16():
            found["openvino-bf16"] = lambda: build("bf16")
        return found


def _exported_names(path: Path) -> tuple[str, ...] | None:
    """Class names that Ultralytics wrote into an export; None when there are none."""
    if path.is_file():
        text = onnx_facts(path).get("names")
        names = ast.literal_eval(text) if text else None
    else:
        import yaml

        facts = path / "metadata.yaml"
        names = yaml.safe_load(facts.read_text("utf-8")).get("names") if facts.is_file() else None
    if not isinstance(names, dict):
        return None
    return tuple(str(names[key]) for key in sorted(names))
