"""Acting on a selection: the page Search lists it, labels and what is left out, files, and back."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.errors import QueryError
from core.identity.identities import Identities
from core.library.library import Library
from core.search.columns import Columns
from core.search.selected import kept_selection, selected_rows, tracks_at
from dashboard import editing, filtering, search_desk, selection_files
from dashboard import selection_desk as desk
from dashboard.address import Asked
from dashboard.answers import answered
from dashboard.object_cards import card_id
from dashboard.search_desk import page_view, search_view
from dashboard.services import services


@pytest.fixture
def columns(filled: Library) -> Columns:
    return services().engine().columns


def of_class(columns: Columns, name: str) -> list[int]:
    place = columns.class_names.index(name)
    return [row for row in range(len(columns)) if columns.votes[row].argmax() == place]


@pytest.fixture
def cars(filled: Library, columns: Columns) -> str:
    """Key of a selection of all cars."""
    return kept_selection(columns, filled, np.array(of_class(columns, "car"), np.int64))


# --- on the page Search --------------------------------------------------------------------------


def test_search_lists_a_selection_where_nothing_is_asked(columns: Columns, cars: str) -> None:
    asked = Asked.read(parse_qs_of(desk.selection_view(cars).results))
    assert not asked.empty
    view, many = search_view(asked), len(of_class(columns, "car"))
    assert view.error is None
    assert (view.count, view.title) == (many, f"{many} objects")
    shown = [card for group in view.groups for card in group.cards]
    assert {card.score for card in shown} == {None}
    assert {card.parts[0].label for card in shown} == {"car"}
    assert not view.more
    page = page_view(asked)
    assert [each.label for each in page.filters.active] == [f"in a selection of {many} objects"]
    assert filtering.with_value(asked, "sel", "", on=False) == Asked()
    with pytest.raises(QueryError, match="Nothing is asked"):
        search_desk.judge(asked, shown[0].id, None, True)
    narrower = editing.extended(asked, "red")
    assert narrower.filters == asked.filters
    assert 0 < search_view(narrower).count < many


def parse_qs_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_a_selection_that_is_gone_is_said_and_can_be_taken_out(filled: Library) -> None:
    asked = Asked.read({"sel": "0" * 16})
    assert "not kept any more" in (search_view(asked).error or "")
    page = page_view(asked)
    assert page.error is None
    assert [each.label for each in page.filters.active] == ["in a selection that is gone"]
    with pytest.raises(QueryError, match="names no selection"):
        Asked.read({"sel": "../x"})


# --- what is done --------------------------------------------------------------------------------


def test_labels_are_given_found_and_taken_back(
    filled: Library, columns: Columns, cars: str
) -> None:
    done = desk.label(cars, "  night   shift ")
    many = len(of_class(columns, "car"))
    assert done.sentence == f"{many} objects labelled “night shift”."
    assert len(answered(Asked('"night shift"')).found) == many
    view = desk.selection_view(cars)
    assert [(each.name, each.count, each.here) for each in view.labels] == [
        ("night shift", many, many)
    ]
    assert desk.label(cars, "night shift").back is None
    assert done.back is not None
    assert done.back() == f"“night shift” is taken off {many} objects."
    assert filled.notes.labels() == []
    with pytest.raises(QueryError, match="has to have a name"):
        desk.label(cars, " ")


def test_taking_a_label_off_is_undone_too(filled: Library, cars: str) -> None:
    desk.label(cars, "mine")
    before = {(each.video_id, each.track_id) for each in filled.notes.labels()}
    gone = desk.unlabel(cars, "mine")
    assert filled.notes.labels() == []
    assert gone.back is not None
    gone.back()
    assert {(each.video_id, each.track_id) for each in filled.notes.labels()} == before


def test_what_is_left_out_is_counted_nowhere_until_it_is_let_in(
    columns: Columns, cars: str
) -> None:
    asked, sure = Asked("car"), {(m.video_id, m.track_ids) for m in answered(Asked("car")).found}
    done = desk.exclude(cars)
    assert done.gone
    left = {(m.video_id, m.track_ids) for m in answered(asked).found}
    assert left < sure
    assert not left & {
        (columns.video_of(row).video_id, (int(columns.track_id[row]),))
        for row in of_class(columns, "car")
    }
    assert "car" not in page_kinds()
    assert desk.selection_view(cars).count == 0
    out = filtering.with_value(Asked("car"), "out", "", on=True)
    assert len(answered(out).found) == len(sure)
    assert [each.label for each in page_view(out).filters.active] == ["with what was left out"]
    assert done.back is not None
    done.back()
    assert len(answered(asked).found) == len(sure)
    assert "car" in page_kinds()
    desk.exclude(cars)
    all_in = desk.include_all()
    assert desk.selection_view(cars).count == len(of_class(columns, "car"))
    assert all_in.back is not None
    all_in.back()
    assert desk.selection_view(cars).count == 0


def page_kinds() -> set[str]:
    return {each.value for each in page_view(Asked()).filters.classes if each.count}


def test_a_selection_becomes_a_question(columns: Columns, cars: str) -> None:
    question = desk.like(cars).question
    asked = Asked.of_text(question)
    assert asked.shown == question
    assert question.count(":") == min(5, len(of_class(columns, "car")))
    chips = page_view(asked).question.chips
    assert [chip.label for chip in chips] == [f"like any of {question.count(':')} objects"]
    path = desk.moves(cars).question
    assert path.startswith("path[")
    assert search_view(Asked.of_text(path)).error is None


def test_objects_of_two_videos_become_one_and_part_again(filled: Library, columns: Columns) -> None:
    cars = of_class(columns, "car")
    rows = [next(row for row in cars if columns.video[row] == video) for video in (0, 1)]
    key = kept_selection(columns, filled, np.array(rows, np.int64))
    done = desk.make_one(key)
    assert done.sentence == "2 objects are one object now."
    assert [len(one.members) for one in Identities(filled).identities()] == [2]
    assert done.back is not None
    done.back()
    assert Identities(filled).identities() == ()


# --- the rest of a label -------------------------------------------------------------------------


def test_the_rest_is_offered_accepted_and_turned_down(filled: Library, columns: Columns) -> None:
    cars = np.array(of_class(columns, "car"), np.int64)
    given = kept_selection(columns, filled, cars[:3])
    done = desk.find_rest(given, "a car")
    assert done.rest == "a car"
    rest = desk.rest_view("a car")
    assert (rest.error, rest.examples, rest.rejected) == ("", 3, 0)
    assert rest.cards
    names = [card.id for card in rest.cards]
    assert not {card_id(columns, int(row)) for row in cars[:3]} & set(names)
    assert rest.cards[0].parts[0].label == "like “a car”"
    desk.accept("a car", names[0])
    denied = desk.deny("a car", names[1])
    after = desk.rest_view("a car")
    assert (after.examples, after.rejected) == (4, 1)
    assert not {*names[:2]} & {card.id for card in after.cards}
    assert denied.back is not None
    denied.back()
    assert desk.rest_view("a car").rejected == 0
    if rest.key:
        assert len(selected_rows(columns, filled, rest.key)) == rest.count
    assert "It takes 3" in desk.rest_view("nobody").error


# --- files ---------------------------------------------------------------------------------------


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=selection_files.routes()))


def test_a_selection_as_tables(client: TestClient, columns: Columns, cars: str) -> None:
    desk.label(cars, "mine")
    table = list(
        csv.DictReader(io.StringIO(client.get(f"/api/selections/{cars}/objects.csv").text))
    )
    rows = of_class(columns, "car")
    assert [int(line["track_id"]) for line in table] == columns.track_id[rows].tolist()
    assert {line["class"] for line in table} == {"car"}
    assert {line["labels"] for line in table} == {"mine"}
    data = json.loads(client.get(f"/api/selections/{cars}/objects.json").text)
    assert [each["track_id"] for each in data["objects"]] == columns.track_id[rows].tolist()


def test_a_selection_as_pictures_and_boxes(
    client: TestClient, filled: Library, columns: Columns, cars: str
) -> None:
    packed = client.get(f"/api/selections/{cars}/pictures.zip")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as pictures:
        listed = list(csv.DictReader(io.StringIO(pictures.read("objects.csv").decode())))
        for line, row in zip(listed, of_class(columns, "car"), strict=True):
            jpeg = filled.shard(line["video_id"]).crop_jpeg(int(columns.best_crop[row]))
            assert pictures.read(line["picture"]) == jpeg
    tracks = tracks_at(columns, selected_rows(columns, filled, cars))
    boxes = client.get(f"/api/selections/{cars}/mot.zip")
    with zipfile.ZipFile(io.BytesIO(boxes.content)) as packed_boxes:
        found = {
            int(line.split(",")[1])
            for name in packed_boxes.namelist()
            for line in packed_boxes.read(name).decode().splitlines()
        }
    assert found == {int(each) for ids in tracks.values() for each in ids}
    coco = client.get(f"/api/selections/{cars}/coco.zip")
    with zipfile.ZipFile(io.BytesIO(coco.content)) as packed_boxes:
        for name in packed_boxes.namelist():
            assert json.loads(packed_boxes.read(name))["annotations"]


def test_no_file_of_what_is_not_there(client: TestClient, cars: str) -> None:
    assert client.get(f"/api/selections/{cars}/other.csv").status_code == 404
    gone = client.get(f"/api/selections/{'0' * 16}/objects.csv")
    assert (gone.status_code, "not kept any more" in gone.text) == (409, True)
