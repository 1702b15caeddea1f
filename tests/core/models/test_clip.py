from __future__ import annotations

import json
import logging
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from core.detections import Float32, Image
from core.errors import ModelError
from core.models.clip import OpenClipEncoder
from core.models.letterbox import square
from core.models.open_clip_files import clip_files

from .conftest import TINY_CLIP, write_clip


def encoder(
    path: Path, cache: Path, name: str = "tiny", runtime: str = "torch-f32"
) -> OpenClipEncoder:
    return OpenClipEncoder(clip_files(name, path, cache), cache=cache, runtime=runtime)


@pytest.fixture
def crops() -> list[Image]:
    rng = np.random.default_rng(4)
    shapes = [(1, 1), (40, 12), (9, 70), (32, 32), (100, 101), (64, 20), (5, 5), (30, 31), (8, 9)]
    return [rng.integers(0, 256, (*shape, 3), np.uint8) for shape in shapes]


@pytest.mark.parametrize("runtime", ["torch-f32", "openvino-f32"])
def test_pictures_become_unit_vectors(
    clip_folder: Path, cache: Path, crops: list[Image], runtime: str
) -> None:
    one = encoder(clip_folder, cache, runtime=runtime)
    vectors = one.encode_images(crops)

    assert vectors.shape == (len(crops), one.dim) == (9, 16)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(one.encode_images(crops[4:6]), vectors[4:6])
    assert np.abs(vectors[1] - vectors[2]).max() > 1e-3


def test_pixels_are_normalised_as_the_model_was_trained(
    clip_folder: Path, cache: Path, crops: list[Image]
) -> None:
    """Against open_clip itself, given the same padded picture."""
    import open_clip
    import torch
    from PIL import Image as Pil

    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{clip_folder}")
    padded = square(crops[4], (32, 32))
    with torch.no_grad():
        raw = model.eval().encode_image(preprocess(Pil.fromarray(padded))[None])[0].numpy()
    expected: Float32 = raw / np.linalg.norm(raw)

    for runtime in ("torch-f32", "openvino-f32"):
        found = encoder(clip_folder, cache, runtime=runtime).encode_images([crops[4]])[0]
        np.testing.assert_allclose(found, expected, atol=2e-4)


def test_texts_become_unit_vectors(clip_folder: Path, cache: Path) -> None:
    one = encoder(clip_folder, cache)
    texts = ["a red car", "car", "a red car"] + [f"text {i}" for i in range(80)]
    vectors = one.encode_texts(texts)

    assert vectors.shape == (83, 16)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(vectors[0], vectors[2])
    assert np.abs(vectors[0] - vectors[1]).max() > 1e-3


def test_texts_asked_before_need_no_weights(
    clip_folder: Path, tmp_path: Path, crops: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = encoder(clip_folder, tmp_path, runtime="openvino-f32")
    first.encode_images(crops[:1])  # so that the picture tower is kept as well
    expected = first.encode_texts(["a red car", "дом\ud800"])

    def refuse(*_: object) -> None:
        raise AssertionError("the weights were loaded")

    monkeypatch.setattr("core.models.open_clip_files.ClipFiles.load", refuse)
    again = encoder(clip_folder, tmp_path, runtime="openvino-f32")

    np.testing.assert_array_equal(again.encode_texts(["a red car", "дом\ud800"]), expected)
    with pytest.raises(AssertionError, match="were loaded"):
        again.encode_texts(["a blue car"])


@pytest.mark.parametrize("content", [b"", b"damaged", "other length"])
def test_a_damaged_text_vector_is_made_again(
    clip_folder: Path, tmp_path: Path, content: bytes | str
) -> None:
    one = encoder(clip_folder, tmp_path)
    expected = one.encode_texts(["car"])
    (file,) = (tmp_path / "texts").rglob("*.npy")
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        np.save(file, np.zeros(3, np.float32))

    np.testing.assert_array_equal(one.encode_texts(["car"]), expected)


def test_texts_where_nothing_can_be_written(
    clip_folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "texts").write_text("a file in the way")
    one = encoder(clip_folder, tmp_path)
    with caplog.at_level(logging.WARNING):
        assert one.encode_texts(["car", "bus"]).shape == (2, 16)

    assert sum("cannot be kept" in r.message for r in caplog.records) == 1


def test_the_own_vocabulary_is_used(clip_folder: Path, cache: Path) -> None:
    loaded = clip_files("tiny", clip_folder, cache).load()
    tokens = loaded.tokenize(["red"])[0]

    assert tokens.tolist()[:3] == [516, 513, 517]  # start, "red</w>" by two merges, end
    assert tokens.shape == (12,)


def test_a_vocabulary_that_does_not_fit(clip_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(clip_folder, tmp_path / "other")
    (tmp_path / "other" / "bpe_merges.txt.gz").unlink()  # open_clip then takes its own, larger one

    with pytest.raises(ModelError, match="vocabulary"):
        encoder(tmp_path / "other", tmp_path / "cache")


def test_nothing_in_nothing_out(clip_folder: Path, cache: Path) -> None:
    one = encoder(clip_folder, cache)

    assert one.encode_images([]).shape == (0, 16)
    assert one.encode_texts([]).shape == (0, 16)


def test_no_picture(clip_folder: Path, cache: Path) -> None:
    with pytest.raises(ValueError, match="not an RGB picture"):
        encoder(clip_folder, cache).encode_images([np.zeros((0, 4, 3), np.uint8)])


def test_names_tell_weights_apart(clip_folder: Path, tmp_path: Path, cache: Path) -> None:
    other = write_clip(tmp_path, seed=6)

    assert encoder(clip_folder, cache).name == encoder(clip_folder, cache).name
    assert encoder(clip_folder, cache).name != encoder(other, cache).name
    assert encoder(clip_folder, cache, "my/own: CLIP").name.startswith("my-own-CLIP-")


def test_a_kept_conversion_needs_no_weights_in_memory(
    clip_folder: Path, tmp_path: Path, crops: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = encoder(clip_folder, tmp_path, runtime="openvino-f32").encode_images(crops)

    def refuse(*_: object) -> None:
        raise AssertionError("the weights were loaded")

    monkeypatch.setattr("core.models.open_clip_files.ClipFiles.load", refuse)
    found = encoder(clip_folder, tmp_path, runtime="openvino-f32").encode_images(crops)

    np.testing.assert_array_equal(found, expected)


def test_the_first_use_measures(
    clip_folder: Path, tmp_path: Path, crops: list[Image], caplog: pytest.LogCaptureFixture
) -> None:
    one = OpenClipEncoder(clip_files("tiny", clip_folder, tmp_path), cache=tmp_path)
    with caplog.at_level(logging.INFO):
        one.encode_images(crops)

    assert f"runs in {one.runtime}" in caplog.text


def test_threads_give_the_same(clip_folder: Path, cache: Path, crops: list[Image]) -> None:
    one = encoder(clip_folder, cache)
    expected = one.encode_images(crops), one.encode_texts(["car"])
    found: list[tuple[Float32, Float32]] = []
    threads = [
        threading.Thread(
            target=lambda: found.append((one.encode_images(crops), one.encode_texts(["car"])))
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 3
    for pictures, texts in found:
        np.testing.assert_array_equal(pictures, expected[0])
        np.testing.assert_array_equal(texts, expected[1])


def test_a_folder_without_weights_is_never_a_random_model(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "open_clip_config.json").write_text(json.dumps(TINY_CLIP))

    with pytest.raises(ModelError, match="holds no encoder weights"):
        encoder(tmp_path, cache)


@pytest.mark.parametrize("damage", ["half", "other model", "no config"])
def test_damaged_folders(clip_folder: Path, tmp_path: Path, cache: Path, damage: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(clip_folder, folder)
    weights = folder / "open_clip_model.safetensors"
    if damage == "half":
        weights.write_bytes(weights.read_bytes()[:1000])
    elif damage == "other model":
        config = json.loads((folder / "open_clip_config.json").read_text())
        config["model_cfg"]["embed_dim"] = 24
        (folder / "open_clip_config.json").write_text(json.dumps(config))
    else:
        (folder / "open_clip_config.json").write_text("{}")

    with pytest.raises(ModelError) as caught:
        encoder(folder, cache)
    assert str(weights) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_weights_of_another_model(clip_folder: Path, cache: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded as RN50"):
        encoder(clip_folder / "open_clip_model.safetensors", cache, "RN50")


def test_a_name_open_clip_does_not_know(clip_folder: Path, cache: Path) -> None:
    with pytest.raises(ModelError, match="knows no model 'ViT-XXL'"):
        encoder(clip_folder / "open_clip_model.safetensors", cache, "ViT-XXL")


@pytest.mark.parametrize(
    ("name", "file", "mean"),
    [
        ("ViT-B-16-SigLIP2", "x.safetensors", 0.5),
        ("PE-Core-L-14-336", "x.pt", 0.5),
        ("MobileCLIP-S2", "x.pt", 0.0),
        ("ViT-B-32", "openai.pt", 0.48145466),
    ],
)
def test_normalisation_of_published_models(name: str, file: str, mean: float) -> None:
    """A file alone does not carry it, and open_clip would take OpenAI's for all."""
    from core.models.open_clip_files import _published_settings

    settings = _published_settings(name, Path(file))

    assert settings.get("mean", (0.48145466,))[0] == pytest.approx(mean)
