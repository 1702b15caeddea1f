"""Questions: wordings, sequences, relations from either side, and writing them anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sample_videos.world.__main__ import main
from sample_videos.world.facts import Ask, Facts, Line, ObjectFacts, did
from sample_videos.world.paraphrases import HELD_OUT_FROM, STYLES, paraphrases
from sample_videos.world.queries import judge, queries
from sample_videos.world.query_words import MOTIONS, PASSIVE, RELATIONS, SEQUENCES
from sample_videos.world.recording import record
from sample_videos.world.relation_queries import AskRelation, _answer, missing_relations, related
from sample_videos.world.retelling import RetellingError, retell
from sample_videos.world.scenarios.catalogue import clip
from sample_videos.world.scene import Body
from tests.sample_videos.box_renderer import BoxRenderer

Spans = list[tuple[float, float]]


def thing(
    number: int, kind: str = "car", colour: str = "red", did: dict[str, Spans] | None = None,
    **more: Any,
) -> ObjectFacts:  # fmt: skip
    body = Body(number, kind, more.get("variant", "sedan"), colour, colour, 0)
    return ObjectFacts(
        body, more.get("clear", True), (0.0, 9.0), did or {}, frozenset(more.get("partly", ()))
    )


# --- sequences and negation ----------------------------------------------------------------------


def test_one_after_the_other_is_not_the_other_way_round() -> None:
    one = thing(1, did={"stop": [(1.0, 3.0)], "turn_left": [(4.0, 6.0)]})
    assert did("stop_turn_left", one) == (True, [(1.0, 6.0)])
    assert did("turn_left_stop", one) == (False, [])


def test_long_after_is_no_verdict() -> None:
    one = thing(1, did={"stop": [(1.0, 3.0)], "turn_left": [(20.0, 22.0)]})
    assert did("stop_turn_left", one)[0] is None


def test_who_stands_does_not_drive_without_stopping() -> None:
    ask = Ask("car", "", "stop", without=True)
    assert judge(ask, thing(1), "day")[0]["motion"] is True
    assert judge(ask, thing(1, did={"stop": [(1.0, 2.0)]}), "day")[0]["motion"] is False
    assert judge(ask, thing(1, did={"parked": [(0.0, 9.0)]}), "day")[0]["motion"] is None


def test_not_of_a_colour() -> None:
    ask = Ask("car", "grey", not_colour=True)
    verdicts = [judge(ask, thing(1, colour=c), "day")[0]["colour"] for c in ("grey", "red")]
    assert verdicts == [False, True]
    assert judge(ask, thing(1, colour="silver"), "day")[0]["colour"] is None


# --- wordings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, HELD_OUT_FROM])
def test_everything_that_is_asked_has_words_in_every_style(seed: int) -> None:
    rng = np.random.default_rng(0)
    plain = {"type": "car", "colour": "red", "motion": "", "without": False}
    asked: list[dict[str, Any]] = [{**plain, "motion": m} for m in (*MOTIONS, *SEQUENCES, "")]
    asked += [{**plain, "motion": m, "without": True} for m in ("turn_left", "turn_right", "stop")]
    asked += [{**plain, "not_colour": True}]
    for role, kinds in (("subject", RELATIONS), ("object", PASSIVE)):
        asked += [
            {"type": "car", "colour": "", "relation": k, "role": role, "other": "bus",
             "other_colour": "blue"}
            for k in kinds
        ]  # fmt: skip
    for one in asked:
        said = paraphrases(one, rng, seed)
        assert [p["origin"] for p in said] == list(STYLES)
        for p in said:
            assert "{" not in p["text"]
            assert "red" in p["text"] or "blue" in p["text"]


def test_clips_held_out_are_asked_in_other_words() -> None:
    rng = np.random.default_rng(0)
    asked = {"type": "car", "colour": "", "motion": "u_turn", "without": False}
    here, there = (
        {p["text"].split("U", 1)[-1] for _ in range(60) for p in paraphrases(asked, rng, seed)}
        for seed in (1, HELD_OUT_FROM)
    )
    assert here
    assert there
    assert here != there


def test_every_question_is_asked_in_three_ways_with_verdicts() -> None:
    objects = (thing(1, did={"turn_left": [(1.0, 4.0)]}), thing(2, colour="blue"))
    made = queries(Facts(objects, (), "crossroads", "day", 9.0), 3)
    for query in made:
        assert [p["origin"] for p in query["paraphrases"]] == ["canonical", *STYLES]
        assert query["paraphrases"][0]["text"] == query["text"]
        assert all(len(signs) == len(query["judged"]) for signs in query["verdicts"].values())
        for row in query["relevant"]:
            assert set(query["verdicts"][str(row["object"])]) == {"+"}
    missing = {query.get("missing") for query in made if query["nothing"]}
    assert {"colour", "motion", "kind"} & missing


# --- relations -----------------------------------------------------------------------------------

ROAD = Facts(
    (thing(1), thing(2, "bus", "white"), thing(3, colour="blue"), thing(4, "bus", "green")),
    (
        Line("follow", 1, 2, 1.0, 5.0, True),
        Line("pass", 3, 4, 1.0, 5.0, True),
        Line("meet", 3, 2, 2.0, 3.0, True),
    ),
    "straight-road", "day", 9.0,
)  # fmt: skip


def answer(ask: AskRelation) -> dict[str, Any]:
    return _answer(ask, ROAD, np.random.default_rng(0))


def test_a_relation_can_be_asked_from_either_side() -> None:
    active = answer(AskRelation("car", "follow", "bus"))
    passive = answer(AskRelation("bus", "follow", "car", "object"))
    assert [r["object"] for r in active["relevant"]] == [1]
    assert [(r["object"], r["other"]) for r in passive["relevant"]] == [(2, 1)]
    assert active["negatives"] == [{"object": 3, "why": "meets_only", "stratum": "N13"}]
    assert "followed" in passive["text"]


def test_the_other_one_must_fit_as_well() -> None:
    assert answer(AskRelation("car", "follow", "bus", other_colour="white"))["relevant"]
    assert not answer(AskRelation("car", "follow", "bus", other_colour="green"))["relevant"]


def test_passing_what_stands_is_no_verdict_on_overtaking() -> None:
    asked = answer(AskRelation("car", "overtake", "bus"))
    assert asked["relevant"] == []
    assert asked["unjudged"] == [3]


def test_of_the_kind_but_in_the_other_role() -> None:
    facts = Facts((thing(1), thing(2)), (Line("follow", 1, 2, 1.0, 5.0, True),), "x", "day", 9.0)
    asked = _answer(AskRelation("car", "follow", "car"), facts, np.random.default_rng(0))
    assert asked["negatives"] == [{"object": 2, "why": "role_swap", "stratum": "N6"}]


def test_relations_that_are_there_and_that_are_not() -> None:
    rng = np.random.default_rng(1)
    assert all(q["relevant"] for q in related(ROAD, rng, 4))
    [gone] = missing_relations(ROAD, rng, 1)
    assert gone["nothing"]
    assert gone["missing"] == "relation"


# --- writing anew --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = clip("shaking-camera", 1, 8.0)
    place = tmp_path_factory.mktemp("road")
    record(made, place, (960, 540), 5.0, make=BoxRenderer)
    return place


def test_questions_are_written_anew_without_rendering(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "truth.json"
    before = json.loads(path.read_text())
    path.write_text(json.dumps({**before, "queries": []}))
    video = (folder / before["video"]).stat()
    assert main(["questions", str(folder)]) == 0
    after = json.loads(path.read_text())
    assert [q["text"] for q in after["queries"]] == [q["text"] for q in before["queries"]]
    assert [o["id"] for o in after["objects"]] == [o["id"] for o in before["objects"]]
    assert (folder / before["video"]).stat().st_mtime_ns == video.st_mtime_ns
    assert f"{len(after['queries'])} questions" in capsys.readouterr().out


def test_where_a_shaking_camera_looked_lies_beside_its_boxes(folder: Path) -> None:
    views = np.loadtxt(folder / "gt" / "camera.txt", delimiter=",").reshape(-1, 3, 3)
    assert len(views) == 40
    assert np.allclose(views[0], np.eye(3))
    assert np.abs(views[1:] - np.eye(3)).max() > 0.1


def test_another_traffic_is_noticed(folder: Path, tmp_path: Path) -> None:
    truth = json.loads((folder / "truth.json").read_text())
    truth["objects"][0]["colour"] = "transparent"
    (tmp_path / "gt").mkdir()
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    (tmp_path / "gt" / "gt.txt").write_text((folder / "gt" / "gt.txt").read_text())
    with pytest.raises(RetellingError, match="another version"):
        retell(tmp_path)


def test_a_folder_without_a_world_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["questions", str(tmp_path)]) == 1
    assert "no rendered world" in capsys.readouterr().err
