"""Loading YOLO networks through Ultralytics, offline and without its side effects.

Ultralytics, once imported, changes thread counts and print settings of the process and would look
for updates; here it only builds the network. The predictor around it is not used.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from core.errors import ModelError
from core.models.torch_runner import torch_module

DEMO_FILES = ("detector.yaml", "detector.safetensors", "detector.json")


@contextmanager
def quiet_ultralytics(cache: Path) -> Iterator[None]:
    """Import or call Ultralytics inside: no internet, no output, settings as they were after."""
    os.environ.setdefault("YOLO_OFFLINE", "1")
    os.environ.setdefault("YOLO_AUTOINSTALL", "0")
    os.environ.setdefault("YOLO_VERBOSE", "False")
    os.environ.setdefault("YOLO_CONFIG_DIR", str(cache / "ultralytics"))
    torch = torch_module()
    torch_threads, cv2_threads = torch.get_num_threads(), cv2.getNumThreads()
    printing = np.get_printoptions()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.set_num_threads(torch_threads)
        cv2.setNumThreads(cv2_threads)
        np.set_printoptions(**printing)


def read_pt(path: Path, cache: Path) -> tuple[Any, tuple[str, ...]]:
    """The network of a `.pt` file, ready for inference, and its class names.

    Such a file is a pickle: loading one runs what it says, so use files you trust.
    Raises ModelError when it is no YOLO detector.
    """
    with quiet_ultralytics(cache):
        from ultralytics import YOLO

        try:
            model = YOLO(str(path))
        except Exception as problem:  # unpickling may raise anything
            reason = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
            raise ModelError(
                f"{path.name} is not a YOLO model that Ultralytics can load: {reason}"
            ) from problem
        if model.task != "detect":
            raise ModelError(f"{path.name} is a YOLO model for {model.task}, not a detector.")
        names = {int(key): str(value) for key, value in model.names.items()}
        return _for_inference(model.model), tuple(names[key] for key in sorted(names))


def read_demo(folder: Path, cache: Path) -> tuple[Any, tuple[str, ...]]:
    """The network of a folder with three files, and its class names.

    detector.yaml: an Ultralytics model description with its `scale` written out.
    detector.safetensors: the `state_dict()` of that DetectionModel before fusing, float16 or 32.
    detector.json: {"class_names": [...], "image_size_px": 640, "version": ...}.
    Raises ModelError when a file is missing or they do not fit one another.
    """
    names = read_demo_facts(folder)
    with quiet_ultralytics(cache):
        import yaml
        from safetensors.torch import load_file
        from ultralytics.nn.tasks import DetectionModel

        try:
            description = yaml.safe_load((folder / DEMO_FILES[0]).read_text("utf-8"))
            model = DetectionModel(description, ch=3, nc=len(names), verbose=False)
            state = load_file(folder / DEMO_FILES[1])
            model.load_state_dict({key: value.float() for key, value in state.items()})
        except Exception as problem:
            raise ModelError(
                f"The detector files in {folder} are damaged or do not fit one another: "
                f"{str(problem).splitlines()[0]}"
            ) from problem
        return _for_inference(model), names


def read_demo_facts(folder: Path) -> tuple[str, ...]:
    """Class names of a detector folder. Raises ModelError when a file of it is missing."""
    missing = [name for name in DEMO_FILES if not (folder / name).is_file()]
    if missing:
        raise ModelError(
            f"{', '.join(missing)} missing in {folder}: the checkout is incomplete; fetch it again."
        )
    try:
        names = json.loads((folder / DEMO_FILES[2]).read_text("utf-8"))["class_names"]
        return tuple(str(name) for name in names)
    except (ValueError, KeyError, TypeError) as problem:
        raise ModelError(f"{folder / DEMO_FILES[2]} is damaged: {problem}") from None


def _for_inference(model: Any) -> Any:
    """Float32, fused, giving the one tensor of its one-to-many head where it has one.

    That head with suppression outside finds more than the one-to-one head (Ultralytics' own
    default since 8.4.142); a file that was fused without it keeps the other.
    """
    model = model.float().eval().requires_grad_(False)
    head = model.model[-1]
    if getattr(head, "one2one_cv2", None) is not None and head.cv2 is not None:
        head.end2end = False
    model.fuse(verbose=False)
    head.export = True  # only the decoded tensor, without the training outputs beside it
    head.format = "openvino"
    return model


def allow_any_size(module: Any) -> Any:
    """Let a network be converted for pictures of any size: its anchors follow the input."""
    module.model[-1].dynamic = True
    return module
