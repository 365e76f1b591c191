"""What a message answers stands in the same bubble and is no part of it."""

import cv2
import numpy as np

from processors.ocr.engines.port import Box, Recognition, RegionLine
from processors.ocr.quotes import boxed_quote, without_quote

BUBBLE = Box(0, 0, 200, 90)


def line(text: str, top: int) -> RegionLine:
    return RegionLine(Box(10, top, 150, top + 16), Recognition(text, 0.9, (0.9,) * len(text), "told"))


def test_a_box_above_the_answer_is_a_quote() -> None:
    quote = Box(8, 6, 192, 46)
    assert boxed_quote(BUBBLE, (quote,), None) == quote


def test_a_button_that_ends_a_card_is_none() -> None:
    assert boxed_quote(BUBBLE, (Box(8, 46, 192, 84),), None) is None


def test_nor_is_what_covers_a_part_of_the_width_or_stands_on_a_card_with_a_picture() -> None:
    assert boxed_quote(BUBBLE, (Box(8, 6, 90, 46),), None) is None
    assert boxed_quote(BUBBLE, (Box(8, 6, 192, 46),), Box(0, 50, 200, 90)) is None


def test_the_lines_below_the_hairline_answer() -> None:
    image = np.full((120, 200, 3), 255, np.uint8)
    lines = (line("하은에게 답장", 10), line("어디야?", 34), line("집이야", 74))
    assert without_quote(image, lines) == lines
    cv2.line(image, (5, 62), (190, 62), (220, 220, 220), 1)
    assert without_quote(image, lines) == lines[2:]


def test_without_a_heading_a_rule_ends_no_quote() -> None:
    image = np.full((120, 200, 3), 255, np.uint8)
    cv2.line(image, (5, 62), (190, 62), (220, 220, 220), 1)
    lines = (line("공지사항", 10), line("어디야?", 34), line("집이야", 74))
    assert without_quote(image, lines) == lines
