"""The committed weights read rendered text, and their answers are shaped as the port says."""

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import pytest

from processors.ocr.engines.port import Box, Image
from processors.ocr.engines.select import open_reader
from processors.ocr.engines.tokstream import TokstreamRecogniser


def line(text: str, *, dark: bool = False) -> Image:
    image = np.full((44, 30 + 18 * len(text), 3), 20 if dark else 250, np.uint8)
    write(image, text, (12, 6), 240 if dark else 20)
    return image


def write(image: Image, text: str, corner: tuple[int, int], grey: int = 0) -> None:
    """Draw text with the font that comes with Pillow."""
    canvas = PIL.Image.fromarray(image)
    font = PIL.ImageFont.load_default(size=28)
    PIL.ImageDraw.Draw(canvas).text(corner, text, fill=(grey, grey, grey), font=font)
    image[:] = np.asarray(canvas)


@pytest.fixture(scope="module")
def recogniser() -> TokstreamRecogniser:
    return TokstreamRecogniser()


@pytest.mark.parametrize("dark", [False, True])
def test_reads_text_in_either_theme(recogniser: TokstreamRecogniser, dark: bool) -> None:
    (answer,) = recogniser.recognise([line("Meet me at 7:30", dark=dark)])
    assert answer.text.replace(" ", "") == "Meetmeat7:30"
    assert len(answer.characters) == len(answer.text)
    assert 0.5 < answer.confidence <= 1.0


def test_answers_come_in_the_order_of_the_crops(recogniser: TokstreamRecogniser) -> None:
    texts = ["See you tomorrow", "7", "No", "Tomorrow at the station", "12345"]
    batch = recogniser.recognise([line(text) for text in texts])
    alone = [recogniser.recognise([line(text)])[0] for text in texts]
    assert [answer.text for answer in batch] == [answer.text for answer in alone]


@pytest.mark.parametrize("shape", [(0, 0, 3), (1, 40, 3), (40, 1, 3)])
def test_a_crop_without_pixels_has_no_text(recogniser: TokstreamRecogniser, shape: tuple[int, int, int]) -> None:
    (answer,) = recogniser.recognise([np.zeros(shape, np.uint8)])
    assert answer.text == ""
    assert answer.confidence == 0.0


def test_an_even_crop_has_no_text(recogniser: TokstreamRecogniser) -> None:
    (answer,) = recogniser.recognise([np.full((40, 200, 3), 180, np.uint8)])
    assert answer.text == ""


def test_no_crops_no_answers(recogniser: TokstreamRecogniser) -> None:
    assert recogniser.recognise([]) == []


def test_the_reader_reads_regions_of_one_image() -> None:
    image = np.full((400, 500, 3), 200, np.uint8)
    image[20:100, 20:400] = 255
    write(image, "Good morning", (40, 40))
    image[150:300, 100:480] = (0, 229, 254)
    for row, text in enumerate(("Hello there", "See you soon")):
        write(image, text, (120, 170 + 50 * row))
    reader = open_reader("auto")
    first, empty, second = reader.read_many(
        image, [Box(20, 20, 400, 100), Box(410, 10, 490, 90), Box(100, 150, 480, 300)]
    )
    assert [line.recognition.text for line in first.lines] == ["Good morning"]
    assert empty.lines == ()
    assert [line.recognition.text for line in second.lines] == ["Hello there", "See you soon"]
    assert second.stamp is None
