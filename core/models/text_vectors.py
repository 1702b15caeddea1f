"""Vectors of texts seen before, kept on disk: the same few words are asked again and again.

Starting PyTorch and open_clip for one query takes seconds, reading a vector a millisecond.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from pathlib import Path

import numpy as np

from core.detections import Float32

logger = logging.getLogger(__name__)


class TextVectors:
    """Raw (not unit-length) vectors of one encoder, one small file a text, named by its hash.

    folder: made when the first vector is kept. dim: length D; files of another length are ignored.
    """

    def __init__(self, folder: Path, dim: int) -> None:
        self._folder = folder
        self._dim = dim
        self._writable = True

    def get(self, text: str) -> Float32 | None:
        """(D,) float32 vector, or None for a text not seen before."""
        try:
            vector = np.load(self._file(text), allow_pickle=False)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError) as problem:
            logger.warning("a kept text vector is damaged and made again: %s", problem)
            return None
        return vector if vector.shape == (self._dim,) and vector.dtype == np.float32 else None

    def put(self, text: str, vector: Float32) -> None:
        """Keep a vector; where nothing can be written this says so once and goes on."""
        if not self._writable:
            return
        file = self._file(text)
        part = file.with_name(f".{os.getpid()}-{threading.get_ident()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as out:
                np.save(out, np.asarray(vector, np.float32))
            part.replace(file)
        except OSError as problem:
            self._writable = False
            logger.warning("text vectors cannot be kept in %s: %s", self._folder, problem)

    def _file(self, text: str) -> Path:
        key = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        return self._folder / f"{key}.npy"
