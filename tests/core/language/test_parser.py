"""The parser: a table of sentences, its traps, and what must hold for any text at all."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.language.lexicon import CLASS_WORDS, COLOUR_WORDS, class_phrases, colour_phrases, mixture
from core.language.parser import parse
from core.language.phrases import phrases
from core.language.query import EVENT_WORDS, EventPart, Query
from tests.core.language.phrasings import PHRASINGS
from tests.core.language.queries import queries
from tests.core.language.sentences import SENTENCES

UNKNOWN_PLACES = [
    ("car near the harbour", "harbour"),
    ("a man behind the kiosk", "kiosk"),
    ("bus turning left at the marina", "marina"),
    ("dog leaving the courtyard", "courtyard"),
    ("woman walking towards the old lighthouse", "old lighthouse"),
]

WORDS = st.sampled_from(
    [word.removeprefix("=") for word in sorted(phrases().vocabulary)]
    + ['"blue thing"', ",", ";", ".", "5", "1:20", "10 seconds", "for", "xyzzy", "then", "not"]
)


ALL = SENTENCES + PHRASINGS


@pytest.mark.parametrize(("sentence", "understood"), ALL, ids=[s for s, _ in ALL])
def test_sentence_is_understood(sentence: str, understood: str) -> None:
    assert str(parse(sentence)) == understood


@pytest.mark.parametrize(("sentence", "place"), UNKNOWN_PLACES)
def test_a_place_that_nobody_knows_is_said_to_be_unknown(sentence: str, place: str) -> None:
    query = parse(sentence)
    assert query.places == query.unknown_words == (place,)
    assert not query.target.looks


def test_a_place_that_is_known_is_no_unknown_word() -> None:
    assert parse("car near the bus stop").unknown_words == ()


def test_the_table_is_as_large_as_promised() -> None:
    assert len({sentence for sentence, _ in ALL}) >= 600


@pytest.mark.parametrize("sentence", [s for s, _ in PHRASINGS])
def test_canonical_words_of_a_sentence_read_back(sentence: str) -> None:
    query = parse(sentence)
    assert parse(str(query)) == query


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(), st.lists(WORDS, max_size=14).map(" ".join)))
def test_any_text_parses_and_its_canonical_words_mean_the_same(text: str) -> None:
    query = parse(text)
    again = parse(str(query))
    assert str(again) == str(query)
    assert again == query


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(queries())
def test_a_query_of_any_shape_reads_back(query: Query) -> None:
    assert parse(str(query)) == query


@pytest.mark.parametrize("kind", sorted(EVENT_WORDS))
def test_every_event_reads_back(kind: str) -> None:
    assert parse(f"car {EVENT_WORDS[kind]}").events == (EventPart(kind),)


@pytest.mark.parametrize("kind", sorted(set(EVENT_WORDS) - {"moving"}))
def test_every_event_can_be_denied(kind: str) -> None:
    assert parse(f"car not {EVENT_WORDS[kind]}").events == (EventPart(kind, negated=True),)


@pytest.mark.parametrize(("phrase", "name"), sorted(class_phrases().items()))
def test_every_class_word_reads_back(phrase: str, name: str) -> None:
    assert parse(phrase).target.classes == (name,)


@pytest.mark.parametrize(("phrase", "name"), sorted(colour_phrases().items()))
def test_every_colour_word_reads_back(phrase: str, name: str) -> None:
    colours = parse(f"{phrase} van").target.colours
    assert [part.colours for part in colours] == [(name,)]


@pytest.mark.parametrize("name", sorted(COLOUR_WORDS))
def test_a_colour_is_measured_by_known_colours(name: str) -> None:
    weights = mixture(f"dark {name}") if name not in ("dark", "light") else mixture(name)
    assert max(weights.values()) > 0.5


def test_an_unknown_word_is_reported_and_still_counts_as_appearance() -> None:
    query = parse("zorbing red car turning left")
    assert query.unknown_words == ("zorbing",)
    assert [look.text for look in query.target.looks] == ["zorbing"]
    assert query.events == (EventPart("turn_left"),)


def test_slips_are_mended_and_reported() -> None:
    query = parse("gery hatchbck turning lfet")
    assert str(query) == "grey hatchback turning left"
    assert ("hatchbck", "hatchback") in query.corrections


@pytest.mark.parametrize("word", ["read", "grown", "fellow", "tree", "want", "coat", "track"])
def test_common_words_are_no_slips(word: str) -> None:
    assert parse(f"car with {word}").corrections == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("stops after turning left", "turning left then stopping"),
        ("stops before turning left", "stopping then turning left"),
        ("after turning left it stops", "turning left then stopping"),
        ("before turning left it stops", "stopping then turning left"),
    ],
)
def test_words_of_order(one: str, other: str) -> None:
    assert parse(f"car {one}" if not one.startswith(("after", "before")) else one).events == (
        parse(f"car {other}").events
    )


def test_passives_swap_the_roles() -> None:
    active, passive = parse("bus overtaking a car"), parse("bus overtaken by a car")
    assert active.relations[0].role == "subject"
    assert passive.relations[0].role == "object"


def test_quoted_words_are_appearance_whatever_they_say() -> None:
    query = parse('van "turning left" "red bus"')
    assert [look.text for look in query.target.looks] == ["turning left", "red bus"]
    assert query.events == ()


@pytest.mark.parametrize("text", ["", "   ", "...", "the", "\x00", "🚗"])
def test_nothing_said_is_an_empty_query(text: str) -> None:
    assert parse(text) == Query()


def test_a_long_sentence_is_no_trouble() -> None:
    assert parse("red car turning left then stopping " * 200).events


@pytest.mark.parametrize("name", sorted(CLASS_WORDS))
def test_class_words_name_classes(name: str) -> None:
    assert CLASS_WORDS[name].exact
