"""Which way of running a network is fastest here: measured once, then remembered.

The same network runs up to five times faster in one runtime than in another, and which one wins
depends on the processor. So at first use each is tried on real input; one whose results differ
too much is left out; the fastest is noted in the cache folder and used from then on.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import logging
import os
import platform
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, Protocol, get_args

from core.detections import Float32, Image
from core.errors import ModelError
from core.models.torch_runner import torch_module

logger = logging.getLogger(__name__)

Runtime = Literal["torch-f32", "openvino-f32", "openvino-bf16", "cuda-f16"]
RUNTIMES: tuple[str, ...] = get_args(Runtime)
ENVIRONMENT_NAME = "VIDTRAIL_RUNTIME"

_ROUNDS = 3
_RACE_S = 3.0  # no further round after this: slow networks show their speed in one run
_HOPELESS = 2.5  # times slower than the best so far: not measured again


class Runner(Protocol):
    """A network that is ready to run; safe to call from any thread."""

    def run(self, batch: Image) -> Float32:
        """(N, ...) outputs of (N, H, W, 3) RGB uint8; a row does not depend on the others."""
        ...


# Says what is wrong with outputs beside the reference outputs, or None.
Judge = Callable[[Float32, Float32], str | None]


def cores() -> int:
    """Processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> str:
    """Model name of the processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def has_cuda() -> bool:
    """Whether PyTorch can use a CUDA device; does not import it where there is no driver."""
    if platform.system() == "Linux" and not Path("/proc/driver/nvidia").exists():
        return False
    return bool(torch_module().cuda.is_available())


def machine_key(*parts: object) -> str:
    """Short hash of what a measurement depends on: the given parts, processor and versions."""
    versions = [importlib.metadata.version(name) for name in ("torch", "openvino")]
    text = json.dumps([[str(part) for part in parts], processor(), cores(), versions])
    return hashlib.blake2b(text.encode(), digest_size=10).hexdigest()


def pick(
    what: str,
    key: str,
    builders: Mapping[Runtime, Callable[[], Runner]],
    trial: Image,
    judge: Judge,
    cache: Path,
    wanted: str | None = None,
) -> tuple[Runtime, Runner]:
    """The runtime to use and its runner.

    builders: the runtimes this machine and model allow, the reference first.
    wanted: a runtime asked for (as a resumed ingest does), before $VIDTRAIL_RUNTIME.
    Raises ModelError when the wanted one is not among them, or none works.
    """
    wanted = wanted or os.environ.get(ENVIRONMENT_NAME) or None
    if wanted is not None:
        for name, build in builders.items():
            if name == wanted:
                return name, build()
        raise ModelError(
            f"The runtime {wanted!r} cannot run {what} here; there are {', '.join(builders)}."
        )
    note = cache / "runtime" / f"{key}.json"
    remembered = _read(note)
    for name, build in builders.items():
        if name == remembered:
            return name, build()
    return _measured(what, note, builders, trial, judge)


def _measured(
    what: str,
    note: Path,
    builders: Mapping[Runtime, Callable[[], Runner]],
    trial: Image,
    judge: Judge,
) -> tuple[Runtime, Runner]:
    runners: dict[Runtime, Runner] = {}
    seconds: dict[Runtime, float] = {}
    reference: Float32 | None = None
    for name, build in builders.items():
        try:
            runner = build()
            start = time.perf_counter()
            outputs = runner.run(trial)
            seconds[name] = time.perf_counter() - start
        except Exception as problem:  # whatever a runtime throws, the others are still there
            logger.warning("%s: runtime %s does not work here: %s", what, name, problem)
            continue
        if reference is None:
            reference = outputs
        elif fault := judge(reference, outputs):
            logger.warning("%s: runtime %s is left out: %s", what, name, fault)
            continue
        runners[name] = runner
    if not runners:
        raise ModelError(f"{what} does not run on this machine; the log says why.")
    best = _race(runners, {name: seconds[name] for name in runners}, trial)
    fastest = min(best, key=lambda name: best[name])
    table = {name: round(1000 * value / len(trial), 2) for name, value in best.items()}
    logger.info("%s runs in %s (ms a picture: %s)", what, fastest, table)
    _write(note, {"what": what, "runtime": fastest, "ms_per_picture": table})
    return fastest, runners[fastest]


def _race(
    runners: Mapping[Runtime, Runner], first: Mapping[Runtime, float], trial: Image
) -> dict[Runtime, float]:
    """Best time of each over a few rounds, taken in turns so that a busy moment hits them all.

    first: seconds of the run that was needed to compare results.
    """
    best = dict(first)
    begun = time.perf_counter()
    for _ in range(_ROUNDS if len(runners) > 1 else 0):
        for name, runner in runners.items():
            hopeless = best[name] > _HOPELESS * min(best.values())
            if hopeless or time.perf_counter() - begun > _RACE_S:
                continue
            start = time.perf_counter()
            runner.run(trial)
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def _read(note: Path) -> str | None:
    try:
        return str(json.loads(note.read_text())["runtime"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as problem:
        logger.warning("%s cannot be read (%s): measuring again", note, problem)
        return None


def _write(note: Path, content: Mapping[str, object]) -> None:
    part = note.with_name(f".{note.stem}.{os.getpid()}.part")
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(content, indent=1))
        part.replace(note)
    except OSError as problem:
        logger.warning("the measured runtime cannot be remembered: %s", problem)
