"""A named set of models and settings: what to look with, and how often."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from core.errors import ModelError
from core.models.weights import WeightSource, sha256_of

DEMO_FOLDER = Path(__file__).parent / "demo"
NAMES = ("demo", "fast", "balanced", "best")

DETECTOR_HINT = "--detector FILE"
ENCODER_HINT = "--encoder NAME=FILE_OR_FOLDER"

# Files that lie beside a model without being part of it: cards, notes of a download.
_BESIDE_A_MODEL = {".md", ".sha256", ".lock", ".part"}

_YOLO_LICENCE = "AGPL-3.0"
_SIGLIP_LICENCE = "Apache-2.0"
_YOLO_RELEASE = "https://github.com/ultralytics/assets/releases/download/v8.4.0"
_HUB = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """Which detector: a file or folder at hand, else one to fetch.

    path: .pt, .onnx, an OpenVINO folder, or a folder with `detector.yaml`, `.safetensors`, `.json`;
    a text file of boxes where `reading` says how it is read.
    """

    name: str
    licence: str
    path: Path | None = None
    source: WeightSource | None = None
    reading: str = ""


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """Which encoder: a file or folder at hand, else files to fetch into one folder.

    name: an open_clip model name, or the name given to a folder that carries its own config.
    folder: where the sources lie together, below the cache folder.
    """

    name: str
    licence: str
    path: Path | None = None
    folder: str = ""
    sources: tuple[WeightSource, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """Models and settings under one name.

    sample_fps: frames looked at, per second of video. image_size_px: long side of the picture
    given to the detector. min_confidence: boxes below it are not kept.
    """

    name: str
    detector: DetectorSpec
    encoder: EncoderSpec
    sample_fps: float = 12.0
    image_size_px: int = 640
    min_confidence: float = 0.1
    description: str = ""

    @property
    def licences(self) -> dict[str, str]:
        """Model name -> licence of its weights."""
        return {
            self.detector.name: self.detector.licence,
            self.encoder.name: self.encoder.licence,
        }

    def fingerprint(self) -> str:
        """16 hex characters: equal where models and settings are.

        Files given by hand count by their content, published ones by their address.
        Raises ModelError when a given file cannot be read.
        """
        spec = {
            "detector": [
                *_identity(self.detector.path, self.detector.source),
                *filter(None, [self.detector.reading]),
            ],
            "encoder": [self.encoder.name, _identity(self.encoder.path, *self.encoder.sources)],
            "sample_fps": self.sample_fps,
            "image_size_px": self.image_size_px,
            "min_confidence": self.min_confidence,
        }
        return hashlib.blake2b(json.dumps(spec).encode(), digest_size=8).hexdigest()


def _identity(path: Path | None, *sources: WeightSource | None) -> list[str]:
    if path is None:
        return [source.url for source in sources if source is not None]
    return [sha256_of(*model_files(path))]


def model_files(path: Path) -> list[Path]:
    """The file itself, or the files of a folder, ordered by name. Raises ModelError."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise ModelError(f"There is no model file or folder {path}.")
    files = (p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
    return sorted(p for p in files if p.suffix not in _BESIDE_A_MODEL)


def profile(
    name: str, *, detector_file: Path | str | None = None, encoder: str | None = None
) -> Profile:
    """A built-in profile, with a detector or encoder of one's own where given.

    detector_file: replaces the detector. encoder: "NAME=FILE_OR_FOLDER", or a folder with
    `open_clip_config.json`; replaces the encoder.
    Raises ModelError for an unknown name or a file that does not exist.
    """
    if name not in NAMES:
        raise ModelError(f"There is no profile {name!r}; there are {', '.join(NAMES)}.")
    chosen = _builtin(name)
    if detector_file is not None:
        path = Path(detector_file).expanduser().absolute()
        if not path.exists():
            raise ModelError(f"There is no detector file {path}.")
        spec = DetectorSpec(path.stem, "as its file states", path=path)
        chosen = dataclasses.replace(chosen, detector=spec)
    if encoder is not None:
        chosen = dataclasses.replace(chosen, encoder=_own_encoder(encoder))
    return chosen


def _own_encoder(text: str) -> EncoderSpec:
    name, separator, place = text.partition("=")
    if not separator:
        name, place = "", text
    path = Path(place).expanduser().absolute()
    if not path.exists():
        raise ModelError(
            f"There is no encoder file or folder {path}; give it as NAME=FILE_OR_FOLDER, "
            "such as ViT-B-32=/models/vit-b-32.safetensors."
        )
    if not name and not path.is_dir():
        raise ModelError(
            f"{path.name} alone does not say which model it is: give it as NAME=FILE, "
            f"such as ViT-B-32={path}."
        )
    return EncoderSpec(name or path.name, "as its file states", path=path)


def _builtin(name: str) -> Profile:
    if name == "demo":
        return Profile(
            "demo",
            DetectorSpec("demo", "AGPL-3.0-or-later", path=DEMO_FOLDER),
            EncoderSpec("demo", "AGPL-3.0-or-later", path=DEMO_FOLDER / "encoder"),
            description="Comes with the checkout; knows only the rendered sample world.",
        )
    if name == "fast":
        return Profile(
            "fast",
            _yolo("yolo26n"),
            _hub_encoder("ViT-B-32-SigLIP2-256", _SIGLIP_LICENCE),
            sample_fps=10.0,
            description="Real footage on a laptop without a GPU.",
        )
    if name == "balanced":
        return Profile(
            "balanced",
            _yolo("yolo26s"),
            _hub_encoder("ViT-B-16-SigLIP2", _SIGLIP_LICENCE),
            description="Real footage on a good CPU or any GPU.",
        )
    return Profile(
        "best",
        _yolo("yolo26m"),
        _hub_encoder("ViT-L-16-SigLIP2-256", _SIGLIP_LICENCE),
        sample_fps=15.0,
        image_size_px=960,
        description="Real footage with small objects; wants a GPU.",
    )


def _yolo(name: str) -> DetectorSpec:
    source = WeightSource(
        f"{_YOLO_RELEASE}/{name}.pt", f"weights/{name}.pt", _YOLO_LICENCE, hint=DETECTOR_HINT
    )
    return DetectorSpec(name, _YOLO_LICENCE, source=source)


# What open_clip needs of a hub repository; weights first, so that a missing internet shows at once.
_ENCODER_FILES = ("open_clip_model.safetensors", "open_clip_config.json")
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")


def _hub_encoder(name: str, licence: str) -> EncoderSpec:
    return EncoderSpec(
        name,
        licence,
        folder=f"weights/{name}",
        sources=tuple(
            hub_file(name, file, licence) for file in (*_ENCODER_FILES, *TOKENIZER_FILES)
        ),
    )


def hub_file(name: str, file: str, licence: str) -> WeightSource:
    """A file of open_clip's own repository for a model name, at the Hugging Face hub."""
    return WeightSource(
        f"{_HUB}/timm/{name}/resolve/main/{file}",
        f"weights/{name}/{file}",
        licence,
        hint=ENCODER_HINT,
        optional=file == "special_tokens_map.json",
    )
