from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import LibraryError
from dashboard import services as module
from dashboard.services import EXAMPLES
from tests.dashboard.fakes import DamagedBackend, record


def html(app: AppTest) -> str:
    return "\n".join(block.proto.body for block in app.get("html"))


def cards(app: AppTest, key: str) -> list[dict]:
    return json.loads(app.get_by_key(key).proto.json)["cards"]


def test_an_empty_library_says_what_to_do(app, place):
    app.run()
    assert not app.exception
    assert "No videos to search yet" in html(app)
    assert "vidtrail add" in html(app)
    assert not app.text_input


def test_a_damaged_library_is_a_sentence(app, place, monkeypatch):
    damaged = DamagedBackend(place)
    monkeypatch.setattr(module, "open_backend", lambda _place: damaged)
    app.run()
    assert not app.exception
    assert "The catalog is damaged" in app.error[0].value


def test_a_library_that_cannot_be_opened_is_tried_again(app, backend, monkeypatch):
    def refuse(_place):
        raise LibraryError("The catalog is in use by another process: try again in a moment.")

    with monkeypatch.context() as patch:
        patch.setattr(module, "open_backend", refuse)
        app.run()
        assert "in use by another process" in app.error[0].value
    app.run()
    assert not app.error
    assert app.text_input(key="q")


def test_the_first_visit_shows_the_videos_and_examples(app, backend):
    app.run()
    assert not app.exception
    assert [button.label for button in app.button] == list(EXAMPLES)
    assert "2 videos · 0:12 · 14 objects followed" in html(app)
    assert "/api/videos/a1/poster.jpg" in html(app)
    assert backend.asked == []


def test_names_of_files_are_text_not_markup(app, backend):
    app.run()
    assert "junction &lt;b&gt;.mp4" in html(app)
    assert "junction <b>" not in html(app)


def test_an_example_is_asked_and_stands_in_the_address(app, backend):
    app.run()
    app.button[0].click().run()
    assert backend.asked == [EXAMPLES[0]]
    assert app.text_input(key="q").value == EXAMPLES[0]
    assert app.query_params["q"] == EXAMPLES[0]


def test_a_question_in_the_address_is_answered(app, backend):
    app.query_params["q"] = "red car turning left"
    app.run()
    assert not app.exception
    first = cards(app, "found")[0]
    assert (first["video"], first["span"]) == ("junction <b>.mp4", "0:04.0 – 0:05.6")
    assert first["source"] == "/api/videos/a1#t=4.000,5.600"
    assert first["picture"] == "/api/crops/a1/1.jpg"
    assert [(p["label"], p["level"]) for p in first["parts"]] == [
        ("car", "yes"),
        ("red", "yes"),
        ("turning left", "yes"),
    ]
    assert "2 moments" in html(app)
    for word in ("car", "red", "turning left"):
        assert f'<li class="vt-chip">{word}</li>' in html(app)


def test_near_misses_show_the_part_that_fails(app, backend):
    app.query_params["q"] = "red car turning left"
    app.run()
    levels = [[p["level"] for p in card["parts"]] for card in cards(app, "near")]
    assert levels == [["yes", "yes", "no"], ["yes", "no", "yes"]]


def test_nothing_found_shows_how_far_it_came(app, backend):
    app.query_params["q"] = "purple bus"
    app.run()
    assert "Nothing found" in html(app)
    assert "objects <b>14</b>" in html(app)
    assert "purple <b>0</b>" in html(app)
    assert "1 object fits all but “purple”: 1 blue." in html(app)
    assert len(cards(app, "near")) == 1


def test_words_that_were_not_understood_are_named(app, backend):
    app.query_params["q"] = "red car gracefully turning left"
    app.run()
    assert "“gracefully”" in app.caption[0].value


def test_parts_that_nothing_measures_are_named(app, backend):
    app.query_params["q"] = "red car turning left at the kerb"
    app.run()
    assert "“at the kerb”" in app.caption[0].value


def test_a_question_that_cannot_be_asked_is_a_sentence(app, backend):
    app.query_params["q"] = "bicycle bell"
    app.run()
    assert not app.exception
    assert app.error[0].value.startswith("There is nothing to look for")


def test_videos_that_cannot_be_searched_say_why(app, backend, place):
    backend.records.append(record("c3", place / "torn.mp4", state="damaged", error="Cut off."))
    backend.records.append(record("d4", place / "long.mp4", state="interrupted"))
    app.run()
    assert app.expander[0].label == "2 videos cannot be searched"
    assert "Cut off." in html(app)
    assert "`vidtrail add` continues" in html(app)
    assert "2 videos · 0:12" in html(app)


@pytest.mark.parametrize("blank", ["", "   "])
def test_a_blank_question_asks_nothing(app, backend, blank):
    app.query_params["q"] = blank
    app.run()
    assert not app.exception
    assert backend.asked == []
