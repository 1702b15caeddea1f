"""Small models made on the spot: real files, untrained weights."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.detections import Image
from core.models.torch_runner import torch_module
from core.models.ultralytics_files import quiet_ultralytics

TINY_YOLO: dict[str, Any] = {
    "nc": 3,
    "scale": "n",
    "scales": {"n": [0.33, 0.125, 256]},
    "backbone": [
        [-1, 1, "Conv", [64, 3, 2]],
        [-1, 1, "Conv", [128, 3, 2]],
        [-1, 1, "C2f", [128, True]],
        [-1, 1, "Conv", [256, 3, 2]],
        [-1, 1, "Conv", [256, 3, 2]],
        [-1, 1, "SPPF", [256, 5]],
    ],
    "head": [[[3, 5], 1, "Detect", ["nc"]]],
}
TINY_CLIP: dict[str, Any] = {
    "model_cfg": {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32, "layers": [1, 1, 1, 1], "width": 8},
        "text_cfg": {"context_length": 12, "vocab_size": 518, "width": 16, "heads": 2, "layers": 1},
    },
    "preprocess_cfg": {
        "mean": [0.45, 0.4, 0.35],
        "std": [0.25, 0.3, 0.2],
        "interpolation": "bilinear",
        "resize_mode": "squash",
    },
}
CLASS_NAMES = ("car", "truck", "person")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared by the tests of a session, as a user's is by runs: what is converted stays."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def yolo_folder(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    import yaml

    torch = torch_module()

    folder = tmp_path_factory.mktemp("yolo")
    with quiet_ultralytics(cache):
        from safetensors.torch import save_file
        from ultralytics.nn.tasks import DetectionModel

        torch.manual_seed(3)
        model = DetectionModel(dict(TINY_YOLO), ch=3, nc=3, verbose=False)
        for parameter in model.model[-1].parameters():
            torch.nn.init.normal_(parameter, std=0.6)  # so that it finds something
        state = {key: value.half().contiguous() for key, value in model.state_dict().items()}
    save_file(state, folder / "detector.safetensors")
    (folder / "detector.yaml").write_text(yaml.safe_dump(TINY_YOLO))
    facts = {"class_names": CLASS_NAMES, "image_size_px": 160, "version": 1}
    (folder / "detector.json").write_text(json.dumps(facts))
    return folder


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip"))


def write_clip(folder: Path, seed: int = 5) -> Path:
    torch = torch_module()
    import open_clip
    from safetensors.torch import save_file

    torch.manual_seed(seed)
    model = open_clip.CLIP(**TINY_CLIP["model_cfg"])
    for name, parameter in model.visual.named_parameters():  # so that it tells pictures apart
        if name.endswith("bn3.weight"):
            torch.nn.init.ones_(parameter)
        elif name.endswith("positional_embedding"):
            torch.nn.init.zeros_(parameter)
    state = {key: value.half().contiguous() for key, value in model.state_dict().items()}
    save_file(state, folder / "open_clip_model.safetensors")
    (folder / "open_clip_config.json").write_text(json.dumps(TINY_CLIP))
    merges = ["#version: 0.2", "r e", "re d</w>", "c a", "ca r</w>"]
    with gzip.open(folder / "bpe_merges.txt.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(merges))
    return folder


@pytest.fixture
def pictures() -> list[Image]:
    """Twelve smooth colour patterns of one size."""
    rng = np.random.default_rng(2)
    coarse = rng.integers(0, 256, (12, 9, 16, 3), np.uint8)
    return [np.kron(one, np.ones((10, 10, 1), np.uint8)) for one in coarse]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real footage and weights beside the checkout; the test is skipped without it."""
    own = os.environ.get("VIDTRAIL_SHARED_DATA")
    folder = Path(own) if own else Path(__file__).parents[4] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real footage and weights are not at hand")
    return folder
