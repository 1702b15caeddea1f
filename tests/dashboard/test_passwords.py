from __future__ import annotations

import pytest

from dashboard.passwords import PasswordError, hashed, keep, kept_in, matches


def test_only_the_password_itself_matches():
    kept = hashed("grüße aus köln")
    assert matches("grüße aus köln", kept)
    assert not matches("grüße aus koln", kept)
    assert "grüße" not in kept


def test_the_same_password_is_never_kept_alike():
    assert hashed("correct horse") != hashed("correct horse")


def test_a_short_password_is_refused():
    with pytest.raises(PasswordError, match="at least 8"):
        hashed("short")


def test_the_file_is_its_owners_alone(tmp_path):
    file = tmp_path / "new folder" / "password"
    keep("correct horse", file)
    keep("battery staple", file)
    assert file.stat().st_mode & 0o077 == 0
    assert matches("battery staple", kept_in(file))
    assert [path.name for path in file.parent.iterdir()] == ["password"]


@pytest.mark.parametrize("content", ["", "correct horse", "scrypt$a$8$1$c2FsdA==$a2V5", "md5$1"])
def test_a_file_with_something_else_is_said_to_be_none(tmp_path, content):
    file = tmp_path / "password"
    file.write_text(content)
    with pytest.raises(PasswordError, match="holds no hashed password"):
        kept_in(file)


def test_a_missing_file_says_how_to_make_it(tmp_path):
    with pytest.raises(PasswordError, match="--new-password"):
        kept_in(tmp_path / "password")
    with pytest.raises(PasswordError, match="cannot be read"):
        kept_in(tmp_path)
