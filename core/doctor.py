"""What this machine has, what is missing, and what to do about it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import VidtrailError
from core.terminal import size

PACKAGES = (
    "av",
    "numpy",
    "pyarrow",
    "scipy",
    "torch",
    "torchvision",
    "ultralytics",
    "open-clip-torch",
    "streamlit",
    "plotly",
    "psutil",
)
_ONE_OF = (("faiss-gpu", "faiss-cpu"), ("opencv-python-headless", "opencv-python"))
_HELPFUL = ("openvino",)
_CODECS = ("h264", "hevc", "vp9", "av1", "mpeg4", "mjpeg")
_LEAST_FREE = 2e9


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. broken: it must be mended. certain: False for a mere remark.
    advice: what to do, "" where nothing is to be done.
    """

    what: str
    state: str
    advice: str = ""
    broken: bool = False
    certain: bool = True


def examine(library: Path | str) -> Iterator[Finding]:
    """Look at machine, packages, codecs, models, cache and library, one finding after another."""
    yield _processor()
    yield _memory()
    yield _python()
    yield from _packages()
    yield _gpu()
    yield from _codecs()
    yield from _models()
    yield from _folders(Path(library).expanduser().absolute())
    yield from _library(Path(library).expanduser().absolute())


def _processor() -> Finding:
    from core.models.runtime import cores, processor

    name = processor() or platform.processor() or platform.machine()
    return Finding("Processor", f"{name}, {cores()} cores for us, {platform.system()}")


def _memory() -> Finding:
    try:
        import psutil
    except ImportError:
        return Finding("Memory", "unknown", "`make install` installs psutil, which tells.")
    memory = psutil.virtual_memory()
    state = f"{size(memory.total)}, {size(memory.available)} free"
    if memory.available < 1.5e9:
        return Finding("Memory", state, "Close other programs before adding videos.", certain=False)
    return Finding("Memory", state)


def _python() -> Finding:
    return Finding("Python", f"{platform.python_version()} ({sys.executable})")


def _packages() -> Iterator[Finding]:
    found, missing = [], []
    for name in PACKAGES:
        version = _version(name)
        if version is None:
            missing.append(name)
        else:
            found.append(f"{name} {version}")
    for names in _ONE_OF:
        versions = [(name, v) for name in names if (v := _version(name)) is not None]
        if versions:
            found.append(f"{versions[0][0]} {versions[0][1]}")
        else:
            missing.append(names[0])
    found += [f"{name} {v}" for name in _HELPFUL if (v := _version(name)) is not None]
    yield Finding("Packages", ", ".join(found))
    if missing:
        yield Finding("Packages missing", ", ".join(missing), "Run `make install`.", broken=True)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _gpu() -> Finding:
    try:
        import torch
    except (ImportError, OSError) as problem:
        return Finding("GPU", "unknown", f"torch cannot be loaded ({problem}).", broken=True)
    if not torch.cuda.is_available():
        return Finding("GPU", "none that torch can use: everything runs on the processor")
    names = [torch.cuda.get_device_name(k) for k in range(torch.cuda.device_count())]
    return Finding("GPU", ", ".join(names))


def _codecs() -> Iterator[Finding]:
    try:
        import av
        import av.codec
    except ImportError as problem:
        yield Finding("Codecs", str(problem), "Run `make install`.", broken=True)
        return
    known = av.codec.codecs_available
    has = [name for name in _CODECS if name in known]
    lacks = [name for name in _CODECS if name not in known]
    yield Finding("Reads", ", ".join(has) + (f"; not {', '.join(lacks)}" if lacks else ""))
    if "libx264" not in known:
        advice = "Cutting clips needs an FFmpeg with x264: `pip install --force-reinstall av`."
        yield Finding("Writes", "no H.264", advice, certain=False)


def _models() -> Iterator[Finding]:
    from core.models.load import missing_weights
    from core.models.profile import NAMES, profile
    from core.models.weights import cache_dir

    for name in NAMES:
        try:
            chosen = profile(name)
            given = [spec.path for spec in (chosen.detector, chosen.encoder) if spec.path]
            gone = [path for path in given if not path.exists()]
            lacking = missing_weights(chosen)
        except VidtrailError as problem:
            yield Finding(f"Profile {name}", "cannot be used", str(problem), broken=name == "demo")
            continue
        if gone:
            advice = "The checkout is incomplete: fetch it again."
            yield Finding(f"Profile {name}", f"{gone[0]} is missing", advice, broken=True)
        elif lacking:
            total = sum(source.size_bytes or 0 for source in lacking)
            about = f" ({size(total)})" if total else ""
            yield Finding(
                f"Profile {name}",
                f"would download {len(lacking)} files{about} on first use",
                "Without internet: give `--detector FILE` and `--encoder NAME=FILE_OR_FOLDER`.",
                certain=False,
            )
        else:
            yield Finding(f"Profile {name}", "at hand")
    yield _writable("Cache", cache_dir())


def _folders(library: Path) -> Iterator[Finding]:
    place = _existing(library)
    try:
        free = shutil.disk_usage(place).free
    except OSError as problem:
        yield Finding("Free disk", "unknown", str(problem), certain=False)
        return
    if free < _LEAST_FREE:
        advice = "Make room: an hour of video takes some 100 MB in the library."
        yield Finding("Free disk", f"{size(free)} at {place}", advice, broken=True)
    else:
        yield Finding("Free disk", f"{size(free)} at {place}")


def _writable(what: str, folder: Path) -> Finding:
    place = _existing(folder)
    if os.access(place, os.W_OK):
        held = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
        return Finding(what, f"{folder}, {size(held)}")
    advice = "Set VIDTRAIL_CACHE to a folder that can be written to."
    return Finding(what, f"{folder} cannot be written to", advice, broken=True)


def _existing(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _library(folder: Path) -> Iterator[Finding]:
    from core.library.library import Library

    if not folder.exists():
        yield Finding("Library", f"none at {folder} yet", "`vidtrail add FILE` makes one.")
        return
    try:
        with Library.open(folder, create=False) as library:
            damaged = library.verify()
            records = library.videos()
    except VidtrailError as problem:
        yield Finding("Library", "cannot be used", str(problem), broken=True)
        return
    ready = sum(record.state == "ready" for record in records)
    yield Finding("Library", f"{folder}: {ready} of {len(records)} videos can be searched")
    for record in records:
        if record.video_id in damaged:
            said = damaged[record.video_id]
            yield Finding(f"Video {record.name}", "damaged", said, broken=True)
        elif record.state == "interrupted":
            said = "Run `vidtrail add` with it again."
            yield Finding(f"Video {record.name}", "not read to the end", said, certain=False)
        if not Path(record.path).exists():
            yield Finding(
                f"Video {record.name}",
                f"{record.path} has gone",
                "It can be searched but not played: put the file back, or add it from its new "
                "place.",
                certain=False,
            )
