"""Answers for other programs: stable keys, valid JSON, a table that spreadsheets read back."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from core.library.library import Library
from core.search.engine import Engine
from core.search.export import FORMAT_VERSION, answer_csv, answer_data
from tests.core.search.collection import Obj, Rel, WordEncoder, collection, put

LEFT = ("turn_left", 2.0, 4.0, 0.95)
RIGHT = ("turn_right", 2.0, 4.0, 0.95)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    library = collection(
        tmp_path / "library",
        gate=[
            Obj("car", "red", (LEFT,)),
            Obj("car", "red", (RIGHT,), numbers={"degrees": 69.0}),
            Obj("car", "blue", (LEFT,)),
            Obj("car", "red", motion_known=False),
        ],
    )
    return Engine(library, WordEncoder())


def test_the_data_is_json_with_stable_keys(engine: Engine) -> None:
    data = answer_data(engine.search("red car turning left"))
    assert json.loads(json.dumps(data)) == data
    assert data["version"] == FORMAT_VERSION == 1
    assert set(data) == {
        "version", "query", "results", "nothing_found", "sentence", "understood", "unknown_words",
        "funnel", "near_misses", "misses", "relaxations",
    }  # fmt: skip
    best = data["results"][0]
    assert set(best) == {
        "video", "video_id", "track_id", "track_ids", "also", "t0_s", "t1_s", "score", "matches",
        "fails", "parts", "again",
    }  # fmt: skip
    assert set(best["parts"][0]) == {
        "part", "kind", "p", "holds", "known", "reason", "percentile", "said", "before", "instead",
        "text", "proof", "other",
    }  # fmt: skip
    assert data["understood"]["parts"] == [
        {"kind": "class", "part": "car"},
        {"kind": "colour", "part": "red"},
        {"kind": "event", "part": "turning left"},
    ]


def test_what_fails_says_what_it_is_or_does_instead(engine: Engine) -> None:
    data = answer_data(engine.search("red car turning left"))
    told = {m["track_id"]: m for m in (*data["results"], *data["near_misses"])}
    assert told[2]["fails"] == ["turning left"]
    assert told[2]["parts"][2]["instead"] == "turning right 69°"
    assert told[3]["fails"] == ["red"]
    assert told[3]["parts"][1]["instead"] == "blue"
    assert told[1]["fails"] == []


def test_what_cannot_be_told_has_its_reason(engine: Engine) -> None:
    data = answer_data(engine.search("red car turning left"))
    told = {m["track_id"]: m for m in (*data["results"], *data["near_misses"])}
    turn = told[4]["parts"][2]
    assert (turn["known"], turn["reason"]) == (False, "too short")
    assert turn["text"] == "cannot tell: too short"


def test_nothing_found_says_what_would_be(engine: Engine) -> None:
    data = answer_data(engine.search("blue car turning right"))
    assert data["nothing_found"]
    assert {r["part"]: r["count"] for r in data["relaxations"]} == {"blue": 1, "turning right": 1}


def test_the_table_has_a_row_a_moment_and_columns_a_part(engine: Engine) -> None:
    answer = engine.search("red car turning left")
    rows = list(csv.DictReader(io.StringIO(answer_csv(answer))))
    assert rows[0]["kind"] == "match"
    assert len(rows) == len(answer.results) + len(answer.near_misses)
    assert rows[0]["track_id"] == "1"
    assert float(rows[0]["turning left"]) == pytest.approx(0.95)
    assert rows[0]["turning left: proof"].startswith("turning left")
    unsure = next(row for row in rows if row["track_id"] == "4")
    assert unsure["turning left"] == ""


def test_the_table_names_parts_of_two_objects_apart(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library", gate=[Obj(events=(LEFT,)), Obj(events=(("turn_left", 6, 8, 0.9),))]
    )
    answer = Engine(library, WordEncoder()).search("car turning left; then a car turning left")
    (row, *_) = csv.DictReader(io.StringIO(answer_csv(answer)))
    assert {"car", "car (2)", "turning left", "turning left (2)"} <= row.keys()
    assert row["other_track_ids"] == "2"


def test_the_other_object_is_explained(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    objects = [Obj("bus", "red"), Obj("car", "blue"), Obj("van", "white")]
    put(library, "gate", objects, [Rel("follow", 2, 1, 2.0, 6.0)])
    engine = Engine(library, WordEncoder())
    (moment, *_) = answer_data(engine.search("car following a bus"))["results"]
    (relation,) = [part for part in moment["parts"] if part["kind"] == "relation"]
    (bus,) = relation["other"]
    assert (bus["part"], bus["holds"]) == ("bus", True)
    assert bus["text"].startswith("seen as bus 100%")
    (other,) = relation["proof"]["others"]
    assert (other["track_id"], other["class_name"]) == (1, "bus")
    assert {"crop_id", "box", "points", "frame0", "frame1"} <= other.keys()

    near = answer_data(engine.search("car following a van"))["near_misses"]
    (relation,) = [part for part in near[0]["parts"] if part["kind"] == "relation"]
    assert relation["instead"] == "bus #1"
    assert not relation["other"][0]["holds"]


def test_what_is_between_two_names_both(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    objects = [Obj("person", "red"), Obj("car", "blue"), Obj("bus", "white")]
    put(library, "gate", objects, [Rel("between", 1, 2, 2.0, 6.0, third=3)])
    answer = Engine(library, WordEncoder()).search("person between a car and a bus")
    relation = answer.results[0].parts[-1]
    assert [other["track_id"] for other in relation.proof["others"]] == [2, 3]
    assert relation.text.startswith("car #2 and bus #3")
    assert "third_id" not in relation.proof
