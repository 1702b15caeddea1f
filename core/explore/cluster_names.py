"""What clusters are called: the words that tell each from the rest of its level, and people's own.

"red cars", "people in blue", "white vans, small"; in moves "turning left", "standing". A name is
first what most of a cluster is; clusters of the same name are then told apart by what holds of one
and not of the others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.detections import Float32
from core.explore.cluster_words import Words
from core.explore.clusters import Clusters
from core.explore.features import Space
from core.language.plurals import plural
from core.library.cluster_names import ClusterName
from core.library.library import Library
from core.search.columns import Columns
from core.search.selected import rows_of
from core.tracking.classes import RIDDEN, group_of

_MOST = 0.55
_BOTH = 0.75
_USUAL = 0.4
_LIFT = 0.12
_APART = 0.2
_MANY, _AHEAD = 0.15, 0.08  # of a colour that is not that of most
_ROUNDS = 3
_SAME = 0.5
_COURSES = ("turning left", "turning right", "turning round", "going straight")
_MIXED = "objects of several kinds"
_DRESSED = ("person", "pedestrian", *RIDDEN.values())
_GROUPS = {"vehicle": "vehicles", "two-wheeler": "two-wheelers", "person": "people"}


def names_of(space: Space, words: Words, shares: Float32, sizes: Float32) -> tuple[str, ...]:
    """A name for each of the C clusters of one level, no two alike.

    shares: (C, W) how far each word holds of each cluster. sizes: (C,) how many tracks it has.
    """
    usual = np.asarray(sizes @ shares / max(float(sizes.sum()), 1.0), np.float32)
    if space == "looks":
        names = [_look(words, share) for share in shares]
        further = words.of("tone", "kind", "size", "course", "pace", "motion", "video")
        nouns: list[str] = []
    else:
        names = [_move(words, share, usual) for share in shares]
        further = words.of("motion", "pace", "course", "size", "video")
        nouns = [_noun(words, share)[0] for share in shares]
    return tuple(_numbered(_told_apart(names, words, shares, further, nouns)))


def _look(words: Words, share: Float32) -> str:
    noun, dressed = _noun(words, share)
    colour = _colour(words, share)
    if not colour or (" and " in noun and " or " in colour) or noun == _MIXED:
        return noun
    return f"{noun} in {colour}" if dressed else f"{colour} {noun}"


def _noun(words: Words, share: Float32) -> tuple[str, bool]:
    """The kind that most of a cluster is, in plural; whether its colour is that of clothes."""
    places = words.of("class")
    order = sorted(places, key=lambda k: -share[k])
    names = [words.texts[k] for k in order]
    if not order:
        return "objects", False
    if share[order[0]] >= _MOST:
        return plural(names[0]), names[0] in _DRESSED
    if share[order[0]] + share[order[1]] >= _BOTH:
        both = f"{plural(names[0])} and {plural(names[1])}"
        return both, all(name in _DRESSED for name in names[:2])
    groups: dict[str, float] = {}
    for k, name in zip(order, names, strict=True):
        groups[group_of(name)] = groups.get(group_of(name), 0.0) + float(share[k])
    best = max(groups, key=lambda name: groups[name])
    if groups[best] >= _MOST and best in _GROUPS:
        return _GROUPS[best], best == "person"
    return _MIXED, False


def _colour(words: Words, share: Float32) -> str:
    order = sorted(words.of("colour"), key=lambda k: -share[k])
    if not order or share[order[0]] < _USUAL - 0.1:
        return ""
    if share[order[0]] >= _MOST:
        return words.texts[order[0]]
    if share[order[0]] + share[order[1]] >= _BOTH - 0.1:
        return f"{words.texts[order[0]]} or {words.texts[order[1]]}"
    return ""


def _move(words: Words, share: Float32, usual: Float32) -> str:
    """What a cluster does more than others: the first of the telling motions that is usual in it,
    else the one that most exceeds what is usual.
    """
    motions = words.of("motion")
    lift = share - usual
    telling = [k for k in motions if share[k] >= _USUAL and lift[k] >= _LIFT]
    if telling:
        best = max(telling, key=lambda k: share[k] * np.log((share[k] + 0.05) / (usual[k] + 0.05)))
        return words.texts[best]
    often = [k for k in motions if share[k] >= _MOST]
    if often:
        return words.texts[max(often, key=lambda k: share[k])]
    courses = [k for k in words.of("course", "pace") if share[k] >= _USUAL and lift[k] > 0.0]
    if courses:
        best = max(courses, key=lambda k: lift[k])
        text = words.texts[best]
        said = {"fast": "going fast", "slow": "going slowly"}
        return said.get(text, f"going {text}" if text.startswith("to ") else text)
    return "moving in different ways"


def _told_apart(
    names: Sequence[str], words: Words, shares: Float32, further: Sequence[int], nouns: list[str]
) -> list[str]:
    """Names of which as few as possible are the same: by their nouns, then by what holds of one
    and not of the others, after a comma, at last by a colour that many of one have.
    """
    told = list(names)
    for same in _same(names) if nouns else []:
        if len({nouns[c] for c in same}) > 1:
            for c in same:
                told[c] = names[c] if nouns[c] == _MIXED else f"{nouns[c]} {names[c]}"
    used: list[set[str]] = [set() for _ in names]
    for _ in range(_ROUNDS):
        for same in _same(told):
            mine = shares[same]
            for at, c in enumerate(same):
                ahead = mine[at] - np.delete(mine, at, axis=0).max(axis=0)
                fit = [
                    k
                    for k in further
                    if mine[at, k] >= _USUAL
                    and ahead[k] >= _APART
                    and words.roles[k] not in used[c]
                    and words.texts[k] not in told[c]
                    and not (words.texts[k] in _COURSES and "turning" in told[c])
                ]
                if fit:
                    best = max(fit, key=lambda k: ahead[k])
                    told[c] = f"{told[c]}, {words.texts[best]}"
                    used[c].add(words.roles[best])
    for same in _same(told):
        mine = shares[same]
        for at, c in enumerate(same):
            ahead = mine[at] - np.delete(mine, at, axis=0).max(axis=0)
            fit = [k for k in words.of("colour") if mine[at, k] >= _MANY and ahead[k] >= _AHEAD]
            if fit:
                told[c] = f"{told[c]}, many {words.texts[max(fit, key=lambda k: ahead[k])]}"
    return told


def _same(names: Sequence[str]) -> list[list[int]]:
    """Clusters of the same name, where it is the name of several."""
    of: dict[str, list[int]] = {}
    for c, name in enumerate(names):
        of.setdefault(name, []).append(c)
    return [same for same in of.values() if len(same) > 1]


def _numbered(names: Sequence[str]) -> list[str]:
    told = list(names)
    for same in _same(names):
        for number, c in enumerate(same[1:], 2):
            told[c] = f"{names[c]} ({number})"
    return told


def given_names(
    library: Library, columns: Columns, kept: Sequence[ClusterName], clusters: Clusters
) -> list[dict[int, ClusterName]]:
    """Of each level, cluster -> the name that a person gave to it, or to much the same cluster.

    Much the same: the overlap of the two, told by the tracks that the name remembers, is half of
    what is in either. Videos that came later do not count.
    """
    found: list[dict[int, ClusterName]] = [{} for _ in clusters.within]
    added = np.array([record.added_at for record in columns.videos])
    for name in kept:
        tracks: dict[str, list[int]] = {}
        for ref in name.exemplars:
            tracks.setdefault(ref.video_id, []).append(ref.track_id)
        remembered = {video: np.unique(ids).astype(np.int64) for video, ids in tracks.items()}
        rows = rows_of(columns, library, remembered)
        then = (added <= name.at)[columns.video] if len(added) else np.zeros(0, np.bool_)
        for number, of_level in enumerate(found):
            group = clusters.level(number)
            hits = np.bincount(group[rows][group[rows] >= 0], minlength=clusters.count(number))
            if not hits.sum():
                continue
            cluster = int(hits.argmax())
            shared = name.size * hits[cluster] / len(name.exemplars)
            size = int(((group == cluster) & then).sum())
            if shared / max(size + name.size - shared, 1e-9) >= _SAME:
                of_level[cluster] = name
    return found
