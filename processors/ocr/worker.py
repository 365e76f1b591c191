"""What runs in a worker process of the OCR pool: bytes of an image in, bubbles out, one by one."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import cv2

from contracts.resources import Bubble, Extraction
from processors.ocr.engines.select import EngineName, open_reader
from processors.ocr.reader import ScreenshotReader
from storage.images import ImageLimits
from storage.pixels import decode


@dataclass(frozen=True, slots=True)
class ReadJob:
    """`data` is the image file as uploaded; the ids go into the extraction."""

    screenshot_id: str
    session_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    engine: EngineName = "auto"
    paddle_models: Path | None = None
    limits: ImageLimits = field(default_factory=ImageLimits)


class OcrServer:
    """Holds the models; yields each bubble as it is read, then the whole extraction."""

    def __init__(self, options: ReaderOptions) -> None:
        # One screenshot is one core's work: the pool, not OpenCV, decides how many cores are used.
        cv2.setNumThreads(1)
        self._limits = options.limits
        self._regions = open_reader(options.engine, paddle_models=options.paddle_models)
        self._reader = ScreenshotReader(self._regions)

    def __call__(self, job: ReadJob) -> Iterator[Bubble | Extraction]:
        """Raises TokstreamError where the image cannot be decoded."""
        started = time.perf_counter()
        image = decode(job.data, self._limits)
        layout = self._reader.layout(image)
        bubbles = []
        for bubble in self._reader.read(image, layout):
            bubbles.append(bubble)
            yield bubble
        height, width = image.shape[:2]
        yield Extraction(
            screenshot_id=job.screenshot_id,
            session_id=job.session_id,
            width=width,
            height=height,
            top=layout.top,
            bottom=layout.bottom,
            bubbles=tuple(bubbles),
            engine=self._regions.engine,
            seconds=round(time.perf_counter() - started, 4),
        )


def server_factory(options: ReaderOptions) -> partial[OcrServer]:
    """What a WorkerPool needs to make the server in each of its processes."""
    return partial(OcrServer, options)
