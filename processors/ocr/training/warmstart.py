"""Starts a network from a shipped ONNX file, whose batch norms are folded into its convolutions.

The layers of the file and of the network are walked side by side in the order in which they run. Batch norms get back
the statistics that a few batches show, so that the network computes what the file does and trains as if it had never
been folded. Blocks that the file lacks start as their shortcuts, classes that it lacks as never seen.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from processors.ocr.engines.charset import FINALS, INITIALS, MEDIALS
from processors.ocr.training.model import SUBFRAMES, ConvolutionUnit, LineBlock, LineNetwork, ResidualBlock

UNSEEN = -6.0
"""Bias of a class that the file does not have: about as improbable as one that a line does not show."""
PARTS = INITIALS + MEDIALS + FINALS

Weights = NDArray[np.float32]


class FoldedLayers:
    """The weights of an ONNX graph in the order of its nodes: convolutions with their biases, gains, the last norm."""

    def __init__(self, path: Path) -> None:
        """Raises ValueError where the file holds no convolution."""
        graph = onnx.load(str(path)).graph
        values = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
        for node in graph.node:
            if node.op_type == "Identity" and node.input[0] in values:
                values[node.output[0]] = values[node.input[0]]  # equal weights are stored once
            if node.op_type == "DequantizeLinear" and node.input[0] in values:
                stored, scale, zero = (values[name] for name in node.input)
                shape = (-1, *[1] * (stored.ndim - 1)) if scale.ndim else ()
                values[node.output[0]] = (stored.astype(np.float32) - zero.reshape(shape)) * scale.reshape(shape)
        self.convolutions: list[tuple[Weights, Weights]] = []
        self.gains: list[Weights] = []
        self.norm: tuple[Weights, ...] = ()
        for node in graph.node:
            given = [values[name] for name in node.input if name in values]
            if node.op_type == "Conv":
                self.convolutions.append((given[0], given[1]))
            elif node.op_type == "Mul" and given:
                self.gains.append(given[0])
            elif node.op_type == "BatchNormalization":
                self.norm = tuple(given)
        if not self.convolutions:
            raise ValueError(f"{path} holds no convolution")

    def residual_blocks(self, channels: int) -> int:
        """How many residual blocks the stage of so many channels has: two square convolutions each."""
        return sum(weight.shape == (channels, channels, 3, 3) for weight, _ in self.convolutions) // 2


def start_from(network: LineNetwork, path: Path, batches: Sequence[Tensor]) -> None:
    """Sets the weights of `network` to those of the file. `batches` of pixels show the statistics of the norms.

    The file must have the network's widths and the first of its classes, and at most its blocks. Raises ValueError
    where it does not fit.
    """
    layers = FoldedLayers(path)
    convolutions, gains = iter(layers.convolutions[:-1]), iter(layers.gains)
    stages = [
        layers_of(network.stem),
        stage(network.first, layers.residual_blocks(network.down.convolution.in_channels)),
        layers_of(network.down),
        stage(network.second, layers.residual_blocks(network.down.convolution.out_channels)),
    ]
    norms: list[tuple[nn.BatchNorm2d, Tensor]] = []
    for unit in (unit for units in (*stages, layers_of(network.column)) for unit in units):
        weight, bias = next(convolutions)
        _set(unit.convolution.weight, weight)
        norms.append((unit.norm, torch.tensor(bias)))
    for block in network.line:
        if not isinstance(block, LineBlock):
            raise ValueError("the line of the network is not made of line blocks")
        if (gain := next(gains, None)) is None:
            nn.init.zeros_(block.gain)
            continue
        weight, bias = next(convolutions)
        _set(block.along.weight, weight)
        norms.append((block.norm, torch.tensor(bias)))
        for layer in (block.widen, block.narrow):
            weight, bias = next(convolutions)
            _set(layer.weight, weight)
            _set(layer.bias, bias)
        _set(block.gain, gain)
    _set_head(network, *layers.convolutions[-1])
    for target, value in zip(
        (network.norm.weight, network.norm.bias, network.norm.running_mean, network.norm.running_var),
        layers.norm,
        strict=True,
    ):
        _set(target, value)
    _fit_norms(network, norms, batches)


def layers_of(module: nn.Module) -> Iterator[ConvolutionUnit]:
    """The convolution units of a module in the order in which they run."""
    return (unit for unit in module.modules() if isinstance(unit, ConvolutionUnit))


def stage(blocks: nn.Sequential, kept: int) -> Iterator[ConvolutionUnit]:
    """The units of the first `kept` residual blocks; those after them are made to pass on what they get."""
    for number, block in enumerate(blocks):
        if not isinstance(block, ResidualBlock):
            raise ValueError("a stage of the network is not made of residual blocks")
        if number < kept:
            yield from layers_of(block)
        else:
            nn.init.zeros_(block.second.norm.weight)


def _set(target: Tensor | None, value: Weights) -> None:
    if target is None or target.shape != value.shape:
        shape = None if target is None else tuple(target.shape)
        raise ValueError(f"weights of shape {value.shape} for a layer of shape {shape}")
    with torch.no_grad():
        target.copy_(torch.tensor(value))


def _set_head(network: LineNetwork, weight: Weights, bias: Weights) -> None:
    """The rows of the head that the file has, in each subframe: its classes come first in ours, the parts last."""
    ours, theirs = network.charset.columns, weight.shape[0] // SUBFRAMES
    classes = theirs - PARTS
    if classes > ours - PARTS:
        raise ValueError(f"the file has {classes} classes, the network {ours - PARTS}")
    nn.init.normal_(network.head.weight, std=0.01)
    with torch.no_grad():
        network.head.bias.fill_(UNSEEN)
        for subframe in range(SUBFRAMES):
            source, target = subframe * theirs, subframe * ours
            for start, to, count in ((source, target, classes), (source + classes, target + ours - PARTS, PARTS)):
                network.head.weight[to : to + count] = torch.tensor(weight[start : start + count])
                network.head.bias[to : to + count] = torch.tensor(bias[start : start + count])


def _fit_norms(network: LineNetwork, norms: Sequence[tuple[nn.BatchNorm2d, Tensor]], batches: Sequence[Tensor]) -> None:
    """Makes each norm undo what it will do: scale by the deviation and shift by the mean that its input has, plus the
    folded bias. One pass over `batches` a norm, each seeing the norms before it set."""

    def fit(bias: Tensor) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        def hook(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            mean = inputs[0].mean((0, 2, 3))
            variance = inputs[0].var((0, 2, 3), unbiased=False)
            if not isinstance(module, nn.BatchNorm2d) or module.running_mean is None or module.running_var is None:
                raise TypeError("only batch norms are fitted")
            module.running_mean.copy_(mean)
            module.running_var.copy_(variance)
            module.weight.copy_((variance + module.eps).sqrt())
            module.bias.copy_(mean + bias)

        return hook

    handles = [norm.register_forward_pre_hook(fit(bias)) for norm, bias in norms]
    network.eval()
    with torch.no_grad():
        network(torch.cat(list(batches)))
    for handle in handles:
        handle.remove()
    network.train()
