"""What the encoder says about looks: kinds and free words, against what is usual here.

Cosines of text and picture have no zero and no scale of their own: words are compared with other
words for the same kind of object, and a track with the other tracks of its class.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.detections import Bool, Float32
from core.language.lexicon import CLASS_WORDS
from core.language.query import AppearancePart, ColourPart, Target
from core.search.columns import Columns
from core.search.kinds import Kinds
from core.search.likeness import (
    Crops,
    Likeness,
    Rows,
    Similarity,
    Vectors,
    crops_of,
    softmax,
)
from core.search.prompts import Prompts
from core.search.scoring import PartScore
from core.search.shades import Shades

_Z_SCALE, _Z_SHIFT = 1.3, -2.6
_KIND_Z, _KIND_SHIFT = 0.4, -0.2  # fitted on kinds of rendered development scenes
_CONTRAST_WEIGHT = 0.4
_LEAST_TRUST = 0.3
_WEAK = 0.3
_SIBLINGS: Mapping[str, tuple[str, ...]] = {
    "car": ("sedan", "suv", "hatchback", "station wagon", "taxi"),
    "van": ("panel van", "minibus"),
    "truck": ("box truck", "flatbed truck", "pickup truck"),
    "bus": ("city bus", "coach"),
    "motorcycle": ("street motorcycle", "scooter"),
    "person": ("man", "woman", "child"),
}
"""Kinds of a class that a look is told apart from."""
_RIVALS: Mapping[str, tuple[str, ...]] = {
    "van": ("car", "truck", "bus"),
    "minivan": ("suv", "station wagon", "panel van"),
    "pickup": ("box truck", "flatbed truck", "suv"),
}
"""The same for words whose neighbours belong to other classes."""
_CAPTION_WORDS = {"wagon": "station wagon", "pickup": "pickup truck"}
_AFTER_NOUN = ("with", "without", "in", "wearing", "carrying", "holding", "pushing", "pulling")


class Looks:
    """Colours and free words on all tracks of one state of the library; any thread may ask."""

    def __init__(self, columns: Columns, index: Vectors, prompts: Prompts) -> None:
        self.columns = columns
        self._likeness = Likeness(columns, index, prompts)
        self._kinds = Kinds(self._likeness)
        self._shades = Shades(self._likeness, self._kinds)

    @property
    def crops(self) -> Crops:
        """The rows of the index as crops of tracks."""
        return self._likeness.crops

    def colours(self) -> Float32:
        """(N, 12) what colour each track has: the pixels' reading and the encoder's, fused."""
        return self._shades.colours()

    def class_scores(self, target: Target) -> list[PartScore]:
        """The class parts of a target: any of its classes, none of its excluded ones."""
        return self._kinds.scores(target)

    def colour_score(self, part: ColourPart, target: Target) -> PartScore:
        """A colour part on all tracks."""
        return self._shades.score(part, target)

    def track_vectors(self, rows: Rows) -> Float32:
        """(K, D) mean of the crops' vectors of each track, unit length; zeros without a crop."""
        return self._likeness.track_vectors(rows)

    # --- free words --------------------------------------------------------------------------

    def look_scores(self, target: Target, among: Bool | None = None) -> list[PartScore]:
        """The kinds ("sedan") and the free words of a target, one part each.

        among: (N,) the tracks that are searched, whose pictures are all considered; None for all.
        """
        scores = []
        kinds = [name for name in target.classes if CLASS_WORDS[name].look]
        told = np.all([self._class_tells(name) for name in kinds], axis=0) if kinds else None
        if told is not None and len(kinds) == len(target.classes) and not told.all():
            parts = [self._kind_p(name, among) for name in kinds]
            p = np.max([part[0] for part in parts], axis=0)
            p = np.where(told, 1.0, p).astype(np.float32)
            scores.append(self._look(" or ".join(kinds), p, parts[0][1], negated=False))
        for look in target.looks:
            p, similar = self._free_p(look, target, among)
            scores.append(self._look(str(look), p, similar, negated=look.negated))
        return scores

    def _class_tells(self, name: str) -> Bool:
        """(N,) whether the detector itself knows this word, so that no look needs comparing."""
        columns = self.columns
        if name not in columns.class_names:
            return np.zeros(len(columns), np.bool_)
        knows = columns.vocabulary[:, columns.class_names.index(name)]
        return np.asarray(knows[columns.video], np.bool_)

    def _look(self, words: str, p: Float32, similar: Similarity, *, negated: bool) -> PartScore:
        """Known only in videos where the encoder is at home; not tested where it is in none.

        Elsewhere its word is weak, which is enough to rank by among what is equal otherwise.
        """
        trust = self._kinds.trust.of(self.columns)
        known = self._likeness.has_crop & (trust >= _LEAST_TRUST)
        usual = float(np.clip(p[known].mean(), 0.05, 0.4)) if known.any() else 0.1
        p = np.where(self._likeness.has_crop, p, usual)
        p = np.where(known, p, usual + _WEAK * (p - usual)).astype(np.float32)
        if negated:
            p = 1.0 - p
        tested = bool(known.any()) or not len(p)
        return PartScore(words, "appearance", p, known, similar, tested=tested)

    def _kind_p(self, name: str, among: Bool | None) -> tuple[Float32, Similarity]:
        """A kind of a class, told apart from the other kinds of it."""
        word = _CAPTION_WORDS.get(name, CLASS_WORDS[name].look)
        general = CLASS_WORDS[name].exact[0]
        siblings = _RIVALS.get(name) or _SIBLINGS.get(general, ())
        others = [sibling for sibling in siblings if sibling != word] or [general]
        similar = self._likeness.similar(word, among)
        rivals = [self._likeness.similar(other, among).value for other in others]
        logits = self._kinds.trust.scale * np.stack([similar.value, *rivals], axis=1)
        of_rivals = np.clip(softmax(logits)[:, 0], 1e-3, 1.0 - 1e-3)
        margin = similar.value - np.mean(rivals, axis=0)
        if len(rivals) < 2:
            return _mixed(_sigmoid(_Z_SCALE * self._z(margin) + _Z_SHIFT), of_rivals), similar
        odds = _KIND_Z * self._z(margin) + np.log(of_rivals / (1.0 - of_rivals)) + _KIND_SHIFT
        return _sigmoid(odds), similar

    def _free_p(
        self, look: AppearancePart, target: Target, among: Bool | None
    ) -> tuple[Float32, Similarity]:
        noun = target.classes[0] if target.classes else "object"
        first = look.text.split()[0]
        phrase = f"{noun} {look.text}" if first in _AFTER_NOUN else f"{look.text} {noun}"
        if not target.classes:
            phrase = look.text
        similar, plain = (self._likeness.similar(each, among) for each in (phrase, noun))
        contrast = similar.value - plain.value
        against_plain = _sigmoid(np.float32(self._kinds.trust.scale) * contrast)
        value = contrast if target.classes else similar.value
        usual = _sigmoid(_Z_SCALE * self._z(value) + _Z_SHIFT)
        return _mixed(usual, against_plain), similar

    def _z(self, value: Float32) -> Float32:
        """(N,) how many deviations above the tracks of the same class."""
        z = np.zeros(len(self.columns), np.float32)
        main = self._kinds.main_class()
        for number in np.unique(main):
            mine = (main == number) & self._likeness.has_crop
            mine_or_all = self._likeness.has_crop if int(mine.sum()) < 4 else mine
            if mine_or_all.any():
                sample = value[mine_or_all]
                z[mine] = (value[mine] - sample.mean()) / max(float(sample.std()), 1e-3)
        return z


def _sigmoid(odds: Float32) -> Float32:
    return np.asarray(1.0 / (1.0 + np.exp(-odds)), np.float32)


def _mixed(one: Float32, other: Float32) -> Float32:
    """Weighted mean of two probabilities in log odds."""
    a, b = (np.clip(p, 1e-3, 1 - 1e-3) for p in (one, other))
    odds = (1 - _CONTRAST_WEIGHT) * np.log(a / (1 - a)) + _CONTRAST_WEIGHT * np.log(b / (1 - b))
    return _sigmoid(odds)


__all__ = ["Crops", "Looks", "Similarity", "Vectors", "crops_of"]
