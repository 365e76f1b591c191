"""Which reader runs: the setting TOKSTREAM_OCR, and what is installed."""

from importlib.util import find_spec
from pathlib import Path
from typing import Literal, get_args

from contracts.base import Record
from processors.ocr.engines import paddle, tesseract
from processors.ocr.engines.auto import AutoReader, PaddleHelper
from processors.ocr.engines.port import RegionReader
from processors.ocr.engines.regions import ProjectionReader
from processors.ocr.engines.tokstream import MODEL, TokstreamRecogniser

EngineName = Literal["auto", "tokstream", "paddle", "tesseract"]


class EngineState(Record, frozen=True):
    """One engine: whether it can run here, what it is good for, and why it cannot run."""

    name: str
    available: bool
    purpose: str
    version: str | None = None
    reason: str | None = None
    """What is missing and how to get it."""


class Engines(Record, frozen=True):
    """What the setting means on this machine."""

    setting: str
    running: str
    """What reads: for example "tokstream + PP-OCRv5"."""
    engines: tuple[EngineState, ...]


def open_reader(name: EngineName = "auto", *, paddle_models: Path | None = None) -> RegionReader:
    """The reader of a setting; loading takes some 50 ms, PaddleOCR later or at once seconds.

    - `auto`: ours, and PP-OCRv5 where a line needs it, if PaddleOCR is installed;
    - `tokstream`: ours alone;
    - `paddle`: PaddleOCR's Korean recogniser from the model directory `paddle_models` (inference.onnx, inference.yml);
    - `tesseract`: the optional extra, for comparison.

    Raises `ValueError` for another name or a missing model directory, `ModuleNotFoundError` for a missing package; both
    say what to do.
    """
    match name:
        case "auto":
            return AutoReader(TokstreamRecogniser(), PaddleHelper() if paddle.unavailable() is None else None)
        case "tokstream":
            return ProjectionReader(TokstreamRecogniser())
        case "paddle":
            return ProjectionReader(paddle.PaddleRecogniser(korean_models(paddle_models)))
        case "tesseract":
            return ProjectionReader(tesseract.TesseractRecogniser())
    raise ValueError(f"no OCR engine is called {name!r}; choose from {', '.join(get_args(EngineName))}")


def korean_models(directory: Path | None) -> Path:
    """The model directory, checked. Raises `ValueError` or `ModuleNotFoundError` saying what is missing."""
    if find_spec("paddleocr") is None:
        raise ModuleNotFoundError("the OCR engine paddle needs PaddleOCR: pip install paddleocr")
    if directory is None:
        raise ValueError(
            f"the OCR engine paddle needs a model directory: download {paddle.KOREAN} as ONNX and name its folder"
        )
    missing = [file for file in ("inference.onnx", "inference.yml") if not (directory / file).is_file()]
    if missing:
        raise ValueError(f"{directory} is not a PaddleOCR model directory in ONNX format: {', '.join(missing)} missing")
    return directory


def describe(name: EngineName = "auto", *, paddle_models: Path | None = None) -> Engines:
    """Which engines can run and what the setting runs, for /info and `tokstream doctor`. Loads no model."""
    second = paddle.unavailable()
    korean = reason_of(paddle_models)
    tesseract_reason = tesseract.unavailable()
    engines = (
        EngineState("tokstream", True, "Korean and plain Latin lines", MODEL),
        EngineState(
            "PP-OCRv5",
            second is None,
            "lines in Chinese, Japanese and accented Latin; finding lines",
            paddle.installed_version(),
            None if second is None else second.reason,
        ),
        EngineState(
            "paddle", korean is None, "PaddleOCR's Korean weights, by setting", paddle.installed_version(), korean
        ),
        EngineState("tesseract", tesseract_reason is None, "comparison only", None, tesseract_reason),
    )
    running = "tokstream + PP-OCRv5" if name == "auto" and second is None else name
    return Engines(name, "tokstream" if running == "auto" else running, engines)


def reason_of(directory: Path | None) -> str | None:
    """Why PaddleOCR's Korean weights cannot run; None where they can."""
    try:
        korean_models(directory)
    except (ModuleNotFoundError, ValueError) as error:
        return str(error)
    return None
