"""Command line of the training: pictures, detector, encoder, scores; every step can resume."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

TRAIN_SEED = 20_001
HELD_OUT_SEED = 990_001
"""Never used while choosing anything about the models: only `score` reads its pictures."""
DEVELOPMENT_SEED = 550_001


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sample_videos.training", description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="working folder")
    steps = parser.add_subparsers(dest="step", required=True)
    pictures = steps.add_parser("pictures", help="render the pools of pictures")
    pictures.add_argument("--scenes", type=int, default=420)
    pictures.add_argument("--per-scene", type=int, default=11)
    pictures.add_argument("--workers", type=int, default=2)
    detector = steps.add_parser("detector", help="train the detector")
    detector.add_argument("--images", type=int, default=56_000, help="pictures to learn from")
    detector.add_argument("--device", default="cpu")
    detector.add_argument("--start", type=Path, help="folder with weights to go on from")
    encoder = steps.add_parser("encoder", help="train the encoder")
    encoder.add_argument("--steps", type=int, default=6000)
    encoder.add_argument("--device", default="cpu")
    score = steps.add_parser("score", help="measure the models in core/models/demo")
    score.add_argument("--pool", choices=["held-out", "development"], default="held-out")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")

    if args.step == "pictures":
        from sample_videos.training.dataset import make

        make(args.runs / "held-out", HELD_OUT_SEED, 40, 8, args.workers)
        make(args.runs / "development", DEVELOPMENT_SEED, 20, 8, args.workers)
        make(args.runs / "train", TRAIN_SEED, args.scenes, args.per_scene, args.workers)
    elif args.step == "detector":
        from sample_videos.training.detector import train

        train(args.runs, args.images, args.device, args.start)
    elif args.step == "encoder":
        from sample_videos.training.encoder import train as train_encoder

        train_encoder(args.runs, args.steps, args.device)
    else:
        from sample_videos.training.score import measure

        print(measure(args.runs, args.pool))


if __name__ == "__main__":
    main()
