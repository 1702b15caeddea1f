"""Spelling slips: a word that nothing knows is read as the known word one slip away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

from core.language.words import Token

_SHORTEST = 4
_LONG = 8
_SLIPS = {
    "teh": "the",
    "hte": "the",
    "lft": "left",
    "lef": "left",
    "rgt": "right",
    "rihgt": "right",
    "cra": "car",
    "bsu": "bus",
    "adn": "and",
    "thne": "then",
    "rde": "red",
    "vna": "van",
    "wihte": "white",
    "wite": "white",
    "bycicle": "bicycle",
    "bycycle": "bicycle",
    "bicicle": "bicycle",
    "motocycle": "motorcycle",
    "motorcicle": "motorcycle",
    "peddestrian": "pedestrian",
    "pedestrain": "pedestrian",
    "yelow": "yellow",
    "vehical": "vehicle",
    "vechicle": "vehicle",
    "vehicule": "vehicle",
    "aproaching": "approaching",
    "colur": "colour",
    "buss": "bus",
    "taksi": "taxi",
    "byke": "bike",
    "strait": "straight",
    "streight": "straight",
    "foward": "forward",
    "breaks": "brakes",
    "breaking": "braking",
}
"""Slips of short words, and common ones that are more than one letter away."""


def spelled(
    found: Sequence[Token], vocabulary: frozenset[str], known: Collection[str]
) -> tuple[list[Token], tuple[tuple[str, str], ...]]:
    """The tokens with slips mended, and (as written, as understood) for each.

    vocabulary: the words a slip can stand for. known: other words that are right as they are.
    """
    mended: list[Token] = []
    changes: list[tuple[str, str]] = []
    for token in found:
        fixed = None
        if token.kind == "word" and token.text not in vocabulary and token.text not in known:
            fixed = _SLIPS.get(token.text)
            plural = token.text.endswith("s") and token.text[:-1] in vocabulary
            if fixed is None and not plural and not _is_form(token.text, known):
                fixed = correction(token.text, vocabulary)
        if fixed is None:
            mended.append(token)
        else:
            mended.append(Token("word", fixed, token.at))
            changes.append((token.text, fixed))
    return mended, tuple(changes)


def _is_form(word: str, known: Collection[str]) -> bool:
    """Whether a word is an inflected form of one that is right: "shirts", "observed"."""
    ends = ("ies", "y"), ("es", ""), ("s", ""), ("ed", ""), ("d", ""), ("ing", ""), ("ing", "e")
    return len(word) > _SHORTEST and any(
        word.endswith(end) and word[: -len(end)] + base in known for end, base in ends
    )


@lru_cache(maxsize=4096)
def correction(word: str, vocabulary: frozenset[str]) -> str | None:
    """The word of the vocabulary a single slip away (four letters or more), or None.

    A slip is one letter after the first added, lost or changed, or two neighbours swapped. Swaps
    win, then lost letters, then the longest common beginning. Words of eight letters may have two.
    """
    if len(word) < _SHORTEST or not word.isascii():
        return None
    alike = [w for w in vocabulary if len(w) >= _SHORTEST and abs(len(w) - len(word)) <= 1]
    near = [w for w in alike if _slip(word, w)]
    swaps = [w for w in near if len(w) == len(word) and sorted(w) == sorted(word)]
    best = swaps or [w for w in near if w[0] == word[0]]
    if not best and len(word) >= _LONG:
        best = [w for w in vocabulary if len(w) >= _LONG and _two_slips(word, w)]
    return min(best, key=lambda w: (-len(w), -_shared(word, w), w)) if best else None


def _two_slips(word: str, other: str) -> bool:
    """Whether two letters of a long word, none of its first two, were added, lost or changed."""
    if abs(len(word) - len(other)) > 2 or word[:2] != other[:2]:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word):
        older, before, row = before, row, [i + 1]
        for j, wanted in enumerate(other):
            cost = min(before[j + 1] + 1, row[j] + 1, before[j] + (letter != wanted))
            if i and j and letter == other[j - 1] and word[i - 1] == wanted:
                cost = min(cost, older[j - 1] + 1)
            row.append(cost)
    return row[-1] <= 2


def _shared(one: str, two: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), len(one))


def _slip(word: str, other: str) -> bool:
    if len(word) > len(other):
        word, other = other, word
    start = _shared(word, other)
    if len(word) < len(other):
        return word[start:] == other[start + 1 :]
    if word[start + 1 :] == other[start + 1 :]:
        return True
    return (
        word[start : start + 2] == other[start : start + 2][::-1]
        and word[start + 2 :] == other[start + 2 :]
    )
