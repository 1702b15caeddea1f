"""Suggestions of the same object: who is found, how likely, and what a person has already said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import IdentityError, LibraryError
from core.identity import suggestions
from core.identity.gallery import MOST_CROPS, Gallery
from core.identity.identities import Identities
from core.identity.likeness import Likeness, learn_likeness, likeness_curve
from core.identity.suggestions import Suggester, suggest
from core.library.library import Library
from core.library.notes import TrackRef
from tests.core.library.moving import ENCODER, put_moving, street
from tests.fakes import add_shard


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Videos a and b share looks 1 to 4; b has 1 to 3 in other lanes."""
    with Library.open(tmp_path / "library") as library:
        put_moving(library, "a", street([1, 2, 3, 4, 5, 6, 7, 8]), seed=1)
        put_moving(library, "b", street([11, 1, 2, 3, 12, 13, 14, 4]), seed=2)
        yield library


def pairs(found) -> set[tuple[str, str]]:
    return {(str(one.a), str(one.b)) for one in found}


SHARED = {("a:1", "b:2"), ("a:2", "b:3"), ("a:3", "b:4"), ("a:4", "b:8")}


def test_the_same_looks_in_another_video_are_suggested(library):
    said = suggest(library, ENCODER)
    likely = [one for one in said.found if one.p > 0.5]
    assert pairs(likely) == SHARED
    assert said.usable
    assert "looks tell objects apart" in said.reason
    assert [one.p for one in said.found] == sorted((one.p for one in said.found), reverse=True)
    assert all(one.mutual and one.likeness > 0.8 for one in likely)
    assert all("each is the most alike" in one.reason for one in likely)
    assert max(one.p for one in said.found if one not in likely) < 0.2


def test_the_proof_is_crops_of_the_two_tracks(library):
    for one in suggest(library, ENCODER, limit=4).found:
        assert len(one.crops) == 3
        for crop_a, crop_b in one.crops:
            assert library.shard(one.a.video_id).crops().track_id[crop_a] == one.a.track_id
            assert library.shard(one.b.video_id).crops().track_id[crop_b] == one.b.track_id


def test_asked_for_one_track_it_stands_first_in_every_pair(library):
    everything = {(s.a, s.b): s.p for s in suggest(library, ENCODER, limit=500).found}
    said = suggest(library, ENCODER, of=TrackRef("b", 2), limit=5).found
    assert len(said) == 5
    assert {one.a for one in said} == {TrackRef("b", 2)}
    assert said[0].b == TrackRef("a", 1)
    for one in said:  # the same pair is as likely whichever way it was asked for
        assert everything[one.b, one.a] == pytest.approx(one.p)


def test_tracks_seen_together_are_never_suggested_and_later_ones_are(library):
    put_moving(library, "c", [*street([1, 2, 3]), *street([1, 21, 2], t0_s=8.0)], seed=3)
    found = suggest(library, ENCODER, limit=500).found
    inside = [one for one in found if one.a.video_id == one.b.video_id]
    assert {one.a.video_id for one in inside} == {"c"}
    assert pairs(one for one in inside if one.p > 0.3) == {("c:1", "c:4"), ("c:2", "c:6")}
    assert all(one.a.track_id <= 3 < one.b.track_id for one in inside)


def test_groups_of_classes_are_not_compared(library):
    put_moving(library, "c", street([1, 2, 3], kind="person"), seed=4)
    found = suggest(library, ENCODER, limit=500).found
    assert not any("c" in (one.a.video_id, one.b.video_id) for one in found)


def test_two_that_look_alike_share_the_probability(library):
    before = suggest(library, ENCODER, of=TrackRef("a", 1)).found[0]
    put_moving(library, "b2", street([1, 1, 11, 12, 13, 14, 15, 16]), seed=5)
    found = suggest(library, ENCODER, of=TrackRef("a", 1)).found
    twins = [one for one in found if str(one.b) in ("b2:1", "b2:2")]
    assert before.p > 0.5
    assert len(twins) == 2
    assert all(0.1 < one.p <= 0.5 for one in twins)
    assert sum(one.p for one in twins) <= 1.0
    assert sum("as alike" in one.reason for one in twins) == 1


def test_what_a_person_said_is_heeded(library):
    identities = Identities(library)
    suggester = Suggester(library, ENCODER)
    identities.reject(TrackRef("a", 1), TrackRef("b", 2))
    identities.accept(TrackRef("a", 2), TrackRef("b", 3))
    found = pairs(suggester.suggest(limit=500).found)
    assert not found & {("a:1", "b:2"), ("a:2", "b:3")}
    # what is 2 in video a is 3 in video b, and nothing else that is seen there with it
    assert not any("a:2" in pair or "b:3" in pair for pair in found)
    assert suggester.is_current()
    identities.split("a", 1, at_s=2.0)
    assert not suggester.is_current()
    for _ in range(3):
        identities.undo_last()
    assert pairs(suggester.suggest(limit=4).found) == SHARED


def test_what_is_left_out_of_answers_is_suggested_only_where_it_is_asked_about(library):
    library.exclusions.add({"a": [1]})
    likely = [one for one in suggest(library, ENCODER).found if one.p > 0.5]
    assert pairs(likely) == SHARED - {("a:1", "b:2")}
    asked = suggest(library, ENCODER, of=TrackRef("a", 1)).found
    assert str(asked[0].b) == "b:2"
    library.exclusions.remove({"a": [1]})
    assert ("a:1", "b:2") in pairs(suggest(library, ENCODER).found)


def test_what_a_person_joins_makes_the_other_pairs_no_less_likely(library):
    before = {(one.a, one.b): one.p for one in suggest(library, ENCODER, limit=4).found}
    Identities(library).accept(TrackRef("a", 1), TrackRef("b", 2))
    Identities(library).accept(TrackRef("a", 2), TrackRef("b", 3))
    after = {(one.a, one.b): one.p for one in suggest(library, ENCODER, limit=2).found}
    assert len(after) == 2
    assert all(p >= before[pair] - 1e-6 for pair, p in after.items())


def test_long_videos_are_weighed_in_stretches_and_no_pair_is_lost(library, monkeypatch):
    whole = suggest(library, ENCODER, limit=500).found
    monkeypatch.setattr(suggestions, "_STRETCH", 3)
    said = suggest(library, ENCODER, limit=500).found
    assert pairs(said) == pairs(whole)
    assert [one.p for one in said] == sorted((one.p for one in said), reverse=True)
    assert pairs(said[:4]) == SHARED
    one = suggest(library, ENCODER, of=TrackRef("b", 8), limit=1).found[0]
    everything = {(s.a, s.b): s.p for s in said}
    assert everything[one.b, one.a] == pytest.approx(one.p)


def test_edited_tracks_are_compared_as_they_are_now(library):
    Identities(library).split("b", 2, at_s=2.5)
    found = suggest(library, ENCODER, of=TrackRef("a", 1), limit=2).found
    assert {one.b.track_id for one in found} == {2, 1_000_001}
    assert all(one.p > 0.3 for one in found)  # pieces at different times do not compete
    Identities(library).merge("b", 2, 1_000_001)
    found = suggest(library, ENCODER, of=TrackRef("b", 1_000_001), limit=1).found
    assert (str(found[0].a), str(found[0].b)) == ("b:2", "a:1")


def test_removed_videos_are_gone(library):
    suggester = Suggester(library, ENCODER)
    library.remove("b")
    assert not suggester.is_current()
    assert suggest(library, ENCODER).found == ()


# --- where looks cannot tell ------------------------------------------------------------------


def test_where_looks_cannot_tell_it_says_so_and_promises_nothing(tmp_path):
    with Library.open(tmp_path / "library") as library:
        for seed, name in enumerate(("a", "b")):
            put_moving(library, name, street([0] * 8), seed=seed, noise=3.0)
        said = suggest(library, ENCODER)
    assert not said.usable
    assert "cannot tell by looks (d'" in said.reason
    assert said.found
    assert all(one.p <= 0.5 and "cannot tell" in one.reason for one in said.found)


def test_too_few_labels_are_too_little_to_tell(tmp_path):
    with Library.open(tmp_path / "library") as library:
        put_moving(library, "a", street([1, 2]))
        put_moving(library, "b", street([1]))
        said = suggest(library, ENCODER)
    assert said.reason == (
        "cannot tell by looks: only 3 known same and 1 known different pairs to learn from"
    )
    assert all(one.p <= 0.5 for one in said.found)


def test_nothing_to_compare(library, tmp_path):
    add_shard(library, "other", encoder="another/encoder")
    assert suggest(library, "unknown/encoder").found == ()
    assert suggest(library, "another/encoder").found == ()  # its tracks are seen together
    with pytest.raises(IdentityError, match=r"Track 1 of other\.mp4 has no picture"):
        suggest(library, ENCODER, of=TrackRef("other", 1))
    with pytest.raises(LibraryError, match="no track 99"):
        suggest(library, ENCODER, of=TrackRef("a", 99))


# --- the pieces -------------------------------------------------------------------------------


def test_the_gallery_is_centred_and_knows_whose_crop_is_whose(library):
    gallery = Gallery.read(library, ENCODER)
    assert len(gallery) == 16
    assert np.allclose(np.linalg.norm(gallery.means, axis=1), 1.0, atol=1e-5)
    assert abs(float((gallery.means @ gallery.means.T).mean())) < 0.2  # the cone is gone
    row = gallery.row_of(TrackRef("b", 3))
    assert row is not None
    assert gallery.ref(row) == TrackRef("b", 3)
    assert gallery.crops(row).shape == (4, 16)
    mean = gallery.crops(row).mean(axis=0)
    # crops are brought to unit length one by one, a mean is not made of those
    assert float(gallery.means[row] @ mean) / np.linalg.norm(mean) > 0.99


def test_of_many_crops_the_best_are_compared(tmp_path):
    with Library.open(tmp_path / "library") as library:
        thing = replace(street([1])[0], crops=12)
        put_moving(library, "a", [thing, *street([2, 3])[1:]])
        gallery = Gallery.read(library, ENCODER)
        crops = library.shard("a").crops()
    kept = [gallery.index.locate(int(row))[1] for row in gallery.rows[: gallery.count[0]]]
    assert len(kept) == MOST_CROPS
    assert crops.quality[kept].min() >= np.sort(crops.quality[:12])[-MOST_CROPS]
    assert (np.diff(crops.t_s[kept]) >= 0).all()


def test_likeness_grows_with_the_cosine_and_stays_within_what_was_seen(library):
    likeness = learn_likeness(Gallery.read(library, ENCODER))
    assert (likeness.same, likeness.different) == (16, 56)
    ratio = likeness.ratio(np.linspace(-1, 1, 50).astype(np.float32))
    assert (np.diff(ratio) >= 0).all()
    assert 1 / 17 <= ratio[0] < 0.5
    assert 10 < ratio[-1] <= 57
    blind = Likeness(0.7, 20, 20, curve=likeness.curve)
    assert blind.ratio(np.array([0.99], np.float32)).tolist() == [1.0]


def test_a_tail_of_lookalikes_bounds_what_a_large_cosine_says():
    """Of strangers one in ten is of the same make: no ratio beyond ten, however alike two are."""
    rng = np.random.default_rng(0)
    same = rng.normal(1.8, 0.3, 400)
    strangers = np.concatenate([rng.normal(0.3, 0.3, 900), rng.normal(1.8, 0.3, 100)])
    curve = likeness_curve(same, strangers)
    assert (np.diff(curve) >= 0).all()
    assert 0.5 * np.log(10) < curve[-1] < 1.5 * np.log(10)
    assert likeness_curve(same, strangers[:900])[-1] > np.log(100)


def test_tracks_that_touch_are_no_example_of_strangers(tmp_path):
    with Library.open(tmp_path / "library") as library:
        side_by_side = street([1, 2, 3, 4])
        close = [replace(t, start=(t.start[0] + 5.0, t.start[1] + 3.0)) for t in side_by_side]
        put_moving(library, "a", [*side_by_side, *close])
        likeness = learn_likeness(Gallery.read(library, ENCODER))
    assert likeness.different == 28 - 4
