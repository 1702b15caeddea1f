"""Videos indexed before something could be measured, and what was watched too briefly."""

import json

import numpy as np
import pytest

from core.language.query import EventPart, Query, RelationPart, Target
from core.library.description import MEASURES
from core.library.library import Library
from core.library.meta import META_NAME
from core.motion.events import KINDS as EVENTS
from core.motion.relations import KINDS as RELATIONS
from core.search.columns import read_columns
from core.search.companions import relation_score
from core.search.happenings import event_scores
from tests.core.search.collection import Obj, Rel, put


def measures_all(library: Library, video_id: str) -> None:
    """As if this version had indexed the video."""
    path = library.shard_folder(video_id) / META_NAME
    about = json.loads(path.read_bytes())
    about["measures"] = list(MEASURES)
    path.write_text(json.dumps(about))
    with library.writing():
        library.adopt(video_id)


@pytest.fixture
def library(tmp_path):
    """`old` was indexed before anything looked for crossing, `new` after that."""
    with Library.open(tmp_path) as opened:
        put(opened, "old", [Obj("person"), Obj("person", motion_known=False)])
        put(opened, "new", [Obj("person"), Obj("person", events=(("cross", 1.0, 3.0, 0.9),))])
        measures_all(opened, "new")
        yield opened


def score(library, kind, *, negated=False):
    return event_scores(read_columns(library), Query(events=(EventPart(kind, negated=negated),)))[0]


def test_what_was_not_looked_for_is_unknown_and_not_absent(library):
    part = score(library, "cross")
    assert part.tested
    assert part.known.tolist() == [False, False, True, True]
    assert part.unmeasured.tolist() == [True, True, False, False]
    assert part.p[3] > 0.8
    assert part.p[2] < 0.1 < part.p[0] < 0.5


def test_what_was_not_looked_for_is_no_proof_that_it_did_not_happen(library):
    part = score(library, "cross", negated=True)
    assert (part.p[:2] < 0.5).all()
    assert part.p[2] > 0.9
    assert part.p[3] < 0.2


def test_kinds_of_the_first_formats_are_known_in_old_videos(library):
    part = score(library, "turn_left")
    assert part.known.tolist() == [True, False, True, True]
    assert not part.unmeasured[0]


def test_where_no_video_was_looked_at_for_it_the_part_is_untested(tmp_path):
    with Library.open(tmp_path) as opened:
        put(opened, "old", [Obj("person")])
        assert not score(opened, "loiter").tested
        columns = read_columns(opened)
        company = relation_score(columns, RelationPart("meet"), np.ones(1, np.float32))
        assert not company.tested


def test_every_kind_that_can_be_told_is_said_to_be_measured():
    assert set(MEASURES) == {*EVENTS, *RELATIONS}
    assert len(EVENTS) + len(RELATIONS) == len(MEASURES)


def test_absence_needs_somebody_to_have_watched(tmp_path):
    with Library.open(tmp_path) as opened:
        put(opened, "v", [Obj(t1_s=9.0), Obj(t1_s=1.0), Obj()], [Rel("follow", 3, 1, 1.0, 4.0)])
        columns = read_columns(opened)
        part = RelationPart("follow", "object", negated=True)
        alone = relation_score(columns, part, np.ones(3, np.float32))
    assert alone.p[0] < 0.2  # the third follows it
    assert alone.p[1] < 0.5  # seen for a second only
    assert not alone.known[1]
    assert alone.p[2] > 0.9


def test_between_two_takes_either_of_them_first(tmp_path):
    objects = [Obj("person"), Obj("car"), Obj("bus"), Obj("car")]
    with Library.open(tmp_path) as opened:
        put(opened, "v", objects, [Rel("between", 1, 2, 1.0, 4.0, third=3)])
        columns = read_columns(opened)
    car = np.array([0.0, 1.0, 0.0, 1.0], np.float32)
    bus = np.array([0.0, 0.0, 1.0, 0.0], np.float32)
    part = RelationPart("between", other=Target(("car",)), third=Target(("bus",)))
    for first, second, other in ((car, bus, 1), (bus, car, 2)):
        found = relation_score(columns, part, first, second)
        assert found.p[0] > 0.8
        assert found.detail.other[0] == other
    assert relation_score(columns, part, car).p[0] < 0.1  # there are not two cars


def test_what_holds_for_both_is_found_from_either_side(tmp_path):
    with Library.open(tmp_path) as opened:
        put(opened, "v", [Obj(), Obj(), Obj()], [Rel("meet", 1, 2, 1.0, 4.0)])
        columns = read_columns(opened)
    found = relation_score(columns, RelationPart("meet"), np.ones(3, np.float32))
    assert (found.p[:2] > 0.8).all()
    assert found.p[2] < 0.1
