"""What people read: near misses by the part that failed, what was said, what would be found."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.search.engine import Engine
from core.search.wording import answer_lines
from tests.core.search.collection import Obj, Rel, WordEncoder, collection, put

LEFT = ("turn_left", 2.0, 4.0, 0.95)
RIGHT = ("turn_right", 2.0, 4.0, 0.95)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    library = collection(
        tmp_path / "library",
        gate=[
            Obj("car", "red", (RIGHT,), numbers={"degrees": 69.0}),
            Obj("car", "red", (RIGHT,)),
            Obj("car", "blue", (LEFT,)),
            Obj("van", "white"),
        ],
    )
    return Engine(library, WordEncoder())


def told(engine: Engine, text: str, *, explain: bool = False) -> str:
    return "\n".join(answer_lines(engine.search(text), explain=explain))


def test_near_misses_stand_under_the_part_that_failed(engine: Engine) -> None:
    said = told(engine, "red car turning left")
    turn = said.index("All but “turning left”: 2 (instead: turning right 2)")
    red = said.index("All but “red”: 1 (instead: blue 1)")
    assert said.index("#1", turn) < said.index("#3", red)
    assert "turning right 69°" in said
    assert "without “turning left”: 2 would match" in said


def test_an_unsure_answer_shows_what_it_stands_on(engine: Engine) -> None:
    unsure = Obj("car", "red", (("turn_left", 12.0, 14.0, 0.25), RIGHT), numbers={"degrees": 42.0})
    put(engine.library, "yard", [unsure])
    answer = told(engine, "red car turning left").split("All but")[0]
    assert "0:11.0 – 0:15.0" in answer
    assert "✓ red" in answer
    assert "? turning left 0.25 (turning left 42°, 0:12.0 to 0:14.0)" in answer


def test_what_was_said_is_marked(engine: Engine) -> None:
    query = "red car turning left"
    engine.library.notes.judge(
        query, "gate", 1, 0.0, 9.0, relevant=False, parts={"turning left": True, "red": False}
    )
    said = told(engine, query)
    assert "✓ turning left 1.00 (you said so)" in said
    assert "✗ red 0.00 (you said it is not)" in said


def test_the_explanation_has_the_other_object_and_the_frames(engine: Engine) -> None:
    put(
        engine.library,
        "yard",
        [Obj("car", "red"), Obj("bus", "blue")],
        [Rel("follow", 1, 2, 2.0, 6.0)],
    )
    said = told(engine, "car following a bus", explain=True)
    assert "bus #2, 0:02.0 to 0:06.0" in said
    assert "bus: seen as bus 100%" in said
    assert "frames " in said
    assert "crop 0 at 0:00.0" in said
