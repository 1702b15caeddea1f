"""How well the rest of a few labelled objects is found, of rendered worlds where all are known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32
from core.errors import VidtrailError
from core.explore.features import Features
from core.explore.probe import CUT, rest_of

GIVEN = 5
_DRAWS = 3
_FEWEST_LEFT = 5
_MEASURES = ("ap", "ap of nearest to their mean", "chance", "precision", "recall")


def probe_quality(
    features: Features, truth: Mapping[str, Sequence[str]], *, given: int = GIVEN
) -> dict[str, Any]:
    """For each kind of word: means over its words with enough objects, three draws of each.

    truth: kind of word -> (N,) word of each track, "" where nobody can say; these are not judged.
    given: objects labelled. ap: average precision of the ranking of the others; precision and
    recall at the cut. Raises VidtrailError where no word has enough objects.
    """
    found: dict[str, Any] = {}
    for kind, words in truth.items():
        labels = np.array(words)
        rows = list(_draws(features, labels, given))
        if rows:
            means = np.mean(rows, axis=0)
            measures = {name: round(float(m), 4) for name, m in zip(_MEASURES, means, strict=True)}
            found[kind] = {"draws": len(rows), **measures}
    if not found:
        raise VidtrailError(
            f"No kind has {given + _FEWEST_LEFT} objects in these worlds: add more of their videos."
        )
    return {"given": given, "kinds": found}


def _draws(
    features: Features, labels: npt.NDArray[np.str_], given: int
) -> Iterator[tuple[float, ...]]:
    judged = (labels != "") & features.known
    many = Counter(labels[judged].tolist())
    for word in sorted(word for word, count in many.items() if count >= given + _FEWEST_LEFT):
        ones = np.flatnonzero(judged & (labels == word))
        for seed in range(_DRAWS):
            yes = np.random.default_rng(seed).choice(ones, given, replace=False)
            rest = rest_of(features, yes, np.zeros(0, np.int64), features.known)
            others = judged.copy()
            others[yes] = False
            right, p = labels[others] == word, rest.p[others]
            taken = p >= CUT
            hits = float((taken & right).sum())
            yield (
                average_precision(p, right),
                average_precision(_mean_likeness(features, yes)[others], right),
                float(right.mean()),
                hits / max(float(taken.sum()), 1.0),
                hits / float(right.sum()),
            )


def _mean_likeness(features: Features, rows: npt.NDArray[np.int64]) -> Float32:
    """(N,) likeness of each track to the mean of some, what all have in common taken off."""
    vectors = features.vectors - features.vectors[features.known].mean(axis=0)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return np.asarray(vectors @ vectors[rows].mean(axis=0), np.float32)


def average_precision(score: Float32, right: Bool) -> float:
    """Mean over the right ones of the precision down to each, best score first."""
    hit = right[np.argsort(-score, kind="stable")]
    return float((np.cumsum(hit) / np.arange(1, len(hit) + 1))[hit].mean())


def probe_lines(found: Mapping[str, Any]) -> tuple[str, ...]:
    """A table for people."""
    lines = [f"{found['given']} objects labelled; means over words and draws", ""]
    lines.append(f"{'':18}{'AP':>7}{'mean AP':>9}{'chance':>8}{'precision':>11}{'recall':>8}")
    for kind, row in found["kinds"].items():
        ap, plain, chance, precision, recall = (row[name] for name in _MEASURES)
        lines.append(f"{kind:18}{ap:7.3f}{plain:9.3f}{chance:8.3f}{precision:11.3f}{recall:8.3f}")
    return tuple(lines)
