"""Clusters beside the index: kept, joined by new videos, and their names found again."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import LibraryError
from core.explore.cluster_facts import ClusterFacts, exemplars_among, facts_of, rename
from core.explore.cluster_files import StoredClusters, clusters_file, read_clusters
from core.explore.clustering import bring_up_clusters
from core.explore.features import looks_of
from core.library.library import Library
from core.search.engine import Engine
from tests.fakes import add_shard

ENCODER = "fake/encoder"


def made(engine: Engine, *, anew: bool = False) -> StoredClusters:
    columns, index = engine.columns, engine.index
    return bring_up_clusters(
        engine.library, columns, index, engine.prompts, engine.paths(), ENCODER, "looks",
        looks_of(columns, index), anew=anew,
    )  # fmt: skip


def facts(engine: Engine, stored: StoredClusters, level: int = 0) -> tuple[ClusterFacts, ...]:
    vectors = looks_of(engine.columns, engine.index).vectors
    return facts_of(
        engine.library, engine.columns, ENCODER, "looks", stored, lambda rows: vectors[rows], level
    )


def test_they_are_read_as_they_were_kept(engine: Engine):
    stored = made(engine)
    again = read_clusters(engine.library, engine.columns, ENCODER, "looks")
    assert again is not None
    assert (again.clusters.finest == stored.clusters.finest).all()
    assert (again.names, again.made_of, again.missing) == (stored.names, 36, 0)
    assert read_clusters(engine.library, engine.columns, ENCODER, "moves") is None


def test_a_new_video_joins_without_a_change(library: Library, engine: Engine):
    stored = made(engine)
    before = stored.clusters.finest
    add_shard(library, "three", tracks=9, seed=3)
    read = read_clusters(library, engine.columns, ENCODER, "looks")
    assert read is not None
    assert read.missing == 9
    joined = made(engine)
    where = [r.video_id for r in engine.columns.videos].index("three")
    rows = engine.columns.rows_of(where)
    assert (joined.clusters.finest[rows] >= 0).all()
    assert (np.delete(joined.clusters.finest, np.r_[rows]) == before).all()
    assert joined.names == stored.names


def test_a_library_that_has_more_than_doubled_is_clustered_anew(library: Library, engine: Engine):
    made(engine)
    add_shard(library, "three", tracks=60, seed=3)
    assert made(engine).made_of == 96


def test_a_damaged_file_is_made_anew(engine: Engine, caplog: pytest.LogCaptureFixture):
    stored = made(engine)
    clusters_file(engine.library, ENCODER, "looks").write_bytes(b"nothing of use")
    assert read_clusters(engine.library, engine.columns, ENCODER, "looks") is None
    assert "damaged" in caplog.text
    assert (made(engine).clusters.finest == stored.clusters.finest).all()


def test_a_name_is_found_again_when_clusters_are_made_anew(library: Library, engine: Engine):
    first = facts(engine, made(engine))[0]
    rename(library, engine.columns, ENCODER, "looks", first, "  mail   vans ")
    add_shard(library, "three", tracks=6, seed=3)
    again = facts(engine, made(engine, anew=True))
    found = [each for each in again if each.name == "mail vans"]
    assert len(found) == 1
    assert found[0].given is not None
    shared = np.intersect1d(found[0].rows, first.rows)  # "three" comes last: rows are the same
    assert len(shared) >= first.size / 2


def test_a_name_is_replaced_and_taken_back(library: Library, engine: Engine):
    stored = made(engine)
    own = facts(engine, stored)[0].name
    for name, shown in (("first", "first"), ("second", "second"), ("", own)):
        rename(library, engine.columns, ENCODER, "looks", facts(engine, stored)[0], name)
        assert facts(engine, stored)[0].name == shown
    assert library.cluster_names.of("looks", ENCODER) == []


def test_a_name_that_is_too_long_is_refused(library: Library, engine: Engine):
    with pytest.raises(LibraryError, match="1 to 60"):
        rename(library, engine.columns, ENCODER, "looks", facts(engine, made(engine))[0], "x" * 61)


def test_facts_count_every_object_once_and_leave_out_what_is_excluded(engine: Engine):
    stored = made(engine)
    assert sum(each.size for each in facts(engine, stored)) == 36
    each = facts(engine, stored)[0]
    assert each.classes == (("car", 1.0),)
    assert set(each.exemplars) <= set(each.rows.tolist())
    out = np.zeros(36, np.bool_)
    out[each.rows] = True
    vectors = looks_of(engine.columns, engine.index).vectors
    left = facts_of(
        engine.library, engine.columns, ENCODER, "looks", stored, lambda rows: vectors[rows], 0,
        left_out=out,
    )  # fmt: skip
    assert sum(each.size for each in left) == 36 - each.size


def test_exemplars_are_typical_and_varied():
    rng = np.random.default_rng(0)
    vectors = rng.normal(0, 0.1, (40, 3))
    vectors[20:, 0] += 1.0
    vectors = np.vstack([vectors, [[40.0, 40.0, 40.0]]]).astype(np.float32)
    chosen = exemplars_among(vectors, 4)
    assert 40 not in chosen
    assert len(set(chosen.tolist())) == 4
    assert {int(c) // 20 for c in chosen} == {0, 1}
