"""How far suggestions of the same object can be trusted, against worlds that know the answer.

    python -m benchmarks.identity --library DIR [--world DIR ...]

Worlds are pairs of clips that show the same traffic (`crossroads-pair-a`, `crossroads-pair-b`):
objects with one `global_id` in their truth.json are one. Videos that are not in the library yet are
added with the demo models. A track counts as the object whose boxes it lies on; pairs with a track
that lies on none cannot be judged and are only counted.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from core.evaluate.judging import objects_of
from core.evaluate.truth import worlds_in
from core.identity.suggestions import Suggester, Suggestion
from core.ingest.batch import add_paths
from core.library.library import Library
from core.library.notes import TrackRef
from core.models.profile import profile

SAMPLES = Path(__file__).parents[1] / "sample_videos"
PAIR = tuple(SAMPLES / name for name in ("crossroads-pair-a-1", "crossroads-pair-b-1"))
LEAST = 0.02  # what is less likely is no suggestion
BUCKETS = (0.0, LEAST, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.01)
ALL = 100_000

Truth = Mapping[TrackRef, str]


def truth_of(library: Library, folders: Sequence[Path]) -> dict[TrackRef, str]:
    """Track -> global id of the object it lies on, for the tracks that lie on one."""
    worlds = worlds_in(folders)
    outcomes = add_paths(library, [world.video for world in worlds], profile("demo"))
    known: dict[TrackRef, str] = {}
    for world, outcome in zip(worlds, outcomes, strict=True):
        listed = json.loads((world.video.parent / "truth.json").read_text())["objects"]
        ids = {int(o["id"]): str(o.get("global_id") or f"{world.name}-{o['id']}") for o in listed}
        for track, objects in objects_of(library.shard(outcome.video_id), world).items():
            if objects:
                known[TrackRef(outcome.video_id, track)] = ids[objects[0]]
    return known


def right(one: Suggestion, truth: Truth) -> bool | None:
    """Whether a suggestion is right, None where nobody can say."""
    if one.a not in truth or one.b not in truth:
        return None
    return truth[one.a] == truth[one.b]


def print_precision(title: str, found: Sequence[Suggestion], truth: Truth) -> None:
    print(f"\n{title}\n{'p':>12}{'judged':>8}{'right':>8}{'mean p':>8}{'unjudged':>10}")
    buckets: list[list[tuple[float, bool]]] = []
    for low, high in pairwise(BUCKETS):
        mine = [one for one in found if low <= one.p < high]
        judged = [(one.p, verdict) for one in mine if (verdict := right(one, truth)) is not None]
        if low >= LEAST:
            buckets.append(judged)
        if mine:
            share = f"{np.mean([v for _, v in judged]):.3f}" if judged else "-"
            mean = f"{np.mean([one.p for one in mine]):.3f}"
            span = f"{low:.2f}-{high:.2f}"
            print(f"{span:>12}{len(judged):>8}{share:>8}{mean:>8}{len(mine) - len(judged):>10}")
    mutual = [v for one in found if one.mutual and (v := right(one, truth)) is not None]
    print(f"mutual nearest: {len(mutual)} judged, {np.mean(mutual or [False]):.3f} right")
    off = [abs(sum(p - float(v) for p, v in bucket)) for bucket in buckets]
    print(
        f"expected calibration error, p >= {LEAST}: {sum(off) / max(sum(map(len, buckets)), 1):.3f}"
    )


def print_recall(found: Sequence[Suggestion], truth: Truth, refs: Sequence[TrackRef]) -> None:
    """Of the objects with tracks in two videos, how many one right suggestion joins."""
    videos: dict[str, set[str]] = {}
    for ref, number in truth.items():
        videos.setdefault(number, set()).add(ref.video_id)
    there = {number for number, where in videos.items() if len(where) > 1}
    sharing = {
        frozenset((a, b)) for number in there for a in videos[number] for b in videos[number]
    }
    print(f"\nobjects with tracks in both videos: {len(there)} (tracks with pictures: {len(refs)})")
    for least in (0.5, 0.3, 0.2, 0.1, 0.05):
        joined = {truth[s.a] for s in found if s.p >= least and right(s, truth)}
        wrong = sum(right(s, truth) is False for s in found if s.p >= least)
        apart = sum(
            frozenset((s.a.video_id, s.b.video_id)) not in sharing
            for s in found
            if s.p >= least and right(s, truth) is False
        )
        print(f"  p >= {least:.2f}: {len(joined & there)} joined, {wrong} wrong suggestions, "
              f"{apart} of them between videos that share nothing")  # fmt: skip


def print_ranks(suggester: Suggester, truth: Truth) -> None:
    """Where the first right track of the other video comes when asked for one track."""
    ranks = []
    for ref, number in truth.items():
        if not any(n == number and r.video_id != ref.video_id for r, n in truth.items()):
            continue
        found = [
            one
            for one in suggester.suggest(of=ref, limit=50).found
            if one.b.video_id != ref.video_id and right(one, truth) is not None
        ]
        hits = [k for k, one in enumerate(found) if right(one, truth)]
        ranks.append(hits[0] if hits else ALL)
    if not ranks:
        print("\nno track has a counterpart in another video")
        return
    at = np.asarray(ranks)
    shares = "  ".join(f"R@{k} {np.mean(at < k):.3f}" for k in (1, 5, 10))
    print(f"\nasked for one track ({len(at)} with a counterpart): {shares}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--library", required=True, type=Path, metavar="DIR")
    options.add_argument("--world", nargs="+", type=Path, default=PAIR, metavar="DIR")
    chosen = options.parse_args()
    with Library.open(chosen.library) as library:
        truth = truth_of(library, chosen.world)
        encoder = library.video(next(iter(truth)).video_id).encoder
        start = time.perf_counter()
        suggester = Suggester(library, encoder)
        read_s = time.perf_counter() - start
        found = suggester.suggest(limit=ALL).found
        print(f"{suggester.likeness.reason}: {suggester.likeness}")
        print(f"read and learned in {read_s:.2f} s, all suggestions in "
              f"{time.perf_counter() - start - read_s:.2f} s")  # fmt: skip
        across = [one for one in found if one.a.video_id != one.b.video_id]
        within = [one for one in found if one.a.video_id == one.b.video_id]
        print_precision("across videos", across, truth)
        print_precision("later in the same video", within, truth)
        print_recall(across, truth, sorted({ref for one in found for ref in (one.a, one.b)}))
        print_ranks(suggester, truth)


if __name__ == "__main__":
    main()
