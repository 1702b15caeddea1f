"""How a person looks at the maps, as the address of the page Explore holds it and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

from core.explore.features import Space

By = Literal["kind", "colour", "video", "group", "time", "unusual", "question"]
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Look:
    """One view of the maps.

    by: what points are coloured by. space: the one whose groups are listed. level: of the groups,
    coarse to fine, None for the usual one. question: what points are scored by. selection: key of
    `core.library.selections`, "" for none. page: of its objects, from 1. opened: the object whose
    card is open, as `dashboard.object_cards.card_id`, "" for none.
    """

    by: By = "kind"
    space: Space = "looks"
    level: int | None = None
    question: str = ""
    selection: str = ""
    page: int = 1
    opened: str = ""

    @staticmethod
    def read(params: Mapping[str, str]) -> Look:
        """The view that an address means; values that mean nothing are as if not there."""
        by, space = params.get("by", ""), params.get("space", "")
        level, page = params.get("level", ""), params.get("page", "")
        return Look(
            by=cast("By", by) if by in get_args(By) else "kind",
            space=cast("Space", space) if space in get_args(Space) else "looks",
            level=int(level) if level.isdecimal() and len(level) < 4 else None,
            question=" ".join(params.get("q", "").split())[:_LONGEST],
            selection=params.get("sel", ""),
            page=max(1, int(page)) if page.isdecimal() and len(page) < 6 else 1,
            opened=params.get("o", ""),
        )

    def params(self) -> dict[str, str]:
        """The view as values of an address; what is as usual is left out."""
        told = {
            "by": "" if self.by == "kind" else self.by,
            "space": "" if self.space == "looks" else self.space,
            "level": "" if self.level is None else str(self.level),
            "q": self.question,
            "sel": self.selection,
            "page": "" if self.page == 1 else str(self.page),
            "o": self.opened,
        }
        return {name: value for name, value in told.items() if value}

    def anew(self, **changes: Any) -> Look:
        """The view with other values, from the first page on, nothing open."""
        return replace(self, **{"page": 1, "opened": "", **changes})
