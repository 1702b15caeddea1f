"""Finding and loading the files of an open_clip model, without reaching for the internet."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import ModelError
from core.models.profile import TOKENIZER_FILES, hub_file, model_files
from core.models.torch_runner import torch_module
from core.models.weights import fetch, sha256_of

logger = logging.getLogger(__name__)

CONFIG_FILE = "open_clip_config.json"
VOCABULARY_FILE = "bpe_merges.txt.gz"
# The names under which open_clip itself looks for weights in a folder.
_WEIGHT_FILES = (
    "open_clip_model.safetensors",
    "open_clip_pytorch_model.safetensors",
    "open_clip_pytorch_model.bin",
    "open_clip_pytorch_model.pth",
    "model.safetensors",
    "pytorch_model.bin",
    "pytorch_model.pth",
    "model.pth",
)
_UNFIT_FOR_FILE_NAMES = re.compile(r"[^A-Za-z0-9.]+")


@dataclass(frozen=True, slots=True)
class LoadedClip:
    """A model in memory. facts: dim, size (width, height), mean, std; all JSON."""

    model: Any
    tokenize: Callable[[list[str]], Any]
    facts: dict[str, Any]

    def picture_tower(self) -> Any:
        """Module from normalised pictures to vectors that are not yet of unit length."""
        return self.model.visual


@dataclass(frozen=True, slots=True)
class ClipFiles:
    """Where a model lies. label: fit for file names. digest: SHA-256 over its files.

    folder: with `open_clip_config.json` and weights; else weights: one file for architecture.
    """

    label: str
    digest: str
    folder: Path | None
    weights: Path
    architecture: str
    cache: Path

    def load(self) -> LoadedClip:
        """Build the model with its weights. Raises ModelError when they do not fit."""
        torch_module()
        # Everything that is needed is at hand: what still asks the hub shall fail, not wait.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
        root = logging.getLogger()
        root.addFilter(_drop_chatter)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return self._from_folder() if self.folder is not None else self._from_file()
        finally:
            root.removeFilter(_drop_chatter)

    def _from_folder(self) -> LoadedClip:
        import open_clip

        place = f"local-dir:{self.folder}"
        try:
            model = open_clip.create_model(place, require_pretrained=True)
        except Exception as problem:  # open_clip and torch raise all kinds here
            raise self._unfit(problem) from problem
        settings = open_clip.get_model_preprocess_cfg(model)
        return self._ready(model, self._tokenizer(place), settings)

    def _from_file(self) -> LoadedClip:
        import open_clip

        known = _published_settings(self.architecture, self.weights)
        try:
            model = open_clip.create_model(
                self.architecture,
                pretrained=str(self.weights),
                force_preprocess_cfg=known,
                require_pretrained=True,
            )
        except Exception as problem:
            raise self._unfit(problem) from problem
        settings = open_clip.get_model_preprocess_cfg(model)
        return self._ready(model, self._tokenizer(self.architecture), settings)

    def _unfit(self, problem: Exception) -> ModelError:
        lines = str(problem).splitlines()
        reason = lines[0] if lines else type(problem).__name__
        return ModelError(
            f"{self.weights} cannot be loaded as {self.architecture or 'its config says'}: "
            f"{reason[:200]}"
        )

    def _ready(
        self, model: Any, tokenize: Callable[[list[str]], Any], settings: Mapping[str, Any]
    ) -> LoadedClip:
        torch = torch_module()
        model = model.float().eval().requires_grad_(False)
        size = settings["size"]
        height, width = size if isinstance(size, list | tuple) else (size, size)
        try:
            with torch.inference_mode():
                dim = int(model.encode_text(tokenize(["a car"])).shape[1])
        except (IndexError, RuntimeError) as problem:
            raise ModelError(
                f"The vocabulary beside {self.weights} does not fit the model: {problem}"
            ) from problem
        facts = {
            "dim": dim,
            "size": [int(width), int(height)],
            "mean": [float(value) for value in settings["mean"]],
            "std": [float(value) for value in settings["std"]],
        }
        return LoadedClip(model, tokenize, facts)

    def _tokenizer(self, place: str) -> Callable[[list[str]], Any]:
        import open_clip

        own = self.weights.parent / VOCABULARY_FILE
        text = self._text_settings()
        if text.get("hf_tokenizer_name"):
            return self._hub_tokenizer(text)
        # Without an absolute path open_clip would silently take its own, larger vocabulary.
        own_words = {"bpe_path": str(own.absolute())} if own.is_file() else {}
        tokenizer: Callable[[list[str]], Any] = open_clip.get_tokenizer(place, **own_words)
        return tokenizer

    def _text_settings(self) -> dict[str, Any]:
        import open_clip

        if self.folder is not None:
            config = json.loads((self.folder / CONFIG_FILE).read_text("utf-8"))["model_cfg"]
        else:
            config = open_clip.get_model_config(self.architecture)
        return dict(config.get("text_cfg", {}))

    def _hub_tokenizer(self, text: Mapping[str, Any]) -> Callable[[list[str]], Any]:
        """A Hugging Face tokenizer from files beside the weights, else fetched once."""
        from open_clip.tokenizer import HFTokenizer

        if importlib.util.find_spec("transformers") is None:
            raise ModelError(
                f"The vocabulary of {self.label} needs the package transformers: "
                "install it with pip install transformers."
            )
        folder = self.weights.parent
        if not (folder / TOKENIZER_FILES[0]).is_file():
            for name in TOKENIZER_FILES:
                file = hub_file(self.architecture, name, "")
                if not file.optional:
                    folder = fetch(file, self.cache).parent
        try:
            tokenizer: Callable[[list[str]], Any] = HFTokenizer(
                str(folder),
                context_length=text.get("context_length", 77),
                tokenizer_mode=text.get("tokenizer_mode"),
                **text.get("tokenizer_kwargs", {}),
            )
        except Exception as problem:
            raise ModelError(
                f"The vocabulary files in {folder} are damaged: {problem}"
            ) from problem
        return tokenizer


def _drop_chatter(record: logging.LogRecord) -> bool:
    """A log filter: open_clip tells each step of loading to the root logger."""
    return record.levelno > logging.INFO or "open_clip" not in record.pathname


def clip_files(name: str, path: Path, cache: Path) -> ClipFiles:
    """What lies at a path: a folder with its own config, or the weights of a named model.

    Raises ModelError when something is missing.
    """
    label = _UNFIT_FOR_FILE_NAMES.sub("-", name).strip("-") or "encoder"
    if path.is_dir():
        weights = next((path / n for n in _WEIGHT_FILES if (path / n).is_file()), None)
        if weights is None:
            raise ModelError(
                f"{path} holds no encoder weights (looked for {_WEIGHT_FILES[0]} and the like)."
            )
        if (path / CONFIG_FILE).is_file():
            digest = sha256_of(*model_files(path))
            return ClipFiles(label, digest, path, weights, name, cache)
        path = weights
    if not path.is_file():
        raise ModelError(f"There is no encoder file or folder {path}.")
    import open_clip

    if name not in open_clip.list_models():
        raise ModelError(
            f"open_clip knows no model {name!r}; give NAME=FILE with a name it lists, such as "
            "ViT-B-32, or a folder with open_clip_config.json."
        )
    return ClipFiles(label, sha256_of(path), None, path, name, cache)


def _published_settings(name: str, weights: Path) -> dict[str, Any]:
    """Mean and std that a model was trained with; a file alone does not carry them.

    open_clip takes OpenAI's for any file, which is wrong for SigLIP, PE and MobileCLIP.
    """
    import open_clip
    from open_clip.pretrained import list_pretrained_tags_by_model

    settings: dict[str, dict[str, Any]] = {}
    for tag in list_pretrained_tags_by_model(name):
        found = open_clip.get_pretrained_cfg(name, tag) or {}
        settings[tag] = {key: found[key] for key in ("mean", "std") if found.get(key)}
    distinct = {json.dumps(value, sort_keys=True) for value in settings.values()}
    if len(distinct) == 1:
        return next(iter(settings.values()))
    for tag, value in settings.items():
        if tag in weights.name:
            return value
    if distinct:
        logger.warning(
            "%s was published with several pixel normalisations; %s is taken to use OpenAI's",
            name,
            weights.name,
        )
    return {}
