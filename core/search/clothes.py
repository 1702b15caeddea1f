"""What colour people's clothes are: by pixels above and below, by the encoder for the rest."""

from __future__ import annotations

import logging
import threading

import cv2
import numpy as np

from core.attributes.colour import COLOURS, colour_posterior, fused_colour
from core.detections import Float32, Image
from core.language.words import listed
from core.search.kinds import Kinds
from core.search.likeness import Likeness, Rows, softmax

_log = logging.getLogger(__name__)

Weight = float | Float32

_UPPER = frozenset(
    listed(
        "jacket coat shirt tshirt top hoodie sweater jumper pullover blouse cardigan vest jersey "
        "raincoat uniform suit dress"
    )
)
_LOWER = frozenset(listed("trousers pants jeans shorts skirt leggings"))
_WORN_SHARE = 0.4
_LIKELY = 0.2
_PERSON = 0.5
_MOST_PEOPLE = 8000
_PICTURES_EACH = 2
_MARGIN = 0.065  # of a picture's side: what was kept around the box
_PIXEL_LEAST, _ENCODER_LEAST = 1e-2, 1e-3
_LEFT_OPEN = 0.02  # share of every reading spread over all colours
_MOST_REMEMBERED = 24


class Clothes:
    """Colours of garments on all tracks of one state of the library; any thread may ask."""

    def __init__(self, likeness: Likeness, kinds: Kinds) -> None:
        self._likeness = likeness
        self._kinds = kinds
        self._columns = likeness.columns
        self._lock = threading.Lock()
        self._worn: dict[tuple[str, str], Float32] = {}

    def colours(self, noun: str, garment: str, whole: Float32) -> Float32:
        """(N, 12) what colour of this garment each track wears, zeros where nothing can tell.

        noun: who wears it, a class word. whole: (N, 12) the colour of each track as a whole, which
        of people is that of their upper clothes.
        """
        if garment == "clothes":
            return whole
        with self._lock:
            worn = self._worn.get((noun, garment))
        if worn is None:
            worn = self._told(noun, garment, whole)
            with self._lock:
                if len(self._worn) >= _MOST_REMEMBERED:
                    self._worn.clear()
                self._worn[noun, garment] = worn
        return worn

    def _told(self, noun: str, garment: str, whole: Float32) -> Float32:
        if garment in _LOWER:
            return self._legs()
        likeness = self._likeness
        trust = self._kinds.trust.of(self._columns)
        mine = likeness.has_crop & (trust > 0.0) & (self._kinds.p((noun,)) > _LIKELY)
        upper = garment in _UPPER
        told = whole.copy() if upper else np.zeros_like(whole)
        if mine.any():
            phrases = [f"{noun} in a {colour} {garment}" for colour in COLOURS]
            by_encoder = softmax(self._kinds.trust.scale * likeness.cosines(phrases, mine)[mine])
            share = trust[mine, None] * (_WORN_SHARE if upper else 1.0)
            told[mine] = blend(whole[mine], 1.0 - share if upper else 0.0, by_encoder, share)
        return told

    def _legs(self) -> Float32:
        """(N, 12) pixels of what people wear below, from the file beside the index."""
        columns, prompts = self._columns, self._likeness.prompts
        stamp = repr((columns.stamp, COLOURS, "legs"))
        kept = prompts.read("legs", stamp)
        if kept is None or kept.shape != (len(columns), len(COLOURS)):
            people = np.flatnonzero(self._kinds.p(("person",)) >= _PERSON)
            if len(people) > _MOST_PEOPLE:
                _log.warning(
                    "what is worn below is read of the first %d of %d people",
                    _MOST_PEOPLE,
                    len(people),
                )
            kept = np.zeros((len(columns), len(COLOURS)), np.float32)
            for row in map(int, people[:_MOST_PEOPLE]):
                kept[row] = self._legs_of(row)
            prompts.write("legs", stamp, kept)
        return kept

    def _legs_of(self, row: int) -> Float32:
        """(12,) of one track, from its best pictures."""
        shard = self._columns.shard_of(row)
        crops = shard.crops()
        mine: Rows = np.flatnonzero(crops.track_id == self._columns.track_id[row])
        best = mine[np.argsort(-crops.quality[mine], kind="stable")][:_PICTURES_EACH]
        readings = [
            colour_posterior(inside, class_name="person", legs=True)
            for crop in map(int, best)
            if (inside := _inside(shard.crop_jpeg(crop))) is not None
        ]
        if not readings:
            return np.zeros(len(COLOURS), np.float32)
        return fused_colour(np.array(readings), np.ones(len(readings), np.float32))


def _inside(jpeg: bytes) -> Image | None:
    """The picture without what was kept around the box; None where it cannot be read."""
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        return None
    height, width = picture.shape[:2]
    y, x = round(_MARGIN * height), round(_MARGIN * width)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)[y : height - y, x : width - x])


def blend(pixels: Float32, of_pixels: Weight, encoder: Float32, of_encoder: Weight) -> Float32:
    """(N, 12) two readings of colour as one: a weighted product, never quite certain."""
    logs = of_pixels * np.log(pixels + _PIXEL_LEAST)
    logs += of_encoder * np.log(encoder + _ENCODER_LEAST)
    fused = softmax(logs)
    return np.asarray((1.0 - _LEFT_OPEN) * fused + _LEFT_OPEN / len(COLOURS), np.float32)
