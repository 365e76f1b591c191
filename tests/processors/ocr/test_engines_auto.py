"""Which engine's answer is kept, with engines that answer as told."""

from collections.abc import Sequence

import numpy as np
import pytest

from processors.ocr.engines.auto import AutoReader
from processors.ocr.engines.patience import LEAST_WIDTH, VAIN_SEARCHES, VAIN_WIDTH
from processors.ocr.engines.port import Box, Image, LineFinder, Recogniser, Recognition
from processors.ocr.engines.scripts import better
from tests.processors.ocr.test_lines_projection import drawn


def recognition(text: str, confidence: float, engine: str) -> Recognition:
    return Recognition(text, confidence, (confidence,) * len(text), engine)


class Told:
    """Answers every crop with the same text; counts the crops."""

    def __init__(self, name: str, text: str, confidence: float) -> None:
        self.name = name
        self.answer = recognition(text, confidence, name)
        self.seen = 0

    def recognise(self, lines: Sequence[Image]) -> list[Recognition]:
        self.seen += len(lines)
        return [self.answer for _ in lines]


class Finder:
    """Finds the given boxes."""

    def __init__(self, boxes: Sequence[Box]) -> None:
        self.boxes = boxes
        self.asked = 0

    def find(self, image: Image, region: Box) -> Sequence[Box]:
        self.asked += 1
        return self.boxes


class Helper:
    def __init__(self, recogniser: Told, finder: Finder) -> None:
        self.told = recogniser
        self.finder = finder

    @property
    def recogniser(self) -> Recogniser:
        return self.told

    @property
    def detector(self) -> LineFinder:
        return self.finder


IMAGE, REGION = drawn(["Hello there"])


def bubble() -> Image:
    """An image of its own with one line in a bubble."""
    return IMAGE.copy()


@pytest.mark.parametrize(
    ("ours", "other", "kept"),
    [
        (("안녕하세요", 0.99), ("好", 0.99), "안녕하세요"),
        (("슥≫5⬚", 0.45), ("今から帰ります", 0.99), "今から帰ります"),
        (("슥≫5⬚", 0.45), ("今か", 0.6), "슥≫5⬚"),
        (("Perche no", 0.95), ("Perché no", 0.95), "Perche no"),
        (("Perche no", 0.7), ("Perché no", 0.95), "Perché no"),
        (("あなたはŒではありません", 0.99), ("あなたは正直ではありません", 0.99), "あなたは正直ではありません"),
        (("ほボŽ#조횹툥，☒カぶ주룬 Python", 0.61), ("虽然这并不容易 Python", 0.99), "虽然这并不容易 Python"),
        (("Ok thanks", 0.99), ("Ok thank", 0.97), "Ok thanks"),
        (("0k tnanks", 0.8), ("Ok thanks", 0.98), "Ok thanks"),
        (("ㅋㅋㅋ", 0.7), ("", 0.0), "ㅋㅋㅋ"),
        (("ㅋㅋㅋ", 0.9), ("777", 0.95), "ㅋㅋㅋ"),
    ],
)
def test_the_better_answer_is_kept(ours: tuple[str, float], other: tuple[str, float], kept: str) -> None:
    assert better(recognition(*ours, "tokstream"), recognition(*other, "paddle")).text == kept


def test_korean_that_reads_well_never_asks_the_helper() -> None:
    helper = Helper(Told("paddle", "好", 1.0), Finder([]))
    text = AutoReader(Told("tokstream", "안녕", 0.99), helper).read(bubble(), REGION)
    assert [line.recognition.text for line in text.lines] == ["안녕"]
    assert helper.told.seen == 0
    assert helper.finder.asked == 0


@pytest.mark.parametrize("text", ["13 : 10", "....", "?!", "_"])
def test_digits_and_marks_read_fairly_do_not_ask_the_helper(text: str) -> None:
    helper = Helper(Told("paddle", "好", 1.0), Finder([]))
    AutoReader(Told("tokstream", text, 0.8), helper).read(bubble(), REGION)
    assert helper.told.seen == helper.finder.asked == 0


def test_emoji_that_read_poorly_ask_nobody() -> None:
    image = bubble()
    inside = image[REGION.top + 14 : REGION.bottom - 14, REGION.left + 14 : REGION.right - 14]
    inside[:] = 255
    for number, colour in enumerate([(40, 200, 255), (60, 60, 230), (200, 160, 40), (80, 180, 60)]):
        inside[4:-4, 30 * number : 30 * number + 24] = colour
    helper = Helper(Told("paddle", "好", 1.0), Finder([REGION]))
    text = AutoReader(Told("tokstream", "⬚ㅎ", 0.3), helper).read(image, REGION)
    assert [line.recognition.text for line in text.lines] == ["⬚ㅎ"]
    assert helper.told.seen == helper.finder.asked == 0


@pytest.mark.parametrize("ink", [(20, 20, 20), (220, 90, 20)])
def test_letters_of_any_one_colour_are_no_picture(ink: tuple[int, int, int]) -> None:
    image = bubble()
    image[(image < 80).all(axis=2)] = ink
    helper = Helper(Told("paddle", "今から帰ります", 0.99), Finder([]))
    text = AutoReader(Told("tokstream", "슥≫5⬚", 0.6), helper).read(image, REGION)
    assert [line.recognition.engine for line in text.lines] == ["paddle"]


def test_a_line_in_another_script_comes_from_the_helper() -> None:
    helper = Helper(Told("paddle", "今から帰ります", 0.99), Finder([]))
    text = AutoReader(Told("tokstream", "슥≫5⬚", 0.6), helper).read(bubble(), REGION)
    assert [line.recognition.engine for line in text.lines] == ["paddle"]


def test_after_one_such_line_all_lines_of_the_image_without_hangul_are_asked() -> None:
    helper = Helper(Told("paddle", "今から帰ります", 0.99), Finder([]))
    told = Told("tokstream", "슥≫5⬚", 0.6)
    reader = AutoReader(told, helper)
    image = bubble()
    reader.read(image, REGION)
    told.answer = recognition("-", 0.8, "tokstream")
    helper.told.answer = recognition("一", 0.99, "paddle")
    assert reader.read(image, REGION).lines[0].recognition.text == "一"
    assert reader.read(image.copy(), REGION).lines[0].recognition.text == "-"


def test_a_region_that_reads_poorly_is_given_to_the_detector() -> None:
    middle = (REGION.top + REGION.bottom) // 2
    boxes = [REGION._replace(bottom=middle), REGION._replace(top=middle)]
    helper = Helper(Told("paddle", "", 0.0), Finder(boxes))
    text = AutoReader(Told("tokstream", "뷁", 0.4), helper).read(bubble(), REGION)
    assert helper.finder.asked == 1
    assert len(text.lines) == 1, "the detector's lines read no better, so the projection stays"


def test_a_region_with_room_for_one_line_is_not_given_to_the_detector() -> None:
    """However poorly it reads: the line is found, and loading the detector takes seconds."""
    finder = Finder([REGION])
    (line,) = AutoReader(Told("tokstream", "슥≫", 0.3), None).read(IMAGE, REGION).lines
    tight = Box(REGION.left, line.box.top - 4, REGION.right, line.box.bottom + 4)
    AutoReader(Told("tokstream", "슥≫", 0.3), Helper(Told("paddle", "", 0.0), finder)).read(bubble(), tight)
    assert finder.asked == 0


def test_an_empty_region_asks_nobody() -> None:
    helper = Helper(Told("paddle", "x", 1.0), Finder([REGION]))
    reader = AutoReader(Told("tokstream", "x", 1.0), helper)
    assert reader.read(np.full_like(IMAGE, 255), REGION).lines == ()
    assert helper.finder.asked == 0


def test_a_picture_in_which_nothing_is_read_asks_nobody() -> None:
    """An avatar taken for a bubble, say: loading the detector takes seconds."""
    rows, columns = np.mgrid[:110, :110]
    portrait = np.stack([rows * 2, columns * 2, 255 - rows], axis=2).astype(np.uint8)
    image = np.full((150, 150, 3), 200, np.uint8)
    image[20:130, 20:130][(rows - 55) ** 2 + (columns - 55) ** 2 < 50**2] = portrait[
        (rows - 55) ** 2 + (columns - 55) ** 2 < 50**2
    ]
    image[66:84, 45:105:6] = 0  # something like letters, so that there are lines to look at
    helper = Helper(Told("paddle", "", 0.0), Finder([REGION]))
    assert AutoReader(Told("tokstream", "", 0.0), helper).read(image, Box(20, 20, 130, 130)).lines == ()
    assert helper.finder.asked == 0


def test_without_a_helper_ours_reads_alone() -> None:
    text = AutoReader(Told("tokstream", "뷁", 0.4), None).read(bubble(), REGION)
    assert text.lines[0].recognition.engine == "tokstream"


def test_an_image_that_is_shown_in_vain_is_shown_no_more() -> None:
    """Grain is read poorly, line after line; asking about all of it would take a minute."""
    helper = Helper(Told("paddle", "", 0.0), Finder([]))
    reader = AutoReader(Told("tokstream", "x뷁x", 0.3), helper)
    image = bubble()
    for _ in range(60):
        reader.read(image, REGION)
    seen, searched = helper.told.seen, helper.finder.asked
    assert 0 < seen < 60
    assert searched == VAIN_SEARCHES
    reader.read(bubble(), REGION)
    assert (helper.told.seen, helper.finder.asked) == (seen + 1, searched + 1), "another image is asked about again"


def test_a_chat_in_another_script_is_shown_to_its_end() -> None:
    helper = Helper(Told("paddle", "今から帰ります", 0.99), Finder([]))
    reader = AutoReader(Told("tokstream", "슥≫5⬚", 0.6), helper)
    image = bubble()
    for _ in range(60):
        reader.read(image, REGION)
    assert helper.told.seen == 60


def test_of_one_region_too_only_so_much_is_shown_in_vain() -> None:
    image, region = drawn(["Hello there"] * 40)
    helper = Helper(Told("paddle", "", 0.0), Finder([]))
    text = AutoReader(Told("tokstream", "x", 0.6), helper).read(image, region)
    assert len(text.lines) == 40
    assert LEAST_WIDTH * helper.told.seen <= VAIN_WIDTH
