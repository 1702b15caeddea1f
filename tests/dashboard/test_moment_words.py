from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from core.search.answer import Evidence, Moment
from dashboard import moment_words
from dashboard.moment_words import moment_view


def moment(*parts: Evidence, tracks: tuple[int, ...] = (3,), **more) -> Moment:
    return Moment("v1", "a.mp4", tracks, 1.0, 2.0, 0.9, parts, matches=True, **more)


def view(*parts: Evidence, **more):
    return moment_view(moment(*parts, **more), lambda *_: 5)


def asked(address: str | None) -> dict[str, str]:
    assert address is not None
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


CAR = Evidence("car", "class", 1.0, "seen as car", percentile=0.9)


@pytest.mark.parametrize(
    ("part", "kind", "p", "percentile", "said"),
    [
        ("red", "colour", 0.98, 0.979, "redder than 97 % of cars here"),
        ("yellow", "colour", 0.98, 0.8, "more yellow than 80 % of cars here"),
        ("not red", "colour", 0.98, 0.8, "fits better than 80 % of cars here"),
        ("turning left", "event", 0.9, 0.91, "fits better than 91 % of cars here"),
        ("red", "colour", 0.98, 0.49, ""),  # half of them are redder
        ("red", "colour", 0.3, 0.97, ""),  # it is not red at all
        ("car", "class", 1.0, 0.97, ""),
    ],
)
def test_where_it_stands_among_the_others(part, kind, p, percentile, said):
    evidence = Evidence(part, kind, p, "", percentile=percentile)
    assert view(CAR, evidence).parts[1].standing == said


def test_a_share_of_people_is_of_people():
    parts = Evidence("person", "class", 1.0, ""), Evidence("red", "colour", 0.9, "", percentile=0.6)
    assert view(*parts).parts[1].standing == "redder than 60 % of people here"


def test_nothing_is_compared_that_a_person_said():
    said = Evidence("red", "colour", 1.0, "", percentile=0.99, said=True)
    assert view(CAR, said).parts[1].standing == ""


def test_a_motion_is_proved_by_its_path():
    proof = {"event": "turn_left", "t0_s": 1.25, "t1_s": 2.5, "points": [[0, 0]]}
    part = view(Evidence("turning left", "event", 0.9, "turning left 84°", proof)).parts[0]
    assert urlsplit(part.proof).path == "/api/proofs/path/v1.jpg"
    assert asked(part.proof) == {"o": "3", "t0": "1.250", "t1": "2.500", "e": "turn_left"}
    assert part.proof_alt == "Its path drawn on the picture: turning left 84°"
    assert (part.span.t0_s, part.span.t1_s, part.span.text) == (1.25, 2.5, "0:01.2 – 0:02.5")


def test_a_relation_is_proved_by_both_paths_and_names_the_other():
    proof = {"t0_s": 1.0, "t1_s": 2.0, "others": [{"track_id": 8, "class_name": "truck"}]}
    other = Evidence("truck", "class", 1.0, "", {"crop_id": 4})
    part = Evidence("following a truck", "relation", 0.9, "truck #8", proof, other=(other,))
    whole = view(CAR, part, tracks=(3, 8))
    assert asked(whole.parts[1].proof)["with"] == "8"
    assert [each.name for each in whole.objects] == ["car #3", "truck #8"]
    assert [nested.label for nested in whole.parts[1].other] == ["truck"]
    assert asked(whole.parts[1].other[0].proof) == {"c": "4"}


def test_a_look_is_proved_by_its_crop_even_in_another_video():
    part = Evidence("red", "colour", 0.9, "looks red", {"crop_id": 7, "video_id": "v2"})
    assert view(part).parts[0].proof == "/api/proofs/crop/v2.jpg?c=7"


def test_what_was_drawn_is_drawn_on_its_proof():
    proof = {"t0_s": 1.0, "t1_s": 2.0}
    part = Evidence("crosses line[0.5,0.1 0.5,0.9]", "zone", 0.9, "crosses it", proof)
    assert asked(view(part).parts[0].proof)["z"] == part.part


def test_several_at_a_time_are_shown_together():
    others = [{"track_id": k, "class_name": "car", "t0_s": 2.0, "t1_s": 4.0} for k in (8, 9)]
    part = Evidence("3 at the same time", "count", 0.9, "with #8, #9", {"others": others})
    told = view(part, tracks=(3, 8, 9)).parts[0]
    assert urlsplit(told.proof).path == "/api/proofs/group/v1.jpg"
    assert asked(told.proof) == {"o": "3", "with": "8,9", "t": "3.000"}


def test_nothing_is_drawn_where_there_is_nothing():
    nobody = Evidence("following a truck", "relation", 0.05, "nobody", known=False, reason="brief")
    part = view(nobody).parts[0]
    assert (part.proof, part.span, part.level, part.reason) == (None, None, "unknown", "brief")


def test_a_scene_is_shown_by_its_middle():
    scene = Evidence("street", "scene", 0.9, "", {"scene_id": 1, "t0_s": 2.0, "t1_s": 4.0})
    whole = view(scene, tracks=())
    assert whole.still == "/api/proofs/scene/v1.jpg?t=3.000"
    assert whole.parts[0].proof == whole.still
    assert (whole.boxes, whole.clip_drawn, whole.objects) == (None, "", ())


def test_further_spans_and_tracks_are_listed():
    whole = view(CAR, also=(12,), again=((5.0, 6.5),))
    assert [each.name for each in whole.also] == ["#12"]
    assert whole.also[0].watch == "/watch?v=v1&o=12"
    assert [span.text for span in whole.again] == ["0:05.0 – 0:06.5"]


def test_a_moment_has_its_files_and_its_page():
    whole = view(CAR)
    assert whole.watch == "/watch?v=v1&t=1.00&o=3"
    assert asked(whole.clip) == {"v": "v1", "o": "3", "t0": "1.000", "t1": "2.000"}
    assert asked(whole.clip_drawn) == {**asked(whole.clip), "drawn": "1"}
    assert asked(whole.boxes) == {"t0": "0.000", "t1": "3.000"}


def test_parts_that_were_drawn_have_a_name_for_people():
    spoken = {
        "like picture[3a01]": "like the picture",
        "like[3f2a:12]": "like the object chosen",
        "path[0.1,0.8 0.45,0.55]": "along the drawn path",
        "enters zone[0,0 1,0 1,1]": "enters a drawn zone",
        "crosses line<>@ab12[0.2,0.2 0.8,0.2]": "crosses a drawn line",
        "stops in zone[yard]": "stops in zone yard",
        "turning left": "",
    }
    assert {part: moment_words._spoken(part) for part in spoken} == spoken
