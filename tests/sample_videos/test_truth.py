from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import pytest

from sample_videos.world.facts import Ask, Facts, ObjectFacts
from sample_videos.world.queries import judge, queries
from sample_videos.world.recording import record
from sample_videos.world.scenarios.catalogue import SCENARIOS, clip
from sample_videos.world.scenarios.compose import Clip
from sample_videos.world.scene import Body
from sample_videos.world.truth import gt_lines, truth
from sample_videos.world.truth_relations import relations
from sample_videos.world.truth_seen import Sightings
from tests.sample_videos.box_renderer import BoxRenderer

SIZE = (480, 270)
FPS = 5.0


def _watch(made: Clip) -> Sightings:
    renderer = BoxRenderer(made.stage, made.bodies, (960, 540), made.seed)
    sightings = Sightings(FPS, (960, 540))
    for k in range(round(made.seconds * FPS)):
        shown = renderer.render(made.moment(k / FPS))
        sightings.add(shown.boxes, shown.visibility)
    return sightings


@pytest.fixture(scope="module")
def road() -> Clip:
    return clip("overtaking", 1, 16.0)


@pytest.fixture(scope="module")
def content(road: Clip) -> dict[str, Any]:
    return truth(road, _watch(road), "x.mp4")


def test_the_catalogue_has_the_scenarios_people_ask_for() -> None:
    assert len(SCENARIOS) >= 12
    assert {"crossroads-pair-a", "crossroads-pair-b", "square", "night-junction"} <= set(SCENARIOS)


def test_truth_speaks_of_objects_that_were_seen(content: dict[str, Any]) -> None:
    numbers = {o["id"] for o in content["objects"]}
    assert len(numbers) > 4
    assert content["frames"] == 80
    for one in content["objects"]:
        assert 0 <= one["first_frame"] <= one["last_frame"] < content["frames"]
        assert one["colour"] in one["text"]
        assert one["colours"][0] == one["colour"]
    for event in content["events"]:
        assert event["object"] in numbers
        assert event["t0_s"] <= event["t1_s"]
        assert isinstance(event["visible"], bool)
    json.dumps(content)


def test_questions_have_answers_or_say_that_there_is_none(content: dict[str, Any]) -> None:
    asked = content["queries"]
    assert 8 <= len(asked) <= 40
    texts = [q["text"] for q in asked]
    assert len(set(texts)) == len(texts)
    numbers = {o["id"] for o in content["objects"]}
    for query in asked:
        answers = {r["object"] for r in query["relevant"]}
        assert query["nothing"] == (not answers)
        assert answers <= numbers
        assert not answers & set(query["unjudged"])
        assert not answers & {n["object"] for n in query["negatives"]}
        assert 1 <= query["parts"] <= 4
        for row in query["relevant"]:
            assert 0 <= row["t0_s"] <= row["t1_s"] <= 16.1
        for row in query["negatives"]:
            assert row["why"]
            assert row["stratum"].startswith("N")
    assert any(q["nothing"] for q in asked)


def test_the_planned_overtaking_is_in_the_truth(road: Clip) -> None:
    done = relations(road)
    planned = {(t.body.object_id, t.overtake) for t in road.cast.trips if t.overtake is not None}
    found = {(r.subject, r.object) for r in done if r.kind == "overtake"}
    assert planned & found


def test_boxes_lie_inside_the_frame(road: Clip) -> None:
    lines = gt_lines(road, _watch(road))
    assert lines
    for line in lines:
        frame, number, x, y, w, h, one, kind, visible = (float(v) for v in line.split(","))
        assert 1 <= frame <= 80
        assert number >= 1
        assert one == 1
        assert 1 <= kind <= 8
        assert x >= -0.01
        assert y >= -0.01
        assert x + w <= 960.01
        assert y + h <= 540.01
        assert 0.0 <= visible <= 1.0


def test_two_cameras_see_one_traffic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sample_videos.world.scenarios.compose._ATTEMPTS", 1)
    a, b = clip("crossroads-pair-a", 0, 12.0), clip("crossroads-pair-b", 0, 12.0)
    assert a.bodies == b.bodies
    assert a.stage.seed == b.stage.seed
    assert a.camera.base != b.camera.base
    for number, life in a.run.lives.items():
        assert life.poses == b.run.lives[number].poses


def test_a_recording_plays_and_lies_beside_its_truth(road: Clip, tmp_path: Path) -> None:
    seen: list[int] = []
    done = record(
        road, tmp_path, SIZE, FPS, make=BoxRenderer, progress=lambda k, total: seen.append(k)
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "gt", "overtaking-1.mp4", "seqinfo.ini", "truth.json",
    ]  # fmt: skip
    assert seen[-1] == 80
    with av.open(str(done.video)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == SIZE
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert sum(1 for _ in container.decode(stream)) == 80
    head = done.video.read_bytes()[:65536]
    assert head.find(b"moov") != -1  # the index comes first, so that a browser can start
    assert json.loads(done.truth.read_text())["video"] == done.video.name


def _object(
    kind: str, colour: str, motions: dict[str, list[tuple[float, float]]], **more: Any
) -> ObjectFacts:
    body = Body(more.get("number", 1), kind, more.get("variant", "sedan"), colour, colour, 0)
    return ObjectFacts(
        body, more.get("clear", True), (0.0, 9.0), motions, frozenset(more.get("partly", ()))
    )


def test_a_silver_car_is_no_verdict_on_a_grey_one() -> None:
    ask = Ask("car", "grey")
    assert judge(ask, _object("car", "silver", {}), "day")[0]["colour"] is None
    assert judge(ask, _object("car", "red", {}), "day")[0]["colour"] is False
    assert judge(ask, _object("car", "black", {}), "night")[0]["colour"] is None


def test_class_colour_and_motion_must_hold_for_one_object() -> None:
    left, right = [(1.0, 4.0)], [(2.0, 5.0)]
    objects = (
        _object("car", "red", {"turn_left": left}, number=1),
        _object("car", "red", {"turn_right": right}, number=2),
        _object("car", "red", {"parked": [(0.0, 9.0)]}, number=3),
        _object("car", "blue", {"turn_left": left}, number=4),
        _object("van", "red", {"turn_left": left}, number=5, variant="panel"),
        _object("car", "red", {}, number=6, partly=("turn_left",)),
        _object("car", "red", {"turn_left": left}, number=7, clear=False),
    )
    facts = Facts(objects, (), "crossroads", "day", 9.0)
    query = next(
        q for q in queries(facts, 0)
        if q["asked"].get("colour") == "red" and q["asked"].get("motion") == "turn_left"
        and q["asked"]["type"] == "car"
    )  # fmt: skip
    assert query["relevant"] == [{"object": 1, "t0_s": 1.0, "t1_s": 4.0}]
    why = {n["object"]: n["why"] for n in query["negatives"]}
    assert why == {2: "mirrored_turn", 3: "parked", 4: "other_colour", 5: "other_class"}
    assert query["unjudged"] == [6, 7]
    assert query["parts"] == 3
