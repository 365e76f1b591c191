"""From averaged weights to the file that ships: ONNX, static int8, calibrated on rendered lines."""

import copy
import random
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from processors.ocr.training.alphabet import Alphabet, charset, charset_file
from processors.ocr.training.batches import Batcher
from processors.ocr.training.model import Exported, LineNetwork
from processors.ocr.training.shards import Line

OPSET = 17
CALIBRATION_LINES = 400


def load_network(weights: Path) -> LineNetwork:
    """A network with the averaged weights of a training run, ready to read."""
    network = LineNetwork(charset())
    network.load_state_dict(torch.load(weights, weights_only=True))
    return network.eval()


def export(network: LineNetwork, path: Path) -> None:
    """Writes the network as float32 ONNX: input `x` (lines, 1, 32, width), output `y` (lines, frames, columns)."""
    example = torch.zeros(1, 1, network.charset.height, 160)
    with warnings.catch_warnings():
        # The exporter that is to replace this one needs a compiler's worth of packages for a chain of convolutions.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            Exported(copy.deepcopy(network).eval()),
            (example,),
            str(path),
            input_names=["x"],
            output_names=["y"],
            dynamic_axes={"x": {0: "lines", 3: "width"}, "y": {0: "lines", 1: "frames"}},
            opset_version=OPSET,
            dynamo=False,
        )


class _Lines(CalibrationDataReader):
    """Shows lines one by one to whoever measures the range of each layer."""

    def __init__(self, lines: Sequence[Line]) -> None:
        batcher = Batcher(Alphabet(charset()), None)
        self._inputs: Iterator[NDArray[np.float32]] = (
            batch.pixels.numpy() for line in lines for batch in batcher.batches([line])
        )

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        pixels = next(self._inputs, None)
        return None if pixels is None else {"x": pixels}


def quantise(source: Path, target: Path, lines: Sequence[Line]) -> None:
    """Static int8, per channel (QDQ). The first convolution and the head stay float: they decide what is seen at all,
    and how sure. `lines` show the ranges of the layers; some hundreds will do."""
    chosen = random.Random(1).sample(list(lines), min(CALIBRATION_LINES, len(lines)))
    with tempfile.TemporaryDirectory() as folder:
        folded = Path(folder) / "folded.onnx"
        quant_pre_process(str(source), str(folded), skip_symbolic_shape=True)
        convolutions = [node.name for node in onnx.load(str(folded)).graph.node if node.op_type == "Conv"]
        quantize_static(
            str(folded),
            str(target),
            _Lines(chosen),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=["Conv", "Add", "Mul"],
            nodes_to_exclude=[convolutions[0], convolutions[-1]],
            calibrate_method=CalibrationMethod.MinMax,
        )


def ship(weights: Path, folder: Path, lines: Sequence[Line], name: str) -> Path:
    """Writes `name`.onnx (int8) and charset.json into `folder`. Returns the model's path."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}.onnx"
    with tempfile.TemporaryDirectory() as work:
        plain = Path(work) / "plain.onnx"
        export(load_network(weights), plain)
        quantise(plain, target, lines)
    (folder / "charset.json").write_bytes(msgspec.json.encode(charset_file()))
    return target
