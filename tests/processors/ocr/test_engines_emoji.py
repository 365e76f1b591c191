"""Emoji in drawn lines are named, and the text around them stays as it was."""

import pathlib
import re

import numpy as np
import PIL.Image
import pytest

from processors.ocr.engines.charset import UNKNOWN_EMOJI
from processors.ocr.engines.emoji import EmojiNamer, squared
from processors.ocr.engines.port import Box, Image, Recognition
from processors.ocr.engines.scripts import only_pictures, without_pictures, worth_asking
from processors.ocr.engines.tokstream import TokstreamRecogniser
from processors.ocr.training.drawing import Canvas, Colour
from processors.ocr.training.fonts import typeface
from processors.ocr.training.lettering import TextStyle, emoji_picture, text_width

WHITE, YELLOW, DARK = (255, 255, 255), (254, 229, 0), (45, 45, 48)


def line(text: str, ground: Colour = WHITE, size: int = 34) -> Image:
    """A line of text with emoji on a bubble of one colour."""
    style = TextStyle(typeface("Noto Sans CJK KR"), size)
    canvas = Canvas(PIL.Image.new("RGB", (round(text_width(text, style)) + size, round(1.6 * size)), ground))
    canvas.text(size / 2, 1.18 * size, text, style, (20, 20, 20) if sum(ground) > 400 else (240, 240, 240))
    return np.ascontiguousarray(np.asarray(canvas.image)[:, :, ::-1])


def emoji(cluster: str, ground: Colour = WHITE, size: int = 48) -> Image:
    """One emoji alone on a square."""
    picture = emoji_picture(cluster, size)
    canvas = PIL.Image.new("RGB", (size, size), ground)
    canvas.paste(picture, (0, 0), picture)
    return np.ascontiguousarray(np.asarray(canvas)[:, :, ::-1])


@pytest.fixture(scope="module")
def recogniser() -> TokstreamRecogniser:
    return TokstreamRecogniser()


@pytest.fixture(scope="module")
def namer() -> EmojiNamer:
    return EmojiNamer()


@pytest.mark.parametrize("ground", [WHITE, YELLOW, DARK])
@pytest.mark.parametrize("text", ["고마워 😍", "🔥 내일 봐요", "오늘 😂 진짜 대박"])
def test_an_emoji_is_named_where_it_stands(recogniser: TokstreamRecogniser, text: str, ground: Colour) -> None:
    (answer,) = recogniser.recognise([line(text, ground)])
    assert answer.text.replace(" ", "") == text.replace(" ", "")
    assert len(answer.characters) == len(answer.text)


def test_emoji_alone_are_named_one_by_one(recogniser: TokstreamRecogniser) -> None:
    (answer,) = recogniser.recognise([line("😍😂")])
    assert answer.text.replace(" ", "") == "😍😂"


def test_an_emoji_of_several_code_points_has_a_probability_for_each(recogniser: TokstreamRecogniser) -> None:
    (answer,) = recogniser.recognise([line("사랑해 ❤️")])
    assert answer.text.endswith("❤️")
    assert len(answer.characters) == len(answer.text)
    assert answer.characters[-1] == answer.characters[-2]


def test_most_unknown_emoji_are_placeholders_and_none_gets_a_name(
    recogniser: TokstreamRecogniser, namer: EmojiNamer
) -> None:
    unknown = list("🪑🪣🧲🪜🧷🧯🧻🧴🪦🪧🔧🧱🪟🛏🛋🪞")
    assert not set(unknown) & set(namer.file.labels)
    answers = recogniser.recognise([line(f"오늘 {one} 봐요") for one in unknown])
    texts = [answer.text.replace(" ", "") for answer in answers]
    assert sum(text == f"오늘{UNKNOWN_EMOJI}봐요" for text in texts) >= 0.7 * len(unknown)
    assert texts == [without_pictures(text) for text in texts]


def test_text_without_emoji_is_no_emoji(recogniser: TokstreamRecogniser) -> None:
    texts = ["점심 먹자", "내일 봐요 수고했어"]
    answers = recogniser.recognise([line(text, ground) for text in texts for ground in (WHITE, YELLOW, DARK)])
    assert {answer.text.replace(" ", "") for answer in answers} == {text.replace(" ", "") for text in texts}


def test_a_sign_in_the_colour_of_the_text_stays_a_sign(recogniser: TokstreamRecogniser) -> None:
    (answer,) = recogniser.recognise([line("좋아요 ♥")])
    assert answer.text.endswith("♥")


def test_most_drawings_of_known_emoji_are_named_and_hardly_any_wrongly(namer: EmojiNamer) -> None:
    known = [label for label in namer.file.labels if len(label) == 1]
    answers = namer.name([emoji(label) for label in known])
    right = sum(answer.text == label for answer, label in zip(answers, known, strict=True))
    placeholders = sum(answer.text == UNKNOWN_EMOJI for answer in answers)
    assert right >= 0.8 * len(known)
    assert len(known) - right - placeholders <= 0.03 * len(known)


def test_no_crops_no_names(namer: EmojiNamer) -> None:
    assert namer.name([]) == []


def test_a_square_that_leaves_the_image_is_filled_with_background() -> None:
    image = np.full((20, 40, 3), 10, np.uint8)
    cut = squared(image, Box(30, 0, 40, 20), (1, 2, 3))
    assert cut.shape[0] == cut.shape[1]
    assert tuple(cut[0, -1]) == (1, 2, 3)
    assert tuple(cut[10, 10]) == (10, 10, 10)


def test_weights_that_are_missing_are_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        EmojiNamer(tmp_path / "nowhere.onnx")


def test_a_line_of_emoji_is_not_shown_to_another_engine() -> None:
    unsure = Recognition("😍❤️", 0.6, (0.6, 0.6, 0.6), "tokstream")
    assert not worth_asking(unsure)
    assert not worth_asking(Recognition("OK 😍", 0.8, (0.99, 0.99, 0.99, 0.4), "tokstream"))
    assert worth_asking(Recognition("Oé 😍", 0.8, (0.99, 0.4, 0.99, 0.9), "tokstream"))


@pytest.mark.parametrize(("text", "alone"), [("😍 ❤️", True), ("1️⃣", True), ("네 😍", False), ("", False), ("7", False)])
def test_emoji_alone_are_told_from_text(text: str, alone: bool) -> None:
    assert only_pictures(text) is alone
    assert re.sub(r"\s", "", without_pictures("네 😍")) == "네"
