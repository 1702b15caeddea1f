"""Tracks that may be the same object, in other videos or later in the same one.

Nothing is joined here: a suggestion waits for a person. How likely it is rests on looks alone, on
how many tracks compete, and on what a person has already said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32, Float64
from core.errors import IdentityError
from core.identity.bonds import Bonds, read_bonds, seen_apart
from core.identity.gallery import Gallery
from core.identity.likeness import learn_likeness
from core.library.library import Library
from core.library.notes import TrackRef

_CANDIDATES = 50  # tracks with the most similar means, of which crops are compared
_RETURNS = 0.5  # chance that an object is in another given video at all, before looking
_FINALISTS = 4  # times as many as are asked for have their rivals weighed
_RIVALS = 20  # tracks with the most similar means, of those that exclude a pair
_BLIND = 0.5  # the most that is said where looks cannot tell

_CHUNK = 256

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two tracks that may be one object.

    p: probability in [0, 1]. crops: (crop of a, crop of b) that are most alike, best first.
    mutual: each is the most alike of all tracks in the other's video. likeness: cosine.
    """

    a: TrackRef
    b: TrackRef
    p: float
    likeness: float
    crops: tuple[tuple[int, int], ...]
    mutual: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What was found, the likeliest first, and a clause on how far looks can be trusted."""

    found: tuple[Suggestion, ...]
    usable: bool
    reason: str


def suggest(
    library: Library, encoder: str, *, of: TrackRef | None = None, limit: int = 20
) -> Suggestions:
    """Suggest tracks that may be the same object as another.

    encoder: whose vectors are compared; videos of other encoders are left out. of: only pairs with
    this track, None for all. limit: most suggestions.
    Pairs that a person has joined or told apart, and tracks seen together, are left out.
    Raises IdentityError when `of` has no picture by this encoder, LibraryError when it is unknown.
    """
    return Suggester(library, encoder).suggest(of=of, limit=limit)


class Suggester:
    """The tracks of one encoder as they are at one moment, ready for many questions."""

    def __init__(self, library: Library, encoder: str) -> None:
        self.stamp = library.stamp()
        self._library = library
        self._gallery = Gallery.read(library, encoder)
        self.likeness = learn_likeness(self._gallery)
        self._nearest: dict[tuple[int, int], int] = {}

    def is_current(self) -> bool:
        """Whether the tracks of the library are still those read here."""
        return self.stamp == self._library.stamp()

    def suggest(self, *, of: TrackRef | None = None, limit: int = 20) -> Suggestions:
        """As the function `suggest`; what a person has said meanwhile is heeded."""
        start = None if of is None else self._row(of)
        a, b, cosine = self._alike(range(len(self._gallery)) if start is None else (start,))
        prior = self._priors(a, b)
        ratio = np.exp(self.likeness.llr(cosine))
        alone = prior * ratio / (1.0 - prior + prior * ratio)
        allowed = _Allowed(self._gallery, read_bonds(self._library))
        weighed: list[tuple[float, float, int, int, int]] = []
        for place in np.lexsort((b, a, -cosine, -alone)):
            if len(weighed) >= _FINALISTS * limit:
                break
            one, other = int(a[place]), int(b[place])
            if allowed(one, other):
                against, as_alike = self._against(one, other, float(cosine[place]))
                p = _posterior(float(prior[place]), float(ratio[place]), against)
                weighed.append((-p, -float(cosine[place]), one, other, as_alike))
        found = []
        for minus_p, minus_cosine, one, other, as_alike in sorted(weighed)[:limit]:
            first, second = (one, other) if start in (None, one) else (other, one)
            p = -minus_p if self.likeness.usable else min(-minus_p, _BLIND)
            found.append(self._suggestion(first, second, p, -minus_cosine, as_alike))
        return Suggestions(tuple(found), self.likeness.usable, self.likeness.reason)

    def _row(self, of: TrackRef) -> int:
        ref = TrackRef(of.video_id, self._library.resolve(of.video_id, of.track_id))
        row = self._gallery.row_of(ref)
        if row is None:
            raise IdentityError(
                f"Track {of.track_id} of {self._library.video(of.video_id).name} has no picture "
                f"that the encoder {self._gallery.index.encoder} has seen: nothing can be compared."
            )
        return row

    # --- how alike ---------------------------------------------------------------------------

    def _alike(self, rows: Sequence[int]) -> tuple[Rows, Rows, Float64]:
        """(P,) smaller row, larger row and cosine of the best candidates of each row, once each."""
        g, found = self._gallery, {}
        for start in range(0, len(rows), _CHUNK):
            chunk = np.asarray(rows[start : start + _CHUNK], np.intp)
            for row, cosines in zip(chunk.tolist(), g.means[chunk] @ g.means.T, strict=True):
                others = _closest(cosines, g.rivals(row))
                for other, cosine in zip(others.tolist(), g.likeness(row, others), strict=True):
                    found[min(row, other), max(row, other)] = cosine
        pairs = np.asarray(list(found), np.intp).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1], np.asarray(list(found.values()), np.float64)

    def _best_in(self, video: int, row: int) -> int:
        """The track of a video that is most like a row."""
        if (video, row) not in self._nearest:
            g = self._gallery
            others = _closest(g.means @ g.means[row], g.rivals(row) & (g.video == video))
            self._nearest[video, row] = int(others[int(np.argmax(g.likeness(row, others)))])
        return self._nearest[video, row]

    # --- how likely --------------------------------------------------------------------------

    def _priors(self, a: Rows, b: Rows) -> Float64:
        """(P,) chance, before looking, that one track is another: one of all of its kind there."""
        g = self._gallery
        counts = np.zeros((len(g.shards), int(g.group.max(initial=0)) + 1), np.int64)
        np.add.at(counts, (g.video, g.group), 1)
        compete = np.maximum(counts[g.video[a], g.group[a]], counts[g.video[b], g.group[b]])
        return np.asarray(_RETURNS / compete, np.float64)

    def _against(self, a: int, b: int, cosine: float) -> tuple[float, int]:
        """Likelihood ratios of the tracks that contradict a pair, and how many are as alike.

        Of several tracks seen together at most one can be the object, so each of them counts
        against the others; tracks at different times do not: an object may be found in pieces.
        """
        g, against, as_alike = self._gallery, 0.0, 0
        for one, other in ((a, b), (b, a)):
            rivals = g.meets(other) & g.rivals(one)
            rivals[other] = False
            rows = _closest(g.means @ g.means[one], rivals, _RIVALS)
            alike = g.likeness(one, rows)
            ratios = np.exp(self.likeness.llr(alike))
            for rival in np.flatnonzero(ratios > 1.0):
                if self._found_twice(int(rows[rival]), other):
                    ratios[rival], alike[rival] = 0.0, -1.0
            against += float(ratios.sum())
            as_alike += int((alike >= cosine).sum())
        return against, as_alike

    def _found_twice(self, a: int, b: int) -> bool:
        ids = self._gallery.track_id
        return not seen_apart(self._gallery.shard(a), int(ids[a]), int(ids[b]))

    # --- in words ----------------------------------------------------------------------------

    def _suggestion(self, a: int, b: int, p: float, cosine: float, as_alike: int) -> Suggestion:
        g = self._gallery
        mutual = self._best_in(int(g.video[b]), a) == b and self._best_in(int(g.video[a]), b) == a
        said = [f"likeness {cosine:.2f}, of strangers here {self.likeness.typical:.2f}"]
        if mutual:
            where = "in the other's video" if g.video[a] != g.video[b] else "to the other"
            said.append(f"each is the most alike {where}")
        if as_alike == 1:
            said.append("another one seen at the same time is as alike")
        elif as_alike:
            said.append(f"{as_alike} others seen at the same time are as alike")
        said.append(self.likeness.reason)
        return Suggestion(g.ref(a), g.ref(b), p, cosine, g.proof(a, b), mutual, "; ".join(said))


def _closest(cosines: Float32, among: Bool, most: int = _CANDIDATES) -> Rows:
    """The rows with the largest cosine, best first."""
    others = np.flatnonzero(among)
    return others[np.argsort(-cosines[others], kind="stable")[:most]]


def _posterior(prior: float, ratio: float, against: float) -> float:
    """Probability of a pair given its likelihood ratio and the sum of those that exclude it."""
    return prior * ratio / (1.0 - prior + prior * (ratio + against))


class _Allowed:
    """Whether a person has left a pair of rows open, and nothing they joined speaks against it."""

    def __init__(self, gallery: Gallery, bonds: Bonds) -> None:
        self._gallery = gallery
        self._bonds = bonds

    def __call__(self, row: int, other_row: int) -> bool:
        a, b = self._gallery.ref(row), self._gallery.ref(other_row)
        ours, theirs = self._bonds.group_of(a), self._bonds.group_of(b)
        if b in ours or self._bonds.told_apart(a, b) is not None:
            return False
        return not any(self._met(one, other) for one in ours for other in theirs)

    def _met(self, a: TrackRef, b: TrackRef) -> bool:
        if a.video_id != b.video_id:
            return False
        one, other = self._gallery.row_of(a), self._gallery.row_of(b)
        return one is not None and other is not None and bool(self._gallery.meets(one)[other])
