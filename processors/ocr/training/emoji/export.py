"""From the trained network to what the runtime loads: an int8 ONNX file and the labels with the threshold."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from processors.ocr.engines.emoji import LABELS, MODEL, SIDE, EmojiFile
from processors.ocr.training.emoji.chosen import CHOSEN
from processors.ocr.training.emoji.model import EmojiNet
from processors.ocr.training.onnx_files import quantise, write_onnx


def export(model: EmojiNet, calibration: Iterable[NDArray[np.float32]], folder: Path) -> Path:
    """Write the network to `folder` with weights and activations in 8 bits; returns the file.

    `calibration` are batches of inputs like those of training.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / MODEL
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        write_onnx(model, torch.zeros(1, 3, SIDE, SIDE), plain, {"x": {0: "crops"}, "y": {0: "crops"}})
        quantise(plain, path, calibration)
    return path


def write_labels(folder: Path, threshold: float) -> Path:
    """Write what the classes mean and when they are believed; returns the file."""
    path = folder / LABELS
    path.write_bytes(msgspec.json.format(msgspec.json.encode(EmojiFile(list(CHOSEN), threshold)), indent=1))
    return path
