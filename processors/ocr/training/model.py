"""The network: a column of convolutions that halves the height until one row is left, then blocks along the line.

Input (lines, 1, 32, width), output (lines, width / 2, columns of the charset): scores that `log_probabilities` turns
into the four log-softmax blocks of `engines/charset.py`. Convolutions and batch norms alone: they fold into int8
without loss.
"""

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from processors.ocr.engines.charset import FINALS, INITIALS, MEDIALS, Charset
from processors.ocr.training.alphabet import charset

SUBFRAMES = 2
"""Frames of 2 px that the head writes for each 4 px of the line, so that "..." and "ll" fit."""


class Shape(NamedTuple):
    """How large a network is: `widths` are the channels of the stem, the first and second stage and the line, `blocks`
    the residual blocks of the two stages, `dilations` those of the blocks along the line. The default is what ships."""

    widths: tuple[int, int, int, int] = (16, 48, 96, 256)
    blocks: tuple[int, int] = (2, 3)
    dilations: tuple[int, ...] = (1, 1, 2, 2, 4)


SHIPPED = Shape()


class ConvolutionUnit(nn.Module):
    """Convolution, batch norm and, unless `linear`, rectifier."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int | tuple[int, int] = 3,
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 1,
        *,
        linear: bool = False,
    ) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.linear = linear

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.convolution(x))
        return x if self.linear else functional.relu(x, inplace=True)


class ResidualBlock(nn.Module):
    """Two 3 × 3 convolutions beside a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = ConvolutionUnit(channels, channels)
        self.second = ConvolutionUnit(channels, channels, linear=True)
        nn.init.constant_(self.second.norm.weight, 0.3)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(self.first(x)), inplace=True)


class LineBlock(nn.Module):
    """Looks along the line: a convolution of seven columns a channel, then a layer across channels, beside a shortcut
    (after ConvNeXt, Liu et al. 2022)."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.along = nn.Conv2d(
            channels, channels, (1, 7), padding=(0, 3 * dilation), dilation=(1, dilation), groups=channels, bias=False
        )
        self.norm = nn.BatchNorm2d(channels)
        self.widen = nn.Conv2d(channels, 2 * channels, 1)
        self.narrow = nn.Conv2d(2 * channels, channels, 1)
        self.gain = nn.Parameter(torch.full((1, channels, 1, 1), 0.3))

    def forward(self, x: Tensor) -> Tensor:
        inner = functional.relu(self.widen(self.norm(self.along(x))), inplace=True)
        return x + self.gain * self.narrow(inner)


class LineNetwork(nn.Module):
    """The recogniser."""

    def __init__(self, charset: Charset, shape: Shape = SHIPPED) -> None:
        super().__init__()
        stem, first, second, line = shape.widths
        self.charset = charset
        self.stem = nn.Sequential(
            ConvolutionUnit(1, stem, stride=2), ConvolutionUnit(stem, stem), ConvolutionUnit(stem, first, stride=2)
        )
        self.first = nn.Sequential(*(ResidualBlock(first) for _ in range(shape.blocks[0])))
        self.down = ConvolutionUnit(first, second, stride=(2, 1))
        self.second = nn.Sequential(*(ResidualBlock(second) for _ in range(shape.blocks[1])))
        self.column = ConvolutionUnit(second, line, kernel=(4, 3), padding=(0, 1))
        self.line = nn.Sequential(*(LineBlock(line, dilation) for dilation in shape.dilations))
        self.norm = nn.BatchNorm2d(line)
        self.dropout = nn.Dropout(0.05)
        self.head = nn.Conv2d(line, SUBFRAMES * charset.columns, 1)
        nn.init.zeros_(self.head.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.column(self.second(self.down(self.first(self.stem(x)))))
        x = self.head(self.dropout(self.norm(self.line(x))))[:, :, 0]
        lines, _, steps = x.shape
        return x.permute(0, 2, 1).reshape(lines, steps * SUBFRAMES, self.charset.columns)


def load_network(weights: Path, shape: Shape = SHIPPED) -> LineNetwork:
    """A network of that shape with the averaged weights of a training run, ready to read."""
    network = LineNetwork(charset(), shape)
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return network.eval()


class Exported(nn.Module):
    """The network as it is shipped: with its output as log-probabilities."""

    def __init__(self, network: LineNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat(log_probabilities(self.network(x), self.network.charset), -1)


def log_probabilities(scores: Tensor, charset: Charset) -> tuple[Tensor, ...]:
    """The four blocks (head, initial, medial, final) of scores whose last dimension is the charset's columns."""
    blocks = scores.split([charset.head_width, INITIALS, MEDIALS, FINALS], -1)
    return tuple(block.log_softmax(-1) for block in blocks)
