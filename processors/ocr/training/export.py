"""From averaged weights to the file that ships: ONNX, static int8, calibrated on rendered lines."""

import copy
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
import torch

from processors.ocr.training.alphabet import Alphabet, charset, charset_file
from processors.ocr.training.batches import Batcher
from processors.ocr.training.model import Exported, LineNetwork, load_network
from processors.ocr.training.onnx_files import quantise, write_onnx
from processors.ocr.training.shards import Line

CALIBRATION_LINES = 400


def export(network: LineNetwork, path: Path) -> None:
    """Writes the network as float32 ONNX: input `x` (lines, 1, 32, width), output `y` (lines, frames, columns)."""
    example = torch.zeros(1, 1, network.charset.height, 160)
    axes = {"x": {0: "lines", 3: "width"}, "y": {0: "lines", 1: "frames"}}
    write_onnx(Exported(copy.deepcopy(network)), example, path, axes)


def float_nodes(nodes: dict[str, str]) -> list[str]:
    """What stays float: the first convolution and the head, which decide what is seen at all, and how sure; and the
    sums along the line, which every block adds to: rounded each time they cost letters, which vanished silently."""
    convolutions = [name for name, kind in nodes.items() if kind == "Conv"]
    sums = [name for name, kind in nodes.items() if kind in ("Add", "Mul") and "/line/" in name]
    return [convolutions[0], convolutions[-1], *sums]


def ship(weights: Path, folder: Path, lines: Sequence[Line], name: str) -> Path:
    """Writes `name`.onnx (int8) and charset.json into `folder`. Returns the model's path. Some of `lines` show the
    ranges of the layers."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}.onnx"
    chosen = random.Random(1).sample(list(lines), min(CALIBRATION_LINES, len(lines)))
    batcher = Batcher(Alphabet(charset()), None)
    inputs = (batch.pixels.numpy() for line in chosen for batch in batcher.batches([line]))
    with tempfile.TemporaryDirectory() as work:
        plain = Path(work) / "plain.onnx"
        export(load_network(weights), plain)
        quantise(
            plain,
            target,
            inputs,
            kinds=["Conv", "Add", "Mul"],
            kept=float_nodes,
        )
    (folder / "charset.json").write_bytes(msgspec.json.encode(charset_file()))
    return target
