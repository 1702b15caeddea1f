"""What each part of following objects is worth, and what following costs.

    python -m benchmarks.tracking [WORLD...] [--stride 1,3,5,10] [--cache DIR]
    python -m benchmarks.tracking --cost
    python -m benchmarks.tracking --hour 60 [--video VIDEO]

A WORLD is a sequence with tracking truth, as `vidtrail evaluate tracking` takes them, judged in the
same way. The first line of a table is the whole; in every other line one part is left out. `--cost`
measures association beside Ultralytics' trackers, and the linking of an hour; `--hour N` reads a
video of N minutes and watches its memory.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.tracking_load import show_cost, show_hour
from core.detections import Detections, Float32, Image
from core.evaluate.following import FrameTracker, OwnTracker
from core.evaluate.observations import Looking, Observations, observe
from core.evaluate.scores import TrackedBoxes, mean
from core.evaluate.sequences import TrackingSequence, sequences_in
from core.evaluate.tracking import judge
from core.models.encoder import Encoder
from core.models.load import load_detector, load_encoder
from core.models.profile import Profile, profile
from core.tracking.camera import CameraStep
from core.tracking.camera_motion import CameraMotion
from core.tracking.linking import LinkSettings
from core.tracking.online import TrackerSettings
from core.video.decode import Frame

_T, _L = TrackerSettings(), LinkSettings()
NEVER = float("inf")
SHOWN = ("IDF1", "HOTA", "DetA", "AssA", "IDSW")
COMPARED = ("IDF1", "HOTA")
SAMPLE = Path("sample_videos/crossroads-red-11/crossroads-red-11.mp4")


@dataclass(frozen=True)
class Variant:
    """The tracker with one part left out, before or in linking, not both."""

    tracker: TrackerSettings = _T
    links: LinkSettings = _L
    association_looks: bool = True
    linking_looks: bool = True
    camera: bool = True


VARIANTS: Mapping[str, Variant] = {
    "everything": Variant(),
    "looks in association": Variant(association_looks=False),
    "recovery by looks": Variant(replace(_T, recover_llr=NEVER)),
    "second pass, weak boxes": Variant(replace(_T, weak=_T.strong)),
    "births damped (shadow)": Variant(replace(_T, shadow=NEVER)),
    "shaded boxes weak": Variant(replace(_T, shaded=NEVER, double=NEVER)),
    "no births on twins": Variant(replace(_T, twin_iou=NEVER)),
    "boxes of another class": Variant(replace(_T, other_class_iou=NEVER)),
    "grown boxes": Variant(replace(_T, margin=0.0, margin_per_root_s=0.0, margin_limit=0.0)),
    "camera motion": Variant(camera=False),
    "looks in linking": Variant(linking_looks=False),
    "splitting": Variant(links=replace(_L, split_llr=-NEVER)),
    "linking and re-entry": Variant(
        links=replace(_L, gap_s=0.0, still_gap_s=0.0, reentry_llr=NEVER)
    ),
    "re-entry": Variant(links=replace(_L, reentry_llr=NEVER)),
    "interpolation": Variant(links=replace(_L, interpolate_s=0.0)),
    "twins": Variant(links=replace(_L, twin_iou=NEVER)),
}
"""What is left out -> how; the first leaves out nothing."""


class RememberingEncoder:
    """An encoder that describes no picture twice: the variants mostly look at the same ones."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[bytes, Float32] = {}
        self.name, self.dim, self.quick = encoder.name, encoder.dim, encoder.quick

    def encode_images(self, crops: Sequence[Image]) -> Float32:
        keys = [
            hashlib.blake2b(f"{crop.shape}".encode() + crop.tobytes()).digest() for crop in crops
        ]
        new = {key: crop for key, crop in zip(keys, crops, strict=True) if key not in self._known}
        if new:
            made = self._encoder.encode_images(list(new.values()))
            self._known.update(zip(new, made, strict=True))
        return np.stack([self._known[key] for key in keys])

    def encode_texts(self, texts: Sequence[str]) -> Float32:
        return self._encoder.encode_texts(texts)


class SharedCamera(CameraMotion):
    """Measures every step once, for all who follow the same frames of a video."""

    def __init__(self, motion: CameraMotion, steps: list[CameraStep]) -> None:
        super().__init__()
        self._motion, self._steps, self._at = motion, steps, 0

    def step(self, image: Image, xyxy: Float32) -> CameraStep:
        if self._at == len(self._steps):
            self._steps.append(self._motion.step(image, xyxy))
        self._at += 1
        return self._steps[self._at - 1]


class StandingCamera(CameraMotion):
    """Says that the camera never moves."""

    def step(self, image: Image, xyxy: Float32) -> CameraStep:
        del image, xyxy
        return CameraStep.still()


class Relinked:
    """What another variant has followed, linked in this variant's way."""

    def __init__(self, followed: OwnTracker, variant: Variant) -> None:
        self._followed, self._variant = followed, variant

    def offer(self, frame: Frame, detections: Detections, vectors: Float32 | None) -> None:
        """The other one is offered it too."""

    def tracked(self) -> TrackedBoxes:
        return self._followed.tracked(self._variant.links, looks=self._variant.linking_looks)


def variants_over(
    sequence: TrackingSequence, seen: Observations, encoder: Encoder, stride: int
) -> dict[str, dict[str, float]]:
    """Variant -> figures of one sequence."""
    known = RememberingEncoder(encoder)
    motion, steps = CameraMotion(), list[CameraStep]()
    followed: dict[Any, OwnTracker] = {}
    following: dict[tuple[str, int], FrameTracker] = {}
    for name, variant in VARIANTS.items():
        before_linking = (variant.tracker, variant.association_looks, variant.camera)
        own = followed.get(before_linking)
        if own is not None:
            following[name, stride] = Relinked(own, variant)
            continue
        own = OwnTracker(
            seen.class_names,
            seen.size,
            known,
            sequence.fps / stride,
            tracker=variant.tracker,
            camera=SharedCamera(motion, steps) if variant.camera else StandingCamera(),
            looks=variant.association_looks,
        )
        followed[before_linking] = following[name, stride] = own
    return {name: scores for (name, _), scores in judge(sequence, seen, following).items()}


def show_ablation(
    folders: Sequence[Path],
    strides: Sequence[int],
    chosen: Profile,
    cache: Path,
    tell: Callable[[str], None],
) -> None:
    sequences = sequences_in(folders)
    encoder = load_encoder(chosen)
    looking = Looking(load_detector(chosen), f"{chosen.image_size_px} {chosen.min_confidence}")
    for stride in strides:
        figures: dict[str, dict[str, Any]] = {name: {} for name in VARIANTS}
        for sequence in sequences:
            seen = observe(sequence, looking, None, cache, tell)
            tell(f"{sequence.name}: stride {stride}, {len(VARIANTS)} variants")
            for name, scores in variants_over(sequence, seen, encoder, stride).items():
                figures[name][sequence.name] = scores
        _table(stride, figures)


def _table(stride: int, figures: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    means = {name: mean(scores) for name, scores in figures.items()}
    whole = means[next(iter(VARIANTS))]
    count = len(next(iter(figures.values())))
    print(f"\nstride {stride}, mean of {count}; one part left out a line")
    head = "".join(f"{name:>8}" for name in SHOWN) + "".join(f"{'d ' + m:>8}" for m in COMPARED)
    print(f"{'without':<26}{head}  worst and best of d IDF1")
    for name, row in means.items():
        shown = "".join(f"{row[m]:>8.1f}" for m in SHOWN)
        change = "".join(f"{row[m] - whole[m]:>+8.2f}" for m in COMPARED)
        print(f"{name:<26}{shown}{change}  {_extremes(figures, name)}", flush=True)


def _extremes(figures: Mapping[str, Mapping[str, Mapping[str, float]]], name: str) -> str:
    """The sequences that lose and gain most without a part; those without a change are left out."""
    whole = figures[next(iter(VARIANTS))]
    changes = sorted(
        (scores["IDF1"] - whole[sequence]["IDF1"], sequence)
        for sequence, scores in figures[name].items()
    )
    ends = dict.fromkeys([changes[0], changes[-1]])
    return ", ".join(f"{change:+.1f} {where}" for change, where in ends if abs(change) >= 0.05)


def _strides(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    words.add_argument("worlds", nargs="*", type=Path, metavar="WORLD")
    words.add_argument("--stride", type=_strides, default=(1, 3, 5, 10), metavar="N[,N...]")
    words.add_argument("--cache", type=Path, metavar="DIR", help="keep boxes for the next time")
    words.add_argument("--profile", default="demo")
    words.add_argument("--cost", action="store_true", help="association and linking, timed")
    words.add_argument("--hour", type=float, metavar="MIN", help="memory over so long a video")
    words.add_argument("--video", type=Path, default=SAMPLE, help="what is repeated for --hour")
    options = words.parse_args()
    chosen = profile(options.profile)
    if options.worlds:
        with tempfile.TemporaryDirectory() as folder:
            cache = options.cache or Path(folder)
            show_ablation(options.worlds, options.stride, chosen, cache, print)
    if options.cost:
        show_cost()
    if options.hour:
        show_hour(options.video, chosen, options.hour)
    if not (options.worlds or options.cost or options.hour):
        words.error("give worlds, --cost or --hour")


if __name__ == "__main__":
    main()
