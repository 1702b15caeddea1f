"""Videos of earlier versions are told anew from what is stored."""

import numpy as np
import pytest

from core.library.description import MEASURES
from core.library.library import Library
from core.library.renewal import renew
from core.library.shard import Shard
from tests.core.library.moving import ENCODER, Thing, put_moving

THINGS = [Thing((20, 100), (60, 0)), Thing((500, 140), (-60, 0)), Thing((100, 250), (0, 0))]


@pytest.fixture
def library(tmp_path):
    with Library.open(tmp_path) as opened:
        put_moving(opened, "v", THINGS)
        yield opened


def test_new_kinds_are_found_and_the_rest_stays(library):
    before = library.shard("v")
    vectors = np.array(before.crop_vectors(ENCODER))
    assert "meet" not in before.meta.measures
    assert renew(library, "v")
    after = library.shard("v")
    assert set(after.meta.measures) == set(MEASURES)
    assert after.checksum != before.checksum
    assert after.tracks().track_id.tolist() == before.tracks().track_id.tolist()
    np.testing.assert_array_equal(after.crop_vectors(ENCODER), vectors)
    assert after.crop_jpeg(0)
    assert after.meta.counts["events"] == len(after.events())
    assert "meet" in set(after.relations().kind)
    assert library.verify() == {}
    assert [entry.name for entry in (library.path / "videos").iterdir()] == ["v"]


def test_what_is_up_to_date_is_left_alone(library):
    renew(library, "v")
    checksum = library.video("v").shard_checksum
    assert not renew(library, "v")
    assert library.video("v").shard_checksum == checksum


class KilledError(Exception):
    pass


@pytest.mark.parametrize("moment", ["describe", "rename the new", "adopt"])
def test_a_kill_at_any_moment_leaves_a_whole_video(library, monkeypatch, moment):
    def killed(*_unused, **_ignored):
        raise KilledError

    if moment == "describe":
        monkeypatch.setattr("core.library.renewal.describe", killed)
    elif moment == "adopt":
        monkeypatch.setattr(Library, "adopt", killed)
    else:
        rename = type(library.path).rename

        def once(path, target):
            if target.name == "v":
                raise KilledError
            return rename(path, target)

        monkeypatch.setattr(type(library.path), "rename", once)
    with pytest.raises(KilledError):
        renew(library, "v")
    monkeypatch.undo()
    with Library.open(library.path) as again:
        assert again.video("v").state == "ready"
        assert len(again.shard("v").tracks()) == 3
        assert Shard(again.shard_folder("v")).problem(thorough=True) == ""
        assert [entry.name for entry in (again.path / "videos").iterdir()] == ["v"]
