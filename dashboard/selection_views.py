"""What can be done with a selection, and the rest of a label, as values for the page."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.search_views import Said
from dashboard.views import MomentView


@dataclass(frozen=True, slots=True)
class LabelView:
    """A label. count: objects that carry it; here: those of them that are selected."""

    name: str
    count: int
    here: int = 0


@dataclass(frozen=True, slots=True)
class SelectionView:
    """A selection and what can be done with it.

    results: address of the page Search with these objects. labels: all there are, those of selected
    objects first. files: what to export, (name, address). out: objects left out of the library.
    joined: whether they may be made one object at once. `error` leaves the rest empty.
    """

    key: str
    count: int = 0
    results: str = ""
    labels: tuple[LabelView, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    out: int = 0
    joinable: bool = False
    said: Said | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class RestView:
    """The rest of what carries a label.

    examples, rejected: objects that were told. count: others that are probable enough. cards: the
    best of them, then what comes next where few are left. sure: how many of the cards are probable
    enough. sentence: what was found, in words. results: address of the page Search with all of
    them; key: the selection of all of them, "" for none. `error` leaves the rest empty.
    """

    label: str
    examples: int = 0
    rejected: int = 0
    count: int = 0
    cards: tuple[MomentView, ...] = ()
    sure: int = 0
    sentence: str = ""
    results: str = ""
    key: str = ""
    error: str = ""
