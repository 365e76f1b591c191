"""Which hypothesis about the lines is believed, with a recogniser that reads by the height of what it is shown."""

from collections.abc import Callable, Sequence

from processors.ocr.engines.port import Box, Image, Recognition
from processors.ocr.engines.regions import ProjectionReader
from processors.ocr.lines import Hypothesis
from tests.processors.ocr.test_lines_projection import drawn


class ByHeight:
    """Answers with what the given function says of a crop's rows: text and confidence."""

    name = "told"

    def __init__(self, read: Callable[[int], tuple[str, float]]) -> None:
        self.read = read

    def recognise(self, lines: Sequence[Image]) -> list[Recognition]:
        answers = [self.read(line.shape[0]) for line in lines]
        return [Recognition(text, p, (p,) * len(text), self.name) for text, p in answers]


IMAGE, REGION = drawn(["One line", "Another", "Emoji"])
LINES = (Box(50, 50, 200, 80), Box(50, 90, 200, 120), Box(50, 130, 200, 190))
ALL = Box(50, 50, 200, 190)


def test_one_line_that_reads_badly_does_not_join_all_lines() -> None:
    """An emoji the recogniser does not know is read at 0.3; all lines squeezed into one surely as dots."""

    def read(rows: int) -> tuple[str, float]:
        return ("안녕하세요", 0.99) if rows <= 30 else ("쪟⬚", 0.3) if rows <= 80 else ("....", 0.9)

    reader = ProjectionReader(ByHeight(read))
    (reading,) = reader.settle(IMAGE, [[Hypothesis(LINES), Hypothesis((ALL,))]])
    assert [line.recognition.text for line in reading.text.lines] == ["안녕하세요", "안녕하세요", "쪟⬚"]


def test_a_long_piece_of_noise_is_worth_nothing() -> None:
    def read(rows: int) -> tuple[str, float]:
        return ("안녕하세요", 0.99) if rows <= 30 else (",,,+-,,,,,,,,,,", 0.65)

    reader = ProjectionReader(ByHeight(read))
    (reading,) = reader.settle(IMAGE, [[Hypothesis(LINES[:2]), Hypothesis(LINES)]])
    assert len(reading.text.lines) == 2


def test_pieces_of_one_line_that_read_well_by_themselves_stay_one_line() -> None:
    """The upper half of ㅎㅎ reads as well as its lower half."""
    image, region = drawn(["iiiii"], size=40, pitch=54)
    text = ProjectionReader(ByHeight(lambda rows: ("ㅎㅎ", 0.99))).read(image, region)
    assert [line.recognition.text for line in text.lines] == ["ㅎㅎ"]


def test_a_row_as_low_as_one_line_is_not_cut_because_its_halves_read_well() -> None:
    """Letters whose upper and lower half hang together by little: 할."""
    image, region = drawn(["HHHHHHHH", "HHHHHHHH"], size=40, pitch=54)
    second = image[region.top + 76 : region.bottom - 8, region.left + 16 : region.right - 16]
    second[:] = 255
    for left in range(4, 150, 34):
        second[4:16, left : left + 26] = second[24:36, left : left + 26] = second[16:24, left : left + 2] = 20
    reader = ProjectionReader(ByHeight(lambda rows: ("할인", 0.97)))
    assert any(len(hypothesis.lines) == 3 for hypothesis in reader.finder.split(image, region).hypotheses)
    assert len(reader.read(image, region).lines) == 2


def test_a_row_is_one_line_however_well_its_halves_read() -> None:
    image, region = drawn(["One line", "Another"])
    reader = ProjectionReader(ByHeight(lambda rows: ("송승민", 0.9) if rows > 60 else ("소스ㅁㅇㅇ", 0.99)))
    as_region, as_row = reader.read_many(image, [region], [region])
    assert len(as_region.lines) == 2
    assert [line.recognition.text for line in as_row.lines] == ["송승민"]
