"""A selection as a question, the rest of a label in a library, and many tracks as one object."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import IdentityError, QueryError
from core.explore.asking import MOST_SHOWN, like_any, moves_like
from core.explore.features import Features, looks_of, moves_of
from core.explore.rest import (
    label_question,
    labelled_rest,
    labelled_rows,
    ref_of,
    reject,
    rejected_rows,
)
from core.identity.identities import Identities
from core.identity.joining import join, part
from core.language.parser import parse
from core.language.query import Query
from core.language.sketches import parse_points
from core.library.notes import TrackRef
from core.search.engine import Engine
from tests.core.search.collection import Obj, WordEncoder, collection

RIGHT = ((0.1, 0.5), (0.9, 0.5))
REDS = (1, 2, 3, 4, 5, 6)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """Six red cars that go to the right and ten of other colours that stand; two more elsewhere."""
    shades = ("blue", "white", "green", "black", "grey")
    going = [Obj("car", "red", way=RIGHT) for _ in REDS]
    standing = [Obj("car", shade) for shade in shades * 2]
    return Engine(
        collection(
            tmp_path / "library",
            one=[*going, *standing],
            two=[Obj("car", "red", t1_s=4.0), Obj("van", "blue")],
        ),
        WordEncoder(),
    )


def found(engine: Engine, question: str | Query) -> set[int]:
    """Tracks that answer; those that lie on one another are one answer and named in it."""
    results = engine.search(question).results
    return {track for m in results if m.matches for track in (m.track_ids[0], *m.also)}


def looks(engine: Engine) -> Features:
    return looks_of(engine.columns, engine.index)


def test_likeness_to_a_selection_names_a_few_of_it(engine: Engine) -> None:
    part_of = like_any(engine.columns, looks(engine), np.arange(6))
    assert len(part_of.tracks) == MOST_SHOWN
    assert {shown.track_id for shown in part_of.tracks} <= set(REDS)
    results = engine.search(str(part_of)).results
    assert {(m.video_id, m.track_ids[0]) for m in results if m.matches} >= {("two", 1)}
    unknown = Features(looks(engine).vectors, np.zeros(len(engine.columns), np.bool_))
    with pytest.raises(QueryError, match="has a picture"):
        like_any(engine.columns, unknown, np.arange(6))


def test_the_path_of_a_selection_finds_what_takes_it(engine: Engine) -> None:
    columns, paths = engine.columns, engine.paths()
    path = moves_like(columns, paths, moves_of(columns, paths), np.arange(len(columns)))
    (first_x, first_y), (last_x, last_y) = path.points[0], path.points[-1]
    assert (first_x, last_x) == pytest.approx((0.1, 0.9), abs=0.03)
    assert (first_y, last_y) == pytest.approx((0.5, 0.5), abs=0.03)
    assert parse_points(str(path).removeprefix("path[").removesuffix("]")) == path.points
    assert found(engine, str(path)) == set(REDS)
    with pytest.raises(QueryError, match="went anywhere"):
        moves_like(columns, paths, moves_of(columns, paths), np.arange(6, 16))


def test_a_label_finds_its_rest_and_what_is_turned_down_stays_so(engine: Engine) -> None:
    library, columns = engine.library, engine.columns
    library.notes.label_all([TrackRef("one", track) for track in (1, 2, 3)], "night shift")
    assert labelled_rows(columns, library, "night shift").tolist() == [0, 1, 2]
    question = parse(label_question("night shift"))
    assert found(engine, question) == {1, 2, 3}
    rest = labelled_rest(columns, library, looks(engine), "night shift")
    best = {str(ref_of(columns, row)) for row in [*rest.rows, *rest.next_rows][:4]}
    assert best == {"one:4", "one:5", "one:6", "two:1"}
    reject(columns, library, 3, "night shift")
    assert rejected_rows(columns, library, "night shift").tolist() == [3]
    after = labelled_rest(columns, library, looks(engine), "night shift")
    assert 3 not in [*after.rows, *after.next_rows]
    assert found(engine, question) == {1, 2, 3}
    library.exclusions.add({"one": [5]})
    out = labelled_rest(columns, library, looks(engine), "night shift")
    assert 4 not in [*out.rows, *out.next_rows]


def test_labels_for_many_tell_what_changed(engine: Engine) -> None:
    notes = engine.library.notes
    assert notes.label_all([TrackRef("one", 1), TrackRef("one", 2)], "mine")
    fresh = notes.label_all([TrackRef("one", 2), TrackRef("two", 1), TrackRef("two", 1)], "mine")
    assert fresh == [TrackRef("two", 1)]
    gone = notes.unlabel_all([TrackRef("one", 9), TrackRef("two", 1)], "mine")
    assert gone == [TrackRef("two", 1)]
    assert [(each.video_id, each.track_id) for each in notes.labels()] == [("one", 1), ("one", 2)]


def test_joining_is_all_or_nothing(tmp_path: Path) -> None:
    library = collection(
        tmp_path / "library",
        one=[Obj(t1_s=3.0), Obj(t0_s=5.0, t1_s=8.0), Obj(t1_s=3.0)],
        two=[Obj(), Obj()],
        three=[Obj()],
    )
    identities = Identities(library)
    made = join(identities, [TrackRef("one", 1), TrackRef("one", 2), TrackRef("three", 1)])
    assert [change.edit.kind for change in made] == ["merge", "same"]
    members = identities.identity_of(TrackRef("one", 2)).members
    assert [str(ref) for ref in members] == ["one:1", "three:1"]
    with pytest.raises(IdentityError, match="already"):
        join(identities, members)
    part(identities, made)
    assert identities.identities() == ()
    before = library.notes.identity_edits()
    # Two of the second video are seen at one time: what could be joined before them is not either.
    with pytest.raises(IdentityError, match="both are seen"):
        join(
            identities,
            [TrackRef("one", 1), TrackRef("one", 2), TrackRef("two", 1), TrackRef("two", 2)],
        )
    assert library.notes.identity_edits() == before
    with pytest.raises(IdentityError, match="two objects"):
        join(identities, [TrackRef("one", 1)])
