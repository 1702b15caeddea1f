from __future__ import annotations

import logging
import subprocess
import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.detections import Image
from core.errors import ModelError
from core.models.detector import FrameBoxes
from core.models.yolo import YoloDetector

from .conftest import CLASS_NAMES
from .exports import write_onnx, write_openvino


def detector(path: Path, cache: Path, runtime: str | None = "torch-f32") -> YoloDetector:
    return YoloDetector(path, label="tiny", image_size_px=160, cache=cache, runtime=runtime)


def same(left: FrameBoxes, right: FrameBoxes) -> None:
    np.testing.assert_array_equal(left.xyxy, right.xyxy)
    np.testing.assert_array_equal(left.confidence, right.confidence)
    np.testing.assert_array_equal(left.class_id, right.class_id)


def test_boxes_lie_in_the_picture(yolo_folder: Path, cache: Path, pictures: list[Image]) -> None:
    found = detector(yolo_folder, cache).detect(pictures)

    assert len(found) == len(pictures)
    assert sum(map(len, found)) > 0
    for boxes in found:
        assert boxes.xyxy.dtype == np.float32
        assert boxes.class_id.dtype == np.int32
        assert (boxes.xyxy >= 0).all()
        assert (boxes.xyxy[:, 2:] <= (160, 90)).all()
        assert (boxes.xyxy[:, 2:] > boxes.xyxy[:, :2]).all()
        assert (boxes.confidence >= 0.1).all()
        assert (np.diff(boxes.confidence) <= 0).all()
        assert (boxes.class_id < 3).all()


def test_name_and_classes(yolo_folder: Path, cache: Path) -> None:
    one = detector(yolo_folder, cache)

    assert one.class_names == CLASS_NAMES
    assert one.name.startswith("tiny-")
    assert len(one.name) == len("tiny-") + 8


@pytest.mark.parametrize("runtime", ["torch-f32", "openvino-f32"])
def test_a_picture_gives_the_same_alone_and_in_a_batch(
    yolo_folder: Path, cache: Path, pictures: list[Image], runtime: str
) -> None:
    one = detector(yolo_folder, cache, runtime)
    together = one.detect(pictures)

    same(one.detect([pictures[6]])[0], together[6])
    same(one.detect(pictures[5:8])[2], together[7])


def test_runtimes_agree(yolo_folder: Path, cache: Path, pictures: list[Image]) -> None:
    expected = detector(yolo_folder, cache, "torch-f32").detect(pictures)
    found = detector(yolo_folder, cache, "openvino-f32").detect(pictures)

    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(one.xyxy, other.xyxy, atol=0.05)
        np.testing.assert_allclose(one.confidence, other.confidence, atol=1e-4)


def test_the_first_use_measures(
    yolo_folder: Path, tmp_path: Path, pictures: list[Image], caplog: pytest.LogCaptureFixture
) -> None:
    first = detector(yolo_folder, tmp_path, None)
    assert first.runtime is None
    with caplog.at_level(logging.INFO):
        first.detect(pictures[:2])
    assert f"runs in {first.runtime}" in caplog.text
    caplog.clear()
    second = detector(yolo_folder, tmp_path, None)
    with caplog.at_level(logging.INFO):
        second.detect(pictures[:2])

    assert second.runtime == first.runtime
    assert "runs in" not in caplog.text


def test_sizes_may_change_from_call_to_call(yolo_folder: Path, cache: Path) -> None:
    one = detector(yolo_folder, cache)
    for width, height in [(1, 1), (90, 160), (400, 20), (33, 47), (160, 90)]:
        assert len(one.detect([np.full((height, width, 3), 90, np.uint8)])) == 1


def test_nothing_in_nothing_out(yolo_folder: Path, cache: Path) -> None:
    assert detector(yolo_folder, cache).detect([]) == []


def test_mixed_sizes_are_a_mistake(yolo_folder: Path, cache: Path, pictures: list[Image]) -> None:
    with pytest.raises(ValueError, match="differ in size"):
        detector(yolo_folder, cache).detect([pictures[0], pictures[1][:50]])


@pytest.mark.parametrize("runtime", ["torch-f32", "openvino-f32"])
def test_threads_give_the_same(
    yolo_folder: Path, cache: Path, pictures: list[Image], runtime: str
) -> None:
    one = detector(yolo_folder, cache, runtime)
    expected = one.detect(pictures)
    found: dict[int, list[FrameBoxes]] = {}
    threads = [
        threading.Thread(target=lambda i=i: found.__setitem__(i, one.detect(pictures)))
        for i in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for result in found.values():
        for left, right in zip(result, expected, strict=True):
            same(left, right)
    assert len(found) == 3


def test_thread_counts_of_the_process_stay(yolo_folder: Path, cache: Path) -> None:
    import torch

    before = torch.get_num_threads(), cv2.getNumThreads()
    detector(yolo_folder, cache).detect([np.zeros((90, 160, 3), np.uint8)])

    assert (torch.get_num_threads(), cv2.getNumThreads()) == before


def test_a_converted_model_needs_no_torch(
    yolo_folder: Path, cache: Path, pictures: list[Image]
) -> None:
    expected = detector(yolo_folder, cache, "openvino-f32").detect(pictures[:1])[0]
    script = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from core.models.yolo import YoloDetector\n"
        f"one = YoloDetector(Path({str(yolo_folder)!r}), label='tiny', image_size_px=160,"
        f" cache=Path({str(cache)!r}), runtime='openvino-f32')\n"
        "picture = np.load(sys.argv[1])\n"
        "print(len(one.detect([picture])[0]), 'torch' in sys.modules)\n"
    )
    place = cache / "picture.npy"
    np.save(place, pictures[0])
    root = Path(__file__).parents[3]
    run = subprocess.run(
        [sys.executable, "-c", script, str(place)],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout.split() == [str(len(expected)), "False"]


def test_importing_the_adapter_is_light() -> None:
    script = (
        "import sys, core.models.load\n"
        "print([m for m in ('torch', 'ultralytics', 'open_clip', 'openvino') if m in sys.modules])"
    )
    root = Path(__file__).parents[3]
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )

    assert run.stdout.strip() == "[]"


def test_converting_reports_to_nobody(yolo_folder: Path, tmp_path: Path) -> None:
    """OpenVINO would send a message at import and at each conversion."""
    script = (
        "import socket, sys, numpy as np\n"
        "from pathlib import Path\n"
        "asked = []\n"
        "socket.getaddrinfo = lambda *a, **k: asked.append(a)\n"
        "from core.models.yolo import YoloDetector\n"
        f"one = YoloDetector(Path({str(yolo_folder)!r}), label='tiny', image_size_px=160,"
        f" cache=Path({str(tmp_path)!r}), runtime='openvino-f32')\n"
        "one.detect([np.zeros((90, 160, 3), np.uint8)])\n"
        "print(asked, [m for m in sys.modules if m.startswith('openvino_telemetry.')])\n"
    )
    root = Path(__file__).parents[3]
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )

    assert run.stdout.strip() == "[] []"


@pytest.mark.parametrize("kind", ["onnx", "openvino"])
def test_exported_detectors(tmp_path: Path, cache: Path, kind: str, pictures: list[Image]) -> None:
    if kind == "onnx":
        path = write_onnx(tmp_path / "yolo.onnx")
    else:
        path = write_openvino(tmp_path / "yolo_openvino_model")
    one = YoloDetector(path, label="own", image_size_px=640, cache=cache, runtime="openvino-f32")

    assert one.class_names == ("car", "person")
    found = one.detect(pictures[:5])
    assert len(found) == 5
    assert all((boxes.xyxy[:, 2:] <= (160, 90)).all() for boxes in found)
    with pytest.raises(ModelError, match=r"'torch-f32' cannot run detector own-.*openvino-f32"):
        YoloDetector(path, label="own", image_size_px=640, cache=cache, runtime="torch-f32").detect(
            pictures[:1]
        )


def test_an_export_without_names_is_numbered(
    tmp_path: Path, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_onnx(tmp_path / "yolo.onnx", {})
    with caplog.at_level(logging.WARNING):
        assert detector(path, cache).class_names == ("class 0", "class 1")
    assert "does not name its classes" in caplog.text


@pytest.mark.parametrize("name", ["yolo.pt", "yolo.onnx", "yolo.engine", "yolo"])
def test_files_that_are_no_detector(tmp_path: Path, cache: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"no model at all")

    with pytest.raises(ModelError, match=name) as caught:
        detector(path, cache)
    assert "\n" not in str(caught.value)


def test_an_empty_folder(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(ModelError, match="holds no detector"):
        detector(tmp_path, cache)


@pytest.mark.parametrize("missing", ["detector.yaml", "detector.safetensors", "detector.json"])
def test_an_incomplete_demo_folder(
    yolo_folder: Path, tmp_path: Path, cache: Path, missing: str
) -> None:
    for file in yolo_folder.iterdir():
        if file.name != missing:
            (tmp_path / file.name).write_bytes(file.read_bytes())

    with pytest.raises(ModelError, match=f"{missing} missing in .* checkout is incomplete"):
        detector(tmp_path, cache)


def test_damaged_demo_weights(yolo_folder: Path, tmp_path: Path) -> None:
    for file in yolo_folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    whole = (tmp_path / "detector.safetensors").read_bytes()
    (tmp_path / "detector.safetensors").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(ModelError, match="damaged"):
        detector(tmp_path, tmp_path / "cache")


def test_a_damaged_converted_model_is_made_again(
    yolo_folder: Path, tmp_path: Path, pictures: list[Image], caplog: pytest.LogCaptureFixture
) -> None:
    expected = detector(yolo_folder, tmp_path, "openvino-f32").detect(pictures)
    (kept,) = (tmp_path / "converted").glob("*/model.xml")
    kept.write_text("<net")
    with caplog.at_level(logging.WARNING):
        found = detector(yolo_folder, tmp_path, "openvino-f32").detect(pictures)

    assert "converting again" in caplog.text
    same(found[0], expected[0])


@pytest.mark.models
@pytest.mark.parametrize("runtime", ["torch-f32", "openvino-bf16"])
def test_the_real_detector_on_real_footage(shared_data: Path, cache: Path, runtime: str) -> None:
    from core.models.openvino_runner import supports_bf16
    from core.video.stills import frame_at

    weights = shared_data / "weights" / "yolo11n-coco-int8w.pt"
    video = shared_data / "videos" / "cvTrafficCam-traffic.mp4"
    if not weights.is_file() or not video.is_file():
        pytest.skip("real footage and weights are not at hand")
    if runtime == "openvino-bf16" and not supports_bf16():
        pytest.skip("this processor does not calculate in bfloat16")
    one = YoloDetector(weights, label="yolo11n", image_size_px=640, cache=cache, runtime=runtime)
    boxes = one.detect([frame_at(video, 30.0).image])[0]

    assert len(one.class_names) == 80
    best = boxes.xyxy[0]
    assert one.class_names[boxes.class_id[0]] == "car"
    np.testing.assert_allclose(best, [200, 128, 290, 181], atol=3)
    sure = [one.class_names[c] for c in boxes.class_id[boxes.confidence > 0.5]]
    assert sure.count("car") >= 6
