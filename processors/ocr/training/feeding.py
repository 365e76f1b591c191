"""Batches without end from a folder of shards, prepared while earlier ones are learnt from: in a thread of the process
that learns or, for a GPU, in processes of their own."""

import queue
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.queues import Queue
from pathlib import Path

import cv2
import torch
from torch import Tensor, multiprocessing

from processors.ocr.training.alphabet import Alphabet, charset
from processors.ocr.training.batches import STEADY_COLUMNS, Batch, Batcher
from processors.ocr.training.shards import Line, ShardPool

SHARDS_AT_ONCE = 3
WAITING = 6
"""Batches made ahead, by each process that makes some."""
LONGEST_SILENCE = 5.0
"""Seconds without a batch after which it is looked whether the processes that make them are there."""
SHORT_FIRST = ((0.025, 6), (0.06, 12))
"""Share of the training, and the longest text until then: alignment is learnt on short lines. From scratch only."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where batches come from. `step` is that at which the training (again) began; `progress`, one number from 0 to 1
    in shared memory, is how far it is; `short_first` holds long lines back until then. `columns` is the size of a
    batch for a GPU; for the others see `plan.Plan`."""

    shards: Path
    seed: int
    step: int
    progress: Tensor
    short_first: bool
    columns: int = STEADY_COLUMNS
    stirred: bool = True
    whole_syllables: bool = False

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
        alphabet = Alphabet(charset(whole_syllables=self.whole_syllables))
        return Batcher(alphabet, random.Random(f"{self.seed} {number} {self.step}"), stirred=self.stirred)

    def _taken(self, number: int, count: int) -> Iterator[list[Line]]:
        pool = ShardPool(self.shards, self.seed, number, count)
        while True:
            lines = pool.take(SHARDS_AT_ONCE)
            longest = next((most for share, most in SHORT_FIRST if float(self.progress) < share), None)
            if self.short_first and longest is not None:
                lines = [line for line in lines if len(line.text) <= longest]
            yield lines


def prepared(source: Source, processes: int) -> Iterator[Batch]:
    """Large batches of few shapes, made by `processes` beside this one, which end when the iterator is closed or this
    process ends. Raises what one of them raised, and RuntimeError where one was killed."""
    context = multiprocessing.get_context("spawn")
    ready = context.Queue(WAITING * processes)
    makers = [
        context.Process(target=_make, args=(source, number, processes, ready), daemon=True)
        for number in range(processes)
    ]
    for maker in makers:
        maker.start()
    try:
        while True:
            try:
                item = ready.get(timeout=LONGEST_SILENCE)
            except queue.Empty:
                if not all(maker.is_alive() for maker in makers):
                    raise RuntimeError("a process that prepares batches was killed") from None
                continue
            if isinstance(item, BaseException):
                raise item
            yield item.pinned() if torch.cuda.is_available() else item
    finally:
        for maker in makers:
            maker.terminate()
        for maker in makers:
            maker.join()


def _make(source: Source, number: int, count: int, ready: "Queue[Batch | Exception]") -> None:
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    try:
        for batch in source.batcher(number).steady(source.lines(number, count), source.columns):
            ready.put(batch)
    except Exception as error:
        ready.put(error)


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
