"""The evaluation itself, on a made-up library whose truth is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.evaluate.report import report_lines
from core.evaluate.retrieval import evaluate
from core.evaluate.truth import Boxes, Question, Relevant, World
from core.library.library import Library
from core.search.engine import Engine
from tests.core.search.collection import Obj, WordEncoder, collection

LEFT = ("turn_left", 2.0, 4.0, 0.95)
RIGHT = ("turn_right", 2.0, 4.0, 0.95)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    objects = [
        Obj("car", "red", (LEFT,)),
        Obj("car", "red", (RIGHT,)),
        Obj("car", "blue", (LEFT,)),
        Obj("bus", "green"),
    ]
    return collection(tmp_path / "library", clip=objects)


def world(library: Library, *questions: Question) -> World:
    """Truth in which object 10 + k has the boxes of track k."""
    paths = {k: library.shard("clip").path_of(k) for k in (1, 2, 3, 4)}
    boxes = {10 + k: Boxes(path.frame, path.xyxy) for k, path in paths.items()}
    return World("clip", Path("clip.mp4"), boxes, questions)


def question(text: str, *right: int, wrong: tuple[tuple[int, str], ...] = (),
             unjudged: tuple[int, ...] = (), stratum: str = "motion") -> Question:  # fmt: skip
    relevant = tuple(Relevant(number, 2.0, 4.0) for number in right)
    return Question(text, 2, stratum, relevant, wrong, frozenset(unjudged), not right)


def test_a_right_answer_is_recognised_by_its_boxes(library: Library) -> None:
    engine = Engine(library, WordEncoder())
    report = evaluate(engine, [(world(library, question("red car turning left", 11)), "clip")])
    data = report.data()
    assert data["full"]["R@1"] == 1.0
    assert data["reachable"] == 1.0
    assert data["full"]["tIoU"] == pytest.approx(0.5)  # the moment is padded by a second


def test_an_object_without_a_track_is_out_of_reach(library: Library) -> None:
    far = Boxes(np.arange(900, 950, dtype=np.int32), np.zeros((50, 4), np.float32))
    truth = World("clip", Path("clip.mp4"), {5: far}, (question("red car turning left", 5),))
    data = evaluate(Engine(library, WordEncoder()), [(truth, "clip")]).data()
    assert data["full"]["MRR"] == 0.0
    assert data["reachable"] == 0.0


def test_nothing_is_judged_on_its_own(library: Library) -> None:
    asked = [question("purple bus"), question("green bus"), question("red car turning left", 11)]
    data = evaluate(Engine(library, WordEncoder()), [(world(library, *asked), "clip")]).data()
    assert data["nothing"]["n"] == 2
    assert data["nothing"]["answered_with_nothing"] == 0.5
    assert data["nothing"]["wrongly_nothing"] == 0.0
    assert data["full"]["n"] == 1


def test_unjudged_objects_are_skipped(library: Library) -> None:
    strict = question("red car turning left", 12)
    lenient = question("red car turning left", 12, unjudged=(11,))
    truth = world(library, strict, lenient)
    data = evaluate(Engine(library, WordEncoder()), [(truth, "clip")]).data()
    assert [query["rank"] for query in data["queries"]] == [2, 1]


def test_wrong_objects_should_score_below_the_right_one(library: Library) -> None:
    asked = question("red car turning left", 11, wrong=((12, "N4"), (13, "N2"), (99, "N9")))
    data = evaluate(Engine(library, WordEncoder()), [(world(library, asked), "clip")]).data()
    assert {name: figures["rate"] for name, figures in data["strata"].items()} == {
        "N2": 1.0,
        "N4": 1.0,
        "N9": 1.0,
    }


def test_the_report_is_readable(library: Library) -> None:
    asked = [question("purple bus"), question("green bus"), question("blue car turning left", 11)]
    report = evaluate(Engine(library, WordEncoder()), [(world(library, *asked), "clip")])
    text = "\n".join(report_lines(report.data()))
    assert "all questions" in text
    assert "should be nothing" in text
    assert "stratum motion" in text
