"""Screenshots that say themselves what is read in them, and the server that reads them in a real worker process."""

import io
import json
import os
import signal
from collections.abc import Iterator

from PIL import Image, PngImagePlugin

from contracts.errors import IMAGE_UNREADABLE, TokstreamError
from contracts.resources import Bubble, Extraction, Position
from processors.ocr.worker import ReadJob

WIDTH, HEIGHT, LINE = 200, 400, 40
DIE = "die"
"""A bubble of this text kills the worker that comes to it."""
REFUSE = "refuse"
"""A bubble of this text makes the image unreadable."""


def screenshot(*texts: str) -> bytes:
    """A PNG file in which these bubbles will be read, from top to bottom, the speakers taking turns."""
    info = PngImagePlugin.PngInfo()
    info.add_text("script", json.dumps(texts))
    buffer = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT), "white").save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


class ScriptedServer:
    """Reads scripted screenshots; made in the worker process."""

    def __call__(self, job: ReadJob) -> Iterator[Bubble | Extraction]:
        with Image.open(io.BytesIO(job.data)) as image:
            texts: list[str] = json.loads(image.info["script"])
        bubbles = []
        for order, text in enumerate(texts):
            if text == DIE:
                os.kill(os.getpid(), signal.SIGKILL)
            if text == REFUSE:
                raise TokstreamError(IMAGE_UNREADABLE, "the script refuses", field="file")
            bubble = Bubble(
                text=text,
                speaker="user" if order % 2 else "interlocutor",
                confidence=0.9,
                position=Position(x=10.0, y=order * LINE + 5.0, width=120.0, height=30.0),
                order=order,
                group_id=order + 1,
            )
            bubbles.append(bubble)
            yield bubble
        yield Extraction(
            screenshot_id=job.screenshot_id,
            session_id=job.session_id,
            width=WIDTH,
            height=HEIGHT,
            top=0.0,
            bottom=float(HEIGHT),
            bubbles=tuple(bubbles),
            engine=f"scripted {os.getpid()}",
            seconds=0.01,
        )
