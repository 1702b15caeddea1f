"""From where to where vehicles truly went, told from the world's script."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np

from sample_videos.world.movements import _seen, main, movements

ROOT = Path(__file__).parents[2]
CLIP = ROOT / "sample_videos" / "crossroads-red-11"


def test_what_turns_comes_from_another_road_than_it_goes_to(tmp_path: Path) -> None:
    shutil.copytree(CLIP, tmp_path / "clip", ignore=shutil.ignore_patterns("*.mp4"))
    assert main([str(tmp_path / "clip")]) == 0
    truth = json.loads((tmp_path / "clip" / "truth.json").read_text())
    told = json.loads((tmp_path / "clip" / "movements.json").read_text())
    assert len(told["arms"]) == 4
    arms = np.array(told["arms"])
    angle = np.arctan2(arms[:, 1], arms[:, 0])
    did = {entry["id"]: entry["did"] for entry in truth["objects"]}
    turned = 0
    for one in told["objects"]:
        for seen, planned in (("source", "from"), ("target", "to")):
            assert one[seen] in (-1, one[planned])
        a, b = one["source"], one["target"]
        if a < 0 or b < 0:
            continue
        bend = np.degrees(np.angle(np.exp(1j * (angle[b] - angle[a] - np.pi))))
        if "turn_left" in did.get(one["object"], {}):
            assert 40.0 < bend < 140.0
            turned += 1
        elif "turn_right" in did.get(one["object"], {}):
            assert -140.0 < bend < -40.0
    assert turned
    truth["camera"]["x"] += 5.0
    seen = _seen(tmp_path / "clip" / "gt" / "gt.txt", (truth["width"], truth["height"]))
    assert movements(truth, seen) is None
