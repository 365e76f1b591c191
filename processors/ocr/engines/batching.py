"""Which crops go through a network together."""

from collections.abc import Iterator, Sequence

from processors.ocr.engines.port import Image


def by_proportions(lines: Sequence[Image], most: int) -> Iterator[list[int]]:
    """Indices of the crops that have pixels, at most `most` at a time; crops of like proportions go together, since all
    of a batch are padded to the widest."""
    readable = [index for index, line in enumerate(lines) if line.shape[0] > 1 and line.shape[1] > 1]
    readable.sort(key=lambda index: lines[index].shape[1] / lines[index].shape[0])
    for start in range(0, len(readable), most):
        yield readable[start : start + most]
