"""Training of the demo encoder: a tiny CLIP from scratch, resumable, on CPU or GPU.

The contrastive targets come from the truth: a caption matches every crop it is true of, so two
red cars in a batch are not pushed apart (soft targets, both directions). Small heads for kind,
variant and colour speed the start up and are thrown away.
"""

from __future__ import annotations

import json
import logging
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sample_videos.training.captions import (
    ANY,
    Caption,
    caption_for,
    corpus,
    learn_merges,
    write_vocabulary,
)
from sample_videos.training.dataset import COLOUR_NAMES, VARIANT_NAMES, Crops, load_crops
from sample_videos.world.scene import KINDS

log = logging.getLogger(__name__)

INPUT_PX = 64
BATCH = 160
TOP_RATE = 2e-3
MERGES = 900
MEAN = (0.45, 0.45, 0.45)
STD = (0.25, 0.25, 0.25)
SAVE_EVERY_S = 120.0


def prepare(folder: Path) -> dict[str, Any]:
    """Write vocabulary and configuration; returns the configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    merges = learn_merges(corpus(), MERGES)
    write_vocabulary(folder / "bpe_merges.txt.gz", merges)
    config = {
        "model_cfg": {
            "embed_dim": 128,
            "vision_cfg": {"image_size": INPUT_PX, "layers": [1, 1, 1, 1], "width": 20},
            "text_cfg": {
                "context_length": 24,
                "vocab_size": 512 + len(merges) + 2,
                "width": 128,
                "heads": 4,
                "layers": 2,
            },
        },
        "preprocess_cfg": {
            "mean": list(MEAN),
            "std": list(STD),
            "interpolation": "bilinear",
            "resize_mode": "squash",
        },
    }
    path = folder / "open_clip_config.json"
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    return config


def build(config: dict[str, Any]) -> Any:
    """The untrained model."""
    import open_clip

    return open_clip.CLIP(**config["model_cfg"])


def train(runs: Path, steps: int, device: str) -> None:
    """Train for `steps` batches, going on from the last checkpoint if there is one."""
    import open_clip
    import torch
    from torch.nn import functional as fn

    torch.manual_seed(5)
    folder = runs / "encoder"
    config = prepare(folder)
    tokenize = open_clip.SimpleTokenizer(
        bpe_path=str((folder / "bpe_merges.txt.gz").resolve()), context_length=24
    )
    model = build(config).to(device).to(memory_format=torch.channels_last).train()
    heads = torch.nn.ModuleList(
        [torch.nn.Linear(128, n) for n in (len(KINDS), len(VARIANT_NAMES), len(COLOUR_NAMES))]
    ).to(device)
    parameters = [*model.parameters(), *heads.parameters()]
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": 0.05},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=TOP_RATE,
        betas=(0.9, 0.98),
    )
    checkpoint = runs / "encoder.ckpt"
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        model.load_state_dict(state["model"])
        heads.load_state_dict(state["heads"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
        log.info("going on at step %d", first)
    crops = load_crops(runs / "train")
    weights = _weights(crops)
    log.info("%d crops", len(weights))
    saved = begun = time.monotonic()
    for step in range(first, steps):
        rng = np.random.default_rng([13, step])
        rows = rng.choice(len(weights), BATCH, p=weights)
        captions = [_caption(crops, row, rng) for row in rows]
        truth = torch.from_numpy(truth_matrix(crops, rows, captions)).to(device)
        pictures = _augmented(torch.from_numpy(crops.pictures[rows]).to(device), step)
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        rate = (
            TOP_RATE
            * min(1.0, (step + 1) / 300)
            * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * step / steps)))
        )
        for group in optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            raw = model.encode_image(pictures)
            texts = model.encode_text(tokenize([c.text for c in captions]).to(device))
        raw, texts = raw.float(), fn.normalize(texts.float(), dim=-1)
        seen = fn.normalize(raw, dim=-1)
        logits = model.logit_scale.exp().clamp(max=60.0) * seen @ texts.T
        by_picture = truth / truth.sum(1, keepdim=True)
        by_text = truth.T / truth.T.sum(1, keepdim=True)
        loss = (_soft(logits, by_picture) + _soft(logits.T, by_text)) / 2
        facts = (crops.kind[rows], crops.variant[rows], crops.colour[rows])
        for head, fact, share in zip(heads, facts, (0.35, 0.2, 0.35), strict=True):
            loss = loss + share * fn.cross_entropy(head(raw), torch.from_numpy(fact).to(device))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 2.0)
        optimizer.step()
        now = time.monotonic()
        if now - saved > SAVE_EVERY_S or step + 1 == steps:
            state = {
                "model": model.state_dict(),
                "heads": heads.state_dict(),
                "optimizer": optimizer.state_dict(),
                "step": step + 1,
            }
            partial = checkpoint.with_suffix(".partial")
            torch.save(state, partial)
            partial.replace(checkpoint)
            save(model, folder)
            saved = now
            pace = (step + 1 - first) / (now - begun)
            log.info(
                "step %d of %d, loss %.3f, %.2f steps/s",
                step + 1,
                steps,
                float(loss.detach()),
                pace,
            )


def truth_matrix(
    crops: Crops, rows: npt.NDArray[np.int64], captions: list[Caption]
) -> npt.NDArray[np.float32]:
    """(B, B): 1 where caption j is true of crop i."""
    truth = np.ones((len(rows), len(captions)), bool)
    for name in ("kind", "variant", "colour", "view", "light"):
        facts = getattr(crops, name)[rows][:, None]
        claims = np.array([getattr(c, name) for c in captions])[None, :]
        truth &= (claims == ANY) | (claims == facts)
    return truth.astype(np.float32)


def _caption(crops: Crops, row: int, rng: np.random.Generator) -> Caption:
    return caption_for(
        int(crops.kind[row]),
        int(crops.variant[row]),
        int(crops.colour[row]),
        int(crops.view[row]),
        int(crops.light[row]),
        rng,
    )


def _weights(crops: Crops) -> npt.NDArray[np.float64]:
    """Rarer kinds and colours, and clearer crops, are drawn more often."""
    cell = crops.kind * len(COLOUR_NAMES) + crops.colour
    counts = np.bincount(cell, minlength=len(KINDS) * len(COLOUR_NAMES))
    weights = counts[cell].astype(np.float64) ** -0.5 * (0.3 + crops.visibility)
    return np.asarray(weights / weights.sum())


def _augmented(pictures: Any, step: int) -> Any:
    """(B, 80, 80, 3) uint8 -> (B, 3, 64, 64) normalised, moved, scaled, mirrored, relit."""
    import torch
    from torch.nn import functional as fn

    draw = torch.Generator().manual_seed(step)
    count = len(pictures)

    def uniform(low: float, high: float, *shape: int) -> Any:
        values = torch.rand(*shape, generator=draw) * (high - low) + low
        return values.to(pictures.device)

    theta = torch.zeros(count, 2, 3, device=pictures.device)
    mirror = torch.where(uniform(0, 1, count) < 0.5, -1.0, 1.0)
    theta[:, 0, 0] = uniform(0.86, 1.12, count) * mirror
    theta[:, 1, 1] = uniform(0.86, 1.12, count)
    theta[:, :, 2] = uniform(-0.10, 0.10, count, 2)
    floats = pictures.permute(0, 3, 1, 2).float() / 255.0
    grid = fn.affine_grid(theta, [count, 3, INPUT_PX, INPUT_PX], align_corners=False)
    moved = fn.grid_sample(floats - 0.5, grid, align_corners=False) + 0.5
    moved = moved * uniform(0.85, 1.15, count, 1, 1, 1) + uniform(-0.04, 0.04, count, 1, 1, 1)
    moved = moved + torch.randn(moved.shape, generator=draw).to(moved.device) * 0.015
    mean = torch.tensor(MEAN, device=moved.device)[:, None, None]
    std = torch.tensor(STD, device=moved.device)[:, None, None]
    return (moved.clamp(0, 1) - mean) / std


def _soft(logits: Any, target: Any) -> Any:
    return -(target * logits.log_softmax(dim=1)).sum(1).mean()


def save(model: Any, folder: Path) -> None:
    """Write float16 weights beside the configuration, as open_clip's local-dir: reads them."""
    from safetensors.torch import save_file

    weights = {
        key: (value.half() if value.dtype.is_floating_point else value).contiguous().cpu()
        for key, value in model.state_dict().items()
        if key != "attn_mask"
    }
    save_file(weights, folder / "open_clip_model.safetensors")
