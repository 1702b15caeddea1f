"""The command `insight` prints, writes, and says what is wrong."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from core.cli import main
from core.library.library import Library
from tests.sample_library import sample_library


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(sample_library(tmp_path_factory))


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    status = main(["insight", *arguments])
    told = capsys.readouterr()
    return status, told.out, told.err


def test_counts_as_text_and_json(folder: str, capsys) -> None:
    status, out, _ = run("counts", "--library", folder, "--every", "10", capsys=capsys)
    assert status == 0
    assert out.splitlines()[0].split()[:4] == ["video", "from_s", "to_s", "class"]
    _, out, _ = run("counts", "--library", folder, "--every", "10", "--json", capsys=capsys)
    rows = json.loads(out)["rows"]
    assert {row["to_s"] - row["from_s"] for row in rows} <= {10.0, 4.0, 2.0, 5.0, 8.0}
    assert all(len(row["objects"].split()) == row["in_view"] for row in rows)


def test_movements_as_a_csv_file(folder: str, tmp_path: Path, capsys) -> None:
    file = tmp_path / "movements.csv"
    status, out, _ = run("movements", "--library", folder, "--csv", str(file), capsys=capsys)
    assert status == 0
    with file.open(encoding="utf-8", newline="") as written:
        rows = list(csv.DictReader(written))
    assert f"{len(rows):,} rows" in out
    assert all(len(row["objects"].split()) == int(row["count"]) for row in rows)


def test_what_is_wrong_is_said(folder: str, tmp_path: Path, capsys) -> None:
    status, _, err = run("counts", "--library", folder, "--every", "-1", capsys=capsys)
    assert (status, "above 0" in err) == (2, True)
    status, _, err = run("lines", "--library", folder, "--line", "0.5,0.5", capsys=capsys)
    assert (status, "point" in err) == (2, True)
    empty = tmp_path / "empty"
    Library.open(empty).close()
    status, _, err = run("counts", "--library", str(empty), capsys=capsys)
    assert (status, "nothing to count yet" in err) == (2, True)
