"""More like this track, or like a picture, told from the crops of every track of its class.

What all crops of a class have in common is taken off, and what a likeness is worth is learned from
the collection: crops of one track say how alike the same look is, crops of other tracks of the
class how alike strangers are. The probability is the posterior of two normal densities of equal
width with a prior of one in twenty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.detections import Bool, Float32
from core.errors import LibraryError, QueryError
from core.identity.bonds import Bonds
from core.language.query import Target
from core.language.sketches import LikePart, Shown
from core.library.notes import TrackRef
from core.search.columns import Columns
from core.search.filters import columns_row
from core.search.likeness import Crops, Vectors
from core.search.scoring import PartScore
from core.search.votes import class_p, weighted

Rows = npt.NDArray[np.int64]

ABSENT = 1e-4
SAME_OBJECT = 0.97
_PRIOR_ODDS = float(np.log(1.0 / 19.0))
_MOST_CANDIDATES = 4096
_BANK_TRACKS = 512
_MOST_CROPS = 4  # of a track in the bank
_FEWEST_TRACKS = 4
_USUAL_SAME, _USUAL_OTHER, _USUAL_SPREAD = 0.75, 0.0, 0.2
_LEAST_SPREAD = 0.05


@dataclass(frozen=True, slots=True)
class Liked:
    """How alike each track is to what was given.

    value: (N,) centred cosine, the mean of the two best crops. crop_id: (N,) the crop that is most
    alike, -1 for none. same: (N,) True where a person joined the track with the one given.
    strangers: (S,) values of other tracks of the class, ascending.
    """

    value: Float32
    crop_id: npt.NDArray[np.int32]
    same: Bool
    known: Bool
    strangers: Float32

    def told(self, row: int) -> tuple[str, dict[str, Any]]:
        """The evidence on one track, in words and numbers."""
        if self.same[row]:
            return "taken to be the same object", {"same_object": True}
        if not self.known[row]:
            return "cannot tell: no picture of it that the same encoder has seen", {}
        share = float(np.searchsorted(self.strangers, self.value[row])) / max(
            len(self.strangers), 1
        )
        proof: dict[str, Any] = {"likeness": round(float(self.value[row]), 4)}
        if self.crop_id[row] >= 0:
            proof["crop_id"] = int(self.crop_id[row])
        return f"more alike than {share:.0%} of its kind", proof


class Likes:
    """Likeness parts on one state of the library."""

    def __init__(self, columns: Columns, index: Vectors, crops: Crops, encoder: str) -> None:
        self._columns = columns
        self._index = index
        self._crops = crops
        self._encoder = encoder
        self._has_crop = np.zeros(len(columns), np.bool_)
        self._has_crop[crops.track[crops.track >= 0]] = True

    def rows_of(self, part: LikePart) -> Rows:
        """Rows of the tracks that a part names, ascending; none for a picture.

        Raises QueryError when one is not there, or cannot be compared.
        """
        return np.unique(np.array([self._row_of(track) for track in part.tracks], np.int64))

    def _row_of(self, shown: Shown) -> int:
        columns, video_id = self._columns, shown.video_id
        places = {record.video_id: v for v, record in enumerate(columns.videos)}
        if video_id not in places:
            raise QueryError(f"There is no video {video_id} to take track {shown.track_id} of.")
        try:
            track = columns.shards[places[video_id]].resolve(shown.track_id)
        except LibraryError as error:
            raise QueryError(str(error)) from error
        row = columns_row(columns, TrackRef(video_id, track))
        if row < 0 or not self._has_crop[row]:
            record = columns.videos[places[video_id]]
            reason = (
                f"its video was read with the encoder {record.encoder}, and this search uses "
                f"{self._encoder}"
                if record.encoder != self._encoder
                else "no picture of it was kept"
            )
            raise QueryError(
                f"Track {shown.track_id} of {record.name} cannot be compared: {reason}."
            )
        return row

    def score(self, part: LikePart, target: Target, keep: Bool, bonds: Bonds) -> PartScore:
        """A part on all tracks. keep: (N,) the tracks that are searched.

        The tracks named get 0. Likeness to several is likeness to any of them.
        Raises QueryError as `rows_of`, and for a picture of another encoder.
        """
        n = len(self._columns)
        named = self.rows_of(part)
        if part.picture and part.encoder != self._encoder:
            raise QueryError(
                f"The picture {part.picture} was encoded with {part.encoder}, and this search uses "
                f"{self._encoder}: give the picture again."
            )
        kin = self._kin(named, bonds)
        fits = self._class_fit(named, target)
        given = part.vector[None]
        if len(named):
            crops = np.flatnonzero(np.isin(self._crops.track, named))
            owner, given = self._crops.track[crops], self._index.vectors(crops)
        bank = self._bank(fits, np.flatnonzero(kin))
        centre = bank.vectors.mean(axis=0) if len(bank.vectors) else np.zeros(given.shape[1])
        given = unit(given - centre)
        strangers = _by_track(unit(bank.vectors - centre) @ given.T, bank.track)[1]
        spread = Spread.of(unit(bank.vectors - centre), bank.track, strangers)
        wanted = keep & (fits > 0.05)
        means = [given[owner == row].mean(axis=0) for row in named] or [given.mean(axis=0)]
        among = wanted[self._crops.track] & (self._crops.track >= 0)
        found = [self._index.search(mean, _MOST_CANDIDATES, among)[0] for mean in unit(means)]
        rows = np.unique(np.concatenate(found))
        alike = unit(self._index.vectors(rows) - centre) @ given.T
        tracks, values, best = _by_track_with_best(alike, self._crops.track[rows])
        value = np.full(n, min(spread.other, float(values.min(initial=1.0))), np.float32)
        crop_id = np.full(n, -1, np.int32)
        value[tracks] = values
        crop_id[tracks] = self._crops.crop_id[rows[best]]
        p = np.clip(spread.probability(value) * fits, ABSENT, 0.99)
        usual = float(np.clip(p[self._has_crop].mean(), 0.05, 0.3)) if self._has_crop.any() else 0.1
        p = np.where(self._has_crop, p, usual)
        p[kin] = SAME_OBJECT
        p[named] = 0.0
        kin[named] = False
        detail = Liked(value, crop_id, kin, self._has_crop | kin, np.sort(strangers))
        return PartScore(str(part), "like", p.astype(np.float32), self._has_crop | kin, detail)

    def _kin(self, named: Rows, bonds: Bonds) -> Bool:
        """(N,) the tracks themselves and those a person joined with one."""
        kin = np.zeros(len(self._columns), np.bool_)
        for row in named.tolist():
            video_id = self._columns.video_of(row).video_id
            for ref in bonds.group_of(TrackRef(video_id, int(self._columns.track_id[row]))):
                at = columns_row(self._columns, ref)
                if at >= 0:
                    kin[at] = True
        return kin

    def _class_fit(self, named: Rows, target: Target) -> Float32:
        """(N,) how far each track may be of a class of what was given."""
        columns = self._columns
        if len(named):
            shares = columns.votes[named]
            votes = (shares / np.maximum(shares.max(axis=1, keepdims=True), 1e-6)).mean(axis=0)
            wanted = (votes / max(float(votes.max()), 1e-6)).astype(np.float32)
            wanted[wanted <= 0.1] = 0.0
            return np.asarray(np.minimum(weighted(columns.votes, wanted), 1.0), np.float32)
        if target.classes:
            return class_p(columns, target.classes)
        return np.ones(len(columns), np.float32)

    def _bank(self, fits: Float32, without: npt.NDArray[np.intp]) -> _Bank:
        """Crops of a fixed sample of tracks of the class, a few each."""
        among = (fits >= 0.5) & self._has_crop
        among[without] = False
        if int(among.sum()) < _FEWEST_TRACKS:
            among = self._has_crop.copy()
            among[without] = False
        tracks = np.flatnonzero(among)
        if len(tracks) > _BANK_TRACKS:
            rng = np.random.default_rng(7)
            tracks = np.sort(rng.choice(tracks, _BANK_TRACKS, replace=False))
        chosen = np.zeros(len(self._columns), np.bool_)
        chosen[tracks] = True
        rows = np.flatnonzero((self._crops.track >= 0) & chosen[self._crops.track])
        track = self._crops.track[rows]
        order = np.argsort(track, kind="stable")
        rows, track = rows[order], track[order]
        first = np.flatnonzero(np.diff(track, prepend=-1) != 0)
        number = np.arange(len(track)) - np.repeat(first, np.diff(np.append(first, len(track))))
        few = number < _MOST_CROPS
        return _Bank(self._index.vectors(rows[few].astype(np.int64)), track[few])


@dataclass(frozen=True, slots=True)
class _Bank:
    """(M, D) vectors of crops, and (M,) the tracks they are of, ascending."""

    vectors: Float32
    track: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Spread:
    """How alike crops of one track are, and crops of strangers; spread: of either."""

    same: float
    other: float
    spread: float

    @staticmethod
    def of(vectors: Float32, track: npt.NDArray[np.int32], strangers: Float32) -> Spread:
        """vectors: (M, D) centred unit vectors of a bank, its tracks ascending."""
        first = np.flatnonzero(np.diff(track, prepend=-1) != 0)
        count = np.diff(np.append(first, len(track)))
        several = first[count >= 2]
        same = (vectors[several] * vectors[several + 1]).sum(axis=1)
        if len(same) < _FEWEST_TRACKS or len(strangers) < _FEWEST_TRACKS:
            return Spread(_USUAL_SAME, _USUAL_OTHER, _USUAL_SPREAD)
        width = float(np.sqrt((np.var(same) + np.var(strangers)) / 2.0))
        other = float(strangers.mean())
        return Spread(max(float(same.mean()), other + 0.1), other, max(width, _LEAST_SPREAD))

    def probability(self, value: Float32) -> Float32:
        middle = (self.same + self.other) / 2.0
        odds = (value - middle) * (self.same - self.other) / self.spread**2 + _PRIOR_ODDS
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0))), np.float32)


def unit(vectors: npt.ArrayLike) -> Float32:
    vectors = np.asarray(vectors)
    length = np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)
    return np.asarray(vectors / length, np.float32)


def _by_track(alike: Float32, track: npt.NDArray[np.int32]) -> tuple[Rows, Float32]:
    tracks, values, _ = _by_track_with_best(alike, track)
    return tracks, values


def _by_track_with_best(alike: Float32, track: npt.NDArray[np.int32]) -> tuple[Rows, Float32, Rows]:
    """Tracks, the mean of their two best crops, and the row of the best one.

    alike: (M, R) likeness of each crop to each picture given; the best of them counts.
    """
    value = alike.max(axis=1) if alike.size else np.zeros(0, np.float32)
    order = np.lexsort((-value, track))
    track, value = track[order], value[order]
    first = np.flatnonzero(np.diff(track, prepend=-1) != 0)
    second = np.minimum(first + 1, max(len(track) - 1, 0))
    has = (second > first) & (track[second] == track[first]) if len(first) else first > 0
    mean = np.where(has, (value[first] + value[second]) / 2.0, value[first])
    return track[first].astype(np.int64), mean.astype(np.float32), order[first].astype(np.int64)
