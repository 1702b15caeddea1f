"""Text vectors, kept beside the index, so that most questions need no model at all.

The words of colours and classes are the same in every question; once encoded, they are read from
a file of a few hundred kilobytes. Anything not in it wakes the encoder.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from core.detections import Float32, Image
from core.library.meta import encoder_slug
from core.models.encoder import Encoder

_log = logging.getLogger(__name__)
_MOST_KEPT = 4096


class LazyEncoder:
    """An encoder that is loaded when it is first asked; raises ModelError then, when it must."""

    def __init__(self, name: str, dim: int, load: Callable[[], Encoder]) -> None:
        self.name = name
        self.dim = dim
        self._load = load
        self._lock = threading.Lock()
        self._encoder: Encoder | None = None

    @property
    def quick(self) -> bool:
        return self._loaded().quick

    def encode_images(self, crops: Sequence[Image]) -> Float32:
        return self._loaded().encode_images(crops)

    def encode_texts(self, texts: Sequence[str]) -> Float32:
        return self._loaded().encode_texts(texts)

    def _loaded(self) -> Encoder:
        with self._lock:
            if self._encoder is None:
                self._encoder = self._load()
            return self._encoder


class Prompts:
    """Texts -> vectors of one encoder; any thread may ask.

    folder: where the vectors are kept (`<folder>/<encoder>/prompts.npz`), None for nowhere.
    """

    def __init__(self, encoder: Encoder, folder: Path | None) -> None:
        self._encoder = encoder
        self._folder = None if folder is None else folder / encoder_slug(encoder.name)
        self._file = None if self._folder is None else self._folder / "prompts.npz"
        self._lock = threading.Lock()
        self._kept: dict[str, Float32] | None = None

    def vectors(self, texts: Sequence[str]) -> Float32:
        """(N, D) float32 unit vectors, in the order asked."""
        with self._lock:
            kept = self._read() if self._kept is None else self._kept
            self._kept = kept
            missing = [text for text in dict.fromkeys(texts) if text not in kept]
            if missing:
                kept.update(zip(missing, self._encoder.encode_texts(missing), strict=True))
                while len(kept) > _MOST_KEPT:
                    kept.pop(next(iter(kept)))
                self._write(kept)
            vectors = [kept[text] for text in texts if text in kept]
        if len(vectors) < len(texts):  # more texts at once than are kept
            return self._encoder.encode_texts(texts)
        return np.asarray(vectors, np.float32).reshape(len(texts), -1)

    def ensemble(self, phrases: Sequence[str]) -> Float32:
        """(N, D) unit vectors of noun phrases, each the mean over several ways to caption it."""
        texts = [template.format(phrase) for phrase in phrases for template in _TEMPLATES]
        vectors = self.vectors(texts).reshape(len(phrases), len(_TEMPLATES), -1).mean(axis=1)
        norms = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return np.asarray(vectors / norms, np.float32)

    def _read(self) -> dict[str, Float32]:
        if self._file is None or not self._file.exists():
            return {}
        try:
            with self._file.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                texts, vectors = stored["texts"].tolist(), stored["vectors"].astype(np.float32)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            _log.warning("%s is damaged and will be written anew: %s", self._file, error)
            return {}
        if vectors.ndim != 2 or vectors.shape != (len(texts), self._encoder.dim):
            return {}
        return dict(zip(texts, vectors, strict=True))

    def _write(self, kept: dict[str, Float32]) -> None:
        if self._file is None:
            return
        _save(self._file, texts=np.array(list(kept)), vectors=np.stack(list(kept.values())))

    # --- what else is derived from texts and crops --------------------------------------------

    def read(self, name: str, stamp: str) -> Float32 | None:
        """An array kept under this name, None unless it was made from exactly `stamp`."""
        path = None if self._folder is None else self._folder / f"{name}.npz"
        if path is None or not path.exists():
            return None
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                fits = str(stored["stamp"]) == stamp
                return np.asarray(stored["values"], np.float32) if fits else None
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            _log.warning("%s is damaged and will be written anew: %s", path, error)
            return None

    def write(self, name: str, stamp: str, values: Float32) -> None:
        """Keep an array under a name; where that cannot be, it is made anew next time."""
        if self._folder is not None:
            path = self._folder / f"{name}.npz"
            _save(path, stamp=np.array(stamp), values=values.astype(np.float16))


def _save(path: Path, **arrays: npt.NDArray[Any]) -> None:
    fresh = path.with_name(f"{path.stem}.{os.getpid()}.tmp.npz")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(fresh, allow_pickle=False, **arrays)
        fresh.replace(path)
    except OSError as error:
        _log.info("%s is not kept: %s", path, error)
        with contextlib.suppress(OSError):
            fresh.unlink()


_TEMPLATES = ("a photo of a {}.", "a {}.", "a {} on the road.")
