"""Tesseract, for comparison: slower than our own recogniser and wrong more often (weights/MODEL_CARD.md)."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from processors.ocr.engines.confidence import line_confidence, tidy
from processors.ocr.engines.crops import flatten_theme, scale_to_height
from processors.ocr.engines.port import Image, Recognition

HEIGHT = 44
"""Pixels to which a line is scaled: Tesseract's network was trained on letters about 30 px high."""
BORDER = 12
LANGUAGES = "kor+eng"
HOW_TO_INSTALL = (
    "install the extra tokstream[tesseract] (pip install 'tokstream[tesseract]') and Tesseract's Korean data "
    "(Debian: tesseract-ocr-kor)"
)


def unavailable() -> str | None:
    """Why Tesseract cannot run, with what to install; None where it can."""
    if find_spec("tesserocr") is None:
        return f"tesserocr is not installed: {HOW_TO_INSTALL}"
    import tesserocr

    directory, languages = tesserocr.get_languages()
    if missing := set(LANGUAGES.split("+")) - set(languages):
        return f"Tesseract has no data for {', '.join(sorted(missing))} in {directory}: {HOW_TO_INSTALL}"
    return None


class TesseractRecogniser:
    """Reads line crops with Tesseract 5. One object may be used by one thread at a time."""

    name = "tesseract"

    def __init__(self) -> None:
        """Raises `ModuleNotFoundError` that says what to install where Tesseract or its data are missing."""
        if reason := unavailable():
            raise ModuleNotFoundError(reason)
        import tesserocr

        self.library: Any = tesserocr
        self.engine: Any = tesserocr.PyTessBaseAPI(lang=LANGUAGES, psm=tesserocr.PSM.SINGLE_LINE)

    def recognise(self, lines: Sequence[Image]) -> list[Recognition]:
        """Read crops of one line each, dark on light or the reverse. Crops without a pixel give an empty text."""
        return [self.recognise_line(line) for line in lines]

    def recognise_line(self, line: Image) -> Recognition:
        """Read one crop."""
        if line.shape[0] < 2 or line.shape[1] < 2:
            return Recognition("", 0.0, (), self.name)
        page = black_on_white(line)
        height, width = page.shape
        self.engine.SetImageBytes(page.tobytes(), width, height, 1, width)
        self.engine.SetSourceResolution(150)
        self.engine.Recognize()
        characters: list[str] = []
        probabilities: list[float] = []
        iterator = self.engine.GetIterator()
        level = self.library.RIL.SYMBOL
        for symbol in self.library.iterate_level(iterator, level) if iterator is not None else ():
            if symbol.Empty(level):
                continue
            probability = float(symbol.Confidence(level)) / 100
            if characters and symbol.IsAtBeginningOf(self.library.RIL.WORD):
                characters.append(" ")
                probabilities.append(probability)
            for character in symbol.GetUTF8Text(level) or "":
                characters.append(character)
                probabilities.append(probability)
        text, confidences = tidy(characters, probabilities)
        return Recognition(text, line_confidence(confidences), confidences, self.name)


def black_on_white(line: Image) -> NDArray[np.uint8]:
    """Grey page of a line: full contrast, dark ink, a white border."""
    ink = flatten_theme(scale_to_height(cv2.cvtColor(line, cv2.COLOR_BGR2GRAY).astype(np.float32), HEIGHT))
    page = np.clip(255 * (1 - ink), 0, 255).astype(np.uint8)
    return np.asarray(
        cv2.copyMakeBorder(page, BORDER, BORDER, BORDER, BORDER, cv2.BORDER_CONSTANT, value=(255.0,)), np.uint8
    )
