"""Class names written into an ONNX file, read without the onnx package.

Only the outermost message is walked (protobuf wire format); ModelProto.metadata_props is field 14,
a StringStringEntryProto with key (1) and value (2): onnx/onnx.proto of the ONNX project.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

_METADATA_PROPS = 14
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def onnx_facts(path: Path) -> dict[str, str]:
    """The file's metadata. Raises ValueError when it is no ONNX file, OSError when unreadable."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        facts: dict[str, str] = {}
        for field, start, stop in _fields(data, 0, len(data)):
            if field == _METADATA_PROPS:
                entry = {
                    number: data[low:high].decode("utf-8")
                    for number, low, high in _fields(data, start, stop)
                }
                facts[entry.get(1, "")] = entry.get(2, "")
        return facts


def _fields(data: mmap.mmap, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """(field number, start, stop) of the length-delimited fields of a message."""
    place = start
    while place < stop:
        tag, place = _varint(data, place, stop)
        kind = tag & 7
        if kind == _VARINT:
            _, place = _varint(data, place, stop)
        elif kind == _FIXED64:
            place += 8
        elif kind == _FIXED32:
            place += 4
        elif kind == _BYTES:
            length, place = _varint(data, place, stop)
            if place + length > stop:
                raise ValueError("a field runs over the end")
            yield tag >> 3, place, place + length
            place += length
        else:
            raise ValueError(f"unknown wire type {kind}")


def _varint(data: mmap.mmap, place: int, stop: int) -> tuple[int, int]:
    value = shift = 0
    while place < stop and shift < 64:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
    raise ValueError("a number runs over the end")
