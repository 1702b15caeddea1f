"""The schema allows what the decoder reads, and refuses what it refuses."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from core.errors import QueryError
from core.language.query import Query
from core.language.query_json import query_data, query_from_data
from core.language.query_schema import query_schema
from tests.core.language.queries import queries

CHECK = jsonschema.Draft202012Validator(query_schema())


def test_it_is_a_schema_and_plain_data() -> None:
    jsonschema.Draft202012Validator.check_schema(query_schema())
    assert json.loads(json.dumps(query_schema())) == query_schema()


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(queries())
def test_queries_of_any_shape_are_allowed_and_read_back(query: Query) -> None:
    data = json.loads(json.dumps(query_data(query)))
    CHECK.validate(data)
    assert query_from_data(data) == query


@pytest.mark.parametrize(
    "data",
    [
        [],
        {"colour": "red"},
        {"target": {"classes": ["lorry"]}},
        {"target": {"colours": [{"colours": []}]}},
        {"target": {"count": 0}},
        {"target": {"looks": [{"text": ""}]}},
        {"events": [{}]},
        {"events": [{"kind": "fly"}]},
        {"relations": [{"kind": "near", "negated": 1}]},
        {"likes": [{}]},
        {"drawn": [{"points": [[0, 0], [2, 0]]}]},
        {"then": {"then": {"x": 1}}},
    ],
)
def test_both_refuse_the_same(data: Any) -> None:
    assert not CHECK.is_valid(data)
    with pytest.raises(QueryError):
        query_from_data(data)
