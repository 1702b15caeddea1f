"""What the search page asks for, over a real library of two sample videos."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import QueryError
from core.identity.identities import Identities
from core.library.library import Library
from core.library.notes import TrackRef
from core.search.filters import Filters
from dashboard import editing, filtering, saved, verdicts
from dashboard.address import Asked
from dashboard.answers import A_PAGE, answered, query_of
from dashboard.search_desk import example_views, id_of, judge, moment_of, page_view, search_view
from dashboard.search_views import ChipView
from dashboard.views import MomentView

QUESTION = Asked("red car turning left")
NOTHING = Asked("purple truck turning left")


def found(asked: Asked) -> list[MomentView]:
    return [card for group in search_view(asked).groups for card in group.cards]


def chip(asked: Asked, label: str) -> ChipView:
    return next(chip for chip in page_view(asked).question.chips if chip.label == label)


# --- answers -------------------------------------------------------------------------------------


def test_an_answer_is_counted_drawn_and_told(filled: Library):
    view = search_view(QUESTION)
    assert view.error is None
    assert view.count == len(found(QUESTION)) >= 1
    assert [step.label for step in view.funnel] == ["objects", "car", "red", "turning left"]
    assert [step.chip for step in view.funnel] == [-1, 0, 1, 2]
    counts = [step.count for step in view.funnel]
    assert counts == sorted(counts, reverse=True)
    assert view.title == ("1 moment" if view.count == 1 else f"{view.count} moments")
    assert view.took.endswith("ms")
    assert not {card.id for card in view.closest} & {card.id for card in found(QUESTION)}
    assert not any(card.matches for card in view.closest)


def test_the_same_answer_is_searched_once(filled: Library, monkeypatch: pytest.MonkeyPatch):
    asked = []
    from core.search.engine import Engine

    plain = Engine.search
    monkeypatch.setattr(Engine, "search", lambda *a, **k: asked.append(1) or plain(*a, **k))
    for sort in ("score", "time", "video"):
        search_view(QUESTION.anew(sort=sort))
    search_view(QUESTION.anew(group="video"))
    assert len(asked) == 1
    filled.notes.add_label("nobody", 1, "anything")
    search_view(QUESTION)
    assert len(asked) == 2


def test_nothing_found_says_what_leaving_out_a_part_would_find(filled: Library):
    view = search_view(NOTHING)
    assert (view.title, view.count, view.groups) == ("Nothing found", 0, ())
    for relax in view.relax:
        without = editing.without(NOTHING, relax.chip)
        assert relax.label not in without.words
        assert search_view(without).count == relax.count


@pytest.mark.parametrize("sort", ["score", "time"])
def test_a_moment_stands_on_one_page(filled: Library, sort):
    view = search_view(Asked("object moving", sort=sort))
    assert view.pages > 1
    asked = [Asked("object moving", sort=sort, page=n + 1) for n in range(view.pages)]
    # Before all is known the number of pages is an estimate: beyond the last one stands the last.
    pages = {search_view(one).asked.page: found(one) for one in asked}
    assert list(pages) == list(range(1, len(pages) + 1))
    assert view.pages - 1 <= len(pages) <= view.pages
    assert all(len(pages[n]) == A_PAGE for n in range(1, len(pages)))
    ids = [card.id for page in pages.values() for card in page]
    assert len(set(ids)) == len(ids)
    beyond = search_view(Asked("object moving", sort=sort, page=999))
    assert beyond.asked.page == beyond.pages == len(pages)


def test_order_by_time_and_by_video(filled: Library):
    by_time = found(Asked("moving", sort="time"))
    assert [card.t0_s for card in by_time] == sorted(card.t0_s for card in by_time)
    by_video = found(Asked("moving", sort="video"))
    assert [card.video for card in by_video] == sorted(card.video for card in by_video)


def test_groups_by_video_and_by_object(filled: Library):
    view = search_view(Asked("car", group="video"))
    assert [group.title for group in view.groups] == sorted(
        {card.video for group in view.groups for card in group.cards},
        key=[group.title for group in view.groups].index,
    )
    cars = found(Asked("car"))
    a, b = next((a, b) for a in cars for b in cars if a.video_id != b.video_id)
    Identities(filled).accept(*(TrackRef(card.video_id, card.track_ids[0]) for card in (a, b)))
    groups = search_view(Asked("car", group="object")).groups
    together = [group for group in groups if len(group.cards) > 1]
    assert [{card.video_id for card in group.cards} for group in together] == [
        {a.video_id, b.video_id}
    ]
    assert together[0].note == "2 moments in 2 videos"


def test_what_a_person_took_off_the_list_is_off_it(filled: Library):
    first = found(QUESTION)[0].id
    view = search_view(QUESTION, {first})
    assert first not in {card.id for group in view.groups for card in group.cards}
    assert "1 hidden" in view.took


def test_errors_become_sentences(filled: Library):
    assert "zone" in (search_view(Asked("car", shown="in zone[nowhere]")).error or "")
    assert search_view(Asked("car", pictures=("0" * 16,))).error is not None
    assert page_view(Asked("car", pictures=("0" * 16,))).error is not None


# --- chips ---------------------------------------------------------------------------------------


def test_chips_say_what_is_known_and_what_is_guessed(filled: Library):
    view = page_view(Asked("red car blorg stoping at the harbour")).question
    states = {chip.label: chip.state for chip in view.chips}
    assert states["red"] == states["car"] == states["stopping"] == "used"
    assert states["blorg"] == "guessed"
    assert states["at the harbour"] == "untested"
    assert view.corrections == ("“stoping” read as “stopping”",)


def test_a_changed_chip_is_told_anew(filled: Library):
    red = chip(QUESTION, "red")
    assert "blue" in {choice.words for choice in red.choices}
    assert editing.changed(QUESTION, red.index, "blue") == Asked("blue car turning left")
    assert editing.without(QUESTION, red.index) == Asked("car turning left")
    assert editing.extended(QUESTION, "parked").words.endswith("parked")
    assert editing.extended(Asked(), "red") == Asked("red")


def test_a_chip_that_is_gone_is_said_so(filled: Library):
    with pytest.raises(QueryError, match="changed meanwhile"):
        editing.without(Asked("car"), 3)


def test_drawn_parts_are_chips_with_names(filled: Library):
    car = found(Asked("car"))[0]
    asked = editing.like_track(
        Asked("car", shown="enters zone[0.1,0.1 0.9,0.1 0.5,0.9]"), car.video_id, car.track_ids[0]
    )
    chips = {chip.kind: chip for chip in page_view(asked).question.chips}
    assert chips["like"].label == f"like car #{car.track_ids[0]}"
    assert chips["like"].picture.startswith("/api/crops/")
    assert chips["zone"].label == "enters a drawn zone"
    left = editing.without(asked, chips["like"].index)
    assert (left.words, left.shown) == ("car", "enters zone[0.1,0.1 0.9,0.1 0.5,0.9]")
    assert editing.like_track(asked, car.video_id, car.track_ids[0]) == asked
    nobody = page_view(Asked(shown=f"like[{car.video_id}:999999]")).question
    assert nobody.chips[0].state == "untested"


# --- filters -------------------------------------------------------------------------------------


def test_filters_are_counted_and_intersect(filled: Library):
    view = page_view(Asked("car")).filters
    assert {facet.label for facet in view.videos} == {r.name for r in filled.ready()}
    assert sum(f.count for f in view.classes) == sum(r.n_tracks for r in filled.ready())
    video = found(Asked("car"))[0].video_id
    one = filtering.with_value(Asked("car"), "in", video, on=True)
    assert one.filters == Filters(videos=frozenset({video}))
    assert {card.video_id for card in found(one)} == {video}
    two = filtering.with_limit(one, "after", "0:05")
    assert two.filters.after_s == 5.0
    assert all(card.t1_s >= 5.0 for card in found(two))
    assert [each.label for each in page_view(two).filters.active][1:] == ["after 0:05"]
    assert filtering.with_value(two, "after", "", on=False) == one
    assert filtering.with_value(one, "in", video, on=False).filters == Filters()


def test_a_limit_that_is_no_number_is_refused(filled: Library):
    for key, text in (("after", "soon:5"), ("min_px", "big"), ("colour", "5")):
        with pytest.raises(QueryError):
            filtering.with_limit(Asked("car"), key, text)


# --- verdicts ------------------------------------------------------------------------------------


def test_a_wrong_part_takes_a_moment_off_the_answer_until_it_is_undone(filled: Library):
    before = [card.id for card in found(QUESTION)]
    verdict = judge(QUESTION, before[0], "turning left", False)
    assert before[0] not in [card.id for card in found(QUESTION)]
    assert "“turning left”" in verdict.sentence
    verdicts.undone(filled, verdict)
    assert [card.id for card in found(QUESTION)] == before
    assert filled.notes.judgements() == []


def test_what_is_said_of_parts_adds_up_and_can_be_taken_back(filled: Library):
    first = found(QUESTION)[0].id
    judge(QUESTION, first, "red", True)
    judge(QUESTION, first, "car", True)
    (noted,) = filled.notes.judgements()
    assert (noted.relevant, dict(noted.parts)) == (True, {"red": True, "car": True})
    judge(QUESTION, first, "red", None)
    (noted,) = filled.notes.judgements()
    assert dict(noted.parts) == {"car": True}
    judge(QUESTION, first, "car", None)
    assert filled.notes.judgements() == []
    judge(QUESTION, first, None, True)
    (noted,) = filled.notes.judgements()
    assert set(noted.parts.values()) == {True}
    assert found(QUESTION)[0].said is True


def test_a_verdict_needs_a_part_that_there_is(filled: Library):
    first = found(QUESTION)[0].id
    with pytest.raises(QueryError, match="no part"):
        judge(QUESTION, first, "green", False)
    with pytest.raises(QueryError, match="not part of the answer"):
        moment_of(QUESTION, "nobody:1:0.00")


def test_ids_of_moments_are_those_of_their_cards(filled: Library):
    moments = answered(QUESTION).found
    assert [id_of(moment) for moment in moments] == [card.id for card in found(QUESTION)]


# --- kept questions ------------------------------------------------------------------------------


def test_a_question_is_kept_with_its_filters(filled: Library):
    asked = filtering.with_limit(QUESTION, "min_s", "2")
    kept = saved.keep("  left   turns ", asked)
    plain = saved.keep("", Asked("bus"))
    views = {view.name: view for view in saved.saved_views()}
    assert set(views) == {"left turns", "bus"}
    assert saved.opened(kept.query_id) == asked
    assert saved.opened(plain.query_id) == Asked("bus")
    saved.brought_back(saved.forgotten(plain.query_id))
    assert {view.name for view in saved.saved_views()} == {"left turns", "bus"}
    with pytest.raises(QueryError, match="no question"):
        saved.keep("nothing", Asked())
    with pytest.raises(QueryError, match="not kept any more"):
        saved.opened(plain.query_id + 99)


def test_what_is_new_since_the_last_look_is_counted(
    filled: Library, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.library.notes.now", lambda: 1.0)  # long before the videos came
    kept = saved.keep("", QUESTION)
    assert [view.new for view in saved.saved_views()] == [len(found(QUESTION))]
    monkeypatch.undo()
    saved.opened(kept.query_id)
    assert [view.new for view in saved.saved_views()] == [0]


# --- pictures and examples -----------------------------------------------------------------------


def test_a_picture_is_asked_for_and_found_again_by_its_key(filled: Library, tmp_path: Path):
    from dashboard.pictures import pictures, with_box

    car = found(QUESTION)[0]
    jpeg = filled.shard(car.video_id).crop_jpeg(
        int(filled.shard(car.video_id).tracks().best_crop[
            filled.shard(car.video_id).tracks().row_of(car.track_ids[0])])
    )  # fmt: skip
    key = pictures().keep(jpeg)
    assert pictures().keep(jpeg) == key
    asked = editing.with_picture(Asked("car"), with_box(key, (0.0, 0.0, 1.0, 1.0)))
    assert Asked.read(asked.params()) == asked
    view = page_view(asked).question
    (like,) = [chip for chip in view.chips if chip.kind == "like"]
    assert like.picture == f"/api/pictures/{key}.jpg"
    best = search_view(asked)
    cards = [*(card for group in best.groups for card in group.cards), *best.closest]
    assert car.track_ids[0] in {card.track_ids[0] for card in cards[:3]}
    assert editing.without(asked, like.index) == Asked("car")
    assert str(query_of(asked)).endswith("]")
    with pytest.raises(QueryError, match="no picture"):
        pictures().keep(b"this is none")


def test_examples_are_questions_that_are_answered(filled: Library):
    examples = example_views()
    assert len(examples) >= 3
    for example in examples:
        assert search_view(Asked(example.text)).count == example.count > 0
