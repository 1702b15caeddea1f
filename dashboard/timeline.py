"""What the player's timeline shows: the objects of a video, when they were there, what they did."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.identity.bonds import current
from core.language.query import EVENT_WORDS, RELATION_WORDS
from core.library.library import Library
from core.library.notes import TrackRef
from core.library.shard import Shard
from core.search.scoring import HOLDS
from dashboard.boxes import classes_of
from dashboard.palette import class_colours

# True of most of what moves: marks of these would hide those that tell something.
_PLAIN = ("moving", "screen_left", "screen_right", "screen_up", "screen_down", "straight")


def names_of(library: Library, video_id: str) -> dict[int, str]:
    """Track of a video, as it is now -> the newest of a person's words for it."""
    labels = library.notes.labels(video_id)
    refs = [current(library, TrackRef(label.video_id, label.track_id)) for label in labels]
    return {ref.track_id: label.label for ref, label in zip(refs, labels, strict=True)}


def timeline(library: Library, shard: Shard) -> dict[str, Any]:
    """Objects and events as columns, for JSON.

    tracks: id, class (place in `classes`), t0, t1, name. events: track, kind (place in `kinds`),
    t0, t1, p, all of those that hold, ordered by their beginning; relations stand among them, told
    of their subject with the other object in `other` (-1 elsewhere).
    """
    tracks, names = shard.tracks(), names_of(library, shard.video_id)
    classes = classes_of(shard)
    events = _events(shard)
    return {
        "duration": round(shard.meta.duration_s, 3),
        "classes": [
            {"name": name, "light": light, "dark": dark}
            for name, (light, dark) in zip(classes, class_colours(classes), strict=True)
        ],
        "tracks": {
            "id": tracks.track_id.tolist(),
            "class": np.searchsorted(np.array(classes, np.str_), tracks.class_name).tolist(),
            "t0": tracks.t0_s.round(3).tolist(),
            "t1": tracks.t1_s.round(3).tolist(),
            "name": [names.get(int(track), "") for track in tracks.track_id],
        },
        **events,
    }


def _events(shard: Shard) -> dict[str, Any]:
    events, relations = shard.events(), shard.relations()
    told = np.flatnonzero((events.p >= HOLDS) & ~np.isin(events.kind, _PLAIN))
    met = np.flatnonzero(relations.p >= HOLDS)
    words = [EVENT_WORDS.get(kind, kind.replace("_", " ")) for kind in events.kind[told].tolist()]
    words += [
        RELATION_WORDS.get((kind, "subject"), kind.replace("_", " "))
        for kind in relations.kind[met].tolist()
    ]
    kinds = list(dict.fromkeys(words))
    number = {word: k for k, word in enumerate(kinds)}
    t0_s = np.concatenate([events.t0_s[told], relations.t0_s[met]])
    t1_s = np.concatenate([events.t1_s[told], relations.t1_s[met]])
    order = np.argsort(t0_s, kind="stable")
    columns = {
        "track": np.concatenate([events.track_id[told], relations.subject_id[met]]),
        "kind": np.array([number[word] for word in words], np.int64),
        "t0": t0_s.round(3),
        "t1": t1_s.round(3),
        "p": np.concatenate([events.p[told], relations.p[met]]).astype(np.float64).round(3),
        "other": np.concatenate([np.full(len(told), -1), relations.object_id[met]]),
    }
    return {
        "kinds": kinds,
        "events": {name: values[order].tolist() for name, values in columns.items()},
    }
