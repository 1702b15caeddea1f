"""The password of the server: kept as a salted hash in a file, never as it is."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from pathlib import Path

from core.errors import VidtrailError

# scrypt, RFC 7914: 32 MiB and about a tenth of a second a guess.
_COST, _BLOCK, _PARALLEL = 1 << 15, 8, 1
_MOST_MEMORY = 128 << 20
_SALT_BYTES = 16
_KEY_BYTES = 32
SHORTEST = 8


class PasswordError(VidtrailError):
    """A password that cannot be used, or a file that holds none."""


def hashed(password: str) -> str:
    """One line "scrypt$N$r$p$SALT$KEY" to be kept instead of a password.

    Raises PasswordError for one of less than `SHORTEST` characters.
    """
    if len(password) < SHORTEST:
        raise PasswordError(f"A password needs at least {SHORTEST} characters.")
    salt = os.urandom(_SALT_BYTES)
    key = _key(password, salt, _COST, _BLOCK, _PARALLEL)
    return "$".join(
        ("scrypt", str(_COST), str(_BLOCK), str(_PARALLEL), *map(_written, (salt, key)))
    )


def matches(password: str, kept: str) -> bool:
    """Whether a password is the one that was hashed; takes as long for a wrong one."""
    cost, block, parallel, salt, key = _pieces(kept)
    return hmac.compare_digest(_key(password, salt, cost, block, parallel), key)


def kept_in(path: Path) -> str:
    """The hash in a file. Raises PasswordError when it cannot be read or holds something else."""
    try:
        line = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise PasswordError(
            f"There is no password in {path}: make one with `vidtrail serve --password-file "
            f"{path} --new-password`."
        ) from None
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is no text"
        raise PasswordError(f"The password file {path} cannot be read: {reason}.") from None
    try:
        _pieces(line)
    except PasswordError:
        raise PasswordError(
            f"{path} holds no hashed password: make it anew with --new-password."
        ) from None
    return line


def keep(password: str, path: Path) -> None:
    """Write a password's hash to a file that only its owner can read. Raises PasswordError."""
    line = hashed(password)
    partial = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{line}\n")
        partial.replace(path)
    except OSError as problem:
        raise PasswordError(
            f"The password file {path} cannot be written: {problem.strerror}."
        ) from None


def _key(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(
        password.encode(), salt=salt, n=cost, r=block, p=parallel,
        maxmem=_MOST_MEMORY, dklen=_KEY_BYTES,
    )  # fmt: skip


def _written(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _pieces(kept: str) -> tuple[int, int, int, bytes, bytes]:
    try:
        name, cost, block, parallel, salt, key = kept.split("$")
        if name != "scrypt":
            raise ValueError(name)
        return (
            int(cost), int(block), int(parallel),
            base64.b64decode(salt, validate=True), base64.b64decode(key, validate=True),
        )  # fmt: skip
    except (ValueError, binascii.Error):
        raise PasswordError("That is no hashed password.") from None
