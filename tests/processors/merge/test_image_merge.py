"""What the text cannot tell the image can: repeated messages, cut bubbles, an overlap of a single line."""

import cv2
import msgspec
import numpy as np
import pytest

from contracts.resources import Bubble, Extraction, Position, TextLine
from processors.merge.images import fixed_footer, row_signature
from processors.merge.merge import Merged
from processors.merge.shots import Shot
from tests.processors.merge.chats import SESSION, merged
from tests.processors.merge.pictures import Picture

WIDTH, HEIGHT = 720, 1200
TOP, BOTTOM = 120, 1100
VIEW = BOTTOM - TOP
LINE, PADDING, SPACE, LEFT = 40, 16, 24, 90

Said = list[list[str]]


def page(said: Said) -> tuple[Picture, list[tuple[int, int]]]:
    """The picture of all messages one below the other, and the first row and height of each."""
    heights = [LINE * len(lines) + 2 * PADDING for lines in said]
    picture = np.full((sum(heights) + SPACE * (len(said) + 1) + VIEW, WIDTH, 3), (209, 192, 171), np.uint8)
    boxes: list[tuple[int, int]] = []
    row = SPACE
    for lines, height in zip(said, heights, strict=True):
        cv2.rectangle(picture, (LEFT, row), (LEFT + 500, row + height), (255, 255, 255), -1)
        for number, line in enumerate(lines):
            at = (LEFT + 20, row + PADDING + 30 + LINE * number)
            cv2.putText(picture, line, at, cv2.FONT_HERSHEY_SIMPLEX, 1.0, (20, 20, 20), 2, cv2.LINE_AA)
        boxes.append((row, height))
        row += height + SPACE
    return picture, boxes


def photograph(
    name: str,
    said: Said,
    offset: int,
    misread: dict[str, str] | None = None,
    missed: int | None = None,
    typed: str = "",
) -> Shot:
    """A screenshot from row `offset` of the page, read without error but for what `misread` changes, message `missed`,
    and what is `typed` below, which is taken for a message."""
    picture, boxes = page(said)
    screen = np.full((HEIGHT, WIDTH, 3), 240, np.uint8)
    cv2.putText(screen, "a friend", (90, 80), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2, cv2.LINE_AA)
    screen[TOP:BOTTOM] = picture[offset : offset + VIEW]
    cv2.putText(screen, typed, (40, BOTTOM + 60), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2, cv2.LINE_AA)
    bubbles: list[Bubble] = []
    for place, (lines, (row, height)) in enumerate(zip(said, boxes, strict=True)):
        start, stop = max(row - offset + TOP, TOP), min(row + height - offset + TOP, BOTTOM)
        if stop - start < 12 or place == missed:
            continue
        seen: list[TextLine] = []
        for number, line in enumerate(lines):
            upper = row + PADDING + LINE * number - offset + TOP
            if upper >= TOP - 6 and upper + LINE <= BOTTOM + 6:
                text = (misread or {}).get(line, line)
                spot = Position(x=LEFT + 20, y=upper, width=400, height=LINE)
                seen.append(TextLine(text=text, confidence=0.9, position=spot))
        bubbles.append(
            Bubble(
                text="\n".join(line.text for line in seen),
                speaker="interlocutor",
                confidence=0.9,
                position=Position(x=LEFT, y=start, width=500, height=stop - start),
                order=len(bubbles),
                group_id=1,
                partial=stop - start < height,
                lines=tuple(seen),
            )
        )
    if typed:
        spot = Position(x=LEFT, y=BOTTOM + 20, width=500, height=60)
        bubbles.append(
            Bubble(text=typed, speaker="user", confidence=0.9, position=spot, order=len(bubbles), group_id=1)
        )
    extraction = Extraction(
        screenshot_id=name,
        session_id=SESSION,
        width=WIDTH,
        height=HEIGHT,
        top=TOP,
        bottom=HEIGHT if typed else BOTTOM,
        bubbles=tuple(bubbles),
        engine="by hand",
    )
    return Shot(extraction=extraction, signature=row_signature(screen))


def told(result: Merged) -> list[list[str]]:
    """The lines of all messages but those that no screenshot shows to their end."""
    return [message.text.split("\n") for message in result.messages if not message.partial]


def row_of(said: Said, number: int) -> int:
    return page(said)[1][number][0]


def words(seed: int, count: int) -> list[str]:
    """Lines that look like nothing but themselves."""
    chance = np.random.default_rng(seed)
    letters = "abcdefghijklmnopqrstuvwxyz    "
    return [
        "x" + "".join(letters[index] for index in chance.integers(0, 30, chance.integers(4, 20))) for _ in range(count)
    ]


MIXED: Said = [words(number, 1 + number % 3) for number in range(14)]


@pytest.mark.parametrize("number", range(2, 7))
def test_scrolled_screenshots_merge_by_image(number: int) -> None:
    offset = row_of(MIXED, number) - 10
    result = merged(photograph("a", MIXED, 0), photograph("b", MIXED, offset))
    assert len(result.messages) == visible(MIXED, offset)[-1] + 1
    assert told(result) == MIXED[: len(told(result))]
    assert len(told(result)) >= len(result.messages) - 1
    assert result.info.merge_history[0].method == "image"
    assert not result.info.merge_history[0].gap


def visible(said: Said, offset: int) -> list[int]:
    boxes = page(said)[1]
    return [
        index
        for index, (row, height) in enumerate(boxes)
        if min(row + height - offset, VIEW) - max(row - offset, 0) >= 12
    ]


def test_one_shared_message_is_enough_for_the_image() -> None:
    offset = row_of(MIXED, visible(MIXED, 0)[-2]) - 10
    result = merged(photograph("b", MIXED, offset), photograph("a", MIXED, 0))
    assert result.info.order == ("a", "b")
    assert result.info.merge_history[0].method == "image"
    assert told(result) == MIXED[: len(told(result))]


def test_a_run_of_equal_messages_is_counted_rightly() -> None:
    said: Said = [["how did it go"], *[["kkk"]] * 4, ["so funny"], *[["kkk"]] * 6, ["see you tomorrow"], ["bye"]]
    result = merged(photograph("a", said, 0), photograph("b", said, 390))
    assert told(result) == said
    assert result.info.merge_history[0].method == "image"


def test_a_run_of_equal_messages_alone_joins_nothing() -> None:
    said: Said = [["how did it go"], *[["kkk"]] * 20, ["see you tomorrow"]]
    result = merged(photograph("a", said, 0), photograph("b", said, 900))
    assert result.info.merge_history[0].gap


def test_a_bubble_taller_than_the_screen_is_joined_out_of_its_halves() -> None:
    long = words(50, 30)
    said: Said = [["listen to this"], long, ["and that was all"]]
    result = merged(photograph("a", said, 0), photograph("b", said, 560))
    assert told(result) == said
    story = result.messages[1]
    assert not story.partial
    assert [source.screenshot_id for source in story.sources] == ["a", "b"]


def test_a_bubble_cut_in_both_screenshots_is_joined_out_of_three() -> None:
    long = words(51, 44)
    said: Said = [["listen to this"], long, ["and that was all"]]
    shots = [photograph(name, said, offset) for name, offset in (("c", 1080), ("a", 0), ("b", 500))]
    result = merged(*shots)
    assert told(result) == said
    assert result.info.order == ("a", "b", "c")


def test_a_misread_message_at_the_same_place_is_the_same_message() -> None:
    wrong = dict.fromkeys(MIXED[4], "not at all what it says")
    result = merged(photograph("a", MIXED, 0), photograph("b", MIXED, row_of(MIXED, 3) - 10, wrong))
    assert len(result.messages) == visible(MIXED, row_of(MIXED, 3) - 10)[-1] + 1


def test_messages_that_one_screenshot_each_misses_stand_in_the_order_of_their_rows() -> None:
    last = visible(MIXED, 0)[-1]
    upper = photograph("a", MIXED, 0, missed=last - 2)
    lower = photograph("b", MIXED, row_of(MIXED, last - 4) - 10, missed=last - 1)
    result = merged(upper, lower)
    assert told(result) == MIXED[: len(told(result))]
    assert len(told(result)) > last


def test_different_stretches_are_not_joined() -> None:
    result = merged(photograph("a", MIXED[:6], 0), photograph("b", MIXED[8:], 0))
    assert [step.gap for step in result.info.merge_history] == [True]
    assert len(result.messages) == 12


def test_a_retaken_screenshot_is_a_duplicate() -> None:
    again = photograph("again", MIXED, 200)
    result = merged(photograph("a", MIXED, 200), again)
    assert result.info.duplicates == ("again",)
    assert len(result.messages) == len(again.extraction.bubbles)


def test_texts_that_deny_the_image_win() -> None:
    wrong = {line: f"quite another thing {place}" for place, lines in enumerate(MIXED) for line in lines}
    result = merged(photograph("a", MIXED, 0), photograph("b", MIXED, 500, wrong))
    assert result.info.merge_history[0].gap


def test_pictures_that_differ_deny_what_texts_that_are_alike_say() -> None:
    shared, other = words(63, 6), words(64, 6)
    upper = photograph("a", [words(60, 2), shared[:3], shared[3:]], 0)
    lower = photograph("b", [other[:3], other[3:], words(61, 3)], 0, dict(zip(other, shared, strict=True)))
    blind = [msgspec.structs.replace(one, signature=None) for one in (upper, lower)]
    assert not merged(*blind).info.merge_history[0].gap
    assert merged(upper, lower).info.merge_history[0].gap


def test_a_header_that_was_overlooked_in_one_screenshot_is_known_from_the_other() -> None:
    upper, lower = photograph("a", MIXED, 0), photograph("b", MIXED, row_of(MIXED, 4) - 10)
    blind = msgspec.structs.replace(lower, extraction=msgspec.structs.replace(lower.extraction, top=0.0))
    assert merged(upper, blind).info.merge_history[0].method == "image"


def with_bubbles(taken: Shot, bubbles: list[Bubble]) -> Shot:
    return msgspec.structs.replace(taken, extraction=msgspec.structs.replace(taken.extraction, bubbles=tuple(bubbles)))


def in_two(bubble: Bubble, texts: tuple[str, str]) -> list[Bubble]:
    """A bubble as a reader that splits it reads it."""
    spot = bubble.position
    half = spot.height / 2
    return [
        msgspec.structs.replace(
            bubble, text=text, position=msgspec.structs.replace(spot, y=spot.y + half * place, height=half), lines=()
        )
        for place, text in enumerate(texts)
    ]


@pytest.mark.parametrize("offsets", [(0, 60), (60, 0)], ids=["the lower", "the upper"])
def test_a_bubble_that_one_screenshot_splits_is_one_message(offsets: tuple[int, int]) -> None:
    said: Said = [words(70, 1), words(71, 4), words(72, 1), words(73, 1)]
    whole, split = photograph("whole", said, offsets[0]), photograph("split", said, offsets[1])
    story = next(one for one in split.extraction.bubbles if len(one.lines) == 4)
    pieces = in_two(story, ("\n".join(said[1][:2]), "\n".join(said[1][2:])))
    split = with_bubbles(
        split, [new for one in split.extraction.bubbles for new in (pieces if one is story else [one])]
    )
    assert told(merged(whole, split)) == said


def test_what_a_reader_makes_up_inside_a_bubble_does_not_deny_the_image() -> None:
    said: Said = [words(70, 1), words(71, 8), words(72, 1), words(73, 1)]
    upper, lower = photograph("a", said, 0), photograph("b", said, 60)
    *_, story = (one for one in lower.extraction.bubbles if len(one.lines) == 8)
    spot = story.position
    made_up = [
        msgspec.structs.replace(
            story,
            text=f"made up {number}",
            speaker="user",
            position=msgspec.structs.replace(spot, y=spot.y + 20 + 60 * number, height=50),
            lines=(),
        )
        for number in range(4)
    ]
    lower = with_bubbles(
        lower, [new for one in lower.extraction.bubbles for new in ((one, *made_up) if one is story else (one,))]
    )
    result = merged(upper, lower)
    assert result.info.merge_history[0].method == "image"
    assert told(result) == said


def test_an_input_bar_that_both_readings_overlooked_takes_no_part() -> None:
    last = visible(MIXED, 0)[-1]
    typed = "what somebody is about to write"
    shots = [photograph(name, MIXED, row_of(MIXED, n) - 10, typed=typed) for name, n in (("a", 0), ("b", last - 1))]
    result = merged(*shots)
    assert result.info.merge_history[0].method == "image"
    pictures = [shot.signature for shot in shots]
    assert pictures[0] is not None
    assert pictures[1] is not None
    footer = fixed_footer(pictures[0], pictures[1])
    assert footer is not None
    assert BOTTOM - 3 <= footer < BOTTOM + 60
    assert [lines for lines in told(result) if lines != [typed]] == MIXED[: len(told(result)) - 2]
