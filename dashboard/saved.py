"""Questions kept under a name, with their filters, and what is new since they were looked at."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from core.errors import QueryError, VidtrailError
from core.library.notes import SavedQuery
from dashboard.address import Asked
from dashboard.answers import answers, query_of
from dashboard.links import address
from dashboard.search_views import SavedView
from dashboard.services import services

_LONGEST_NAME = 80
_COUNTED = 12  # of the latest, those whose news are counted


def saved_views() -> tuple[SavedView, ...]:
    """All kept questions, the latest first; raises VidtrailError."""
    kept = services().library().notes.saved_queries()[::-1]
    return tuple(_view(saved, counted=k < _COUNTED) for k, saved in enumerate(kept))


def keep(name: str, asked: Asked) -> SavedQuery:
    """Keep a view under a name, the question itself where it has none; raises QueryError."""
    if asked.empty:
        raise QueryError("There is no question to keep yet.")
    name = " ".join(name.split())[:_LONGEST_NAME] or _words(asked)[:_LONGEST_NAME]
    notes = services().library().notes
    number = notes.save_query(name, _written(asked))
    return next(saved for saved in notes.saved_queries() if saved.query_id == number)


def opened(query_id: int) -> Asked:
    """The view of a kept question, which is now looked at; raises QueryError when it is gone."""
    notes = services().library().notes
    saved = _found(query_id)
    notes.look_at_saved_query(query_id)
    return _read(saved.text)


def forgotten(query_id: int) -> SavedQuery:
    """Forget a kept question; what it was, to bring it back. Raises QueryError when it is gone."""
    saved = _found(query_id)
    services().library().notes.delete_saved_query(query_id)
    return saved


def brought_back(saved: SavedQuery) -> None:
    """Keep a forgotten question again."""
    services().library().notes.save_query(saved.name, saved.text)


def _found(query_id: int) -> SavedQuery:
    kept = services().library().notes.saved_queries()
    for saved in kept:
        if saved.query_id == query_id:
            return saved
    raise QueryError("This question is not kept any more.")


def _view(saved: SavedQuery, *, counted: bool) -> SavedView:
    try:
        asked = _read(saved.text)
        new = _new_since(asked, saved.at) if counted else 0
    except VidtrailError as error:
        return SavedView(saved.query_id, saved.name, str(error), "")
    href = address("/", asked.params())
    return SavedView(saved.query_id, saved.name, _words(asked), href, new)


def _words(asked: Asked) -> str:
    """The question, or what stands in place of one."""
    return asked.question or ("a picture" if asked.pictures else "a selection")


def _new_since(asked: Asked, at: float) -> int:
    """Moments in videos that were added since; asks nothing where there are none."""
    records = services().library().ready()
    added = frozenset(record.video_id for record in records if record.added_at > at)
    if not added:
        return 0
    return len(answers().of(query_of(asked), asked.filters.within(added)).found)


def _written(asked: Asked) -> str:
    """A plain question as itself, anything more as an address."""
    told = {name: value for name, value in asked.params().items() if name not in ("page", "m")}
    return f"?{urlencode(told)}" if told.keys() - {"q"} else told["q"]


def _read(text: str) -> Asked:
    return Asked.read(dict(parse_qsl(text[1:]))) if text.startswith("?") else Asked.of_text(text)
