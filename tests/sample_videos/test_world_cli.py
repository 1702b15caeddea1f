from __future__ import annotations

from pathlib import Path

import pytest

from sample_videos.world.__main__ import main
from sample_videos.world.scenarios.catalogue import SCENARIOS


def test_the_list_has_a_line_for_every_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(SCENARIOS)
    assert all(len(line.split()) > 4 for line in lines)


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        (["--scenario", "moon"], "there is no scenario 'moon'"),
        (["--scenario", "square", "--size", "961x540"], "--size"),
        (["--scenario", "square", "--size", "big"], "--size"),
        (["--scenario", "square", "--fps", "0"], "--fps"),
        (["--scenario", "square", "--seconds", "0.5"], "--seconds"),
        (["--scenario", "square", "--crf", "99"], "--crf"),
        (["--scenario", "square", "--seed", "-1"], "--seed"),
    ],
)
def test_a_wrong_argument_ends_in_one_sentence(
    extra: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["render", "--out", str(tmp_path / "out"), *extra])
    assert stopped.value.code == 2
    assert says in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "out").exists()


def test_a_file_is_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(SystemExit):
        main(["render", "--scenario", "square", "--out", str(file)])
    assert "is a file" in capsys.readouterr().err
