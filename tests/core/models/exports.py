"""Exported detectors, written by hand: the input's own pixels, reshaped, are the output."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from core.models.openvino_runner import openvino_module

# (1, 3, 64, 64) pixels become (1, 6, 2048): four numbers of a box and two class scores a place.
INPUT_SHAPE = (1, 3, 64, 64)
OUTPUT_SHAPE = (1, 6, 2048)
NAMES = {0: "car", 1: "person"}


def _varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _tensor_info(name: str, shape: tuple[int, ...]) -> bytes:
    dims = b"".join(_bytes(1, _number(1, size)) for size in shape)
    tensor_type = _number(1, 1) + _bytes(2, dims)  # float
    return _bytes(1, name) + _bytes(2, _bytes(1, tensor_type))


def write_onnx(path: Path, facts: Mapping[str, str] | None = None) -> Path:
    """A ModelProto with one Reshape node (onnx/onnx.proto), and metadata as Ultralytics writes."""
    target = struct.pack("<3q", *OUTPUT_SHAPE)
    shape = _number(1, 3) + _number(2, 7) + _bytes(8, "shape") + _bytes(9, target)  # int64
    node = _bytes(1, "images") + _bytes(1, "shape") + _bytes(2, "output0") + _bytes(4, "Reshape")
    graph = (
        _bytes(1, node)
        + _bytes(2, "pixels")
        + _bytes(5, shape)
        + _bytes(11, _tensor_info("images", INPUT_SHAPE))
        + _bytes(12, _tensor_info("output0", OUTPUT_SHAPE))
    )
    facts = {"task": "detect", "names": str(NAMES)} if facts is None else facts
    entries = b"".join(_bytes(14, _bytes(1, k) + _bytes(2, v)) for k, v in facts.items())
    model = _number(1, 8) + _bytes(7, graph) + _bytes(8, _number(2, 13)) + entries
    path.write_bytes(model)
    return path


def write_openvino(folder: Path) -> Path:
    import yaml

    openvino = openvino_module()
    ops = openvino.opset13
    images = ops.parameter(INPUT_SHAPE, dtype=np.float32, name="images")
    output = ops.reshape(images, ops.constant(np.array(OUTPUT_SHAPE, np.int64)), special_zero=False)
    folder.mkdir()
    openvino.save_model(openvino.Model([output], [images]), folder / "yolo.xml")
    (folder / "metadata.yaml").write_text(yaml.safe_dump({"names": NAMES, "task": "detect"}))
    return folder
