"""Words that people gave to tracks, asked for in a question: `car labelled "night shift"`.

Free words that are a stored label, quoted where there are several, mean the tracks that carry it:
a person said so, and no encoder is asked. "labelled" before them is not needed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.detections import Bool
from core.errors import QueryError
from core.identity.bonds import current
from core.language.query import AppearancePart, Target
from core.library.library import Library
from core.library.notes import Label, TrackRef
from core.search.columns import Columns
from core.search.filters import columns_row
from core.search.scoring import PartScore

_SAID = re.compile(r"^labell?ed(?:\s+|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Labelled:
    """The tracks that carry a label. carries: (N,)."""

    label: str
    carries: Bool

    def told(self, row: int) -> tuple[str, dict[str, Any]]:
        """The evidence on one track, in words and as data."""
        if self.carries[row]:
            return f"you labelled it “{self.label}”", {"label": self.label}
        return f"it has no label “{self.label}”", {}


def label_scores(
    columns: Columns, library: Library, target: Target
) -> tuple[list[PartScore], Target]:
    """A part for each of a target's free words that is a label, and the target without these.

    Raises QueryError for words that are said to be a label and that no track carries.
    """
    if not target.looks:
        return [], target
    labels = library.notes.labels()
    named: dict[str, list[Label]] = {}
    for label in labels:
        named.setdefault(_plain(label.label), []).append(label)
    scores: list[PartScore] = []
    looks: list[AppearancePart] = []
    announced = False
    for look in target.looks:
        said = _SAID.match(look.text)
        if said and said.end() == len(look.text):
            announced = True  # the label itself is the next free words
            continue
        name = _plain(look.text[said.end() :] if said else look.text)
        if name in named:
            scores.append(_score(columns, library, look, named[name]))
        elif said or announced:
            known = ", ".join(sorted({label.label for label in labels})) or "none yet"
            raise QueryError(f"No track is labelled “{name}”: the labels are {known}.")
        else:
            looks.append(look)
        announced = False
    return scores, replace(target, looks=tuple(looks))


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()


def _score(
    columns: Columns, library: Library, look: AppearancePart, labels: Sequence[Label]
) -> PartScore:
    carries = np.zeros(len(columns), np.bool_)
    refs = (TrackRef(label.video_id, label.track_id) for label in labels)
    rows = [columns_row(columns, current(library, ref)) for ref in refs]
    carries[[row for row in rows if row >= 0]] = True
    p = np.where(carries != look.negated, 1.0, 0.0).astype(np.float32)
    known = np.ones(len(columns), np.bool_)
    return PartScore(str(look), "label", p, known, Labelled(labels[0].label, carries))
