"""What a person asks for and how they look at it, as the address of the page holds it and back.

The address is where this state lives: a link, a reload and the browser's back button all lead to
the same view. Every value is one text, so that addresses of files take the same ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, cast, get_args
from urllib.parse import quote, unquote

from core.errors import QueryError
from core.language.sketches import taken
from core.search.filters import Filters

Sort = Literal["score", "time", "video"]
Group = Literal["none", "video", "object"]

_LIMITS = {
    "after": "after_s",
    "before": "before_s",
    "min_s": "min_duration_s",
    "max_s": "max_duration_s",
    "min_px": "min_size_px",
    "max_px": "max_size_px",
    "min_speed": "min_speed",
    "max_speed": "max_speed",
}
_LONGEST = 4000  # characters of a question: more is no question


@dataclass(frozen=True, slots=True)
class Asked:
    """One view of the search page.

    words: the question as typed. shown: what of it is drawn or pointed at rather than said, as
    canonical words of `core.language.sketches`, joined by ", ". pictures: keys of pictures given by
    hand (`dashboard.pictures`). page: from 1. moment: the chosen one, "" for none.
    """

    words: str = ""
    shown: str = ""
    pictures: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)
    sort: Sort = "score"
    group: Group = "none"
    page: int = 1
    moment: str = ""

    @property
    def question(self) -> str:
        """Words and drawings as one text, ready for the parser; pictures are not in it."""
        return ", ".join(text for text in (self.words, self.shown) if text)

    @property
    def empty(self) -> bool:
        """Whether nothing is asked: no question, and no selection to be listed."""
        return not (self.question or self.pictures or self.filters.selection)

    @staticmethod
    def of_text(text: str) -> Asked:
        """What a typed text asks for; raises QueryError for a bracket that cannot be read."""
        if len(text) > _LONGEST:
            raise QueryError(f"A question has at most {_LONGEST:,} characters; this one is longer.")
        words, *shown = taken(" ".join(text.split()))
        return Asked(words, ", ".join(str(part) for parts in shown for part in parts))

    @staticmethod
    def read(params: Mapping[str, str]) -> Asked:
        """The view that an address means; names that it does not know are left alone.

        Raises QueryError for a value that means nothing, naming it.
        """
        words = Asked.of_text(params.get("q", ""))
        shown = Asked.of_text(params.get("s", ""))
        if shown.words:
            raise QueryError(f"The address asks for “{shown.words}” as if it were drawn.")
        limits = {name: _number(params, key) for key, name in _LIMITS.items()}
        videos = frozenset(_list(params, "in"))
        filters = Filters(
            videos=videos or None,
            classes=_list(params, "class"),
            labels=_list(params, "label"),
            selection=_key(params, "sel"),
            excluded=_word(params, "out", ("", "also")) == "also",
            **limits,
        )
        return Asked(
            words=words.words,
            shown=", ".join(text for text in (words.shown, shown.shown) if text),
            pictures=_list(params, "pic"),
            filters=filters,
            sort=cast("Sort", _word(params, "sort", get_args(Sort))),
            group=cast("Group", _word(params, "group", get_args(Group))),
            page=_page(params),
            moment=params.get("m", ""),
        )

    def params(self) -> dict[str, str]:
        """The view as values of an address; what is as usual is left out."""
        told = {
            "q": self.words,
            "s": self.shown,
            "pic": _joined(self.pictures),
            **filter_params(self.filters),
            "sort": "" if self.sort == "score" else self.sort,
            "group": "" if self.group == "none" else self.group,
            "page": "" if self.page == 1 else str(self.page),
            "m": self.moment,
        }
        return {name: value for name, value in told.items() if value}

    def anew(self, **changes: Any) -> Asked:
        """The view with other values, from its first page on, with no moment chosen."""
        return replace(self, **{"page": 1, "moment": "", **changes})


def filter_params(filters: Filters) -> dict[str, str]:
    """Filters as values of an address."""
    told = {
        "in": _joined(sorted(filters.videos or ())),
        "class": _joined(filters.classes),
        "label": _joined(filters.labels),
        "sel": filters.selection,
        "out": "also" if filters.excluded else "",
    }
    for key, name in _LIMITS.items():
        limit = getattr(filters, name)
        told[key] = "" if limit is None else f"{limit:.12g}"
    return {name: value for name, value in told.items() if value}


def filters_from(params: Mapping[str, str]) -> Filters:
    """Filters out of values of an address; raises QueryError."""
    return Asked.read(
        {name: value for name, value in params.items() if name in FILTER_KEYS}
    ).filters


FILTER_KEYS = frozenset({"in", "class", "label", "sel", "out", *_LIMITS})
_OTHERS = {"videos", "classes", "labels", "selection", "excluded"}
assert {*_LIMITS.values(), *_OTHERS} == {  # noqa: S101 - one forgotten is lost
    each.name for each in fields(Filters)
}


def _joined(values: tuple[str, ...] | list[str]) -> str:
    return ",".join(quote(value, safe=" :@.-_") for value in values)


def _list(params: Mapping[str, str], name: str) -> tuple[str, ...]:
    values = (unquote(value).strip() for value in params.get(name, "").split(","))
    return tuple(dict.fromkeys(value for value in values if value))


def _key(params: Mapping[str, str], name: str) -> str:
    """Letters and digits, as keys of `core.library.selections` are; "" for none."""
    text = params.get(name, "")
    if text and not (text.isascii() and text.isalnum() and len(text) <= 64):
        raise QueryError(f"The address says {name}={text}, which names no selection.")
    return text


def _number(params: Mapping[str, str], name: str) -> float | None:
    text = params.get(name, "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise QueryError(f"The address says {name}={text}, which is no number.") from error
    if not math.isfinite(value) or value < 0:
        raise QueryError(f"The address says {name}={text}: a limit is a number from 0 on.")
    return value


def _word(params: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    word = params.get(name, "") or allowed[0]
    if word not in allowed:
        known = ", ".join(allowed)
        raise QueryError(f"The address says {name}={word}, which must be one of: {known}.")
    return word


def _page(params: Mapping[str, str]) -> int:
    text = params.get("page", "") or "1"
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise QueryError(f"The address says page={text}, which is no page.")
    return int(text)
