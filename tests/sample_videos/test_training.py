"""The parts of the training that can be wrong without anything failing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import open_clip
import pytest

from sample_videos.training.captions import (
    Caption,
    caption_for,
    corpus,
    learn_merges,
    plain_captions,
    write_vocabulary,
)
from sample_videos.training.dataset import COLOUR_NAMES, VARIANT_NAMES, Crops, square
from sample_videos.training.detector import augmented
from sample_videos.training.encoder import truth_matrix
from sample_videos.training.score import _average_precision
from sample_videos.world.scene import KINDS


def crops_of(kinds: list[int], colours: list[int]) -> Crops:
    n = len(kinds)
    zeros = np.zeros(n, np.int64)
    return Crops(
        np.zeros((n, 80, 80, 3), np.uint8),
        np.array(kinds),
        zeros,
        np.array(colours),
        zeros,
        zeros,
        np.arange(n),
        np.ones(n, np.float32),
    )


def test_a_caption_is_true_of_every_crop_it_fits_and_no_other():
    crops = crops_of([0, 0, 1], [4, 5, 4])
    captions = [
        Caption("red car", kind=0, colour=4),
        Caption("car", kind=0),
        Caption("red", colour=4),
    ]
    truth = truth_matrix(crops, np.arange(3), captions)
    assert truth.tolist() == [[1, 1, 1], [0, 1, 0], [0, 0, 1]]


def test_random_captions_claim_only_what_is_so():
    rng = np.random.default_rng(0)
    for _ in range(300):
        variant = int(rng.integers(len(VARIANT_NAMES)))
        kind = KINDS.index(VARIANT_NAMES[variant][0])
        caption = caption_for(kind, variant, 4, 1, 2, rng)
        assert caption.kind in (-1, kind)
        assert caption.variant in (-1, variant)
        assert (caption.colour == 4) == ("red" in caption.text.split() or "red" in caption.text)


def test_plain_captions_are_in_answer_order():
    sentences = plain_captions()
    assert len(sentences) == len(KINDS) * len(COLOUR_NAMES)
    index = KINDS.index("bus") * len(COLOUR_NAMES) + COLOUR_NAMES.index("green")
    assert "green bus" in sentences[index][0]


def test_our_vocabulary_loads_in_open_clip_and_keeps_words_whole(tmp_path: Path):
    merges = learn_merges(corpus()[:3000], 300)
    path = tmp_path / "bpe_merges.txt.gz"
    write_vocabulary(path, merges)
    tokenizer = open_clip.SimpleTokenizer(bpe_path=str(path), context_length=24)
    assert tokenizer.vocab_size == 512 + len(merges) + 2
    assert len(tokenizer.encode("red car")) == 2
    assert tokenizer.decode(tokenizer.encode("zebra 7")).strip() == "zebra 7"


def test_a_square_crop_keeps_the_shape_and_pads_with_grey():
    image = np.full((100, 200, 3), 255, np.uint8)
    crop = square(image, (50.0, 40.0, 150.0, 60.0), 80)
    assert crop.shape == (80, 80, 3)
    assert (crop[2, 40] == 128).all()
    assert (crop[40, 40] == 255).all()


def test_augmented_boxes_stay_on_what_they_mark():
    import cv2

    image = np.zeros((360, 640, 3), np.uint8)
    image[100:160, 200:320] = (255, 40, 40)
    _, jpeg = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    labels = np.array([[0, 200, 100, 320, 160, 1.0]], np.float32)
    checked = 0
    for seed in range(25):
        moved, boxes = augmented(jpeg, labels, (384, 224), np.random.default_rng(seed))
        for _, x0, y0, x1, y1 in boxes:
            found = np.argwhere(moved.max(axis=2) > 90)
            inside = moved[int(y0) : int(y1) + 1, int(x0) : int(x1) + 1]
            grey = np.abs(moved.astype(int) - 114).max(axis=2) < 60
            found = np.argwhere((moved.max(axis=2) > 90) & ~grey)
            if len(found):
                assert found[:, 1].min() >= x0 - 4
                assert found[:, 1].max() <= x1 + 4
            assert inside.size
            checked += 1
    assert checked > 15


def test_average_precision_of_perfect_half_and_ignored_answers():
    boxes = np.array([[0, 0, 10, 10], [50, 50, 90, 90]], np.float32)
    all_wanted = [(boxes, np.array([True, True]))]
    perfect = [(0, np.array([[0, *boxes[0], 0.9], [0, *boxes[1], 0.8]], np.float32))]
    assert _average_precision(perfect, all_wanted, 0.5) == pytest.approx(1.0)
    half = [(0, perfect[0][1][:1])]
    assert _average_precision(half, all_wanted, 0.5) == pytest.approx(0.5)
    # A found object that is ignored is neither right nor wrong.
    big_only = [(boxes, np.array([False, True]))]
    assert _average_precision(perfect, big_only, 0.5) == pytest.approx(1.0)
    wrong = np.array([[0, 200, 200, 220, 220, 0.95]], np.float32)
    mixed = [(0, np.concatenate([wrong, perfect[0][1]]))]
    assert _average_precision(mixed, all_wanted, 0.5) == pytest.approx(2 / 3)
