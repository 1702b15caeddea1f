"""A profile's models, ready to use."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from core.errors import ModelError
from core.models.clip import OpenClipEncoder
from core.models.open_clip_files import clip_files
from core.models.profile import DEMO_FOLDER, Profile
from core.models.weights import Progress, WeightSource, at_hand, cache_dir, fetch
from core.models.yolo import YoloDetector

logger = logging.getLogger(__name__)


def load_detector(
    profile: Profile,
    *,
    cache: Path | None = None,
    progress: Progress | None = None,
    runtime: str | None = None,
) -> YoloDetector:
    """The detector of a profile; its weights are fetched on first use.

    runtime: insist on one of RUNTIMES, as a resumed ingest does.
    Raises ModelError, one sentence, when the weights cannot be had or are damaged.
    """
    cache = cache or cache_dir()
    spec = profile.detector
    path = spec.path
    if path is None:
        if spec.source is None:
            raise ModelError(f"The profile {profile.name} names no detector.")
        path = fetch(spec.source, cache, progress)
    _check_checkout(path)
    return YoloDetector(
        path,
        label=spec.name,
        image_size_px=profile.image_size_px,
        min_confidence=profile.min_confidence,
        cache=cache,
        runtime=runtime,
    )


def load_encoder(
    profile: Profile,
    *,
    cache: Path | None = None,
    progress: Progress | None = None,
    runtime: str | None = None,
) -> OpenClipEncoder:
    """The encoder of a profile; its files are fetched on first use.

    Raises ModelError, one sentence, when they cannot be had or are damaged.
    """
    cache = cache or cache_dir()
    spec = profile.encoder
    path = spec.path
    if path is None:
        path = _fetch_all(spec.sources, cache, progress)
    _check_checkout(path)
    return OpenClipEncoder(clip_files(spec.name, path, cache), cache=cache, runtime=runtime)


def missing_weights(profile: Profile, cache: Path | None = None) -> list[WeightSource]:
    """Published files of a profile that would be downloaded on first use."""
    sources: list[WeightSource] = []
    if profile.detector.path is None and profile.detector.source is not None:
        sources.append(profile.detector.source)
    if profile.encoder.path is None:
        sources += profile.encoder.sources
    return [s for s in sources if not s.optional and not at_hand(s, cache)]


def _fetch_all(sources: Sequence[WeightSource], cache: Path, progress: Progress | None) -> Path:
    """Fetch files that lie together; the optional ones are asked for only with the others."""
    if not sources:
        raise ModelError("The profile names no encoder.")
    complete = all(at_hand(source, cache) for source in sources if not source.optional)
    for source in sources:
        if source.optional:
            if complete or at_hand(source, cache):
                continue
            try:
                fetch(source, cache, progress)
            except ModelError as problem:
                logger.info("an optional file is left out: %s", problem)
        else:
            fetch(source, cache, progress)
    return (cache / sources[0].path).parent


def _check_checkout(path: Path) -> None:
    if path.is_relative_to(DEMO_FOLDER) and not path.is_dir():
        raise ModelError(
            f"The demo models are missing in {DEMO_FOLDER}: the checkout is incomplete; "
            "fetch it again."
        )
