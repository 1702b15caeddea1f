"""What holds for every test: caches and settings of its own, nothing of the person who runs it."""

from __future__ import annotations

import os
import shutil
import tempfile

import hypothesis
import pytest

# The same examples in every run: a change is judged by what it changed.
# `--hypothesis-profile=search` looks for new ones.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", max_examples=300, deadline=None)
hypothesis.settings.load_profile("same")

_OWN: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    """Give models and libraries a cache of the run's own; its workers inherit it."""
    if hasattr(config, "workerinput"):
        return
    folder = tempfile.mkdtemp(prefix="vidtrail-tests-")
    _OWN.append(folder)
    for name in ("VIDTRAIL_CACHE", "YOLO_CONFIG_DIR", "MPLCONFIGDIR"):
        os.environ[name] = os.path.join(folder, name.lower())  # noqa: PTH118
        os.makedirs(os.environ[name])  # noqa: PTH103
    os.environ["YOLO_OFFLINE"] = "true"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.pop("VIDTRAIL_LIBRARY", None)


def pytest_unconfigure(config: pytest.Config) -> None:
    while _OWN:
        shutil.rmtree(_OWN.pop(), ignore_errors=True)
