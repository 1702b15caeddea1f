from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import ModelError
from core.models import load
from core.models import profile as profiles
from core.models.profile import NAMES, profile


@pytest.mark.parametrize("name", NAMES)
def test_built_in_profiles(name: str) -> None:
    chosen = profile(name)

    assert chosen.name == name
    assert chosen.description
    assert all(chosen.licences.values())
    assert 8 <= chosen.sample_fps <= 15
    for source in (*chosen.encoder.sources, *filter(None, [chosen.detector.source])):
        assert source.url.startswith("https://")
        assert source.hint.startswith("--")


def test_unknown_profile() -> None:
    with pytest.raises(ModelError, match=r"no profile 'slow'; there are demo, fast"):
        profile("slow")


def test_own_files(tmp_path: Path) -> None:
    detector, encoder = tmp_path / "mine.pt", tmp_path / "clip.safetensors"
    detector.write_bytes(b"d")
    encoder.write_bytes(b"e")
    chosen = profile("balanced", detector_file=detector, encoder=f"ViT-B-32={encoder}")

    assert chosen.detector.path == detector
    assert chosen.encoder.path == encoder
    assert chosen.encoder.name == "ViT-B-32"
    assert load.missing_weights(chosen) == []


def test_own_encoder_folder(tmp_path: Path) -> None:
    folder = tmp_path / "my-clip"
    folder.mkdir()

    assert profile("demo", encoder=str(folder)).encoder.name == "my-clip"
    assert profile("demo", encoder=f"X={folder}").encoder.name == "X"


@pytest.mark.parametrize("text", ["nowhere", "ViT-B-32=/no/such/file", "="])
def test_own_encoder_that_is_not_there(text: str) -> None:
    if text == "=":
        with pytest.raises(ModelError):
            load.load_encoder(profile("demo", encoder=text))
        return
    with pytest.raises(ModelError, match="NAME=FILE_OR_FOLDER"):
        profile("demo", encoder=text)


def test_a_file_without_a_name(tmp_path: Path) -> None:
    file = tmp_path / "clip.safetensors"
    file.touch()
    with pytest.raises(ModelError, match="does not say which model it is"):
        profile("demo", encoder=str(file))


def test_detector_that_is_not_there() -> None:
    with pytest.raises(ModelError, match="no detector file /no/such"):
        profile("demo", detector_file="/no/such.pt")


def test_fingerprint_follows_content_and_settings(tmp_path: Path) -> None:
    one, copy, other = tmp_path / "a.pt", tmp_path / "b.pt", tmp_path / "c.pt"
    one.write_bytes(b"1")
    copy.write_bytes(b"1")
    other.write_bytes(b"2")

    def of(path: Path) -> str:
        return profile("fast", detector_file=path).fingerprint()

    assert of(one) == of(copy)
    assert of(one) != of(other)
    assert len({profile(name).fingerprint() for name in ("fast", "balanced", "best")}) == 3
    assert of(one) != profile("fast").fingerprint()


def test_notes_of_a_download_do_not_change_a_fingerprint(tmp_path: Path) -> None:
    folder = tmp_path / "clip"
    folder.mkdir()
    (folder / "open_clip_model.safetensors").write_bytes(b"w")
    before = profile("fast", encoder=str(folder)).fingerprint()
    for name in ("open_clip_model.safetensors.sha256", "x.lock", "MODEL_CARD.md"):
        (folder / name).write_text("x")

    assert profile("fast", encoder=str(folder)).fingerprint() == before


def test_a_checkout_without_demo_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "demo"
    monkeypatch.setattr(profiles, "DEMO_FOLDER", empty)
    monkeypatch.setattr(load, "DEMO_FOLDER", empty)

    for loader in (load.load_detector, load.load_encoder):
        with pytest.raises(ModelError, match="checkout is incomplete"):
            loader(profile("demo"), cache=tmp_path)


@pytest.mark.parametrize("name", ["fast", "balanced", "best"])
def test_offline_is_one_sentence(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("Network is unreachable")

    monkeypatch.setattr("socket.create_connection", refuse)
    with pytest.raises(ModelError, match=r"github\.com cannot be reached.*--detector FILE\.$"):
        load.load_detector(profile(name), cache=tmp_path)
    with pytest.raises(ModelError, match=r"huggingface\.co cannot be reached.*--encoder NAME=FILE"):
        load.load_encoder(profile(name), cache=tmp_path)
    assert len(load.missing_weights(profile(name), tmp_path)) >= 3


def test_models_of_a_profile(yolo_folder: Path, clip_folder: Path, cache: Path) -> None:
    chosen = profile("balanced", detector_file=yolo_folder, encoder=f"tiny={clip_folder}")
    detector = load.load_detector(chosen, cache=cache, runtime="torch-f32")
    encoder = load.load_encoder(chosen, cache=cache, runtime="torch-f32")

    assert detector.class_names == ("car", "truck", "person")
    assert encoder.dim == 16
    assert encoder.name.startswith("tiny-")
