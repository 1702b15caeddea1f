"""Text vectors that are kept: fewer questions to the encoder, and no harm from damaged files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.library.meta import encoder_slug
from core.search.prompts import LazyEncoder, Prompts
from tests.core.search.collection import ENCODER, WordEncoder


def kept(folder: Path) -> Path:
    return folder / encoder_slug(ENCODER) / "prompts.npz"


def test_each_text_is_encoded_once(tmp_path: Path) -> None:
    encoder = WordEncoder()
    one = Prompts(encoder, tmp_path)
    vectors = one.vectors(["red car", "blue car", "red car"])
    assert encoder.asked == ["red car", "blue car"]
    np.testing.assert_array_equal(vectors[0], vectors[2])
    again = Prompts(WordEncoder(fails=True), tmp_path)
    np.testing.assert_allclose(again.vectors(["blue car", "red car"]), vectors[[1, 0]])


def test_an_ensemble_is_of_unit_length(tmp_path: Path) -> None:
    vectors = Prompts(WordEncoder(), None).ensemble(["red car", "dog"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, rtol=1e-5)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", [b"", b"no archive", b"PK\x03\x04 cut off"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    Prompts(WordEncoder(), tmp_path).vectors(["red car"])
    kept(tmp_path).write_bytes(damage)
    Prompts(WordEncoder(), tmp_path).vectors(["red car"])
    assert Prompts(WordEncoder(fails=True), tmp_path).vectors(["red car"]).shape[0] == 1


def test_a_folder_that_cannot_be_written_to_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / encoder_slug(ENCODER)).write_text("a file where a folder should be")
    assert len(Prompts(WordEncoder(), tmp_path).vectors(["red car"])) == 1


def test_derived_arrays_are_only_read_for_the_same_stamp(tmp_path: Path) -> None:
    prompts = Prompts(WordEncoder(), tmp_path)
    values = np.eye(3, dtype=np.float32)
    prompts.write("colours", "one", values)
    read = prompts.read("colours", "one")
    assert read is not None
    np.testing.assert_array_equal(read, values)
    assert prompts.read("colours", "other") is None
    assert prompts.read("shapes", "one") is None


def test_a_lazy_encoder_is_loaded_once() -> None:
    loads = []

    def load() -> WordEncoder:
        loads.append(1)
        return WordEncoder()

    lazy = LazyEncoder(ENCODER, WordEncoder().dim, load)
    assert not loads
    lazy.encode_texts(["car"])
    lazy.encode_texts(["dog"])
    assert len(loads) == 1
