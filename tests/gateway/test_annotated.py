"""The picture with the bubbles on it: the right colours in the right places, for any image that can be stored."""

import io

import pytest
from PIL import ExifTags, Image

from contracts.errors import TokstreamError
from contracts.resources import Bubble, Extraction, Kind, Position, Speaker
from gateway.annotated import INTERLOCUTOR, SCROLL_EDGE, SYSTEM, USER, annotate


def bubble(order: int, speaker: Speaker, box: tuple[float, float, float, float], kind: Kind = "text") -> Bubble:
    x, y, width, height = box
    position = Position(x=x, y=y, width=width, height=height)
    return Bubble(
        text="안녕", speaker=speaker, confidence=1, position=position, order=order, group_id=1, kind=kind, partial=True
    )


def extraction(*bubbles: Bubble, width: int = 300, height: int = 600) -> Extraction:
    return Extraction(
        screenshot_id="s",
        session_id="s",
        width=width,
        height=height,
        top=40,
        bottom=560,
        bubbles=bubbles,
        engine="test",
    )


def drawn(data: bytes, found: Extraction) -> Image.Image:
    return Image.open(io.BytesIO(annotate(data, found))).convert("RGB")


def image(kind: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (300, 600), orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, kind, exif=exif)
    return buffer.getvalue()


def test_each_side_has_its_colour() -> None:
    boxes = ((20.0, 100.0, 100.0, 50.0), (150.0, 200.0, 100.0, 50.0), (100.0, 300.0, 100.0, 30.0))
    picture = drawn(
        image(),
        extraction(
            bubble(0, "interlocutor", boxes[0]),
            bubble(1, "user", boxes[1]),
            bubble(2, "interlocutor", boxes[2], "system"),
        ),
    )
    for (x, y, width, height), colour in zip(boxes, (INTERLOCUTOR, USER, SYSTEM), strict=True):
        for corner in ((x, y), (x + width, y + height), (x, y + height)):
            assert picture.getpixel((int(corner[0]), int(corner[1]))) == colour
        assert picture.getpixel((int(x + width / 2), int(y + height / 2))) == (0, 0, 0)
    assert picture.getpixel((150, 40)) == SCROLL_EDGE


@pytest.mark.parametrize("box", [(-50.0, -50.0, 10.0, 10.0), (0.0, 0.0, 300.0, 600.0), (299.0, 599.0, 900.0, 0.0)])
def test_boxes_at_and_beyond_the_edges_are_drawn_as_far_as_they_go(box: tuple[float, float, float, float]) -> None:
    assert drawn(image(), extraction(bubble(0, "user", box))).size == (300, 600)


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "I;16"), ("PNG", "1"), ("JPEG", "CMYK"), ("WEBP", "RGB")]
)
def test_any_kind_of_image_can_be_drawn_on(kind: str, mode: str) -> None:
    assert drawn(image(kind, mode), extraction(bubble(0, "user", (9, 90, 99, 99)))).getpixel((9, 90)) == USER


def test_the_orientation_is_applied_because_positions_are_of_the_image_as_shown() -> None:
    assert drawn(image("JPEG", size=(600, 300), orientation=6), extraction()).size == (300, 600)


def test_a_damaged_image_is_a_problem_and_no_crash() -> None:
    with pytest.raises(TokstreamError) as refused:
        annotate(image("JPEG", size=(900, 900))[:700], extraction())
    assert refused.value.kind.status == 422
