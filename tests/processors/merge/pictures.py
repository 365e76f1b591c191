"""Chat-like pictures to align: an endless page of bubbles, seen through a window with a header and a footer."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

WIDTH = 720
HEIGHT = 1400
HEADER = 140
FOOTER = 120


class Page(NamedTuple):
    """The picture of a whole conversation, and which of its pixels are bubbles (the rest is wallpaper)."""

    picture: Picture
    bubbles: NDArray[np.bool_]


def draw_page(seed: int, height: int = 6000, words: int | None = None) -> Page:
    """A page of bubbles with random words, or with one word `words` long again and again."""
    chance = np.random.default_rng(seed)
    picture = np.full((height, WIDTH, 3), (209, 192, 171), np.uint8)
    bubbles = np.zeros((height, WIDTH), np.bool_)
    row = 20
    while row < height - 200:
        own = words is None and chance.random() < 0.5
        lines = [_word(chance, words) for _ in range(1 if words else int(chance.integers(1, 4)))]
        wide = max(cv2.getTextSize(line, cv2.FONT_HERSHEY_SIMPLEX, 0.9, 2)[0][0] for line in lines) + 40
        tall = 36 * len(lines) + 24
        left = WIDTH - 20 - wide if own else 90
        colour = (0, 229, 254) if own else (255, 255, 255)
        cv2.rectangle(picture, (left, row), (left + wide, row + tall), colour, -1)
        bubbles[row : row + tall, left : left + wide] = True
        for number, line in enumerate(lines):
            at = (left + 20, row + 40 + 36 * number)
            cv2.putText(picture, line, at, cv2.FONT_HERSHEY_SIMPLEX, 0.9, (20, 20, 20), 2, cv2.LINE_AA)
        row += tall + (30 if words else int(chance.integers(12, 60)))
    return Page(picture, bubbles)


def _word(chance: np.random.Generator, length: int | None) -> str:
    if length is not None:
        return "k" * length
    letters = "abcdefghijklmnopqrstuvwxyz       "
    return (
        "".join(letters[index] for index in chance.integers(0, len(letters), int(chance.integers(2, 18)))).strip()
        or "o"
    )


def wallpaper(seed: int) -> Picture:
    """A picture behind the conversation: soft colours with some hard shapes."""
    chance = np.random.default_rng(seed)
    soft = chance.integers(80, 220, (12, 8, 3)).astype(np.uint8)
    picture = cv2.resize(soft, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    for _ in range(25):
        centre = (int(chance.integers(0, WIDTH)), int(chance.integers(0, HEIGHT)))
        cv2.circle(picture, centre, int(chance.integers(10, 60)), tuple(int(c) for c in chance.integers(0, 255, 3)), 3)
    return np.asarray(picture, np.uint8)


def window(
    page: Page, offset: int, *, keyboard: int = 0, clock: str = "9:41", behind: Picture | None = None
) -> Picture:
    """What the screen shows with row `offset` of the page right below the header; `keyboard` rows cover the bottom."""
    view = HEIGHT - HEADER - FOOTER - keyboard
    screen = np.full((HEIGHT, WIDTH, 3), 245, np.uint8)
    part = page.picture[offset : offset + view].copy()
    if behind is not None:
        ours = page.bubbles[offset : offset + view]
        part[~ours] = behind[HEADER : HEADER + view][~ours]
    screen[HEADER : HEADER + view] = part
    cv2.putText(screen, clock, (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2, cv2.LINE_AA)
    cv2.putText(screen, "a friend of mine", (90, 110), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (0, 0, 0), 2, cv2.LINE_AA)
    top = HEADER + view
    cv2.putText(
        screen, "Write a message", (80, top + 70), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (120, 120, 120), 2, cv2.LINE_AA
    )
    for row in range(top + FOOTER, HEIGHT - 60, 80):
        for column in range(10, WIDTH - 60, 70):
            cv2.rectangle(screen, (column, row), (column + 60, row + 66), (255, 255, 255), -1)
            cv2.putText(screen, "q", (column + 20, row + 44), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0, 0, 0), 2, cv2.LINE_AA)
    return screen


def as_jpeg(picture: Picture, quality: int) -> Picture:
    """The picture after JPEG compression."""
    encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
