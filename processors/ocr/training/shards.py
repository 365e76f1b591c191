"""Rendered lines on disk, some thousands a file: drawing a line costs as much as learning from it, so each is looked at
several times."""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from processors.ocr.training.alphabet import Alphabet, charset
from processors.ocr.training.corpus import Corpus, load_corpus
from processors.ocr.training.faces import Faces, find_faces
from processors.ocr.training.rendering import AS_SHOWN, LineRenderer, Rendering
from processors.ocr.training.screens import Pixels
from processors.ocr.training.texts import TextSampler

LINES_A_LOOK = 6
"""Lines drawn in one look before the next: opening a font at a new size is dear."""


class Line(NamedTuple):
    """A rendered line: pixels of shape (32, width) as `rendering.encode` stores them."""

    pixels: Pixels
    text: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Where texts and typefaces come from. `held_out` takes those that are only measured with; `natural` draws nothing
    but natural Korean."""

    corpora: Path
    npm: tuple[Path, ...] = ()
    held_out: bool = False
    natural: bool = False
    rendering: Rendering = AS_SHOWN


class Workshop:
    """What a rendering process loads once."""

    def __init__(self, sources: Sources) -> None:
        self.corpus: Corpus = load_corpus(sources.corpora, held_out=sources.held_out)
        self.faces: Faces = find_faces(sources.npm, held_out=sources.held_out)
        self.alphabet = Alphabet(charset())
        self.natural = sources.natural
        self.rendering = sources.rendering

    def lines(self, seed: int, count: int) -> Iterator[Line]:
        """`count` lines, the same ones for the same seed, corpora and typefaces."""
        sampler = TextSampler(self.corpus, self.alphabet, seed)
        renderer = LineRenderer(self.faces, seed, self.rendering)
        draw = sampler.korean if self.natural else sampler.line
        neighbour: str | None = None
        made = 0
        while made < count:
            look = renderer.look()
            for _ in range(LINES_A_LOOK):
                text = draw()
                pixels = renderer.render(text, look, neighbour)
                neighbour = text
                if pixels is not None and made < count:
                    made += 1
                    yield Line(pixels, text)


def render(sources: Sources, folder: Path, seeds: Sequence[int], count: int, processes: int) -> Iterator[Path]:
    """Renders one shard of `count` lines for each seed that is not there yet; yields each file as it is done."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [seed for seed in seeds if not shard_path(folder, seed).exists()]
    context = get_context("spawn")
    with ProcessPoolExecutor(processes, context, _open_workshop, (sources,)) as pool:
        futures = [pool.submit(_render_shard, folder, seed, count) for seed in missing]
        for future in as_completed(futures):
            yield future.result()


_workshop: Workshop | None = None


def _open_workshop(sources: Sources) -> None:
    global _workshop
    cv2.setNumThreads(1)
    _workshop = Workshop(sources)


def _render_shard(folder: Path, seed: int, count: int) -> Path:
    if _workshop is None:
        raise RuntimeError("the process was not initialised")
    path = shard_path(folder, seed)
    write_shard(path, list(_workshop.lines(seed, count)))
    return path


def shard_path(folder: Path, seed: int) -> Path:
    return folder / f"lines-{seed:06d}.npz"


def write_shard(path: Path, lines: Sequence[Line]) -> None:
    """Writes the file whole or not at all."""
    incoming = path.with_suffix(".incoming.npz")
    np.savez(
        incoming,
        pixels=np.concatenate([line.pixels for line in lines], axis=1),
        widths=np.array([line.pixels.shape[1] for line in lines], np.int32),
        texts=np.frombuffer("\n".join(line.text for line in lines).encode(), np.uint8),
    )
    incoming.rename(path)


def read_shard(path: Path) -> list[Line]:
    """The lines of a file that `write_shard` wrote."""
    with np.load(path) as file:
        pixels: NDArray[np.uint8] = file["pixels"]
        ends = np.cumsum(file["widths"])
        texts = file["texts"].tobytes().decode().split("\n")
    starts = ends - np.diff(ends, prepend=0)
    return [Line(pixels[:, a:b], text) for a, b, text in zip(starts, ends, texts, strict=True)]


def read_folder(folder: Path) -> list[Line]:
    """The lines of all shards of a folder, in the order of their names."""
    return [line for path in sorted(folder.glob("*.npz")) for line in read_shard(path)]


class ShardPool:
    """Serves shards of a growing folder, the least used first; `number` of `count` readers get every `count`-th."""

    def __init__(self, folder: Path, seed: int, number: int = 0, count: int = 1) -> None:
        self._folder = folder
        self._random = random.Random(seed)
        self._number, self._count = number, count
        self._used: dict[Path, int] = {}

    def take(self, shards: int) -> list[Line]:
        """All lines of some shards, shuffled. Raises FileNotFoundError where the folder has none for this reader."""
        paths = sorted(self._folder.glob("lines-??????.npz"))[self._number :: self._count]
        if not paths:
            raise FileNotFoundError(f"no shard in {self._folder}: render some first")
        self._random.shuffle(paths)
        chosen = sorted(paths, key=lambda path: self._used.get(path, 0))[:shards]
        for path in chosen:
            self._used[path] = self._used.get(path, 0) + 1
        lines = [line for path in chosen for line in read_shard(path)]
        self._random.shuffle(lines)
        return lines
