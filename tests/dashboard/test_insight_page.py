"""The page Insight as a script, its numbers and its files, without a browser."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import numpy as np
import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as some
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core.errors import QueryError
from core.explore.insight import Scope
from core.library.library import Library
from core.video.stills import decode_jpeg
from dashboard import insight_files, insight_session
from dashboard.charts import stacked_bars
from dashboard.insight_counter import counter, rows_behind
from dashboard.insight_desk import insight_view
from dashboard.insight_views import Counting, NumbersView, SeriesView

LINE = ((0.5, 0.05), (0.5, 0.95))


@pytest.fixture
def client(filled: Library) -> TestClient:
    return TestClient(Starlette(routes=insight_files.routes()))


@pytest.fixture
def insight(app: AppTest, filled: Library) -> AppTest:
    app.switch_page("../pages/insight.py")
    return app


def data_of(app: AppTest, key: str) -> dict[str, Any]:
    return json.loads(app.get_by_key(key).proto.json)


def numbers(view: NumbersView) -> list[tuple[int, str]]:
    return [
        (int(cell.text.replace(",", "")), cell.opens)
        for row in view.rows
        for cell in row.cells
        if cell.opens
    ]


def test_every_number_opens_as_many_objects_as_it_says(filled: Library) -> None:
    for shape in ("pairs", "kinds", "time"):
        asked = Counting(shape=shape, line=LINE)
        view = insight_view(asked)
        assert view.error is None
        insight = counter().of(asked.scope)
        assert view.movements is not None
        assert view.stays is not None
        assert view.lines is not None
        assert view.lines.numbers is not None
        assert view.time is not None
        told = [
            *numbers(view.movements.numbers),
            *numbers(view.stays.numbers),
            *numbers(view.lines.numbers),
            *((arm.came, arm.came_opens) for arm in view.movements.arms),
            *((arm.went, arm.went_opens) for arm in view.movements.arms),
            *((flow.count, flow.opens) for flow in view.movements.flows),
        ]
        for series in (*view.time.series, *view.stays.series):
            told += list(zip(series.counts, series.opens, strict=True))
        assert len(told) > 30
        for count, name in told:
            assert len(rows_behind(insight, asked, name)) == count, name


def test_a_chosen_number_shows_its_objects(insight: AppTest) -> None:
    insight.query_params["o"] = "stays:car"
    insight.run()
    assert not insight.exception
    cards = data_of(insight, "insight cards")["cards"]
    assert cards
    assert all(card["parts"][0]["label"] == "car" for card in cards)
    assert any("/?sel=" in element.body for element in insight.get("html"))
    chosen = [
        cell
        for row in data_of(insight, "insight stays")["rows"]
        for cell in row["cells"]
        if cell["chosen"]
    ]
    assert [cell["opens"] for cell in chosen] == ["stays:car"]


def test_the_page_says_what_cannot_be_counted(insight: AppTest) -> None:
    insight.query_params["o"] = "moves:77:0:*:*"
    insight.run()
    assert not insight.exception
    assert "not part of the page any more" in insight.error[0].value
    insight.query_params["o"] = ""
    insight.query_params["k"] = "unicorn"
    insight.run()
    assert "unicorn" in insight.error[0].value


def test_filters_become_the_address(insight: AppTest) -> None:
    insight.run()
    assert not insight.exception
    insight.multiselect("insight kinds").set_value(["car"]).run()
    assert insight.query_params["k"] == "car"
    assert {row["label"] for row in data_of(insight, "insight stays")["rows"]} == {"Cars"}
    insight.selectbox("insight step").set_value(10.0).run()
    assert insight.query_params["every"] == "10"


@pytest.mark.parametrize("name", ["counts", "movements", "dwell", "lines", "occupancy"])
def test_files_hold_what_the_page_counts(client: TestClient, name: str) -> None:
    answer = client.get(f"/api/insight/{name}.csv", params=Counting(line=LINE).files())
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert f'filename="vidtrail-{name}.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert rows
    if name == "dwell":
        view = insight_view(Counting())
        assert view.facts[0][0] == f"{len(rows):,}"


def test_an_unknown_file_is_not_found_and_a_wrong_question_is_answered(client: TestClient) -> None:
    assert client.get("/api/insight/secrets.csv").status_code == 404
    wrong = client.get("/api/insight/counts.csv", params={"k": "unicorn"})
    assert wrong.status_code == 409
    assert "unicorn" in wrong.text


def test_the_heat_map_is_a_picture_of_the_view(client: TestClient) -> None:
    asked = re.sub(r"^[^?]*\?", "", insight_view(Counting()).heat.picture)  # type: ignore[union-attr]
    answer = client.get(f"/api/insight/heat.jpg?{asked}")
    assert answer.status_code == 200
    image = decode_jpeg(answer.content)
    assert image.std() > 5.0


def test_a_line_drawn_by_hand_is_counted_and_kept(filled: Library, monkeypatch) -> None:
    state: dict[str, Any] = {"insight line": {"drawn": {"points": [list(p) for p in LINE]}}}
    kept: dict[str, str] = {}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(insight_session, "counting", lambda: Counting.read(kept))
    monkeypatch.setattr(
        insight_session, "go", lambda view: (kept.clear(), kept.update(view.params()))
    )
    insight_session.on_line("insight line")()
    assert kept["line"] == "0.5,0.05 0.5,0.95"
    view = insight_view(Counting.read(kept))
    assert view.lines is not None
    assert view.lines.numbers is not None
    before = numbers(view.lines.numbers)
    state["name"] = "gate"
    insight_session.keep_line(view, "name")
    assert "line" not in kept
    assert [zone.name for zone in filled.zones.all()] == ["gate"]
    after = insight_view(Counting.read(kept))
    assert after.lines is not None
    assert after.lines.numbers is not None
    assert [count for count, _ in numbers(after.lines.numbers)] == [count for count, _ in before]


def test_all_videos_of_a_view_are_found(filled: Library, monkeypatch) -> None:
    kept: dict[str, str] = {}
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(insight_session, "counting", lambda: Counting.read(kept))
    monkeypatch.setattr(insight_session, "go", lambda view: kept.update(view.params()))
    camera = insight_view(Counting()).camera
    insight_session.take_same_view(camera)
    assert kept["cam"] == camera
    told = insight_session.said()
    assert told is not None
    assert "No other video" in told.text


def test_arms_keep_the_names_that_people_give(filled: Library, monkeypatch) -> None:
    view = insight_view(Counting())
    assert view.movements is not None
    monkeypatch.setattr(st, "session_state", {"arm": "Mill Road"})
    insight_session.rename_arm(view.camera, view.movements.arms[0], "arm")
    again = insight_view(Counting())
    assert again.movements is not None
    assert again.movements.arms[0].name == "Mill Road"
    assert again.movements.numbers.rows[0].label == "Mill Road"


@given(
    some.builds(
        Counting,
        scope=some.builds(
            Scope,
            videos=some.lists(some.sampled_from(["a", "b", "c"]), unique=True).map(tuple),
            kinds=some.lists(some.sampled_from(["car", "bus"]), unique=True).map(tuple),
            step_s=some.sampled_from([None, 1.0, 300.0]),
            after_s=some.sampled_from([None, 2.0]),
            before_s=some.sampled_from([None, 20.5]),
            cameras=some.sampled_from([(), ("a",)]),
        ),
        mode=some.sampled_from(["came", "there"]),
        shape=some.sampled_from(["pairs", "kinds", "time"]),
        zone=some.sampled_from(["", "yard"]),
        line=some.sampled_from([(), LINE]),
        opened=some.sampled_from(["", "all"]),
        page=some.integers(1, 9),
    )
)
def test_a_view_comes_back_from_its_address(asked: Counting) -> None:
    assert Counting.read(asked.params()) == asked


@given(some.dictionaries(some.sampled_from(["v", "k", "every", "from", "to", "line", "page", "as"]),
                         some.text(max_size=30)))  # fmt: skip
def test_any_address_means_something(params: dict[str, str]) -> None:
    assert Counting.read(Counting.read(params).params()) == Counting.read(params)


def test_names_that_mean_no_number_are_refused(filled: Library) -> None:
    insight = counter().of(Scope())
    for name in ("", "counts", "counts:a:car", "counts:0:unicorn", "moves:-1:0:*:*", "line:9:0:*",
                 "heat:a,b", "heat:1,2,3", "drop table"):  # fmt: skip
        with pytest.raises(QueryError):
            rows_behind(insight, Counting(), name)


def test_bars_stand_where_their_counts_do() -> None:
    series = [SeriesView("car", ("#000", "#fff"), (1, 2), ("a", "b"))]
    figure = stacked_bars(series, ["first", "second"], opened="b")
    assert np.array(figure.data[0].y).tolist() == [1, 2]
    assert figure.data[0].marker.opacity[1] > figure.data[0].marker.opacity[0]
    assert len(figure.to_json()) < 20_000
