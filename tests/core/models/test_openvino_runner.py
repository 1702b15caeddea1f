from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

SIGNALLED = """
import gc, signal
import torch
from core.models.openvino_runner import OpenVinoRunner, convert

pool = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())

def runner():
    model = convert(pool, torch.zeros(1, 3, 32, 32), [-1, 3, 32, 32])
    return OpenVinoRunner(model, (32, 32), "f32", batch=1)

first, second = runner(), runner()
del first
gc.collect()
del second
gc.collect()
signal.signal(signal.SIGTERM, lambda *_: print("heard"))
signal.raise_signal(signal.SIGTERM)
"""


@pytest.mark.slow
def test_a_signal_is_heard_after_networks_are_gone():
    """On a processor with AMX it ended the process, Ctrl-C under `vidtrail demo` among them."""
    done = subprocess.run(
        [sys.executable, "-c", SIGNALLED],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "heard\n"), done.stderr
