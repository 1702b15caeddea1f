"""What kind of object a track is: the detector's votes, and its pictures where those can tell.

A detector mistakes vans for trucks and motorcycles for bicycles, often for the whole life of a
track. Where the encoder is at home in a video's pictures, it decides among such neighbours; how
far it is at home, and how much its cosines are worth, is learned from the tracks of which the
detector is sure.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32
from core.errors import ModelError
from core.language.plurals import article
from core.language.query import Target
from core.search.columns import Columns
from core.search.likeness import Likeness, softmax
from core.search.scoring import PartScore
from core.search.votes import class_p
from core.tracking.classes import RIDDEN

_log = logging.getLogger(__name__)

CANDIDATES: Final = ("car", "van", "truck", "bus", "motorcycle", "bicycle", "person", "dog")
"""Kinds that pictures are compared with."""

_NEIGHBOURS = (("car", "van", "truck", "bus"), ("motorcycle", "bicycle"))
_SURE = 0.9
_MISTAKEN = 0.15  # how often a vote for one of two neighbours is meant for the other
_LEAST_OF_GROUP = 0.3
_SURE_CONFIDENCE = 0.5
_MOST_BOXES = 48  # a track counts by its boxes, a long one no more than so many
_PRIOR = (1.56, 2.0)  # right, asked: an encoder that nobody has tried is right in 78 of 100
_AT_HOME = (0.75, 0.87)  # share of sure tracks named rightly: of no use, fully trusted
SCALES: Final = (10.0, 15.0, 20.0, 30.0, 45.0, 70.0, 100.0)
_USUAL_SCALE = 20.0  # a fifth of what contrastive models train to: crops are small, blurred, alike
_FEWEST_SURE = 24
_FEWEST_OF_KIND = 4


@dataclass(frozen=True, slots=True)
class Trust:
    """What the encoder's words are worth here.

    video: (V,) in [0, 1], how far it is at home in the pictures of each video. scale: what a
    difference of two cosines is multiplied with to be log odds.
    """

    video: Float32
    scale: float

    def of(self, columns: Columns) -> Float32:
        """(N,) that of the video of each track."""
        return self.video[columns.video]


def trust_of(columns: Columns, has_crop: Bool, cosines: Float32) -> Trust:
    """Learned from the tracks that the detector is sure about.

    cosines: (N, 8) mean cosine of each track's pictures with `CANDIDATES`.
    """
    shares = _base_shares(columns)
    named = shares.argmax(axis=1)
    sure = has_crop & (shares.max(axis=1, initial=0.0) >= _SURE)
    sure &= columns.confidence >= _SURE_CONFIDENCE
    open_to = np.where(_nameable(columns)[columns.video], cosines, -np.inf)
    right = open_to.argmax(axis=1) == named
    weight = np.where(sure, np.minimum(columns.n_boxes, _MOST_BOXES), 0).astype(np.float64)
    n = len(columns.videos)
    tracks = np.bincount(columns.video, sure, n)
    hits = np.bincount(columns.video, weight * right, n)
    rate = hits / np.maximum(np.bincount(columns.video, weight, n), 1.0)
    share = (rate * tracks + _PRIOR[0]) / (tracks + _PRIOR[1])
    low, high = _AT_HOME
    trust = np.clip((share - low) / (high - low), 0.0, 1.0).astype(np.float32)
    home = sure & (trust[columns.video] > 0.5)
    return Trust(trust, _scale_of(open_to[home], named[home]))


def _scale_of(cosines: Float32, named: npt.NDArray[np.intp]) -> float:
    """The scale that makes softmax of cosines most probable, each kind counting alike."""
    counts = np.bincount(named, minlength=len(CANDIDATES))
    often = counts >= _FEWEST_OF_KIND
    use = often[named]
    if int(use.sum()) < _FEWEST_SURE or int(often.sum()) < 2:
        return _USUAL_SCALE
    weight = 1.0 / counts[named[use]]
    losses = []
    for scale in SCALES:
        p = softmax(scale * cosines[use].astype(np.float64))
        own = p[np.arange(len(p)), named[use]]
        losses.append(float(-(weight * np.log(own + 1e-3)).sum()))
    return SCALES[int(np.argmin(losses))]


def _nameable(columns: Columns) -> Bool:
    """(V, 8) which of the candidates the detector of each video can tell."""
    names = columns.class_names
    known = np.zeros((len(columns.videos), len(CANDIDATES)), np.bool_)
    for k, kind in enumerate(CANDIDATES):
        if kind in names:
            known[:, k] = columns.vocabulary[:, names.index(kind)]
    return known


def _members(columns: Columns, kind: str) -> list[int]:
    """Places in `class_names` of a kind and of what it is called with a rider on it."""
    names = (kind, RIDDEN.get(kind, ""))
    return [k for k, name in enumerate(columns.class_names) if name in names]


def _base_shares(columns: Columns) -> Float32:
    """(N, 8) share of the votes for each candidate, ridden or not."""
    shares = np.zeros((len(columns), len(CANDIDATES)), np.float32)
    for k, kind in enumerate(CANDIDATES):
        for column in _members(columns, kind):
            shares[:, k] += columns.votes[:, column]
    return shares


@dataclass(frozen=True, slots=True)
class _Told:
    trust: Trust
    instead: Mapping[int, Float32]
    doubt: float | Float32 = 1.0


class Kinds:
    """Class words on all tracks of one state of the library; any thread may ask.

    The encoder is asked at the first question about a class. Where it cannot be had, which is
    logged, the detector's votes stand alone.
    """

    def __init__(self, likeness: Likeness) -> None:
        self.columns = likeness.columns
        self._likeness = likeness
        self._lock = threading.Lock()
        self._told: _Told | None = None

    @property
    def trust(self) -> Trust:
        """How far the encoder is trusted in each video."""
        return self._weighed().trust

    @property
    def instead(self) -> Mapping[int, Float32]:
        """Place in the columns' `class_names` -> (N,) votes with the pictures' say in them.

        Classes without neighbours, which are not in it, are as the detector voted.
        """
        return self._weighed().instead

    def _weighed(self) -> _Told:
        with self._lock:
            if self._told is None:
                self._told = self._weigh()
            return self._told

    def _weigh(self) -> _Told:
        columns, likeness = self.columns, self._likeness
        try:
            cosines = _kept_cosines(likeness)
        except ModelError as problem:
            _log.warning("Kinds are told by the detector alone: %s", problem)
            nobody = np.zeros(len(columns.videos), np.float32)
            return _Told(Trust(nobody, _USUAL_SCALE), {})
        trust = trust_of(columns, likeness.has_crop, cosines)
        counts = np.where(likeness.has_crop & ~_said(columns), trust.of(columns), 0.0)
        instead = _instead(columns, cosines, trust.scale, counts)
        return _Told(trust, instead, (1.0 - counts).astype(np.float32))

    def p(self, words: Sequence[str]) -> Float32:
        """(N,) probability that a track is any of these class words."""
        told = self._weighed()
        return class_p(self.columns, words, told.instead, told.doubt)

    def main_class(self) -> npt.NDArray[np.intp]:
        """(N,) place in `class_names` of what each track most likely is."""
        columns = self.columns
        if not columns.votes.size:
            return np.zeros(len(columns), np.intp)
        best = columns.votes.argmax(axis=1)
        if self.instead:
            places = np.array(sorted(self.instead))
            shares = np.stack([self.instead[k] for k in places], axis=1)
            among = shares.argmax(axis=1)
            best = np.where(np.isin(best, places), places[among], best)
        return np.asarray(best, np.intp)

    def scores(self, target: Target) -> list[PartScore]:
        """The class parts of a target: any of its classes, none of its excluded ones."""
        columns = self.columns
        known = np.ones(len(columns), np.bool_)
        seen = (0.5 + 0.5 * np.clip(columns.confidence / 0.5, 0.0, 1.0)).astype(np.float32)
        scores = []
        if target.classes:
            p = self.p(target.classes) * seen
            scores.append(PartScore(" or ".join(target.classes), "class", p, known, self.instead))
        for name in target.not_classes:
            p = 1.0 - self.p((name,))
            scores.append(PartScore(f"not {article(name)}", "class", p, known, self.instead))
        return scores


def _instead(
    columns: Columns, cosines: Float32, scale: float, trust: npt.NDArray[np.float64]
) -> dict[int, Float32]:
    """trust: (N,) how much the pictures of each track count beside the votes, in [0, 1]."""
    can_name = _nameable(columns)
    instead: dict[int, Float32] = {}
    for group in _NEIGHBOURS:
        members = [_members(columns, kind) for kind in group]
        if sum(map(bool, members)) < 2:
            continue
        everyone = [column for member in members for column in member]
        rows = np.flatnonzero(trust > 0.0)
        rows = rows[columns.votes[rows][:, everyone].sum(axis=1) >= _LEAST_OF_GROUP]
        if not len(rows):
            continue
        votes = columns.votes[rows]
        shares = np.stack([votes[:, member].sum(axis=1) for member in members], axis=1)
        total = shares.sum(axis=1, keepdims=True)
        inside = shares / total
        prior = (1.0 - _MISTAKEN) * inside + _MISTAKEN * (1.0 - inside) / (len(group) - 1)
        places = [CANDIDATES.index(kind) for kind in group]
        logits = np.log(np.maximum(prior, 1e-6))
        logits += trust[rows, None] * scale * cosines[rows][:, places]
        logits[~can_name[columns.video[rows]][:, places]] = -np.inf
        said = softmax(logits) * total
        names = columns.class_names
        ridden = [column for column in everyone if names[column] in RIDDEN.values()]
        on_top = votes[:, ridden].sum(axis=1) / total[:, 0]
        for k, member in enumerate(members):
            for column in member:
                part = on_top if column in ridden else 1.0 - on_top
                instead[column] = columns.votes[:, column].copy()
                instead[column][rows] = said[:, k] * part
    return instead


def _said(columns: Columns) -> Bool:
    """(N,) tracks whose class a person may have given, which no picture overrules."""
    corrected = {video_id for video_id, _, edits in columns.stamp if edits}
    edited = np.array([video.video_id in corrected for video in columns.videos], np.bool_)
    whole = columns.votes.max(axis=1, initial=0.0) >= 1.0
    return np.asarray(edited[columns.video] & whole, np.bool_)


def _kept_cosines(likeness: Likeness) -> Float32:
    """(N, 8) from the file beside the index, made where it is stale: every crop is compared."""
    stamp = repr((likeness.columns.stamp, CANDIDATES))
    kept = likeness.prompts.read("kinds", stamp)
    if kept is None or kept.shape != (len(likeness.columns), len(CANDIDATES)):
        if likeness.has_crop.any():
            kept = likeness.cosines(CANDIDATES, likeness.has_crop)
        else:
            kept = np.zeros((len(likeness.columns), len(CANDIDATES)), np.float32)
        likeness.prompts.write("kinds", stamp, kept)
    return kept
