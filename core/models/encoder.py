"""What the engine asks of an image-text encoder, whatever model stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.detections import Float32, Image


class Encoder(Protocol):
    """Puts pictures and words into one space; safe to call from any thread.

    name: model and hash of its weights; vectors of different names must never be compared.
    dim: length D of its vectors. quick: whether describing every doubtful box of a video costs
    little beside finding the boxes; may hang on what it runs on.
    """

    @property
    def name(self) -> str: ...

    @property
    def dim(self) -> int: ...

    @property
    def quick(self) -> bool: ...

    def encode_images(self, crops: Sequence[Image]) -> Float32:
        """(N, D) float32 unit vectors of RGB pictures of any sizes."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> Float32:
        """(N, D) float32 unit vectors of the texts as they are: no prompt is added."""
        ...
