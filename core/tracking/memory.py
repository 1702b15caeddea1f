"""What the objects being followed look like, and what a likeness is worth, learned on the way.

Used where frames are far apart: boxes then say little about which object is which, and looks say
much. Vectors are centred on the running mean of the video's own crops, because image-text encoders
place all crops of one street close together. What a cosine is worth is learned from labels that
come for free: a tracklet and the box that geometry alone gives it show one object; two boxes of
one frame show two.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64

Intp = npt.NDArray[np.intp]

_FORGET = 0.95  # of a track's mean, at each clean crop; more of a doubtful one is kept out
_PRIOR = np.array([[0.6, 0.3, 20.0], [0.0, 0.35, 20.0]])  # mean, deviation, weight: same, other
_LIMIT = 4.0
_LONGEST = 4000.0  # labels remembered: older ones fade


class LooksMemory:
    """Looks of the tracklets remembered, row for row, and the calibration of this video so far.

    The same vectors in the same order give the same state.
    """

    def __init__(self) -> None:
        self._sum: Float64 | None = None
        self._seen = 0.0
        self._vectors: Float32 = np.zeros((0, 1), np.float32)
        self._known: Bool = np.zeros(0, np.bool_)
        self._t_s: Float64 = np.zeros(0)
        count = _PRIOR[:, 2]
        self._moments = np.stack(
            [
                count,
                count * _PRIOR[:, 0],
                count * (np.square(_PRIOR[:, 0]) + np.square(_PRIOR[:, 1])),
            ],
            axis=1,
        )

    def take_in(self, vectors: Float32) -> None:
        """Add (N, D) crops of one frame to the video's mean."""
        if not len(vectors):
            return
        total = vectors.sum(axis=0, dtype=np.float64)
        self._sum = total if self._sum is None else self._sum + total
        self._seen += len(vectors)

    def keep(self, rows: Bool) -> None:
        """Forget the tracklets whose rows are False."""
        self._vectors, self._known = self._vectors[rows], self._known[rows]
        self._t_s = self._t_s[rows]

    def give_birth(self, count: int) -> None:
        """Make rows for new tracklets, their looks unknown."""
        room = np.zeros((count, self._vectors.shape[1]), np.float32)
        self._vectors = np.concatenate([self._vectors, room])
        self._known = np.concatenate([self._known, np.zeros(count, np.bool_)])
        self._t_s = np.concatenate([self._t_s, np.full(count, -np.inf)])

    def age_s(self, t_s: float) -> Float64:
        """(T,) seconds since the looks of every tracklet were last seen clean, inf for never."""
        return np.asarray(t_s - self._t_s, np.float64)

    def llr(self, rows: Intp, vectors: Float32) -> Float64:
        """(P,) log-likelihood ratio that tracklet row `rows[i]` shows the object of `vectors[i]`.

        In [-4, 4]; 0 where nothing is known of the tracklet or the box (a row of zeros).
        """
        cosine = self.cosine(rows, vectors)
        (same, s_same), (other, s_other) = self._normals()
        if same <= other:  # nothing in this video can be told by looks
            return np.zeros(len(rows))
        # Less alike than strangers is no better than one, and more alike than usual is no doubt.
        unlike = cosine < other
        cosine = np.maximum(cosine, other)
        ratio = np.square((cosine - other) / s_other) / 2.0
        ratio -= np.square((np.minimum(cosine, same) - same) / s_same) / 2.0
        ratio += np.log(s_other / s_same)
        ratio = np.where(unlike, np.minimum(ratio, 0.0), ratio)
        return np.asarray(np.clip(np.nan_to_num(ratio, nan=0.0), -_LIMIT, _LIMIT), np.float64)

    def cosine(self, rows: Intp, vectors: Float32) -> Float64:
        """(P,) centred cosine of tracklet and box, NaN where either has no looks."""
        out = np.full(len(rows), np.nan)
        there = self._known[rows] & np.any(vectors != 0.0, axis=1)
        pairs = np.flatnonzero(there)
        if len(pairs):
            out[pairs] = self._between(self._vectors[rows[pairs]], vectors[pairs])
        return out

    def update(self, rows: Intp, vectors: Float32, trust: Float64, t_s: float) -> None:
        """Blend (N, D) clean crops into the looks of their tracklets; trust: (N,) in [0, 1]
        (confidence-dependent moving average: Deep OC-SORT, Maggiolino et al. 2023).
        """
        if not len(rows):
            return
        if self._vectors.shape[1] != vectors.shape[1]:  # the first ones tell how long they are
            self._vectors = np.zeros((len(self._known), vectors.shape[1]), np.float32)
            self._known[:] = False
        keep = (_FORGET + (1.0 - _FORGET) * (1.0 - trust)).astype(np.float32)
        keep = np.where(self._known[rows], keep, 0.0).astype(np.float32)
        blend = keep[:, None] * self._vectors[rows] + (1.0 - keep[:, None]) * vectors
        length = np.sqrt(np.square(blend).sum(axis=1, keepdims=True))
        self._vectors[rows] = blend / np.maximum(length, 1e-9)
        self._known[rows] = True
        self._t_s[rows] = t_s

    def learn(self, same: Float64, other: Float64) -> None:
        """Take in cosines of one object and of different ones (NaN left out)."""
        for row, values in enumerate((same, other)):
            values = values[np.isfinite(values)]
            if len(values):
                added = np.array([len(values), values.sum(), np.square(values).sum()])
                self._moments[row] += added
                if self._moments[row, 0] > _LONGEST:
                    self._moments[row] *= _LONGEST / self._moments[row, 0]

    def _between(self, a: Float32, b: Float32) -> Float64:
        if self._sum is None:
            return np.full(len(a), np.nan)
        mean = (self._sum / self._seen).astype(np.float32)
        p, q = a - mean, b - mean
        dot = np.einsum("nd,nd->n", p, q, dtype=np.float64)
        length = np.einsum("nd,nd->n", p, p, dtype=np.float64)
        length = np.sqrt(length * np.einsum("nd,nd->n", q, q, dtype=np.float64))
        return np.asarray(dot / np.maximum(length, 1e-9), np.float64)

    def _normals(self) -> tuple[tuple[float, float], tuple[float, float]]:
        count, total, squares = self._moments.T
        mean = total / count
        deviation = np.sqrt(np.maximum(squares / count - np.square(mean), 1e-4)) + 0.05
        return (float(mean[0]), float(deviation[0])), (float(mean[1]), float(deviation[1]))
