"""Rectangles by their straight sides, on drawn wallpapers."""

import cv2
import numpy as np
import pytest

from processors.ocr.blobs import blobs
from processors.ocr.engines.port import Box, Image
from processors.ocr.frames import MOST_RECTANGLES, Edges, find_frames, is_hollow, is_painted
from processors.ocr.planes import overlap


def slope(height: int = 600, width: int = 540) -> Image:
    """A wallpaper whose colour changes from the upper left to the lower right."""
    rows, columns = np.linspace(0, 90, height)[:, None, None], np.linspace(0, 60, width)[None, :, None]
    return np.asarray(60 + rows + columns * np.array([1.0, 0.5, 0.2]), np.uint8)


def texture(height: int, width: int, seed: int = 1) -> Image:
    """Something like a photo: soft patches of many colours."""
    grains = np.random.default_rng(seed).integers(0, 255, (height // 20 + 2, width // 20 + 2, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(grains, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def rounded(image: Image, box: Box, colour: tuple[int, int, int], radius: int = 12) -> None:
    """Draws a rounded rectangle."""
    left, top, right, bottom = box.left, box.top, box.right - 1, box.bottom - 1
    cv2.rectangle(image, (left + radius, top), (right - radius, bottom), colour, -1)
    cv2.rectangle(image, (left, top + radius), (right, bottom - radius), colour, -1)
    for x in (left + radius, right - radius):
        for y in (top + radius, bottom - radius):
            cv2.circle(image, (x, y), radius, colour, -1)


def test_a_photo_on_a_wallpaper_is_found_as_one_rectangle() -> None:
    image = slope()
    image[150:400, 60:330] = texture(250, 270)
    (frame,) = find_frames(Edges(image))
    assert overlap(frame.box, Box(60, 150, 330, 400)) > 0.95
    assert not is_painted(image, frame.box)
    assert not is_hollow(image, frame.box)


@pytest.mark.parametrize("gap", [4, 6, 9])
def test_bubbles_of_one_width_stay_apart(gap: int) -> None:
    image = slope()
    first, second = Box(250, 100, 520, 150), Box(250, 150 + gap, 520, 200 + gap)
    for box in (first, second):
        rounded(image, box, (240, 240, 235))
    found = [frame.box for frame in find_frames(Edges(image))]
    assert len(found) == 2
    assert all(max(overlap(box, other) for other in found) > 0.85 for box in (first, second))


def test_the_room_between_bubbles_is_no_rectangle() -> None:
    image = slope()
    rounded(image, Box(250, 100, 520, 150), (240, 240, 235))
    rounded(image, Box(20, 160, 200, 230), (40, 40, 40))
    rounded(image, Box(250, 240, 520, 300), (240, 240, 235))
    for frame in find_frames(Edges(image)):
        assert max(overlap(frame.box, box) for box in (Box(250, 100, 520, 150), Box(20, 160, 200, 230))) > 0.85 or (
            overlap(frame.box, Box(250, 240, 520, 300)) > 0.85
        )


def test_drawings_on_a_wallpaper_are_lines_at_most() -> None:
    assert find_frames(Edges(slope())) == []
    drawn = slope()
    for place, radius in enumerate((20, 35, 50, 28)):
        cv2.circle(drawn, (80 + 120 * place, 150 + 90 * place), radius, (200, 180, 170), 3)
        cv2.line(drawn, (20 + 130 * place, 400), (110 + 110 * place, 560), (90, 90, 120), 3)
    assert all(is_hollow(drawn, frame.box) for frame in find_frames(Edges(drawn)))


def test_a_line_around_nothing_is_hollow() -> None:
    image = np.full((300, 540, 3), 250, np.uint8)
    cv2.rectangle(image, (60, 100), (400, 150), (200, 200, 200), 1)
    (frame,) = find_frames(Edges(image))
    assert is_hollow(image, frame.box)


def test_a_bubble_with_a_gradient_is_painted() -> None:
    image = slope()
    image[200:320, 200:500] = np.asarray(np.linspace(120, 220, 300)[None, :, None] * np.array([1, 0.4, 0.3]), np.uint8)
    cv2.putText(image, "hello", (240, 270), cv2.FONT_HERSHEY_SIMPLEX, 1, (255, 255, 255), 2)
    assert is_painted(image, Box(200, 200, 500, 320))


def test_bubbles_that_noise_joins_are_parted() -> None:
    image = np.full((300, 540, 3), 30, np.uint8)
    image[60:90, 240:500] = (0, 229, 254)
    image[96:126, 300:500] = (0, 229, 254)
    image[90:96, 490:493] = (60, 60, 60)
    boxes = [blob.box for blob in blobs(image, (30, 30, 30), 13)]
    assert boxes == [Box(240, 60, 500, 90), Box(300, 96, 500, 126)]


def test_the_cells_of_a_spreadsheet_are_tried_only_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any two of its lines cross, so that nearly every pair of sides has level edges at both ends."""
    sheet = np.full((720, 1280, 3), 255, np.uint8)
    sheet[::20] = 150
    sheet[:, ::100] = 150
    generator = np.random.default_rng(1)
    for top in range(0, 720, 20):
        for left in range(0, 1280, 100):
            if generator.random() < 0.5:
                sheet[top + 4 : top + 17, left + 8 : left + 8 + int(generator.integers(5, 90))] = 60
    tried: list[Box] = []
    sides = Edges.sides

    def counted(edges: Edges, box: Box) -> tuple[float, ...]:
        tried.append(box)
        return sides(edges, box)

    monkeypatch.setattr(Edges, "sides", counted)
    find_frames(Edges(sheet))
    assert 1000 < len(tried) <= MOST_RECTANGLES
