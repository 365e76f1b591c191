"""The network that names an emoji."""

import torch
from torch import nn

from processors.ocr.training.emoji.pictures import OTHER

WIDTHS = (24, 40, 64, 96, 144)
"""Channels of the convolutions; the side halves from the second on: 32, 16, 8, 4, 4."""


class EmojiNet(nn.Module):
    """Crops of shape (crops, 3, 32, 32) to logits of shape (crops, chosen emoji + 1); the last class is every other
    one."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for depth, width in enumerate(WIDTHS):
            stride = 2 if 0 < depth < 4 else 1
            layers += [nn.Conv2d(before, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
            before = width
        self.body = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.AvgPool2d(4), nn.Flatten(), nn.Dropout(0.1), nn.Linear(before, OTHER + 1))

    def forward(self, crops: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(crops))
