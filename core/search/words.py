"""From a sentence to words: normal form, tokens, spelling slips."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache


def listed(words: str, separator: str = " ") -> list[str]:
    """A word list written as one text, which is easier to read and to edit than quotes."""
    return words.split(separator)


_CONTRACTIONS = (
    (re.compile(r"\b(ca|wo|sha)n't\b"), "not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"\b(does|do|is|are|was|were|has|did|should|would|could)nt\b"), r"\1 not"),
    (re.compile(r"'(s|re|ll|ve|d|m)\b"), " "),
    (re.compile(r"\b4\s?[x×]\s?4(s?)\b"), "suv"),
    (re.compile(r"\bu[\s-]?turn"), "u turn"),
    (re.compile(r"\b1\s?80\b"), "180"),
    (re.compile(r"\bdog[\s-]?walkers?\b"), "person with a dog"),
)
_TOKEN = re.compile(r'"([^"]*)"|(\d+:\d\d(?::\d\d)?)|(\d+(?:\.\d+)?)|([^\W\d_]+)|([,;.!?()])')
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
}
_NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        listed(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen twenty"
        )
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "a": 1, "half": 0.5}


@dataclass(frozen=True, slots=True)
class Token:
    """One word as written (normal form), what it was corrected to, or a quoted phrase."""

    kind: str  # word | number | clock | quote | mark
    text: str
    base: str = ""


def normal(text: str) -> str:
    """Lower case, one form for every letter, plain quotes and apostrophes, single spaces."""
    for _ in range(4):
        folded = unicodedata.normalize("NFKC", text).casefold()
        if folded == text:
            break
        text = folded
    for fancy, plain in (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("«", '"'), ("»", '"')):
        text = text.replace(fancy, plain)
    return " ".join(text.split())


def tokens(text: str) -> list[Token]:
    """The words, numbers and marks of a sentence; signs that mean nothing here are left out."""
    pieces = normal(text).split('"')
    if len(pieces) % 2 == 0:  # a quote that is never closed is no quote
        pieces[-2:] = [f"{pieces[-2]} {pieces[-1]}"]
    for index in range(0, len(pieces), 2):
        for pattern, plain in _CONTRACTIONS:
            pieces[index] = pattern.sub(plain, pieces[index])
    found = []
    for quote, clock, number, word, mark in _TOKEN.findall('"'.join(pieces)):
        if clock:
            found.append(Token("clock", clock))
        elif number:
            found.append(Token("number", number))
        elif word:
            found.append(Token("word", word))
        elif mark:
            found.append(Token("mark", "," if mark in ",;()" else "."))
        elif quote.strip():
            found.append(Token("quote", " ".join(quote.split())))
    return found


def number_of(token: Token) -> float | None:
    """The value of a digit or a number word, None for anything else."""
    if token.kind == "number":
        return min(round(float(token.text), 2), 1e6)
    value = _NUMBER_WORDS.get(token.text) if token.kind == "word" else None
    return None if value is None else float(value)


def seconds_of(clock: str) -> float:
    """m:ss or h:mm:ss as seconds."""
    total = 0
    for piece in clock.split(":"):
        total = total * 60 + int(piece[:6])
    return float(total)


@lru_cache(maxsize=4096)
def correction(word: str, vocabulary: frozenset[str]) -> str | None:
    """The one word of the vocabulary a single slip away (letters 4 or more), or None.

    A slip is one letter added, lost, changed, or two neighbours swapped. Words that share the
    first letter win; two equally good candidates of different meaning are no answer.
    """
    if len(word) < 4 or not word.isascii():
        return None
    alike = [w for w in vocabulary if len(w) >= 4 and abs(len(w) - len(word)) <= 1]
    near = [w for w in alike if _slip(word, w)]
    best = [w for w in near if w[0] == word[0]] or near
    swaps = [w for w in best if len(w) == len(word) and sorted(w) == sorted(word)]
    best = swaps or best
    return min(best, key=lambda w: (-_shared(word, w), w)) if best else None


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


def spelled(
    found: Sequence[Token], vocabulary: frozenset[str], known: Collection[str]
) -> tuple[list[Token], tuple[tuple[str, str], ...]]:
    """The tokens with slips mended, and (as written, as understood) for each."""
    mended: list[Token] = []
    changes: list[tuple[str, str]] = []
    for token in found:
        fixed = None
        if token.kind == "word" and token.text not in vocabulary and token.text not in known:
            fixed = _SLIPS.get(token.text) or correction(token.text, vocabulary)
        if fixed is None:
            mended.append(token)
        else:
            mended.append(Token("word", fixed))
            changes.append((token.text, fixed))
    return mended, tuple(changes)


KNOWN_WORDS = frozenset(
    # how things look: no slip of a word of motion, and nothing to report as unknown
    listed(
        "large small big little tiny huge tall short long old new young elderly wide narrow "
        "heavy compact medium sized midsize midsized size shiny dirty clean rusty broken "
        "damaged dented striped stripes stripe checkered plain bright modern vintage classic "
        "antique fancy cheap luxury loaded empty full open closed covered roof rack ladder "
        "logo writing text sign letters windows window door doors trunk boot hood bonnet "
        "bumper wheel wheels tyre tyres tire tires headlights headlight lights light lamp "
        "lamps mirror siren antenna cargo boxes box crate cart stroller pram buggy wheelchair "
        "cane crutches umbrella helmet hat cap coat jacket shirt tshirt top hoodie sweater "
        "jumper dress skirt trousers pants jeans shorts suit uniform vest scarf boots shoes "
        "gloves glasses sunglasses backpack bag handbag suitcase hair beard blonde bald "
        "brunette ponytail leash collar tail tails fur spots spotted fluffy furry brown team "
        "paint painted metallic matte glossy wooden metal plastic leather double decker single "
        "articulated electric police school delivery post mail fire rescue army military taxi "
        "sign tree trees grass wall fence water river sky cloud clouds sun sunny rain rainy "
        "wet snow snowy fog foggy night day dawn dusk sunset sunrise dark city town country "
        "urban rural indoor indoors outdoors outdoor busy quiet deserted crowded crown grown "
        "horn hollow fellow sorry read dear bear boat goat want track tracks cart port sport "
        "sports star stay story store grew paid bank thing things object objects kind type "
        "colour color coloured colored plate plates number brand ford toyota chevy dodge honda "
        "bmw audi tesla mercedes volkswagen nissan kia hyundai volvo fiat renault peugeot "
        "steps stairs food drink coffee child adult baby carrier someone nothing everything "
        "place time other others same different similar like look looks looking also only just "
        "very really quite more most least less than first last again once twice still "
        "together else here cable cane line lines tool tools load flag flags poster banner "
        "sticker stickers seat basket trolley rope crew team group ride rides hose house "
        "houses horse park walker while white whole where wait waist stock stick stone steel "
        "steep sleep sheet shade share shape shore short shirt sharp"
    )
)
"""Common words of appearance, and neighbours in spelling of words of the grammar."""
