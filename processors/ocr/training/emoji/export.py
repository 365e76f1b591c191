"""From the trained network to what the runtime loads: an int8 ONNX file and the labels with the threshold."""

import tempfile
import warnings
from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from processors.ocr.engines.emoji import LABELS, MODEL, SIDE, EmojiFile
from processors.ocr.training.emoji.chosen import CHOSEN
from processors.ocr.training.emoji.model import EmojiNet


class Calibration(CalibrationDataReader):
    """Feeds batches of inputs to the quantisation, which takes the range of each activation from them."""

    def __init__(self, batches: Iterable[NDArray[np.float32]]) -> None:
        self.batches = iter(batches)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        batch = next(self.batches, None)
        return None if batch is None else {"x": batch}


def export(model: EmojiNet, calibration: Iterable[NDArray[np.float32]], folder: Path) -> Path:
    """Write the network to `folder` with weights and activations in 8 bits; returns the file.

    `calibration` are batches of inputs like those of training.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / MODEL
    with tempfile.TemporaryDirectory() as scratch:
        plain, folded = str(Path(scratch) / "plain.onnx"), str(Path(scratch) / "folded.onnx")
        with warnings.catch_warnings():
            # The exporter that follows this one needs one package more and writes the same network.
            warnings.simplefilter("ignore", DeprecationWarning)
            torch.onnx.export(
                model.eval(),
                (torch.zeros(1, 3, SIDE, SIDE),),
                plain,
                input_names=["x"],
                output_names=["y"],
                dynamic_axes={"x": {0: "crops"}, "y": {0: "crops"}},
                opset_version=17,
                dynamo=False,
            )
        quant_pre_process(plain, folded)
        quantize_static(
            folded,
            str(path),
            Calibration(calibration),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
    return path


def write_labels(folder: Path, threshold: float) -> Path:
    """Write what the classes mean and when they are believed; returns the file."""
    path = folder / LABELS
    path.write_bytes(msgspec.json.format(msgspec.json.encode(EmojiFile(list(CHOSEN), threshold)), indent=1))
    return path
