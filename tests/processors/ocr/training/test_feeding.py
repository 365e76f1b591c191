"""Batches for a GPU: large, of few shapes, made by processes of their own."""

import itertools
import random
from pathlib import Path

import numpy as np
import pytest

from processors.ocr.training.alphabet import Alphabet, charset
from processors.ocr.training.shards import Line, shard_path, write_shard

CHARSET = charset()


def some_lines(count: int, seed: int) -> list[Line]:
    """Noise of many widths, with texts that number them."""
    draw = random.Random(seed)
    pixels = np.random.default_rng(seed)
    return [
        Line(pixels.integers(0, 255, (32, draw.randint(20, 600)), dtype=np.uint8), f"{seed}-{number}")
        for number in range(count)
    ]


def test_steady_batches_have_one_number_of_lines_for_each_of_few_widths(pytorch: None) -> None:
    from processors.ocr.training.batches import STEADY_COLUMNS, STEADY_WIDTHS, Batcher

    lines = some_lines(400, 1)
    endless = itertools.cycle(lines)
    batches = list(itertools.islice(Batcher(Alphabet(CHARSET), random.Random(1)).steady(endless), 12))
    for batch in batches:
        count, _, height, width = batch.pixels.shape
        assert height == CHARSET.height
        assert width % STEADY_WIDTHS == 0
        assert count == STEADY_COLUMNS // width == len(batch.texts)
        assert int(batch.frames.max()) <= width * CHARSET.frames_per_pixel
        assert batch.lengths.tolist() == [len(text) for text in batch.texts]
    assert {text for batch in batches for text in batch.texts} <= {line.text for line in lines}
    assert len({batch.pixels.shape[-1] for batch in batches}) > 1


@pytest.mark.timeout(300)
def test_batches_are_prepared_by_processes_that_share_the_shards(pytorch: None, tmp_path: Path) -> None:
    import torch

    from processors.ocr.training.feeding import Source, prepared

    for number in (1, 2):
        write_shard(shard_path(tmp_path, number), some_lines(60, number))
    source = Source(tmp_path, seed=1, step=0, progress=torch.tensor(0.0).share_memory_(), short_first=False)
    seen: set[str] = set()
    for batch in prepared(source, processes=2):
        origin = {text.split("-")[0] for text in batch.texts}
        assert len(origin) == 1  # one process has one of the two shards, the other the other
        seen |= origin
        if seen == {"1", "2"}:
            break
    assert seen == {"1", "2"}


def test_long_lines_wait_at_the_start_of_a_training_from_scratch(pytorch: None, tmp_path: Path) -> None:
    import torch

    from processors.ocr.training.feeding import SHORT_FIRST, Source

    pixels = np.zeros((32, 90), np.uint8)
    write_shard(shard_path(tmp_path, 1), [Line(pixels, "가" * length) for length in range(1, 31)])
    progress = torch.tensor(0.0).share_memory_()
    source = Source(tmp_path, seed=1, step=0, progress=progress, short_first=True)
    assert max(len(line.text) for line in itertools.islice(source.lines(0, 1), 40)) == SHORT_FIRST[0][1]
    progress.fill_(0.5)
    assert max(len(line.text) for line in itertools.islice(source.lines(0, 1), 40)) == 30
