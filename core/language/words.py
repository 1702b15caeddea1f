"""From a typed sentence to words: normal form, and where each word stands in what was typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

At = tuple[int, int]


def listed(words: str, separator: str = " ") -> list[str]:
    """A word list written as one text, which is easier to read and to edit than quotes."""
    return words.split(separator)


@dataclass(frozen=True, slots=True)
class Token:
    """One word in normal form, or a quoted phrase; at: its characters in the typed text.

    kind: word | number | clock | quote | mark.
    """

    kind: str
    text: str
    at: At = (0, 0)


@dataclass(frozen=True, slots=True)
class _Folded:
    """Text in normal form; starts, ends: where each of its characters stands in the typed text."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def replaced(self, pattern: re.Pattern[str], plain: str) -> _Folded:
        """With every match replaced; all that replaces it stands where the match stood."""
        if not (found := list(pattern.finditer(self.text))):
            return self
        text, starts, ends, done = "", [], [], 0
        for match in found:
            low, high = match.span()
            new = match.expand(plain)
            text += self.text[done:low] + new
            starts += [*self.starts[done:low], *[self.starts[low]] * len(new)]
            ends += [*self.ends[done:low], *[self.ends[high - 1]] * len(new)]
            done = high
        rest = slice(done, None)
        return _Folded(
            text + self.text[rest],
            (*starts, *self.starts[rest]),
            (*ends, *self.ends[rest]),
        )

    def at(self, low: int, high: int) -> At:
        return self.starts[low], self.ends[high - 1]


_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "«": '"', "»": '"'})
_PLAIN = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"\b(ca|wo|sha)n't\b", "not"),
        (r"n't\b", " not"),
        (r"\b(does|do|is|are|was|were|has|have|had|did|should|would|could)nt\b", r"\1 not"),
        (r"\b(dosnt|dosent|doesent|dosn't|dose not|dident|didint|isent|ain't|aint)\b", "does not"),
        (r"\b(wont|cant|dont)\b", "not"),
        (r"\b(my|our) [^\W\d_]+(?:'s|s')(?= )", r"\1"),  # whose it is, nobody can see
        (r"'(s|re|ll|ve|d|m)\b", " "),
        (r"\b(that|there|here|what|where|who)s\b", r"\1 is"),
        (r"^\s*(?:[mlew]?[lmc][su]|[elw]s|pov|ext|int|gvs?|[lmcw]/[sua])[.:,]?\s+(?=[^\W\d_])", ""),
        (r"\bin ?fr?ont ?(?:off?|fo)\b", "in front of"),
        (r"\binfront\b", "in front"),
        (r"\b(over|under) (tak(?:e|es|en|ing)|took)\b", r"\1\2"),
        (r"\b(along|be) side(s?)\b", r"\1side\2"),
        (r"\b(cross|side|cat) walk(s?)\b", r"\1walk\2"),
        (r"\b(high|motor|free|drive|door) way(s?)\b", r"\1way\2"),
        (r"\b(hand|back) (bag|pack)(s?)\b", r"\1\2\3"),
        (r"\b(police|fire|post) (wo)?m([ae])n\b", r"\1\2m\3n"),
        (r"\bnear by\b", "nearby"),
        (r"\bthe rode\b", "the road"),
        (r"\s(?:--?|[–—])\s", " , "),
        (r"\b4\s?[x×]\s?4(s?)\b", "suv"),
        (r"\b(18|eighteen)[\s-]?wheeler(s?)\b", "semi"),
        (r"\b(?:3|three)[\s-]points? turn", "u turn"),
        (r"\bu[\s-]?turn", "u turn"),
        (r"\b1\s?80\b", "180"),
        (r"\bdog[\s-]?walkers?\b", "person with a dog"),
        (r"\bhorse[\s-]?riders?\b", "person with a horse"),
        (r"\bon horse[\s-]?back\b", "with a horse"),
        (r"\bjaywalkers?\b", "person jaywalking"),
        (r"\bloiterers?\b", "person loitering"),
        (r"\bspeeders?\b", "vehicle speeding"),
        (r"\btailgaters?\b", "vehicle tailgating"),
        (r"\b(nobody|no[\s-]?one)\b", "no person"),
        (r"\bnothing\b", "no object"),
        (r"\b(any|some|every)1\b", r"\1one"),
        (r"\b(?:ppl|peeps)\b", "people"),
        (r"\bcams?\b", "camera"),
        (r"\blil\b", "little"),
        (r"\b4(?= (?:like|ages|about|over|at least|more than|\d))", "for"),
        (r"\bw(?= (?:a|an|the|no|his|her|their)\b)", "with"),
        (r"\b(?:real|super|mega|crazy|mad|so) (fast|quick|quickly|slow|slowly)\b", r"\1"),
        (
            r"\b(go|turn|park|stopp|walk|driv|runn|chas|follow|com|speed|cross|stand|wait|chill)in\b",
            r"\1ing",
        ),
        (r"\bturn in (?:an? )?u\b", "u turn"),
        (r"\bwhat is (?=\w+(?:ing|ed)\b)", "which is "),
        (r"\bw/o\b", "without"),
        (r"\bw/", "with "),
        (r"\bt[\s-]shirt", "tshirt"),
        (r"\bkm/h\b|\bkmh\b|\bkph\b", "kmh"),
        (r"\bm/s\b", "mps"),
        (r"\bo'clock\b", "oclock"),
        (r"\b([ap])\.m\.", r"\1m"),
        (r">=|≥", " at least "),
        (r"<=|≤", " at most "),
        (r">", " more than "),
        (r"<", " less than "),
        (r"(?<=\d)\s?\+\s?(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)\b", r" \1 or more"),
        (r"(?<=\d)\s?\+(?=\s)", " plus "),
        (r"(?<=\d)\s?[–—-]\s?(?=\d)", " to "),
    )
)
_TOKEN = re.compile(
    r'"(?P<quote>[^"]*)"|(?P<clock>\d+:\d\d(?::\d\d)?)|(?P<number>\d+(?:\.\d+)?)'
    r"|(?P<word>[^\W\d_]+)|(?P<mark>[,;:.!?()])"
)
NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        listed(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen twenty"
        )
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "a": 1, "an": 1}
_FRACTIONS = {"half": 0.5}


@cache
def _fold(letter: str) -> str:
    """One letter with its accents in normal form."""
    for _ in range(4):
        folded = unicodedata.normalize("NFKC", letter).casefold()
        if folded == letter:
            break
        letter = folded
    return letter.translate(_QUOTES)


def _folded(text: str) -> _Folded:
    if text.isascii():
        every = range(len(text))
        return _Folded(text.lower(), tuple(every), tuple(i + 1 for i in every))
    cuts = [i for i, letter in enumerate(text) if i == 0 or not unicodedata.combining(letter)]
    letters, starts, ends = [], [], []
    for low, high in pairwise([*cuts, len(text)]):
        plain = _fold(text[low:high])
        letters.append(plain)
        starts += [low] * len(plain)
        ends += [high] * len(plain)
    return _Folded("".join(letters), tuple(starts), tuple(ends))


def normal(text: str) -> str:
    """Lower case, one form for every letter, plain quotes and apostrophes, single spaces."""
    return " ".join(_folded(text).text.split())


def tokens(text: str) -> list[Token]:
    """The words, numbers and marks of a sentence; signs that mean nothing here are left out."""
    folded = _folded(text)
    if folded.text.count('"') % 2:  # a quote that is never closed is no quote
        last = folded.text.rindex('"')
        folded = _Folded(
            f"{folded.text[:last]} {folded.text[last + 1 :]}", folded.starts, folded.ends
        )
    folded = _outside_quotes(folded)
    found = []
    for match in _TOKEN.finditer(folded.text):
        kind, said = str(match.lastgroup), match[str(match.lastgroup)]
        if kind == "mark":
            said = said if said in ",;:" else "," if said in "()" else "."
        if kind == "quote":
            said = " ".join(said.split())
            if not said:
                continue
        found.append(Token(kind, said, folded.at(*match.span())))
    return found


def _outside_quotes(folded: _Folded) -> _Folded:
    """With contractions and signs written out, but for what is quoted."""
    pieces = []
    low = 0
    for index, piece in enumerate(folded.text.split('"')):
        high = low + len(piece)
        part = _Folded(piece, folded.starts[low:high], folded.ends[low:high])
        if index % 2 == 0:
            for pattern, plain in _PLAIN:
                part = part.replaced(pattern, plain)
        pieces.append(part)
        if high < len(folded.text):
            pieces.append(_Folded('"', (folded.starts[high],), (folded.ends[high],)))
        low = high + 1
    return _Folded(
        "".join(piece.text for piece in pieces),
        tuple(at for piece in pieces for at in piece.starts),
        tuple(at for piece in pieces for at in piece.ends),
    )


def number_of(token: Token) -> float | None:
    """The value of a digit or a number word, None for anything else."""
    if token.kind == "number":
        return min(round(float(token.text), 2), 1e6)
    if token.kind != "word":
        return None
    if token.text in _FRACTIONS:
        return _FRACTIONS[token.text]
    value = NUMBER_WORDS.get(token.text)
    return None if value is None else float(value)


def seconds_of(clock: str) -> float:
    """m:ss or h:mm:ss as seconds."""
    total = 0
    for piece in clock.split(":"):
        total = total * 60 + int(piece[:6])
    return float(total)


def hull(ranges: Sequence[At]) -> At:
    """The smallest range that holds all of these; (0, 0) stands for none."""
    real = [at for at in ranges if at[1] > at[0]]
    return (min(at[0] for at in real), max(at[1] for at in real)) if real else (0, 0)
