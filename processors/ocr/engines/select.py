"""Which reader runs."""

from pathlib import Path
from typing import Literal

from processors.ocr.engines.port import RegionReader
from processors.ocr.engines.regions import ProjectionReader
from processors.ocr.engines.tokstream import TokstreamRecogniser

EngineName = Literal["auto", "tokstream", "paddle", "tesseract"]


def open_reader(name: EngineName = "auto", *, paddle_models: Path | None = None) -> RegionReader:
    """The reader of a setting."""
    if name in ("auto", "tokstream"):
        return ProjectionReader(TokstreamRecogniser())
    raise ValueError(f"no engine is called {name!r}")
