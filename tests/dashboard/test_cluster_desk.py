"""The list of groups of the explorer, over the sample library."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from core.explore.atlas import bring_up_atlas
from core.explore.features import SPACES
from core.library.library import Library
from core.search.opening import open_engine
from dashboard import cluster_desk as desk
from dashboard.services import services


@pytest.fixture(scope="module")
def made(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sample library with maps and groups; never write to it."""
    folder = tmp_path_factory.mktemp("explored") / "library"
    shutil.copytree(sample, folder)
    with Library.open(folder) as library:
        bring_up_atlas(open_engine(library))
    return folder


@pytest.fixture
def explored(place: Path, made: Path) -> Library:
    """The dashboard's library with maps and groups."""
    shutil.copytree(made, place, dirs_exist_ok=True)
    return services().library()


def test_there_is_no_list_before_groups_are_made(filled: Library):
    assert desk.clusters_view("looks") is None
    assert desk.rename_cluster("looks", 0, 0, "x") == "This group is not there any more."
    group, names = desk.cluster_legend("looks")
    assert (group == -1).all()
    assert names == {}


def test_the_list_says_what_groups_are_of(explored: Library):
    view = desk.clusters_view("looks", 0)
    assert view is not None
    assert len(view.clusters) == view.counts[0]
    assert view.level == 0
    sizes = [each.size for each in view.clusters]
    assert sizes == sorted(sizes, reverse=True)
    for each in view.clusters:
        assert each.bar[0].share == max(part.share for part in each.bar)
        assert each.pictures
        assert all("/crops/" in address for address in each.pictures)
    assert len({each.name for each in view.clusters}) == len(view.clusters)
    assert asdict(view)["clusters"]


@pytest.mark.parametrize("space", SPACES)
def test_groups_are_what_is_selected_and_coloured_by(explored: Library, space: str):
    view = desk.clusters_view(space)  # type: ignore[arg-type]
    assert view is not None
    group, names = desk.cluster_legend(space, view.level)  # type: ignore[arg-type]
    for each in view.clusters:
        rows = desk.cluster_rows(space, view.level, each.cluster)  # type: ignore[arg-type]
        assert len(rows) == each.size
        assert (group[rows] == each.cluster).all()
        assert names[each.cluster] == each.name
    assert not len(desk.cluster_rows(space, view.level, 10_000))  # type: ignore[arg-type]


def test_a_name_is_kept_and_taken_back(explored: Library):
    view = desk.clusters_view("looks", 0)
    assert view is not None
    first = view.clusters[0]
    assert desk.rename_cluster("looks", 0, first.cluster, "taxis") == ""
    named = desk.clusters_view("looks", 0)
    assert named is not None
    assert (named.clusters[0].name, named.clusters[0].given) == ("taxis", True)
    assert "60" in desk.rename_cluster("looks", 0, first.cluster, "x" * 99)
    assert desk.rename_cluster("looks", 0, first.cluster, "") == ""
    assert desk.clusters_view("looks", 0) == view


def test_what_is_left_out_is_in_no_group(explored: Library):
    view = desk.clusters_view("looks", 0)
    assert view is not None
    first = view.clusters[0]
    columns = services().engine().columns
    row = int(desk.cluster_rows("looks", 0, first.cluster)[0])
    record = columns.video_of(row)
    explored.exclusions.add({record.video_id: np.array([columns.track_id[row]])})
    after = desk.clusters_view("looks", 0)
    assert after is not None
    assert sum(each.size for each in after.clusters) == sum(e.size for e in view.clusters) - 1
