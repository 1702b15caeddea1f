"""An optional second reader of questions: any language model that a person plugs in.

Nothing here needs one, and nothing calls one unless it was given. The grammar reads every question
first, and its reading is kept beside the other (`Query.parsed`), so that a person can see both.

    def complete(question: str) -> str: ...        # asks some model, returns JSON

    engine = Engine(library, encoder, understander=JsonUnderstander(complete))
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from core.errors import QueryError
from core.language.parser import parse
from core.language.query import Query
from core.language.query_json import query_from_data

_log = logging.getLogger(__name__)


class Understander(Protocol):
    """Reads a question in its own way."""

    def understand(self, text: str) -> Query | None:
        """The query that a question asks for, or None to leave it to the grammar.

        Raises QueryError when it answered with something that is no query.
        """
        ...


@dataclass(frozen=True, slots=True)
class JsonUnderstander:
    """An understander made of a function from a question to JSON in the form of `query_data`.

    complete: returns the JSON text, or an empty text to leave the question to the grammar.
    """

    complete: Callable[[str], str]

    def understand(self, text: str) -> Query | None:
        """The query decoded strictly; raises QueryError for anything that is no query."""
        answer = self.complete(text).strip()
        if not answer:
            return None
        try:
            data = json.loads(answer)
        except ValueError as error:
            raise QueryError(f"The language model answered with something that is no JSON: {error}"
                             ) from error  # fmt: skip
        return query_from_data(data)


def understood(text: str, understander: Understander | None = None) -> Query:
    """A question as a query: read by the understander if there is one, else by the grammar.

    What is drawn in brackets is always taken from the text. Where the understander's answer is no
    query, the grammar's reading is used, and `Query.problem` says why.
    Raises QueryError for a part in brackets that cannot be read.
    """
    parsed = parse(text)
    if understander is None:
        return parsed
    try:
        query = understander.understand(text)
    except QueryError as error:
        _log.warning("“%s” was read by the grammar alone: %s", text, error)
        return replace(parsed, problem=str(error))
    if query is None or query == Query():
        return parsed
    return replace(
        query,
        likes=parsed.likes,
        drawn=parsed.drawn,
        zones=parsed.zones,
        text=text,
        parsed=parsed,
    )
