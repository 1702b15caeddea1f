"""The judge of parsed sentences, on sentences whose parts are plain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.parsing import figures, judge, main

TAXI: dict[str, Any] = {
    "text": "a red lorry turning left",
    "style": "plain",
    "easy": True,
    "gold": {"classes": ["truck"], "colours": ["red"], "events": ["turn_left"]},
}


def with_gold(text: str, **gold: Any) -> dict[str, Any]:
    return {"text": text, "gold": gold}


@pytest.mark.parametrize(
    "entry",
    [
        TAXI,
        with_gold("lorry", classes=["lorry"]),
        with_gold("car overtaken by a white bus", classes=["car"], relations=[
            {"kind": "overtake", "role": "object",
             "other": {"classes": ["bus"], "colours": ["white"]}, "negated": False}]),
        with_gold("two dogs", classes=["dog"], count=2),
        with_gold("person in a blue jacket", classes=["person"], wears=[["blue", "jacket"]]),
        with_gold("van that stops and then drives off", classes=["van"],
                  events=["stop", "start"], order="then"),
        with_gold("bus not turning right", classes=["bus"], not_events=["turn_right"]),
        with_gold("car that is not red", classes=["car"], not_colours=["red"]),
        with_gold("car after 0:10", classes=["car"], after_s=10),
    ],
)  # fmt: skip
def test_a_sentence_read_rightly_has_nothing_wrong(entry: dict[str, Any]) -> None:
    assert judge(entry).wrong == {}


def test_what_is_wrong_is_named_by_slot() -> None:
    verdict = judge({**TAXI, "gold": {"classes": ["car"], "colours": ["red"], "scene": True}})
    assert set(verdict.wrong) == {"classes", "events", "scene"}
    assert verdict.wrong["classes"] == (["car"], ["truck"])


def test_another_reading_may_be_as_right() -> None:
    entry = {**TAXI, "gold": {"classes": ["truck"], "colours": ["red"]}}
    assert "events" in judge(entry).wrong
    assert not judge({**entry, "accept": {"events": [["turn_left"], ["turn"]]}}).wrong


def test_slots_are_counted_where_they_are_and_where_they_are_invented() -> None:
    other = {**TAXI, "gold": {"classes": ["truck"], "colours": ["blue"]}}
    data = figures([judge(TAXI), judge(other)])
    assert data["exact"] == 0.5
    assert data["slots"]["colours"] == {"n": 2, "right": 0.5, "invented": 0}
    assert data["slots"]["events"] == {"n": 1, "right": 1.0, "invented": 1}
    assert data["slots"]["count"]["right"] is None


def test_the_table_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sentences.jsonl"
    file.write_text(json.dumps(TAXI) + "\n")
    assert main([str(file)]) == 0
    assert "1.000 read exactly" in capsys.readouterr().out
    file.write_text("no json")
    assert main([str(file)]) == 2
