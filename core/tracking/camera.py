"""How the camera itself moved from one looked-at frame to the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.detections import Float64


@dataclass(frozen=True, slots=True)
class CameraStep:
    """What the camera did between the frame before and this one.

    matrix: (2, 3) float64 similarity that takes pixels of the frame before to pixels of this one.
    known: False where it could not be measured; the matrix is then the identity.
    cut: True where this frame shows another scene: nothing can be followed across it.
    """

    matrix: Float64
    known: bool = True
    cut: bool = False

    @staticmethod
    def still() -> CameraStep:
        return CameraStep(np.eye(2, 3))

    @property
    def moves(self) -> bool:
        return bool(np.abs(self.matrix - np.eye(2, 3)).max() > 1e-6)

    def place(self, centre_size: Float64) -> Float64:
        """(N, 4) [cx, cy, w, h] px of the frame before as they would lie in this one."""
        linear, shift = self.matrix[:, :2], self.matrix[:, 2]
        scale = float(np.sqrt(abs(linear[0, 0] * linear[1, 1] - linear[0, 1] * linear[1, 0])))
        centre = (centre_size[:, None, :2] * linear[None]).sum(axis=2) + shift
        return np.concatenate([centre, centre_size[:, 2:] * scale], axis=1)
