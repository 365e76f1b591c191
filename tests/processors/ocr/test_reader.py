"""From a drawn chat to messages, with a region reader that answers by place."""

from collections.abc import Callable, Sequence

import pytest

from contracts.base import decode, encode
from contracts.resources import Doubt, TextLine
from processors.ocr.calibration import OWN_ENGINE, load_calibration
from processors.ocr.engines.port import Alternative, Box, Image, Recognition, RegionLine, RegionText
from processors.ocr.reader import ScreenshotReader
from tests.processors.ocr.chats import Chat
from tests.processors.ocr.test_layout import noise, talk


class Placed:
    """Answers every region with what `say` makes of its box; an empty text is no line. Remembers what was asked."""

    engine = "placed"

    def __init__(self, say: Callable[[Box], str], confidence: float = 0.999) -> None:
        self.say = say
        self.confidence = confidence
        self.asked: list[Box] = []

    def read(self, image: Image, region: Box) -> RegionText:
        self.asked.append(region)
        text = self.say(region)
        made = Recognition(text, self.confidence, (self.confidence,) * len(text), OWN_ENGINE)
        # What is in doubt is looked at again, and then reads otherwise.
        made = made._replace(agreement=1.0 if self.confidence > 0.9 else 0.0)
        return RegionText((RegionLine(region, made),) if text else (), None)

    def read_many(self, image: Image, regions: Sequence[Box], rows: Sequence[Box] = ()) -> list[RegionText]:
        return [self.read(image, region) for region in [*regions, *rows]]


def test_messages_come_in_order_with_speaker_and_runs() -> None:
    chat = talk()
    bubbles = list(ScreenshotReader(Placed(lambda box: f"row {box.top}")).read(chat.image))
    assert [b.order for b in bubbles] == list(range(6))
    assert [b.speaker for b in bubbles] == ["user", "interlocutor", "interlocutor", "user", "user", "interlocutor"]
    assert [b.group_id for b in bubbles] == [1, 2, 2, 3, 3, 4]
    assert not any(b.partial or b.uncertain for b in bubbles)


def test_each_message_is_yielded_before_the_next_is_read() -> None:
    chat = talk()
    regions = Placed(lambda box: "text")
    stream = ScreenshotReader(regions).read(chat.image)
    first = next(stream)
    assert max(box.bottom for box in regions.asked) < first.position.y + 2 * first.position.height


def test_name_and_time_beside_a_bubble_belong_to_it() -> None:
    chat = Chat()
    chat.row = 130
    chat.words(58, 122, 60, (90, 80, 70), high=9)
    box = chat.bubble("left", 150)
    chat.words(212, 164, 46, (90, 80, 70), high=8)
    chat.bubble("left", 100)
    chat.bubble("right", 120)

    def say(region: Box) -> str:
        if region.bottom <= box.top:
            return "지은"
        if region.left >= box.right:
            return "오후 5:33" if region.top < box.bottom else "응"
        return "안녕"

    bubbles = list(ScreenshotReader(Placed(say)).read(chat.image))
    assert [b.sender for b in bubbles] == ["지은", "지은", None]
    assert bubbles[0].sent_at == "오후 5:33"
    assert bubbles[0].text == "안녕"


def test_a_time_is_whole_where_its_end_is_taken_for_a_stamp() -> None:
    class Splitting(Placed):
        def read_many(self, image: Image, regions: Sequence[Box], rows: Sequence[Box] = ()) -> list[RegionText]:
            half = RegionText(self.read(image, rows[0]).lines, None) if rows else None
            whole = [half._replace(stamp=self.line(row, "11:05")) for row in rows] if half else []
            return [*(self.read(image, region) for region in regions), *whole]

        def line(self, box: Box, text: str) -> RegionLine:
            return RegionLine(box, Recognition(text, 0.9, (0.9,) * len(text), OWN_ENGINE))

    chat = Chat()
    box = chat.bubble("left", 150)
    chat.words(212, 124, 46, (90, 80, 70), high=8)
    chat.bubble("right", 120)
    bubbles = list(
        ScreenshotReader(Splitting(lambda region: "오전" if region.left >= box.right else "글")).read(chat.image)
    )
    assert bubbles[0].sent_at == "오전 11:05"


def test_half_a_line_at_the_edge_is_left_out_where_it_cannot_be_read() -> None:
    class Halved(Placed):
        def read(self, image: Image, region: Box) -> RegionText:
            first = Box(region.left, region.top, region.right, region.top + 20)
            rest = Box(region.left, region.top + 24, region.right, region.bottom)
            sure = [(first, "느ㅡ~^", 0.3), (rest, "둘째 줄", 0.99)]
            lines = (RegionLine(box, Recognition(text, p, (p,) * len(text), OWN_ENGINE)) for box, text, p in sure)
            return RegionText(tuple(lines), None)

    chat = Chat()
    chat.row = -20
    chat.bubble("left", 150, lines=2)
    chat.bubble("right", 120)
    cut, whole = list(ScreenshotReader(Halved(lambda region: "")).read(chat.image))
    assert cut.partial
    assert cut.text == "둘째 줄"
    assert whole.text == "느ㅡ~^\n둘째 줄"


def test_a_notice_is_a_system_message_and_a_date_is_none() -> None:
    chat = talk()
    pill = chat.rectangle((125, 560, 265, 584), (190, 170, 150), 12)
    chat.words(140, 578, 110, (255, 255, 255), high=10)

    def reader(text: str) -> ScreenshotReader:
        return ScreenshotReader(Placed(lambda box: text if abs(box.top - pill.top) < 8 else "글"))

    last = list(reader("민수님이 들어왔습니다.").read(chat.image))[-1]
    assert last.kind == "system"
    assert len(list(reader("2025년 3월 21일 금요일").read(chat.image))) == 6


def test_doubtful_text_is_marked() -> None:
    chat = talk()
    bubbles = list(ScreenshotReader(Placed(lambda box: "글자", confidence=0.55)).read(chat.image))
    assert bubbles
    assert all(b.uncertain for b in bubbles)


def test_no_chat_gives_no_messages() -> None:
    reader = ScreenshotReader(Placed(lambda box: "x", confidence=0.2))
    assert list(reader.read(noise())) == []
    assert list(reader.read(talk().image)) == []


def test_lines_carry_what_else_their_characters_may_be() -> None:
    class Doubting(Placed):
        def read(self, image: Image, region: Box) -> RegionText:
            others = ((), (Alternative("저", 0.4), Alternative("처", 0.1)))
            read = Recognition("오서", 0.7, (0.99, 0.45), "placed", others, 0.8)
            return RegionText((RegionLine(region, read),), None)

    (line,) = next(ScreenshotReader(Doubting(lambda box: "")).read(talk().image)).lines
    assert line.doubts == (Doubt(place=1, probability=0.45, others={"저": 0.4, "처": 0.1}),)
    assert decode(encode(line), TextLine) == line


def test_confidence_is_the_probability_that_all_of_the_text_is_right() -> None:
    calibration = load_calibration()
    (bubble, *_) = ScreenshotReader(Placed(lambda box: "글자", confidence=0.95)).read(talk().image)
    assert bubble.confidence == pytest.approx(
        calibration.message_probability([line.confidence for line in bubble.lines]), abs=0.001
    )
