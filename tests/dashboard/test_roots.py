from __future__ import annotations

import os
from pathlib import Path

import pytest

from dashboard.roots import VARIABLE, RootsError, allowed, listing, roots, videos_at


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """root/{a.mp4, B.MKV, notes.txt, .hidden.mp4, deep/c.mp4}, and elsewhere/secret.mp4 beside."""
    folder = tmp_path / "root"
    for name in ("a.mp4", "B.MKV", "notes.txt", ".hidden.mp4", "deep/c.mp4", ".dark/d.mp4"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"video")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.mp4").write_bytes(b"video")
    (tmp_path / "root-beside").mkdir()
    monkeypatch.setenv(VARIABLE, os.pathsep.join([str(folder), str(tmp_path / "missing"), ""]))
    return folder.resolve()


def test_only_folders_that_exist_count(root: Path):
    assert roots() == (root,)
    assert roots({}) == ()


def test_a_folder_is_listed(root: Path):
    found = listing(root)
    assert (found.folders, found.files) == (("deep",), (("a.mp4", 5), ("B.MKV", 5)))
    assert found.crumbs == (("root", root),)
    assert listing(root / "deep").crumbs == (("root", root), ("deep", root / "deep"))


def test_videos_below_a_folder_and_a_single_one(root: Path):
    assert videos_at(root, root) == [root / "B.MKV", root / "a.mp4", root / "deep" / "c.mp4"]
    assert videos_at(f" {root / 'a.mp4'} ", root) == [root / "a.mp4"]
    (root / "empty").mkdir()
    with pytest.raises(RootsError, match="no video files"):
        videos_at(root / "empty", root)


@pytest.mark.parametrize(
    "text",
    [
        "{parent}/elsewhere",
        "{parent}/elsewhere/secret.mp4",
        "{root}/../elsewhere/secret.mp4",
        "{parent}/root-beside",  # begins with the same letters, and is another folder
        "{root}/way-out",
        "{root}/way-out/secret.mp4",
        "{root}/link.mp4",
        "{root}/missing.mp4",
        "{parent}",
        "a.mp4",
        "",
        "~",
        "{root}/a.mp4\0",
        "{root}/round/round",
    ],
)
def test_nothing_leads_out(root: Path, text: str, monkeypatch):
    (root / "way-out").symlink_to(root.parent / "elsewhere")
    (root / "link.mp4").symlink_to(root.parent / "elsewhere" / "secret.mp4")
    (root / "round").symlink_to(root / "round")
    monkeypatch.chdir(root)
    with pytest.raises(RootsError, match="does not exist in a folder that may be read"):
        allowed(text.format(root=root, parent=root.parent))
    assert "way-out" not in listing(root).folders
    assert "link.mp4" not in dict(listing(root).files)
    assert not any("secret" in str(p) or p.is_symlink() for p in videos_at(root, root))


def test_a_link_that_stays_inside_is_fine(root: Path):
    (root / "same").symlink_to(root / "deep")
    assert listing(root / "same").files == (("c.mp4", 5),)


def test_without_roots_nothing_is_allowed(root: Path, monkeypatch):
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(RootsError, match=VARIABLE):
        allowed(root)


def test_a_very_full_folder_is_cut(root: Path):
    for number in range(420):
        (root / f"{number}.mp4").touch()
    found = listing(root)
    assert (len(found.folders) + len(found.files), found.left_out) == (400, 23)
