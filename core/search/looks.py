"""What the encoder says about looks: colours and free words, against what is usual here.

Cosines of text and picture have no zero and no scale of their own: words are compared with other
words for the same kind of object, and a track with the other tracks of its class.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.attributes.colour import COLOURS
from core.detections import Bool, Float32, Int32
from core.search.columns import Columns
from core.search.lexicon import CLASS_WORDS, mixture
from core.search.prompts import Prompts
from core.search.query import AppearancePart, ColourPart, Target
from core.search.scoring import PartScore, class_p, weighted

Rows = npt.NDArray[np.int64]
Weight = float | npt.NDArray[np.float64]

_SCALE = 20.0  # a fifth of what contrastive models train to: crops are small, blurred, alike
_PIXELS = (0.9, 0.3)  # weight in log space beside an encoder of no use, beside one that agrees
_ENCODER = (0.0, 1.1)
_AGREES = (0.25, 0.7)  # agreement with clear pixels at which the encoder counts for nothing, fully
_CLEAR = 0.85
_FEWEST_CLEAR = 8
_PIXEL_LEAST, _ENCODER_LEAST = 1e-2, 1e-3
_LEFT_OPEN = 0.02  # share of every reading spread over all colours
_Z_SCALE, _Z_SHIFT = 1.3, -2.6
_CONTRAST_WEIGHT = 0.4
_MOST_CANDIDATES = 4096
_BANK = 4096
_MOST_REMEMBERED = 24
_UNKNOWN_COLOUR = np.full(len(COLOURS), 1.0 / len(COLOURS), np.float32)
_UPPER_CLOTHES = ("jacket", "coat", "shirt", "tshirt", "top", "hoodie", "sweater", "jumper")
_SIBLINGS: Mapping[str, tuple[str, ...]] = {
    "car": ("sedan", "suv", "hatchback", "station wagon", "taxi"),
    "van": ("panel van", "minibus"),
    "truck": ("box truck", "flatbed truck", "pickup truck"),
    "bus": ("city bus", "coach"),
    "motorcycle": ("street motorcycle", "scooter"),
}
"""Kinds of a class that a look is told apart from."""
_CAPTION_WORDS = {"wagon": "station wagon", "pickup": "pickup truck"}
_AFTER_NOUN = ("with", "without", "in", "wearing", "carrying", "holding", "pushing", "pulling")


class Vectors(Protocol):
    """What is asked of the vector index (`core.index.vectors.VectorIndex`)."""

    @property
    def video_ids(self) -> tuple[str, ...]: ...

    def __len__(self) -> int: ...

    def rows_of(self, video_id: str) -> slice: ...

    def search(self, vector: Float32, k: int, keep: Bool | None = None) -> tuple[Rows, Float32]: ...

    def vectors(self, rows: Rows) -> Float32: ...


@dataclass(frozen=True, slots=True)
class Crops:
    """The rows of the index as crops of tracks.

    track: (M,) row of the track in the columns, -1 for a video that is not in them.
    crop_id: (M,) number within the video.
    """

    track: Int32
    crop_id: Int32


def crops_of(columns: Columns, index: Vectors) -> Crops:
    """Which track every row of the index belongs to."""
    track = np.full(len(index), -1, np.int32)
    crop_id = np.zeros(len(index), np.int32)
    place = {record.video_id: v for v, record in enumerate(columns.videos)}
    for video_id in index.video_ids:
        rows = index.rows_of(video_id)
        crop_id[rows] = np.arange(rows.stop - rows.start)
        if video_id in place:
            v = place[video_id]
            shard = columns.shards[v]
            within = np.searchsorted(shard.tracks().track_id, shard.crops().track_id)
            track[rows] = columns.starts[v] + within
    return Crops(track, crop_id)


@dataclass(frozen=True, slots=True)
class Similarity:
    """How alike each track is to some words; best_crop: (N,) row of the index, -1 for none."""

    value: Float32
    best_crop: Rows


class Looks:
    """Colours and free words on all tracks of one state of the library; any thread may ask."""

    def __init__(self, columns: Columns, index: Vectors, prompts: Prompts) -> None:
        self.columns = columns
        self.crops = crops_of(columns, index)
        self._index = index
        self._prompts = prompts
        self._lock = threading.Lock()
        self._colours: Float32 | None = None
        self._asked: dict[str, Similarity] = {}
        self._worn: dict[tuple[str, str], Float32] = {}
        self._bank: tuple[Rows, Float32] | None = None
        self._main_class = (
            columns.votes.argmax(axis=1) if columns.votes.size else np.zeros(len(columns), int)
        )
        self._has_crop = np.zeros(len(columns), np.bool_)
        self._has_crop[self.crops.track[self.crops.track >= 0]] = True

    # --- colour ------------------------------------------------------------------------------

    def colours(self) -> Float32:
        """(N, 12) what colour each track has: the pixels' reading and the encoder's, fused."""
        with self._lock:
            if self._colours is None:
                self._colours = np.asfortranarray(self._fused(self._kept_encoder_colours()))
            return self._colours

    def _fused(self, encoder: Float32) -> Float32:
        pixels = self.columns.colour
        read = pixels.sum(axis=1, keepdims=True) > 0.5
        base = np.where(read, pixels, _UNKNOWN_COLOUR)
        share = np.where(self._has_crop, self._trusted(encoder), 0.0)[:, None]
        of_pixels: Weight = _PIXELS[0] + share * (_PIXELS[1] - _PIXELS[0])
        of_encoder: Weight = _ENCODER[0] + share * (_ENCODER[1] - _ENCODER[0])
        fused = _blend(base, of_pixels, encoder, of_encoder)
        unread = (~read[:, 0]) & ~self._has_crop
        fused[unread] = 0.0
        return np.asarray(fused, np.float32)

    def _trusted(self, encoder: Float32) -> float:
        """How far to trust the encoder's names of colours, in [0, 1].

        Encoders differ much in this. Where pixels leave no doubt, the encoder should say the same.
        """
        clear = (self.columns.colour.max(axis=1, initial=0.0) > _CLEAR) & self._has_crop
        if int(clear.sum()) < _FEWEST_CLEAR:
            return 0.7
        named = self.columns.colour[clear].argmax(axis=1)
        agreement = float(encoder[clear][np.arange(len(named)), named].mean())
        return float(np.clip((agreement - _AGREES[0]) / (_AGREES[1] - _AGREES[0]), 0.0, 1.0))

    def _kept_encoder_colours(self) -> Float32:
        """The encoder's reading of colour from the file beside the index, made where it is stale.

        Every crop is compared with every colour word once, which takes long in a large library.
        """
        stamp = repr((self.columns.stamp, COLOURS, _SCALE))
        kept = self._prompts.read("colours", stamp)
        if kept is None or kept.shape != (len(self.columns), len(COLOURS)):
            kept = self._encoder_colours()
            self._prompts.write("colours", stamp, kept)
        return kept

    def _encoder_colours(self) -> Float32:
        """(N, 12) posterior by prompts for each class; even where a track has no vectors."""
        names = self.columns.class_names
        result = np.tile(_UNKNOWN_COLOUR, (len(self.columns), 1))
        owner = self.crops.track
        for number in np.unique(self._main_class[self._has_crop]):
            rows = np.flatnonzero((owner >= 0) & (self._main_class[owner] == number))
            phrases = [f"{colour} {names[number]}" for colour in COLOURS]
            result_of = self._posterior(phrases, rows)
            tracks = np.unique(owner[rows])
            result[tracks] = result_of[tracks]
        return result

    def _posterior(self, phrases: Sequence[str], rows: Rows) -> Float32:
        """(N, K) softmax over phrases of the mean similarity of each track's crops."""
        texts = self._prompts.ensemble(phrases)
        n, k = len(self.columns), len(phrases)
        sums, counts = np.zeros((n, k), np.float32), np.zeros((n, 1), np.float32)
        for start in range(0, len(rows), 16384):
            some = rows[start : start + 16384]
            np.add.at(sums, self.crops.track[some], self._index.vectors(some) @ texts.T)
            np.add.at(counts, self.crops.track[some], 1.0)
        logits = _SCALE * sums / np.maximum(counts, 1.0)
        spread = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(spread / spread.sum(axis=1, keepdims=True), np.float32)

    def colour_score(self, part: ColourPart, target: Target) -> PartScore:
        """A colour part on all tracks."""
        posterior = self.colours()
        if part.on:
            noun = target.classes[0] if target.classes else "person"
            worn = self._worn.get((noun, part.on))
            if worn is None:
                worn = self._garment_colours(noun, part.on, posterior)
                if len(self._worn) >= _MOST_REMEMBERED:
                    self._worn.clear()
                self._worn[noun, part.on] = worn
            posterior = worn
        weights = np.zeros(len(COLOURS), np.float32)
        for colour in part.colours:
            for name, weight in mixture(colour).items():
                weights[COLOURS.index(name)] = max(weights[COLOURS.index(name)], weight)
        known = posterior.sum(axis=1) > 0.5
        p = np.clip(weighted(posterior, weights), 0.0, 1.0)
        usual = float(p[known].mean()) if known.any() else 0.1
        p = np.where(known, p, np.clip(usual, 0.05, 0.4)).astype(np.float32)
        return PartScore(str(part), "colour", 1.0 - p if part.negated else p, known, posterior)

    def _garment_colours(self, noun: str, garment: str, whole: Float32) -> Float32:
        """(N, 12) what colour of this garment each track wears, where the encoder can tell."""
        tracks = np.flatnonzero(class_p(self.columns, (noun,)) > 0.2)
        rows = np.flatnonzero(np.isin(self.crops.track, tracks))
        if not len(rows):
            return whole
        phrases = [f"{noun} in a {colour} {garment}" for colour in COLOURS]
        worn = self._posterior(phrases, rows)
        share = 0.6 if garment in (*_UPPER_CLOTHES, "clothes") else 0.0
        fused = _blend(whole, share, worn, 1.0 - share)
        return np.asarray(np.where(self._has_crop[:, None], fused, whole), np.float32)

    # --- free words --------------------------------------------------------------------------

    def look_scores(self, target: Target) -> list[PartScore]:
        """The kinds ("sedan") and the free words of a target, one part each."""
        scores = []
        kinds = [name for name in target.classes if CLASS_WORDS[name].look]
        told = np.all([self._class_tells(name) for name in kinds], axis=0) if kinds else None
        if told is not None and len(kinds) == len(target.classes) and not told.all():
            parts = [self._kind_p(name) for name in kinds]
            p = np.max([part[0] for part in parts], axis=0)
            p = np.where(told, 1.0, p).astype(np.float32)
            scores.append(self._look(" or ".join(kinds), p, parts[0][1], negated=False))
        for look in target.looks:
            p, similar = self._free_p(look, target)
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
        known = self._has_crop
        usual = float(np.clip(p[known].mean(), 0.05, 0.4)) if known.any() else 0.1
        p = np.where(known, p, usual).astype(np.float32)
        return PartScore(words, "appearance", 1.0 - p if negated else p, known, similar)

    def _kind_p(self, name: str) -> tuple[Float32, Similarity]:
        """A kind of a class, told apart from the other kinds of it."""
        word = _CAPTION_WORDS.get(name, CLASS_WORDS[name].look)
        general = CLASS_WORDS[name].exact[0]
        others = [s for s in _SIBLINGS.get(general, ()) if s != word] or [general]
        similar = self._similar(word)
        rivals = [self._similar(other).value for other in others]
        logits = _SCALE * np.stack([similar.value, *rivals])
        spread = np.exp(logits - logits.max(axis=0))
        of_rivals = spread[0] / spread.sum(axis=0)
        usual = self._against_usual(similar.value - np.mean(rivals, axis=0))
        return _mixed(usual, of_rivals), similar

    def _free_p(self, look: AppearancePart, target: Target) -> tuple[Float32, Similarity]:
        noun = target.classes[0] if target.classes else "object"
        first = look.text.split()[0]
        phrase = f"{noun} {look.text}" if first in _AFTER_NOUN else f"{look.text} {noun}"
        if not target.classes:
            phrase = look.text
        similar, plain = self._similar(phrase), self._similar(noun)
        contrast = similar.value - plain.value
        against_plain = 1.0 / (1.0 + np.exp(-_SCALE * contrast))
        value = contrast if target.classes else similar.value
        return _mixed(self._against_usual(value), against_plain), similar

    def _against_usual(self, value: Float32) -> Float32:
        """(N,) sigmoid of the z-score within the tracks of the same class."""
        z = np.zeros(len(self.columns), np.float32)
        for number in np.unique(self._main_class):
            mine = (self._main_class == number) & self._has_crop
            mine_or_all = self._has_crop if int(mine.sum()) < 4 else mine
            if mine_or_all.any():
                sample = value[mine_or_all]
                z[mine] = (value[mine] - sample.mean()) / max(float(sample.std()), 1e-3)
        return np.asarray(1.0 / (1.0 + np.exp(-(_Z_SCALE * z + _Z_SHIFT))), np.float32)

    def _similar(self, phrase: str) -> Similarity:
        """As `_compared`, remembered for the words asked last."""
        with self._lock:
            known = self._asked.get(phrase)
        if known is None:
            known = self._compared(phrase)
            with self._lock:
                self._asked[phrase] = known
                while len(self._asked) > _MOST_REMEMBERED:
                    self._asked.pop(next(iter(self._asked)))
        return known

    def _compared(self, phrase: str) -> Similarity:
        """Mean of the two crops most like a phrase, per track.

        In a large library only the crops nearest to the phrase are read; every other track gets
        what a sample of all crops says is usual, or the last one read where that is less.
        """
        n, crops = len(self.columns), self.crops
        vector = self._prompts.ensemble([phrase])[0]
        rows, values = self._index.search(vector, _MOST_CANDIDATES)
        mine = crops.track[rows] >= 0
        rows, values = rows[mine], values[mine]
        tracks = crops.track[rows]
        usual = 0.0
        if len(self._index) > _MOST_CANDIDATES:
            usual = min(float((self._bank_vectors() @ vector).mean()), float(values.min()))
        result = np.full(n, usual, np.float32)
        best_crop = np.full(n, -1, np.int64)
        order = np.lexsort((-values, tracks))
        tracks, values, rows = tracks[order], values[order], rows[order]
        first = np.flatnonzero(np.diff(tracks, prepend=-1))
        result[tracks[first]] = values[first]
        best_crop[tracks[first]] = rows[first]
        second = first + 1
        second = second[second < len(tracks)]
        second = second[tracks[second] == tracks[second - 1]]
        result[tracks[second]] = (values[second] + values[second - 1]) / 2.0
        return Similarity(result, best_crop)

    def track_vectors(self, rows: Rows) -> Float32:
        """(K, D) mean of the crops' vectors of each track, unit length; zeros without a crop."""
        place = np.full(len(self.columns), -1, np.int64)
        place[rows] = np.arange(len(rows))
        owner = np.where(self.crops.track >= 0, place[self.crops.track], -1)
        mine = np.flatnonzero(owner >= 0)
        vectors = self._index.vectors(mine)
        means = np.zeros((len(rows), vectors.shape[1]), np.float32)
        np.add.at(means, owner[mine], vectors)
        length = np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-6)
        return np.asarray(means / length, np.float32)

    def _bank_vectors(self) -> Float32:
        """A fixed sample of all crops, the background against which words are judged."""
        with self._lock:
            if self._bank is None:
                rng = np.random.default_rng(7)
                rows = np.sort(rng.choice(len(self._index), _BANK, replace=False)).astype(np.int64)
                self._bank = (rows, self._index.vectors(rows))
            return self._bank[1]


def _blend(pixels: Float32, of_pixels: Weight, encoder: Float32, of_encoder: Weight) -> Float32:
    """(N, 12) two readings of colour as one: a weighted product, never quite certain."""
    logs = of_pixels * np.log(pixels + _PIXEL_LEAST)
    logs += of_encoder * np.log(encoder + _ENCODER_LEAST)
    fused = np.exp(logs - logs.max(axis=1, keepdims=True))
    fused *= (1.0 - _LEFT_OPEN) / fused.sum(axis=1, keepdims=True)
    return np.asarray(fused + _LEFT_OPEN / len(COLOURS), np.float32)


def _mixed(one: Float32, other: Float32) -> Float32:
    """Weighted mean of two probabilities in log odds."""
    a, b = (np.clip(p, 1e-3, 1 - 1e-3) for p in (one, other))
    odds = (1 - _CONTRAST_WEIGHT) * np.log(a / (1 - a)) + _CONTRAST_WEIGHT * np.log(b / (1 - b))
    return np.asarray(1.0 / (1.0 + np.exp(-odds)), np.float32)
