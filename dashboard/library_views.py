"""What the library page shows: videos as cards, the queue, profiles, folders, coverage."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardView:
    """A video as a card.

    state: "ready", "damaged" or "interrupted"; error: the sentence that goes with the last two.
    poster: address of its picture, "" where there is none. found: ("12 cars", "#colour on light",
    "#colour on dark") of its most frequent kinds; more: how many objects are of other kinds.
    done: part read of one that is not ready, in [0, 1]. missing: its file has gone. acts: what its
    menu offers, as (kind, words).
    """

    id: str
    name: str
    length: str
    state: str
    error: str
    poster: str
    watch: str
    found: tuple[tuple[str, str, str], ...] = ()
    more: int = 0
    nothing: str = ""
    about: str = ""
    done: float = 0.0
    missing: bool = False
    acts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ShelfView:
    """One page of cards. total: videos in all; fitting: those whose name fits `text`.

    sorts: (value, words, whether it is the present one). page: from 1 on to `pages`.
    """

    cards: tuple[CardView, ...] = ()
    total: int = 0
    fitting: int = 0
    text: str = ""
    sorts: tuple[tuple[str, str, bool], ...] = ()
    page: int = 1
    pages: int = 1


@dataclass(frozen=True, slots=True)
class JobView:
    """A job in a line. state: as in `core.ingest.jobs`, or "stopping" while it is being asked to.

    share: part done, in [0, 1]. facts: short words beside the bar (stage, speed, time left).
    said: a sentence, where it failed. acts: what can be done, as (kind, words).
    """

    id: int
    name: str
    state: str
    share: float
    facts: tuple[str, ...]
    said: str
    acts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class QueueView:
    """The queue as it is now. active: whether anything waits or runs, so that it changes by itself.

    more: how many that wait are not listed. ended: (id, state, sentence) of every job that is over.
    """

    title: str = ""
    jobs: tuple[JobView, ...] = ()
    more: int = 0
    active: bool = False
    ended: tuple[tuple[int, str, str], ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class ProfileView:
    """A profile to choose. said: whom it is for. need: what is missing yet, "" for nothing.

    upload: the address to which files are sent that are to be read with it.
    """

    name: str
    said: str
    need: str
    upload: str


@dataclass(frozen=True, slots=True)
class FolderView:
    """An allowed folder of the server. crumbs, folders: (name, path). files: (name, size, path)."""

    path: str = ""
    crumbs: tuple[tuple[str, str], ...] = ()
    folders: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str, str], ...] = ()
    left_out: int = 0
    roots: tuple[str, ...] = ()
    variable: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class RemovedView:
    """A video in the bin."""

    id: str
    name: str
    when: str


@dataclass(frozen=True, slots=True)
class CoverageView:
    """What was looked at in a video. strip: (start, stop, looked at) as shares of its length, none
    where that is not known. facts: (title, number, sentence). doubts: sentences on what may be
    missing. error: why nothing can be said.
    """

    name: str
    length: str = ""
    strip: tuple[tuple[float, float, bool], ...] = ()
    strip_said: str = ""
    facts: tuple[tuple[str, str, str], ...] = ()
    doubts: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class SaidView:
    """What happened last. undo: id of the removed video that can be had back, "" for none."""

    text: str
    undo: str = ""
    wrong: bool = False


def as_label(text: str) -> str:
    """Text of a file or a person for where Streamlit expects Markdown: every sign as it is."""
    return "".join(f"\\{sign}" if sign in _MARKDOWN else sign for sign in text)


_MARKDOWN = frozenset(r"\`*_{}[]<>()#+-.!|$~:&")
