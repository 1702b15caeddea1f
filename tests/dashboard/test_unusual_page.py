"""The page Unusual: what is asked stands in the address; the list, its reasons and drawings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.library.library import Library
from core.search.selected import kept_selection
from dashboard import unusual_desk
from dashboard.services import services
from dashboard.unusual_desk import choices, outlier_colours, unusual_view
from dashboard.unusual_session import read, written
from dashboard.unusual_views import Asked
from dashboard.views import VideoView

VIDEOS = tuple(VideoView(each, f"{each}.mp4", "0:10", 10.0, 3, "ready", None) for each in "ab")


@pytest.mark.parametrize(
    "asked",
    [
        Asked(),
        Asked(space="looks", normal=("a", "b"), kinds=("car", "van"), video="b"),
        Asked(after_s=2.5, before_s=60.0, question="white van, slowly"),
        Asked(selection="0123456789abcdef"),
    ],
)
def test_an_address_holds_all_of_what_is_asked(asked: Asked) -> None:
    assert read(written(asked), VIDEOS) == asked


def test_what_an_address_asks_for_wrongly_is_left_out() -> None:
    told = {"space": "smell", "normal": "a,gone", "from": "soon", "to": "-3", "v": "gone"}
    assert read(told, VIDEOS) == Asked(normal=("a",))


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("space", ["moves", "looks"])
def test_each_object_has_its_reason_and_the_normal_beside_it(space: str) -> None:
    view = unusual_view(Asked(space=space), 5)
    assert view.error == ""
    assert view.count >= len(view.odd) > 0
    for odd in view.odd:
        assert odd.reason
        assert all(each.watch != odd.watch for each in odd.alike)
        assert bool(odd.still) == (space == "moves")


@pytest.mark.usefixtures("filled")
def test_a_video_over_time_and_only_what_is_in_it() -> None:
    engine = services().engine()
    video = engine.columns.videos[0].video_id
    view = unusual_view(Asked(video=video), 50)
    assert view.over_time is not None
    assert view.over_time.video_id == video
    assert all(odd.id.startswith(f"{video}:") for odd in view.odd)
    assert all(f"v={video}" in peak.watch for peak in view.over_time.peaks)


@pytest.mark.usefixtures("filled")
def test_colours_of_the_map_are_aligned_with_the_objects() -> None:
    for space in ("looks", "moves"):
        colours = outlier_colours(space)  # type: ignore[arg-type]
        assert colours.shape == (len(services().engine().columns),)
        assert colours.dtype == np.float32
        assert 0.0 <= colours.min() <= colours.max() <= 1.0
        assert colours.max() > 0.0


@pytest.mark.usefixtures("filled")
def test_a_wrong_question_is_a_sentence_and_too_little_normal_is_said() -> None:
    wrong = unusual_view(Asked(after_s=9.0, before_s=2.0), 5)
    assert "swap the two limits" in wrong.error
    nobody = unusual_view(Asked(after_s=90_000.0), 5)
    assert "too little to compare" in nobody.untold
    assert nobody.odd == ()


def test_a_kept_selection_can_be_the_normal(filled: Library) -> None:
    columns = services().engine().columns
    assert choices(Asked()).selections == {}
    key = kept_selection(columns, filled, np.arange(12))
    listed = choices(Asked()).selections
    assert list(listed) == [key]
    assert listed[key].startswith("12 objects: ")
    assert unusual_view(Asked(selection=key), 5).normal.startswith("12 objects in ")


@pytest.mark.usefixtures("filled")
def test_a_selection_that_is_gone_is_said() -> None:
    gone = Asked(selection="f" * 16)
    assert "not kept any more" in unusual_view(gone, 5).error
    assert "not kept any more" in choices(gone).selections["f" * 16]


@pytest.mark.usefixtures("filled")
def test_where_places_say_nothing_is_said() -> None:
    few = unusual_view(Asked(before_s=1.0), 5)
    assert few.thin.startswith("In ") or few.untold
    assert unusual_view(Asked(space="looks"), 5).thin == ""


def test_the_comparison_is_made_once_for_the_same_normal(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    del filled
    first = unusual_view(Asked(), 3)
    monkeypatch.setattr(unusual_desk, "survey", None)  # would fail if it were asked
    assert unusual_view(replace(Asked(), space="moves"), 3) == first


@pytest.mark.usefixtures("filled")
def test_the_page_lists_and_draws(app: AppTest) -> None:
    app.switch_page("../pages/unusual.py").run()
    assert not app.exception
    shown = " ".join(block.proto.body for block in app.get("html"))
    assert "vu-list" in shown
    assert "data:image/svg+xml," in shown
    app.segmented_control(key="unusual space").set_value("looks").run()
    assert "looks" in app.query_params["space"]
    assert not app.exception
