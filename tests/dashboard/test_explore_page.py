"""The page Explore as a script, and the files of its maps, without a browser."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core.errors import QueryError
from core.explore.atlas import bring_up_atlas
from core.explore.maps import read_map, write_map
from core.ingest.jobs import ANEW, Jobs
from core.library.library import Library
from dashboard import explore_desk, explore_session, map_files
from dashboard.explore_address import Look
from dashboard.explorer import explorer
from dashboard.object_cards import card_id
from dashboard.services import services


@pytest.fixture
def mapped(filled: Library) -> Library:
    bring_up_atlas(services().engine())
    return filled


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=map_files.routes()))


def data_of(app: AppTest, key: str) -> dict[str, Any]:
    return json.loads(app.get_by_key(key).proto.json)


def drawn_around(space: str, rows: np.ndarray, mode: str = "new") -> dict[str, Any]:
    """The event of a box around some objects."""
    chart = explorer().chart()
    xy = chart.xy(space)[rows]
    (x0, y0), (x1, y1) = np.nanmin(xy, axis=0) - 1e-4, np.nanmax(xy, axis=0) + 1e-4
    corners = {"x": [x0, x1, x1, x0], "y": [y0, y0, y1, y1]}
    return {"edition": chart.edition, "space": space, "mode": mode, **corners}


def test_a_library_without_maps_gets_them_made(app: AppTest, filled: Library, place: Path):
    app.switch_page("../pages/explore.py").run(timeout=120)
    assert not app.exception
    (job,) = Jobs(place).all()
    assert (job.kind, job.state) == ("map", "queued")
    app.run(timeout=60)
    assert len(Jobs(place).all()) == 1


def test_a_job_that_failed_is_not_begun_by_itself_again(app: AppTest, filled: Library, place: Path):
    jobs = Jobs(place)
    number = jobs.put("map", services().engine().encoder.name, "demo")
    jobs.claim()
    jobs.end(number, "failed", "There is no room on the disk.")
    app.switch_page("../pages/explore.py").run(timeout=120)
    assert "no room on the disk" in app.warning[0].value
    assert [job.state for job in jobs.all()] == ["failed"]
    app.button(key="maps_again").click().run(timeout=60)
    assert [job.state for job in jobs.all()] == ["queued"]


def test_maps_that_many_came_late_to_are_laid_out_anew_when_asked(
    app: AppTest, mapped: Library, place: Path, monkeypatch: pytest.MonkeyPatch
):
    app.switch_page("../pages/explore.py").run(timeout=120)
    assert "maps_anew" not in [button.key for button in app.button]
    engine = services().engine()
    kept = read_map(mapped, engine.columns, engine.encoder.name, "looks")
    assert kept is not None
    half = kept.fitted & (np.arange(len(kept)) % 2 == 0)
    write_map(mapped, engine.columns, engine.encoder.name, replace(kept, fitted=half))
    app.run(timeout=60)
    app.button(key="maps_anew").click().run(timeout=60)
    assert not app.exception
    (job,) = Jobs(place).all()
    assert (job.kind, job.subject, job.state) == ("map", ANEW + engine.encoder.name, "queued")


def test_the_page_sends_addresses_and_no_points(app: AppTest, mapped: Library):
    app.switch_page("../pages/explore.py").run(timeout=120)
    assert not app.exception
    sent = app.get_by_key("maps").proto.json
    assert len(sent) < 4_000
    assert json.loads(sent)["points"].endswith("/points.bin")
    assert {each["name"] for each in data_of(app, "map_bar")["paint"]["legend"]} >= {"car"}
    assert Jobs(services().place).all() == []


def test_the_files_are_aligned_and_kept_for_ever(mapped: Library, client: TestClient):
    chart = explorer().chart()
    view = explore_desk.explore_view(Look())
    answer = client.get(view.points)
    many = len(chart.drawn)
    assert len(answer.content) == 8 + 20 * many
    assert "immutable" in answer.headers["cache-control"]
    rows = np.frombuffer(answer.content, "<u4", many, 8)
    looks = np.frombuffer(answer.content, "<f4", 2 * many, 8 + 4 * many).reshape(2, many).T
    assert rows.tolist() == chart.drawn.tolist()
    np.testing.assert_array_equal(looks, chart.xy("looks")[chart.drawn])
    again = client.get(view.points, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert view.paint is not None
    codes = client.get(view.paint.url).content
    assert len(codes) == many
    cars = next(each for each in view.paint.legend if each.name == "car")
    assert codes.count(cars.code) == cars.count


def test_a_map_that_is_gone_says_so(mapped: Library, client: TestClient):
    gone = client.get("/api/maps/0123456789abcdef/points.bin")
    assert gone.status_code == 409
    assert client.get("/api/maps/..%2f..%2f/points.bin").status_code == 404


def test_a_point_has_its_own_picture_and_words(mapped: Library, client: TestClient):
    chart = explorer().chart()
    row = int(chart.drawn[len(chart.drawn) // 2])
    objects = explore_desk.explore_view(Look()).objects
    told = client.get(f"{objects}/{row}.json").json()
    assert told["name"].endswith(f"#{int(chart.columns.track_id[row])}")
    assert told["where"] == chart.columns.video_of(row).name
    assert client.get(f"{objects}/{row}.jpg").headers["content-type"] == "image/jpeg"
    assert client.get(f"{objects}/{len(chart.columns)}.json").status_code == 404


def test_drawing_adding_taking_and_narrowing(mapped: Library, client: TestClient):
    chart = explorer().chart()
    half = chart.drawn[: len(chart.drawn) // 2]
    look = explore_desk.drawn(Look(), drawn_around("looks", half))
    first = explorer().selected(chart, look.selection)
    assert set(half[np.isfinite(chart.xy("looks")[half, 0])]) <= set(first)
    more = explore_desk.drawn(look, drawn_around("moves", chart.drawn, "add"))
    everything = explorer().selected(chart, more.selection)
    assert set(first) <= set(everything)
    fewer = explore_desk.drawn(more, drawn_around("looks", half, "take"))
    if fewer.selection:
        assert not set(explorer().selected(chart, fewer.selection)) & set(first)
    view = explore_desk.explore_view(more)
    assert view.selected is not None
    assert view.selected.count == len(everything) == sum(v.count for v in view.selected.videos)
    kind = view.selected.kinds[0]
    only = explore_desk.narrowed(more, kind.value)
    without = explore_desk.narrowed(more, kind.value, out=True)
    kept, left = (len(explorer().selected(chart, each.selection)) for each in (only, without))
    assert (kept, kept + left) == (kind.count, len(everything))
    bits = np.frombuffer(client.get(view.lit).content, np.uint8)
    lit = np.unpackbits(bits, bitorder="little")[: len(chart.drawn)].astype(bool)
    assert set(chart.drawn[lit]) == set(everything)


def test_what_was_drawn_on_older_maps_is_refused(mapped: Library):
    event = drawn_around("looks", explorer().chart().drawn) | {"edition": "0" * 20}
    with pytest.raises(QueryError, match="changed meanwhile"):
        explore_desk.drawn(Look(), event)


def test_an_address_is_the_whole_view(app: AppTest, mapped: Library):
    look = explore_desk.drawn(Look(by="colour"), drawn_around("looks", explorer().chart().drawn))
    for name, value in look.params().items():
        app.query_params[name] = value
    app.switch_page("../pages/explore.py").run(timeout=120)
    assert not app.exception
    bar = data_of(app, "map_bar")
    assert (bar["by"], bar["selecting"]) == ("colour", True)
    cards = data_of(app, "cards")["cards"]
    assert cards
    assert all(card["score"] is None for card in cards)
    assert data_of(app, "selected")["lanes"]


def test_a_selection_that_is_gone_is_said_so(mapped: Library):
    view = explore_desk.explore_view(Look(selection="0000000000000000"))
    assert view.selected is None
    assert "select the objects again" in view.selection_error


def test_a_question_colours_by_its_scores(mapped: Library):
    chart = explorer().chart()
    view = explore_desk.explore_view(Look(by="question", question="red car"))
    assert view.paint is not None
    assert (view.paint.error, view.paint.high) == ("", "fits “red car”")
    from dashboard.map_painting import painted

    codes = painted(chart, Look(by="question", question="red car")).codes
    scores = services().engine().scores("red car")
    best = max(scores, key=lambda key: scores[key])
    rows = [
        r for r in range(len(chart.columns)) if card_id(chart.columns, r) == f"{best[0]}:{best[1]}"
    ]
    assert codes[rows[0]] == codes[codes != 255].max()
    assert explore_desk.explore_view(Look(by="question", question="in zone[nowhere]")).paint.error


def test_what_a_visitor_does(mapped: Library, monkeypatch: pytest.MonkeyPatch):
    state: dict[str, Any] = {}
    view = [Look()]
    monkeypatch.setattr(explore_session.st, "session_state", state)
    monkeypatch.setattr(explore_session, "look", lambda: view[0])
    monkeypatch.setattr(explore_session, "go", lambda look: view.__setitem__(0, look))

    def happen(doing: Any, number: int, /, **event: Any) -> Look:
        state["it"] = {"act": {"n": number, **event}}
        doing("it")()
        return view[0]

    chart = explorer().chart()
    row = int(chart.drawn[0])
    on, edition = explore_session.on_maps, chart.edition
    assert happen(on, 1, kind="open", edition=edition, row=row).opened == card_id(
        chart.columns, row
    )
    assert happen(explore_session.on_cards, 2, kind="close", moment="x:1").opened == ""
    assert happen(on, 3, kind="by", value="video").by == "video"
    assert happen(on, 4, kind="by", value="nonsense").by == "video"
    assert happen(on, 5, kind="ask", text=" red  car ").question == "red car"
    assert happen(on, 6, kind="select", **drawn_around("looks", chart.drawn)).selection
    happen(on, 7, kind="select", edition=edition, space="looks", x=[0], y=[0])
    assert explore_session.said().wrong
    assert happen(on, 8, kind="clear").selection == ""
    groups = explore_session.on_groups
    chosen = happen(groups, 9, kind="choose", cluster=0, level=0, name=None)
    assert chosen.selection
    happen(explore_session.on_cards, 10, kind="watch", moment=card_id(chart.columns, row))
    page, query = explore_session.going()
    assert (page, query["v"]) == ("../pages/watch.py", chart.columns.video_of(row).video_id)
