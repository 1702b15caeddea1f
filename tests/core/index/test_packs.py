import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import LibraryError
from core.index import pack_file
from core.index import packs as packs_module
from core.index.pack_file import Key
from core.index.packs import Packs


def key(number: int, edits: tuple[int, ...] = ()) -> Key:
    return f"v{number}", f"sum{number}", edits


class Deriving:
    """Makes the arrays of a video from its number, and remembers for which it was asked."""

    def __init__(self) -> None:
        self.asked: list[Key] = []
        self.broken: set[str] = set()

    def __call__(self, of: Key):
        self.asked.append(of)
        if of[0] in self.broken:
            raise LibraryError(f"{of[0]} is damaged")
        number = int(of[0][1:])
        rows = number % 4
        return {
            "a": np.arange(rows, dtype=np.int32) + 100 * number + len(of[2]),
            "b": np.full((rows, 3), number, np.float32),
            "flag": np.ones(2, np.bool_),
            "shown": np.full(rows, number, np.float64),
        }


def check(packs: Packs, derive: Deriving, numbers: list[int]) -> None:
    found = packs.gather([key(n) for n in numbers], derive, "shown")
    assert found.keys == tuple(key(n) for n in numbers)
    if not numbers:
        assert not found.arrays
        return
    fresh = Deriving()
    for place, number in enumerate(numbers):
        for name, expected in fresh(key(number)).items():
            if name != "shown":
                bounds = found.starts[name][place : place + 2]
                np.testing.assert_array_equal(found.arrays[name][slice(*bounds)], expected)
            np.testing.assert_array_equal(found.each[place][name], expected)
    assert "shown" not in found.arrays
    assert all(len(found.starts[name]) == len(numbers) + 1 for name in found.arrays)


@pytest.fixture
def derive() -> Deriving:
    return Deriving()


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.lists(st.integers(0, 12), unique=True, max_size=8), max_size=12))
def test_each_video_is_derived_once_as_long_as_it_stays(tmp_path_factory, steps):
    folder, derive = tmp_path_factory.mktemp("packs"), Deriving()
    before: set[int] = set()
    for numbers in steps:
        derive.asked.clear()
        check(Packs(folder, "x", "1"), derive, numbers)
        assert {of[0] for of in derive.asked}.isdisjoint(f"v{n}" for n in before & set(numbers))
        before = set(numbers)
    assert len(list(folder.glob("*.pack"))) <= packs_module._MOST_PACKS + 1


def test_one_more_video_is_the_only_one_derived(tmp_path, derive):
    check(Packs(tmp_path, "x", "1"), derive, [1, 2, 3])
    derive.asked.clear()
    check(Packs(tmp_path, "x", "1"), derive, [1, 7, 3, 2])
    assert derive.asked == [key(7)]


def test_another_edit_is_another_video(tmp_path, derive):
    packs = Packs(tmp_path, "x", "1")
    packs.gather([key(1), key(2)], derive)
    found = packs.gather([key(1, (5,)), key(2)], derive)
    assert found.arrays["a"][0] == 101
    assert derive.asked[2:] == [key(1, (5,))]


def test_another_version_is_made_anew_and_the_old_one_deleted(tmp_path, derive):
    check(Packs(tmp_path, "x", "1"), derive, [1, 2])
    check(Packs(tmp_path, "y", "1"), derive, [1, 2])
    check(Packs(tmp_path, "x", "2"), derive, [1, 2])
    assert len(derive.asked) == 6
    assert len(list(tmp_path.glob("x-*.pack"))) == len(list(tmp_path.glob("y-*.pack"))) == 1


def test_a_video_that_cannot_be_read_is_left_out_and_tried_again(tmp_path, derive, caplog):
    derive.broken = {"v2"}
    packs = Packs(tmp_path, "x", "1")
    found = packs.gather([key(1), key(2), key(3)], derive)
    assert found.keys == (key(1), key(3))
    assert list(found.left_out) == [key(2)]
    assert "v2 is damaged" in caplog.text
    derive.broken = set()
    check(packs, derive, [1, 2, 3])


@pytest.mark.parametrize("checked", [True, False])
@pytest.mark.parametrize("damage", ["cut", "bit of header", "bit of rows", "garbage", "empty"])
def test_damage_is_noticed_and_only_what_is_damaged_derived_again(
    tmp_path, derive, monkeypatch, caplog, damage, checked
):
    if not checked:  # large: looked through where something has written to it
        monkeypatch.setattr(pack_file, "_ALWAYS_CHECKED_BYTES", -1)
    check(Packs(tmp_path, "x", "1"), derive, [1, 2, 3])
    (path,) = tmp_path.glob("*.pack")
    content = bytearray(path.read_bytes())
    if damage == "bit of rows":
        at = content.index(np.full(2, 2, np.float64).tobytes())
        content[at + 3] ^= 4
    elif damage == "bit of header":
        content[40] ^= 1
    else:
        content = {"cut": content[:-70], "garbage": b"\xff" * len(content), "empty": b""}[damage]
    path.write_bytes(content)
    derive.asked.clear()
    check(Packs(tmp_path, "x", "1"), derive, [1, 2, 3])
    assert "damaged" in caplog.text
    assert derive.asked == ([key(2)] if damage == "bit of rows" else [key(1), key(2), key(3)])
    derive.asked.clear()
    caplog.clear()
    check(Packs(tmp_path, "x", "1"), derive, [1, 2, 3])
    assert derive.asked == []
    assert caplog.text == ""


def test_a_large_pack_that_nobody_wrote_to_is_not_looked_through(tmp_path, derive, monkeypatch):
    check(Packs(tmp_path, "x", "1"), derive, [1, 2, 3])
    monkeypatch.setattr(pack_file, "_ALWAYS_CHECKED_BYTES", -1)
    monkeypatch.setattr(pack_file, "_crc", None)
    check(Packs(tmp_path, "x", "1"), derive, [1, 2, 3])
    assert len(derive.asked) == 3


def test_a_full_disk_only_means_that_nothing_is_kept(tmp_path, derive, monkeypatch, caplog):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(packs_module, "written", full)
    check(Packs(tmp_path, "x", "1"), derive, [1, 2, 3])
    assert "the disk is full" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_may_be_written_what_is_there_is_used(tmp_path, derive):
    check(Packs(tmp_path, "x", "1"), derive, [1, 2])
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    derive.asked.clear()
    check(Packs(tmp_path, "x", "1", writable=False), derive, [1, 3])
    assert derive.asked == [key(3)]
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_kill_while_deriving_costs_one_piece(tmp_path, monkeypatch):
    monkeypatch.setattr(packs_module, "_PIECE_BYTES", 1)

    class Killed(Deriving):
        def __call__(self, of: Key):
            if of == key(9):
                raise KeyboardInterrupt
            return super().__call__(of)

    monkeypatch.setattr(packs_module, "_AT_ONCE", 1)
    with pytest.raises(KeyboardInterrupt):
        Packs(tmp_path, "x", "1").gather([key(n) for n in (1, 2, 3, 9, 5)], Killed())
    derive = Deriving()
    check(Packs(tmp_path, "x", "1"), derive, [1, 2, 3, 9, 5])
    assert derive.asked == [key(9), key(5)]


def test_two_processes_at_the_same_time(tmp_path, derive, monkeypatch):
    """The other one derives the same while this one does: both are right, before and after."""
    others: list[None] = []

    def slow(of: Key):
        if not others:
            others.append(None)
            check(Packs(tmp_path, "x", "1"), derive, [1, 2, 3])
        return derive(of)

    check(Packs(tmp_path, "x", "1"), slow, [1, 2, 3])
    derive.asked.clear()
    check(Packs(tmp_path, "x", "1"), derive, [1, 2, 3])
    assert derive.asked == []
