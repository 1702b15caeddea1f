"""Sentences about crops, each with the facts that make it true, and the vocabulary they need."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from sample_videos.training.dataset import COLOUR_NAMES, LIGHTS, VARIANT_NAMES, VIEWS
from sample_videos.world.scene import KINDS

_KIND_WORDS = {
    "car": ("car", "car", "car", "automobile", "passenger car", "vehicle"),
    "van": ("van", "van", "van", "delivery van", "minivan"),
    "truck": ("truck", "truck", "lorry", "goods vehicle"),
    "bus": ("bus", "bus", "bus", "public bus"),
    "motorcycle": ("motorcycle", "motorcycle", "motorbike", "bike with a rider", "motorcyclist"),
    "bicycle": ("bicycle", "cyclist", "bike", "person on a bicycle", "bicyclist"),
    "person": ("person", "pedestrian", "person", "man", "woman", "someone walking"),
    "dog": ("dog", "dog", "dog", "small animal"),
}
_VARIANT_WORDS = {
    ("car", "sedan"): ("sedan", "saloon"),
    ("car", "hatchback"): ("hatchback", "small car"),
    ("car", "suv"): ("suv", "suv", "off-road car", "jeep"),
    ("car", "wagon"): ("station wagon", "estate car", "wagon"),
    ("car", "taxi"): ("taxi", "taxi", "cab", "taxi cab"),
    ("van", "panel"): ("panel van", "cargo van"),
    ("van", "minibus"): ("minibus", "passenger van"),
    ("truck", "box"): ("box truck", "truck with a cargo box", "delivery truck"),
    ("truck", "flatbed"): ("flatbed truck", "flatbed"),
    ("truck", "pickup"): ("pickup", "pickup truck", "pickup truck"),
    ("bus", "city"): ("city bus",),
    ("bus", "coach"): ("coach", "tour bus"),
    ("motorcycle", "scooter"): ("scooter", "moped"),
    ("motorcycle", "street"): ("street motorcycle",),
    ("bicycle", "road"): ("road bike", "racing bicycle"),
    ("bicycle", "city"): ("city bike",),
    ("person", "backpack"): ("person with a backpack", "person carrying a backpack"),
    ("person", "skirt"): ("woman in a skirt", "person wearing a skirt"),
    ("person", "walker"): ("walker",),
    ("dog", "large"): ("large dog", "big dog"),
    ("dog", "small"): ("small dog", "little dog"),
}
_COLOUR_WORDS = {
    "grey": ("grey", "gray", "grey"),
    "purple": ("purple", "violet"),
    "blue": ("blue", "blue", "dark blue"),
    "red": ("red", "red", "bright red"),
}
_FRAMES = (
    "{}",
    "a {}",
    "a photo of a {}",
    "a picture of a {}.",
    "a photo of a {}.",
    "a {}.",
    "a {} on the road",
    "a {} on the road.",
    "a {} seen from a traffic camera.",
    "a cropped surveillance photo of a {}.",
    "a blurry photo of a {}.",
    "the {}",
)
_CLOTHES = ("jacket", "coat", "shirt", "top", "clothes")
ANY = -1


@dataclass(frozen=True, slots=True)
class Caption:
    """A sentence and what it claims; -1 claims nothing. Numbers are those of `Crops`."""

    text: str
    kind: int = ANY
    variant: int = ANY
    colour: int = ANY
    view: int = ANY
    light: int = ANY


def caption_for(
    kind: int, variant: int, colour: int, view: int, light: int, rng: np.random.Generator
) -> Caption:
    """A random true sentence about an object with these facts."""
    kind_name = KINDS[kind]
    colour_name = COLOUR_NAMES[colour]
    names_variant = rng.random() < 0.3
    words = _VARIANT_WORDS[VARIANT_NAMES[variant]] if names_variant else _KIND_WORDS[kind_name]
    noun = str(rng.choice(words))
    claims_kind = ANY if noun in ("vehicle", "bike") else kind
    names_colour = rng.random() < 0.85
    hue = str(rng.choice(_COLOUR_WORDS.get(colour_name, (colour_name,))))
    if not names_colour:
        phrase = noun
    elif kind_name in ("person", "bicycle", "motorcycle") and rng.random() < 0.5:
        if rng.random() < 0.5:
            phrase = f"{noun} in {hue}"
        else:
            phrase = f"{noun} in a {hue} {rng.choice(_CLOTHES)}"
    elif rng.random() < 0.12:
        phrase = f"{noun} painted {hue}" if kind_name not in ("person", "dog") else f"{hue} {noun}"
    else:
        phrase = f"{hue} {noun}"
    names_view = rng.random() < 0.12
    names_light = rng.random() < 0.10
    if names_view:
        side = {"front": "from the front", "side": "from the side", "rear": "from behind"}
        phrase = f"{phrase} seen {side[VIEWS[view]]}"
    if names_light:
        when = {
            "day": "in daylight",
            "overcast": "on a grey day",
            "dusk": "at dusk",
            "night": "at night",
        }
        phrase = f"{phrase} {when[LIGHTS[light]]}"
    text = str(rng.choice(_FRAMES)).format(phrase)
    return Caption(
        text,
        claims_kind,
        variant if names_variant else ANY,
        colour if names_colour else ANY,
        view if names_view else ANY,
        light if names_light else ANY,
    )


def plain_captions() -> list[list[str]]:
    """For every kind and colour, in that order, the sentences an answer is scored with."""
    frames = ("a photo of a {} {}.", "a {} {}.", "a {} {} on the road.")
    return [
        [frame.format(colour, kind) for frame in frames]
        for kind in KINDS
        for colour in COLOUR_NAMES
    ]


def corpus() -> list[str]:
    """Many captions and the everyday words around them, to learn a vocabulary from."""
    rng = np.random.default_rng(4)
    texts = []
    for _ in range(20_000):
        variant = int(rng.integers(len(VARIANT_NAMES)))
        kind = KINDS.index(VARIANT_NAMES[variant][0])
        facts = [int(rng.integers(n)) for n in (len(COLOUR_NAMES), len(VIEWS), len(LIGHTS))]
        texts.append(caption_for(kind, variant, facts[0], facts[1], facts[2], rng).text)
    everyday = (
        "turning left right stopping waiting parked moving slowly quickly crossing street road "
        "junction square car park day night rain wet dark light big small large old new empty "
        "crowded with without wearing holding walking running standing driving riding towards "
        "away camera between behind front next near two three several people children animals"
    )
    return texts + [everyday] * 40


def learn_merges(texts: Iterable[str], count: int) -> list[tuple[str, str]]:
    """Byte-pair merges, most frequent first (Sennrich et al. 2016), words ending in </w>."""
    pattern = re.compile(r"[a-z]+|[0-9]|[^\sa-z0-9]+")
    words = Counter(word for text in texts for word in pattern.findall(text.lower()))
    pieces = {word: (*word[:-1], word[-1] + "</w>") for word in words}
    merges: list[tuple[str, str]] = []
    while len(merges) < count:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, parts in pieces.items():
            for pair in pairwise(parts):
                pairs[pair] += words[word]
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        for word, parts in pieces.items():
            pieces[word] = _merged(parts, best)
    return merges


def _merged(parts: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    out: list[str] = []
    i = 0
    while i < len(parts):
        if i + 1 < len(parts) and (parts[i], parts[i + 1]) == pair:
            out.append(parts[i] + parts[i + 1])
            i += 2
        else:
            out.append(parts[i])
            i += 1
    return tuple(out)


def write_vocabulary(path: Path, merges: list[tuple[str, str]]) -> None:
    """The merges as open_clip's tokenizer reads them: a heading, then a pair a line."""
    lines = ["#version: vidtrail demo", *(f"{a} {b}" for a, b in merges)]
    # A fixed time stamp keeps the file, and its hash, the same from run to run.
    with gzip.GzipFile(path, "wb", mtime=0) as file:
        file.write("\n".join(lines).encode("utf-8"))
