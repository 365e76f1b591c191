"""Chinese, Japanese and English lines are read by PaddleOCR's network without PaddleOCR's import."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image as Pillow

from processors.ocr.engines.port import Image
from processors.ocr.engines.ppocr import HEIGHT, NARROWEST, PpOcrRecogniser, prepare
from processors.ocr.training.drawing import Canvas
from processors.ocr.training.fonts import typeface
from processors.ocr.training.lettering import TextStyle, text_width


def line(text: str, size: float = 28) -> Image:
    style = TextStyle(typeface("Noto Sans CJK KR"), size)
    canvas = Canvas(Pillow.new("RGB", (round(text_width(text, style)) + 12, round(size * 1.3)), (255, 255, 255)))
    canvas.text(6, size, text, style, (20, 20, 20))
    return np.ascontiguousarray(np.asarray(canvas.image)[:, :, ::-1])


@pytest.mark.parametrize("text", ["今日は駅で待っています", "你好，明天见", "See you tomorrow at nine"])
def test_lines_that_ours_cannot_write_are_read_with_a_probability_a_character(text: str) -> None:
    (answer,) = PpOcrRecogniser().recognise([line(text)])
    assert answer.text.replace(" ", "") == text.replace(" ", "")
    assert len(answer.characters) == len(answer.text)
    assert len(set(answer.characters)) > 1
    assert answer.confidence == pytest.approx(sum(answer.characters) / len(answer.characters))


def test_the_order_of_the_crops_is_kept_and_empty_ones_say_nothing() -> None:
    texts = ["東京", "明日の朝は早いです", "x"]
    crops = [line(text) for text in texts]
    answers = PpOcrRecogniser().recognise([crops[1], np.zeros((0, 9, 3), np.uint8), crops[0]])
    assert [answer.text for answer in answers] == [texts[1], "", texts[0]]
    assert answers[1].confidence == 0


def test_crops_are_scaled_to_the_height_and_padded() -> None:
    short, long = prepare(np.full((24, 100, 3), 255, np.uint8)), prepare(np.zeros((48, 500, 3), np.uint8))
    assert short.shape == (1, 3, HEIGHT, NARROWEST)
    assert (short[0, :, :, :200] == 1).all()
    assert (short[0, :, :, 200:] == 0).all()
    assert long.shape == (1, 3, HEIGHT, 500)
    assert (long == -1).all()


def test_paddleocr_is_not_imported() -> None:
    code = (
        "import sys, numpy as np\n"
        "from processors.ocr.engines.ppocr import PpOcrRecogniser\n"
        "PpOcrRecogniser().recognise([np.full((30, 90, 3), 255, np.uint8)])\n"
        "print([name for name in ('paddleocr', 'paddlex', 'modelscope') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"
