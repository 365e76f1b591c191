"""From a network in PyTorch to an ONNX file, and from float32 to int8: the same for every network that ships."""

import tempfile
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

OPSET = 17


def write_onnx(network: nn.Module, example: Tensor, path: Path, axes: dict[str, dict[int, str]]) -> None:
    """Writes `network` in float32, input `x` like `example`, output `y`; `axes` names the dimensions of either that
    vary."""
    with warnings.catch_warnings():
        # The exporter that is to replace this one needs a compiler's worth of packages for a chain of convolutions.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network.eval(),
            (example,),
            str(path),
            input_names=["x"],
            output_names=["y"],
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )


class _Inputs(CalibrationDataReader):
    """Shows inputs one by one to whoever measures the range of each layer."""

    def __init__(self, inputs: Iterable[NDArray[np.float32]]) -> None:
        self._inputs = iter(inputs)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        shown = next(self._inputs, None)
        return None if shown is None else {"x": shown}


def quantise(
    source: Path,
    target: Path,
    inputs: Iterable[NDArray[np.float32]],
    *,
    kinds: list[str] | None = None,
    kept: Callable[[dict[str, str]], list[str]] = lambda nodes: [],
) -> None:
    """Static int8, per channel (QDQ). `inputs` show the ranges of the layers; `kinds` are the operations that are
    quantised, all where None; `kept` says which of the nodes, given by name with their kind in their order, stay
    float."""
    with tempfile.TemporaryDirectory() as folder:
        folded = Path(folder) / "folded.onnx"
        quant_pre_process(str(source), str(folded), skip_symbolic_shape=True)
        nodes = {node.name: node.op_type for node in onnx.load(str(folded)).graph.node}
        quantize_static(
            str(folded),
            str(target),
            _Inputs(inputs),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=kinds,
            nodes_to_exclude=kept(nodes),
        )
