"""A view of the search page goes into an address and comes back the same."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import QueryError
from core.search.filters import Filters
from dashboard.address import FILTER_KEYS, Asked, filter_params, filters_from

WORDS = st.text("abcdefghij äß,;'\"!%&=+#?/-0123456789", max_size=60).map(
    lambda t: " ".join(t.split())
)
NAMES = st.lists(
    st.text("abcz äß,%&:._-7", min_size=1, max_size=12).map(str.strip).filter(bool),
    unique=True, max_size=3,
).map(tuple)  # fmt: skip
SHARES = st.floats(0, 1).map(lambda share: f"{share:.4f}".rstrip("0").rstrip("."))
POINTS = st.lists(st.tuples(SHARES, SHARES).map(",".join), min_size=3, max_size=6).map(" ".join)
DRAWN = st.one_of(
    st.builds("like[{}:{}]".format, st.sampled_from(["3f2a", "b_1"]), st.integers(0, 10**7)),
    st.builds("path[{}]".format, POINTS),
    st.builds("{} zone[{}]".format, st.sampled_from(["in", "enters", "stops in"]), POINTS),
    st.just("crosses line<>[gate]"),
)
LIMIT = st.none() | st.floats(0, 1e5, allow_subnormal=False).map(lambda v: float(f"{v:.12g}"))
SPAN = st.tuples(LIMIT, LIMIT).map(lambda pair: tuple(sorted(pair)) if None not in pair else pair)


@st.composite
def filters(draw: st.DrawFn) -> Filters:
    (after, before), (short, long), (small, large), (slow, fast) = (draw(SPAN) for _ in range(4))
    return Filters(
        videos=frozenset(draw(st.lists(st.sampled_from(["3f2a", "b_1", "c-2"])))) or None,
        classes=draw(NAMES), labels=draw(NAMES), after_s=after, before_s=before,
        min_duration_s=short, max_duration_s=long, min_size_px=small, max_size_px=large,
        min_speed=slow, max_speed=fast,
    )  # fmt: skip


@st.composite
def views(draw: st.DrawFn) -> Asked:
    shown = Asked.of_text(", ".join(draw(st.lists(DRAWN, max_size=3)))).shown
    return Asked(
        words=Asked.of_text(draw(WORDS)).words,
        shown=shown,
        pictures=draw(st.sampled_from([(), ("0123456789abcdef:0.1:0.2:0.5:0.6",)])),
        filters=draw(filters()),
        sort=draw(st.sampled_from(["score", "time", "video"])),
        group=draw(st.sampled_from(["none", "video", "object"])),
        page=draw(st.integers(1, 500)),
        moment=draw(st.sampled_from(["", "3f2a:12-4:7.50"])),
    )


@given(views())
def test_a_view_comes_back_from_its_address(view: Asked):
    address = urlencode(view.params())
    assert Asked.read(dict(parse_qsl(address))) == view


@given(filters())
def test_filters_come_back_from_their_part_of_an_address(limits: Filters):
    told = filter_params(limits)
    assert told.keys() <= FILTER_KEYS
    assert filters_from(told) == limits


def test_what_is_as_usual_is_not_in_the_address():
    assert Asked("red car").params() == {"q": "red car"}
    assert Asked().params() == {}


def test_drawings_typed_into_the_box_are_told_from_the_words():
    view = Asked.of_text("red car, enters zone[gate] turning left like[3f2a:12]")
    assert (view.words, view.shown) == ("red car, turning left", "like[3f2a:12], enters zone[gate]")
    assert view.question == "red car, turning left, like[3f2a:12], enters zone[gate]"


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"after": "soon"}, "no number"),
        ({"min_px": "-3"}, "from 0 on"),
        ({"max_s": "inf"}, "from 0 on"),
        ({"sort": "size"}, "score, time, video"),
        ({"group": "colour"}, "none, video, object"),
        ({"page": "0"}, "no page"),
        ({"page": "1.5"}, "no page"),
        ({"s": "red car"}, "as if it were drawn"),
        ({"s": "path[0.1,0.1]"}, "at least 2 points"),
        ({"q": "zone[0.1,2 0.2,0.2 0.3,0.3]"}, "outside the picture"),
        ({"after": "9", "before": "3"}, "swap"),
        ({"q": "x" * 5000}, "at most 4,000"),
    ],
)
def test_an_address_that_means_nothing_says_what_is_wrong_with_it(params, said):
    with pytest.raises(QueryError, match=said):
        Asked.read(params)


def test_names_of_other_pages_are_left_alone():
    assert Asked.read({"q": "car", "v": "3f2a", "embed": "true"}) == Asked("car")


def test_another_question_begins_on_its_first_page():
    view = Asked("car", sort="time", page=4, moment="a:1:2.00")
    assert view.anew(words="bus") == Asked("bus", sort="time")
