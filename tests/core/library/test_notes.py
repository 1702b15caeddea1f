"""Verdicts of people: on the whole and on parts, replaced, withdrawn, and from older catalogs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.library import catalog
from core.library.catalog import CATALOG_NAME, SCHEMA_VERSION, Catalog
from core.library.notes import Notes


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    return Notes(Catalog(tmp_path / CATALOG_NAME))


def test_a_verdict_on_parts_comes_back(notes: Notes) -> None:
    parts = {"car": True, "turning left": False}
    notes.judge("car turning left", "v", 3, 1.0, 2.5, relevant=False, parts=parts)
    (told,) = notes.judgements("car turning left")

    assert (told.video_id, told.track_id, told.t0_s, told.t1_s) == ("v", 3, 1.0, 2.5)
    assert not told.relevant
    assert told.parts == parts


def test_a_later_verdict_replaces_the_parts_too(notes: Notes) -> None:
    notes.judge("car", "v", 3, 0.0, 1.0, relevant=False, parts={"car": False})
    notes.judge("car", "v", 3, 0.0, 1.0, relevant=True)

    (told,) = notes.judgements()
    assert told.relevant
    assert told.parts == {}


def test_withdrawing_says_whether_there_was_one(notes: Notes) -> None:
    notes.judge("car", "v", 3, 0.0, 1.0, relevant=True)

    assert not notes.withdraw_judgement("car", "v", 4)
    assert notes.withdraw_judgement("car", "v", 3)
    assert not notes.withdraw_judgement("car", "v", 3)
    assert notes.judgements() == []


def test_verdicts_of_an_older_catalog_speak_of_the_whole(tmp_path: Path) -> None:
    path = tmp_path / CATALOG_NAME
    with closing(sqlite3.connect(path)) as old:
        for step in catalog._STEPS[:3]:
            old.executescript(step)
        old.execute("PRAGMA user_version = 3")
        old.execute("INSERT INTO judgements VALUES ('red car', 'v', 1, 0.0, 1.0, 1, 5.0)")
        old.commit()

    upgraded = Catalog(path)
    (told,) = Notes(upgraded).judgements("red car")
    assert (told.track_id, told.relevant, told.at, told.parts) == (1, True, 5.0, {})
    assert upgraded.rows("PRAGMA user_version") == [(SCHEMA_VERSION,)]
