"""Maps beside the index: kept, the same again, joined by new videos without moving an old point."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.errors import LibraryError
from core.explore import maps
from core.explore.atlas import bring_up_atlas
from core.explore.cluster_files import read_clusters
from core.explore.features import SPACES, Space, features_of
from core.explore.maps import Map, make_map, map_file, maps_edition, maps_folder, read_map
from core.library.library import Library
from core.search.engine import Engine
from tests.fakes import FakeEncoder, add_shard

ENCODER = "fake/encoder"


def made(engine: Engine, space: Space = "looks", *, anew: bool = False) -> Map:
    features = features_of(space, engine.columns, engine.index, engine.paths())
    return make_map(engine.library, engine.columns, ENCODER, features, space, anew=anew)


def read(engine: Engine, space: Space = "looks") -> Map:
    found = read_map(engine.library, engine.columns, ENCODER, space)
    assert found is not None
    return found


def rows_of(engine: Engine, video_id: str) -> slice:
    columns = engine.columns
    return columns.rows_of([r.video_id for r in columns.videos].index(video_id))


def test_it_is_read_as_it_was_kept(engine: Engine):
    assert read_map(engine.library, engine.columns, ENCODER, "looks") is None
    drawn, again = made(engine), read(engine)
    assert again.xy.tobytes() == drawn.xy.tobytes()
    assert again.xy.dtype == np.float32
    assert (again.key, again.made_at, again.missing) == (drawn.key, drawn.made_at, 0)
    assert np.array_equal(again.known, drawn.known)
    assert again.fitted.all()
    assert np.isfinite(again.xy[again.known]).all()
    assert again.placed == 0


def test_the_same_library_gives_the_same_map(engine: Engine):
    first = {space: made(engine, space) for space in SPACES}
    shutil.rmtree(maps_folder(engine.library, ENCODER))
    for space in SPACES:
        again = made(engine, space)
        assert again.key == first[space].key
        assert again.xy.tobytes() == first[space].xy.tobytes()


def test_a_new_video_joins_and_no_old_point_moves(library: Library, engine: Engine):
    before = made(engine)
    old = {v: before.xy[rows_of(engine, v)].tobytes() for v in ("one", "two")}
    add_shard(library, "new", tracks=9, seed=3)
    meanwhile = read(engine)
    new = rows_of(engine, "new")
    assert meanwhile.missing == 9
    assert meanwhile.key == before.key
    assert np.isnan(meanwhile.xy[new]).all()
    assert not meanwhile.known[new].any()
    joined = made(engine)
    assert {v: joined.xy[rows_of(engine, v)].tobytes() for v in old} == old
    assert np.isfinite(joined.xy[new]).all()
    assert (joined.missing, joined.placed, joined.fitted[new].any()) == (0, 9, False)
    assert joined.late == 9
    assert joined.key != before.key
    assert read(engine).placed == 9


def test_made_anew_it_holds_all_and_keeps_its_orientation(library: Library, engine: Engine):
    before = made(engine)
    add_shard(library, "new", tracks=9, seed=3)
    made(engine)
    anew = made(engine, anew=True)
    assert (anew.placed, anew.late) == (0, 0)
    kept = np.r_[rows_of(engine, "one"), rows_of(engine, "two")]
    a, b = before.xy - before.xy.mean(axis=0), anew.xy[kept] - anew.xy[kept].mean(axis=0)
    assert (a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum()) > 0.7


def test_a_removed_video_leaves_the_others_where_they_are(library: Library, engine: Engine):
    before = made(engine)
    two = before.xy[rows_of(engine, "two")].tobytes()
    library.remove("one")
    after = read(engine)
    assert after.xy.tobytes() == two
    assert after.missing == 0
    assert made(engine).key == before.key


def test_what_nobody_can_tell_of_has_no_place(engine: Engine):
    drawn = made(engine, "moves")
    assert np.array_equal(np.isnan(drawn.xy[:, 0]), ~drawn.known)


def test_with_more_than_enough_the_rest_is_placed(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(maps, "MOST_FITTED", 20)
    drawn = made(engine)
    assert (int(drawn.fitted.sum()), drawn.placed, drawn.late) == (20, 16, 0)
    assert np.isfinite(drawn.xy).all()


def test_a_damaged_file_is_made_anew(engine: Engine, caplog: pytest.LogCaptureFixture):
    drawn = made(engine)
    path = map_file(engine.library, ENCODER, "looks")
    path.write_bytes(path.read_bytes()[:200])
    assert read_map(engine.library, engine.columns, ENCODER, "looks") is None
    assert "made anew" in caplog.text
    assert made(engine).key == drawn.key


def test_the_edition_changes_with_the_files(library: Library, engine: Engine):
    assert maps_edition(library, ENCODER) == ""
    made(engine)
    first = maps_edition(library, ENCODER)
    assert first
    assert maps_edition(library, ENCODER) == first
    made(engine, "moves")
    assert maps_edition(library, ENCODER) != first


def test_work_that_is_ended_leaves_the_map_as_it_was(library: Library, engine: Engine):
    before = made(engine)
    features = features_of("looks", engine.columns, engine.index, engine.paths())

    def tell(share: float) -> None:
        if share > 0.3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        make_map(library, engine.columns, ENCODER, features, "looks", anew=True, tell=tell)
    assert read(engine).key == before.key


def test_an_empty_library_has_an_empty_map(tmp_path: Path):
    with Library.open(tmp_path / "empty") as library:
        engine = Engine(library, FakeEncoder())
        assert len(made(engine)) == 0
        assert len(read(engine)) == 0
        add_shard(library, "one", tracks=5, seed=1)
        assert read(engine).missing == 5
        assert made(engine).fitted.all()


def test_the_atlas_holds_maps_and_clusters_of_both(engine: Engine):
    told: list[tuple[str, float]] = []
    atlas = bring_up_atlas(engine, tell=lambda step, share: told.append((step, share)))
    assert atlas.objects == 36
    for space in SPACES:
        assert read(engine, space).key == atlas.maps[space].key
        assert read_clusters(engine.library, engine.columns, ENCODER, space) is not None
    assert list(dict.fromkeys(step for step, _ in told)) == ["comparing", "mapping", "grouping"]
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_an_atlas_is_not_kept_where_nothing_can_be_written(library: Library):
    with (
        Library.open(library.path, read_only=True) as closed,
        pytest.raises(LibraryError, match="only be read"),
    ):
        bring_up_atlas(Engine(closed, FakeEncoder()))
