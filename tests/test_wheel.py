"""A built wheel puts one folder into site-packages, and the command in it works from anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, unpacked as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def test_nothing_but_one_folder_lands_in_site_packages(installed):
    (package,) = (entry for entry in installed.iterdir() if not entry.name.endswith(".dist-info"))
    assert package.name == "vidtrail"
    assert {entry.name for entry in package.iterdir()} == {"_app", "launcher.py"}


def test_everything_the_product_needs_is_in_it(installed):
    app = installed / "vidtrail" / "_app"
    for needed in (
        "core/cli.py",
        "core/models/demo",
        "dashboard/.streamlit/config.toml",
        "dashboard/assets/icon.png",
        "dashboard/components/moments/moments.js",
        "pages/search.py",
        "sample_videos",
    ):
        assert (app / needed).exists(), needed
    assert not list(app.rglob("__pycache__"))


def test_the_command_runs_from_any_folder(installed, tmp_path):
    (tmp_path / "core").mkdir()  # a folder of the same name where a person stands must not matter
    (tmp_path / "core" / "__init__.py").write_text("raise RuntimeError('the wrong core')\n")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "vidtrail.launcher", "--help"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(installed)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: vidtrail")
