"""From a few examples to the rest of their kind: a linear probe on what objects look like.

Logistic regression, regularised, of the examples against a sample of everything else, in which more
of their kind are hidden. What a score is worth is told by the examples themselves, each scored by a
probe that took it for one of the others, as the hidden ones are taken: they and the others are two
normal densities, whose mixture (EM) gives the share of hidden ones and a probability each.
Elkan and Noto, "Learning classifiers from only positive and unlabeled data", 2008.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64
from core.errors import QueryError
from core.explore.features import Features

Rows = npt.NDArray[np.int64]

CUT = 0.5
"""As probable as this, an object is taken to be one of the rest."""
FEWEST = 3

_RIDGE = 0.03  # of the weights; anything from 0.01 to 0.1 ranks as well
_SAMPLE = 2048  # of what nobody has spoken of
_FOLDS = 5
_ROUNDS = 60
_USUAL_SPREAD = 0.5  # of the examples' scores, as a share of the others' spread
_SPREAD_EXAMPLES = 6.0  # examples that outweigh it
_LEAST_APART = 1.0  # spreads of the others; examples that have nothing in common are not believed
_SHARE = (1e-3, 0.5)  # of hidden ones: bounds


@dataclass(frozen=True, slots=True)
class Rest:
    """The rest of what a few examples are.

    p: (N,) how probably each track is one of them, 0 where it cannot be told. rows: those that are
    probable enough, best first; next_rows: all others, best first. Examples are in neither, nor is
    what was rejected.
    """

    p: Float32
    rows: Rows
    next_rows: Rows


def rest_of(features: Features, yes: Rows, no: Rows, among: Bool) -> Rest:
    """Tracks that are what some examples are; the same for the same examples.

    features: what N tracks are compared by. yes, no: rows of examples, and of what was rejected.
    among: (N,) where to look. Raises QueryError for fewer than three examples that can be compared.
    """
    yes, no = (np.unique(rows[features.known[rows]]) for rows in (yes, np.setdiff1d(no, yes)))
    if len(yes) < FEWEST:
        raise QueryError(
            f"It takes {FEWEST} labelled objects with a picture to find the rest of them: there "
            f"{'is one' if len(yes) else 'is none'}."
        )
    told = np.zeros(len(features), np.bool_)
    told[yes] = told[no] = True
    open_rows = np.flatnonzero(among & features.known & ~told)
    p = np.zeros(len(features), np.float32)
    p[yes] = 1.0
    if not len(open_rows):
        return Rest(p, np.zeros(0, np.int64), np.zeros(0, np.int64))
    rng = np.random.default_rng(7)
    sample = open_rows
    if len(open_rows) > _SAMPLE:
        sample = np.sort(rng.choice(open_rows, _SAMPLE, replace=False))
    given = np.concatenate([yes, no, sample])
    vectors = features.vectors[given].astype(np.float64)
    centre = vectors[len(yes) + len(no) :].mean(axis=0)
    vectors = _unit(vectors - centre)
    likely, unlikely, others = np.split(vectors, [len(yes), len(yes) + len(no)])
    weights = _fitted(likely, unlikely, others)
    left_out = _left_out_scores(likely, unlikely, others)
    mixture = _Mixture.of(left_out, _scores(weights, others))
    score = _scores_of_all(weights, centre, features.vectors)[open_rows]
    p[open_rows] = mixture.probability(score)
    order = open_rows[np.lexsort((open_rows, -score))].astype(np.int64)
    probable = int((p[order] >= CUT).sum())  # p rises with the score
    return Rest(p, order[:probable], order[probable:])


def _fitted(yes: Float64, no: Float64, others: Float64) -> Float64:
    """(D + 1,) weights and offset. Examples weigh as much as all else; a rejected one half as much
    as an example, and all rejected ones no more than all of the others.
    """
    from scipy.optimize import minimize

    rows = np.vstack([yes, no, others])
    design = np.hstack([rows, np.ones((len(rows), 1))])
    is_one = np.zeros(len(rows))
    is_one[: len(yes)] = 1.0
    of_no = min(0.25, 0.25 * len(no) / len(yes))
    share = np.concatenate(
        [
            np.full(len(yes), 0.5 / len(yes)),
            np.full(len(no), of_no / max(len(no), 1)),
            np.full(len(others), (0.5 - of_no) / len(others)),
        ]
    )

    def loss(weights: Float64) -> tuple[float, Float64]:
        odds = design @ weights
        error = share * (1.0 / (1.0 + np.exp(-np.clip(odds, -60.0, 60.0))) - is_one)
        held = np.append(weights[:-1], 0.0)
        value = share @ (np.logaddexp(0.0, odds) - is_one * odds) + _RIDGE / 2.0 * held @ held
        return float(value), design.T @ error + _RIDGE * held

    found = minimize(loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(found.x, np.float64)


def _left_out_scores(yes: Float64, no: Float64, others: Float64) -> Float64:
    """(Y,) score of each example by a probe that took it for one of the others."""
    scores = np.zeros(len(yes))
    for fold in np.array_split(np.arange(len(yes)), min(len(yes), _FOLDS)):
        rest = np.setdiff1d(np.arange(len(yes)), fold)
        weights = _fitted(yes[rest], no, np.vstack([others, yes[fold]]))
        scores[fold] = _scores(weights, yes[fold])
    return scores


def _scores(weights: Float64, vectors: Float64 | Float32) -> Float64:
    return np.asarray(vectors @ weights[:-1] + weights[-1], np.float64)


def _scores_of_all(weights: Float64, centre: Float64, vectors: Float32) -> Float64:
    """(N,) scores of vectors (unit length, or zeros) as they are, before the centre is taken off.

    Without a copy of them: what is needed of the centred ones are two products.
    """
    by = np.column_stack([weights[:-1], centre]).astype(np.float32)
    told, common = (vectors @ by).astype(np.float64).T
    length = np.sqrt(np.maximum(1.0 - 2.0 * common + centre @ centre, 1e-9))
    return np.asarray((told - centre @ weights[:-1]) / length + weights[-1], np.float64)


@dataclass(frozen=True, slots=True)
class _Mixture:
    """Scores of the wanted and of the others, two normal densities, and the share of the wanted."""

    mean: float
    spread: float
    other_mean: float
    other_spread: float
    share: float

    @staticmethod
    def of(wanted: Float64, mixed: Float64) -> _Mixture:
        """wanted: scores of examples. mixed: scores of others, with wanted ones hidden in them."""
        usual = max(float(mixed.std()), 1e-6)
        known = float(((wanted - wanted.mean()) ** 2).sum())
        prior = _SPREAD_EXAMPLES * (_USUAL_SPREAD * usual) ** 2
        spread = float(np.sqrt((known + prior) / (len(wanted) + _SPREAD_EXAMPLES)))
        mean = max(float(wanted.mean()), float(mixed.mean()) + _LEAST_APART * usual)
        now = _Mixture(mean, spread, float(mixed.mean()), usual, 0.05)
        for _ in range(_ROUNDS):
            p = now.probability(mixed).astype(np.float64)
            other = np.maximum(1.0 - p, 1e-9)
            middle = float(other @ mixed / other.sum())
            width = float(np.sqrt(other @ (mixed - middle) ** 2 / other.sum()))
            share = float(np.clip((p.sum() + 0.5) / (len(mixed) + 10.0), *_SHARE))
            now = _Mixture(now.mean, now.spread, middle, max(width, 1e-6), share)
        return now

    def probability(self, score: Float64) -> Float32:
        """(R,) of being wanted; rises with the score, beyond the middle of either density too."""
        over = np.minimum(score - self.mean, 0.0) / self.spread
        under = np.maximum(score - self.other_mean, 0.0) / self.other_spread
        odds = np.log(self.share / (1.0 - self.share) * self.other_spread / self.spread)
        odds = odds + (under**2 - over**2) / 2.0
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0))), np.float32)


def _unit(vectors: Float64 | Float32) -> Float64:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), np.float64)
