"""A query as plain data: it reads back as it was, and anything else is refused by name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import QueryError
from core.language.parser import parse
from core.language.query import Query
from core.language.query_json import query_data, query_from_data
from tests.core.language.sentences import SENTENCES

V = {"video_id": "v", "track_id": 2}
DRAWN = (
    "red car like[3f2a:12] like[3f2a:12 b1:0 b1:7] path[0.1,0.8 0.45,0.55] "
    "enters zone[0,0 1,0 1,1] crosses line<>@ab12[0.2,0.2 0.8,0.2] stops in zone[yard]"
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([sentence for sentence, _ in SENTENCES]))
def test_data_reads_back(sentence: str) -> None:
    query = parse(sentence)
    assert query_from_data(json.loads(json.dumps(query_data(query)))) == query


def test_what_is_drawn_reads_back() -> None:
    query = parse(DRAWN)
    assert len(query.zones) == 3
    assert query_from_data(json.loads(json.dumps(query_data(query)))) == query


def test_an_empty_object_is_an_empty_query() -> None:
    assert query_from_data({}) == Query()


def test_null_is_a_key_left_out() -> None:
    assert query_from_data({"window": None, "then": None, "gap_s": None}) == Query()


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ([], "query must be an object"),
        ({"colour": "red"}, "query has the unknown name “colour”"),
        ({"target": {"classes": "car"}}, "query.target.classes must be a list"),
        ({"target": {"classes": ["lorry"]}}, "query.target.classes[0] is “lorry”"),
        ({"target": {"count": 2.5}}, "query.target.count must be a whole number"),
        ({"target": {"count": True}}, "query.target.count must be a number"),
        ({"target": {"count": 0}}, "query.target.count is 0"),
        ({"target": {"colours": [{"colours": []}]}}, "query.target.colours[0] names no colour"),
        ({"target": {"looks": [{"text": 'a "b"'}]}}, "no quotes"),
        ({"target": {"looks": [{}]}}, "query.target.looks[0] has no text"),
        ({"events": [{}]}, "query.events[0] has no kind"),
        ({"events": [{"kind": "fly"}]}, "query.events[0].kind is “fly”"),
        ({"events": [{"kind": "stop", "negated": 1}]}, "query.events[0].negated must be true"),
        ({"events": [{"kind": "stop", "min_s": 9, "max_s": 2}]}, "at least longer than at most"),
        ({"events": [{"kind": "stop", "min_s": float("nan")}]}, "query.events[0].min_s is nan"),
        ({"order": "then"}, "query.order needs two events"),
        ({"relations": [{"kind": "near", "role": "object"}]}, "query.relations[0].role"),
        ({"relations": [{"kind": "near", "third": {}}]}, "query.relations[0].third belongs"),
        ({"relations": [{}]}, "query.relations[0] has no kind"),
        ({"window": {"after_s": 9, "before_s": 2}}, "query.window ends before it starts"),
        ({"window": {}}, "query.window has no bound"),
        ({"likes": [{"picture": "me.jpg"}]}, "query.likes[0] stands for a picture"),
        ({"likes": [{}]}, "query.likes[0] names no track"),
        (
            {"likes": [{"video_id": "v", "track_id": 1, "others": [{"video_id": "v"}]}]},
            "query.likes[0].others[0] names no track",
        ),
        (
            {"likes": [{"video_id": "v", "track_id": 1, "others": [V] * 24}]},
            "query.likes[0] names more than 24",
        ),
        ({"drawn": [{}]}, "query.drawn[0] has no points"),
        ({"drawn": [{"points": [[0, 0], [2, 0]]}]}, "query.drawn[0].points[1][0] is 2"),
        ({"drawn": [{"points": [[0, 0], [1]]}]}, "query.drawn[0].points[1] must be a pair"),
        ({"zones": [{"points": [[0, 0], [1, 1]]}]}, "query.zones[0].points needs at least 3"),
        ({"zones": [{}]}, "query.zones[0] needs either points or the name"),
        ({"frame": 1}, "query.frame is “1”"),
    ],
)
def test_what_is_no_query_is_refused(data: object, place: str) -> None:
    with pytest.raises(QueryError) as told:
        query_from_data(data)
    assert place in str(told.value)


def test_nesting_has_an_end() -> None:
    data: dict[str, Any] = {}
    for _ in range(50):
        data = {"then": data}
    with pytest.raises(QueryError, match="nested"):
        query_from_data(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["target", "events", "then", "classes", "kind", "scene", "count", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_any_data_is_a_query_or_a_typed_error(data: object) -> None:
    try:
        query = query_from_data(data)
    except QueryError:
        return
    assert query_from_data(query_data(query)) == query
