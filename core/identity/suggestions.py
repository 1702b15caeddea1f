"""Tracks that may be the same object, in other videos or later in the same one.

Nothing is joined here: a suggestion waits for a person. How likely it is rests on looks alone, on
how much two videos seem to share, on how many tracks compete, and on what a person has said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from core.detections import Bool, Float32
from core.errors import IdentityError
from core.identity.bonds import Bonds, read_bonds
from core.identity.gallery import Gallery
from core.identity.likeness import learn_likeness
from core.identity.matching import Stretch, match
from core.library.library import Library
from core.library.notes import TrackRef
from core.library.selections import Tracks

_USUAL = 0.01  # share of the objects of a video that is in another one, before looking
_RETURNS = 0.1  # share of the tracks of a video that is seen again later in it, before looking
_STRETCH = 200  # tracks that are weighed together
_BLIND = 0.5  # the most that is said where looks cannot tell


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
    Pairs that a person has joined or told apart, tracks seen together, and tracks that are left out
    of answers (`Library.exclusions`) are not suggested.
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
        self._stretches = _stretches(self._gallery)

    def is_current(self) -> bool:
        """Whether the tracks of the library are still those read here."""
        return self.stamp == self._library.stamp()

    def suggest(self, *, of: TrackRef | None = None, limit: int = 20) -> Suggestions:
        """As the function `suggest`; what a person has said meanwhile is heeded."""
        start = None if of is None else self._row(of)
        ruled_out = _ruled_out(self._gallery, read_bonds(self._library))
        most = 1.0 if self.likeness.usable else _BLIND
        shown = _shown(self._gallery, self._library.exclusions.all())
        if start is not None:
            shown[start] = True
        found = [
            self._suggestion(a, b, min(p, most))
            for a, b, p in self._likeliest(start, limit, ruled_out, shown)
        ]
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

    # --- how likely --------------------------------------------------------------------------

    def _likeliest(
        self, start: int | None, limit: int, ruled_out: Mapping[int, Bool], shown: Bool
    ) -> list[tuple[int, int, float]]:
        """(row, row, probability) of the likeliest pairs, best first; `start` stands first."""
        kept: list[tuple[float, float, int, int]] = []
        least = float(np.finfo(np.float32).tiny)
        for one, other in self._blocks(start):
            p, cosine = self._weighed(one, other, ruled_out, shown)
            if start is not None:
                p[one.rows != start] = 0.0
            elif one is other:
                p = np.triu(p, 1)
            i, j = np.nonzero(p >= least)
            found = zip(-p[i, j], -cosine[i, j], one.rows[i], other.rows[j], strict=True)
            kept = sorted([*kept, *found])[:limit]
            if len(kept) == limit:
                least = float(-kept[-1][0])
        return [(int(a), int(b), float(-p)) for p, _, a, b in kept]

    def _blocks(self, start: int | None) -> Iterator[tuple[Stretch, Stretch]]:
        if start is None:
            yield from combinations_with_replacement(self._stretches, 2)
        for one in self._stretches:
            if start is not None and (one.rows == start).any():
                yield from ((one, other) for other in self._stretches)

    def _weighed(
        self, one: Stretch, other: Stretch, ruled_out: Mapping[int, Bool], shown: Bool
    ) -> tuple[Float32, Float32]:
        """(N, M) probability of one object, and cosine, of the tracks of two stretches."""
        g = self._gallery
        cosine = g.means[one.rows] @ g.means[other.rows].T
        allowed = one.group[:, None] == other.group
        allowed &= shown[one.rows][:, None] & shown[other.rows]
        within = g.video[one.rows[0]] == g.video[other.rows[0]]
        if within:
            allowed &= (one.t0_s[:, None] > other.t1_s) | (one.t1_s[:, None] < other.t0_s)
        ratio = self.likeness.ratio(cosine)
        p = match(ratio, allowed, one, other, _RETURNS if within else _USUAL)
        for row, never in ruled_out.items():  # afterwards: what is joined shows what is shared
            p[one.rows == row] *= ~never[other.rows]
            p[:, other.rows == row] *= ~never[one.rows][:, None]
        return p, cosine

    # --- in words ----------------------------------------------------------------------------

    def _suggestion(self, a: int, b: int, p: float) -> Suggestion:
        g = self._gallery
        cosine = float(g.means[a] @ g.means[b])
        to_a, to_b = (self._alike(one, other) for one, other in ((b, a), (a, b)))
        mutual = bool(max(to_a.max(initial=-1.0), to_b.max(initial=-1.0)) <= cosine)
        met_a, met_b = g.meets(a)[g.video == g.video[a]], g.meets(b)[g.video == g.video[b]]
        as_alike = int((to_a[met_a] >= cosine).sum() + (to_b[met_b] >= cosine).sum())
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

    def _alike(self, row: int, other: int) -> Float32:
        """How alike a track is to all the rivals of another one in its video; -1 for the rest."""
        g = self._gallery
        there = np.flatnonzero(g.video == g.video[other])
        alike = np.where(g.rivals(row)[there], g.means[there] @ g.means[row], np.float32(-1.0))
        alike[there == other] = -1.0
        return np.asarray(alike, np.float32)


def _stretches(gallery: Gallery) -> tuple[Stretch, ...]:
    """All tracks, those of a video in the order of time, in stretches of a bounded number."""
    found = []
    for video in range(len(gallery.shards)):
        rows = np.flatnonzero(gallery.video == video)
        rows = rows[np.argsort(gallery.t0_s[rows], kind="stable")]
        kin = np.bincount(gallery.group[rows])
        for start in range(0, len(rows), _STRETCH):
            mine = rows[start : start + _STRETCH]
            group = gallery.group[mine]
            found.append(
                Stretch(
                    mine, gallery.t0_s[mine], gallery.t1_s[mine], group, kin[group].astype(np.int32)
                )
            )
    return tuple(found)


def _shown(gallery: Gallery, left_out: Tracks) -> Bool:
    """(N,) tracks that nobody wants left out of answers."""
    shown = np.ones(len(gallery), np.bool_)
    for video, shard in enumerate(gallery.shards):
        if (ids := left_out.get(shard.video_id)) is not None:
            shown[(gallery.video == video) & np.isin(gallery.track_id, ids)] = False
    return shown


def _ruled_out(gallery: Gallery, bonds: Bonds) -> dict[int, Bool]:
    """Row -> (N,) rows that a person's words leave out; only for rows that a person has spoken of.

    What is joined with it or told apart from it, and what met one that is joined with it.
    """
    refs = {ref for a, b, _ in bonds.apart for ref in (a, b)} | set(bonds.groups)
    groups = {bonds.group_of(ref) for ref in refs}
    members = {
        group: [row for ref in group if (row := gallery.row_of(ref)) is not None]
        for group in groups
    }
    found: dict[int, Bool] = {}
    for group, mine in members.items():
        never = np.zeros(len(gallery), np.bool_)
        for row in mine:
            never |= gallery.meets(row)
        for a, b, _ in bonds.apart:
            for one, other in ((a, b), (b, a)):
                if one in group:
                    never[members[bonds.group_of(other)]] = True
        for theirs in members.values():
            never[theirs] |= never[theirs].any()
        found.update(dict.fromkeys(mine, never))
    return found
