"""Batches without end from a folder of shards, prepared while earlier ones are learnt from: in a thread of the process
that learns or, for a GPU, in processes of their own."""

import queue
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from processors.ocr.training.alphabet import Alphabet, charset
from processors.ocr.training.batches import Batch, Batcher
from processors.ocr.training.shards import Line, ShardPool

SHARDS_AT_ONCE = 3
WAITING = 6
"""Batches made ahead."""
SHORT_FIRST = ((0.025, 6), (0.06, 12))
"""Share of the training, and the longest text until then: alignment is learnt on short lines. From scratch only."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where batches come from. `step` is that at which the training (again) began; `progress`, one number from 0 to 1
    in shared memory, is how far it is; `short_first` holds long lines back until then."""

    shards: Path
    seed: int
    step: int
    progress: Tensor
    short_first: bool

    def lines(self, number: int, count: int) -> Iterator[Line]:
        """The lines of every `count`-th shard, again and again, those of some shards mixed."""
        for lines in self._taken(number, count):
            yield from lines

    def batches(self, number: int, count: int) -> Iterator[Batch]:
        """Batches of like widths, of every `count`-th shard."""
        batcher = self.batcher(number)
        for lines in self._taken(number, count):
            yield from batcher.batches(lines)

    def batcher(self, number: int) -> Batcher:
        return Batcher(Alphabet(charset()), random.Random(f"{self.seed} {number} {self.step}"))

    def _taken(self, number: int, count: int) -> Iterator[list[Line]]:
        pool = ShardPool(self.shards, self.seed, number, count)
        while True:
            lines = pool.take(SHARDS_AT_ONCE)
            longest = next((most for share, most in SHORT_FIRST if float(self.progress) < share), None)
            if self.short_first and longest is not None:
                lines = [line for line in lines if len(line.text) <= longest]
            yield lines


class _SteadyBatches(IterableDataset[Batch]):
    """What one of the preparing processes makes."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __iter__(self) -> Iterator[Batch]:
        process = get_worker_info()
        number, count = (0, 1) if process is None else (process.id, process.num_workers)
        return self._source.batcher(number).steady(self._source.lines(number, count))


def prepared(source: Source, processes: int) -> Iterator[Batch]:
    """Large batches of few shapes, made by `processes` beside this one."""
    loader = DataLoader(
        _SteadyBatches(source),
        batch_size=None,
        num_workers=processes,
        prefetch_factor=WAITING,
        pin_memory=torch.cuda.is_available(),
        worker_init_fn=_on_one_thread,
        multiprocessing_context="spawn",
    )
    return iter(loader)


def _on_one_thread(_: int) -> None:
    torch.set_num_threads(1)
    cv2.setNumThreads(1)


def ahead(make: Callable[[], Iterator[Batch]]) -> Iterator[Batch]:
    """The batches of `make`, prepared in a thread while earlier ones are learnt from. Raises what `make` raised."""
    waiting: queue.Queue[Batch | BaseException | None] = queue.Queue(WAITING)

    def work() -> None:
        try:
            for batch in make():
                waiting.put(batch)
            waiting.put(None)
        except BaseException as error:
            waiting.put(error)

    threading.Thread(target=work, daemon=True).start()
    while (item := waiting.get()) is not None:
        if isinstance(item, BaseException):
            raise item
        yield item
