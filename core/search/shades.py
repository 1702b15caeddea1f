"""What colour every track has: the pixels' reading and the encoder's, as one.

Pixels are read the same everywhere; an encoder names colours better than they do in pictures it is
at home in, and worse elsewhere. So it counts as far as the detector's and the pixels' own sure
readings bear it out.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

import numpy as np

from core.attributes.colour import COLOURS
from core.detections import Bool, Float32
from core.language.lexicon import mixture
from core.language.query import ColourPart, Target
from core.search.clothes import Clothes, blend
from core.search.kinds import Kinds
from core.search.likeness import Likeness, softmax
from core.search.scoring import PartScore
from core.search.votes import weighted

_PIXELS = (0.9, 0.3)  # weight in log space beside an encoder of no use, beside one that agrees
_ENCODER = (0.0, 1.1)
_AGREES = (0.25, 0.7)  # agreement with clear pixels at which the encoder counts for nothing, fully
_CLEAR = 0.85
_FEWEST_CLEAR = 8
_UNKNOWN = np.full(len(COLOURS), 1.0 / len(COLOURS), np.float32)
_TWO_TONED = ("truck", "bus")
_SECOND_TONE = 0.85
_TONE_SHARE = 4  # the fourth of a track's pictures that shows a colour best
NEAR: Mapping[str, Mapping[str, float]] = {
    "white": {"silver": 0.35},
    "silver": {"white": 0.35, "grey": 0.45},
    "grey": {"silver": 0.45, "black": 0.1},
    "black": {"grey": 0.1},
    "orange": {"red": 0.1, "brown": 0.1},
    "pink": {"purple": 0.15, "red": 0.1},
    "purple": {"pink": 0.1},
}
"""What people also call by a name: light and weather turn these into one another."""


class Shades:
    """Colours on all tracks of one state of the library; any thread may ask."""

    def __init__(self, likeness: Likeness, kinds: Kinds) -> None:
        self._likeness = likeness
        self._kinds = kinds
        self._columns = likeness.columns
        self._lock = threading.Lock()
        self._colours: Float32 | None = None
        self._clothes = Clothes(likeness, kinds)

    def colours(self) -> Float32:
        """(N, 12) probability of each colour; zeros where nothing shows one.

        A row sums to 1, or to more for what may be painted in two colours.
        """
        with self._lock:
            if self._colours is None:
                self._colours = np.asfortranarray(self._fused())
            return self._colours

    def score(self, part: ColourPart, target: Target) -> PartScore:
        """A colour part on all tracks."""
        posterior = self.colours()
        if part.on:
            noun = target.classes[0] if target.classes else "person"
            posterior = self._clothes.colours(noun, part.on, posterior)
        weights = np.zeros(len(COLOURS), np.float32)
        for colour in part.colours:
            near = {} if part.negated else NEAR.get(colour, {})
            for name, weight in (*near.items(), *mixture(colour).items()):
                weights[COLOURS.index(name)] = max(weights[COLOURS.index(name)], weight)
        known = posterior.sum(axis=1) > 0.5
        p = np.clip(weighted(posterior, weights), 0.0, 1.0)
        usual = float(p[known].mean()) if known.any() else 0.1
        p = np.where(known, p, np.clip(usual, 0.05, 0.4)).astype(np.float32)
        return PartScore(str(part), "colour", 1.0 - p if part.negated else p, known, posterior)

    # --- the whole object --------------------------------------------------------------------

    def _fused(self) -> Float32:
        columns, has_crop = self._columns, self._likeness.has_crop
        encoder, tones = self._encoder()
        pixels = columns.colour
        read = pixels.sum(axis=1, keepdims=True) > 0.5
        base = np.where(read, pixels, _UNKNOWN)
        trust = np.where(has_crop, self._trusted(encoder), 0.0).astype(np.float32)[:, None]
        of_pixels = _PIXELS[0] + trust * (_PIXELS[1] - _PIXELS[0])
        of_encoder = _ENCODER[0] + trust * (_ENCODER[1] - _ENCODER[0])
        fused = blend(base, of_pixels, encoder, of_encoder)
        fused = np.maximum(fused, _SECOND_TONE * trust * tones)
        fused[(~read[:, 0]) & (trust[:, 0] <= 0.0)] = 0.0
        return np.asarray(fused, np.float32)

    def _trusted(self, encoder: Float32) -> Float32:
        """(N,) how far to trust the encoder's names of colours, in [0, 1].

        As far as it knows the kinds of things in the same video, and where pixels leave no doubt
        about a colour, says the same.
        """
        at_home = self._kinds.trust.of(self._columns)
        clear = self._columns.colour.max(axis=1, initial=0.0) > _CLEAR
        clear &= self._likeness.has_crop & (at_home > 0.5)
        if int(clear.sum()) < _FEWEST_CLEAR:
            return at_home
        named = self._columns.colour[clear].argmax(axis=1)
        agreement = float(encoder[clear][np.arange(len(named)), named].mean())
        low, high = _AGREES
        return at_home * np.float32(np.clip((agreement - low) / (high - low), 0.0, 1.0))

    def _encoder(self) -> tuple[Float32, Float32]:
        """(N, 12) the encoder's reading, and that of the pictures which show a colour best.

        From the file beside the index, made where it is stale: every crop is compared with every
        colour word once, which takes long in a large library.
        """
        scale, prompts = self._kinds.trust.scale, self._likeness.prompts
        stamp = repr((self._columns.stamp, COLOURS, scale, _TWO_TONED))
        kept = prompts.read("colours", stamp)
        if kept is None or kept.shape != (len(self._columns), 2 * len(COLOURS)):
            kept = np.concatenate(self._read_by_encoder(scale), axis=1)
            prompts.write("colours", stamp, kept)
        return kept[:, : len(COLOURS)], kept[:, len(COLOURS) :]

    def _read_by_encoder(self, scale: float) -> tuple[Float32, Float32]:
        """(N, 12) even where a track has no vectors; (N, 12) zeros for what has one colour."""
        columns, likeness = self._columns, self._likeness
        whole = np.tile(_UNKNOWN, (len(columns), 1))
        tones = np.zeros((len(columns), len(COLOURS)), np.float32)
        main = self._kinds.main_class()
        for number in np.unique(main[likeness.has_crop]):
            mine = likeness.has_crop & (main == number)
            name = columns.class_names[number]
            phrases = [f"{colour} {name}" for colour in COLOURS]
            whole[mine] = softmax(scale * likeness.cosines(phrases, mine)[mine])
            if name in _TWO_TONED:
                tones[mine] = _best_tones(likeness, phrases, mine, scale)[mine]
        return whole, tones


def _best_tones(likeness: Likeness, phrases: Sequence[str], tracks: Bool, scale: float) -> Float32:
    """(N, K) softmax over phrases, of the pictures of a track that show each of them best."""
    rows, p = likeness.each(phrases, tracks, scale)
    owner = likeness.crops.track[rows]
    result = np.zeros((len(likeness.columns), len(phrases)), np.float32)
    for column in range(len(phrases)):
        order = np.lexsort((-p[:, column], owner))
        tracks_of, values = owner[order], p[order, column]
        first = np.flatnonzero(np.diff(tracks_of, prepend=-1))
        count = np.diff(np.append(first, len(order)))
        best = np.maximum(count // _TONE_SHARE, 1)
        sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
        result[tracks_of[first], column] = (sums[first + best] - sums[first]) / best
    return result
