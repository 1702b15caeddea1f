"""What the page and the command count, over a library that the demo models read."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator

import numpy as np
import pytest

from core.errors import QueryError
from core.explore.counts import kinds_of
from core.explore.insight import WALKING, Insight, Scope
from core.explore.insight_tables import TABLES, Table, dwell_table, lines_table
from core.explore.movements import shape_of
from core.library.library import Library
from core.search.columns import read_columns
from core.search.paths import Paths, read_paths
from tests.sample_library import sample_library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("counted") / "library"
    shutil.copytree(sample_library(tmp_path_factory), folder)
    with Library.open(folder) as opened:
        yield opened


def insight(library: Library, **scope) -> Insight:
    columns = read_columns(library)
    return Insight(library, columns, lambda: read_paths(library, columns), Scope(**scope))


def test_all_tables_count_the_same_objects(library: Library) -> None:
    whole = insight(library)
    tables = {name: make(whole) for name, make in TABLES.items()}
    came = tables["counts"].columns.index("came_into_view")
    assert sum(row[came] for row in tables["counts"].rows) == int(whole.keep.sum())
    assert len(tables["dwell"].rows) == int(whole.keep.sum())
    count = tables["movements"].columns.index("count")
    assert sum(row[count] for row in tables["movements"].rows) == len(whole.movements.row)
    assert tables["lines"].rows == ()


def test_kinds_videos_and_times_narrow_what_is_counted(library: Library) -> None:
    whole = insight(library)
    video = whole.columns.videos[0].video_id
    cars = insight(library, kinds=("car",), videos=(video,))
    assert 0 < cars.keep.sum() < whole.keep.sum()
    assert set(whole.columns.video[cars.keep].tolist()) == {0}
    early = insight(library, before_s=2.0)
    assert (whole.columns.t0_s[early.keep] < 2.0).all()
    with pytest.raises(QueryError, match="class “unicorn”"):
        insight(library, kinds=("unicorn",))
    with pytest.raises(QueryError, match="ends before"):
        insight(library, after_s=5.0, before_s=5.0)


def test_what_a_person_left_out_is_not_counted(library: Library) -> None:
    before = insight(library)
    row = int(np.flatnonzero(before.keep)[0])
    video, track = before.columns.video_of(row).video_id, int(before.columns.track_id[row])
    library.exclusions.add({video: np.array([track])})
    try:
        assert insight(library).keep.sum() == before.keep.sum() - 1
    finally:
        library.exclusions.remove({video: np.array([track])})


def test_a_line_is_counted_both_ways_and_kept_ones_by_name(library: Library) -> None:
    whole = insight(library)
    drawn = lines_table(whole, ((0.5, 0.05), (0.5, 0.95)))
    assert {row[0] for row in drawn.rows} == {"drawn"}
    assert {row[1] for row in drawn.rows} <= {"left to right", "right to left"}
    assert drawn.rows
    record = whole.columns.videos[whole.camera]
    library.zones.add("gate", ((0.5, 0.05), (0.5, 0.95)), record, kind="line")
    kept = lines_table(insight(library))
    assert [row[1:] for row in kept.rows] == [row[1:] for row in drawn.rows]
    with pytest.raises(QueryError, match="no zone called"):
        dwell_table(whole, "yard")


def test_names_of_arms_are_used(library: Library) -> None:
    found = insight(library)
    arms = found.movements.arms
    (wide, high), _ = shape_of(found.columns, found.camera)
    x, y = arms.xy[0]
    video = found.columns.videos[found.camera].video_id
    library.arm_names.keep(video, "Mill Road", float(x / wide), float(y / high))
    assert insight(library).movements.arms.names[0] == "Mill Road"


def test_views_of_different_sizes_are_not_one(library: Library) -> None:
    found = insight(library)
    ids = tuple(record.video_id for record in found.columns.videos)
    sizes = {(record.width, record.height) for record in found.columns.videos}
    both = insight(library, cameras=ids)
    if len(sizes) == 1:
        assert both.cameras.all()
    else:
        with pytest.raises(QueryError, match="different sizes"):
            _ = both.cameras


def test_a_csv_file_holds_no_formula() -> None:
    table = Table(("name", "count"), (("=1+1", 2), ('say "hi", twice', -3)))
    rows = list(csv.reader(io.StringIO(table.csv())))
    assert rows == [["name", "count"], ["'=1+1", "2"], ['say "hi", twice', "-3"]]


def test_where_nothing_drives_the_movements_are_those_of_who_walks(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = insight(library)
    kinds = np.array(whole.columns.class_names)[kinds_of(whole.columns)]
    assert len(whole.movements.row)
    assert not set(kinds[whole.movements.row]) & set(WALKING)

    def on_foot(paths: Paths, rows: np.ndarray) -> np.ndarray:
        return rows[np.isin(kinds[rows], WALKING)]

    monkeypatch.setattr("core.explore.insight.leading", on_foot)
    people = insight(library)
    assert set(people.moving_kinds) <= set(WALKING)
    assert len(people.movements.row)
    assert set(kinds[people.movements.row]) <= set(WALKING)
